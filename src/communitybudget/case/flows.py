"""What an option of an appraisal costs and brings the agencies that are counted, by year and draw."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.vocabulary import ALL_AGENCIES, VALUE_TYPES
from communitybudget.case.measures import is_fiscal, present_values
from communitybudget.ledger import Ledger

if TYPE_CHECKING:
    from communitybudget.case.appraisal import Appraisal

Array = NDArray[np.float64]


def spending_flow(ledger: Ledger, option: str, agency: str = ALL_AGENCIES, value: str = "fiscal") -> Array:
    """Return what an option costs, GBP, shape (year, draw): delivery less funding from agencies not counted.

    Parameters
    ----------
    ledger : Ledger
        Real GBP, undiscounted.
    option, agency : str
        Of what; ``all`` for all agencies, between which funding comes to nil.
    value : {'fiscal', 'public_value'}
        Public value knows no funding: it moves money and makes none.

    Raises
    ------
    ParameterNotFound
        If there is no such option or agency.
    ValueError
        If the value is neither.
    """
    if is_fiscal(value):
        return ledger.flow(option, "delivery", agency) - ledger.flow(option, "funding", agency)
    return ledger.flow(option, "delivery", agency, VALUE_TYPES)


def avoided_flow(ledger: Ledger, option: str, agency: str = ALL_AGENCIES, value: str = "fiscal") -> Array:
    """Return the costs that an option avoids, GBP, shape (year, draw); arguments as in `spending_flow`."""
    if is_fiscal(value):
        return ledger.flow(option, "costs_avoided", agency)
    return ledger.flow(option, "costs_avoided", agency, VALUE_TYPES, transfer=False)


def costs_and_benefits(
    appraisal: "Appraisal", option: str, agency: str = ALL_AGENCIES, value: str = "fiscal"
) -> tuple[Array, Array]:
    """Return what an option costs and brings, present values in every draw, GBP, each shape (draw,).

    Benefits less costs are the net present value. Arguments as in `spending_flow`.
    """
    spent = spending_flow(appraisal.ledger, option, agency, value)
    avoided = avoided_flow(appraisal.ledger, option, agency, value)
    return present_values(spent, appraisal.factors), present_values(avoided, appraisal.factors)

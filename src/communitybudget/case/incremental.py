"""The incremental table of an appraisal: each option against business as usual, do-minimum and the next."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from communitybudget._core.options import chosen_option
from communitybudget._core.vocabulary import ALL_AGENCIES
from communitybudget.appraisal import IncrementalTable, incremental_table
from communitybudget.case.decision import chosen_options
from communitybudget.case.flows import costs_and_benefits

if TYPE_CHECKING:
    from communitybudget.case.appraisal import Appraisal


def incremental_of(
    appraisal: "Appraisal",
    options: str | Sequence[str] | None = None,
    agency: str = ALL_AGENCIES,
    value: str = "fiscal",
) -> IncrementalTable:
    """Return what each option of an appraisal costs and brings over the others.

    Parameters
    ----------
    appraisal : Appraisal
        Of the options; as expected at the rates, effects and prices of a draw, without chance.
    options : str or sequence of str, optional
        Which; those of the case's ``decision``, or all that can be chosen. The do-minimum of the case is
        always among them, as business as usual is.
    agency : str
        Whose costs and costs avoided: one agency, or ``all``.
    value : {'fiscal', 'public_value'}
        As in `Appraisal.npv`.

    Returns
    -------
    IncrementalTable
        Costs are delivery less the funding that comes from agencies not counted; benefits are costs avoided;
        present values. Net is the net present value.

    Raises
    ------
    ParameterNotFound
        If there is no such option or agency.
    ValueError
        If the value is neither, no option is named, or there are fewer than 2 draws.
    """
    lowest = appraisal.case.spec.do_minimum
    named = [chosen_option(option, appraisal.options) for option in chosen_options(appraisal, options)]
    chosen = [option for option in appraisal.options if option in named or option == lowest]
    pairs = [costs_and_benefits(appraisal, option, agency, value) for option in chosen]
    label = appraisal.ledger.label
    return incremental_table(
        np.column_stack([costs for costs, _ in pairs]),
        np.column_stack([benefits for _, benefits in pairs]),
        [label(option) for option in chosen],
        do_minimum=None if lowest is None else label(lowest),
        price_base=appraisal.price_base,
        seed=appraisal.seed,
        set_version=appraisal.set_version,
    )

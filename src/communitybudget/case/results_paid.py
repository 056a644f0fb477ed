"""Results that an agreement pays for, by year and draw: what an option changes, in natural units."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.vocabulary import BAU
from communitybudget.case.agreeing import Measured
from communitybudget.case.chance import chance_of_chain

if TYPE_CHECKING:
    from communitybudget.case.appraisal import Appraisal

Array = NDArray[np.float64]

HOW_RESULTS_COME = (
    "Results that are paid for are those that turn out. Chance is drawn for the whole horizon, and its part "
    "in a year is that of the year in what business as usual would have had."
)


def measured_results(appraisal: "Appraisal", option: str, years: int) -> Measured:
    """Return what rules need to know of an appraisal: results of an option, and prices."""
    gross = appraisal.ledger.gross[appraisal.options.index(option)]
    base = appraisal.price_base
    return Measured(
        units=lambda name: units_avoided(appraisal, option, name)[:years],
        counted="gross" if gross else "counterfactual",
        factor=lambda given: appraisal.model.index.factor(given, base),
    )


def units_avoided(appraisal: "Appraisal", option: str, name: str) -> Array:
    """Return units of a result that an option avoids, as they turn out, shape (year, draw).

    Parameters
    ----------
    appraisal : Appraisal
    option : str
        Against business as usual.
    name : str
        A count that a pathway reports, or an outcome of the option.

    Raises
    ------
    ParameterNotFound
        If there is no such result.

    Notes
    -----
    What chance adds to a count is known over the horizon; it is spread over the years as business as usual
    has the count. Outcomes of a chain come as its benefits do.
    """
    for chain in appraisal.outcomes:
        if (chain.option, chain.name) == (option, name):
            by_year = chain.avoided.mean(axis=1)
            turned_out = chain.chain.net * chance_of_chain(chain, appraisal.seed)
            return np.outer(_parts(by_year), turned_out)
    activity = appraisal.activity
    expected = activity.avoided(name, option)
    gap = activity.avoided_as_it_turns_out(name, option) - expected.sum(axis=0)
    return expected + np.outer(_parts(activity.total(name, BAU).mean(axis=1)), gap)


def _parts(by_year: Array) -> Array:
    """Return the part of each year in all; all of it in the first where there is nothing."""
    total = by_year.sum()
    if total > 0:
        return np.asarray(by_year / total)
    return np.eye(1, by_year.size).ravel()

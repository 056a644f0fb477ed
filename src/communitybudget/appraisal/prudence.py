"""Figures for a medium-term financial plan: prudent savings, shortfalls, the odds of missing a budget."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from communitybudget._core.prudent import (
    PRUDENT_QUANTILE,
    PRUDENT_WORDS,
    WORST_TAIL,
    worst_tail_error,
    worst_tail_mean,
)
from communitybudget._core.results import result

Array = NDArray[np.float64]

__all__ = [
    "PRUDENT_QUANTILE",
    "PRUDENT_WORDS",
    "WORST_TAIL",
    "PlanOdds",
    "plan_odds",
    "prudent_saving",
    "worst_tail_error",
    "worst_tail_mean",
]


@result
@dataclass(frozen=True, slots=True)
class PlanOdds:
    """How a planned saving fares.

    Parameters
    ----------
    plan : float
        Real GBP taken out of the budget.
    probability_missed : float
        Share of draws below the plan.
    expected_shortfall : float
        Mean of what is missing, nil where the plan is met.
    shortfall_when_missed : float
        Mean of what is missing in the draws that miss; NaN if none does.
    """

    plan: float
    probability_missed: float
    expected_shortfall: float
    shortfall_when_missed: float


def prudent_saving(savings: ArrayLike) -> Array:
    """Return the saving that is 80% likely to be reached: the 20th percentile over draws.

    Parameters
    ----------
    savings : array_like, shape (..., draw)
        Real GBP, positive is a saving.

    Examples
    --------
    >>> float(prudent_saving([0.0, 10.0, 20.0, 30.0, 40.0, 50.0]))
    10.0
    """
    return np.asarray(np.quantile(np.asarray(savings, dtype=float), PRUDENT_QUANTILE, axis=-1))


def plan_odds(savings: ArrayLike, plan: float) -> PlanOdds:
    """Return the odds that a planned saving is missed, and by how much.

    Parameters
    ----------
    savings : array_like, shape (draw,)
        Real GBP.
    plan : float
        The saving taken out of the budget.

    Examples
    --------
    >>> plan_odds([50.0, 100.0, 150.0, 200.0], 120.0)
    PlanOdds(plan=120.0, probability_missed=0.5, expected_shortfall=22.5, shortfall_when_missed=45.0)
    """
    reached = np.asarray(savings, dtype=float)
    missing = np.maximum(plan - reached, 0.0)
    missed = reached < plan
    when = float(missing[missed].mean()) if missed.any() else float("nan")
    return PlanOdds(float(plan), float(missed.mean()), float(missing.mean()), when)

"""Figures for a medium-term financial plan: prudent savings, shortfalls, the odds of missing a budget."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from communitybudget._core.results import result

Array = NDArray[np.float64]

PRUDENT_QUANTILE = 0.2
PRUDENT_WORDS = "80% likely to be at least this"
WORST_TAIL = 0.1


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


def worst_tail_mean(values: ArrayLike, tail: float = WORST_TAIL) -> Array:
    """Return the mean of the worst draws: the expected shortfall at a level.

    Parameters
    ----------
    values : array_like, shape (..., draw)
        Positive is good.
    tail : float
        Share of the draws; the draw at its edge counts in part.

    Returns
    -------
    ndarray, shape (...)
        Never above the quantile at ``tail``, nor above the mean.

    Raises
    ------
    ValueError
        If the tail is not above 0 and up to 1.

    Examples
    --------
    >>> float(worst_tail_mean(range(100), 0.1))
    4.5
    """
    if not 0 < tail <= 1:
        raise ValueError(f"a tail of {tail:g} is no share; write 10% as 0.1")
    ordered = np.sort(np.asarray(values, dtype=float), axis=-1)
    wanted = tail * ordered.shape[-1]
    whole = int(np.floor(wanted + 1e-9))
    total = ordered[..., :whole].sum(axis=-1)
    rest = max(wanted - whole, 0.0)
    if rest > 1e-9:
        total = total + rest * ordered[..., whole]
    else:
        rest = 0.0
    return np.asarray(total / (whole + rest))


def worst_tail_error(values: ArrayLike, tail: float = WORST_TAIL) -> float:
    """Return the Monte Carlo standard error of `worst_tail_mean`.

    Parameters
    ----------
    values : array_like, shape (draw,)
        Positive is good.
    tail : float
        As in `worst_tail_mean`.

    Notes
    -----
    The variance within the tail, plus (1 - tail) times the squared distance from the quantile to the
    mean of the tail, over the draws in the tail: the large-sample variance of the estimator (Manistre
    and Hancock 2005, Variance of the CTE estimator).

    Examples
    --------
    >>> round(worst_tail_error(range(100), 0.1), 2)
    1.91
    """
    ordered = np.sort(np.asarray(values, dtype=float))
    count = max(int(np.floor(tail * ordered.size + 1e-9)), 1)
    worst, edge = ordered[:count], ordered[min(count, ordered.size - 1)]
    spread = worst.var(ddof=1) if count > 1 else 0.0
    return float(np.sqrt((spread + (1 - tail) * (edge - worst.mean()) ** 2) / count))


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

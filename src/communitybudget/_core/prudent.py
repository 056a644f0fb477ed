"""Prudent figures: the words of the 20th percentile, and the mean of the worst draws."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

PRUDENT_QUANTILE = 0.2
PRUDENT_WORDS = "80% likely to be at least this"
WORST_TAIL = 0.1


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

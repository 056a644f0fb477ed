"""P10, P50 and P90 of draws with their Monte Carlo errors."""

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def tenth_half_ninetieth(values: Array) -> tuple[float, ...]:
    """Return P10, P50 and P90 with their errors: the quantiles one standard error of rank away.

    Parameters
    ----------
    values : ndarray, shape (draw,)
        Infinite is allowed, and never a value between two draws.

    Returns
    -------
    tuple of float
        ``p10, p50, p90`` and then their errors; the error is NaN where the rank above is infinite.

    Examples
    --------
    >>> tenth_half_ninetieth(np.arange(100.0))
    (9.0, 49.0, 89.0, 3.0, 5.0, 3.0)
    """
    found, errors = [], []
    for level in (0.1, 0.5, 0.9):
        away = math.sqrt(level * (1 - level) / values.size)
        low, middle, high = np.quantile(
            values, [max(level - away, 0), level, min(level + away, 1)], method="lower"
        )
        found.append(float(middle))
        errors.append(float((high - low) / 2) if np.isfinite(high) else math.nan)
    return (*found, *errors)

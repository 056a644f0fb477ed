"""How likely what was seen is in each draw: counts of events, and totals of amounts.

Figures of different places, months or outcomes are independent of each other at the rates of a draw; their
log-likelihoods add up. What families have in common beyond the rates is said by an overdispersion.
"""

import numpy as np
import numpy.typing as npt

from communitybudget._core.draws import FloatArray, as_draws


def binomial_log_likelihood(
    events: npt.ArrayLike,
    families: npt.ArrayLike,
    probability: npt.ArrayLike,
    *,
    correlation: float = 0.0,
) -> FloatArray:
    """Return the log-likelihood of events among families, by draw.

    Parameters
    ----------
    events, families : array_like of int, shape () or (cell,)
        It happened to so many of so many.
    probability : array_like, shape (draw,) or (draw, cell)
        The share of families that the model expects.
    correlation : float, default 0
        Between the families of a cell (intraclass), from 0 to below 1: beta-binomial where above 0.

    Returns
    -------
    ndarray, shape (draw,)
        Sum over the cells; minus infinity in draws in which it could not have happened.

    Raises
    ------
    ValueError
        If shapes do not fit, counts are not possible, or a probability is not between 0 and 1.

    Examples
    --------
    >>> binomial_log_likelihood(2, 18, [0.1, 0.9]).round(2)
    array([ -1.26, -32.02])
    """
    from scipy.special import betaln, gammaln, xlog1py, xlogy

    p, seen = _cells(probability, events)
    among = _counts("families", families, seen.shape)
    if ((p < 0) | (p > 1)).any():
        raise ValueError("probability must lie between 0 and 1 in every draw")
    if (seen > among).any():
        raise ValueError("there are more events than families; correct one of the two")
    if not 0 <= correlation < 1:
        raise ValueError(f"correlation is {correlation}; give a number from 0 to below 1")
    ways = gammaln(among + 1) - gammaln(seen + 1) - gammaln(among - seen + 1)
    if correlation == 0:
        return np.asarray((ways + xlogy(seen, p) + xlog1py(among - seen, -p)).sum(axis=1))
    size = (1 - correlation) / correlation
    inside = np.clip(p, np.finfo(float).tiny, 1 - np.finfo(float).eps)
    a, b = inside * size, (1 - inside) * size
    found = ways + betaln(seen + a, among - seen + b) - betaln(a, b)
    impossible = ((p == 0) & (seen > 0)) | ((p == 1) & (seen < among))
    certain = ((p == 0) & (seen == 0)) | ((p == 1) & (seen == among))
    return np.asarray(np.where(impossible, -np.inf, np.where(certain, 0.0, found)).sum(axis=1))


def poisson_log_likelihood(
    counts: npt.ArrayLike, expected: npt.ArrayLike, *, extra_cv: float = 0.0
) -> FloatArray:
    """Return the log-likelihood of counts of events, by draw.

    Parameters
    ----------
    counts : array_like of int, shape () or (cell,)
        Events seen, for example by month.
    expected : array_like, shape (draw,) or (draw, cell)
        Events that the model expects of these families.
    extra_cv : float, default 0
        How much more a cell's rate varies than the draws know of, as a coefficient of variation:
        the variance is ``expected + (extra_cv * expected)**2``, negative binomial.

    Returns
    -------
    ndarray, shape (draw,)
        Sum over the cells; minus infinity in draws in which it could not have happened.

    Raises
    ------
    ValueError
        If shapes do not fit, or a number is negative or not finite.

    Examples
    --------
    >>> poisson_log_likelihood([1, 0], [[1.0, 1.0], [2.0, 2.0]]).round(3)
    array([-2.   , -3.307])
    """
    from scipy.special import gammaln, xlogy

    mean, seen = _cells(expected, counts)
    if (mean < 0).any():
        raise ValueError("expected must not be negative in any draw")
    if not (extra_cv >= 0 and np.isfinite(extra_cv)):
        raise ValueError(f"extra_cv is {extra_cv}; give a number from 0, such as 0.2")
    if extra_cv == 0:
        return np.asarray((xlogy(seen, mean) - mean - gammaln(seen + 1)).sum(axis=1))
    size = extra_cv**-2
    ways = gammaln(seen + size) - gammaln(size) - gammaln(seen + 1)
    shares = xlogy(seen, mean / (size + mean)) - size * np.log1p(mean / size)
    return np.asarray((ways + shares).sum(axis=1))


def normal_log_likelihood(totals: npt.ArrayLike, expected: npt.ArrayLike, sd: npt.ArrayLike) -> FloatArray:
    """Return the log-likelihood of totals of amounts, by draw.

    Parameters
    ----------
    totals : array_like, shape () or (cell,)
        Seen: GBP, weeks, days.
    expected : array_like, shape (draw,) or (draw, cell)
        What the model expects of these families.
    sd : array_like, shape () or (cell,)
        By how much a total may differ by chance from what is expected of it.

    Returns
    -------
    ndarray, shape (draw,)
        Sum over the cells.

    Raises
    ------
    ValueError
        If shapes do not fit, or an sd is not positive.

    Examples
    --------
    >>> normal_log_likelihood(10.0, [10.0, 12.0], 1.0).round(3)
    array([-0.919, -2.919])
    """
    mean, seen = _cells(expected, totals, whole=False)
    spread = np.asarray(sd, dtype=np.float64)
    if not (np.isfinite(spread) & (spread > 0)).all():
        raise ValueError("sd must be positive: by how much a total may differ by chance")
    z = (seen - mean) / spread
    return np.asarray((-0.5 * z**2 - np.log(spread) - 0.5 * np.log(2 * np.pi)).sum(axis=1))


def _cells(expected: npt.ArrayLike, seen: npt.ArrayLike, whole: bool = True) -> tuple[FloatArray, FloatArray]:
    """Return what is expected, shape (draw, cell), and what was seen, shape (cell,)."""
    mean = as_draws(expected, "what is expected")
    if mean.ndim == 1:
        mean = mean[:, None]
    if mean.ndim != 2:
        raise ValueError(f"what is expected has shape {mean.shape}; give (draw,) or (draw, cell)")
    if whole:
        return mean, _counts("counts", seen, (mean.shape[1],))
    values = np.atleast_1d(np.asarray(seen, dtype=np.float64))
    if values.shape != (mean.shape[1],) or not np.isfinite(values).all():
        raise ValueError(f"totals have shape {values.shape}; give {mean.shape[1]} finite numbers")
    return mean, values


def _counts(name: str, values: npt.ArrayLike, shape: tuple[int, ...]) -> FloatArray:
    counts = np.atleast_1d(np.asarray(values, dtype=np.float64))
    if counts.shape != shape and counts.shape != (1,):
        raise ValueError(f"{name} have shape {counts.shape} and what is expected has {shape[0]} cells")
    if not (np.isfinite(counts) & (counts >= 0) & (counts == np.floor(counts))).all():
        raise ValueError(f"{name} must be whole numbers from 0")
    return np.broadcast_to(counts, shape)

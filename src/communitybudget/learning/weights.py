"""Weights that make draws of the prior stand for the posterior, and how far they can be trusted."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from communitybudget._core.draws import FloatArray, as_draws
from communitybudget._core.results import result, same

_FEWEST_IN_TAIL = 5
_FEWEST_EFFECTIVE = 200


@result
@dataclass(frozen=True, eq=False)
class Weights:
    """Weights of draws, and how many draws they are worth.

    Parameters
    ----------
    values : ndarray, shape (draw,)
        Not negative; they sum to 1.
    tail_shape : float
        k-hat, the shape of the tail of the weights before smoothing: above `highest_shape` the weights
        cannot be trusted. Minus infinity where they have no tail, NaN where draws are too few to tell.
    """

    values: FloatArray
    tail_shape: float

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Weights) and same(
            (self.values, self.tail_shape), (other.values, other.tail_shape)
        )

    __hash__ = None  # type: ignore[assignment]

    @property
    def draws(self) -> int:
        """Number of draws."""
        return self.values.size

    @property
    def effective(self) -> float:
        """Effective sample size: how many equally weighted draws are as good."""
        return float(1 / np.square(self.values).sum())

    @property
    def largest(self) -> float:
        """The largest weight."""
        return float(self.values.max())

    @property
    def highest_shape(self) -> float:
        """How large the tail shape may be with so many draws: min(0.7, 1 - 1 / log10(draws))."""
        return min(0.7, 1 - 1 / math.log10(self.draws)) if self.draws > 10 else 0.0

    def warnings(self) -> tuple[str, ...]:
        """Return in words why the weights should not be trusted; nothing where they can be.

        Examples
        --------
        >>> reweigh(np.zeros(1000)).warnings()
        ()
        """
        found = []
        if self.tail_shape > self.highest_shape:
            found.append(
                f"A few draws carry the answer (tail shape k = {self.tail_shape:.2f}, at most "
                f"{self.highest_shape:.2f} is safe): the prior hardly reaches where the data are. Update the "
                "rates themselves with the exact formulas, or widen the prior, and appraise again."
            )
        if np.ptp(self.values) > 0 and self.effective < _FEWEST_EFFECTIVE:
            found.append(
                f"The {self.draws:,} draws are worth only {self.effective:,.0f} after updating; "
                f"use about {_rounded_up(self.draws * _FEWEST_EFFECTIVE / self.effective):,} draws."
            )
        return tuple(found)

    def mean(self, values: npt.ArrayLike) -> FloatArray:
        """Return the mean over the weighted draws, shape (...) of values of shape (draw, ...)."""
        return np.asarray(np.tensordot(self.values, self._draws(values), axes=(0, 0)))[()]

    def mean_error(self, values: npt.ArrayLike) -> FloatArray:
        """Return the Monte Carlo standard error of the weighted mean, shape (...).

        Source: A. B. Owen, Monte Carlo theory, methods and examples (2013), section 9.2, self-normalised
        importance sampling.
        """
        draws = self._draws(values)
        gap = draws - self.mean(draws)
        return np.asarray(np.sqrt(np.tensordot(self.values**2, gap**2, axes=(0, 0))))[()]

    def sd(self, values: npt.ArrayLike) -> FloatArray:
        """Return the standard deviation over the weighted draws, shape (...)."""
        draws = self._draws(values)
        return np.asarray(np.sqrt(self.mean((draws - self.mean(draws)) ** 2)))[()]

    def probability(self, hits: npt.ArrayLike) -> float:
        """Return the weighted share of the draws that are hits, shape (draw,) of bool."""
        return float(self.mean(np.asarray(hits, dtype=np.float64)))

    def probability_error(self, hits: npt.ArrayLike) -> float:
        """Return the Monte Carlo standard error of the probability; by the rule of three at 0 and 1."""
        share = self.probability(hits)
        if min(share, 1 - share) < 1e-12:
            return min(3 / self.effective, 1.0)
        return float(self.mean_error(np.asarray(hits, dtype=np.float64)))

    def quantile(self, values: npt.ArrayLike, q: float) -> float:
        """Return a quantile over the weighted draws, shape (draw,).

        Each draw stands at the middle of its weight, the first at 0 and the last at 1; between draws the
        line is straight. With equal weights this is the usual quantile.
        """
        return float(np.interp(q, *self._ladder(self._draws(values))))

    def quantile_error(self, values: npt.ArrayLike, q: float) -> float:
        """Return the Monte Carlo standard error of a quantile.

        Half the distance between the quantiles that lie a standard error of the share below and above; NaN
        where one of them is beyond the draws.
        """
        draws = self._draws(values)
        share_error = self.probability_error(draws <= self.quantile(draws, q))
        low, high = q - share_error, q + share_error
        if low <= 0 or high >= 1:
            return float("nan")
        places, ladder = self._ladder(draws)
        return float(np.interp(high, places, ladder) - np.interp(low, places, ladder)) / 2

    def _ladder(self, draws: FloatArray) -> tuple[FloatArray, FloatArray]:
        order = np.argsort(draws, kind="stable")
        order = order[self.values[order] > 0]
        weight = self.values[order]
        middle = np.cumsum(weight) - weight / 2
        span = middle[-1] - middle[0]
        return (middle - middle[0]) / (span if span > 0 else 1.0), draws[order]

    def _draws(self, values: npt.ArrayLike) -> FloatArray:
        draws = as_draws(values, "values")
        if draws.shape[0] != self.draws:
            raise ValueError(f"there are {draws.shape[0]} values and {self.draws} weights; one per draw each")
        return draws


def equal_weights(draws: int) -> Weights:
    """Return weights that change nothing."""
    return Weights(np.full(draws, 1 / draws), -math.inf)


def reweigh(log_likelihood: npt.ArrayLike) -> Weights:
    """Return the weights that turn draws of the prior into draws of the posterior.

    The largest weights are smoothed: a generalised Pareto distribution is fitted to the tail, and its
    quantiles take their place (Pareto-smoothed importance sampling). Its shape says whether the draws reach
    where the data are.

    Parameters
    ----------
    log_likelihood : array_like, shape (draw,)
        Of what was seen, in each draw; minus infinity where it could not have happened.

    Returns
    -------
    Weights

    Raises
    ------
    ValueError
        If a value is NaN or plus infinity, or what was seen could have happened in no draw.

    Notes
    -----
    Source: A. Vehtari, D. Simpson, A. Gelman, Y. Yao and J. Gabry, "Pareto smoothed importance sampling",
    JMLR 25 (2024); the fit is that of J. Zhang and M. A. Stephens, Technometrics 51 (2009), with the weak
    prior of the former. See ``docs/methods/learning-from-actuals.md``.

    Examples
    --------
    >>> weights = reweigh(np.log([1.0, 1.0, 2.0]))
    >>> weights.values, weights.effective
    (array([0.25, 0.25, 0.5 ]), 2.67)
    """
    logs = np.asarray(log_likelihood, dtype=np.float64)
    if logs.ndim != 1 or logs.size == 0:
        raise ValueError(f"log_likelihood has shape {logs.shape}; give one number per draw")
    if np.isnan(logs).any() or (logs == np.inf).any():
        raise ValueError("log_likelihood holds a value that is no likelihood; it may not be NaN or infinite")
    if (logs == -np.inf).all():
        raise ValueError(
            "what was seen could have happened in no draw; check it, or widen the uncertain inputs"
        )
    ratios = np.exp(logs - logs.max())
    smoothed, shape = _smoothed(ratios)
    return Weights(smoothed / smoothed.sum(), shape)


def _smoothed(ratios: FloatArray) -> tuple[FloatArray, float]:
    """Return the ratios with their tail smoothed, and the shape of the tail."""
    draws = ratios.size
    length = min(draws // 5, math.ceil(3 * math.sqrt(draws)))
    order = np.argsort(ratios, kind="stable")
    tail = order[draws - length :]
    if length == 0 or draws - length < 1:
        return ratios, math.nan
    excess = ratios[tail] - ratios[order[draws - length - 1]]
    if excess[-1] <= 1e-12:
        return ratios, -math.inf
    if length < _FEWEST_IN_TAIL:
        return ratios, math.nan
    shape, scale = generalised_pareto(excess[excess > 0])
    places = (np.arange(length) + 0.5) / length
    if math.isfinite(shape):
        fitted = (
            -scale * np.log1p(-places) if shape == 0 else scale / shape * np.expm1(-shape * np.log1p(-places))
        )
        smoothed = np.minimum(fitted + ratios[order[draws - length - 1]], 1.0)
        # draws that are equally likely stay so, whichever comes first
        _, group = np.unique(ratios[tail], return_inverse=True)
        ratios = ratios.copy()
        ratios[tail] = (np.bincount(group, smoothed) / np.bincount(group))[group]
    return ratios, shape


def generalised_pareto(excess: FloatArray) -> tuple[float, float]:
    """Return shape and scale of a generalised Pareto distribution fitted to values above a threshold.

    Parameters
    ----------
    excess : ndarray, shape (n,)
        Positive, ascending.

    Returns
    -------
    tuple of float
        The shape is drawn towards 0.5 as by ten more values.
    """
    n = excess.size
    if n < _FEWEST_IN_TAIL:
        return math.nan, math.nan
    tried = 30 + int(math.sqrt(n))
    quarter = excess[int(n / 4 + 0.5) - 1]
    theta = (1 - np.sqrt(tried / (np.arange(1, tried + 1) - 0.5))) / (3 * quarter) + 1 / excess[-1]
    shapes = np.log1p(-theta[:, None] * excess).mean(axis=1)
    profile = n * (np.log(-theta / shapes) - shapes - 1)
    weight = np.exp(profile - profile.max())
    best = float((theta * weight).sum() / weight.sum())
    shape = float(np.log1p(-best * excess).mean())
    scale = -shape / best
    return (n * shape + 10 * 0.5) / (n + 10), scale


def _rounded_up(draws: float) -> int:
    step = 10 ** max(math.floor(math.log10(draws)), 0)
    return int(math.ceil(draws / step) * step)

"""Distributions from what people say: stated quantiles, and several experts pooled."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from communitybudget.parameters.composed import mixture
from communitybudget.parameters.distributions import Distribution, Support
from communitybudget.parameters.inverses import TABULATED_REACH, Array, exactly_from_normal, from_normal
from communitybudget.parameters.mixtures import point_masses
from communitybudget.parameters.tails import scores, tails

PoolMethod = Literal["linear", "logarithmic"]
FITTED_KINDS: tuple[str, ...] = ("normal", "lognormal", "gamma", "beta", "uniform")
_KIND_OF: dict[Support, str] = {"positive": "lognormal", "share": "beta", "real": "normal"}
_GRID_STEPS = 2_001
_TABLE_STEPS = 481


@dataclass(frozen=True, slots=True)
class QuantileFit:
    """A distribution fitted to stated quantiles, and how far it misses them.

    Parameters
    ----------
    distribution : Distribution
        The fit.
    stated : tuple of (float, float)
        Share below, and the number stated for it, ascending.
    fitted : tuple of float
        What the fit has in place of each number.
    shares : tuple of float
        The share that the fit has below each stated number.
    """

    distribution: Distribution
    stated: tuple[tuple[float, float], ...]
    fitted: tuple[float, ...]
    shares: tuple[float, ...]

    @property
    def largest_miss(self) -> float:
        """Largest distance from a stated number, in its unit."""
        return max(abs(x - y) for (_, x), y in zip(self.stated, self.fitted, strict=True))

    @property
    def largest_miss_probability(self) -> float:
        """Largest distance from a stated share, as a share."""
        return max(abs(p - q) for (p, _), q in zip(self.stated, self.shares, strict=True))

    def summary(self) -> str:
        """Return the fit and its error in words."""
        if self.largest_miss_probability < 5e-5:
            return f"a {self.distribution.kind} distribution that meets every stated quantile"
        return (
            f"a {self.distribution.kind} distribution, by least squares; it misses the stated quantiles by "
            f"{self.largest_miss:.3g} at most, or by {100 * self.largest_miss_probability:.2g} percentage "
            "points"
        )


def from_quantiles(
    quantiles: Mapping[float, float], kind: str | None = None, support: Support = "positive"
) -> QuantileFit:
    """Return the distribution that comes nearest to stated quantiles.

    Parameters
    ----------
    quantiles : mapping of float to float
        Share below, such as 0.1, and the number stated for it; at least two, ascending together.
    kind : {'normal', 'lognormal', 'gamma', 'beta', 'uniform'}, optional
        The form; lognormal for a positive amount, beta for a share, else normal.
    support : {'positive', 'share', 'real'}
        Which numbers are possible.

    Returns
    -------
    QuantileFit
        Two quantiles are met exactly. For more the sum of squared distances between the stated and the
        fitted numbers is least, each as a part of the whole range stated.

    Raises
    ------
    ValueError
        If the quantiles do not ascend, lie outside what is possible, or cannot be fitted.

    Examples
    --------
    >>> fit = from_quantiles({0.1: 60, 0.5: 100, 0.9: 180})
    >>> fit.distribution.kind, round(fit.largest_miss, 2)
    ('lognormal', 2.12)
    """
    from scipy.special import ndtri

    kind = kind or _KIND_OF[support]
    if kind not in FITTED_KINDS:
        raise ValueError(f"'{kind}' is not fitted to quantiles; use one of {', '.join(FITTED_KINDS)}")
    stated = tuple(sorted((float(p), float(x)) for p, x in quantiles.items()))
    _check_stated(stated, kind)
    shares, numbers = np.array(stated).T
    z = ndtri(shares)
    found = _least_squares(kind, z, numbers)
    fitted = exactly_from_normal(found, z)
    return QuantileFit(
        found,
        stated,
        tuple(float(x) for x in fitted),
        tuple(float(p) for p in tails(found, numbers)[0]),
    )


def _check_stated(stated: tuple[tuple[float, float], ...], kind: str) -> None:
    if len(stated) < 2:
        raise ValueError("one quantile fixes no distribution; give at least two")
    if not all(0 < p < 1 for p, _ in stated):
        raise ValueError("the share of a quantile must lie between 0 and 1; write P10 as 0.1")
    numbers = [x for _, x in stated]
    if not all(a < b for a, b in pairwise(numbers)) or not all(math.isfinite(x) for x in numbers):
        raise ValueError(
            f"the quantiles {', '.join(f'{x:g}' for x in numbers)} do not ascend; order them, or correct one"
        )
    if kind in ("lognormal", "gamma", "beta") and numbers[0] <= 0:
        raise ValueError(f"the lowest quantile is {numbers[0]:g}; a {kind} distribution needs it above 0")
    if kind == "beta" and numbers[-1] >= 1:
        raise ValueError(f"the highest quantile is {numbers[-1]:g}; a share must lie below 1")


def _least_squares(kind: str, z: Array, numbers: Array) -> Distribution:
    """Return the two-parameter form nearest to the numbers at these standard normal numbers."""
    from scipy.optimize import least_squares

    width = numbers[-1] - numbers[0]
    start = _start_of(kind, z, numbers)

    def misses(free: Array) -> Array:
        return np.asarray((exactly_from_normal(_form_of(kind, free), z) - numbers) / width, dtype=np.float64)

    try:
        with np.errstate(all="ignore"):
            free = least_squares(misses, start, xtol=1e-14, ftol=1e-14, gtol=1e-14, max_nfev=2_000).x
            found = _form_of(kind, free)
            misfit = misses(free)
    except (ValueError, OverflowError) as fault:
        raise ValueError(f"no {kind} distribution comes near these quantiles; choose another form") from fault
    if not np.isfinite(misfit).all():
        raise ValueError(f"no {kind} distribution comes near these quantiles; choose another form")
    return found


def _start_of(kind: str, z: Array, numbers: Array) -> Array:
    """Return where the search starts: the straight line through the numbers on the scale of the form."""
    if kind in ("lognormal", "gamma"):
        slope, level = np.polyfit(z, np.log(numbers), 1)
        return np.array([level, math.log(slope)] if kind == "lognormal" else [-2 * math.log(slope), level])
    slope, level = np.polyfit(z, numbers, 1)
    if kind == "beta":
        level = min(max(level, numbers[0]), numbers[-1])
        size = max(level * (1 - level) / slope**2 - 1, 0.1)
        return np.log([level * size, (1 - level) * size])
    return np.array([level, math.log(slope)])


def _form_of(kind: str, free: Array) -> Distribution:
    first, second = float(free[0]), float(free[1])
    match kind:
        case "normal":
            return Distribution("normal", (first, math.exp(second)))
        case "lognormal":
            return Distribution("lognormal", (math.exp(first), math.exp(second)))
        case "gamma":
            return Distribution("gamma", (math.exp(first), math.exp(second - first)))
        case "beta":
            return Distribution("beta", (math.exp(first), math.exp(second)))
        case _:
            half = math.exp(second) * math.sqrt(3)
            return Distribution("uniform", (first - half, first + half))


def pooled(
    distributions: Sequence[Distribution],
    weights: Sequence[float] | None = None,
    method: PoolMethod = "linear",
) -> Distribution:
    """Return one distribution out of several experts' ones.

    Parameters
    ----------
    distributions : sequence of Distribution
        One for each expert.
    weights : sequence of float, optional
        Scaled to a sum of 1; all alike if not given.
    method : {'linear', 'logarithmic'}
        ``linear``: the weighted mean of the probabilities, a mixture: as wide as the experts differ.
        ``logarithmic``: the weighted geometric mean of the densities: narrower, and nothing is possible
        that an expert rules out.

    Raises
    ------
    ValueError
        If the weights do not fit, or the experts agree on nothing that is possible.

    Notes
    -----
    Source: C. Genest and J. V. Zidek, "Combining probability distributions", Statistical Science 1 (1986).
    The logarithmic pool is tabulated on a grid of 2,001 values.

    Examples
    --------
    >>> two = [Distribution("normal", (10.0, 2.0)), Distribution("normal", (14.0, 2.0))]
    >>> pooled(two).mean, round(pooled(two, method="logarithmic").mean, 4)
    (12.0, 12.0)
    """
    if not distributions:
        raise ValueError("there is no expert to pool; give at least one distribution")
    weights = [1.0] * len(distributions) if weights is None else weights
    together = mixture(distributions, weights)
    if method == "linear" or together.kind != "mixture":
        return together
    if method != "logarithmic":
        raise ValueError(f"'{method}' is no way to pool; use linear or logarithmic")
    if point_masses(together):
        raise ValueError("single values with weight of their own cannot be pooled so; use method linear")
    return _logarithmic(together)


def _logarithmic(together: Distribution) -> Distribution:
    steps = np.linspace(-TABULATED_REACH, TABULATED_REACH, _TABLE_STEPS)
    reached = np.array([from_normal(part, steps[[0, -1]]) for part in together.parts])
    low, high = reached[:, 0].max(), reached[:, 1].min()
    if not low < high:
        raise ValueError("the experts agree on nothing that is possible; use method linear, or ask again")
    # even steps of the linear pool's ranks, so that the grid is dense where any expert puts weight
    first, last = scores(*tails(together, [low, high]))
    x = np.unique(np.clip(from_normal(together, np.linspace(first, last, _GRID_STEPS)), low, high))
    middle = (x[1:] + x[:-1]) / 2
    log_density = np.zeros(middle.size)
    with np.errstate(divide="ignore"):
        for weight, part in zip(together.numbers, together.parts, strict=True):
            below, above = tails(part, x)
            share = np.where(below[1:] < 0.5, np.diff(below), -np.diff(above))
            log_density += weight * np.log(share / np.diff(x))
    log_mass = log_density + np.log(np.diff(x))
    mass = np.exp(log_mass - log_mass.max())
    below = np.concatenate([[0.0], np.cumsum(mass)]) / mass.sum()
    above = np.concatenate([np.cumsum(mass[::-1])[::-1], [0.0]]) / mass.sum()
    z = scores(below, above)
    inside = np.isfinite(z)
    table = np.interp(steps, z[inside], x[inside])
    return Distribution("tabulated", tuple(float(value) for value in table))

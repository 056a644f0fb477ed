"""Distributions made of values or of other distributions: cut off, by weights, mixed, as observed."""

import math
from collections.abc import Sequence
from typing import Literal

from communitybudget.parameters.distributions import Distribution, fixed
from communitybudget.parameters.moments import halves

_LEAST_LEFT = 1e-6


def truncated(
    distribution: Distribution, at_least: float | None = None, at_most: float | None = None
) -> Distribution:
    """Return a distribution cut off at one or two limits.

    Ranks are squeezed into what lies between the limits: nothing is heaped at them, and the shape in between
    stays.

    Parameters
    ----------
    distribution : Distribution
        What is cut; a continuous one.
    at_least, at_most : float, optional
        Lowest and highest possible number, in the unit of the distribution.

    Raises
    ------
    ValueError
        If the limits do not ascend, next to nothing lies between them, or a single value has weight of its
        own.

    Examples
    --------
    >>> truncated(Distribution("normal", (0.0, 1.0)), at_least=0.0).quantile(0.5).__round__(4)
    0.6745
    """
    from communitybudget.parameters.mixtures import point_masses
    from communitybudget.parameters.tails import tails

    low = -math.inf if at_least is None else float(at_least)
    high = math.inf if at_most is None else float(at_most)
    if not low < high:
        raise ValueError(f"the limits {low:g} and {high:g} do not ascend; put the lower one first")
    if point_masses(distribution):
        raise ValueError(
            f"a {distribution.kind} with weight on single values cannot be cut; leave those values out"
        )
    below, above = tails(distribution, [low, high])
    left = min(below[1] - below[0], above[0] - above[1])
    if left < _LEAST_LEFT:
        raise ValueError(
            f"next to nothing ({max(left, 0.0):.1g}) of the distribution lies between {low:g} and {high:g}; "
            "widen the limits"
        )
    return Distribution("truncated", (low, high), (distribution,))


def discrete(values: Sequence[float], weights: Sequence[float] | None = None) -> Distribution:
    """Return a number that takes one of several values.

    Parameters
    ----------
    values : sequence of float
        In any order; the same value twice has both weights.
    weights : sequence of float, optional
        How likely each is, scaled to a sum of 1; all alike if not given.

    Raises
    ------
    ValueError
        If there is no value, the weights do not fit them, or all are 0.

    Examples
    --------
    >>> discrete([3, 1], [1, 3]).mean
    1.5
    """
    weights = [1.0] * len(values) if weights is None else weights
    shares = _shares(weights, len(values), "values")
    together: dict[float, float] = {}
    for value, share in zip(values, shares, strict=True):
        if not math.isfinite(value):
            raise ValueError(f"{value} is not a number to reckon with; give a finite one")
        if share > 0:
            together[float(value)] = together.get(float(value), 0.0) + share
    if len(together) == 1:
        return fixed(next(iter(together)))
    ascending = sorted(together)
    return Distribution("discrete", (*ascending, *(together[value] for value in ascending)))


def mixture(parts: Sequence[Distribution], weights: Sequence[float]) -> Distribution:
    """Return the distribution of a number that comes from one of several, by their weights.

    Parameters
    ----------
    parts : sequence of Distribution
        For example `fixed` at 1, an effect that is none at all, and what was measured.
    weights : sequence of float
        How likely each is, scaled to a sum of 1.

    Raises
    ------
    ValueError
        If the weights do not fit the parts, or all are 0.

    Examples
    --------
    >>> mixture([fixed(1.0), Distribution("uniform", (0.0, 1.0))], [0.2, 0.8]).mean
    0.6
    """
    shares = _shares(weights, len(parts), "parts")
    kept = [(part, share) for part, share in zip(parts, shares, strict=True) if share > 0]
    if len(kept) == 1:
        return kept[0][0]
    return Distribution("mixture", tuple(share for _, share in kept), tuple(part for part, _ in kept))


def from_values(
    values: Sequence[float], method: Literal["quantile", "bootstrap"] = "quantile"
) -> Distribution:
    """Return the distribution of values that were observed.

    Parameters
    ----------
    values : sequence of float
        At least two, in any order.
    method : {'quantile', 'bootstrap'}
        ``quantile``: straight lines between neighbouring values, from the lowest to the highest.
        ``bootstrap``: the values themselves, each as likely as it was frequent.

    Raises
    ------
    ValueError
        If there are fewer than two values or one is not finite.

    Examples
    --------
    >>> from_values([10, 30, 20]).quantile(0.75), from_values([10, 30, 20], "bootstrap").quantile(0.75)
    (25.0, 30.0)
    """
    if len(values) < 2:
        raise ValueError(f"{len(values)} value(s) show no distribution; give at least two")
    if method == "bootstrap":
        return discrete(values)
    ascending = tuple(sorted(float(value) for value in values))
    if not all(math.isfinite(value) for value in ascending):
        raise ValueError("a value is not finite; leave out what is not known")
    return fixed(ascending[0]) if ascending[0] == ascending[-1] else Distribution("empirical", ascending)


def scaled(distribution: Distribution, factor: float) -> Distribution:
    """Return the distribution of a number times a factor above 0, such as one of price levels.

    Raises
    ------
    ValueError
        If the distribution is one of shares, which have no such multiples.

    Examples
    --------
    >>> scaled(Distribution("gamma", (25.0, 4.0)), 2).mean
    200.0
    """
    n = distribution.numbers
    match distribution.kind:
        case "lognormal" | "two_piece_lognormal":
            numbers = (n[0] * factor, *n[1:])
        case "gamma":
            numbers = (n[0], n[1] * factor)
        case "pert":
            numbers = (*n[:2], n[2] * factor, n[3] * factor)
        case "discrete":
            values, weights = halves(n)
            numbers = (*(value * factor for value in values), *weights)
        case "mixture":
            numbers = n
        case "beta" | "two_piece_logit":
            raise ValueError(f"a {distribution.kind} distribution is one of shares; it cannot be uprated")
        case _:
            numbers = tuple(number * factor for number in n)
    parts = tuple(scaled(part, factor) for part in distribution.parts)
    return Distribution(distribution.kind, numbers, parts)


def _shares(weights: Sequence[float], count: int, what: str) -> list[float]:
    if len(weights) != count:
        raise ValueError(f"there are {len(weights)} weights for {count} {what}; give one each")
    total = sum(weights)
    if not all(weight >= 0 for weight in weights) or not 0 < total < math.inf:
        raise ValueError("weights cannot be negative and cannot all be 0; correct them")
    return [weight / total for weight in weights]

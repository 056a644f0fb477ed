"""Warnings in words: what the draws do not support."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from communitybudget._core.digits import pounds, supported
from communitybudget._core.normal import Z95_DRAWN
from communitybudget.sensitivity.draws import (
    FloatArray,
    as_draws,
    as_named_options,
    within_rounding_of_largest,
)
from communitybudget.sensitivity.precision import monte_carlo_error, paired_error, probability_error

LARGEST_SHARE = 0.2
"""Part of the size of all draws that the largest 1% of them may hold without a warning."""

FEWEST_BELOW = 10
"""Draws that a percentile should have beyond it."""

_TOP = 0.01
_FEWEST_FOR_TAIL = 1_000
_FAR = 3.0
_MOST_DRAWS = 10_000_000


def largest_share(values: npt.ArrayLike) -> float:
    """Return how much of the size of all draws the largest 1% of them hold.

    Parameters
    ----------
    values : array_like, shape (draw,)
        In any unit; size is the distance from zero.

    Returns
    -------
    float
        Between 0 and 1. Of draws that are all positive it is the share of the mean that rests on 1% of them.

    Raises
    ------
    ValueError
        If there is no draw or a value is not finite.

    Examples
    --------
    >>> largest_share([1] * 99 + [101])
    0.505
    """
    sizes = np.sort(np.abs(as_draws(values, "values")))
    total = float(sizes.sum())
    top = sizes[-max(int(np.ceil(_TOP * sizes.size)), 1) :]
    return float(top.sum()) / total if total > 0 else 0.0


def tail_index(values: npt.ArrayLike) -> float:
    """Return how fast the tail of the draws thins out, by Hill's estimator over the largest 1% of them.

    Parameters
    ----------
    values : array_like, shape (draw,)
        At least 1,000 draws, in any unit; size is the distance from zero.

    Returns
    -------
    float
        The exponent of a tail like that of a Pareto distribution. Up to 2 the variance is not finite and a
        Monte Carlo error is not to be trusted; up to 1 neither is the mean. Infinite where the largest
        draws are alike.

    Raises
    ------
    ValueError
        If there are fewer than 1,000 draws or a value is not finite.

    Notes
    -----
    Source: B. M. Hill, "A simple general approach to inference about the tail of a distribution", Annals of
    Statistics 3 (1975).

    Examples
    --------
    >>> places = (np.arange(10_000) + 0.5) / 10_000
    >>> round(tail_index(places ** (-1 / 1.5)), 1)
    1.5
    """
    sizes = np.sort(np.abs(as_draws(values, "values", least=_FEWEST_FOR_TAIL)))
    count = int(_TOP * sizes.size)
    top, edge = sizes[-count:], sizes[-count - 1]
    if edge <= 0 or top[-1] == edge:
        return float("inf")
    return float(1 / np.log(top / edge).mean())


def precision_warnings(
    net_benefit: npt.ArrayLike,
    options: Sequence[str] | None = None,
    *,
    shown_to: float | None = None,
    percentile: float = 0.05,
    ratios: Mapping[str, tuple[npt.ArrayLike, npt.ArrayLike]] | None = None,
) -> tuple[str, ...]:
    """Return in words what the draws do not support; nothing where they support all that is asked.

    Parameters
    ----------
    net_benefit : array_like, shape (draw, option)
        Net benefit in real GBP, larger is better, at least two draws.
    options : sequence of str, optional
        Names as printed, in the order of the columns.
    shown_to : float, optional
        Means are shown to multiples of this many pounds; not looked at if not given.
    percentile : float, default 0.05
        The outermost percentile that is shown, as a share below a half; its twin above has as many draws.
    ratios : mapping of str to (array_like, array_like), optional
        Name, numerator and denominator by draw of each ratio of means that is shown.

    Returns
    -------
    tuple of str
        Sentences, each naming the option, what is not supported, and what to do.

    Raises
    ------
    ValueError
        If the array has another shape, fewer than two draws or a value that is not finite, the names are
        not one for each option, ``shown_to`` is not positive, or ``percentile`` is not between 0 and 0.5.

    Notes
    -----
    A mean is shown too finely where its Monte Carlo error is larger than the step it is shown to. A
    percentile needs 10 draws beyond it. A probability within 1.96 of its errors of a half, and two options
    whose difference over common draws is within 1.96 of its own, are not told apart. A mean hangs on few
    draws where 1% of them hold a fifth of their size. A denominator within 3 of its errors of zero gives
    no ratio.

    Examples
    --------
    >>> for text in precision_warnings([[0, 90], [0, -85]] * 50, ["as now", "support"]):
    ...     print(text)
    P5 rests on 5 of the 100 draws; run at least 200, or show P10 instead.
    support: the probability of at least breaking even (50%) cannot be told from evens.
    support leads as now by £2, with a Monte Carlo error of £9; run about 4,800 draws to tell them apart.
    """
    names, benefit = as_named_options(net_benefit, options)
    if shown_to is not None and not shown_to > 0:
        raise ValueError(f"shown_to is {shown_to:g}; give the pounds that means are rounded to, such as 1000")
    if not 0 < percentile < 0.5:
        raise ValueError(f"percentile is {percentile:g}; give a share between 0 and 0.5, such as 0.05 for P5")
    found = [] if (few := _too_few(len(benefit), percentile)) is None else [few]
    for name, own in zip(names, benefit.T, strict=True):
        found += [f"{name}: {text}" for text in _of_option(own, shown_to)]
    found += _not_told_apart(names, benefit)
    for name, (above, below) in (ratios or {}).items():
        found += _of_ratio(name, as_draws(above, name, least=2), as_draws(below, name, least=2))
    return tuple(found)


def _too_few(draws: int, percentile: float) -> str | None:
    """Return what to say where a percentile has too few draws beyond it."""
    beyond = int(np.floor(round(percentile * draws, 9)))
    if beyond >= FEWEST_BELOW:
        return None
    needed = int(np.ceil(round(FEWEST_BELOW / percentile, 9)))
    text = f"P{100 * percentile:g} rests on {beyond} of the {draws:,} draws; run at least {needed:,}"
    return text + (", or show P10 instead." if percentile < 0.1 and draws >= 10 * FEWEST_BELOW else ".")


def _of_option(own: FloatArray, shown_to: float | None) -> list[str]:
    """Return what to say of one option by itself."""
    if not own.any():
        return []  # business as usual
    found = []
    error = float(monte_carlo_error(own))
    if shown_to is not None and error > shown_to:
        needed = _run_about(own.size, (error / shown_to) ** 2, before=", or ")
        found.append(
            f"the mean is shown to the nearest {pounds(shown_to)}, its Monte Carlo error is {pounds(error)}; "
            f"show {supported(float(own.mean()), error)}{needed}."
        )
    hits = int((own >= 0).sum())
    if abs(hits / own.size - 0.5) <= Z95_DRAWN * float(probability_error(hits, own.size)):
        found.append(
            f"the probability of at least breaking even ({hits / own.size:.0%}) cannot be told from evens."
        )
    if own.size >= _FEWEST_FOR_TAIL:
        share, index = largest_share(own), tail_index(own)
        if share >= LARGEST_SHARE:
            found.append(
                f"1% of the draws hold {share:.0%} of the size of all; the mean hangs on a few draws."
            )
        if index <= 2:
            found.append(
                f"the tail is so heavy (Hill index {index:.1f}) that the mean's error is not to be trusted; "
                "look at the median, and at the inputs behind the largest draws."
            )
    return found


def _not_told_apart(names: Sequence[str], benefit: FloatArray) -> list[str]:
    """Return what to say of rivals that the best option does not lead by more than Monte Carlo error."""
    means = benefit.mean(axis=0)
    best = within_rounding_of_largest(means)[0]
    found = []
    for j, name in enumerate(names):
        if j == best:
            continue
        lead, error = float(means[best] - means[j]), float(paired_error(benefit[:, best], benefit[:, j]))
        if lead >= Z95_DRAWN * error > 0:
            continue
        text = f"{names[best]} leads {name} by {pounds(lead)}, with a Monte Carlo error of {pounds(error)}"
        if error == 0:
            text = f"{names[best]} and {name} come to the same in every draw; nothing tells them apart."
        else:
            times = (Z95_DRAWN * error / lead) ** 2 if lead > 0 else np.inf
            text += (
                _run_about(len(benefit), times, before="; ", after=" to tell them apart")
                or "; take them as equal"
            )
            text += "."
        found.append(text)
    return found


def _of_ratio(name: str, above: FloatArray, below: FloatArray) -> list[str]:
    """Return what to say of a ratio of means whose denominator is not told from zero."""
    mean, error = float(below.mean()), float(monte_carlo_error(below))
    if abs(mean) > _FAR * error:
        return []
    net = float((above - below).mean())
    return [
        f"{name}: the denominator ({supported(mean, error)}) is within {_FAR:g} Monte Carlo errors of zero, "
        f"so the ratio means nothing; show the net amount ({supported(net, error)})."
    ]


def _run_about(draws: int, times: float, before: str, after: str = "") -> str:
    """Return advice to run so many times the draws, to two figures; none where that is out of reach."""
    needed = draws * times
    if needed > _MOST_DRAWS:
        return ""
    unit = 10 ** max(0, int(np.floor(np.log10(needed))) - 1)
    return f"{before}run about {int(np.ceil(needed / unit)) * unit:,} draws{after}"

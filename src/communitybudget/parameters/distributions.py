"""Distributions by what people know: mean and sd, an interval, low/mode/high, events of trials."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from communitybudget._core.normal import Z_OF_INTERVAL
from communitybudget.parameters.moments import mean_of, sd_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from communitybudget.parameters.inverses import Array

from communitybudget._core.results import result

Support = Literal["positive", "share", "real"]
SimpleKind = Literal[
    "fixed",
    "normal",
    "two_piece_normal",
    "lognormal",
    "two_piece_lognormal",
    "two_piece_logit",
    "gamma",
    "beta",
    "pert",
    "triangular",
    "uniform",
]
ComposedKind = Literal["truncated", "discrete", "mixture", "empirical", "tabulated"]

KINDS: tuple[str, ...] = get_args(SimpleKind)
"""Forms that a table or a case can name."""
COMPOSED_KINDS: tuple[str, ...] = get_args(ComposedKind)
"""Forms that are made of values or of other distributions."""


@result
@dataclass(frozen=True, slots=True)
class Distribution:
    """A distribution of one uncertain number.

    Parameters
    ----------
    kind : str
        One of `KINDS` or `COMPOSED_KINDS`.
    numbers : tuple of float
        ``fixed`` (value,); ``normal`` (mean, sd); ``two_piece_normal`` (median, sd below, sd above);
        ``lognormal`` (median, sd of the log); ``two_piece_lognormal`` (median, sd of the log below,
        above); ``two_piece_logit`` (median, sd of the logit below, above); ``gamma`` (shape, scale);
        ``beta`` (a, b); ``pert`` (a, b, lowest, highest), a beta on that range; ``triangular``
        (lowest, mode, highest); ``uniform`` (lowest, highest); ``truncated`` (lowest, highest) of its
        part; ``discrete`` (values ascending, then their weights); ``mixture`` (weights of its parts);
        ``empirical`` (values ascending), with straight lines between them; ``tabulated`` (values at even
        steps of the standard normal number from -6 to 6), with straight lines between them.
    parts : tuple of Distribution
        What a ``truncated`` form (one) or a ``mixture`` is made of.

    Notes
    -----
    The two-piece forms join two halves at the median, so that a published value and both its limits
    are met exactly, as in a central bank's fan chart. See ``docs/methods/distributions.md``.
    """

    kind: SimpleKind | ComposedKind
    numbers: tuple[float, ...]
    parts: tuple["Distribution", ...] = ()

    @property
    def mean(self) -> float:
        """Mean of the distribution."""
        return mean_of(self)

    @property
    def sd(self) -> float:
        """Standard deviation of the distribution."""
        return sd_of(self)

    def quantile(self, p: float) -> float:
        """Return the number below which a share of the distribution lies.

        Parameters
        ----------
        p : float
            The share, between 0 and 1, both left out: 0.1 for P10.

        Raises
        ------
        ValueError
            If ``p`` is not between 0 and 1.

        Examples
        --------
        >>> round(Distribution("uniform", (2.0, 4.0)).quantile(0.9), 9)
        3.8
        """
        from statistics import NormalDist

        import numpy as np

        from communitybudget.parameters.inverses import exactly_from_normal

        if not 0 < p < 1:
            raise ValueError(f"p is {p:g}; give a share between 0 and 1, such as 0.1 for P10")
        return float(exactly_from_normal(self, np.array([NormalDist().inv_cdf(p)]))[0])

    def cdf(self, x: "npt.ArrayLike") -> "Array":
        """Return the share of the distribution at or below each number, in the shape of ``x``.

        Examples
        --------
        >>> Distribution("uniform", (2.0, 4.0)).cdf([1, 3, 4])
        array([0. , 0.5, 1. ])
        """
        from communitybudget.parameters.tails import tails

        return tails(self, x)[0]

    @property
    def is_fixed(self) -> bool:
        """Whether the number is taken as known."""
        return self.kind == "fixed"


def fixed(value: float) -> Distribution:
    """Return a number that is taken as known.

    Examples
    --------
    >>> fixed(2.0).mean
    2.0
    """
    _finite(value)
    return Distribution("fixed", (float(value),))


def from_mean_sd(
    mean: float, sd: float, support: Support = "positive", kind: str | None = None
) -> Distribution:
    """Return the distribution with a given mean and standard deviation.

    Parameters
    ----------
    mean, sd : float
        In the units of the number.
    support : {'positive', 'share', 'real'}
        A positive amount becomes a gamma, a share a beta, any other number a normal distribution.
    kind : {'gamma', 'lognormal', 'beta', 'normal'}, optional
        Choose the form instead.

    Returns
    -------
    Distribution

    Raises
    ------
    ValueError
        If no such distribution exists; the message says the largest sd that would do.

    Examples
    --------
    >>> from_mean_sd(100, 20).numbers
    (25.0, 4.0)
    """
    _finite(mean, sd)
    if sd < 0:
        raise ValueError(f"the standard deviation is {sd:g}; it cannot be negative")
    if sd == 0:
        return fixed(mean)
    kind = kind or {"positive": "gamma", "share": "beta", "real": "normal"}[support]
    if kind in ("gamma", "lognormal") and mean <= 0:
        raise ValueError(f"the mean is {mean:g}; a {kind} distribution needs a mean above 0")
    if kind == "gamma":
        return Distribution("gamma", ((mean / sd) ** 2, sd**2 / mean))
    if kind == "lognormal":
        log_sd = math.sqrt(math.log1p((sd / mean) ** 2))
        return Distribution("lognormal", (mean / math.exp(log_sd**2 / 2), log_sd))
    if kind == "beta":
        if not 0 < mean < 1:
            raise ValueError(f"the mean is {mean:g}; a share must lie between 0 and 1")
        size = mean * (1 - mean) / sd**2 - 1
        if size <= 0:
            raise ValueError(
                f"a share with mean {mean:g} cannot have a standard deviation of {sd:g}; "
                f"it must be below {math.sqrt(mean * (1 - mean)):.4g}"
            )
        return Distribution("beta", (mean * size, (1 - mean) * size))
    if kind == "normal":
        return Distribution("normal", (mean, sd))
    raise ValueError(f"'{kind}' is not given by a mean and sd; use gamma, lognormal, beta or normal")


def from_interval(
    value: float,
    low: float,
    high: float,
    interval: str,
    support: Support = "positive",
    kind: str | None = None,
) -> Distribution:
    """Return the distribution with a given centre and interval.

    Parameters
    ----------
    value : float
        The central value: the mode of a PERT or triangular distribution, else the median.
    low, high : float
        Limits; what they are is said by `interval`.
    interval : {'range', 'ci95', 'ci90', 'p10_p90'}
        ``range``: lowest and highest value; gives a PERT. The others are central intervals of
        95, 90 and 80% and give a two-piece form that meets the value and both limits; where a limit
        lies at 0 (or 1, for a share) a gamma or beta with the value as mean and the interval's
        width instead.
    support : {'positive', 'share', 'real'}
        On which scale the two halves are normal: log, logit or as it is.
    kind : str, optional
        Choose the form instead; ``lognormal`` takes the spread from the ratio of the limits.

    Returns
    -------
    Distribution

    Raises
    ------
    ValueError
        If the limits do not enclose the value or do not fit the form.

    Examples
    --------
    >>> from_interval(0.8, 0.7, 0.9, "range", "share").kind
    'pert'
    """
    _finite(value, low, high)
    if not low <= value <= high:
        raise ValueError(
            f"low {low:g}, value {value:g} and high {high:g} do not ascend; order them, or correct the value"
        )
    if low == high:
        return fixed(value)
    if interval == "range":
        if kind in (None, "pert"):
            width = high - low
            return Distribution(
                "pert", (1 + 4 * (value - low) / width, 1 + 4 * (high - value) / width, low, high)
            )
        if kind == "triangular":
            return Distribution("triangular", (low, value, high))
        if kind == "uniform":
            return Distribution("uniform", (low, high))
        raise ValueError(f"'{kind}' is not given by a range; use pert, triangular or uniform")
    if interval not in Z_OF_INTERVAL:
        raise ValueError(f"'{interval}' is no interval; use range, ci95, ci90 or p10_p90")
    z = Z_OF_INTERVAL[interval]
    if kind is None:
        kind = _form(low, high, support)
    if kind in ("lognormal", "two_piece_lognormal") and low <= 0:
        raise ValueError(f"the lower limit is {low:g}; a {kind} distribution needs it above 0")
    if kind == "lognormal":
        return Distribution("lognormal", (value, math.log(high / low) / (2 * z)))
    if kind == "two_piece_lognormal":
        return Distribution(
            "two_piece_lognormal", (value, math.log(value / low) / z, math.log(high / value) / z)
        )
    if kind == "two_piece_logit":
        if not 0 < low <= high < 1:
            raise ValueError(f"limits {low:g} and {high:g} of a share must lie between 0 and 1")
        below = _logit(value) - _logit(low)
        above = _logit(high) - _logit(value)
        return Distribution("two_piece_logit", (value, below / z, above / z))
    if kind in ("normal", "two_piece_normal"):
        return Distribution("two_piece_normal", (value, (value - low) / z, (high - value) / z))
    if kind in ("beta", "gamma"):
        return from_mean_sd(value, (high - low) / (2 * z), support, kind)
    raise ValueError(
        f"'{kind}' is not given by an interval; leave the distribution out, or use lognormal, normal, gamma, "
        "beta or a two-piece form"
    )


def _finite(*numbers: float) -> None:
    for number in numbers:
        if not math.isfinite(number):
            raise ValueError(f"{number} is not a number to reckon with; give a finite one")


def _form(low: float, high: float, support: Support) -> str:
    """Return the form that keeps to what is possible; where a limit is at its edge, none is two-piece."""
    if support == "share":
        return "two_piece_logit" if low > 0 and high < 1 else "beta"
    if support == "positive":
        return "two_piece_lognormal" if low > 0 else "gamma"
    return "two_piece_normal"


def _logit(share: float) -> float:
    return math.log(share / (1 - share))


def from_events(events: float, trials: float) -> Distribution:
    """Return the beta distribution of a probability after ``events`` in ``trials``.

    The prior is Jeffreys' (half an event, half a non-event), so that no events do not mean never.

    Examples
    --------
    >>> from_events(5, 10).mean
    0.5
    """
    _finite(events, trials)
    if trials <= 0 or not 0 <= events <= trials:
        raise ValueError(
            f"{events:g} events of {trials:g} trials is not possible; events must lie in 0..trials"
        )
    return Distribution("beta", (events + 0.5, trials - events + 0.5))

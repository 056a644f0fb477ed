"""What a few printed figures imply: returns on both readings, simple payback, the cost behind ratios.

A published return seldom says whether its saving is before or after the cost, and seldom prints the cost at
all. These functions say what follows from the figures as printed, and no more digits than they carry.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from communitybudget._core.errors import raise_together
from communitybudget._core.numbers import above, as_given, within
from communitybudget._core.results import result

FloatArray = npt.NDArray[np.float64]
Interval = tuple[float, float]
Reading = Literal["gross", "net"]

READINGS: dict[str, str] = {"gross": "before the cost", "net": "after the cost"}
"""Whether a saving still has to bear its cost."""

_SCALES = {"": 1.0, "k": 1e3, "m": 1e6, "bn": 1e9}
_PRINTED = re.compile(r"^([-−])?£?((?:\d{1,3}(?:,\d{3})+|\d+))(?:\.(\d+))?(k|m|bn)?$")


def reading_faults(reading: str) -> list[str]:
    """Return in words that a reading says neither that a saving is before its cost nor after it."""
    if reading in get_args(Reading):
        return []
    return [f"'{reading}' does not say what a saving is; use 'gross' (before its cost) or 'net' (after it)"]


@result
@dataclass(frozen=True, slots=True)
class PublishedReturn:
    """A published cost and saving, on one reading of the saving.

    Parameters
    ----------
    cost, saving : float
        GBP as printed, both positive.
    saving_is : {'gross', 'net'}
        Whether the saving is before or after the cost.
    """

    cost: float
    saving: float
    saving_is: Reading

    def __post_init__(self) -> None:
        faults = []
        if not above(self.cost, 0):
            faults.append(f"the cost is {as_given(self.cost)}; give an amount above 0, in GBP")
        if not within(self.saving):
            faults.append(f"the saving is {as_given(self.saving)}; give an amount in GBP")
        raise_together([*faults, *reading_faults(self.saving_is)])

    @property
    def gross(self) -> float:
        """Saved before the cost, GBP."""
        return self.saving + (self.cost if self.saving_is == "net" else 0.0)

    @property
    def net(self) -> float:
        """Saved after the cost, GBP."""
        return self.saving - (self.cost if self.saving_is == "gross" else 0.0)

    @property
    def per_pound(self) -> float:
        """Saved before the cost for each pound of it."""
        return self.gross / self.cost

    @property
    def other_reading(self) -> "PublishedReturn":
        """The same figures, the saving read the other way."""
        return PublishedReturn(self.cost, self.saving, "net" if self.saving_is == "gross" else "gross")


def published_return(cost: float, saving: float, saving_is: Reading) -> PublishedReturn:
    """Return what a published cost and saving come to on a stated reading.

    Parameters
    ----------
    cost, saving : float
        GBP as printed, both positive.
    saving_is : {'gross', 'net'}
        Whether the saving is before or after the cost. Where the source does not say, show both:
        ``other_reading`` is the second.

    Returns
    -------
    PublishedReturn
        With ``gross``, ``net`` and ``per_pound``.

    Raises
    ------
    ValueError
        If the cost is not above nil, or the reading is neither.

    Examples
    --------
    Greater Manchester, £138m to save £224m (gov.uk, 23 January 2013), which does not say which:

    >>> gross = published_return(138e6, 224e6, "gross")
    >>> gross.net / 1e6, round(gross.per_pound, 2)
    (86.0, 1.62)
    >>> net = gross.other_reading
    >>> net.gross / 1e6, round(net.per_pound, 2)
    (362.0, 2.62)
    """
    found = PublishedReturn(cost, saving, saving_is)
    return replace(found, cost=float(cost), saving=float(saving))


def simple_payback(investment: npt.ArrayLike, saving_a_year: npt.ArrayLike) -> FloatArray:
    """Return after how many years an even saving has returned an investment.

    Parameters
    ----------
    investment : array_like
        GBP, spent at once at the start; 0 or more.
    saving_a_year : array_like
        GBP a year, even and from the start, after running costs.

    Returns
    -------
    ndarray
        Years since the saving began, broadcast shape; NaN where nothing is saved. A scalar for scalars.

    Raises
    ------
    ValueError
        If an investment is negative or a number is not finite.

    Notes
    -----
    Undiscounted, and without a horizon. `payback_time` counts from the start of year 0: with the investment
    alone in year 0 and the saving from year 1 it is this plus one.

    Examples
    --------
    >>> round(float(simple_payback(3.32e6, 3.79e6)), 3)
    0.876
    """
    spent = _amounts_of("investment", investment)
    saved = _amounts_of("saving_a_year", saving_a_year)
    if (spent < 0).any():
        raise ValueError("the investment is negative; give what is spent, in GBP, 0 or more")
    try:
        spent, saved = np.broadcast_arrays(spent, saved)
    except ValueError as fault:
        raise ValueError(
            f"investment has shape {spent.shape} and saving_a_year {saved.shape}; give one saving for each"
        ) from fault
    years = np.full(spent.shape, np.nan)
    np.divide(spent, saved, out=years, where=saved > 0)
    return years[()]


def _amounts_of(name: str, values: npt.ArrayLike) -> FloatArray:
    try:
        amounts = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as fault:
        raise ValueError(
            f"{name} is no number ({fault}); give plain numbers, without signs or units"
        ) from fault
    if not np.isfinite(amounts).all():
        raise ValueError(f"{name} is not finite; give every number")
    return amounts


def printed_interval(figure: str) -> Interval:
    """Return what a printed figure may have been before it was rounded.

    Parameters
    ----------
    figure : str
        As printed: ``2.28``, ``£366m``, ``£9.4bn``, ``66%`` without its sign is ``66``. Half a unit of the
        last digit lies either side.

    Returns
    -------
    tuple of float
        Lowest and highest, both included.

    Raises
    ------
    ValueError
        If the text is no printed figure.

    Examples
    --------
    >>> [printed_interval(figure) for figure in ("£366m", "−£1.5k")]
    [(365500000.0, 366500000.0), (-1550.0, -1450.0)]
    >>> low, high = printed_interval("1.50")
    >>> round(low, 3), round(high, 3)
    (1.495, 1.505)
    """
    found = _PRINTED.match("".join(figure.split())) if isinstance(figure, str) else None
    if found is None:
        raise ValueError(
            f"{figure!r} is no printed figure; write it in quotes, as it was printed: '2.28', '£366m'"
        )
    sign, whole, decimals, scale = found.groups()
    places = decimals or ""
    unit = _SCALES[scale or ""]
    # whole numbers until the last step: 2.28 less 0.005 is then 2.275 and not a hair beside it
    digits = int(whole.replace(",", "") + places) * (-1 if sign else 1)
    low, high = ((10 * digits + half) * unit / 10 ** (len(places) + 1) for half in (-5, 5))
    return low, high


@result
@dataclass(frozen=True, slots=True)
class ImpliedCost:
    """The cost that printed ratios and net benefits leave room for.

    Parameters
    ----------
    ratios, nets : tuple of str
        As printed: benefit for each pound, and benefit after the cost.
    low, high : float
        The cost, GBP; ``high`` is infinite where the figures set no upper limit.
    each : tuple of (float, float)
        What each pair alone leaves.
    """

    ratios: tuple[str, ...]
    nets: tuple[str, ...]
    low: float
    high: float
    each: tuple[Interval, ...]

    @property
    def words(self) -> str:
        """The cost in words, to a tenth of a million."""
        return _amounts((self.low, self.high))

    @property
    def gross(self) -> tuple[Interval, ...]:
        """Benefit before the cost, lowest and highest, of each pair."""
        nets = [printed_interval(net) for net in self.nets]
        return tuple((self.low + low, self.high + high) for low, high in nets)

    @property
    def break_even_shares(self) -> tuple[float, ...]:
        """Share of each benefit as printed that must be real for it to repay the cost."""
        return tuple(float(break_even_share(_middle(ratio))) for ratio in self.ratios)


def implied_cost(ratios: Sequence[str], nets: Sequence[str]) -> ImpliedCost:
    """Return the cost that all pairs of a printed ratio and a printed net benefit allow.

    Parameters
    ----------
    ratios : sequence of str
        Benefit for each pound of cost, as printed: ``"2.28"``.
    nets : sequence of str
        Benefit after the same cost, as printed: ``"£366m"``. One for each ratio.

    Returns
    -------
    ImpliedCost

    Raises
    ------
    ValueError
        If the numbers of both differ, a figure cannot be read, or no cost fits them all: then the printed
        figures disagree, and the message says what each pair leaves.

    Notes
    -----
    A cost C fits a pair where some ratio r and net n within half a unit of the last printed digit give
    C (r - 1) = n: C (r_low - 1) <= n_high and C (r_high - 1) >= n_low. Both are straight lines in C, so that
    a ratio that may be one is no special case.

    Examples
    --------
    The Troubled Families evaluation of 2019, economic and fiscal:

    >>> found = implied_cost(["2.28", "1.51"], ["£366m", "£147m"])
    >>> round(found.low / 1e6, 1), round(found.high / 1e6, 1)
    (284.5, 287.5)
    >>> [round(100 * share, 1) for share in found.break_even_shares]
    [43.9, 66.2]
    """
    if len(ratios) != len(nets) or not ratios:
        raise ValueError(
            f"there are {len(ratios)} ratios and {len(nets)} net benefits; give one of each, in one order"
        )
    each = tuple(_costs_of_a_pair(r, n) for r, n in zip(ratios, nets, strict=True))
    low, high = max(c[0] for c in each), min(c[1] for c in each)
    if low > high:
        left = "; ".join(
            f"{r} and {n} leave {_amounts(c)}" for r, n, c in zip(ratios, nets, each, strict=True)
        )
        raise ValueError(
            f"the printed figures disagree: no cost fits them all ({left}). Check that they share one cost, "
            "horizon and group of families, and that each is copied with the digits it was printed with"
        )
    return ImpliedCost(tuple(ratios), tuple(nets), low, high, each)


def _costs_of_a_pair(ratio: str, net: str) -> Interval:
    """Return the costs above nil that fit one pair; the lowest is above the highest where none does."""
    (r_low, r_high), (n_low, n_high) = printed_interval(ratio), printed_interval(net)
    low, high = 0.0, math.inf
    # slope * cost <= limit, twice
    for slope, limit in ((r_low - 1, n_high), (1 - r_high, -n_low)):
        if slope > 0:
            high = min(high, limit / slope)
        elif slope < 0:
            low = max(low, limit / slope)
        elif limit < 0:
            low, high = math.inf, -math.inf
    return low, high


def _amounts(interval: Interval) -> str:
    low, high = interval
    if low > high:
        return "no cost at all"
    return f"{_short(low)} or more" if math.isinf(high) else f"{_short(low)} to {_short(high)}"


def _short(amount: float) -> str:
    return f"£{amount / 1e6:,.1f}m" if amount >= 1e6 else f"£{amount:,.0f}"


def _middle(figure: str) -> float:
    low, high = printed_interval(figure)
    return (low + high) / 2


def break_even_share(ratio: npt.ArrayLike) -> FloatArray:
    """Return what share of a claimed benefit must be real for it to repay its cost.

    Parameters
    ----------
    ratio : array_like
        Claimed benefit for each pound of cost, above 0.

    Returns
    -------
    ndarray
        1 / ratio; above 1 where even the whole claim does not repay. A scalar for a scalar.

    Raises
    ------
    ValueError
        If a ratio is not above 0, or not finite.

    Examples
    --------
    >>> [round(100 * float(share), 1) for share in break_even_share([1.51, 2.28])]
    [66.2, 43.9]
    """
    ratios = _amounts_of("ratio", ratio)
    if not (ratios > 0).all():
        raise ValueError("a ratio is not above 0; give the benefit for each pound of cost, such as 1.51")
    return np.asarray(1 / ratios)[()]

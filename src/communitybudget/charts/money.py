"""Amounts of money as short text, and the axis that shows them."""

import math
from collections.abc import Sequence
from itertools import pairwise

from matplotlib.axis import Axis
from matplotlib.ticker import Formatter, MaxNLocator

_SCALES = ((1e9, "bn"), (1e6, "m"), (1e3, "k"), (1.0, ""))
_POUNDS_BELOW = 9_999.5


def money(value: float) -> str:
    """Return an amount of GBP as short text.

    Full pounds below 10,000, then thousands (``k``), millions (``m``) and
    thousand millions (``bn``); from a million on, three figures are kept.

    Parameters
    ----------
    value : float
        GBP. A value that is not a number gives ``n/a``.

    Returns
    -------
    str

    Examples
    --------
    >>> money(1478.2), money(64_049), money(1_419_000)
    ('£1,478', '£64k', '£1.42m')
    >>> money(-12_300)
    '−£12k'
    """
    if not math.isfinite(value):
        return "n/a"
    size = abs(value)
    if size < _POUNDS_BELOW:
        return _text(value, 1.0, "", 0)
    if size < 999_500:
        return _text(value, 1e3, "k", 0)
    scale, suffix = (1e6, "m") if size < 999_500_000 else (1e9, "bn")
    scaled = size / scale
    decimals = 2 if scaled < 9.995 else 1 if scaled < 99.95 else 0
    return _text(value, scale, suffix, decimals)


def _text(value: float, scale: float, suffix: str, decimals: int) -> str:
    number = f"{abs(value) / scale:,.{decimals}f}"
    if not number.strip("0.,"):
        return "£0"
    return f"{'−' if value < 0 else ''}£{number}{suffix}"


class MoneyFormatter(Formatter):
    """Tick labels in GBP: one unit for the whole axis, and decimals enough to tell ticks apart.

    Examples
    --------
    >>> MoneyFormatter().format_ticks([-500_000, 0, 500_000, 1_000_000])
    ['−£0.5m', '£0', '£0.5m', '£1.0m']
    """

    def __call__(self, x: float, pos: int | None = None) -> str:
        """Return the label of a single amount, as `money` writes it."""
        return money(x)

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """Return the labels of all ticks together."""
        ticks = [float(value) for value in values]
        if len(ticks) < 2:
            return [money(value) for value in ticks]
        largest = max(abs(value) for value in ticks)
        if largest < _POUNDS_BELOW:
            scale, suffix = 1.0, ""
        else:
            scale, suffix = next(pair for pair in _SCALES if largest >= pair[0] * (1 - 1e-9))
        step = min(abs(b - a) for a, b in pairwise(ticks)) / scale
        decimals = next((d for d in range(6) if math.isclose(step, round(step, d), rel_tol=1e-6)), 6)
        return [_text(value, scale, suffix, decimals) for value in ticks]


def money_axis(axis: Axis, *, ticks: int = 6) -> None:
    """Label an axis in GBP with about ``ticks`` round amounts.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = Figure().add_subplot()
    >>> money_axis(ax.xaxis)
    >>> ax.xaxis.get_major_formatter()(2_500)
    '£2,500'
    """
    axis.set_major_locator(MaxNLocator(nbins=ticks, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(MoneyFormatter())

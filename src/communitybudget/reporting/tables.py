"""Tables that cast: cells rounded once, totals the sum of the rounded cells."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class CastTable:
    """A table of whole pounds whose totals are the sums of what is shown.

    Parameters
    ----------
    columns : tuple of str
        Headings.
    rows : tuple of (str, tuple of int)
        Name and rounded cells.
    total : tuple of int
        Sum of the rounded cells by column.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int, ...]], ...]
    total: tuple[int, ...]


def cast_table(
    columns: Sequence[str], rows: Sequence[tuple[str, Sequence[float]]], unit: int = 1
) -> CastTable:
    """Round each cell once and add up the rounded cells.

    Parameters
    ----------
    columns : sequence of str
        Headings.
    rows : sequence of (str, sequence of float)
        Name and amounts.
    unit : int
        Round to multiples of this.

    Examples
    --------
    >>> cast_table(["a"], [("x", [1.4]), ("y", [1.4])]).total
    (2,)
    """
    rounded = tuple((name, tuple(round_to(cell, unit) for cell in cells)) for name, cells in rows)
    total = tuple(sum(cells[i] for _, cells in rounded) for i in range(len(columns)))
    return CastTable(tuple(columns), rounded, total)


def round_to(value: float, unit: int = 1) -> int:
    """Round half to even to a multiple of ``unit``."""
    return int(np.round(value / unit)) * unit


def pounds(value: float | None) -> str:
    """Return whole pounds with a proper minus sign; a dash where there is no figure.

    Examples
    --------
    >>> pounds(-1478.4), pounds(float("nan"))
    ('−£1,478', '–')
    """
    if value is None or np.isnan(value):
        return "–"
    whole = round_to(value)
    return f"−£{-whole:,}" if whole < 0 else f"£{whole:,}"


def supported(value: float, error: float) -> str:
    """Return pounds with no more digits than the Monte Carlo error supports.

    Examples
    --------
    >>> supported(113_793.0, 1_450.0)
    '£114,000'
    """
    if not np.isfinite(error) or error <= 0:
        return pounds(value)
    unit = 10 ** max(0, int(np.floor(np.log10(error))))
    return pounds(round_to(value, unit))


def percent(value: float | None, places: int = 0) -> str:
    """Return a share as a percentage; a dash where there is none."""
    if value is None or np.isnan(value):
        return "–"
    return f"{value:.{places}%}"

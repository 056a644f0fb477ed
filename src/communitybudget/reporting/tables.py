"""Tables that cast: cells rounded once, totals the sum of the rounded cells."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from communitybudget._core.digits import pounds, round_to, supported

__all__ = ["CastTable", "cast_table", "percent", "pounds", "round_to", "supported"]


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


def percent(value: float | None, places: int = 0) -> str:
    """Return a share as a percentage; a dash where there is none."""
    if value is None or np.isnan(value):
        return "–"
    return f"{value:.{places}%}"

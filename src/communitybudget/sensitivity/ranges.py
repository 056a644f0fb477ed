"""Many settings of the inputs at once: the table of ranges, and the function that is asked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from communitybudget._core.results import result
from communitybudget.sensitivity.draws import FloatArray, as_draws

if TYPE_CHECKING:
    import pandas as pd

Function = Callable[[FloatArray], npt.ArrayLike]
"""Settings of all inputs, shape (row, input), to outcomes, shape (row,) or (row, draw)."""


@result
@dataclass(frozen=True, eq=False, slots=True)
class Ranges:
    """A low, a base and a high value of each input, K of them.

    Parameters
    ----------
    keys, labels, marks : tuple of str
        Of each input.
    low, base, high : ndarray, shape (K,)
        In the input's own unit.
    """

    keys: tuple[str, ...]
    labels: tuple[str, ...]
    marks: tuple[str, ...]
    low: FloatArray
    base: FloatArray
    high: FloatArray

    def __len__(self) -> int:
        return len(self.keys)

    def in_order(self, order: Sequence[int]) -> "Ranges":
        """Return the inputs in another order."""
        return Ranges(
            tuple(self.keys[i] for i in order),
            tuple(self.labels[i] for i in order),
            tuple(self.marks[i] for i in order),
            self.low[order],
            self.base[order],
            self.high[order],
        )


def as_ranges(table: "pd.DataFrame") -> Ranges:
    """Return the ranges of a table, checked.

    Parameters
    ----------
    table : pandas.DataFrame
        A row per input: ``key``, ``low``, ``base``, ``high``, and ``label`` and ``mark`` if they are known.

    Returns
    -------
    Ranges

    Raises
    ------
    ValueError
        If columns or rows are missing, two inputs have one key, or a value is not finite.

    Examples
    --------
    >>> import pandas as pd
    >>> as_ranges(pd.DataFrame({"key": ["a"], "low": [1], "base": [2], "high": [4]})).labels
    ('a',)
    """
    needed = ("key", "low", "base", "high")
    missing = [name for name in needed if name not in table.columns]
    if missing:
        raise ValueError(f"the table of inputs lacks {', '.join(missing)}; give {', '.join(needed)}")
    keys = tuple(str(key) for key in table["key"])
    if not keys:
        raise ValueError("the table of inputs has no rows; give one row per input")
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise ValueError(f"several inputs are called {', '.join(twice)}; give each its own key")
    try:
        values = table[["low", "base", "high"]].to_numpy(dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"low, base and high must be numbers: {error}") from error
    bad = [key for key, fine in zip(keys, np.isfinite(values).all(axis=1), strict=True) if not fine]
    if bad:
        raise ValueError(f"low, base or high is not finite for {', '.join(bad)}; fill or drop these rows")
    labels = tuple(str(text) for text in table["label"]) if "label" in table.columns else keys
    marks = tuple(str(text) for text in table["mark"]) if "mark" in table.columns else ("",) * len(keys)
    low, base, high = (np.ascontiguousarray(column) for column in values.T)
    return Ranges(keys, labels, marks, low, base, high)


def outcomes_of(function: Function, rows: FloatArray) -> FloatArray:
    """Return the outcome of each setting in each draw.

    Parameters
    ----------
    function : callable
        Takes all rows at once.
    rows : ndarray, shape (row, input)
        One setting of all inputs each.

    Returns
    -------
    ndarray, shape (row, draw)
        With one draw where the function gives one outcome a row.

    Raises
    ------
    ValueError
        If the function gives another shape, or a value that is not finite.

    Examples
    --------
    >>> outcomes_of(lambda rows: rows.sum(axis=1), np.array([[1.0, 2.0], [3.0, 4.0]]))
    array([[3.],
           [7.]])
    """
    found = np.asarray(function(rows), dtype=np.float64)
    if found.ndim == 1:
        found = found[:, np.newaxis]
    if found.ndim != 2 or found.shape[0] != len(rows) or found.shape[1] == 0:
        raise ValueError(
            f"the function gave an outcome of shape {found.shape} for {len(rows)} settings; "
            "give one outcome per setting, or one row of draws"
        )
    if not np.isfinite(found).all():
        row = int(np.argwhere(~np.isfinite(found))[0][0])
        raise ValueError(
            f"the outcome is not finite at setting {row}: {rows[row].tolist()}; narrow the ranges"
        )
    return found


def ascending(values: npt.ArrayLike, what: str) -> FloatArray:
    """Return the points of a grid, checked: at least two, each above the one before.

    Examples
    --------
    >>> ascending([-0.1, 0, 0.1], "the changes")
    array([-0.1,  0. ,  0.1])
    """
    points = as_draws(values, what, least=2)
    if points.ndim != 1 or not (np.diff(points) > 0).all():
        raise ValueError(f"{what} do not ascend; give each once, the lowest first")
    return points

"""Checks on a frame before anything is drawn."""

from collections.abc import Sequence

import numpy as np
import pandas as pd


def checked(
    frame: pd.DataFrame, chart: str, *, text: Sequence[str] = (), numbers: Sequence[str] = ()
) -> pd.DataFrame:
    """Return the columns that a chart needs, text as text and numbers as floats.

    Parameters
    ----------
    frame : DataFrame
        What the caller gave; it is not changed.
    chart : str
        Name of the chart, for messages.
    text, numbers : sequence of str
        Columns that must be there.

    Returns
    -------
    DataFrame
        New frame, numbered from 0, in the order of the rows given.

    Raises
    ------
    ValueError
        If columns are missing, there are no rows, or a number is missing or infinite.

    Examples
    --------
    >>> checked(pd.DataFrame({"npv": [1, 2]}), "plot_npv_distribution", numbers=["npv"])
       npv
    0  1.0
    1  2.0
    """
    wanted = [*text, *numbers]
    missing = [name for name in wanted if name not in frame.columns]
    if missing:
        raise ValueError(
            f"{chart}: the frame lacks {_listed(missing)}; it needs the columns {', '.join(wanted)}"
        )
    if frame.empty:
        raise ValueError(f"{chart}: the frame has no rows; there is nothing to draw")
    result = pd.DataFrame(index=pd.RangeIndex(len(frame)))
    faults = []
    for name in text:
        result[name] = frame[name].astype(str).to_numpy()
    for name in numbers:
        values = pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        bad = np.flatnonzero(~np.isfinite(values))
        if bad.size:
            faults.append(f"'{name}' is not a finite number in {bad.size} row(s), first in row {bad[0]}")
        result[name] = values
    if faults:
        raise ValueError(f"{chart}: {'; '.join(faults)} (rows counted from 0); fill or drop these rows")
    return result


def unique(frame: pd.DataFrame, column: str, chart: str) -> None:
    """Refuse a frame in which a value of ``column`` comes more than once.

    Examples
    --------
    >>> unique(pd.DataFrame({"agency": ["NHS", "Police"]}), "agency", "plot_agency_balance")
    """
    twice = frame.loc[frame[column].duplicated(), column].unique().tolist()
    if twice:
        raise ValueError(f"{chart}: one row for each '{column}', but {_listed(twice)} comes more than once")


def ordered(frame: pd.DataFrame, columns: Sequence[str], chart: str) -> None:
    """Refuse percentiles that fall where they should rise.

    Examples
    --------
    >>> ordered(pd.DataFrame({"p10": [1.0], "p90": [2.0]}), ["p10", "p90"], "plot_activity_avoided")
    """
    values = frame[list(columns)].to_numpy(dtype=float)
    slack = 1e-9 * (1 + np.abs(values).max())
    rows = np.flatnonzero((np.diff(values, axis=1) < -slack).any(axis=1))
    if rows.size:
        raise ValueError(
            f"{chart}: {', '.join(columns)} must not fall from left to right, "
            f"but they do in row {rows[0]} (counted from 0)"
        )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)

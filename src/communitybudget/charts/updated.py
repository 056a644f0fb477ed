"""What was assumed and what is known now, one above the other."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import StrMethodFormatter

from communitybudget.charts.frames import checked
from communitybudget.charts.layout import (
    BESIDE_LABELS,
    below_axes,
    canvas,
    rows_height_cm,
    set_rows,
    set_titles,
    wrap_label,
)
from communitybudget.charts.money import money_axis
from communitybudget.charts.style import BLACK, BLUE, DARK, GREY, LOSS

_LOOKS = {"prior": ("Before", GREY, -0.18), "updated": ("After what was seen", BLUE, 0.18)}


def plot_updated(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    *,
    unit: str,
    interval: str = "95%",
    title: str | None = None,
) -> Axes:
    """Show figures before and after updating with their intervals, and what was seen.

    Parameters
    ----------
    frame : DataFrame
        ``state`` (``prior``, ``seen`` or ``updated``), ``mean``, ``low``, ``high`` (may be missing for
        ``seen``); ``figure``, if there, names the row; all are one row otherwise.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; new axes in the house style if not given.
    unit : str
        Of the figures, such as ``GBP, 2025-26 prices, per family``.
    interval : str
        What the intervals hold.
    title : str, optional
        In place of "Before and after what was seen".

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If columns or rows are missing, or a mean is not finite.

    Examples
    --------
    >>> rows = [("prior", 0.3, 0.1, 0.5), ("seen", 0.11, None, None), ("updated", 0.21, 0.1, 0.33)]
    >>> frame = pd.DataFrame(rows, columns=["state", "mean", "low", "high"])
    >>> plot_updated(frame, unit="share of families").get_xlabel()
    'share of families'
    """
    named = "figure" in frame.columns
    text = ["state", "figure"] if named else ["state"]
    rows = checked(frame, "plot_updated", text=text, numbers=["mean"])
    absent = [name for name in ("low", "high") if name not in frame.columns]
    if absent:
        raise ValueError(f"plot_updated: the frame lacks {' and '.join(absent)}")
    figures = list(dict.fromkeys(rows["figure"])) if named else [""]
    labels = [wrap_label(figure, 34) for figure in figures]
    place = np.array([figures.index(name) for name in rows["figure"]] if named else [0] * len(rows))
    low, high = (frame[name].to_numpy(dtype=float) for name in ("low", "high"))
    with canvas(ax, height_cm=rows_height_cm(labels, least=1.2)) as axes:
        handles = []
        for state, (label, colour, apart) in _LOOKS.items():
            own = (rows["state"] == state).to_numpy()
            axes.hlines(place[own] + apart, low[own], high[own], color=colour, linewidth=4.0)
            axes.plot(
                rows["mean"][own],
                place[own] + apart,
                linestyle="none",
                marker="|",
                color=BLACK,
                markersize=10,
            )
            handles.append(Line2D([], [], color=colour, linewidth=4.0, label=label))
        seen = (rows["state"] == "seen").to_numpy()
        if seen.any():
            marks = axes.plot(
                rows["mean"][seen], place[seen], linestyle="none", marker="D", color=LOSS, label="Seen"
            )
            handles += marks
        set_rows(axes, labels)
        if unit.startswith("GBP"):
            axes.axvline(0, color=DARK, linewidth=0.8)
            money_axis(axes.xaxis)
        else:
            axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.10g}"))
        axes.set_xlabel(unit)
        set_titles(
            axes,
            title or "Before and after what was seen",
            f"Intervals hold {interval}; the stroke is the mean.",
            points=BESIDE_LABELS,
        )
        below_axes(axes, handles, columns=3)
    return axes

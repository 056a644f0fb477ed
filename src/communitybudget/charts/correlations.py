"""Which uncertain numbers go together, and how much."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

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
from communitybudget.charts.style import BLACK, BLUE, DARK


def plot_correlation(frame: pd.DataFrame, ax: Axes | None = None, *, title: str | None = None) -> Axes:
    """Show rank correlations by pair: as asked for, and as used.

    Parameters
    ----------
    frame : DataFrame
        One row a pair, the first on top: ``first``, ``second`` (in words), ``rank_asked``, ``rank_used``.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; new axes in the house style if not given.
    title : str, optional
        In place of the usual one.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If columns or rows are missing, or a number is not finite.

    Examples
    --------
    >>> row = {"first": "cost", "second": "reach", "rank_asked": 0.6, "rank_used": 0.6}
    >>> plot_correlation(pd.DataFrame([row])).get_xlabel()
    'Rank correlation'
    """
    rows = checked(frame, "plot_correlation", text=["first", "second"], numbers=["rank_asked", "rank_used"])
    labels = [
        wrap_label(f"{first} and {second}", 40)
        for first, second in zip(rows["first"], rows["second"], strict=True)
    ]
    place = np.arange(len(rows))
    with canvas(ax, height_cm=rows_height_cm(labels, least=1.0)) as axes:
        axes.axvline(0, color=BLACK, linewidth=0.8)
        axes.hlines(place, rows["rank_asked"], rows["rank_used"], color=DARK, linewidth=1.0)
        axes.plot(rows["rank_used"], place, linestyle="none", marker="o", color=BLUE)
        axes.plot(rows["rank_asked"], place, linestyle="none", marker="o", markerfacecolor="none", color=DARK)
        set_rows(axes, labels)
        axes.set_xlim(-1.05, 1.05)
        axes.set_xlabel("Rank correlation")
        set_titles(axes, title or "What goes together", "As asked for and as used.", points=BESIDE_LABELS)
        handles = [
            Line2D([], [], linestyle="none", marker="o", color=BLUE, label="Used"),
            Line2D(
                [], [], linestyle="none", marker="o", color=DARK, markerfacecolor="none", label="Asked for"
            ),
        ]
        below_axes(axes, handles, columns=2)
    return axes

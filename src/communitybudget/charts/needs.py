"""How common each need is among families, beside the prevalence of a parameter set."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from communitybudget.charts.frames import checked, unique
from communitybudget.charts.layout import (
    BESIDE_LABELS,
    below_axes,
    beside_rows,
    canvas,
    rows_height_cm,
    set_rows,
    set_titles,
    wrap_label,
)
from communitybudget.charts.style import BLACK, BLUE


def plot_needs(
    frame: pd.DataFrame, ax: Axes | None = None, *, title: str | None = None, note: str = ""
) -> Axes:
    """Show the share of families with each need, the prevalence of a parameter set marked on it.

    Parameters
    ----------
    frame : DataFrame
        One row per need, drawn in the order given: ``label``; ``share`` and ``prevalence``, both
        between 0 and 1.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; new axes in the house style if not given.
    title : str, optional
        Title in place of "Needs of families".
    note : str, optional
        A sentence under the chart.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If columns or rows are missing, a need comes twice, or a share lies outside 0 to 1.

    Examples
    --------
    >>> frame = pd.DataFrame({"label": ["Secure housing"], "share": [0.25], "prevalence": [0.22]})
    >>> ax = plot_needs(frame)
    >>> [text.get_text() for text in ax.texts if text.get_gid() == "row"]
    ['25% (22%)']
    """
    chart = "plot_needs"
    rows = checked(frame, chart, text=["label"], numbers=["share", "prevalence"])
    unique(rows, "label", chart)
    shares = rows[["share", "prevalence"]].to_numpy(dtype=float)
    if ((shares < 0) | (shares > 1)).any():
        raise ValueError(f"{chart}: a share lies outside 0 to 1; write 46% as 0.46")
    labels = [wrap_label(label, 28) for label in rows["label"]]
    place = np.arange(len(rows))
    with canvas(ax, height_cm=rows_height_cm(labels, least=0.75)) as axes:
        axes.barh(place, shares[:, 0] * 100, height=0.55, color=BLUE, edgecolor="white", linewidth=0.4)
        axes.plot(
            shares[:, 1] * 100,
            place,
            linestyle="none",
            marker="D",
            markersize=5,
            markerfacecolor="white",
            markeredgecolor=BLACK,
        )
        set_rows(axes, labels)
        axes.set_xlim(0, 100)
        axes.xaxis.set_major_formatter(PercentFormatter(100))
        axes.set_xlabel("Share of families on joining")
        beside_rows(axes, [f"{share:.0%} ({prevalence:.0%})" for share, prevalence in shares])
        set_titles(
            axes,
            title or "Needs of families",
            "Right: share, and prevalence in the parameter set.",
            points=BESIDE_LABELS,
        )
        marker = Line2D(
            [], [], linestyle="none", marker="D", markersize=5, markerfacecolor="white", markeredgecolor=BLACK
        )
        marker.set_label("Parameter set")
        below_axes(
            axes,
            [Patch(color=BLUE, label="These families"), marker],
            columns=2,
            notes=[note] if note else [],
            characters=60,
        )
    return axes

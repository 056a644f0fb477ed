"""How far a model is from published figures."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import PercentFormatter

from communitybudget.charts.frames import checked
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
from communitybudget.charts.style import BLUE, DARK, LOSS


def plot_checks(frame: pd.DataFrame, ax: Axes | None = None, *, title: str | None = None) -> Axes:
    """Show the gap between model and published figure, one row a figure.

    Parameters
    ----------
    frame : DataFrame
        One row per figure, drawn in the order given: ``figure`` (in words), ``values`` (published and
        model, as printed beside the row), ``gap`` (model over published, less one) and ``fitted`` (1
        where the model was tied to the figure, else 0).
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; new axes in the house style if not given.
    title : str, optional
        Title in place of "Model against published figures".

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If columns or rows are missing.

    Examples
    --------
    >>> frame = pd.DataFrame(
    ...     {"figure": ["Left within a year"], "values": ["92%; 77%"], "gap": [-0.17], "fitted": [0]}
    ... )
    >>> ax = plot_checks(frame)
    >>> [text.get_text() for text in ax.texts if text.get_gid() == "row"]
    ['92%; 77%']
    """
    rows = checked(frame, "plot_checks", text=["figure", "values"], numbers=["gap", "fitted"])
    labels = [wrap_label(label, 40) for label in rows["figure"]]
    place = np.arange(len(rows))
    gaps = rows["gap"].to_numpy() * 100
    fitted = rows["fitted"].to_numpy() > 0
    reach = max(5.0, float(np.abs(gaps).max()) * 1.15)
    with canvas(ax, height_cm=rows_height_cm(labels, least=0.6)) as axes:
        axes.axvline(0, color=DARK, linewidth=0.8)
        axes.hlines(place, 0, gaps, color=np.where(fitted, BLUE, LOSS), linewidth=1.4)
        for chosen, colour, marker in ((fitted, BLUE, "o"), (~fitted, LOSS, "D")):
            axes.plot(
                gaps[chosen], place[chosen], linestyle="none", marker=marker, color=colour, markersize=5
            )
        set_rows(axes, labels)
        axes.set_xlim(-reach, reach)
        axes.xaxis.set_major_formatter(PercentFormatter(100, decimals=0))
        axes.set_xlabel("Model over published figure")
        beside_rows(axes, rows["values"].tolist())
        set_titles(
            axes,
            title or "Model against published figures",
            "Right: published figure; model.",
            points=BESIDE_LABELS,
        )
        handles = [
            Line2D([], [], linestyle="none", marker=marker, color=colour, markersize=5, label=label)
            for marker, colour, label in (
                ("o", BLUE, "Rates were tied to it"),
                ("D", LOSS, "Not used for the rates"),
            )
        ]
        below_axes(axes, handles, columns=2)
    return axes

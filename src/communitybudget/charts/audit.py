"""How many figures of a parameter set want a second look, and why."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from communitybudget.charts.layout import (
    BESIDE_LABELS,
    canvas,
    rows_height_cm,
    set_rows,
    set_titles,
    wrap_label,
)
from communitybudget.charts.style import BLUE, SMALL


def plot_audit(counts: Mapping[str, int], labels: Mapping[str, str], ax: Axes | None = None) -> Axes:
    """Show the number of findings of an audit by group.

    Parameters
    ----------
    counts : mapping of str to int
        By group; a group without findings may be left out.
    labels : mapping of str to str
        What each group lists, in the order to show.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; new axes in the house style if not given.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> ax = plot_audit({"stale": 12}, {"stale": "Old prices", "orphans": "Left over"})
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['Old prices', 'Left over']
    """
    names = list(labels)
    values = np.array([counts.get(name, 0) for name in names], dtype=float)
    shown = [wrap_label(labels[name], 34) for name in names]
    with canvas(ax, height_cm=rows_height_cm(shown, least=0.9)) as axes:
        axes.barh(np.arange(len(names)), values, height=0.6, color=BLUE, edgecolor="white", linewidth=0.4)
        for row, value in enumerate(values):
            axes.annotate(
                f"{value:,.0f}",
                xy=(value, row),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                fontsize=SMALL,
            )
        axes.set_xlim(0, max(1.0, float(values.max())) * 1.15)
        set_rows(axes, shown)
        axes.set_xlabel("Rows of the set")
        set_titles(axes, "Where the set is thin", "A row may stand in several groups.", points=BESIDE_LABELS)
    return axes

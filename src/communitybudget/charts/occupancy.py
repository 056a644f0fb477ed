"""People in each state over time."""

import pandas as pd
from matplotlib.axes import Axes

from communitybudget.charts.frames import checked
from communitybudget.charts.layout import FULL_WIDTH, below_axes, canvas, set_titles
from communitybudget.charts.style import BLACK

_HATCHES = ("", "///", "...", "xxx")


def plot_occupancy(frame: pd.DataFrame, ax: Axes | None = None, *, title: str | None = None) -> Axes:
    """Show the people in each state over time, one band on top of the other.

    Parameters
    ----------
    frame : DataFrame
        One row a state and time: ``state``; ``time`` in years; ``people``, at least 0. States are drawn in
        the order given, the first at the bottom.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; new axes in the house style if not given.
    title : str, optional
        Title in place of "People in each state".

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If columns or rows are missing, or a number is not finite or negative.

    Examples
    --------
    >>> frame = pd.DataFrame({"time": [0, 1, 0, 1], "state": list("aabb"), "people": [1, 0.5, 0, 0.5]})
    >>> [text.get_text() for text in plot_occupancy(frame).get_legend().get_texts()]
    ['a', 'b']
    """
    chart = "plot_occupancy"
    rows = checked(frame, chart, text=["state"], numbers=["time", "people"])
    if (rows["people"] < -1e-9).any():
        raise ValueError(f"{chart}: a number of people is negative; give people from 0 on")
    table = rows.pivot_table(index="time", columns="state", values="people", sort=False).sort_index()
    with canvas(ax, height_cm=9.0 + 0.5 * (len(table.columns) // 4)) as axes:
        bands = axes.stackplot(
            table.index.to_numpy(dtype=float),
            *table.to_numpy(dtype=float).T,
            labels=list(table.columns),
            linewidth=0.4,
            edgecolor="white",
        )
        for number, band in enumerate(bands):
            band.set_hatch(_HATCHES[number // 9 % len(_HATCHES)])
        axes.margins(x=0, y=0)
        axes.axhline(0, color=BLACK, linewidth=0.8)
        axes.set_xlabel("Years since the start")
        axes.set_ylabel("People")
        set_titles(axes, title or "People in each state", "Means of the draws.", points=FULL_WIDTH)
        below_axes(axes, bands, columns=3)
    return axes

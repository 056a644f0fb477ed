"""Amounts with their ranges, one below the other, against a range that was published."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from communitybudget.charts.frames import checked, ordered
from communitybudget.charts.layout import (
    BESIDE_LABELS,
    below_axes,
    beside_rows,
    canvas,
    prices,
    rows_height_cm,
    set_rows,
    set_titles,
    wrap_label,
)
from communitybudget.charts.money import money, money_axis
from communitybudget.charts.style import BLUE, DARK, SAND

_LABEL_CHARACTERS = 26


def plot_amounts(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    *,
    price_base: str,
    title: str,
    subtitle: str,
    axis: str,
    band: tuple[float, float] | None = None,
    band_label: str = "",
) -> Axes:
    """Show amounts with their ranges from P10 to P90, and the published range as a band behind them.

    Parameters
    ----------
    frame : DataFrame
        One row per amount, in the order to show: ``label``; ``p10``, ``p50``, ``p90`` in GBP; and ``total``
        in GBP, printed at the right.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; new axes in the house style if not given.
    price_base : str
        Financial year of the prices, or ``not stated``.
    title, subtitle, axis : str
        What is shown, how to read it, and what lies along the axis.
    band : tuple of float, optional
        Lowest and highest of a published range, GBP.
    band_label : str
        Of the band, in the legend.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If columns or rows are missing, a number is not finite, or percentiles or the band do not ascend.

    Examples
    --------
    >>> frame = pd.DataFrame({"label": ["Nation"], "p10": [5e9], "p50": [9e9], "p90": [12e9], "total": [9e9]})
    >>> words = {"title": "Rolled up", "subtitle": "Median, P10 to P90.", "axis": "Net"}
    >>> plot_amounts(frame, price_base="not stated", band=(9.4e9, 20.6e9), **words).get_xlabel()
    'Net, GBP, price base not stated'
    """
    chart = "plot_amounts"
    rows = checked(frame, chart, text=["label"], numbers=["p10", "p50", "p90", "total"])
    ordered(rows, ["p10", "p50", "p90"], chart)
    if band is not None and not band[0] <= band[1]:
        raise ValueError(f"{chart}: the band goes from {band[0]:g} to {band[1]:g}; give the lower end first")
    labels = [wrap_label(label, _LABEL_CHARACTERS) for label in rows["label"]]
    with canvas(ax, height_cm=rows_height_cm(labels, least=0.7)) as axes:
        handles: list[Line2D | Patch] = []
        if band is not None:
            axes.axvspan(*band, color=SAND, alpha=0.5, linewidth=0)
            handles.append(Patch(color=SAND, alpha=0.5, label=band_label))
        places = list(range(len(rows)))
        axes.hlines(places, rows["p10"], rows["p90"], color=BLUE, linewidth=2.2)
        axes.plot(rows["p50"], places, "o", color=BLUE, markersize=5)
        axes.axvline(0, color=DARK, linewidth=0.8)
        handles.append(Line2D([], [], color=BLUE, marker="o", markersize=5, label="Median, P10 to P90"))
        set_rows(axes, labels)
        beside_rows(axes, [money(float(total)) for total in rows["total"]])
        money_axis(axes.xaxis, ticks=5)
        axes.set_xlabel(f"{axis}, {prices(price_base)}")
        set_titles(axes, title, subtitle, points=BESIDE_LABELS)
        below_axes(axes, handles, columns=1)
    return axes

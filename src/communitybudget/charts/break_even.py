"""The chance of breaking even, against a price or the size of an effect."""

import math

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter, StrMethodFormatter

from communitybudget.charts.frames import checked
from communitybudget.charts.layout import FULL_WIDTH, below_axes, canvas, set_titles
from communitybudget.charts.style import BLACK, BLUE, GREY


def plot_break_even_curve(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    *,
    value_label: str,
    base: float = float("nan"),
    title: str | None = None,
) -> Axes:
    """Show the probability that the net present value is not negative, over values of one input.

    Parameters
    ----------
    frame : DataFrame
        One row per value: ``value`` of the input; ``probability``; ``low`` and ``high``, the band of its
        Monte Carlo error.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; new axes in the house style if not given.
    value_label : str
        What the input is, and its unit.
    base : float, optional
        Its central value, marked with a line.
    title : str, optional
        Title in place of "Chance of breaking even".

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If columns or rows are missing, or a number is not finite.

    Examples
    --------
    >>> curve = pd.DataFrame({"value": [1.0, 2.0], "probability": [0.9, 0.2]})
    >>> curve = curve.assign(low=curve["probability"] - 0.05, high=curve["probability"] + 0.05)
    >>> plot_break_even_curve(curve, value_label="Price").get_xlabel()
    'Price'
    """
    rows = checked(frame, "plot_break_even_curve", numbers=["value", "probability", "low", "high"])
    rows = rows.sort_values("value", kind="stable")
    with canvas(ax, height_cm=8.5) as axes:
        axes.fill_between(rows["value"], rows["low"], rows["high"], color=BLUE, alpha=0.25, linewidth=0)
        axes.plot(rows["value"], rows["probability"], color=BLUE)
        axes.axhline(0.5, color=GREY, linewidth=0.8, linestyle="--")
        handles = [
            Line2D([], [], color=BLUE, label="Probability"),
            Patch(facecolor=BLUE, alpha=0.25, label="Monte Carlo error, 95%"),
        ]
        if math.isfinite(base):
            axes.axvline(base, color=BLACK, linewidth=1.0)
            handles.append(Line2D([], [], color=BLACK, linewidth=1.0, label="Central value"))
        axes.set_ylim(0, 1)
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.10g}"))
        axes.set_xlabel(value_label)
        subtitle = "Probability that the net present value is not negative; the dashed line is even odds."
        set_titles(axes, title or "Chance of breaking even", subtitle, points=FULL_WIDTH)
        below_axes(axes, handles, columns=3)
    return axes

"""Options in the plane of cost and benefit, with the frontier of those that are not dominated."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from communitybudget.charts.frames import checked, unique
from communitybudget.charts.layout import FULL_WIDTH, below_axes, canvas, prices, set_titles
from communitybudget.charts.money import money_axis
from communitybudget.charts.style import BLACK, BLUE, GREY, SMALL


def plot_frontier(
    frame: pd.DataFrame, ax: Axes | None = None, *, price_base: str, title: str | None = None
) -> Axes:
    """Show benefit against cost: a numbered dot for each option, and a line through the frontier.

    Parameters
    ----------
    frame : DataFrame
        One row an option: ``option`` (in words), ``cost`` and ``benefit`` (GBP, over business as usual),
        ``on_frontier`` (whether nothing dominates it).
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; new axes in the house style if not given.
    price_base : str
        Financial year of the prices.
    title : str, optional
        In place of "What each option costs and brings".

    Returns
    -------
    matplotlib.axes.Axes
        Options on the frontier are full dots on the line, the others hollow. Above the thin line through the
        origin an option brings more than it costs.

    Raises
    ------
    ValueError
        If columns or rows are missing, a number is not finite, or an option comes twice.

    Examples
    --------
    >>> frame = pd.DataFrame({"option": ["As now", "Support"], "cost": [0, 2e5], "benefit": [0, 3e5]})
    >>> ax = plot_frontier(frame.assign(on_frontier=True), price_base="2026-27")
    >>> [text.get_text() for text in ax.texts if text.get_gid() == "point"]
    ['1', '2']
    """
    chart = "plot_frontier"
    rows = checked(frame, chart, text=["option"], numbers=["cost", "benefit", "on_frontier"])
    unique(rows, "option", chart)
    on_frontier = rows["on_frontier"].to_numpy() > 0
    cost, benefit = rows["cost"].to_numpy(), rows["benefit"].to_numpy()
    line = np.flatnonzero(on_frontier)[np.argsort(cost[on_frontier], kind="stable")]
    with canvas(ax, height_cm=10.5 + 0.36 * len(rows)) as axes:
        axes.axhline(0, color=GREY, linewidth=0.8)
        axes.axvline(0, color=GREY, linewidth=0.8)
        axes.axline((0, 0), slope=1, color=GREY, linewidth=0.8, linestyle=":")
        axes.plot(cost[line], benefit[line], color=BLUE, marker="o", markersize=6, zorder=3)
        axes.plot(
            cost[~on_frontier],
            benefit[~on_frontier],
            linestyle="none",
            marker="o",
            markersize=6,
            markerfacecolor="none",
            color=BLACK,
            zorder=3,
        )
        for number, (x, y) in enumerate(zip(cost, benefit, strict=True), start=1):
            axes.annotate(
                str(number), (x, y), (5, -11), textcoords="offset points", fontsize=SMALL, gid="point"
            )
        axes.margins(0.08)
        money_axis(axes.xaxis)
        money_axis(axes.yaxis)
        axes.set_xlabel(f"Cost over business as usual, {prices(price_base)}")
        axes.set_ylabel("Benefit over business as usual")
        set_titles(
            axes,
            title or "What each option costs and brings",
            "Full dots: the frontier, which nothing dominates. Above the dotted line it pays back.",
            points=FULL_WIDTH,
        )
        below_axes(axes, notes=[f"{number} {name}" for number, name in enumerate(rows["option"], start=1)])
    return axes

"""The cashability ladder: what is left of costs avoided on each rung."""

import pandas as pd
from matplotlib.axes import Axes

from communitybudget.charts.frames import checked
from communitybudget.charts.layout import FULL_WIDTH, below_axes, canvas, prices, set_titles
from communitybudget.charts.money import money, money_axis
from communitybudget.charts.style import BLACK, BLUE


def plot_ladder(
    frame: pd.DataFrame, ax: Axes | None = None, *, price_base: str, title: str | None = None
) -> Axes:
    """Show what of the costs avoided is left on each rung, from all of it to what can be banked.

    Parameters
    ----------
    frame : DataFrame
        One row a rung, the first on top: ``rung``; ``mean``, ``p10``, ``p90``, real GBP over the
        horizon, undiscounted.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; new axes in the house style if not given.
    price_base : str
        Financial year of the prices.
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
    >>> import pandas as pd
    >>> frame = pd.DataFrame(
    ...     {"rung": ["All", "Bankable"], "mean": [9.0, 4.0], "p10": [5.0, 0.0], "p90": [13.0, 8.0]}
    ... )
    >>> len(plot_ladder(frame, price_base="2026-27").patches)
    2
    """
    rows = checked(frame, "plot_ladder", text=["rung"], numbers=["mean", "p10", "p90"])
    with canvas(ax, height_cm=2.8 + 1.15 * len(rows)) as axes:
        places = range(len(rows))
        axes.barh(places, rows["mean"], color=BLUE, height=0.62)
        for place, (mean, low, high) in enumerate(zip(rows["mean"], rows["p10"], rows["p90"], strict=True)):
            axes.plot([low, high], [place, place], color=BLACK, linewidth=1.2, label="P10 to P90")
            axes.annotate(
                money(mean),
                (max(mean, high, 0), place),
                xytext=(6, 0),
                textcoords="offset points",
                va="center",
            )
        axes.set_yticks(list(places), list(rows["rung"]))
        axes.invert_yaxis()
        axes.axvline(0, color=BLACK, linewidth=0.8)
        money_axis(axes.xaxis)
        axes.margins(x=0.16)
        axes.set_xlabel(prices(price_base))
        set_titles(
            axes,
            title or "From costs avoided to cash",
            "Sum over the years, undiscounted. Means.",
            points=FULL_WIDTH,
        )
        handles, _ = axes.get_legend_handles_labels()
        below_axes(axes, handles[:1], columns=1, characters=40)
    return axes

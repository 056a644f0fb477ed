"""A pilot's claim carried on, beside what it comes to on stated assumptions."""

import pandas as pd
from matplotlib.axes import Axes

from communitybudget.charts.frames import checked, ordered
from communitybudget.charts.layout import BESIDE_LABELS, below_axes, canvas, set_titles
from communitybudget.charts.money import money, money_axis
from communitybudget.charts.style import BLACK, BLUE, LOSS


def plot_claim(frame: pd.DataFrame, target: float, ax: Axes | None = None) -> Axes:
    """Show what is avoided by month: as claimed, and on stated assumptions with the range P10 to P90.

    Parameters
    ----------
    frame : DataFrame
        One row per month: ``month``; ``claimed``, ``p10``, ``p50``, ``p90``, cumulative GBP.
    target : float
        The sum that was projected, GBP.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; new axes in the house style if not given.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If columns or rows are missing, a number is not finite, or percentiles do not ascend.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame(
    ...     {"month": [0, 6], "claimed": [0, 5e6], "p10": [0, 1e6], "p50": [0, 2e6], "p90": [0, 3e6]}
    ... )
    >>> plot_claim(frame, 8e6).get_xlabel()
    'Months since joining'
    """
    rows = checked(frame, "plot_claim", text=[], numbers=["month", "claimed", "p10", "p50", "p90"])
    ordered(rows, ["p10", "p50", "p90"], "plot_claim")
    top = 1.25 * max(target, float(rows["p90"].max()))
    with canvas(ax, height_cm=8.5) as axes:
        month = rows["month"]
        axes.fill_between(month, rows["p10"], rows["p90"], color=BLUE, alpha=0.2, label="P10 to P90")
        axes.plot(month, rows["p50"], color=BLUE, linewidth=2.0, label="Median, on stated assumptions")
        axes.plot(
            month, rows["claimed"], color=LOSS, linestyle="--", linewidth=1.6, label="As claimed, unfading"
        )
        axes.axhline(target, color=BLACK, linewidth=1.0, linestyle=":", label=f"Projected: {money(target)}")
        axes.set_ylim(0, top)
        axes.set_xlim(float(month.min()), float(month.max()))
        money_axis(axes.yaxis)
        axes.set_xlabel("Months since joining")
        axes.set_ylabel("Avoided so far, GBP, no price base")
        set_titles(
            axes,
            "What the first families imply",
            "GROSS: no comparison group. Before the cost of delivery.",
            points=BESIDE_LABELS,
        )
        handles, _ = axes.get_legend_handles_labels()
        below_axes(axes, handles, columns=2, characters=60)
    return axes

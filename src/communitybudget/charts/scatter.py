"""Draws of an input against the net present value."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import StrMethodFormatter

from communitybudget.charts.frames import checked
from communitybudget.charts.layout import FULL_WIDTH, below_axes, canvas, prices, set_titles
from communitybudget.charts.money import money_axis
from communitybudget.charts.style import BLACK, BLUE

_MOST = 2_000


def plot_scatter(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    *,
    price_base: str,
    input_label: str,
    title: str | None = None,
    subtitle: str = "One dot for each draw.",
) -> Axes:
    """Show the draws of an input against the net present value: one dot for each draw.

    Parameters
    ----------
    frame : DataFrame
        One row per draw: ``input``, in its own unit, and ``outcome``, the net present value (real GBP).
        Of more than 2,000 draws the first 2,000 are shown, and a note says so.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; new axes in the house style if not given.
    price_base : str
        Financial year of the prices.
    input_label : str
        What the input is.
    title : str, optional
        Title in place of "An input and the net present value".
    subtitle : str, optional
        Line under the title, such as the rank correlation.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If columns or rows are missing, or a number is not finite.

    Examples
    --------
    >>> draws = pd.DataFrame({"input": [1.0, 2.0], "outcome": [5e4, -2e4]})
    >>> plot_scatter(draws, price_base="2026-27", input_label="Price a week").get_xlabel()
    'Price a week'
    """
    rows = checked(frame, "plot_scatter", numbers=["input", "outcome"])
    shown = rows.head(_MOST)
    with canvas(ax, height_cm=9.0) as axes:
        axes.axhline(0, color=BLACK, linewidth=0.8)
        axes.plot(
            shown["input"],
            shown["outcome"],
            linestyle="none",
            marker="o",
            markersize=3.0,
            markeredgewidth=0,
            color=BLUE,
            alpha=float(np.clip(200 / len(shown), 0.25, 0.8)),
            rasterized=True,
        )
        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.10g}"))
        axes.set_xlabel(input_label)
        money_axis(axes.yaxis)
        axes.set_ylabel(f"Net present value,\n{prices(price_base)}")
        set_titles(axes, title or "An input and the net present value", subtitle, points=FULL_WIDTH)
        notes = [f"The first {_MOST:,} of {len(rows):,} draws."] if len(rows) > _MOST else []
        below_axes(axes, notes=notes)
    return axes

"""Uncertainty of the rates, and chance beside it."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import StrMethodFormatter

from communitybudget.charts.frames import checked
from communitybudget.charts.layout import (
    BESIDE_LABELS,
    below_axes,
    canvas,
    rows_height_cm,
    set_rows,
    set_titles,
    wrap_label,
)
from communitybudget.charts.money import money_axis
from communitybudget.charts.style import BLACK, BLUE, DARK

_APART = 0.16


def plot_two_uncertainties(
    frame: pd.DataFrame, ax: Axes | None = None, *, unit: str, title: str | None = None
) -> Axes:
    """Show P10 to P90 of totals twice: from rates alone, and with chance.

    Parameters
    ----------
    frame : DataFrame
        One row a total, the first on top: ``total`` (in words), ``mean``, ``p10_rates``, ``p90_rates``,
        ``p10_with_chance``, ``p90_with_chance``.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; new axes in the house style if not given.
    unit : str
        Of the totals, such as ``GBP, 2025-26 prices`` or ``entries``.
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
    >>> row = {"total": "bau", "mean": 5.0, "p10_rates": 4.0, "p90_rates": 6.0}
    >>> row |= {"p10_with_chance": 2.0, "p90_with_chance": 9.0}
    >>> plot_two_uncertainties(pd.DataFrame([row]), unit="entries").get_xlabel()
    'entries'
    """
    levels = (("rates", "From rates alone", BLUE), ("with_chance", "With chance", DARK))
    ends = [f"p{p}_{level}" for level, _, _ in levels for p in (10, 90)]
    rows = checked(frame, "plot_two_uncertainties", text=["total"], numbers=["mean", *ends])
    labels = [wrap_label(label, 40) for label in rows["total"]]
    place = np.arange(len(rows))
    with canvas(ax, height_cm=rows_height_cm(labels, least=1.0)) as axes:
        axes.axvline(0, color=BLACK, linewidth=0.8)
        for (level, _, colour), apart in zip(levels, (-_APART, _APART), strict=True):
            axes.hlines(
                place + apart, rows[f"p10_{level}"], rows[f"p90_{level}"], color=colour, linewidth=4.0
            )
            axes.plot(rows["mean"], place + apart, linestyle="none", marker="|", color=BLACK, markersize=9)
        set_rows(axes, labels)
        if unit.startswith("GBP"):
            money_axis(axes.xaxis)
        else:
            axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.10g}"))
        axes.set_xlabel(unit)
        set_titles(axes, title or "Two uncertainties", "P10 to P90, and the mean.", points=BESIDE_LABELS)
        handles = [Line2D([], [], color=colour, linewidth=4.0, label=label) for _, label, colour in levels]
        below_axes(axes, handles, columns=2)
    return axes

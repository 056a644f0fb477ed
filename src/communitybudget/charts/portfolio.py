"""Programmes that compete for a budget: what each costs and brings, those bought in colour."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from communitybudget.charts.frames import checked, unique
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
from communitybudget.charts.style import BLACK, GAIN, LOSS

_LEFT_OUT = 0.3
_HALF = 0.36


def plot_portfolio(
    frame: pd.DataFrame, ax: Axes | None = None, *, price_base: str, title: str | None = None
) -> Axes:
    """Show what each programme costs and brings, those bought in full colour, the difference at the right.

    Parameters
    ----------
    frame : DataFrame
        One row a programme, the first on top: ``programme`` (in words), ``bought``, ``cost`` and ``gain``
        (GBP): of one that is bought as the portfolio has it, of the others if bought alone.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; new axes in the house style if not given.
    price_base : str
        Financial year of the prices.
    title : str, optional
        In place of "What to buy".

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If columns or rows are missing, a number is not finite, or a programme comes twice.

    Examples
    --------
    >>> frame = pd.DataFrame({"programme": ["Hub", "Mentors"], "bought": [True, False]})
    >>> ax = plot_portfolio(frame.assign(cost=5e4, gain=[8e4, 4e4]), price_base="2026-27")
    >>> [text.get_text() for text in ax.texts if text.get_gid() == "row"]
    ['£30k', '−£10k']
    """
    chart = "plot_portfolio"
    rows = checked(frame, chart, text=["programme"], numbers=["bought", "cost", "gain"])
    unique(rows, "programme", chart)
    bought = rows["bought"].to_numpy() > 0
    labels = [wrap_label(label, 40) for label in rows["programme"]]
    with canvas(ax, height_cm=rows_height_cm(labels, least=1.0)) as axes:
        places = np.arange(len(rows))
        for shift, column, colour in ((-_HALF / 2, "cost", LOSS), (_HALF / 2, "gain", GAIN)):
            bars = axes.barh(places + shift, rows[column].to_numpy(), height=_HALF, color=colour)
            for bar, yes in zip(bars, bought, strict=True):
                bar.set_alpha(1.0 if yes else _LEFT_OUT)
        axes.axvline(0, color=BLACK, linewidth=0.8)
        set_rows(axes, labels)
        money_axis(axes.xaxis)
        axes.set_xlabel(f"Present value, {prices(price_base)}")
        beside_rows(axes, [money(value) for value in rows["gain"] - rows["cost"]])
        set_titles(
            axes,
            title or "What to buy",
            "Full colour: bought. Pale: left out, if alone. Right: gain less cost.",
            points=BESIDE_LABELS,
        )
        handles = [Patch(color=LOSS, label="Cost"), Patch(color=GAIN, label="Gain")]
        below_axes(axes, handles, columns=2)
    return axes

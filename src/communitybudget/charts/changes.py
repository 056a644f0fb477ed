"""Steps from one answer to another: what each changed figure adds or takes."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from communitybudget.charts.frames import checked
from communitybudget.charts.layout import (
    BESIDE_LABELS,
    below_axes,
    canvas,
    prices,
    rows_height_cm,
    set_rows,
    set_titles,
    wrap_label,
)
from communitybudget.charts.money import money, money_axis
from communitybudget.charts.style import BLACK, BLUE, LOSS, SMALL


def plot_changes(
    frame: pd.DataFrame, ax: Axes | None = None, *, price_base: str, title: str | None = None, most: int = 12
) -> Axes:
    r"""Show what each step adds to or takes from the net present value: one bar a step, in order.

    Parameters
    ----------
    frame : DataFrame
        One row per step: ``label``; ``change``, real GBP.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; new axes in the house style if not given.
    price_base : str
        Financial year of the prices.
    title : str, optional
        Title in place of "Why the net present value changed".
    most : int, default 12
        How many steps to show; a note says what the others come to.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If columns or rows are missing, a number is not finite, or ``most`` is below 1.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"label": ["Foster care", "Prison"], "change": [2.0e5, -3.0e4]})
    >>> ax = plot_changes(frame, price_base="2026-27")
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['Foster care', 'Prison']
    """
    chart = "plot_changes"
    rows = checked(frame, chart, text=["label"], numbers=["change"])
    if most < 1:
        raise ValueError(f"{chart}: most is {most}; show at least 1 step")
    shown, hidden = rows.iloc[:most], rows.iloc[most:]
    change = shown["change"].to_numpy(dtype=float)
    labels = [wrap_label(label, 28) for label in shown["label"]]
    with canvas(ax, height_cm=rows_height_cm(labels, least=0.8)) as axes:
        for row, amount in enumerate(change):
            colour, hatch = (BLUE, "") if amount >= 0 else (LOSS, "////")
            axes.barh(row, amount, height=0.6, color=colour, hatch=hatch, edgecolor="white", linewidth=0.4)
            axes.annotate(
                money(amount),
                xy=(amount, row),
                xytext=(4 if amount >= 0 else -4, 0),
                textcoords="offset points",
                ha="left" if amount >= 0 else "right",
                va="center",
                fontsize=SMALL,
            )
        axes.axvline(0, color=BLACK, linewidth=1.1)
        low, high = min(0.0, float(np.min(change))), max(0.0, float(np.max(change)))
        room = 0.2 * (high - low) or 1.0
        axes.set_xlim(low - room, high + room)
        set_rows(axes, labels)
        money_axis(axes.xaxis)
        axes.set_xlabel(f"Change of the net present value, {prices(price_base)}")
        whole = float(rows["change"].sum())
        set_titles(
            axes,
            title or "Why the net present value changed",
            f"Each figure by itself; all steps come to {money(whole)}.",
            points=BESIDE_LABELS,
        )
        notes = []
        if len(hidden):
            notes = [f"{len(hidden)} further steps come to {money(float(hidden['change'].sum()))}."]
        below_axes(axes, [], columns=2, notes=notes, characters=60)
    return axes

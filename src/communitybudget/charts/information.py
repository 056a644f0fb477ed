"""What it is worth to know each input, or each set of inputs, before choosing."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from communitybudget.charts.frames import checked
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
from communitybudget.charts.style import BLACK, BLUE, LOSS


def plot_information(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    *,
    price_base: str,
    evpi: float | None = None,
    title: str | None = None,
    most: int = 12,
) -> Axes:
    r"""Show what information is worth: one bar per input or set of inputs, the most valuable at the top.

    Parameters
    ----------
    frame : DataFrame
        One row per input or set: ``label``; ``value``, what it is worth to know (real GBP); and
        ``standard_error`` of that.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; new axes in the house style if not given.
    price_base : str
        Financial year of the prices.
    evpi : float, optional
        Value of knowing everything, real GBP; drawn as a line.
    title : str, optional
        Title in place of "What is worth finding out".
    most : int, default 12
        How many bars to show; a note counts the others.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If columns or rows are missing, a number is not finite, a value or an error is below nil, or
        ``most`` is below 1.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame(
    ...     {
    ...         "label": ["Police data", "Health data"],
    ...         "value": [2.0e4, 9.0e4],
    ...         "standard_error": [3.0e3, 4.0e3],
    ...     }
    ... )
    >>> ax = plot_information(frame, price_base="2026-27", evpi=1.2e5)
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['Health data', 'Police data']
    """
    chart = "plot_information"
    rows = checked(frame, chart, text=["label"], numbers=["value", "standard_error"])
    if most < 1:
        raise ValueError(f"{chart}: most is {most}; show at least 1 bar")
    if (rows[["value", "standard_error"]] < 0).any(axis=None) or (evpi is not None and evpi < 0):
        raise ValueError(
            f"{chart}: information is never worth less than nil, nor is an error; look at 'value'"
        )
    shown = rows.sort_values("value", ascending=False, kind="stable").head(most)
    hidden = len(rows) - len(shown)
    value, error = (shown[name].to_numpy(dtype=float) for name in ("value", "standard_error"))
    labels = [wrap_label(label, 28) for label in shown["label"]]
    with canvas(ax, height_cm=rows_height_cm(labels, least=0.7)) as axes:
        axes.barh(
            np.arange(len(shown)),
            value,
            height=0.6,
            color=BLUE,
            xerr=np.stack([np.minimum(error, value), error]),
            error_kw={"ecolor": BLACK, "capsize": 2.5, "elinewidth": 1.0},
        )
        handles = [Line2D([], [], color=BLACK, linewidth=1.0, label="One standard error either side")]
        if evpi is not None:
            handles.append(axes.axvline(evpi, color=LOSS, linestyle="--", label="Knowing everything"))
        axes.set_xlim(0, 1.06 * max(float((value + error).max()), evpi or 0.0) or 1.0)
        set_rows(axes, labels)
        beside_rows(axes, [money(amount) for amount in value])
        money_axis(axes.xaxis)
        axes.set_xlabel(f"Value of knowing it, {prices(price_base)}")
        set_titles(
            axes,
            title or "What is worth finding out",
            "Bars: average gain from choosing with this known, all else uncertain.",
            points=BESIDE_LABELS,
        )
        notes = [f"{hidden} more worth less {'is' if hidden == 1 else 'are'} not shown."] if hidden else []
        below_axes(axes, handles, columns=2, notes=notes, characters=60)
    return axes

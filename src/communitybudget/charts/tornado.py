"""The tornado: which inputs move the net present value most."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

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
from communitybudget.charts.style import BLACK, BLUE, GREY, LOSS, SMALL

_LABELLED_MARKS = ("assumption", "recalled")


def plot_tornado(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    *,
    price_base: str,
    title: str | None = None,
    most: int = 12,
    ends: tuple[str, str] = ("its P10", "its P90"),
) -> Axes:
    r"""Show what moves the net present value most: one bar per input, the widest at the top.

    Parameters
    ----------
    frame : DataFrame
        One row per input: ``label``; ``low`` and ``high``, the net present value (real GBP) with
        the input at its P10 and at its P90; ``base``, the net present value of the base case, the
        same in all rows; ``mark`` of the input. Marks ``assumption`` and ``recalled`` are printed.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; new axes in the house style if not given.
    price_base : str
        Financial year of the prices.
    title : str, optional
        Title in place of "What moves the net present value".
    most : int, default 12
        How many inputs to show; a note counts the others.
    ends : tuple of (str, str), optional
        What ``low`` and ``high`` are, where they are not at the P10 and the P90.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If columns or rows are missing, a number is not finite, ``base`` differs between rows,
        or ``most`` is below 1.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame(
    ...     {
    ...         "label": ["Engagement", "Residential care, price per week"],
    ...         "low": [1.0e5, -2.0e5],
    ...         "high": [3.0e5, 8.0e5],
    ...         "base": [2.0e5, 2.0e5],
    ...         "mark": ["assumption", "verified"],
    ...     }
    ... )
    >>> ax = plot_tornado(frame, price_base="2026-27")
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['Residential care,\nprice per week', 'Engagement (assumption)']
    """
    chart = "plot_tornado"
    rows = checked(frame, chart, text=["label", "mark"], numbers=["low", "high", "base"])
    if most < 1:
        raise ValueError(f"{chart}: most is {most}; show at least 1 input")
    base = float(rows["base"].iloc[0])
    if not np.allclose(rows["base"], base, rtol=1e-9, atol=0.005):
        raise ValueError(f"{chart}: 'base' must be the same amount in every row; it is the base case")
    order = (rows["high"] - rows["low"]).abs().sort_values(ascending=False, kind="stable").index
    shown = rows.loc[order[:most]].reset_index(drop=True)
    hidden = len(rows) - len(shown)
    low, high = (shown[name].to_numpy(dtype=float) for name in ("low", "high"))
    place = np.arange(len(shown))
    labels = [
        wrap_label(f"{label} ({mark})" if mark in _LABELLED_MARKS else label, 28)
        for label, mark in zip(shown["label"], shown["mark"], strict=True)
    ]
    with canvas(ax, height_cm=rows_height_cm(labels, least=0.8)) as axes:
        legend = []
        for values, colour, hatch, label in (
            (low, LOSS, "////", f"Input at {ends[0]}"),
            (high, BLUE, "", f"Input at {ends[1]}"),
        ):
            bars = axes.barh(
                place,
                values - base,
                left=base,
                height=0.6,
                color=colour,
                hatch=hatch,
                edgecolor="white",
                linewidth=0.4,
                label=label,
            )
            for bar, swing, other in zip(bars, values - base, low + high - values - base, strict=True):
                bar.set_zorder(1.2 if abs(swing) < abs(other) else 1.1)
            legend.append(Patch(facecolor=colour, hatch=hatch, edgecolor="white", label=label))
        axes.axvline(base, color=BLACK, linewidth=1.1)
        for row, (at_p10, at_p90) in enumerate(zip(low, high, strict=True)):
            _print_ends(axes, row, at_p10, at_p90, base)
        smallest, largest = min(base, *low, *high), max(base, *low, *high)
        room = 0.2 * (largest - smallest) or max(1.0, abs(base) * 0.1)
        axes.set_xlim(smallest - room, largest + room)
        if smallest < 0 < largest:
            axes.axvline(0, color=GREY, linewidth=1.0, linestyle="--", zorder=0.9)
        set_rows(axes, labels)
        money_axis(axes.xaxis)
        axes.set_xlabel(f"Net present value, {prices(price_base)}")
        set_titles(
            axes,
            title or "What moves the net present value",
            f"Line: base case, {money(base)}. Bars: one input at a time moved.",
            points=BESIDE_LABELS,
        )
        notes = [] if not hidden else ["1 further input moves it less and is not shown."]
        if hidden > 1:
            notes = [f"{hidden} further inputs move it less and are not shown."]
        below_axes(axes, legend, columns=2, notes=notes, characters=60)
    return axes


def _print_ends(axes: Axes, row: int, at_p10: float, at_p90: float, base: float) -> None:
    """Print both amounts, each at its own end; together beyond the longer bar if they share a side."""
    ends = [(at_p10, money(at_p10)), (at_p90, money(at_p90))]
    ends.sort(key=lambda end: end[0])
    (left, left_text), (right, right_text) = ends
    if right < base:
        texts = [(left, f"{left_text} to {right_text}", "right")]
    elif left > base:
        texts = [(right, f"{left_text} to {right_text}", "left")]
    else:
        texts = [(left, left_text, "right"), (right, right_text, "left")]
    for value, text, side in texts:
        axes.annotate(
            text,
            xy=(value, row),
            xytext=(4 if side == "left" else -4, 0),
            textcoords="offset points",
            ha=side,
            va="center",
            fontsize=SMALL,
            gid="end",
        )

"""Sets of inputs beside each other, as percentiles of each input."""

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
from communitybudget.charts.money import money
from communitybudget.charts.style import BLUE, DARK, LOSS, ROSE, TEAL

_COLOURS = {"prudent": LOSS, "central": DARK, "optimistic": BLUE}
_OTHERS = (TEAL, ROSE)
_STYLES = {"coherent": ("-", "o"), "stacked": (":", "s"), "given": ("--", "D")}


def plot_scenario_sets(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    *,
    price_base: str,
    title: str | None = None,
    most: int = 12,
) -> Axes:
    """Show where each set has each input among the input's own draws, one line per set.

    Parameters
    ----------
    frame : DataFrame
        One row per set and input, inputs in the order to show: ``set``; ``kind`` (``coherent``,
        ``stacked`` or ``given``); ``label`` of the input; ``percentile`` of its value, 0 to 100; and
        ``outcome`` of the set (real GBP).
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; new axes in the house style if not given.
    price_base : str
        Financial year of the prices.
    title : str, optional
        Title in place of "Sets of inputs".
    most : int, default 12
        How many inputs to show; a note counts the others.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If columns or rows are missing, a number is not finite, a kind is unknown, or ``most`` is below 1.

    Examples
    --------
    >>> frame = pd.DataFrame({"set": "prudent", "kind": "stacked", "label": ["Reach", "Price"]})
    >>> frame = frame.assign(percentile=[20.0, 80.0], outcome=-2.0e5)
    >>> ax = plot_scenario_sets(frame, price_base="2026-27")
    >>> ax.get_legend().get_texts()[0].get_text()
    'prudent, stacked: −£200k'
    """
    chart = "plot_scenario_sets"
    rows = checked(frame, chart, text=["set", "kind", "label"], numbers=["percentile", "outcome"])
    unknown = sorted(set(rows["kind"]) - set(_STYLES))
    if unknown:
        raise ValueError(f"{chart}: there is no kind '{unknown[0]}'; use {', '.join(_STYLES)}")
    if most < 1:
        raise ValueError(f"{chart}: most is {most}; show at least 1 input")
    labels = list(dict.fromkeys(rows["label"]))
    shown = labels[:most]
    texts = [wrap_label(label, 28) for label in shown]
    place = {label: row for row, label in enumerate(shown)}
    sets = list(dict.fromkeys(zip(rows["kind"], rows["set"], strict=True)))
    with canvas(ax, height_cm=rows_height_cm(texts, least=0.8) + 0.3 * len(sets)) as axes:
        axes.axvline(50, color=DARK, linewidth=0.8)
        handles = []
        for number, (kind, name) in enumerate(sets):
            own = rows[(rows["kind"] == kind) & (rows["set"] == name) & rows["label"].isin(shown)]
            style, marker = _STYLES[kind]
            (line,) = axes.plot(
                own["percentile"],
                own["label"].map(place),
                color=_COLOURS.get(name, _OTHERS[number % len(_OTHERS)]),
                linestyle=style,
                marker=marker,
                markersize=4.0,
                linewidth=1.2,
                label=f"{name}, {kind}: {money(float(own['outcome'].iloc[0]))}",
            )
            handles.append(line)
        set_rows(axes, texts)
        axes.set_xlim(-3, 103)
        axes.set_xticks(np.arange(0, 101, 20), [f"P{p}" for p in range(0, 101, 20)])
        axes.set_xlabel("Where the value lies among the draws of the input")
        subtitle = f"In the legend the net present value of each set, {prices(price_base)}."
        set_titles(axes, title or "Sets of inputs", subtitle, points=BESIDE_LABELS)
        hidden = len(labels) - len(shown)
        notes = [f"Inputs not shown, which move it less: {hidden}."] if hidden else []
        below_axes(axes, handles, columns=2, notes=notes, characters=60)
    return axes

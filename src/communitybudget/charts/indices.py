"""Sensitivity indices: which inputs drive the uncertainty, and which can be left aside."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import PercentFormatter

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
from communitybudget.charts.style import BLUE, DARK, LOSS, SMALL

_APART = 0.16
_ORDERS = (
    ("first", "Alone (first order)", BLUE, "o"),
    ("total", "With all interactions (total)", LOSS, "D"),
)


def plot_indices(
    frame: pd.DataFrame, ax: Axes | None = None, *, title: str | None = None, most: int = 12
) -> Axes:
    """Show how much of the variance each input answers for, alone and in all, with intervals.

    Parameters
    ----------
    frame : DataFrame
        One row per input: ``label``; ``first``, ``first_low``, ``first_high``; ``total``, ``total_low``,
        ``total_high``: shares of the variance.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; new axes in the house style if not given.
    title : str, optional
        Title in place of "What drives the uncertainty".
    most : int, default 12
        How many inputs to show, those of the largest total first; a note counts the others.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If columns or rows are missing, a number is not finite, or ``most`` is below 1.

    Examples
    --------
    >>> row = {"label": "Reach", "first": 0.5, "first_low": 0.4, "first_high": 0.6}
    >>> row |= {"total": 0.6, "total_low": 0.5, "total_high": 0.7}
    >>> plot_indices(pd.DataFrame([row])).get_xlabel()
    'Share of the variance of the outcome'
    """
    chart = "plot_indices"
    numbers = [f"{order}{end}" for order, *_ in _ORDERS for end in ("", "_low", "_high")]
    rows = checked(frame, chart, text=["label"], numbers=numbers)
    if most < 1:
        raise ValueError(f"{chart}: most is {most}; show at least 1 input")
    rows = rows.sort_values("total", ascending=False, kind="stable", ignore_index=True)
    hidden = len(rows) - most
    rows = rows.head(most)
    place = np.arange(len(rows))
    labels = [wrap_label(label, 30) for label in rows["label"]]
    with canvas(ax, height_cm=rows_height_cm(labels, least=0.85)) as axes:
        handles = []
        for (order, text, colour, marker), apart in zip(_ORDERS, (-_APART, _APART), strict=True):
            axes.hlines(
                place + apart, rows[f"{order}_low"], rows[f"{order}_high"], color=colour, linewidth=2.2
            )
            axes.plot(
                rows[order],
                place + apart,
                linestyle="none",
                color=colour,
                marker=marker,
                markersize=5.5,
                markeredgecolor="white",
                zorder=3,
            )
            handles.append(Line2D([], [], color=colour, linewidth=2.2, marker=marker, label=text))
        highest = float(rows[["first_high", "total_high"]].to_numpy().max())
        axes.set_xlim(min(0.0, float(rows["first_low"].min())) - 0.01, max(highest * 1.05, 0.1))
        axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        set_rows(axes, labels)
        axes.set_xlabel("Share of the variance of the outcome")
        set_titles(
            axes,
            title or "What drives the uncertainty",
            "Point: estimate. Line: its interval, from running a sample and not all that could be.",
            points=BESIDE_LABELS,
        )
        notes = []
        if hidden > 0:
            others = "1 further input answers" if hidden == 1 else f"{hidden} further inputs answer"
            notes.append(f"{others} for less and {'is' if hidden == 1 else 'are'} not shown.")
        below_axes(axes, handles, columns=2, notes=notes, characters=60)
    return axes


def plot_screening(
    frame: pd.DataFrame, ax: Axes | None = None, *, title: str | None = None, most: int = 8
) -> Axes:
    """Show the size of each input's effects against their spread: what lies at the left can be left aside.

    Parameters
    ----------
    frame : DataFrame
        One row per input: ``label``; ``mu_star`` and ``sigma``, in the unit of the outcome.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; new axes in the house style if not given.
    title : str, optional
        Title in place of "Which inputs matter".
    most : int, default 8
        How many inputs to name in the legend, the largest first.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If columns or rows are missing or a number is not finite.

    Examples
    --------
    >>> frame = pd.DataFrame({"label": ["Reach"], "mu_star": [5.0], "sigma": [1.0]})
    >>> [text.get_text() for text in plot_screening(frame).texts if text.get_gid() == "mark"]
    ['1']
    """
    rows = checked(frame, "plot_screening", text=["label"], numbers=["mu_star", "sigma"])
    rows = rows.sort_values("mu_star", ascending=False, kind="stable", ignore_index=True)
    with canvas(ax, height_cm=9.0) as axes:
        axes.plot(rows["mu_star"], rows["sigma"], linestyle="none", marker="o", color=BLUE, markersize=4.5)
        handles = []
        for i, (label, mu_star, sigma) in enumerate(rows.head(most).itertuples(index=False), start=1):
            axes.annotate(
                str(i),
                xy=(mu_star, sigma),
                xytext=(5, 3),
                textcoords="offset points",
                fontsize=SMALL,
                gid="mark",
            )
            handles.append(Line2D([], [], linestyle="none", label=f"{i}  {label}"))
        reach = float(rows[["mu_star", "sigma"]].to_numpy().max()) or 1.0
        axes.plot([0, reach], [0, reach], color=DARK, linewidth=0.8, linestyle=":")
        axes.margins(0.08)
        axes.set_xlabel("Mean size of effect (unit of the outcome)")
        axes.set_ylabel("Spread of effects")
        set_titles(
            axes,
            title or "Which inputs matter",
            "Right: matters more. Above the dotted line: curved, or depends on other inputs.",
            points=BESIDE_LABELS,
        )
        below_axes(axes, handles)
    return axes

"""Sensitivity indices: which inputs drive the uncertainty, and which can be left aside."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter, StrMethodFormatter

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
from communitybudget.charts.style import BLACK, BLUE, LOSS

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
    numbers = [f"{order}{end}" for order, *_ in _ORDERS for end in ("", "_low", "_high")]
    rows, notes = _largest(frame, "plot_indices", numbers, "total", most)
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
            "Point: estimate. Line: how far it may be off, since a sample was run.",
            points=BESIDE_LABELS,
        )
        below_axes(axes, handles, columns=2, notes=notes, characters=60)
    return axes


def plot_screening(
    frame: pd.DataFrame, ax: Axes | None = None, *, title: str | None = None, most: int = 12
) -> Axes:
    """Show the mean size of each input's effects, and their spread.

    Parameters
    ----------
    frame : DataFrame
        One row per input: ``label``; ``mu_star``, ``mu_star_error`` and ``sigma``, in the unit of the
        outcome.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; new axes in the house style if not given.
    title : str, optional
        Title in place of "Which inputs matter".
    most : int, default 12
        How many inputs to show, the largest first; a note counts the others.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If columns or rows are missing, a number is not finite, or ``most`` is below 1.

    Examples
    --------
    >>> frame = pd.DataFrame({"label": ["Reach"], "mu_star": [5.0], "mu_star_error": [0.5], "sigma": [1.0]})
    >>> plot_screening(frame).get_xlabel()
    'Change in the outcome, in its unit, over the whole range of the input'
    """
    numbers = ["mu_star", "mu_star_error", "sigma"]
    rows, notes = _largest(frame, "plot_screening", numbers, "mu_star", most)
    place = np.arange(len(rows))
    labels = [wrap_label(label, 30) for label in rows["label"]]
    with canvas(ax, height_cm=rows_height_cm(labels, least=0.8)) as axes:
        axes.barh(place, rows["mu_star"], height=0.5, color=BLUE)
        reach = 2 * rows["mu_star_error"]
        axes.hlines(place, rows["mu_star"] - reach, rows["mu_star"] + reach, color=BLACK, linewidth=1.3)
        spread = axes.plot(
            rows["sigma"],
            place,
            linestyle="none",
            color=LOSS,
            marker="D",
            markersize=5.5,
            markeredgecolor="white",
            label="Spread of effects",
            zorder=3,
        )
        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.10g}"))
        axes.set_xlim(left=0)
        set_rows(axes, labels)
        axes.set_xlabel("Change in the outcome, in its unit, over the whole range of the input")
        set_titles(
            axes,
            title or "Which inputs matter",
            "Line: twice the error each way. A spread as long as the bar: curved, or depends on others.",
            points=BESIDE_LABELS,
        )
        size = Patch(facecolor=BLUE, label="Mean size of effect")
        below_axes(axes, [size, *spread], columns=2, notes=notes, characters=60)
    return axes


def _largest(
    frame: pd.DataFrame, chart: str, numbers: list[str], by: str, most: int
) -> tuple[pd.DataFrame, list[str]]:
    """Return the rows that are shown, the largest first, and a note on the others."""
    rows = checked(frame, chart, text=["label"], numbers=numbers)
    if most < 1:
        raise ValueError(f"{chart}: most is {most}; show at least 1 input")
    rows = rows.sort_values(by, ascending=False, kind="stable", ignore_index=True)
    hidden = len(rows) - most
    notes = [] if hidden < 1 else ["1 further input matters less and is not shown."]
    if hidden > 1:
        notes = [f"{hidden} further inputs matter less and are not shown."]
    return rows.head(most), notes

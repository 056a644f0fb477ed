"""The spread of the net present value over the draws."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from communitybudget._core.chances import chance
from communitybudget.charts.frames import checked
from communitybudget.charts.layout import FULL_WIDTH, below_axes, canvas, prices, set_titles
from communitybudget.charts.money import money, money_axis
from communitybudget.charts.style import BLACK, GAIN, LOSS, SMALL

_MOST_BINS = 200


def plot_npv_distribution(
    frame: pd.DataFrame, ax: Axes | None = None, *, price_base: str, title: str | None = None
) -> Axes:
    r"""Show the spread of the net present value over the draws, and the chance that it is above zero.

    Parameters
    ----------
    frame : DataFrame
        ``npv`` (real GBP), one row per draw; ``expected``, if there, the same without chance, which
        is drawn as an outline and gives the mean.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; new axes in the house style if not given.
    price_base : str
        Financial year of the prices.
    title : str, optional
        Title in place of "Net present value: how sure is it".

    Returns
    -------
    matplotlib.axes.Axes
        Zero is always the edge of a bar, so that a bar is either below zero or not. Where a few draws lie far
        out, the axis ends at the middle 98% of the draws, and the subtitle counts those outside.

    Raises
    ------
    ValueError
        If the column or the rows are missing, or a number is not finite.

    Examples
    --------
    >>> import pandas as pd
    >>> ax = plot_npv_distribution(pd.DataFrame({"npv": [-1.0e5, 2.0e5, 3.0e5, 4.0e5]}), price_base="2026-27")
    >>> [text.get_text() for text in ax.texts if text.get_gid() == "subtitle"]
    ['Probability that it is above zero: 75%.\nMean £200k, P10 −£10k, P90 £370k; 4 draws.']
    """
    apart = "expected" in frame.columns
    rows = checked(frame, "plot_npv_distribution", numbers=["npv", *(["expected"] if apart else [])])
    npv = rows["npv"].to_numpy(dtype=float)
    expected = rows["expected"].to_numpy(dtype=float) if apart else npv
    edges = bin_edges(npv)
    share = np.histogram(np.clip(npv, edges[0], edges[-1]), bins=edges)[0] / npv.size
    zero = float((npv == 0).mean())
    subtitle = f"Probability that it is above zero: {chance(float((npv > 0).mean()))}."
    if zero > 0:
        subtitle += f" Exactly zero: {chance(zero)}."
    p10, p90 = np.quantile(npv, [0.1, 0.9])
    marks = {"Mean": float(expected.mean()), "P10": float(p10), "P90": float(p90)}
    values = ", ".join(f"{name} {money(value)}" for name, value in marks.items())
    values += f"; {npv.size:,} draws"
    view = _view(npv, edges, [0.0, *marks.values()])
    if outside := int(((npv < view[0]) | (npv > view[1])).sum()):
        values += f", {outside:,} of them outside the chart"
    with canvas(ax, height_cm=9.0) as axes:
        loss = edges[:-1] < 0
        for part, colour, hatch, label in (
            (loss, LOSS, "////", "Below zero"),
            (~loss, GAIN, "", "Zero or above"),
        ):
            axes.bar(
                edges[:-1][part],
                share[part],
                width=np.diff(edges)[part],
                align="edge",
                color=colour,
                hatch=hatch,
                edgecolor="white",
                linewidth=0.4,
                label=label,
            )
        axes.axvline(0, color=BLACK, linewidth=1.1)
        tallest = float(share.max())
        outline = []
        if apart:
            without = np.histogram(np.clip(expected, edges[0], edges[-1]), bins=edges)[0] / npv.size
            outline = [axes.stairs(without, edges, color=BLACK, linewidth=1.1, label="Without chance")]
            tallest = max(tallest, float(without.max()))
        _mark_values(axes, marks, tallest)
        if outside:
            axes.set_xlim(*view)
        money_axis(axes.xaxis)
        axes.set_xlabel(f"Net present value, {prices(price_base)}")
        axes.set_ylabel("Share of draws")
        set_titles(
            axes,
            title or "Net present value: how sure is it",
            f"{subtitle}\n{values}.",
            points=FULL_WIDTH,
        )
        legend = [
            Patch(facecolor=LOSS, hatch="////", edgecolor="white", label="Below zero"),
            Patch(facecolor=GAIN, edgecolor="white", label="Zero or above"),
        ]
        below_axes(axes, [*legend, *outline], columns=3)
    return axes


def bin_edges(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the edges of a histogram's bars: round steps, about 30 over the middle 98% of the values.

    Zero is an edge wherever it is within the range. A bar is never so narrow that it could not
    be seen next to zero. The same values always give the same edges.

    Parameters
    ----------
    values : ndarray, shape (draw,)
        Finite numbers, at least one; they may all be equal.

    Returns
    -------
    ndarray, shape (bar + 1,)

    Examples
    --------
    >>> bin_edges(np.array([-1.0, 0.0, 1.0]))[:3]
    array([-1. , -0.9, -0.8])
    """
    lowest, highest = float(values.min()), float(values.max())
    middle = float(np.subtract(*np.quantile(values, [0.99, 0.01])))
    largest = max(abs(lowest), abs(highest))
    width = max(middle / 30, (highest - lowest) / _MOST_BINS, largest / _MOST_BINS)
    if highest - lowest <= largest * 1e-9:
        width = max(largest / 20, 1.0)
    step = _round_up(width)
    first = math.floor(lowest / step)
    return step * np.arange(first, math.floor(highest / step) + 2, dtype=np.float64)


def _view(
    npv: NDArray[np.float64], edges: NDArray[np.float64], marks: Sequence[float]
) -> tuple[float, float]:
    """Return the ends of the axis: all draws, or the middle 98% where the rest would take a third of it."""
    low, high = np.quantile(npv, [0.01, 0.99])
    margin = 0.05 * (high - low)
    first, last = min(low - margin, *marks), max(high + margin, *marks)
    if last - first > 2 / 3 * (edges[-1] - edges[0]):
        return float(edges[0]), float(edges[-1])
    return float(first), float(last)


def _round_up(width: float) -> float:
    power = 10.0 ** math.floor(math.log10(width))
    return next(size * power for size in (1, 2, 5, 10) if size * power >= width * (1 - 1e-9))


def _mark_values(axes: Axes, marks: dict[str, float], tallest: float) -> None:
    """Mark values above the bars, each at a height of its own, and number the share axis."""
    for (name, value), level in zip(marks.items(), (1.26, 1.06, 1.16), strict=True):
        style = "-" if name == "Mean" else "--"
        axes.vlines(value, 0, tallest * level, color=BLACK, linewidth=1.2, linestyle=style)
        axes.annotate(
            name,
            xy=(value, tallest * level),
            ha="center",
            va="bottom",
            fontsize=SMALL,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
            gid="mark",
        )
    axes.set_ylim(0, tallest * 1.36)
    shares = [
        share
        for share in MaxNLocator(6, steps=[1, 2, 5, 10]).tick_values(0, tallest)
        if share <= tallest * 1.02
    ]
    axes.set_yticks(shares, [f"{100 * share:g}%" for share in shares])

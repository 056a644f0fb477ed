"""Two inputs at once: the net present value, or the chance that it is not negative, over a grid."""

from typing import Literal, get_args

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, TwoSlopeNorm
from matplotlib.lines import Line2D
from matplotlib.ticker import PercentFormatter, StrMethodFormatter
from numpy.typing import NDArray

from communitybudget.charts.frames import checked
from communitybudget.charts.layout import FULL_WIDTH, below_axes, canvas, prices, set_titles, wrap_label
from communitybudget.charts.money import MoneyFormatter
from communitybudget.charts.style import BLACK, DARK, GAIN, LOSS

Shows = Literal["expected", "probability"]

_COLOURS = LinearSegmentedColormap.from_list("loss_gain", [LOSS, "#F7F7F7", GAIN])


def plot_heat_map(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    *,
    price_base: str,
    first_label: str,
    second_label: str,
    shows: Shows = "expected",
    base: tuple[float, float] = (float("nan"), float("nan")),
    title: str | None = None,
) -> Axes:
    """Show an outcome over a grid of two inputs, with the line on which the expected outcome is nil.

    Parameters
    ----------
    frame : DataFrame
        One row per cell: ``first`` and ``second``, values of the inputs, every pair of them;
        ``expected``, the expected net present value (real GBP); and ``probability`` that it is not
        negative.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; new axes in the house style if not given.
    price_base : str
        Financial year of the prices.
    first_label, second_label : str
        Names of the inputs, along the horizontal and up the vertical axis.
    shows : {'expected', 'probability'}
        What the colours are.
    base : tuple of (float, float), optional
        Central values of the inputs, marked with a cross.
    title : str, optional
        Title in place of "Two inputs at once".

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If columns, rows or cells are missing, a number is not finite, or ``shows`` is neither.

    Examples
    --------
    >>> grid = pd.DataFrame(
    ...     [(x, y, x * y - 2.0, 0.5) for x in (1, 2, 3) for y in (0, 1)],
    ...     columns=["first", "second", "expected", "probability"],
    ... )
    >>> ax = plot_heat_map(grid, price_base="2026-27", first_label="Reach", second_label="Worth")
    >>> ax.get_xlabel()
    'Reach'
    """
    chart = "plot_heat_map"
    rows = checked(frame, chart, numbers=["first", "second", "expected", "probability"])
    if shows not in get_args(Shows):
        raise ValueError(f"{chart}: shows is '{shows}'; use {' or '.join(get_args(Shows))}")
    grid = rows.pivot_table(index="second", columns="first", values=["expected", "probability"])
    x, y = grid["expected"].columns.to_numpy(dtype=float), grid.index.to_numpy(dtype=float)
    if len(rows) != x.size * y.size or grid.isna().to_numpy().any() or min(x.size, y.size) < 2:
        raise ValueError(f"{chart}: give every pair of at least two values of 'first' and 'second', once")
    expected, shown = (grid[name].to_numpy(dtype=float) for name in ("expected", shows))
    with canvas(ax, height_cm=10.5) as axes:
        mesh = axes.pcolormesh(
            x, y, shown, cmap=_COLOURS, norm=_norm(shown, shows), shading="nearest", rasterized=True
        )
        axes.grid(visible=False)
        bar = axes.figure.colorbar(mesh, ax=axes, pad=0.02)
        bar.outline.set_visible(False)
        handles = []
        if expected.min() < 0 < expected.max():
            axes.contour(x, y, expected, levels=[0.0], colors=BLACK, linewidths=1.6)
            handles.append(Line2D([], [], color=BLACK, linewidth=1.6, label="Expected value is nil"))
        if np.isfinite(base).all():
            axes.plot(*base, marker="+", color=DARK, markersize=10, markeredgewidth=1.6, linestyle="none")
            handles.append(Line2D([], [], marker="+", color=DARK, linestyle="none", label="Central values"))
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(StrMethodFormatter("{x:,.10g}"))
        axes.set_xlabel(first_label)
        axes.set_ylabel(wrap_label(second_label, 36))
        if shows == "probability":
            bar.ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
            subtitle = "Probability that the net present value is not negative."
        else:
            bar.ax.yaxis.set_major_formatter(MoneyFormatter())
            subtitle = f"Expected net present value, {prices(price_base)}."
        set_titles(axes, title or "Two inputs at once", subtitle, points=FULL_WIDTH)
        below_axes(axes, handles, columns=2)
    return axes


def _norm(shown: NDArray[np.float64], shows: Shows) -> TwoSlopeNorm:
    """Return colours that turn at nil, or at even odds; both sides run equally far."""
    if shows == "probability":
        return TwoSlopeNorm(0.5, 0.0, 1.0)
    reach = float(np.abs(shown).max()) or 1.0
    return TwoSlopeNorm(0.0, -reach, reach)

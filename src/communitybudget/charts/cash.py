"""Cumulative cash: how far under water a programme goes, and when it is back."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

from communitybudget._core.years import first_calendar_year, format_year
from communitybudget.charts.frames import checked, ordered, unique
from communitybudget.charts.layout import FULL_WIDTH, below_axes, canvas, prices, set_titles
from communitybudget.charts.money import money_axis
from communitybudget.charts.style import BLACK, BLUE, LOSS
from communitybudget.charts.years import year_axis

_PERCENTILES = ["p5", "p10", "p50", "p90", "p95"]


def plot_cumulative_cash(
    frame: pd.DataFrame, ax: Axes | None = None, *, price_base: str, title: str | None = None
) -> Axes:
    """Show cumulative net cash by year with its uncertainty, and the year it is paid back.

    Parameters
    ----------
    frame : DataFrame
        One row per year: ``year`` (such as ``2026-27``); cumulative net cash, undiscounted,
        real GBP: ``p5``, ``p10``, ``p50``, ``p90``, ``p95``, ``mean``.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; new axes in the house style if not given.
    price_base : str
        Financial year of the prices.
    title : str, optional
        Title in place of "Cumulative net cash".

    Returns
    -------
    matplotlib.axes.Axes
        Below the title stands the first year from which the median stays at or above zero.

    Raises
    ------
    ValueError
        If columns or rows are missing, a number is not finite, a year comes twice or is not
        a financial year, or percentiles fall where they should rise.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame(
    ...     {
    ...         "year": ["2026-27", "2027-28", "2028-29"],
    ...         "p5": [-9.0e5, -8.0e5, -5.0e5],
    ...         "p10": [-8.5e5, -6.0e5, -2.0e5],
    ...         "p50": [-7.0e5, -2.0e5, 3.0e5],
    ...         "p90": [-5.0e5, 2.0e5, 9.0e5],
    ...         "p95": [-4.5e5, 3.0e5, 1.1e6],
    ...         "mean": [-7.0e5, -2.0e5, 3.2e5],
    ...     }
    ... )
    >>> ax = plot_cumulative_cash(frame, price_base="2026-27")
    >>> [text.get_text() for text in ax.texts if text.get_gid() == "subtitle"]
    ['Median pays back in 2028-29. Undiscounted.']
    """
    chart = "plot_cumulative_cash"
    rows = checked(frame, chart, text=["year"], numbers=[*_PERCENTILES, "mean"])
    rows["year"] = rows["year"].map(first_calendar_year)
    unique(rows, "year", chart)
    ordered(rows, _PERCENTILES, chart)
    rows = rows.sort_values("year", ignore_index=True)
    years = rows["year"].to_numpy(dtype=int)
    p5, p10, median, p90, p95 = (rows[name].to_numpy(dtype=float) for name in _PERCENTILES)
    paid_back = _payback(median)
    with canvas(ax, height_cm=9.4) as axes:
        handles = []
        for low, high, colour, label in (
            (p5, p95, "#D3DEEC", "P5 to P95"),
            (p10, p90, "#A9C0DC", "P10 to P90"),
        ):
            band = axes.fill_between(*_band(years, low, high), color=colour, linewidth=0, label=label)
            handles.append(band)
        lines = axes.plot(years, median, color=BLUE, marker="o", markersize=3.5, label="Median")
        lines += axes.plot(years, rows["mean"], color=BLACK, linestyle="--", linewidth=1.2, label="Mean")
        axes.axhline(0, color=BLACK, linewidth=0.9)
        if paid_back is not None:
            axes.axvline(years[paid_back], color=LOSS, linewidth=1.1, linestyle=":")
            lines += axes.plot(
                years[paid_back],
                median[paid_back],
                linestyle="none",
                marker="o",
                markersize=8,
                markerfacecolor="white",
                markeredgecolor=LOSS,
                markeredgewidth=1.8,
                label="Median back at zero for good",
                zorder=5,
            )
        year_axis(axes, years)
        axes.set_xlim(years.min() - 0.4, years.max() + 0.4)
        money_axis(axes.yaxis)
        axes.set_xlabel("Financial year")
        axes.set_ylabel(f"Cumulative net cash,\n{prices(price_base)}")
        set_titles(
            axes,
            title or "Cumulative net cash",
            f"{_payback_words(years, median, paid_back)}. Undiscounted.",
            points=FULL_WIDTH,
        )
        below_axes(axes, [*handles, *lines], columns=3)
    return axes


def _payback(median: NDArray[np.float64]) -> int | None:
    """Return the first position from which the median stays at or above zero, or None."""
    owed = np.flatnonzero(median < 0)
    first = int(owed[-1]) + 1 if owed.size else 0
    return first if first < len(median) else None


def _payback_words(years: NDArray[np.int_], median: NDArray[np.float64], paid_back: int | None) -> str:
    if paid_back is None:
        return f"Median does not pay back by {format_year(int(years[-1]))}"
    if not (median < 0).any():
        return "Median is never below zero"
    return f"Median pays back in {format_year(int(years[paid_back]))}"


def _band(
    years: NDArray[np.int_], low: NDArray[np.float64], high: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return a band's corners; a single year gets some width, else its band could not be seen."""
    if len(years) > 1:
        return years.astype(float), low, high
    return years[0] + np.array([-0.2, 0.2]), np.repeat(low, 2), np.repeat(high, 2)

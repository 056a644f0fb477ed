"""Counts against their forecast, month by month."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from communitybudget.charts.frames import checked, ordered, unique
from communitybudget.charts.layout import FULL_WIDTH, below_axes, canvas, set_titles, wrap_label
from communitybudget.charts.style import BLACK, BLUE, LOSS

_FAN = ["p5", "p10", "p50", "p90", "p95"]


def plot_forecast(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    *,
    counted: str,
    subtitle: str = "",
    title: str | None = None,
) -> Axes:
    """Show the forecast of cumulative counts as a fan, what was seen, and the months that warn.

    Parameters
    ----------
    frame : DataFrame
        One row per month: ``month``; cumulative counts ``expected``, ``p5``, ``p10``, ``p50``, ``p90``,
        ``p95``, and ``actual`` (missing for months to come); for months to come ``updated``,
        ``updated_p10``, ``updated_p90`` (missing before); ``warning`` (true or false).
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; new axes in the house style if not given.
    counted : str
        What is counted, for the axis.
    subtitle : str, optional
        A sentence under the title.
    title : str, optional
        In place of "Forecast against actual".

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If columns or rows are missing, a forecast is not finite, percentiles do not ascend, or a month comes
        twice.

    Examples
    --------
    >>> frame = pd.DataFrame({"month": [1, 2], "expected": [1.5, 3.0], "actual": [3.0, None]})
    >>> frame = frame.assign(p5=0.0, p10=0.0, p50=[1, 3], p90=[3, 6], p95=[4, 7])
    >>> frame = frame.assign(updated=[None, 5], updated_p10=[None, 4], updated_p90=[None, 7], warning=False)
    >>> plot_forecast(frame, counted="entries to care").get_ylabel()
    'Entries to care, cumulative'
    """
    rows = checked(frame, "plot_forecast", numbers=["month", "expected", *_FAN])
    ordered(rows, _FAN, "plot_forecast")
    unique(rows, "month", "plot_forecast")
    later = ["actual", "updated", "updated_p10", "updated_p90"]
    missing = [name for name in [*later, "warning"] if name not in frame.columns]
    if missing:
        raise ValueError(f"plot_forecast: the frame lacks the columns {', '.join(missing)}")
    month = rows["month"].to_numpy(dtype=float)
    actual, updated, low, high = (frame[name].to_numpy(dtype=float) for name in later)
    warned = frame["warning"].to_numpy(dtype=bool)
    with canvas(ax, height_cm=9.4) as axes:
        handles: list[Any] = [
            axes.fill_between(month, rows[lower], rows[upper], color=colour, linewidth=0, label=label)
            for lower, upper, colour, label in (
                ("p5", "p95", "#D3DEEC", "Forecast, P5 to P95"),
                ("p10", "p90", "#A9C0DC", "Forecast, P10 to P90"),
            )
        ]
        handles += axes.plot(month, rows["expected"], color=BLUE, linestyle="--", label="Forecast, mean")
        if np.isfinite(updated).any():
            come = np.isfinite(updated)
            gap = np.array([updated - low, high - updated])[:, come]
            bars = axes.errorbar(
                month[come],
                updated[come],
                yerr=gap,
                fmt="_",
                color=BLACK,
                linewidth=1.0,
                label="After what was seen, P10 to P90",
            )
            handles.append(bars)
        handles += axes.plot(month, actual, color=BLACK, marker="o", markersize=4.5, label="Seen")
        if warned.any():
            handles += axes.plot(
                month[warned],
                actual[warned],
                linestyle="none",
                marker="o",
                markersize=9,
                markerfacecolor="none",
                markeredgecolor=LOSS,
                markeredgewidth=2.0,
                label="Warns",
                zorder=5,
            )
        axes.xaxis.set_major_locator(MaxNLocator(12, integer=True))
        axes.set_ylim(bottom=0)
        axes.set_xlabel("Month")
        axes.set_ylabel(wrap_label(f"{counted[:1].upper()}{counted[1:]}, cumulative", 38))
        set_titles(axes, title or "Forecast against actual", subtitle, points=FULL_WIDTH)
        below_axes(axes, handles, columns=2)
    return axes

"""How likely each agency is to have its money back by each year."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import PercentFormatter

from communitybudget._core.years import first_calendar_year
from communitybudget.charts.frames import checked
from communitybudget.charts.layout import FULL_WIDTH, below_axes, canvas, set_titles
from communitybudget.charts.style import BLACK, DARK, agency_look
from communitybudget.charts.years import year_axis

_WITH_CHANCE = "probability_with_chance"
_DASHES = {"": "-", "////": "--", "..": ":"}


def plot_payback_probability(
    frame: pd.DataFrame, ax: Axes | None = None, *, title: str | None = None
) -> Axes:
    """Show how likely each agency is to have its money back by each year.

    Parameters
    ----------
    frame : DataFrame
        One row for each agency and year: ``agency`` (in words), ``year`` (such as ``2026-27``),
        ``probability`` from uncertain rates alone; ``probability_with_chance``, if there, with chance.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; new axes in the house style if not given.
    title : str, optional
        In place of "How likely the money is to be back".

    Returns
    -------
    matplotlib.axes.Axes
        Where there is chance the thick lines hold it, and thin ones are from rates alone.

    Raises
    ------
    ValueError
        If columns or rows are missing, a number is not finite, or a year is not a financial year.

    Examples
    --------
    >>> frame = pd.DataFrame({"agency": "NHS", "year": ["2026-27", "2027-28"], "probability": [0.1, 0.6]})
    >>> plot_payback_probability(frame).get_ylabel()
    'Paid back for good'
    """
    levels = [name for name in (_WITH_CHANCE, "probability") if name in frame.columns]
    rows = checked(
        frame, "plot_payback_probability", text=["agency", "year"], numbers=levels or ["probability"]
    )
    rows["year"] = rows["year"].map(first_calendar_year)
    rows = rows.sort_values("year", kind="stable")
    agencies = list(dict.fromkeys(frame["agency"].astype(str)))
    with canvas(ax, height_cm=9.4) as axes:
        handles: list[Line2D] = []
        for agency in agencies:
            own = rows[rows["agency"] == agency]
            colour, hatch = (BLACK, "") if agency == "All agencies" else agency_look(agency)
            dash = _DASHES.get(hatch, "-.")
            for level, width in zip(levels, (2.0, 0.9), strict=False):
                lines = axes.plot(
                    own["year"], 100 * own[level], color=colour, linestyle=dash, linewidth=width, label=agency
                )
                handles += lines if level == levels[0] else []
        if len(levels) > 1:
            handles.append(Line2D([], [], color=DARK, linewidth=0.9, label="With typical families"))
        axes.axhline(50, color=BLACK, linewidth=0.8, linestyle=":")
        year_axis(axes, np.unique(rows["year"].to_numpy(dtype=int)))
        axes.set_ylim(0, 100)
        axes.yaxis.set_major_formatter(PercentFormatter(100, decimals=0))
        axes.set_xlabel("By the end of financial year")
        axes.set_ylabel("Paid back for good")
        words = "Undiscounted. " + (
            "Thick lines hold chance: which families these turn out to be."
            if len(levels) > 1
            else "From uncertain rates, effects and prices."
        )
        set_titles(axes, title or "How likely the money is to be back", words, points=FULL_WIDTH)
        below_axes(axes, handles, columns=2)
    return axes

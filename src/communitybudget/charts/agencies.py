"""Charts by agency: who pays and who gains, and when each agency's costs are avoided."""

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from communitybudget._core.years import first_calendar_year
from communitybudget.charts.frames import checked, ordered, unique
from communitybudget.charts.layout import (
    BESIDE_LABELS,
    FULL_WIDTH,
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
from communitybudget.charts.style import (
    BLACK,
    BLUE,
    OTHER_AGENCIES,
    SAND,
    agency_look,
)
from communitybudget.charts.years import year_axis

_FLOWS = (
    ("delivery", "Delivery (spending)", "#D9792B", "////"),
    ("funding", "Funding received or paid", SAND, ".."),
    ("costs_avoided", "Costs avoided", BLUE, ""),
)
_MOST_AGENCIES = 8


def plot_agency_balance(
    frame: pd.DataFrame, ax: Axes | None = None, *, price_base: str, title: str | None = None
) -> Axes:
    """Show who pays and who gains: money to the left is paid, money to the right is gained.

    Parameters
    ----------
    frame : DataFrame
        One row per agency. ``agency`` (name as printed); mean present values in real GBP:
        ``costs_avoided``, ``delivery`` (positive is spending), ``funding`` (positive is
        received), ``net`` (costs avoided minus delivery plus funding); ``net_p10``, ``net_p90``.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; new axes in the house style if not given.
    price_base : str
        Financial year of the prices.
    title : str, optional
        Title in place of "Who pays and who gains".

    Returns
    -------
    matplotlib.axes.Axes
        Bars lie side by side from zero outwards; the agency with the greatest net is at the top.

    Raises
    ------
    ValueError
        If columns or rows are missing, a number is not finite, or an agency comes twice.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame(
    ...     {
    ...         "agency": ["Local authority", "NHS"],
    ...         "costs_avoided": [900_000.0, 150_000.0],
    ...         "delivery": [700_000.0, 0.0],
    ...         "funding": [50_000.0, -50_000.0],
    ...         "net": [250_000.0, 100_000.0],
    ...         "net_p10": [-100_000.0, 20_000.0],
    ...         "net_p90": [600_000.0, 180_000.0],
    ...     }
    ... )
    >>> ax = plot_agency_balance(frame, price_base="2026-27")
    >>> ax.get_xlabel()
    'Mean present value, GBP, real, 2026-27 prices (left: paid; right: gained)'
    """
    chart = "plot_agency_balance"
    numbers = ["costs_avoided", "delivery", "funding", "net", "net_p10", "net_p90"]
    rows = checked(frame, chart, text=["agency"], numbers=numbers)
    unique(rows, "agency", chart)
    ordered(rows, ["net_p10", "net_p90"], chart)
    rows = rows.sort_values("net", ascending=False, kind="stable", ignore_index=True)
    place = np.arange(len(rows))
    labels = [wrap_label(name, 24) for name in rows["agency"]]
    with canvas(ax, height_cm=rows_height_cm(labels, least=0.95)) as axes:
        right, left = np.zeros(len(rows)), np.zeros(len(rows))
        handles: list[Artist] = []
        for column, label, colour, hatch in _FLOWS:
            width = rows[column].to_numpy(dtype=float) * (-1 if column == "delivery" else 1)
            bars = axes.barh(
                place,
                width,
                left=np.where(width < 0, left, right),
                height=0.62,
                label=label,
                color=colour,
                hatch=hatch,
                edgecolor="white",
                linewidth=0.4,
            )
            right += np.maximum(width, 0)
            left += np.minimum(width, 0)
            handles.append(bars.patches[0])
            bars.patches[0].set_label(label)
        net = rows["net"].to_numpy(dtype=float)
        low, high = (rows[name].to_numpy(dtype=float) for name in ("net_p10", "net_p90"))
        axes.hlines(place, low, high, color="white", linewidth=3.4, zorder=3)
        axes.hlines(place, low, high, color=BLACK, linewidth=1.3, zorder=4)
        handles += axes.plot(
            net,
            place,
            linestyle="none",
            marker="D",
            markersize=5.5,
            color=BLACK,
            markeredgecolor="white",
            label="Net, with its range from P10 to P90",
            zorder=5,
        )
        axes.axvline(0, color=BLACK, linewidth=0.9, zorder=2)
        axes.margins(x=0.05)
        set_rows(axes, labels)
        beside_rows(
            axes,
            [f"{money(a)}\n({money(b)} to {money(c)})" for a, b, c in zip(net, low, high, strict=True)],
        )
        money_axis(axes.xaxis)
        axes.set_xlabel(f"Mean present value, {prices(price_base)} (left: paid; right: gained)")
        set_titles(
            axes,
            title or "Who pays and who gains",
            "Printed at the right: net, and its range from P10 to P90.",
            points=BESIDE_LABELS,
        )
        below_axes(axes, handles, columns=2)
    return axes


def plot_costs_avoided_by_year(
    frame: pd.DataFrame, ax: Axes | None = None, *, price_base: str, title: str | None = None
) -> Axes:
    r"""Show each agency's costs avoided year by year, stacked; extra costs stack below zero.

    Parameters
    ----------
    frame : DataFrame
        ``agency`` (name as printed), ``year`` (such as ``2026-27``), ``mean`` (real GBP).
        Rows of the same agency and year are added up; a missing pair counts as zero.
        With more than 8 agencies the 7 largest are shown and the others are added up
        as "Other agencies".
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; new axes in the house style if not given.
    price_base : str
        Financial year of the prices.
    title : str, optional
        Title in place of "Costs avoided by agency and year".

    Returns
    -------
    matplotlib.axes.Axes
        An agency has the same colour in every chart. Where bars go below zero, a dot
        marks the total of the year.

    Raises
    ------
    ValueError
        If columns or rows are missing, a number is not finite, or a year is not a financial year.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame(
    ...     {
    ...         "agency": ["Police", "Police", "NHS"],
    ...         "year": ["2026-27", "2027-28", "2027-28"],
    ...         "mean": [12_000.0, 18_000.0, 30_000.0],
    ...     }
    ... )
    >>> ax = plot_costs_avoided_by_year(frame, price_base="2026-27")
    >>> ax.get_ylabel()
    'Mean costs avoided,\nGBP, real, 2026-27 prices'
    """
    rows = checked(frame, "plot_costs_avoided_by_year", text=["agency", "year"], numbers=["mean"])
    rows["year"] = rows["year"].map(first_calendar_year)
    rows["agency"] = fold(rows, most=_MOST_AGENCIES)
    table = rows.pivot_table(index="year", columns="agency", values="mean", aggfunc="sum", fill_value=0.0)
    agencies = [name for name in rows["agency"].unique() if name != OTHER_AGENCIES]
    agencies.sort(key=lambda name: -float(np.abs(table[name].to_numpy(dtype=float)).sum()))
    if OTHER_AGENCIES in table.columns:
        agencies.append(OTHER_AGENCIES)
    years = table.index.to_numpy(dtype=int)
    with canvas(ax, height_cm=9.6) as axes:
        above, below = np.zeros(len(years)), np.zeros(len(years))
        handles: list[Artist] = []
        for name in agencies:
            height = table[name].to_numpy(dtype=float)
            colour, hatch = agency_look(name)
            bars = axes.bar(
                years,
                height,
                bottom=np.where(height < 0, below, above),
                width=0.72,
                label=name,
                color=colour,
                hatch=hatch,
                edgecolor="white",
                linewidth=0.4,
            )
            above += np.maximum(height, 0)
            below += np.minimum(height, 0)
            handles.append(bars.patches[0])
            bars.patches[0].set_label(name)
        subtitle = "Largest agency next to zero."
        if (below < 0).any():
            handles.append(_totals(axes, years, above + below))
            subtitle += " Below zero: extra costs. Dot: total of the year."
        axes.axhline(0, color=BLACK, linewidth=0.9, zorder=2)
        year_axis(axes, years)
        axes.set_xlim(years.min() - 0.7, years.max() + 0.7)
        money_axis(axes.yaxis)
        axes.grid(visible=False, axis="x")
        axes.set_xlabel("Financial year")
        axes.set_ylabel(f"Mean costs avoided,\n{prices(price_base)}")
        set_titles(axes, title or "Costs avoided by agency and year", subtitle, points=FULL_WIDTH)
        below_axes(axes, handles, columns=3)
    return axes


def fold(rows: pd.DataFrame, *, most: int) -> pd.Series:
    """Return the agency of each row, small agencies renamed "Other agencies" where there are many.

    Parameters
    ----------
    rows : DataFrame
        Columns ``agency``, ``mean``.
    most : int
        How many names may be left, "Other agencies" included.

    Returns
    -------
    Series of str
        An agency's size is the sum of its amounts, signs set aside.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"agency": ["NHS", "Police", "Courts"], "mean": [5.0, -9.0, 1.0]})
    >>> fold(rows, most=2).tolist()
    ['Other agencies', 'Police', 'Other agencies']
    """
    sizes = rows["mean"].abs().groupby(rows["agency"]).sum().drop(OTHER_AGENCIES, errors="ignore")
    others = len(sizes) < rows["agency"].nunique()
    if len(sizes) + others <= most:
        return rows["agency"]
    kept = sizes.sort_values(ascending=False, kind="stable").index[: most - 1]
    return rows["agency"].where(rows["agency"].isin(kept), OTHER_AGENCIES)


def _totals(axes: Axes, years: np.ndarray, totals: np.ndarray) -> Line2D:
    return axes.plot(
        years,
        totals,
        linestyle="none",
        marker="o",
        markersize=5,
        color=BLACK,
        markeredgecolor="white",
        label="Total",
        zorder=5,
    )[0]

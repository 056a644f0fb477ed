"""What studies and other agencies' data are worth."""

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from communitybudget._core.normal import Z95
from communitybudget.charts.frames import checked, unique
from communitybudget.charts.layout import (
    BESIDE_LABELS,
    FULL_WIDTH,
    below_axes,
    canvas,
    prices,
    rows_height_cm,
    set_rows,
    set_titles,
    wrap_label,
)
from communitybudget.charts.money import money, money_axis
from communitybudget.charts.style import BLACK, BLUE, DARK, GREY, LOSS, SMALL, TEAL

_BAND = "#D3DEEC"


def plot_sample_information(
    frame: pd.DataFrame, ax: Axes | None = None, *, price_base: str, title: str | None = None
) -> Axes:
    """Show what a study is worth by its number of families, up to what knowing all would be worth.

    Parameters
    ----------
    frame : DataFrame
        One row a size: ``families``; ``value``, ``standard_error``, ``evppi``, GBP for the choice as
        modelled.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; new axes in the house style if not given.
    price_base : str
        Financial year of the prices.
    title : str, optional
        In place of the usual one.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If columns or rows are missing, or a number is not finite.

    Examples
    --------
    >>> frame = pd.DataFrame(
    ...     {"families": [10, 40], "value": [3.0, 6.0], "standard_error": [0.2, 0.3], "evppi": [8.0, 8.0]}
    ... )
    >>> plot_sample_information(frame, price_base="2026-27").get_xlabel()
    'Families in the study'
    """
    numbers = ["families", "value", "standard_error", "evppi"]
    rows = _by_families(checked(frame, "plot_sample_information", numbers=numbers))
    with canvas(ax, height_cm=8.4) as axes:
        handles: list[Artist] = [
            _band(axes, rows, "value"),
            *axes.plot(rows["families"], rows["value"], color=BLUE, marker=".", label="Study"),
            axes.axhline(rows["evppi"].iloc[0], color=DARK, linestyle="--", label="If it told all"),
        ]
        _families_axis(axes)
        axes.set_ylim(bottom=0)
        axes.set_ylabel(f"Worth to the choice,\n{prices(price_base)}")
        words = "For the choice as modelled, before cost."
        set_titles(axes, title or "What a study is worth", words, points=FULL_WIDTH)
        below_axes(axes, handles, columns=3)
    return axes


def plot_sampling_value(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    *,
    price_base: str,
    about_as_good: tuple[int, int] | None = None,
    title: str | None = None,
) -> Axes:
    """Show what a study gains, costs and leaves by its number of families, the best marked.

    Parameters
    ----------
    frame : DataFrame
        One row a size: ``families``; ``value``, ``standard_error``, ``cost``, ``net``, GBP over all families.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; new axes in the house style if not given.
    price_base : str
        Financial year of the prices.
    about_as_good : tuple of two int, optional
        Least and largest number of families that do about as well as the best.
    title : str, optional
        In place of the usual one.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If columns or rows are missing, or a number is not finite.

    Examples
    --------
    >>> frame = pd.DataFrame({"families": [10, 40], "value": [3e5, 6e5], "standard_error": [2e4, 3e4]})
    >>> ax = plot_sampling_value(frame.assign(cost=[1e5, 2e5], net=[2e5, 4e5]), price_base="2026-27")
    >>> [text.get_text() for text in ax.texts if text.get_gid() == "subtitle"]
    ['Most is left with 40 families: £400k.']
    """
    numbers = ["families", "value", "standard_error", "cost", "net"]
    rows = _by_families(checked(frame, "plot_sampling_value", numbers=numbers))
    best = int(rows["net"].to_numpy().argmax())
    families, most = rows["families"].iloc[best], rows["net"].iloc[best]
    with canvas(ax, height_cm=9.0) as axes:
        if about_as_good is not None:
            axes.axvspan(*about_as_good, color="#EEEEEE", linewidth=0)
        axes.axhline(0, color=BLACK, linewidth=0.9)
        handles: list[Artist] = [_band(axes, rows, "net")]
        for column, label, colour, line in (
            ("value", "Gained by better choices", TEAL, "-"),
            ("cost", "Cost of the study", LOSS, "--"),
            ("net", "What is left", BLUE, "-"),
        ):
            handles += axes.plot(rows["families"], rows[column], color=colour, linestyle=line, label=label)
        handles += axes.plot(
            families,
            most,
            linestyle="none",
            marker="o",
            markersize=8,
            markerfacecolor="white",
            markeredgecolor=BLUE,
            markeredgewidth=1.8,
            label="Most left",
            zorder=5,
        )
        _families_axis(axes)
        axes.set_ylabel(f"Over all families,\n{prices(price_base)}")
        words = f"Most is left with {families:,.0f} families: {money(most)}."
        if about_as_good is not None and about_as_good[0] < about_as_good[1]:
            words += " {:,} to {:,} (shaded) do about as well.".format(*about_as_good)
        set_titles(axes, title or "Is a study worth its cost?", words, points=FULL_WIDTH)
        below_axes(axes, handles, columns=3)
    return axes


def plot_data_sharing(
    frame: pd.DataFrame, ax: Axes | None = None, *, price_base: str, title: str | None = None
) -> Axes:
    """Show what each agency's extract is worth at most a year, against what it costs.

    Parameters
    ----------
    frame : DataFrame
        One row an agency, the first on top: ``holder``; ``value_a_year``, GBP; ``extract_cost_a_year``,
        missing where it is not known. With ``standard_error_a_year`` the 95% interval is drawn too.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; new axes in the house style if not given.
    price_base : str
        Financial year of the prices.
    title : str, optional
        In place of the usual one.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If columns or rows are missing, an agency comes twice, or a number is not finite.

    Examples
    --------
    >>> frame = pd.DataFrame(
    ...     {"holder": ["Police", "NHS"], "value_a_year": [27e3, 1e3], "extract_cost_a_year": [5e3, 5e3]}
    ... )
    >>> len(plot_data_sharing(frame, price_base="2026-27").patches)
    2
    """
    chart, error = "plot_data_sharing", "standard_error_a_year"
    cost = "extract_cost_a_year"
    numbers = ["value_a_year", cost, *([error] if error in frame.columns else [])]
    rows = checked(frame.fillna({cost: 0.0}), chart, text=["holder"], numbers=numbers)
    known = frame[cost].notna().to_numpy()
    unique(rows, "holder", chart)
    labels = [wrap_label(name, 26) for name in rows["holder"]]
    places = range(len(rows))
    with canvas(ax, height_cm=rows_height_cm(labels, least=0.9)) as axes:
        bars = axes.barh(places, rows["value_a_year"], color=BLUE, height=0.6)
        bars.patches[0].set_label("Worth at most")
        handles: list[Artist] = [bars.patches[0]]
        if known.any():
            handles += axes.plot(
                rows.loc[known, cost],
                np.flatnonzero(known),
                linestyle="none",
                marker="|",
                markersize=16,
                markeredgewidth=3.0,
                color=LOSS,
                label="What the extract costs",
            )
        ends = rows["value_a_year"]
        if error in rows.columns:
            reach = Z95 * rows[error]
            ends = rows["value_a_year"] + reach
            axes.hlines(places, rows["value_a_year"] - reach, ends, color=BLACK)
            handles.append(Line2D([], [], color=BLACK, label="95% interval of drawing"))
        for place, value, end in zip(places, rows["value_a_year"], ends, strict=True):
            axes.annotate(
                money(value),
                xy=(max(end, value), place),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                fontsize=SMALL,
                bbox={"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none"},
            )
        set_rows(axes, labels)
        money_axis(axes.xaxis, ticks=5)
        axes.set_xlim(0, 1.18 * max(float(ends.max()), float(rows[cost].max())) or 1.0)
        axes.set_xlabel(f"A year, {prices(price_base)}")
        set_titles(
            axes,
            title or "What data sharing is worth",
            "As if the data settled every doubt that it could; the bars do not add up.",
            points=BESIDE_LABELS,
        )
        below_axes(axes, handles, columns=2)
    return axes


def plot_population_value(
    frame: pd.DataFrame, ax: Axes | None = None, *, price_base: str, title: str | None = None
) -> Axes:
    """Show what information is worth as modelled, for a year's families and over all years.

    Parameters
    ----------
    frame : DataFrame
        ``step`` (``as_modelled``, ``a_year``, ``population``; others are left out) and ``value``, GBP.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; new axes in the house style if not given.
    price_base : str
        Financial year of the prices.
    title : str, optional
        In place of the usual one.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If columns or rows are missing, or a number is not finite.

    Examples
    --------
    >>> frame = pd.DataFrame({"step": ["as_modelled", "a_year", "population"], "value": [5.0, 3.0, 9.0]})
    >>> len(plot_population_value(frame, price_base="2026-27").patches)
    3
    """
    rows = checked(frame, "plot_population_value", text=["step"], numbers=["value"])
    names = {
        "as_modelled": "Families in the model",
        "a_year": "A year's families",
        "population": "All families and years",
    }
    rows = rows[rows["step"].isin(names)].reset_index(drop=True)
    with canvas(ax, height_cm=rows_height_cm(list(rows["step"]), least=0.9)) as axes:
        axes.barh(range(len(rows)), rows["value"], color=[GREY, TEAL, BLUE][: len(rows)], height=0.6)
        set_rows(axes, [names[step] for step in rows["step"]])
        money_axis(axes.xaxis, ticks=5)
        axes.set_xlabel(prices(price_base))
        set_titles(axes, title or "What information is worth", "For one choice.", points=BESIDE_LABELS)
    return axes


def _by_families(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.sort_values("families", ignore_index=True)


def _band(axes: Axes, rows: pd.DataFrame, column: str) -> Artist:
    """Draw the 95% interval of a column."""
    reach = Z95 * rows["standard_error"]
    return axes.fill_between(
        rows["families"],
        rows[column] - reach,
        rows[column] + reach,
        color=_BAND,
        linewidth=0,
        label="95% interval",
    )


def _families_axis(axes: Axes) -> None:
    axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.set_xlabel("Families in the study")
    money_axis(axes.yaxis)

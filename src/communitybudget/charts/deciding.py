"""Options of a decision: how often each is the best, and what a wrong choice costs."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import PercentFormatter

from communitybudget._core.normal import Z95_DRAWN
from communitybudget.charts.frames import checked, unique
from communitybudget.charts.layout import (
    BESIDE_LABELS,
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
from communitybudget.charts.style import BLACK, BLUE, GREY, LOSS

_MARKERS = "osD^vP*X"
_APART = 0.12


def plot_decision(
    frame: pd.DataFrame, ax: Axes | None = None, *, price_base: str, title: str | None = None
) -> Axes:
    """Show how often each option is the best, with the expected loss of choosing it at the right.

    Parameters
    ----------
    frame : DataFrame
        One row an option, the first on top: ``option`` (in words), ``probability_best`` and
        ``probability_best_error`` (Monte Carlo standard error), shares; ``expected_loss``, GBP, what
        choosing the option loses on average against knowing beforehand which is best.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; new axes in the house style if not given.
    price_base : str
        Financial year of the prices.
    title : str, optional
        In place of "Which option: how often each is the best".

    Returns
    -------
    matplotlib.axes.Axes
        The option with the least expected loss, which is the best on average, is in colour.

    Raises
    ------
    ValueError
        If columns or rows are missing, a number is not finite, or an option comes twice.

    Examples
    --------
    >>> frame = pd.DataFrame({"option": ["As now", "Support"], "probability_best": [0.4, 0.6]})
    >>> frame = frame.assign(probability_best_error=0.01, expected_loss=[5e3, 3e3])
    >>> ax = plot_decision(frame, price_base="2026-27")
    >>> [text.get_text() for text in ax.texts if text.get_gid() == "row"]
    ['£5,000', '£3,000']
    """
    chart = "plot_decision"
    shares = ["probability_best", "probability_best_error"]
    rows = checked(frame, chart, text=["option"], numbers=[*shares, "expected_loss"])
    unique(rows, "option", chart)
    labels = [wrap_label(label, 40) for label in rows["option"]]
    best = int(rows["expected_loss"].to_numpy().argmin())
    colours = [BLUE if i == best else GREY for i in range(len(rows))]
    percent, error = (100 * rows[name].to_numpy() for name in shares)
    low, high = np.maximum(percent - Z95_DRAWN * error, 0.0), np.minimum(percent + Z95_DRAWN * error, 100.0)
    with canvas(ax, height_cm=rows_height_cm(labels, least=0.9)) as axes:
        places = np.arange(len(rows))
        axes.barh(places, percent, height=0.6, color=colours)
        axes.hlines(places, low, high, color=BLACK, linewidth=1.2)
        set_rows(axes, labels)
        axes.set_xlim(0, max(float(high.max()) * 1.05, 5.0))
        axes.xaxis.set_major_formatter(PercentFormatter(100, decimals=0))
        axes.set_xlabel("Share of the draws in which it is the best")
        beside_rows(axes, [money(loss) for loss in rows["expected_loss"]])
        set_titles(
            axes,
            title or "Which option: how often each is the best",
            f"Right: expected loss of choosing it, {prices(price_base)}.",
            points=BESIDE_LABELS,
        )
        note = "In colour: best on average. Black: 95% Monte Carlo interval."
        below_axes(axes, notes=[note])
    return axes


def plot_regret(
    frame: pd.DataFrame, ax: Axes | None = None, *, price_base: str, title: str | None = None
) -> Axes:
    """Show what each option falls short of the best one in each named scenario.

    Parameters
    ----------
    frame : DataFrame
        One row for each pair: ``option`` and ``scenario`` (in words), ``regret`` (GBP, never negative).
        Both keep the order in which they first come.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; new axes in the house style if not given.
    price_base : str
        Financial year of the prices.
    title : str, optional
        In place of "What each option can fall short by".

    Returns
    -------
    matplotlib.axes.Axes
        At the right stands the largest regret of each option; the smallest of these is in colour.

    Raises
    ------
    ValueError
        If columns or rows are missing, a number is not finite, or a regret is negative.

    Examples
    --------
    >>> pairs = [("As now", "central", 80.0), ("As now", "prudent", 0.0), ("Support", "central", 0.0)]
    >>> frame = pd.DataFrame([*pairs, ("Support", "prudent", 30.0)], columns=["option", "scenario", "regret"])
    >>> ax = plot_regret(frame, price_base="2026-27")
    >>> [text.get_text() for text in ax.texts if text.get_gid() == "row"]
    ['£80', '£30']
    """
    rows = checked(frame, "plot_regret", text=["option", "scenario"], numbers=["regret"])
    if (rows["regret"] < 0).any():
        raise ValueError(
            "plot_regret: a regret is negative; it is the best net benefit less that of the option"
        )
    options, scenarios = list(dict.fromkeys(rows["option"])), list(dict.fromkeys(rows["scenario"]))
    largest = rows.groupby("option")["regret"].max().reindex(options).to_numpy()
    least = int(largest.argmin())
    labels = [wrap_label(label, 40) for label in options]
    with canvas(ax, height_cm=rows_height_cm(labels, least=1.0)) as axes:
        places = np.arange(len(options))
        axes.barh(
            places, largest, height=0.6, color=[BLUE if i == least else GREY for i in places], alpha=0.35
        )
        handles: list[Line2D] = []
        for i, scenario in enumerate(scenarios):
            own = rows[rows["scenario"] == scenario]
            marker = _MARKERS[i % len(_MARKERS)]
            colour = LOSS if i % 2 else BLACK
            apart = _APART * (i - (len(scenarios) - 1) / 2)
            where = [options.index(option) + apart for option in own["option"]]
            handles += axes.plot(
                own["regret"],
                where,
                linestyle="none",
                marker=marker,
                color=colour,
                markersize=5.5,
                zorder=3,
                label=scenario,
            )
        set_rows(axes, labels)
        reach = max(float(largest.max()), 1.0)
        axes.set_xlim(-0.03 * reach, 1.08 * reach)
        money_axis(axes.xaxis)
        axes.set_xlabel(f"Regret, {prices(price_base)}")
        beside_rows(axes, [money(value) for value in largest])
        set_titles(
            axes,
            title or "What each option can fall short by",
            "Bar and right: the largest regret. In colour: the smallest of them.",
            points=BESIDE_LABELS,
        )
        below_axes(axes, handles, columns=min(len(scenarios), 3))
    return axes

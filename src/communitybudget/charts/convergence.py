"""How a result settles down as the draws add up."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator, PercentFormatter
from numpy.typing import NDArray

from communitybudget._core.normal import Z95_DRAWN
from communitybudget.charts.frames import checked
from communitybudget.charts.layout import FULL_WIDTH, below_axes, canvas, prices, set_titles
from communitybudget.charts.money import money, money_axis
from communitybudget.charts.style import BLACK, BLUE, LOOKS, LOSS, TEAL

_LINES = (("p90", "P90", TEAL), ("mean", "Mean", BLUE), ("p10", "P10", LOSS))


def plot_convergence(
    frame: pd.DataFrame, ax: Axes | None = None, *, price_base: str, title: str | None = None
) -> Axes:
    """Show the running mean, P10 and P90 against the number of draws, with bands of Monte Carlo error.

    Parameters
    ----------
    frame : DataFrame
        One row a step: ``draws``; ``mean``, ``p10``, ``p90`` (GBP) and ``mean_error``, ``p10_error``,
        ``p90_error``, their Monte Carlo standard errors, NaN where there are too few draws to tell.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; new axes in the house style if not given.
    price_base : str
        Financial year of the prices.
    title : str, optional
        In place of "Are there enough draws".

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If columns or rows are missing, or a number other than the error of a percentile is not finite.

    Examples
    --------
    >>> frame = pd.DataFrame({"draws": [50, 100], "mean": [1e4, 2e4], "mean_error": [5e3, 3e3]})
    >>> frame = frame.assign(p10=-4e4, p10_error=[float("nan"), 9e3], p90=6e4, p90_error=9e3)
    >>> ax = plot_convergence(frame, price_base="2026-27")
    >>> [text.get_text() for text in ax.texts if text.get_gid() == "subtitle"]
    ['After 100 draws the mean is £20k, give or take £5,880 (95%).']
    """
    chart = "plot_convergence"
    rows = checked(frame, chart, numbers=["draws", "mean", "mean_error", "p10", "p90"])
    draws = rows["draws"].to_numpy()
    last = rows.iloc[-1]
    with canvas(ax, height_cm=9.0) as axes:
        lines = []
        for name, label, colour in _LINES:
            errors = pd.to_numeric(frame[f"{name}_error"]).to_numpy(dtype=float)
            values = rows[name].to_numpy()
            _band(axes, draws, values, errors, colour)
            lines += axes.plot(draws, values, color=colour, label=label)
        axes.axhline(0, color=BLACK, linewidth=0.8)
        _draws_axis(axes, draws)
        axes.margins(x=0)
        money_axis(axes.yaxis)
        axes.set_ylabel(f"Net benefit,\n{prices(price_base)}")
        words = (
            f"After {int(last['draws']):,} draws the mean is {money(last['mean'])}, give or take "
            f"{money(Z95_DRAWN * last['mean_error'])} (95%)."
        )
        set_titles(axes, title or "Are there enough draws", words, points=FULL_WIDTH)
        below_axes(axes, lines, columns=3, notes=["Bands: 95% Monte Carlo intervals."])
    return axes


def plot_convergence_of_probability(
    frame: pd.DataFrame, ax: Axes | None = None, *, title: str | None = None
) -> Axes:
    """Show the running probability of at least breaking even against the number of draws, with its error.

    Parameters
    ----------
    frame : DataFrame
        One row a step: ``draws``, ``probability`` and ``probability_error`` (Monte Carlo standard error),
        shares.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; new axes in the house style if not given.
    title : str, optional
        In place of "Are there enough draws for the probability".

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
    ...     {"draws": [50, 100], "probability": [0.6, 0.62], "probability_error": [0.1, 0.05]}
    ... )
    >>> plot_convergence_of_probability(frame).get_ylabel()
    'Probability of at least breaking even'
    """
    numbers = ["draws", "probability", "probability_error"]
    rows = checked(frame, "plot_convergence_of_probability", numbers=numbers)
    draws, share, error = (rows[name].to_numpy() for name in numbers)
    with canvas(ax, height_cm=8.0) as axes:
        _band(axes, draws, 100 * share, 100 * error, BLUE)
        axes.plot(draws, 100 * share, color=BLUE)
        axes.axhline(50, color=BLACK, linewidth=0.8, linestyle=":")
        _draws_axis(axes, draws)
        axes.margins(x=0)
        axes.set_ylim(0, 100)
        axes.yaxis.set_major_formatter(PercentFormatter(100, decimals=0))
        axes.set_ylabel("Probability of at least breaking even")
        words = (
            f"After {int(draws[-1]):,} draws it is {share[-1]:.0%}, give or take "
            f"{100 * Z95_DRAWN * error[-1]:.1f} percentage points (95%)."
        )
        set_titles(axes, title or "Are there enough draws for the probability", words, points=FULL_WIDTH)
    return axes


def plot_looks(
    frame: pd.DataFrame, ax: Axes | None = None, *, price_base: str, title: str | None = None
) -> Axes:
    """Show the mean of each option at each look of a stop rule, with its Monte Carlo error.

    Parameters
    ----------
    frame : DataFrame
        One row for each look and option: ``draws``, ``option`` (in words), ``mean`` (GBP) and
        ``mean_error``, its Monte Carlo standard error.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; new axes in the house style if not given.
    price_base : str
        Financial year of the prices.
    title : str, optional
        In place of "Which option is best on average".

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If columns or rows are missing, or a number is not finite.

    Examples
    --------
    >>> frame = pd.DataFrame({"option": "Support", "draws": [50, 100], "mean": [1e4, 2e4]})
    >>> plot_looks(frame.assign(mean_error=[5e3, 3e3]), price_base="2026-27").get_xlabel()
    'Draws'
    """
    rows = checked(frame, "plot_looks", text=["option"], numbers=["draws", "mean", "mean_error"])
    with canvas(ax, height_cm=9.0) as axes:
        lines = []
        for i, option in enumerate(dict.fromkeys(rows["option"])):
            own = rows[rows["option"] == option]
            colour, style = LOOKS[i % len(LOOKS)]
            draws, mean = own["draws"], own["mean"]
            axes.errorbar(
                draws, mean, yerr=Z95_DRAWN * own["mean_error"], fmt="none", ecolor=colour, capsize=3
            )
            lines += axes.plot(
                draws, mean, color=colour, linestyle=style, marker="o", markersize=3, label=option
            )
        _draws_axis(axes, np.unique(rows["draws"].to_numpy()))
        money_axis(axes.yaxis)
        axes.set_ylabel(f"Mean net present value,\n{prices(price_base)}")
        words = "The mean at each look, with its 95% Monte Carlo interval."
        set_titles(axes, title or "Which option is best on average", words, points=FULL_WIDTH)
        below_axes(axes, lines, columns=2)
    return axes


def _band(
    ax: Axes,
    draws: NDArray[np.float64],
    values: NDArray[np.float64],
    errors: NDArray[np.float64],
    colour: str,
) -> None:
    ax.fill_between(
        draws, values - Z95_DRAWN * errors, values + Z95_DRAWN * errors, color=colour, alpha=0.18, linewidth=0
    )


def _draws_axis(ax: Axes, draws: NDArray[np.float64]) -> None:
    """Make a logarithmic axis of draws, labelled in whole numbers."""
    ax.set_xscale("log")
    first, last = float(draws[0]), float(draws[-1])
    steps = [size * 10**power for power in range(9) for size in (1, 2, 5)]
    shown = [step for step in steps if first * 0.999 <= step <= last * 1.001] or [int(last)]
    ax.set_xticks(shown, [f"{step:,}" for step in shown])
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_xlabel("Draws")

"""Curves of several options: how net benefit is distributed, and how likely it is to lose an amount."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from communitybudget._core.normal import Z95_DRAWN
from communitybudget.charts.frames import checked
from communitybudget.charts.layout import FULL_WIDTH, below_axes, canvas, prices, set_titles
from communitybudget.charts.money import money_axis
from communitybudget.charts.style import BLACK, LOOKS


def plot_dominance(
    frame: pd.DataFrame, ax: Axes | None = None, *, price_base: str, title: str | None = None
) -> Axes:
    """Show the distribution of the net benefit of each option; a curve farther right is better.

    Parameters
    ----------
    frame : DataFrame
        ``option`` (in words), ``share`` (of the draws at or below) and ``net_benefit`` (GBP, the quantile
        of that share).
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; new axes in the house style if not given.
    price_base : str
        Financial year of the prices.
    title : str, optional
        In place of "Does one option dominate".

    Returns
    -------
    matplotlib.axes.Axes
        The axis ends at the outermost 1% of any curve.

    Raises
    ------
    ValueError
        If columns or rows are missing, or a number is not finite.

    Examples
    --------
    >>> frame = pd.DataFrame({"option": "Support", "share": [0.0, 0.5, 1.0], "net_benefit": [-1e5, 0, 4e5]})
    >>> plot_dominance(frame, price_base="2026-27").get_ylabel()
    'Share of the draws at or below'
    """
    rows = checked(frame, "plot_dominance", text=["option"], numbers=["share", "net_benefit"])
    rows = rows.sort_values(["share", "net_benefit"], kind="stable")
    middle = rows.loc[rows["share"].between(0.01, 0.99), "net_benefit"]
    with canvas(ax, height_cm=9.0) as axes:
        lines = []
        for i, option in enumerate(dict.fromkeys(frame["option"].astype(str))):
            own = rows[rows["option"] == option]
            colour, style = LOOKS[i % len(LOOKS)]
            lines += axes.plot(
                own["net_benefit"], 100 * own["share"], color=colour, linestyle=style, label=option
            )
        axes.axvline(0, color=BLACK, linewidth=0.8, zorder=1)
        if middle.max() > middle.min():
            margin = 0.04 * (middle.max() - middle.min())
            axes.set_xlim(middle.min() - margin, middle.max() + margin)
        axes.set_ylim(0, 100)
        money_axis(axes.xaxis)
        axes.yaxis.set_major_formatter(PercentFormatter(100, decimals=0))
        axes.set_xlabel(f"Net benefit, {prices(price_base)}")
        axes.set_ylabel("Share of the draws at or below")
        words = "A curve that is nowhere left of another is at least as likely to reach any amount."
        set_titles(axes, title or "Does one option dominate", words, points=FULL_WIDTH)
        below_axes(axes, lines, columns=2)
    return axes


def plot_loss_curve(
    frame: pd.DataFrame, ax: Axes | None = None, *, price_base: str, title: str | None = None
) -> Axes:
    """Show how likely each option is to lose more than an amount.

    Parameters
    ----------
    frame : DataFrame
        ``option`` (in words), ``amount`` (GBP lost, 0 or more), ``probability`` and ``standard_error``
        (Monte Carlo), shares.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; new axes in the house style if not given.
    price_base : str
        Financial year of the prices.
    title : str, optional
        In place of "How much could be lost".

    Returns
    -------
    matplotlib.axes.Axes
        Bands are 95% Monte Carlo intervals.

    Raises
    ------
    ValueError
        If columns or rows are missing, or a number is not finite.

    Examples
    --------
    >>> frame = pd.DataFrame({"option": "Support", "amount": [0.0, 1e5], "probability": [0.3, 0.1]})
    >>> plot_loss_curve(frame.assign(standard_error=0.01), price_base="2026-27").get_ylabel()
    'Probability of losing more'
    """
    numbers = ["amount", "probability", "standard_error"]
    rows = checked(frame, "plot_loss_curve", text=["option"], numbers=numbers)
    with canvas(ax, height_cm=8.6) as axes:
        lines = []
        for i, option in enumerate(dict.fromkeys(rows["option"])):
            own = rows[rows["option"] == option].sort_values("amount")
            colour, style = LOOKS[i % len(LOOKS)]
            percent, reach = 100 * own["probability"], 100 * Z95_DRAWN * own["standard_error"]
            axes.fill_between(
                own["amount"],
                (percent - reach).clip(0),
                (percent + reach).clip(upper=100),
                color=colour,
                alpha=0.18,
                linewidth=0,
            )
            lines += axes.plot(own["amount"], percent, color=colour, linestyle=style, label=option)
        axes.set_ylim(bottom=0)
        axes.margins(x=0)
        money_axis(axes.xaxis)
        axes.yaxis.set_major_formatter(PercentFormatter(100, decimals=0))
        axes.set_xlabel(f"Loss beyond this amount, {prices(price_base)}")
        axes.set_ylabel("Probability of losing more")
        words = "At the left: the probability of any loss. Bands: 95% Monte Carlo intervals."
        set_titles(axes, title or "How much could be lost", words, points=FULL_WIDTH)
        below_axes(axes, lines, columns=2)
    return axes

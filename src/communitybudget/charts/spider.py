"""The spider: the net present value as one input at a time changes."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from communitybudget.charts.frames import checked
from communitybudget.charts.layout import FULL_WIDTH, below_axes, canvas, prices, set_titles, wrap_label
from communitybudget.charts.money import money_axis
from communitybudget.charts.style import BLACK, BLUE, DARK, LOSS, ROSE, SAND, TEAL

_LOOKS = tuple(
    (colour, style) for style in ("-", "--", ":") for colour in (BLUE, LOSS, TEAL, ROSE, DARK, SAND)
)


def plot_spider(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    *,
    price_base: str,
    title: str | None = None,
    subtitle: str = "A steep line matters more; where it crosses nil is the switching value.",
    change_label: str = "Change of the input from its central value",
) -> Axes:
    """Show the net present value as one input at a time changes: one line per input.

    Parameters
    ----------
    frame : DataFrame
        One row per input and change: ``label``; ``change``, a share, 0.1 for 10% more; ``outcome``, the
        expected net present value (real GBP).
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; new axes in the house style if not given.
    price_base : str
        Financial year of the prices.
    title : str, optional
        Title in place of "One input at a time".
    subtitle : str, optional
        Line under the title, in place of how to read a spider.
    change_label : str, optional
        What the change is.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If columns or rows are missing, a number is not finite, or there are more than 18 inputs.

    Examples
    --------
    >>> lines = pd.DataFrame({"label": "Reach", "change": [-0.5, 0.5], "outcome": [-1e4, 2e4]})
    >>> plot_spider(lines, price_base="2026-27").get_lines()[-1].get_label()
    'Reach'
    """
    chart = "plot_spider"
    rows = checked(frame, chart, text=["label"], numbers=["change", "outcome"])
    labels = list(dict.fromkeys(rows["label"]))
    if len(labels) > len(_LOOKS):
        raise ValueError(
            f"{chart}: {len(labels)} inputs are too many to tell apart; give up to {len(_LOOKS)}"
        )
    with canvas(ax, height_cm=8.0 + 0.55 * len(labels)) as axes:
        axes.axhline(0, color=BLACK, linewidth=0.8)
        handles = []
        for label, (colour, style) in zip(labels, _LOOKS, strict=False):
            line = rows[rows["label"] == label].sort_values("change", kind="stable")
            (drawn,) = axes.plot(line["change"], line["outcome"], color=colour, linestyle=style)
            drawn.set_label(wrap_label(label, 80))
            handles.append(drawn)
        axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        axes.set_xlabel(change_label)
        money_axis(axes.yaxis)
        axes.set_ylabel(f"Net present value,\n{prices(price_base)}")
        set_titles(axes, title or "One input at a time", subtitle, points=FULL_WIDTH)
        below_axes(axes, handles)
    return axes

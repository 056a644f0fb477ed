"""Which input matters to which agency: a table, darker for a larger share."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, PowerNorm

from communitybudget.charts.frames import checked
from communitybudget.charts.layout import BESIDE_LABELS, canvas, set_titles, wrap_label
from communitybudget.charts.style import BLUE, DARK, SMALL

_SHADES = LinearSegmentedColormap.from_list("share", ["#FFFFFF", BLUE])
_LEAST_SHOWN = 0.005
_WHITE_FROM = 0.3


def plot_importance(
    frame: pd.DataFrame, ax: Axes | None = None, *, title: str | None = None, most: int = 12
) -> Axes:
    """Show the share of each agency's variance by input: inputs down, agencies across.

    Parameters
    ----------
    frame : DataFrame
        One row per input and outcome: ``input`` (its key), ``label``, ``outcome`` (an agency's printable
        name) and ``share`` of the variance, 0 to 1. A pair that is missing counts as 0.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; new axes in the house style if not given.
    title : str, optional
        Title in place of "Which input matters to whom".
    most : int, default 12
        How many inputs to show, by the largest share that they have anywhere; the others are counted. A
        row called ``unexplained`` stays last.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If columns or rows are missing, a number is not finite, a pair comes twice, or ``most`` is below 1.

    Examples
    --------
    >>> frame = pd.DataFrame({"input": ["a", "b"], "label": ["Reach", "Cost"], "share": [0.7, 0.2]})
    >>> ax = plot_importance(frame.assign(outcome="NHS"))
    >>> [text.get_text() for text in ax.texts if text.get_gid() == "cell"]
    ['70%', '20%']
    """
    chart = "plot_importance"
    rows = checked(frame, chart, text=["input", "label", "outcome"], numbers=["share"])
    if most < 1:
        raise ValueError(f"{chart}: most is {most}; show at least 1 input")
    if rows.duplicated(["input", "outcome"]).any():
        raise ValueError(f"{chart}: an input comes twice with one outcome; give one row for each pair")
    table = rows.pivot(index="input", columns="outcome", values="share").fillna(0.0)
    table = table[list(dict.fromkeys(rows["outcome"]))]
    largest = table.max(axis=1).loc[list(dict.fromkeys(rows["input"]))]
    inputs = largest.drop("unexplained", errors="ignore").sort_values(ascending=False, kind="stable")
    hidden = len(inputs) - most
    order = [*inputs.index[:most], *(["unexplained"] if "unexplained" in table.index else [])]
    shares = table.loc[order].to_numpy(dtype=float)
    text = dict(zip(rows["input"], rows["label"], strict=True))
    labels = [wrap_label(text[key], 34) for key in order]
    heads = [wrap_label(name, 16) for name in table.columns]
    lines = sum(0.25 + 0.36 * (label.count("\n") + 1) for label in labels)
    with canvas(ax, height_cm=6.4 + lines) as axes:
        axes.imshow(shares, cmap=_SHADES, norm=PowerNorm(0.5, 0, 1), aspect="auto")
        for (row, column), share in np.ndenumerate(shares):
            axes.text(
                column,
                row,
                f"{share:.0%}" if share >= _LEAST_SHOWN else "",
                ha="center",
                va="center",
                fontsize=SMALL,
                color="white" if share > _WHITE_FROM else DARK,
                gid="cell",
            )
        axes.set_yticks(range(len(order)), labels)
        axes.set_xticks(range(len(heads)), heads, rotation=45, ha="right", rotation_mode="anchor")
        axes.tick_params(length=0)
        axes.grid(visible=False)
        axes.spines[:].set_visible(False)
        subtitle = "Share of the variance of each agency's net benefit that one input explains by itself."
        if hidden > 0:
            subtitle += f" Not shown, smaller everywhere: {hidden}."
        set_titles(axes, title or "Which input matters to whom", subtitle, points=BESIDE_LABELS)
    return axes

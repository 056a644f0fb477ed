"""Chart of an agreement: where each partner stands before and after."""

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from communitybudget.charts.frames import checked, ordered, unique
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
from communitybudget.charts.style import BLACK, BLUE, LOSS

_APART = 0.16


def plot_before_and_after(
    frame: pd.DataFrame, ax: Axes | None = None, *, price_base: str, title: str | None = None
) -> Axes:
    """Show what each partner comes to without and with an agreement.

    Parameters
    ----------
    frame : DataFrame
        One row per partner. ``agency`` (name as printed); present values in real GBP, costs avoided less
        spending: ``before``, ``before_p10``, ``before_p90``, ``after``, ``after_p10``, ``after_p90``.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; new axes in the house style if not given.
    price_base : str
        Financial year of the prices.
    title : str, optional
        Title in place of "Before and after the agreement".

    Returns
    -------
    matplotlib.axes.Axes
        Partners in the order of the frame, the first at the top; the mean is marked, the line runs from P10
        to P90.

    Raises
    ------
    ValueError
        If columns or rows are missing, a number is not finite, or a partner comes twice.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame(
    ...     {
    ...         "agency": ["Local authority", "Police"],
    ...         "before": [-60_000.0, 90_000.0],
    ...         "before_p10": [-70_000.0, 40_000.0],
    ...         "before_p90": [-50_000.0, 140_000.0],
    ...         "after": [10_000.0, 20_000.0],
    ...         "after_p10": [-5_000.0, 5_000.0],
    ...         "after_p90": [25_000.0, 35_000.0],
    ...     }
    ... )
    >>> plot_before_and_after(frame, price_base="2026-27").get_xlabel()
    'Present value, GBP, real, 2026-27 prices (left of nil: worse off)'
    """
    chart = "plot_before_and_after"
    moments = ("before", "after")
    numbers = [name for m in moments for name in (m, f"{m}_p10", f"{m}_p90")]
    rows = checked(frame, chart, text=["agency"], numbers=numbers)
    unique(rows, "agency", chart)
    for moment in moments:
        ordered(rows, [f"{moment}_p10", f"{moment}_p90"], chart)
    place = np.arange(len(rows), dtype=float)
    labels = [wrap_label(name, 24) for name in rows["agency"]]
    looks = (("before", "Without the agreement", LOSS, "o"), ("after", "With it", BLUE, "D"))
    with canvas(ax, height_cm=rows_height_cm(labels, least=1.05)) as axes:
        handles: list[Artist] = []
        for (moment, label, colour, marker), shift in zip(looks, (-_APART, _APART), strict=True):
            low, high = (rows[f"{moment}_{p}"].to_numpy(dtype=float) for p in ("p10", "p90"))
            axes.hlines(place + shift, low, high, color=colour, linewidth=1.6, zorder=3)
            handles += axes.plot(
                rows[moment].to_numpy(dtype=float),
                place + shift,
                linestyle="none",
                marker=marker,
                markersize=5.5,
                color=colour,
                markeredgecolor="white",
                label=f"{label}, mean and P10 to P90",
                zorder=4,
            )
        axes.axvline(0, color=BLACK, linewidth=0.9, zorder=2)
        axes.margins(x=0.05)
        set_rows(axes, labels)
        texts = zip(rows["before"], rows["after"], strict=True)
        beside_rows(axes, [f"{money(before)}\n{money(after)}" for before, after in texts])
        money_axis(axes.xaxis)
        axes.set_xlabel(f"Present value, {prices(price_base)} (left of nil: worse off)")
        set_titles(
            axes,
            title or "Before and after the agreement",
            "Printed at the right: the mean without the agreement, and with it.",
            points=BESIDE_LABELS,
        )
        below_axes(axes, handles, columns=1)
    return axes

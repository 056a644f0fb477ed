"""From one answer to another: the old one, what each change adds or takes, the new one."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from communitybudget.charts.frames import checked
from communitybudget.charts.layout import (
    BESIDE_LABELS,
    below_axes,
    canvas,
    prices,
    rows_height_cm,
    set_rows,
    set_titles,
    wrap_label,
)
from communitybudget.charts.money import money, money_axis
from communitybudget.charts.style import BLACK, DARK, GAIN, LOSS, SMALL

_HALF_ROW = 0.3


def plot_waterfall(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    *,
    before: float,
    after: float,
    price_base: str,
    price_base_before: str | None = None,
    outcome: str = "net present value",
    title: str | None = None,
    most: int = 12,
) -> Axes:
    """Show the way from one net present value to another: a bar for each, and the steps between them.

    A step begins where the one above it ends. Steps of less than half a pound are left out and counted in a
    note; above ``most`` steps the smallest stand together in the last one.

    Parameters
    ----------
    frame : DataFrame
        One row per step, in order: ``label``; ``change``, GBP. No row where nothing changed.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; new axes in the house style if not given.
    before, after : float
        The two answers, GBP; what the changes sum to lies between them.
    price_base : str
        Financial year of the prices of the answer after.
    price_base_before : str, optional
        That of the answer before, where it is another.
    outcome : str, default "net present value"
        What changed, in words.
    title : str, optional
        Title in place of "Why the net present value changed" with both answers.
    most : int, default 12
        How many steps to show.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If columns are missing, a number is not finite, the steps do not lead from one answer to the other,
        or ``most`` is below 1.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"label": ["Foster care", "Prison"], "change": [2.0e5, -3.0e4]})
    >>> ax = plot_waterfall(frame, before=1.0e5, after=2.7e5, price_base="2026-27")
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['Before', 'Foster care', 'Prison', 'After']
    """
    chart = "plot_waterfall"
    if most < 1:
        raise ValueError(f"{chart}: most is {most}; show at least 1 step")
    if not np.isfinite([before, after]).all():
        raise ValueError(f"{chart}: before is {before:g} and after {after:g}; give two finite amounts")
    steps = checked(frame, chart, text=["label"], numbers=["change"]) if len(frame) else frame
    changes = np.asarray(steps["change"], dtype=float)
    gap = before + float(changes.sum()) - after
    if abs(gap) > 1e-6 * max(1.0, abs(before), abs(after)):
        raise ValueError(
            f"{chart}: the steps lead from {before:,.2f} to {before + changes.sum():,.2f} and not to "
            f"{after:,.2f}; give every step"
        )
    moving = steps[np.abs(changes) >= 0.5]
    shown = _at_most(moving, most)
    names = _ends(price_base, price_base_before)
    labels = [names[0], *(wrap_label(label, 28) for label in shown["label"]), names[1]]
    with canvas(ax, height_cm=rows_height_cm(labels, least=0.8)) as axes:
        _draw(axes, before, after, shown["change"].to_numpy(dtype=float))
        set_rows(axes, labels)
        money_axis(axes.xaxis)
        axes.set_xlabel(f"{outcome[:1].upper()}{outcome[1:]}, {prices(price_base)}")
        set_titles(
            axes,
            title or f"Why the {outcome} changed: from {money(before)} to {money(after)}",
            "Each step begins where the one above it ends." if len(shown) else "Nothing changed it.",
            points=BESIDE_LABELS,
        )
        still = len(steps) - len(moving)
        words = "1 further step changes" if still == 1 else f"{still} further steps change"
        below_axes(axes, notes=[f"{words} nothing."] if still else [], characters=60)
    return axes


def _at_most(steps: pd.DataFrame, most: int) -> pd.DataFrame:
    """Return the largest steps in their order, and the others as one."""
    if len(steps) <= most:
        return steps
    sizes = steps["change"].abs().to_numpy(dtype=float)
    largest = np.sort(np.argsort(-sizes, kind="stable")[: most - 1])
    rest = steps.drop(steps.index[largest])
    together = {"label": [f"{len(rest)} smaller steps"], "change": [float(rest["change"].sum())]}
    return pd.concat([steps.iloc[largest], pd.DataFrame(together)], ignore_index=True)


def _ends(price_base: str, price_base_before: str | None) -> tuple[str, str]:
    if price_base_before in (None, price_base):
        return "Before", "After"
    return f"Before, in\n{price_base_before} prices", f"After, in\n{price_base} prices"


def _draw(axes: Axes, before: float, after: float, changes: np.ndarray) -> None:
    levels = before + np.concatenate([[0.0], np.cumsum(changes)])
    last = len(changes) + 1
    for row, amount in ((0, before), (last, after)):
        axes.barh(row, amount, height=2 * _HALF_ROW, color=DARK)
        _write(axes, row, amount, money(amount), forward=amount >= 0)
    for row, change in enumerate(changes, 1):
        colour, hatch = (GAIN, "") if change >= 0 else (LOSS, "////")
        axes.barh(
            row,
            change,
            left=levels[row - 1],
            height=2 * _HALF_ROW,
            color=colour,
            hatch=hatch,
            edgecolor="white",
            linewidth=0.4,
        )
        _write(axes, row, levels[row], f"{'+' if change > 0 else ''}{money(change)}", forward=change >= 0)
    for row, level in enumerate(levels):
        axes.plot([level, level], [row + _HALF_ROW, row + 1 - _HALF_ROW], color=DARK, linewidth=0.6)
    axes.axvline(0, color=BLACK, linewidth=1.1)
    low, high = min(0.0, float(levels.min())), max(0.0, float(levels.max()))
    room = 0.2 * (high - low) or 1.0
    axes.set_xlim(low - room, high + room)


def _write(axes: Axes, row: int, at: float, text: str, *, forward: bool) -> None:
    axes.annotate(
        text,
        xy=(at, row),
        xytext=(4 if forward else -4, 0),
        textcoords="offset points",
        ha="left" if forward else "right",
        va="center",
        fontsize=SMALL,
        gid="row",
    )

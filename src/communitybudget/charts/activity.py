"""Activity avoided in natural units: weeks in care, arrests, days of school missed."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from communitybudget.charts.frames import checked, ordered
from communitybudget.charts.layout import (
    BESIDE_LABELS,
    below_axes,
    beside_rows,
    canvas,
    rows_height_cm,
    set_rows,
    set_titles,
    wrap_label,
)
from communitybudget.charts.style import BLACK, GAIN, LOSS

_NUMBERS = ["mean", "p10", "p90", "bau_mean"]


def plot_activity_avoided(frame: pd.DataFrame, ax: Axes | None = None, *, title: str | None = None) -> Axes:
    r"""Show activity avoided as a share of business as usual, its natural units printed beside it.

    Parameters
    ----------
    frame : DataFrame
        One row per activity, drawn in the order given: ``pathway``; ``label``; ``unit`` (such as
        ``weeks``); in that unit ``mean``, ``p10``, ``p90`` of what is avoided (negative where there
        is more of it) and ``bau_mean``, the activity under business as usual.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; new axes in the house style if not given.
    title : str, optional
        Title in place of "Activity avoided".

    Returns
    -------
    matplotlib.axes.Axes
        Activities that business as usual does not have are left out and named in a note; those that
        change in no draw are left out and counted.

    Raises
    ------
    ValueError
        If columns or rows are missing, a number is not finite, or ``bau_mean`` is negative.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame(
    ...     {
    ...         "pathway": ["child_safety"],
    ...         "label": ["Looked after"],
    ...         "unit": ["weeks"],
    ...         "mean": [120.0],
    ...         "p10": [30.0],
    ...         "p90": [210.0],
    ...         "bau_mean": [960.0],
    ...     }
    ... )
    >>> ax = plot_activity_avoided(frame)
    >>> [text.get_text() for text in ax.texts if text.get_gid() == "row"]
    ['120 of 960 weeks\n(30 to 210)']
    """
    chart = "plot_activity_avoided"
    rows = checked(frame, chart, text=["pathway", "label", "unit"], numbers=_NUMBERS)
    ordered(rows, ["p10", "p90"], chart)
    if (rows["bau_mean"] < 0).any():
        raise ValueError(f"{chart}: 'bau_mean' is negative; activity under business as usual cannot be")
    none = rows["bau_mean"] == 0
    notes = []
    if none.any():
        notes.append(f"Not shown, none under business as usual: {'; '.join(rows.loc[none, 'label'])}.")
    still = ~none & (rows[["mean", "p10", "p90"]] == 0).all(axis=1)
    if still.all() or not (~none & ~still).any():
        still[:] = False
    if still.any():
        count = int(still.sum())
        notes.append("1 count that does not change." if count == 1 else f"{count} counts that do not change.")
        notes[-1] = f"Not shown, {notes[-1]}"
    shown = rows.loc[~none & ~still].reset_index(drop=True)
    pathways = [name.replace("_", " ") for name in shown["pathway"]]
    labels = [
        wrap_label(f"{label}\n({pathway})", 28)
        for label, pathway in zip(shown["label"], pathways, strict=True)
    ]
    with canvas(ax, height_cm=rows_height_cm(labels, least=0.95)) as axes:
        if shown.empty:
            axes.set_yticks([])
        else:
            _draw_rows(axes, shown)
            set_rows(axes, labels)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10]))
        axes.xaxis.set_major_formatter(PercentFormatter(100))
        axes.set_xlabel("Avoided, share of business as usual (below zero: more of it)")
        set_titles(
            axes,
            title or "Activity avoided",
            "Bar: mean. Line: P10 to P90. Right: in natural units.",
            points=BESIDE_LABELS,
        )
        below_axes(axes, notes=notes, characters=60)
    return axes


def _draw_rows(axes: Axes, shown: pd.DataFrame) -> None:
    place = np.arange(len(shown))
    usual = shown["bau_mean"].to_numpy(dtype=float)
    mean, low, high = (shown[name].to_numpy(dtype=float) / usual * 100 for name in ("mean", "p10", "p90"))
    axes.barh(
        place,
        mean,
        height=0.55,
        color=[LOSS if share < 0 else GAIN for share in mean],
        edgecolor="white",
        linewidth=0.4,
        label="Mean",
    )
    axes.hlines(place, low, high, color="white", linewidth=3.4, zorder=3)
    axes.hlines(place, low, high, color=BLACK, linewidth=1.3, zorder=4)
    axes.axvline(0, color=BLACK, linewidth=0.9)
    axes.margins(x=0.05)
    texts = []
    for row, unit in enumerate(shown["unit"]):
        avoided, p10, p90, bau = (amount(float(shown[name].iloc[row])) for name in _NUMBERS)
        texts.append(wrap_label(f"{avoided} of {bau} {unit}\n({p10} to {p90})", 28))
    beside_rows(axes, texts)


def amount(value: float) -> str:
    """Return a quantity as short text, three figures, or all figures before the point.

    Examples
    --------
    >>> amount(1240.4), amount(12.34), amount(-0.4212)
    ('1,240', '12.3', '−0.421')
    """
    size = abs(value)
    decimals = 0 if size >= 99.95 else 1 if size >= 9.995 else 2 if size >= 0.9995 else 3
    text = f"{size:,.{decimals}f}"
    if decimals:
        text = text.rstrip("0").rstrip(".")
    if text == "0":
        return text
    return f"{'−' if value < 0 else ''}{text}"

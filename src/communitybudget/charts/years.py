"""Financial years on a horizontal axis."""

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from communitybudget._core.years import format_year

_MOST_LABELS = 9


def year_axis(ax: Axes, years: NDArray[np.int_]) -> None:
    """Label a horizontal axis of first calendar years as financial years, thinned out to fit.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Axes whose horizontal position is the calendar year in which a financial year begins.
    years : ndarray of int, shape (year,)
        The years shown.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = Figure().add_subplot()
    >>> year_axis(ax, np.array([2026, 2027]))
    >>> [label.get_text() for label in ax.get_xticklabels()]
    ['2026-27', '2027-28']
    """
    first, last = int(years.min()), int(years.max())
    shown = range(first, last + 1, -(-(last - first + 1) // _MOST_LABELS))
    ax.set_xticks(list(shown), [format_year(year) for year in shown])

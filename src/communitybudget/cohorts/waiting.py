"""Waiting lists: who starts when, where a programme has so many places and so many months."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_SLIVER = 1e-9


@dataclass(frozen=True, slots=True)
class WaitingList:
    """Who starts when.

    Parameters
    ----------
    ready : ndarray, shape (T,)
        Families ready to start, by month.
    starts : ndarray, shape (T, T)
        Of those ready in a month (row), families who start in a month (column).
    closes : int
        Month from which on nobody starts.
    """

    ready: Array
    starts: Array
    closes: int

    @property
    def started(self) -> Array:
        """Families who start, by month, shape (T,)."""
        return np.asarray(self.starts.sum(axis=0))

    @property
    def never(self) -> Array:
        """Families who never start within the horizon, by the month in which they were ready, shape (T,)."""
        return np.asarray(np.maximum(self.ready - self.starts.sum(axis=1), 0.0))

    @property
    def waiting(self) -> Array:
        """Families who wait at the end of each month, shape (T,); nobody waits for what has closed."""
        left = np.asarray(np.cumsum(self.ready) - np.cumsum(self.started))
        left[left < _SLIVER * self.ready.sum()] = 0.0
        left[self.closes :] = 0.0
        return left

    @property
    def mean_wait(self) -> Array:
        """Mean months waited by those who start in a month, shape (T,); NaN where nobody does."""
        months = np.arange(len(self.ready))
        waited = (self.starts * (months[None, :] - months[:, None])).sum(axis=0)
        some = self.started > 0
        return np.where(some, waited / np.where(some, self.started, 1.0), np.nan)

    @property
    def longest_wait(self) -> Array:
        """Most months waited by those who start in a month, shape (T,); NaN where nobody does."""
        first = (self.starts > 0).argmax(axis=0)
        return np.where(self.started > 0, np.arange(len(self.ready)) - first, np.nan)


def waiting_list(
    ready: Array, places: float, months_each: int, opens: int = 0, closes: int | None = None
) -> WaitingList:
    """Let families start first come, first served, while there are places.

    Families flow: a part of one may start before the rest. A family that starts holds its place for
    ``months_each`` months, the first being that in which it starts; in each month those start for
    whom there is a place.

    Parameters
    ----------
    ready : ndarray, shape (T,)
        Families ready to start, by month.
    places : float
        Families at the same time; infinity where only the calendar holds families back.
    months_each : int
        Months that a family holds its place, whether it drops out or not.
    opens, closes : int
        First month in which families start, and the first in which none does any more.

    Returns
    -------
    WaitingList

    Raises
    ------
    ValueError
        If there is no place or no month.

    Examples
    --------
    >>> eight_places = waiting_list(np.array([10.0, 0, 4, 0, 0, 0]), places=8, months_each=3)
    >>> eight_places.started
    array([8., 0., 0., 6., 0., 0.])
    >>> eight_places.waiting
    array([2., 2., 6., 0., 0., 0.])
    >>> float(eight_places.mean_wait[3]), float(eight_places.longest_wait[3])
    (1.67, 3.0)
    """
    if not places > 0 or months_each < 1:
        raise ValueError(
            f"{places:g} places for {months_each} months each let nobody start; give numbers above 0"
        )
    months = len(ready)
    last = months if closes is None else min(closes, months)
    starts = np.zeros((months, months))
    left = np.array(ready, dtype=float)
    started = np.zeros(months)
    sliver = _SLIVER * max(float(left.sum()), 1.0)
    for month in range(max(opens, 0), last):
        free = places - started[max(month - months_each + 1, 0) : month].sum()
        for joined in np.flatnonzero(left[: month + 1]).tolist():
            if free <= sliver:
                break
            # a rest too small to be anybody starts with the others
            some = left[joined] if left[joined] <= free + sliver else free
            starts[joined, month] = some
            left[joined] -= some
            free -= some
        started[month] = starts[:, month].sum()
    return WaitingList(np.asarray(ready, dtype=float), starts, last)

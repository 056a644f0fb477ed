"""Draws summed up piece by piece: means and spreads exactly, percentiles from bins."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

FIRST = 4096
"""Draws that fix the bins; no more draws than these are held as they are."""

BINS = 2000
"""Bins between the 1st and the 99th percentile of the first draws."""

_ENDS = (0.01, 0.99)


class Moments:
    """Count, means and covariances of several series, added up in pieces.

    Sums are of distances from the first draw, so that nothing is lost where the mean is large beside the
    spread, and a series that never changes has no spread at all.

    Examples
    --------
    >>> moments = Moments()
    >>> for piece in ([[1.0, 2.0]], [[3.0]]):
    ...     moments.add(np.array(piece))
    >>> moments.count, moments.mean, moments.covariance
    (3, array([2.]), array([[1.]]))
    """

    def __init__(self) -> None:
        self.count = 0

    def add(self, values: Array) -> None:
        """Add some draws of K series, shape (K, draw)."""
        if self.count == 0:
            self._centre = values[:, 0].copy()
            self._sums = np.zeros(len(values))
            self._products = np.zeros((len(values), len(values)))
        gaps = values - self._centre[:, None]
        self._sums += gaps.sum(axis=1)
        self._products += gaps @ gaps.T
        self.count += values.shape[1]

    @property
    def mean(self) -> Array:
        """Means, shape (K,)."""
        return np.asarray(self._centre + self._sums / self.count)

    @property
    def covariance(self) -> Array:
        """Covariances with one degree of freedom taken off, shape (K, K); 0 for a single draw."""
        about_mean = self._products - np.outer(self._sums, self._sums) / self.count
        return np.asarray(about_mean / max(self.count - 1, 1))


@dataclass(frozen=True, slots=True)
class Tail:
    """The lowest draws of one series.

    Parameters
    ----------
    mean, variance : float
        Of the draws in the tail; the draw at its edge counts in part.
    edge : float
        Where the tail ends.
    error : float
        How far the mean may be from that of the draws themselves.
    """

    mean: float
    variance: float
    edge: float
    error: float


class Histogram:
    """Percentiles of several series in flat memory, each with a bound on its error.

    Bins of equal width lie between the 1st and the 99th percentile of the first `FIRST` draws; what falls
    outside is counted below or above. A percentile is the middle of its bin, at most half a bin from that
    of the draws themselves. Up to `FIRST` draws are held, and percentiles are exact.

    Parameters
    ----------
    sums : bool
        Whether to keep the sum and the squares of each bin, for `lowest`.

    Examples
    --------
    >>> histogram = Histogram()
    >>> histogram.add(np.arange(101.0)[None])
    >>> histogram.quantiles([0.1, 0.5])
    (array([[10.],
           [50.]]), array([[0.],
           [0.]]))
    """

    def __init__(self, sums: bool = False) -> None:
        self._held: list[Array] = []
        self._with_sums = sums
        self._fixed = False

    def add(self, values: Array) -> None:
        """Add some draws of K series, shape (K, draw)."""
        if self._fixed:
            self._count(values)
            return
        self._held.append(values.copy())
        if sum(piece.shape[1] for piece in self._held) > FIRST:
            held, self._held = self._held, []
            self._fix(np.concatenate(held, axis=1)[:, :FIRST])
            for piece in held:
                self._count(piece)

    @property
    def held(self) -> Array | None:
        """All draws so far, shape (K, draw), while they are few enough to be held; then None."""
        return None if self._fixed else np.concatenate(self._held, axis=1)

    def _fix(self, first: Array) -> None:
        self._fixed = True
        self._low, self._high = np.quantile(first, _ENDS, axis=1)
        self._width = (self._high - self._low) / BINS
        self._least, self._most = self._low.copy(), self._high.copy()
        self._counts = np.zeros((len(first), BINS + 2), dtype=np.int64)
        self._centre = first[:, :1].copy()
        if self._with_sums:
            self._sums, self._squares = (np.zeros(self._counts.shape) for _ in range(2))

    def _count(self, values: Array) -> None:
        scale = np.divide(1.0, self._width, out=np.zeros_like(self._width), where=self._width > 0)
        inside = (values - self._low[:, None]) * scale[:, None]
        place = 1 + np.clip(inside.astype(np.int64), 0, BINS - 1)
        place[values < self._low[:, None]] = 0
        place[values > self._high[:, None]] = BINS + 1
        place += (BINS + 2) * np.arange(len(values))[:, None]
        flat, size, shape = place.ravel(), self._counts.size, self._counts.shape
        self._counts += np.bincount(flat, minlength=size).reshape(shape)
        np.minimum(self._least, values.min(axis=1), out=self._least)
        np.maximum(self._most, values.max(axis=1), out=self._most)
        if self._with_sums:
            gaps = (values - self._centre).ravel()
            self._sums += np.bincount(flat, gaps, size).reshape(shape)
            self._squares += np.bincount(flat, gaps * gaps, size).reshape(shape)

    def quantiles(self, shares: Sequence[float]) -> tuple[Array, Array]:
        """Return quantiles, linear between draws, and how far each may be off, shape (share, K) both."""
        held = self.held
        if held is not None:
            exact = np.quantile(held, shares, axis=1)
            return exact, np.zeros_like(exact)
        values, errors = np.empty((2, len(shares), len(self._counts)))
        for k, counts in enumerate(self._counts):
            upto = counts.cumsum()
            for i, share in enumerate(shares):
                place = share * (upto[-1] - 1)
                below, above = int(np.floor(place)), int(np.ceil(place))
                (low, low_error), (high, high_error) = (
                    self._bin(k, int(np.searchsorted(upto, rank, side="right"))) for rank in (below, above)
                )
                values[i, k] = low + (place - below) * (high - low)
                errors[i, k] = max(low_error, high_error)
        return values, errors

    def _bin(self, series: int, place: int) -> tuple[float, float]:
        """Return the middle of a bin and half its width; the outer bins reach to the least and the most."""
        low, high, width = self._low[series], self._high[series], self._width[series]
        if place == 0:
            ends = (self._least[series], low)
        elif place == BINS + 1:
            ends = (high, self._most[series])
        else:
            ends = (low + (place - 1) * width, low + place * width)
        return float(ends[0] + ends[1]) / 2, float(ends[1] - ends[0]) / 2

    def lowest(self, share: float) -> Tail:
        """Return the lowest draws of the first series, more than `FIRST` in all, kept with sums."""
        counts, upto = self._counts[0], self._counts[0].cumsum()
        wanted = share * upto[-1]
        edge = int(np.searchsorted(upto, wanted - 1e-9))
        taken = wanted - (upto[edge] - counts[edge])
        part = taken / counts[edge]
        total = self._sums[0, :edge].sum() + part * self._sums[0, edge]
        squares = self._squares[0, :edge].sum() + part * self._squares[0, edge]
        middle, half = self._bin(0, edge)
        return Tail(
            float(self._centre[0, 0] + total / wanted),
            float(max(squares - total**2 / wanted, 0.0) / max(wanted - 1, 1.0)),
            middle,
            2 * half * taken * (1 - part) / wanted,
        )

"""Correlation by rank: a Gaussian copula over named streams, and the nearest matrix that is possible."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from communitybudget._core.cards import Card, CardResult
from communitybudget._core.results import result
from communitybudget._core.streams import Streams

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Array = npt.NDArray[np.float64]
Scale = Literal["real", "log", "logit"]

CORRELATION_COLUMNS: tuple[str, ...] = ("first", "second", "rank_asked", "rank_used", "change")

_LEAST_EIGENVALUE = 1e-8
_CLOSE = 1e-13
_MOST_PROJECTIONS = 50_000
_SHOWN_CHANGE = 0.0005


@result
@dataclass(frozen=True, eq=False)
class RankCorrelation(CardResult):
    """How the ranks of uncertain numbers go together.

    Parameters
    ----------
    names : tuple of str
        Of the random streams, n of them. The first keeps its draws; the others are turned towards those
        before them.
    asked, used : ndarray, shape (n, n)
        Spearman's rank correlations: as given, and those of the nearest matrix that is possible.
    normal : ndarray, shape (n, n)
        Pearson's correlations of the standard normal numbers that have the ranks ``used``.
    """

    names: tuple[str, ...]
    asked: Array
    used: Array
    normal: Array

    @cached_property
    def factor(self) -> Array:
        """Lower triangle (Cholesky) that turns independent standard normal numbers into these."""
        factor = np.asarray(np.linalg.cholesky(self.normal), dtype=np.float64)
        factor[np.abs(factor) < _CLOSE] = 0.0
        return factor

    @property
    def largest_change(self) -> tuple[str, str, float]:
        """The pair whose rank correlation had to change most to be possible, and by how much."""
        change = np.tril(self.used - self.asked, -1)
        row, column = np.unravel_index(int(np.abs(change).argmax()), change.shape)
        return self.names[column], self.names[row], float(change[row, column])

    @property
    def is_changed(self) -> bool:
        """Whether what was asked for is not possible and was changed in a digit that is shown."""
        return abs(self.largest_change[2]) >= _SHOWN_CHANGE

    def on(self, streams: Streams) -> Streams:
        """Return streams of which those named here go together; all others are unchanged."""
        return _CorrelatedStreams(streams, self)

    def to_frame(self) -> "pd.DataFrame":
        """Return a row for each pair that was asked for or goes together.

        Returns
        -------
        pandas.DataFrame
            ``first, second, rank_asked, rank_used, change``.
        """
        import pandas as pd

        rows = [
            (self.names[j], self.names[i], asked, used, used - asked)
            for i in range(len(self.names))
            for j in range(i)
            for asked, used in [(float(self.asked[i, j]), float(self.used[i, j]))]
            if asked or abs(used) >= _SHOWN_CHANGE
        ]
        return pd.DataFrame(rows, columns=list(CORRELATION_COLUMNS))

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the rank correlations that are used as a table of colours."""
        from communitybudget.charts import plot_correlation

        return plot_correlation(self.to_frame(), ax)

    @property
    def _rows(self) -> list[tuple[str, str]]:
        return [
            (f"{row.first} and {row.second}", f"{row.rank_used:.3f} (asked {row.rank_asked:.3f})")
            for row in self.to_frame().itertuples()
        ]

    @property
    def _note(self) -> str:
        if not self.is_changed:
            return "The ranks are as asked."
        first, second, change = self.largest_change
        return (
            "The correlations asked for cannot all hold together; the nearest that can are used. Most "
            f"changed: {first} and {second}, by {change:+.3f}."
        )

    def _card(self) -> Card:
        return Card("Rank correlations", self._rows, "Gaussian copula", self._note)

    def __repr__(self) -> str:
        return f"RankCorrelation({len(self.names)} names, largest change {self.largest_change[2]:+.3f})"


class _CorrelatedStreams(Streams):
    """Streams of which some go together, number by number, so that pieces change no bit."""

    def __init__(self, streams: Streams, correlation: RankCorrelation) -> None:
        self._streams, self._correlation = streams, correlation

    def next_piece(self) -> None:
        self._streams.next_piece()

    def random(self, name: str, size: int) -> Array:
        return self._streams.random(name, size)

    def standard_normal(self, name: str, size: int) -> Array:
        names = self._correlation.names
        if name not in names:
            return self._streams.standard_normal(name, size)
        row = self._correlation.factor[names.index(name)]
        if row[names.index(name)] == 1.0:
            return self._streams.standard_normal(name, size)
        # added up in order: a matrix product may round by the size of the piece
        found = np.zeros(size)
        for weight, other in zip(row, names, strict=True):
            if weight:
                found += weight * self._streams.standard_normal(other, size)
        return found


def correlated_pairs(pairs: Mapping[tuple[str, str], float]) -> RankCorrelation:
    """Return the rank correlation of pairs; pairs that are not given are independent.

    Parameters
    ----------
    pairs : mapping of (str, str) to float
        Spearman's rank correlation, -1 to 1, by two names of streams: ids of parameters, or the level that
        they share.

    Raises
    ------
    ValueError
        If a correlation is none, a name is paired with itself, or a pair is there twice.

    Examples
    --------
    >>> correlated_pairs({("cost", "reach"): 0.6}).normal.round(4)
    array([[1.   , 0.618],
           [0.618, 1.   ]])
    """
    names = tuple(dict.fromkeys(name for pair in pairs for name in pair))
    ranks = np.eye(len(names))
    for (first, second), rank in pairs.items():
        if first == second:
            raise ValueError(f"'{first}' is correlated with itself; name two different ones")
        if (second, first) in pairs:
            raise ValueError(f"'{first}' and '{second}' are there twice; keep one of the two")
        i, j = names.index(first), names.index(second)
        ranks[i, j] = ranks[j, i] = rank
    return correlated(names, ranks)


def correlated(names: Sequence[str], ranks: npt.ArrayLike) -> RankCorrelation:
    """Return the rank correlation of several numbers, from a matrix.

    Parameters
    ----------
    names : sequence of str
        Of the streams, n of them, all different.
    ranks : array_like, shape (n, n)
        Spearman's rank correlations; symmetric, with ones on the diagonal. Where they cannot all hold
        together the nearest that can are used, and the result says what was changed.

    Raises
    ------
    ValueError
        If the matrix is none of correlations or does not fit the names.

    Notes
    -----
    A Gaussian copula with Pearson's correlation ``2 sin(pi rank / 6)`` has that rank correlation: K. Pearson,
    "On further methods of determining correlation" (1907).

    Examples
    --------
    >>> correlated(["a", "b"], [[1, 0.5], [0.5, 1]]).used.round(12)
    array([[1. , 0.5],
           [0.5, 1. ]])
    """
    asked = _as_correlation(ranks, "ranks")
    if len(set(names)) != len(asked) or len(names) != len(asked):
        raise ValueError(f"there are {len(asked)} rows for the names {', '.join(names)}; give one row each")
    normal = 2 * np.sin(np.pi * asked / 6)
    np.fill_diagonal(normal, 1.0)
    possible = normal.copy()
    for block in _blocks(normal):
        possible[np.ix_(block, block)] = nearest_correlation(normal[np.ix_(block, block)])
    used = np.where(possible == normal, asked, 6 / np.pi * np.arcsin(possible / 2))
    np.fill_diagonal(used, 1.0)
    return RankCorrelation(tuple(names), asked, used, possible)


def nearest_correlation(matrix: npt.ArrayLike) -> Array:
    """Return the correlation matrix that lies nearest to a symmetric one.

    Parameters
    ----------
    matrix : array_like, shape (n, n)
        Symmetric.

    Returns
    -------
    ndarray, shape (n, n)
        Nearest in the Frobenius norm: ones on the diagonal, no eigenvalue below 1e-8 (so that it has a
        Cholesky factor). The matrix itself where it is such a one.

    Raises
    ------
    ValueError
        If the matrix is not square, symmetric and finite.

    Notes
    -----
    Source: alternating projections with Dykstra's correction, N. J. Higham, "Computing the nearest
    correlation matrix: a problem from finance", IMA Journal of Numerical Analysis 22 (2002).

    Examples
    --------
    >>> nearest_correlation([[1, 1, 0], [1, 1, 1], [0, 1, 1]]).round(4)
    array([[1.    , 0.7607, 0.1573],
           [0.7607, 1.    , 0.7607],
           [0.1573, 0.7607, 1.    ]])
    """
    given = _as_symmetric(matrix, "matrix")
    unit = bool((np.diag(given) == 1).all())
    if unit and np.linalg.eigvalsh(given)[0] >= _LEAST_EIGENVALUE / 2:
        return given
    found, correction = given.copy(), np.zeros_like(given)
    for _ in range(_MOST_PROJECTIONS):
        before = found
        bent = found - correction
        values, vectors = np.linalg.eigh(bent)
        positive = (vectors * np.maximum(values, _LEAST_EIGENVALUE)) @ vectors.T
        correction = positive - bent
        found = (positive + positive.T) / 2
        np.fill_diagonal(found, 1.0)
        if np.abs(found - before).max() < _CLOSE:
            break
    return found


def joint_normal(
    names: Sequence[str],
    mean: npt.ArrayLike,
    covariance: npt.ArrayLike,
    draws: int,
    seed: int,
    scale: Scale = "real",
) -> dict[str, Array]:
    """Draw several numbers together from their means and covariance, such as those a regression prints.

    Parameters
    ----------
    names : sequence of str
        One stream each, n of them.
    mean : array_like, shape (n,)
        On the scale.
    covariance : array_like, shape (n, n)
        On the scale; symmetric, without negative eigenvalues.
    draws, seed : int
        How many, D, and what from.
    scale : {'real', 'log', 'logit'}
        What is normal: the numbers as they are, their logarithms, or their log odds.

    Returns
    -------
    dict of str to ndarray, shape (D,)

    Raises
    ------
    ValueError
        If the covariance is none, or the sizes do not fit.

    Examples
    --------
    >>> drawn = joint_normal(["a", "b"], [0, 0], [[1, 0.9], [0.9, 1]], draws=1000, seed=0, scale="log")
    >>> bool(np.corrcoef(np.log(list(drawn.values())))[0, 1] > 0.85)
    True
    """
    covariance, centre = _as_symmetric(covariance, "covariance"), np.asarray(mean, dtype=np.float64)
    sd = np.sqrt(np.maximum(np.diag(covariance), 0))
    if centre.shape != sd.shape or len(set(names)) != sd.size or len(names) != sd.size:
        raise ValueError(
            f"covariance has {sd.size} rows for {len(names)} names and {centre.size} means; give one each"
        )
    if (np.diag(covariance) < 0).any() or np.linalg.eigvalsh(covariance)[0] < -1e-9 * sd.max() ** 2:
        raise ValueError(
            "this is no covariance: some sum of the numbers would have a negative variance; check the signs"
        )
    if scale not in ("real", "log", "logit"):
        raise ValueError(f"'{scale}' is no scale; use real, log or logit")
    outer = np.outer(sd, sd)
    normal = np.divide(covariance, outer, out=np.eye(sd.size), where=outer > 0)
    np.fill_diagonal(normal, 1.0)
    possible = nearest_correlation(np.clip(normal, -1, 1))
    ranks = 6 / np.pi * np.arcsin(possible / 2)
    together = RankCorrelation(tuple(names), ranks, ranks, possible).on(Streams(seed))
    found = {}
    for name, middle, spread in zip(names, centre, sd, strict=True):
        column = middle + spread * together.standard_normal(name, draws)
        found[name] = column if scale == "real" else np.exp(column) if scale == "log" else _share(column)
    return found


def _share(logit: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-logit)), dtype=np.float64)


def _as_symmetric(matrix: npt.ArrayLike, name: str) -> Array:
    found = np.array(matrix, dtype=np.float64)
    if found.ndim != 2 or found.shape[0] != found.shape[1] or found.shape[0] < 1:
        raise ValueError(f"{name} has shape {found.shape}; give as many rows as columns")
    if not np.isfinite(found).all():
        raise ValueError(f"{name} holds a value that is not finite; fill it in")
    if np.abs(found - found.T).max() > 1e-9 * max(1.0, np.abs(found).max()):
        row, column = np.unravel_index(int(np.abs(found - found.T).argmax()), found.shape)
        raise ValueError(
            f"{name} is not symmetric: row {row + 1} and column {column + 1} say {found[row, column]:g} and "
            f"{found[column, row]:g}; correct one of the two"
        )
    return (found + found.T) / 2


def _as_correlation(matrix: npt.ArrayLike, name: str) -> Array:
    found = _as_symmetric(matrix, name)
    if (np.diag(found) != 1).any():
        raise ValueError(f"the diagonal of {name} is not 1; a number goes with itself entirely")
    if np.abs(found).max() > 1:
        worst = found.flat[np.abs(found).argmax()]
        raise ValueError(f"a correlation of {worst:g} is none; it must lie between -1 and 1")
    return found


def _blocks(matrix: Array) -> list[list[int]]:
    """Return the numbers that hang together, so that one impossible group does not touch the others."""
    left, found = set(range(len(matrix))), []
    while left:
        block, new = set(), {min(left)}
        while new:
            block |= new
            new = {int(j) for i in new for j in np.flatnonzero(matrix[i])} - block
        found.append(sorted(block))
        left -= block
    return found

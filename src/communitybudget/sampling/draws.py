"""Draws of every uncertain parameter: one named stream each, the same whatever else is drawn."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.errors import ParameterNotFound, did_you_mean
from communitybudget._core.streams import Streams
from communitybudget.parameters import Distribution, from_normal

Array = NDArray[np.float64]

_KEPT_COLUMNS, _KEPT_UP_TO = 512, 10_000
"""How many columns are kept, and of how many draws at most: 40 MB together."""


@dataclass(frozen=True, slots=True)
class Sampled:
    """What to draw: a parameter, its distribution, and the uncertain level it shares with others.

    Parameters with the same ``level`` take the same rank in every draw: one unknown seen in
    several rows, such as the bands of one rate.
    """

    id: str
    distribution: Distribution
    level: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """Draws by parameter.

    Parameters
    ----------
    draws : int
        How many, D.
    seed : int
        What they were made from.
    columns : mapping of str to ndarray, shape (D,)
        The uncertain parameters.
    constants : mapping of str to float
        Those taken as known.
    first : int
        Position of the first of them where they are a piece of more draws.
    """

    draws: int
    seed: int
    columns: Mapping[str, Array]
    constants: Mapping[str, float]
    first: int = 0

    def __getitem__(self, key: str) -> Array | float:
        if key in self.columns:
            return self.columns[key]
        if key in self.constants:
            return self.constants[key]
        known = [*self.columns, *self.constants]
        raise ParameterNotFound(f"'{key}' was not drawn; {did_you_mean(key, known)}")

    def part(self, start: int, stop: int) -> "Draws":
        """Return some of the draws, in their order."""
        columns = {key: column[start:stop] for key, column in self.columns.items()}
        return Draws(stop - start, self.seed, columns, self.constants, self.first + start)

    def with_fixed(self, key: str, value: float) -> "Draws":
        """Return the draws with one parameter held at a value, all others unchanged."""
        columns = {k: v for k, v in self.columns.items() if k != key}
        return Draws(self.draws, self.seed, columns, {**self.constants, key: value}, self.first)


def sample(parameters: Iterable[Sampled], draws: int, seed: int, streams: Streams | None = None) -> Draws:
    """Draw every parameter.

    Parameters
    ----------
    parameters : iterable of Sampled
        In any order; the order changes nothing.
    draws : int
        How many, D, at least 1.
    seed : int
        Any whole number from 0.
    streams : Streams, optional
        To read on from, where these draws are a piece of more; of the same seed.

    Returns
    -------
    Draws

    Examples
    --------
    >>> from communitybudget.parameters import from_mean_sd
    >>> cost = Sampled("cost", from_mean_sd(100, 10))
    >>> sample([cost], draws=3, seed=0)["cost"].round(1)
    array([...])
    """
    if draws < 1:
        raise ValueError(f"draws is {draws}; ask for at least 1")
    if seed < 0:
        raise ValueError(f"seed is {seed}; use a whole number from 0")
    columns: dict[str, Array] = {}
    constants: dict[str, float] = {}
    streams = Streams(seed) if streams is None else streams
    kept = streams.plain_seed if draws <= _KEPT_UP_TO else None
    shared: dict[tuple[str, Distribution], Array] = {}
    for parameter in parameters:
        if parameter.distribution.is_fixed:
            constants[parameter.id] = parameter.distribution.numbers[0]
            continue
        level = parameter.level or parameter.id
        key = (level, parameter.distribution)
        if key not in shared and kept is not None:
            shared[key] = _kept_column(kept, level, draws, parameter.distribution)
        elif key not in shared:
            shared[key] = from_normal(parameter.distribution, streams.standard_normal(level, draws))
        columns[parameter.id] = shared[key]
    return Draws(draws, seed, columns, constants)


@lru_cache(maxsize=_KEPT_COLUMNS)
def _kept_column(seed: int, level: str, draws: int, distribution: Distribution) -> Array:
    """Return the draws of a number, kept so that changing one number draws that one alone again."""
    column = from_normal(distribution, Streams(seed).standard_normal(level, draws))
    column.flags.writeable = False
    return column


def uniform(name: str, draws: int, seed: int, streams: Streams | None = None) -> Array:
    """Return D uniform numbers from the stream of one name, for chances such as no effect at all."""
    return (streams or Streams(seed)).random(name, draws)


def dirichlet(
    names: Sequence[str],
    shares: Sequence[float],
    size: float,
    draws: int,
    seed: int,
    streams: Streams | None = None,
) -> dict[str, Array]:
    """Draw shares that sum to one.

    Parameters
    ----------
    names : sequence of str
        One name for each share; each has its own stream.
    shares : sequence of float
        Mean shares; they are rescaled to sum to one.
    size : float
        How many people the shares are worth: the larger, the surer; infinite, and they are known.
    draws, seed, streams : int, int, Streams
        As in `sample`.

    Returns
    -------
    dict of str to ndarray, shape (D,)
    """
    total = sum(shares)
    if min(shares) < 0 or total <= 0:
        raise ValueError("shares cannot be negative and cannot all be 0; correct the start mix")
    if not np.isfinite(size):
        return {n: np.full(draws, s / total) for n, s in zip(names, shares, strict=True)}
    streams = streams or Streams(seed)
    gammas = {
        name: from_normal(
            Distribution("gamma", (size * share / total, 1.0)), streams.standard_normal(name, draws)
        )
        for name, share in zip(names, shares, strict=True)
        if share > 0
    }
    whole = np.zeros(draws)
    for column in gammas.values():
        whole += column
    return {name: gammas[name] / whole if name in gammas else np.zeros(draws) for name in names}


def dirichlet_size(shares: Sequence[float], lows: Sequence[float], highs: Sequence[float], z: float) -> float:
    """Return how many people a row of shares is worth, from the intervals stated for each.

    Each interval implies a size, since a share ``s`` of ``n`` people has variance
    ``s (1 - s) / (n + 1)``; the middle (median) of them is taken.

    Examples
    --------
    >>> round(dirichlet_size([0.5, 0.5], [0.402, 0.402], [0.598, 0.598], 1.96))
    99
    """
    sizes = [
        s * (1 - s) / ((high - low) / (2 * z)) ** 2 - 1
        for s, low, high in zip(shares, lows, highs, strict=True)
        if high > low and 0 < s < 1
    ]
    return max(float(np.median(sizes)), 1.0) if sizes else np.inf

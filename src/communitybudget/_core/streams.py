"""One seed, a named random stream for each uncertain thing.

Adding a parameter leaves the draws of all others unchanged, because each stream
is keyed by the full hash of its name.
"""

from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def stream(seed: int, name: str) -> np.random.Generator:
    """Return the random stream of one name.

    Parameters
    ----------
    seed : int
        Any whole number from 0; 0 is a seed like any other.
    name : str
        Full name of the uncertain thing, for example a parameter's key.

    Returns
    -------
    numpy.random.Generator
        A Philox generator; the same seed and name always give the same numbers.

    Examples
    --------
    >>> stream(0, "a").random() == stream(0, "a").random()
    True
    >>> stream(0, "a").random() == stream(0, "b").random()
    False
    """
    words = np.frombuffer(sha256(name.encode()).digest(), dtype="<u4")
    sequence = np.random.SeedSequence(seed, spawn_key=tuple(words.tolist()))
    return np.random.Generator(np.random.Philox(sequence))


class Streams:
    """The named streams of one seed, read piece by piece: together the pieces are what one reading gives.

    Within a piece a name gives the same numbers however often it is asked.

    Parameters
    ----------
    seed : int
        As in `stream`.

    Examples
    --------
    >>> streams = Streams(0)
    >>> first = streams.random("a", 2)
    >>> streams.next_piece()
    >>> bool((np.append(first, streams.random("a", 1)) == stream(0, "a").random(3)).all())
    True
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._open: dict[tuple[str, str], np.random.Generator] = {}
        self._numbers: dict[tuple[str, str], Array] = {}

    def next_piece(self) -> None:
        """Read on: every name gives new numbers from here."""
        self._numbers.clear()

    def standard_normal(self, name: str, size: int) -> Array:
        """Return standard normal numbers of this piece, shape (size,)."""
        key = ("standard_normal", name)
        if key not in self._numbers:
            self._numbers[key] = self._generator(key).standard_normal(size)
        return self._numbers[key]

    def random(self, name: str, size: int) -> Array:
        """Return uniform numbers of this piece, shape (size,)."""
        key = ("random", name)
        if key not in self._numbers:
            self._numbers[key] = self._generator(key).random(size)
        return self._numbers[key]

    def _generator(self, key: tuple[str, str]) -> np.random.Generator:
        if key not in self._open:
            self._open[key] = stream(self._seed, key[1])
        return self._open[key]

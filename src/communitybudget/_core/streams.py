"""One seed, a named random stream for each uncertain thing.

Adding a parameter leaves the draws of all others unchanged, because each stream
is keyed by the full hash of its name.
"""

from collections.abc import Mapping
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
        self._in_pieces = False
        self._open: dict[tuple[str, str], np.random.Generator] = {}
        self._numbers: dict[tuple[str, str], Array] = {}

    @property
    def plain_seed(self) -> int | None:
        """The seed, where every name gives what `stream` of it gives first; None for pieces and designs."""
        return None if type(self) is not Streams or self._in_pieces else self._seed

    def next_piece(self) -> None:
        """Read on: every name gives new numbers from here."""
        self._in_pieces = True
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


class GivenStreams(Streams):
    """Streams that were made beforehand: a design in place of a generator.

    Parameters
    ----------
    uniforms : mapping of str to ndarray, shape (D,)
        Numbers strictly between 0 and 1 by name; read on piece by piece as `Streams` are.

    Examples
    --------
    >>> streams = GivenStreams({"a": np.array([0.5, 0.25])})
    >>> streams.standard_normal("a", 1), streams.random("a", 2)
    (array([0.]), array([0.5 , 0.25]))
    """

    def __init__(self, uniforms: Mapping[str, Array]) -> None:
        self._uniforms = uniforms
        self._first = self._last = 0

    def next_piece(self) -> None:
        """Read on: every name gives new numbers from here."""
        self._first = self._last

    def standard_normal(self, name: str, size: int) -> Array:
        """Return standard normal numbers of this piece, shape (size,)."""
        from scipy.special import ndtri

        return np.asarray(ndtri(self.random(name, size)), dtype=np.float64)

    def random(self, name: str, size: int) -> Array:
        """Return uniform numbers of this piece, shape (size,)."""
        if name not in self._uniforms:
            raise KeyError(f"no numbers were made for '{name}'; give one column for each name")
        self._last = max(self._last, self._first + size)
        return self._uniforms[name][self._first : self._first + size]


class NamedStreams(Streams):
    """Streams that note down which names are asked for, in the order of asking.

    Parameters
    ----------
    seed : int
        As in `stream`.
    """

    def __init__(self, seed: int = 0) -> None:
        super().__init__(seed)
        self.names: dict[str, None] = {}

    def standard_normal(self, name: str, size: int) -> Array:
        """Return standard normal numbers of this piece, shape (size,)."""
        self.names.setdefault(name)
        return super().standard_normal(name, size)

    def random(self, name: str, size: int) -> Array:
        """Return uniform numbers of this piece, shape (size,)."""
        self.names.setdefault(name)
        return super().random(name, size)

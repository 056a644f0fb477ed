"""One seed, a named random stream for each uncertain thing.

Adding a parameter leaves the draws of all others unchanged, because each stream
is keyed by the full hash of its name.
"""

from hashlib import sha256

import numpy as np


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

"""Sampling designs: uniform numbers by name, spread more evenly than chance would."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.sobol import sobol_points
from communitybudget._core.streams import GivenStreams, Streams, stream

Array = NDArray[np.float64]
DesignName = Literal["random", "latin_hypercube", "sobol"]
DESIGNS: tuple[str, ...] = get_args(DesignName)
DEFAULT_REPLICATES: Mapping[str, int] = {"random": 1, "latin_hypercube": 1, "sobol": 8}

_LOWEST, _HIGHEST = 2.0**-54, 1 - 2.0**-53


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Uniform numbers by name, to be read in place of random ones.

    Parameters
    ----------
    name : str
        One of `DESIGNS` other than ``random``, which has no table.
    names : tuple of str
        What is drawn; for Sobol' numbers, in the order of their dimensions.
    draws, seed : int
        How many, D, and what they were made from.
    replicates : int
        Parts that are independent of each other, one after the other, as equal in size as can be.
    uniforms : mapping of str to ndarray, shape (D,)
        Strictly between 0 and 1.
    """

    name: DesignName
    names: tuple[str, ...]
    draws: int
    seed: int
    replicates: int
    uniforms: Mapping[str, Array]

    def streams(self) -> Streams:
        """Return the numbers as streams, for `sample` and its like; new ones each time."""
        return GivenStreams(self.uniforms)

    def summary(self) -> str:
        """Return what it is in words; for Sobol' numbers with the order of the dimensions."""
        found = design_words(self.name, self.replicates)
        if self.name == "sobol":
            found += f" Dimensions, in order: {', '.join(self.names)}."
        return found


def design_words(name: str, replicates: int) -> str:
    """Return in words how draws are made.

    Examples
    --------
    >>> design_words("latin_hypercube", 1)
    'Latin hypercube: each number is drawn once from each of as many equally likely parts as there are draws.'
    """
    parts = f" In {replicates} independent parts, from which errors are told." if replicates > 1 else ""
    match name:
        case "random":
            return "Draws are random and independent of each other."
        case "latin_hypercube":
            return (
                "Latin hypercube: each number is drawn once from each of as many equally likely parts as "
                f"there are draws{'' if replicates == 1 else ' in a part of the design'}.{parts}"
            )
        case _:
            return f"Sobol' sequence, scrambled, a dimension for each number.{parts}"


def make_design(
    name: DesignName, names: Sequence[str], draws: int, seed: int, replicates: int | None = None
) -> Design:
    """Return a design of so many draws.

    Parameters
    ----------
    name : {'latin_hypercube', 'sobol'}
        ``latin_hypercube``: in each replicate every number falls once into each of as many equally likely
        cells as there are draws; a name's numbers depend on the seed and the name alone. ``sobol``: scrambled
        Sobol' points, a dimension for each name in the order given.
    names : sequence of str
        One for each unknown, all different.
    draws, seed : int
        How many, D, at least 1; any whole number from 0.
    replicates : int, optional
        Independent parts: 1 for a Latin hypercube and 8 for Sobol' points unless given.

    Returns
    -------
    Design

    Raises
    ------
    ValueError
        If the design is not known, a name is there twice, there are fewer draws than replicates, or more
        names than the Sobol' sequence has dimensions.

    Notes
    -----
    Sources: M. D. McKay, R. J. Beckman and W. J. Conover, Technometrics 21 (1979); A. B. Owen, "Scrambled
    net variance for integrals of smooth functions", Annals of Statistics 25 (1997), whose scrambling
    `scipy.stats.qmc.Sobol` has in the form of a random linear matrix and a digital shift.

    Examples
    --------
    >>> design = make_design("latin_hypercube", ["cost", "reach"], draws=4, seed=0)
    >>> np.sort(np.floor(design.uniforms["cost"] * 4))
    array([0., 1., 2., 3.])
    """
    if name == "random" or name not in DESIGNS:
        raise ValueError(f"'{name}' is no design with a table; use latin_hypercube or sobol")
    if draws < 1:
        raise ValueError(f"draws is {draws}; ask for at least 1")
    if seed < 0:
        raise ValueError(f"seed is {seed}; use a whole number from 0")
    parts = DEFAULT_REPLICATES[name] if replicates is None else replicates
    if parts < 1:
        raise ValueError(f"replicates is {parts}; ask for at least 1")
    if parts > draws:
        raise ValueError(f"{draws} draws cannot be made in {parts} independent parts; ask for more draws")
    twice = sorted(one for one, times in Counter(names).items() if times > 1)
    if twice:
        raise ValueError(f"{', '.join(twice)} is there twice; name each unknown once")
    sizes = part_sizes(draws, parts)
    uniforms = (
        {one: _latin_hypercube(sizes, seed, one) for one in names}
        if name == "latin_hypercube"
        else _sobol(sizes, seed, names)
    )
    return Design(name, tuple(names), draws, seed, parts, uniforms)


def part_sizes(draws: int, replicates: int) -> list[int]:
    """Return how many draws each replicate has; the first ones have one more where they do not divide.

    Examples
    --------
    >>> part_sizes(10, 4)
    [3, 3, 2, 2]
    """
    size, more = divmod(draws, replicates)
    return [size + (part < more) for part in range(replicates)]


def _latin_hypercube(sizes: Sequence[int], seed: int, name: str) -> Array:
    random = stream(seed, name)
    parts = [(random.permutation(size) + random.random(size)) / size for size in sizes]
    return np.clip(np.concatenate(parts), _LOWEST, _HIGHEST)


def _sobol(sizes: Sequence[int], seed: int, names: Sequence[str]) -> dict[str, Array]:
    from scipy.stats import qmc

    if len(names) > qmc.Sobol.MAXDIM:
        raise ValueError(
            f"there are {len(names):,} unknowns and the Sobol' sequence has {qmc.Sobol.MAXDIM:,} dimensions; "
            "use latin_hypercube"
        )
    if not names:
        return {}
    found = np.empty((len(names), sum(sizes)))
    first = 0
    for part, size in enumerate(sizes):
        random = stream(seed, f"sobol scramble {part}")
        found[:, first : first + size] = sobol_points(size, len(names), random).T
        first += size
    return {name: found[i] for i, name in enumerate(names)}

"""Where a function is run for global sensitivity: groups of inputs, points, and the runs in pieces."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from communitybudget._core.errors import did_you_mean
from communitybudget._core.sobol import sobol_points
from communitybudget.sensitivity.draws import FloatArray, as_draws

Function = Callable[[FloatArray], npt.ArrayLike]
Progress = Callable[[int, int], None]

CHUNK = 4096


class Marginal(Protocol):
    """A distribution by its inverse, as those of `scipy.stats` have it."""

    def ppf(self, q: FloatArray, /) -> FloatArray:
        """Return the values below which the shares ``q`` of the draws lie."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class InputGroups:
    """The inputs of a function, in groups that are varied together.

    Parameters
    ----------
    inputs : tuple of str
        In the order of the columns that the function takes.
    groups : tuple of str
        In the order of their first input; an input without a group is a group of its own.
    owner : ndarray of int, shape (input,)
        Position of the group of each input.
    """

    inputs: tuple[str, ...]
    groups: tuple[str, ...]
    owner: npt.NDArray[np.int_]

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many inputs each group holds."""
        return tuple(np.bincount(self.owner, minlength=len(self.groups)).tolist())

    @property
    def sorted_positions(self) -> npt.NDArray[np.int_]:
        """Position of each input in the order of names, so that the order of columns changes no draw."""
        return np.argsort(np.argsort(np.array(self.inputs)))


def input_groups(
    inputs: Sequence[str], groups: Mapping[str, str] | None = None, correlated: Collection[str] = ()
) -> InputGroups:
    """Return inputs in their groups, checked.

    Parameters
    ----------
    inputs : sequence of str
        Names of the inputs.
    groups : mapping of str to str, optional
        Input name to group name; an input that is not named stands by itself.
    correlated : collection of str
        Inputs that are not independent of each other; they have to be in one group.

    Raises
    ------
    ValueError
        If there are no inputs, two have one name, a name is unknown, or correlated inputs stand apart.

    Examples
    --------
    >>> input_groups(["reach", "cost", "rate"], {"reach": "local", "rate": "local"}).groups
    ('local', 'cost')
    """
    names = tuple(str(name) for name in inputs)
    if not names:
        raise ValueError("there are no inputs; name at least one")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"several inputs are called {', '.join(twice)}; give each its own name")
    for where, given in (("groups", groups or {}), ("correlated", correlated)):
        for name in given:
            if name not in names:
                raise ValueError(f"{where} names '{name}', which is no input; {did_you_mean(name, names)}")
    of_input = [(groups or {}).get(name, name) for name in names]
    together = {of_input[names.index(name)] for name in correlated}
    if len(together) > 1:
        raise ValueError(
            f"these inputs are correlated, and Sobol' indices of each need independent inputs: "
            f"{', '.join(sorted(correlated))}; put them into one group (groups={{name: 'correlated'}}) for "
            "an index of them together, or use evppi for what knowing each is worth"
        )
    unique = tuple(dict.fromkeys(of_input))
    return InputGroups(names, unique, np.array([unique.index(group) for group in of_input]))


def inverses(
    distributions: Mapping[str, Marginal] | Sequence[str],
) -> tuple[list[str], Callable[[FloatArray], FloatArray]]:
    """Return the names of the inputs, and what makes their values from uniforms, shape (run, input).

    Raises
    ------
    ValueError
        If a distribution has no inverse.

    Examples
    --------
    >>> names, values = inverses(["reach"])
    >>> names, values(np.array([[0.25]]))
    (['reach'], array([[0.25]]))
    """
    if isinstance(distributions, str):
        raise ValueError(f"inputs is the text '{distributions}'; give a sequence of names")
    names = [str(name) for name in distributions]
    if not isinstance(distributions, Mapping):
        return names, lambda uniforms: uniforms
    without = [name for name, form in distributions.items() if not hasattr(form, "ppf")]
    if without:
        raise ValueError(
            f"these distributions have no inverse: {', '.join(without)}; give objects with ppf, as "
            "scipy.stats has them, or names alone where the function takes uniforms"
        )
    forms = list(distributions.values())
    return names, lambda uniforms: np.column_stack(
        [form.ppf(column) for form, column in zip(forms, uniforms.T, strict=True)]
    )


def run_in_pieces(
    function: Function,
    points: Callable[[npt.NDArray[np.int_]], FloatArray],
    runs: int,
    chunk: int = CHUNK,
    progress: Progress | None = None,
) -> FloatArray:
    """Return the outcomes of a function at many points, so many at a time.

    Parameters
    ----------
    function : callable
        Takes inputs, shape (run, input), and returns outcomes, shape (run,) or (run, outcome).
    points : callable
        Takes the positions of runs and returns their inputs, shape (run, input).
    runs : int
        How many in all.
    chunk : int
        How many at once; the outcomes do not depend on it.
    progress : callable, optional
        Called with runs done and runs in all.

    Returns
    -------
    ndarray, shape (run, outcome)

    Raises
    ------
    ValueError
        If the function returns another shape or a value that is not finite, or ``chunk`` is below 1.

    Examples
    --------
    >>> run_in_pieces(lambda x: 2 * x, lambda rows: rows[:, np.newaxis], 3, chunk=2).tolist()
    [[0.0], [2.0], [4.0]]
    """
    if chunk < 1:
        raise ValueError(f"chunk is {chunk}; run at least 1 point at once")
    pieces = []
    for first in range(0, runs, chunk):
        rows = np.arange(first, min(first + chunk, runs))
        found = as_draws(function(points(rows)), "what the function returned")
        if found.shape[0] != rows.size or found.ndim > 2:
            raise ValueError(
                f"the function returned shape {found.shape} for {rows.size} runs; "
                f"return ({rows.size},) or ({rows.size}, outcome)"
            )
        pieces.append(found.reshape(rows.size, -1))
        if progress is not None:
            progress(int(rows[-1]) + 1, runs)
    return np.concatenate(pieces)


def sobol_sample(runs: int, columns: int, seed: int) -> FloatArray:
    """Return a scrambled Sobol' sample, strictly between 0 and 1.

    Parameters
    ----------
    runs : int
        A power of 2.
    columns : int
        How many columns.
    seed : int
        Of the scramble; a whole number from 0.

    Returns
    -------
    ndarray, shape (run, column)

    Raises
    ------
    ValueError
        If ``runs`` is not a power of 2 from 2 on, or the seed is negative.

    Examples
    --------
    >>> points = sobol_sample(8, 2, seed=1)
    >>> np.sort((8 * points).astype(int), axis=0)[:, 0].tolist()
    [0, 1, 2, 3, 4, 5, 6, 7]
    """
    if runs < 2 or runs & (runs - 1):
        near = 2 ** max(round(np.log2(max(runs, 2))), 1)
        raise ValueError(f"n is {runs}; a Sobol' sample needs a power of 2, such as {near:,}")
    if seed < 0:
        raise ValueError(f"seed is {seed}; use a whole number from 0")
    return sobol_points(runs, columns, seed)


def named_outcomes(count: int, outcomes: Sequence[str] | None) -> tuple[str, ...]:
    """Return a name for each outcome.

    Examples
    --------
    >>> named_outcomes(2, None)
    ('outcome 1', 'outcome 2')
    """
    if outcomes is None:
        return ("outcome",) if count == 1 else tuple(f"outcome {i + 1}" for i in range(count))
    if len(outcomes) != count:
        raise ValueError(f"{len(outcomes)} outcomes are named and there are {count}; name each once")
    return tuple(outcomes)

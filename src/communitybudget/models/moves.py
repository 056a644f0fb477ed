"""Moves between states in every form people have them: a rate and a probability are different types."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from communitybudget._core.errors import TransitionError
from communitybudget._core.results import result
from communitybudget.models.values import ByValue, Horizon, Part, Varying, as_numbers, varying
from communitybudget.pathways import Move
from communitybudget.simulation.rates import REMAINDER, Remainder

Array = NDArray[np.float64]

MOST_RATE = 750.0
"""A rate a cycle that leaves nobody, since exp(-750) is 0; stands for an infinite one."""


class Survival(Protocol):
    """A distribution of times: anything that tells the share still there after a time."""

    def survival(self, time: Any) -> Any:
        """Return the share still there."""


@result
@dataclass(frozen=True, eq=False)
class Chance(ByValue):
    """How likely a move is: made by `probability`, `rate`, `odds` and their kin.

    Parameters
    ----------
    kind : str
        ``probability`` or ``rate`` (per cycle), ``odds`` (against staying), or ``remainder``.
    value : Varying or None
        None for the remainder.
    unless : tuple of str
        States: the probability holds for those who do not move to one of them in the cycle.
    per_months : float or None
        A rate is per so many months; None, per cycle.
    """

    kind: str
    value: Varying | None
    unless: tuple[str, ...] = ()
    per_months: float | None = None

    def __repr__(self) -> str:
        extra = f", unless={'|'.join(self.unless)}" if self.unless else ""
        extra += f", per_months={self.per_months:g}" if self.per_months is not None else ""
        return f"{self.kind}({'' if self.value is None else self.value!r}{extra})"

    def resolve(self, horizon: Horizon) -> "Chance":
        """Evaluate functions, and bring rates to the cycle."""
        if self.value is None:
            return self
        value = self.value
        if self.per_months is not None:
            value = value * (horizon.cycle_months / self.per_months)
        return replace(self, value=value.resolve(horizon), per_months=None)


@dataclass(frozen=True, eq=False)
class Split(ByValue):
    """One way out of a state that leads to several others in fixed shares."""

    chance: Chance
    to: Mapping[str, Varying]


def probability(value: Varying | ArrayLike, *, unless: str | Sequence[str] = ()) -> Chance:
    """Return a move by its probability in one cycle.

    Parameters
    ----------
    value : number, array of shape (D,), or Varying
        From 0 to 1.
    unless : str or sequence of str, optional
        States. The probability then holds for those who do not move to one of them in this cycle, as
        models write ``(1 - p_dead) * p``: those moves come first, whatever form they have.

    Examples
    --------
    >>> probability(0.15, unless="dead")
    probability(0.15, unless=dead)
    """
    return Chance("probability", varying(value), (unless,) if isinstance(unless, str) else tuple(unless))


def rate(value: Varying | ArrayLike, *, per_months: float | None = None) -> Chance:
    """Return a move by its rate; the rates of one state compete exactly through the cycle.

    Parameters
    ----------
    value : number, array of shape (D,), or Varying
        At least 0.
    per_months : float, optional
        Per how many months (12: a year). Per cycle if omitted.

    Examples
    --------
    >>> rate(0.1, per_months=12)
    rate(0.1, per_months=12)
    """
    if per_months is not None and not per_months > 0:
        raise TransitionError(f"per_months is {per_months!r}; give the months that the rate is for, above 0")
    return Chance("rate", varying(value), (), per_months)


def odds(value: Varying | ArrayLike) -> Chance:
    """Return a move by its odds against staying in the cycle; such odds never fill a row over.

    The probability is ``o_j / (1 + sum of o)``; with one way out that is ``o / (1 + o)``.

    Parameters
    ----------
    value : number, array of shape (D,), or Varying
        At least 0.
    """
    return Chance("odds", varying(value))


def cumulative_incidence(
    share: ArrayLike, *, months: float | None = None, cycles: float | None = None
) -> Chance:
    """Return a move by the share who have made it after some time, were there no other way out.

    Parameters
    ----------
    share : number, array of shape (D,), or Varying of one part
        From 0 to below 1.
    months, cycles : float
        After how long; give one of them. The rate is constant: ``-log(1 - share) / time``.

    Examples
    --------
    >>> cumulative_incidence(0.3, cycles=12).value
    0.0297229
    """
    if (months is None) == (cycles is None):
        raise TransitionError("a cumulative incidence needs a time; give months= or cycles=, not both")
    value = varying(share)
    if any(((part.values < 0) | (part.values >= 1)).any() for part in value.parts):
        raise TransitionError("a cumulative incidence lies outside 0 to below 1; give the share who moved")
    time = float(months if months is not None else cycles or 0)
    return Chance("rate", value.map(lambda s: -np.log1p(-s) / time), (), None if months is None else 1.0)


def time_to(distribution: Survival, *, clock: str = "reset", unit_months: float | None = None) -> Chance:
    """Return a move by the distribution of the time to it, were there no other way out.

    The rate of a cycle is ``log S(start) - log S(end)``: exact at the ends of the cycles, whatever its shape.

    Parameters
    ----------
    distribution : Sojourn, or an object with ``survival(time)``, or ``sf(time)`` as in scipy.stats
        For one time, a number or an array of shape (D,).
    clock : str, default "reset"
        ``reset``: time since the state was entered. ``forward``: time since entry to the model.
    unit_months : float, optional
        Months in its unit of time; one cycle if omitted.
    """
    if clock not in ("reset", "forward"):
        raise TransitionError(f"clock is '{clock}'; use 'reset' (time in state) or 'forward' (since entry)")
    hazards = getattr(distribution, "cycle_hazards", None)
    survival = getattr(distribution, "survival", None) or getattr(distribution, "sf", None)
    if survival is None:
        raise TransitionError("the distribution has neither survival(time) nor sf(time); give one that has")

    def make(horizon: Horizon) -> Array:
        count = horizon.cycles if clock == "forward" else horizon.durations
        unit = 1.0 if unit_months is None else horizon.cycle_months / unit_months
        if hazards is not None:
            rates = np.asarray(hazards(count, unit), dtype=float)
        else:
            left = [np.asarray(survival(end), dtype=float) for end in unit * np.arange(count + 1)]
            with np.errstate(divide="ignore", invalid="ignore"):
                rates = -np.diff(np.log(np.stack(left)), axis=0)
        rates = np.where(np.isnan(rates), MOST_RATE, np.minimum(rates, MOST_RATE))
        # what is constant up to rounding is one band, and no tunnel
        for n in range(1, len(rates)):
            if np.abs(rates[n] - rates[n - 1]).max() <= 1e-12 * np.abs(rates[n]).max():
                rates[n] = rates[n - 1]
        return rates

    over = "cycle" if clock == "forward" else "duration"
    return Chance("rate", Varying((Part(over, np.zeros(0), make=make),)))


def split(chance: Chance, to: Mapping[str, Varying | ArrayLike]) -> Split:
    """Return a way out of a state, as the move ``"sick -> *"``, that leads to several states.

    Parameters
    ----------
    chance : Chance
        Of leaving: a `rate`, `probability` or `time_to`.
    to : mapping of str to number, array of shape (D,), or Varying
        Share who go to each; sums to one.

    Examples
    --------
    >>> sorted(split(rate(0.2), {"well": 0.7, "dead": 0.3}).to)
    ['dead', 'well']
    """
    shares = {state: varying(share) for state, share in to.items()}
    if all(len(s.parts) == 1 and s.parts[0].over == "draw" for s in shares.values()):
        total = np.asarray(sum(s.parts[0].values for s in shares.values()), dtype=float)
        if np.abs(total - 1).max() > 1e-9:
            raise TransitionError(
                f"the shares of the split sum to {float(total.max()):g}; make them sum to 1"
            )
    return Split(chance, shares)


@result
@dataclass(frozen=True, eq=False)
class Matrix(ByValue):
    """A whole table of probabilities, shape (S, S), (T, S, S), (S, S, D) or (T, S, S, D)."""

    probabilities: Array
    over_cycles: bool


def from_matrix(probabilities: ArrayLike, *, axes: str | None = None) -> Matrix:
    """Return the moves of a whole matrix of probabilities per cycle; rows sum to one.

    Parameters
    ----------
    probabilities : array_like
        From states in rows, to states in columns, in the order of the model's states.
    axes : str, optional
        What the axes are: ``from to``, ``cycle from to``, ``from to draw``, ``draw from to`` or
        ``cycle from to draw``. Without it two axes are ``from to``, four are ``cycle from to draw``, and
        three are ``from to draw`` where only the first two are equal, ``cycle from to`` where only the last
        two are.

    Raises
    ------
    TransitionError
        If the axes are not clear or the matrix is not square.

    Examples
    --------
    >>> from_matrix([[0.9, 0.1], [0.0, 1.0]]).over_cycles
    False
    """
    table, over_cycles = _square(probabilities, axes)
    return Matrix(table, over_cycles)


def from_counts(
    counts: ArrayLike,
    draws: int,
    seed: int,
    name: str,
    *,
    prior: float = 0.0,
    possible: ArrayLike | None = None,
) -> Matrix:
    """Return the moves of a table of counted people: each row a Dirichlet distribution, drawn.

    Parameters
    ----------
    counts : array_like, shape (S, S)
        People who were seen to go from row to column in one cycle; those who stayed are on the diagonal.
        A cell that nobody can take stays 0.
    draws, seed, name
        How many draws, the seed and the name of their stream; see `dirichlet_rows` of ``simulation``, and
        also for ``prior`` and ``possible``.

    Examples
    --------
    >>> from_counts([[90, 10], [0, 1]], draws=100, seed=1, name="care").probabilities.shape
    (2, 2, 100)
    """
    from communitybudget.simulation import dirichlet_rows

    return from_matrix(dirichlet_rows(counts, draws, seed, name, prior, possible), axes="from to draw")


@result
@dataclass(frozen=True, eq=False)
class Generator(ByValue):
    """A whole table of rates, (S, S) or (S, S, D): probabilities are its matrix exponential."""

    rates: Array
    per_months: float | None


def generator(rates: ArrayLike, *, per_months: float | None = None, axes: str | None = None) -> Generator:
    """Return the moves of a generator: rates of going straight from state to state.

    Unlike `rate`, further moves within the cycle count: probabilities are ``expm(Q)``.

    Parameters
    ----------
    rates : array_like, shape (S, S) or (S, S, D)
        Off the diagonal at least 0. The diagonal is minus the sum of its row, and may be left 0.
    per_months : float, optional
        Per how many months; per cycle if omitted.
    axes : str, optional
        ``from to``, ``from to draw`` or ``draw from to``.
    """
    table, over_cycles = _square(rates, axes)
    if over_cycles:
        raise TransitionError("a generator is the same in every cycle; give moves with by_cycle instead")
    table = table.copy()
    states = np.arange(len(table))
    given = table[states, states].copy()
    table[states, states] = 0.0
    total = table.sum(axis=1)
    faults = []
    if not np.isfinite(table).all() or (table < 0).any():
        faults.append(
            "a rate off the diagonal of the generator is negative or not finite; give rates from 0 on"
        )
    if (np.abs(given + total) > 1e-9 * np.maximum(total, 1)).any() and given.any():
        row = int(np.argmax(np.abs(given + total).reshape(len(table), -1).max(axis=1)))
        faults.append(
            f"row {row} of the generator does not sum to 0; leave the diagonal 0 and it is filled in"
        )
    if faults:
        raise TransitionError("\n".join(faults))
    table[states, states] = -total
    return Generator(table, per_months)


def direct_moves(table: Generator, states: Sequence[str]) -> list[Move]:
    """Return the moves that a generator makes in one step."""
    off = table.rates.reshape(len(states), len(states), -1).max(axis=-1) > 0
    return [(a, b) for i, a in enumerate(states) for j, b in enumerate(states) if i != j and off[i, j]]


def reachable_moves(table: Generator, states: Sequence[str]) -> list[Move]:
    """Return the moves that a generator makes within a cycle, in one step or in several."""
    direct = set(direct_moves(table, states))
    found = set(direct)
    for _ in states:
        found |= {(a, d) for a, b in found for c, d in direct if b == c and a != d}
    return [(a, b) for a in states for b in states if (a, b) in found]


_AXES = ("from to", "cycle from to", "from to draw", "draw from to", "cycle from to draw")


def _square(values: ArrayLike, axes: str | None) -> tuple[Array, bool]:
    """Return a table with axes (cycle,) from, to (, draw), and whether the cycle is there."""
    table = as_numbers(values, "the table of moves")
    shape = table.shape
    if axes is None:
        options = [
            a for a in _AXES if len(a.split()) == table.ndim and a != "draw from to" and _fits(shape, a)
        ]
        if len(options) != 1:
            raise TransitionError(
                f"an array of shape {shape} is "
                + ("no matrix of moves" if not options else "not clear")
                + f"; give axes, one of {', '.join(repr(a) for a in _AXES)}"
            )
        axes = options[0]
    elif axes not in _AXES or len(axes.split()) != table.ndim or not _fits(shape, axes):
        raise TransitionError(
            f"an array of shape {shape} has no axes '{axes}'; use one of {', '.join(map(repr, _AXES))}, "
            "with as many states from as to"
        )
    if axes == "draw from to":
        table = np.moveaxis(table, 0, -1)
    return table, axes.startswith("cycle")


def _fits(shape: tuple[int, ...], axes: str) -> bool:
    names = axes.split()
    return shape[names.index("from")] == shape[names.index("to")]


def named_states(table: Matrix, states: Sequence[str]) -> dict[Move, Chance]:
    """Return the moves of a matrix by name; cells that are always 0 are no moves."""
    p = table.probabilities
    count = p.shape[1 if table.over_cycles else 0]
    if count != len(states):
        raise TransitionError(
            f"the matrix has {count} states and the model {len(states)}; give one row for each"
        )
    axis = 2 if table.over_cycles else 1
    faults = []
    if not np.isfinite(p).all() or (p < 0).any() or (p > 1).any():
        faults.append("a cell of the matrix lies outside 0 to 1; give probabilities")
    sums = np.moveaxis(p.sum(axis=axis), axis - 1, 0)
    for state, row in zip(states, sums.reshape(count, -1), strict=True):
        if np.abs(row - 1).max() > 1e-9:
            worst = float(row[np.abs(row - 1).argmax()])
            faults.append(
                f"the row of '{state}' sums to {worst:.10g}; make it 1, or leave one cell the remainder"
            )
    if faults:
        raise TransitionError("\n".join(faults))
    moves: dict[Move, Chance] = {}
    for i, source in enumerate(states):
        for j, target in enumerate(states):
            cell = p[:, i, j] if table.over_cycles else p[i, j]
            if i != j and cell.any():
                part = (
                    Part("cycle", cell, tuple(range(len(cell)))) if table.over_cycles else Part("draw", cell)
                )
                moves[source, target] = Chance("probability", Varying((part,)))
    return moves


def find_moves(text: str | Iterable[str], known: Iterable[Move]) -> tuple[list[Move], list[str]]:
    """Return the moves that text names (``a -> b``, ``a -> *``, ``* -> b``), and what it names in vain."""
    found: dict[Move, None] = {}
    missing = []
    moves = list(known)
    for one in [text] if isinstance(text, str) else text:
        source, target = ends(one)
        own = [m for m in moves if source in ("*", m[0]) and target in ("*", m[1])]
        if not own:
            missing.append(one)
        found.update(dict.fromkeys(own))
    return list(found), missing


def ends(text: str) -> Move:
    """Return the two ends of ``a -> b``; either may be ``*``."""
    parts = [part.strip() for part in str(text).split("->")]
    if len(parts) != 2 or not all(parts):
        raise TransitionError(f"'{text}' is not a move; write it as 'state -> state'")
    return parts[0], parts[1]


def as_chance(value: Chance | Remainder, where: str) -> Chance:
    """Return what was given for a move as a Chance.

    Raises
    ------
    TransitionError
        If it is a bare number, which could be a rate or a probability.
    """
    if value is REMAINDER:
        return Chance("remainder", None)
    if not isinstance(value, Chance):
        raise TransitionError(
            f"the move '{where}' is {value!r}; say what it is: probability(...), rate(...), odds(...) or "
            "REMAINDER"
        )
    return value

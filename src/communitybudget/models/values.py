"""Numbers that vary: by draw, by cycle, by time in a state, by calendar year, by profile."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from numbers import Integral
from reprlib import repr as shortened
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from communitybudget._core.errors import TransitionError
from communitybudget._core.results import result, same
from communitybudget._core.years import first_calendar_year, parse_year

Array = NDArray[np.float64]
Number = float | Array


class ByValue:
    """Base of declarations: equal where everything in them is equal."""

    def __eq__(self, other: object) -> bool:
        return same(self, other)

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Horizon:
    """How far a model runs: cycles, their length in months, and the longest time in a state in cycles."""

    cycles: int
    cycle_months: float
    durations: int


@dataclass(frozen=True, slots=True)
class At:
    """Where a number is asked for.

    Parameters
    ----------
    cycle : int
        Since entry to the model.
    year : int
        Calendar year in which the financial year of the cycle begins.
    bands : ndarray of int, shape (B,)
        Completed cycles in the state at which each of its bands begins.
    draws : slice
        Of the D draws.
    profiles, classes : ndarray of int, shape (P,)
        Of the profiles, and of the classes of frailty.
    """

    cycle: int
    year: int
    bands: NDArray[np.int_]
    draws: slice
    profiles: NDArray[np.int_]
    classes: NDArray[np.int_]


@result
@dataclass(frozen=True, eq=False)
class Part(ByValue):
    """One factor of a number that varies.

    Parameters
    ----------
    over : str
        ``draw``, ``cycle``, ``duration``, ``profile``, ``year``, ``cycle_and_duration``, or ``class`` (of
        frailty).
    values : ndarray
        Shape (); (D,); or with the axis it varies over first: (T,), (T, D), (N,), (N, D) and so on.
    starts : tuple of int
        Where each value begins: completed cycles, or calendar years.
    steps : bool
        Whether each value holds until the next one begins, and the last to the end.
    make : callable, optional
        Gives the values once the horizon is known.
    """

    over: str
    values: Array
    starts: tuple[int, ...] = ()
    steps: bool = False
    make: Callable[[Horizon], Array] | None = field(default=None, compare=False, repr=False)

    @property
    def draws(self) -> int | None:
        """Number of draws it has, None where it is the same in all."""
        own = {"draw": 0, "cycle_and_duration": 2}.get(self.over, 1)
        return int(self.values.shape[-1]) if self.values.ndim == own + 1 else None

    def resolve(self, horizon: Horizon) -> "Part":
        """Evaluate what was given as a function, once."""
        if self.make is None:
            return self
        values = np.asarray(self.make(horizon), dtype=float)
        axis = 1 if self.over == "cycle_and_duration" else 0
        return Part(self.over, values, tuple(range(values.shape[axis])))

    def at(self, where: At) -> Any:
        """Return the value in one place: a number, or an array that broadcasts to (B, P, D)."""
        values = self.values
        if self.draws is not None:
            values = values[..., where.draws]
        if self.over == "draw":
            return values
        if self.over in ("profile", "class"):
            row = where.profiles if self.over == "profile" else where.classes
            return values[row] if self.draws is not None else values[row][:, None]
        if self.over in ("cycle", "year"):
            place = where.cycle if self.over == "cycle" else where.year
            return values[np.searchsorted(self.starts, place, side="right") - 1]
        if self.over == "cycle_and_duration":
            values = values[min(where.cycle, len(values) - 1)]
        row = np.searchsorted(self.starts, where.bands, side="right") - 1
        return values[row][:, None] if self.draws is not None else values[row][:, None, None]

    def cuts(self) -> set[int]:
        """Return the completed cycles in a state at which the value changes, after the first."""
        if self.over == "cycle_and_duration":
            return set(self.starts[1:])
        if self.over != "duration":
            return set()
        pairs = zip(self.starts[1:], self.values[:-1], self.values[1:], strict=True)
        return {start for start, before, after in pairs if not np.array_equal(before, after)}

    def changes(self, cycle: int, year: int, year_before: int) -> bool:
        """Whether the value of a cycle differs from that of the cycle before."""
        if self.over == "cycle_and_duration":
            return cycle < len(self.values)
        if self.over not in ("cycle", "year"):
            return False
        now, before = (cycle, cycle - 1) if self.over == "cycle" else (year, year_before)
        row, old = (int(np.searchsorted(self.starts, place, side="right")) - 1 for place in (now, before))
        return row != old and not np.array_equal(self.values[row], self.values[old])

    def faults(self, what: str, cycles: int, longer: int = 0) -> list[str]:
        """Return what is wrong with the shape or the values."""
        found = []
        if not np.isfinite(self.values).all():
            found.append(f"{what}: a value is missing or not finite; give a number everywhere")
        if self.over in ("cycle", "cycle_and_duration"):
            count = self.values.shape[0]
            if not self.steps and count not in (cycles, cycles + longer):
                either = (
                    f"{cycles}"
                    if not longer
                    else f"{cycles} (one a cycle) or {cycles + longer} (one a point)"
                )
                found.append(
                    f"{what}: by_cycle has {count} values and the model {cycles} cycles; give {either}, or "
                    "steps such as by_cycle({0: 0.1, 5: 0.2})"
                )
        return found


@result
@dataclass(frozen=True, eq=False)
class Varying(ByValue):
    """A number that varies: the product of its parts. Multiply it by numbers, draws or another.

    Examples
    --------
    >>> by_cycle([1.0, 2.0]) * by_duration({0: 0.3, 12: 0.1}) * 0.5
    Varying(cycle, duration, draw)
    """

    parts: tuple[Part, ...]

    __array_ufunc__ = None

    def __mul__(self, other: "Varying | ArrayLike") -> "Varying":
        return Varying((*self.parts, *varying(other).parts))

    __rmul__ = __mul__

    def __repr__(self) -> str:
        if len(self.parts) == 1 and self.parts[0].values.ndim == 0 and self.parts[0].make is None:
            return f"{float(self.parts[0].values):g}"
        return f"Varying({', '.join(part.over for part in self.parts)})"

    def map(self, function: Callable[[Array], Array]) -> "Varying":
        """Return the number with a function applied; it must have one part.

        Examples
        --------
        >>> by_cycle([0.5, 0.25]).map(lambda p: 1 - p).parts[0].values
        array([0.5 , 0.75])
        """
        if len(self.parts) != 1:
            raise TransitionError("a product cannot be converted; convert its parts before you multiply them")
        part = self.parts[0]
        if part.make is None:
            return Varying((replace(part, values=np.asarray(function(part.values))),))
        make = part.make
        return Varying((replace(part, make=lambda horizon: np.asarray(function(make(horizon)))),))

    def resolve(self, horizon: Horizon) -> "Varying":
        """Evaluate the parts that were given as functions."""
        return Varying(tuple(part.resolve(horizon) for part in self.parts))

    def at(self, where: At) -> Any:
        """Return the value in one place: a number, or an array that broadcasts to (B, P, D)."""
        value = self.parts[0].at(where)
        for part in self.parts[1:]:
            value = value * part.at(where)
        return value

    def over(self, *names: str) -> bool:
        """Whether it varies over one of these axes."""
        return any(part.over in names for part in self.parts)

    def changes(self, cycle: int, year: int, year_before: int) -> bool:
        """Whether the value of a cycle differs from that of the cycle before."""
        return any(part.changes(cycle, year, year_before) for part in self.parts)

    def cuts(self) -> set[int]:
        """Return the completed cycles in a state at which it changes."""
        return set().union(*(part.cuts() for part in self.parts))

    def draw_counts(self) -> set[int]:
        """Return the numbers of draws of its parts."""
        return {part.draws for part in self.parts if part.draws is not None}

    def faults(self, what: str, cycles: int, longer: int = 0) -> list[str]:
        """Return what is wrong with it."""
        return [fault for part in self.parts for fault in part.faults(what, cycles, longer)]


def as_numbers(given: Any, what: str) -> Array:
    """Return what was given as an array of numbers.

    Raises
    ------
    TransitionError
        If it holds anything else, or rows of different lengths.
    """
    try:
        return np.asarray(given, dtype=float)
    except (TypeError, ValueError) as error:
        wrap = "; wrap a function in by_cycle or by_duration" if callable(given) else ""
        raise TransitionError(
            f"{what} is {shortened(given)}; give numbers, in rows of one length{wrap}"
        ) from error


def varying(value: Varying | ArrayLike) -> Varying:
    """Return a number, or an array of draws of shape (D,), as a number that varies."""
    if isinstance(value, Varying):
        return value
    values = as_numbers(value, "a number")
    if values.ndim > 1:
        raise TransitionError(
            f"an array of shape {values.shape} does not say what it varies over; give (draw,), or wrap it in "
            "by_cycle, by_duration, by_year or by_profile"
        )
    return Varying((Part("draw", values),))


Steps = Mapping[int, ArrayLike]


def by_cycle(values: ArrayLike | Steps | Callable[[int], ArrayLike]) -> Varying:
    """Return a number that varies by cycle since entry to the model (age, time since diagnosis).

    Parameters
    ----------
    values : array_like of shape (T,) or (T, D), mapping, or callable
        One value a cycle, each for all draws or by draw; steps ``{from_cycle: value}``; or a function
        of the cycle (0 is the first), evaluated once.

    Examples
    --------
    >>> by_cycle(lambda cycle: 0.01 * 1.1**cycle)
    Varying(cycle)
    """
    return _along("cycle", values, lambda horizon: horizon.cycles)


def by_duration(values: ArrayLike | Steps | Callable[[int], ArrayLike]) -> Varying:
    """Return a number that varies by completed cycles in the state since it was last entered.

    Parameters
    ----------
    values : array_like of shape (N,) or (N, D), mapping, or callable
        One value for each completed cycle, the last holding for longer; steps ``{from: value}`` (bands,
        which cost no more than the number of bands); or a function of completed cycles.

    Examples
    --------
    >>> by_duration({0: 0.0577, 3: 0.0468, 6: 0.1507, 12: 0.1588})
    Varying(duration)
    """
    return _along("duration", values, lambda horizon: horizon.durations)


def by_cycle_and_duration(values: ArrayLike | Callable[[int, int], ArrayLike]) -> Varying:
    """Return a number that varies by cycle and, not as a product, by completed cycles in the state.

    Parameters
    ----------
    values : array_like of shape (T, N) or (T, N, D), or callable
        A table, or a function of cycle and completed cycles.
    """
    if callable(values):
        function = values

        def make(horizon: Horizon) -> Array:
            rows = [[function(t, n) for n in range(horizon.durations)] for t in range(horizon.cycles)]
            return as_numbers(rows, "what the function of by_cycle_and_duration gives")

        return Varying((Part("cycle_and_duration", np.zeros((0, 0)), make=make),))
    table = as_numbers(values, "by_cycle_and_duration")
    if table.ndim not in (2, 3):
        raise TransitionError(f"by_cycle_and_duration has shape {table.shape}; give (T, N) or (T, N, D)")
    return Varying((Part("cycle_and_duration", table, tuple(range(table.shape[1]))),))


def by_profile(values: ArrayLike) -> Varying:
    """Return a number that varies by profile: people of one profile behave alike.

    Parameters
    ----------
    values : array_like, shape (P,) or (P, D)
        For example baseline hazards times ``exp(x b)``.
    """
    return _along("profile", values, lambda horizon: 0)


def by_year(values: Mapping[str, ArrayLike]) -> Varying:
    """Return a number that varies by financial year; each value holds until the next one given.

    Parameters
    ----------
    values : mapping of str to number or array of shape (D,)
        By financial year, such as ``2026-27``. The first must not be later than the model's first.

    Examples
    --------
    >>> by_year({"2026-27": 0.10, "2028-29": 0.08})
    Varying(year)
    """
    try:
        years = sorted((first_calendar_year(parse_year(year)), year) for year in values)
    except ValueError as error:
        raise TransitionError(f"by_year: {error}") from error
    rows = as_numbers([values[year] for _, year in years], "by_year")
    return Varying((Part("year", rows, tuple(first for first, _ in years)),))


def _along(over: str, values: Any, length: Callable[[Horizon], int]) -> Varying:
    if callable(values):
        function = values

        def make(horizon: Horizon) -> Array:
            rows = [function(i) for i in range(length(horizon))]
            return as_numbers(rows, f"what the function of by_{over} gives")

        return Varying((Part(over, np.zeros(0), make=make),))
    if isinstance(values, Mapping):
        if not all(isinstance(key, Integral) for key in values):
            raise TransitionError(
                f"the steps of by_{over} begin at {list(values)}; begin each at a whole cycle"
            )
        starts = tuple(sorted(int(key) for key in values))
        if not starts or starts[0] != 0:
            first = starts[0] if starts else "nothing"
            raise TransitionError(f"the steps of by_{over} begin at {first}; begin at 0")
        given = [as_numbers(values[key], f"by_{over} from {key}") for key in starts]
        try:
            columns: Sequence[Any] = np.broadcast_arrays(*given)
        except ValueError as error:
            raise TransitionError(
                f"the steps of by_{over} have {', '.join(str(g.size) for g in given)} draws; give one number"
            ) from error
        return Varying((Part(over, np.stack(columns), starts, steps=True),))
    rows = as_numbers(values, f"by_{over}")
    if rows.ndim not in (1, 2) or not len(rows):
        raise TransitionError(
            f"by_{over} has shape {rows.shape}; give one value for each, or one row of draws"
        )
    return Varying((Part(over, rows, tuple(range(len(rows)))),))

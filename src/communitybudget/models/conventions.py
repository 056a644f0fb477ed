"""Conventions by name: when people are counted, what is discounted and how, where moves fall."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.errors import ScheduleError, TransitionError, did_you_mean
from communitybudget._core.results import result
from communitybudget.appraisal import discount_factors
from communitybudget.parameters.schedules import discount_schedule

Array = NDArray[np.float64]
Kind = Literal["cost", "effect"]

COUNTING = {
    "cycle_start": "people at the start of each cycle",
    "cycle_end": "people at the end of each cycle",
    "life_table": "life table, the mean of the two ends of each cycle",
    "half_cycle": "half-cycle weights, 1/2 on the first and the last point",
    "simpson": "Simpson's 1/3 rule, weights 1/3, 4/3, 2/3, ..., 4/3, 1/3",
    "simpson_darth": "weights 1/3, 2/3, 4/3, ..., 1/3 in the order of the DARTH tutorials",
    "every_point": "every point counts once, the first and the last included",
}
_BY_CYCLE = ("cycle_start", "cycle_end", "life_table")
FORMS = {
    "annual": "(1 + r)^-t",
    "continuous": "exp(-r t)",
    "simple": "(1 + r x cycle length in years)^-cycles",
}
CYCLE_TIMES = {"start": 0.0, "middle": 0.5, "end": 1.0}


@result
@dataclass(frozen=True)
class Conventions:
    r"""Every convention of a run, each printed beside its totals.

    With T cycles there are T + 1 points; point t is the start of cycle t and the end of cycle t - 1.

    Parameters
    ----------
    counting : str or tuple of float
        What of the trace counts. By cycle: ``life_table``, ``cycle_start``, ``cycle_end``. By point:
        ``half_cycle``, ``simpson`` (an even number of cycles), ``every_point``, ``simpson_darth``, or T + 1
        weights of your own.
    counting_effects : str, tuple of float or None
        The same for effects where it differs from costs.
    discounting : str
        ``per_year``: everything in one year of the model has the factor of that year. ``per_cycle``: each
        cycle or point has the factor of its own time.
    form : str
        ``annual``: ``(1 + r)^-t``, t in years. ``continuous``: ``exp(-r t)``. ``simple``: the rate of a cycle
        is the yearly rate times its length, compounded by cycle (per cycle only).
    first_point : str
        ``undiscounted``, or ``discounted``: every factor is one cycle later (per year: one year).
    cycle_time : str
        Where counting is by cycle and discounting per cycle, the time of a cycle: its ``start``, ``middle``
        or ``end``.
    rate_costs, rate_effects : str or float
        A named schedule or a rate a year, for costs and for effects.
    moves_at : str
        When what a move costs or gains falls: ``departure``, the start of its cycle, or ``arrival``, the end.
    moves_weighted : bool
        Whether moves count as people at their point do, with its weights and factors (as in the DARTH
        tutorials), or once.

    Examples
    --------
    >>> print("\n".join(Conventions(discounting="per_cycle", rate_costs=0.03, rate_effects=0.03).labels()))
    Counting: life table, the mean of the two ends of each cycle
    Discounting: per cycle at its start, (1 + r)^-t, first cycle undiscounted; costs 3%, effects 3%
    Moves: at departure, each counts once
    """

    counting: str | tuple[float, ...] = "life_table"
    counting_effects: str | tuple[float, ...] | None = None
    discounting: str = "per_year"
    form: str = "annual"
    first_point: str = "undiscounted"
    cycle_time: str = "start"
    rate_costs: str | float = "green_book_2022"
    rate_effects: str | float = "green_book_2022_health"
    moves_at: str = "departure"
    moves_weighted: bool = False

    def __post_init__(self) -> None:
        """Refuse words that are no convention; all faults at once."""
        for name in ("counting", "counting_effects"):
            given = getattr(self, name)
            if given is not None and not isinstance(given, str):
                object.__setattr__(self, name, tuple(float(weight) for weight in given))
        words: list[tuple[str, object, Collection[str]]] = [
            ("counting", self.counting, COUNTING),
            ("counting_effects", self.counting_effects, COUNTING),
            ("discounting", self.discounting, ("per_year", "per_cycle")),
            ("form", self.form, FORMS),
            ("first_point", self.first_point, ("undiscounted", "discounted")),
            ("cycle_time", self.cycle_time, CYCLE_TIMES),
            ("moves_at", self.moves_at, ("departure", "arrival")),
        ]
        faults = [
            f"{name} is '{word}'; {did_you_mean(str(word), known)}"
            for name, word, known in words
            if word is not None and not isinstance(word, tuple) and word not in known
        ]
        if self.discounting == "per_year" and self.cycle_time != "start":
            faults.append("cycle_time is for discounting per cycle; leave it out, or discount per_cycle")
        if self.discounting == "per_year" and self.form == "simple":
            faults.append("the form 'simple' is for discounting per cycle; use annual, or discount per_cycle")
        for name in ("rate_costs", "rate_effects"):
            try:
                discount_factors(1, getattr(self, name))
            except ScheduleError as error:
                faults.append(f"{name}: {error}")
            given = getattr(self, name)
            if not isinstance(given, str) and given >= 1:
                faults.append(
                    f"{name} is {given:g}, which is {100 * given:g}% a year; write {given / 100:g} for "
                    f"{given:g}%"
                )
            if self.form == "simple" and isinstance(given, str):
                faults.append(
                    f"{name}: the form 'simple' needs a rate a year and not a schedule; give a number"
                )
        if faults:
            raise TransitionError("\n".join(faults))

    @classmethod
    def like(
        cls, package: str, *, rate_costs: str | float = 0.0, rate_effects: str | float | None = None
    ) -> "Conventions":
        """Return the conventions of another package, as its source has them.

        Parameters
        ----------
        package : str
            ``darth``, ``heemod``, ``heormodel``, ``hesim``, ``pyheor`` or ``rdecision``: their defaults.
            heemod calls people at the end of a cycle ``beginning`` (moves fall at its beginning) and those at
            its start ``end``: ``heemod_beginning`` and ``heemod_end`` say so.
        rate_costs, rate_effects : float
            A year; effects as costs if omitted.

        Examples
        --------
        >>> Conventions.like("rdecision", rate_costs=0.06, rate_effects=0).cycle_time
        'end'
        """
        if package not in _LIKE:
            raise TransitionError(f"there is no preset '{package}'; {did_you_mean(package, _LIKE)}")
        effects = rate_costs if rate_effects is None else rate_effects
        return replace(_LIKE[package], rate_costs=rate_costs, rate_effects=effects)

    def labels(self) -> tuple[str, ...]:
        """Return the conventions in words, as results print them."""
        counting = f"Counting: {_counting_words(self.counting)}"
        if self.counting_effects is not None and self.counting_effects != self.counting:
            counting += f"; effects: {_counting_words(self.counting_effects)}"
        unit = "year" if self.discounting == "per_year" else "cycle"
        at = ""
        if unit == "cycle":
            at = " at its point"
            if any(c in _BY_CYCLE for c in (self.counting, self.counting_effects)):
                at = f" at its {self.cycle_time}"
        rates = f"costs {_rate_words(self.rate_costs)}, effects {_rate_words(self.rate_effects)}"
        discounting = (
            f"Discounting: per {'financial year' if unit == 'year' else 'cycle'}{at}, {FORMS[self.form]}, "
            f"first {unit} {self.first_point}; {rates}"
        )
        weighted = "as people at their point do" if self.moves_weighted else "each counts once"
        return counting, discounting, f"Moves: at {self.moves_at}, {weighted}"

    def counting_of(self, kind: Kind) -> str | tuple[float, ...]:
        """Return the counting rule of costs or of effects."""
        if kind == "effect" and self.counting_effects is not None:
            return self.counting_effects
        return self.counting

    def rate_of(self, kind: Kind) -> str | float:
        """Return the discount rate of costs or of effects."""
        return self.rate_costs if kind == "cost" else self.rate_effects

    def year_factors(self, years: int, kind: Kind) -> Array:
        """Return the factor of each year of the model, shape (Y,)."""
        return discount_factors(
            years,
            self.rate_of(kind),
            first_undiscounted=self.first_point == "undiscounted",
            continuous=self.form == "continuous",
        )

    def cycle_factors(self, times: Array, cycle_months: float, kind: Kind) -> Array:
        """Return the factor at times in cycles from the start, of any shape."""
        steps = times + (1.0 if self.first_point == "discounted" else 0.0)
        length = cycle_months / 12
        rate = self.rate_of(kind)
        if isinstance(rate, str):
            return _schedule_factors(rate, steps * length, self.form == "continuous")
        if self.form == "annual":
            return np.asarray((1.0 + rate) ** -(steps * length))
        if self.form == "continuous":
            return np.asarray(np.exp(-rate * length * steps))
        return np.asarray((1.0 + rate * length) ** -steps)


_LIKE = {
    "darth": Conventions(
        counting="simpson_darth", discounting="per_cycle", moves_at="arrival", moves_weighted=True
    ),
    "heemod": Conventions(counting="life_table", discounting="per_cycle"),
    "heemod_beginning": Conventions(counting="cycle_end", discounting="per_cycle"),
    "heemod_end": Conventions(counting="cycle_start", discounting="per_cycle"),
    "heormodel": Conventions(
        counting="simpson_darth", discounting="per_cycle", moves_at="arrival", moves_weighted=True
    ),
    "pyheor": Conventions(
        counting="life_table", discounting="per_cycle", moves_at="arrival", moves_weighted=True
    ),
    "hesim": Conventions(counting="half_cycle", discounting="per_cycle", form="continuous"),
    "rdecision": Conventions(
        counting="life_table", discounting="per_cycle", cycle_time="end", moves_at="arrival"
    ),
}


def _counting_words(counting: str | tuple[float, ...]) -> str:
    if isinstance(counting, str):
        return COUNTING[counting]
    return f"{len(counting)} weights of its own, {', '.join(f'{w:g}' for w in counting[:3])}, ..."


def _rate_words(rate: str | float) -> str:
    return rate if isinstance(rate, str) else f"{rate:.6g}" if rate < 0 else f"{100 * rate:g}%"


def _schedule_factors(name: str, years: Array, continuous: bool) -> Array:
    """Return cumulative factors at times in years; part of a year takes its part of the rate."""
    schedule = discount_schedule(name)
    last = int(np.ceil(years.max())) if years.size else 0
    rates = np.array([schedule.rate(year) for year in range(1, last + 1)])
    force = rates if continuous else np.log1p(rates)
    passed = np.concatenate([[0.0], np.cumsum(force)])
    whole = np.floor(years).astype(int)
    part = years - whole
    ahead = np.append(force, 0.0)[np.minimum(whole, last)]
    return np.asarray(np.exp(-(passed[whole] + part * ahead)))


@dataclass(frozen=True, slots=True)
class Slots:
    """The amounts that counting makes of a trace, of one or two points each.

    Parameters
    ----------
    amounts, points : ndarray of int, shape (N,)
        Which of the K amounts takes from which point.
    weights : ndarray, shape (N,)
        How much of the point it takes.
    cycles : ndarray of int, shape (K,)
        The cycle whose value each amount takes.
    starts : ndarray of int, shape (K,)
        The cycle or point in whose year it falls.
    times : ndarray, shape (K,)
        When it is discounted, in cycles from entry.
    """

    amounts: NDArray[np.int_]
    points: NDArray[np.int_]
    weights: Array
    cycles: NDArray[np.int_]
    starts: NDArray[np.int_]
    times: Array


def slots(counting: str | tuple[float, ...], cycles: int, cycle_time: str = "start") -> Slots:
    """Return the amounts of a counting rule over a number of cycles.

    Raises
    ------
    TransitionError
        If the number of cycles does not fit the rule.

    Examples
    --------
    >>> own = slots("life_table", 2)
    >>> list(zip(own.amounts.tolist(), own.points.tolist(), own.weights.tolist()))
    [(0, 1, 0.5), (1, 2, 0.5), (0, 0, 0.5), (1, 1, 0.5)]
    >>> slots("simpson", 2).weights
    array([0.333..., 1.333..., 0.333...])
    """
    if isinstance(counting, str) and counting in _BY_CYCLE:
        index = np.arange(cycles)
        ends = {"cycle_start": (0,), "cycle_end": (1,), "life_table": (1, 0)}[counting]
        return Slots(
            np.tile(index, len(ends)),
            np.concatenate([index + end for end in ends]),
            np.full(cycles * len(ends), 1 / len(ends)),
            index,
            index,
            index + np.float64(CYCLE_TIMES[cycle_time]),
        )
    point = np.arange(cycles + 1)
    weights = _point_weights(counting, cycles)
    return Slots(point, point, weights, np.minimum(point, cycles - 1), point, point.astype(float))


def _point_weights(counting: str | tuple[float, ...], cycles: int) -> Array:
    if isinstance(counting, tuple):
        if len(counting) != cycles + 1:
            raise TransitionError(
                f"counting has {len(counting)} weights and the model {cycles + 1} points; give one for each"
            )
        return np.array(counting)
    odd = np.arange(cycles + 1) % 2 == 1
    weights: Array = np.ones(cycles + 1)
    if counting == "half_cycle":
        weights[[0, -1]] = 0.5
    elif counting in ("simpson", "simpson_darth"):
        if counting == "simpson" and cycles % 2:
            raise TransitionError(
                f"Simpson's rule needs an even number of cycles, and there are {cycles}; run "
                f"{cycles + 1}, or count by life_table"
            )
        weights = np.where(odd == (counting == "simpson"), 4 / 3, 2 / 3)
        weights[[0, -1]] = 1 / 3
    return weights


@dataclass(frozen=True, slots=True)
class Gathering:
    """How a trace since entry is gathered into years of the model.

    Parameters
    ----------
    occupancy : ndarray, shape (Y + 1, T + 1)
        What the occupancy of point t adds to year y; the last row is what falls on the end of the last year.
    moves : ndarray, shape (Y + 1, T)
        What the moves of cycle t add to year y.
    """

    occupancy: Array
    moves: Array


def gather(
    conventions: Conventions,
    kind: Kind,
    cycles: int,
    cycle_months: float,
    entries: Sequence[tuple[int, float]],
    profile: Sequence[Array],
    yearly: Array,
    discounted: bool,
) -> Gathering:
    """Return the weights that gather a trace, discounted per cycle where asked for.

    Parameters
    ----------
    conventions : Conventions
        Of the run.
    kind : str
        ``cost`` or ``effect``.
    cycles, cycle_months : int and float
        T, and their length.
    entries : sequence of (int, float)
        Cycle of the model at whose start people enter, and how many; they are followed to the end.
    profile : sequence of ndarray, shape (T,) or (T + 1,)
        Factors of the amounts by cycle, or by point, since entry.
    yearly : ndarray, shape (Y,)
        Factor of the amounts by year of the model.
    discounted : bool
        Whether factors per cycle are in the weights.

    Returns
    -------
    Gathering
    """
    years = len(yearly)
    yearly = np.append(yearly, yearly[-1])
    occupancy, moves = np.zeros((years + 1, cycles + 1)), np.zeros((years + 1, cycles))
    counting = conventions.counting_of(kind)
    arrives = conventions.moves_at == "arrival"
    for entry, people in entries:
        left = cycles - entry
        own = slots(counting, left, conventions.cycle_time)
        # a move counts once, or as those who are at its point do, in whichever amounts they are
        move = np.arange(left)
        counted = Slots(move, move, np.ones(left), move, move + arrives, (move + arrives).astype(float))
        if conventions.moves_weighted:
            moved = own.points - arrives
            inside = (moved >= 0) & (moved < left)
            counted = replace(
                own, amounts=own.amounts[inside], points=moved[inside], weights=own.weights[inside]
            )
        for part, into, at_moves in ((own, occupancy, False), (counted, moves, True)):
            values = part.weights * people
            for factor in profile:
                if len(factor) > cycles:
                    values = values * factor[part.points + (arrives if at_moves else 0)]
                else:
                    values = values * factor[part.points if at_moves else part.cycles[part.amounts]]
            if discounted:
                times = entry + part.times[part.amounts]
                values = values * conventions.cycle_factors(times, cycle_months, kind)
            year = np.minimum(year_of(entry + part.starts[part.amounts], cycle_months), years)
            np.add.at(into, (year, part.points), values * yearly[year])
    return Gathering(occupancy, moves)


def year_of(cycle: NDArray[np.int_], cycle_months: float) -> NDArray[np.int_]:
    """Return the year of the model, from 0, in which cycles start."""
    return np.floor(cycle * cycle_months / 12 + 1e-9).astype(int)

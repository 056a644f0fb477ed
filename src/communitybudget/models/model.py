"""State-transition models declared in Python: states, moves, rewards, options, conventions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from numbers import Integral, Real
from reprlib import repr as shortened
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.errors import (
    PriceBaseMismatch,
    TransitionError,
    did_you_mean,
)
from communitybudget._core.results import result
from communitybudget._core.vocabulary import BAU
from communitybudget._core.years import first_calendar_year, format_year, parse_year
from communitybudget.models.changes import Change
from communitybudget.models.checking import counting_faults, number_faults, numbers, reward_faults
from communitybudget.models.conventions import Conventions
from communitybudget.models.declaring import (
    StartShares,
    build_rows,
    change_faults,
    listed,
    move_faults,
    read_moves,
    read_start,
)
from communitybudget.models.moves import Chance, Generator, Matrix, direct_moves, find_moves, reachable_moves
from communitybudget.models.options import FrailtyClasses, Option
from communitybudget.models.rewards import Reward
from communitybudget.models.running import Dynamics, lay_out
from communitybudget.models.size import refuse_early
from communitybudget.models.values import ByValue, Horizon, Part, Varying, as_numbers
from communitybudget.pathways import Move

if TYPE_CHECKING:
    from communitybudget.models.result import ModelRun
    from communitybudget.models.size import ModelSize
    from communitybudget.pathways import Pathway
    from communitybudget.sampling import Draws

Array = NDArray[np.float64]


@result
@dataclass(frozen=True, eq=False)
class StateModel(ByValue):
    """A state-transition model, priced per agency.

    Staying in a state is what its moves leave, unless another cell is the `REMAINDER`. A number may vary by
    draw (an array of shape (D,)), `by_cycle`, `by_duration`, `by_year` and `by_profile`, or by a product of
    these. All faults are found on making the model, but for rows that are filled over and for its size:
    `run` refuses these before it simulates anything.

    Parameters
    ----------
    states : sequence of str
        S of them.
    cycles : int
        T, at least 1.
    moves : mapping, Matrix or Generator
        By ``a -> b`` (``* -> b`` from every state not named otherwise), each a `probability`, `rate`,
        `odds`, `time_to`, `cumulative_incidence`, `split` or `REMAINDER`; or `from_matrix`, `from_counts` or
        `generator`.
    cycle_months : float, default 12
        Length of a cycle.
    rewards : sequence of Reward
        From `cost` and `effect`.
    options : sequence of Option
        Business as usual first; ``bau`` alone if omitted.
    start : str or mapping, optional
        The state in which everybody starts, or the share in each; the first state if omitted. A share may
        be given by completed cycles in the state: ``{"ill": {0: 0.2, 6: 0.1}}``.
    people : float, default 1
        Who start at time zero. With 1, totals are per person.
    intake : array_like, shape (T,), optional
        People who enter at the start of each cycle, beside those who start.
    intake_start : mapping, optional
        Their start mix; as ``start`` if omitted.
    conventions : Conventions, optional
        Printed with every total.
    price_base : str
        Of all amounts of money: a financial year, or words where the source has none.
    currency : str, default "GBP"
        Of all amounts of money.
    first_year : str, optional
        Financial year in which the model starts, for `by_year` and for the years of results.
    profiles : array_like, shape (P,), or what `merge_profiles` gives, optional
        Weights of the profiles that `by_profile` numbers are for: shares, or numbers of families.
    frailty : object with ``multipliers`` and ``shares``, optional
        Classes of unobserved frailty; each multiplies the hazards of ``frailty_on``.
    frailty_on : str or sequence of str
        Moves that share it.
    draws : int, optional
        D. Told by the arrays otherwise; to be given where it equals the number of cycles.
    title : str
        For results.
    memory_mb : float, default 1000
        The most memory a run may take; checked before it starts.

    Raises
    ------
    TransitionError
        With everything that is wrong in states, moves, starts and options.
    PriceBaseMismatch
        If there are costs and no price base.

    Examples
    --------
    >>> from communitybudget.models import *
    >>> model = StateModel(
    ...     states=("well", "ill", "dead"),
    ...     cycles=10,
    ...     moves={
    ...         "well -> ill": probability(0.1, unless="dead"),
    ...         "ill -> well": probability(0.3, unless="dead"),
    ...         "* -> dead": rate(by_cycle(lambda age: 0.01 * 1.1**age)),
    ...     },
    ...     rewards=[
    ...         cost("ward", 2000, in_state="ill", per="year", agency="nhs"),
    ...         effect("life years", 1, in_state=["well", "ill"], per="year"),
    ...     ],
    ...     options=[Option("bau"), Option("help", changes=[hazard_ratio("well -> ill", 0.6, to_cycle=5)])],
    ...     price_base="2025-26",
    ... )
    >>> run = model.run()
    >>> float(run.total("cost", "help")[0]) < float(run.total("cost", "bau")[0])
    True
    """

    states: Sequence[str]
    cycles: int
    moves: Any
    cycle_months: float = 12.0
    rewards: Sequence[Reward] = ()
    options: Sequence[Option] = (Option(BAU),)
    start: Any = None
    people: float = 1.0
    intake: Any = None
    intake_start: Any = None
    conventions: Conventions = field(default_factory=Conventions)
    price_base: str = ""
    currency: str = "GBP"
    first_year: str = ""
    profiles: Any = None
    frailty: Any = None
    frailty_on: Any = ()
    draws: int | None = None
    title: str = "State-transition model"
    memory_mb: float = 1000.0

    def __post_init__(self) -> None:
        """Read the declaration; every fault at once."""
        faults: list[str] = []
        self._read_frame(faults)
        self._read_people(faults)
        self._put("rewards", self._resolved(self.rewards))
        self._put("moves", self._read_moves(self.moves, {}, faults))
        self._put("options", tuple(self._read_option(option, faults) for option in self.options))
        faults += number_faults(self)
        if self.frailty is not None:
            known = direct_moves(self.moves, self.states) if isinstance(self.moves, Generator) else self.moves
            faults += [
                f"frailty_on names no move '{text}'; the moves are "
                + listed(" -> ".join(move) for move in known)
                for text in find_moves(self.frailty_on, known)[1]
            ]
        faults += reward_faults(self)
        faults += [*counting_faults(self, "cost"), *counting_faults(self, "effect")]
        if faults:
            raise TransitionError("\n".join(dict.fromkeys(faults)))
        if not self.price_base and any(r.kind == "cost" for o in self.options for r in self.rewards_of(o)):
            raise PriceBaseMismatch(
                "the model has costs and no price base; give price_base, such as '2025-26', or words such as "
                "'not stated in the source'"
            )

    # what the declaration says -------------------------------------------------------------------

    @property
    def horizon(self) -> Horizon:
        """Cycles, their length, and the longest time in a state."""
        starts = [self.start, self.intake_start or (), *(o.start or () for o in self.options)]
        longest = max((so_far for start in starts for _, so_far, _ in start), default=0)
        return Horizon(self.cycles, self.cycle_months, self.cycles + longest + 1)

    @property
    def years(self) -> int:
        """Years of the model, Y."""
        return max(int(np.ceil(self.cycles * self.cycle_months / 12 - 1e-9)), 1)

    @property
    def year_names(self) -> tuple[str, ...]:
        """Financial years where the first is given, otherwise ``1``, ``2`` and so on."""
        if not self.first_year:
            return tuple(str(year + 1) for year in range(self.years))
        first = first_calendar_year(self.first_year)
        return tuple(format_year(first + year) for year in range(self.years))

    def calendar_year(self, cycle: int) -> int:
        """Return the calendar year in which the financial year of a cycle of the model begins."""
        first = first_calendar_year(self.first_year) if self.first_year else 0
        return first + int(np.floor(cycle * self.cycle_months / 12 + 1e-9))

    @property
    def profile_weights(self) -> Array:
        """Weights of profiles times classes of frailty, shape (P,)."""
        own = np.ones(1) if self.profiles is None else self.profiles
        shares = np.ones(1) if self.frailty is None else self.frailty.shares
        return np.asarray((own[:, None] * shares).ravel())

    @property
    def draw_count(self) -> int:
        """Number of draws, 1 where nothing is uncertain."""
        if self.draws is not None:
            return self.draws
        return max((count for _, number in numbers(self) for count in number.draw_counts()), default=1)

    def option(self, name: str) -> Option:
        """Return an option by name.

        Raises
        ------
        TransitionError
            If there is none of that name.
        """
        names = [option.name for option in self.options]
        if name not in names:
            raise TransitionError(f"there is no option '{name}'; {did_you_mean(name, names)}")
        return self.options[names.index(name)]

    def rewards_of(self, option: Option) -> tuple[Reward, ...]:
        """Return the costs and effects that an option has."""
        return (*(r for r in self.rewards if r.name not in option.without), *option.rewards)

    def moves_of(self, change: Change) -> list[Move]:
        """Return the moves that a change of a generator names."""
        return find_moves(change.moves, direct_moves(self.moves, self.states))[0]

    def dynamics(
        self, option: Option, rewards: Sequence[Reward], start: StartShares | None = None
    ) -> Dynamics:
        """Return how people move under an option, laid out for the kernel and for what rewards ask for."""
        moves = self.moves if option.moves is None else option.moves
        changes = (*option.changes, *self._frailty_changes())
        own_start = start if start is not None else (option.start or self.start)
        if isinstance(moves, Generator):
            layout = lay_out(self.states, _plain_rows(reachable_moves(moves, self.states)), {}, 1)
            return Dynamics(layout, (), moves, changes, own_start)
        rows = build_rows(moves, self.states, changes, option.combine)
        cuts = {row.state: row.cuts() for row in rows}
        for reward in rewards:
            for state in _states_of(reward, self.states, rows):
                at = {reward.from_cycle, reward.to_cycle or 0}
                at |= set().union(*(amount.cuts() for _, amount in reward.amounts))
                cuts.setdefault(state, set()).update(at)
        refuse_early(self, sum(1 + len(found) for found in cuts.values()))
        layout = lay_out(self.states, rows, cuts, self.horizon.durations)
        return Dynamics(layout, tuple(rows), None, changes, own_start)

    # what it gives ---------------------------------------------------------------------------------

    def size(self) -> "ModelSize":
        """Return how large the model is: cells, moves, lanes, runs and the memory they need."""
        from communitybudget.models.size import model_size
        from communitybudget.models.totals import plan_runs

        return model_size(self, plan_runs(self))

    def transition(self, option: str, cycle: int = 0, time_in_state: int = 0) -> Array:
        """Return the matrix of probabilities of one cycle, to be read beside a printed one.

        Parameters
        ----------
        option : str
            Name of the option.
        cycle : int, default 0
            Since entry to the model.
        time_in_state : int, default 0
            Completed cycles in the state moved from.

        Returns
        -------
        ndarray, shape (S, S), or (S, S, D) where the model has draws
            From states in rows, to states in columns; means over the profiles.

        Raises
        ------
        TransitionError
            If the model has no such cycle.

        Examples
        --------
        >>> from communitybudget.models import *
        >>> moves = {"a -> b": rate(by_duration({0: 0.1, 3: 0.5}))}
        >>> model = StateModel(states=("a", "b"), cycles=9, moves=moves)
        >>> model.transition("bau", time_in_state=4).round(3)
        array([[0.607, 0.393],
               [0.   , 1.   ]])
        """
        from communitybudget.models.running import matrix

        if not 0 <= cycle < self.cycles or time_in_state < 0:
            raise TransitionError(
                f"there is no cycle {cycle} with {time_in_state} cycles in the state; give a cycle from 0 to "
                f"{self.cycles - 1}, and a time in the state from 0"
            )
        found = matrix(self, self.dynamics(self.option(option), ()), cycle, time_in_state)
        return found[..., 0] if self.draw_count == 1 else found

    def run(self, progress: Callable[[int, int], None] | None = None, block: int | None = None) -> "ModelRun":
        """Run every option with the same draws.

        Parameters
        ----------
        progress : callable, optional
            Called with blocks done and blocks in all.
        block : int, optional
            Draws in one block, chosen to fit the memory if omitted; results do not depend on it.

        Returns
        -------
        ModelRun

        Raises
        ------
        TransitionError
            If the model is too large for ``memory_mb``, or a row is filled over in some draw; both are found
            before anything is simulated.
        """
        from communitybudget.models.totals import run_model

        return run_model(self, progress, block)

    @classmethod
    def from_pathway(
        cls,
        pathway: "Pathway",
        profile: str,
        *,
        years: int = 5,
        draws: "Draws | None" = None,
        **declared: Any,
    ) -> "StateModel":
        """Return a published pathway of a parameter set as a model in monthly cycles.

        Its rates by time in the state become `by_duration` rates, its start mix the start.

        Parameters
        ----------
        pathway : Pathway
            From `load_pathway`.
        profile : str
            Need profile, such as ``medium_need``.
        years : int, default 5
            Horizon.
        draws : Draws, optional
            Draws of its rates; central values if omitted.
        **declared
            Anything else that a StateModel takes: rewards, options, conventions, price_base and so on.

        Examples
        --------
        >>> from communitybudget import ParameterSet, load_pathway
        >>> work = load_pathway(ParameterSet.load("england"), "work")
        >>> StateModel.from_pathway(work, "medium_need", years=2).size().cells
        10
        """
        from communitybudget.models.published import pathway_parts

        moves, start = pathway_parts(pathway, profile, draws)
        settings: dict[str, Any] = {"start": start, "title": pathway.label, **declared}
        return cls(states=pathway.state_names, cycles=12 * years, moves=moves, cycle_months=1.0, **settings)

    def __repr__(self) -> str:
        return (
            f"StateModel({len(self.states)} states, {self.cycles} cycles of {self.cycle_months:g} months, "
            f"{len(self.options)} options, {self.draw_count:,} draws)"
        )

    # how it is read --------------------------------------------------------------------------------

    def _put(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)

    def _read_frame(self, faults: list[str]) -> None:
        """Read states, cycles, options and money; stop at once where nothing else can be read."""
        given_states = self.states
        for name, kind in (("states", str), ("options", Option), ("rewards", Reward), ("frailty_on", str)):
            given = getattr(self, name)
            self._put(name, (given,) if isinstance(given, kind) else tuple(given))
        if isinstance(given_states, str):
            faults.append(f"the states are the text '{given_states}'; give a list of names")
        wrong = [s for s in self.states if not isinstance(s, str) or not s.strip() or s == "*" or "->" in s]
        if wrong:
            faults.append(
                f"{listed(map(repr, wrong))} cannot name a state; give words, and neither '*' nor '->'"
            )
        elif not self.states or len(set(self.states)) < len(self.states):
            faults.append(
                f"the states are {', '.join(self.states) or 'missing'}; give each one name of its own"
            )
        for name, kind, remedy in (("options", Option, "Option('name')"), ("rewards", Reward, "cost(...)")):
            faults += [
                f"{shortened(one)} is none of the {name}; give {remedy}"
                for one in getattr(self, name)
                if not isinstance(one, kind)
            ]
        names = [option.name for option in self.options if isinstance(option, Option)]
        if not self.options or len(set(names)) < len(names):
            faults.append(f"the options are {', '.join(names) or 'missing'}; give each one name of its own")
        if not isinstance(self.cycles, Integral) or self.cycles < 1:
            faults.append(f"cycles is {self.cycles!r}; give a whole number from 1")
        if not self.cycle_months > 0:
            faults.append(f"cycle_months is {self.cycle_months!r}; give the length of a cycle, above 0")
        if not self.memory_mb > 0:
            faults.append(f"memory_mb is {self.memory_mb!r}; give megabytes, above 0")
        if self.frailty is not None and not (
            hasattr(self.frailty, "multipliers") and hasattr(self.frailty, "shares")
        ):
            faults.append(
                f"frailty is {shortened(self.frailty)}; give classes, such as gamma_frailty(0.5) of "
                "communitybudget.simulation"
            )
        try:
            self._put("first_year", parse_year(self.first_year) if self.first_year else "")
        except ValueError as error:
            faults.append(f"first_year: {error}")
        if faults:
            raise TransitionError("\n".join(faults))
        self._put("cycles", int(self.cycles))
        self._put("price_base", _price_base(self.price_base, self.currency))

    def _read_people(self, faults: list[str]) -> None:
        """Read who starts, who comes later, and how people differ."""
        self._put("start", self._read_start(self.start or self.states[0], "start", faults))
        if self.intake_start is not None:
            self._put("intake_start", self._read_start(self.intake_start, "intake_start", faults))
        options = [
            replace(o, start=o.start and self._read_start(o.start, f"start of '{o.name}'", faults))
            for o in self.options
        ]
        self._put("options", tuple(options))
        if not isinstance(self.people, Real) or not self.people >= 0:
            faults.append(f"people is {self.people!r}; give the number who start, from 0 on")
        if self.intake is not None:
            self._put("intake", as_numbers(self.intake, "intake"))
            if self.intake.shape != (self.cycles,):
                faults.append(
                    f"intake has shape {self.intake.shape}; give people for each of {self.cycles} cycles"
                )
            elif not (self.intake >= 0).all():
                faults.append("intake is negative or missing in some cycle; give people, from 0 on")
        if self.profiles is not None:
            weights = as_numbers(getattr(self.profiles, "weights", self.profiles), "profiles")
            if weights.ndim != 1 or not (weights >= 0).all() or not weights.sum() > 0:
                faults.append("the profiles have no weights from 0 on; give shares or numbers of families")
            elif abs(weights.sum() - 1) > 1e-12:
                weights = weights / weights.sum()
            self._put("profiles", weights)
        if self.frailty is not None:
            multipliers = np.asarray(self.frailty.multipliers, dtype=float)
            shares = np.asarray(self.frailty.shares, dtype=float)
            self._put("frailty", FrailtyClasses(multipliers, shares))
            if abs(shares.sum() - 1) > 1e-9 or (shares < 0).any() or (multipliers < 0).any():
                faults.append(
                    "the shares of the frailty classes do not sum to 1, or one is negative; correct them"
                )
            if not self.frailty_on:
                faults.append("frailty acts on no move; give frailty_on, such as '* -> looked_after'")

    def _read_start(self, given: Any, what: str, faults: list[str]) -> StartShares:
        """Read a start mix once; a state alone is where everybody starts."""
        if isinstance(given, tuple):
            return given
        return read_start({given: 1.0} if isinstance(given, str) else given, self.states, what, faults)

    def _read_moves(self, given: Any, base: Mapping[Move, Chance], faults: list[str]) -> Any:
        if isinstance(given, Generator):
            if given.rates.shape[0] != len(self.states):
                raise TransitionError(
                    f"the generator has {given.rates.shape[0]} states and the model {len(self.states)}; give "
                    "one row for each"
                )
            return given
        own = read_moves(given, self.states, faults)
        moves = own if isinstance(given, Matrix) else {**base, **own}
        faults += move_faults(moves, self.states)
        return {move: chance.resolve(self.horizon) for move, chance in moves.items()}

    def _read_option(self, option: Option, faults: list[str]) -> Option:
        base = {} if isinstance(self.moves, Generator) else self.moves
        moves = None if option.moves is None else self._read_moves(option.moves, base, faults)
        used = self.moves if moves is None else moves
        if isinstance(used, Generator):
            known: Mapping[Move, Chance] = dict.fromkeys(
                direct_moves(used, self.states), Chance("rate", None)
            )
            wrong = [
                c.name
                for c in option.changes
                if c.measure != "hazard_ratio"
                or c.alone
                or (c.ratio is not None and c.ratio.over("duration", "cycle_and_duration"))
            ]
            if wrong:
                faults.append(
                    f"option '{option.name}': {listed(wrong)} on a generator; use hazard_ratio "
                    "(the same for any time in a state), which multiplies its rates, or another generator: "
                    "Option(..., moves=generator(...))"
                )
        else:
            known = used
        faults += change_faults(option.name, option.changes, option.combine, known, self.states)
        changes = tuple(
            replace(
                c,
                ratio=None if c.ratio is None else c.ratio.resolve(self.horizon),
                chance=c.chance.resolve(self.horizon) if isinstance(c.chance, Chance) else c.chance,
            )
            for c in option.changes
        )
        names = {reward.name for reward in self.rewards}
        faults += [
            f"option '{option.name}' is without '{name}', which the model does not have; "
            + did_you_mean(name, names)
            for name in option.without
            if name not in names
        ]
        rewards = self._resolved(option.rewards)
        return replace(option, changes=changes, rewards=rewards, moves=moves)

    def _resolved(self, rewards: Sequence[Reward]) -> tuple[Reward, ...]:
        return tuple(
            replace(
                reward, amounts=tuple((place, value.resolve(self.horizon)) for place, value in reward.amounts)
            )
            for reward in rewards
        )

    def _frailty_changes(self) -> tuple[Change, ...]:
        if self.frailty is None:
            return ()
        ratios = self.frailty.multipliers
        return (
            Change("frailty", self.frailty_on, Varying((Part("class", ratios, tuple(range(len(ratios)))),))),
        )


def _price_base(text: str, currency: str) -> str:
    text = str(text)
    if not text or currency != "GBP" or not any(c.isdigit() for c in text):
        return text
    try:
        return parse_year(text)
    except ValueError as error:
        raise PriceBaseMismatch(
            f"price_base: {error}; for another currency give currency= as well"
        ) from error


def _plain_rows(moves: Sequence[Move]) -> list[Any]:
    from communitybudget.models.rows import Row

    rows = []
    for state in dict.fromkeys(move[0] for move in moves):
        targets = tuple(move[1] for move in moves if move[0] == state)
        rows.append(
            Row(
                state, targets, tuple(Chance("rate", None) for _ in targets), None, tuple(() for _ in targets)
            )
        )
    return rows


def _states_of(reward: Reward, states: Sequence[str], rows: Sequence[Any]) -> set[str]:
    """Return the states whose time matters to a reward."""
    if reward.place in ("in_state", "leaving"):
        return {place for place, _ in reward.amounts}
    if reward.place == "move":
        every = [(row.state, target) for row in rows for target in row.targets]
        return {m[0] for place, _ in reward.amounts for m in find_moves(place, every)[0]}
    return set()

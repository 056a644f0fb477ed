"""What a pathway declares: states, moves, rates, starts, activity, outcomes; every number by its key."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from communitybudget._core.errors import TransitionError, did_you_mean
from communitybudget.parameters import ParameterSet

_Rows = TypeVar("_Rows", bound=tuple[object, ...])

Move = tuple[str, str]
"""A move between two states; from a state to itself it is an event that moves nobody."""


def parse_move(text: str) -> Move:
    """Return the two states of ``a -> b``.

    Examples
    --------
    >>> parse_move("protection_plan -> looked_after")
    ('protection_plan', 'looked_after')
    """
    parts = [part.strip() for part in text.split("->")]
    if len(parts) != 2 or not all(parts):
        raise TransitionError(f"'{text}' is not a move; write it as 'state -> state'")
    return parts[0], parts[1]


@dataclass(frozen=True, slots=True)
class State:
    """One state of a pathway."""

    name: str
    label: str
    absorbing: bool = False


@dataclass(frozen=True, slots=True)
class Rate:
    """The monthly rate of one move in one band of time in the state.

    Parameters
    ----------
    move : tuple of str
        From and to.
    from_month, to_month : int and int or None
        Completed months since entry to the state: from (included) to (excluded; None, no end).
    parameter : str
        Key of the rate.
    share_draw : str
        Name of the uncertain level that the bands of one move share.
    """

    move: Move
    from_month: int
    to_month: int | None
    parameter: str
    share_draw: str


@dataclass(frozen=True, slots=True)
class StartShare:
    """The share of people who start in a state, having been there for some months.

    ``months_so_far`` is None where they start in the last band of the state.
    """

    state: str
    months_so_far: int | None
    parameter: str


@dataclass(frozen=True, slots=True)
class ActivityItem:
    """What a state or a move uses, in natural units, and the price it is paid at.

    Parameters
    ----------
    parameter : str
        Key of the quantity.
    label, unit : str
        What is used, in what unit.
    state : str or None
        The state whose months or entries use it.
    move : tuple of str or None
        The move that uses it.
    per : str
        ``month`` in the state, ``entry`` to the state, ``birthday`` (reaching the age at which the
        pathway ends while in the state), or ``move``.
    from_month, to_month : int or None
        Only for these completed months in the state.
    unit_cost : str
        Key of the price; empty where none is known. Blank is unknown, not zero.
    agency, value_type, line : str
        Who pays, what kind of value, and the line of the ledger.
    unless_pathway : str
        Left out where this pathway runs, since it holds the same cost.
    share_draw : str
        Name of the uncertain level shared with other rows.
    """

    parameter: str
    label: str
    unit: str
    state: str | None
    move: Move | None
    per: str
    from_month: int | None
    to_month: int | None
    unit_cost: str
    agency: str
    value_type: str
    line: str
    unless_pathway: str
    share_draw: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """An outcome that studies measure: being in a state, or having made one of some moves.

    ``moves`` gives the share of each move that counts (55% of first offences are convictions).
    """

    name: str
    label: str
    state: str | None
    moves: Mapping[Move, float]


@dataclass(frozen=True, slots=True)
class Reported:
    """A count in natural units that reports show.

    Years in ``state``, or the moves into ``moves_into`` from other states and within it.
    """

    name: str
    label: str
    unit: str
    state: str | None
    moves_into: str | None


@dataclass(frozen=True, slots=True)
class AllowedOverlap:
    """Two unit costs that declare an overlap and hold different money here, and why."""

    codes: frozenset[str]
    reason: str


@dataclass(frozen=True, slots=True)
class UnmetNeed:
    """A move by which somebody stops using a service while still needing it, and why it is one."""

    move: Move
    reason: str


@dataclass(frozen=True, slots=True)
class SpellShare:
    """One kind of spell in a state: which activity only such spells use, and what share of spells it is.

    Parameters
    ----------
    state : str
        In which each spell is of one kind, such as a foster placement or a children's home.
    activity : str
        Key of the activity that only these spells use.
    parameter : str
        Key of the share of spells.
    """

    state: str
    activity: str
    parameter: str


@dataclass(frozen=True)
class Declaration:
    """What the tables of a set declare about one pathway.

    Parameters
    ----------
    name, label : str
        Key and printable name.
    unit : str
        Whom it follows: ``child``, ``adult`` or ``family``.
    unit_label : str
        The same in words.
    age_from, age_to : int or None
        Children are followed between these birthdays.
    states : tuple of State
        In the order in which reports print them.
    rates : mapping of str to tuple of Rate
        By profile.
    starts : mapping of str to tuple of StartShare
        By profile.
    activity : tuple of ActivityItem
        What each state and move uses.
    outcomes : mapping of str to Outcome
        Those that effects refer to.
    reported : tuple of Reported
        Counts for reports.
    break_even : mapping
        Which counts the break-even in people uses.
    limits : tuple of str
        What the pathway leaves out.
    allow_overlaps : tuple of AllowedOverlap
        Declared overlaps that do not count money twice as this pathway uses them.
    unmet_need : tuple of UnmetNeed
        Moves by refusal, or by leaving help that is still needed: what they save is credited to nobody.
    spells : tuple of SpellShare
        Kinds of spell that differ in cost: part of chance.
    recorded_by : str
        Agency whose records show the moves; empty where the set does not say.
    parameters : ParameterSet or None
        The set it was loaded from, which holds its numbers; None for one built by hand.
    """

    name: str
    label: str
    unit: str
    unit_label: str
    age_from: int | None
    age_to: int | None
    states: tuple[State, ...]
    rates: Mapping[str, tuple[Rate, ...]]
    starts: Mapping[str, tuple[StartShare, ...]]
    activity: tuple[ActivityItem, ...]
    outcomes: Mapping[str, Outcome]
    reported: tuple[Reported, ...]
    break_even: Mapping[str, str]
    limits: tuple[str, ...]
    allow_overlaps: tuple[AllowedOverlap, ...] = ()
    unmet_need: tuple[UnmetNeed, ...] = ()
    spells: tuple[SpellShare, ...] = ()
    recorded_by: str = ""
    parameters: ParameterSet | None = field(default=None, compare=False, repr=False)

    @property
    def state_names(self) -> tuple[str, ...]:
        """Names of the states, in order."""
        return tuple(state.name for state in self.states)

    def rates_of(self, profile: str) -> tuple[Rate, ...]:
        """Return the rates of a profile, with the rates for ``all`` that serve every profile.

        Raises
        ------
        TransitionError
            If the pathway has no rates for it.
        """
        own = self._of(self.rates, profile, "rates")
        return own if own is self.rates.get("all") else (*own, *self.rates.get("all", ()))

    def start_of(self, profile: str) -> tuple[StartShare, ...]:
        """Return the start mix of a profile."""
        return self._of(self.starts, profile, "start mix")

    def _of(self, by_profile: Mapping[str, _Rows], profile: str, what: str) -> _Rows:
        found = by_profile.get(profile) or by_profile.get("all")
        if not found:
            raise TransitionError(
                f"the pathway '{self.name}' has no {what} for the profile '{profile}'; "
                + did_you_mean(profile, by_profile)
            )
        return found

    def moves(self) -> tuple[Move, ...]:
        """Return every move of the pathway, once."""
        return tuple(dict.fromkeys(rate.move for rates in self.rates.values() for rate in rates))

    def numbers(self) -> ParameterSet:
        """Return the set that holds the numbers of the pathway.

        Raises
        ------
        TransitionError
            If the pathway was built by hand and has none.
        """
        if self.parameters is None:
            raise TransitionError(
                f"the pathway '{self.name}' was built by hand and has no numbers; load it from a set with "
                "load_pathway"
            )
        return self.parameters

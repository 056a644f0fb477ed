"""A pathway: the states of a child, adult or family, the moves between them, and what each uses.

A pathway is structure only. Every number is named by the key of a parameter, so that the same
pathway serves the published set and any local one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from communitybudget._core.errors import TransitionError, did_you_mean
from communitybudget.parameters import Parameter, ParameterSet

_Rows = TypeVar("_Rows", bound=tuple[object, ...])

Move = tuple[str, str]
"""A move between two states; from a state to itself it is an event that moves nobody."""


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


@dataclass(frozen=True)
class Pathway:
    """Declaration of one pathway.

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

    def __repr__(self) -> str:
        return f"Pathway({self.name}, {len(self.states)} states, per {self.unit_label})"

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


def load_pathway(parameters: ParameterSet, name: str) -> Pathway:
    """Return a pathway declared in a parameter set.

    Parameters
    ----------
    parameters : ParameterSet
        The set whose ``pathways/<name>`` folder declares it.
    name : str
        For example ``child_safety``.

    Raises
    ------
    TransitionError
        If the set has no such pathway, or a row names a state that is not there.

    Examples
    --------
    >>> load_pathway(ParameterSet.load("england"), "work").state_names
    ('in_work', 'claiming_search', 'inactive_health')
    """
    if name not in parameters.structures:
        raise TransitionError(
            f"the set {parameters.name} has no pathway '{name}'; " + did_you_mean(name, parameters.structures)
        )
    form = parameters.structures[name]
    states = tuple(State(s["name"], s["label"], bool(s.get("absorbing"))) for s in form["states"])
    known = {state.name for state in states}
    ages = form.get("ages") or {}
    pathway = Pathway(
        name=name,
        label=form["label"],
        unit=form["unit"],
        unit_label=form["unit_label"],
        age_from=ages.get("from"),
        age_to=ages.get("to"),
        states=states,
        rates=_by_profile(_rows(parameters, "transition", name), _rate),
        starts=_by_profile(_rows(parameters, "start", name), _start),
        activity=tuple(_activity(row, known) for row in _rows(parameters, "activity", name)),
        outcomes={o["name"]: _outcome(o) for o in form.get("outcomes", ())},
        reported=tuple(
            Reported(r["name"], r["label"], r["unit"], r.get("state"), r.get("moves_into"))
            for r in form.get("reported", ())
        ),
        break_even=form.get("break_even") or {},
        limits=tuple(form.get("limits", ())),
        allow_overlaps=tuple(
            AllowedOverlap(frozenset(a["codes"]), a["reason"]) for a in form.get("allow_overlaps", ())
        ),
    )
    _check_states(pathway, known)
    return pathway


def _rows(parameters: ParameterSet, prefix: str, pathway: str) -> list[Parameter]:
    return [p for p in parameters.table(prefix) if p.fields.get("pathway") == pathway]


def _by_profile(rows: Sequence[Parameter], build: Any) -> dict[str, tuple[Any, ...]]:
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row.fields["profile"], []).append(build(row))
    return {profile: tuple(items) for profile, items in found.items()}


def _month(text: str) -> int | None:
    return int(text) if text else None


def _rate(row: Parameter) -> Rate:
    f = row.fields
    return Rate(
        (f["from"], f["to"]), _month(f["from_month"]) or 0, _month(f["to_month"]), row.id, f["share_draw"]
    )


def _start(row: Parameter) -> StartShare:
    months = row.fields["months_so_far"]
    return StartShare(row.fields["state"], None if months == "last" else int(months or 0), row.id)


def _activity(row: Parameter, known: set[str]) -> ActivityItem:
    f = row.fields
    on_move = f["per"] == "move"
    if f["per"] not in ("month", "entry", "birthday", "move") or (not on_move and f["on"] not in known):
        raise TransitionError(
            f"{row.file}:{row.line} {row.key}: '{f['on']}' per '{f['per']}' is neither a state per month, "
            "entry or birthday nor a move; " + did_you_mean(f["on"], known)
        )
    return ActivityItem(
        parameter=row.id,
        label=row.label,
        unit=row.unit,
        state=None if on_move else f["on"],
        move=parse_move(f["on"]) if on_move else None,
        per=f["per"],
        from_month=_month(f["from_month"]),
        to_month=_month(f["to_month"]),
        unit_cost=f["unit_cost"],
        agency=row.agency,
        value_type=row.value_type,
        line=f["line"],
        unless_pathway=f["unless_pathway"],
        share_draw=f["share_draw"],
    )


def _outcome(form: Mapping[str, Any]) -> Outcome:
    moves = {parse_move(move): float(share) for move, share in (form.get("moves") or {}).items()}
    return Outcome(form["name"], form["label"], form.get("state"), moves)


def _check_states(pathway: Pathway, known: set[str]) -> None:
    moves = set(pathway.moves())
    named = {state for move in moves for state in move}
    named |= {start.state for starts in pathway.starts.values() for start in starts}
    named |= {state for item in pathway.activity if item.move for state in item.move}
    named |= {outcome.state for outcome in pathway.outcomes.values() if outcome.state}
    named |= {state for r in pathway.reported for state in (r.state, r.moves_into) if state}
    named |= {pathway.break_even["state"]} if pathway.break_even else set()
    wrong = sorted(named - known)
    if wrong:
        raise TransitionError(
            f"the tables of the pathway '{pathway.name}' name states that it does not declare: "
            f"{', '.join(wrong)}; {did_you_mean(wrong[0], known)}"
        )
    counted = {move for outcome in pathway.outcomes.values() for move in outcome.moves}
    counted |= {item.move for item in pathway.activity if item.move}
    unknown = [f"{a} -> {b}" for a, b in sorted(counted - moves)]
    if unknown:
        raise TransitionError(
            f"the pathway '{pathway.name}' counts moves that have no rate: {', '.join(unknown)}; "
            + did_you_mean(unknown[0], [f"{a} -> {b}" for a, b in moves])
        )
    counts = {r.name for r in pathway.reported}
    for name in (pathway.break_even.get("years"), pathway.break_even.get("entries")):
        if name and name not in counts:
            raise TransitionError(
                f"break_even of the pathway '{pathway.name}' names the count '{name}', which is not "
                "reported; " + did_you_mean(name, counts)
            )

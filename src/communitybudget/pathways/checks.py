"""What can be wrong with a pathway: every fault at once, with file and line."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import fsum

from communitybudget._core.errors import Fault, ParameterNotFound, did_you_mean
from communitybudget._core.vocabulary import AGENCIES, VALUE_TYPES
from communitybudget.pathways.declaration import Declaration, Move, Rate
from communitybudget.pathways.effects import effect_faults

UNITS: tuple[str, ...] = ("child", "adult", "family")
PER: tuple[str, ...] = ("month", "entry", "birthday", "move")
START_TOLERANCE = 0.001
"""By how much a start mix may miss one, for the rounding of its shares."""


def find_faults(pathway: Declaration) -> list[Fault]:
    """Return everything that is wrong with a pathway: empty where nothing is.

    Parameters
    ----------
    pathway : Declaration
        With or without the set that holds its numbers; without one, what needs numbers is left out.

    Returns
    -------
    list of Fault
        Each once, in the order in which the tables are read.
    """
    parts = (_form, _states, _rates, _profiles, _starts, _activity, _spells, _outcomes, _effects)
    return list(dict.fromkeys(fault for part in parts for fault in part(pathway)))


def form_name(pathway: str) -> str:
    """Return the name of a pathway's declaration, as messages print it."""
    return f"pathways/{pathway}/pathway.yaml"


def _yaml(pathway: Declaration, key: str, what: str, remedy: str) -> Fault:
    return Fault(form_name(pathway.name), key, what, remedy)


def _row(pathway: Declaration, parameter: str, what: str, remedy: str) -> Fault:
    """Return a fault of a row of a table, at its line where the row is known."""
    found = pathway.parameters.parameters.get(parameter) if pathway.parameters else None
    if found is None:
        return _yaml(pathway, parameter, what, remedy)
    return Fault(found.file, found.key, what, remedy, found.line or None)


def _text(move: Move) -> str:
    return f"{move[0]} -> {move[1]}"


def _form(pathway: Declaration) -> Iterator[Fault]:
    if pathway.unit not in UNITS:
        yield _yaml(pathway, "unit", f"'{pathway.unit}' is no unit", did_you_mean(pathway.unit, UNITS))
    if pathway.recorded_by and pathway.recorded_by not in AGENCIES:
        what = f"'{pathway.recorded_by}' is no agency"
        yield _yaml(pathway, "recorded_by", what, did_you_mean(pathway.recorded_by, AGENCIES))
    for name in {name for name in pathway.state_names if pathway.state_names.count(name) > 1}:
        yield _yaml(pathway, "states", f"the state '{name}' is there twice", "keep one, or rename it")
    if not pathway.activity:
        yield _yaml(pathway, "activity", "no state or move uses anything", "add rows to activity.csv")


def _states(pathway: Declaration) -> Iterator[Fault]:
    """Find states that cannot be reached, or left, or that are left though nobody leaves them."""
    left = {move[0] for move in pathway.moves() if move[0] != move[1]}
    reached = {start.state for starts in pathway.starts.values() for start in starts}
    waiting = list(reached)
    while waiting:
        here = waiting.pop()
        new = {b for a, b in pathway.moves() if a == here} - reached
        reached |= new
        waiting += new
    for state in pathway.states:
        if pathway.starts and state.name not in reached:
            yield _yaml(
                pathway,
                f"states.{state.name}",
                "nobody starts in this state or moves into it",
                "add a start share or a move, or drop the state",
            )
        if not state.absorbing and state.name not in left:
            yield _yaml(
                pathway,
                f"states.{state.name}",
                "nobody ever leaves this state",
                "add a move out of it, or say absorbing: true",
            )
    absorbing = {state.name for state in pathway.states if state.absorbing}
    for rate in _all_rates(pathway):
        if rate.move[0] in absorbing:
            what = f"'{rate.move[0]}' is declared absorbing and this rate leaves it"
            yield _row(pathway, rate.parameter, what, "drop the row, or absorbing: true")


def _all_rates(pathway: Declaration) -> list[Rate]:
    return [rate for rates in pathway.rates.values() for rate in rates]


def _rates(pathway: Declaration) -> Iterator[Fault]:
    """Find moves between unknown states, and bands that overlap, leave a gap or end."""
    for rate in _all_rates(pathway):
        for state in rate.move:
            if state not in pathway.state_names:
                yield _row(pathway, rate.parameter, *_no_state(pathway, state))
        if rate.to_month is not None and rate.to_month <= rate.from_month:
            yield _row(
                pathway,
                rate.parameter,
                f"the months from {rate.from_month} to {rate.to_month} hold no month",
                "let to_month be more than from_month, or leave it empty for no end",
            )
    for profile, own in pathway.rates.items():
        levels: dict[Move, set[str]] = {}
        for rate in own:
            levels.setdefault(rate.move, set()).add(rate.share_draw)
            if len(levels[rate.move]) > 1:
                yield _row(
                    pathway,
                    rate.parameter,
                    f"the bands of {_text(rate.move)} ({profile}) have different share_draw levels: "
                    + ", ".join(sorted(levels[rate.move])),
                    "give all bands of one move the same level, since they are one unknown",
                )
        by_move: dict[Move, list[Rate]] = {}
        for rate in pathway.rates_of(profile):
            by_move.setdefault(rate.move, []).append(rate)
        for move, bands in by_move.items():
            yield from _bands(pathway, move, sorted(bands, key=lambda r: r.from_month), profile)


def _bands(pathway: Declaration, move: Move, bands: Sequence[Rate], profile: str) -> Iterator[Fault]:
    where = f"the bands of {_text(move)} ({profile})"
    for before, after in pairwise(bands):
        if before.to_month is None or before.to_month > after.from_month:
            what = f"{where} overlap from month {after.from_month}"
            yield _row(pathway, after.parameter, what, "let each band begin where the one before it ends")
        elif before.to_month < after.from_month:
            what = f"{where} leave out months {before.to_month} to {after.from_month}"
            yield _row(pathway, after.parameter, what, "add a band; where nobody moves the rate is 0")
    # all profiles and "all" together must reach the end; rates for "all" alone may leave it to each profile
    shared = profile == "all" and any(p != "all" for p in pathway.rates)
    if bands[-1].to_month is not None and not shared:
        what = f"{where} end at month {bands[-1].to_month}"
        yield _row(pathway, bands[-1].parameter, what, "leave to_month of the last band empty, for no end")


def _no_state(pathway: Declaration, state: str) -> tuple[str, str]:
    return f"there is no state '{state}'", did_you_mean(state, pathway.state_names)


def _profiles(pathway: Declaration) -> Iterator[Fault]:
    """Find rates that one profile has and another lacks, and profiles without start mix."""
    named = [profile for profile in pathway.rates if profile != "all"] or list(pathway.rates)
    every = dict.fromkeys(rate.move for profile in named for rate in pathway.rates_of(profile))
    if not named:
        yield _yaml(pathway, "rates", "there are no rates", "add rows to transitions.csv")
    for profile in named:
        own = {rate.move for rate in pathway.rates_of(profile)}
        for move in every:
            if move not in own:
                with_it = next(p for p in named if move in {r.move for r in pathway.rates_of(p)})
                what = f"'{profile}' has no rate of {_text(move)} and '{with_it}' has one"
                yield _yaml(pathway, f"rates.{profile}", what, "add it to transitions.csv; 0 is a rate")
        if profile != "all" and profile not in pathway.starts and "all" not in pathway.starts:
            what = f"'{profile}' has rates and no start mix"
            yield _yaml(pathway, f"starts.{profile}", what, "add it to start_mix.csv")
    for profile in pathway.starts:
        if profile not in pathway.rates and "all" not in pathway.rates:
            what = f"'{profile}' has a start mix and no rates"
            yield _yaml(pathway, f"starts.{profile}", what, "add its rates to transitions.csv")


def _starts(pathway: Declaration) -> Iterator[Fault]:
    for profile, starts in pathway.starts.items():
        for start in starts:
            if start.state not in pathway.state_names:
                yield _row(pathway, start.parameter, *_no_state(pathway, start.state))
        if pathway.parameters is None:
            continue
        total = fsum(pathway.parameters[start.parameter].value for start in starts)
        if abs(total - 1) > START_TOLERANCE:
            what = f"the start mix of '{profile}' sums to {total:.4f} and not to 1"
            changed = [s.parameter for s in starts if pathway.parameters[s.parameter].overridden]
            if changed:
                what += f", since {', '.join(changed)} was overridden"
            remedy = "change the other shares with it, so that all of them sum to 1"
            yield _row(pathway, (changed or [starts[-1].parameter])[0], what, remedy)


def _activity(pathway: Declaration) -> Iterator[Fault]:
    """Find activity on what is not there, or paid by nobody known at no known price."""
    moves = set(pathway.moves())
    texts = [_text(move) for move in moves]
    for item in pathway.activity:

        def fault(what: str, remedy: str, key: str = item.parameter) -> Fault:
            return _row(pathway, key, what, remedy)

        if item.per not in PER:
            yield fault(f"'{item.per}' is no way to count activity", did_you_mean(item.per, PER))
        if item.move is not None:
            unknown = [state for state in item.move if state not in pathway.state_names]
            for state in unknown:
                yield fault(*_no_state(pathway, state))
            if not unknown and item.move not in moves:
                text = _text(item.move)
                yield fault(f"the move '{text}' has no rate", did_you_mean(text, texts))
        elif item.state not in pathway.state_names:
            yield fault(*_no_state(pathway, str(item.state)))
        if item.to_month is not None and item.to_month <= (item.from_month or 0):
            yield fault("the months it is for hold no month", "let to_month be more than from_month")
        if item.agency != "multiple" and item.agency not in AGENCIES:
            yield fault(f"'{item.agency}' is no agency", did_you_mean(item.agency, AGENCIES))
        if item.value_type not in VALUE_TYPES:
            yield fault(f"'{item.value_type}' is no value type", did_you_mean(item.value_type, VALUE_TYPES))
        if pathway.parameters is None:
            continue
        if item.unit_cost:
            try:
                price = pathway.parameters.get(item.unit_cost, item.value_type)
            except ParameterNotFound as error:
                yield fault(*str(error).split("; ", 1))
            else:
                if not price.is_money:
                    yield fault(f"{price.id} is in {price.unit} and is no price", "name a unit cost in GBP")
        if item.unless_pathway and item.unless_pathway not in pathway.parameters.structures:
            known = pathway.parameters.structures
            yield fault(
                f"unless_pathway names '{item.unless_pathway}', of which the set has none",
                did_you_mean(item.unless_pathway, known),
            )


def _spells(pathway: Declaration) -> Iterator[Fault]:
    """Find kinds of spell in no state, of no activity in it, or that are more than all spells."""
    monthly = {item.parameter: item.state for item in pathway.activity if item.per == "month"}
    by_state: dict[str, list[str]] = {}
    for spell in pathway.spells:
        if spell.state not in pathway.state_names:
            yield _row(pathway, spell.parameter, *_no_state(pathway, spell.state))
        elif monthly.get(spell.activity) != spell.state:
            keys = [key for key, state in monthly.items() if state == spell.state]
            what = f"'{spell.activity}' is no activity by month in {spell.state}"
            yield _row(pathway, spell.parameter, what, did_you_mean(spell.activity, keys))
        by_state.setdefault(spell.state, []).append(spell.parameter)
    if pathway.parameters is None:
        return
    for state, keys in by_state.items():
        shares = [pathway.parameters[key].value for key in keys]
        if fsum(shares) > 1 + START_TOLERANCE or min(shares) <= 0:
            what = f"the shares of spells in {state} are {', '.join(f'{share:g}' for share in shares)}"
            yield _row(pathway, keys[-1], what, "give shares above 0 that sum to 1 at most")


def _outcomes(pathway: Declaration) -> Iterator[Fault]:
    """Find what outcomes, counts and the break-even name that is not there."""
    moves = [_text(move) for move in pathway.moves()]
    named = [(f"outcomes.{o.name}.state", o.state) for o in pathway.outcomes.values()]
    for count in pathway.reported:
        named += [(f"reported.{count.name}", state) for state in (count.state, count.moves_into)]
        if not count.state and not count.moves_into:
            what = "counts neither years in a state nor moves"
            yield _yaml(pathway, f"reported.{count.name}", what, "give state or moves_into")
    if pathway.break_even:
        named.append(("break_even.state", pathway.break_even.get("state", "")))
    for key, state in named:
        if state is not None and state not in pathway.state_names:
            yield _yaml(pathway, key, *_no_state(pathway, state))
    for outcome in pathway.outcomes.values():
        if outcome.state is None and not outcome.moves:
            what = "measures neither a state nor moves"
            yield _yaml(pathway, f"outcomes.{outcome.name}", what, "give state or moves")
        for move, share in outcome.moves.items():
            key, text = f"outcomes.{outcome.name}.moves", _text(move)
            if text not in moves:
                yield _yaml(pathway, key, f"the move '{text}' has no rate", did_you_mean(text, moves))
            if not 0 <= share <= 1:
                yield _yaml(pathway, key, f"the share of '{text}' is {share:g}", "give 0 to 1")
    counts = [count.name for count in pathway.reported]
    for word in ("years", "entries"):
        name = pathway.break_even.get(word)
        if name and name not in counts:
            what = f"'{name}' is not reported"
            yield _yaml(pathway, f"break_even.{word}", what, did_you_mean(name, counts))


def _effects(pathway: Declaration) -> Iterator[Fault]:
    if pathway.parameters is None:
        return
    for prefix in ("effect", "published"):
        for row in pathway.parameters.table(prefix):
            if row.fields.get("pathway") == pathway.name:
                yield from effect_faults(row, pathway)

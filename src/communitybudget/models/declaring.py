"""Reading a declaration: moves by name, starts, what an option changes; every fault at once."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from reprlib import repr as shortened
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from communitybudget._core.errors import TransitionError, did_you_mean
from communitybudget.models.changes import RULES, Change, Combine
from communitybudget.models.moves import (
    Chance,
    Matrix,
    Split,
    as_chance,
    ends,
    find_moves,
    named_states,
)
from communitybudget.models.rows import Acting, Row
from communitybudget.models.values import Varying, varying
from communitybudget.pathways import Move

Moves = Mapping[str, Any] | Mapping[Move, Any] | Matrix
Start = Mapping[str, Any]
StartShares = tuple[tuple[str, int, Varying], ...]


def read_moves(given: Moves, states: Sequence[str], faults: list[str]) -> dict[Move, Chance]:
    """Return moves by their two ends; what is named outright goes before ``*``."""
    if isinstance(given, Matrix):
        try:
            return named_states(given, states)
        except TransitionError as error:
            faults.append(str(error))
            return {}
    if not isinstance(given, Mapping):
        faults.append(
            f"the moves are {shortened(given)}; give a mapping {{'a -> b': probability(0.1)}}, or a whole "
            "table by from_matrix(...), from_counts(...) or generator(...)"
        )
        return {}
    outright: dict[Move, Chance] = {}
    by_star: dict[Move, Chance] = {}
    for key, value in given.items():
        try:
            source, target = key if isinstance(key, tuple) else ends(key)
            where = f"{source} -> {target}"
            unknown = [s for s in (source, target) if s != "*" and s not in states]
            if unknown:
                faults.append(
                    f"'{where}': there is no state '{unknown[0]}'; {did_you_mean(unknown[0], states)}"
                )
                continue
            if isinstance(value, Split):
                if source == "*" or target != "*":
                    faults.append(f"'{where}' is a split; write it as 'state -> *'")
                    continue
                for state, share in value.to.items():
                    if state not in states:
                        faults.append(
                            f"'{where}': there is no state '{state}'; {did_you_mean(state, states)}"
                        )
                    if value.chance.value is not None:
                        parted = Chance(
                            value.chance.kind,
                            value.chance.value * share,
                            value.chance.unless,
                            value.chance.per_months,
                        )
                        outright[source, state] = parted
                continue
            chance = as_chance(value, where)
        except TransitionError as error:
            faults.append(str(error))
            continue
        if "*" not in (source, target):
            outright[source, target] = chance
        elif target == "*":
            faults.append(f"'{where}' does not say where to; name the states, or use split(..., to={{...}})")
        else:
            by_star |= {(state, target): chance for state in states if state != target}
    return by_star | outright


def move_faults(moves: Mapping[Move, Chance], states: Sequence[str]) -> list[str]:
    """Return what is wrong with the forms of the moves of each state."""
    faults = []
    for state in states:
        own = {move[1]: chance for move, chance in moves.items() if move[0] == state}
        out = {target: chance for target, chance in own.items() if target != state}
        stay = own.get(state)
        rests = [target for target, chance in own.items() if chance.kind == "remainder"]
        if len(rests) > 1:
            faults.append(f"'{state}' leaves the rest to {' and '.join(rests)}; leave one cell as REMAINDER")
        if stay is not None and stay.kind not in ("probability", "remainder"):
            faults.append(
                f"staying in '{state}' is a {stay.kind}; give a probability, or leave it out: it is the rest"
            )
        if rests and rests != [state] and any(c.kind in ("rate", "odds") or c.unless for c in out.values()):
            faults.append(
                f"'{state} -> {rests[0]}' is the remainder beside rates, odds or moves that wait "
                "(unless); use REMAINDER among plain probabilities"
            )
        if stay is not None and stay.kind == "probability" and not rests:
            faults.append(
                f"every cell of '{state}' is given; leave one of them as REMAINDER, or leave out staying"
            )
        kinds: dict[tuple[str, ...], dict[str, list[str]]] = {}
        for target, chance in out.items():
            if chance.kind != "remainder":
                kinds.setdefault(chance.unless, {}).setdefault(chance.kind, []).append(target)
        for unless, found in kinds.items():
            if len(found) > 1:
                listed = "; ".join(f"{kind}: {', '.join(targets)}" for kind, targets in found.items())
                faults.append(
                    f"the moves out of '{state}' mix forms ({listed}), and how they compete is not said; "
                    "use one form, or say which come first: probability(..., unless=...)"
                )
            for first in unless:
                if first not in out:
                    faults.append(
                        f"'{state}': unless '{first}' names no move out of it; {did_you_mean(first, out)}"
                    )
                elif out[first].unless:
                    faults.append(
                        f"'{state}': unless '{first}' names a move that waits itself; name first moves"
                    )
    return faults


def read_start(given: Start, states: Sequence[str], what: str, faults: list[str]) -> StartShares:
    """Return start shares as (state, completed cycles in it, share)."""
    if not isinstance(given, Mapping):
        faults.append(f"{what} is {shortened(given)}; give a state, or a mapping of states to shares")
        return ()
    shares: list[tuple[str, int, Varying]] = []
    for state, value in given.items():
        if state not in states:
            faults.append(f"{what}: there is no state '{state}'; {did_you_mean(state, states)}")
            continue
        by_time: Mapping[int, ArrayLike] = value if isinstance(value, Mapping) else {0: value}
        for so_far, share in by_time.items():
            number = varying(share)
            if number.over("cycle", "duration", "year", "cycle_and_duration"):
                faults.append(
                    f"{what}: the share of '{state}' varies over time; give a number, draws or by_profile"
                )
            elif any((part.values < 0).any() for part in number.parts):
                faults.append(f"{what}: the share of '{state}' is negative; give shares from 0 to 1")
            if so_far != int(so_far) or so_far < 0:
                faults.append(f"{what}: '{state}' since {so_far} cycles; give whole completed cycles from 0")
            shares.append((state, int(so_far), number))
    return tuple(shares)


def build_rows(
    moves: Mapping[Move, Chance],
    states: Sequence[str],
    changes: Sequence[Change],
    combine: Combine,
) -> list[Row]:
    """Return the rows of the states under the changes of an option."""
    known = dict(moves)
    acting: dict[Move, list[Acting]] = {}
    for index, change in enumerate(changes):
        if isinstance(change.chance, Matrix):
            new = named_states(change.chance, states)
            nothing = Chance("probability", varying(0.0))
            for move in [m for m in {**known, **new} if m[0] != m[1]]:
                known.setdefault(move, nothing)
                acting.setdefault(move, []).append(Acting(index, change, new.get(move, nothing)))
            continue
        if change.chance is not None and ends(change.moves[0]) not in known:
            known[ends(change.moves[0])] = Chance(change.chance.kind, varying(0.0), change.chance.unless)
        for move in find_moves(change.moves, [m for m in known if m[0] != m[1]])[0]:
            acting.setdefault(move, []).append(Acting(index, change, change.chance))
    rows = []
    for state in states:
        own = {move[1]: c for move, c in known.items() if move[0] == state and move[1] != state}
        if own:
            stay = known.get((state, state))
            rows.append(
                Row(
                    state,
                    tuple(own),
                    tuple(own.values()),
                    None if stay is None else stay.value,
                    tuple(tuple(acting.get((state, target), ())) for target in own),
                    combine,
                )
            )
    return rows


def change_faults(
    option: str,
    changes: Sequence[Change],
    combine: Combine,
    moves: Mapping[Move, Chance],
    states: Sequence[str],
) -> list[str]:
    """Return what is wrong with the changes of an option: unknown moves, overlaps without a rule."""
    faults = []
    known = [move for move in moves if move[0] != move[1]]
    on: dict[Move, list[Change]] = {}
    if combine is not None and combine not in RULES and (isinstance(combine, str) or combine <= 0):
        faults.append(f"option '{option}': combine is {combine!r}; use {', '.join(RULES)} or a ratio above 0")
    for change in changes:
        if isinstance(change.chance, Matrix):
            for move in known:
                on.setdefault(move, []).append(change)
                if moves[move].kind != "probability" or moves[move].unless:
                    faults.append(
                        f"option '{option}': a matrix replaces '{' -> '.join(move)}', which is a "
                        f"{moves[move].kind}; give the moves of the model as probabilities or as a matrix"
                    )
            continue
        for text in change.moves:
            source, target = ends(text)
            unknown = [s for s in (source, target) if s != "*" and s not in states]
            found, _ = find_moves(text, known)
            if source == target and source != "*":
                faults.append(
                    f"option '{option}': '{text}' is staying, which is the rest; change its ways out"
                )
            elif unknown:
                faults.append(
                    f"option '{option}': '{text}' names no state '{unknown[0]}'; "
                    + did_you_mean(unknown[0], states)
                )
            elif not found and change.chance is None:
                listed = ", ".join(" -> ".join(move) for move in known)
                faults.append(
                    f"option '{option}': there is no move '{text}' to change; the moves are {listed}"
                )
            for move in found or ([(source, target)] if change.chance is not None else []):
                on.setdefault(move, []).append(change)
                faults += _form_faults(option, change, move, moves)
    for move, own in on.items():
        for a, b in combinations(own, 2):
            if not _overlap(a, b):
                continue
            where = f"option '{option}': two changes act on '{' -> '.join(move)}' at one time "
            where += f"({a.name}; {b.name})"
            if a.measure != b.measure or a.alone != b.alone or a.chance is not None:
                faults.append(
                    f"{where}, and are of different kinds; give one change, or windows that do not overlap"
                )
            elif combine is None:
                faults.append(
                    f"{where}; say how they combine: combine='multiplicative', 'strongest' or a ratio"
                )
    return list(dict.fromkeys(faults))


def _form_faults(option: str, change: Change, move: Move, moves: Mapping[Move, Chance]) -> list[str]:
    """Return why a change does not go with the form in which a move is given."""
    where = f"option '{option}': {change.measure.replace('_', ' ')} on '{' -> '.join(move)}'"
    usual = moves.get(move)
    if (
        usual is not None
        and usual.kind == "remainder"
        and (change.alone or change.measure in ("relative_risk", "replaced"))
    ):
        return [f"{where}, which is the remainder and takes what the others leave; change the others"]
    if not isinstance(change.chance, Chance) or move[0] == move[1]:
        return []
    new = change.chance
    beside = {c.kind for m, c in moves.items() if m[0] == move[0] != m[1] and c.unless == new.unless}
    if usual is not None and usual.unless != new.unless:
        return [f"{where} waits for other moves (unless) where the usual one does not; give both alike"]
    if beside - {"remainder"} and new.kind not in beside:
        forms = ", ".join(sorted(beside))
        return [f"{where} is a {new.kind} and the moves of '{move[0]}' are {forms}; use that form"]
    return []


def _overlap(a: Change, b: Change) -> bool:
    ends_a = np.inf if a.to_cycle is None else a.to_cycle
    ends_b = np.inf if b.to_cycle is None else b.to_cycle
    return a.from_cycle < ends_b and b.from_cycle < ends_a


def listed(what: Iterable[str], most: int = 8) -> str:
    """Return the first few words of a list.

    Examples
    --------
    >>> listed("abc", 2)
    'a, b and 1 more'
    """
    words = list(what)
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return ", ".join(words[:most]) + more

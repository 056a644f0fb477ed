"""What is wrong with the numbers of a model: shapes, draws, places of rewards, counting rules."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from communitybudget._core.errors import TransitionError, did_you_mean
from communitybudget._core.years import first_calendar_year
from communitybudget.models.conventions import Kind, slots
from communitybudget.models.moves import Chance, Generator, Matrix, find_moves, reachable_moves
from communitybudget.models.running import at_place
from communitybudget.models.values import Part, Varying, varying

if TYPE_CHECKING:
    from communitybudget.models.model import StateModel


def numbers(model: "StateModel") -> Iterable[tuple[str, Varying]]:
    """Return every number, with what it is."""
    tables = [("", model.moves), *((f"option '{o.name}': ", o.moves) for o in model.options)]
    for prefix, moves in tables:
        if isinstance(moves, Generator):
            if moves.rates.ndim == 3:
                yield f"{prefix}generator", Varying((Part("draw", np.abs(moves.rates[0, 0])),))
        elif moves is not None:
            for move, chance in moves.items():
                if chance.value is not None:
                    yield f"{prefix}'{move[0]} -> {move[1]}'", chance.value
    for option in model.options:
        for change in option.changes:
            if change.ratio is not None:
                yield f"option '{option.name}': {change.name}", change.ratio
            for part in change.timing or ():
                if isinstance(part, np.ndarray):
                    yield f"option '{option.name}': timing of {change.name}", varying(np.isfinite(part))
            if isinstance(change.chance, Chance) and change.chance.value is not None:
                resolved = change.chance.resolve(model.horizon).value
                if resolved is not None:
                    yield f"option '{option.name}': {change.name}", resolved
    for what, start in (("start", model.start), ("intake_start", model.intake_start or ())):
        for state, _, share in start:
            yield f"{what} '{state}'", share
    for option in model.options:
        for state, _, share in option.start or ():
            yield f"start of '{option.name}' '{state}'", share
    for reward in [*model.rewards, *(r for o in model.options for r in o.rewards)]:
        for place, amount in reward.amounts:
            yield f"{reward.name} ({place})", amount


def number_faults(model: "StateModel") -> list[str]:
    """Return what is wrong with the shapes and values of its numbers, and with the numbers of draws."""
    faults = []
    counts: dict[int, str] = {}
    rewards = {f"{r.name} ({p})" for o in model.options for r in model.rewards_of(o) for p, _ in r.amounts}
    first = first_calendar_year(model.first_year) if model.first_year else None
    profiles = 1 if model.profiles is None else len(model.profiles)
    for what, number in numbers(model):
        faults += number.faults(what, model.cycles, 1 if what in rewards else 0)
        for part in number.parts:
            if part.draws is not None and part.draws != 1:
                counts.setdefault(part.draws, what)
            if part.over == "profile" and len(part.values) != profiles:
                faults.append(
                    f"{what}: by_profile has {len(part.values)} values and the model {profiles} "
                    "profiles; give profiles= their weights, and one value for each"
                )
            if part.over == "year" and (first is None or part.starts[0] > first):
                faults.append(
                    f"{what}: by_year has no value for the first year "
                    + (f"{model.first_year}; give one" if first else "of the model; give first_year=")
                )
            if what not in rewards and (part.values < 0).any():
                faults.append(f"{what}: a value is negative; give numbers from 0 on")
    if model.draws is not None:
        counts.setdefault(model.draws, "draws=")
    if len(counts) > 1:
        found = "; ".join(f"{what} has {count}" for count, what in counts.items())
        faults.append(f"the numbers of draws differ: {found}; give arrays of one length, (draw,)")
    if not faults and len(counts) <= 1:
        faults += _start_faults(model)
    if model.draws is None and model.cycles > 1 and model.cycles in counts:
        faults.append(
            f"{counts[model.cycles]}: an array of {model.cycles} values is as long as the model has "
            f"cycles; write by_cycle(...) for one value a cycle, or draws={model.cycles} if they are draws"
        )
    return faults


def _start_faults(model: "StateModel") -> list[str]:
    """Return starts that do not sum to one in some draw or profile."""
    starts = [("start", model.start), ("intake_start", model.intake_start)]
    starts += [(f"start of '{option.name}'", option.start) for option in model.options]
    at = at_place(
        model, 0, 0, np.array([0]), slice(0, model.draw_count), np.arange(len(model.profile_weights))
    )
    faults = []
    for what, start in starts:
        if start:
            total = np.ravel(sum(share.at(at) for _, _, share in start))
            worst = float(total[np.abs(total - 1).argmax()])
            if abs(worst - 1) > 1e-9:
                faults.append(f"{what} sums to {worst:.6g}; give shares that sum to 1")
    return faults


def reward_faults(model: "StateModel") -> list[str]:
    """Return what is wrong with the places and amounts of its rewards."""
    faults = []
    moves = {m for table in _tables(model) for m in table if m[0] != m[1]}
    for option in model.options:
        for reward in model.rewards_of(option):
            for place, amount in reward.amounts:
                if reward.place == "move":
                    missing = find_moves(place, moves)[1]
                    if missing:
                        all_moves = ", ".join(" -> ".join(m) for m in sorted(moves))
                        faults.append(f"{reward.name}: there is no move '{place}'; the moves are {all_moves}")
                elif reward.place != "at_start" and place not in model.states:
                    faults.append(
                        f"{reward.name}: there is no state '{place}'; {did_you_mean(place, model.states)}"
                    )
                if amount.over("duration") and reward.place in ("entering", "at_start"):
                    faults.append(
                        f"{reward.name}: on {reward.place} no time in a state has passed; give a number"
                    )
                timed = reward.from_cycle or reward.to_cycle is not None or amount.over("duration")
                if timed and isinstance(option.moves or model.moves, Generator):
                    faults.append(
                        f"{reward.name}: time in a state is not followed under a generator; give the moves "
                        "as rates, or an amount that does not depend on it"
                    )
                if amount.over("cycle_and_duration") or any(
                    p.over in ("cycle", "year") and p.draws is not None for p in amount.parts
                ):
                    faults.append(
                        f"{reward.name}: an amount by cycle that differs by draw; give "
                        "by_cycle(profile) * draws, or one reward for each"
                    )
    return faults


def _tables(model: "StateModel") -> list[Any]:
    found: list[Any] = []
    for moves in (model.moves, *(o.moves for o in model.options)):
        if isinstance(moves, Generator):
            found.append(reachable_moves(moves, model.states))
        elif moves is not None:
            found.append(list(moves))
    for option in model.options:
        for change in option.changes:
            if isinstance(change.chance, Matrix):
                found.append([(a, b) for a in model.states for b in model.states if a != b])
            elif change.chance is not None:
                source, _, target = change.moves[0].partition("->")
                found.append([(source.strip(), target.strip())])
    return found


def counting_faults(model: "StateModel", kind: Kind) -> list[str]:
    """Return why a counting rule does not fit its cycles or its intake."""
    counting = model.conventions.counting_of(kind)
    lengths = [model.cycles]
    if model.intake is not None and model.intake.shape == (model.cycles,):
        lengths += [model.cycles - int(e) for e in np.flatnonzero(model.intake)]
        if isinstance(counting, tuple):
            return ["weights of your own are for people who all start at once; with intake use a named rule"]
    for length in lengths:
        try:
            slots(counting, length)
        except TransitionError as error:
            return [str(error)]
    return []

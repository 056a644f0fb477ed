"""The row of one state: its ways out in every form, changed by an option, as probabilities of a cycle."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from communitybudget.models.changes import Change, Combine
from communitybudget.models.moves import MOST_RATE, Chance
from communitybudget.models.values import At, Varying

Array = NDArray[np.float64]

TOLERANCE = 1e-9

Weight = Callable[[int], "float | Array"]


@dataclass(frozen=True, slots=True)
class Acting:
    """One change as it acts on one move; ``index`` is its place in the option."""

    index: int
    change: Change
    chance: Chance | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """The ways out of one state.

    Parameters
    ----------
    state : str
        Its name.
    targets : tuple of str
        J states it leads to.
    chances : tuple of Chance
        J of them.
    stay : Varying or None
        Probability of staying where it was given; the rest of the row otherwise.
    acting : tuple of tuples of Acting
        What changes each of the J moves.
    combine : str, float or None
        Rule for several changes of one move.
    """

    state: str
    targets: tuple[str, ...]
    chances: tuple[Chance, ...]
    stay: Varying | None
    acting: tuple[tuple[Acting, ...], ...]
    combine: Combine = None

    def values(self) -> list[Varying]:
        """Return every number in it."""
        found = [c.value for c in self.chances if c.value is not None]
        found += [self.stay] if self.stay is not None else []
        for acting in self.acting:
            for one in acting:
                replacing = None if one.chance is None else one.chance.value
                found += [value for value in (one.change.ratio, replacing) if value is not None]
        return found

    def cuts(self) -> set[int]:
        """Return the completed cycles in the state at which something in it changes."""
        return set().union(*(value.cuts() for value in self.values()))

    @property
    def varies(self) -> bool:
        """Whether it may differ from cycle to cycle."""
        return any(v.over("cycle", "year", "cycle_and_duration") for v in self.values()) or any(
            one.change.varies for acting in self.acting for one in acting
        )

    @property
    def can_overfill(self) -> bool:
        """Whether its exits could sum to more than one; rates that compete and odds cannot."""
        return any(c.kind in ("probability", "remainder") for c in self.chances) or any(
            one.change.measure == "relative_risk" for acting in self.acting for one in acting
        )


def evaluate(row: Row, at: At, weight: Weight) -> tuple[list[Any], Any]:
    """Return the probabilities of a row in one cycle.

    Moves that others wait for (``unless``) come first. Within each group: what replaces a move, then hazard
    ratios, odds ratios, and relative risks last.

    Parameters
    ----------
    row : Row
        J ways out.
    at : At
        The cycle, bands, draws and profiles.
    weight : callable
        Share of the full change in this cycle, by its place in the option.

    Returns
    -------
    exits : list of J numbers or arrays that broadcast to (B, P, D)
    stay : number or array
        What is left; below 0 where the row is filled over.
    """
    exits: list[Any] = [0.0] * len(row.targets)
    groups: dict[tuple[str, ...], list[int]] = {}
    for j, chance in enumerate(row.chances):
        groups.setdefault(chance.unless, []).append(j)
    first = groups.pop((), [])
    stay: Any = 1.0
    if first:
        given = 0.0 if row.stay is None else row.stay.at(at)
        own, stay = _group(row, first, at, weight, given)
        for j, p in zip(first, own, strict=True):
            exits[j] = p
    for unless, members in groups.items():
        own, left = _group(row, members, at, weight, 0.0)
        before = sum((exits[row.targets.index(state)] for state in unless if state in row.targets), 0.0)
        others = set(first) == {row.targets.index(state) for state in unless if state in row.targets}
        for j, p in zip(members, own, strict=True):
            exits[j] = p * (1.0 - before)
        # a product stays at or above 0 where a difference of rounded numbers need not
        stay = left * stay if others and len(groups) == 1 else stay - sum(exits[j] for j in members)
    return exits, stay


def _group(
    row: Row, members: Sequence[int], at: At, weight: Weight, given_stay: Any
) -> tuple[list[Any], Any]:
    """Return the probabilities of the exits that compete on one footing, and what they leave."""
    kinds = [row.chances[j].kind for j in members]
    rest = kinds.index("remainder") if "remainder" in kinds else None
    kind = next((k for k in kinds if k != "remainder"), "probability")
    values = [_usual(row.chances[j], row.acting[j], at, weight) for j in members]
    factors = {
        measure: [_factor(row.acting[j], measure, row.combine, at, weight) for j in members]
        for measure in (
            "hazard_ratio",
            "hazard_ratio alone",
            "odds_ratio",
            "odds_ratio alone",
            "relative_risk",
        )
    }

    def leave(values: list[Any]) -> tuple[list[Any], Any]:
        """Fill what the others leave: the remainder cell, or staying."""
        others = sum(value for place, value in enumerate(values) if place != rest)
        if rest is None:
            return values, 1.0 - others
        values = [*values]
        values[rest] = 1.0 - others - given_stay
        return values, given_stay

    if kind == "rate":
        values, stay = compete(_times(values, factors["hazard_ratio"]))
    else:
        if kind == "odds":
            total = 1.0 + sum(values)
            values, stay = [value / total for value in values], 1.0 / total
        else:
            values, stay = leave(values)
        if any(f is not None for f in factors["hazard_ratio"]):
            values, stay = compete(_times(_rates(values, stay), factors["hazard_ratio"]))
    if any(f is not None for f in factors["hazard_ratio alone"]):
        # the complement of a power, by logarithms, keeps small probabilities exact
        with np.errstate(divide="ignore"):
            values = [
                p if f is None else -np.expm1(f * np.log1p(-np.minimum(p, 1.0)))
                for p, f in zip(values, factors["hazard_ratio alone"], strict=True)
            ]
        values, stay = leave(values)
    if any(f is not None for f in factors["odds_ratio"]):
        values = _times(values, factors["odds_ratio"])
        total = stay + sum(values)
        values, stay = [value / total for value in values], stay / total
    if any(f is not None for f in factors["odds_ratio alone"]):
        values = [
            p if f is None else p * f / (1.0 - p + p * f)
            for p, f in zip(values, factors["odds_ratio alone"], strict=True)
        ]
        values, stay = leave(values)
    if any(f is not None for f in factors["relative_risk"]):
        values, stay = leave(_times(values, factors["relative_risk"]))
    return values, stay


def compete(rates: Sequence[Any]) -> tuple[list[Any], Any]:
    """Return the probabilities of exits with these rates a cycle, and of staying.

    Examples
    --------
    >>> exits, stay = compete([0.01, 0.005])
    >>> round(float(sum(exits) + stay), 12)
    1.0
    """
    total = sum(rates)
    positive = np.greater(total, 0)
    safe = np.where(positive, total, 1.0)
    share = np.where(positive, -np.expm1(-safe) / safe, 1.0)
    return [rate * share for rate in rates], np.exp(-np.asarray(total))


def _rates(values: Sequence[Any], stay: Any) -> list[Any]:
    """Return the rates that compete to give these probabilities."""
    leaving = np.asarray(sum(values))
    with np.errstate(divide="ignore", invalid="ignore"):
        total = np.minimum(-np.log(np.maximum(stay, 0.0)), MOST_RATE)
        small = leaving < 0.5
        total = np.where(small, -np.log1p(-np.minimum(leaving, 0.5)), total)
        share = np.where(leaving > 0, total / np.where(leaving > 0, leaving, 1.0), 1.0)
    return [value * share for value in values]


def _times(values: Sequence[Any], factors: Sequence[Any]) -> list[Any]:
    return [v if f is None else v * f for v, f in zip(values, factors, strict=True)]


def _usual(chance: Chance, acting: Sequence[Acting], at: At, weight: Weight) -> Any:
    """Return the number of a move, replaced so far as that acts."""
    value: Any = 0.0 if chance.value is None else chance.value.at(at)
    for one in acting:
        if one.chance is not None and one.chance.value is not None:
            part = weight(one.index)
            if np.all(part == 1):
                value = one.chance.value.at(at)
            elif np.any(part):
                value = value + part * (one.chance.value.at(at) - value)
    return value


def _factor(acting: Sequence[Acting], measure: str, combine: Combine, at: At, weight: Weight) -> Any:
    """Return by what a measure multiplies one move, None where it does not.

    Frailty multiplies hazards whatever else does.
    """
    name, _, alone = measure.partition(" ")
    if measure == "hazard_ratio":
        frail = [
            one.change.ratio.at(at) for one in acting if one.change.measure == "frailty" and one.change.ratio
        ]
        if frail:
            others = [one for one in acting if one.change.measure != "frailty"]
            rest = _factor(others, measure, combine, at, weight)
            return frail[0] if rest is None else frail[0] * rest
    own = []
    for one in acting:
        change = one.change
        if change.measure == name and change.alone == bool(alone) and change.ratio is not None:
            part = weight(one.index)
            if np.any(part):
                own.append((part, change.ratio.at(at)))
    if not own:
        return None
    if len(own) == 1 or combine == "multiplicative":
        total: Any = 1.0
        for part, ratio in own:
            total = total * (ratio if np.all(part == 1) else np.power(ratio, part))
        return total
    logs = [part * np.log(ratio) for part, ratio in own]
    if combine == "strongest":
        best = logs[0]
        for log in logs[1:]:
            best = np.where(np.abs(log) > np.abs(best), log, best)
        return np.exp(best)
    # a given ratio holds so far as all act; what one acts more than the others, it acts by itself
    both = own[0][0]
    for part, _ in own[1:]:
        both = np.minimum(both, part)
    log_given = both * np.log(float(combine))  # type: ignore[arg-type]
    return np.exp(log_given + sum((part - both) * np.log(ratio) for part, ratio in own))


def groups_of(chances: Mapping[str, Chance]) -> dict[tuple[str, ...], set[str]]:
    """Return the forms in which the moves of one state are given, by what they wait for."""
    kinds: dict[tuple[str, ...], set[str]] = {}
    for chance in chances.values():
        kinds.setdefault(chance.unless, set()).add(chance.kind)
    return kinds

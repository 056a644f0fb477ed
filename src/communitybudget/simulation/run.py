"""Simulate: pathways, families and options over the draws, into activity."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.vocabulary import BAU
from communitybudget.pathways import ActivityItem, Move, Pathway, Reported
from communitybudget.sampling import Draws
from communitybudget.simulation.acting import Acting, ActingEffects, cells_changed
from communitybudget.simulation.activity import Activity, Count, ReportedCount
from communitybudget.simulation.kernel import YearBins, follow, probabilities
from communitybudget.simulation.layout import Layout, build_layout, place_start
from communitybudget.simulation.options import Combination, DrawnEffect, OptionEffects
from communitybudget.simulation.weights import YearWeights, calendar_weights, year_weights

Array = NDArray[np.float64]
Progress = Callable[[int, int], None]

BLOCK = 5000
"""Draws in one block; results do not depend on it."""


@dataclass(frozen=True, slots=True)
class FamilyClass:
    """Families of one class of frailty, on one pathway.

    Parameters
    ----------
    number : int
        Of the class; a family is of the same class on all its pathways.
    multiplier : float
        Of the rates of the moves in question; 1 in mean over those who join.
    moves : frozenset of moves
        Whose rates it multiplies.
    share : float
        Of families who are in the class on joining.
    """

    number: int
    multiplier: float
    moves: frozenset[Move]
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class People:
    """The people of one pathway and need profile.

    Parameters
    ----------
    pathway : Pathway
        What they go through.
    profile : str
        Need profile, which fixes the rates.
    per_family : float or ndarray, shape (D,)
        People of this profile for each family of the cohort.
    start : mapping of str to float or ndarray, shape (D,)
        Share starting in each place, by key of the start mix; sums to one.
    presence : ndarray, shape (T + 1,) or None
        Share still followed by months since joining.
    family_class : FamilyClass or None
        Whose rates differ from those of others by what nobody recorded.
    profile_share : float
        Share of the families joining that have this need profile.
    """

    pathway: Pathway
    profile: str
    per_family: float | Array
    start: Mapping[str, float | Array]
    presence: Array | None
    family_class: FamilyClass | None = None
    profile_share: float = 1.0


Arm = tuple[DrawnEffect, ...]


def simulate(
    people: Sequence[People],
    options: Sequence[OptionEffects],
    draws: Draws,
    intake: Array,
    years: Sequence[str],
    spread_joining: bool,
    set_version: str,
    progress: Progress | None = None,
    block: int = BLOCK,
) -> Activity:
    """Simulate every option with the same draws.

    Parameters
    ----------
    people : sequence of People
        Families that behave alike are one entry with a weight.
    options : sequence of OptionEffects
        Business as usual is added as the first option.
    draws : Draws
        Of all rates.
    intake : ndarray, shape (Y,)
        Families joining in each year.
    years : sequence of str
        Financial years, Y.
    spread_joining : bool
        Whether joining spreads over the year, instead of all on its first day.
    set_version : str
        Printed with the result.
    progress : callable, optional
        Called with blocks done and blocks in all.
    block : int
        Draws in one block.

    Returns
    -------
    Activity
        Shape (outcome, option, year, draw).
    """
    pathways = list({p.pathway.name: p.pathway for p in people}.values())
    counts, reported = _counts(pathways)
    names = (BAU, *(option.name for option in options))
    amounts = np.zeros((len(counts), len(names), len(years), draws.draws))
    starts = range(0, draws.draws, block)
    done, total = 0, len(starts) * len(people)
    for group in people:
        runner = Runner(group, options, intake, spread_joining)
        rows = [i for i, count in enumerate(counts) if count.pathway == group.pathway.name]
        own = [counts[i] for i in rows]
        for start in starts:
            stop = min(start + block, draws.draws)
            for o, joined in enumerate(runner.options_in_block(draws, start, stop, own)):
                joined *= part_of(group.per_family, start, stop)
                for k, row in enumerate(rows):
                    amounts[row, o, :, start:stop] += joined[k]
            done += 1
            if progress is not None:
                progress(done, total)
    return Activity(tuple(counts), names, tuple(years), amounts, reported, draws.seed, set_version)


def counts_of(item: ActivityItem, pathway: str) -> Count:
    """Return the count that an activity item multiplies."""
    if item.move is not None:
        return Count(pathway, "moves", item.move[0], item.move[1], item.from_month, item.to_month)
    kind = {"month": "months", "entry": "entries", "birthday": "birthdays"}[item.per]
    return Count(pathway, kind, str(item.state), "", item.from_month, item.to_month)


def _counts(pathways: Sequence[Pathway]) -> tuple[list[Count], tuple[ReportedCount, ...]]:
    counts: dict[Count, int] = {}
    reported = []
    for pathway in pathways:
        for item in pathway.activity:
            counts.setdefault(counts_of(item, pathway.name), len(counts))
        for entry in pathway.reported:
            rows = []
            for count in _reported_counts(entry, pathway):
                rows.append(counts.setdefault(count, len(counts)))
            factor = 1 / 12 if entry.state else 1.0
            reported.append(
                ReportedCount(
                    entry.name, entry.label, pathway.name, pathway.label, entry.unit, tuple(rows), factor
                )
            )
    return list(counts), tuple(reported)


def _reported_counts(entry: Reported, pathway: Pathway) -> list[Count]:
    if entry.state:
        return [Count(pathway.name, "months", entry.state)]
    return [
        Count(pathway.name, "moves", source, target)
        for source, target in pathway.moves()
        if target == entry.moves_into
    ]


def part_of(value: float | Array, start: int, stop: int) -> float | Array:
    """Return a number as it is, or the part of an array by draw."""
    return value[start:stop] if isinstance(value, np.ndarray) else value


def _join(by_year: Array, intake: Array) -> Array:
    """Convolve years since joining (count, Y, L) with families joining by year (Y,)."""
    joined = np.zeros_like(by_year)
    for first, families in enumerate(intake):
        if families:
            joined[:, first:] += by_year[:, : by_year.shape[1] - first] * families
    return joined


class Runner:
    """Runs one pathway and profile: business as usual once, then each distinct arm."""

    def __init__(
        self, group: People, options: Sequence[OptionEffects], intake: Array, spread_joining: bool
    ) -> None:
        self.group = group
        self.options = [(option, option.groups_on(group.pathway.name)) for option in options]
        self.intake = intake
        self.months = 12 * len(intake)
        self.layout = _layout(group.pathway, group.profile)
        self.starts = place_start(self.layout, group.pathway.start_of(group.profile))
        self.weights: YearWeights = year_weights(len(intake), group.presence, spread_joining)

    def options_in_block(self, draws: Draws, start: int, stop: int, counts: Sequence[Count]) -> list[Array]:
        """Return the counts of business as usual and of each option by calendar, shape (count, Y, L)."""
        rates, events = self.rates_in(draws, start, stop)
        done: dict[tuple[object, ...], Array] = {}

        def followed(
            arm: Arm, rule: Combination, joining: Array | None = None, reached: OptionEffects | None = None
        ) -> Array:
            effects = tuple(effect.key for effect in arm)
            how = f"{rule.rule} {rule.key}" if len(arm) > 1 else ""
            own = "" if reached is None else reached.name
            key = (effects, how, b"" if joining is None else joining.tobytes(), own)
            if key not in done:
                weights = self.weights if joining is None else calendar_weights(joining, self.group.presence)
                mix = self.group.start if reached is None else reached.start
                shares = self.shares_in(mix, start, stop)
                found = self._arm(arm, rule, weights, rates, events, shares, counts, start, stop)
                idle = ~_acts(arm, start, stop)
                if arm and joining is None and idle.any():
                    # where nothing acts the option is business as usual, to the last bit
                    found[..., idle] = followed((), rule, None, reached)[..., idle]
                done[key] = found
            return done[key]

        usual = _join(followed((), Combination()), self.intake)
        results = [usual]
        for option, groups in self.options:
            rule = option.combination
            reached = option if self.reaches_others(option) else None
            without = usual if reached is None else _join(followed((), rule, None, reached), self.intake)
            if not any(group.effects for group in groups):
                results.append(without.copy())
                continue
            if option.by_calendar:
                joined = np.zeros_like(usual)
                for group in groups:
                    own = followed(group.effects, rule, group.joining, reached)
                    joined += part_of(group.share, start, stop) * own
                idle = ~_acts([effect for group in groups for effect in group.effects], start, stop)
                joined[..., idle] = without[..., idle]
            else:
                rest = followed(groups[0].effects, rule, None, reached)
                by_year = rest
                for group in groups[1:]:
                    own = followed(group.effects, rule, None, reached)
                    by_year = by_year + part_of(group.share, start, stop) * (own - rest)
                joined = _join(by_year, self.intake)
            results.append(joined)
        return results

    def rates_in(self, draws: Draws, start: int, stop: int) -> tuple[Array, Array]:
        """Return rates of moves (E, L) and of events (V, L) in a block of draws."""
        rates = self._rows(draws, [e.parameter for e in self.layout.edges], start, stop)
        events = self._rows(draws, [e.parameter for e in self.layout.events], start, stop)
        if (frail := self.group.family_class) is not None:
            for rows, places in ((rates, self.layout.edges), (events, self.layout.events)):
                rows[[place.move in frail.moves for place in places]] *= frail.multiplier
        return rates, events

    def reaches_others(self, option: OptionEffects) -> bool:
        """Whether an option reaches other people on this pathway than the cohort holds."""
        return any(place.parameter in option.start for place in self.starts)

    def shares_in(self, mix: Mapping[str, float | Array], start: int, stop: int) -> Array:
        """Return the share of people who start in each place (N, L) in a block of draws."""
        shares = np.empty((len(self.starts), stop - start))
        for row, place in zip(shares, self.starts, strict=True):
            row[...] = part_of(mix[place.parameter], start, stop)
        return shares

    def _rows(self, draws: Draws, keys: Sequence[str], start: int, stop: int) -> Array:
        rows = np.empty((len(keys), stop - start))
        for row, key in zip(rows, keys, strict=True):
            row[...] = part_of(draws[key], start, stop)
        return rows

    def _arm(
        self,
        arm: Arm,
        rule: Combination,
        weights: YearWeights,
        rates: Array,
        events: Array,
        shares: Array,
        counts: Sequence[Count],
        start: int,
        stop: int,
    ) -> Array:
        acting = acting_in(arm, start, stop)
        given = None if rule.log_given is None else rule.log_given[start:stop]
        p = probabilities(self.layout, rates, events.copy())
        wanted = [count.state for count in counts if count.kind == "birthdays"]
        birthday_cells = [c for state in dict.fromkeys(wanted) for c in self.layout.cells_of(state)]
        bins = follow(
            self.layout,
            self.starts,
            shares,
            p,
            self.months,
            weights,
            ActingEffects(self.layout, rates, events, acting, rule.rule, given) if arm else None,
            cells_changed(self.layout, acting),
            birthday_cells,
            _counted_edges(self.layout, counts),
        )
        return count_bins(self.layout, bins, counts, birthday_cells)


def acting_in(arm: Arm, start: int, stop: int) -> list[Acting]:
    """Return effects as they act in a block of draws."""
    return [
        Acting(
            e.moves,
            e.log_hazard_ratio[start:stop],
            e.timing.part(start, stop),
            part_of(e.dose, start, stop),
            None if e.monthly_rate is None else e.monthly_rate[start:stop],
            e.lowers_only,
            e.unit,
        )
        for e in arm
    ]


def _acts(effects: Sequence[DrawnEffect], start: int, stop: int) -> NDArray[np.bool_]:
    """Return in which draws any of the effects acts."""
    acting = np.zeros(stop - start, dtype=bool)
    for effect in effects:
        acting |= effect.acts(start, stop)
    return acting


def _counted_edges(layout: Layout, counts: Sequence[Count]) -> frozenset[int]:
    moves = {(count.state, count.target) for count in counts}
    entered = {count.state for count in counts if count.kind == "entries"}
    return frozenset(
        i for i, edge in enumerate(layout.edges) if edge.move in moves or edge.move[1] in entered
    )


def _layout(pathway: Pathway, profile: str) -> Layout:
    cuts: dict[str, set[int]] = {}
    for item in pathway.activity:
        state = item.state or (item.move[0] if item.move else "")
        for month in (item.from_month, item.to_month):
            if month:
                cuts.setdefault(state, set()).add(month)
    return build_layout(pathway.state_names, pathway.rates_of(profile), cuts)


def count_bins(
    layout: Layout, bins: YearBins, counts: Sequence[Count], birthday_cells: Sequence[int]
) -> Array:
    """Return counts (count, Y, L) from what the kernel gathered by cell, edge and event."""
    years, _, lanes = bins.occupancy.shape
    result = np.zeros((len(counts), years, lanes))
    for k, count in enumerate(counts):
        inside = {i for i in range(len(layout.cells)) if _in_band(layout, i, count)}
        if count.kind == "months":
            for index in layout.cells_of(count.state):
                if index in inside:
                    result[k] += bins.occupancy[:, index]
        elif count.kind == "birthdays":
            for b, index in enumerate(birthday_cells):
                if layout.cells[index].state == count.state and index in inside:
                    result[k] += bins.birthdays[:, b]
        elif count.kind == "entries":
            for index, edge in enumerate(layout.edges):
                if edge.move[1] == count.state:
                    result[k] += bins.moves[:, index]
        else:
            wanted = (count.state, count.target)
            for index, edge in enumerate(layout.edges):
                if edge.move == wanted and edge.source in inside:
                    result[k] += bins.moves[:, index]
            for index, event in enumerate(layout.events):
                if event.move == wanted and event.source in inside:
                    result[k] += bins.events[:, index]
    return result


def _in_band(layout: Layout, index: int, count: Count) -> bool:
    cell = layout.cells[index]
    return cell.from_month >= (count.from_month or 0) and (
        count.to_month is None or (cell.to_month is not None and cell.to_month <= count.to_month)
    )

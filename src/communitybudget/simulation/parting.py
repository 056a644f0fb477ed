"""Whose lives an option changes, in which month and how."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from communitybudget.simulation.acting import ActingEffects
from communitybudget.simulation.kernel import Probabilities, probabilities
from communitybudget.simulation.layout import Layout
from communitybudget.simulation.moments import events_of_cells, exits_of_cells, months_of_cells
from communitybudget.simulation.tally import ChanceGroup, Tally

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

NO_MOVE = -1

ROUNDING = 1e-14
"""Chances that differ by less differ by rounding: nobody's life parts over that."""


class World:
    """Monthly chances in one world: the months that are alike share one version."""

    def __init__(self, versions: list[Probabilities], version_of: Whole) -> None:
        self.moves = np.stack([p.moves for p in versions])
        self.stays = np.stack([p.stays for p in versions])
        self.exit_rates = np.stack([p.exit_rates for p in versions])
        self.events = np.stack([p.events for p in versions])
        self.version_of = version_of
        self.changes = np.flatnonzero(np.diff(version_of)) + 1
        """Months from which another version holds."""


class Worlds:
    """Both worlds, month by month, and in which months they differ."""

    def __init__(self, group: ChanceGroup) -> None:
        months = group.presence.size - 1
        base = probabilities(group.layout, group.rates, group.event_rates)
        self.usual = World([base], np.zeros(months, dtype=np.int64))
        p = probabilities(group.layout, group.rates, group.event_rates.copy())
        update = ActingEffects(
            group.layout, group.rates, group.event_rates, group.effects, group.rule, group.log_given
        )
        versions, version_of = [_copy(p)], np.zeros(months, dtype=np.int64)
        for month in range(months):
            if update(month, p):
                versions.append(_copy(p))
            version_of[month] = len(versions) - 1
        self.option = World(versions, version_of)
        acting = [
            any(
                (np.abs(mine - theirs) > ROUNDING).any()
                for mine, theirs in ((v.moves, base.moves), (v.stays, base.stays), (v.events, base.events))
            )
            for v in versions
        ]
        differ = np.flatnonzero(np.array(acting)[version_of])
        self.until = int(differ[-1]) + 1 if differ.size else 0


def _copy(p: Probabilities) -> Probabilities:
    return Probabilities(p.moves.copy(), p.stays.copy(), p.exit_rates.copy(), p.events.copy())


@dataclass(slots=True)
class Lives:
    """Lives that the option changed: where each is in the two worlds at the end of the month of parting."""

    lane: Whole
    point: Whole
    cells: tuple[Whole, Whole]
    months_in: tuple[Whole, Whole]
    joined: Whole
    end: Whole
    last_birthday: Whole

    def of(self, usual: bool) -> tuple[Whole, ...]:
        """Return lane, month-end, cell, months in it, joining, end and last birthday in one world."""
        world = 0 if usual else 1
        return (
            self.lane,
            self.point,
            self.cells[world],
            self.months_in[world],
            self.joined,
            self.end,
            self.last_birthday,
        )


class _Rungs:
    """Every month of every band, one after the other: who stays climbs to the next."""

    def __init__(self, layout: Layout, lengths: Sequence[int]) -> None:
        self.cell = np.repeat(np.arange(len(lengths)), lengths)
        self.month = np.concatenate([np.arange(n) for n in lengths])
        self.first = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        # the bands of a state stand one after the other, so that the next band begins on the next rung
        climbing = np.isin(self.cell, [ladder.cell for ladder in layout.ladders])
        self.climbing, self.last = np.flatnonzero(climbing), np.flatnonzero(~climbing)
        targets = np.array([edge.target for edge in layout.edges], dtype=np.int64)
        self.by_target = np.argsort(targets, kind="stable")
        self.targets, self.blocks = np.unique(targets[self.by_target], return_index=True)
        self.sources = np.array([edge.source for edge in layout.edges], dtype=np.int64)[self.by_target]

    def by_cell(self, people: Array) -> Array:
        """Return people (C, L) from people by rung (R, L)."""
        return np.asarray(np.add.reduceat(people, self.first, axis=0))

    def month_on(self, people: Array, in_cells: Array, moves: Array, stays: Array) -> Array:
        """Return people by rung a month on, who move to a cell on its first rung."""
        staying = people * stays[self.cell]
        after = np.zeros_like(people)
        after[self.climbing + 1] = staying[self.climbing]
        after[self.last] += staying[self.last]
        if self.sources.size:
            flow = moves[self.by_target] * in_cells[self.sources]
            after[self.first[self.targets]] += np.add.reduceat(flow, self.blocks, axis=0)
        return after


def part_lives(group: ChanceGroup, worlds: Worlds, tally: Tally, random: np.random.Generator) -> Lives:
    """Draw whose lives part in which month and how; everybody else is followed in expectation."""
    layout, lanes = group.layout, group.shares.shape[1]
    lengths, exits, events = months_of_cells(layout), exits_of_cells(layout), events_of_cells(layout)
    following = {ladder.cell: ladder.next_cell for ladder in layout.ladders}
    padded = edges_of_cells(exits)
    rungs = _Rungs(layout, lengths)
    together = np.zeros((int(rungs.cell.size), lanes))
    for start, share in zip(group.starts, group.shares, strict=True):
        together[rungs.first[start.cell] + start.months_in_band] += share
    left = group.people.copy()
    p_moves, p_stays, p_events = worlds.usual.moves[0], worlds.usual.stays[0], worlds.usual.events[0]
    found: list[tuple[Whole, ...]] = []
    before, common, stays, parting = -1, p_moves, p_stays, np.zeros_like(p_stays)
    for month in range(worlds.until):
        version = int(worlds.option.version_of[month])
        if version != before:
            q_moves, q_stays = worlds.option.moves[version], worlds.option.stays[version]
            q_events = worlds.option.events[version]
            common, stays = np.minimum(p_moves, q_moves), np.minimum(p_stays, q_stays)
            parting = p_stays - stays
            for c, own in exits.items():
                for i in own:
                    parting[c] += p_moves[i] - common[i]
            parting[parting <= ROUNDING] = 0.0
            before = version
        in_cells = rungs.by_cell(together)
        alive = np.divide(left, in_cells.sum(axis=0), out=np.zeros(lanes), where=left > 0)
        for c, happening in events.items():
            for v in happening:
                fewer = p_events[v] - q_events[v]
                if fewer.any():
                    number = random.poisson(np.abs(fewer) * in_cells[c] * alive)
                    lane = np.repeat(np.arange(lanes), number)
                    joined, end, _ = _dates(group, lane.size, random)
                    kept = end > month
                    own_lane = lane[kept]
                    tally.event(v, own_lane, joined[kept] + month, np.sign(fewer)[own_lane])
        if parting.any():
            chance = (parting * in_cells).sum(axis=0)
            mass = in_cells.sum(axis=0)
            chance = np.divide(chance, mass, out=np.zeros(lanes), where=mass > 0)
            number = random.binomial(left, np.clip(chance, 0.0, 1.0))
            left -= number
            lane = np.repeat(np.arange(lanes), number)
            if lane.size:
                rung = pick(parting[rungs.cell[:, None], lane] * together[:, lane], random)
                cell, since = rungs.cell[rung], rungs.month[rung]
                joined, end, birthday = _dates(group, lane.size, random)
                first = _alone(p_moves, p_stays, q_moves, q_stays, padded, cell, lane, random)
                second = _alone(q_moves, q_stays, p_moves, p_stays, padded, cell, lane, random)
                kept = end > month
                when = np.full(lane.size, month)
                columns = (lane, cell, since, first, second, joined, end, birthday, when)
                found.append(tuple(column[kept] for column in columns))
        together = rungs.month_on(together, in_cells, common, stays)
    lane, cell, since, first, second, joined, end, birthday, when = (
        [np.concatenate(parts) for parts in zip(*found, strict=True)]
        if found
        else [np.zeros(0, dtype=np.int64)] * 9
    )
    cells, months_in = [], []
    for taken, sign in ((first, 1.0), (second, -1.0)):
        moving = taken != NO_MOVE
        tally.move(taken[moving], lane[moving], (joined + when)[moving], sign)
        place, month_in = _after(layout, lengths, following, taken, cell, since)
        cells.append(place)
        months_in.append(month_in)
    return Lives(lane, when + 1, (cells[0], cells[1]), (months_in[0], months_in[1]), joined, end, birthday)


def edges_of_cells(exits: dict[int, range]) -> Whole:
    """Return the edges out of each cell, shape (C, most), filled up with `NO_MOVE`."""
    most = max((len(own) for own in exits.values()), default=0)
    table = np.full((len(exits), max(most, 1)), NO_MOVE)
    for c, own in exits.items():
        table[c, : len(own)] = own
    return table


def pick(weights: Array, random: np.random.Generator) -> Whole:
    """Return a row for each column, with chances in proportion to the weights (R, N)."""
    running = np.cumsum(weights, axis=0)
    level = random.random(weights.shape[1]) * running[-1]
    return np.asarray((running <= level).sum(axis=0).clip(max=len(weights) - 1))


def _alone(
    mine: Array,
    stays: Array,
    theirs: Array,
    their_stays: Array,
    padded: Whole,
    cell: Whole,
    lane: Whole,
    random: np.random.Generator,
) -> Whole:
    """Return what happens in one world to those whose lives part: an edge, or `NO_MOVE`."""
    edges = padded[cell]
    possible = edges != NO_MOVE
    own = np.where(possible, edges, 0)
    excess = np.maximum(mine[own, lane[:, None]] - theirs[own, lane[:, None]], 0.0) * possible
    staying = np.maximum(stays[cell, lane] - their_stays[cell, lane], 0.0)
    row = pick(np.concatenate([staying[None], excess.T]), random)
    return np.where(row == 0, NO_MOVE, edges[np.arange(cell.size), np.maximum(row - 1, 0)])


def _after(
    layout: Layout, lengths: Sequence[int], following: dict[int, int], edge: Whole, cell: Whole, since: Whole
) -> tuple[Whole, Whole]:
    """Return cell and months in it at the end of a month, after a move or none."""
    target = np.array([e.target for e in layout.edges], dtype=np.int64)
    moving = edge != NO_MOVE
    laddered = np.array([c in following for c in range(len(lengths))])
    onward = np.array([following.get(c, c) for c in range(len(lengths))])
    over = laddered[cell] & (since + 1 == np.array(lengths)[cell])
    place = np.where(over, onward[cell], cell)
    month_in = np.where(over | ~laddered[cell], 0, since + 1)
    if target.size:
        place = np.where(moving, target[np.where(moving, edge, 0)], place)
        month_in = np.where(moving, 0, month_in)
    return place, month_in


def _dates(group: ChanceGroup, count: int, random: np.random.Generator) -> tuple[Whole, Whole, Whole]:
    """Return month of joining, months until no longer followed, and month-end of the last birthday."""
    months = group.presence.size - 1
    joined = np.searchsorted(
        np.cumsum(group.joining), random.random(count) * group.joining.sum(), side="right"
    )
    joined = joined.clip(max=months - 1)
    birthday = np.searchsorted(1 - group.presence, random.random(count), side="right")
    return joined, np.minimum(birthday, months - joined), birthday

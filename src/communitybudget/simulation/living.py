"""Lives followed one by one in one world, from spell to spell."""

import numpy as np
from numpy.typing import NDArray

from communitybudget.simulation.moments import events_of_cells, exits_of_cells, months_of_cells
from communitybudget.simulation.parting import NO_MOVE, World, edges_of_cells, pick
from communitybudget.simulation.tally import ChanceGroup, Tally

Array = NDArray[np.float64]
Whole = NDArray[np.int64]


def follow_lives(
    group: ChanceGroup,
    world: World,
    tally: Tally,
    random: np.random.Generator,
    lives: tuple[Whole, ...],
    sign: float,
) -> None:
    """Follow lives in one world from spell to spell until the horizon or the last birthday."""
    lane, point, cell, since, joined, end, birthday = lives
    layout = group.layout
    lengths = np.array(months_of_cells(layout))
    following = {ladder.cell: ladder.next_cell for ladder in layout.ladders}
    laddered = np.array([c in following for c in range(len(lengths))])
    onward = np.array([following.get(c, c) for c in range(len(lengths))])
    padded = edges_of_cells(exits_of_cells(layout))
    target = np.array([e.target for e in layout.edges], dtype=np.int64)
    kinds = _Kinds(group, random)
    kind, factor = kinds.draw(cell)
    spans: list[tuple[Whole, ...]] = []
    dearness: list[Array] = []
    while lane.size:
        over = point >= end
        if over.any():
            # the last month-end: a birthday, or a month-end of the horizon that counts
            of_age = over & (birthday == end)
            tally.birthday(cell[of_age], lane[of_age], (joined + end - 1)[of_age], sign)
            last = over & (birthday > end)
            spans.append(_span(cell, lane, joined, point, point + 1, point, kind, NO_MOVE, last))
            dearness.append(factor[last])
            going = ~over
            lane, point, cell, since, joined, end, birthday, kind = (
                column[going] for column in (lane, point, cell, since, joined, end, birthday, kind)
            )
            factor = factor[going]
        limit = np.where(laddered[cell], point + lengths[cell] - since, np.iinfo(np.int64).max)
        stop = np.minimum(limit, end)
        left = _month_of_exit(world, cell, lane, point, stop, random)
        moving = left < stop
        after = np.where(moving, left + 1, stop)
        edge = np.full(lane.size, NO_MOVE)
        edge[moving] = _exit_taken(world, padded, cell[moving], lane[moving], left[moving], random)
        every = np.ones(lane.size, dtype=bool)
        spans.append(_span(cell, lane, joined, point, after, after, kind, edge, every))
        dearness.append(factor)
        passing = ~moving & (after == limit)
        since = np.where(moving | passing, 0, since + np.where(laddered[cell], after - point, 0))
        cell = np.where(passing, onward[cell], cell)
        cell[moving] = target[edge[moving]]
        kind, factor = kind.copy(), factor.copy()
        kind[moving], factor[moving] = kinds.draw(cell[moving])
        point = after
    if spans:
        columns = [np.concatenate(column) for column in zip(*spans, strict=True)]
        _count(group, world, tally, random, kinds, columns, np.concatenate(dearness), sign)


def _span(
    cell: Whole,
    lane: Whole,
    joined: Whole,
    point: Whole,
    after: Whole,
    events_until: Whole,
    kind: Whole,
    edge: Whole | int,
    rows: NDArray[np.bool_],
) -> tuple[Whole, ...]:
    """Return time in one cell as columns: month-ends, months with events, and the move at its end."""
    moves = np.broadcast_to(edge, lane.shape)
    return tuple(c[rows] for c in (cell, lane, joined, point, after, events_until, kind, moves))


def _count(
    group: ChanceGroup,
    world: World,
    tally: Tally,
    random: np.random.Generator,
    kinds: "_Kinds",
    spans: list[Whole],
    factor: Array,
    sign: float,
) -> None:
    """Count time, moves and events of all spans at once."""
    cell, lane, joined, point, after, events_until, kind, edge = spans
    first, past = joined + point, joined + after
    tally.stay(cell, lane, first, past, sign)
    kinds.weigh(tally, kind, factor, cell, lane, first, past, sign)
    moving = edge != NO_MOVE
    tally.move(edge[moving], lane[moving], past[moving] - 1, sign)
    for c, own in events_of_cells(group.layout).items():
        here = np.flatnonzero((cell == c) & (events_until > point))
        for v in own:
            sums = _added_up(world.events[world.version_of, v])
            columns = (lane[here], point[here], events_until[here], joined[here])
            _count_events(sums, tally, v, *columns, sign, random)


def _month_of_exit(
    world: World, cell: Whole, lane: Whole, point: Whole, stop: Whole, random: np.random.Generator
) -> Whole:
    """Return the month of the next move; ``stop`` or later where there is none before it.

    The hazard met so far is compared with an exponential, version by version of the months.
    """
    budget = random.standard_exponential(cell.size)
    month = point.copy()
    found = np.full(cell.size, np.iinfo(np.int64).max)
    open_ = np.arange(cell.size)
    while open_.size:
        version = world.version_of[month[open_]]
        place = np.searchsorted(world.changes, month[open_], side="right")
        changes = np.append(world.changes, world.version_of.size)
        until = np.minimum(changes[place], stop[open_])
        rate = world.exit_rates[version, cell[open_], lane[open_]]
        with np.errstate(divide="ignore", invalid="ignore"):
            stays = np.floor(np.where(rate > 0, budget[open_] / rate, np.inf))
        leaves = month[open_] + stays < until
        found[open_[leaves]] = (month[open_] + np.where(leaves, stays, 0.0))[leaves].astype(np.int64)
        budget[open_] -= rate * (until - month[open_])
        month[open_] = until
        open_ = open_[~leaves & (until < stop[open_])]
    return found


def _exit_taken(
    world: World, padded: Whole, cell: Whole, lane: Whole, month: Whole, random: np.random.Generator
) -> Whole:
    edges = padded[cell]
    possible = edges != NO_MOVE
    version = world.version_of[month]
    chances = world.moves[version[:, None], np.where(possible, edges, 0), lane[:, None]] * possible
    return np.asarray(edges[np.arange(cell.size), pick(chances.T, random)])


def _added_up(rates: Array) -> Array:
    """Return rates (T, L) added up, shape (T + 1, L), nil first."""
    return np.concatenate([np.zeros((1, rates.shape[1])), np.cumsum(rates, axis=0)])


def _count_events(
    sums: Array,
    tally: Tally,
    event: int,
    lane: Whole,
    point: Whole,
    after: Whole,
    joined: Whole,
    sign: float,
    random: np.random.Generator,
) -> None:
    """Count events of spells; ``sums`` (T + 1, L) are their rates added up month by month."""
    before = sums[point, lane]
    one = np.repeat(np.arange(lane.size), random.poisson(np.maximum(sums[after, lane] - before, 0.0)))
    level = before[one] + random.random(one.size) * (sums[after[one], lane[one]] - before[one])
    low, high = point[one], after[one] - 1
    while (low < high).any():
        middle = (low + high) // 2
        beyond = sums[middle + 1, lane[one]] <= level
        low, high = np.where(beyond, middle + 1, low), np.where(beyond, high, middle)
    tally.event(event, lane[one], joined[one] + low, sign)


class _Kinds:
    """Draws of what kind each spell is, and how dear."""

    def __init__(self, group: ChanceGroup, random: np.random.Generator) -> None:
        self.spells, self.random = group.spells, random
        self.of_cell = np.full(len(group.layout.cells), -1)
        self.position = np.zeros(len(group.layout.cells), dtype=np.int64)
        for i, spells in enumerate(group.spells):
            self.of_cell[list(spells.cells)] = i
            self.position[list(spells.cells)] = np.arange(len(spells.cells))

    def draw(self, cell: Whole) -> tuple[Whole, Array]:
        """Return the kind of each spell that begins (-1 for none) and its factor, of mean one."""
        kind, factor = np.full(cell.size, -1), np.ones(cell.size)
        for i, spells in enumerate(self.spells):
            here = np.flatnonzero(self.of_cell[cell] == i)
            level = np.cumsum(spells.shares)
            found = np.searchsorted(level, self.random.random(here.size), side="right")
            kind[here] = np.where(found < len(level), found, -1)
            if spells.spread > 0:
                variance = np.log1p(spells.spread**2)
                normal = self.random.standard_normal(here.size)
                factor[here] = np.exp(np.sqrt(variance) * normal - variance / 2)
        return kind, factor

    def weigh(
        self,
        tally: Tally,
        kind: Whole,
        factor: Array,
        cell: Whole,
        lane: Whole,
        first: Whole,
        after: Whole,
        sign: float,
    ) -> None:
        """Count time in the states where spells differ, weighted by what each costs."""
        for i in range(len(self.spells)):
            here = np.flatnonzero(self.of_cell[cell] == i)
            if here.size:
                position = self.position[cell[here]]
                tally.weigh(i, kind[here], factor[here], position, lane[here], first[here], after[here], sign)

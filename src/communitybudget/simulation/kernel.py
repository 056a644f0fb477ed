"""The kernel: expected movement of people over the cells of a pathway, draws in lanes.

Arrays have lanes last. Every operation is element by element, so results do not depend, to the
bit, on how the draws are cut into blocks.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from communitybudget.simulation.layout import Ladder, Layout, StartCell
from communitybudget.simulation.weights import YearWeights

Array = NDArray[np.float64]
_TUNNEL = 4
"""Bands of one month in a row from which on they are moved together."""

_FEW = 6
"""Up to so many cells moves are made edge by edge, however many there are."""

Update = Callable[[int, "Probabilities"], bool]


@dataclass(slots=True)
class Probabilities:
    """What happens in one month, lanes last; changed in place where an effect acts.

    Parameters
    ----------
    moves : ndarray, shape (E, L)
        Probability of each edge among those in its cell.
    stays : ndarray, shape (C, L)
        Probability of no move.
    exit_rates : ndarray, shape (C, L)
        Total rate out of each cell; ``stays`` is exp(-exit_rates).
    events : ndarray, shape (V, L)
        Monthly rate of the events that move nobody.
    """

    moves: Array
    stays: Array
    exit_rates: Array
    events: Array


@dataclass(frozen=True, slots=True)
class YearBins:
    """What the kernel gathers, by year since joining, per person who joined.

    Parameters
    ----------
    occupancy : ndarray, shape (Y, C, L)
        Person-months in each cell.
    moves : ndarray, shape (Y, E, L)
        Expected moves along each edge.
    events : ndarray, shape (Y, V, L)
        Expected events.
    birthdays : ndarray, shape (Y, B, L)
        Expected last birthdays in the cells asked for.
    final : ndarray, shape (C, L)
        Where people are at the horizon; sums to one.
    """

    occupancy: Array
    moves: Array
    events: Array
    birthdays: Array
    final: Array


def probabilities(layout: Layout, rates: Array, event_rates: Array) -> Probabilities:
    """Turn monthly rates of competing exits into probabilities, exactly.

    With rates r of a cell and total R, each probability is ``r / R (1 - exp(-R))``: the exits
    compete through the month, and never add up to more than one.

    Parameters
    ----------
    layout : Layout
        E edges sorted by source, C cells.
    rates : ndarray, shape (E, L)
        Monthly.
    event_rates : ndarray, shape (V, L)
        Monthly.

    Returns
    -------
    Probabilities
    """
    lanes = rates.shape[1]
    exit_rates = np.zeros((len(layout.cells), lanes))
    for index, edge in enumerate(layout.edges):
        exit_rates[edge.source] += rates[index]
    moves = np.empty_like(rates)
    stays = np.exp(-exit_rates)
    share = _share_moving(exit_rates)
    for index, edge in enumerate(layout.edges):
        np.multiply(rates[index], share[edge.source], out=moves[index])
    return Probabilities(moves, stays, exit_rates, event_rates)


def _share_moving(exit_rates: Array) -> Array:
    """Return (1 - exp(-R)) / R, which is 1 where R is 0."""
    positive = exit_rates > 0
    safe = np.where(positive, exit_rates, 1.0)
    return np.where(positive, -np.expm1(-safe) / safe, 1.0)


def initial_cells(layout: Layout, starts: Sequence[StartCell], shares: Array) -> Array:
    """Return the occupancy of the cells at the start, shape (C, L), from shares (N, L)."""
    cells = np.zeros((len(layout.cells), shares.shape[1]))
    for start, share in zip(starts, shares, strict=True):
        cells[start.cell] += share
    return cells


class _Ladders:
    """Delay lines between the bands of a state.

    Those who enter a band and are still in it after its months pass to the next. The history of
    what came in and the total rate over the months since give exactly who that is; the cost grows
    with the number of bands and not of months.
    """

    def __init__(
        self,
        ladders: Sequence[Ladder],
        starts: Sequence[StartCell],
        shares: Array,
        p: Probabilities,
        changing: frozenset[int],
    ) -> None:
        lanes = shares.shape[1]
        self.ladders = ladders
        self.history: dict[int, Array] = {}
        self.filled: dict[int, set[int]] = {}
        self.whole: dict[int, Array] = {}
        self.running: dict[int, Array] = {}
        months_of = {ladder.cell: ladder.months for ladder in ladders}
        for ladder in ladders:
            self.history[ladder.cell] = np.zeros((ladder.months, lanes))
            self.filled[ladder.cell] = set()
            if ladder.cell in changing:
                self.running[ladder.cell] = np.zeros((ladder.months + 1, lanes))
            else:
                self.whole[ladder.cell] = np.exp(-p.exit_rates[ladder.cell] * ladder.months)
        for start, share in zip(starts, shares, strict=True):
            if start.cell in months_of:
                slot = -start.months_in_band % months_of[start.cell]
                self.history[start.cell][slot] += share
                self.filled[start.cell].add(slot)

    def advance(self, month: int, p: Probabilities) -> None:
        """Add the exit rate of this month to the running totals of cells that an effect changes."""
        for ladder in self.ladders:
            if ladder.cell in self.running:
                running = self.running[ladder.cell]
                size = ladder.months + 1
                np.add(running[month % size], p.exit_rates[ladder.cell], out=running[(month + 1) % size])

    def passing(self, cell: int, months: int, now: int, p: Probabilities, out: Array) -> bool:
        """Write into ``out`` who passes to the next band at month-end ``now``; False for nobody."""
        slot = now % months
        if now <= months and slot not in self.filled[cell]:
            return False
        if cell in self.running:
            running = self.running[cell]
            size = months + 1
            np.subtract(running[(now - months) % size] if now > months else 0.0, running[now % size], out=out)
            np.exp(out, out=out)
        elif now < months:
            np.multiply(p.exit_rates[cell], -now, out=out)
            np.exp(out, out=out)
        else:
            np.multiply(self.whole[cell], self.history[cell][slot], out=out)
            return True
        out *= self.history[cell][slot]
        return True

    def enter(self, cell: int, months: int, now: int) -> Array:
        """Return the cleared slot for those who enter a band at month-end ``now``."""
        slot: Array = self.history[cell][now % months]
        slot[...] = 0.0
        self.filled[cell].add(now % months)
        return slot


class _DenseMoves:
    """All moves of a month in one product, draws last: quicker than edge by edge where most of them exist.

    Each lane adds up the cells in their order, whatever the number of lanes.
    """

    def __init__(self, layout: Layout, exits: Mapping[int, slice], p: Probabilities) -> None:
        cells = len(layout.cells)
        self._into = {c: [e.target for e in layout.edges[own]] for c, own in exits.items()}
        self._exits = exits
        self._matrix = np.zeros((cells, cells, p.stays.shape[1]))
        self.set_rows(range(cells), p)

    def set_rows(self, cells: Iterable[int], p: Probabilities) -> None:
        """Take over the probabilities of some cells."""
        for cell in cells:
            row = self._matrix[cell]
            row[...] = 0.0
            row[cell] = p.stays[cell]
            if cell in self._exits:
                for target, probability in zip(self._into[cell], p.moves[self._exits[cell]], strict=True):
                    row[target] += probability

    def move(self, now: Array, after: Array) -> None:
        """Write into ``after`` where those in ``now`` are a month later."""
        np.einsum("sd,std->td", now, self._matrix, out=after)


def is_dense(layout: Layout) -> bool:
    """Return whether so many moves exist that one dense product a month is quicker than edge by edge.

    Measured: from half of all pairs of cells at 10 cells down to three in ten at 30. It is a matter of the
    model alone, so that results do not depend on how lanes are cut.
    """
    cells = len(layout.cells)
    fill = float(np.interp(cells, (10, 30), (0.5, 0.3)))
    return cells > _FEW and not layout.ladders and len(layout.edges) > fill * cells**2


def follow(
    layout: Layout,
    starts: Sequence[StartCell],
    shares: Array,
    p: Probabilities,
    months: int,
    weights: YearWeights,
    update: Update | None = None,
    changing: frozenset[int] = frozenset(),
    birthday_cells: Sequence[int] = (),
    counted: frozenset[int] | None = None,
) -> YearBins:
    """Follow people over the cells for some months.

    Parameters
    ----------
    layout : Layout
        C cells, E edges, V events.
    starts : sequence of StartCell
        N places to start.
    shares : ndarray, shape (N, L)
        Share of people who start in each; columns sum to one.
    p : Probabilities
        Of the first month; changed in place by ``update``.
    months : int
        Horizon, T.
    weights : YearWeights
        How months gather into years.
    update : callable, optional
        ``update(month, p)`` changes ``p`` before the month and returns whether it did.
    changing : frozenset of int
        Cells whose exits ``update`` may change.
    birthday_cells : sequence of int
        B cells in which last birthdays are counted.
    counted : frozenset of int, optional
        Edges whose moves are gathered, all if omitted; the others stay 0 in the result.

    Returns
    -------
    YearBins
    """
    lanes = shares.shape[1]
    count, years = len(layout.cells), weights.occupancy.shape[0]
    now = initial_cells(layout, starts, shares)
    tunnels = _tunnels(layout)
    inside = {cell for first, last in tunnels for cell in range(first, last)}
    rungs = [ladder for ladder in layout.ladders if ladder.cell not in inside]
    ladders = _Ladders(rungs, starts, shares, p, changing)
    months_of = {ladder.cell: ladder.months for ladder in rungs}
    first_bands = [(c, n) for c, n in months_of.items() if c == layout.first_cell[layout.cells[c].state]]
    after = np.empty_like(now)
    # rows are taken apart once: on a few thousand lanes a view costs as much as the arithmetic
    now_rows, after_rows = list(now), list(after)
    flow = np.empty(lanes)
    exits = _exits(layout)
    dense = _DenseMoves(layout, exits, p) if is_dense(layout) else None

    def wanted(own: slice) -> bool:
        return counted is None or any(index in counted for index in range(own.start, own.stop))

    flows = np.empty((max((own.stop - own.start for own in exits.values()), default=0), lanes))
    flow_rows = list(flows)
    together = [
        (cells, edges, targets, edges if cells.start in changing and wanted(edges) else None)
        for cells, edges, targets in _tunnel_exits(layout, tunnels, exits, changing)
    ]
    done_together = {cell for cells, *_ in together for cell in range(cells.start, cells.stop)}
    steps = [
        (
            source,
            p.moves[own],
            flows[: own.stop - own.start],
            [] if dense else list(zip([e.target for e in layout.edges[own]], flow_rows, strict=False)),
            own if source in changing and wanted(own) else None,
        )
        for source, own in exits.items()
        if (source in changing and wanted(own) if dense else source not in done_together)
    ]
    scratch = np.empty_like(now)
    both = np.zeros((years, count, lanes))
    only_occupancy = np.zeros((years, count, lanes))
    only_events = np.zeros((years, count, lanes))
    moved = np.zeros((years, len(layout.edges), lanes))
    happened = np.zeros((years, len(layout.events), lanes))
    birthdays = np.zeros((years, len(birthday_cells), lanes))
    changing_events = [i for i, event in enumerate(layout.events) if event.source in changing]
    at_the_end = [(c, own) for c, own in exits.items() if c not in changing and wanted(own)]
    events_at_the_end = [i for i in range(len(layout.events)) if i not in changing_events]
    no_events = not at_the_end and not events_at_the_end
    gathered = _plan(weights, months, both, only_occupancy, None if no_events else only_events)
    add, multiply = np.add, np.multiply

    for month in range(months + 1):
        for bins, weight in gathered[month]:
            if weight == 1:
                add(bins, now, bins)
            else:
                multiply(now, weight, scratch)
                add(bins, scratch, bins)
        for index, cell in enumerate(birthday_cells):
            for year, weight in enumerate(weights.birthdays[:, month]):
                if weight != 0:
                    birthdays[year, index] += now[cell] * weight
        if month == months:
            break
        if update is not None and update(month, p) and dense is not None:
            dense.set_rows(changing, p)
        event_bins = [(y, w) for y, w in enumerate(weights.events[:, month].tolist()) if w != 0]
        for index in changing_events:
            multiply(p.events[index], now_rows[layout.events[index].source], flow)
            for year, weight in event_bins:
                happened[year, index] += flow * weight
        ladders.advance(month, p)
        if dense is None:
            multiply(now, p.stays, after)
        else:
            dense.move(now, after)
        out_of_tunnels = []
        for first, last in tunnels:
            if last in months_of:
                out_of_tunnels.append((last, after_rows[last - 1].copy()))
            add(after_rows[last], after_rows[last - 1], after_rows[last])
            after[first + 1 : last] = after[first : last - 1]
            after_rows[first][...] = 0.0
        for ladder in rungs:
            anybody = ladders.passing(ladder.cell, ladder.months, month + 1, p, flow)
            if ladder.next_cell in months_of:
                came = ladders.enter(ladder.next_cell, months_of[ladder.next_cell], month + 1)
                if anybody:
                    came[...] = flow
            if anybody:
                add(after_rows[ladder.next_cell], flow, after_rows[ladder.next_cell])
                np.subtract(after_rows[ladder.cell], flow, after_rows[ladder.cell])
        for last, passed in out_of_tunnels:
            ladders.enter(last, months_of[last], month + 1)[...] = passed
        arrivals = [(cell, ladders.enter(cell, length, month + 1)) for cell, length in first_bands]
        into = after_rows.copy()
        for cell, slot in arrivals:
            into[cell] = slot
        for source, probability, part, targets, own in steps:
            multiply(probability, now_rows[source], part)
            for target, row in targets:
                row_into = into[target]
                add(row_into, row, row_into)
            if own is not None:
                for year, weight in event_bins:
                    bins = moved[year, own]
                    add(bins, part if weight == 1 else part * weight, bins)
        for cells, edges, ends, own in together:
            leaving = p.moves[edges].reshape(-1, len(ends), lanes) * now[cells, None]
            for target, row in zip(ends, _sum_rows(leaving), strict=True):
                row_into = into[target]
                add(row_into, row, row_into)
            if own is not None:
                for year, weight in event_bins:
                    bins = moved[year, own]
                    bins += leaving.reshape(bins.shape) * weight
        for cell, slot in arrivals:
            add(after_rows[cell], slot, after_rows[cell])
        now, after = after, now
        now_rows, after_rows = after_rows, now_rows

    if not no_events:
        only_events += both
    for source, own in at_the_end:
        multiply(only_events[:, source, None], p.moves[own], moved[:, own])
    for index in events_at_the_end:
        multiply(only_events[:, layout.events[index].source], p.events[index], happened[:, index])
    only_occupancy += both
    return YearBins(only_occupancy, moved, happened, birthdays, now)


def _tunnels(layout: Layout) -> list[tuple[int, int]]:
    """Return runs of bands of one month, first cell and the cell they lead to: all who stay move on.

    They need no history. A few such bands are left to the ladders.
    """
    found: list[tuple[int, int]] = []
    for ladder in sorted(layout.ladders, key=lambda ladder: ladder.cell):
        if ladder.months != 1:
            continue
        if found and found[-1][1] == ladder.cell:
            found[-1] = (found[-1][0], ladder.next_cell)
        else:
            found.append((ladder.cell, ladder.next_cell))
    return [run for run in found if run[1] - run[0] >= _TUNNEL]


def _tunnel_exits(
    layout: Layout, tunnels: Sequence[tuple[int, int]], exits: dict[int, slice], changing: frozenset[int]
) -> list[tuple[slice, slice, list[int]]]:
    """Return cells, edges and targets of tunnels whose bands all have the same exits."""
    found = []
    for first, last in tunnels:
        own = [exits.get(cell, slice(0, 0)) for cell in range(first, last)]
        targets = [[edge.target for edge in layout.edges[edges]] for edges in own]
        alike = len({cell in changing for cell in range(first, last)}) == 1
        if targets[0] and alike and all(ends == targets[0] for ends in targets):
            found.append((slice(first, last), slice(own[0].start, own[-1].stop), targets[0]))
    return found


def _sum_rows(table: Array) -> Array:
    """Sum over the first axis, one row after the other whatever the number of lanes."""
    if table[0].size > 1:
        return np.asarray(np.add.reduce(table, axis=0))
    return np.add.accumulate(table, axis=0)[-1:].reshape(table.shape[1:])


def _exits(layout: Layout) -> dict[int, slice]:
    """Return where the edges out of each cell stand; they stand together."""
    found: dict[int, slice] = {}
    for index, edge in enumerate(layout.edges):
        first = found[edge.source].start if edge.source in found else index
        found[edge.source] = slice(first, index + 1)
    return found


def _plan(
    weights: YearWeights, months: int, both: Array, only_occupancy: Array, only_events: Array | None
) -> list[list[tuple[Array, float]]]:
    """Return what to add the occupancy of each month-end to, and with which weight.

    Once where the weights of occupancy and events agree; without events where none is asked for.
    """
    events = np.concatenate([weights.events, np.zeros((len(both), 1))], axis=1)
    same = (weights.occupancy == events).all(axis=0)
    plan: list[list[tuple[Array, float]]] = [[] for _ in range(months + 1)]
    targets = [(both, weights.occupancy * same), (only_occupancy, weights.occupancy * ~same)]
    if only_events is not None:
        targets.append((only_events, events * ~same))
    for bins, values in targets:
        for year, month in zip(*(where.tolist() for where in np.nonzero(values)), strict=True):
            plan[month].append((bins[year], float(values[year, month])))
    return plan

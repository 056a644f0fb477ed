"""The kernel: expected movement of people over the cells of a pathway, draws in lanes.

Arrays have lanes last. Every operation is element by element, so results do not depend, to the
bit, on how the draws are cut into blocks.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from communitybudget.simulation.layout import Layout, StartCell
from communitybudget.simulation.weights import YearWeights

Array = NDArray[np.float64]
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
        layout: Layout,
        starts: Sequence[StartCell],
        shares: Array,
        p: Probabilities,
        changing: frozenset[int],
    ) -> None:
        lanes = shares.shape[1]
        self.ladders = layout.ladders
        self.history: dict[int, Array] = {}
        self.filled: dict[int, set[int]] = {}
        self.whole: dict[int, Array] = {}
        self.running: dict[int, Array] = {}
        months_of = {ladder.cell: ladder.months for ladder in layout.ladders}
        for ladder in layout.ladders:
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
            np.exp(p.exit_rates[cell] * -now, out=out)
        else:
            out[...] = self.whole[cell]
        out *= self.history[cell][slot]
        return True

    def enter(self, cell: int, months: int, now: int) -> Array:
        """Return the cleared slot for those who enter a band at month-end ``now``."""
        slot: Array = self.history[cell][now % months]
        slot[...] = 0.0
        self.filled[cell].add(now % months)
        return slot


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

    Returns
    -------
    YearBins
    """
    lanes = shares.shape[1]
    count, years = len(layout.cells), weights.occupancy.shape[0]
    now = initial_cells(layout, starts, shares)
    ladders = _Ladders(layout, starts, shares, p, changing)
    months_of = {ladder.cell: ladder.months for ladder in layout.ladders}
    after = np.empty_like(now)
    flow = np.empty(lanes)
    scratch = np.empty_like(now)
    both = np.zeros((years, count, lanes))
    only_occupancy = np.zeros((years, count, lanes))
    only_events = np.zeros((years, count, lanes))
    moved = np.zeros((years, len(layout.edges), lanes))
    happened = np.zeros((years, len(layout.events), lanes))
    birthdays = np.zeros((years, len(birthday_cells), lanes))
    changing_edges = [i for i, edge in enumerate(layout.edges) if edge.source in changing]
    changing_events = [i for i, event in enumerate(layout.events) if event.source in changing]

    for month in range(months + 1):
        _gather(month, now, weights, both, only_occupancy, only_events, scratch)
        for index, cell in enumerate(birthday_cells):
            for year, weight in enumerate(weights.birthdays[:, month]):
                if weight != 0:
                    birthdays[year, index] += now[cell] * weight
        if month == months:
            break
        if update is not None:
            update(month, p)
        event_bins = [(y, w) for y, w in enumerate(weights.events[:, month]) if w != 0]
        for index in changing_events:
            np.multiply(p.events[index], now[layout.events[index].source], out=flow)
            for year, weight in event_bins:
                happened[year, index] += flow * weight
        ladders.advance(month, p)
        np.multiply(now, p.stays, out=after)
        arrivals: dict[int, Array] = {}
        for ladder in layout.ladders:
            anybody = ladders.passing(ladder.cell, ladder.months, month + 1, p, flow)
            if ladder.next_cell in months_of:
                came = ladders.enter(ladder.next_cell, months_of[ladder.next_cell], month + 1)
                if anybody:
                    came[...] = flow
            if anybody:
                after[ladder.cell] -= flow
                after[ladder.next_cell] += flow
        for cell, length in months_of.items():
            if cell == layout.first_cell[layout.cells[cell].state]:
                arrivals[cell] = ladders.enter(cell, length, month + 1)
        for index, edge in enumerate(layout.edges):
            np.multiply(p.moves[index], now[edge.source], out=flow)
            into = arrivals.get(edge.target)
            if into is None:
                after[edge.target] += flow
            else:
                into += flow
            if edge.source in changing:
                for year, weight in event_bins:
                    if weight == 1:
                        moved[year, index] += flow
                    else:
                        moved[year, index] += flow * weight
        for cell, into in arrivals.items():
            after[cell] += into
        now, after = after, now

    only_events += both
    for index, edge in enumerate(layout.edges):
        if index not in changing_edges:
            np.multiply(only_events[:, edge.source], p.moves[index], out=moved[:, index])
    for index, event in enumerate(layout.events):
        if index not in changing_events:
            np.multiply(only_events[:, event.source], p.events[index], out=happened[:, index])
    only_occupancy += both
    return YearBins(only_occupancy, moved, happened, birthdays, now)


def _gather(
    month: int,
    now: Array,
    weights: YearWeights,
    both: Array,
    only_occupancy: Array,
    only_events: Array,
    scratch: Array,
) -> None:
    """Add the occupancy at one month-end to the year bins; once where both weights agree."""
    occupancy = weights.occupancy[:, month]
    events = weights.events[:, month] if month < weights.events.shape[1] else np.zeros_like(occupancy)
    if np.array_equal(occupancy, events):
        targets = [(both, occupancy)]
    else:
        targets = [(only_occupancy, occupancy), (only_events, events)]
    for bins, values in targets:
        for year, weight in enumerate(values):
            if weight == 1:
                bins[year] += now
            elif weight != 0:
                np.multiply(now, weight, out=scratch)
                bins[year] += scratch

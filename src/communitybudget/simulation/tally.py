"""What differs between two worlds, gathered by financial year."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from communitybudget.simulation.acting import Acting
from communitybudget.simulation.layout import Layout, StartCell

Array = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SpellKinds:
    """Kinds of spell in a state, of which each spell is one: a foster placement or a children's home.

    Parameters
    ----------
    cells : tuple of int
        The bands of the state.
    shares : tuple of float
        Share of spells of each kind; what is missing to one is of no kind that is told apart.
    spread : float
        Standard deviation over mean of what spells cost besides their kind; log-normal.
    """

    cells: tuple[int, ...]
    shares: tuple[float, ...]
    spread: float = 0.0


@dataclass(frozen=True, slots=True)
class ChanceGroup:
    """People in a block of draws who go through one pathway under one option.

    Parameters
    ----------
    layout : Layout
        C cells, E edges, V events.
    starts : tuple of StartCell
        N places to start.
    shares : ndarray, shape (N, L)
        Share of people who start in each.
    rates, event_rates : ndarray, shape (E, L) and (V, L)
        Monthly, without the option.
    effects : sequence of Acting
        What the option changes.
    people : ndarray of int, shape (L,)
        How many.
    presence : ndarray, shape (12 Y + 1,)
        Share still followed by months since joining.
    joining : ndarray, shape (12 Y,)
        Share of people who join at the start of each month of the horizon.
    spells : tuple of SpellKinds
        Where spells differ in cost.
    """

    layout: Layout
    starts: tuple[StartCell, ...]
    shares: Array
    rates: Array
    event_rates: Array
    effects: Sequence[Acting]
    people: Whole
    presence: Array
    joining: Array
    spells: tuple[SpellKinds, ...] = ()


@dataclass(frozen=True, slots=True)
class ChanceDifference:
    """Business as usual less the option, drawn: what the same people come to in the two worlds.

    Parameters
    ----------
    occupancy : ndarray, shape (Y, C, L)
        Person-months by financial year of the horizon.
    moves : ndarray, shape (Y, E, L)
        Moves along each edge.
    events : ndarray, shape (Y, V, L)
        Events that move nobody.
    birthdays : ndarray, shape (Y, C, L)
        Last birthdays in each cell.
    weighted : tuple of tuple of ndarray, each of shape (Y, C, L)
        For each entry of ``spells``, person-months weighted by what spells cost: of all kinds together,
        then of each kind, over its share; nil outside the state.
    parted : ndarray of int, shape (L,)
        People whose lives the option changed.
    """

    occupancy: Array
    moves: Array
    events: Array
    birthdays: Array
    weighted: tuple[tuple[Array, ...], ...]
    parted: Whole


class Tally:
    """Gathers what differs by financial year.

    Being somewhere from a month-end on is added as the rest of that year, and in full from the next;
    leaving takes the same away. Half of a month counts at each of its ends.
    """

    def __init__(self, group: ChanceGroup) -> None:
        self.group = group
        cells, lanes = len(group.layout.cells), group.shares.shape[1]
        self.years = (group.presence.size - 1) // 12
        self.there = [np.zeros((self.years + 1, cells, lanes)) for _ in range(2)]
        self.weighted = [
            [[np.zeros((self.years + 1, cells, lanes)) for _ in range(2)] for _ in range(len(s.shares) + 1)]
            for s in group.spells
        ]
        self.moves = np.zeros((self.years, len(group.layout.edges), lanes))
        self.events = np.zeros((self.years, len(group.layout.events), lanes))
        self.birthdays = np.zeros((self.years, cells, lanes))
        self.spells_of_cell = {c: i for i, s in enumerate(group.spells) for c in s.cells}

    def stay(self, cell: Whole, lane: Whole, first: Whole, after: Whole, amount: Array | float) -> None:
        """Count being in a cell at month-ends of the horizon, from ``first`` and before ``after``."""
        self._from(self.there, cell, lane, first, amount)
        self._from(self.there, cell, lane, after, -amount)

    def _from(self, both: list[Array], cell: Whole, lane: Whole, point: Whole, amount: Array | float) -> None:
        year, month = np.divmod(point, 12)
        # the month-end of March belongs half to the year it closes and half to the year it opens
        inside = (month > 0) & (year < self.years)
        sizes = np.broadcast_to(amount, point.shape)
        rest, full = both
        np.add.at(rest, (year[inside], cell[inside], lane[inside]), (12.5 - month[inside]) * sizes[inside])
        closing = (month == 0) & (year > 0) & (year <= self.years)
        np.add.at(rest, (year[closing] - 1, cell[closing], lane[closing]), 0.5 * sizes[closing])
        opened = year + (month > 0)
        later = opened <= self.years
        np.add.at(full, (opened[later], cell[later], lane[later]), sizes[later])

    def weigh(
        self,
        spells: int,
        kind: Whole,
        factor: Array,
        cell: Whole,
        lane: Whole,
        first: Whole,
        after: Whole,
        sign: float,
    ) -> None:
        """Count the same weighted by what the spell costs."""
        group = self.group.spells[spells]
        every = np.arange(kind.size)
        parts = [(every, sign * factor)]
        for k, share in enumerate(group.shares):
            own = np.flatnonzero(kind == k)
            parts.append((own, sign * factor[own] / share))
        for both, (own, amount) in zip(self.weighted[spells], parts, strict=True):
            self._from(both, cell[own], lane[own], first[own], amount)
            self._from(both, cell[own], lane[own], after[own], -amount)

    def move(self, edge: Whole, lane: Whole, month: Whole, sign: float) -> None:
        """Count moves in months of the horizon."""
        np.add.at(self.moves, (month // 12, edge, lane), sign)

    def event(self, event: int, lane: Whole, month: Whole, sign: float | Array) -> None:
        """Count one kind of event in months of the horizon."""
        np.add.at(self.events, (month // 12, np.full(lane.size, event), lane), sign)

    def birthday(self, cell: Whole, lane: Whole, month: Whole, sign: float) -> None:
        """Count last birthdays in months of the horizon."""
        np.add.at(self.birthdays, (month // 12, cell, lane), sign)

    def difference(self, parted: Whole) -> ChanceDifference:
        """Return what was gathered, with how many lives parted (L,)."""

        def months(both: list[Array]) -> Array:
            rest, full = both
            return np.asarray(rest[:-1] + 12 * np.cumsum(full, axis=0)[:-1])

        return ChanceDifference(
            occupancy=months(self.there),
            moves=self.moves,
            events=self.events,
            birthdays=self.birthdays,
            weighted=tuple(tuple(months(both) for both in parts) for parts in self.weighted),
            parted=parted,
        )

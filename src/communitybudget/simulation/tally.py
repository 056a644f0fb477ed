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
    rule, log_given : str, ndarray or None
        How effects that meet on a move combine, as in `ActingEffects`.
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
    rule: str = "multiplicative"
    log_given: Array | None = None


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
    weighted : tuple of tuple of ndarray, each of shape (Y, cells of the state, L)
        For each entry of ``spells``, person-months weighted by what spells cost: of all kinds together,
        then of each kind, over its share.
    parted : ndarray of int, shape (L,)
        People whose lives the option changed.
    """

    occupancy: Array
    moves: Array
    events: Array
    birthdays: Array
    weighted: tuple[tuple[Array, ...], ...]
    parted: Whole


class _Months:
    """Time in some cells by financial year.

    Being in a cell from a month-end on is added as the rest of that year, and in full from the next;
    leaving takes the same away. Half of a month counts at each of its ends, so that the month-end of
    March belongs half to the year it closes and half to the year it opens.
    """

    def __init__(self, years: int, cells: int, lanes: int) -> None:
        self.years = years
        # what falls beyond the horizon goes to the last two rows, which nobody reads
        self.kept = np.zeros((2, years + 2, cells, lanes))

    def add(self, cell: Whole, lane: Whole, first: Whole, after: Whole, amount: Array | float) -> None:
        """Add month-ends of the horizon from ``first`` on and before ``after``."""
        _, rows, cells, lanes = self.kept.shape
        year, month = np.divmod(np.concatenate([first, after]), 12)
        within = month > 0
        place = np.tile(cell * lanes + lane, 2)
        rest = (year - ~within) * (cells * lanes) + place
        full = (rows + year + within) * (cells * lanes) + place
        sizes = np.broadcast_to(amount, first.shape)
        signed = np.concatenate([sizes, -sizes])
        ends = np.where(within, 12.5 - month, 0.5) * signed
        np.add.at(self.kept.reshape(-1), np.concatenate([rest, full]), np.concatenate([ends, signed]))

    def by_year(self) -> Array:
        """Return person-months (Y, cells, L)."""
        rest, full = self.kept[:, : self.years]
        return np.asarray(rest + 12 * np.cumsum(full, axis=0))


class Tally:
    """Gathers what differs by financial year."""

    def __init__(self, group: ChanceGroup) -> None:
        self.group = group
        cells, lanes = len(group.layout.cells), group.shares.shape[1]
        years = (group.presence.size - 1) // 12
        self.there = _Months(years, cells, lanes)
        self.weighted = [
            [_Months(years, len(s.cells), lanes) for _ in range(len(s.shares) + 1)] for s in group.spells
        ]
        self.moves = np.zeros((years, len(group.layout.edges), lanes))
        self.events = np.zeros((years, len(group.layout.events), lanes))
        self.birthdays = np.zeros((years, cells, lanes))

    def stay(self, cell: Whole, lane: Whole, first: Whole, after: Whole, sign: float) -> None:
        """Count being in a cell at month-ends of the horizon, from ``first`` and before ``after``."""
        self.there.add(cell, lane, first, after, sign)

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
        """Count the same weighted by what the spell costs; ``cell`` is a position in the state."""
        self.weighted[spells][0].add(cell, lane, first, after, sign * factor)
        for k, share in enumerate(self.group.spells[spells].shares):
            own = np.flatnonzero(kind == k)
            if own.size:
                amount = sign * factor[own] / share
                self.weighted[spells][k + 1].add(cell[own], lane[own], first[own], after[own], amount)

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
        return ChanceDifference(
            occupancy=self.there.by_year(),
            moves=self.moves,
            events=self.events,
            birthdays=self.birthdays,
            weighted=tuple(tuple(months.by_year() for months in parts) for parts in self.weighted),
            parted=parted,
        )

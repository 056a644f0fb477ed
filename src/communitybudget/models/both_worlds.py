"""Both worlds of a person in a state model: mean and variance of totals over chance, lane by lane."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from communitybudget.models.conventions import Kind, gather
from communitybudget.models.result import RewardRow
from communitybudget.models.running import Dynamics, Mover, at_place, start_cell
from communitybudget.models.totals import (
    Entries,
    Term,
    at_entry,
    edges_of,
    inside,
    row_of,
    streams_of,
    terms_of,
)
from communitybudget.pathways import Rate
from communitybudget.simulation import build_layout, chance_moments
from communitybudget.simulation.kernel import Probabilities, Update
from communitybudget.simulation.layout import Layout, StartCell

if TYPE_CHECKING:
    from communitybudget.models.model import StateModel
    from communitybudget.models.options import Option

Array = NDArray[np.float64]

_BYTES = 16e6
_KEPT = 32
"""Numbers kept of each cycle of each band and lane, those of the step included."""


def chance_totals(
    model: "StateModel",
    counted: Mapping[RewardRow, float],
    pair: "tuple[Option, Option]",
    *,
    discounted: bool,
    poisson: bool,
    spread_of_spells: Mapping[str, float],
    draws: int,
) -> tuple[Array, Array]:
    """Return means and variances over chance of a total, by draw.

    Parameters
    ----------
    model : StateModel
        Whose people are independent of each other, given the rates.
    counted : mapping of RewardRow to float
        What is added, and times what.
    pair : tuple of two Option
        What is compared with, and the option; both worlds of the same person.
    discounted : bool
        Whether discounted.
    poisson : bool
        Whether the intake is a Poisson number, or known.
    spread_of_spells : mapping of str to float
        Standard deviation over mean, between spells, of what a cycle in a state costs.
    draws : int
        Of the first so many draws.

    Returns
    -------
    means, variances : ndarray, shape (3, draws)
        Of what is compared with, of the option, of the option less the other.
    """
    means, variances = np.zeros((3, draws)), np.zeros((3, draws))
    weights = np.ones(1) if model.profiles is None else model.profiles
    shares = np.ones(1) if model.frailty is None else model.frailty.shares
    classes = len(shares)
    streams = [list(streams_of(model, option)) for option in pair]
    for index, ((start, entries), (other_start, _)) in enumerate(zip(*streams, strict=True)):
        known = 1 if index == 0 and model.people else 0
        sides = _Sides.of(model, counted, pair, (start, other_start))
        lanes = sides.lanes()
        block = min(draws, lanes)
        profiles = max(lanes // block // classes, 1) * classes
        together = 1 if sides.apart and len(entries) > 1 else max(lanes // block // profiles, 1)
        for first in range(0, draws, block):
            own = slice(first, min(first + block, draws))
            for p in range(0, len(weights) * classes, profiles):
                some = np.arange(p, min(p + profiles, len(weights) * classes))
                for e in range(0, len(entries), together):
                    group = entries[e : e + together]
                    mean, variance = sides.moments(group, own, some, discounted, spread_of_spells)
                    # the class of frailty of a person is chance, the profile is known
                    shape = (3, len(group), -1, classes, own.stop - own.start)
                    mean, variance = mean.reshape(shape), variance.reshape(shape)
                    mixed = np.einsum("renkd,k->rend", mean, shares)
                    variance = np.einsum(
                        "renkd,k->rend", variance + (mean - mixed[:, :, :, None]) ** 2, shares
                    )
                    for i, (_, people) in enumerate(group):
                        random_number = poisson and e + i >= known
                        for g in range(mixed.shape[2]):
                            number = people * weights[p // classes + g]
                            here = variance[:, i, g]
                            means[:, own] += number * mixed[:, i, g]
                            variances[:, own] += number * (
                                here + mixed[:, i, g] ** 2 if random_number else here
                            )
    return means, variances


@dataclass(frozen=True, slots=True)
class _Side:
    """One option of a pair, and where its own edges and cells stand in the layout of both.

    Parameters
    ----------
    dynamics : Dynamics
        On a layout of its own.
    terms : list of (Term, float)
        What is counted, and times what.
    edges, cells : ndarray of int, shapes (E,) and (C,)
        Its own edge and cell of each of the layout of both; -1 for a move that it does not have.
    """

    dynamics: Dynamics
    terms: list[tuple[Term, float]]
    edges: NDArray[np.int_]
    cells: NDArray[np.int_]


@dataclass(frozen=True, slots=True)
class _Sides:
    """Both options of a pair, on one layout."""

    model: "StateModel"
    layout: Layout
    usual: _Side
    option: _Side

    @classmethod
    def of(
        cls,
        model: "StateModel",
        counted: Mapping[RewardRow, float],
        pair: "tuple[Option, Option]",
        starts: tuple[Any, Any],
    ) -> "_Sides":
        own = [[r for r in model.rewards_of(option) if row_of(r) in counted] for option in pair]
        dynamics = [model.dynamics(o, r, s) for o, r, s in zip(pair, own, starts, strict=True)]
        layout = _common_layout(model.states, [one.layout for one in dynamics])
        sides = [
            _Side(
                one,
                [(term, counted[row_of(r)]) for r in rewards for term in terms_of(model, r)],
                *_places(layout, one.layout),
            )
            for one, rewards in zip(dynamics, own, strict=True)
        ]
        return cls(model, layout, sides[0], sides[1])

    @property
    def apart(self) -> bool:
        """Whether people who enter at different times move differently, since the calendar changes moves."""
        return self.usual.dynamics.by_year or self.option.dynamics.by_year

    def lanes(self) -> int:
        """Return how many lanes fit the memory."""
        cells, edges = len(self.layout.cells), len(self.layout.edges)
        terms = len(self.usual.terms) + len(self.option.terms)
        cycles = cells + sum(ladder.months for ladder in self.layout.ladders)
        lane = 8.0 * (_KEPT * cycles + (8 + 2 * terms) * (cells + edges))
        return max(int(min(_BYTES, self.model.memory_mb * 5e5) / lane), 1)

    def moments(
        self,
        entries: Entries,
        draws: slice,
        profiles: NDArray[np.int_],
        discounted: bool,
        spread: Mapping[str, float],
    ) -> tuple[Array, Array]:
        """Return mean and variance for one person, shape (3, lanes); lanes are entry by profile by draw."""
        model, layout = self.model, self.layout
        first = min(entry for entry, _ in entries)
        count = len(profiles) * (draws.stop - draws.start)
        lanes = len(entries) * count
        worths, updates, once, chances = [], [], [], []
        for side in (self.usual, self.option):
            worth = _Worth.of(model, layout, side, entries, draws, profiles, discounted, spread)
            worths.append(worth)
            mover = Mover(model, side.dynamics, draws, profiles, first if self.apart else 0)
            p = Probabilities(
                np.zeros((len(layout.edges), lanes)),
                np.ones((len(layout.cells), lanes)),
                np.zeros((0, lanes)),
                np.zeros((0, lanes)),
            )
            _set(p, mover, side, len(entries))
            chances.append(p)
            updates.append(_updater(mover, side, len(entries)) if mover.changing else None)
            once.append(_at_start(model, side, entries, draws, profiles, discounted))
        cells, shares = self._starts(draws, profiles)
        usual_shares, option_shares = (np.tile(own, len(entries)) for own in shares)
        found = chance_moments(
            layout,
            cells,
            usual_shares,
            chances[0],
            chances[1],
            worths[0],
            updates[1],
            updates[0],
            option_reward=worths[1],
            option_shares=option_shares,
        )
        usual, option = found.usual_mean + once[0], found.option_mean + once[1]
        return (
            np.stack([usual, option, option - usual]),
            np.stack([found.usual_variance, found.option_variance, found.variance]),
        )

    def _starts(self, draws: slice, profiles: NDArray[np.int_]) -> tuple[list[StartCell], Array]:
        """Return where people start, and the share in both worlds, shape (2, N, profile by draw)."""
        sides = (self.usual, self.option)
        places = list(dict.fromkeys(place[:2] for side in sides for place in side.dynamics.start))
        shape = (len(profiles), draws.stop - draws.start)
        shares = np.zeros((2, len(places), *shape))
        where = at_place(self.model, 0, 0, np.array([0]), draws, profiles)
        for own, side in zip(shares, sides, strict=True):
            for state, so_far, share in side.dynamics.start:
                own[places.index((state, so_far))] += share.at(where)
        return [start_cell(self.layout, *place) for place in places], shares.reshape(2, len(places), -1)


def _common_layout(states: Sequence[str], layouts: Sequence[Layout]) -> Layout:
    """Return the layout that has the moves of all, and cuts each state wherever one of them does."""
    moves = dict.fromkeys(edge.move for layout in layouts for edge in layout.edges)
    cuts: dict[str, set[int]] = {state: set() for state in states}
    for layout in layouts:
        for cell in layout.cells:
            cuts[cell.state].add(cell.from_month)
    return build_layout(states, [Rate(move, 0, None, "", "") for move in moves], cuts)


def _places(layout: Layout, own: Layout) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    """Return the edge and the cell of a layout for each of a layout that is cut at least as finely."""
    cells = [
        max(i for i in own.cells_of(cell.state) if own.cells[i].from_month <= cell.from_month)
        for cell in layout.cells
    ]
    edges = {(edge.source, edge.move): i for i, edge in enumerate(own.edges)}
    found = [edges.get((cells[edge.source], edge.move), -1) for edge in layout.edges]
    return np.array(found, dtype=np.int_), np.array(cells, dtype=np.int_)


def _set(p: Probabilities, mover: Mover, side: _Side, entries: int) -> None:
    """Write the probabilities of an option into the layout of both, alike for every time of entry."""
    lanes = mover.p.stays.shape[1]
    own = np.concatenate([mover.p.moves, np.zeros((1, lanes))])  # the last row is for -1: no such move
    p.moves.reshape(-1, entries, lanes)[...] = own[side.edges][:, None]
    p.stays.reshape(-1, entries, lanes)[...] = mover.p.stays[side.cells][:, None]


def _updater(mover: Mover, side: _Side, entries: int) -> Update:
    def update(cycle: int, p: Probabilities) -> bool:
        mover.set_to(cycle)
        _set(p, mover, side, entries)
        return True

    return update


def _at_start(
    model: "StateModel",
    side: _Side,
    entries: Entries,
    draws: slice,
    profiles: NDArray[np.int_],
    discounted: bool,
) -> Array:
    """Return what a person comes to once, at entry, shape (lanes,): no chance in it."""
    shape = (len(profiles), draws.stop - draws.start)
    where = at_place(model, 0, model.calendar_year(0), np.array([0]), draws, profiles)
    total = np.zeros((len(entries), *shape))
    for term, scale in side.terms:
        if term.reward.place == "at_start":
            each = np.broadcast_to(term.amount.at(where), (1, *shape))[0]
            for own, (entry, _) in zip(total, entries, strict=True):
                own += scale * at_entry(model, term, entry, 1.0, discounted)[1] * each
    return total.ravel()


@dataclass(frozen=True, slots=True)
class _Part:
    """Amounts that share their weights over time.

    Parameters
    ----------
    points, cycles : ndarray, shapes (T + 1, N) and (T, N)
        Weights of being in a cell and of moving, by time of entry.
    cells, spells, moves : ndarray, shapes (C, L), (C, L) and (E, L)
        Amounts, and their standard deviation between spells; lanes are profile by draw.
    """

    points: Array
    cycles: Array
    cells: Array
    spells: Array
    moves: Array


@dataclass(frozen=True, slots=True)
class _Worth:
    """What is counted, by cycle since entry: a `Worth` of the recursion."""

    months: int
    parts: tuple[_Part, ...]
    shape: tuple[int, int]
    counts: tuple[int, int]

    @classmethod
    def of(
        cls,
        model: "StateModel",
        layout: Layout,
        side: _Side,
        entries: Entries,
        draws: slice,
        profiles: NDArray[np.int_],
        discounted: bool,
        spread: Mapping[str, float],
    ) -> "_Worth":
        months = model.cycles - min(entry for entry, _ in entries)
        shape = (len(profiles), draws.stop - draws.start)
        lanes, counts = shape[0] * shape[1], (len(layout.cells), len(layout.edges))
        parts: dict[bytes, _Part] = {}
        for term, scale in side.terms:
            if term.reward.place == "at_start":
                continue
            points, cycles = _weights(model, term, entries, months, discounted)
            key = points.tobytes() + cycles.tobytes()
            if key not in parts:
                tables = [np.zeros((count, lanes)) for count in (counts[0], *counts)]
                parts[key] = _Part(points, cycles, *tables)
            if term.reward.place == "in_state":
                own = [c for c in layout.cells_of(term.place) if inside(layout, c, term.reward)]
                sources, into = own, parts[key].cells
            else:
                own = edges_of(layout, term)
                sources, into = [layout.edges[i].source for i in own], parts[key].moves
            bands = np.array([layout.cells[c].from_month for c in sources], dtype=np.int_)
            where = at_place(model, 0, model.calendar_year(0), bands, draws, profiles)
            amounts = scale * np.broadcast_to(term.amount.at(where), (len(own), *shape)).reshape(len(own), -1)
            into[own] += amounts
            if term.reward.place == "in_state" and term.reward.kind == "cost":
                parts[key].spells[own] += spread.get(term.place, 0.0) * amounts
        return cls(months, tuple(parts.values()), (len(entries), lanes), counts)

    @property
    def followed_until(self) -> Array:
        """Nobody has a last birthday."""
        return np.array([self.months + 1.0])

    def in_cells(self, point: int) -> Array:
        """Return the worth of being in each cell at a point."""
        return self._sum(self.counts[0], [(part.points[point], part.cells) for part in self.parts])

    def on_moves(self, month: int) -> Array:
        """Return the worth of a move along each edge in a cycle."""
        return self._sum(self.counts[1], [(part.cycles[month], part.moves) for part in self.parts])

    def on_events(self, month: int) -> Array:
        """Return the worth of events: there are none."""
        return np.zeros((0, self.shape[0] * self.shape[1]))

    def on_birthdays(self, point: int) -> Array:
        """Return the worth of a last birthday: nil."""
        return np.zeros((self.counts[0], 1))

    def between_spells(self, point: int) -> Array:
        """Return the standard deviation between spells of being in each cell."""
        return self._sum(self.counts[0], [(part.points[point], part.spells) for part in self.parts])

    def _sum(self, count: int, parts: Sequence[tuple[Array, Array]]) -> Array:
        total = np.zeros((count, *self.shape))
        for weights, amounts in parts:
            if weights.any():
                total += weights[:, None] * amounts[:, None, :]
        return total.reshape(count, -1)


def _weights(
    model: "StateModel", term: Term, entries: Entries, months: int, discounted: bool
) -> tuple[Array, Array]:
    """Return what each point and cycle since entry counts for, shapes (T + 1, N) and (T, N)."""
    kind: Kind = "cost" if term.reward.kind == "cost" else "effect"
    by_year = discounted and model.conventions.discounting == "per_year"
    factors = model.conventions.year_factors(model.years, kind) if by_year else np.ones(model.years)
    factors = np.append(factors, factors[-1])
    points, cycles = np.zeros((months + 1, len(entries))), np.zeros((months, len(entries)))
    for i, (entry, _) in enumerate(entries):
        found = gather(
            model.conventions,
            kind,
            model.cycles,
            model.cycle_months,
            ((entry, 1.0),),
            term.profile,
            term.yearly,
            discounted and not by_year,
        )
        points[:, i] = (factors @ found.occupancy)[: months + 1]
        cycles[:, i] = (factors @ found.moves)[:months]
    return points, cycles

"""Runs a state model on the kernel: draws and profiles in lanes, blocks of draws one after the other."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from communitybudget.models.changes import Change
from communitybudget.models.moves import Generator
from communitybudget.models.rows import TOLERANCE, Row, evaluate
from communitybudget.models.values import At
from communitybudget.pathways import Rate
from communitybudget.simulation import build_layout
from communitybudget.simulation.kernel import Probabilities, YearBins, follow
from communitybudget.simulation.layout import Layout, StartCell
from communitybudget.simulation.weights import YearWeights

if TYPE_CHECKING:
    from communitybudget.models.model import StateModel

Array = NDArray[np.float64]

NO_EVENTS = 0


@dataclass(frozen=True, slots=True)
class Dynamics:
    """How people move under one option.

    Parameters
    ----------
    layout : Layout
        C cells, E edges.
    rows : tuple of Row
        Of the states that are left; empty for a generator.
    generator : Generator or None
        In place of rows.
    changes : tuple of Change
        Of the option, and of the frailty of people.
    start : tuple of (state, completed cycles in it, share)
        Where people start.
    """

    layout: Layout
    rows: tuple[Row, ...]
    generator: Generator | None
    changes: tuple[Change, ...]
    start: tuple[Any, ...]

    @property
    def by_year(self) -> bool:
        """Whether moves depend on the calendar."""
        ratios = [change.ratio for change in self.changes if change.ratio is not None]
        numbers = [*ratios, *(value for row in self.rows for value in row.values())]
        return any(number.over("year") for number in numbers)


def lay_out(states: Sequence[str], rows: Sequence[Row], cuts: Mapping[str, set[int]], longest: int) -> Layout:
    """Return cells, edges and ladders; bands that nobody can reach are left out."""
    rates = [Rate((row.state, target), 0, None, "", "") for row in rows for target in row.targets]
    wanted = {state: {cut for cut in found if 0 < cut < longest} for state, found in cuts.items()}
    return build_layout(states, rates, wanted)


class Mover:
    """The probabilities of a block of lanes, brought up to date cycle by cycle.

    Parameters
    ----------
    model : StateModel
        Whose cycles and years hold.
    dynamics : Dynamics
        Of one option.
    draws : slice
        Of the D draws.
    profiles : ndarray of int, shape (P,)
        Of the profiles; lanes are profile by draw, P D in all.
    entry : int
        Cycle of the model at which people enter.
    """

    def __init__(
        self,
        model: "StateModel",
        dynamics: Dynamics,
        draws: slice,
        profiles: NDArray[np.int_],
        entry: int = 0,
    ) -> None:
        self._model, self._dynamics, self._entry = model, dynamics, entry
        self._draws, self._profiles = draws, profiles
        layout = dynamics.layout
        self._shape = (len(profiles), draws.stop - draws.start)
        lanes = self._shape[0] * self._shape[1]
        cells = len(layout.cells)
        self.p = Probabilities(
            np.zeros((len(layout.edges), lanes)),
            np.ones((cells, lanes)),
            np.zeros((cells, lanes)),
            np.empty((NO_EVENTS, lanes)),
        )
        self._places = [self._place(row) for row in dynamics.rows]
        self._weights: list[Any] = [None] * len(dynamics.changes)
        self.set_to(0)

    @property
    def changing(self) -> frozenset[int]:
        """Cells whose exits differ from cycle to cycle."""
        if self._dynamics.generator is not None:
            return frozenset(range(len(self.p.stays))) if self._changes_vary else frozenset()
        return frozenset(
            c
            for row, place in zip(self._dynamics.rows, self._places, strict=True)
            if row.varies
            for c in range(place[0].start, place[0].stop)
        )

    @property
    def _changes_vary(self) -> bool:
        return any(change.varies or self._ratio_varies(change) for change in self._dynamics.changes)

    @staticmethod
    def _ratio_varies(change: Change) -> bool:
        return change.ratio is not None and change.ratio.over("cycle", "year", "cycle_and_duration")

    def _place(self, row: Row) -> tuple[slice, slice, NDArray[np.int_]]:
        """Return the cells of a state, its edges, and the completed cycles at which its bands begin."""
        layout = self._dynamics.layout
        cells = slice(layout.first_cell[row.state], layout.last_cell[row.state] + 1)
        first = next(i for i, edge in enumerate(layout.edges) if edge.source == cells.start)
        edges = slice(first, first + (cells.stop - cells.start) * len(row.targets))
        bands = np.array([cell.from_month for cell in layout.cells[cells]])
        return cells, edges, bands

    def _set_weights(self, cycle: int) -> list[bool]:
        """Set how far each change acts, and return which of them did otherwise before."""
        months = self._model.cycle_months
        new = [change.weight(cycle, months, self._draws) for change in self._dynamics.changes]
        turned = [
            old is None or not np.array_equal(old, now) for old, now in zip(self._weights, new, strict=True)
        ]
        self._weights = new
        return turned

    def at(self, cycle: int, bands: NDArray[np.int_]) -> At:
        """Return where numbers are asked for in a cycle since entry."""
        year = self._model.calendar_year(self._entry + cycle)
        return at_place(self._model, cycle, year, bands, self._draws, self._profiles)

    def weight(self, index: int) -> Any:
        """Return how far a change acts in the present cycle."""
        return self._weights[index]

    def update(self, cycle: int, p: Probabilities) -> bool:
        """Bring the probabilities to a cycle; only states in which something changed are looked at."""
        if cycle == 0:
            return False
        turned = self._set_weights(cycle)
        year = self._model.calendar_year(self._entry + cycle)
        before = self._model.calendar_year(self._entry + cycle - 1)
        changed = False
        if self._dynamics.generator is not None:
            if any(turned) or any(
                change.ratio is not None and change.ratio.changes(cycle, year, before)
                for change in self._dynamics.changes
            ):
                self._fill_generator(cycle)
                changed = True
            return changed
        for row, place in zip(self._dynamics.rows, self._places, strict=True):
            if row_changes(row, cycle, year, before, turned):
                self._fill(row, place, cycle)
                changed = True
        return changed

    def set_to(self, cycle: int) -> None:
        """Set every state to a cycle, whatever stood there."""
        self._set_weights(cycle)
        if self._dynamics.generator is not None:
            self._fill_generator(cycle)
        for row, place in zip(self._dynamics.rows, self._places, strict=True):
            self._fill(row, place, cycle)

    def _fill(self, row: Row, place: tuple[slice, slice, NDArray[np.int_]], cycle: int) -> None:
        cells, edges, bands = place
        exits, stay = evaluate(row, self.at(cycle, bands), self.weight)
        count = len(bands)
        moves = self.p.moves[edges].reshape(count, len(exits), *self._shape)
        for j, exit_probability in enumerate(exits):
            moves[:, j] = exit_probability
        stays = self.p.stays[cells].reshape(count, *self._shape)
        stays[...] = np.maximum(stay, 0.0)
        self._set_exit_rates(cells)

    def _set_exit_rates(self, cells: slice) -> None:
        # of a state that all leave the rate is infinite; exp(-750) is 0 and its multiples stay numbers
        with np.errstate(divide="ignore"):
            np.negative(np.log(self.p.stays[cells]), out=self.p.exit_rates[cells])
        np.clip(self.p.exit_rates[cells], 0.0, 750.0, out=self.p.exit_rates[cells])

    def _fill_generator(self, cycle: int) -> None:
        from communitybudget.simulation.generators import transition_of

        generator, layout = self._dynamics.generator, self._dynamics.layout
        shape = self._shape
        rates = generator.rates if generator is not None else np.zeros((0, 0))
        q = rates[..., None] if rates.ndim == 2 else rates[..., self._draws]
        q = np.broadcast_to(q[:, :, None, :], (*q.shape[:2], *shape)).copy()
        at = self.at(cycle, np.array([0]))
        names = self._model.states
        for index, change in enumerate(self._dynamics.changes):
            part = self.weight(index)
            if change.ratio is not None and np.any(part):
                factor = np.power(np.broadcast_to(change.ratio.at(at), (1, *shape))[0], part)
                for source, target in self._model.moves_of(change):
                    q[names.index(source), names.index(target)] *= factor
        states = np.arange(len(q))
        q[states, states] = 0.0
        q[states, states] = -q.sum(axis=1)
        months = generator.per_months if generator is not None else None
        time = 1.0 if months is None else self._model.cycle_months / months
        p = transition_of(q.reshape(len(q), len(q), -1), time)
        for index, edge in enumerate(layout.edges):
            self.p.moves[index] = p[edge.source, edge.target]
        self.p.stays[...] = p[states, states]
        self._set_exit_rates(slice(0, len(q)))


def at_place(
    model: "StateModel",
    cycle: int,
    year: int,
    bands: NDArray[np.int_],
    draws: slice,
    profiles: NDArray[np.int_],
) -> At:
    """Return where numbers are asked for; lanes of profiles run over classes of frailty within each."""
    classes = 1 if model.frailty is None else len(model.frailty.shares)
    return At(cycle, year, bands, draws, profiles // classes, profiles % classes)


def row_changes(row: Row, cycle: int, year: int, year_before: int, turned: Sequence[bool]) -> bool:
    """Whether a row differs from the cycle before."""
    return any(turned[one.index] for acting in row.acting for one in acting) or any(
        value.changes(cycle, year, year_before) for value in row.values()
    )


def check_rows(
    model: "StateModel", option: str, dynamics: Dynamics, block: Callable[[], Iterator[slice]], entry: int
) -> list[str]:
    """Return where probabilities leave 0 to 1 or fill a row over: before anything is simulated."""
    faults = []
    every = np.arange(len(model.profile_weights))
    for row in dynamics.rows:
        if not row.can_overfill:
            continue
        first = dynamics.layout.first_cell[row.state]
        cells = dynamics.layout.cells[first : dynamics.layout.last_cell[row.state] + 1]
        bands = np.array([cell.from_month for cell in cells])
        worst: tuple[float, int, float] | None = None
        for draws in block():
            weights: list[Any] = [None] * len(dynamics.changes)
            for cycle in range(model.cycles - entry):
                new = [c.weight(cycle, model.cycle_months, draws) for c in dynamics.changes]
                turned = [o is None or not np.array_equal(o, n) for o, n in zip(weights, new, strict=True)]
                weights = new
                year, before = (model.calendar_year(entry + cycle - late) for late in (0, 1))
                if cycle and not row_changes(row, cycle, year, before, turned):
                    continue
                at = at_place(model, cycle, year, bands, draws, every)
                exits, stay = evaluate(row, at, weights.__getitem__)
                least = np.asarray(stay)
                for exit_probability in exits:
                    least = np.minimum(least, exit_probability)
                if least.min() < -TOLERANCE and (worst is None or least.min() < worst[0]):
                    shape = (len(bands), len(every), draws.stop - draws.start)
                    share = float((np.broadcast_to(least, shape) < -TOLERANCE).any(axis=(0, 1)).mean())
                    worst = (float(least.min()), cycle, share)
                    limit = _largest_ratio(row, at, weights)
        if worst is not None:
            faults.append(_overfull(option, row, worst, limit, len(dynamics.changes) > 0))
    return faults


def _largest_ratio(row: Row, at: At, weights: Sequence[Any]) -> float | None:
    """Return the largest relative risk that would leave the row whole, where one acts on it."""
    usual, _ = evaluate(row, at, lambda index: 0.0)
    risky = [
        any(one.change.measure == "relative_risk" and np.any(weights[one.index]) for one in acting)
        for acting in row.acting
    ]
    if not any(risky):
        return None
    changed = np.asarray(sum(p for p, own in zip(usual, risky, strict=True) if own))
    other = np.asarray(sum((p for p, own in zip(usual, risky, strict=True) if not own), 0.0))
    with np.errstate(divide="ignore"):
        return float(np.min((1.0 - other) / changed))


def _overfull(
    option: str, row: Row, worst: tuple[float, int, float], limit: float | None, changed: bool
) -> str:
    least, cycle, share = worst
    under = f"under option '{option}' " if changed else ""
    text = (
        f"{under}the moves out of '{row.state}' ({', '.join(row.targets)}) sum to {1 - least:.4g} in cycle "
        f"{cycle} (in {100 * share:.3g}% of the draws)"
    )
    if limit is not None:
        return (
            f"{text}: a relative risk above {limit:.4g} fills the row over; use a hazard_ratio or an "
            "odds_ratio, which cannot, or a smaller ratio"
        )
    return (
        f"{text}, or one of them is negative; lower the probabilities, or give them as rate() or odds(), "
        "which cannot fill a row over"
    )


def matrix(model: "StateModel", dynamics: Dynamics, cycle: int, time_in_state: int) -> Array:
    """Return the probabilities of one cycle, shape (S, S, D), means over profiles."""
    draws, weights = slice(0, model.draw_count), model.profile_weights
    mover = Mover(model, dynamics, draws, np.arange(len(weights)))
    mover.set_to(cycle)
    layout, lanes = dynamics.layout, (len(weights), model.draw_count)
    found = np.zeros((len(model.states), len(model.states), model.draw_count))
    for i, state in enumerate(model.states):
        cell = layout.cells.index(
            next(c for c in reversed(layout.cells) if c.state == state and c.from_month <= time_in_state)
        )
        found[i, i] = weights @ mover.p.stays[cell].reshape(lanes)
        for index, edge in enumerate(layout.edges):
            if edge.source == cell:
                target = model.states.index(edge.move[1])
                found[i, target] = weights @ mover.p.moves[index].reshape(lanes)
    return found


def run_block(
    model: "StateModel",
    dynamics: Dynamics,
    draws: slice,
    profiles: NDArray[np.int_],
    weights: YearWeights,
    counted: frozenset[int],
    entry: int = 0,
) -> YearBins:
    """Follow one block of lanes; bins have lanes (profile by draw) last."""
    mover = Mover(model, dynamics, draws, profiles, entry)
    cells: list[StartCell] = []
    shares = np.empty((len(dynamics.start), len(profiles), draws.stop - draws.start))
    for row, (state, so_far, share) in zip(shares, dynamics.start, strict=True):
        cells.append(start_cell(dynamics.layout, state, so_far))
        row[...] = share.at(at_place(model, 0, 0, np.array([0]), draws, profiles))
    changing = mover.changing
    return follow(
        dynamics.layout,
        cells,
        shares.reshape(len(cells), -1),
        mover.p,
        model.cycles - entry,
        weights,
        mover.update if changing else None,
        changing,
        (),
        counted,
    )


def start_cell(layout: Layout, state: str, so_far: int) -> StartCell:
    """Return the cell of a state in which people are after some completed cycles in it."""
    index = next(
        index
        for index in layout.cells_of(state)
        if layout.cells[index].to_month is None or so_far < (layout.cells[index].to_month or 0)
    )
    cell = layout.cells[index]
    return StartCell(index, 0 if cell.to_month is None else so_far - cell.from_month, "")

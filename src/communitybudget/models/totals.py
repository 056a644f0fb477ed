"""Totals of a state model: bins of the kernel times amounts, by option, reward and agency."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.errors import TransitionError
from communitybudget._core.results import same
from communitybudget.models.conventions import Gathering, Kind, gather, year_of
from communitybudget.models.moves import find_moves
from communitybudget.models.result import ModelRun, RewardRow
from communitybudget.models.rewards import Reward
from communitybudget.models.running import Dynamics, at_place, check_rows, run_block
from communitybudget.models.size import GRAIN, check_size
from communitybudget.models.values import Varying, varying
from communitybudget.simulation.kernel import YearBins
from communitybudget.simulation.layout import Layout
from communitybudget.simulation.weights import YearWeights

if TYPE_CHECKING:
    from communitybudget.models.model import StateModel
    from communitybudget.models.options import Option

Array = NDArray[np.float64]

Entries = tuple[tuple[int, float], ...]

_TRACE_BYTES = 64e6


@dataclass(frozen=True, slots=True)
class Term:
    """One amount of a reward in one place, taken apart by what it varies over.

    Parameters
    ----------
    reward : Reward
        Whose it is.
    place : str
        State or move.
    amount : Varying
        By draw, time in the state and profile, per cycle.
    profile : tuple of ndarray, shape (T,) or (T + 1,)
        By cycle or by point since entry.
    yearly : ndarray, shape (Y,)
        By year of the model.
    """

    reward: Reward
    place: str
    amount: Varying
    profile: tuple[Array, ...]
    yearly: Array


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of the weights, and the year that each of them is of."""

    where: slice
    years: slice | NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Bins:
    """Where the bins of one kind of term stand.

    Parameters
    ----------
    plain, discounted : Rows
        The same where factors by year say all.
    factors : ndarray, shape (Y + 1,), or None
        Discount factors of the plain rows, None where the discounted ones stand apart.
    """

    plain: Rows
    discounted: Rows
    factors: Array | None


@dataclass(frozen=True, slots=True)
class Run:
    """One passage through the cells: options that move people alike, and one group of entrants.

    Parameters
    ----------
    options : tuple of int
        Their places.
    dynamics : Dynamics
        How people move.
    entries : tuple of (cycle, people)
        When they enter.
    entry : int
        Cycle of the model at which the passage starts.
    by_entry : bool
        Whether it is one of several for people who enter at different times.
    weights : YearWeights
        All bins, one below the other.
    bins : list of Bins
        By place of the term in ``terms``.
    terms : tuple of Term
        Of all the options.
    counted : frozenset of int
        Edges whose moves are counted.
    """

    options: tuple[int, ...]
    dynamics: Dynamics
    entries: Entries
    entry: int
    by_entry: bool
    weights: YearWeights
    bins: list[Bins]
    terms: tuple[Term, ...]
    counted: frozenset[int]


def plan_runs(model: "StateModel") -> list[Run]:
    """Return what has to be run: options that differ in rewards alone share a run."""
    groups: list[list[int]] = []
    for index, option in enumerate(model.options):
        for group in groups:
            if _moves_alike(model.options[group[0]], option):
                group.append(index)
                break
        else:
            groups.append([index])
    runs = []
    for group in groups:
        options = [model.options[i] for i in group]
        rewards: list[Reward] = []
        for option in options:
            rewards += [r for r in model.rewards_of(option) if not any(r is other for other in rewards)]
        terms = tuple(term for reward in rewards for term in terms_of(model, reward))
        for start, entries in streams_of(model, options[0]):
            dynamics = model.dynamics(options[0], rewards, start)
            apart = dynamics.by_year and any(entry for entry, _ in entries)
            for own in [(one,) for one in entries] if apart else [entries]:
                runs.append(_plan(model, tuple(group), dynamics, own, apart, terms))
    return runs


def _moves_alike(a: "Option", b: "Option") -> bool:
    return all(same(getattr(a, name), getattr(b, name)) for name in ("changes", "moves", "start", "combine"))


def streams_of(model: "StateModel", option: "Option") -> Iterator[tuple[Any, Entries]]:
    """Yield start mix and entries of those who start, and of those who come later where they differ."""
    stock: Entries = ((0, model.people),) if model.people else ()
    flow: Entries = ()
    if model.intake is not None:
        flow = tuple((int(c), float(model.intake[c])) for c in np.flatnonzero(model.intake))
    own = option.start or model.start
    if not flow or model.intake_start is None:
        yield own, stock + flow
        return
    if stock:
        yield own, stock
    yield model.intake_start, flow


def terms_of(model: "StateModel", reward: Reward) -> list[Term]:
    """Take the amounts of a reward apart; what varies over time and draws at once, cycle by cycle."""
    terms = []
    share = model.cycle_months / 12 if reward.per == "year" else 1.0
    for where, amount in reward.amounts:
        found = [Term(reward, where, varying(share), (), np.ones(model.years))]
        for part in amount.parts:
            if part.over not in ("cycle", "year", "cycle_and_duration"):
                found = [replace(term, amount=term.amount * Varying((part,))) for term in found]
                continue
            first, count = 0, model.cycles + (len(part.values) > model.cycles and not part.steps)
            if part.over == "year":
                first, count = model.calendar_year(0), model.years
            steps = part.starts if part.over != "cycle_and_duration" else range(len(part.values))
            row = np.searchsorted(steps, first + np.arange(count), side="right") - 1
            over = "profile" if part.over != "year" else "yearly"
            if part.draws is None and part.over != "cycle_and_duration":
                found = [_with(term, over, part.values[row]) for term in found]
                continue
            inner = [
                Varying((replace(part, over="duration", values=values),))
                if part.over == "cycle_and_duration"
                else varying(values)
                for values in part.values
            ]
            found = [
                replace(_with(term, over, (row == i).astype(float)), amount=term.amount * inner[i])
                for term in found
                for i in dict.fromkeys(row.tolist())
            ]
        terms += found
    return terms


def _with(term: Term, over: str, factor: Array) -> Term:
    if over == "yearly":
        return replace(term, yearly=term.yearly * factor)
    return replace(term, profile=(*term.profile, factor))


def _plan(
    model: "StateModel",
    options: tuple[int, ...],
    dynamics: Dynamics,
    entries: Entries,
    by_entry: bool,
    terms: tuple[Term, ...],
) -> Run:
    entry = entries[0][0] if by_entry else 0
    left = model.cycles - entry
    rows: list[Array] = []
    known: dict[bytes, Rows] = {}

    def add(found: Gathering) -> Rows:
        """Return where these rows stand, adding those that hold something where none are equal."""
        both = np.concatenate([found.occupancy[:, : left + 1], found.moves[:, :left]], axis=1)
        key = both.tobytes()
        if key not in known:
            used = np.flatnonzero(both.any(axis=1))
            start = sum(len(old) for old in rows)
            rows.append(both[used])
            whole = used.size and used[-1] - used[0] + 1 == used.size
            years = slice(int(used[0]), int(used[-1]) + 1) if whole else used
            known[key] = Rows(slice(start, start + used.size), years)
        return known[key]

    conventions = model.conventions
    bins: list[Bins] = []
    done: dict[tuple[object, ...], Bins] = {}
    for term in terms:
        kind: Kind = "cost" if term.reward.kind == "cost" else "effect"
        key = (kind, *(profile.tobytes() for profile in term.profile), term.yearly.tobytes())
        if key in done:
            bins.append(done[key])
            continue
        args = (conventions, kind, model.cycles, model.cycle_months, entries, term.profile, term.yearly)
        plain = gather(*args, discounted=False)
        if conventions.discounting == "per_year":
            by_year = conventions.year_factors(model.years, kind)
            factors: Array | None = np.append(by_year, by_year[-1])
        else:
            discounted = gather(*args, discounted=True)
            factors = _factors(plain, discounted)
        where = add(plain)
        done[key] = Bins(where, where if factors is not None else add(discounted), factors)
        bins.append(done[key])
    stacked = np.concatenate(rows) if rows else np.zeros((0, 2 * left + 1))
    counted: set[int] = set()
    for term in terms:
        counted.update(edges_of(dynamics.layout, term))
    occupancy = np.ascontiguousarray(stacked[:, : left + 1])
    weights = YearWeights(occupancy, np.ascontiguousarray(stacked[:, left + 1 :]), np.zeros_like(occupancy))
    return Run(options, dynamics, entries, entry, by_entry, weights, bins, terms, frozenset(counted))


def _factors(plain: Gathering, discounted: Gathering) -> Array | None:
    """Return the factor of each year where all that falls in it has one factor, None where it has not."""
    factors = np.ones(len(plain.occupancy))
    for year in range(len(factors)):
        both = np.concatenate([plain.occupancy[year], plain.moves[year]])
        after = np.concatenate([discounted.occupancy[year], discounted.moves[year]])
        used = both != 0
        if used.any():
            ratio = after[used] / both[used]
            if np.abs(ratio - ratio[0]).max() > 1e-15 * ratio[0]:
                return None
            factors[year] = ratio[0]
    return factors


def edges_of(layout: Layout, term: Term) -> list[int]:
    """Return the edges that a term counts, in order."""
    reward = term.reward
    if reward.place in ("in_state", "at_start"):
        return []
    if reward.place == "entering":
        return [i for i, edge in enumerate(layout.edges) if edge.move[1] == term.place]
    if reward.place == "leaving":
        own = {edge.move for edge in layout.edges if edge.move[0] == term.place}
    else:
        own = set(find_moves(term.place, {edge.move for edge in layout.edges})[0])
    return [
        i for i, edge in enumerate(layout.edges) if edge.move in own and inside(layout, edge.source, reward)
    ]


def inside(layout: Layout, cell: int, reward: Reward) -> bool:
    """Whether a cell lies within the time in the state that a reward is for."""
    own = layout.cells[cell]
    return own.from_month >= reward.from_cycle and (
        reward.to_cycle is None or own.from_month < reward.to_cycle
    )


def run_model(
    model: "StateModel", progress: Callable[[int, int], None] | None, block: int | None
) -> ModelRun:
    """Run a model; see `StateModel.run`."""
    runs = plan_runs(model)
    size = check_size(model, runs)
    draws = model.draw_count
    per_block = size.block if block is None else max(-(-block // GRAIN), 1) * GRAIN
    blocks = [slice(i, min(i + per_block, draws)) for i in range(0, draws, per_block)]
    faults = [
        fault
        for run in runs
        for fault in check_rows(
            model, model.options[run.options[0]].name, run.dynamics, lambda: iter(blocks), run.entry
        )
    ]
    if faults:
        raise TransitionError("\n".join(dict.fromkeys(faults)))
    rows = _reward_rows(model)
    shape = (len(rows), len(model.options))
    amounts = np.zeros((2, *shape, draws))
    yearly = _Yearly((2, *shape, model.years))
    groups = {run.options: [r for r in runs if r.options == run.options] for run in runs}
    for done, own in enumerate(blocks):
        for options, group in groups.items():
            by_year = np.zeros((2, len(rows), len(options), model.years, own.stop - own.start))
            for run in group:
                _add_amounts(model, run, rows, own, size.lanes, by_year)
            for basis, row, place_of in np.ndindex(by_year.shape[:3]):
                where = (basis, row, options[place_of])
                yearly.add(own.start, where, by_year[basis, row, place_of])
                amounts[(*where, own)] = _sum_years(by_year[basis, row, place_of])
        if progress is not None:
            progress(done + 1, len(blocks))
    means, sds = yearly.finish(draws)
    return ModelRun(model, rows, amounts, means, sds)


def _sum_years(amount: Array) -> Array:
    total: Array = amount[0].copy()
    for year in range(1, len(amount)):
        total += amount[year]
    return total


def _in_grains(so_far: Array, amount: Array) -> Array:
    """Add amounts (Y, draws) grain by grain to a sum (Y,), one grain after the other."""
    whole = amount.shape[1] // GRAIN * GRAIN
    grains = amount[:, :whole].reshape(len(amount), -1, GRAIN).sum(axis=-1)
    rest = amount[:, whole:].sum(axis=-1, keepdims=True)
    found: Array = np.add.accumulate(np.concatenate([so_far[:, None], grains, rest], axis=1), axis=1)[:, -1]
    return found


class _Yearly:
    """Mean and standard deviation by year, gathered block by block in an order that blocks do not change."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self._sums, self._squares, self._centres = np.zeros(shape), np.zeros(shape), np.zeros(shape)

    def add(self, first: int, where: tuple[int, ...], amount: Array) -> None:
        """Add amounts (Y, draws) of a block that begins at a multiple of the grain."""
        if first == 0:
            self._centres[where] = amount[:, 0]
        apart = amount - self._centres[where][:, None]
        self._sums[where] = _in_grains(self._sums[where], apart)
        self._squares[where] = _in_grains(self._squares[where], apart * apart)

    def finish(self, draws: int) -> tuple[Array, Array]:
        """Return means and standard deviations."""
        apart = self._sums / draws
        spread = np.maximum(self._squares - draws * apart**2, 0.0) / max(draws - 1, 1)
        return self._centres + apart, np.sqrt(spread)


def _reward_rows(model: "StateModel") -> tuple[RewardRow, ...]:
    rows: dict[RewardRow, None] = {}
    for option in model.options:
        for reward in model.rewards_of(option):
            rows[row_of(reward)] = None
    return tuple(rows)


def row_of(reward: Reward) -> RewardRow:
    """Return the row of the totals in which a reward is counted."""
    return RewardRow(reward.name, reward.kind, reward.agency, reward.value_type)


def _add_amounts(
    model: "StateModel", run: Run, rows: Sequence[RewardRow], draws: slice, lanes: int, by_year: Array
) -> None:
    """Add the amounts of one run to ``by_year``, shape (basis, row, option, Y, draws)."""
    weights = model.profile_weights
    chunk = max(lanes // (draws.stop - draws.start), 1)
    for first in range(0, len(weights), chunk):
        profiles = np.arange(first, min(first + chunk, len(weights)))
        bins = run_block(model, run.dynamics, draws, profiles, run.weights, run.counted, run.entry)
        for row, key in enumerate(rows):
            of_row = [i for i, term in enumerate(run.terms) if row_of(term.reward) == key]
            by_term = _Terms(model, run, bins, draws, profiles)
            for place_of, option in enumerate(run.options):
                own = model.rewards_of(model.options[option])
                places = [i for i in of_row if any(run.terms[i].reward is reward for reward in own)]
                for basis in (0, 1) if places else ():
                    found = by_term.amount(places[0], basis)
                    for i in places[1:]:
                        found = found + by_term.amount(i, basis)
                    total = by_year[basis, row, place_of]
                    for p, profile in enumerate(profiles):
                        part = found[:, p] if len(weights) == 1 else found[:, p] * weights[profile]
                        total += part[:-1]
                        total[-1] += part[-1]


class _Terms:
    """Amounts of the terms of one row and block, each worked out once for all options."""

    def __init__(
        self, model: "StateModel", run: Run, bins: YearBins, draws: slice, profiles: NDArray[np.int_]
    ) -> None:
        self._model, self._run, self._bins = model, run, bins
        self._draws, self._profiles = draws, profiles
        self._done: dict[tuple[int, int], Array] = {}

    def amount(self, index: int, basis: int) -> Array:
        """Return the amounts of a term, shape (Y + 1, P, draws)."""
        own = self._run.bins[index]
        if own.factors is not None and self._run.terms[index].reward.place != "at_start":
            if (index, 0) not in self._done:
                self._done[index, 0] = self._work_out(index, own.plain, 0)
            plain = self._done[index, 0]
            return plain if basis == 0 else plain * own.factors[:, None, None]
        if (index, basis) not in self._done:
            self._done[index, basis] = self._work_out(index, own.discounted if basis else own.plain, basis)
        return self._done[index, basis]

    def _work_out(self, index: int, rows: Rows, basis: int) -> Array:
        term, layout = self._run.terms[index], self._run.dynamics.layout
        shape = (self._model.years + 1, len(self._profiles), self._draws.stop - self._draws.start)
        if term.reward.place == "at_start":
            return self._at_start(term, index, basis, shape)
        if term.reward.place == "in_state":
            found = [(c, c) for c in layout.cells_of(term.place) if inside(layout, c, term.reward)]
            table = self._bins.occupancy
        else:
            found = [(edge, layout.edges[edge].source) for edge in edges_of(layout, term)]
            table = self._bins.moves
        total = np.zeros(shape)
        by_duration = term.amount.over("duration")
        for lane, cell in found:
            in_years = table[rows.where, lane].reshape(-1, *shape[1:])
            if by_duration:
                bands = np.array([layout.cells[cell].from_month])
                total[rows.years] += in_years * self._value(term, bands)
            else:
                total[rows.years] += in_years
        return total if by_duration else total * self._value(term, np.array([0]))

    def _value(self, term: Term, bands: NDArray[np.int_]) -> Any:
        where = at_place(self._model, 0, self._model.calendar_year(0), bands, self._draws, self._profiles)
        value = np.asarray(term.amount.at(where))
        return value[0] if value.ndim == 3 else value

    def _at_start(self, term: Term, index: int, basis: int, shape: tuple[int, ...]) -> Array:
        """Once for each person, when they enter."""
        years = np.zeros(shape[0])
        for entry, people in self._run.entries:
            year, amount = at_entry(self._model, term, entry, people, basis == 1)
            years[year] += amount
        each = np.broadcast_to(self._value(term, np.array([0])), shape[1:])
        return np.asarray(years[:, None, None] * each)


def at_entry(
    model: "StateModel", term: Term, entry: int, people: float, discounted: bool
) -> tuple[int, float]:
    """Return the year of an entry and the weight of what counts once at it; time zero is not discounted."""
    kind: Kind = "cost" if term.reward.kind == "cost" else "effect"
    conventions = replace(model.conventions, first_point="undiscounted")
    year = int(year_of(np.array(entry), model.cycle_months))
    weight = people * term.yearly[year]
    for profile in term.profile:
        weight = weight * profile[0]
    if discounted and conventions.discounting == "per_year":
        weight = weight * conventions.year_factors(model.years, kind)[year]
    elif discounted:
        weight = weight * conventions.cycle_factors(np.array([float(entry)]), model.cycle_months, kind)[0]
    return year, float(weight)


def trace(model: "StateModel", option: "Option", draws: int) -> Array:
    """Return the people in each state at each point, shape (T + 1, S, draws)."""
    weights = model.profile_weights
    result = np.zeros((model.cycles + 1, len(model.states), draws))
    for start, entries in streams_of(model, option):
        dynamics = model.dynamics(option, (), start)
        apart = dynamics.by_year and any(entry for entry, _ in entries)
        lanes = max(int(_TRACE_BYTES / (24 * (model.cycles + 1) * len(dynamics.layout.cells))), 1)
        for own in [(one,) for one in entries] if apart else [entries]:
            entry = own[0][0] if apart else 0
            left = model.cycles - entry
            occupancy = np.zeros((left + 1, left + 1))
            for late, people in own:
                occupancy += people * np.eye(left + 1, left + 1, entry - late)
            gathered = YearWeights(occupancy, np.zeros((left + 1, left)), np.zeros_like(occupancy))
            for first in range(0, draws, lanes):
                block = slice(first, min(first + lanes, draws))
                chunk = max(lanes // (block.stop - block.start), 1)
                for p in range(0, len(weights), chunk):
                    profiles = np.arange(p, min(p + chunk, len(weights)))
                    bins = run_block(model, dynamics, block, profiles, gathered, frozenset(), entry)
                    for s, state in enumerate(model.states):
                        for cell in dynamics.layout.cells_of(state):
                            people_in = bins.occupancy[:, cell].reshape(left + 1, len(profiles), -1)
                            for k, profile in enumerate(profiles):
                                result[entry:, s, block] += people_in[:, k] * weights[profile]
    return result

"""The reference probabilistic sensitivity analysis, and two usual ways to write it in numpy.

10 states, 40 moves, 2 options, 8 agencies, 120 months in 10 years, 10,000 draws. The rates and the
monthly cost of each state to each agency differ in every draw. The result is the cost by option,
year, agency and draw.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from communitybudget.pathways import Rate
from communitybudget.simulation import BLOCK, build_layout
from communitybudget.simulation.kernel import Probabilities, follow, probabilities
from communitybudget.simulation.layout import Layout, StartCell
from communitybudget.simulation.weights import YearWeights, year_weights

Array = NDArray[np.float64]

STATES, OPTIONS, AGENCIES, YEARS, DRAWS = 10, 2, 8, 10, 10_000
STEPS = (1, 2, 3, 7)
"""State i has a move to the states so many places on, counted round."""
NO_EVENTS = 0


def moves_changed(states: int, fan_out: int) -> list[int]:
    """Return the moves that the second option changes: two out of each of three states."""
    return [fan_out * (state % states) + move for state in (0, 2, 5) for move in (0, 1)]


CHANGED = tuple(moves_changed(STATES, len(STEPS)))


@dataclass(frozen=True)
class Workload:
    """Inputs: monthly rates by option (O, E, D), costs (S, K, D) and the layout of the moves."""

    layout: Layout
    rates: Array
    log_hazard_ratio: Array
    costs: Array
    weights: YearWeights

    @property
    def draws(self) -> int:
        """Number of draws."""
        return self.rates.shape[-1]

    @property
    def states(self) -> int:
        """Number of states."""
        return len(self.layout.cells)

    @property
    def months(self) -> int:
        """Number of monthly cycles."""
        return self.weights.events.shape[1]


def make_layout(states: int = STATES, steps: tuple[int, ...] = STEPS) -> Layout:
    """Return states, each with moves to some others, none cut into bands of time."""
    names = [f"s{i}" for i in range(states)]
    rates = [
        Rate((names[i], names[(i + step) % states]), 0, None, f"r{i}_{step}", "")
        for i in range(states)
        for step in steps
    ]
    return build_layout(names, rates)


def make_workload(
    draws: int = DRAWS, years: int = YEARS, states: int = STATES, steps: tuple[int, ...] = STEPS
) -> Workload:
    """Return the inputs; the second option has a hazard ratio of about 0.7 on 6 moves."""
    layout = make_layout(states, steps)
    random = np.random.default_rng(1)
    base = random.gamma(2.0, 0.02, (len(layout.edges), 1)) * random.lognormal(
        0.0, 0.2, (len(layout.edges), draws)
    )
    log_hazard_ratio = random.normal(np.log(0.7), 0.1, draws)
    changed = base.copy()
    changed[moves_changed(states, len(steps))] *= np.exp(log_hazard_ratio)
    costs = random.gamma(4.0, 100.0, (states, AGENCIES, draws))
    return Workload(layout, np.stack([base, changed]), log_hazard_ratio, costs, year_weights(years))


START = (StartCell(0, 0, ""),)


class Kernel:
    """The job by the library's kernel, from probabilities that are ready beforehand (not timed)."""

    def __init__(self, work: Workload, block: int = BLOCK, options: int = OPTIONS) -> None:
        self.work = work
        self.options = options
        self.blocks = [slice(i, min(i + block, work.draws)) for i in range(0, work.draws, block)]
        self.ready = [
            [self._probabilities(option, lanes) for option in range(options)] for lanes in self.blocks
        ]

    def _probabilities(self, option: int, lanes: slice) -> Probabilities:
        rates = np.ascontiguousarray(self.work.rates[option, :, lanes])
        return probabilities(self.work.layout, rates, np.empty((NO_EVENTS, rates.shape[1])))

    def __call__(self) -> Array:
        """Return the costs (O, Y, K, D); costs are applied to year bins once."""
        work = self.work
        years = work.weights.occupancy.shape[0]
        result = np.empty((self.options, years, AGENCIES, work.draws))
        for lanes, ready in zip(self.blocks, self.ready, strict=True):
            shares = np.ones((1, lanes.stop - lanes.start))
            costs = work.costs[:, :, lanes]
            for option, p in enumerate(ready):
                bins = follow(work.layout, START, shares, p, work.months, work.weights, counted=frozenset())
                for year in range(years):
                    np.einsum("sd,skd->kd", bins.occupancy[year], costs, out=result[option, year, :, lanes])
        return result


def by_kernel(work: Workload, block: int = BLOCK) -> Array:
    """Return the costs (O, Y, K, D) by the kernel."""
    return Kernel(work, block)()


def _transition(work: Workload) -> tuple[Array, Array, Array, Array]:
    """Return monthly probabilities (O, D, E) of the moves and (O, D, S) of staying, and their indices."""
    events = np.empty((NO_EVENTS, work.draws))
    found = [probabilities(work.layout, rates, events) for rates in work.rates]
    moves = np.ascontiguousarray(np.stack([p.moves for p in found]).transpose(0, 2, 1))
    stays = np.ascontiguousarray(np.stack([p.stays for p in found]).transpose(0, 2, 1))
    source = np.array([edge.source for edge in work.layout.edges])
    target = np.array([edge.target for edge in work.layout.edges])
    return moves, stays, source, target


class Usual:
    """The same job without the library, from probabilities that are ready beforehand (not timed)."""

    def __init__(self, work: Workload) -> None:
        self.work = work
        self.moves, self.stays, self.source, self.target = _transition(work)
        self.costs = np.ascontiguousarray(work.costs.transpose(2, 0, 1))

    def matrices(self, option: int, lanes: slice) -> Array:
        """Return the monthly transition matrices of some draws (draws, S, S)."""
        states = self.work.states
        p = np.zeros((lanes.stop - lanes.start, states, states))
        p[:, self.source, self.target] = self.moves[option, lanes]
        p[:, np.arange(states), np.arange(states)] = self.stays[option, lanes]
        return p

    def by_loop(self, draws: int) -> Array:
        """Return the costs of the first draws (O, Y, K, draws), one draw at a time.

        The matrix is built once for a draw, months are multiplied through, and the years and the
        costs are two matrix products at the end.
        """
        work = self.work
        years = work.weights.occupancy.shape[0]
        result = np.empty((draws, OPTIONS, years, AGENCIES))
        states = work.states
        trace = np.empty((work.months + 1, states))
        diagonal = np.arange(states)
        for draw in range(draws):
            for option in range(OPTIONS):
                p = np.zeros((states, states))
                p[self.source, self.target] = self.moves[option, draw]
                p[diagonal, diagonal] = self.stays[option, draw]
                x = np.zeros(states)
                x[0] = 1.0
                trace[0] = x
                for month in range(work.months):
                    x = x @ p
                    trace[month + 1] = x
                result[draw, option] = work.weights.occupancy @ trace @ self.costs[draw]
        return np.moveaxis(result, 0, -1)

    def by_einsum(self, block: int = 1024) -> Array:
        """Return the costs (O, Y, K, D) by one dense product a month, draws last, costed at the end.

        The quickest way in numpy where most moves exist, from the study that set the targets.
        """
        work = self.work
        years = work.weights.occupancy.shape[0]
        result = np.empty((OPTIONS, years, AGENCIES, work.draws))
        for start in range(0, work.draws, block):
            lanes = slice(start, min(start + block, work.draws))
            costs = work.costs[:, :, lanes]
            for option in range(OPTIONS):
                p = np.ascontiguousarray(self.matrices(option, lanes).transpose(1, 2, 0))
                trace = np.zeros((work.months + 1, work.states, p.shape[2]))
                trace[0, 0] = 1.0
                for month in range(work.months):
                    np.einsum("sd,std->td", trace[month], p, out=trace[month + 1])
                for year in range(years):
                    # only the thirteen month-ends that bear on the year
                    own = slice(12 * year, 12 * year + 13)
                    bins = np.tensordot(work.weights.occupancy[year, own], trace[own], 1)
                    np.einsum("sd,skd->kd", bins, costs, out=result[option, year, :, lanes])
        return result

    def by_matmul(self, block: int = 1000) -> Array:
        """Return the costs (O, Y, K, D) by batched matrix products over draws, costed every month."""
        work = self.work
        years = work.weights.occupancy.shape[0]
        result = np.zeros((OPTIONS, years, work.draws, AGENCIES))
        for start in range(0, work.draws, block):
            lanes = slice(start, min(start + block, work.draws))
            size = lanes.stop - start
            for option in range(OPTIONS):
                p = self.matrices(option, lanes)
                x = np.zeros((size, 1, work.states))
                x[:, 0, 0] = 1.0
                for month in range(work.months):
                    after = x @ p
                    in_month = (x + after) / 2
                    result[option, month // 12, lanes] += (in_month @ self.costs[lanes])[:, 0]
                    x = after
        return np.moveaxis(result, -1, 2)

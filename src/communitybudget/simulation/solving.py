"""The hazard ratio that reproduces what a study measured, solved on the pathway in use.

A ratio of prevalences at 19 to 24 months is not a monthly hazard ratio: people who were already
in the state dilute it, and the programme takes months to act. The hazard ratio is solved until
the simulated outcome falls by the measured ratio.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.errors import EffectError
from communitybudget.pathways import Effect, Outcome, Timing
from communitybudget.simulation.acting import Acting, ActingEffects, cells_changed
from communitybudget.simulation.kernel import follow, probabilities
from communitybudget.simulation.layout import FirstPassage, Layout, StartCell, first_passage
from communitybudget.simulation.weights import YearWeights

Array = NDArray[np.float64]

Outcomes = Callable[[Array], Array]

_LOWEST, _HIGHEST = -7.0, 4.0
_LOWEST_RATIO, _HIGHEST_RATIO, _STEP = -1.0, 0.5, 0.25
_NUDGE = 1e-5
_CLOSE, _TOLERATED = 1e-12, 1e-9


@dataclass(frozen=True, slots=True)
class Population:
    """The families a study measured, at central rates.

    Parameters
    ----------
    layout : Layout
        Of the pathway and profile.
    starts : tuple of StartCell
        Where they start.
    shares : ndarray, shape (N,)
        Start mix.
    rates, event_rates : ndarray, shape (E,) and (V,)
        Monthly.
    outcomes : mapping of str to Outcome
        Of the pathway.
    """

    layout: Layout
    starts: tuple[StartCell, ...]
    shares: Array
    rates: Array
    event_rates: Array
    outcomes: Mapping[str, Outcome]


@dataclass(frozen=True, slots=True)
class SolvedEffects:
    """Log hazard ratios as functions of the log ratios of the measured outcomes, solved together.

    Parameters
    ----------
    keys : tuple of str
        The effects, N of them.
    axes : tuple of ndarray
        Log ratios of each outcome on the grid, ascending; 0 and the central ratio are among them.
    log_hazard_ratios : ndarray, shape (N, K1, ..., KN)
        Log hazard ratio of each effect at each node of the grid.
    without, with_effect : tuple of float
        Outcomes in business as usual and with the central ratios, in the model.
    central : tuple of float
        Log hazard ratios at the central ratios.
    """

    keys: tuple[str, ...]
    axes: tuple[Array, ...]
    log_hazard_ratios: Array
    without: tuple[float, ...]
    with_effect: tuple[float, ...]
    central: tuple[float, ...]

    def hazards(self, log_ratios: Array) -> Array:
        """Return the log hazard ratios for log ratios of the outcomes.

        Parameters
        ----------
        log_ratios : ndarray, shape (N, D)
            Of each outcome in each draw.

        Returns
        -------
        ndarray, shape (N, D)
            Interpolated on the grid, straight on beyond it; exactly 0 where all log ratios are 0.
        """
        cells, shares = [], []
        for axis, value in zip(self.axes, log_ratios, strict=True):
            cell = np.clip(np.searchsorted(axis, value, side="right") - 1, 0, axis.size - 2)
            cells.append(cell)
            shares.append((value - axis[cell]) / (axis[cell + 1] - axis[cell]))
        result = np.zeros_like(log_ratios, dtype=float)
        for corner in product((0, 1), repeat=len(self.axes)):
            weight = np.ones(log_ratios.shape[1])
            for side, share in zip(corner, shares, strict=True):
                weight = weight * (share if side else 1 - share)
            place = tuple(cell + side for cell, side in zip(cells, corner, strict=True))
            result += weight * self.log_hazard_ratios[(slice(None), *place)]
        return np.where((log_ratios == 0).all(axis=0), 0.0, result)

    @property
    def reachable_from(self) -> tuple[float, ...]:
        """Lowest log ratio of each outcome on the grid; beyond it the hazard goes straight on."""
        return tuple(float(axis[0]) for axis in self.axes)


def measure_outcome(
    population: Population,
    effect: Effect,
    log_hazards: Sequence[Array],
    acting: Sequence[tuple[Effect, Timing]],
) -> Array:
    """Return the outcome of an effect for several log hazard ratios at once.

    Parameters
    ----------
    population : Population
        Whom the study measured.
    effect : Effect
        Names the outcome, statistic and window.
    log_hazards : sequence of ndarray, shape (L,)
        For each acting effect.
    acting : sequence of (Effect, Timing)
        All effects that act.

    Returns
    -------
    ndarray, shape (L,)
        Share of people: mean of the month-ends of the window, or share ever by its end.
    """
    lanes = log_hazards[0].size
    outcome = population.outcomes[effect.outcome]
    last = effect.window[1]
    layout, rates = population.layout, population.rates
    passage: FirstPassage | None = None
    if effect.statistic == "cumulative":
        passage = first_passage(population.layout, outcome)
        layout = passage.layout
        source = {"edge": population.rates, "event": population.event_rates}
        rates = np.array([source[kind][index] * share for kind, index, share in passage.rows])
    lane_rates = np.repeat(rates[:, None], lanes, axis=1)
    lane_events = np.repeat(population.event_rates[: len(layout.events), None], lanes, axis=1)
    p = probabilities(layout, lane_rates, lane_events.copy())
    effects = [Acting(e.moves, log, timing) for (e, timing), log in zip(acting, log_hazards, strict=True)]
    occupancy = np.zeros((1, last + 1))
    if effect.statistic == "prevalence":
        first = effect.window[0]
        occupancy[0, first:] = 1 / (last + 1 - first)
    else:
        occupancy[0, last] = 1.0
    bins = follow(
        layout,
        population.starts,
        np.repeat(population.shares[:, None], lanes, axis=1),
        p,
        last,
        YearWeights(occupancy, np.zeros((1, last)), np.zeros((1, last + 1))),
        ActingEffects(layout, lane_rates, lane_events, effects),
        cells_changed(layout, effects),
    )
    if passage is not None:
        return np.asarray(bins.occupancy[0, passage.cell])
    cells = layout.cells_of(str(outcome.state))
    total = np.zeros(lanes)
    for cell in cells:
        total += bins.occupancy[0, cell]
    return total


def target_outcome(without: float, log_ratio: Array, measure: str) -> Array:
    """Return the outcome that a relative risk or an odds ratio asks for."""
    if measure == "relative_risk":
        return np.asarray(without * np.exp(log_ratio))
    odds = without / (1 - without) * np.exp(log_ratio)
    return np.asarray(odds / (1 + odds))


def solve_together(
    population: Population,
    effects: Sequence[tuple[Effect, Timing, float]],
    nodes: Mapping[str, Sequence[float]],
) -> SolvedEffects:
    """Solve the effects of one study on one pathway, so that all their outcomes are met together.

    Parameters
    ----------
    population : Population
        Whom the study measured.
    effects : sequence of (Effect, Timing, float)
        Each with the central log ratio of its outcome.
    nodes : mapping of str to sequence of float
        Further log ratios that the grid meets exactly, by key of the effect.

    Returns
    -------
    SolvedEffects

    Raises
    ------
    EffectError
        If no hazard ratios on those moves produce the central ratios.
    """
    acting = [(effect, timing) for effect, timing, _ in effects]
    central = np.array([[log_ratio] for _, _, log_ratio in effects])
    at_centre = _newton(population, acting, central)
    if not np.isfinite(at_centre).all():
        words = "; ".join(
            f"{effect.key} asks for a ratio of {np.exp(log_ratio):.3f} in {effect.outcome}"
            for effect, _, log_ratio in effects
        )
        raise EffectError(
            f"no hazard ratios on the moves produce what the effects ask for ({words}), since people already "
            "there dilute it; let the effects act on more moves, or earlier, or use ratios nearer to 1"
        )
    lowest, highest = _LOWEST_RATIO, _HIGHEST_RATIO
    while True:
        axes = tuple(
            _axis(lowest, highest, log_ratio, nodes.get(effect.key, ()), len(effects))
            for effect, _, log_ratio in effects
        )
        grid = np.array([g.ravel() for g in np.meshgrid(*axes, indexing="ij")])
        hazards = _newton(population, acting, grid)
        out_of_reach = grid[:, ~np.isfinite(hazards).all(axis=0)]
        if out_of_reach.size == 0:
            break
        # what no hazard ratios produce lies towards a corner: draw the grid in from that side
        if lowest == -_STEP / 4 and highest == _STEP / 4:
            raise EffectError(
                f"the hazard ratios of {', '.join(effect.key for effect, _ in acting)} cannot be solved on "
                "this pathway; let the effects act on other moves, or earlier"
            )
        falls, rises = (out_of_reach < 0).any(), (out_of_reach > 0).any()
        lowest = min(lowest + _STEP, -_STEP / 4) if falls else lowest
        highest = max(highest - _STEP, _STEP / 4) if rises else highest
    values = hazards.reshape((len(effects), *(axis.size for axis in axes)))
    both = np.concatenate([np.zeros((len(effects), 1)), at_centre], axis=1)
    outcomes = [measure_outcome(population, effect, list(both), acting) for effect, _ in acting]
    return SolvedEffects(
        keys=tuple(effect.key for effect, _ in acting),
        axes=axes,
        log_hazard_ratios=values,
        without=tuple(float(outcome[0]) for outcome in outcomes),
        with_effect=tuple(float(outcome[1]) for outcome in outcomes),
        central=tuple(float(value) for value in at_centre[:, 0]),
    )


def _axis(lowest: float, highest: float, central: float, nodes: Sequence[float], effects: int) -> Array:
    """Return the nodes of one axis: coarser where several effects span the grid."""
    count = {1: 31, 2: 11}.get(effects, 6)
    low, high = min(lowest, central), max(highest, central)
    even = np.linspace(low, high, count)
    exact = np.array([0.0, central, *(n for n in nodes if low <= n <= high)])
    apart = even[np.abs(even[:, None] - exact[None, :]).min(axis=1) > 0.02]
    return np.unique(np.concatenate([apart, exact]))


def _newton(population: Population, acting: Sequence[tuple[Effect, Timing]], log_ratios: Array) -> Array:
    """Return the log hazard ratios (N, T) that meet T sets of log ratios (N, T); NaN where none do.

    Newton's method on the logarithms of the outcomes, all sets at once; slopes by small steps.
    """
    count, targets = log_ratios.shape
    none = [np.zeros(1) for _ in acting]
    goal = np.empty((count, targets))
    for k, (effect, _) in enumerate(acting):
        without = float(measure_outcome(population, effect, none, acting)[0])
        goal[k] = np.log(target_outcome(without, log_ratios[k], effect.measure))

    def outcomes(hazards: Array) -> Array:
        rows = [measure_outcome(population, effect, list(hazards), acting) for effect, _ in acting]
        return np.log(np.maximum(np.array(rows), 1e-300))

    current = log_ratios * np.sign(_slopes(outcomes, np.zeros((count, 1)))[:, :, 0].diagonal())[:, None]
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(40):
            gap, slopes = _gap_and_slopes(outcomes, current, goal)
            if np.abs(gap).max() < _CLOSE:
                break
            step = np.linalg.solve(
                np.moveaxis(slopes, -1, 0) + 1e-12 * np.eye(count), np.moveaxis(gap, -1, 0)[:, :, None]
            )
            move = np.clip(np.moveaxis(step[:, :, 0], 0, -1), -1.0, 1.0)
            current = np.clip(current - move, _LOWEST, _HIGHEST)
        gap, _ = _gap_and_slopes(outcomes, current, goal)
    return np.where((np.abs(gap) < _TOLERATED).all(axis=0), current, np.nan)


def _gap_and_slopes(outcomes: Outcomes, current: Array, goal: Array) -> tuple[Array, Array]:
    """Return the gap (N, T) to the goal and the slopes (N, N, T), from one run of all lanes."""
    count, targets = current.shape
    points = [current]
    for k in range(count):
        moved = current.copy()
        moved[k] += _NUDGE
        points.append(moved)
    values = outcomes(np.concatenate(points, axis=1)).reshape(count, count + 1, targets)
    slopes = (values[:, 1:] - values[:, :1]) / _NUDGE
    return values[:, 0] - goal, slopes


def _slopes(outcomes: Outcomes, at: Array) -> Array:
    return _gap_and_slopes(outcomes, at, np.zeros_like(at))[1]

"""The hazard ratio that reproduces what a study measured, solved on the pathway in use.

A ratio of prevalences at 19 to 24 months is not a monthly hazard ratio: people who were already
in the state dilute it, and the programme takes months to act. The hazard ratio is solved until
the simulated outcome falls by the measured ratio.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.errors import EffectError
from communitybudget.pathways import Effect, Outcome, Timing
from communitybudget.simulation.acting import Acting, ActingEffects, cells_changed
from communitybudget.simulation.kernel import follow, probabilities
from communitybudget.simulation.layout import FirstPassage, Layout, StartCell, first_passage
from communitybudget.simulation.weights import YearWeights

Array = NDArray[np.float64]

_LOWEST, _HIGHEST = -7.0, 4.0


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
class SolvedEffect:
    """Log hazard ratio as a function of the log ratio of the measured outcome.

    Parameters
    ----------
    key : str
        The effect.
    log_ratio, log_hazard_ratio : ndarray, shape (K,)
        Nodes of the curve, ascending in ``log_ratio``.
    without, with_effect : float
        Outcome in business as usual and with the central ratio, in the model.
    central_log_ratio, central_log_hazard_ratio : float
        At the central ratio.
    reachable_from : float
        Lowest log ratio that any hazard ratio can produce in the model; beyond it the curve goes
        on as a straight line of logarithms.
    """

    key: str
    log_ratio: Array
    log_hazard_ratio: Array
    without: float
    with_effect: float
    central_log_ratio: float
    central_log_hazard_ratio: float
    reachable_from: float

    def hazard(self, log_ratio: Array) -> Array:
        """Return the log hazard ratio for log ratios of the outcome; exactly 0 for 0."""
        x, y = self.log_ratio, self.log_hazard_ratio
        inside = np.interp(log_ratio, x, y)
        below = y[0] + (log_ratio - x[0]) * (y[1] - y[0]) / (x[1] - x[0])
        above = y[-1] + (log_ratio - x[-1]) * (y[-1] - y[-2]) / (x[-1] - x[-2])
        result = np.where(log_ratio < x[0], below, np.where(log_ratio > x[-1], above, inside))
        return np.where(log_ratio == 0, 0.0, result)


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
) -> dict[str, SolvedEffect]:
    """Solve the effects of one study on one pathway, so that all their outcomes are met together.

    Parameters
    ----------
    population : Population
        Whom the study measured.
    effects : sequence of (Effect, Timing, float)
        Each with the central log ratio of its outcome.
    nodes : mapping of str to sequence of float
        Further log ratios that the curve of an effect must meet exactly.

    Returns
    -------
    dict of str to SolvedEffect

    Raises
    ------
    EffectError
        If no hazard ratio on those moves produces the central ratio.
    """
    acting = [(effect, timing) for effect, timing, _ in effects]
    central = np.zeros(len(effects))
    rounds = 1 if len(effects) == 1 else 12
    for _ in range(rounds):
        before = central.copy()
        for k, (effect, _, log_ratio) in enumerate(effects):
            central[k] = _solve(population, acting, k, central, np.array([log_ratio]))[0]
            if not np.isfinite(central[k]):
                raise EffectError(
                    f"{effect.key}: no hazard ratio on {_moves(effect)} gives a ratio of "
                    f"{np.exp(log_ratio):.3f} in {effect.outcome}, since people already there dilute it; "
                    "let the effect act on more moves, or earlier, or use a ratio nearer to 1"
                )
        if np.abs(central - before).max() < 1e-10:
            break
    solved = {}
    for k, (effect, _, log_ratio) in enumerate(effects):
        grid = np.unique(np.r_[np.linspace(-1.5, 1.0, 41), 0.0, log_ratio, list(nodes.get(effect.key, ()))])
        hazard = _solve(population, acting, k, central, grid)
        found = np.isfinite(hazard)
        hazard[grid == log_ratio] = central[k]
        values = [np.array([0.0, central[j]]) for j in range(len(effects))]
        values[k] = np.array([0.0, central[k]])
        outcome = measure_outcome(population, effect, values, acting)
        solved[effect.key] = SolvedEffect(
            key=effect.key,
            log_ratio=grid[found],
            log_hazard_ratio=hazard[found],
            without=float(outcome[0]),
            with_effect=float(outcome[1]),
            central_log_ratio=log_ratio,
            central_log_hazard_ratio=float(central[k]),
            reachable_from=float(grid[found][0]),
        )
    return solved


def _moves(effect: Effect) -> str:
    return ", ".join(f"{a} -> {b}" for a, b in effect.moves)


def _solve(
    population: Population,
    acting: Sequence[tuple[Effect, Timing]],
    which: int,
    others: Array,
    log_ratios: Array,
) -> Array:
    """Bisect, all targets at once; NaN where the target is out of reach."""
    effect = acting[which][0]

    def outcome(log_hazard: Array) -> Array:
        values = [np.full(log_hazard.size, others[j]) for j in range(len(acting))]
        values[which] = log_hazard
        return measure_outcome(population, effect, values, acting)

    none = [np.zeros(1) for _ in acting]
    without = float(measure_outcome(population, effect, none, acting)[0])
    target = target_outcome(without, log_ratios, effect.measure)
    low = np.full(target.size, _LOWEST)
    high = np.full(target.size, _HIGHEST)
    at_low, at_high = outcome(low) - target, outcome(high) - target
    reachable = at_low * at_high <= 0
    # regula falsi (Illinois): keeps the bracket, a dozen steps to full precision
    for _ in range(60):
        step = np.where(at_high != at_low, at_high - at_low, 1.0)
        middle = np.clip(high - at_high * (high - low) / step, np.minimum(low, high), np.maximum(low, high))
        value = outcome(middle) - target
        same = value * at_high > 0
        low = np.where(same, low, high)
        at_low = np.where(same, at_low / 2, at_high)
        high, at_high = middle, value
        if np.all(np.abs(value[reachable]) < 1e-13):
            break
    return np.where(reachable, high, np.nan)

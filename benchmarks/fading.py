"""A hazard ratio on 6 of 40 moves that ramps, holds and fades, against one that is constant."""

from collections.abc import Callable, Iterator

import numpy as np
from reference import CHANGED, NO_EVENTS, START, make_workload
from timing import Row, in_turn

from communitybudget.pathways import Timing
from communitybudget.simulation import BLOCK
from communitybudget.simulation.acting import Acting, ActingEffects, cells_changed
from communitybudget.simulation.kernel import follow, probabilities

SHARED = Timing(lag=3.0, ramp=6.0, lasts=30.0, fades=36.0)
"""Changes in 42 of the 120 months: the same for all draws."""


def run(runs: int) -> Iterator[Row]:
    work = make_workload()
    random = np.random.default_rng(2)
    by_draw = Timing(
        lag=random.uniform(0, 6, work.draws),
        ramp=random.uniform(3, 9, work.draws),
        lasts=random.uniform(18, 42, work.draws),
        fades=random.uniform(24, 48, work.draws),
    )
    moves = [work.layout.edges[i].move for i in CHANGED]

    def constant(option: int) -> Callable[[], None]:
        def job() -> None:
            for start in range(0, work.draws, BLOCK):
                rates = np.ascontiguousarray(work.rates[option, :, start : start + BLOCK])
                lanes = rates.shape[1]
                p = probabilities(work.layout, rates, np.empty((NO_EVENTS, lanes)))
                follow(work.layout, START, np.ones((1, lanes)), p, work.months, work.weights)

        return job

    def fading(timing: Timing) -> Callable[[], None]:
        def job() -> None:
            for start in range(0, work.draws, BLOCK):
                part = slice(start, min(start + BLOCK, work.draws))
                rates = np.ascontiguousarray(work.rates[0, :, part])
                events = np.empty((NO_EVENTS, part.stop - part.start))
                parts = (timing.lag, timing.ramp, timing.lasts, timing.fades)
                own = Timing(*(x[part] if isinstance(x, np.ndarray) else x for x in parts))
                acting = [Acting(moves, work.log_hazard_ratio[part], own)]
                p = probabilities(work.layout, rates, events)
                follow(
                    work.layout,
                    START,
                    np.ones((1, rates.shape[1])),
                    p,
                    work.months,
                    work.weights,
                    ActingEffects(work.layout, rates, events, acting),
                    cells_changed(work.layout, acting),
                )

        return job

    seconds = in_turn(
        {
            "bau": constant(0),
            "constant": constant(1),
            "shared": fading(SHARED),
            "by draw": fading(by_draw),
        },
        runs,
    )
    bau, alone = seconds["bau"], seconds["constant"]
    yield Row(
        "one profile shared by the draws / constant, option alone", seconds["shared"] / alone, None, 1.5
    )
    yield Row("same, business as usual and option", (bau + seconds["shared"]) / (bau + alone))
    yield Row("one profile for each draw / constant, option alone", seconds["by draw"] / alone)
    yield Row("same, business as usual and option", (bau + seconds["by draw"]) / (bau + alone), None, 2.2)

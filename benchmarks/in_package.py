"""The reference PSA in another package; started by packages.py with the Python of its environment.

    python in_package.py heormodel inputs.npz draws

For each line on standard input the job is done once and its CPU seconds are printed; the costs of the
last run are written to ``<inputs>.<package>.npy``. Matrices and costs are ready beforehand, which spares
the packages what their users would do in each draw; each runs in one process.
"""

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

NAMES = ("usual", "changed")


def heormodel(given: dict[str, Any], draws: int) -> Callable[[], np.ndarray]:
    """Return the job: `MarkovModel` over a table of draws by `run_psa`."""
    import pandas as pd
    from heormodel.models import CohortSpec, MarkovModel
    from heormodel.run import run_psa

    transition = dict(zip(NAMES, given["transition"], strict=True))
    costs, cycles = given["costs"], int(given["cycles"])
    no_effect = np.zeros(costs.shape[1])

    def model(parameters: pd.Series, option: str) -> CohortSpec:
        draw = int(parameters["draw"])
        return CohortSpec(transition[option][draw], costs[draw], no_effect)

    engine = MarkovModel(
        states=[f"s{i}" for i in range(costs.shape[1])],
        interventions=NAMES,
        transitions_and_rewards=model,
        n_cycles=cycles,
        discount_rate=0.0,
        cycle_correction="half_cycle",
    )
    table = pd.DataFrame({"draw": np.arange(draws)}, index=pd.RangeIndex(draws, name="iteration"))
    return lambda: (
        run_psa(engine, table, sequential=True, progress=False)
        .outcomes.costs_wide()[list(NAMES)]
        .to_numpy()
        .T
    )


def pyheor(given: dict[str, Any], draws: int, as_documented: bool) -> Callable[[], np.ndarray]:
    """Return the job: `MarkovModel.run_psa`, whose one parameter counts the draws.

    Either as its documentation builds a model, from rows with a remainder and costs by state, or the
    quickest way found: matrices that are checked but not resolved, and one custom cost.
    """
    import pyheor as ph

    transition = dict(zip(NAMES, given["transition"], strict=True))
    costs, cycles = given["costs"], int(given["cycles"])
    states = [f"s{i}" for i in range(costs.shape[1])]
    rows = {name: [_with_remainder(p, ph.C) for p in transition[name][:draws]] for name in NAMES}

    class Counting(ph.Distribution):
        """0, 1, 2, ... in turn."""

        def __init__(self) -> None:
            self.next = 0

        def __repr__(self) -> str:
            return "Counting()"

        def sample(self, n: int, rng: Any = None) -> np.ndarray:
            found = np.arange(self.next, self.next + n, dtype=float)
            self.next += n
            return found

    def job() -> np.ndarray:
        model = ph.MarkovModel(
            states=states, strategies=list(NAMES), n_cycles=cycles, cycle=ph.Cycle(1, "month")
        )
        model.add_param("draw", base=0.0, dist=Counting())
        for name in NAMES:
            ready = rows[name] if as_documented else transition[name]
            model.set_transitions(name, lambda p, cycle, ready=ready: ready[int(p["draw"])])
        if as_documented:
            by_state = costs.T
            model.set_state_cost(
                "all", {state: _by_draw(own) for state, own in zip(states, by_state, strict=True)}
            )
        else:
            model.set_custom_cost("all", lambda now: now.occupancy @ costs[int(now.params["draw"])])
        table = model.run_psa(n_sim=draws, seed=1, progress=False).ce_table
        return table.pivot(index="sim", columns="strategy", values="total_cost")[list(NAMES)].to_numpy().T

    return job


def _with_remainder(matrix: np.ndarray, remainder: Any) -> list[list[Any]]:
    return [[remainder if i == j else value for j, value in enumerate(row)] for i, row in enumerate(matrix)]


def _by_draw(values: np.ndarray) -> Callable[[Any], float]:
    return lambda p: values[int(p["draw"])]


def main() -> None:
    package, path, draws = sys.argv[1], sys.argv[2], int(sys.argv[3])
    with np.load(path) as given:
        inputs = dict(given)
    jobs: dict[str, Callable[[], Callable[[], np.ndarray]]] = {
        "heormodel": lambda: heormodel(inputs, draws),
        "pyheor": lambda: pyheor(inputs, draws, as_documented=True),
        "pyheor_quickest": lambda: pyheor(inputs, draws, as_documented=False),
    }
    job = jobs[package]()
    for _ in sys.stdin:
        start = time.process_time()
        costs = job()
        seconds = time.process_time() - start
        np.save(f"{path}.{package}.npy", costs)
        print(seconds, flush=True)


if __name__ == "__main__":
    main()

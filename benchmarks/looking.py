"""Looking one input at a time: a tornado of 100 inputs and more against one deterministic run."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from timing import Row, in_turn

import communitybudget as cb
from communitybudget.case.held_case import hold_case
from communitybudget.case.looking import one_way_of
from communitybudget.models import Option, StateModel, cost, rate
from communitybudget.sensitivity import one_way
from communitybudget.simulation import cohort_trace, outcome_gradient

DRAWS = 1_000
STATES, CYCLES = 10, 120


def declared(rows: np.ndarray) -> np.ndarray:
    """Return the total cost of a model of 10 states whose 90 rates and 10 prices are the settings."""
    names = [f"s{i}" for i in range(STATES)]
    pairs = [(a, b) for a in names for b in names if a != b]
    model = StateModel(
        states=names,
        cycles=CYCLES,
        cycle_months=1,
        moves={f"{a} -> {b}": rate(rows[:, i]) for i, (a, b) in enumerate(pairs)},
        rewards=[
            cost(f"time in {name}", rows[:, len(pairs) + i], in_state=name, per="year", agency="nhs")
            for i, name in enumerate(names)
        ],
        options=[Option("bau")],
        price_base="2026-27",
        draws=len(rows),
    )
    return model.run().total("cost", "bau")


def table() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    base = np.concatenate([rng.uniform(0.002, 0.02, STATES * (STATES - 1)), rng.uniform(1e3, 9e3, STATES)])
    return pd.DataFrame({"key": np.arange(base.size), "low": 0.8 * base, "base": base, "high": 1.3 * base})


def run(runs: int) -> Iterator[Row]:
    case = cb.load_case(cb.examples_folder() / "hounslow" / "case.yaml")
    result = cb.appraise(case, draws=DRAWS, seed=1)
    held = hold_case(result, "early_help")
    base = held.table()["base"].to_numpy()[np.newaxis]
    inputs = table()
    start, rewards = np.eye(STATES)[0], np.arange(STATES, dtype=float)
    transition = np.random.default_rng(2).dirichlet(np.ones(STATES), STATES)
    weights = np.ones(CYCLES + 1)
    seconds = in_turn(
        {
            "case": lambda: one_way_of(result, "early_help"),
            "one run": lambda: held(base),
            "model": lambda: one_way(declared, inputs),
            "one model": lambda: declared(inputs["base"].to_numpy()[np.newaxis]),
            "gradient": lambda: outcome_gradient(transition, start, rewards, weights),
            "trace": lambda: cohort_trace(transition, start, CYCLES),
        },
        runs,
    )
    ratio = seconds["case"] / seconds["one run"]
    yield Row(f"Hounslow: tornado of {len(base[0])} inputs / one deterministic run", ratio, None, 20)
    ratio = seconds["model"] / seconds["one model"]
    yield Row(f"StateModel, 10 states: tornado of {len(inputs)} inputs / one run", ratio, None, 20)
    ratio = seconds["gradient"] / seconds["trace"]
    yield Row(f"adjoint, all {STATES**2} transitions / one cohort trace", ratio, None, 5)

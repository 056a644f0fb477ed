"""Derivatives of an outcome by one backward pass, against finite differences and whole runs."""

import numpy as np
import pandas as pd
import pytest

from communitybudget._core.errors import TransitionError
from communitybudget.models import Option, StateModel, probability, rate
from communitybudget.sensitivity import one_way
from communitybudget.simulation import gradient_tornado, outcome_gradient

CYCLES, STATES = 12, 4


def model(varying: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(9)
    shape = (CYCLES, STATES, STATES) if varying else (STATES, STATES)
    transition = rng.dirichlet(np.ones(STATES), size=shape[:-1])
    rewards = rng.normal(size=(CYCLES + 1, STATES) if varying else STATES)
    return transition, rng.dirichlet(np.ones(STATES)), rewards, 1.035 ** -np.arange(CYCLES + 1.0)


def outcome(transition, start, rewards, weights) -> float:
    """Return the outcome by a plain loop; rows need not sum to one."""
    now, total = start, 0.0
    for t, weight in enumerate(weights):
        total += weight * (now @ (rewards if rewards.ndim == 1 else rewards[t]))
        if t < CYCLES:
            now = now @ (transition if transition.ndim == 2 else transition[t])
    return total


@pytest.mark.parametrize("varying", [False, True])
def test_every_derivative_is_that_of_a_central_difference(varying: bool):
    parts = model(varying)
    found = outcome_gradient(*parts)
    assert found.outcome == pytest.approx(outcome(*parts), rel=1e-13)
    step = 1e-5
    for which, gradient in enumerate((found.transition, found.start, found.rewards)):
        assert gradient.shape == parts[which].shape
        for place in np.ndindex(gradient.shape):
            ends = []
            for sign in (-1, 1):
                moved = [part.copy() for part in parts]
                moved[which][place] += sign * step
                ends.append(outcome(*moved))
            assert gradient[place] == pytest.approx((ends[1] - ends[0]) / (2 * step), rel=1e-8, abs=1e-8)


def test_against_staying_moves_along_rows_that_sum_to_one():
    transition, start, rewards, weights = model(varying=False)
    found = outcome_gradient(transition, start, rewards, weights)
    assert not np.diagonal(found.against_staying).any()
    step = 1e-6
    up, down = (transition.copy() for _ in range(2))
    up[1, 2] += step
    up[1, 1] -= step
    down[1, 2] -= step
    down[1, 1] += step
    ends = [outcome_gradient(p, start, rewards, weights).outcome for p in (up, down)]
    assert found.against_staying[1, 2] == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-7)


def test_a_repeated_matrix_has_the_sum_of_the_derivatives_by_cycle():
    transition, start, rewards, weights = model(varying=False)
    once = outcome_gradient(transition, start, rewards, weights)
    repeated = np.tile(transition, (CYCLES, 1, 1))
    by_cycle = outcome_gradient(repeated, start, rewards, weights)
    np.testing.assert_allclose(by_cycle.transition.sum(axis=0), once.transition, rtol=1e-12)
    assert by_cycle.outcome == once.outcome


TABLE = pd.DataFrame(
    {
        "key": ["falling ill", "recovering", "dying"],
        "low": [0.09, 0.27, 0.009],
        "base": [0.1, 0.3, 0.01],
        "high": [0.115, 0.34, 0.012],
    }
)


def declared(rows: np.ndarray) -> StateModel:
    """Return a state model whose rates are the settings, one draw each."""
    return StateModel(
        states=("well", "ill", "dead"),
        cycles=CYCLES,
        moves={
            "well -> ill": probability(rows[:, 0], unless="dead"),
            "ill -> well": probability(rows[:, 1], unless="dead"),
            "* -> dead": rate(rows[:, 2]),
        },
        options=[Option("bau")],
        draws=len(rows),
    )


def transitions(rows: np.ndarray) -> np.ndarray:
    return np.moveaxis(declared(rows).transition("bau"), -1, 0)


def test_the_tornado_of_a_state_model_has_the_slopes_of_its_runs():
    rewards, weights = np.array([0.0, 2_000.0, 0.0]), np.full(CYCLES + 1, 0.5)
    settings = ([1, 0, 0], rewards, weights)
    bars = gradient_tornado(transitions, TABLE, *settings)

    def whole_runs(rows: np.ndarray) -> np.ndarray:
        return np.array([outcome(p, np.array([1.0, 0, 0]), rewards, weights) for p in transitions(rows)])

    near = TABLE.assign(low=TABLE["base"] - 1e-5 * TABLE["base"], high=TABLE["base"] + 1e-5 * TABLE["base"])
    slopes = one_way(whole_runs, near).to_frame().set_index("key")
    found = bars.to_frame().set_index("key")
    for key in TABLE["key"]:
        slope = slopes.loc[key, "swing"] / (slopes.loc[key, "input_high"] - slopes.loc[key, "input_low"])
        width = found.loc[key, "input_high"] - found.loc[key, "input_low"]
        assert found.loc[key, "swing"] == pytest.approx(slope * width, rel=1e-6)
    bent = one_way(whole_runs, TABLE)
    assert bars.ranges.keys == bent.ranges.keys
    np.testing.assert_allclose(bars.swing, bent.swing, rtol=0.05)


def test_shapes_that_do_not_fit_are_told():
    transition, start, rewards, weights = model(varying=False)
    with pytest.raises(TransitionError, match="weights have shape"):
        outcome_gradient(transition, start, rewards, weights[:1])
    with pytest.raises(TransitionError, match="with 12 cycles as the weights say"):
        outcome_gradient(np.tile(transition, (5, 1, 1)), start, rewards, weights)
    with pytest.raises(TransitionError, match="rewards have shape"):
        outcome_gradient(transition, start, rewards[:2], weights)
    with pytest.raises(TransitionError, match="sums to"):
        outcome_gradient(transition * 0.9, start, rewards, weights)
    with pytest.raises(TransitionError, match="transition_of gave shape"):
        gradient_tornado(lambda rows: np.eye(3), TABLE, [1, 0, 0], [0, 1, 0], weights)
    with pytest.raises(ValueError, match="step is 0"):
        gradient_tornado(transitions, TABLE, [1, 0, 0], [0, 1, 0], weights, step=0)

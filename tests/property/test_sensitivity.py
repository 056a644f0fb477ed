import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose

from communitybudget.sensitivity import (
    evpi,
    monte_carlo_error,
    probability_error,
    quantile_error,
    rank_regression,
    variance_share,
)

values = st.floats(-1e6, 1e6, allow_subnormal=False)
seeds = st.integers(0, 2**32 - 1)


def sample(seed, draws=120, inputs=6):
    """Return inputs of several kinds, and an outcome with a curve, an interaction and noise."""
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(draws, inputs))
    table[:, 1] = np.where(rng.random(draws) < 0.4, 1.0, table[:, 1])
    table[:, 2] = np.round(table[:, 2])
    table[:, 3] = table[:, 0]
    table[:, 4] = 0.5
    outcome = table @ rng.normal(size=inputs) + table[:, 0] * table[:, 1] + rng.normal(size=draws)
    return pd.DataFrame(table, columns=list("abcdef")[:inputs]), 1e4 * outcome


@given(benefit=arrays(float, st.tuples(st.integers(1, 30), st.integers(1, 4)), elements=values))
@settings(deadline=None)
def test_knowing_more_is_never_worth_less_than_nothing(benefit):
    assert evpi(benefit) >= 0


@given(benefit=arrays(float, (20, 3), elements=values), shift=arrays(float, (20, 1), elements=values))
@settings(deadline=None)
def test_what_all_options_share_is_not_worth_knowing(benefit, shift):
    assert_allclose(evpi(benefit + shift), evpi(benefit), atol=1e-6)


@given(benefit=arrays(float, (20, 3), elements=values), extra=arrays(float, (20, 1), elements=values))
@settings(deadline=None)
def test_a_copy_of_an_option_changes_nothing(benefit, extra):
    options = np.concatenate([benefit, extra], axis=1)
    assert evpi(np.concatenate([options, extra], axis=1)) == evpi(options)


@given(seed=seeds)
@settings(max_examples=30, deadline=None)
def test_reordering_a_sample_changes_no_ranking(seed):
    inputs, outcome = sample(seed)
    order = np.random.default_rng(seed).permutation(len(outcome))
    first, second = rank_regression(inputs, outcome), rank_regression(inputs.iloc[order], outcome[order])
    assert first.to_frame()["key"].tolist() == second.to_frame()["key"].tolist()
    assert_allclose(first.to_frame()["swing"], second.to_frame()["swing"], rtol=1e-7, atol=1e-6)
    assert first.collinear == second.collinear == ("a", "d")


@given(seed=seeds)
@settings(max_examples=30, deadline=None)
def test_reordering_the_inputs_changes_no_ranking(seed):
    inputs, outcome = sample(seed)
    first, second = rank_regression(inputs, outcome), rank_regression(inputs[list("fbdcae")], outcome)
    assert first.to_frame()["key"].tolist() == second.to_frame()["key"].tolist()


@given(seed=seeds)
@settings(max_examples=30, deadline=None)
def test_a_monotone_transform_of_an_input_changes_no_bar(seed):
    inputs, outcome = sample(seed)
    first, second = rank_regression(inputs, outcome), rank_regression(np.exp(inputs), outcome)
    assert_allclose(first.to_frame()["swing"], second.to_frame()["swing"])


@given(
    seed=seeds, names=st.lists(st.sampled_from(["local", "assumption", "verified"]), min_size=6, max_size=6)
)
@settings(max_examples=30, deadline=None)
def test_shares_sum_to_one(seed, names):
    inputs, outcome = sample(seed)
    shares = variance_share(inputs, outcome, dict(zip(inputs, names, strict=True)))
    column = shares.to_frame()["share"]
    assert ((column >= 0) & (column <= 1)).all()
    assert_allclose(column.sum(), 1)
    assert column.iloc[-1] == shares.unexplained


@given(draws=arrays(float, st.integers(2, 60), elements=values), q=st.floats(0.01, 0.99), shift=values)
@settings(deadline=None)
def test_errors_are_not_negative_and_do_not_move_with_the_figure(draws, q, shift):
    assert monte_carlo_error(draws) >= 0
    error = quantile_error(draws, q)
    assert np.isnan(error) or error >= 0
    assert_allclose(monte_carlo_error(draws + shift), monte_carlo_error(draws), atol=1e-8)
    assert_allclose(quantile_error(draws + shift, q), error, atol=1e-8)


@given(draws=st.integers(1, 10_000), share=st.floats(0, 1))
@settings(deadline=None)
def test_no_probability_is_certain(draws, share):
    error = float(probability_error(round(share * draws), draws))
    assert 0 < error <= 1

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from communitybudget.sensitivity import importance, morris_screening, sobol_indices

seeds = st.integers(0, 2**32 - 1)


def curved(seed, inputs):
    """Return a function with curves and interactions of all inputs but the last, which is idle."""
    random = np.random.default_rng(seed)
    linear, pairs = random.normal(size=inputs), random.normal(size=(inputs, inputs))
    linear[-1] = 0
    pairs[-1], pairs[:, -1] = 0, 0

    def function(u):
        return u @ linear + np.einsum("ri,ij,rj->r", u, pairs, u)

    return function


def names_of(inputs):
    return [f"x{i}" for i in range(inputs)]


@given(
    seed=seeds, inputs=st.integers(2, 6), scale=st.sampled_from([1e-6, 1.0, 1e9]), shift=st.floats(-1e3, 1e3)
)
@settings(max_examples=25)
def test_the_unit_of_the_outcome_changes_no_index(seed, inputs, scale, shift):
    function, names = curved(seed, inputs), names_of(inputs)
    one = sobol_indices(function, names, 64, seed, resamples=100)
    other = sobol_indices(lambda u: scale * (function(u) + shift), names, 64, seed, resamples=100)
    assert_allclose(other.first.value, one.first.value, rtol=1e-6, atol=1e-7)
    assert_allclose(other.total.high, one.total.high, rtol=1e-6, atol=1e-7)


@given(seed=seeds, inputs=st.integers(2, 6))
@settings(max_examples=25)
def test_totals_are_never_negative_and_an_idle_input_is_nil(seed, inputs):
    found = sobol_indices(curved(seed, inputs), names_of(inputs), 64, seed, resamples=100)
    assert (found.total.value >= 0).all()
    assert (found.total.low >= 0).all()
    assert found.total.value[-1, 0] == found.first.value[-1, 0] == 0
    assert_array_equal(np.sort(found.rank[:, 0]), np.arange(1, inputs + 1))
    assert (found.rank_low <= found.rank_high).all()


@given(seed=seeds, inputs=st.integers(3, 6))
@settings(max_examples=15)
def test_inputs_in_one_group_hold_at_least_what_each_holds_in_all(seed, inputs):
    names = names_of(inputs)
    function = curved(seed, inputs)
    apart = sobol_indices(function, names, 256, seed, resamples=100)
    together = sobol_indices(function, names, 256, seed, groups={"x0": "g", "x1": "g"}, resamples=100)
    slack = 4 * apart.total.standard_error[:2, 0].max()
    assert together.total.value[0, 0] >= apart.total.value[:2, 0].max() - slack


@given(seed=seeds, inputs=st.integers(2, 6))
@settings(max_examples=25)
def test_one_group_of_all_inputs_holds_all_the_variance(seed, inputs):
    names = names_of(inputs)
    found = sobol_indices(
        curved(seed, inputs), names, 64, seed, groups=dict.fromkeys(names, "all"), resamples=100
    )
    assert_allclose(found.total.value, 1, atol=4 * float(found.total.standard_error[0, 0]) + 1e-9)


@given(seed=seeds, inputs=st.integers(2, 8))
@settings(max_examples=25)
def test_morris_is_exact_where_the_outcome_is_linear(seed, inputs):
    slopes = np.random.default_rng(seed).normal(size=inputs)
    found = morris_screening(lambda u: u @ slopes, names_of(inputs), 3, seed)
    assert_allclose(found.mu[:, 0], slopes, atol=1e-12)
    assert_allclose(found.mu_star[:, 0], np.abs(slopes), atol=1e-12)


@given(seed=seeds, scale=st.sampled_from([1e-3, 1e6]))
@settings(max_examples=25)
def test_shares_of_variance_lie_in_bounds_whatever_the_unit(seed, scale):
    draws = pd.DataFrame(np.random.default_rng(seed).normal(size=(200, 4)), columns=list("abcd"))
    outcomes = {"x": curved(seed, 4)(draws.to_numpy()), "y": draws["d"] * draws["a"]}
    found = importance(draws, outcomes)
    assert (found.share >= 0).all()
    assert (found.share.sum(axis=0) <= 1 + 1e-12).all()
    scaled = importance(draws, {name: scale * np.asarray(values) for name, values in outcomes.items()})
    assert_allclose(scaled.share, found.share, rtol=1e-9, atol=1e-12)

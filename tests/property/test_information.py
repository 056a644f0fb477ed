import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from communitybudget.sensitivity import evpi, evppi, evppi_each, evppi_sets

seeds = st.integers(0, 2**32 - 1)
NAMES = list("abcdef")


def sample(seed, draws=400):
    """Return inputs of several kinds, and net benefits of three options with products and noise."""
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(draws, 6))
    table[:, 1] = np.where(rng.random(draws) < 0.4, 1.0, table[:, 1])
    table[:, 2] = np.clip(np.round(table[:, 2]), -1, 1)
    table[:, 3] = np.exp(0.5 * table[:, 0] + 0.5 * table[:, 3])
    gains = table[:, :4] @ rng.normal(size=(4, 2)) + (table[:, 0] * table[:, 1])[:, np.newaxis]
    benefit = np.column_stack([np.zeros(draws), gains + rng.normal(size=(draws, 2))])
    return pd.DataFrame(table, columns=NAMES), 1e4 * benefit


def same_up_to_rounding(one, other):
    assert_allclose(one.value, other.value, rtol=1e-6, atol=1e-3)
    assert_allclose(one.standard_error, other.standard_error, rtol=1e-6, atol=1e-3)


@given(seed=seeds)
@settings(max_examples=25, deadline=None)
def test_more_is_never_worth_less_and_nothing_more_than_all(seed):
    inputs, benefit = sample(seed)
    sets = {"abc": list("abc"), "ab": list("ab"), "a": ["a"], "abcdef": NAMES, "f": ["f"]}
    table = evppi_sets(benefit, inputs, sets)
    worth = {row.key: row.value for row in table.rows}
    assert 0 <= worth["a"] <= worth["ab"] <= worth["abc"] <= worth["abcdef"] <= evpi(benefit)
    assert 0 <= worth["f"] <= worth["abcdef"]
    assert all(row.standard_error >= 0 for row in table.rows)


@given(seed=seeds)
@settings(max_examples=15, deadline=None)
def test_reordering_the_draws_changes_nothing(seed):
    inputs, benefit = sample(seed)
    order = np.random.default_rng(seed).permutation(len(inputs))
    for parameters in ("b", ["a", "b", "c", "d"]):
        same_up_to_rounding(
            evppi(benefit, inputs, parameters), evppi(benefit[order], inputs.iloc[order], parameters)
        )


@given(seed=seeds, order=st.permutations(NAMES))
@settings(max_examples=10, deadline=None)
def test_the_order_of_inputs_and_sets_is_nothing(seed, order):
    inputs, benefit = sample(seed)
    assert evppi(benefit, inputs[order], order) == evppi(benefit, inputs, NAMES)
    sets = {name: [name, "a"] for name in NAMES}
    assert evppi_sets(benefit, inputs[order], {name: sets[name] for name in order}) == evppi_sets(
        benefit, inputs, sets
    )


@given(seed=seeds)
@settings(max_examples=15, deadline=None)
def test_what_all_options_share_is_not_worth_knowing(seed):
    inputs, benefit = sample(seed)
    shared = 1e4 * inputs[["f"]].to_numpy()
    same_up_to_rounding(evppi(benefit, inputs, ["a", "b"]), evppi(benefit + shared, inputs, ["a", "b"]))
    assert evppi(np.concatenate([shared, shared + 5.0], axis=1), inputs, "f").value == 0


@given(seed=seeds, factor=st.floats(0.01, 1000))
@settings(max_examples=15, deadline=None)
def test_value_goes_with_the_scale_of_net_benefit(seed, factor):
    inputs, benefit = sample(seed)
    one, other = evppi(benefit, inputs, "b"), evppi(factor * benefit, inputs, "b")
    assert_allclose(other.value, factor * one.value, rtol=1e-6, atol=1e-3)
    assert_allclose(other.standard_error, factor * one.standard_error, rtol=1e-6, atol=1e-3)


@given(seed=seeds)
@settings(max_examples=15, deadline=None)
def test_units_of_the_inputs_are_nothing(seed):
    inputs, benefit = sample(seed)
    other = 1_000 * inputs + 7
    for parameters in ("d", ["a", "b", "c"]):
        same_up_to_rounding(evppi(benefit, inputs, parameters), evppi(benefit, other, parameters))


@given(seed=seeds)
@settings(max_examples=10, deadline=None)
def test_each_is_the_table_of_the_single_inputs(seed):
    inputs, benefit = sample(seed, 200)
    assert evppi_each(benefit, inputs) == evppi_sets(benefit, inputs, {name: [name] for name in NAMES})


@given(seed=seeds, copied=st.integers(0, 2), position=st.integers(0, 3))
@settings(max_examples=15, deadline=None)
def test_a_copy_of_an_option_changes_nothing(seed, copied, position):
    inputs, benefit = sample(seed)
    more = np.insert(benefit, position, benefit[:, copied], axis=1)
    assert evpi(more) == evpi(benefit)
    for parameters, method in (("b", "auto"), (["a", "b", "c"], "auto"), ("b", "gaussian_process")):
        one, other = (evppi(amounts, inputs, parameters, method) for amounts in (benefit, more))
        same_up_to_rounding(one, other)


@given(seed=seeds)
@settings(max_examples=10, deadline=None)
def test_small_differences_of_very_large_amounts(seed):
    inputs, benefit = sample(seed)
    small = np.round(benefit * 2**-10, 3)
    for parameters in ("b", ["a", "b", "c"]):
        one, other = (evppi(amounts, inputs, parameters) for amounts in (small, small + 1e9))
        assert_allclose([other.value, other.standard_error], [one.value, one.standard_error], atol=1e-4)

"""What holds for any function and any ranges: order, zero ranges, the worst of all settings."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from communitybudget.sensitivity import one_way, rank_correlation, worst_case

seeds = st.integers(0, 2**32 - 1)


def bilinear(seed: int, inputs: int):
    """Return a function with random slopes and products, and a table of ranges."""
    rng = np.random.default_rng(seed)
    slopes, products = rng.normal(size=inputs), rng.normal(size=(inputs, inputs))
    np.fill_diagonal(products, 0.0)
    ends = np.sort(rng.normal(size=(3, inputs)), axis=0)
    table = pd.DataFrame({"key": list("abcdef")[:inputs], "low": ends[0], "base": ends[1], "high": ends[2]})

    def outcome(rows: np.ndarray) -> np.ndarray:
        return rows @ slopes + ((rows @ products) * rows).sum(axis=1)

    return outcome, table


@given(seed=seeds, inputs=st.integers(1, 6))
@settings(max_examples=40)
def test_the_order_of_inputs_changes_nothing(seed, inputs):
    outcome, table = bilinear(seed, inputs)
    order = np.random.default_rng(seed).permutation(inputs)
    back = np.argsort(order)
    one = one_way(outcome, table).to_frame().set_index("key")
    other = one_way(lambda rows: outcome(rows[:, back]), table.iloc[order]).to_frame().set_index("key")
    pd.testing.assert_frame_equal(one.sort_index(), other.sort_index(), rtol=1e-12)


@given(seed=seeds, inputs=st.integers(2, 6))
@settings(max_examples=40)
def test_a_range_of_nothing_swings_nothing(seed, inputs):
    outcome, table = bilinear(seed, inputs)
    table.loc[0, ["low", "high"]] = table.loc[0, "base"]
    assert one_way(outcome, table).to_frame().set_index("key").loc["a", "swing"] == 0


@given(seed=seeds, inputs=st.integers(1, 6))
@settings(max_examples=25)
def test_the_worst_case_is_no_better_than_any_setting_within_the_ranges(seed, inputs):
    outcome, table = bilinear(seed, inputs)
    worst = worst_case(outcome, table, shape="multilinear", points=16)
    assert worst.proven
    share = np.random.default_rng(seed).random((500, inputs))
    low, high = (table[end].to_numpy() for end in ("low", "high"))
    assert worst.least <= outcome(low + share * (high - low)).min() + 1e-12
    assert worst.least <= worst.base
    found = worst.to_frame().set_index("key").loc[table["key"]]
    assert ((found["at"] >= found["low"]) & (found["at"] <= found["high"])).all()
    np.testing.assert_allclose(outcome(found["at"].to_numpy()[np.newaxis])[0], worst.least, rtol=1e-12)
    if np.isfinite(worst.margin) and worst.base >= 0:
        assert 0 <= worst.margin <= 1


@given(seed=seeds, draws=st.integers(4, 60))
@settings(max_examples=40)
def test_a_rank_correlation_sees_order_alone(seed, draws):
    x, y = np.random.default_rng(seed).normal(size=(2, draws))
    found = rank_correlation(x, y)
    assert rank_correlation(np.exp(x), y) == found
    assert rank_correlation(-x, y).value == -found.value
    assert rank_correlation(y, x).value == found.value
    assert found.low <= found.value <= found.high

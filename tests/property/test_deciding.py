"""Laws of decisions between options."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose

from communitybudget.sensitivity import decision_table, dominance, evpi, probability_of_loss_beyond
from communitybudget.sensitivity.cautions import largest_share

amounts = st.integers(-1000, 1000).map(float)
benefits = arrays(float, st.tuples(st.integers(2, 25), st.integers(1, 4)), elements=amounts)
pairs = arrays(float, st.tuples(st.integers(2, 25), st.just(2)), elements=amounts)
UNMOVED = ("mean", "behind", "probability_best", "mean_rank", "expected_loss", "p20", "worst_tenth")


def table(benefit):
    return decision_table(benefit, price_base="2026-27")


def first_against_second(benefit):
    return dominance(benefit, price_base="2026-27").to_frame().iloc[0]


@given(benefit=benefits)
@settings(max_examples=50, deadline=None)
def test_losses_are_never_negative_and_the_least_is_the_value_of_perfect_information(benefit):
    found = table(benefit)
    losses = found.to_frame()["expected_loss"]
    assert (losses >= 0).all()
    assert_allclose(losses.min(), evpi(benefit), atol=1e-9)
    assert_allclose(found.evpi, losses.min(), atol=1e-9)


@given(benefit=benefits)
@settings(max_examples=50, deadline=None)
def test_one_option_is_the_best_in_every_draw(benefit):
    frame = table(benefit).to_frame()
    options = benefit.shape[1]
    assert_allclose(frame["probability_best"].sum(), 1)
    assert_allclose(frame["mean_rank"].sum(), options * (options + 1) / 2)


@given(benefit=benefits, seed=st.integers(0, 99))
@settings(max_examples=50, deadline=None)
def test_reordering_draws_changes_nothing(benefit, seed):
    order = np.random.default_rng(seed).permutation(len(benefit))
    one, other = table(benefit), table(benefit[order])
    assert one.best == other.best
    for name in UNMOVED:
        assert_allclose(one.to_frame()[name], other.to_frame()[name], atol=1e-9)


@given(benefit=benefits, worse=st.integers(1, 50).map(float))
@settings(max_examples=50, deadline=None)
def test_a_dominated_option_changes_nobody_elses_loss(benefit, worse):
    wider = table(np.column_stack([benefit, benefit[:, 0] - worse])).to_frame().iloc[:-1]
    for name in ("expected_loss", "probability_best", "largest_regret", "p95_regret"):
        assert_allclose(wider[name], table(benefit).to_frame()[name], atol=1e-9)


@given(benefit=benefits, shift=amounts)
@settings(max_examples=50, deadline=None)
def test_what_all_options_share_changes_no_regret(benefit, shift):
    for name in ("expected_loss", "largest_regret", "behind"):
        assert_allclose(table(benefit + shift).to_frame()[name], table(benefit).to_frame()[name], atol=1e-6)


@given(benefit=pairs)
@settings(max_examples=50, deadline=None)
def test_each_order_of_dominance_implies_the_next(benefit):
    row = first_against_second(benefit)
    verdicts = [row[name] for name in ("statewise", "first_order", "second_order")]
    for one, following in pairwise(verdicts):
        if one == "dominates":
            assert following == "dominates"
    if row["second_order"] == "dominates":
        assert row["mean_difference"] >= -1e-9


@given(benefit=pairs)
@settings(max_examples=50, deadline=None)
def test_violations_of_two_options_add_up_to_all(benefit):
    one, other = (first_against_second(b) for b in (benefit, benefit[:, ::-1]))
    for order in ("first_order", "second_order"):
        total = one[f"{order}_violation"] + other[f"{order}_violation"]
        assert_allclose(total, 0 if one[order] == "is the same" else 1, atol=1e-9)


@given(benefit=pairs, seed=st.integers(0, 99))
@settings(max_examples=50, deadline=None)
def test_dominance_in_distribution_does_not_see_which_draws_belong_together(benefit, seed):
    apart = benefit.copy()
    apart[:, 1] = np.random.default_rng(seed).permutation(apart[:, 1])
    one, other = first_against_second(benefit), first_against_second(apart)
    for name in ("first_order", "second_order", "first_order_violation", "second_order_violation"):
        assert one[name] == other[name]


@given(benefit=benefits)
@settings(max_examples=50, deadline=None)
def test_a_greater_loss_is_never_likelier(benefit):
    frame = probability_of_loss_beyond(benefit, [0.0, 10.0, 100.0, 2000.0])
    for _, own in frame.groupby("option"):
        assert own["probability"].is_monotonic_decreasing
        assert own["probability"].iloc[-1] == 0


@given(values=arrays(float, st.integers(1, 300), elements=amounts), scale=st.integers(1, 50).map(float))
@settings(max_examples=50, deadline=None)
def test_the_share_of_the_largest_is_a_share_of_any_unit(values, scale):
    share = largest_share(values)
    assert 0 <= share <= 1
    assert_allclose(largest_share(scale * values), share)

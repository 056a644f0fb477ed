"""Laws of pilot claims: what must hold whatever is claimed and assumed."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from communitybudget.appraisal import PilotClaim, PilotOutcome, mean_interval, months_to_total, scale_up_claim

pounds = st.floats(1e3, 1e8)
months = st.floats(1, 120)


@st.composite
def claims(draw: st.DrawFn) -> PilotClaim:
    families = draw(st.integers(1, 60))
    low = draw(st.floats(0, 1))
    halving = sorted(draw(st.tuples(months, months, months)))
    return PilotClaim(
        draw(pounds),
        families,
        draw(months),
        target=draw(pounds),
        all_families=families + draw(st.integers(0, 500)),
        spent_a_year=draw(pounds),
        coefficient_of_variation=draw(st.floats(0.2, 3)),
        form=draw(st.sampled_from(["gamma", "lognormal"])),
        real_share=(draw(st.floats(0.5, 20)), draw(st.floats(0.5, 20))),
        later_worth=(low, low + draw(st.floats(0, 1))),
        halving=(halving[0], halving[1], halving[2]),
    )


@settings(max_examples=60)
@given(claims(), st.integers(0, 2**32))
def test_nothing_exceeds_what_was_spent_and_fading_never_hastens(claim: PilotClaim, seed: int) -> None:
    found = scale_up_claim(claim, draws=50, seed=seed)
    worth = max(1.0, claim.later_worth[1])
    assert (found.at_start >= 0).all()
    assert found.at_start.max() <= claim.all_families * worth * claim.spent_in_period * (1 + 1e-12)
    assert (found.months_to_target >= found.months_without_fading * (1 - 1e-9)).all()
    chances = found.chances()
    assert chances["probability"].is_monotonic_increasing
    assert chances["probability"].between(0, 1).all()


@settings(max_examples=60)
@given(claims(), st.integers(0, 2**32))
def test_what_is_avoided_by_the_month_found_is_the_target(claim: PilotClaim, seed: int) -> None:
    found = scale_up_claim(claim, draws=20, seed=seed)
    for draw, month in enumerate(found.months_to_target):
        if month < 20 * found.halving[draw]:  # beyond, hardly anything is left to be added
            assert math.isclose(found.avoided_by(month)[draw], claim.target, rel_tol=1e-6)


@settings(max_examples=30)
@given(claims(), st.integers(0, 2**32))
def test_json_there_and_back_is_the_same_bit_for_bit(claim: PilotClaim, seed: int) -> None:
    found = scale_up_claim(claim, draws=10, seed=seed)
    assert PilotOutcome.from_json(found.to_json()) == found
    assert found.summary() == PilotOutcome.from_json(found.to_json()).summary()


@given(pounds, st.integers(1, 200), st.floats(0.1, 3), st.floats(0.5, 0.99), st.floats(0.1, 10))
def test_an_interval_scales_with_its_mean_and_widens_with_its_level(
    mean: float, families: int, cv: float, level: float, times: float
) -> None:
    low, high = mean_interval(mean, families, cv, level)
    assert 0 < low < high
    np.testing.assert_allclose(mean_interval(times * mean, families, cv, level), (times * low, times * high))
    wider = mean_interval(mean, families, cv, (1 + level) / 2)
    assert wider[0] <= low
    assert wider[1] >= high


@given(st.floats(1, 1e6), st.floats(1e-3, 1e6), st.floats(1, 1e3))
def test_a_target_beyond_the_whole_stream_is_never_reached(target: float, rate: float, half: float) -> None:
    whole = rate * half / math.log(2)
    assert np.isinf(months_to_total(whole * 1.0001, rate, half))
    assert np.isfinite(months_to_total(whole * 0.9999, rate, half))
    # a stream that hardly fades is one that does not
    assert math.isclose(months_to_total(target, rate, 1e18), target / rate, rel_tol=1e-6)

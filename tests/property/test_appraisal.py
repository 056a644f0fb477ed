import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal

from communitybudget.appraisal import (
    discount_factors,
    irr,
    npv,
    payback_percentile,
    payback_time,
    payback_year,
    switching_value,
)

pounds = st.floats(-1e6, 1e6, allow_subnormal=False)
whole_pounds = st.integers(-1000, 1000)
schedules = st.one_of(
    st.sampled_from(["green_book_2022", "green_book_2022_health", "review_2026_proposed"]),
    st.floats(1e-4, 1.0),
)


@given(
    first=arrays(float, (3, 12), elements=pounds),
    second=arrays(float, (3, 12), elements=pounds),
    times=st.floats(-10, 10),
    schedule=schedules,
)
@settings(deadline=None)
def test_npv_is_linear(first, second, times, schedule):
    together = npv(first + times * second, schedule)
    assert_allclose(together, npv(first, schedule) + times * npv(second, schedule), rtol=1e-9, atol=1e-6)


@given(years=st.integers(2, 350), schedule=schedules, cycles=st.sampled_from([1, 4, 12]))
@settings(deadline=None)
def test_factors_fall_strictly_from_one(years, schedule, cycles):
    factors = discount_factors(years, schedule, cycles_per_year=cycles)
    assert factors[0] == 1
    assert (np.diff(factors) < 0).all()
    assert (factors > 0).all()


@given(amount=pounds, schedule=schedules)
@settings(deadline=None)
def test_money_now_is_worth_its_face(amount, schedule):
    assert npv([amount, 0, 0], schedule) == amount


@given(net=arrays(int, (5, 8), elements=whole_pounds))
@settings(deadline=None)
def test_payback_stays_recovered(net):
    total = net.cumsum(axis=1)
    for flows, year, time in zip(total, payback_year(net), payback_time(net), strict=True):
        if np.isnan(year):
            assert flows[-1] < 0
            assert np.isnan(time)
        else:
            assert (flows[int(year) :] >= 0).all()
            assert year == 0 or flows[int(year) - 1] < 0
            assert year <= time <= year + 1


@given(net=arrays(int, (5, 8), elements=whole_pounds), more=st.integers(0, 1000))
@settings(deadline=None)
def test_more_money_in_year_0_never_delays_payback(net, more):
    helped = net.copy()
    helped[:, 0] += more
    before, after = (np.nan_to_num(payback_year(flows), nan=99.0) for flows in (net, helped))
    assert (after <= before).all()


@given(
    payback=arrays(float, 20, elements=st.one_of(st.integers(0, 9), st.just(float("nan")))), q=st.floats(0, 1)
)
@settings(deadline=None)
def test_payback_percentiles_ascend_and_ignore_order(payback, q):
    ascending = [payback_percentile(payback, step) for step in (0, q, 1)]
    assert_array_equal(ascending, np.sort(ascending))
    assert_array_equal(payback_percentile(payback[::-1], q), payback_percentile(payback, q))


@given(cost=st.floats(1, 1e6), gains=arrays(float, 6, elements=st.floats(0, 1e6)))
@settings(deadline=None)
def test_npv_is_zero_at_the_internal_rate_of_return(cost, gains):
    flows = np.concatenate([[-cost], gains])
    rate = float(irr(flows))
    if np.isnan(rate):
        assert (gains <= 1e-12 * cost).all() or cost <= 1e-12 * gains.max()
    else:
        # irr leaves out flows that are rounding beside the largest (one part in 1e12): so does the check
        flows = np.where(np.abs(flows) <= 1e-12 * np.abs(flows).max(), 0.0, flows)
        scale = np.abs(flows) @ discount_factors(7, rate)
        # A rate near -1 is held to 1e-16 of one, not of what is left above -1.
        assert abs(float(npv(flows, rate))) <= scale * (1e-9 + 1e-14 / (1 + rate))


@given(place=st.floats(0.01, 0.99), slope=st.floats(0.1, 1e6), up=st.booleans())
@settings(deadline=None)
def test_switching_value_finds_the_crossing(place, slope, up):
    sign = 1 if up else -1
    assert abs(switching_value(lambda x: sign * slope * (x**3 - place**3), 0, 1) - place) < 1e-6

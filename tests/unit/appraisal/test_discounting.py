import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from communitybudget._core.errors import ScheduleError
from communitybudget.appraisal import discount_factors, npv, present_value
from communitybudget.parameters.schedules import DiscountSchedule, discount_schedule


def one_by_one(years, rate):
    factors = [1.0]
    for year in range(1, years):
        factors.append(factors[-1] / (1 + rate(year)))
    return factors


@pytest.mark.parametrize("name", ["green_book_2022", "green_book_2022_health", "review_2026_proposed"])
def test_factors_are_cumulative_products(name):
    assert_allclose(discount_factors(400, name), one_by_one(400, discount_schedule(name).rate), rtol=1e-12)


def test_year_0_is_not_discounted_and_year_31_takes_the_next_band():
    factors = discount_factors(32)
    assert factors[0] == 1
    assert_allclose(factors[31], factors[30] / 1.03, rtol=1e-14)


def test_the_vintage_selects_the_table():
    assert_allclose(discount_factors(20, "review_2026_proposed"), discount_factors(20, 0.03), rtol=0)


def test_a_schedule_of_another_set_can_be_passed():
    steep = DiscountSchedule(
        "steep", "2026", "all", ((0, 1, 1.0), (2, None, 0.0)), "us", "local", "", ("local",) * 2
    )
    assert_allclose(discount_factors(4, steep), [1, 0.5, 0.5, 0.5])


@pytest.mark.parametrize("rate", [0, 0.03, np.float64(0.1), -0.5])
def test_a_constant_rate(rate):
    assert_allclose(discount_factors(6, rate), (1 + float(rate)) ** -np.arange(6.0), rtol=1e-13)


def test_cycles_within_a_year_agree_with_whole_years():
    monthly = discount_factors(80, cycles_per_year=12)
    assert monthly.shape == (960,)
    assert_allclose(monthly[::12], discount_factors(80), rtol=1e-12)
    assert_allclose(monthly[1], 1.035 ** (-1 / 12), rtol=1e-14)
    # The months that lead from year 30 to year 31 take the rate of year 31.
    assert_allclose(monthly[361] / monthly[360], 1.03 ** (-1 / 12), rtol=1e-12)


def test_discounting_the_first_cycle_moves_every_factor_by_one_cycle():
    later = discount_factors(40, cycles_per_year=4, first_undiscounted=False)
    assert_allclose(later[:-1], discount_factors(40, cycles_per_year=4)[1:], rtol=1e-13)
    assert_allclose(later[0], 1.035**-0.25, rtol=1e-14)


def test_continuous_compounding():
    assert_allclose(discount_factors(5, 0.04, continuous=True), np.exp(-0.04 * np.arange(5)), rtol=1e-14)
    declining = discount_factors(33, continuous=True)
    assert_allclose(declining[32], np.exp(-30 * 0.035 - 2 * 0.03), rtol=1e-13)


@pytest.mark.parametrize("schedule", [-1, -1.5, float("nan"), float("inf"), True, None, [0.03]])
def test_a_rate_that_is_none_is_refused(schedule):
    with pytest.raises(ScheduleError):
        discount_factors(3, schedule)


def test_an_unknown_schedule_names_the_nearest():
    with pytest.raises(ScheduleError, match="did you mean"):
        discount_factors(3, "greenbook_2022")


def test_a_factor_that_is_no_number_is_refused():
    with pytest.raises(ScheduleError, match="too large"):
        discount_factors(10_000, -0.9)


@pytest.mark.parametrize("years", [0, -1, 2.5, True, "3"])
def test_years_must_be_a_whole_number(years):
    with pytest.raises(ValueError, match="years must be a whole number"):
        discount_factors(years)


def test_cycles_must_be_a_whole_number():
    with pytest.raises(ValueError, match="cycles_per_year must be"):
        discount_factors(3, cycles_per_year=0)


def test_present_value_keeps_leading_axes():
    flows = np.random.default_rng(1).normal(size=(3, 4, 7))
    expected = flows @ discount_factors(7)
    assert present_value(flows).shape == (3, 4)
    assert_allclose(present_value(flows), expected, rtol=1e-12)
    assert_array_equal(npv(flows), present_value(flows))


def test_one_draw_does_not_depend_on_the_draws_beside_it():
    flows = np.random.default_rng(2).normal(size=(501, 31))
    assert_array_equal(npv(flows)[100:103], npv(flows[100:103]))
    assert float(npv(flows[100])) == npv(flows)[100]


def test_year_0_counts_in_full():
    assert float(npv([-5.0])) == -5.0


@pytest.mark.parametrize(
    "flows", [3.0, [], np.zeros((4, 0)), [1, np.nan], [[1, 2], [np.inf, 0]], ["a"], [[1], [1, 2]]]
)
def test_unusable_flows_are_refused(flows):
    with pytest.raises(ValueError, match="flows"):
        npv(flows)


def test_the_message_says_where_the_bad_value_is():
    with pytest.raises(ValueError, match=r"nan at position \(1, 0\)"):
        npv([[1, 2], [np.nan, 0]])

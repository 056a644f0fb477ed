"""The cost of a person's time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from communitybudget.appraisal import built_up_cost, hourly_pay

amounts = st.floats(0, 1e6)
shares = st.floats(0, 2)


@given(hours=amounts, pay=amounts, on_costs=shares, overheads=shares)
def test_the_parts_make_up_the_product(hours, pay, on_costs, overheads):
    cost = built_up_cost(hours, pay, on_costs, overheads)
    assert_allclose(cost.total, hours * pay * (1 + on_costs) * (1 + overheads), rtol=1e-12)
    assert min(cost.pay, cost.on_costs, cost.overheads) >= 0


def test_by_hand():
    """120 hours at 19.50 an hour, 30% on-costs, 18% overheads: 2,340 + 702 + 547.56 = 3,589.56."""
    cost = built_up_cost(120, 19.5, 0.3, 0.18)
    assert_allclose([cost.pay, cost.on_costs, cost.overheads], [2_340, 702, 547.56])
    assert_allclose(cost.total, 3_589.56)


def test_by_draw():
    hours = np.array([0.0, 10.0, 20.0])
    assert_allclose(built_up_cost(hours, 20.0, 0.25).total, [0, 250, 500])


def test_pay_that_holds_everything_has_no_on_costs_and_no_overheads():
    cost = built_up_cost(10, 50.0)
    assert cost.total == cost.pay == 500


@pytest.mark.parametrize("name", ["hours", "hourly_pay", "on_costs", "overheads"])
def test_a_negative_amount_is_named(name):
    given = {"hours": 1.0, "hourly_pay": 1.0, "on_costs": 0.1, "overheads": 0.1, name: -1.0}
    with pytest.raises(ValueError, match=f"{name}: negative"):
        built_up_cost(**given)


def test_pay_an_hour_and_back():
    assert_allclose(hourly_pay(36_000, [1_500, 1_600]) * [1_500, 1_600], 36_000)


def test_a_year_without_hours():
    with pytest.raises(ValueError, match="hours worked in a year"):
        hourly_pay(36_000, 0)

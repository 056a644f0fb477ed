import dataclasses

import pytest

from communitybudget._core.errors import CommunityBudgetError, PriceBaseMismatch
from communitybudget.parameters import Distribution, from_interval, from_mean_sd


@pytest.mark.parametrize("name", ["key", "unit", "source", "mark"])
def test_no_number_without_its_passport(parameter, name):
    with pytest.raises(ValueError, match=f"has no {name}; fill it in"):
        parameter(**{name: ""})


@pytest.mark.parametrize("mark", ["sure", "Verified", "official"])
def test_a_mark_is_one_of_six(parameter, mark):
    with pytest.raises(ValueError, match=f"'{mark}' is no mark; use one of verified, second_hand, recalled"):
        parameter(mark=mark)


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"low": 0.7, "interval": "range"}, "low and high go together"),
        ({"high": 0.9, "interval": "range"}, "low and high go together"),
        ({"low": 0.7, "high": 0.9}, "say what low and high are, in interval: range, ci95"),
        ({"low": 0.7, "high": 0.9, "interval": "iqr"}, "'iqr' is no interval"),
        ({"low": 0.85, "high": 0.9, "interval": "range"}, "low 0.85, value 0.8 and high 0.9 do not ascend"),
        ({"low": 0.7, "high": 0.75, "interval": "ci95"}, "do not ascend"),
        ({"sd": -0.1}, "cannot be negative"),
        ({"sd": 0.6}, "it must be below 0.4"),
        ({"low": 0.7, "high": 0.9, "interval": "range", "distribution": "gamma"}, "not given by a range"),
    ],
)
def test_limits_that_make_no_sense(parameter, limits, message):
    with pytest.raises(ValueError, match=rf"delivery\.engagement: .*{message}"):
        parameter(**limits)


@pytest.mark.parametrize("distribution", ["fixed", "dirichlet"])
def test_limits_ascend_whatever_the_distribution(parameter, distribution):
    with pytest.raises(ValueError, match="do not ascend"):
        parameter(low=0.9, high=0.7, interval="ci95", distribution=distribution)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -0.04, 1.5])
def test_a_share_lies_between_0_and_1(parameter, value):
    with pytest.raises(ValueError, match=r"delivery\.engagement"):
        parameter(value=value, distribution="fixed")


def test_an_unknown_distribution_is_refused(parameter):
    with pytest.raises(ValueError, match="gausian"):
        parameter(distribution="gausian")


def test_no_money_without_a_price_base(money):
    with pytest.raises(PriceBaseMismatch, match="amount in GBP per_visit needs a price_base such as 2024-25"):
        money(price_base="")
    assert issubclass(PriceBaseMismatch, CommunityBudgetError)


@pytest.mark.parametrize("year", ["2013", "CY2013", "2013-15"])
def test_a_price_base_is_a_financial_year(money, year):
    with pytest.raises(ValueError, match="is not a financial year"):
        money(price_base=year)


def test_a_price_base_is_kept_in_the_house_form(money):
    assert money(price_base="2013/14").price_base == "2013-14"


@pytest.mark.parametrize("value_type", ["", "cash", "Fiscal"])
def test_money_is_fiscal_economic_or_social(money, value_type):
    with pytest.raises(ValueError, match=f"value_type is '{value_type}'; use fiscal, economic or social"):
        money(value_type=value_type)


def test_one_key_can_have_several_values(money):
    assert [money(value_type=v).id for v in ("fiscal", "economic", "social")] == [
        "unit_cost.X1.0",
        "unit_cost.X1.0[economic]",
        "unit_cost.X1.0[social]",
    ]


@pytest.mark.parametrize(
    ("unit", "support"),
    [
        ("share", "share"),
        ("share of children", "share"),
        ("ratio", "positive"),
        ("hour", "positive"),
        ("net", "real"),
    ],
)
def test_the_unit_says_which_numbers_are_possible(parameter, unit, support):
    assert parameter(unit=unit).support == support


class TestUncertainty:
    """Which of the numbers given makes the distribution."""

    @pytest.mark.parametrize("distribution", ["fixed", "dirichlet"])
    def test_a_number_taken_as_known(self, parameter, distribution):
        found = parameter(low=0.7, high=0.9, interval="range", distribution=distribution)
        assert found.uncertainty.is_fixed

    def test_an_sd_comes_before_the_default_spread(self, money):
        assert money(sd=7, default_spread=0.1).uncertainty == from_mean_sd(100, 7)

    def test_an_interval_comes_before_the_default_spread(self, money):
        found = money(low=80, high=130, interval="ci95", default_spread=0.1)
        assert found.uncertainty == from_interval(100, 80, 130, "ci95")
        assert not found.spread_is_default

    def test_the_range_of_a_published_cost_is_over_cases_and_not_of_its_mean(self, money):
        found = money(low=20, high=500, interval="range", default_spread=0.1)
        assert found.uncertainty == from_mean_sd(100, 10)
        assert found.spread_is_default

    def test_unless_it_says_otherwise(self, money):
        found = money(low=20, high=500, interval="range", default_spread=0.1, distribution="pert")
        assert found.uncertainty == from_interval(100, 20, 500, "range")
        assert not found.spread_is_default

    def test_a_range_of_a_quantity_is_its_own(self, parameter):
        assert parameter(low=0.7, high=0.9, interval="range").uncertainty.kind == "pert"

    def test_the_default_spread_is_a_share_of_the_value(self, money):
        assert money(default_spread=0.2).uncertainty == from_mean_sd(100, 20)
        assert money(value=0, default_spread=0.2).uncertainty.is_fixed

    def test_without_any_it_is_known(self, parameter):
        assert parameter().uncertainty == Distribution("fixed", (0.8,))

    def test_a_chosen_form(self, parameter):
        found = parameter(unit="ratio", low=0.6, high=1.1, interval="ci95", distribution="lognormal")
        assert found.uncertainty.kind == "lognormal"


def test_uprating_takes_every_amount_along(money):
    old = money(low=80, high=130, interval="ci95", sd=5, transfer_value=40, note="kept")
    new = old.uprated(1.25, "2023-24")
    assert (new.value, new.low, new.high, new.sd, new.transfer_value) == (125, 100, 162.5, 6.25, 50)
    assert new.price_base == "2023-24"
    assert new.note == "kept"
    assert money().uprated(1.25, "2023-24").low is None


def test_a_parameter_cannot_be_changed(parameter):
    with pytest.raises(dataclasses.FrozenInstanceError):
        parameter().value = 1.0

"""Printed figures and what they imply, against the arithmetic of the people who printed them."""

import math

import numpy as np
import pytest

from communitybudget.appraisal import (
    break_even_share,
    implied_cost,
    payback_time,
    printed_interval,
    published_return,
    simple_payback,
)
from communitybudget.parameters import ParameterSet


@pytest.fixture(scope="module")
def england() -> ParameterSet:
    return ParameterSet.load("england")


def test_greater_manchester_on_both_readings(england: ParameterSet) -> None:
    """Troubled families, £138m to save £224m: gov.uk, 23 January 2013; it does not say which."""
    cost, saving = england["amount.gm_invest"].value, england["amount.gm_saving"].value
    gross = published_return(cost, saving, "gross")
    assert (gross.gross, gross.net, round(gross.per_pound, 2)) == (224e6, 86e6, 1.62)
    net = gross.other_reading
    assert (net.gross, net.net, round(net.per_pound, 2)) == (362e6, 224e6, 2.62)
    assert net.other_reading == gross


@pytest.mark.parametrize(
    ("cost", "saving", "reading", "words"),
    [
        (138e6, 224e6, "both", "use 'gross' .before its cost. or 'net'"),
        (0.0, 224e6, "net", "the cost is 0; give an amount above 0"),
        ("£138m", None, "both", "the cost is '£138m'; .*\nthe saving is None; .*\n'both' does not say"),
        (math.nan, 224e6, "net", "the cost is nan"),
        (138e6, math.inf, "net", "the saving is inf"),
    ],
)
def test_a_return_that_cannot_be_read(cost: float, saving: float, reading: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        published_return(cost, saving, reading)  # type: ignore[arg-type]


def test_lgss_pays_back_in_0_876_years(england: ParameterSet) -> None:
    """Set-up £3.32m (Computerworld UK on LGA 2012), £3.79m a year in 2011/12 (Public Law Today; Room151)."""
    spent, saved = england["amount.lgss_invest"].value, england["amount.lgss_sav_1112"].value
    years = float(simple_payback(spent, saved))
    assert round(years, 3) == 0.876
    # payback_time counts from the start of year 0, which the investment has to itself
    assert float(payback_time([-spent, saved, saved])) == pytest.approx(1 + years, rel=1e-12)


def test_simple_payback_over_draws() -> None:
    found = simple_payback([10.0, 10.0, 0.0], [5.0, 0.0, 2.0])
    np.testing.assert_array_equal(found, [2.0, np.nan, 0.0])
    with pytest.raises(ValueError, match="the investment is negative"):
        simple_payback(-1.0, 2.0)
    with pytest.raises(ValueError, match=r"saving_a_year is no number .*; give plain numbers"):
        simple_payback(1.0, "£2m")
    with pytest.raises(ValueError, match=r"investment has shape \(2,\) and saving_a_year \(3,\); give one"):
        simple_payback([1.0, 2.0], [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="not finite"):
        simple_payback(1.0, math.inf)


@pytest.mark.parametrize(
    ("figure", "low", "high"),
    [
        ("2.28", 2.275, 2.285),
        ("£366m", 365.5e6, 366.5e6),
        ("£9.4bn", 9.35e9, 9.45e9),
        ("1,200", 1199.5, 1200.5),
        ("-£3.0k", -3050.0, -2950.0),
        ("−0.5", -0.55, -0.45),
        (" £ 147 m ", 146.5e6, 147.5e6),
    ],
)
def test_half_a_unit_of_the_last_digit(figure: str, low: float, high: float) -> None:
    assert printed_interval(figure) == (low, high)


@pytest.mark.parametrize("figure", ["", "two", "1,20", "2.", "£m", "1.5%", "1e6", "nan", 2.28])
def test_what_is_no_printed_figure(figure: str) -> None:
    with pytest.raises(ValueError, match="is no printed figure; write it in quotes"):
        printed_interval(figure)


def test_the_evaluation_of_2019_from_its_four_printed_numbers(england: ParameterSet) -> None:
    """£2.28 and £1.51 for each pound, net £366m and £147m: LGC 7028268; CSW, 20 March 2019."""
    found = implied_cost(["2.28", "1.51"], ["£366m", "£147m"])
    assert (round(found.low / 1e6, 1), round(found.high / 1e6, 1)) == (284.5, 287.5)
    row = england["amount.tfp2_cost_implied"]
    assert (round(found.low, -5), round(found.high, -5)) == (row.low, 287.5e6) == (284.5e6, row.high)
    economic, fiscal = found.gross
    assert [round(x / 1e6) for x in economic + fiscal] == [650, 654, 431, 435]
    assert [round(100 * share, 1) for share in found.break_even_shares] == [43.9, 66.2]
    assert [tuple(round(x / 1e6, 1) for x in pair) for pair in found.each] == [(284.4, 287.5), (284.5, 292.1)]


def test_the_cost_is_the_one_that_a_search_finds() -> None:
    """Every cost on a fine grid, tried against every ratio and net benefit that round to those printed."""
    found = implied_cost(["2.28", "1.51"], ["£366m", "£147m"])
    fits = []
    for cost in np.arange(280.0e6, 295.0e6, 1e4):
        pairs = []
        for ratio, net in (("2.28", "£366m"), ("1.51", "£147m")):
            (r0, r1), (n0, n1) = printed_interval(ratio), printed_interval(net)
            grid = cost * (np.linspace(r0, r1, 201) - 1)
            pairs.append(bool(((grid >= n0) & (grid <= n1)).any()))
        if all(pairs):
            fits.append(float(cost))
    assert min(fits) == pytest.approx(found.low, abs=2e4)
    assert max(fits) == pytest.approx(found.high, abs=2e4)


def test_figures_that_disagree_say_what_each_pair_leaves() -> None:
    with pytest.raises(ValueError, match="the printed figures disagree: no cost fits them all") as caught:
        implied_cost(["2.28", "1.51"], ["£366m", "£247m"])
    assert "1.51 and £247m leave £478.6m to £490.1m" in str(caught.value)
    with pytest.raises(ValueError, match="£10m leave no cost at all"):
        implied_cost(["0.9"], ["£10m"])


def test_a_ratio_that_may_be_one() -> None:
    found = implied_cost(["1.0"], ["£1m"])
    assert found.low == pytest.approx(0.5e6 / 0.05)
    assert math.isinf(found.high)
    assert found.words == "£10.0m or more"
    below = implied_cost(["0.5"], ["−£10m"])
    assert (below.low, below.high) == pytest.approx((9.5e6 / 0.55, 10.5e6 / 0.45))


def test_one_net_benefit_for_each_ratio() -> None:
    with pytest.raises(ValueError, match="there are 2 ratios and 1 net benefits; give one of each"):
        implied_cost(["2.28", "1.51"], ["£366m"])
    with pytest.raises(ValueError, match="0 ratios"):
        implied_cost([], [])


def test_a_ratio_of_nothing_breaks_even_nowhere() -> None:
    with pytest.raises(ValueError, match="a ratio is not above 0"):
        break_even_share([1.5, 0.0])

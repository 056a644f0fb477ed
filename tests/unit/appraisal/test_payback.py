import math

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from communitybudget.appraisal import payback_percentile, payback_time, payback_year

NAN = float("nan")


def naive_year(net):
    totals = [math.fsum(net[: i + 1]) for i in range(len(net))]
    for year in range(len(net)):
        if all(total >= 0 for total in totals[year:]):
            return float(year)
    return NAN


CASES = {
    "recovers": ([-10, 4, 4, 4], 3, 3.5),
    "recovers, falls back, recovers again": ([-10, 12, -5, 2, 2, 0], 4, 4.5),
    "recovers and falls back for good": ([-10, 12, -5, 1], NAN, NAN),
    "never": ([-10, 1, 1], NAN, NAN),
    "immediately": ([5, 1, 1], 0, 0),
    "nothing at all": ([0, 0], 0, 0),
    "exactly zero at the end": ([-10, 5, 5], 2, 3),
    "exactly zero, then more": ([-10, 10, 5], 1, 2),
    "exactly zero, then owed": ([-10, 10, -1], NAN, NAN),
    "positive first, owed later": ([5, -8, 1, 4], 3, 3.5),
    "one year": ([-1], NAN, NAN),
}


@pytest.mark.parametrize(("net", "year", "time"), CASES.values(), ids=CASES.keys())
def test_known_cases(net, year, time):
    assert_array_equal(payback_year(net), year)
    assert_array_equal(payback_time(net), time)


def test_against_a_search_year_by_year():
    net = np.random.default_rng(3).integers(-6, 7, size=(400, 9))
    assert_array_equal(payback_year(net), [naive_year(row) for row in net.tolist()])


def test_time_is_where_a_fine_line_crosses_zero():
    net = np.random.default_rng(4).normal(0.3, 1, size=(200, 8))
    for flows, found in zip(net, payback_time(net), strict=True):
        balance = np.concatenate([[0.0], np.cumsum(flows)])
        owed = np.interp(np.linspace(0, 8, 8001), np.arange(9), balance) < -1e-9
        if owed[-1]:
            assert math.isnan(found)
        elif payback_year(flows) == 0:
            assert found == 0
        else:
            assert abs(found - (np.flatnonzero(owed)[-1] + 1) / 1000) < 0.0011


def test_leading_axes_are_kept():
    net = np.random.default_rng(5).normal(size=(2, 3, 6))
    assert payback_year(net).shape == payback_time(net).shape == (2, 3)
    assert_array_equal(payback_year(net)[1, 2], payback_year(net[1, 2]))


def test_rounding_does_not_delay_payback():
    assert sum([-0.8, 0.7, 0.1]) < 0
    assert payback_year([-0.8, 0.7, 0.1, 0]) == 2


@pytest.mark.parametrize("call", [payback_year, payback_time])
def test_unusable_flows_are_refused(call):
    with pytest.raises(ValueError, match="net holds nan"):
        call([1, NAN])


def test_percentile_sorts_not_within_the_horizon_last():
    payback = [NAN, 4, 2, NAN, 3]
    assert [payback_percentile(payback, q) for q in (0, 0.2, 0.4, 0.6)] == [2, 2, 3, 4]
    assert math.isnan(payback_percentile(payback, 0.61))
    assert math.isnan(payback_percentile(payback, 1))
    assert payback_percentile([1.5, 2.5], 1) == 2.5


def test_percentile_is_not_pushed_a_draw_further_by_rounding():
    assert 0.07 * 100 > 7
    assert payback_percentile(np.arange(1, 101), 0.07) == 7


def test_percentile_agrees_with_the_share_paid_back():
    payback = payback_year(np.random.default_rng(6).normal(0.4, 1, size=(333, 10)))
    for year in range(10):
        share = np.mean(payback <= year)
        if share > 0:
            assert payback_percentile(payback, share) <= year
            assert not payback_percentile(payback, share + 1 / 333) <= year


@pytest.mark.parametrize(
    ("payback", "q"), [([], 0.5), ([[1]], 0.5), ([1], 80), ([1], -0.1), ([1], NAN), ([np.inf], 0.5)]
)
def test_unusable_percentiles_are_refused(payback, q):
    with pytest.raises(ValueError, match=r"payback|q is"):
        payback_percentile(payback, q)

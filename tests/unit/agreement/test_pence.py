import numpy as np
import pytest

from communitybudget.agreement.pence import round_together, to_pence, to_pounds


def test_pounds_become_whole_pence_half_to_even() -> None:
    assert to_pence([0.125, 0.375, -0.125, 19.99]).tolist() == [12, 38, -12, 1999]


def test_there_and_back() -> None:
    pence = np.array([1, -1, 123_456_789_012_34])
    assert to_pence(to_pounds(pence)).tolist() == pence.tolist()


@pytest.mark.parametrize("amount", [np.nan, np.inf, -np.inf, 1e15])
def test_what_cannot_be_counted_is_refused_with_its_place(amount: float) -> None:
    amounts = np.zeros((2, 3))
    amounts[1, 2] = amount
    with pytest.raises(ValueError, match=r"1 amount cannot be counted in pence, first at \(1, 2\)"):
        to_pence(amounts)


@pytest.mark.parametrize(
    ("shares", "total", "whole"),
    [
        ([33.4, 33.3, 33.3], 100, [34, 33, 33]),
        ([33.3, 33.4, 33.3], 100, [33, 34, 33]),
        ([0.5, 0.5], 1, [1, 0]),
        ([-0.5, -0.5], -1, [0, -1]),
        ([-0.7, 0.7], 0, [-1, 1]),
        ([0.0, 0.0, 0.0], 0, [0, 0, 0]),
        ([7.0], 7, [7]),
        ([0.0, 0.0], 5, [3, 2]),
    ],
)
def test_the_largest_remainder_is_rounded_up(shares: list[float], total: int, whole: list[int]) -> None:
    found = round_together(np.array(shares)[:, np.newaxis], np.array([total]))
    assert found[:, 0].tolist() == whole


def test_remainders_that_floats_made_unequal_are_equal() -> None:
    shares = np.array([0.55, 0.45])[:, np.newaxis] * np.array([1_343_310.0])
    assert shares[:, 0].tolist() != [738_820.5, 604_489.5]
    assert round_together(shares, np.array([1_343_310]))[:, 0].tolist() == [738_821, 604_489]


def test_each_year_and_draw_is_rounded_by_itself() -> None:
    shares = np.random.default_rng(1).normal(0, 1e6, (5, 4, 30))
    totals = np.rint(shares.sum(axis=0)).astype(np.int64)
    whole = round_together(shares, totals)
    assert (whole.sum(axis=0) == totals).all()
    assert np.abs(whole - shares).max() < 1.2
    assert (round_together(shares[:, 2:3, 7:8], totals[2:3, 7:8]) == whole[:, 2:3, 7:8]).all()

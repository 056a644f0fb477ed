import numpy as np
import pytest

from agreement_builders import random_positions
from communitybudget.agreement import PaidResult


def result(**terms):
    return PaidResult(
        **{
            "label": "Family helped",
            "unit": "family",
            "tariff": 10.0,
            "units": np.full((3, 20), 6.0),
            **terms,
        }
    )


def test_only_what_is_beyond_the_band_is_paid_for():
    paid = result(units=[[5.0], [1.0], [6.0]], deadweight=3).paid_units_to_date()
    assert paid.ravel().tolist() == [2.0, 0.0, 3.0]


def test_the_share_comes_off_before_the_band():
    paid = result(units=[[12.0]], deadweight=3, deadweight_share=1 / 6).paid_units_to_date()
    assert paid.item() == pytest.approx(10 - 3)


def test_no_more_than_the_most_is_paid_for():
    assert result(most=13).earned_to_date()[:, 0].tolist() == [60.0, 120.0, 130.0]


def test_fewer_than_the_baseline_are_units_and_more_are_taken_off():
    days = PaidResult.below_baseline(
        label="Days in care saved", unit="day", tariff=2.0, baseline=[[100.0]], observed=[[70.0], [110.0]]
    )
    assert days.units.ravel().tolist() == [30.0, -10.0]
    assert days.earned_to_date().ravel().tolist() == [60.0, 40.0]
    assert "stated baseline, which is no counterfactual" in days.words()


def test_equal_by_value():
    assert result() == result()
    assert result() != result(tariff=11.0)
    assert result() != result(units=np.zeros((3, 20)))


def test_the_terms_are_told_in_words():
    words = result(counted="gross", deadweight=3, deadweight_share=1 / 6, most=13).words()
    assert words == (
        "Family helped: £10.00 a family, counted GROSS, against nothing. "
        "16.7% is not paid for: it would have come anyway. "
        "The first 3 a year are not paid for: they would have come anyway. "
        "At most 13 are paid for in all."
    )


def test_every_fault_is_told():
    broken = result(
        tariff=-5.0, units=np.zeros((2, 20)), deadweight=-1.0, deadweight_share=1.5, most=float("nan")
    )
    assert broken.faults(random_positions(1)) == [
        "the result 'Family helped' has a tariff of £-5 a family; give £0 or more",
        "the units of the result 'Family helped' have the shape (2, 20); they need (year, draw), (3, 20)",
        "the result 'Family helped' has a deadweight of -1 units a year; give 0 or more",
        "the result 'Family helped' has a deadweight share of 1.5; give a share from 0 to 1",
        "the result 'Family helped' is paid for at most nan units; give 0 or more, or leave it out",
    ]


def test_units_are_numbers():
    units = np.full((3, 20), np.nan)
    assert "not a number" in result(units=units).faults(random_positions(1))[0]

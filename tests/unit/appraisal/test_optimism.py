import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from communitybudget.appraisal import combined_correction, corrected_benefits, corrected_costs

shares = st.lists(st.floats(0, 1), min_size=1, max_size=6)


@given(corrections=shares)
def test_the_three_rules_as_defined(corrections):
    left = 1.0
    for c in corrections:
        left *= 1 - c
    assert combined_correction(corrections, "worst") == max(corrections)
    assert_allclose(combined_correction(corrections, "compound"), 1 - left, atol=1e-12)
    assert_allclose(combined_correction(corrections, "mean"), sum(corrections) / len(corrections), atol=1e-12)


@given(corrections=shares)
def test_the_mean_is_mildest_and_compounding_the_severest(corrections):
    mean, worst, compound = (combined_correction(corrections, r) for r in ("mean", "worst", "compound"))
    assert mean <= worst + 1e-12 <= compound + 2e-12


def test_a_weighted_mean_by_hand():
    assert combined_correction([0.1, 0.4], "mean", [3, 1]) == pytest.approx(0.175)


def test_benefits_fall_costs_rise_and_what_costs_more_is_left():
    assert_allclose(corrected_benefits([100.0, -50.0], [0.05, 0.15], "worst"), [85, -50])
    assert_allclose(corrected_costs([100.0], [0.05, 0.15], "compound"), [100 * (1 + 1 - 0.95 * 0.85)])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([0.1], "best"), "'best' is no rule"),
        (([], "worst"), "no correction to combine"),
        (([15], "worst"), r"write 15% as 0\.15"),
        (([0.1, 0.2], "mean", [1]), "weights do not fit"),
        (([0.1, 0.2], "mean", [0, 0]), "weights do not fit"),
        (([0.1, 0.2], "worst", [1, 1]), "no meaning for 'worst'"),
        (([np.nan], "worst"), "outside 0 to 1"),
    ],
)
def test_what_cannot_be_combined(arguments, words):
    with pytest.raises(ValueError, match=words):
        combined_correction(*arguments)

"""Distributional weights."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from communitybudget.appraisal import distributional_weight, weighted_public_value

incomes = st.floats(1_000, 200_000)


class TestWeight:
    def test_by_hand(self):
        """Half the median income at an elasticity of 1.3: 2 ** 1.3 = 2.4623 (Green Book 2022, annex A3)."""
        assert_allclose(distributional_weight(15_000, 30_000), 2.4623, atol=5e-5)

    @given(income=incomes)
    def test_at_the_median_a_pound_is_a_pound(self, income):
        assert_allclose(distributional_weight(income, income), 1)

    @given(income=incomes, median=incomes)
    def test_without_elasticity_everybody_counts_alike(self, income, median):
        assert distributional_weight(income, median, 0) == 1

    @given(income=incomes, median=incomes)
    def test_the_poorer_the_more(self, income, median):
        assert distributional_weight(income * 0.9, median) > distributional_weight(income, median)

    def test_faults_are_told_together(self):
        with pytest.raises(ValueError, match=r"not above 0.*; an elasticity of -1"):
            distributional_weight(0, 30_000, -1)


class TestPublicValue:
    """A claimant of 2012-13 into work: fiscal 9,800, of it 9,234 benefit; earnings 14,044 (E&E1.0)."""

    def test_at_weight_one_it_is_public_value(self):
        assert_allclose(weighted_public_value(9_800, 9_234, 14_044, 0, 0, 1), 9_800 - 9_234 + 14_044)

    def test_at_weight_two_the_family_gains_earnings_less_benefit_twice(self):
        assert_allclose(weighted_public_value(9_800, 9_234, 14_044, 0, 0, 2), 9_800 + 2 * (14_044 - 9_234))

    def test_a_benefit_that_a_poor_family_loses_costs_more_than_it_saves(self):
        assert weighted_public_value(100, 100, 0, 0, 0, 1.5) == -50

    def test_by_draw(self):
        weights = np.array([1.0, 2.0])
        value = weighted_public_value([10.0, 10.0], [4.0, 4.0], [6.0, 6.0], 0.0, 3.0, weights)
        assert_allclose(value, [9, 11])

    def test_wellbeing_is_no_income_and_counts_once(self):
        assert weighted_public_value(0, 0, 0, 100, 0, 2.5) == 100

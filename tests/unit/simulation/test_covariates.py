import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from communitybudget._core.errors import ParameterError
from communitybudget.simulation import (
    coefficient_draws,
    log_hazard,
    logit_probability,
    merge_profiles,
)

# lone parent, children under five, each log hazard ratio in three draws
PROFILES = np.array([[0, 0], [1, 0], [0, 2], [1, 2]])
DRAWN = np.array([[0.5, 0.6, 0.4], [0.1, 0.2, 0.15]])


class TestHazards:
    def test_draw_by_draw_and_profile_by_profile(self):
        baseline = np.array([0.01, 0.02, 0.03])
        found = log_hazard(baseline, DRAWN, PROFILES)
        assert found.shape == (4, 3)
        for p in range(4):
            for d in range(3):
                effect = sum(PROFILES[p, k] * DRAWN[k, d] for k in range(2))
                assert found[p, d] == pytest.approx(baseline[d] * np.exp(effect), rel=1e-14)

    def test_shapes(self):
        assert log_hazard(0.01, DRAWN[:, 0], PROFILES).shape == (4,)
        assert log_hazard(0.01, DRAWN, PROFILES).shape == (4, 3)
        # a baseline over draws with known coefficients
        found = log_hazard([0.01, 0.02], DRAWN[:, 0], PROFILES)
        assert found.shape == (4, 2)
        assert_allclose(found[:, 1], 2 * log_hazard(0.01, DRAWN[:, 0], PROFILES), rtol=1e-14)

    def test_a_block_of_draws_has_the_same_bits(self):
        rng = np.random.default_rng(1)
        coefficients, covariates = rng.normal(size=(9, 500)), rng.normal(size=(20, 9))
        whole = log_hazard(0.01, coefficients, covariates)
        assert_array_equal(log_hazard(0.01, coefficients[:, 17:40], covariates), whole[:, 17:40])


class TestProbabilities:
    @settings(max_examples=25)
    @given(st.floats(0.001, 0.999), st.floats(-30, 30))
    def test_odds_are_multiplied(self, baseline, effect):
        p = float(logit_probability(baseline, [effect], [[1.0]])[0])
        logit = np.log(baseline / (1 - baseline)) + effect
        assert p == pytest.approx(1 / (1 + np.exp(-logit)), rel=1e-10)

    def test_nothing_and_certainty_stay(self):
        for effect in (-2_000.0, -1.0, 0.0, 1.0, 2_000.0):
            assert_array_equal(logit_probability([0.0, 1.0], [effect], [[1.0]]), [[0.0, 1.0]])

    def test_effects_without_bound_stay_probabilities(self):
        assert_allclose(logit_probability(0.3, [1_000.0], [[-1.0], [1.0]]), [0, 1], atol=1e-12)

    def test_over_draws(self):
        assert logit_probability([0.1, 0.2, 0.3], DRAWN, PROFILES).shape == (4, 3)


@pytest.mark.parametrize("form", [log_hazard, logit_probability])
def test_what_does_not_fit(form):
    with pytest.raises(ParameterError, match=r"give \(B,\) or \(B, D\) and \(P, B\)"):
        form(0.1, [0.1, 0.2, 0.3], PROFILES)
    with pytest.raises(ParameterError, match="out of range"):
        form(-0.1, [0.1, 0.2], PROFILES)


class TestCoefficients:
    MEANS = np.array([0.5, -0.2, 0.1])
    COVARIANCE = np.array([[0.04, 0.018, 0.0], [0.018, 0.09, -0.01], [0.0, -0.01, 0.01]])

    def test_means_spread_and_correlation(self):
        drawn = coefficient_draws(self.MEANS, self.COVARIANCE, 40_000, 1, "care")
        sd = np.sqrt(np.diag(self.COVARIANCE))
        assert (np.abs(drawn.mean(axis=1) - self.MEANS) < 4 * sd / 200).all()
        assert_allclose(np.cov(drawn) / np.outer(sd, sd), self.COVARIANCE / np.outer(sd, sd), atol=0.03)

    def test_the_factor_of_cholesky(self):
        from communitybudget._core.streams import stream

        z = np.array([stream(5, f"care[{b}]").standard_normal(7) for b in range(3)])
        by_hand = self.MEANS[:, None] + np.linalg.cholesky(self.COVARIANCE) @ z
        assert_allclose(coefficient_draws(self.MEANS, self.COVARIANCE, 7, 5, "care"), by_hand, rtol=1e-12)

    def test_one_added_at_the_end_changes_no_other(self):
        two = coefficient_draws(self.MEANS[:2], self.COVARIANCE[:2, :2], 20, 1, "care")
        assert_array_equal(coefficient_draws(self.MEANS, self.COVARIANCE, 20, 1, "care")[:2], two)

    def test_known_and_perfectly_correlated_ones(self):
        covariance = np.array([[0.04, 0.0, 0.08], [0.0, 0.0, 0.0], [0.08, 0.0, 0.16]])
        drawn = coefficient_draws([0.0, 1.0, 0.0], covariance, 50, 1, "care")
        assert_array_equal(drawn[1], np.ones(50))
        assert_allclose(drawn[2], 2 * drawn[0], rtol=1e-12)

    @pytest.mark.parametrize(
        ("covariance", "words"),
        [
            ([[0.04, 0.08], [0.08, 0.04]], "smallest eigenvalue -0.04.*correlations cannot all hold"),
            ([[-0.04, 0.0], [0.0, 0.04]], "not positive semidefinite"),
            ([[0.0, 0.1], [0.1, 0.04]], "not positive semidefinite"),
            ([[0.04, 0.01], [0.02, 0.04]], "not symmetric"),
            ([[0.04, np.nan], [np.nan, 0.04]], "not a number"),
            ([[0.04]], "in one order"),
        ],
    )
    def test_what_is_no_covariance(self, covariance, words):
        with pytest.raises(ParameterError, match=words):
            coefficient_draws([0.1, 0.2], covariance, 5, 1, "care")


class TestMerging:
    @settings(max_examples=25)
    @given(
        st.lists(st.tuples(st.integers(0, 2), st.sampled_from([-1.5, 0.0, -0.0])), min_size=1, max_size=30)
    )
    def test_against_a_dictionary(self, rows):
        merged = merge_profiles(np.array(rows, dtype=float))
        seen = {}
        for row in rows:
            seen[row] = seen.get(row, 0) + 1
        assert [tuple(p) for p in merged.profiles] == list(seen)
        assert merged.weights.tolist() == list(seen.values())
        assert_array_equal(merged.profiles[merged.of_family], np.array(rows, dtype=float))

    def test_totals_by_weight_are_those_of_all_families(self):
        rng = np.random.default_rng(2)
        table = rng.integers(0, 3, (500, 3))
        merged = merge_profiles(table)
        assert len(merged.profiles) <= 27
        hazards = log_hazard(0.01, [0.1, -0.2, 0.3], merged.profiles)
        assert merged.weights @ hazards == pytest.approx(
            log_hazard(0.01, [0.1, -0.2, 0.3], table).sum(), rel=1e-13
        )

    def test_a_table_of_pandas(self):
        table = pd.DataFrame({"lone_parent": [True, False, True], "children": [2, 1, 2]})
        merged = merge_profiles(table)
        assert_array_equal(merged.profiles, [[1, 2], [0, 1]])
        assert merged.of_family.tolist() == [0, 1, 0]

    def test_nearly_the_same_is_not_the_same(self):
        assert len(merge_profiles([[0.3], [0.1 + 0.2]]).profiles) == 2

    def test_a_nation_of_families_in_a_moment(self):
        table = np.random.default_rng(3).integers(0, 2, (120_000, 7))
        begun = time.process_time()
        assert len(merge_profiles(table).profiles) == 128
        assert time.process_time() - begun < 2

    @pytest.mark.parametrize(
        ("table", "words"),
        [
            ([["yes"], ["no"]], "code words as 0 and 1"),
            (pd.DataFrame({"tenure": ["rent", "own"]}), "not a number"),
            ([[1.0, np.nan]], "row 0, column 1 is missing"),
            (np.empty((0, 3)), "one row a family"),
            ([1, 2], "one row a family"),
        ],
    )
    def test_what_cannot_be_merged(self, table, words):
        with pytest.raises(ParameterError, match=words):
            merge_profiles(table)

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats

from communitybudget._core.streams import Streams
from communitybudget.parameters import Distribution
from communitybudget.sampling import (
    RankCorrelation,
    Sampled,
    correlated,
    correlated_pairs,
    joint_normal,
    nearest_correlation,
    sample,
)

# N. J. Higham, "Computing the nearest correlation matrix: a problem from finance", IMA Journal of Numerical
# Analysis 22 (2002), section 4: the 3 x 3 example with its distance 0.5278, and the tridiagonal 4 x 4 one.
THREE = [[1, 1, 0], [1, 1, 1], [0, 1, 1]]
NEAREST_TO_THREE = [[1, 0.7607, 0.1573], [0.7607, 1, 0.7607], [0.1573, 0.7607, 1]]
FOUR = [[2, -1, 0, 0], [-1, 2, -1, 0], [0, -1, 2, -1], [0, 0, -1, 2]]
NEAREST_TO_FOUR = [
    [1.0000, -0.8084, 0.1916, 0.1068],
    [-0.8084, 1.0000, -0.6562, 0.1916],
    [0.1916, -0.6562, 1.0000, -0.8084],
    [0.1068, 0.1916, -0.8084, 1.0000],
]


class TestNearest:
    @pytest.mark.parametrize(("given", "published"), [(THREE, NEAREST_TO_THREE), (FOUR, NEAREST_TO_FOUR)])
    def test_published_examples(self, given, published):
        assert_allclose(nearest_correlation(given), published, atol=5e-5)

    def test_published_distance(self):
        assert np.linalg.norm(nearest_correlation(THREE) - THREE) == pytest.approx(0.5278, abs=5e-5)

    def test_one_that_is_possible_stays(self):
        given = np.array([[1, 0.5, 0.2], [0.5, 1, -0.1], [0.2, -0.1, 1]])
        assert_array_equal(nearest_correlation(given), given)

    @pytest.mark.parametrize(
        ("matrix", "words"),
        [
            ([[1, 0.5]], "as many rows as columns"),
            ([[1, 0.5], [0.4, 1]], "row 1 and column 2 say 0.5 and 0.4"),
            ([[1, np.nan], [np.nan, 1]], "not finite"),
        ],
    )
    def test_what_is_no_symmetric_matrix(self, matrix, words):
        with pytest.raises(ValueError, match=words):
            nearest_correlation(matrix)


class TestRanks:
    def test_spearman_to_pearson(self):
        found = correlated_pairs({("a", "b"): 0.6})
        assert found.normal[0, 1] == pytest.approx(2 * np.sin(np.pi * 0.6 / 6))
        assert found.used[0, 1] == pytest.approx(0.6)
        assert not found.is_changed
        assert "as asked" in found.summary()

    def test_a_change_is_told_with_the_pair(self):
        found = correlated_pairs({("a", "b"): 0.9, ("b", "c"): 0.9, ("x", "y"): 0.5})
        assert found.is_changed
        first, second, change = found.largest_change
        assert (first, second) == ("a", "b")
        assert change == found.used[1, 0] - 0.9
        assert "Most changed: a and b, by -0.171" in found.summary()
        frame = found.to_frame()
        assert list(frame["first"] + frame["second"]) == ["ab", "ac", "bc", "xy"]
        assert frame["change"].iloc[-1] == 0  # a group that is possible is left alone

    def test_it_is_equal_by_value_and_survives_json(self):
        found = correlated_pairs({("a", "b"): 0.9, ("b", "c"): 0.9})
        assert RankCorrelation.from_json(found.to_json()) == found
        assert repr(found) == "RankCorrelation(3 names, largest change -0.171)"
        assert "Most changed" in found._repr_html_()

    def test_it_draws_itself(self):
        axes = correlated_pairs({("a", "b"): 0.6}).plot()
        assert axes.get_xlabel() == "Rank correlation"

    @pytest.mark.parametrize(
        ("make", "words"),
        [
            (lambda: correlated_pairs({("a", "a"): 0.5}), "'a' is correlated with itself"),
            (lambda: correlated_pairs({("a", "b"): 0.5, ("b", "a"): 0.5}), "are there twice"),
            (lambda: correlated_pairs({("a", "b"): 1.2}), "a correlation of 1.2 is none"),
            (lambda: correlated(["a"], [[1, 0], [0, 1]]), "2 rows for the names a"),
            (lambda: correlated(["a", "b"], [[2, 0], [0, 1]]), "diagonal"),
        ],
    )
    def test_what_is_no_correlation(self, make, words):
        with pytest.raises(ValueError, match=words):
            make()


class TestStreams:
    three = correlated_pairs({("a", "b"): 0.7, ("b", "c"): -0.4})
    spec = tuple(Sampled(name, Distribution("lognormal", (2.0, 0.5))) for name in "abcd")

    def test_what_is_not_correlated_is_unchanged_and_so_is_the_first(self):
        plain = sample(self.spec, 50, 3)
        turned = sample(self.spec, 50, 3, self.three.on(Streams(3)))
        for name in "ad":
            assert_array_equal(plain[name], turned[name])
        assert not np.isin(plain["b"], turned["b"]).any()

    def test_pieces_are_what_one_reading_gives(self):
        whole = sample(self.spec, 50, 3, self.three.on(Streams(3)))
        streams, found = self.three.on(Streams(3)), []
        for size in (1, 30, 19):
            streams.next_piece()
            found.append(sample(self.spec, size, 3, streams)["c"])
        assert_array_equal(np.concatenate(found), whole["c"])

    def test_a_chance_is_passed_through(self):
        assert_array_equal(self.three.on(Streams(3)).random("luck", 5), Streams(3).random("luck", 5))

    def test_entirely_together_and_entirely_against(self):
        found = correlated_pairs({("a", "b"): 1.0, ("c", "d"): -1.0})
        drawn = sample(self.spec, 200, 3, found.on(Streams(3)))
        assert stats.spearmanr(drawn["a"], drawn["b"]).statistic > 0.999
        assert stats.spearmanr(drawn["c"], drawn["d"]).statistic < -0.999


class TestJoint:
    mean, covariance = [1.0, -0.5], np.array([[0.25, 0.12], [0.12, 0.16]])

    @pytest.mark.parametrize(
        ("scale", "back"),
        [("real", lambda x: x), ("log", np.log), ("logit", lambda x: np.log(x / (1 - x)))],
    )
    def test_mean_and_covariance_are_met(self, scale, back):
        drawn = joint_normal(["a", "b"], self.mean, self.covariance, 100_000, 1, scale)
        columns = back(np.array(list(drawn.values())))
        assert_allclose(columns.mean(axis=1), self.mean, atol=4 * np.sqrt(0.25 / 100_000))
        assert_allclose(np.cov(columns), self.covariance, atol=0.005)

    def test_a_number_without_variance_is_known(self):
        drawn = joint_normal(["a", "b"], [1, 2], [[0, 0], [0, 4]], 10, 1)
        assert_array_equal(drawn["a"], np.ones(10))

    @pytest.mark.parametrize(
        ("names", "mean", "covariance", "scale", "words"),
        [
            (["a", "b"], [0, 0], [[1, 2], [2, 1]], "real", "negative variance"),
            (["a"], [0, 0], [[1, 0], [0, 1]], "real", "2 rows for 1 names and 2 means"),
            (["a", "b"], [0, 0], [[1, 0], [0, 1]], "log10", "no scale"),
        ],
    )
    def test_what_is_no_covariance(self, names, mean, covariance, scale, words):
        with pytest.raises(ValueError, match=words):
            joint_normal(names, mean, covariance, 10, 1, scale)

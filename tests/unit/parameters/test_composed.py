import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats

from communitybudget.parameters import (
    Distribution,
    discrete,
    fixed,
    from_interval,
    from_mean_sd,
    from_normal,
    from_values,
    mixture,
    truncated,
)
from communitybudget.parameters.composed import scaled

NORMAL = Distribution("normal", (3.0, 2.0))
Z = np.linspace(-4.9, 4.9, 501)


class TestTruncated:
    def test_a_normal_one_is_that_of_scipy(self):
        exact = stats.truncnorm((1 - 3) / 2, (8 - 3) / 2, loc=3, scale=2)
        cut = truncated(NORMAL, 1, 8)
        x = np.linspace(0, 9, 101)
        assert_allclose(cut.cdf(x), exact.cdf(x), atol=1e-14)
        assert_allclose([cut.mean, cut.sd], [exact.mean(), exact.std()], rtol=1e-6)
        assert_allclose(from_normal(cut, Z), exact.ppf(stats.norm.cdf(Z)), rtol=1e-9)

    @pytest.mark.parametrize("limits", [(12.0, 20.0), (-20.0, -6.0)])
    def test_far_out_in_a_tail_the_digits_stay(self, limits):
        cut, (low, high) = truncated(NORMAL, *limits), limits
        exact = stats.truncnorm((low - 3) / 2, (high - 3) / 2, loc=3, scale=2)
        ranks = np.array([0.01, 0.5, 0.99])
        assert_allclose([cut.quantile(p) for p in ranks], exact.ppf(ranks), rtol=1e-9)
        assert_allclose(cut.cdf(exact.ppf(ranks)), ranks, rtol=1e-8)

    @pytest.mark.parametrize(
        "part",
        [
            from_mean_sd(100, 40),
            from_interval(100, 60, 300, "ci90"),
            from_interval(100, 40, 200, "range"),
            Distribution("triangular", (40.0, 100.0, 200.0)),
            from_values([50, 80, 110, 170]),
        ],
    )
    def test_any_continuous_form_is_cut_by_ranks(self, part):
        cut = truncated(part, at_least=70, at_most=150)
        low, high = float(part.cdf(70)), float(part.cdf(150))
        x = np.linspace(70, 150, 41)
        assert_allclose(cut.cdf(x), (part.cdf(x) - low) / (high - low), atol=1e-9)
        drawn = from_normal(cut, Z)
        assert drawn.min() >= 70
        assert drawn.max() <= 150

    @pytest.mark.parametrize(
        ("make", "words"),
        [
            (lambda: truncated(NORMAL, 8, 1), "the limits 8 and 1 do not ascend"),
            (lambda: truncated(NORMAL, at_least=90), "next to nothing"),
            (lambda: truncated(fixed(3.0), at_least=1), "a fixed with weight on single values"),
            (lambda: truncated(discrete([1, 2]), at_least=0), "a discrete with weight on single values"),
        ],
    )
    def test_what_cannot_be_cut(self, make, words):
        with pytest.raises(ValueError, match=words):
            make()


class TestDiscrete:
    def test_values_come_as_often_as_their_weights(self):
        found = discrete([5, 1, 3], [2, 1, 1])
        ranks = (np.arange(4_000) + 0.5) / 4_000
        values, counts = np.unique(from_normal(found, stats.norm.ppf(ranks)), return_counts=True)
        assert_array_equal(values, [1, 3, 5])
        assert_array_equal(counts, [1_000, 1_000, 2_000])
        assert_allclose(found.cdf([0.9, 1, 2.9, 3, 4, 5]), [0, 0.25, 0.25, 0.5, 0.5, 1])
        assert found.mean == 3.5
        assert found.sd == pytest.approx(np.sqrt(0.25 * 6.25 + 0.25 * 0.25 + 0.5 * 2.25))

    def test_equal_values_are_one_and_no_weight_is_none(self):
        assert discrete([2, 1, 2, 9], [1, 1, 1, 0]) == discrete([1, 2], [1, 2])
        assert discrete([7, 7]) == fixed(7)

    @pytest.mark.parametrize(
        ("values", "weights", "words"),
        [
            ([1, 2], [1], "1 weights for 2 values"),
            ([1, 2], [0, 0], "cannot all be 0"),
            ([1, 2], [2, -1], "cannot be negative"),
            ([1, np.nan], None, "finite"),
            ([], None, "cannot all be 0"),
        ],
    )
    def test_what_is_no_distribution(self, values, weights, words):
        with pytest.raises(ValueError, match=words):
            discrete(values, weights)


class TestMixture:
    effect = mixture([fixed(1.0), from_interval(0.75, 0.56, 1.1, "ci95")], [0.2, 0.8])

    def test_the_share_below_is_the_weighted_one(self):
        x = np.array([0.3, 0.7, 0.999, 1.0, 1.5])
        part = from_interval(0.75, 0.56, 1.1, "ci95")
        assert_allclose(self.effect.cdf(x), 0.8 * part.cdf(x) + 0.2 * (x >= 1), rtol=1e-14)

    def test_no_effect_is_exactly_none_as_often_as_it_weighs(self):
        ranks = (np.arange(100_000) + 0.5) / 100_000
        drawn = from_normal(self.effect, stats.norm.ppf(ranks))
        assert (drawn == 1.0).mean() == pytest.approx(0.2, abs=2e-5)

    def test_two_normals_against_a_root_finder(self):
        from scipy.optimize import brentq

        parts = [Distribution("normal", (0.0, 1.0)), Distribution("normal", (6.0, 0.5))]
        found = mixture(parts, [1, 3])
        for p in (1e-6, 0.1, 0.25, 0.3, 0.9, 1 - 1e-9):
            wanted = brentq(
                lambda x, p=p: 0.25 * stats.norm.cdf(x) + 0.75 * stats.norm.cdf(x, 6, 0.5) - p, -10, 12
            )
            assert found.quantile(p) == pytest.approx(wanted, abs=2e-6 if p > 0.999 else 1e-9)

    def test_moments(self):
        parts = [Distribution("normal", (0.0, 1.0)), Distribution("normal", (6.0, 0.5))]
        found = mixture(parts, [1, 3])
        assert found.mean == 4.5
        assert found.sd == pytest.approx(np.sqrt(0.25 * (1 + 4.5**2) + 0.75 * (0.25 + 1.5**2)))

    def test_a_draw_does_not_depend_on_the_others(self):
        whole = from_normal(self.effect, Z)
        assert_array_equal(whole[17:30], from_normal(self.effect, Z[17:30]))

    def test_one_part_is_itself(self):
        assert mixture([fixed(1.0), fixed(2.0)], [0, 1]) == fixed(2.0)

    def test_mixtures_of_mixtures(self):
        twice = mixture([self.effect, discrete([1.0, 2.0])], [0.5, 0.5])
        flat = mixture([fixed(1.0), self.effect.parts[1], fixed(2.0)], [0.1 + 0.25, 0.4, 0.25])
        assert_allclose(from_normal(twice, Z), from_normal(flat, Z), rtol=1e-12)


class TestValues:
    def test_quantiles_are_those_of_numpy(self):
        values = [3.0, 9.0, 4.0, 20.0, 4.0]
        found = from_values(values)
        ranks = np.linspace(0.01, 0.99, 21)
        assert_allclose([found.quantile(p) for p in ranks], np.quantile(values, ranks), rtol=1e-12)

    def test_moments_are_exact(self):
        # piecewise straight quantiles: uniform over each gap between neighbours
        found = from_values([0.0, 1.0, 4.0])
        assert found.mean == 1.5
        second = (1 / 3 + (1 + 4 + 16) / 3) / 2
        assert found.sd == pytest.approx(np.sqrt(second - 1.5**2))

    def test_a_bootstrap_draws_the_values(self):
        assert from_values([3, 1, 3], "bootstrap") == discrete([1, 3], [1, 2])

    def test_too_few(self):
        with pytest.raises(ValueError, match="at least two"):
            from_values([1.0])
        assert from_values([2.0, 2.0]) == fixed(2.0)


@pytest.mark.parametrize(
    "form",
    [
        NORMAL,
        Distribution("two_piece_normal", (3.0, 1.0, 2.0)),
        Distribution("lognormal", (3.0, 0.5)),
        Distribution("two_piece_lognormal", (3.0, 0.5, 0.3)),
        from_mean_sd(100, 40),
        from_interval(100, 40, 200, "range"),
        Distribution("triangular", (1.0, 2.0, 5.0)),
        Distribution("uniform", (1.0, 5.0)),
        truncated(NORMAL, at_least=1),
        discrete([1, 2, 5], [1, 2, 3]),
        mixture([fixed(4.0), NORMAL], [1, 4]),
        from_values([1, 2, 9]),
        fixed(3.0),
    ],
)
def test_a_multiple_is_the_multiple_of_the_draws(form):
    assert_allclose(from_normal(scaled(form, 2.5), Z), 2.5 * from_normal(form, Z), rtol=1e-9)


def test_shares_have_no_multiple():
    with pytest.raises(ValueError, match="one of shares"):
        scaled(Distribution("beta", (2.0, 3.0)), 2)

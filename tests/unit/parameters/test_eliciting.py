import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import optimize, stats

from communitybudget.parameters import (
    Distribution,
    discrete,
    fixed,
    from_interval,
    from_quantiles,
    mixture,
    pooled,
)
from communitybudget.parameters.eliciting import FITTED_KINDS


class TestQuantiles:
    @pytest.mark.parametrize("kind", FITTED_KINDS)
    def test_two_are_met_exactly(self, kind):
        fit = from_quantiles({0.1: 0.2, 0.75: 0.5}, kind)
        assert_allclose(
            [fit.distribution.quantile(0.1), fit.distribution.quantile(0.75)], [0.2, 0.5], rtol=1e-9
        )
        assert fit.largest_miss < 1e-9
        assert fit.largest_miss_probability < 1e-9
        assert "meets every stated quantile" in fit.summary()

    @pytest.mark.parametrize(
        "given",
        [
            Distribution("normal", (30.0, 4.0)),
            Distribution("lognormal", (30.0, 0.4)),
            Distribution("gamma", (9.0, 4.0)),
            Distribution("uniform", (10.0, 20.0)),
        ],
    )
    def test_those_of_a_distribution_give_it_back(self, given):
        stated = {p: given.quantile(p) for p in (0.05, 0.25, 0.5, 0.9)}
        found = from_quantiles(stated, given.kind).distribution
        assert_allclose(found.numbers, given.numbers, rtol=1e-6)

    def test_least_squares_is_what_another_search_finds(self):
        p, x = np.array([0.1, 0.5, 0.9]), np.array([60.0, 100.0, 180.0])
        fit = from_quantiles(dict(zip(p, x, strict=True)))

        def misses(free):
            return ((stats.lognorm(np.exp(free[1]), scale=np.exp(free[0])).ppf(p) - x) ** 2).sum()

        other = optimize.minimize(misses, [4.6, -0.8], method="Nelder-Mead", options={"fatol": 1e-12})
        assert_allclose(fit.distribution.numbers, np.exp(other.x), rtol=1e-4)

    def test_the_error_is_told_in_the_unit_and_in_probability(self):
        fit = from_quantiles({0.1: 60, 0.5: 100, 0.9: 180})
        assert fit.largest_miss == max(abs(a - b) for a, b in zip(fit.fitted, (60, 100, 180), strict=True))
        exact = fit.distribution.cdf([60, 100, 180]) - [0.1, 0.5, 0.9]
        assert fit.largest_miss_probability == pytest.approx(np.abs(exact).max())
        assert fit.summary() == (
            "a lognormal distribution, by least squares; it misses the stated quantiles by 2.12 at most, or "
            "by 1.9 percentage points"
        )

    def test_the_form_follows_from_what_is_possible(self):
        kinds = [from_quantiles({0.1: 0.2, 0.9: 0.5}, None, s).distribution.kind for s in ("share", "real")]
        assert kinds == ["beta", "normal"]

    @pytest.mark.parametrize(
        ("quantiles", "kind", "words"),
        [
            ({0.5: 3}, None, "one quantile fixes no distribution"),
            ({0.1: 3, 0.9: 2}, None, "do not ascend"),
            ({10: 3, 90: 5}, None, "write P10 as 0.1"),
            ({0.1: -3, 0.9: 5}, None, "a lognormal distribution needs it above 0"),
            ({0.1: 0.3, 0.9: 1.5}, "beta", "must lie below 1"),
            ({0.1: 3, 0.9: 5}, "pert", "'pert' is not fitted to quantiles"),
        ],
    )
    def test_what_cannot_be_fitted(self, quantiles, kind, words):
        with pytest.raises(ValueError, match=words):
            from_quantiles(quantiles, kind)


class TestPooled:
    def test_linear_is_the_mixture(self):
        parts = [from_interval(10, 5, 20, "ci90"), Distribution("gamma", (9.0, 2.0))]
        assert pooled(parts, [3, 1]) == mixture(parts, [0.75, 0.25])
        assert pooled(parts) == mixture(parts, [1, 1])

    def test_logarithmic_of_normals_is_the_normal_of_weighted_precision(self):
        # closed form: precisions and precision-weighted means add up by their weights
        found = pooled(
            [Distribution("normal", (10.0, 2.0)), Distribution("normal", (14.0, 3.0))], [1, 1], "logarithmic"
        )
        precision = 0.5 / 4 + 0.5 / 9
        mean = (0.5 * 10 / 4 + 0.5 * 14 / 9) / precision
        assert_allclose([found.mean, found.sd], [mean, precision**-0.5], rtol=1e-4)
        exact = stats.norm(mean, precision**-0.5)
        for p in (0.01, 0.1, 0.5, 0.9, 0.99):
            assert found.quantile(p) == pytest.approx(exact.ppf(p), rel=1e-4)

    def test_logarithmic_of_betas_is_the_beta_of_weighted_shapes(self):
        found = pooled(
            [Distribution("beta", (2.0, 8.0)), Distribution("beta", (10.0, 5.0))], [3, 7], "logarithmic"
        )
        exact = stats.beta(0.3 * 2 + 0.7 * 10, 0.3 * 8 + 0.7 * 5)
        ranks = [0.01, 0.1, 0.5, 0.9, 0.99]
        assert_allclose([found.quantile(p) for p in ranks], exact.ppf(ranks), rtol=3e-4)

    def test_what_one_rules_out_is_ruled_out(self):
        parts = [Distribution("uniform", (0.0, 10.0)), Distribution("uniform", (8.0, 20.0))]
        found = pooled(parts, method="logarithmic")
        assert found.quantile(0.001) == pytest.approx(8, abs=0.01)
        assert found.quantile(0.999) == pytest.approx(10, abs=0.01)
        assert found.mean == pytest.approx(9, abs=0.01)

    @pytest.mark.parametrize(
        ("parts", "method", "words"),
        [
            ([], "linear", "no expert"),
            ([fixed(1.0), fixed(2.0)], "logarithmic", "single values"),
            ([discrete([1, 2]), Distribution("normal", (0.0, 1.0))], "logarithmic", "single values"),
            (
                [Distribution("uniform", (0.0, 1.0)), Distribution("uniform", (2.0, 3.0))],
                "logarithmic",
                "agree on nothing",
            ),
            ([fixed(1.0), fixed(2.0)], "geometric", "no way to pool"),
        ],
    )
    def test_what_cannot_be_pooled(self, parts, method, words):
        with pytest.raises(ValueError, match=words):
            pooled(parts, method=method)

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from communitybudget.parameters import Distribution, from_normal
from communitybudget.parameters.tails import scores, tails

CLOSED = {
    "normal": (Distribution("normal", (3.0, 2.0)), stats.norm(3, 2)),
    "lognormal": (Distribution("lognormal", (2.0, 0.5)), stats.lognorm(0.5, scale=2)),
    "gamma": (Distribution("gamma", (2.5, 7.0)), stats.gamma(2.5, scale=7)),
    "beta": (Distribution("beta", (3.0, 8.0)), stats.beta(3, 8)),
    "pert": (Distribution("pert", (2.0, 4.0, 10.0, 16.0)), stats.beta(2, 4, loc=10, scale=6)),
    "triangular": (Distribution("triangular", (2.0, 3.0, 7.0)), stats.triang(0.2, loc=2, scale=5)),
    "triangular from its mode": (
        Distribution("triangular", (0.0, 0.0, 1.0)),
        stats.triang(0, loc=0, scale=1),
    ),
    "uniform": (Distribution("uniform", (2.0, 5.0)), stats.uniform(2, 3)),
}


@pytest.mark.parametrize("name", CLOSED)
def test_shares_mean_and_sd_are_those_of_scipy(name):
    found, exact = CLOSED[name]
    x = np.linspace(exact.ppf(1e-6) - 0.1, exact.ppf(1 - 1e-6) + 0.1, 201)
    below, above = tails(found, x)
    assert_allclose(below, exact.cdf(x), rtol=1e-11, atol=1e-300)
    assert_allclose(above, exact.sf(x), rtol=1e-11, atol=2e-16)  # scipy takes some of them from 1
    assert_allclose([found.mean, found.sd], [exact.mean(), exact.std()], rtol=1e-12)


@pytest.mark.parametrize(
    "form",
    [
        Distribution("two_piece_normal", (5.0, 1.0, 3.0)),
        Distribution("two_piece_lognormal", (5.0, 0.2, 0.5)),
        Distribution("two_piece_logit", (0.3, 0.4, 0.8)),
        Distribution("tabulated", tuple(np.linspace(-6, 6, 25) ** 3)),
    ],
)
def test_the_way_there_and_back(form):
    z = np.linspace(-5, 5, 41)
    assert_allclose(scores(*tails(form, from_normal(form, z))), z, atol=1e-9)


@pytest.mark.parametrize(
    "form",
    [
        Distribution("two_piece_normal", (5.0, 1.0, 3.0)),
        Distribution("two_piece_lognormal", (5.0, 0.2, 0.5)),
        Distribution("two_piece_logit", (0.3, 0.4, 0.8)),
    ],
)
def test_moments_of_two_pieces_by_ranks(form):
    drawn = from_normal(form, stats.norm.ppf((np.arange(400_000) + 0.5) / 400_000))
    assert_allclose([form.mean, form.sd], [drawn.mean(), drawn.std()], rtol=1e-3)


def test_a_half_without_spread_is_heaped_at_the_median():
    form = Distribution("two_piece_lognormal", (100.0, 0.0, 0.5))
    assert_allclose(form.cdf([99.9, 100, 100.1]), [0, 0.5, form.cdf(100.1)])
    other = Distribution("two_piece_normal", (100.0, 2.0, 0.0))
    assert_allclose(other.cdf([99.999999, 100, 101]), [0.5, 1, 1], atol=1e-6)


def test_a_quantile_is_of_a_share():
    with pytest.raises(ValueError, match="between 0 and 1"):
        Distribution("normal", (0.0, 1.0)).quantile(10)

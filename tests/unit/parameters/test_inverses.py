import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats
from scipy.special import expit, logit

from communitybudget.parameters import Distribution
from communitybudget.sampling import from_normal

Z = np.linspace(-4.999, 4.999, 4_001)


def quantile(distribution, z):
    """Quantile of a scipy distribution at a standard normal number, with the digits of both tails kept."""
    return np.where(z < 0, distribution.ppf(stats.norm.cdf(z)), distribution.isf(stats.norm.sf(z)))


@pytest.mark.parametrize(
    ("kind", "numbers", "exact"),
    [
        ("normal", (3.0, 2.0), stats.norm(3, 2)),
        ("lognormal", (2.0, 0.5), stats.lognorm(0.5, scale=2)),
        ("lognormal", (1e-6, 1.5), stats.lognorm(1.5, scale=1e-6)),
        *[
            ("gamma", (shape, 7.0), stats.gamma(shape, scale=7))
            for shape in (0.05, 0.7, 1, 2.33, 2.4, 25, 1e4)
        ],
        *[
            ("beta", (a, b), stats.beta(a, b))
            for a, b in [(0.5, 0.5), (0.3, 40), (1, 1), (2, 200), (2.33, 3), (30, 1.5), (50, 4), (4e4, 9e5)]
        ],
        ("pert", (2.0, 4.0, 10.0, 16.0), stats.beta(2, 4, loc=10, scale=6)),
        ("pert", (1.0, 5.0, 0.5, 1.0), stats.beta(1, 5, loc=0.5, scale=0.5)),
        ("pert", (5.0, 1.0, 100.0, 101.0), stats.beta(5, 1, loc=100, scale=1)),
        ("triangular", (2.0, 3.0, 7.0), stats.triang(0.2, loc=2, scale=5)),
        ("triangular", (0.0, 0.0, 1.0), stats.triang(0, loc=0, scale=1)),
        ("triangular", (0.0, 1.0, 1.0), stats.triang(1, loc=0, scale=1)),
        ("uniform", (2.0, 5.0), stats.uniform(2, 3)),
        ("uniform", (0.0, 1e-4), stats.uniform(0, 1e-4)),
    ],
)
def test_every_marginal_is_the_exact_inverse(kind, numbers, exact):
    assert_allclose(from_normal(Distribution(kind, numbers), Z), quantile(exact, Z), rtol=1e-8)


@pytest.mark.parametrize("numbers", [(2.0, 3.0, 7.0), (0.0, 0.3, 1.0), (-4.0, -4.0, 1.0), (0.0, 5.0, 5.0)])
def test_the_triangular_closed_form(numbers):
    low, mode, high = numbers
    below, above = stats.norm.cdf(Z), stats.norm.sf(Z)
    rising = low + np.sqrt(below * (high - low) * (mode - low))
    falling = high - np.sqrt(above * (high - low) * (high - mode))
    expected = np.where(below < (mode - low) / (high - low), rising, falling)
    drawn = from_normal(Distribution("triangular", numbers), Z)
    assert_allclose(drawn, expected, rtol=1e-12, atol=1e-12 * (high - low) * (low < 0))
    assert (np.diff(drawn) >= 0).all()


def test_a_small_triangular_number_keeps_its_digits():
    drawn = from_normal(Distribution("triangular", (0.0, 0.4, 1.0)), np.array([-7.5]))
    assert_allclose(drawn, np.sqrt(stats.norm.cdf(-7.5) * 0.4), rtol=1e-13)


@pytest.mark.parametrize(
    ("kind", "numbers", "to_line"),
    [
        ("two_piece_normal", (5.0, 1.0, 3.0), lambda x: x - 5),
        ("two_piece_lognormal", (5.0, 1.0, 3.0), lambda x: np.log(x / 5)),
        ("two_piece_logit", (0.3, 1.0, 3.0), lambda x: logit(x) - logit(0.3)),
    ],
)
def test_two_halves_meet_at_the_median(kind, numbers, to_line):
    z = np.array([-3.0, -1.0, 0.0, 1.0, 3.0])
    assert_allclose(to_line(from_normal(Distribution(kind, numbers), z)), [-3, -1, 0, 3, 9], atol=1e-10)


def test_a_share_stays_a_share():
    drawn = from_normal(Distribution("two_piece_logit", (0.9, 2.0, 2.0)), np.array([-5.0, 5.0]))
    assert_allclose(drawn, expit(logit(0.9) + np.array([-10, 10])), rtol=1e-12)


def test_a_known_number_is_itself():
    assert_array_equal(from_normal(Distribution("fixed", (3.5,)), np.array([-2.0, 0.0, 2.0])), [3.5] * 3)


@pytest.mark.parametrize(
    ("kind", "numbers", "exact"),
    [
        ("gamma", (25.0, 4.0), stats.gamma(25, scale=4)),
        ("beta", (3.0, 8.0), stats.beta(3, 8)),
        ("gamma", (0.4, 1.0), stats.gamma(0.4)),
    ],
)
def test_one_draw_in_a_billion_is_exact_as_well(kind, numbers, exact):
    z = np.array([-7.5, -6.0, -5.5, -5.0, 0.0, 5.0, 5.5, 6.0, 7.5])
    assert_allclose(from_normal(Distribution(kind, numbers), z), quantile(exact, z), rtol=1e-8)


def test_the_order_of_draws_does_not_matter():
    distribution = Distribution("beta", (3.0, 8.0))
    shuffled = np.random.default_rng(1).permutation(len(Z))
    assert_array_equal(from_normal(distribution, Z)[shuffled], from_normal(distribution, Z[shuffled]))

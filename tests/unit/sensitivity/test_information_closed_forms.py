"""Closed forms against integrals and sums written out."""

from fractions import Fraction
from math import comb, factorial, sqrt

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from communitybudget.sensitivity import beta_binomial_evsi, normal_information_value
from communitybudget.sensitivity.information_closed_forms import unit_normal_loss


@pytest.mark.parametrize("distance", [-2.0, 0.0, 0.7, 4.0])
def test_unit_normal_loss_is_its_integral(distance):
    integral, _ = quad(lambda z: (z - distance) * norm.pdf(z), distance, 40)
    assert unit_normal_loss(distance) == pytest.approx(integral, rel=1e-9)


@pytest.mark.parametrize("mean", [-3.0, 0.0, 2.0])
def test_a_normal_forecast_is_worth_the_mean_of_its_best_less_the_best_mean(mean):
    best, _ = quad(lambda x: max(x, 0) * norm.pdf(x, mean, 1.5), -20, 20, points=[0, mean], limit=200)
    assert normal_information_value(mean, 1.5) == pytest.approx(best - max(mean, 0), abs=1e-9)


def test_information_that_moves_nothing_is_worth_nothing():
    assert normal_information_value(2.0, 0.0) == 0.0
    with pytest.raises(ValueError, match="standard deviation"):
        normal_information_value(1.0, -1.0)


def beta(a, b):
    return Fraction(factorial(a - 1) * factorial(b - 1), factorial(a + b - 1))


def exact_evsi(fixed, per_share, a, b, n):
    """In fractions: every result, its probability, and the best option after it."""
    options = [(Fraction(f), Fraction(s)) for f, s in zip(fixed, per_share, strict=True)]
    after = Fraction(0)
    for y in range(n + 1):
        probability = comb(n, y) * beta(a + y, b + n - y) / beta(a, b)
        after += probability * max(f + s * Fraction(a + y, a + b + n) for f, s in options)
    return float(after - max(f + s * Fraction(a, a + b) for f, s in options))


@pytest.mark.parametrize("families", [0, 1, 7, 40])
def test_beta_binomial_by_fractions(families):
    fixed, per_share = [0, 300, 120], [0, -1000, -350]
    exact = exact_evsi(fixed, per_share, 3, 9, families)
    assert beta_binomial_evsi(fixed, per_share, (3, 9), families) == pytest.approx(
        exact, rel=1e-10, abs=1e-12
    )


def test_a_very_large_study_of_a_share_tells_all():
    known, _ = quad(lambda p: max(0.0, 300 - 1000 * p) * 495 * p**2 * (1 - p) ** 8, 0, 1, points=[0.3])
    assert beta_binomial_evsi([0, 300], [0, -1000], (3, 9), 100_000) == pytest.approx(known - 50, rel=1e-4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0], [0, 1], (1, 1), 3), "give \\(option,\\) both"),
        (([0, 1], [0, 1], (0, 1), 3), "prior above 0"),
        (([0, 1], [0, 1], (1, 1), -1), "0 or more families"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        beta_binomial_evsi(*arguments)


def test_voi_prints_the_value_of_perfect_information_of_its_example():
    """C. Jackson, voi 1.0, vignette "package overview" (2023-08-26), analytic computation: 0.4798107."""
    assert normal_information_value(1.0, sqrt(5)) == pytest.approx(0.4798107, abs=5e-8)
    assert np.isclose(unit_normal_loss(1 / sqrt(5)) * sqrt(5), 0.4798107, atol=5e-8)

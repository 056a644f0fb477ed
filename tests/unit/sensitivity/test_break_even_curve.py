"""The probability of breaking even over values of one input."""

import numpy as np
import pytest
from scipy.special import ndtr

from communitybudget.sensitivity import BreakEvenCurve, break_even_curve, grid_axis

PRICES = grid_axis("price", np.linspace(-2, 2, 9), "Price", base=0.5)


def test_against_the_normal_distribution():
    noise = np.random.default_rng(5).normal(size=20_000)
    curve = break_even_curve(PRICES, noise - PRICES.values[:, np.newaxis])
    gap = np.abs(curve.probability - ndtr(-PRICES.values))
    assert (gap < 4 * curve.probability_error).all()
    (even,) = curve.value_at(0.5)
    assert abs(even) < 0.05
    assert curve.value_at(0.999) == ()
    np.testing.assert_allclose(curve.expected, noise.mean() - PRICES.values)


def test_the_error_band_is_that_of_a_share():
    outcomes = np.where(np.arange(100) < 30, 1.0, -1.0) * np.ones((9, 1))
    frame = break_even_curve(PRICES, outcomes).to_frame()
    error = np.sqrt(0.3 * 0.7 / 100)
    assert frame["probability_error"][0] == pytest.approx(error)
    assert frame["low"][0] == pytest.approx(0.3 - 1.96 * error, rel=1e-4)


def test_it_introduces_itself():
    curve = break_even_curve(PRICES, np.linspace(-1, 1, 5) - PRICES.values[:, np.newaxis], unit="GBP a week")
    assert BreakEvenCurve.from_json(curve.to_json()) == curve
    assert "80% likely at" in curve.summary()
    assert curve.plot().get_xlabel() == "Price, GBP a week"


def test_shapes_must_match():
    with pytest.raises(ValueError, match="with 9 points and at least two draws"):
        break_even_curve(PRICES, np.zeros((9, 1)))

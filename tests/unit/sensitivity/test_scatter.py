"""Rank correlation and its error."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from communitybudget.sensitivity import About, Scatter, rank_correlation, scatter


def test_a_printed_example_is_met():
    """Wikipedia, "Spearman's rank correlation coefficient", example: IQ against hours of television."""
    iq = [106, 100, 86, 101, 99, 103, 97, 113, 112, 110]
    hours = [7, 27, 2, 50, 28, 29, 20, 12, 6, 17]
    assert rank_correlation(iq, hours).value == pytest.approx(-29 / 165)


def test_it_is_that_of_scipy_with_ties():
    rng = np.random.default_rng(3)
    x = rng.integers(0, 6, 200)
    y = x + rng.normal(scale=3, size=200)
    assert rank_correlation(x, y).value == pytest.approx(spearmanr(x, y).statistic)


def test_its_error_is_how_far_it_moves_from_sample_to_sample():
    rng = np.random.default_rng(4)
    found = []
    for _ in range(400):
        x = rng.normal(size=120)
        found.append(rank_correlation(x, 0.8 * x + 0.6 * rng.normal(size=120)))
    spread = np.std([f.value for f in found])
    assert np.mean([f.standard_error for f in found]) == pytest.approx(spread, rel=0.12)
    true = 6 / np.pi * np.arcsin(0.8 / 2)  # of a bivariate normal with correlation 0.8
    covered = np.mean([f.low <= true <= f.high for f in found])
    assert 0.92 < covered < 0.985


def test_what_does_not_vary_is_not_correlated_and_what_is_the_same_is_certain():
    assert rank_correlation([1, 1, 1, 1], [1, 2, 3, 4]).value == 0
    sure = rank_correlation([1, 2, 3, 4], [10, 20, 30, 40])
    assert (sure.value, sure.standard_error, sure.low, sure.high) == (1, 0, 1, 1)


def test_it_introduces_itself():
    found = scatter(
        [1, 2, 3, 4, 5], [1, 3, 2, 5, 4], key="price", label="Price a week", about=About(price_base="2026-27")
    )
    assert Scatter.from_json(found.to_json()) == found
    assert "0.80" in found.summary()
    assert found.plot().get_xlabel() == "Price a week"


def test_shapes_must_match():
    with pytest.raises(ValueError, match=r"values have shape \(4,\) and outcome \(5,\)"):
        rank_correlation([1, 2, 3, 4], [1, 2, 3, 4, 5])

"""Printed values of information, from the distributions that are printed with them."""

import math

import numpy as np
import pandas as pd
import pytest

from communitybudget.sensitivity import evpi_value, evppi, evppi_each

# C. Jackson and others, voi 1.0.3 (R), "voi for Value of Information calculation: package overview",
# https://chjackson.github.io/voi/articles/voi.html, printed from 10,000 draws: p1 normal of mean 1 and
# standard deviation 1, p2 of mean 0 and standard deviation 2; the second option is worth k p1 - p2, the
# first nothing. "Exact" is printed there for k = 1; "se" is that of the package's spline for p1.
PRINTED = {
    (1, "evpi"): 0.4759885,
    (2, "evpi"): 0.4028003,
    (3, "evpi"): 0.4174207,
    (1, "p1"): 0.08210074,
    (2, "p1"): 0.17052564,
    (3, "p1"): 0.25895085,
    (1, "p2"): 0.39029827,
    (1, "both"): 0.47598851,
    (2, "both"): 0.40280031,
    (3, "both"): 0.41742073,
}
EXACT = 0.4798107
SPLINE_ERROR = 0.007093807


@pytest.fixture(scope="module")
def inputs():
    random = np.random.default_rng(2024)
    return pd.DataFrame({"p1": random.normal(1, 1, 10_000), "p2": random.normal(0, 2, 10_000)})


def benefit(inputs, k):
    gain = k * inputs["p1"] - inputs["p2"]
    return np.column_stack([np.zeros(len(gain)), gain])


@pytest.mark.parametrize(("k", "of"), PRINTED)
def test_the_overview_of_voi(inputs, k, of):
    if of == "evpi":
        found = evpi_value(benefit(inputs, k))
    else:
        found = evppi(benefit(inputs, k), inputs, ["p1", "p2"] if of == "both" else of)
    # Both figures are of 10,000 draws of the same distributions, so that both have this error.
    assert abs(found.value - PRINTED[k, of]) < 3 * math.sqrt(2) * found.standard_error


def test_the_exact_value_of_voi_s_overview(inputs):
    found = evpi_value(benefit(inputs, 1))
    assert abs(found.value - EXACT) < 3 * found.standard_error
    mean, sd = 1, math.sqrt(5)
    density = math.exp(-0.5 * (mean / sd) ** 2) / math.sqrt(2 * math.pi)
    assert round(sd * density - mean * 0.5 * math.erfc(mean / sd / math.sqrt(2)), 7) == EXACT


def test_the_error_that_voi_s_overview_prints(inputs):
    # Theirs is of the coefficients alone; ours has the error of the draws in it as well.
    found = evppi(benefit(inputs, 1), inputs, "p1")
    assert 0.5 * SPLINE_ERROR < found.standard_error < 2 * SPLINE_ERROR


def test_the_same_order_as_printed(inputs):
    assert [row.key for row in evppi_each(benefit(inputs, 1), inputs).rows] == ["p2", "p1"]

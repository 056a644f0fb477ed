"""Published values of sample information, from their published inputs.

C. Jackson, voi 1.0, vignette "voi for Value of Information calculation: package overview" (2023-08-26), read
in chjackson/voi, articles/voi.html: effect N(1, 1), cost N(0, 2), net benefit k times the effect less the
cost, 10,000 samples; study of the effect with a known standard deviation of 1. The page gives 0.0071 as
the standard error of its value of knowing the effect at k = 1. (Its moment-matching figure, 0.051 for 10,000
patients, is left out: it lies four of these errors below its own other methods.)
"""

from math import hypot, sqrt

import numpy as np
import pandas as pd
import pytest

from communitybudget.sensitivity import Measured, SingleGroup, evsi_curve, normal_information_value

SIZES = [10, 100, 1_000]
VIGNETTE_ERROR = 0.007093807
PRINTED = {
    1: [(10, 0.07440250), (100, 0.08106261), (1_000, 0.08189925), (100, 0.07998166), (1_000, 0.08197188)],
    2: [(100, 0.16666306), (1_000, 0.17052103)],
    3: [(100, 0.25356597), (1_000, 0.25887874)],
}


@pytest.fixture(scope="module")
def draws():
    rng = np.random.default_rng(2)
    return pd.DataFrame({"effect": rng.normal(1, 1, 10_000), "cost": rng.normal(0, 2, 10_000)})


@pytest.mark.parametrize("worth", PRINTED)
@pytest.mark.parametrize("method", ["moment_matching", "regression", "importance"])
def test_the_vignette_of_voi(draws, worth, method):
    net = np.column_stack([np.zeros(10_000), worth * draws["effect"] - draws["cost"]])
    curve = evsi_curve(net, draws, SingleGroup(Measured("effect"), sd=1), SIZES, method=method)
    found = dict(zip(SIZES, zip(curve.values, curve.standard_errors, strict=True), strict=True))
    for families, printed in PRINTED[worth]:
        value, error = found[families]
        assert abs(value - printed) < 2 * hypot(error, worth * VIGNETTE_ERROR)


@pytest.mark.parametrize("worth", PRINTED)
def test_the_closed_form_lies_within_the_errors_of_the_vignette(worth):
    for families, printed in PRINTED[worth]:
        exact = normal_information_value(worth, worth / sqrt(1 + 1 / families))
        assert abs(exact - printed) < 2 * worth * VIGNETTE_ERROR

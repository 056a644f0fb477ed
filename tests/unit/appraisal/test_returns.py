import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

from communitybudget.appraisal import bcr, irr, npv


def test_bcr_is_a_ratio_of_means():
    benefits, costs = [[0, 30], [0, 10]], [[10, 0], [2, 0]]
    assert math.isclose(bcr(benefits, costs, 0.0), 40 / 12)
    assert not math.isclose(bcr(benefits, costs, 0.0), (3 + 5) / 2)


def test_bcr_with_a_certain_cost():
    assert math.isclose(bcr([[0, 30], [0, 10]], [10, 0], 0.0), 2)
    assert math.isclose(bcr([0, 20], [10, 0], 0.0), 2)


def test_bcr_has_no_value_without_cost():
    assert math.isnan(bcr([1, 2], [0, 0]))
    assert math.isnan(bcr([1, 2], [0, -1]))


@pytest.mark.parametrize(
    ("benefits", "costs"),
    [
        ([1, 2], [1]),
        ([[1], [2]], [[1]]),
        ([[[1]]], [[1]]),
        ([1, np.nan], [1, 1]),
        (np.zeros((0, 2)), [1, 1]),
    ],
)
def test_bcr_refuses_arrays_that_do_not_match(benefits, costs):
    with pytest.raises(ValueError, match="benefits"):
        bcr(benefits, costs)


def from_roots(*rates):
    """Flows whose net present value is zero at exactly these rates."""
    flows = np.array([-1.0])
    for rate in rates:
        flows = np.convolve(flows, [1, -(1 + rate)])
    return flows


@pytest.mark.parametrize("rate", [-0.9, -0.3, 0, 0.1, 3, 99])
def test_irr_of_a_single_rate(rate):
    assert_allclose(irr(from_roots(rate)), rate, atol=1e-12)
    assert_allclose(irr(-from_roots(rate)), rate, atol=1e-12)


@pytest.mark.parametrize("flows", [[0, 0], [5], [1, 2, 3], [-1, 0, -2], [-100, 50, 0, 0, 10, -20]])
def test_irr_where_there_is_none(flows):
    assert math.isnan(irr(flows))


@pytest.mark.parametrize("rates", [(0.1, 0.2), (0.1, -0.4), (0.05, 0.2, 0.6), (0.1, 0.1), (0.1, 0.1, 0.3)])
def test_irr_where_there_are_several(rates):
    assert math.isnan(irr(from_roots(*rates)))


def test_irr_is_unique_though_the_sign_changes_three_times():
    flows = [-100, 60, -10, 80]
    rate = float(irr(flows))
    assert_allclose(npv(flows, rate), 0, atol=1e-10)
    candidates = np.linspace(-0.99, 20, 20_000)
    values = [float(npv(flows, float(r))) for r in candidates]
    assert np.count_nonzero(np.diff(np.sign(values))) == 1


def test_irr_against_a_scan_of_rates():
    flows = np.random.default_rng(7).integers(-5, 6, size=(200, 5)).astype(float)
    scan = np.exp(np.linspace(-20, 20, 40_001))
    for row, found in zip(flows, irr(flows), strict=True):
        values = np.polynomial.polynomial.polyval(scan, row) * np.exp(-len(row) * np.maximum(np.log(scan), 0))
        crossings = np.count_nonzero(np.diff(np.sign(values[values != 0])))
        if crossings == 1 and not math.isnan(found):
            assert_allclose(npv(row, float(found)), 0, atol=1e-8 * max(1, (1 + found) ** -4))
        else:
            assert math.isnan(found)
            assert crossings != 1


def test_a_residue_of_rounding_is_no_change_of_sign():
    assert_allclose(irr([-1e6, 6e5, 6e5, -1e-9]), irr([-1e6, 6e5, 6e5]), rtol=1e-12)


def test_irr_does_not_depend_on_the_unit_and_keeps_leading_axes():
    flows = np.random.default_rng(8).normal(size=(2, 3, 12))
    flows[..., 0] = -5
    flows[..., 1:] = np.abs(flows[..., 1:])
    assert irr(flows).shape == (2, 3)
    assert_allclose(irr(flows * 1e9), irr(flows), rtol=1e-10)
    assert irr(flows)[1, 2] == irr(flows[1, 2])


def test_irr_of_a_long_horizon():
    flows = np.concatenate([[-1000.0], np.full(200, 80.0)])
    assert_allclose(irr(flows), 0.08, atol=1e-6)


def test_irr_of_no_series_is_empty():
    assert irr(np.zeros((0, 4))).shape == (0,)

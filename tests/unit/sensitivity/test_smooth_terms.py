import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.interpolate import BSpline

from communitybudget.sensitivity.projection import mean_of, orthonormal
from communitybudget.sensitivity.smooth_terms import cubic_spline, input_terms, tensor_terms


def test_splines_are_those_of_scipy():
    x = np.sort(np.random.default_rng(1).normal(size=200))
    knots = np.array([x[0], -0.5, 0.0, 0.7, x[-1]])
    padded = np.concatenate([[knots[0]] * 3, knots, [knots[-1]] * 3])
    assert_allclose(cubic_spline(x, knots), BSpline.design_matrix(x, padded, 3).toarray(), atol=1e-12)


def test_a_cubic_is_fitted_exactly():
    x = np.random.default_rng(2).normal(size=1_000)
    target = (x**3 - 2 * x)[:, np.newaxis]
    assert_allclose(mean_of(target).with_terms(input_terms(x).whole).fitted, target, atol=1e-9)


def test_whole_terms_are_orthonormal_and_the_line_comes_first():
    x = np.exp(np.random.default_rng(3).normal(size=2_000))
    terms = input_terms(x)
    assert_allclose(terms.whole.T @ terms.whole, np.eye(terms.whole.shape[1]), atol=1e-8)
    assert_allclose(terms.straight, orthonormal(x[:, np.newaxis]), atol=1e-12)


def test_a_value_that_many_draws_share_has_a_term():
    random = np.random.default_rng(4)
    x = np.where(random.random(1_000) < 0.3, 1.0, random.normal(size=1_000))
    terms = input_terms(x)
    assert terms.straight.shape == (1_000, 2)
    target = (x == 1.0).astype(float)[:, np.newaxis]
    assert_allclose(mean_of(target).with_terms(terms.straight).fitted, target, atol=1e-9)


@pytest.mark.parametrize("values", [2, 5])
def test_few_values_have_a_term_each_but_one(values):
    x = np.arange(1_000.0) % values
    terms = input_terms(x)
    assert terms.few
    assert terms.whole.shape == (1_000, values - 1)


def test_products_of_terms_of_two_inputs():
    random = np.random.default_rng(5)
    x, y = random.normal(size=(2, 1_000))
    target = (x * y**2)[:, np.newaxis]
    both = np.column_stack([tensor_terms(x, y), input_terms(x).whole, input_terms(y).whole])
    assert_allclose(mean_of(target).with_terms(both).fitted, target, atol=1e-9)


@pytest.mark.parametrize(("values", "draws"), [(10, 200), (71, 10_000), (3, 60), (5, 200)])
def test_a_grid_of_values_has_a_spline(values, draws):
    x = np.arange(float(draws)) % values
    terms = input_terms(x)
    assert not terms.few
    assert_allclose(terms.whole.T @ terms.whole, np.eye(terms.whole.shape[1]), atol=1e-7)
    target = (x - 1)[:, np.newaxis] ** 2
    fitted = mean_of(target).with_terms(terms.whole).fitted
    assert_allclose(fitted, target, atol=1e-6)


def test_a_shared_value_far_from_the_others_does_no_harm():
    random = np.random.default_rng(6)
    x = np.where(random.random(2_000) < 0.3, 1e4, random.uniform(0.2, 0.9, 2_000))
    target = np.where(x == 1e4, 3.0, np.sin(5 * x))[:, np.newaxis]
    fitted = mean_of(target).with_terms(input_terms(x).whole).fitted
    assert np.abs(fitted - target).max() < 0.01


def test_many_values_of_two_inputs_are_multiplied_as_splines():
    random = np.random.default_rng(5)
    few, many = random.integers(0, 3, 2_000), random.integers(0, 30, (2, 2_000))
    assert tensor_terms(few * 1.0, many[0] * 1.0).shape[1] == 2 * 29
    assert tensor_terms(many[0] * 1.0, many[1] * 1.0).shape[1] == 16

import numpy as np
import pytest
from numpy.testing import assert_allclose

from communitybudget.sensitivity.many_inputs import fit_inputs


def normals(inputs, seed=1, draws=4_000):
    return np.random.default_rng(seed).normal(size=(draws, inputs))


def test_lines_curves_and_products_are_found():
    x = normals(8)
    truth = x[:, 0] + np.sin(2 * x[:, 1]) + x[:, 2] * x[:, 3] + 0.5 * x[:, 0] * x[:, 2] * x[:, 3]
    gain = truth + 0.3 * x[:, 7]
    fit = fit_inputs(x[:, :7], gain[:, np.newaxis])
    assert fit.entered == (0, 1, 2, 3)
    assert np.sqrt(np.mean((fit.projection.fitted[:, 0] - truth) ** 2)) < 0.1


def test_a_product_of_many_inputs_is_fitted_through_the_fit_itself():
    x = normals(21, draws=10_000)
    truth = np.exp(0.15 * x[:, :20].sum(axis=1))
    fit = fit_inputs(x[:, :20], (truth + x[:, 20] * 0.1)[:, np.newaxis])
    missed = np.var(fit.projection.fitted[:, 0] - truth) / np.var(truth)
    assert missed < 0.01


def test_inputs_in_step_enter_together_and_do_no_harm():
    x = normals(2)
    doubled = np.column_stack([x[:, 0], 3 * x[:, 0], x[:, 1]])
    gain = (x[:, 0] + x[:, 1])[:, np.newaxis]
    assert_allclose(fit_inputs(doubled, gain).projection.fitted, gain, atol=1e-9)


@pytest.mark.parametrize(("draws", "inputs"), [(20, 3), (40, 30), (200, 150)])
def test_few_draws_bear_few_terms(draws, inputs):
    x = normals(inputs, draws=draws)
    fit = fit_inputs(x, x[:, :1] + 1)
    assert fit.projection.basis.shape[1] <= max(draws // 2, 5)
    assert 0 in fit.entered


def test_nothing_to_fit():
    x = normals(2)
    assert fit_inputs(np.ones((4_000, 2)), x).entered == ()
    assert fit_inputs(x, np.ones((4_000, 1))).entered == ()
    assert fit_inputs(x, x[:, :0]).projection.fitted.shape == (4_000, 0)

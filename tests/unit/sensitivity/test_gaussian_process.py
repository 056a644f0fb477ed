import numpy as np
import pytest
from numpy.testing import assert_allclose

from communitybudget.sensitivity.gaussian_process import fit_gaussian_process, hash_order


def correlated(inputs, draws=2_000):
    z = np.random.default_rng(1).normal(size=(draws, inputs))
    return z @ np.linalg.cholesky(np.full((inputs, inputs), 0.6) + 0.4 * np.eye(inputs)).T


def test_a_curved_surface_of_correlated_inputs_is_found():
    x = correlated(4)
    truth = np.exp(0.5 * x[:, 0]) * np.cos(x[:, 1]) + x[:, 2]
    gains = np.column_stack([truth, -(truth**2)])
    noisy = gains + np.random.default_rng(2).normal(size=gains.shape)
    fitted = fit_gaussian_process(x, noisy).fitted
    assert (np.mean((fitted - gains) ** 2, axis=0) < 0.06).all()


def test_a_plane_is_fitted_exactly():
    x = correlated(3)
    gain = x @ [[1.0], [2.0], [-1.0]] + 4
    assert_allclose(fit_gaussian_process(x, gain).fitted, gain, atol=1e-9)


def test_the_order_of_the_draws_is_nothing():
    x = correlated(3, 400)
    gain = (x[:, :1] ** 2 + x[:, 1:2]) + np.random.default_rng(3).normal(size=(400, 1))
    order = np.random.default_rng(4).permutation(400)
    first, second = fit_gaussian_process(x, gain), fit_gaussian_process(x[order], gain[order])
    assert_allclose(second.fitted, first.fitted[order], rtol=1e-4, atol=1e-4)


def test_a_hash_puts_equal_rows_in_equal_places():
    rows = np.random.default_rng(5).normal(size=(300, 2))
    order = np.random.default_rng(6).permutation(300)
    assert_allclose(rows[hash_order(rows)], rows[order][hash_order(rows[order])])
    assert not (hash_order(rows) == np.arange(300)).all()


def test_too_many_inputs_are_refused():
    with pytest.raises(ValueError, match="at most 10"):
        fit_gaussian_process(correlated(11, 50), np.zeros((50, 1)))

from math import factorial

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.linalg import expm

from communitybudget.simulation.logarithms import (
    closest_fit,
    exponentials,
    logarithms,
    onto_generators,
    reachable,
)


def random_rates(draws, states, largest, seed=4):
    rng = np.random.default_rng(seed)
    return rng.random((draws, states, states)) * (1 - np.eye(states)) * largest


def with_diagonal(off):
    return off - off.sum(axis=-1)[:, :, None] * np.eye(off.shape[-1])


class TestExponentials:
    @pytest.mark.parametrize("largest", [1e-9, 0.1, 1.0, 30.0, 1_000.0])
    def test_against_scipy(self, largest):
        off = random_rates(20, 5, largest)
        assert_allclose(exponentials(off), expm(with_diagonal(off)), rtol=1e-9, atol=1e-13)

    def test_small_probabilities_keep_their_digits(self):
        # a chain of four moves of rate a: the last state has the tail of a Poisson number, about a^4 / 24
        rate = 1e-4
        off = np.diag(np.full(4, rate), 1)[None]
        tail = sum(np.exp(-rate) * rate**k / factorial(k) for k in range(4, 10))
        assert exponentials(off)[0, 0, 4] == pytest.approx(tail, rel=1e-13)

    def test_other_draws_change_no_bit(self):
        off = random_rates(50, 4, 1.0) * np.geomspace(0.01, 500, 50)[:, None, None]
        assert_array_equal(exponentials(off)[10:13], exponentials(off[10:13]))

    def test_zeros_and_ones_are_exact(self):
        off = np.diag(np.array([3.0, 700.0, 0.2]), 1)[None]
        p = exponentials(off)[0]
        assert (p[np.tril_indices(4, -1)] == 0).all()
        assert p[3, 3] == 1


def test_reachable_by_way_of_others():
    chain = np.zeros((1, 5, 5))
    chain[0, [0, 1, 2, 3], [1, 2, 3, 4]] = 0.1
    assert_array_equal(reachable(chain)[0], np.triu(np.ones((5, 5), dtype=bool)))
    assert_array_equal(reachable(np.zeros((1, 3, 3)))[0], np.eye(3, dtype=bool))


def test_logarithms_of_many_matrices_at_once():
    rates = with_diagonal(random_rates(30, 4, 1.0))
    logs, real = logarithms(expm(rates))
    assert real.all()
    assert_allclose(logs, rates, atol=1e-9)


def test_eigenvalues_below_nought_have_no_real_logarithm():
    logs, real = logarithms(np.array([[[0.1, 0.9], [0.9, 0.1]], [[0.9, 0.1], [0.1, 0.9]]]))
    assert real.tolist() == [False, True]
    assert np.isnan(logs[0]).all()
    assert np.isfinite(logs[1]).all()


def test_no_other_row_is_nearer():
    rng = np.random.default_rng(3)
    for _ in range(20):
        target = rng.normal(0, 1, (5, 5))
        target -= target.mean(axis=1, keepdims=True)
        nearest = onto_generators(target)
        assert_allclose(nearest.sum(axis=1), 0, atol=1e-12)
        assert (nearest[~np.eye(5, dtype=bool)] >= 0).all()
        for _ in range(50):
            other = np.abs(nearest + rng.normal(0, 0.1, (5, 5))) * (rng.random((5, 5)) > 0.3)
            np.fill_diagonal(other, 0)
            other -= np.diag(other.sum(axis=1))
            apart = np.linalg.norm(other - target, axis=1)
            assert (apart >= np.linalg.norm(nearest - target, axis=1) - 1e-12).all()


def test_a_fit_is_no_worse_than_probabilities_read_as_rates():
    turning = np.array([[0.1, 0.9, 0.0], [0.0, 0.1, 0.9], [0.9, 0.0, 0.1]])
    fitted = closest_fit(turning)
    misfit = [np.square(expm(q) - turning).sum() for q in (fitted, turning - np.eye(3))]
    assert misfit[0] < misfit[1]
    assert_allclose(fitted.sum(axis=1), 0, atol=1e-12)

"""Likelihoods cell by cell against scipy, their limits and faults."""

import numpy as np
import pytest
from scipy import stats

from communitybudget.learning import (
    binomial_log_likelihood,
    normal_log_likelihood,
    poisson_log_likelihood,
)

MEANS = np.array([[0.5, 2.0, 4.0], [1.0, 1.0, 9.0]])
SHARES = np.array([[0.1, 0.5], [0.3, 0.9]])


def test_poisson():
    wanted = stats.poisson.logpmf([0, 3, 5], MEANS).sum(axis=1)
    assert poisson_log_likelihood([0, 3, 5], MEANS) == pytest.approx(wanted)


def test_negative_binomial():
    size = 0.3**-2
    wanted = stats.nbinom.logpmf([0, 3, 5], size, size / (size + MEANS)).sum(axis=1)
    assert poisson_log_likelihood([0, 3, 5], MEANS, extra_cv=0.3) == pytest.approx(wanted)


def test_binomial():
    wanted = stats.binom.logpmf([2, 5], [18, 9], SHARES).sum(axis=1)
    assert binomial_log_likelihood([2, 5], [18, 9], SHARES) == pytest.approx(wanted)


def test_beta_binomial():
    wanted = stats.betabinom.logpmf([2, 5], [18, 9], SHARES * 9, (1 - SHARES) * 9).sum(axis=1)
    assert binomial_log_likelihood([2, 5], [18, 9], SHARES, correlation=0.1) == pytest.approx(wanted)


def test_normal():
    wanted = stats.norm.logpdf([1.0, 2.0, 3.0], MEANS, [1.0, 2.0, 0.5]).sum(axis=1)
    assert normal_log_likelihood([1.0, 2.0, 3.0], MEANS, [1.0, 2.0, 0.5]) == pytest.approx(wanted)


def test_overdispersion_fades_into_none():
    assert poisson_log_likelihood(3, MEANS[:, 0], extra_cv=1e-4) == pytest.approx(
        poisson_log_likelihood(3, MEANS[:, 0]), abs=1e-4
    )
    assert binomial_log_likelihood(2, 18, SHARES[:, 0], correlation=1e-7) == pytest.approx(
        binomial_log_likelihood(2, 18, SHARES[:, 0]), abs=1e-4
    )


@pytest.mark.parametrize("correlation", [0.0, 0.2])
def test_what_cannot_be(correlation):
    found = binomial_log_likelihood([0, 3], [3, 3], [[0.0, 1.0], [1.0, 1.0]], correlation=correlation)
    assert found.tolist() == [0.0, -np.inf]
    assert poisson_log_likelihood(1, [0.0, 1.0]).tolist() == [-np.inf, -1.0]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: poisson_log_likelihood([1, 2], [1.0, 2.0]), r"shape \(2,\) and what is expected has 1"),
        (lambda: poisson_log_likelihood(-1, [1.0]), "whole numbers from 0"),
        (lambda: poisson_log_likelihood(1.5, [1.0]), "whole numbers from 0"),
        (lambda: poisson_log_likelihood(1, [-1.0]), "must not be negative"),
        (lambda: poisson_log_likelihood(1, [1.0], extra_cv=-1), "extra_cv is -1"),
        (lambda: poisson_log_likelihood(1, np.ones((2, 2, 2))), "draw, cell"),
        (lambda: binomial_log_likelihood(3, 2, [0.5]), "more events than families"),
        (lambda: binomial_log_likelihood(1, 2, [1.5]), "between 0 and 1"),
        (lambda: binomial_log_likelihood(1, 2, [0.5], correlation=1.0), "correlation is 1.0"),
        (lambda: normal_log_likelihood(1.0, [1.0], 0.0), "sd must be positive"),
        (lambda: normal_log_likelihood([1.0, 2.0], [1.0], 1.0), "give 1 finite numbers"),
    ],
)
def test_faults(call, words):
    with pytest.raises(ValueError, match=words):
        call()

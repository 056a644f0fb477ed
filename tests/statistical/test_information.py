"""Values of information against closed forms, and their errors against what samples do."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from communitybudget.sensitivity import evpi_value, evppi

SAMPLES = 60


def value_of_knowing(mean, sd):
    return sd * norm.pdf(mean / sd) - abs(mean) * norm.cdf(-abs(mean) / sd)


def many(make, parameters, method="auto", samples=SAMPLES):
    """Return values and standard errors of so many samples."""
    found = []
    for seed in range(samples):
        inputs, gain = make(np.random.default_rng(seed))
        benefit = np.column_stack([np.zeros(len(gain)), gain])
        found.append(evppi(benefit, inputs, parameters, method))
    return np.array([[one.value, one.standard_error] for one in found]).T


def normal_gain(mean, share, draws, inert=0):
    def make(random):
        table = random.normal(size=(draws, 2 + inert))
        gain = mean + math.sqrt(share) * table[:, 0] + math.sqrt(1 - share) * table[:, 1]
        return pd.DataFrame(table, columns=[f"x{i}" for i in range(2 + inert)]), gain

    return make


@pytest.mark.parametrize(("mean", "share", "draws"), [(0.5, 0.5, 1_000), (0.3, 0.1, 3_000), (1.0, 0.9, 300)])
def test_value_and_error_of_one_input(mean, share, draws):
    values, errors = many(normal_gain(mean, share, draws), "x0", samples=200)
    exact = value_of_knowing(mean, math.sqrt(share))
    spread = values.std(ddof=1)
    assert abs(values.mean() - exact) < 4 * spread / math.sqrt(200) + 0.02 * exact
    assert abs(errors.mean() / spread - 1) < 0.2


def test_forty_inputs_of_which_most_mean_nothing():
    names = ["x0", *(f"x{i}" for i in range(2, 41))]
    values, errors = many(normal_gain(0.5, 0.4, 2_000, inert=39), names)
    spread = values.std(ddof=1)
    assert abs(values.mean() - value_of_knowing(0.5, math.sqrt(0.4))) < 4 * spread / math.sqrt(SAMPLES)
    assert abs(errors.mean() / spread - 1) < 0.35


def product_of_lognormals(random, draws=2_000):
    table = random.normal(size=(draws, 9))
    logs = 0.25 * table
    gain = np.exp(logs[:, :3].sum(axis=1)) + np.exp(logs[:, 3:8].sum(axis=1)) - 2.5 * np.exp(logs[:, 8])
    return pd.DataFrame(table, columns=[f"x{i}" for i in range(9)]), gain


def exact_for_products(known):
    """Return the value of knowing some inputs, from what is expected given them, on many draws."""
    table = np.random.default_rng(1_000).normal(size=(1_000_000, 9))
    logs = np.where(np.isin(np.arange(9), known), 0.25 * table, 0.25**2 / 2)
    gain = np.exp(logs[:, :3].sum(axis=1)) + np.exp(logs[:, 3:8].sum(axis=1)) - 2.5 * np.exp(logs[:, 8])
    return np.maximum(gain, 0).mean() - max(gain.mean(), 0)


@pytest.mark.parametrize("known", [[0, 3], [0, 1, 2, 3], [0, 1, 3, 4, 5, 6, 7, 8]])
def test_sets_of_inputs_that_multiply(known):
    values, errors = many(product_of_lognormals, [f"x{i}" for i in known], samples=30)
    spread = values.std(ddof=1)
    assert abs(values.mean() - exact_for_products(known)) < 4 * spread / math.sqrt(30)
    assert abs(errors.mean() / spread - 1) < 0.5


def test_a_gaussian_process_of_inputs_that_move_together():
    factor = np.linalg.cholesky(np.full((3, 3), 0.6) + 0.4 * np.eye(3))

    def make(random, draws=1_000):
        z = random.normal(size=(draws, 3)) @ factor.T
        gain = 0.2 + z[:, 0] * np.exp(0.4 * z[:, 1]) + z[:, 2] + random.normal(0, 2, draws)
        return pd.DataFrame(z, columns=["a", "b", "c"]), gain

    values, errors = many(make, ["a", "b", "c"], "gaussian_process", samples=12)
    z = np.random.default_rng(99).normal(size=(1_000_000, 3)) @ factor.T
    known = 0.2 + z[:, 0] * np.exp(0.4 * z[:, 1]) + z[:, 2]
    exact = np.maximum(known, 0).mean() - max(known.mean(), 0)
    assert abs(values.mean() - exact) < 4 * values.std(ddof=1) / math.sqrt(12)
    assert 0.5 < errors.mean() / values.std(ddof=1) < 2


def test_the_error_of_perfect_information():
    found = [
        evpi_value(np.random.default_rng(seed).normal([0.0, 0.5, 0.3], [0.1, 1.0, 0.5], size=(500, 3)))
        for seed in range(300)
    ]
    spread = np.std([one.value for one in found], ddof=1)
    assert abs(np.mean([one.standard_error for one in found]) / spread - 1) < 0.25

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.stats import norm

from communitybudget.sensitivity import evppi
from communitybudget.sensitivity.projection import mean_of
from communitybudget.sensitivity.steps import with_steps


def by_trying_each_cut(values, target):
    """Return the largest sum of squares that any one cut explains."""
    explained = []
    for cut in np.unique(values)[:-1]:
        above = values > cut
        if min(above.sum(), (~above).sum()) >= 10:
            means = np.where(above, target[above].mean(), target[~above].mean())
            explained.append(np.sum((means - target.mean()) ** 2))
    return max(explained)


def test_the_best_step_is_the_best_of_all_cuts():
    random = np.random.default_rng(1)
    values = random.normal(size=300).round(1)
    target = np.where(values > 0.45, 2.0, 0.0) + random.normal(size=300)
    fit = with_steps(mean_of(target[:, np.newaxis]), values)
    assert fit.basis.shape[1] == 1
    found = np.sum((fit.fitted[:, 0] - target.mean()) ** 2)
    assert_allclose(found, by_trying_each_cut(values, target), rtol=1e-9)


def test_noise_and_curves_have_no_steps():
    found = 0
    for seed in range(200):
        random = np.random.default_rng(seed)
        values = random.normal(size=200)
        found += with_steps(mean_of(random.normal(size=(200, 2))), values).basis.shape[1]
    assert found <= 1


def test_the_same_value_is_never_cut():
    target = np.repeat([0.0, 1.0], 50)[:, np.newaxis]
    assert with_steps(mean_of(target), np.ones(100)).basis.shape[1] == 0


def test_three_steps_at_the_most():
    values = np.linspace(0, 1, 1_000)
    stairs = np.floor(6 * values)[:, np.newaxis]
    assert with_steps(mean_of(stairs), values).basis.shape[1] == 3


@pytest.mark.parametrize(("threshold", "noise"), [(0.3, 0.5), (1.0, 2.0)])
def test_what_a_threshold_is_worth_to_know(threshold, noise):
    above = norm.sf(threshold)
    exact = 2 * above - max(2.5 * above - 0.5, 0)
    values, errors = [], []
    for seed in range(20):
        random = np.random.default_rng(seed)
        draws = pd.DataFrame({"x": random.normal(size=3_000)})
        gain = np.where(draws["x"] > threshold, 2.0, -0.5) + noise * random.normal(size=3_000)
        found = evppi(np.column_stack([np.zeros(3_000), gain]), draws, "x")
        values.append(found.value)
        errors.append(found.standard_error)
    # Without steps the values are lower by six of these errors, and more.
    assert abs(np.mean(values) - exact) < 3 * np.mean(errors) / np.sqrt(20)

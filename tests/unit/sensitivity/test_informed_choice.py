import numpy as np
from numpy.testing import assert_allclose

from communitybudget.sensitivity.informed_choice import increments, informed_choice
from communitybudget.sensitivity.projection import mean_of


def test_gains_are_over_the_first_of_the_best():
    benefit = np.array([[1.0, 3.0, 3.0], [2.0, 1.0, 1.0]])
    assert_allclose(increments(benefit), [[-2, 0], [1, 0]])


def test_value_error_and_bounds_by_a_loop():
    random = np.random.default_rng(1)
    x = random.normal(size=(200, 1))
    gains = x @ [[1.0, -0.5]] + random.normal(size=(200, 2)) - 0.1
    fit = mean_of(gains).with_terms(x)
    found = informed_choice(gains, fit)
    inside = left = 0.0
    for draw in range(200):
        inside += max(0.0, *fit.fitted[draw]) / 200
        best = int(fit.left_out[draw].argmax())
        left += (gains[draw, best] if fit.left_out[draw, best] > 0 else 0.0) / 200
    assert_allclose([found.in_sample, found.left_out], [inside, left])
    assert_allclose(found.value, (inside + left) / 2)
    assert_allclose(found.evpi, np.maximum(gains.max(axis=1), 0).mean())


def test_a_fit_without_residual_has_the_error_of_the_mean():
    gains = np.random.default_rng(2).normal(size=(100, 1))
    found = informed_choice(gains, mean_of(gains).with_terms(gains))
    taken = np.maximum(gains[:, 0], 0)
    assert_allclose(found.value, taken.mean())
    assert_allclose(found.standard_error, taken.std(ddof=1) / 10)
    assert_allclose(found.value, found.evpi)

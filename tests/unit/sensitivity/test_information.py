import math

import numpy as np
import pandas as pd
import pytest

from communitybudget.sensitivity import evpi, evppi


def test_against_a_draw_by_draw_count():
    benefit = np.random.default_rng(1).normal(size=(300, 4))
    best_known = sum(max(row) for row in benefit.tolist()) / 300
    best_now = max(sum(column) / 300 for column in benefit.T.tolist())
    assert math.isclose(evpi(benefit), best_known - best_now, rel_tol=1e-10)


def test_closed_form_of_a_normal_difference():
    # Against an option worth 0: E max(X, 0) - max(m, 0) with X normal of mean m and sd s.
    mean, sd, draws = 0.5, 2.0, 200_000
    gain = np.random.default_rng(2).normal(mean, sd, size=draws)
    density = math.exp(-0.5 * (mean / sd) ** 2) / math.sqrt(2 * math.pi)
    below = 0.5 * (1 + math.erf(mean / sd / math.sqrt(2)))
    expected = mean * below + sd * density - mean
    error = np.std(np.maximum(gain, 0) - gain) / math.sqrt(draws)
    assert abs(evpi(np.column_stack([gain, np.zeros(draws)])) - expected) < 4 * error


def test_a_single_option_leaves_nothing_to_know():
    assert evpi([[1.0], [-3.0]]) == 0


def test_an_option_that_is_always_best_leaves_nothing_to_know():
    draws = np.random.default_rng(3).normal(size=1000)
    assert evpi(np.column_stack([draws, draws - 0.1])) == 0


@pytest.mark.parametrize("values", [[1, 2], np.zeros((0, 2)), np.zeros((2, 0)), [[1, np.nan]], 5])
def test_unusable_arrays_are_refused(values):
    with pytest.raises(ValueError, match="net_benefit"):
        evpi(values)


def value_of_knowing(mean, sd):
    """Return E max(X, 0) - max(mean, 0) for X normal: sd phi(mean/sd) - |mean| Phi(-|mean|/sd)."""
    density = math.exp(-0.5 * (mean / sd) ** 2) / math.sqrt(2 * math.pi)
    beyond = 0.5 * math.erfc(abs(mean) / sd / math.sqrt(2))
    return sd * density - abs(mean) * beyond


@pytest.mark.parametrize("share", [0.05, 0.3, 0.8])
@pytest.mark.parametrize("mean", [0.3, -0.7])
def test_one_input_of_a_normal_gain_has_its_closed_form(share, mean):
    draws = np.random.default_rng(4).normal(size=(10_000, 2))
    gain = mean + draws @ [math.sqrt(share), math.sqrt(1 - share)]
    found = evppi(np.column_stack([np.zeros(10_000), gain]), pd.DataFrame(draws, columns=["a", "b"]), "a")
    assert abs(found.value - value_of_knowing(mean, math.sqrt(share))) < 4 * found.standard_error

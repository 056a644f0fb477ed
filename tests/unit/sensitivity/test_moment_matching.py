import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from communitybudget.sensitivity import CustomStudy, Measured, SingleGroup
from communitybudget.sensitivity.moment_matching import covariance_left, independent_axes, resolved
from communitybudget.sensitivity.study_likelihood import weigh

RNG = np.random.default_rng(5)
MADE = np.geomspace(5, 2_000, 100).round()
SIZES = np.array([10.0, 100.0, 1_000.0])


def test_axes_are_independent_and_lead_back():
    expected = RNG.normal(size=(500, 2)) @ np.array([[1.0, 2.0, 0.0], [0.0, 1.0, 0.0]])
    axes = independent_axes(expected)
    assert axes.scores.shape == (500, 2)  # the third column does not vary
    assert_allclose(np.cov(axes.scores.T, bias=True), np.eye(2), atol=1e-9)
    assert_allclose(axes.mean + axes.scores @ axes.back, expected, atol=1e-9)


def test_the_curve_of_a_conjugate_prior_is_met_exactly():
    left = (50 / (50 + MADE))[:, None, None]
    assert_allclose(resolved(left, MADE, SIZES).share[:, 0], SIZES / (SIZES + 50), rtol=1e-4)


def test_what_a_biased_study_leaves_open_stays_open():
    left = (1 - 0.6 * MADE / (MADE + 50))[:, None, None]
    assert_allclose(resolved(left, MADE, SIZES).share[:, 0], 0.6 * SIZES / (SIZES + 50), rtol=1e-4)


def test_each_direction_has_its_own_curve():
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    left = np.stack([turn @ np.diag([20 / (20 + n), 900 / (900 + n)]) @ turn.T for n in MADE])
    found = resolved(left, MADE, SIZES)
    for i, size in enumerate(SIZES):
        contracted = found.contraction(found.share[i])
        wanted = np.diag([size / (20 + size), size / (900 + size)])
        assert_allclose(contracted @ contracted, turn @ wanted @ turn.T, atol=1e-4)


def test_shares_rise_with_size_and_stay_within_0_and_1():
    noisy = 1 - (MADE / (MADE + 50) + RNG.normal(0, 0.2, MADE.size))
    share = resolved(noisy[:, None, None], MADE, np.array([0.0, *SIZES, 1e9])).share[:, 0]
    assert (np.diff(share) >= 0).all()
    assert share[0] == 0
    assert share[-1] <= 1


def test_weights_are_those_of_the_posterior():
    """Normal prior and data: the weighted draws have the mean and variance of the known posterior."""
    draws = pd.DataFrame({"effect": np.random.default_rng(1).normal(0, 1, 50_000)})
    study = SingleGroup(Measured("effect"), sd=2.0)
    (weighted,) = weigh(study, np.array([[1.5]]), draws, 12)
    values = draws[["effect"]].to_numpy()
    assert weighted.weights[0] @ values[:, 0] == pytest.approx(1.5 * 0.75, abs=0.02)  # 1 / (1 + 4 / 12)
    assert covariance_left(weighted, values)[0, 0, 0] == pytest.approx(0.25, abs=0.01)
    assert 0.3 < weighted.effective_draws[0] / 50_000 < 0.6


def test_weights_come_in_pieces_that_together_are_all():
    draws = pd.DataFrame({"effect": np.linspace(0, 1, 300_000)})
    study = SingleGroup(Measured("effect"), sd=2.0)
    pieces = [w.weights.shape for w in weigh(study, np.linspace(0, 1, 10)[:, None], draws, 3)]
    assert pieces == [(6, 300_000), (4, 300_000)]


def test_a_result_that_no_draw_can_give_is_refused():
    draws = pd.DataFrame({"share": [0.0, 0.0]})
    study = CustomStudy(("share",), lambda i, n, r: i, lambda results, i, n: np.full((1, 2), -np.inf))
    with pytest.raises(ValueError, match="impossible under every draw"):
        list(weigh(study, np.ones((1, 1)), draws, 3))

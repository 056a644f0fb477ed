"""The stop rule's arithmetic."""

from statistics import NormalDist

import numpy as np
import pytest
from numpy.testing import assert_allclose

from communitybudget.sensitivity import Moments, monte_carlo_error, paired_error
from communitybudget.sensitivity.stopping import errors_wide, lead_of, look_numbers

NORMAL = NormalDist()


def lead(benefit):
    moments = Moments()
    moments.add(np.asarray(benefit, dtype=float).T)
    return lead_of(moments.mean, moments.covariance, moments.count)


def test_leads_and_errors_are_those_of_the_draws():
    rng = np.random.default_rng(1)
    benefit = rng.normal(size=(300, 1)) * [1, 2, 0] + rng.normal(size=(300, 3)) + [0.0, 0.5, 0.1]
    found = lead(benefit)
    means = benefit.mean(axis=0)
    assert found.best == means.argmax()
    assert_allclose(found.lead, means.max() - means)
    for j in range(3):
        expected = paired_error(benefit[:, found.best], benefit[:, j])
        assert_allclose(found.error[j], expected, atol=1e-12)


def test_common_draws_tell_options_apart_better():
    common = np.random.default_rng(2).normal(size=200)
    own, other = common + 0.1, common
    assert paired_error(own, other) < 1e-12 < monte_carlo_error(own)
    with pytest.raises(ValueError, match="draws that belong together"):
        paired_error(own, other[:5])


def test_options_that_are_alike_in_every_draw_cost_nothing():
    draws = 1e6 + np.random.default_rng(3).normal(size=50)
    found = lead(np.column_stack([draws, draws]))
    assert found.best == 0
    assert found.error.tolist() == [0, 0]
    assert found.in_errors.tolist() == [np.inf, np.inf]
    assert found.loss == 0


def test_the_loss_is_that_of_drawing_the_means_again():
    """With one rival the bound is exact: the mean of what the rival is truly ahead by, if it is."""
    found = lead_of([0.0, 10.0], [[0.0, 0.0], [0.0, 40_000.0]], draws=100)
    redrawn = np.random.default_rng(4).normal(10.0, 20.0, 400_000)
    lost = np.maximum(-redrawn, 0)
    assert abs(found.loss - lost.mean()) < 4 * monte_carlo_error(lost)


def test_the_loss_over_several_rivals_is_a_bound():
    covariance = np.diag([400.0, 900.0, 100.0, 0.0])
    found = lead_of([3.0, 5.0, 4.0, 0.0], covariance, draws=25)
    rng = np.random.default_rng(5)
    redrawn = rng.multivariate_normal([3.0, 5.0, 4.0, 0.0], covariance / 25, 200_000)
    lost = redrawn.max(axis=1) - redrawn[:, found.best]
    assert lost.mean() <= found.loss <= 3 * lost.mean()


def test_looks_double_up_to_the_most():
    assert look_numbers(2, 2) == (2,)
    assert look_numbers(1_000, 8_000) == (1_000, 2_000, 4_000, 8_000)
    assert look_numbers(1_000, 8_001)[-2:] == (8_000, 8_001)
    with pytest.raises(ValueError, match="2 draws or more"):
        look_numbers(1, 5)
    with pytest.raises(ValueError, match="cannot come after the last"):
        look_numbers(10, 5)


def test_statements_together_share_what_may_go_wrong():
    for count, sides in ((1, 1), (1, 2), (12, 1), (12, 2)):
        assert sides * count * NORMAL.cdf(-errors_wide(0.9, count, sides)) == pytest.approx(0.1)
    with pytest.raises(ValueError, match="between 0 and 1"):
        errors_wide(1.0, 1)
    with pytest.raises(ValueError, match="1 at the least"):
        errors_wide(0.9, 0)


@pytest.mark.parametrize(
    ("mean", "covariance", "draws", "words"),
    [
        ([0.0, 1.0], [[1.0]], 5, "give \\(option,\\)"),
        ([0.0], [[1.0]], 0, "1 or more"),
        ([np.nan], [[1]], 5, "finite"),
    ],
)
def test_what_cannot_be_used(mean, covariance, draws, words):
    with pytest.raises(ValueError, match=words):
        lead_of(mean, covariance, draws)

"""How surprising a total is: by adding up, and by hand."""

import math

import numpy as np
import pytest
from scipy import stats
from scipy.special import betaln, gammaln

from communitybudget.learning import Prediction


def naive_beta_binomial(n, a, b):
    return [
        math.exp(
            gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1) + betaln(k + a, n - k + b) - betaln(a, b)
        )
        for k in range(n + 1)
    ]


def test_beta_binomial_count_by_count():
    chances = naive_beta_binomial(18, 2.5, 6.0)
    found = Prediction("beta_binomial", (18.0, 2.5, 6.0))
    assert [found.density(k) for k in range(19)] == pytest.approx(chances)
    for seen in range(19):
        as_unlikely = sum(p for p in chances if p <= chances[seen] * (1 + 1e-9))
        assert found.surprise(seen) == pytest.approx(as_unlikely)


def test_negative_binomial_count_by_count():
    found = Prediction("negative_binomial", (3.0, 7.0))
    assert found.mean == pytest.approx(7)
    assert found.sd == pytest.approx(math.sqrt(7 + 7**2 / 3))
    chances = stats.nbinom.pmf(np.arange(400), 3.0, 0.3)
    for seen in (0, 5, 12, 60):
        assert found.surprise(seen) == pytest.approx(chances[chances <= chances[seen]].sum(), abs=1e-9)


@pytest.mark.parametrize(
    "found", [Prediction("normal", (10.0, 2.0)), Prediction("student_t", (5.0, 10.0, 2.0))]
)
def test_amounts_have_two_tails(found):
    assert found.surprise(14.0) == pytest.approx(2 * (1 - found.probability_at_most(14.0)))
    assert found.surprise(6.0) == pytest.approx(found.surprise(14.0))
    assert found.surprise(10.0) == pytest.approx(1.0)


def test_interval_holds_at_least_its_level():
    found = Prediction("beta_binomial", (82.0, 4.0, 20.0))
    low, high = found.interval(0.8)
    assert found.probability_at_most(high) - found.probability_at_most(low - 1) >= 0.8


def test_a_count_far_beyond_all_that_is_likely_is_told_at_once():
    assert Prediction("negative_binomial", (3.0, 2.0)).surprise(1e15) < 1e-12

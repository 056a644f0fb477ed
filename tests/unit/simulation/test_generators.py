import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from communitybudget._core.errors import TransitionError
from communitybudget.simulation import (
    change_cycle,
    cohort_trace,
    competing_probabilities,
    generator_of,
    nearest_generator,
    transition_of,
)
from communitybudget.simulation.logarithms import logarithms

# Healthy, sick and dead with constant forces of transition: an exercise of actuaries that prints the closed
# form of being healthy, restated on math.techqa.club under 2764601.
FORCES = np.array([[-0.05, 0.05, 0], [0.08, -0.23, 0.15], [0, 0, 0]])

# Children over a year, without a generator: nobody goes from the first state to the third, yet one could.
GAP = np.array([[0.9, 0.1, 0.0], [0.1, 0.8, 0.1], [0.0, 0.0, 1.0]])

# Moody's average rating transitions of all corporates, 1980-1999: Kreinin and Sidelnikova, "Regularization
# algorithms for transition matrices", Algo Research Quarterly 4 (2001), table 1. It is restated, with tables
# 5 and 7, in the tests of QuantExt (Open Source Risk Engine). Printed rows sum to one within rounding; the
# diagonal takes the rest.
MOODYS = np.array(
    [
        [0.8588, 0.0976, 0.0048, 0.0000, 0.0003, 0.0000, 0.0000, 0.0000],
        [0.0092, 0.8487, 0.0964, 0.0036, 0.0015, 0.0002, 0.0000, 0.0004],
        [0.0008, 0.0224, 0.8624, 0.0609, 0.0077, 0.0021, 0.0000, 0.0002],
        [0.0008, 0.0037, 0.0602, 0.7916, 0.0648, 0.0130, 0.0011, 0.0019],
        [0.0003, 0.0008, 0.0046, 0.0402, 0.7676, 0.0788, 0.0047, 0.0140],
        [0.0001, 0.0004, 0.0016, 0.0053, 0.0586, 0.7607, 0.0274, 0.0660],
        [0.0000, 0.0000, 0.0000, 0.0100, 0.0279, 0.0538, 0.5674, 0.2535],
        [0.0000, 0.0000, 0.0000, 0.0000, 0.0000, 0.0000, 0.0000, 1.0000],
    ]
)
np.fill_diagonal(MOODYS, 0)
np.fill_diagonal(MOODYS, 1 - MOODYS.sum(axis=1))


def random_generator(states, seed, missing=0.3):
    rng = np.random.default_rng(seed)
    q = rng.exponential(0.3, (states, states)) * (rng.random((states, states)) > missing)
    np.fill_diagonal(q, 0)
    return q - np.diag(q.sum(axis=1))


class TestTransitionOf:
    @pytest.mark.parametrize("years", [0.25, 1, 10, 60])
    def test_printed_closed_form(self, years):
        expected = (10 * np.exp(-0.03 * years) + np.exp(-0.25 * years)) / 11
        assert transition_of(FORCES, years)[0, 0] == pytest.approx(expected, rel=1e-13)

    def test_the_same_by_small_steps(self):
        steps = 2**16
        p = np.linalg.matrix_power(np.eye(3) + FORCES * 10 / steps, steps)
        assert_allclose(transition_of(FORCES, 10), p, atol=1e-4)

    def test_one_move_at_the_most_is_something_else(self):
        # the first state is left for the second and found again: competing exits do not count the way back
        exits, stays = competing_probabilities([0.05], 10)
        assert transition_of(FORCES, 10)[0, 0] > stays + 0.05
        assert transition_of(FORCES, 10)[0, 1] < exits[0]

    def test_draws_last_and_times_over_draws(self):
        rates = np.stack([FORCES, 2 * FORCES], axis=-1)
        both = transition_of(rates, [10, 5])
        assert both.shape == (3, 3, 2)
        assert_allclose(both[..., 0], both[..., 1], rtol=1e-13)
        assert_allclose(transition_of(FORCES, [1.0, 10.0])[..., 1], both[..., 0], rtol=1e-13)

    def test_absorbing_and_unreachable_are_exact(self):
        one_way = np.array([[-0.2, 0.2, 0, 0], [0, -0.1, 0.1, 0], [0, 0, 0, 0], [0.3, 0, 0, -0.3]])
        p = transition_of(one_way, 7)
        assert_array_equal(p[2], [0, 0, 1, 0])
        assert_array_equal(p == 0, [[0, 0, 0, 1], [1, 0, 0, 1], [1, 1, 0, 1], [0, 0, 0, 0]])

    def test_what_is_no_generator_is_refused_with_every_fault(self):
        with pytest.raises(TransitionError, match="negative") as told:
            transition_of([[0.1, -0.2], [0.0, 0.0]])
        assert "does not sum to 0" in str(told.value)
        with pytest.raises(TransitionError, match="draws last"):
            transition_of(np.zeros((2, 3)))
        with pytest.raises(TransitionError, match="above 0"):
            transition_of(FORCES, 0)


class TestGeneratorOf:
    @settings(max_examples=25, deadline=None)
    @given(st.integers(2, 6), st.integers(0, 1000))
    def test_there_and_back(self, states, seed):
        q = random_generator(states, seed)
        found = generator_of(transition_of(q, 0.5), 0.5)
        assert_allclose(found, q, atol=1e-7)
        assert_allclose(found.sum(axis=1), 0, atol=1e-12)

    def test_two_states_in_closed_form(self):
        # rates a, b with a / b = p / q and a + b = -log(1 - p - q)
        p, q = 0.1, 0.2
        total = -np.log(1 - p - q)
        a, b = total * p / (p + q), total * q / (p + q)
        assert_allclose(generator_of([[1 - p, p], [q, 1 - q]], 1), [[-a, a], [b, -b]], rtol=1e-12)

    def test_over_draws(self):
        p = np.stack([transition_of(FORCES), transition_of(3 * FORCES)], axis=-1)
        assert_allclose(generator_of(p), np.stack([FORCES, 3 * FORCES], axis=-1), atol=1e-12)

    def test_eigenvectors_that_coincide(self):
        # equal rates in a row leave one eigenvector for two eigenvalues
        chain = np.array([[-0.5, 0.5, 0], [0, -0.5, 0.5], [0, 0, 0]])
        assert_allclose(generator_of(transition_of(chain)), chain, atol=1e-9)

    def test_exact_zeros(self):
        q = generator_of(transition_of(FORCES))
        assert_array_equal(q[2], np.zeros(3))
        one_way = generator_of([[0.7, 0.2, 0.1], [0.0, 0.6, 0.4], [0.0, 0.0, 1.0]])
        assert one_way[1, 0] == 0

    @pytest.mark.parametrize(
        ("transition", "reason"),
        [
            (GAP, r"cell \[0, 2\] is 0 although state 2 can be reached"),
            ([[0.1, 0.9], [0.9, 0.1]], "determinant is -0.8"),
            ([[0.1, 0.9], [0.9, 0.1]], "no real logarithm"),
            ([[0.5, 0.5], [0.5, 0.5]], "no real logarithm"),
            ([[0, 1, 0], [0, 0, 1], [1, 0, 0]], "exceeds the product 0 of its diagonal"),
            (MOODYS, r"its logarithm has a negative rate, -0\.000578 in \[6, 2\]"),
        ],
    )
    def test_none_says_why_and_how_far(self, transition, reason):
        with pytest.raises(TransitionError, match=reason) as told:
            generator_of(transition)
        assert "nearest valid generator changes no probability by more than" in str(told.value)

    def test_some_draws_without(self):
        p = np.stack([transition_of(FORCES), GAP, GAP, GAP], axis=-1)
        with pytest.raises(TransitionError, match=r"in 0\.75 of all draws, first in draw 1: cell \[0, 2\]"):
            generator_of(p)

    def test_what_is_no_transition_matrix(self):
        with pytest.raises(TransitionError, match="outside 0 to 1") as told:
            generator_of([[1.2, 0.1], [0.0, 1.0]])
        assert "does not sum to 1" in str(told.value)


class TestNearest:
    def test_printed_distances_of_the_rating_matrix(self):
        # table 5: distance of each row from the logarithm, times 10 000
        found = nearest_generator(MOODYS)
        distance = np.linalg.norm(found.generator - logarithms(MOODYS[None])[0][0], axis=1) * 1e4
        assert distance[:7].round(3).tolist() == [6.769, 0.032, 1.021, 0, 0, 0, 6.475]
        # table 7: largest and mean deviation of the yearly matrix, times 10 000
        deviation = np.abs(found.transition - MOODYS) * 1e4
        assert round(float(deviation.max()), 3) == 4.599
        assert round(float(deviation.mean()), 3) == 0.382
        assert float(found.largest_change) * 1e4 == pytest.approx(float(deviation.max()))

    def test_a_valid_one_is_left_alone(self):
        found = nearest_generator(transition_of(FORCES))
        assert_allclose(found.generator, FORCES, atol=1e-12)
        assert found.largest_change < 1e-12
        assert_array_equal(found.generator[2], np.zeros(3))
        assert_array_equal(found.transition[2], [0, 0, 1])

    def test_without_a_real_logarithm_the_best_is_fitted(self):
        # whatever the rates, at least half stay where they are: 0.5 against 0.1 is the nearest there is
        found = nearest_generator([[0.1, 0.9], [0.9, 0.1]])
        assert float(found.largest_change) == pytest.approx(0.4, abs=1e-3)

    def test_over_draws(self):
        found = nearest_generator(np.stack([GAP, transition_of(FORCES)], axis=-1), time=12)
        assert found.generator.shape == (3, 3, 2)
        assert found.largest_change.shape == (2,)
        assert_allclose(found.generator[..., 0] * 12, nearest_generator(GAP).generator, rtol=1e-12)


class TestChangeCycle:
    def test_a_multiple_is_an_exact_power(self):
        # no generator is needed to take a matrix twelve times
        assert_allclose(change_cycle(GAP, 1, 12), np.linalg.matrix_power(GAP, 12), rtol=0, atol=0)
        assert_array_equal(change_cycle(GAP, 1, 1), GAP)

    def test_twelve_months_are_the_year_again(self):
        year = transition_of(FORCES, 1)
        month = change_cycle(year, 12, 1)
        assert_allclose(cohort_trace(month, [1, 0, 0], 12)[-1], year[0], rtol=1e-12)
        # each exit by itself, as if there were no other, is another matrix
        assert abs((1 - (1 - year[1, 0]) ** (1 / 12)) - month[1, 0]) > 5e-4

    def test_longer_by_a_part(self):
        assert_allclose(change_cycle(transition_of(FORCES, 2), 2, 3), transition_of(FORCES, 3), rtol=1e-12)

    def test_published_counts_in_months_have_the_printed_balance(self):
        # Craig and Sendi, Health Economics 11 (2002): CD4 counts six months apart; counts and balance as
        # printed with the data in the R package markovchain. The balance does not depend on the cycle.
        counts = np.array([[682, 33, 25], [154, 64, 47], [19, 19, 43]])
        month = change_cycle(counts / counts.sum(axis=1, keepdims=True), 6, 1)
        balance = cohort_trace(month, [1, 0, 0], 2_000)[-1]
        assert balance.round(7).tolist() == [0.8343668, 0.0765921, 0.089041]

    def test_without_a_generator(self):
        with pytest.raises(TransitionError, match="nearest_generator"):
            change_cycle(GAP, 12, 1)
        month = change_cycle(GAP, 12, 1, nearest=True)
        year = np.linalg.matrix_power(month, 12)
        assert np.abs(year - GAP).max() == pytest.approx(
            float(nearest_generator(GAP).largest_change), rel=1e-9
        )

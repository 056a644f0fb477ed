import numpy as np
import pytest
from numpy.linalg import inv, matrix_power
from numpy.testing import assert_allclose, assert_array_equal

from communitybudget._core.errors import TransitionError
from communitybudget.simulation import cohort_trace

EXITS = np.array([[0.985, 0.01, 0.005], [0, 1, 0], [0, 0, 1]])
START = np.array([0.7, 0.2, 0.1])


def random_transitions(*leading, states=3, seed=1):
    raw = np.random.default_rng(seed).random((*leading, states, states))
    return raw / raw.sum(axis=-1, keepdims=True)


def test_exits_compete():
    # Exits of 1% and 0.5% a day leave 0.985 ** 30 after thirty days. Two exits compounded one by one and then
    # taken off would leave 0.60008; daily rates instead of probabilities, 0.63763.
    trace = cohort_trace(EXITS, [1, 0, 0], 30)
    assert trace[-1, 0] == pytest.approx(0.985**30, rel=1e-14)
    assert trace[-1, 0] == pytest.approx(0.63545, abs=1e-5)
    assert trace[-1, 1] == pytest.approx(2 * trace[-1, 2])


def test_matrix_powers():
    p = random_transitions(states=5)
    start = np.full(5, 0.2)
    trace = cohort_trace(p, start, 40)
    assert trace.shape == (41, 5)
    for cycle in (0, 1, 7, 40):
        assert_allclose(trace[cycle], start @ matrix_power(p, cycle), rtol=1e-12)


def test_total_time_before_absorption_in_closed_form():
    alive = np.array([[0.9, 0.05], [0.1, 0.7]])
    p = np.eye(3)
    p[:2, :2] = alive
    p[:2, 2] = 1 - alive.sum(axis=1)
    trace = cohort_trace(p, [0.6, 0.4, 0], 2_000)
    assert_allclose(trace[:, :2].sum(axis=0), np.array([0.6, 0.4]) @ inv(np.eye(2) - alive), rtol=1e-10)


def test_discounted_time_in_closed_form():
    p = random_transitions(states=4)
    start = np.array([1.0, 0, 0, 0])
    factors = 0.97 ** np.arange(1_501)
    total = factors @ cohort_trace(p, start, 1_500)
    assert_allclose(total, start @ inv(np.eye(4) - 0.97 * p), rtol=1e-10)


class TestShapes:
    def test_over_time(self):
        p = random_transitions(6)
        trace = cohort_trace(p, START, 6)
        assert trace.shape == (7, 3)
        assert_allclose(trace[3], START @ p[0] @ p[1] @ p[2], rtol=1e-14)

    def test_per_draw(self):
        p = random_transitions(4)
        trace = cohort_trace(p, START, 6)
        assert trace.shape == (4, 7, 3)
        for draw in range(4):
            assert_allclose(trace[draw], cohort_trace(p[draw], START, 6), rtol=1e-14)

    def test_per_draw_and_over_time(self):
        p = random_transitions(4, 6)
        trace = cohort_trace(p, START, 6)
        assert trace.shape == (4, 7, 3)
        for draw in range(4):
            assert_allclose(trace[draw], cohort_trace(p[draw], START, 6), rtol=1e-14)

    def test_starts_per_draw(self):
        p = random_transitions(6)
        starts = np.array([START, [1, 0, 0]])
        for transition in (p[0], p):  # constant, and over time
            trace = cohort_trace(transition, starts, 6)
            assert trace.shape == (2, 7, 3)
            for draw in range(2):
                assert_allclose(trace[draw], cohort_trace(transition, starts[draw], 6), rtol=1e-14)

    def test_as_many_draws_as_cycles(self):
        # (6, 3, 3) with one start is over time; a start per draw, or a second axis, says draws
        p = random_transitions(6)
        assert cohort_trace(p, START, 6).shape == (7, 3)
        by_start = cohort_trace(p, np.tile(START, (6, 1)), 6)
        by_axis = cohort_trace(p[:, None], START, 6)
        assert by_start.shape == by_axis.shape == (6, 7, 3)
        assert_array_equal(by_start, by_axis)
        assert_allclose(by_start[4, 2], START @ p[4] @ p[4], rtol=1e-14)

    def test_one_draw_is_a_draw(self):
        assert cohort_trace(random_transitions(1, 1), START, 6).shape == (1, 7, 3)

    def test_lists_do(self):
        assert_allclose(cohort_trace([[0.5, 0.5], [0, 1]], [1, 0], 2)[:, 0], [1, 0.5, 0.25])


def test_few_edges_and_many_give_the_same():
    # Three edges of nine go one by one; in company of a full matrix all nine are used.
    full = random_transitions()
    alone = cohort_trace(EXITS, START, 50)
    together = cohort_trace(np.stack([EXITS, full]), START, 50)
    assert_allclose(together[0], alone, rtol=1e-14)
    assert_allclose(together[1], cohort_trace(full, START, 50), rtol=1e-14)


class TestErrors:
    @pytest.mark.parametrize("cycles", [0, -3])
    def test_no_cycles(self, cycles):
        with pytest.raises(TransitionError, match="at least 1"):
            cohort_trace(EXITS, START, cycles)

    def test_a_row_that_does_not_sum_to_one(self):
        p = np.tile(EXITS, (2, 5, 1, 1))
        p[1, 3, 0, 0] = 0.99
        p[1, 4, 2, 2] = 0.5
        with pytest.raises(
            TransitionError, match=r"row of state 0 sums to 1\.005000.*draw 1, cycle 3; 2 rows"
        ):
            cohort_trace(p, START, 5)

    @pytest.mark.parametrize("wrong", [-0.01, 1.01, np.nan, np.inf])
    def test_no_probability(self, wrong):
        p = EXITS.copy()
        p[0, 1] = wrong
        with pytest.raises(TransitionError, match=r"transition\[0, 1\] is .* between 0 and 1"):
            cohort_trace(p, START, 5)

    @pytest.mark.parametrize("start", [[0.5, 0.4, 0.0], [1.2, -0.2, 0.0]])
    def test_a_start_that_is_no_share(self, start):
        with pytest.raises(TransitionError, match="start does not sum to 1 or is negative"):
            cohort_trace(EXITS, start, 5)

    @pytest.mark.parametrize(
        ("p", "start"),
        [
            (EXITS[:2], START),
            (EXITS, START[:2]),
            (EXITS[0], START),
            (EXITS, 1.0),
            (EXITS[None, None, None], START),
        ],
    )
    def test_shapes_that_do_not_fit(self, p, start):
        with pytest.raises(TransitionError, match="has shape"):
            cohort_trace(p, start, 5)

    def test_cycles_that_do_not_fit(self):
        with pytest.raises(TransitionError, match="4 cycles and 5 are asked for"):
            cohort_trace(random_transitions(2, 4), START, 5)

    def test_draws_that_do_not_fit(self):
        with pytest.raises(TransitionError, match="2 draws and start 3"):
            cohort_trace(random_transitions(2, 5), np.tile(START, (3, 1)), 5)

    def test_it_is_a_value_error(self):
        with pytest.raises(ValueError, match="at least 1"):
            cohort_trace(EXITS, START, 0)

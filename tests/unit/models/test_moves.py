"""Moves in every form, against plain loops."""

import math

import numpy as np
import pytest

from communitybudget import TransitionError
from communitybudget.models import (
    REMAINDER,
    StateModel,
    by_cycle,
    by_duration,
    cumulative_incidence,
    from_counts,
    from_matrix,
    generator,
    odds,
    probability,
    rate,
    split,
    time_to,
)
from communitybudget.simulation import Sojourn
from model_builders import by_state, competing, walk

STATES = ("well", "ill", "dead")


def trace(moves, cycles=4, states=STATES, **more):
    return StateModel(states=states, cycles=cycles, moves=moves, **more).run().trace("bau")


def naive(row, cycles=4, states=STATES):
    return np.array(by_state(walk(states, cycles, row, {(states[0], 0): 1.0})[0], states))


class TestForms:
    def test_probabilities_add_and_staying_is_the_rest(self):
        found = trace(
            {
                "well -> ill": probability(0.2),
                "well -> dead": probability(0.1),
                "ill -> dead": probability(0.3),
            }
        )
        rows = {"well": {"ill": 0.2, "dead": 0.1}, "ill": {"dead": 0.3}, "dead": {}}
        np.testing.assert_allclose(found, naive(lambda t, s, n: rows[s]), atol=1e-15)

    def test_rates_compete_exactly(self):
        """Daily rates of 1% and 0.5% leave exp(-0.45) after 30 days."""
        found = trace({"well -> ill": rate(0.01), "well -> dead": rate(0.005)}, cycles=30)
        assert found[-1, 0] == pytest.approx(math.exp(-0.45), abs=1e-14)
        assert found[-1, 1] == pytest.approx(2 / 3 * (1 - math.exp(-0.45)), abs=1e-14)

    def test_a_rate_may_be_per_another_time(self):
        by_month = trace({"well -> ill": rate(0.12, per_months=12)}, cycles=12, cycle_months=1)
        by_year = trace({"well -> ill": rate(0.12)}, cycles=1)
        assert by_month[-1, 1] == pytest.approx(by_year[-1, 1], abs=1e-14)

    def test_odds_are_against_staying(self):
        found = trace({"well -> ill": odds(0.5), "well -> dead": odds(2.5)}, cycles=1)
        np.testing.assert_allclose(found[1], [1 / 4, 0.5 / 4, 2.5 / 4], atol=1e-15)

    def test_a_cumulative_incidence_comes_back(self):
        found = trace({"well -> ill": cumulative_incidence(0.3, cycles=8)}, cycles=8)
        assert found[-1, 1] == pytest.approx(0.3, abs=1e-14)
        found = trace({"well -> ill": cumulative_incidence(0.3, months=24)}, cycles=8, cycle_months=3)
        assert found[-1, 1] == pytest.approx(0.3, abs=1e-14)

    def test_the_remainder_may_be_another_cell(self):
        found = trace(
            {"well -> well": probability(0.6), "well -> ill": REMAINDER, "well -> dead": probability(0.1)},
            cycles=1,
        )
        np.testing.assert_allclose(found[1], [0.6, 0.3, 0.1], atol=1e-15)

    def test_nobody_stays_where_an_exit_is_the_remainder(self):
        found = trace({"well -> dead": probability(0.02), "well -> ill": REMAINDER}, cycles=2)
        np.testing.assert_allclose(found[1], [0, 0.98, 0.02], atol=1e-15)

    def test_unless_puts_other_moves_first(self):
        """(1 - p_dead) p_ill, as models write it, beside a rate of dying."""
        dying = 1 - math.exp(-0.1)
        found = trace({"well -> ill": probability(0.25, unless="dead"), "* -> dead": rate(0.1)}, cycles=1)
        np.testing.assert_allclose(found[1], [(1 - dying) * 0.75, (1 - dying) * 0.25, dying], atol=1e-15)

    def test_a_split_shares_out_one_way_out(self):
        found = trace({"well -> *": split(rate(0.4), {"ill": 0.75, "dead": 0.25})}, cycles=1)
        left = 1 - math.exp(-0.4)
        np.testing.assert_allclose(found[1], [1 - left, 0.75 * left, 0.25 * left], atol=1e-15)

    def test_a_star_gives_way_to_a_name(self):
        found = trace(
            {"* -> dead": probability(0.1), "ill -> dead": probability(0.5)}, cycles=1, start={"ill": 1}
        )
        np.testing.assert_allclose(found[1], [0, 0.5, 0.5])


class TestMatrices:
    P = np.array([[0.8, 0.15, 0.05], [0.1, 0.7, 0.2], [0, 0, 1]])

    def by_matrix(self, matrices):
        now = np.array([1.0, 0, 0])
        rows = [now]
        for p in matrices:
            now = now @ p
            rows.append(now)
        return np.array(rows)

    def test_one_for_all_cycles(self):
        np.testing.assert_allclose(trace(from_matrix(self.P)), self.by_matrix([self.P] * 4), atol=1e-15)

    def test_one_a_cycle(self):
        four = np.stack([np.linalg.matrix_power(self.P, k) for k in (1, 2, 1, 3)])
        np.testing.assert_allclose(trace(from_matrix(four)), self.by_matrix(four), atol=1e-15)

    @pytest.mark.parametrize("axes", [None, "draw from to"])
    def test_one_a_draw(self, axes):
        two = np.stack([self.P, self.P @ self.P], axis=-1)
        given = two if axes is None else np.moveaxis(two, -1, 0)
        found = trace(from_matrix(given, axes=axes))
        for draw in range(2):
            np.testing.assert_allclose(found[..., draw], self.by_matrix([two[..., draw]] * 4), atol=1e-15)

    def test_one_a_cycle_and_draw(self):
        powers = [[np.linalg.matrix_power(self.P, k + d) for d in (1, 2)] for k in range(4)]
        table = np.moveaxis(np.array(powers), 1, -1)
        found = trace(from_matrix(table))
        for draw in range(2):
            np.testing.assert_allclose(found[..., draw], self.by_matrix(table[..., draw]), atol=1e-15)

    def test_axes_that_are_not_clear_are_asked_for(self):
        with pytest.raises(TransitionError, match="is not clear; give axes"):
            from_matrix(np.stack([self.P] * 3))

    def test_a_row_that_does_not_sum_to_one_is_named(self):
        wrong = self.P.copy()
        wrong[1, 1] = 0.6
        with pytest.raises(TransitionError, match=r"the row of 'ill' sums to 0\.9; make it 1"):
            trace(from_matrix(wrong))

    def test_counts_are_dirichlet_rows_and_zeros_stay_zero(self):
        counts = [[80, 15, 5], [0, 90, 10], [0, 0, 1]]
        found = trace(from_counts(counts, draws=400, seed=1, name="health"), cycles=1)
        assert found.shape == (2, 3, 400)
        np.testing.assert_allclose(found[1].mean(axis=-1), [0.8, 0.15, 0.05], atol=0.01)
        found = trace(from_counts(counts, draws=400, seed=1, name="health"), cycles=1, start={"ill": 1})
        assert (found[1, 0] == 0).all()

    def test_a_generator_counts_moves_within_the_cycle(self):
        from scipy.linalg import expm

        q = np.array([[0, 0.3, 0.1], [0.2, 0, 0.4], [0, 0, 0]])
        whole = q - np.diag(q.sum(axis=1))
        np.testing.assert_allclose(trace(generator(q)), self.by_matrix([expm(whole)] * 4), atol=1e-14)
        found = trace(generator(q, per_months=12), cycles=6, cycle_months=1)
        np.testing.assert_allclose(found, self.by_matrix([expm(whole / 12)] * 6), atol=1e-14)
        found = trace(generator(np.stack([q, 2 * q], axis=-1)))
        np.testing.assert_allclose(found[..., 1], self.by_matrix([expm(2 * whole)] * 4), atol=1e-14)


class TestTimeTo:
    def test_the_clock_is_reset_on_entry(self):
        """Survival in the state is that of the distribution at every cycle end."""
        stay = Sojourn.weibull(shape=1.4, scale=5.0)
        found = trace({"well -> dead": time_to(stay)}, cycles=8)
        np.testing.assert_allclose(found[:, 0], stay.survival(np.arange(9.0)), rtol=1e-13)

    def test_or_goes_on_from_entry_to_the_model(self):
        stay = Sojourn.weibull(shape=1.4, scale=5.0)
        moves = {
            "well -> ill": probability(by_cycle({0: 1.0, 1: 0.0})),
            "ill -> dead": time_to(stay, clock="forward"),
        }
        found = trace(moves, cycles=8)
        left = stay.survival(np.arange(9.0))
        np.testing.assert_allclose(found[1:, 1], left[1:] / left[1], rtol=1e-13)

    def test_distributions_of_scipy_serve_as_well(self):
        from scipy.stats import gamma

        found = trace({"well -> dead": time_to(gamma(2.0, scale=12.0), unit_months=1)}, cycles=5)
        np.testing.assert_allclose(found[:, 0], gamma(2.0, scale=12.0).sf(12 * np.arange(6)), rtol=1e-12)

    def test_what_is_constant_in_bands_takes_bands_and_no_tunnel(self):
        plan = Sojourn.piecewise([3, 6, 12, 24], [0.159, 0.110, 0.435, 0.252, 0.044])
        model = StateModel(
            states=("plan", "ended"), cycles=24, cycle_months=1, moves={"plan -> ended": time_to(plan)}
        )
        assert model.size().cells == 5
        found = model.run().trace("bau")
        np.testing.assert_allclose(found[[3, 6, 12, 24], 0].round(3), [0.841, 0.731, 0.296, 0.044])

    def test_all_may_be_gone_at_some_time(self):
        class Fixed:
            def survival(self, time):
                return float(time < 3)

        found = trace({"well -> ill": time_to(Fixed()), "ill -> well": probability(0.5)}, cycles=6)
        assert np.isfinite(found).all()
        np.testing.assert_allclose(found[:4, 0], [1, 1, 1, 0], atol=1e-15)
        np.testing.assert_allclose(found.sum(axis=1), 1)


class TestFaults:
    @pytest.mark.parametrize(
        ("moves", "text"),
        [
            ({"well -> ill": 0.1}, r"'well -> ill' is 0.1; say what it is: probability"),
            ({"well -> il": probability(0.1)}, "no state 'il'; did you mean 'ill'"),
            ({"well to ill": probability(0.1)}, "is not a move; write it as 'state -> state'"),
            (
                {"well -> ill": probability(0.1), "well -> dead": rate(0.1)},
                r"mix forms \(probability: ill; rate: dead\).*unless",
            ),
            ({"well -> ill": REMAINDER, "well -> dead": REMAINDER}, "leave one cell as REMAINDER"),
            ({"well -> well": rate(0.5)}, "staying in 'well' is a rate"),
            (
                {"well -> well": probability(0.5), "well -> ill": probability(0.5)},
                "every cell of 'well' is given",
            ),
            (
                {"well -> ill": REMAINDER, "well -> dead": rate(0.1)},
                "use REMAINDER among plain probabilities",
            ),
            ({"well -> ill": probability(0.1, unless="dead")}, "unless 'dead' names no move out of it"),
            ({"well -> *": probability(0.1)}, "does not say where to"),
            ({"well -> ill": probability(-0.1)}, "a value is negative"),
            ({"well -> ill": probability(np.nan)}, "missing or not finite"),
            (
                {"well -> ill": probability(by_cycle([0.1, 0.2]))},
                "by_cycle has 2 values and the model 4 cycles",
            ),
        ],
    )
    def test_each_says_what_and_what_to_do(self, moves, text):
        with pytest.raises(TransitionError, match=text):
            trace(moves)

    def test_all_are_told_at_once(self):
        with pytest.raises(TransitionError) as caught:
            StateModel(
                states=STATES,
                cycles=2,
                moves={"well -> il": probability(0.1), "ill -> dead": 0.3},
                start={"wel": 1.0},
            )
        assert len(str(caught.value).splitlines()) >= 3

    def test_a_row_that_is_filled_over_is_found_before_anything_runs(self):
        draws = np.array([0.5, 0.6, 0.9, 0.95])
        model = StateModel(
            states=STATES,
            cycles=3,
            moves={"well -> ill": probability(draws), "well -> dead": probability(0.3)},
        )
        with pytest.raises(
            TransitionError,
            match=r"out of 'well' \(ill, dead\) sum to 1.25 in cycle 0 \(in 50% of the draws\)",
        ):
            model.run()

    def test_an_array_as_long_as_the_cycles_is_asked_what_it_is(self):
        moves = {"well -> ill": probability(np.full(4, 0.1))}
        with pytest.raises(TransitionError, match=r"write by_cycle\(...\).*or draws=4"):
            trace(moves)
        assert trace(moves, draws=4).shape == (5, 3, 4)

    def test_arrays_of_different_lengths_are_named(self):
        moves = {"well -> ill": probability(np.full(7, 0.1)), "ill -> dead": probability(np.full(9, 0.1))}
        with pytest.raises(TransitionError, match=r"'well -> ill' has 7; 'ill -> dead' has 9"):
            trace(moves)

    def test_a_time_that_is_no_time(self):
        with pytest.raises(TransitionError, match="use 'reset'"):
            time_to(Sojourn.exponential(3.0), clock="stop")
        with pytest.raises(TransitionError, match="give months= or cycles="):
            cumulative_incidence(0.3)


def test_competing_by_hand():
    assert competing({"a": 0.0}) == {"a": 0.0}
    assert by_duration({0: 0.1, 2: 0.2}).cuts() == {2}

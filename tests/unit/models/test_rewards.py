"""What states and moves cost, by agency, and what they gain."""

from itertools import pairwise

import numpy as np
import pytest

from communitybudget import ParameterNotFound, PriceBaseMismatch, TransitionError
from communitybudget._core.errors import ParameterError
from communitybudget.models import (
    Conventions,
    Option,
    StateModel,
    by_cycle,
    by_duration,
    by_profile,
    cost,
    effect,
    generator,
    probability,
)
from model_builders import walk

PLAIN = Conventions(discounting="per_cycle", rate_costs=0.0, rate_effects=0.0)
STATES = ("well", "ill", "dead")
MOVES = {
    "well -> ill": probability(0.4),
    "ill -> well": probability(by_duration({0: 0.3, 2: 0.1})),
    "ill -> dead": probability(0.05),
}
CYCLES = 6


def row(t, state, n):
    return {"well": {"ill": 0.4}, "ill": {"well": 0.3 if n < 2 else 0.1, "dead": 0.05}}.get(state, {})


START = {("well", 0): 0.75, ("ill", 0): 0.25}
POINTS, MOVED = walk(STATES, CYCLES, row, START)


def total(reward, **more):
    settings = {"conventions": PLAIN, "price_base": "2025-26", "start": {"well": 0.75, "ill": 0.25}, **more}
    model = StateModel(states=STATES, cycles=CYCLES, moves=MOVES, rewards=[reward], **settings)
    found = model.run().total(reward.name, "bau")
    return float(found[0]) if found.size == 1 else found


def time_in(value):
    at = [sum(share * value(s, n, t) for (s, n), share in point.items()) for t, point in enumerate(POINTS)]
    return sum((a + b) / 2 for a, b in pairwise(at))


def moves_that(value):
    return sum(share * value(t, *key) for t, moved in enumerate(MOVED) for key, share in moved.items())


class TestPlaces:
    def test_in_a_state_per_cycle_or_per_year(self):
        by_hand = 100 * time_in(lambda s, n, t: s == "ill")
        assert total(cost("a", 100, in_state="ill", per="cycle")) == pytest.approx(by_hand, rel=1e-13)
        assert total(cost("a", 100, in_state="ill", per="year"), cycle_months=3) == pytest.approx(by_hand / 4)

    def test_states_with_amounts_of_their_own(self):
        found = total(effect("q", in_state={"well": 1.0, "ill": 0.6}, per="cycle"))
        assert found == pytest.approx(time_in(lambda s, n, t: {"well": 1, "ill": 0.6}.get(s, 0)), rel=1e-13)

    def test_in_a_band_of_time_in_the_state(self):
        found = total(cost("a", 100, in_state="ill", per="cycle", from_cycle=1, to_cycle=4))
        assert found == pytest.approx(100 * time_in(lambda s, n, t: s == "ill" and 1 <= n < 4), rel=1e-13)

    def test_by_cycles_in_the_state(self):
        found = total(cost("a", by_duration(lambda n: 10.0 * n), in_state="ill", per="cycle"))
        assert found == pytest.approx(time_in(lambda s, n, t: 10 * n * (s == "ill")), rel=1e-13)

    def test_entering_counts_moves_and_not_those_who_start(self):
        by_hand = moves_that(lambda t, s, n, target: target == "ill")
        assert total(cost("a", 1, entering="ill")) == pytest.approx(by_hand, rel=1e-13)
        nobody = StateModel(
            states=STATES,
            cycles=3,
            moves={"ill -> dead": probability(0.1)},
            start={"ill": 1},
            rewards=[cost("a", 1, entering="ill"), cost("b", 1, entering="dead")],
            conventions=PLAIN,
            price_base="2025-26",
        ).run()
        assert nobody.total("a", "bau")[0] == 0
        assert nobody.total("b", "bau")[0] == pytest.approx(1 - 0.9**3)

    def test_leaving_with_time_in_the_state(self):
        found = total(cost("a", 1, leaving="ill", from_cycle=2))
        assert found == pytest.approx(moves_that(lambda t, s, n, target: s == "ill" and n >= 2), rel=1e-13)

    def test_a_move_and_all_moves_into_a_state(self):
        found = total(cost("a", 1, move="ill -> well"))
        assert found == pytest.approx(moves_that(lambda t, s, n, target: target == "well"), rel=1e-13)
        found = total(cost("a", by_duration({0: 1.0, 2: 3.0}), move="* -> well"))
        by_hand = moves_that(lambda t, s, n, target: (1 if n < 2 else 3) * (target == "well"))
        assert found == pytest.approx(by_hand, rel=1e-13)

    def test_a_move_with_a_profile_by_cycle(self):
        weights = [1, 2, 4, 8, 16, 32]
        found = total(cost("a", by_cycle(weights), move="ill -> dead"))
        assert found == pytest.approx(
            moves_that(lambda t, s, n, target: weights[t] * (target == "dead")), rel=1e-13
        )

    def test_once_at_the_start(self):
        """Never discounted at time zero, whatever the first point."""
        late = Conventions(
            discounting="per_cycle", first_point="discounted", rate_costs=0.1, rate_effects=0.1
        )
        assert total(cost("a", 100, at_start=True), conventions=late, people=7) == 700

    def test_a_generator_counts_entries_at_the_ends_of_cycles(self):
        q = np.array([[0, 0.4, 0], [0, 0, 0.2], [0, 0, 0]])
        model = StateModel(
            states=STATES,
            cycles=1,
            moves=generator(q),
            rewards=[effect("a", 1, entering="dead")],
            conventions=PLAIN,
        )
        run = model.run()
        assert run.total("a", "bau")[0] == pytest.approx(run.trace("bau")[-1, 2])


def test_a_generator_does_not_follow_time_in_a_state():
    with pytest.raises(TransitionError, match="not followed under a generator"):
        StateModel(
            states=STATES,
            cycles=2,
            moves=generator([[0, 0.4, 0], [0, 0, 0.2], [0, 0, 0]]),
            rewards=[effect("a", 1, in_state="ill", per="cycle", from_cycle=1)],
        )


class TestAmounts:
    def test_draws_and_profiles(self):
        draws = np.array([100.0, 200.0, 50.0])
        found = total(cost("a", draws, in_state="ill", per="cycle"))
        np.testing.assert_allclose(found, draws * time_in(lambda s, n, t: s == "ill"), rtol=1e-13)
        found = total(
            cost("a", by_profile([1.0, 5.0]) * draws, in_state="ill", per="cycle"), profiles=[0.25, 0.75]
        )
        np.testing.assert_allclose(found, 4 * draws * time_in(lambda s, n, t: s == "ill"), rtol=1e-13)

    def test_a_product_of_draws_and_a_profile_by_point(self):
        growth = [1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6]
        draws = np.array([1.0, 3.0])
        found = total(cost("a", draws * by_cycle(growth), in_state="ill", per="cycle"))
        np.testing.assert_allclose(
            found, draws * time_in(lambda s, n, t: growth[t] * (s == "ill")), rtol=1e-13
        )


class TestOptions:
    def test_options_add_and_leave_out(self):
        model = StateModel(
            states=STATES,
            cycles=CYCLES,
            moves=MOVES,
            rewards=[
                cost("care", 100, in_state="ill", per="cycle"),
                effect("q", 1, in_state="well", per="cycle"),
            ],
            options=[
                Option("bau"),
                Option("help", rewards=[cost("worker", 30, in_state="ill", per="cycle", agency="police")]),
                Option("other", without=["care"], rewards=[cost("care", 50, in_state="ill", per="cycle")]),
            ],
            conventions=PLAIN,
            price_base="2025-26",
        )
        assert model.size().runs == 1  # rewards alone differ
        run = model.run()
        care = run.total("care", "bau")
        np.testing.assert_allclose(run.total("cost", "help"), 1.3 * care)
        np.testing.assert_allclose(run.total("cost", "help", agency="police"), 0.3 * care)
        np.testing.assert_allclose(run.total("cost", "other"), 0.5 * care)
        assert run.total("worker", "bau")[0] == 0
        with pytest.raises(
            TransitionError, match="is without 'car', which the model does not have; did you mean 'care'"
        ):
            StateModel(
                states=STATES,
                cycles=2,
                moves=MOVES,
                rewards=model.rewards,
                options=[Option("x", without="car")],
            )

    def test_value_types_are_never_added_silently(self):
        model = StateModel(
            states=STATES,
            cycles=2,
            moves=MOVES,
            rewards=[
                cost("care", 1, in_state="ill", per="cycle", agency="nhs"),
                cost("worry", 2, in_state="ill", per="cycle", agency="society", value_type="social"),
            ],
            price_base="2025-26",
        )
        run = model.run()
        with pytest.raises(ParameterError, match=r"several types \(fiscal, social\)"):
            run.total("cost", "bau")
        assert (
            run.total("cost", "bau", value_type="social")[0] == 2 * run.total("cost", "bau", agency="nhs")[0]
        )
        with pytest.raises(ParameterNotFound, match="it has nhs fiscal; society social"):
            run.total("cost", "bau", agency="police")
        assert "bau: social cost" in run.summary()


class TestFaults:
    def test_no_pound_without_a_price_base(self):
        with pytest.raises(PriceBaseMismatch, match="give price_base"):
            total(cost("a", 1, at_start=True), price_base="")
        with pytest.raises(PriceBaseMismatch, match="for another currency give currency="):
            total(cost("a", 1, at_start=True), price_base="2015")
        assert total(cost("a", 1, at_start=True), price_base="2015", currency="USD") == 1

    @pytest.mark.parametrize(
        ("call", "text"),
        [
            (
                lambda: cost("a", 1, in_state="ill", per="year", agency="nsh"),
                "no agency 'nsh'; did you mean 'nhs'",
            ),
            (
                lambda: cost("a", 1, in_state="ill", per="year", value_type="money"),
                "'money' is no value type",
            ),
            (lambda: cost("a", 1, in_state="ill"), "needs per='cycle' or per='year'; per is None"),
            (lambda: cost("a", 1, entering="ill", per="year"), "per is for time in a state"),
            (lambda: cost("a", 1), "attaches to nothing; give one of in_state"),
            (lambda: cost("a", 1, in_state="ill", entering="ill", per="year"), "in_state and entering"),
            (lambda: cost("a", in_state="ill", per="year"), "give an amount, or a mapping"),
            (
                lambda: cost("a", 1, entering="ill", from_cycle=2),
                "from_cycle and to_cycle are for time in a state",
            ),
            (lambda: cost("a", 1, in_state="ill", per="year", from_cycle=2, to_cycle=1), "is not after"),
        ],
    )
    def test_of_a_reward(self, call, text):
        with pytest.raises(ParameterError, match=text):
            call()

    @pytest.mark.parametrize(
        ("reward", "text"),
        [
            (cost("a", 1, in_state="il", per="year"), "a: there is no state 'il'; did you mean 'ill'"),
            (cost("a", 1, move="well -> dead"), "there is no move 'well -> dead'; the moves are ill -> dead"),
            (cost("a", by_duration([1, 2]), entering="ill"), "no time in a state has passed"),
            (
                cost("a", by_cycle(np.ones((6, 2))), in_state="ill", per="year"),
                "by cycle that differs by draw",
            ),
            (
                cost("a", by_cycle([1.0, 2]), in_state="ill", per="year"),
                "give 6 .one a cycle. or 7 .one a point.",
            ),
        ],
    )
    def test_of_a_reward_in_its_model(self, reward, text):
        with pytest.raises(TransitionError, match=text):
            total(reward)

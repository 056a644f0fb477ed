"""Size, memory, blocks, draws: what a run promises."""

import numpy as np
import pytest

from communitybudget import TransitionError
from communitybudget.models import (
    Conventions,
    Option,
    StateModel,
    by_cycle,
    by_duration,
    by_profile,
    cost,
    effect,
    hazard_ratio,
    probability,
    rate,
)

STATES = ("well", "ill", "dead")


def uncertain(draws, **more):
    random = np.random.default_rng(1)
    return StateModel(
        states=STATES,
        cycles=8,
        cycle_months=6,
        moves={
            "well -> ill": rate(random.gamma(20, 0.01, draws)),
            "ill -> well": rate(random.gamma(20, 0.02, draws) * by_duration({0: 1.0, 2: 0.5})),
            "* -> dead": rate(by_cycle(lambda t: 0.01 * 1.2**t)),
        },
        rewards=[
            cost("care", random.gamma(20, 50, draws), in_state="ill", per="year", agency="nhs"),
            effect("life", in_state={"well": 1.0, "ill": 0.7}, per="year"),
        ],
        options=[
            Option("bau"),
            Option(
                "help", changes=[hazard_ratio("well -> ill", random.lognormal(-0.3, 0.1, draws), to_cycle=5)]
            ),
        ],
        price_base="2025-26",
        **more,
    )


class TestBlocks:
    @pytest.mark.parametrize(
        "settings", [{}, {"conventions": Conventions(discounting="per_cycle"), "intake": np.arange(8.0)}]
    )
    def test_results_do_not_depend_on_them_to_the_last_bit(self, settings):
        model = uncertain(523, **settings)
        whole = model.run()
        for block in (50, 300):
            assert model.run(block=block) == whole

    def test_nor_with_profiles(self):
        moves = {"well -> ill": rate(by_profile(np.linspace(0.1, 0.4, 30)) * np.linspace(0.5, 1.5, 211))}
        model = StateModel(
            states=STATES,
            cycles=4,
            moves=moves,
            rewards=[effect("ill", 1, entering="ill")],
            profiles=np.full(30, 1 / 30),
        )
        assert (model.run(block=50).amounts == model.run().amounts).all()

    def test_the_first_draws_are_those_of_a_shorter_run(self):
        one = uncertain(60)
        assert one.run().total("cost", "help")[7] != one.run().total("cost", "help")[8]

    def test_progress_is_told(self):
        told = []
        uncertain(120).run(progress=lambda done, of: told.append((done, of)), block=50)
        assert told == [(1, 3), (2, 3), (3, 3)]


class TestDraws:
    def test_they_are_told_by_the_arrays(self):
        assert uncertain(60).draw_count == 60
        assert uncertain(60).run().total("cost", "bau").shape == (60,)

    def test_each_draw_is_the_model_with_its_numbers(self):
        many = uncertain(60)
        run = many.run()

        def pick(value):
            return type(value)(
                tuple(
                    type(p)(p.over, p.values[..., 7] if p.draws else p.values, p.starts, p.steps)
                    for p in value.parts
                )
            )

        moves = {move: type(c)(c.kind, pick(c.value)) for move, c in many.moves.items()}
        change = many.options[1].changes[0]
        one = StateModel(
            states=STATES,
            cycles=8,
            cycle_months=6,
            moves=moves,
            rewards=[
                cost("care", pick(many.rewards[0].amounts[0][1]), in_state="ill", per="year", agency="nhs"),
                many.rewards[1],
            ],
            options=[
                Option("bau"),
                Option("help", changes=[hazard_ratio("well -> ill", pick(change.ratio), to_cycle=5)]),
            ],
            price_base="2025-26",
        ).run()
        np.testing.assert_allclose(one.amounts[..., 0], run.amounts[..., 7], rtol=1e-13)

    def test_one_may_stand_for_several(self):
        """A single option, reward, state to start in, and a whole number of numpy."""
        model = StateModel(
            states=STATES,
            cycles=np.int64(3),
            moves={"ill -> dead": probability(0.1)},
            start="ill",
            rewards=effect("life", 1, in_state="ill", per="cycle"),
            options=Option("help", changes=hazard_ratio("ill -> dead", 0.5)),
        )
        assert model.run().trace("help")[0].tolist() == [0, 1, 0]

    def test_none_are_one(self):
        model = StateModel(states=STATES, cycles=3, moves={"well -> dead": probability(0.1)})
        assert model.draw_count == 1
        assert model.run().trace("bau").shape == (4, 3)


class TestSize:
    def test_a_tunnel_too_large_for_the_memory_is_refused_before_it_is_run(self):
        draws = np.full(1000, 0.1)
        model = StateModel(
            states=STATES,
            cycles=1200,
            cycle_months=1,
            moves={
                "well -> ill": probability(0.1 * draws),
                "ill -> well": probability(by_duration(lambda n: 0.2 / (n + 1))),
                "ill -> dead": probability(by_duration(lambda n: 0.1 / (n + 1))),
            },
            rewards=[effect("ill", 1, in_state="ill", per="cycle"), effect("moves", 1, leaving="ill")],
            memory_mb=200,
        )
        with pytest.raises(TransitionError) as caught:
            model.run()
        text = str(caught.value)
        assert "MB and may take 200" in text
        assert "3 states in 1203 cells" in text
        assert "give by_duration in a few bands" in text
        assert "raise memory_mb" in text

    def test_it_says_what_there_is(self):
        size = uncertain(60).size()
        assert (size.states, size.cells, size.ladders, size.cycles, size.draws, size.runs) == (
            3,
            4,
            1,
            8,
            60,
            2,
        )
        assert "3 states in 4 cells" in str(size)
        assert size.megabytes < 20


class TestFaults:
    @pytest.mark.parametrize(
        ("settings", "text"),
        [
            ({"cycles": 0}, "cycles is 0; give a whole number from 1"),
            ({"cycle_months": 0}, "give the length of a cycle, above 0"),
            ({"states": ("a", "a")}, "give each one name of its own"),
            ({"options": [Option("bau"), Option("bau")]}, "the options are bau, bau"),
            ({"first_year": "2026"}, "is not a financial year"),
            ({"people": -1}, "people is -1; give the number who start"),
            ({"people": np.ones(3)}, "give the number who start"),
        ],
    )
    def test_of_the_frame(self, settings, text):
        given = {"states": STATES, "cycles": 3, "moves": {"well -> dead": probability(0.1)}, **settings}
        if "states" in settings:
            given["moves"] = {}
        with pytest.raises(ValueError, match=text):
            StateModel(**given)

    def test_an_option_that_is_not_there(self):
        model = StateModel(states=STATES, cycles=3, moves={"well -> dead": probability(0.1)})
        with pytest.raises(TransitionError, match="there is no option 'bua'; did you mean 'bau'"):
            model.run().trace("bua")

"""Time in four senses: constant, by cycle since entry, by time in the state, by calendar year."""

import numpy as np
import pytest

from communitybudget import ParameterSet, TransitionError, load_pathway
from communitybudget.models import (
    Option,
    StateModel,
    by_cycle,
    by_cycle_and_duration,
    by_duration,
    by_year,
    cost,
    hazard_ratio,
    probability,
    rate,
)
from model_builders import by_state, walk

STATES = ("well", "ill", "dead")
CYCLES = 12


def check(moves, row, cycles=CYCLES, start=None, **more):
    model = StateModel(states=STATES, cycles=cycles, moves=moves, start=start, **more)
    found = model.run().trace("bau")
    begin = {("well", 0): 1.0}
    if start is not None:
        begin = {
            (s, n): share
            for s, value in start.items()
            for n, share in (value.items() if isinstance(value, dict) else [(0, value)])
        }
    expected = np.array(by_state(walk(STATES, cycles, row, begin)[0], STATES))
    np.testing.assert_allclose(found, expected, atol=1e-14)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-14)
    return model


HAZARD = [0.30, 0.25, 0.18, 0.10, 0.22, 0.05]


class TestByDuration:
    def test_a_month_by_month_shape_is_a_tunnel(self):
        def row(t, state, n):
            ill = HAZARD[min(n, 5)]
            return {"well": {"ill": 0.4}, "ill": {"well": ill, "dead": 0.1}}.get(state, {})

        moves = {
            "well -> ill": probability(0.4),
            "ill -> well": probability(by_duration(HAZARD)),
            "ill -> dead": probability(0.1),
        }
        model = check(moves, row)
        assert model.size().cells == 2 + 6

    def test_bands_cost_no_more_than_the_number_of_bands(self):
        def row(t, state, n):
            ill = 0.3 if n < 2 else 0.2 if n < 7 else 0.05
            return {"well": {"ill": 0.4}, "ill": {"well": ill}}.get(state, {})

        moves = {
            "well -> ill": probability(0.4),
            "ill -> well": probability(by_duration({0: 0.3, 2: 0.2, 7: 0.05})),
        }
        model = check(moves, row)
        assert model.size().cells == 2 + 3

    def test_equal_neighbours_are_one_band(self):
        moves = {"well -> ill": probability(by_duration([0.3, 0.3, 0.3, 0.1, 0.1]))}
        assert StateModel(states=STATES, cycles=9, moves=moves).size().cells == 4

    def test_together_with_the_cycle(self):
        """A product, a table of both, and a band in which only the cycle matters."""
        up = [1 + 0.05 * t for t in range(CYCLES)]

        def row(t, state, n):
            ill = HAZARD[min(n, 5)] * up[t]
            return {"well": {"ill": 0.4 / up[t]}, "ill": {"well": ill, "dead": 0.01 * up[t]}}.get(state, {})

        check(
            {
                "well -> ill": probability(by_cycle(lambda t: 0.4 / up[t])),
                "ill -> well": probability(by_duration(HAZARD) * by_cycle(up)),
                "ill -> dead": probability(0.01 * by_cycle(up)),
            },
            row,
        )
        check(
            {
                "well -> ill": probability(by_cycle(lambda t: 0.4 / up[t])),
                "ill -> well": probability(by_cycle_and_duration(lambda t, n: HAZARD[min(n, 5)] * up[t])),
                "ill -> dead": probability(0.01 * by_cycle(up)),
            },
            row,
        )

    def test_where_all_leave_at_some_time_nothing_is_lost(self):
        """A state that must be left after three cycles, with other exits that vary by cycle."""

        def row(t, state, n):
            if state == "ill":
                return {"well": 1.0 if n == 2 else 0.1 + 0.01 * t}
            return {"well": {"ill": 0.5}}.get(state, {})

        check(
            {
                "well -> ill": probability(0.5),
                "ill -> well": probability(
                    by_cycle_and_duration(lambda t, n: 1.0 if n >= 2 else 0.1 + 0.01 * t)
                ),
            },
            row,
        )

    def test_bands_of_many_cycles_that_all_leave(self):
        def row(t, state, n):
            return {"well": {"ill": 0.5}, "ill": {"well": 0.0 if n < 3 else 1.0}}.get(state, {})

        check(
            {"well -> ill": probability(0.5), "ill -> well": probability(by_duration({0: 0.0, 3: 1.0}))}, row
        )

    def test_people_may_start_part_way(self):
        def row(t, state, n):
            return {"ill": {"dead": 0.3 if n < 2 else 0.2 if n < 7 else 0.05}}.get(state, {})

        check(
            {"ill -> dead": probability(by_duration({0: 0.3, 2: 0.2, 7: 0.05}))},
            row,
            start={"well": 0.2, "ill": {0: 0.1, 4: 0.3, 30: 0.4}},
        )

    def test_a_tunnel_between_long_bands(self):
        """Three cycles, four bands of one, four cycles, and an open end; exits also vary by cycle."""
        own = {0: 0.3, 3: 0.2, 4: 0.1, 5: 0.25, 6: 0.05, 7: 0.3, 11: 0.1}

        def row(t, state, n):
            ill = own[max(start for start in own if start <= n)]
            return {"well": {"ill": 0.4}, "ill": {"well": ill, "dead": 0.01 * t}}.get(state, {})

        moves = {
            "well -> ill": probability(0.4),
            "ill -> well": probability(by_duration(own)),
            "ill -> dead": probability(by_cycle(lambda t: 0.01 * t)),
        }
        start = {"well": 0.2, "ill": {0: 0.1, 1: 0.1, 4: 0.2, 8: 0.3, 20: 0.1}}
        check(moves, row, cycles=16, start=start)
        del moves["ill -> dead"]
        check(moves, lambda t, s, n: {k: v for k, v in row(t, s, n).items() if k != "dead"}, 16, start)

    def test_an_effect_acts_on_bands_too(self):
        draws = np.array([0.5, 0.9, 1.3])
        model = StateModel(
            states=STATES,
            cycles=CYCLES,
            moves={"well -> ill": rate(by_duration({0: 0.3, 3: 0.1, 5: 0.4})), "ill -> well": rate(0.2)},
            options=[
                Option("bau"),
                Option("x", changes=[hazard_ratio("well -> ill", draws, from_cycle=2, to_cycle=7)]),
            ],
        )
        found = model.run().trace("x")
        for d, ratio in enumerate(draws):

            def row(t, state, n, ratio=ratio):
                ill = (0.3 if n < 3 else 0.1 if n < 5 else 0.4) * (ratio if 2 <= t < 7 else 1)
                return {
                    "well": {"ill": 1 - np.exp(-ill)},
                    "ill": {"well": 1 - np.exp(-0.2)},
                }.get(state, {})

            expected = by_state(walk(STATES, CYCLES, row, {("well", 0): 1.0})[0], STATES)
            np.testing.assert_allclose(found[..., d], expected, atol=1e-14)


class TestByCycle:
    def test_arrays_functions_and_steps(self):
        values = [0.1 + 0.02 * (t // 4) for t in range(CYCLES)]
        for given in (values, lambda t: values[t], {0: 0.1, 4: 0.12, 8: 0.14}):
            check(
                {"well -> dead": probability(by_cycle(given))},
                lambda t, s, n: {"dead": values[t]} if s == "well" else {},
            )

    def test_by_cycle_and_draw(self):
        table = np.array([[0.1, 0.2, 0.3]] * 4) * np.arange(1, 5)[:, None] / 4
        found = (
            StateModel(states=STATES, cycles=4, moves={"well -> dead": probability(by_cycle(table))})
            .run()
            .trace("bau")
        )
        np.testing.assert_allclose(found[-1, 0], np.prod(1 - table, axis=0), atol=1e-15)


class TestByYear:
    def test_values_follow_the_financial_years(self):
        """Half-years from 2026-27: two in each year; the last value holds on."""
        model = StateModel(
            states=STATES,
            cycles=6,
            cycle_months=6,
            first_year="2026-27",
            moves={"well -> dead": probability(by_year({"2025-26": 0.1, "2027-28": 0.2}))},
        )
        found = model.run().trace("bau")
        np.testing.assert_allclose(found[:, 0], [1, 0.9, 0.81, 0.648, 0.5184, 0.41472, 0.331776], atol=1e-15)
        assert model.year_names == ("2026-27", "2027-28", "2028-29")

    def test_the_first_year_must_be_known(self):
        with pytest.raises(
            TransitionError, match="no value for the first year of the model; give first_year="
        ):
            StateModel(
                states=STATES, cycles=2, moves={"well -> dead": probability(by_year({"2026-27": 0.1}))}
            )
        with pytest.raises(TransitionError, match="no value for the first year 2025-26"):
            StateModel(
                states=STATES,
                cycles=2,
                first_year="2025-26",
                moves={"well -> dead": probability(by_year({"2026-27": 0.1}))},
            )

    def test_amounts_may_follow_them_too(self):
        model = StateModel(
            states=STATES,
            cycles=2,
            first_year="2026-27",
            moves={"well -> dead": probability(0.0)},
            rewards=[cost("care", by_year({"2026-27": 100, "2027-28": 110}), in_state="well", per="year")],
            price_base="2026-27",
        )
        assert model.run().by_year("care", "bau").tolist() == [100, 110]


class TestShapes:
    def test_an_array_must_say_what_it_varies_over(self):
        with pytest.raises(TransitionError, match="does not say what it varies over"):
            probability(np.zeros((3, 4)))
        with pytest.raises(TransitionError, match="begin at 0"):
            by_duration({1: 0.2})
        with pytest.raises(TransitionError, match=r"give \(T, N\) or \(T, N, D\)"):
            by_cycle_and_duration([0.1])
        with pytest.raises(TransitionError, match="convert its parts"):
            (by_cycle([1.0]) * 2).map(np.sqrt)


def test_a_published_pathway_is_a_model():
    """Child safety over three years: months in each state equal those of the simulation of cases."""
    from communitybudget.simulation.kernel import follow, probabilities
    from communitybudget.simulation.layout import build_layout, place_start
    from communitybudget.simulation.weights import year_weights

    england = ParameterSet.load("england")
    pathway = load_pathway(england, "child_safety")
    value = {row.key: row.value for table in ("transition", "start") for row in england.table(table)}
    layout = build_layout(pathway.state_names, pathway.rates_of("medium_need"))
    starts = place_start(layout, pathway.start_of("medium_need"))
    shares = np.array([[value[s.parameter]] for s in starts])
    rates = np.array([[value[e.parameter]] for e in layout.edges])
    p = probabilities(layout, rates, np.array([[value[e.parameter]] for e in layout.events]))
    bins = follow(layout, starts, shares, p, 36, year_weights(3))
    model = StateModel.from_pathway(
        pathway,
        "medium_need",
        years=3,
        rewards=[cost(s, 1, in_state=s, per="cycle") for s in pathway.state_names],
        price_base="2025-26",
    )
    run = model.run()
    for state in pathway.state_names:
        expected = bins.occupancy[:, layout.cells_of(state), 0].sum(axis=1)
        np.testing.assert_allclose(run.by_year(state, "bau"), expected, rtol=1e-12)


def test_a_published_pathway_may_bring_its_draws():
    from communitybudget.sampling import Draws

    england = ParameterSet.load("england")
    pathway = load_pathway(england, "work")
    value = {row.key: row.value for table in ("transition", "start") for row in england.table(table)}
    factors = np.array([1.0, 0.5, 2.0])
    key = pathway.rates_of("medium_need")[0].parameter
    draws = Draws(3, 1, {key: value[key] * factors}, {k: v for k, v in value.items() if k != key})
    central = StateModel.from_pathway(pathway, "medium_need", years=2)
    drawn = StateModel.from_pathway(pathway, "medium_need", years=2, draws=draws)
    assert drawn.draw_count == 3
    found = drawn.run().trace("bau")
    np.testing.assert_allclose(found[..., 0], central.run().trace("bau"), atol=1e-15)
    assert (np.abs(found[..., 1] - found[..., 0]).max(axis=0) > 1e-6).any()


def test_a_pathway_built_by_hand_has_no_numbers():
    from dataclasses import replace

    pathway = replace(load_pathway(ParameterSet.load("england"), "work"), parameters=None)
    with pytest.raises(TransitionError, match="has no numbers"):
        StateModel.from_pathway(pathway, "medium_need")

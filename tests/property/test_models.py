"""What holds for every state model: mass kept, plain loops met, blocks without a trace."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from communitybudget.models import (
    Conventions,
    Option,
    StateModel,
    by_cycle,
    by_cycle_and_duration,
    by_duration,
    cost,
    effect,
    hazard_ratio,
    probability,
    rate,
)
from model_builders import by_state, walk

STATES = ("a", "b", "c")
CYCLES = 7
FEW = settings(max_examples=25, deadline=None)

share = st.floats(0.0, 0.45)
shares = st.lists(share, min_size=CYCLES + 1, max_size=CYCLES + 1)
bands = st.dictionaries(st.integers(1, CYCLES - 1), share, max_size=3)


@st.composite
def steps(draw):
    return {0: draw(share), **draw(bands)}


def of_steps(values, n):
    return values[max(start for start in values if start <= n)]


@given(steps(), steps(), shares, st.integers(0, 5), st.sampled_from(["table", "product", "bands"]))
@FEW
def test_time_in_state_and_cycle_meet_the_plain_loop(there, back, up, so_far, form):
    """Bands, tunnels and both clocks at once, people starting part-way."""

    def both(t, n):
        scale = 1.0 if form == "bands" else up[t] + 0.5
        return of_steps(there, n) * scale

    given_as = {
        "table": by_cycle_and_duration(both),
        "product": by_duration(there) * by_cycle([u + 0.5 for u in up[:CYCLES]]),
        "bands": by_duration(there),
    }[form]
    model = StateModel(
        states=STATES,
        cycles=CYCLES,
        moves={
            "a -> b": probability(given_as),
            "a -> c": probability(by_cycle(up[:CYCLES])),
            "b -> a": probability(by_duration(back)),
        },
        start={"a": {0: 0.3, so_far: 0.5} if so_far else 0.8, "b": 0.2},
    )
    begin = {("a", 0): 0.3, ("a", so_far): 0.5, ("b", 0): 0.2} if so_far else {("a", 0): 0.8, ("b", 0): 0.2}

    def row(t, state, n):
        return {"a": {"b": both(t, n), "c": up[t]}, "b": {"a": of_steps(back, n)}}.get(state, {})

    found = model.run().trace("bau")
    np.testing.assert_allclose(
        found, by_state(walk(STATES, CYCLES, row, begin)[0], STATES), rtol=0, atol=1e-13
    )
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-13)


@given(st.lists(st.floats(0.0, 3.0), min_size=3, max_size=3), st.floats(0.2, 4.0), st.integers(1, 6))
@FEW
def test_mass_is_kept_and_no_effect_is_no_difference(rates, ratio, until):
    up, down, out = rates
    model = StateModel(
        states=STATES,
        cycles=CYCLES,
        moves={"a -> b": rate(up), "b -> a": rate(down), "a -> c": rate(out), "b -> c": rate(out / 2)},
        rewards=[cost("x", 10, in_state="b", per="cycle"), effect("y", 1, entering="c")],
        options=[
            Option("bau"),
            Option("none", changes=[hazard_ratio("* -> *", 1.0, to_cycle=until)]),
            Option("some", changes=[hazard_ratio("* -> c", ratio, to_cycle=until)]),
        ],
        price_base="2025-26",
    )
    run = model.run()
    for option in run.options:
        np.testing.assert_allclose(run.trace(option).sum(axis=1), 1, atol=1e-13)
    np.testing.assert_allclose(run.total("x", "none"), run.total("x", "bau"), rtol=1e-13)
    died = run.total("y", "some", discounted=False)[0]
    np.testing.assert_allclose(died, run.trace("some")[-1, 2], atol=1e-13)
    assert ratio == 1 or (ratio > 1) == (died > run.total("y", "bau", discounted=False)[0]) or out < 1e-6


@given(st.integers(1, 130), st.sampled_from(["life_table", "cycle_start", "half_cycle", "simpson_darth"]))
@FEW
def test_blocks_leave_no_trace(draws, counting):
    random = np.random.default_rng(draws)
    model = StateModel(
        states=STATES,
        cycles=4,
        draws=draws,
        moves={
            "a -> b": rate(random.gamma(2, 0.1, draws)),
            "b -> c": rate(random.gamma(2, 0.1, draws) * by_duration({0: 1, 1: 2})),
        },
        rewards=[effect("y", random.random(draws), in_state="b", per="year"), effect("z", 1, entering="c")],
        conventions=Conventions(counting=counting, discounting="per_cycle"),
        cycle_months=5,
    )
    assert model.run(block=50) == model.run(block=1000)


@given(
    st.lists(st.floats(0, 20), min_size=4, max_size=4),
    st.sampled_from(["life_table", "cycle_end", "half_cycle"]),
)
@FEW
def test_an_intake_is_the_sum_of_closed_cohorts(people, counting):
    """One closed cohort for each time of entry, each with the cycles that are left to it."""
    chosen = Conventions(counting=counting, discounting="per_cycle", rate_costs=0.0, rate_effects=0.0)

    def life(cycles, **more):
        return (
            StateModel(
                states=STATES,
                cycles=cycles,
                moves={"a -> b": probability(by_duration({0: 0.1, 2: 0.3})), "b -> c": probability(0.2)},
                rewards=[
                    effect("y", in_state={"a": 1.0, "b": 0.5}, per="cycle"),
                    effect("y", -0.1, entering="c"),
                ],
                conventions=chosen,
                **more,
            )
            .run()
            .total("y", "bau")[0]
        )

    whole = life(4, people=0, intake=people)
    np.testing.assert_allclose(
        whole, sum(n * life(4 - c) for c, n in enumerate(people)), rtol=1e-12, atol=1e-12
    )

"""Drawn chance against the kernel (its mean) and against the exact moments (its variance)."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from communitybudget.parameters import ParameterSet
from communitybudget.pathways import Rate, Timing, load_pathway
from communitybudget.simulation import build_layout, place_start
from communitybudget.simulation.acting import Acting, ActingEffects, cells_changed
from communitybudget.simulation.chance import ChanceGroup, SpellKinds, draw_difference
from communitybudget.simulation.kernel import follow, probabilities
from communitybudget.simulation.layout import StartCell
from communitybudget.simulation.moments import Reward, chance_moments
from communitybudget.simulation.weights import year_weights

LANES, YEARS = 2000, 3
MONTHS = 12 * YEARS
ENTRIES = [(state, "looked_after") for state in ("child_in_need", "protection_plan", "returned_home")]
OFFENCES = [(state, "community") for state in ("none", "community", "desisted")]
FADING = Timing(lag=3.0, ramp=6.0, lasts=9.0, fades=12.0)


def group_on(name: str, moves: list[tuple[str, str]], **changed) -> ChanceGroup:
    """Two hundred people on a published pathway at central rates, with a hazard ratio of 0.5."""
    england = ParameterSet.load("england")
    pathway = load_pathway(england, name)
    layout = build_layout(pathway.state_names, pathway.rates_of("medium_need"))
    starts = place_start(layout, pathway.start_of("medium_need"))

    def lanes(numbers: list[float]) -> np.ndarray:
        return np.repeat(np.array(numbers)[:, None], LANES, axis=1).reshape(len(numbers), LANES)

    shares = np.array([england[start.parameter].value for start in starts])
    joining = np.zeros(MONTHS)
    joining[:12] = 1 / 12
    group = ChanceGroup(
        layout=layout,
        starts=starts,
        shares=lanes((shares / shares.sum()).tolist()),
        rates=lanes([england[edge.parameter].value for edge in layout.edges]),
        event_rates=lanes([england[edge.parameter].value for edge in layout.events]),
        effects=[Acting(moves, np.full(LANES, np.log(0.5)), FADING)],
        people=np.full(LANES, 200),
        presence=np.clip(1 - np.arange(MONTHS + 1) / 100, 0, 1),
        joining=joining,
    )
    return replace(group, **changed)


def expected(group: ChanceGroup):
    """Business as usual less the option by the kernel, for one person."""
    weights = year_weights(YEARS, group.presence, spread_joining=True)
    every_cell = list(range(len(group.layout.cells)))
    rates, events = group.rates[:, :1], group.event_rates[:, :1]
    found = []
    for effects in ([], [Acting(e.moves, e.log_hazard_ratio[:1], e.timing) for e in group.effects]):
        found.append(
            follow(
                group.layout,
                group.starts,
                group.shares[:, :1],
                probabilities(group.layout, rates.copy(), events.copy()),
                MONTHS,
                weights,
                ActingEffects(group.layout, rates, events, effects) if effects else None,
                cells_changed(group.layout, effects),
                every_cell,
            )
        )
    return found


@pytest.mark.parametrize(("name", "moves"), [("child_safety", ENTRIES), ("youth_justice", OFFENCES)])
def test_the_mean_over_chance_is_the_kernels(name, moves):
    group = group_on(name, moves)
    usual, option = expected(group)
    drawn = draw_difference(group, np.random.default_rng(1))
    for part in ("occupancy", "moves", "events", "birthdays"):
        mean = 200 * (getattr(usual, part) - getattr(option, part))[..., 0]
        values = getattr(drawn, part)
        # where hardly anybody ever is, a standard error from the draws means nothing
        often = (values != 0).sum(axis=-1) >= 20
        error = values.std(axis=-1)[often] / LANES**0.5
        gap = (values.mean(axis=-1) - mean)[often] / error
        assert often.any()
        assert np.sqrt((gap**2).mean()) < 1.4
        assert np.abs(gap).max() < 4
        assert np.abs(mean[~often]).max(initial=0) < 0.05


def test_time_is_neither_made_nor_lost():
    drawn = draw_difference(group_on("child_safety", ENTRIES), np.random.default_rng(2))
    assert drawn.parted.sum() > 100
    assert_allclose(drawn.occupancy.sum(axis=(0, 1)), 0, atol=1e-9)
    assert_allclose(drawn.birthdays.sum(axis=(0, 1)), 0, atol=1e-9)


def test_no_effect_changes_nobody():
    group = group_on("child_safety", ENTRIES)
    log = np.zeros(LANES)
    log[::2] = np.log(0.5)
    drawn = draw_difference(replace(group, effects=[Acting(ENTRIES, log, FADING)]), np.random.default_rng(3))
    assert drawn.parted[::2].sum() > 100
    assert drawn.parted[1::2].sum() == 0
    assert_array_equal(drawn.occupancy[..., 1::2], 0)


def test_the_variance_is_that_of_the_exact_moments_with_spells_that_differ():
    """Foster care and children's homes: what spells cost is part of chance."""
    layout = build_layout(
        ["home", "care"],
        [
            Rate(("home", "care"), 0, None, "in", "in"),
            Rate(("care", "home"), 0, 6, "soon", "out"),
            Rate(("care", "home"), 6, None, "late", "out"),
        ],
    )
    rates = np.repeat(np.array([[0.02], [0.15], [0.03]]), LANES, axis=1)
    joining = np.zeros(MONTHS)
    joining[0] = 1
    care = tuple(layout.cells_of("care"))
    group = ChanceGroup(
        layout=layout,
        starts=(StartCell(0, 0, ""),),
        shares=np.ones((1, LANES)),
        rates=rates,
        event_rates=np.empty((0, LANES)),
        effects=[Acting([("home", "care")], np.full(LANES, np.log(0.4)), Timing(lasts=18.0))],
        people=np.full(LANES, 50),
        presence=np.ones(MONTHS + 1),
        joining=joining,
        spells=(SpellKinds(care, (0.7, 0.1), spread=0.5),),
    )
    drawn = draw_difference(group, np.random.default_rng(4))
    alike, foster, homes = drawn.weighted[0]
    # a month in care costs 3 in all, and on top 2.8 a month in foster care and 50 in a home
    worth = 3 * alike + 2.8 * 0.7 * foster + 50 * 0.1 * homes
    cost = worth.sum(axis=(0, 1)) + drawn.moves[:, 0].sum(axis=0)

    each = np.array([3 + 2.8, 3 + 50, 3.0]) @ np.array([0.7, 0.1, 0.2])
    square = np.array([5.8**2, 53**2, 9.0]) @ np.array([0.7, 0.1, 0.2]) * (1 + 0.5**2)
    in_care = np.array([[float(cell.state == "care")] for cell in layout.cells])
    ends = np.ones(MONTHS + 1)
    ends[[0, -1]] = 0.5
    reward = Reward(
        occupancy_weights=ends,
        move_weights=np.ones(MONTHS),
        birthday_weights=np.zeros(MONTHS + 1),
        cells=each * in_care,
        moves=np.array([[1.0], [0.0], [0.0]]),
        events=np.empty((0, 1)),
        birthdays=np.zeros_like(in_care),
        spells=np.sqrt(square - each**2) * in_care,
        followed_until=np.array([MONTHS + 1]),
    )
    one = rates[:, :1]
    none = np.empty((0, 1))
    exact = chance_moments(
        layout,
        group.starts,
        np.ones((1, 1)),
        probabilities(layout, one, none),
        probabilities(layout, one, none),
        reward,
        ActingEffects(layout, one, none, [Acting([("home", "care")], np.log([0.4]), Timing(lasts=18.0))]),
    )
    kurtosis = ((cost - cost.mean()) ** 4).mean() / cost.var() ** 2
    variance = 50 * exact.variance[0]
    assert abs(cost.mean() - 50 * exact.mean[0]) < 4 * (variance / LANES) ** 0.5
    assert abs(cost.var() / variance - 1) < 4 * ((kurtosis - 1) / LANES) ** 0.5
    # what all kinds of spell come to is, in the mean, plain time in care
    plain = drawn.occupancy[:, list(care)].sum(axis=(0, 1))
    for part in (alike, foster, homes):
        gap = part.sum(axis=(0, 1)) - plain
        assert abs(gap.mean()) < 4 * gap.std() / LANES**0.5


def test_prevented_moves_of_one_month_are_binomial():
    layout = build_layout(["here", "gone"], [Rate(("here", "gone"), 0, None, "r", "r")])
    joining = np.zeros(12)
    joining[0] = 1
    group = ChanceGroup(
        layout,
        (StartCell(0, 0, ""),),
        np.ones((1, 20_000)),
        np.full((1, 20_000), 0.3),
        np.empty((0, 20_000)),
        [Acting([("here", "gone")], np.full(20_000, -np.inf), Timing())],
        np.full(20_000, 10),
        np.ones(13),
        joining,
    )
    drawn = draw_difference(group, np.random.default_rng(5))
    share = 1 - np.exp(-0.3 * 12)
    moved = drawn.moves.sum(axis=(0, 1))
    assert_array_equal(moved, drawn.parted)
    assert abs(moved.mean() - 10 * share) < 4 * (10 * share * (1 - share) / 20_000) ** 0.5
    assert abs(moved.var() / (10 * share * (1 - share)) - 1) < 0.05


def test_the_same_seed_gives_the_same_people():
    group = group_on("youth_justice", OFFENCES)
    first, again = (draw_difference(group, np.random.default_rng(6)) for _ in range(2))
    assert_array_equal(first.occupancy, again.occupancy)
    assert_array_equal(first.moves, again.moves)

"""Mean and variance under chance against closed forms and against every path counted one by one."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from communitybudget.pathways import Rate, Timing
from communitybudget.simulation import build_layout, place_start
from communitybudget.simulation.acting import Acting, ActingEffects
from communitybudget.simulation.kernel import Probabilities, probabilities
from communitybudget.simulation.layout import Layout, StartCell
from communitybudget.simulation.moments import ChanceMoments, Reward, chance_moments, cohort_variance


def reward(layout: Layout, months: int, **given) -> Reward:
    """A reward that counts nothing but what is given."""
    cells, edges, events = len(layout.cells), len(layout.edges), len(layout.events)
    whole = {
        "occupancy_weights": np.ones(months + 1),
        "move_weights": np.ones(months),
        "birthday_weights": np.ones(months + 1),
        "cells": np.zeros((cells, 1)),
        "moves": np.zeros((edges, 1)),
        "events": np.zeros((events, 1)),
        "birthdays": np.zeros((cells, 1)),
        "spells": np.zeros((cells, 1)),
        "followed_until": np.array([months + 1]),
    }
    return Reward(**{**whole, **given})


def column(*numbers: float) -> np.ndarray:
    return np.array(numbers, dtype=float)[:, None]


def at(layout: Layout, rates: list[float], events: list[float] = ()) -> Probabilities:
    return probabilities(layout, column(*rates), column(*events) if len(events) else np.empty((0, 1)))


START = (StartCell(0, 0, ""),)


def same_both(layout: Layout, rates: list[float], worth: Reward, starts=START) -> ChanceMoments:
    p = at(layout, rates)
    return chance_moments(layout, starts, np.ones((len(starts), 1)) / len(starts), p, p, worth)


def test_those_who_have_left_are_binomial():
    layout = build_layout(["here", "gone"], [Rate(("here", "gone"), 0, None, "r", "r")])
    left = reward(layout, 24, moves=column(1))
    found = same_both(layout, [0.05], left)
    share = 1 - np.exp(-0.05 * 24)
    assert_allclose(60 * found.usual_mean, 60 * share, rtol=1e-12)
    assert_allclose(60 * found.usual_variance, 60 * share * (1 - share), rtol=1e-9)


def test_the_bands_of_time_are_binomial_too():
    rates = [Rate(("here", "gone"), 0, 3, "a", "a"), Rate(("here", "gone"), 3, None, "b", "a")]
    layout = build_layout(["here", "gone"], rates)
    found = same_both(layout, [0.2, 0.02], reward(layout, 12, moves=column(1, 1)))
    share = 1 - np.exp(-0.2 * 3 - 0.02 * 9)
    assert_allclose(found.usual_variance, share * (1 - share), rtol=1e-9)


def test_immigration_and_death_is_poisson():
    """Arrivals at a known rate who leave at a constant rate: a Poisson number is there at any time."""
    layout = build_layout(["here", "gone"], [Rate(("here", "gone"), 0, None, "r", "r")])
    arrivals, leaving, months = 4.0, 0.1, 36
    mean = variance = np.zeros(1)
    for joined in range(months):
        at_the_end = np.zeros(months - joined + 1)
        at_the_end[-1] = 1
        worth = reward(layout, months - joined, occupancy_weights=at_the_end, cells=np.array([[1.0], [0.0]]))
        gone = at(layout, [0.0])
        gone.moves[...], gone.stays[...] = 0, np.array([[0.0], [1.0]])
        # the option is a world without the person, so that the difference is the number there
        found = same_both(layout, [leaving], worth)
        mean = mean + arrivals * found.usual_mean
        variance = variance + arrivals * (found.usual_variance + found.usual_mean**2)
    expected = arrivals * sum(np.exp(-leaving * k) for k in range(1, months + 1))
    assert_allclose(mean, expected, rtol=1e-9)
    assert_allclose(variance, expected, rtol=1e-9)


def test_a_stay_is_geometric():
    layout = build_layout(["here", "gone"], [Rate(("here", "gone"), 0, None, "r", "r")])
    months = 1500
    worth = reward(layout, months, cells=np.array([[1.0], [0.0]]))
    found = same_both(layout, [0.05], worth)
    p = 1 - np.exp(-0.05)
    assert_allclose(found.usual_mean, 1 / p, rtol=1e-9)
    assert_allclose(found.usual_variance, (1 - p) / p**2, rtol=1e-9)


def test_spells_that_cost_more_or_less_add_their_square():
    """One spell of a known length: the variance is that of its price alone."""
    layout = build_layout(["here", "gone"], [Rate(("here", "gone"), 0, None, "r", "r")])
    worth = reward(layout, 9, cells=np.array([[100.0], [0.0]]), spells=np.array([[150.0], [0.0]]))
    found = same_both(layout, [0.0], worth)
    assert_allclose(found.usual_mean, 1000, rtol=1e-12)
    assert_allclose(found.usual_variance, (10 * 150.0) ** 2, rtol=1e-12)


def test_spells_that_the_option_makes_dearer_differ_by_what_they_are_dearer():
    """A geometric stay; between spells a month has a standard deviation of 150, or 250 with the option."""
    layout = build_layout(["here", "gone"], [Rate(("here", "gone"), 0, None, "r", "r")])
    worth = reward(layout, 400, spells=np.array([[150.0], [0.0]]))
    dearer = reward(layout, 400, spells=np.array([[250.0], [0.0]]))
    p = at(layout, [0.1])
    found = chance_moments(layout, START, np.ones((1, 1)), p, p, worth, option_reward=dearer)
    leaves = 1 - np.exp(-0.1)
    square = (2 - leaves) / leaves**2
    assert_allclose(found.usual_variance, 150**2 * square, rtol=1e-9)
    assert_allclose(found.option_variance, 250**2 * square, rtol=1e-9)
    assert_allclose(found.variance, 100**2 * square, rtol=1e-9)


def test_what_changes_nothing_differs_by_nothing():
    layout = build_layout(["here", "gone"], [Rate(("here", "gone"), 0, None, "r", "r")])
    found = same_both(layout, [0.05], reward(layout, 24, moves=column(1), cells=column(3, 1)))
    assert found.mean[0] == 0
    assert found.variance[0] == 0


def test_prevented_moves_are_binomial():
    """A move that the option halves: those who leave in one world alone are a thinned binomial."""
    layout = build_layout(["here", "gone"], [Rate(("here", "gone"), 0, None, "r", "r")])
    p, q = at(layout, [0.05]), at(layout, [0.025])
    found = chance_moments(layout, START, np.ones((1, 1)), p, q, reward(layout, 1, moves=column(1)))
    prevented = np.exp(-0.025) - np.exp(-0.05)
    assert_allclose(found.mean, prevented, rtol=1e-12)
    assert_allclose(found.variance, prevented * (1 - prevented), rtol=1e-9)


def test_the_number_of_arrivals_is_chance_or_known():
    moments = ChanceMoments(*(np.array([x]) for x in (2.0, 3.0, 1.0, 2.0, 1.0, 4.0)))
    assert cohort_variance(moments, 10)[0] == 40
    assert cohort_variance(moments, 10, "poisson")[0] == 50
    with pytest.raises(ValueError, match="no way to arrive; use fixed or poisson"):
        cohort_variance(moments, 10, "random")


# --- every path ------------------------------------------------------------------------------------------

RATES = [
    Rate(("a", "b"), 0, 2, "ab0", "ab"),
    Rate(("a", "b"), 2, None, "ab1", "ab"),
    Rate(("a", "c"), 0, None, "ac", "ac"),
    Rate(("b", "a"), 0, None, "ba", "ba"),
    Rate(("b", "c"), 0, None, "bc", "bc"),
]
LAYOUT = build_layout(["a", "b", "c"], RATES)
MONTHS = 3


def outcomes(p: Probabilities, cell: int, since: int) -> dict:
    """What happens in a month: edge (or None, to stay) to (chance, cell, months in it)."""
    found = {}
    for i, edge in enumerate(LAYOUT.edges):
        if edge.source == cell:
            found[i] = (float(p.moves[i, 0]), edge.target, 0)
    ladder = {ladder.cell: ladder for ladder in LAYOUT.ladders}.get(cell)
    place = (cell, 0) if ladder is None else (cell, since + 1)
    if ladder is not None and since + 1 == ladder.months:
        place = (ladder.next_cell, 0)
    found[None] = (float(p.stays[cell, 0]), *place)
    return found


def paths(worlds, worths: tuple[Reward, Reward], place, other, together: bool, month: int):
    """Every pair of lives from a month on: chance, and what the two come to."""
    value = [
        float(worth.occupancy_weights[month] * worth.cells[c, 0])
        for worth, (c, _) in zip(worths, (place, other), strict=True)
    ]
    if month == MONTHS:
        yield 1.0, *value
        return
    p, q = worlds[month]
    first, second = outcomes(p, *place), outcomes(q, *other)
    joint = {}
    if together:
        common = {k: min(first[k][0], second[k][0]) for k in first}
        apart = 1 - sum(common.values())
        for k, chance in common.items():
            joint[k, k, True] = chance
        for k, j in product(first, second):
            if apart > 1e-15:
                chance = (first[k][0] - common[k]) * (second[j][0] - common[j]) / apart
                joint[k, j, False] = chance
    else:
        joint = {(k, j, False): first[k][0] * second[j][0] for k, j in product(first, second)}
    stays = int(worths[0].followed_until[0]) > month + 1
    for (k, j, alike), chance in joint.items():
        if chance <= 0:
            continue
        moved = [
            float(worth.move_weights[month] * worth.moves[i, 0]) if i is not None else 0.0
            for worth, i in zip(worths, (k, j), strict=True)
        ]
        after, after_other = first[k][1:], second[j][1:]
        if not stays:
            last = [
                float(worth.birthday_weights[month + 1] * worth.birthdays[c, 0])
                for worth, c in zip(worths, (after[0], after_other[0]), strict=True)
            ]
            yield chance, value[0] + moved[0] + last[0], value[1] + moved[1] + last[1]
            continue
        for rest_chance, x, y in paths(worlds, worths, after, after_other, alike, month + 1):
            yield chance * rest_chance, value[0] + moved[0] + x, value[1] + moved[1] + y


def starting(places, shares, other_shares):
    """Where the same person starts in both worlds: alike so far as the shares are."""
    both = [min(pair) for pair in zip(shares, other_shares, strict=True)]
    apart = 1 - sum(both)
    for i, j in product(range(len(places)), repeat=2):
        chance = both[i] if i == j else 0.0
        if apart > 1e-15:
            chance += (shares[i] - both[i]) * (other_shares[j] - both[j]) / apart
        if chance > 0:
            yield chance, places[i], places[j]


numbers = st.floats(-3, 3)


@given(
    rates=st.lists(st.floats(0, 1.5), min_size=6, max_size=6),
    logs=st.tuples(st.floats(-2, 1), st.floats(-2, 1)),
    cells=st.lists(numbers, min_size=4, max_size=4),
    moves=st.lists(numbers, min_size=6, max_size=6),
    until=st.sampled_from([1, 2, 3, 4]),
    since=st.sampled_from([0, 1]),
    more=st.sampled_from([0.0, 1.5]),
    other_share=st.sampled_from([0.6, 0.9]),
)
@settings(max_examples=25, deadline=None)
def test_every_pair_of_lives_adds_up_to_it(rates, logs, cells, moves, until, since, more, other_share):
    """Also where months, moves or birthdays are worth something else with the option, or starts differ."""
    assert (len(LAYOUT.cells), len(LAYOUT.edges)) == (4, 6)
    worth = reward(
        LAYOUT,
        MONTHS,
        occupancy_weights=np.array([0.5, 1.0, 0.9, 0.4]),
        move_weights=np.array([1.0, 0.9, 0.8]),
        birthday_weights=np.array([0.0, 1.0, 0.9, 0.8]),
        cells=column(*cells),
        moves=column(*moves),
        birthdays=column(*reversed(cells)),
        followed_until=np.array([until]),
    )
    with_option = replace(
        worth,
        cells=worth.cells + more * column(1, 0, 2, -1),
        moves=worth.moves - more * column(0, 1, 1, 0, 2, 3),
        birthdays=worth.birthdays * (1 + more),
    )
    values, none = column(*rates), np.empty((0, 1))
    acting = [
        Acting([("a", "b")], np.array([logs[0]]), Timing(lag=1.0, lasts=1.0)),
        Acting([("b", "c"), ("a", "c")], np.array([logs[1]]), Timing(lasts=2.0)),
    ]
    worlds = []
    for month in range(MONTHS):
        option = probabilities(LAYOUT, values, none)
        ActingEffects(LAYOUT, values, none, acting)(month, option)
        worlds.append((probabilities(LAYOUT, values, none), option))
    places = ((0, since), (2, 0))
    shares, other_shares = (0.6, 0.4), (other_share, 1 - other_share)
    every = np.array(
        [
            (start * chance, x, y)
            for start, place, other in starting(places, shares, other_shares)
            for chance, x, y in paths(worlds, (worth, with_option), place, other, place == other, 0)
        ]
    )
    chance, usual, option = every.T
    difference = usual - option

    found = chance_moments(
        LAYOUT,
        tuple(StartCell(*place, "") for place in places),
        column(*shares),
        probabilities(LAYOUT, values, none),
        probabilities(LAYOUT, values, none),
        worth,
        ActingEffects(LAYOUT, values, none, acting),
        option_reward=with_option,
        option_shares=column(*other_shares),
    )
    assert_allclose(chance.sum(), 1, rtol=1e-12)
    for mine, theirs in (
        (found.usual_mean, chance @ usual),
        (found.option_mean, chance @ option),
        (found.mean, chance @ difference),
        (found.usual_variance, chance @ usual**2 - (chance @ usual) ** 2),
        (found.option_variance, chance @ option**2 - (chance @ option) ** 2),
        (found.variance, chance @ difference**2 - (chance @ difference) ** 2),
    ):
        assert_allclose(mine[0], theirs, rtol=1e-9, atol=1e-9)


def test_starts_are_chance_too():
    layout = build_layout(["a", "b"], [Rate(("a", "b"), 0, None, "r", "r")])
    worth = reward(layout, 1, occupancy_weights=np.array([1.0, 0.0]), cells=column(1, 0))
    p = at(layout, [0.0])
    starts = (StartCell(0, 0, ""), StartCell(1, 0, ""))
    found = chance_moments(layout, starts, column(0.3, 0.7), p, p, worth)
    assert_allclose(found.usual_variance, 0.3 * 0.7, rtol=1e-12)


def test_events_that_the_option_prevents():
    """Events come as a Poisson process while people are there: the excess of one world is one too."""
    layout = build_layout(
        ["a", "b"], [Rate(("a", "a"), 0, None, "e", "e"), Rate(("a", "b"), 0, None, "r", "r")]
    )
    p, q = at(layout, [0.0], [0.6]), at(layout, [0.0], [0.4])
    found = chance_moments(layout, START, np.ones((1, 1)), p, q, reward(layout, 10, events=column(1)))
    assert_allclose(found.usual_variance, 6.0, rtol=1e-12)
    assert_allclose([found.mean[0], found.variance[0]], 2.0, rtol=1e-9)
    # those in both worlds cost 2 more with the option, those in one alone cost 1
    dearer = reward(layout, 10, events=column(3))
    usual = reward(layout, 10, events=column(1))
    found = chance_moments(layout, START, np.ones((1, 1)), p, q, usual, option_reward=dearer)
    assert_allclose(found.variance, 10 * (0.4 * 2**2 + 0.2 * 1**2), rtol=1e-9)


def test_a_start_in_a_band_that_has_run_for_months():
    layout = build_layout(["a", "b"], [Rate(("a", "b"), 0, 4, "x", "r"), Rate(("a", "b"), 4, None, "y", "r")])
    from communitybudget.pathways import StartShare

    starts = place_start(layout, [StartShare("a", 3, "s")])
    found = same_both(layout, [0.5, 0.1], reward(layout, 2, moves=column(1, 1)), starts)
    share = 1 - np.exp(-0.6)
    assert_allclose(found.usual_variance, share * (1 - share), rtol=1e-12)

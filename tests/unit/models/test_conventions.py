"""Each convention changes a printed label and a number; the number is worked out by hand beside it.

The model: everybody is ill at the start, half of those who are ill die in a year. Shares of the ill at the
four points are 1, 0.5, 0.25, 0.125 over three years; being ill costs 100 a year, dying costs 10.
"""

import math
import tracemalloc
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from communitybudget import TransitionError
from communitybudget.appraisal import discount_factors
from communitybudget.models import Conventions, StateModel, by_cycle, cost, effect, probability

PLAIN = Conventions(discounting="per_cycle", rate_costs=0.0, rate_effects=0.0)
TENTH = replace(PLAIN, rate_costs=0.1, rate_effects=0.1)


def model(conventions, cycles=3, moves=False, cycle_months=12.0):
    dying = [cost("dying", 10, move="ill -> dead")] if moves else []
    return StateModel(
        states=("ill", "dead"),
        cycles=cycles,
        cycle_months=cycle_months,
        moves={"ill -> dead": probability(0.5)},
        rewards=[
            cost("care", 100, in_state="ill", per="cycle"),
            effect("time", 1, in_state="ill", per="cycle"),
            *dying,
        ],
        conventions=conventions,
        price_base="2025-26",
    )


def total(conventions, name="care", **more):
    return float(model(conventions, **more).run().total(name, "bau")[0])


@pytest.mark.parametrize(
    ("counting", "by_hand", "label"),
    [
        ("life_table", 100 * (0.75 + 0.375 + 0.1875), "life table"),
        ("cycle_start", 100 * (1 + 0.5 + 0.25), "start of each cycle"),
        ("cycle_end", 100 * (0.5 + 0.25 + 0.125), "end of each cycle"),
        ("half_cycle", 100 * (0.5 + 0.5 + 0.25 + 0.0625), "half-cycle weights"),
        ("every_point", 100 * (1 + 0.5 + 0.25 + 0.125), "every point"),
        ("simpson_darth", 100 * (1 / 3 + 0.5 * 2 / 3 + 0.25 * 4 / 3 + 0.125 / 3), "DARTH"),
        ((1, 2, 0, 8), 100 * (1 + 1 + 0 + 1), "4 weights of its own, 1, 2, 0"),
    ],
)
def test_counting(counting, by_hand, label):
    chosen = replace(PLAIN, counting=counting)
    assert total(chosen) == pytest.approx(by_hand, rel=1e-14)
    assert label in model(chosen).run().summary()


def test_simpson_needs_an_even_number_of_cycles():
    chosen = replace(PLAIN, counting="simpson")
    by_hand = 100 * (1 / 3 + 0.5 * 4 / 3 + 0.25 * 2 / 3 + 0.125 * 4 / 3 + 0.0625 / 3)
    assert total(chosen, cycles=4) == pytest.approx(by_hand, rel=1e-14)
    assert "Simpson's 1/3 rule" in chosen.labels()[0]
    with pytest.raises(TransitionError, match="even number of cycles, and there are 3"):
        model(chosen)


@pytest.mark.parametrize("weighted", [False, True])
def test_memory_grows_with_the_cycles_and_not_with_their_square(weighted):
    daily = model(replace(TENTH, moves_weighted=weighted), cycles=3000, moves=True, cycle_months=0.04)
    tracemalloc.start()
    daily.run()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * 3000**2 / 4  # a quarter of one table of cycles by cycles


def test_a_rate_of_some_hundred_percent_is_a_slip():
    with pytest.raises(
        TransitionError, match=r"rate_costs is 3.5, which is 350% a year; write 0.035 for 3.5%"
    ):
        Conventions(rate_costs=3.5)


def test_effects_may_be_counted_otherwise():
    chosen = replace(PLAIN, counting="cycle_end", counting_effects="life_table")
    assert total(chosen) == pytest.approx(100 * (0.5 + 0.25 + 0.125))
    assert total(chosen, "time") == pytest.approx(0.75 + 0.375 + 0.1875)
    assert "effects: life table" in chosen.labels()[0]


def test_weights_of_your_own_fit_the_points():
    with pytest.raises(TransitionError, match="counting has 3 weights and the model 4 points"):
        model(replace(PLAIN, counting=(1, 1, 1)))


@pytest.mark.parametrize(
    ("change", "by_hand", "label"),
    [
        ({}, 75 + 37.5 / 1.1 + 18.75 / 1.21, "per cycle at its start, (1 + r)^-t, first cycle undiscounted"),
        ({"form": "continuous"}, 75 + 37.5 * math.exp(-0.1) + 18.75 * math.exp(-0.2), "exp(-r t)"),
        ({"first_point": "discounted"}, 75 / 1.1 + 37.5 / 1.21 + 18.75 / 1.331, "first cycle discounted"),
        ({"cycle_time": "end"}, 75 / 1.1 + 37.5 / 1.21 + 18.75 / 1.331, "at its end"),
        (
            {"cycle_time": "middle"},
            75 * 1.1**-0.5 + 37.5 * 1.1**-1.5 + 18.75 * 1.1**-2.5,
            "at its middle",
        ),
        ({"rate_costs": 0.2}, 75 + 37.5 / 1.2 + 18.75 / 1.44, "costs 20%, effects 10%"),
        (
            {"counting": "half_cycle"},
            50 + 50 / 1.1 + 25 / 1.21 + 6.25 / 1.331,
            "at its point",
        ),
    ],
)
def test_discounting_per_cycle(change, by_hand, label):
    chosen = replace(TENTH, **change)
    assert total(chosen) == pytest.approx(by_hand, rel=1e-14)
    assert label in chosen.labels()[1]
    assert chosen.labels()[1] in model(chosen).run().summary()


def test_the_simple_form_compounds_the_rate_of_a_cycle():
    """Half-year cycles at 10% a year: 5% a cycle, against 1.1^0.5 - 1 = 4.88% a cycle."""
    simple = total(replace(TENTH, form="simple"), cycle_months=6)
    annual = total(TENTH, cycle_months=6)
    assert simple == pytest.approx(75 + 37.5 / 1.05 + 18.75 / 1.05**2, rel=1e-14)
    assert annual == pytest.approx(75 + 37.5 / 1.1**0.5 + 18.75 / 1.1, rel=1e-14)


def test_costs_and_effects_have_rates_of_their_own():
    chosen = replace(TENTH, rate_effects=0.0)
    assert total(chosen, "time") == pytest.approx(0.75 + 0.375 + 0.1875)
    assert total(chosen) == pytest.approx(75 + 37.5 / 1.1 + 18.75 / 1.21)


def test_per_year_all_cycles_of_a_year_have_one_factor():
    """Six half-years: two in each year. Per cycle the second of them is discounted by half a year more."""
    ill = [0.5**n for n in range(7)]
    by_cycle = [100 * (a + b) / 2 for a, b in pairwise(ill)]
    per_year = replace(TENTH, discounting="per_year")
    by_hand = sum(amount * 1.1 ** -(n // 2) for n, amount in enumerate(by_cycle))
    assert total(per_year, cycles=6, cycle_months=6) == pytest.approx(by_hand, rel=1e-14)
    by_hand = sum(amount * 1.1 ** -(n / 2) for n, amount in enumerate(by_cycle))
    assert total(TENTH, cycles=6, cycle_months=6) == pytest.approx(by_hand, rel=1e-14)
    assert "per financial year" in per_year.labels()[1]


def test_the_house_default_is_that_of_cases():
    """Life table, Green Book rates by financial year, the first undiscounted."""
    chosen = Conventions()
    assert total(chosen) == pytest.approx(75 + 37.5 / 1.035 + 18.75 / 1.035**2, rel=1e-14)
    assert total(chosen, "time") == pytest.approx(0.75 + 0.375 / 1.015 + 0.1875 / 1.015**2, rel=1e-14)
    assert "green_book_2022" in chosen.labels()[1]


def test_per_year_the_first_year_may_be_discounted():
    chosen = Conventions(first_point="discounted", rate_costs=0.1)
    assert total(chosen) == pytest.approx(75 / 1.1 + 37.5 / 1.21 + 18.75 / 1.331, rel=1e-14)
    chosen = Conventions(form="continuous", rate_costs=0.1)
    assert total(chosen) == pytest.approx(75 + 37.5 * math.exp(-0.1) + 18.75 * math.exp(-0.2), rel=1e-14)


def test_per_year_points_belong_to_the_year_that_they_begin():
    """Half-years, half-cycle weights: points 0 and 1 in year 0; 2, 3 and the last in year 1."""
    chosen = replace(TENTH, discounting="per_year", counting="half_cycle")
    by_hand = 50 + 50 + (25 + 12.5 + 3.125) / 1.1
    assert total(chosen, cycles=4, cycle_months=6) == pytest.approx(by_hand, rel=1e-14)


def test_a_schedule_may_discount_per_cycle():
    """Monthly cycles for 35 years cross from 3.5% to 3%: factors are those of `discount_factors`."""
    chosen = Conventions(discounting="per_cycle")
    times = np.arange(12 * 35, dtype=float)
    expected = discount_factors(35, "green_book_2022", cycles_per_year=12)
    np.testing.assert_allclose(chosen.cycle_factors(times, 1.0, "cost"), expected, rtol=1e-13)
    expected = discount_factors(35, "green_book_2022", cycles_per_year=12, continuous=True)
    found = replace(chosen, form="continuous").cycle_factors(times, 1.0, "cost")
    np.testing.assert_allclose(found, expected, rtol=1e-13)


@pytest.mark.parametrize(
    ("change", "by_hand", "label"),
    [
        # 0.5, 0.25, 0.125 die in the three years, at 10 each
        ({}, 10 * (0.5 + 0.25 / 1.1 + 0.125 / 1.21), "at departure, each counts once"),
        ({"moves_at": "arrival"}, 10 * (0.5 / 1.1 + 0.25 / 1.21 + 0.125 / 1.331), "at arrival"),
        (
            # life table: half in the cycle that ends at the point, half in the one that begins there
            {"moves_at": "arrival", "moves_weighted": True},
            10 * (0.5 * (1 + 1 / 1.1) / 2 + 0.25 * (1 / 1.1 + 1 / 1.21) / 2 + 0.125 / 1.21 / 2),
            "at arrival, as people at their point do",
        ),
        (
            {"moves_weighted": True},
            10 * (0.5 / 2 + 0.25 * (1 + 1 / 1.1) / 2 + 0.125 * (1 / 1.1 + 1 / 1.21) / 2),
            "at departure, as people at their point do",
        ),
        (
            # Simpson's weights of the points as in the DARTH tutorials: 2/3, 4/3, 1/3
            {"counting": "simpson_darth", "moves_at": "arrival", "moves_weighted": True},
            10 * (0.5 * 2 / 3 / 1.1 + 0.25 * 4 / 3 / 1.21 + 0.125 / 3 / 1.331),
            "as people at their point do",
        ),
    ],
)
def test_moves(change, by_hand, label):
    chosen = replace(TENTH, **change)
    assert total(chosen, "dying", moves=True) == pytest.approx(by_hand, rel=1e-14)
    assert label in chosen.labels()[2]


def test_moves_on_arrival_fall_in_the_year_of_their_point():
    """Half-years: those who move in the second half-year arrive at the start of the second year."""
    chosen = Conventions(moves_at="arrival", rate_costs=0.1)
    died = [0.5, 0.25, 0.125, 0.0625]
    by_hand = 10 * (died[0] + (died[1] + died[2]) / 1.1 + died[3] / 1.1)  # the last point: the last year
    assert total(chosen, "dying", moves=True, cycles=4, cycle_months=6) == pytest.approx(by_hand, rel=1e-14)


class TestPresets:
    def test_heemod_swaps_the_words_beginning_and_end(self):
        assert Conventions.like("heemod_beginning").counting == "cycle_end"
        assert Conventions.like("heemod_end").counting == "cycle_start"

    def test_hesim_integrates_by_trapezoids_what_is_discounted_continuously(self):
        chosen = Conventions.like("hesim", rate_costs=0.1)
        values = [100 * 0.5**t * math.exp(-0.1 * t) for t in range(4)]
        by_hand = sum((a + b) / 2 for a, b in pairwise(values))
        assert total(chosen) == pytest.approx(by_hand, rel=1e-14)

    def test_pyheor_gives_half_a_move_to_the_next_cycle(self):
        """Its `beginning` gives it all to the next: half and half of both is its life table."""
        chosen = Conventions.like("pyheor", rate_costs=0.1)
        died = [0.5, 0.25, 0.125]
        halves = [(now + before) / 2 for now, before in zip(died, [0, *died[:2]], strict=True)]
        by_hand = 10 * sum(half * 1.1**-k for k, half in enumerate(halves))
        assert total(chosen, "dying", moves=True) == pytest.approx(by_hand, rel=1e-14)
        beginning = replace(chosen, counting="cycle_start")
        by_hand = 10 * (0.5 / 1.1 + 0.25 / 1.21)
        assert total(beginning, "dying", moves=True) == pytest.approx(by_hand, rel=1e-14)

    def test_an_unknown_package_is_answered_with_the_nearest(self):
        with pytest.raises(TransitionError, match="did you mean 'hesim'"):
            Conventions.like("hesin")


def test_every_fault_of_the_words_is_told_at_once():
    with pytest.raises(TransitionError) as caught:
        Conventions(counting="lifetable", form="yearly", moves_at="start", rate_costs="green_book")
    text = str(caught.value)
    assert "did you mean 'life_table'" in text
    assert text.count("\n") == 3


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"cycle_time": "end"}, "cycle_time is for discounting per cycle"),
        (
            {"form": "simple", "rate_costs": 0.03, "rate_effects": 0.03},
            "'simple' is for discounting per cycle",
        ),
        ({"discounting": "per_cycle", "form": "simple"}, "needs a rate a year and not a schedule"),
    ],
)
def test_settings_that_do_not_go_together(change, text):
    with pytest.raises(TransitionError, match=text):
        Conventions(**change)


def test_a_profile_of_amounts_is_by_cycle_or_by_point():
    """T values belong to the cycles, T + 1 to the points at their ends."""
    ill = [1, 0.5, 0.25, 0.125]

    def care(values):
        return (
            StateModel(
                states=("ill", "dead"),
                cycles=3,
                moves={"ill -> dead": probability(0.5)},
                rewards=[cost("care", by_cycle(values), in_state="ill", per="cycle")],
                conventions=PLAIN,
                price_base="2025-26",
            )
            .run()
            .total("care", "bau")[0]
        )

    assert care([1, 10, 100]) == pytest.approx(0.75 * 1 + 0.375 * 10 + 0.1875 * 100)
    by_point = [v * s for v, s in zip([1, 10, 100, 1000], ill, strict=True)]
    by_hand = by_point[0] / 2 + by_point[1] + by_point[2] + by_point[3] / 2
    assert care([1, 10, 100, 1000]) == pytest.approx(by_hand)

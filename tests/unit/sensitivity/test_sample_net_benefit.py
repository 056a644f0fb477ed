"""Net benefit of sampling, by hand."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from communitybudget.sensitivity import (
    DecisionPopulation,
    SampleInformationCurve,
    SamplingValue,
    net_benefit_of_sampling,
)


def curve(families, values, errors, together=0.0):
    """A curve with given values; errors of different sizes go together by some correlation."""
    errors = np.array(errors, dtype=float)
    correlation = np.full((errors.size, errors.size), together)
    np.fill_diagonal(correlation, 1.0)
    return SampleInformationCurve(
        families=np.array(families, dtype=np.int64),
        values=np.array(values, dtype=float),
        covariance=np.outer(errors, errors) * correlation,
        effective_draws=np.full(errors.size, 500.0),
        evppi=1_000.0,
        evppi_standard_error=10.0,
        study="single group: effect, an event",
        informs=("effect",),
        method="regression",
        draws=2_000,
        seed=7,
        price_base="2026-27",
    )


VALUES = curve([0, 50, 100, 200], [0, 600, 800, 900], [0, 10, 12, 15], together=0.99)
POPULATION = DecisionPopulation(10, 100, 4, (1.0, 0.9, 0.8, 0.7))


def test_gain_cost_and_what_is_left_by_hand():
    found = net_benefit_of_sampling(VALUES, POPULATION, fixed_cost=1_000, cost_per_family=20)
    # The families in the study are the first of the flow: 50 or 100 of the first year, or two years.
    families = [340, 290, 240, 150]
    assert_allclose(found.families_who_benefit, families)
    assert_allclose(found.values, [0, 60 * 290, 80 * 240, 90 * 150])
    assert_allclose(found.costs, [0, 2_000, 3_000, 5_000])
    assert_allclose(found.net, [0, 15_400, 16_200, 8_500])
    assert_allclose(found.standard_errors, [0, 290, 1.2 * 240, 1.5 * 150])
    assert found.best_families == 100
    assert found.worth_doing


def test_families_come_before_the_results_or_are_in_the_study():
    late = net_benefit_of_sampling(
        VALUES, POPULATION, fixed_cost=0, cost_per_family=0, delay_months=9, share_already_committed=0.5
    )
    assert_allclose(late.families_who_benefit, np.array([340 - 75, 340 - 75, 240, 150]) / 2)


def test_a_study_larger_than_the_population_helps_nobody():
    found = net_benefit_of_sampling(curve([400], [900], [1]), POPULATION, fixed_cost=1, cost_per_family=1)
    assert found.values.tolist() == [0.0]
    assert "No study of these sizes is worth its cost" in found.in_words()
    assert "−£401" in found.in_words()


def test_sizes_that_cannot_be_told_from_the_best():
    apart = curve([50, 100, 200], [600, 601, 602], [10, 10, 10], together=0.0)
    free = net_benefit_of_sampling(apart, DecisionPopulation(10, 1e9, 1), fixed_cost=0, cost_per_family=0)
    assert free.best_families == 200
    assert free.about_as_good == (50, 200)
    alike = curve([50, 100, 200], [600, 601, 602], [10, 10, 10], together=1.0)
    exact = net_benefit_of_sampling(alike, DecisionPopulation(10, 1e9, 1), fixed_cost=0, cost_per_family=0)
    assert exact.about_as_good == (200, 200)


def test_of_equal_sizes_the_smaller_is_best():
    found = net_benefit_of_sampling(
        curve([50, 100], [600, 600], [0, 0]), DecisionPopulation(10, 1e12, 1), fixed_cost=5, cost_per_family=0
    )
    assert found.best_families == 50


def test_it_says_in_plain_words_what_to_do_for_whom_and_how_long():
    found = net_benefit_of_sampling(VALUES, POPULATION, fixed_cost=1_000, cost_per_family=20, delay_months=3)
    words = found.in_words()
    assert words.startswith("A study of 100 families is worth most: it would gain £19,200")
    for part in (
        "cost £3,000",
        "net £16,200",
        "100 families a year for 4 years, discounted",
        "after 3 months",
    ):
        assert part in words
    assert len(words.split()) < 80
    text = found.summary()
    for part in (words, "2026-27 prices", "seed 7", "2,000 draws", "regression", "0% committed"):
        assert part in text
    assert words.split(".")[0] in found._repr_html_()
    assert "\n" not in repr(found)


def test_a_gain_within_its_error_is_told():
    unsure = curve([50], [600], [400])
    found = net_benefit_of_sampling(unsure, POPULATION, fixed_cost=16_000, cost_per_family=0)
    assert not found.worth_doing
    assert "within its error of nothing" in found.in_words()


def test_it_is_a_frame_a_chart_and_json():
    found = net_benefit_of_sampling(VALUES, POPULATION, fixed_cost=1_000, cost_per_family=20)
    frame = found.to_frame()
    assert frame.columns.tolist() == [
        *("families", "value", "standard_error", "cost", "net", "families_who_benefit"),
    ]
    assert_allclose(frame["value"] - frame["cost"], frame["net"])
    assert SamplingValue.from_json(found.to_json()) == found
    assert found.plot().get_xlabel() == "Families in the study"


def test_voi_prints_the_net_benefit_of_a_study_without_value():
    """C. Jackson, voi 1.0, tests/testthat/test_enbs.R (commit 4b18a88): set-up 7.5m, 35,000 a patient.

    The first row of its data is a trial of 50 at a willingness to pay of nothing, which is worth nothing:
    net -9,250,000, whatever the population (46,000 a year for 10 years).
    """
    found = net_benefit_of_sampling(
        curve([50], [0], [0]),
        DecisionPopulation(1, 46_000, 10),
        fixed_cost=7_500_000,
        cost_per_family=(28_000 + 42_000) / 2,
    )
    assert found.net.tolist() == [-9_250_000.0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"fixed_cost": -1.0}, "fixed_cost is -1.0"),
        ({"cost_per_family": float("nan")}, "cost_per_family is nan"),
        ({"delay_months": -2.0}, "delay_months is -2.0"),
        ({"share_already_committed": 1.5}, "give a share from 0 to 1"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        net_benefit_of_sampling(VALUES, POPULATION, **{"fixed_cost": 0.0, "cost_per_family": 0.0} | change)

"""Synthetic families: composition by closed forms, streams, and what is refused."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import optimize

from communitybudget._core.errors import ParameterError, ParameterNotFound
from communitybudget.cohorts import synthetic_families
from communitybudget.cohorts.synthetic import adult_shares, children_shares
from communitybudget.parameters import ParameterSet


@pytest.fixture(scope="module")
def england():
    return ParameterSet.load("england")


def test_family_i_is_the_same_however_many_are_drawn(england):
    profiles = {"lower_need": 0.35, "medium_need": 0.45, "complex_need": 0.2}
    joins = {"2026-27": 0.5, "2027-28": 0.5}
    few, many = (synthetic_families(england, profiles, n, seed=7, joins=joins) for n in (10, 5000))
    assert_array_equal(few.profile, many.profile[:10])
    assert_array_equal(few.adults, many.adults[:10])
    assert_array_equal(few.needs, many.needs[:10])
    assert_array_equal(few.joins, many.joins[:10])
    children = len(few.child_age)
    assert_array_equal(few.child_age, many.child_age[:children])
    assert_array_equal(few.child_family, many.child_family[:children])
    assert many.child_family[children] >= 10


def test_seeds_differ_and_repeat(england):
    one, again, other = (synthetic_families(england, "medium_need", 50, seed=s) for s in (0, 0, 1))
    assert one == again
    assert one != other


def test_another_fewest_and_correlation(england):
    families = synthetic_families(england, "complex_need", 500, seed=1, at_least=5, correlation=0.1)
    assert families.needs.sum(axis=1).min() >= 5


def test_the_tilt_is_the_least_change_that_gives_the_mean(england):
    usual, number = children_shares(england, "medium_need"), np.arange(1, 7)
    tilted = children_shares(england, "complex_need")
    # by a general optimiser: least relative entropy under the two constraints
    free = optimize.minimize(
        lambda q: float(np.sum(q * np.log(q / usual))),
        usual,
        method="SLSQP",
        bounds=[(1e-9, 1)] * 6,
        constraints=[
            {"type": "eq", "fun": lambda q: q.sum() - 1},
            {"type": "eq", "fun": lambda q: q @ number - 2.9},
        ],
        options={"ftol": 1e-14, "maxiter": 500},
    )
    assert_allclose(tilted, free.x, atol=1e-5)
    assert_allclose(np.diff(np.log(tilted / usual)), np.log(tilted / usual)[1] - np.log(tilted / usual)[0])


def test_lone_parents_and_the_others(england):
    # 1.56 adults, 56% with one: (1.56 - 0.56) / 0.44 = 2.2727 for the others
    assert_allclose(
        adult_shares(england, "medium_need"), [0.56, 0.44 * (1 - 3 / 11), 0.44 * 3 / 11], atol=1e-12
    )


def test_a_local_mean_is_followed(england):
    local = england.override("cohort.medium_need.children_per_family", 3.4, reason="our count")
    assert children_shares(local, "medium_need") @ np.arange(1, 7) == pytest.approx(3.4, abs=1e-9)
    two = england.override("cohort.medium_need.adults_per_family", 1.44, reason="our count")
    assert_allclose(adult_shares(two, "medium_need"), [0.56, 0.44], atol=1e-12)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("cohort.medium_need.children_per_family", 7, "families are drawn with 1 to 6 children"),
        ("cohort.medium_need.adults_per_family", 1.2, r"leaves 1\.45 to each of the others"),
    ],
)
def test_a_composition_that_cannot_be(england, key, value, message):
    local = england.override(key, value, reason="a slip")
    with pytest.raises(ParameterError, match=message):
        synthetic_families(local, "medium_need", 5, seed=1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"profiles": "general"}, "'general' has no published needs"),
        ({"profiles": "medium"}, "did you mean 'medium_need'"),
        ({"profiles": {"lower_need": 0.5, "medium_need": 0.4}}, "sum to 0.9 and not to 1"),
        ({"profiles": {"lower_need": -0.5, "medium_need": 1.5}}, "cannot be negative"),
        ({"families": 0}, "at least 1"),
        ({"seed": -1}, "whole number from 0"),
        ({"joins": {"2026": 1.0}}, "not a financial year"),
        ({"joins": {"2026-27": 0.5}}, "sum to 0.5 and not to 1"),
        ({"profiles": "lower_need", "at_least": 3}, r"sum to 2\.48, .* above the 3"),
        ({"correlation": 1.5}, "must be between 0 and 0.99"),
    ],
)
def test_what_cannot_be_drawn(england, changes, message):
    asked = {"profiles": "medium_need", "families": 5, "seed": 1, **changes}
    with pytest.raises(ParameterError, match=message):
        synthetic_families(england, **asked)


def test_a_set_without_prevalences(england):
    from dataclasses import replace

    bare = {k: p for k, p in england.parameters.items() if not k.startswith("prevalence.need")}
    with pytest.raises(ParameterNotFound, match="prevalence"):
        synthetic_families(replace(england, parameters=bare), "medium_need", 5, seed=1)

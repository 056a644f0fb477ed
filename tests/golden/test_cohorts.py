"""Published figures of families on entry: out of the solved thresholds, and what drawn families are made of.

National data on 8,447 families in 133 authorities, published July 2014 (Department for Communities and
Local Government, *Understanding troubled families*): a mental health concern in 46% of families, any
health problem in 71%, domestic abuse in 29%, a child in care or of concern to social services in 35%, at
risk of eviction in 22%. Family survey, part 1 (Ipsos MORI, 19 authorities): lone parents in 56%, 61% of
people aged 18 or under.
"""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from communitybudget.cohorts import NEEDS, need_probabilities, solve_need_thresholds
from communitybudget.cohorts.synthetic import adult_shares, children_shares
from communitybudget.parameters import ParameterSet

PUBLISHED = {
    "mental_health_concern": 0.46,
    "physical_or_any_health_problem": 0.71,
    "safe_from_domestic_abuse": 0.29,
    "children_safe_from_abuse_and_exploitation": 0.35,
    "secure_housing": 0.22,
}


@pytest.fixture(scope="module")
def england():
    return ParameterSet.load("england")


def prevalences(england, profile):
    return [england[f"prevalence.need.{profile}.{need}"].value for need in NEEDS]


@pytest.mark.parametrize("correlation", [0.0, 0.1, 0.3, 0.5])
def test_published_prevalences_hold_given_three_needs(england, correlation):
    thresholds = solve_need_thresholds(prevalences(england, "medium_need"), 3, correlation)
    found = dict(zip(NEEDS, need_probabilities(thresholds, 3, correlation).marginal, strict=True))
    for need, share in PUBLISHED.items():
        assert found[need] == pytest.approx(share, abs=1e-9)


@pytest.mark.parametrize("profile", ["lower_need", "medium_need", "complex_need"])
def test_every_prevalence_of_the_set_holds_given_its_eligibility(england, profile):
    wanted = prevalences(england, profile)
    fewest = int(england[f"cohort.{profile}.at_least_needs"].value)
    correlation = england["cohort.all.need_correlation"].value
    found = need_probabilities(solve_need_thresholds(wanted, fewest, correlation), fewest, correlation)
    assert_allclose(found.marginal, wanted, atol=1e-9)
    assert found.counts @ np.arange(12) == pytest.approx(sum(wanted), abs=1e-9)
    assert found.counts[:fewest].sum() == 0


def test_two_in_five_families_have_three_children_or_more(england):
    # 40% in the national data of 2014; the shares of the set, shaped on it, give 42%
    shares = children_shares(england, "medium_need")
    assert shares[2:].sum() == pytest.approx(0.42, abs=1e-12)
    assert_allclose(shares[:4], [0.27, 0.31, 0.22, 0.12], atol=1e-12)


@pytest.mark.parametrize("profile", ["lower_need", "medium_need", "complex_need"])
def test_means_of_drawn_families_are_those_of_the_set(england, profile):
    children, adults = children_shares(england, profile), adult_shares(england, profile)
    for shares, unit in ((children, "children"), (adults, "adults")):
        mean = shares @ np.arange(1, len(shares) + 1)
        assert shares.sum() == pytest.approx(1, abs=1e-12)
        assert mean == pytest.approx(england[f"cohort.{profile}.{unit}_per_family"].value, abs=1e-9)
    assert adults[0] == pytest.approx(0.56, abs=1e-12)  # lone parents, family survey


def test_three_fifths_of_people_are_children(england):
    children = children_shares(england, "medium_need") @ np.arange(1, 7)
    adults = adult_shares(england, "medium_need") @ np.arange(1, 4)
    assert children / (children + adults) == pytest.approx(0.61, abs=0.005)

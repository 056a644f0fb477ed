"""Synthetic families against what they are drawn from, at fixed seeds.

Each test compares many shares at once. The limit is set so that, over seeds, a test would raise a false
alarm once in a million runs (Bonferroni over the shares compared).
"""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy import stats

from communitybudget.cohorts import (
    AGE_BANDS,
    NEEDS,
    draw_needs,
    need_probabilities,
    solve_need_thresholds,
    synthetic_families,
)
from communitybudget.cohorts.synthetic import adult_shares, children_shares
from communitybudget.parameters import ParameterSet

FALSE_ALARM = 1e-6
FAMILIES = 60_000


def assert_shares(found, exact, number):
    """Shares of independent trials within the error that FALSE_ALARM allows to the worst of them."""
    found, exact = np.ravel(found), np.ravel(exact)
    limit = stats.norm.isf(FALSE_ALARM / found.size / 2)
    error = np.sqrt(np.maximum(exact * (1 - exact), 1 / number) / number)
    assert (np.abs(found - exact) <= limit * error).all()


@pytest.fixture(scope="module")
def england():
    return ParameterSet.load("england")


@pytest.fixture(scope="module", params=["lower_need", "medium_need", "complex_need"])
def drawn(request, england):
    return request.param, synthetic_families(england, request.param, FAMILIES, seed=3)


def test_needs_pairs_and_numbers_of_needs(drawn, england):
    profile, families = drawn
    prevalence = np.array([england[f"prevalence.need.{profile}.{need}"].value for need in NEEDS])
    fewest = int(england[f"cohort.{profile}.at_least_needs"].value)
    exact = need_probabilities(solve_need_thresholds(prevalence, fewest, 0.3), fewest, 0.3)
    assert_shares(families.needs.mean(axis=0), prevalence, FAMILIES)
    upper = np.triu_indices(len(NEEDS), 1)
    assert_shares((families.needs.T @ families.needs / FAMILIES)[upper], exact.pairs[upper], FAMILIES)
    counts = np.bincount(families.needs.sum(axis=1).astype(int), minlength=12) / FAMILIES
    assert_shares(counts, exact.counts, FAMILIES)
    assert counts[:fewest].sum() == 0


def test_published_prevalences(england):
    families = synthetic_families(england, "medium_need", FAMILIES, seed=8)
    # national data on 8,447 families, July 2014
    published = {
        "mental_health_concern": 0.46,
        "physical_or_any_health_problem": 0.71,
        "safe_from_domestic_abuse": 0.29,
        "children_safe_from_abuse_and_exploitation": 0.35,
        "secure_housing": 0.22,
    }
    found = families.need_shares["medium_need"]
    assert_shares([found[need] for need in published], list(published.values()), FAMILIES)


def test_the_same_as_throwing_away_those_with_too_few(england):
    prevalence = [england[f"prevalence.need.medium_need.{need}"].value for need in NEEDS]
    thresholds = solve_need_thresholds(prevalence, 3, 0.3)
    rng = np.random.default_rng(11)
    latent = np.sqrt(0.3) * rng.standard_normal((200_000, 1)) + np.sqrt(0.7) * rng.standard_normal(
        (200_000, 11)
    )
    needs = latent > thresholds
    kept = needs[needs.sum(axis=1) >= 3]
    exact = need_probabilities(thresholds, 3, 0.3)
    assert_shares([len(kept) / 200_000], [exact.eligible], 200_000)
    assert_shares(kept.mean(axis=0), prevalence, len(kept))
    drawn = draw_needs(thresholds, 3, 0.3, rng.random(len(kept)), rng.random((len(kept), 11)))
    tables = np.array([np.bincount(x.sum(axis=1), minlength=12)[3:] for x in (kept, drawn)])
    assert stats.chi2_contingency(tables[:, tables.sum(axis=0) > 0]).pvalue > FALSE_ALARM


def test_composition(drawn, england):
    profile, families = drawn
    children = np.bincount(np.bincount(families.child_family), minlength=7)[1:]
    assert_shares(children / FAMILIES, children_shares(england, profile), FAMILIES)
    shares = adult_shares(england, profile)
    assert_shares(np.bincount(families.adults, minlength=4)[1 : len(shares) + 1] / FAMILIES, shares, FAMILIES)
    years = [
        england[f"cohort.all.{name}"].value / (end - start)
        for name, start, end in AGE_BANDS
        for _ in range(start, end)
    ]
    assert_shares(
        np.bincount(families.child_age) / len(families.child_age), np.array(years), len(families.child_age)
    )


def test_profiles_and_years_of_joining(england):
    profiles = {"lower_need": 0.35, "medium_need": 0.45, "complex_need": 0.2}
    joins = {"2026-27": 0.7, "2027-28": 0.3}
    families = synthetic_families(england, profiles, FAMILIES, seed=4, joins=joins)
    assert_shares(list(families.profiles.values()), list(profiles.values()), FAMILIES)
    assert_shares(np.array(list(families.intake.values())) / FAMILIES, list(joins.values()), FAMILIES)
    early = families.joins == "2026-27"
    # drawn apart from each other
    table = [np.unique(families.profile[rows], return_counts=True)[1] for rows in (early, ~early)]
    assert stats.chi2_contingency(table).pvalue > FALSE_ALARM


def test_correlation_shows_in_the_number_of_needs(england):
    apart, together = (
        synthetic_families(england, "complex_need", 20_000, seed=5, at_least=0, correlation=c)
        for c in (0.0, 0.5)
    )
    assert together.needs.sum(axis=1).var() > 2 * apart.needs.sum(axis=1).var()
    assert_array_equal(apart.child_age, together.child_age)  # each thing has a stream of its own

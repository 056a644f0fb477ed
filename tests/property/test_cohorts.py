"""Laws of families: any solvable prevalence is met, any table survives its file, leaving is a date."""

import numpy as np
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from communitybudget.cohorts import (
    NEEDS,
    draw_needs,
    need_probabilities,
    read_families,
    share_of_age,
    solve_need_thresholds,
    still_of_age,
)
from communitybudget.cohorts.families import Families

shares = st.floats(0.01, 0.99)


@given(
    prevalence=st.lists(shares, min_size=1, max_size=8),
    at_least=st.integers(0, 8),
    correlation=st.floats(0, 0.7),
)
@settings(deadline=None, max_examples=60)
def test_every_prevalence_that_can_be_is_met(prevalence, at_least, correlation):
    assume(at_least <= len(prevalence) and sum(prevalence) > at_least * 1.05 + 0.05)
    thresholds = solve_need_thresholds(prevalence, at_least, correlation)
    found = need_probabilities(thresholds, at_least, correlation)
    assert_allclose(found.marginal, prevalence, atol=1e-9)
    assert_allclose(found.counts.sum(), 1, atol=1e-12)
    assert_allclose(found.counts @ np.arange(len(found.counts)), sum(prevalence), atol=1e-8)
    assert 0 < found.eligible <= 1 + 1e-12
    # no pair is more common than either of its needs, nor rarer than both leave room for
    both, one, other = found.pairs, found.marginal[:, None], found.marginal[None, :]
    assert (both <= np.minimum(one, other) + 1e-12).all()
    assert (both >= one + other - 1 - 1e-12).all()


@given(
    thresholds=st.lists(st.floats(-3, 3), min_size=2, max_size=6),
    at_least=st.integers(0, 6),
    correlation=st.floats(0, 0.9),
    raise_by=st.floats(0.01, 2),
)
@settings(deadline=None, max_examples=60)
def test_a_higher_threshold_makes_a_need_rarer(thresholds, at_least, correlation, raise_by):
    assume(at_least < len(thresholds))
    before = need_probabilities(thresholds, at_least, correlation)
    after = need_probabilities([thresholds[0] + raise_by, *thresholds[1:]], at_least, correlation)
    assert after.marginal[0] <= before.marginal[0] + 1e-12
    assert after.eligible <= before.eligible + 1e-12


@given(seed=st.integers(0, 2**32), at_least=st.integers(0, 5), correlation=st.floats(0, 0.9))
@settings(deadline=None, max_examples=40)
def test_every_family_has_enough_needs(seed, at_least, correlation):
    uniform = np.random.default_rng(seed).random((200, 6))
    thresholds = np.array([-0.5, 0.0, 0.5, 1.0, 2.0])
    needs = draw_needs(thresholds, at_least, correlation, uniform[:, 0], uniform[:, 1:])
    assert (needs.sum(axis=1) >= at_least).all()


families = st.lists(
    st.tuples(
        st.sampled_from(["lower_need", "medium_need", "complex_need", "general"]),
        st.integers(1, 20),
        st.lists(st.integers(0, 17), max_size=8),
        st.lists(st.sampled_from([0.0, 1.0, np.nan]), min_size=len(NEEDS), max_size=len(NEEDS)),
        st.sampled_from(["2026-27", "2027-28", "1999-00"]),
    ),
    min_size=1,
    max_size=12,
)


@given(rows=families, joining=st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
def test_any_table_survives_its_file(tmp_path, rows, joining):
    profile, adults, ages, needs, joins = zip(*rows, strict=True)
    given_rows = Families(
        name="f.csv",
        synthetic=False,
        profile=np.array(profile, dtype="<U12"),
        adults=np.array(adults, dtype=np.int64),
        child_family=np.repeat(np.arange(len(ages)), [len(own) for own in ages]),
        child_age=np.array([age for own in ages for age in own], dtype=np.int64),
        joins=np.array(joins, dtype="<U7") if joining else None,
        needs=np.array(needs, dtype=float),
        starts={},
        lines=np.arange(len(rows)),
    )
    given_rows.to_csv(tmp_path / "f.csv")
    back = read_families(tmp_path / "f.csv")
    assert back == given_rows
    # counts cast: every child and adult is in one profile
    by_profile = back.families_by_profile
    assert sum(by_profile.values()) == len(rows)
    assert_allclose(
        sum(back.children_per_family[p] * n for p, n in by_profile.items()), sum(len(own) for own in ages)
    )
    assert_allclose(sum(back.adults_per_family[p] * n for p, n in by_profile.items()), sum(adults))


@given(
    counts=st.lists(st.integers(0, 50), min_size=18, max_size=18),
    limits=st.tuples(st.integers(0, 17), st.integers(1, 18)).filter(lambda x: x[0] < x[1]),
)
def test_leaving_is_a_date_and_no_risk(counts, limits):
    first, last = limits
    ages = np.array(counts, dtype=float)
    still = still_of_age(ages, first, last, 12 * (last - first))
    if ages[first:last].sum() == 0:
        assert_array_equal(still, 0)
        return
    assert still[0] == 1
    assert (np.diff(still) <= 1e-12).all()
    assert abs(still[-1]) < 1e-12
    # after whole years those are left who were born that much later
    for year in range(last - first):
        assert_allclose(
            still[12 * year], ages[first : last - year].sum() / ages[first:last].sum(), atol=1e-12
        )
    # the parts add up
    middle = (first + last) / 2
    whole = share_of_age(ages, first, last)
    assert_allclose(share_of_age(ages, first, middle) + share_of_age(ages, middle, last), whole, atol=1e-12)

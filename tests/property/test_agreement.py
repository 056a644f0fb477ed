from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from agreement_builders import paying_positions, positions, random_positions
from communitybudget._core.errors import AgreementError
from communitybudget.agreement import (
    AsItFalls,
    CollarAndCap,
    EqualReturn,
    FirstCall,
    NoWorseOff,
    Positions,
    ProRataToBenefit,
    ProRataToCost,
    Reinvestment,
    ShapleyValue,
    settle,
)
from communitybudget.agreement.pence import round_together
from communitybudget.agreement.shapley import NO_SURPLUS
from communitybudget.agreement.sharing import NOBODY_GAINS

RULES = (
    ProRataToCost(),
    ProRataToCost(shared="cashable"),
    EqualReturn(),
    ProRataToBenefit(),
    ProRataToBenefit(basis="realised"),
    FirstCall(),
    FirstCall(multiple=1.5, then="cost"),
    CollarAndCap(),
    CollarAndCap(collar=1.0, cap=1.0, shared="cashable"),
    Reinvestment(),
    Reinvestment(share=0.9, shared="cashable"),
    AsItFalls(),
    ShapleyValue(),
    ShapleyValue(shared="cashable"),
    NoWorseOff(confidence=0.3),
    NoWorseOff(confidence=0.3, base=Reinvestment()),
)
each_rule = pytest.mark.parametrize("rule", RULES, ids=repr)


def has_a_plan(rule):
    """Whether the mean over the draws is part of the terms, so that one draw bears on the others."""
    return isinstance(rule, CollarAndCap | NoWorseOff | ProRataToBenefit | ShapleyValue)


def rounds_every_year(rule):
    """Whether a payment of each year is in whole pence by itself, so that totals to date add up roundings."""
    return isinstance(rule, NoWorseOff | Reinvestment)


each_rule_without_a_plan = pytest.mark.parametrize(
    "rule", [rule for rule in RULES if not has_a_plan(rule)], ids=repr
)


def settled(ledger: Positions, rule):
    """Return the settlement; none where there is nothing to share, or not enough for fixed payments."""
    try:
        return settle(ledger, rule)
    except AgreementError as fault:
        if not any(said in str(fault) for said in (NOBODY_GAINS, NO_SURPLUS, "no fixed payments")):
            raise
        return None


@each_rule
@given(ledger=positions())
@settings(max_examples=25, deadline=None)
def test_the_pool_nets_to_nil_to_the_penny_in_every_draw_and_year(rule, ledger):
    found = settled(ledger, rule)
    if found is None:
        return
    opening = np.zeros(ledger.draws, dtype=np.int64)
    for y in range(len(ledger.years)):
        comes_in = found.contributed[:, y].sum(axis=0) + found.paid_in[:, y].sum(axis=0)
        goes_out = ledger.spending[:, y].sum(axis=0) + found.paid_out[:, y].sum(axis=0)
        assert_array_equal(opening + comes_in - goes_out, found.held[y])
        assert_array_equal(found.transfers[:, y].sum(axis=0), opening - found.held[y])
        opening = found.held[y]
    assert not opening.any()


@each_rule
@given(ledger=positions())
@settings(max_examples=10, deadline=None)
def test_an_agreement_moves_money_and_makes_none(rule, ledger):
    found = settled(ledger, rule)
    if found is None:
        return
    for measure in ("fiscal", "cashable"):
        before, after = found.before(measure), found.after(measure)
        assert_array_equal(before.sum(axis=(0, 1)), after.sum(axis=(0, 1)))


@each_rule_without_a_plan
@given(seed=st.integers(0, 2**32 - 1), chunk=st.integers(1, 19))
@settings(max_examples=10, deadline=None)
def test_a_rule_without_a_plan_settles_each_draw_by_itself(rule, seed, chunk):
    ledger = random_positions(seed, smooth=True)
    whole = settle(ledger, rule)
    part = Positions(
        ledger.agencies,
        ledger.years,
        *(getattr(ledger, name)[..., :chunk] for name in ("spending", "gains", "cash")),
        factors=ledger.factors,
    )
    some = settle(part, rule)
    assert_array_equal(some.receipts, whole.receipts[..., :chunk])
    assert_array_equal(some.contributed, whole.contributed[..., :chunk])


@given(
    seed=st.integers(0, 2**32 - 1),
    parts=st.lists(st.floats(0.001, 1), min_size=1, max_size=8),
    total=st.integers(-(10**12), 10**12),
)
def test_rounded_shares_sum_and_stay_within_a_penny(seed, parts, total):
    weights = np.array(parts) / sum(parts)
    shares = weights[:, np.newaxis] * np.array([total])
    whole = round_together(shares, np.array([total]))
    assert whole.sum() == total
    assert (np.abs(whole - shares) < 1 + 1e-3).all()


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_under_equal_return_every_pound_put_in_brings_the_same(seed):
    ledger = random_positions(seed, smooth=True)
    found = settle(ledger, EqualReturn())
    put_in = ledger.present_value(found.contributed)
    back = ledger.present_value(found.receipts)
    value = ledger.present_value(ledger.gains).sum(axis=0) / put_in.sum(axis=0)
    assert_allclose(back, value * put_in, rtol=0, atol=3.0)  # pence


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_within_the_band_a_partner_keeps_its_own(seed):
    ledger = random_positions(seed, smooth=True)
    found = settle(ledger, CollarAndCap(collar=0.0, cap=1e6))
    assert_array_equal(found.receipts, ledger.gains)


def taken(ledger: Positions, *, agencies=slice(None), draws=slice(None)) -> Positions:
    """Return some partners or draws of a ledger, in the order given."""
    flows = {name: getattr(ledger, name)[agencies][..., draws] for name in ("spending", "gains", "cash")}
    return replace(ledger, agencies=tuple(np.array(ledger.agencies)[agencies]), **flows)


def to_date(flow):
    return flow.cumsum(axis=1)


@each_rule
@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=8, deadline=None)
def test_the_order_of_the_partners_moves_single_pence_at_most(rule, seed):
    ledger = paying_positions(seed)
    order = np.random.default_rng(seed).permutation(len(ledger.agencies))
    found, other = settle(ledger, rule), settle(taken(ledger, agencies=order), rule)
    for name in ("receipts", "contributed"):
        gap = to_date(getattr(found, name))[order] - to_date(getattr(other, name))
        assert np.abs(gap).max() <= 1


@each_rule
@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=8, deadline=None)
def test_the_order_of_the_draws_is_nothing(rule, seed):
    ledger = paying_positions(seed)
    order = np.random.default_rng(seed).permutation(ledger.draws)
    found, other = settle(ledger, rule), settle(taken(ledger, draws=order), rule)
    for name in ("receipts", "contributed"):
        gap = to_date(getattr(found, name))[..., order] - to_date(getattr(other, name))
        assert np.abs(gap).max() <= has_a_plan(rule)  # the plan is a mean, added up in another order


@each_rule
@given(seed=st.integers(0, 2**32 - 1), times=st.integers(2, 1000))
@settings(max_examples=8, deadline=None)
def test_amounts_in_another_unit_are_settled_alike(rule, seed, times):
    ledger = paying_positions(seed)
    larger = replace(
        ledger, **{name: times * getattr(ledger, name) for name in ("spending", "gains", "cash")}
    )
    found, other = settle(ledger, rule), settle(larger, rule)
    for name in ("receipts", "contributed"):
        gap = times * to_date(getattr(found, name)) - to_date(getattr(other, name))
        allowed = times + 1
        if rounds_every_year(rule):
            allowed *= 1 + len(ledger.agencies) * len(ledger.years)
        assert np.abs(gap).max() <= allowed


@each_rule_without_a_plan
@given(seed=st.integers(0, 2**32 - 1), more=st.integers(1, 10**7), place=st.integers(0, 11))
@settings(max_examples=12, deadline=None)
def test_who_gains_more_comes_out_no_worse(rule, seed, more, place):
    ledger = random_positions(seed)
    agency, year = divmod(place, len(ledger.years))
    flows = {name: getattr(ledger, name).copy() for name in ("gains", "cash")}
    for flow in flows.values():
        flow[agency, year] += more
    found, other = settle(ledger, rule), settle(replace(ledger, **flows), rule)
    before, after = (to_date(each.receipts - each.contributed)[agency] for each in (found, other))
    assert (after >= before - 2).all()


@pytest.mark.parametrize(
    "rule", [ProRataToCost(), FirstCall(), FirstCall(multiple=1.5, then="cost")], ids=repr
)
@given(seed=st.integers(0, 2**32 - 1), more=st.integers(1, 10**7), agency=st.integers(0, 3))
@settings(max_examples=12, deadline=None)
def test_who_puts_more_in_receives_no_less_in_the_end(rule, seed, more, agency):
    ledger = random_positions(seed)
    gained = ledger.gains.sum(axis=(0, 1)) > 0
    spending = ledger.spending.copy()
    spending[agency, 0] += more
    before, after = (
        to_date(settle(each, rule).receipts)[agency, -1]
        for each in (ledger, replace(ledger, spending=spending))
    )
    assert (after >= before - 1)[gained].all()


@given(seed=st.integers(0, 2**32 - 1), more=st.integers(1, 10**7))
@settings(max_examples=20, deadline=None)
def test_who_gained_more_funds_no_less_of_the_cost(seed, more):
    ledger = random_positions(seed, draws=1, smooth=True)
    gains = ledger.gains.copy()
    gains[1, 0] += more
    for basis in ("expected", "realised"):
        rule = ProRataToBenefit(basis=basis)
        before, after = (
            to_date(settle(each, rule).contributed)[1, -1] for each in (ledger, replace(ledger, gains=gains))
        )
        assert (after >= before - 1).all()


@given(ledger=positions())
@settings(max_examples=40, deadline=None)
def test_nobody_is_paid_back_more_than_the_multiple_of_what_it_put_in(ledger):
    outside = ledger.with_party("treasury")
    put_in = to_date(ledger.spending)
    for multiple in (0.5, 1.0, 1.5):
        found = settle(outside, FirstCall(multiple=multiple, then={"treasury": 1.0}))
        received = to_date(found.receipts)[:-1]
        whole = (to_date(ledger.gains).sum(axis=0) >= 0)[np.newaxis]
        assert (np.where(whole, received, 0) <= multiple * np.maximum(put_in, 0) + 1).all()


@given(ledger=positions())
@settings(max_examples=40, deadline=None)
def test_without_a_first_call_a_split_by_cost_is_pro_rata_to_cost(ledger):
    alone = settle(ledger, FirstCall(multiple=0.0, then="cost"))
    assert_array_equal(alone.receipts, settle(ledger, ProRataToCost()).receipts)
    assert_array_equal(settle(ledger, FirstCall(multiple=0.0)).receipts, ledger.gains)


@given(ledger=positions())
@settings(max_examples=40, deadline=None)
def test_without_discounting_equal_return_is_pro_rata_to_cost(ledger):
    plain = replace(ledger, factors=np.ones(len(ledger.years)))
    assert_array_equal(settle(plain, EqualReturn()).receipts, settle(plain, ProRataToCost()).receipts)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_full_insurance_leaves_each_its_plan_where_all_together_are_on_it(seed):
    ledger = random_positions(seed, draws=2, smooth=True)
    mirrored = replace(ledger, gains=ledger.gains - ledger.gains.sum(axis=0) // len(ledger.agencies))
    found = settle(mirrored, CollarAndCap(collar=1.0, cap=1.0))
    plan = to_date(mirrored.gains).mean(axis=-1, keepdims=True)
    assert np.abs(to_date(found.receipts) - plan).max() <= 20  # pence: those of the division are somebody's


@given(ledger=positions())
@settings(max_examples=40, deadline=None)
def test_a_fund_is_never_overdrawn_and_ends_empty(ledger):
    found = settle(ledger, Reinvestment(share=0.8))
    assert (found.held >= 0).all()
    assert not found.held[-1].any()
    assert (found.contributed.sum(axis=0) <= np.maximum(ledger.spending.sum(axis=0), 0)).all()


@each_rule
def test_one_partner_alone_keeps_all(rule):
    ledger = taken(paying_positions(3), agencies=slice(1))
    found = settle(ledger, rule)
    assert not found.transfers.sum(axis=1).any()
    if not found.held.any():
        assert not found.transfers.any()


@each_rule
def test_a_partner_without_cost_or_gain_pays_and_receives_nothing(rule):
    ledger = random_positions(4).with_party("fire")
    found = settle(ledger, rule)
    for flow in (found.contributed, found.receipts, found.transfers):
        assert not flow[-1].any()

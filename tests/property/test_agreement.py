import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from agreement_builders import positions, random_positions
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
    round_together,
    settle,
)
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


@each_rule
@given(seed=st.integers(0, 2**32 - 1), chunk=st.integers(1, 19))
@settings(max_examples=10, deadline=None)
def test_a_rule_without_a_plan_settles_each_draw_by_itself(rule, seed, chunk):
    ledger = random_positions(seed, smooth=True)
    if isinstance(rule, CollarAndCap | NoWorseOff | ProRataToBenefit | ShapleyValue):
        return  # what is planned or paid on account rests on all draws
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

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from communitybudget.agreement import Positions, settle, to_pence
from contract_builders import INVESTOR, PROVIDER, contracts

many = settings(max_examples=40, deadline=None)


def whole_pool(ledger, found):
    """Return what the pool takes in less what it pays out and holds, pence, shape (year, draw)."""
    opening = np.concatenate([np.zeros_like(found.held[:1]), found.held[:-1]])
    comes_in = found.contributed.sum(axis=0) + found.paid_in.sum(axis=0)
    return opening + comes_in - ledger.spending.sum(axis=0) - found.paid_out.sum(axis=0) - found.held


@given(contracts())
@many
def test_the_pool_nets_to_nil_to_the_penny_in_every_draw_and_year(drawn):
    ledger, paid, bond = drawn
    for rule in (paid, bond):
        found = settle(ledger, rule)
        assert not whole_pool(ledger, found).any()
        assert not found.transfers.sum(axis=0).any()


@given(contracts())
@many
def test_no_cap_is_exceeded_in_any_draw(drawn):
    ledger, rule, _ = drawn
    paid = rule.paid_to_date(ledger)
    transfers = settle(ledger, rule).receipts - ledger.gains
    assert_array_equal(transfers[0].cumsum(axis=0), paid)  # the provider has it to the penny
    assert (paid >= 0).all()
    if rule.cap is not None:
        assert (paid <= to_pence(rule.cap)).all()
    if rule.cap_a_year is not None:
        assert (np.diff(paid, axis=0, prepend=0) <= to_pence(rule.cap_a_year)).all()


@given(contracts())
@many
def test_without_results_nobody_pays_and_who_funds_bears_the_cost(drawn):
    ledger, paid, bond = drawn
    nothing = tuple(replace(r, units=np.zeros_like(r.units)) for r in paid.results)
    found = settle(ledger, replace(paid, results=nothing, termination=None))
    assert_array_equal(found.receipts, ledger.gains)
    assert_array_equal(found.contributed[0], ledger.spending.sum(axis=0))
    found = settle(ledger, replace(bond, results=nothing, termination=None))
    cost = ledger.spent_so_far.sum(axis=0)
    put_in = np.clip(cost, 0, to_pence(bond.commitment))
    assert_array_equal(found.contributed[-1].cumsum(axis=0), put_in)
    assert_array_equal(found.contributed[0].cumsum(axis=0), cost - put_in)
    assert_array_equal(found.receipts, ledger.gains)


@given(contracts())
@many
def test_the_investor_puts_in_and_has_back_no_more_than_was_agreed(drawn):
    ledger, _, bond = drawn
    money, found = bond.account(ledger), settle(ledger, bond)
    assert_array_equal(found.contributed[-1].cumsum(axis=0), money.put_in)
    assert_array_equal(found.receipts[-1].cumsum(axis=0), money.returned)
    assert (money.put_in <= to_pence(bond.commitment)).all()
    assert (money.returned >= 0).all()
    assert (money.returned <= money.paid - money.recycled).all()
    if bond.most_returned is not None:
        assert (money.returned <= bond.most_returned * money.put_in + 0.5).all()


@given(contracts(), st.floats(1.0, 3.0))
@many
def test_a_higher_tariff_never_lowers_what_is_paid(drawn, times):
    """Without an early end: what a contract that goes on earns may be paid back."""
    ledger, rule, _ = drawn
    rule = replace(rule, termination=None)
    dearer = replace(rule, results=tuple(replace(r, tariff=times * r.tariff) for r in rule.results))
    assert (dearer.paid_to_date(ledger) >= rule.paid_to_date(ledger)).all()


@given(contracts())
@many
def test_each_draw_is_settled_by_itself(drawn):
    ledger, paid, bond = drawn
    first = Positions(
        ledger.agencies,
        ledger.years,
        *(getattr(ledger, name)[..., :1] for name in ("spending", "gains", "cash")),
        factors=ledger.factors,
    )
    for rule in (paid, bond):
        alone = replace(rule, results=tuple(replace(r, units=r.units[:, :1]) for r in rule.results))
        assert_array_equal(settle(first, alone).transfers, settle(ledger, rule).transfers[..., :1])


@given(contracts())
@many
def test_what_is_never_paid_back_never_falls(drawn):
    ledger, paid, _ = drawn
    kept = replace(paid, falls="kept", termination=None).paid_to_date(ledger)
    back = replace(paid, falls="paid_back", termination=None).paid_to_date(ledger)
    assert (np.diff(kept, axis=0) >= 0).all()
    assert (kept >= back).all()


@given(contracts())
@many
def test_an_investor_with_a_name_alone_changes_nothing(drawn):
    """With no commitment and nothing to return, the contract is payment by results."""
    ledger, paid, bond = drawn
    idle = replace(bond, commitment=0.0, surplus={PROVIDER: 1.0}, recycled=False)
    assert_array_equal(settle(ledger, idle).transfers, settle(ledger, paid).transfers)
    assert not settle(ledger, idle).transfers[ledger.agencies.index(INVESTOR)].any()

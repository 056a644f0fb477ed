"""Every rule against a treasurer's own books, to the penny."""

from fractions import Fraction
from itertools import accumulate

import numpy as np
import pytest

import treasurer
from agreement_builders import AGENCIES, YEARS
from communitybudget._core.errors import AgreementError
from communitybudget.agreement import (
    CollarAndCap,
    EqualReturn,
    FirstCall,
    Positions,
    ProRataToBenefit,
    ProRataToCost,
    Reinvestment,
    settle,
)
from communitybudget.agreement.rules import NOBODY_FUNDS
from communitybudget.agreement.sharing import NOBODY_GAINS

FUNDING = {"council": 0.55, "nhs": 0.45}
BOOKS = (
    (ProRataToCost(), treasurer.by_cost),
    (ProRataToCost(shared="cashable", funding=FUNDING), treasurer.by_cost),
    (EqualReturn(), treasurer.equal_return),
    (EqualReturn(funding=FUNDING), treasurer.equal_return),
    (ProRataToBenefit(), treasurer.by_benefit),
    (ProRataToBenefit(basis="realised"), treasurer.by_benefit),
    (ProRataToBenefit(basis="realised", shared="cashable"), treasurer.by_benefit),
    (FirstCall(), treasurer.first_call),
    (FirstCall(multiple=1.2, then="cost"), treasurer.first_call),
    (FirstCall(multiple=0.5, then={"council": 0.3, "nhs": 0.7}, funding=FUNDING), treasurer.first_call),
    (FirstCall(multiple=0.0, then={"council": 0.3, "nhs": 0.7}), treasurer.first_call),
    (CollarAndCap(), treasurer.collar_and_cap),
    (CollarAndCap(collar=1.0, cap=1.0, shared="cashable"), treasurer.collar_and_cap),
    (CollarAndCap(collar=0.9, cap=1.5, funding=FUNDING), treasurer.collar_and_cap),
    (Reinvestment(share=0.5), treasurer.reinvestment),
    (Reinvestment(share=0.37, shared="cashable", funding=FUNDING), treasurer.reinvestment),
    (Reinvestment(share=1.0), treasurer.reinvestment),
)
each_book = pytest.mark.parametrize(("rule", "book"), BOOKS, ids=[repr(rule) for rule, _ in BOOKS])


def ledger(
    partners=4, years=3, *, spending=5e3, gains=4e3, losses=0.3, seed=1, draws=4, free_years=0, late=0
):
    """Partners with odd pence.

    ``spending`` may be negative: then some draws have grants above what is spent. ``losses`` is the share of
    years in which a partner loses, ``free_years`` the number at the start that cost nothing, ``late`` that of
    years without gains.
    """
    rng = np.random.default_rng(seed)
    shape = (partners, years, draws)
    spent = rng.normal(spending, abs(spending), shape)
    spent[:, :free_years] = 0
    gained = rng.gamma(2.0, gains, shape) * np.where(rng.random(shape) < losses, -1, 1)
    gained[:, :late] = 0
    cash = rng.gamma(2.0, gains / 2, shape)
    factors = 1.035 ** -np.arange(years)
    return Positions.of(AGENCIES[:partners], YEARS[:years], spent, gained, cash, factors)


LEDGERS = {
    "some lose": ledger(),
    "many lose": ledger(losses=0.7, seed=2, draws=6),
    "grants exceed what is spent": ledger(spending=-400.0, seed=3, draws=6),
    "gains before costs": ledger(free_years=2, losses=0.1, seed=4),
    "costs before gains": ledger(late=2, losses=0.0, seed=5),
    "one year": ledger(years=1, seed=6, draws=6),
    "two partners, five years": ledger(partners=2, years=5, seed=7),
    "eight partners": ledger(partners=8, years=2, seed=8),
    "nobody loses": ledger(losses=0.0, seed=9),
}
each_ledger = pytest.mark.parametrize("held", LEDGERS.values(), ids=LEDGERS)


def as_lists(array):
    return [[int(amount) for amount in years] for years in array]


def books_of(rule, book, held, draw):
    """Contributions, receipts and balance to date of one draw in whole pence, as the treasurer has them."""
    spending, gains = as_lists(held.spending[..., draw]), held.shared(rule.shared)
    plans = [[Fraction(int(sum(map(int, draws))), held.draws) for draws in years] for years in gains]
    own = as_lists(gains[..., draw])
    paid, received, fund = book(rule, held.agencies, spending, own, held.factors.tolist(), plans)
    used, balance = fund or ([0] * len(held.years), [0] * len(held.years))
    cost = list(accumulate(treasurer.cost_of(spending)))
    gained = list(accumulate(treasurer.cost_of(own)))
    rounded = (
        [treasurer.in_whole_pence(treasurer.in_year(paid, y), cost[y] - used[y]) for y in range(len(cost))],
        [
            treasurer.in_whole_pence(treasurer.in_year(received, y), gained[y] - used[y] - balance[y])
            for y in range(len(cost))
        ],
    )
    return (*(np.array(each).T for each in rounded), np.array(balance))


def cannot_be_agreed(rule, held):
    return {NOBODY_FUNDS, NOBODY_GAINS} & set(rule.faults(held))


@each_book
@each_ledger
def test_the_treasurer_has_the_same_to_the_penny(rule, book, held):
    if cannot_be_agreed(rule, held):
        with pytest.raises(AgreementError):
            settle(held, rule)
        return
    found = settle(held, rule)
    contributed, receipts = (flow.cumsum(axis=1) for flow in (found.contributed, found.receipts))
    for draw in range(held.draws):
        paid, received, balance = books_of(rule, book, held, draw)
        np.testing.assert_array_equal(contributed[..., draw], paid)
        np.testing.assert_array_equal(receipts[..., draw], received)
        np.testing.assert_array_equal(found.held[:, draw], balance)


@each_book
def test_national_amounts_are_out_by_a_penny_at_most(rule, book):
    held = ledger(spending=4e10, gains=3e10, seed=10, draws=2)
    found = settle(held, rule)
    for draw in range(held.draws):
        paid, received, balance = books_of(rule, book, held, draw)
        assert np.abs(found.contributed[..., draw].cumsum(axis=1) - paid).max() <= 1
        assert np.abs(found.receipts[..., draw].cumsum(axis=1) - received).max() <= 1
        assert np.abs(found.held[:, draw] - balance).max() <= held.draws
    assert not found.transfers.sum(axis=(0, 1)).any()

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from agreement_builders import random_positions
from communitybudget._core.errors import AgreementError
from communitybudget.agreement import PaidResult, PaymentByResults, Positions, Termination, settle
from contract_builders import payment_terms, random_results


def paid_pence(rule, years, draw):
    """Return what has been paid by the end of each year in one draw, by the terms as they are written."""
    earned, highest = [], 0.0
    for y in range(len(years)):
        total = 0.0
        for result in rule.results:
            came = sum(result.units[: y + 1, draw])
            units = max((1 - result.deadweight_share) * came - result.deadweight * (y + 1), 0.0)
            total += result.tariff * (units if result.most is None else min(units, result.most))
        highest = max(highest, total)
        earned.append(highest if rule.falls == "kept" else total)
    if rule.termination is not None:
        last = years.index(rule.termination.after)
        if earned[last] < rule.termination.unless_earned:
            earned = [*earned[: last + 1], *[earned[last]] * (len(years) - last - 1)]
    paid, before = [], 0
    for y in range(len(years)):
        counts = len(years) - 1 if y == len(years) - 1 else y - rule.lag
        due = round(100 * earned[counts]) if counts >= 0 else 0
        if rule.cap is not None:
            due = min(due, round(100 * rule.cap))
        if rule.cap_a_year is not None:
            due = min(due, before + round(100 * rule.cap_a_year))
        paid.append(due)
        before = due
    return paid


@pytest.mark.parametrize("seed", range(12))
def test_as_reckoned_draw_by_draw(seed):
    rng = np.random.default_rng(seed)
    ledger = random_positions(seed, partners=3, years=4, draws=15)
    results = random_results(rng, 4, 15)
    rule = PaymentByResults(**payment_terms(rng, ledger.years, ledger.agencies), results=results)
    found = settle(ledger, rule)
    for draw in range(15):
        paid = paid_pence(rule, ledger.years, draw)
        received = (found.receipts - ledger.gains)[..., draw].cumsum(axis=1)
        assert_array_equal(received[0], paid)
        for agency, share in rule.payers.items():
            own = received[ledger.agencies.index(agency)]
            assert (np.abs(own + share * np.array(paid)) < 1).all()
        assert_array_equal(found.contributed[0, :, draw], ledger.spending[..., draw].sum(axis=0))
        assert not found.contributed[1:, :, draw].any()


LEDGER = Positions.of(
    ["council", "nhs", "police"],
    ["2026-27", "2027-28", "2028-29"],
    np.array([[[60.0]] * 3, [[0.0]] * 3, [[0.0]] * 3]),
    np.array([[[10.0]] * 3, [[90.0]] * 3, [[20.0]] * 3]),
    price_base="2026-27",
)


def rule(units=((4.0,), (4.0,), (-3.0,)), **terms):
    stays = PaidResult(label="Stay avoided", unit="stay", tariff=10.0, units=units)
    return PaymentByResults(
        **{"provider": "council", "payers": {"nhs": 0.75, "police": 0.25}, "results": (stays,), **terms}
    )


def received(**terms):
    return (settle(LEDGER, rule(**terms)).transfers[0, :, 0] / 100).tolist()


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ({}, [40, 40, -30]),
        ({"falls": "kept"}, [40, 40, 0]),
        ({"cap": 60.0}, [40, 20, -10]),
        ({"cap_a_year": 30.0}, [30, 30, -10]),
        ({"lag": 1}, [0, 40, 10]),
        ({"lag": 9}, [0, 0, 50]),
        ({"termination": Termination(after="2026-27")}, [40, 0, 0]),
        ({"termination": Termination(after="2026-27", unless_earned=40.0)}, [40, 40, -30]),
        ({"termination": Termination(after="2026-27", unless_earned=40.01)}, [40, 0, 0]),
    ],
    ids=repr,
)
def test_what_the_provider_receives_by_hand(terms, expected):
    assert received(**terms) == expected


def test_who_spends_is_repaid_by_the_provider_unless_funding_says_otherwise():
    assert_array_equal(settle(LEDGER, rule()).contributed[:, 0, 0], [6000, 0, 0])
    shared = settle(LEDGER, rule(funding={"council": 0.5, "nhs": 0.5}))
    assert_array_equal(shared.contributed[:, 0, 0], [3000, 3000, 0])


def test_which_gains_count_changes_no_payment():
    assert_array_equal(settle(LEDGER, rule()).transfers, settle(LEDGER, rule(shared="cashable")).transfers)


def test_a_cap_binds_where_something_stays_unpaid():
    units = np.array([[4.0, 9.0], [0.0, 0.0], [0.0, 0.0]])
    two = Positions.of(LEDGER.agencies, LEDGER.years, np.ones((3, 3, 2)), np.ones((3, 3, 2)))
    assert rule(units, cap=50.0).cap_binds(two).tolist() == [False, True]
    assert rule(units, cap=90.0).cap_binds(two).tolist() == [False, False]
    assert rule(units, cap_a_year=20.0).cap_binds(two).tolist() == [False, True]


def test_the_terms_are_told_in_words():
    words = rule(cap=60.0, cap_a_year=30.0, lag=1, termination=Termination(after="2027-28")).terms()
    assert words == (
        "council funds the whole cost of the programme.",
        "Each partner keeps its own gains.",
        "Stay avoided: £10.00 a stay, counted against what happens without the programme.",
        "Results are paid for 75% by NHS, 25% by Police.",
        "No more than £60 is paid in all.",
        "No more than £30 is paid in a year; what is above it is paid in later years that have room.",
        "Payments follow results by 1 year; all that is outstanding is paid in the last year.",
        "Results are reckoned on totals to date: if they fall, what was paid is paid back.",
        "The contract ends after 2027-28; what was earned by then is still paid.",
    )
    kept = rule(falls="kept", funding={"nhs": 1.0}, termination=Termination(after="2027-28", unless_earned=5))
    assert kept.terms()[0] == "The cost of the programme is funded 100% by NHS."
    assert kept.terms()[-2:] == (
        "What has been paid is never paid back.",
        "The contract ends after 2027-28, unless results have earned £5 by then; what was earned by then "
        "is still paid.",
    )


def test_every_fault_is_told_at_once():
    broken = rule(
        provider="counsil",
        payers={"nhs": 0.9, "polis": 0.3},
        cap=-1.0,
        cap_a_year=float("inf"),
        lag=-1,
        termination=Termination(after="2031-32"),
        funding={"nhs": 1.5},
        units=np.zeros((2, 1)),
    )
    with pytest.raises(AgreementError) as told:
        settle(LEDGER, broken)
    faults = str(told.value).splitlines()
    assert len(faults) == 10
    for words in (
        "the provider 'counsil' is no partner; did you mean 'council'?",
        "the payment share of 'polis' is for no partner; did you mean 'police'?",
        "the payment shares sum to 120%, more than there is; lower them to 100% in all",
        "the cap in all is £-1; give £0 or more, or leave it out",
        "payments lag results by -1 years; give a whole number, 0 or more",
        "the contract ends after '2031-32', no year of it; use one of 2026-27, 2027-28, 2028-29",
    ):
        assert words in faults


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ({"payers": {}}, "nobody pays for results; name the payers and their shares"),
        ({"payers": {"council": 1.0}}, "the provider 'council' is a payer and would pay itself"),
        ({"results": ()}, "there is no result to pay for; name at least one with its tariff"),
    ],
)
def test_somebody_pays_somebody_for_something(terms, words):
    with pytest.raises(AgreementError, match=words):
        settle(LEDGER, rule(**terms))

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from agreement_builders import random_positions
from communitybudget._core.errors import AgreementError
from communitybudget.agreement import OutcomeContract, PaidResult, Positions, Termination, settle
from contract_builders import INVESTOR, PROVIDER, payment_terms, random_results

YEARS = ["2026-27", "2027-28"]
LEDGER = Positions.of(
    ["council", "charity"],
    YEARS,
    [[[0.0], [0.0]], [[100.0], [100.0]]],
    [[[0.0], [400.0]], [[0.0], [0.0]]],
    price_base="2026-27",
).with_party("fund")


def bond(units=((0.0,), (30.0,)), **terms):
    days = PaidResult(label="Days in care saved", unit="day", tariff=10.0, units=units, counted="baseline")
    fixed = {"provider": "charity", "payers": {"council": 1.0}, "investor": "fund", "commitment": 150.0}
    return OutcomeContract(**{**fixed, "results": (days,), **terms})


def account_of_a_draw(rule, cost, paid, ended):
    """Return what is put in, recycled and returned by the end of each year, by the terms as written."""
    commitment, spent, recycled, put_in, before, rows = round(100 * rule.commitment), 0, 0, 0, 0, []
    for y in range(len(cost)):
        spent += cost[y]
        if rule.recycled and not ended[y]:
            recycled += min(paid[y] - before, max(cost[y], 0))
        before = paid[y]
        if not ended[y]:
            put_in = min(max(spent - recycled, 0), commitment)
        available = paid[y] - recycled
        first = min(available, round(rule.first_call * put_in))
        share = 1.0 if rule.surplus is None else rule.surplus[INVESTOR]
        returned = first + round(share * (available - first))
        if rule.most_returned is not None:
            returned = min(returned, round(rule.most_returned * put_in))
        rows.append((put_in, recycled, returned))
    return np.array(rows).T


@pytest.mark.parametrize("seed", range(16))
def test_as_reckoned_draw_by_draw(seed):
    rng = np.random.default_rng(seed)
    ledger = random_positions(seed, partners=3, years=4, draws=12)
    terms = {**payment_terms(rng, ledger.years, ledger.agencies), "falls": "kept"}
    ledger = ledger.with_party(INVESTOR)
    rule = OutcomeContract(
        **terms,
        results=random_results(rng, 4, 12),
        investor=INVESTOR,
        commitment=float(rng.uniform(0, 60_000)),
        first_call=float(rng.choice([1.0, 1.2])),
        surplus=rng.choice([None, {INVESTOR: 0.5, PROVIDER: 0.3, "nhs": 0.2}]),
        most_returned=rng.choice([None, 1.4]),
        recycled=bool(seed % 2),
    )
    money, found, ended = rule.account(ledger), settle(ledger, rule), rule.ended(ledger)
    cost = ledger.spending.sum(axis=0)
    for draw in range(12):
        paid = money.paid[:, draw]
        put_in, recycled, returned = account_of_a_draw(rule, cost[:, draw], paid, ended[:, draw])
        contributed = found.contributed[..., draw].cumsum(axis=1)
        received = (found.receipts - ledger.gains)[..., draw].cumsum(axis=1)
        assert_array_equal(contributed[-1], put_in)
        assert_array_equal(received[-1], returned)
        assert_array_equal(contributed[0], cost[:, draw].cumsum() - recycled - put_in)
        left = paid - recycled - returned
        bonus = {} if rule.surplus is None else {PROVIDER: 0.6, "nhs": 0.4}
        for agency in ledger.agencies[:-1]:
            due = (bonus or rule.payers).get(agency, 0.0) * left - rule.payers.get(agency, 0.0) * paid
            assert (np.abs(received[ledger.agencies.index(agency)] - due) < 1 + 1e-6).all()


def outcome(**terms):
    """Return what council, charity and fund come to in all, GBP."""
    return (settle(LEDGER, bond(**terms)).after().sum(axis=1)[:, 0] / 100).tolist()


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ({}, [100, -50, 150]),  # 300 paid; the investor put in 150, the provider the 50 above it
        ({"commitment": 1_000.0}, [100, 0, 100]),
        ({"cap": 180.0}, [220, -50, 30]),
        ({"funding": {"council": 1.0}}, [50, 0, 150]),
        ({"surplus": {"fund": 0.2, "charity": 0.8}}, [100, 70, 30]),
        ({"surplus": {"charity": 0.5, "council": 0.5}}, [175, 25, 0]),
        ({"first_call": 1.2, "surplus": {"charity": 1.0}}, [100, 70, 30]),
        ({"most_returned": 1.4}, [190, -50, 60]),
        ({"most_returned": 1.4, "surplus": {"fund": 0.9, "charity": 0.1}}, [100, 40, 60]),
        ({"units": ((0.0,), (9.0,))}, [310, -50, -60]),
        ({"units": ((0.0,), (0.0,))}, [400, -50, -150]),
        ({"units": ((8.0,), (22.0,)), "recycled": True, "falls": "kept"}, [100, 0, 100]),
        ({"termination": Termination(after="2026-27")}, [400, -100, -100]),
    ],
    ids=repr,
)
def test_what_each_comes_to_by_hand(terms, expected):
    assert outcome(**terms) == expected


def test_what_is_recycled_is_put_in_by_nobody():
    money = bond(units=((8.0,), (22.0,)), recycled=True, falls="kept").account(LEDGER)
    assert (money.put_in[:, 0] / 100).tolist() == [20, 20]
    assert (money.recycled[:, 0] / 100).tolist() == [80, 180]
    assert (money.returned[:, 0] / 100).tolist() == [0, 120]


def test_what_was_paid_too_early_is_paid_back_by_those_who_had_it():
    falling = settle(LEDGER, bond(units=((30.0,), (-25.0,))))
    assert (falling.receipts[:, :, 0] - LEDGER.gains[..., 0]).tolist() == [
        [-30000, 25000],
        [0, 0],
        [30000, -25000],
    ]


def test_the_terms_are_told_in_words():
    terms = bond(
        recycled=True, falls="kept", surplus={"fund": 0.75, "charity": 0.25}, most_returned=1.45
    ).terms()
    assert terms == (
        "fund funds the programme up to £150. What is above it is funded 100% by charity.",
        "Each partner keeps its own gains.",
        "Days in care saved: £10.00 a day, counted against the stated baseline, which is no counterfactual.",
        "Results are paid for 100% by council.",
        "What has been paid is never paid back.",
        "Payments pay for the programme of the year in which they come, before the investor does.",
        "Payments first go to fund, up to 100% of what it has put in; what is left is shared 75% by fund, "
        "25% by charity.",
        "fund has at most 145% of what it has put in; what is above it is shared 100% by charity.",
    )


def test_every_fault_is_told_at_once():
    broken = bond(
        provider="charitee",
        investor="fond",
        payers={"council": 0.5, "fond": 0.5},
        funding={"fond": 1.0},
        commitment=-1.0,
        first_call=1.5,
        most_returned=1.2,
        surplus={"fund": 0.6, "charity": 0.6},
        recycled=True,
    )
    with pytest.raises(AgreementError) as told:
        settle(LEDGER, broken)
    faults = str(told.value).splitlines()
    for words in (
        "the provider 'charitee' is no partner; did you mean 'charity'?",
        "the investor 'fond' is no partner; add it by Positions.with_party, or did you mean 'fund'?",
        "the investor 'fond' is a payer and would repay itself; leave it out",
        "the investor 'fond' funds what is above its commitment; raise the commitment",
        "the commitment is £-1; give £0 or more",
        "the investor has at most 1.2 times what it puts in and a first call on 1.5 times; give no less "
        "than the first call",
        "the surplus shares sum to 120%, more than there is; lower them to 100% in all",
        "payments that have paid for the programme cannot be paid back; say falls='kept' or recycled=False",
    ):
        assert words in faults


def test_a_first_call_is_not_below_nothing():
    with pytest.raises(AgreementError, match="a first call of -1 times what was put in is none"):
        settle(LEDGER, bond(first_call=-1))

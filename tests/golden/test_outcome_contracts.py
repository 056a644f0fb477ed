"""Real contracts that pay for results: Troubled Families, and the Essex edge-of-care contract.

Troubled Families, phase 1: £4,000 a family, of which 80%, 60%, 40% by year is the attachment fee, and what
it came to for Birmingham (4,180 families, just under £14m), Lancashire (2,630, around £8.8m) and Sheffield
(1,680, £5.6m): localgov.co.uk, "Ten council areas sign up to troubled family scheme" (2012). In pounds,
£3,200 + £800, £2,400 + £1,600, £1,600 + £2,400: agenda pack of three boroughs, 15 October 2012, appendix 3.
One family in six not paid for: J. Ronicle, "Troubled Families Payment-by-Results Programme Explained".
Phase 2: £1,000 on attachment and £800 for the result: Hansard, Lords, 21 December 2015; LGC, "Troubled
families funding model to be reviewed" (2017).

Essex, the plan: 110 of 380 young people diverted, £17.3m of costs avoided, gross, cost capped at £7m, £3.1m
put in and around £5.9m over the contract: Essex County Council and Big Society Capital, "Designing a SIB
for vulnerable young people in Essex" (slides). £10.5m left to the council and about £6.7m paid in the
medium case: Room151, 13 December 2012. Payment by the care day saved, cap £7.1m: Big Society Capital,
"Essex Social Impact Bond". Care proportion 55% before, 27% as target, 10.8% at March 2019 of 388 young
people: Social Finance, "Essex Edge of Care SIB"; 11.92% of 389, and 1.45 times the £3.1m: Social Finance,
"Essex Edge of Care".

All verified, in stored copies. The tariff and the value of a day of care were found in none of them: both
are DERIVED from the plan.
"""

import numpy as np
import pytest

from communitybudget.agreement import (
    OutcomeContract,
    PaidResult,
    PaymentByResults,
    Positions,
    outcome_returns,
    settle,
)
from communitybudget.parameters import ParameterSet

PHASE_1 = {"2012-13": (3_200.0, 800.0), "2013-14": (2_400.0, 1_600.0), "2014-15": (1_600.0, 2_400.0)}
UNPAID = 1 / 6
COST_OF_A_FAMILY = 10_000.0


def phase_1(families, turned_around=1.0):
    """Return the settlement of a council whose families start in equal parts a year, results in the same."""
    years = list(PHASE_1)
    started = families / len(years) * np.eye(len(years))[:, :, np.newaxis]
    ledger = Positions.of(
        ["local_authority", "central_government"],
        years,
        np.stack([COST_OF_A_FAMILY * started.sum(axis=1), np.zeros((3, 1))]),
        np.zeros((2, 3, 1)),
        price_base="2012-13",
    )
    terms = {"unit": "family", "counted": "gross", "deadweight_share": UNPAID}
    results = []
    for year, (fee, payment), began in zip(years, PHASE_1.values(), started, strict=True):
        results += [
            PaidResult(label=f"Family attached in {year}", tariff=fee, units=began, **terms),
            PaidResult(
                label=f"Family turned around in {year}", tariff=payment, units=turned_around * began, **terms
            ),
        ]
    payers = {"central_government": 1.0}
    rule = PaymentByResults(provider="local_authority", payers=payers, results=tuple(results), falls="kept")
    return settle(ledger, rule)


@pytest.mark.parametrize(
    ("families", "printed"),
    [(4_180, "13.9"), (2_630, "8.8"), (1_680, "5.6")],
    ids=["Birmingham", "Lancashire", "Sheffield"],
)
def test_what_councils_stood_to_gain_in_troubled_families_phase_1(families, printed):
    received = phase_1(families).transfers[0].sum() / 1e8
    assert f"{received:.1f}" == printed


def test_phase_1_paid_two_fifths_of_what_a_family_was_said_to_cost_and_most_of_it_for_starting():
    everybody, nobody = phase_1(1_800), phase_1(1_800, turned_around=0.0)
    assert everybody.transfers[0].sum() == 1_500 * 4_000_00
    assert nobody.transfers[0].sum() == 500 * (3_200 + 2_400 + 1_600) * 100
    assert nobody.transfers[0].sum() / everybody.transfers[0].sum() == pytest.approx(0.6)
    assert everybody.transfers[0].sum() / everybody.contributed[0].sum() == pytest.approx(0.4 * 5 / 6)


def test_phase_2_pays_1800_a_family():
    england = ParameterSet.load("england")
    families = england["amount.tfp2_target"].value
    ledger = Positions.of(
        ["local_authority", "central_government"], ["2015-20"], np.zeros((2, 1, 1)), np.zeros((2, 1, 1))
    )
    results = tuple(
        PaidResult(label=label, unit="family", tariff=tariff, units=[[families]], counted="gross")
        for label, tariff in (("Attachment", 1_000.0), ("Significant and sustained progress", 800.0))
    )
    rule = PaymentByResults(provider="local_authority", payers={"central_government": 1.0}, results=results)
    paid = settle(ledger, rule).transfers[0].item() / 100
    assert paid / families == england["amount.tfp2_pbr"].value
    assert paid < england["amount.tfp2_budget"].value  # 720m of 920m: the rest is for running it


# Essex

DIVERTED, AVOIDED, CAP = 110, 17.3e6, 7.0e6
BEFORE, TARGET = 0.55, 0.27
DAYS_TRACKED = 30 * 365.25 / 12
PAID_AT_TARGET = 6.7e6
WHOLE_COST, COMMITTED = 5.9e6, 3.1e6


def days_saved(young_people, care):
    return young_people * DAYS_TRACKED * (BEFORE - care)


VALUE_OF_A_DAY = AVOIDED / days_saved(380, TARGET)
TARIFF = PAID_AT_TARGET / days_saved(380, TARGET)


def essex(unit, units, tariff, value, cap=CAP):
    """Return ledger and contract over the whole life as one period; what is recycled is put in twice.

    When money was paid is not published, so that nothing is said of a rate of return.
    """
    council = np.array([[units]]) * value
    ledger = Positions.of(
        ["local_authority", "voluntary_sector"],
        ["2013-21"],
        [[[0.0]], [[WHOLE_COST]]],
        np.stack([council, 0 * council]),
    ).with_party("private_sector")
    result = PaidResult(
        label="Kept out of care", unit=unit, tariff=tariff, units=[[units]], counted="baseline"
    )
    contract = OutcomeContract(
        provider="voluntary_sector",
        payers={"local_authority": 1.0},
        results=(result,),
        cap=cap,
        investor="private_sector",
        commitment=WHOLE_COST,
    )
    return ledger, contract


def test_the_plan_by_young_people_diverted():
    ledger, contract = essex("young person", DIVERTED, CAP / DIVERTED, AVOIDED / DIVERTED)
    found = settle(ledger, contract)
    assert ledger.gains.sum() / DIVERTED / 100 == pytest.approx(157_300, abs=50)
    paid = found.paid_in[0].sum()
    assert f"{ledger.gains.sum() / paid:.2f}" == "2.47"
    assert found.after()[0].sum() / 1e8 == pytest.approx(10.3)
    assert (
        outcome_returns(ledger, contract).probability_cap_binds == 0
    )  # it is reached, and leaves nothing unpaid


def test_the_medium_case_by_the_care_day():
    """The council was to keep £10.5m: 17.3 less about 6.7, both rounded, is 10.6."""
    ledger, contract = essex("day", days_saved(380, TARGET), TARIFF, VALUE_OF_A_DAY)
    found = settle(ledger, contract)
    assert days_saved(380, TARGET) == pytest.approx(97_156.5)
    assert round(TARIFF, 2) == 68.96
    assert round(VALUE_OF_A_DAY, 2) == 178.06
    assert 30_000 < 365.25 * VALUE_OF_A_DAY < 200_000  # GO Lab: a year of care costs £30,000 to £200,000
    assert found.after()[0].sum() / 1e8 == pytest.approx(10.5, abs=0.11)
    assert not contract.cap_binds(ledger).any()


@pytest.mark.parametrize(("young_people", "care", "left"), [(388, 0.108, 20.9), (389, 0.1192, 20.2)])
def test_as_it_came_the_cap_binds_and_the_rest_is_the_councils(young_people, care, left):
    """GROSS: before and after, against a historical group. The value of a day is that of the plan."""
    days = days_saved(young_people, care)
    ledger, contract = essex("day", days, TARIFF, VALUE_OF_A_DAY)
    assert contract.cap_binds(ledger).all()
    assert TARIFF * days / 1e6 == pytest.approx(10.7, abs=0.15)  # earned, £m
    found = settle(ledger, contract)
    assert found.paid_in[0].sum() == CAP * 100
    assert found.after()[0].sum() / 1e8 == pytest.approx(left, abs=0.05)


def test_the_cap_binds_below_a_quarter_of_days_in_care():
    at_the_cap = BEFORE - CAP / TARIFF / (380 * DAYS_TRACKED)
    assert f"{at_the_cap:.1%}" == "25.7%"
    for care, binds in ((at_the_cap + 1e-6, False), (at_the_cap - 1e-6, True)):
        ledger, contract = essex("day", days_saved(380, care), TARIFF, VALUE_OF_A_DAY)
        assert contract.cap_binds(ledger).item() is binds


def test_what_investors_were_told_to_have_had_against_what_the_terms_make():
    """1.45 times £3.1m is printed; a cap of £7.1m less around £5.9m makes 1.39. At £5.7m it would be 1.45."""
    days = days_saved(389, 0.1192)
    ledger, contract = essex("day", days, TARIFF, VALUE_OF_A_DAY, cap=7.1e6)
    gain = outcome_returns(ledger, contract).investor_gain.item()
    assert f"{1 + gain / COMMITTED:.2f}" == "1.39"
    assert f"{(7.1e6 - 0.45 * COMMITTED) / 1e6:.1f}" == "5.7"

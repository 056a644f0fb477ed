"""Published splits, components and the hand example of an outcome chain, through the public names."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import communitybudget as cb
from communitybudget.appraisal import present_value
from communitybudget.case import Case
from communitybudget.ledger import LedgerEntry, ledger_of, split_amounts
from communitybudget.parameters import ParameterSet
from communitybudget.sampling import Draws
from communitybudget.simulation import outcome_chain

# Telegraph & Argus 10639971, 2013: yearly costs avoided by agency, and the shares as printed
BRADFORD = {
    "local_authority": (1_878_878.0, 0.48),
    "police": (508_859.0, 0.13),
    "prisons": (391_430.0, 0.10),
    "dwp": (939_432.0, 0.24),
    "nhs": (156_572.0, 0.04),
}
AMOUNTS = {agency: amount for agency, (amount, _) in BRADFORD.items()}
PRINTED_TOTAL, FAMILIES, YEARS = 11_768_064.0, 1_760, 3


class TestBradford:
    """Five agencies over 1,760 families; one per cent of the money is nobody's."""

    def test_amounts_divided_by_their_shares_leave_39_129_a_year(self):
        shares = {agency: share for agency, (_, share) in BRADFORD.items()}
        split = split_amounts(AMOUNTS, "not published", shares=shares, families=FAMILIES)
        assert round(split.listed) == 3_875_171
        assert round(split.total) == 3_914_300
        assert round(split.unlisted) == 39_129

    def test_a_third_of_the_printed_total_leaves_47_517_a_year(self):
        split = split_amounts(AMOUNTS, "not published", total=PRINTED_TOTAL / YEARS, families=FAMILIES)
        assert round(split.total) == 3_922_688
        assert round(split.unlisted) == 47_517

    def test_either_way_every_printed_share_is_met_to_its_whole_per_cent(self):
        for given in ({"shares": {a: s for a, (_, s) in BRADFORD.items()}}, {"total": PRINTED_TOTAL / YEARS}):
            frame = split_amounts(AMOUNTS, "not published", **given).to_frame().set_index("agency")
            for agency, (_, share) in BRADFORD.items():
                assert round(frame.loc[agency, "share"], 2) == share

    def test_the_evidence_set_holds_the_same_amounts(self):
        england = ParameterSet.load("england")
        held = [p for p in england.parameters.values() if "bradford" in p.key and p.key.startswith("amount.")]
        values = {p.value for p in held}
        assert {amount for amount, _ in BRADFORD.values()} <= values

    def test_as_a_ledger_it_is_gross_and_sums_to_what_is_listed(self):
        entries = [
            LedgerEntry(agency, "costs_avoided", year, amount, option="families_first", line="As published")
            for agency, (amount, _) in BRADFORD.items()
            for year in ("2012-13", "2013-14", "2014-15")
        ]
        account = ledger_of(entries, "2012-13", "Telegraph & Argus 10639971")
        assert account.flow("families_first", "costs_avoided").sum() == pytest.approx(3 * 3_875_171)
        assert account.gross == (True,)


@pytest.mark.parametrize(
    ("taxpayers", "participants", "others", "indirect", "cost", "benefits", "net"),
    [
        # functional family therapy, youth on probation: benefits less cost
        (8_017, 1_507, 19_378, 1_890, 3_470, 30_792, 27_322),
        # wsipp.wa.gov/BenefitCost/Program/572, work experience, dollars of 2015: an indirect term below nil
        (2_570, 1_547, 0, -283, 2_053, 3_834, 1_780),
    ],
)
def test_component_tables_of_wsipp_close(taxpayers, participants, others, indirect, cost, benefits, net):
    """Taxpayers are fiscal, participants economic, others social; indirect is economic, of either sign.

    Tables are printed to the dollar and miss their own sum by one at most.
    """
    year = "2016-17"  # stands for the one present-value year of the table
    entries = [
        LedgerEntry("unallocated", "costs_avoided", year, taxpayers, line="Taxpayers"),
        LedgerEntry(
            "society", "costs_avoided", year, participants, value_type="economic", line="Participants"
        ),
        LedgerEntry("society", "costs_avoided", year, others, value_type="social", line="Others"),
        LedgerEntry("society", "costs_avoided", year, indirect, value_type="economic", line="Indirect"),
        LedgerEntry("unallocated", "delivery", year, cost, line="Programme"),
    ]
    account = ledger_of(entries, year, "WSIPP, US dollars", gross=False)
    every = ("fiscal", "economic", "social")
    assert account.flow("programme", "costs_avoided", value_types=every).sum() == pytest.approx(
        benefits, abs=1
    )
    assert account.public_value("programme").sum() == pytest.approx(net, abs=1)
    # the taxpayer's own balance leaves out what others gain
    assert account.net("programme").sum() == taxpayers - cost


JOBS = {
    "title": "Into work",
    "start": "2012-13",
    "years": 2,
    "price_base": "2012-13",
    "cohort": {"families": 100, "profile": "medium_need"},
    "pathways": ["youth_justice"],
    "adjustments": {
        "optimism_bias": {"rule": "worst", "grades": {"green": 1}, "benefits": True, "costs": False}
    },
    "options": [
        {
            "name": "jobs",
            "label": "Into work",
            "outcomes": [
                {
                    "name": "into_work",
                    "label": "Adults into work",
                    "population": 100,
                    "unit_cost": "unit_cost.E&E1.0",
                    "engagement": 0.75,
                    "impact": 0.2,
                    "deadweight": 0.25,
                    "evidence_grade": 4,
                    "lasts_years": 1,
                    "lag_months": 12,
                    "source": "worked by hand",
                }
            ],
        }
    ],
}


@pytest.fixture(scope="module")
def central():
    """The case at its central values: every number as printed."""
    model = cb.appraise(Case.from_dict(JOBS), draws=1).model
    draws = Draws(1, 0, {}, {key: p.value for key, p in model.inputs.used.items()})
    return model, model.price(model.simulate(draws), draws), draws


class TestHandExample:
    """100 adults x 75% engaged x 20% into work x 75% additional x 85% = 9.5625 jobs of 9,800 and 14,044."""

    def test_the_chain(self):
        chain = outcome_chain(100, engagement=0.75, impact=0.2, deadweight=0.25, optimism_bias=0.15)
        assert_allclose(chain.net, 9.5625)

    def test_jobs(self, central):
        model, _, draws = central
        (chain,) = model.draw_chains(draws)
        assert_allclose(chain.chain.net, [9.5625])
        assert_allclose(chain.avoided[:, 0], [0, 9.5625])

    def test_fiscal_by_agency(self, central):
        _, ledger, _ = central
        for agency, amount in (("all", 93_712.50), ("dwp", 88_300.125), ("nhs", 5_412.375)):
            assert_allclose(ledger.flow("jobs", "costs_avoided", agency)[:, 0], [0, amount], rtol=1e-12)

    def test_public_value_leaves_the_benefit_out(self, central):
        _, ledger, _ = central
        assert_allclose(ledger.public_value("jobs")[:, 0], [0, 139_708.125], rtol=1e-12)

    def test_present_value_one_year_out(self, central):
        _, ledger, _ = central
        flow = ledger.flow("jobs", "costs_avoided")[:, 0]
        assert float(present_value(flow, schedule="green_book_2022")) == pytest.approx(90_543.48, abs=0.005)


def test_the_deflator_check_of_the_workbook():
    """GBP 500 of 2002/03 is 673.23 in 2015/16 on the vintage of March 2015."""
    index = ParameterSet.load("england").index("hmt_2015_03_budget")
    assert round(500 * index.factor("2002-03", "2015-16"), 2) == 673.23
    assert np.isclose(673.23 * index.factor("2015-16", "2002-03"), 500, atol=0.005)

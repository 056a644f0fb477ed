"""Published figures of the price book, with where they come from."""

import math

import pytest

from communitybudget.ledger import price_of
from communitybudget.parameters import ParameterSet, Uprating


@pytest.fixture(scope="module")
def england():
    return ParameterSet.load("england")


def test_a_published_cost_uprated_on_its_own_vintage(england):
    # Unit Cost Database v1.4 (New Economy, March 2015), CR1.0: £500 at 2002/03 is £673.23 at 2015/16
    # by HM Treasury's GDP deflators of the March 2015 Budget.
    incident = england["unit_cost.CR1.0"]
    factor = england.index("hmt_2015_03_budget").factor("2002/03", "2015/16")
    assert (incident.value, incident.price_base) == (500, "2002-03")
    assert round(incident.value * factor, 2) == 673.23


def test_a_claimant_into_work(england):
    # DWP, HC Deb 6 February 2013, vol 558, col 352W (Unit Cost Database E&E1.0), at 2012/13 prices:
    # benefit 9,234 (a transfer) and NHS 566 are 9,800 fiscal; earnings 14,044.
    key = "unit_cost.E&E1.0"
    fiscal, economic = england.get(key), england.get(key, "economic")
    assert (fiscal.value, fiscal.transfer_value, economic.value) == (9_800, 9_234, 14_044)
    assert {fiscal.price_base, economic.price_base} == {"2012-13"}

    public_value = 0.0
    for value_type, agency in (("fiscal", "multiple"), ("economic", "society")):
        price = price_of(england, key, value_type, agency, "2012-13", Uprating(england.index()))
        kept = sum(share.share for share in price.shares if not share.transfer)
        public_value += england.get(key, value_type).value * price.factor * kept
    assert public_value == pytest.approx(14_610)


@pytest.mark.parametrize(
    ("key", "parts"),
    [
        # Walby (2009), The Cost of Domestic Violence: update, p.8 (Unit Cost Database CR2.0), 2008/09 prices.
        (
            "CR2.0",
            {
                "CR2.0.1": ("nhs", 1_171),
                "CR2.0.2": ("criminal_justice_other", 581),
                "CR2.0.3": ("police", 415),
                "CR2.0.4": ("local_authority", 193),
                "CR2.0.5": ("local_authority", 110),
            },
        ),
        # DfES / DCA (2006), Review of the Child Care Proceedings System (Unit Cost Database SS4.1), 2005/06.
        (
            "SS4.1",
            {
                "SS4.1.1": ("legal_aid", 15_000),
                "SS4.1.2": ("local_authority", 6_250),
                "SS4.1.3": ("courts", 1_250),
                "SS4.1.4": ("cafcass", 2_500),
            },
        ),
    ],
)
def test_constituents_sum_to_their_headline(england, key, parts):
    found = {p.fields["code"]: (p.agency, p.value) for p in england.constituents(f"unit_cost.{key}")}
    assert found == parts
    assert math.fsum(value for _, value in parts.values()) == england[f"unit_cost.{key}"].value
    assert sum(value for _, value in parts.values()) == {"CR2.0": 2_470, "SS4.1": 25_000}[key]


def test_a_childrens_home_in_two_price_books(england):
    # Unit Cost Database SS3.0: £2,995 a week at 2013/14. National Audit Office (2025), Managing children's
    # residential care: £318,400 a place and year in 2023/24.
    old, new = england["unit_cost.SS3.0"], england["unit_cost.residential_home_week"]
    assert old.value == 2_995
    assert new.value * 365.25 / 7 == pytest.approx(318_400, rel=1e-6)
    uprated = old.value * 52 * england.index().factor(old.price_base, new.price_base)
    assert 195_000 < uprated < 215_000


def test_the_mix_of_youth_custody(england):
    # Children's Commissioner for England (2019): 210,000 secure children's home, 160,000 secure training
    # centre, 76,000 young offender institution; 73% in institutions (NAO 2022). The rest 17 to 10 is assumed.
    mix = 0.73 * 76_000 + 0.17 * 210_000 + 0.10 * 160_000
    assert england["unit_cost.youth_custody_mix"].value == pytest.approx(mix, rel=2e-3)

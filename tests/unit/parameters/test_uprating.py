"""Uprating by sector and by area, and the gap to general prices."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from communitybudget._core.errors import ParameterError, PriceBaseMismatch
from communitybudget.parameters import (
    AreaFactor,
    Coverage,
    Extension,
    ParameterSet,
    PriceIndex,
    SectorIndex,
    Uprating,
    price_gap,
)

GENERAL = PriceIndex(
    "general", {"2013-14": 100.0, "2014-15": 102.0, "2015-16": 104.04}, "", "derived", Extension(0.02)
)
SECTOR = PriceIndex("sector", {"2013-14": 50.0, "2014-15": 55.0}, "", "local")
HOME = "unit_cost.SS3.0"


@pytest.fixture(scope="module")
def england() -> ParameterSet:
    return ParameterSet.load("england")


@pytest.fixture(scope="module")
def home(england):
    """A week in a children's home, 2,995 in 2013-14."""
    return england[HOME]


def sector(after_end=None, keys=(HOME,), agencies=()):
    return SectorIndex(SECTOR, Coverage(frozenset(keys), frozenset(agencies)), after_end, "a reason")


def area(factor, keys=(HOME,), agencies=()):
    return AreaFactor(factor, Coverage(frozenset(keys), frozenset(agencies)), "a reason", "us", "local")


class TestSectors:
    def test_the_general_index_serves_what_no_sector_covers(self, home):
        other = sector(keys=("unit_cost.SS2.0",))
        assert Uprating(GENERAL, (other,)).factor(home, "2014-15") == pytest.approx(1.02)

    def test_a_sector_goes_its_own_way(self, home):
        assert Uprating(GENERAL, (sector(),)).factor(home, "2014-15") == pytest.approx(1.1)

    def test_after_its_end_it_is_refused_unless_it_is_said_how_it_goes_on(self, home):
        with pytest.raises(PriceBaseMismatch, match=r"unit_cost\.SS3\.0.*covers 2013-14 to 2014-15"):
            Uprating(GENERAL, (sector(),)).factor(home, "2016-17")

    def test_it_may_go_on_as_general_prices(self, home):
        found = Uprating(GENERAL, (sector("general"),)).factor(home, "2016-17")
        assert found == pytest.approx(1.1 * 1.02**2)

    def test_it_may_go_on_at_a_rate(self, home):
        assert Uprating(GENERAL, (sector(0.05),)).factor(home, "2016-17") == pytest.approx(1.1 * 1.05**2)

    def test_a_named_unit_cost_goes_before_its_agency(self, home):
        wide = SectorIndex(GENERAL, Coverage(frozenset(), frozenset({"local_authority"})), None, "wide")
        assert Uprating(GENERAL, (wide, sector())).sector_of(home).index is SECTOR

    def test_two_that_cover_it_alike_are_refused(self, home):
        with pytest.raises(ParameterError, match=r"unit_cost\.SS3\.0 is covered by more than one sector"):
            Uprating(GENERAL, (sector(), sector())).factor(home, "2014-15")

    @given(first=st.sampled_from(list(SECTOR.values)), then=st.sampled_from(list(SECTOR.values)))
    def test_there_and_back_is_the_amount(self, england, first, then):
        uprating = Uprating(GENERAL, (sector(),))
        there = replace(england[HOME], price_base=first)
        back = replace(england[HOME], price_base=then)
        assert uprating.factor(there, then) * uprating.factor(back, first) == pytest.approx(1)


class TestAreas:
    def test_it_multiplies_the_price(self, home):
        assert Uprating(GENERAL, (), (area(1.1),)).factor(home, "2014-15") == pytest.approx(1.02 * 1.1)

    def test_a_local_figure_is_at_local_prices_already(self, england):
        local = england.override(HOME, 4_000, reason="ours", price_base="2013-14")[HOME]
        assert Uprating(GENERAL, (), (area(1.1),)).factor(local, "2014-15") == pytest.approx(1.02)

    def test_by_agency(self, england, home):
        rule = area(1.2, keys=(), agencies=("local_authority",))
        nhs = next(p for p in england.table("unit_cost") if p.agency == "nhs")
        assert Uprating(GENERAL, (), (rule,)).area_of(home) is rule
        assert Uprating(GENERAL, (), (rule,)).area_of(nhs) is None


class TestGap:
    def test_a_childrens_home_against_general_prices(self, england):
        """Curtis 2014, p.86: 2,995 a week of 2013-14, 155,740 in 52 weeks: about 205,000 by the deflator.

        National Audit Office 2025: 318,400 a place-year of 2023-24.
        """
        year = 52
        gap = price_gap(
            england[HOME].value * year,
            "2013-14",
            england["unit_cost.residential_place_2324"].value,
            "2023-24",
            "2023-24",
            england.index(),
        )
        assert round(gap.default, -3) == 205_000
        assert gap.used == 318_400
        assert gap.ratio == pytest.approx(318_400 / gap.default - 1)
        assert gap.default * (1 + gap.ratio) == pytest.approx(gap.used)
        assert 155_740 * (1 + gap.growth) ** 10 == pytest.approx(318_400)
        assert gap.general_growth < gap.growth

    def test_prices_of_one_year_have_no_growth(self):
        gap = price_gap(100.0, "2013-14", 120.0, "2013-14", "2014-15", GENERAL)
        assert gap.ratio == pytest.approx(0.2)
        assert gap.growth != gap.growth

import math
from dataclasses import replace

import pytest

from communitybudget._core.errors import DoubleCounting, ParameterError, ParameterNotFound, PriceBaseMismatch
from communitybudget.ledger import Allowance, Share, check_double_counting, items_in_use, price_of
from communitybudget.parameters import Uprating
from communitybudget.pathways import ActivityItem


def shares_of(price):
    return {(share.agency, share.transfer): share.share for share in price.shares}


def used(*codes):
    return [f"unit_cost.{code}" for code in codes]


class TestPrices:
    def price(self, book, agency, key="unit_cost.A1.0", value_type="fiscal", to="2019-20"):
        return price_of(book, key, value_type, agency, to, Uprating(book.index()))

    @pytest.fixture
    def benefit(self, price_book, unit_cost):
        """A headline of 100: 60 to the DWP, of which 45 a transfer, and 40 to the NHS."""
        part = {"parent": "A1.0", "level": "constituent"}
        return price_book(
            unit_cost("A1.0", agency="multiple", transfer="yes", transfer_value=45.0),
            unit_cost("A1.0", 500.0, agency="society", value_type="economic"),
            unit_cost("A1.0.1", 60.0, agency="dwp", transfer="yes", transfer_value=45.0, **part),
            unit_cost("A1.0.2", 40.0, **part),
            unit_cost("A1.1", 70.0, parent="A1.0", level="subsidiary"),
        )

    def test_the_price_is_that_of_the_price_base(self, benefit):
        price = self.price(benefit, "dwp", to="2020-21")
        assert (price.parameter, price.factor, price.value_type) == ("unit_cost.A1.0", 2.0, "fiscal")

    def test_a_year_outside_the_index(self, benefit):
        with pytest.raises(PriceBaseMismatch, match="'flat' covers"):
            self.price(benefit, "dwp", to="2030-31")

    def test_a_headline_is_split_by_its_constituents_the_transfer_apart(self, benefit):
        shares = shares_of(self.price(benefit, "multiple"))
        assert shares == pytest.approx({("dwp", True): 0.45, ("dwp", False): 0.15, ("nhs", False): 0.4})

    def test_an_agency_that_is_named_bears_it_all(self, benefit):
        shares = shares_of(self.price(benefit, "local_authority"))
        assert shares == pytest.approx({("local_authority", True): 0.45, ("local_authority", False): 0.55})

    def test_another_value_type_is_not_split(self, benefit):
        price = self.price(benefit, "multiple", value_type="economic")
        assert price.parameter == "unit_cost.A1.0[economic]"
        assert price.shares == (Share("unallocated", 1.0, False),)

    def test_without_constituents_it_is_unallocated(self, price_book, unit_cost):
        book = price_book(unit_cost("A1.0", agency="multiple"))
        assert self.price(book, "multiple").shares == (Share("unallocated", 1.0, False),)

    def test_a_constituent_of_several_agencies_is_unallocated(self, price_book, unit_cost):
        part = {"parent": "A1.0", "level": "constituent"}
        book = price_book(
            unit_cost("A1.0", agency="multiple"),
            unit_cost("A1.0.1", 70.0, **part),
            unit_cost("A1.0.2", 30.0, agency="multiple", **part),
        )
        assert shares_of(self.price(book, "multiple")) == pytest.approx(
            {("nhs", False): 0.7, ("unallocated", False): 0.3}
        )

    @pytest.mark.parametrize(
        ("transfer", "part", "shares"),
        [
            ("no", None, {False: 1.0}),
            ("unknown", None, {False: 1.0}),
            ("yes", None, {True: 1.0}),
            ("yes", 100.0, {True: 1.0}),
            ("yes", 25.0, {True: 0.25, False: 0.75}),
        ],
    )
    def test_the_transfer_part(self, price_book, unit_cost, transfer, part, shares):
        book = price_book(unit_cost("A1.0", transfer=transfer, transfer_value=part))
        found = self.price(book, "dwp").shares
        assert {share.transfer: share.share for share in found} == shares

    @pytest.mark.parametrize("second", [38.0, 42.0])
    def test_constituents_that_do_not_add_up_are_refused(self, benefit, second):
        rows = {**benefit.parameters}
        rows["unit_cost.A1.0.2"] = replace(rows["unit_cost.A1.0.2"], value=second)
        message = rf"A1\.0: its constituents sum to {60 + second:.0f} and not to 100; use the constituents"
        with pytest.raises(ParameterError, match=message):
            self.price(replace(benefit, parameters=rows), "multiple")

    @pytest.mark.parametrize("second", [39.6, 40.4])
    def test_unless_the_difference_is_rounding(self, benefit, second):
        rows = {**benefit.parameters}
        rows["unit_cost.A1.0.2"] = replace(rows["unit_cost.A1.0.2"], value=second)
        price = self.price(replace(benefit, parameters=rows), "multiple")
        assert math.fsum(share.share for share in price.shares) == pytest.approx(1)

    def test_a_local_headline_keeps_the_published_split(self, benefit):
        local = benefit.override("unit_cost.A1.0", 150.0, price_base="2019-20", reason="our outturn")
        assert shares_of(self.price(local, "multiple")) == shares_of(self.price(benefit, "multiple"))

    def test_constituents_are_brought_to_the_price_base_of_their_headline(self, benefit):
        rows = {**benefit.parameters}
        # 20 at 2020-21, when prices have doubled, is 10 at 2019-20
        for key, value in (("unit_cost.A1.0.1", 180.0), ("unit_cost.A1.0.2", 20.0)):
            rows[key] = replace(rows[key], value=value, price_base="2020-21", transfer="no")
        shares = shares_of(self.price(replace(benefit, parameters=rows), "multiple"))
        assert shares == pytest.approx({("dwp", False): 0.9, ("nhs", False): 0.1})

    def test_an_unknown_key(self, benefit):
        with pytest.raises(ParameterNotFound, match=r"did you mean 'unit_cost\.A1\.0'"):
            self.price(benefit, "nhs", key="unit_cost.A10")

    def test_every_bundled_headline_is_split_or_says_why_not(self, england):
        refused = []
        for row in england.table("unit_cost"):
            if row.agency == "multiple" and row.value_type == "fiscal":
                try:
                    price = price_of(
                        england, row.key, "fiscal", "multiple", "2026-27", Uprating(england.index())
                    )
                except ParameterError:
                    refused.append(row.fields["code"])
                    continue
                assert math.fsum(share.share for share in price.shares) == pytest.approx(1, abs=1e-12)
                assert all(share.share > 0 for share in price.shares)
        # HE2.0, whose parts are of other years, and two scenarios of several weeks (HO1.0, HO3.0)
        # whose parts are of one.
        assert refused == ["HE2.0", "HO1.0", "HO3.0"]


class TestDoubleCounting:
    @pytest.fixture
    def book(self, price_book, unit_cost):
        return price_book(
            unit_cost("A1.0", overlaps="C1.0; D1.0"),
            unit_cost("A1.0.1", parent="A1.0", level="constituent"),
            unit_cost("A1.1", parent="A1.0", level="subsidiary"),
            unit_cost("C1.0"),
            unit_cost("D1.0"),
            unit_cost("D1.0", value_type="economic"),
        )

    @pytest.mark.parametrize("codes", [("A1.0", "A1.0.1"), ("A1.0.1", "A1.0")])
    def test_a_headline_and_its_own_constituent(self, book, codes):
        with pytest.raises(
            DoubleCounting, match=r"counted twice: A1\.0\.1 is a constituent of A1\.0\. Use one"
        ):
            check_double_counting(book, used(*codes))

    @pytest.mark.parametrize("codes", [("A1.0", "C1.0"), ("C1.0", "A1.0")])
    def test_an_overlap_that_one_side_declares(self, book, codes):
        with pytest.raises(DoubleCounting, match=r"A1\.0 overlaps with C1\.0\."):
            check_double_counting(book, used(*codes))

    def test_other_value_types_overlap_among_themselves(self, price_book, unit_cost):
        book = price_book(
            *(
                unit_cost(code, overlaps="E1.0" * (code == "F1.0"), value_type="economic")
                for code in ("E1.0", "F1.0")
            )
        )
        with pytest.raises(DoubleCounting, match=r"F1\.0 overlaps with E1\.0"):
            check_double_counting(book, used("E1.0[economic]", "F1.0[economic]"))

    @pytest.mark.parametrize(
        "codes",
        [
            (),
            ("A1.0",),
            ("A1.0", "A1.1"),
            ("A1.0.1", "C1.0"),
            ("C1.0", "D1.0"),
            ("D1.0", "D1.0[economic]"),
            ("A1.0", "D1.0[economic]"),
        ],
    )
    def test_what_holds_different_money(self, book, codes):
        check_double_counting(book, used(*codes))

    def test_every_pair_is_named_at_once_and_once(self, book):
        with pytest.raises(DoubleCounting) as caught:
            check_double_counting(book, used("A1.0", "A1.0.1", "C1.0", "D1.0"))
        assert str(caught.value) == (
            "the same money would be counted twice: A1.0 overlaps with C1.0; A1.0 overlaps with D1.0; "
            "A1.0.1 is a constituent of A1.0. Use one of each pair, or allow the pair with a reason"
        )

    def test_an_allowance_lets_one_pair_through(self, book):
        allowed = [Allowance(frozenset({"C1.0", "A1.0"}), "different children")]
        check_double_counting(book, used("A1.0", "C1.0"), allowed)
        with pytest.raises(DoubleCounting) as caught:
            check_double_counting(book, used("A1.0", "C1.0", "D1.0"), allowed)
        assert "C1.0" not in str(caught.value)
        assert "A1.0 overlaps with D1.0" in str(caught.value)

    def test_an_overlap_that_both_declare_is_named_once(self, price_book, unit_cost):
        book = price_book(unit_cost("A1.0", overlaps="B1.0"), unit_cost("B1.0", overlaps="A1.0"))
        with pytest.raises(DoubleCounting) as caught:
            check_double_counting(book, used("A1.0", "B1.0"))
        assert str(caught.value).count("overlaps") == 1

    def test_filed_under_a_headline_is_no_part_of_it(self, england):
        # Probation supervision is listed under prison in the price book, and declares no overlap with it.
        check_double_counting(england, used("CR3.0", "CR3.2"))

    def test_a_month_and_a_year_of_prison(self, england):
        with pytest.raises(DoubleCounting, match=r"CR3\.[01] overlaps with CR3\.[01]"):
            check_double_counting(england, used("CR3.0", "CR3.1"))

    def test_a_row_without_a_code_of_its_own(self, england):
        with pytest.raises(DoubleCounting, match=r"SS3\.0 overlaps with residential_home_week"):
            check_double_counting(england, used("SS3.0", "residential_home_week"))


def test_items_that_another_pathway_holds_are_left_out():
    def item(name, unless):
        return ActivityItem(
            parameter=name,
            label=name,
            unit="hour",
            state="looked_after",
            move=None,
            per="month",
            from_month=None,
            to_month=None,
            unit_cost="unit_cost.A1.0",
            agency="nhs",
            value_type="fiscal",
            line=name,
            unless_pathway=unless,
            share_draw="",
        )

    items = [item("arrests", ""), item("court", "youth_justice"), item("home", "housing")]
    assert [i.parameter for i in items_in_use(items, ("child_safety", "youth_justice"))] == [
        "arrests",
        "home",
    ]

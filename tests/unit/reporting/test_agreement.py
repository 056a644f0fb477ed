"""The pages of the deal: to be signed, adding up, escaped, the same bytes again."""

import io
import re
from html import unescape

import numpy as np
import pandas as pd
import pytest

from agreement_cases import agreed_case, small_agreement
from communitybudget._core.vocabulary import agency_label
from communitybudget.case import Appraisal, Case, appraise
from communitybudget.case.agreement import AGREEMENT_COLUMNS
from communitybudget.reporting import report_files
from communitybudget.reporting.agreement import (
    HAS_BACK,
    PAYS,
    Deal,
    agreement_context,
    deal_of,
    section_context,
)
from tests_builders import small_appraisal


@pytest.fixture(scope="module")
def result() -> Appraisal:
    case = agreed_case()
    case["title"] = "Families & <b>friends</b>"
    return appraise(Case.from_dict(case), draws=60, seed=1)


@pytest.fixture(scope="module")
def deal(result: Appraisal) -> Deal:
    found = deal_of(result)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def files(result: Appraisal) -> dict[str, bytes]:
    return report_files(result)


@pytest.fixture(scope="module")
def page(files: dict[str, bytes]) -> str:
    return files["agreement.html"].decode("utf-8").replace("\u2060", "")


def cast(row):
    """Return the amounts of a row that are added up."""
    return [number(cell) for cell in (*row["without"], row["pays"], row["net"])]


def number(text: str) -> int:
    return int(text.replace("−", "-").replace("£", "").replace(",", ""))


class TestFiles:
    def test_the_folder_has_pages_tables_and_drawings(self, files: dict[str, bytes], deal: Deal) -> None:
        names = {"agreement.html", "agreement.csv", "agreement_by_year.csv", "pooled_fund.csv"}
        names |= {f"charts/agreement_{one.name}.svg" for one in deal.agreements.agreements}
        assert names <= set(files)
        frame = pd.read_csv(io.BytesIO(files["agreement.csv"]))
        assert tuple(frame.columns) == AGREEMENT_COLUMNS
        assert set(frame["name"]) == {one.name for one in deal.agreements.agreements}

    def test_the_same_appraisal_gives_the_same_pages(
        self, result: Appraisal, deal: Deal, files: dict[str, bytes]
    ) -> None:
        read_back = Appraisal.from_json(result.to_json())
        again = deal_of(read_back)
        assert again is not None
        assert again.charts == deal.charts
        assert agreement_context(read_back, again) == agreement_context(result, deal)
        assert all(again.tables()[name].equals(frame) for name, frame in deal.tables().items())
        assert files["charts/agreement_equal_return.svg"] == again.charts[2].svg

    def test_nothing_of_it_without_an_agreement(self) -> None:
        assert deal_of(small_appraisal(draws=20)) is None
        assert section_context(None) is None


class TestPage:
    def test_text_of_the_case_is_escaped(self, files: dict[str, bytes], page: str) -> None:
        for text in (page, files["report.html"].decode("utf-8")):
            assert "<b>friends" not in text
            assert "<first>" not in text
        assert "A &lt;first&gt; count" in page

    def test_every_rule_has_a_page_with_a_line_for_each_party(self, page: str, deal: Deal) -> None:
        for one in deal.agreements.agreements:
            own = page[page.index(f'id="{one.name}"') :].partition("</section>")[0]
            for partner in one.partners:
                assert f"<div>For {agency_label(partner)}</div>" in own
            assert f"Agreement: {one.label}" in own
            assert "in every year of each of the 60 draws" in own
            assert "to the penny, and it ends with nothing" in own
            assert all(term in unescape(own) for term in one.settlement.terms)
        assert page.count(".rule { break-before: page;") == 1

    def test_it_says_what_cannot_be_settled_and_who_falls_short(self, page: str) -> None:
        assert "No partner worse off cannot be settled." in page
        assert "Local authority" in page.partition("cannot be settled.")[2][:600]

    def test_the_report_leads_to_it(self, files: dict[str, bytes]) -> None:
        text = files["report.html"].decode("utf-8")
        assert '<a href="#deal">The deal</a>' in text
        assert 'href="agreement.html#equal_return"' in text
        assert "An agreement moves money and makes none" in text

    def test_every_drawing_has_words(self, page: str) -> None:
        words = re.findall(r'<img src="[^"]+" alt="([^"]+)"', page)
        assert len(words) == 10
        assert all("Local authority: " in text for text in words)


class TestNumbers:
    def test_the_statement_of_the_fund_adds_up_as_printed(self, result: Appraisal, deal: Deal) -> None:
        for p in agreement_context(result, deal)["pages"]:
            lines = [[number(cell) for cell in row["cells"]] for row in p["fund"]["rows"]]
            opening, contributions, paid_in, programme, paid_out, closing = lines
            for y, held in enumerate(closing):
                assert opening[y] + contributions[y] + paid_in[y] + programme[y] + paid_out[y] == held
            assert opening == [0, *closing[:-1]]
            assert closing[-1] == 0

    def test_what_parties_come_to_adds_up_as_printed(self, result: Appraisal, deal: Deal) -> None:
        for p in agreement_context(result, deal)["pages"]:
            rows, total = p["partners"]["rows"], p["partners"]["total"]
            cells = np.array([cast(row) for row in rows])
            assert cells.sum(axis=0).tolist() == cast(total)

    def test_who_has_reason_not_to_sign_is_named_before_the_signatures(
        self, result: Appraisal, deal: Deal
    ) -> None:
        for p, one in zip(agreement_context(result, deal)["pages"], deal.agreements.agreements, strict=True):
            frame = one.to_frame()
            for agency, likely in zip(frame["agency"], frame["probability_no_worse_off"], strict=True):
                words = p["before_signing"].partition("likely to be no worse off: ")[2].partition(".")[0]
                named = words == "every party" or agency_label(agency) in words
                assert named == (likely < one.confidence)

    def test_payments_are_those_of_the_settlement(self, result: Appraisal, deal: Deal) -> None:
        p = agreement_context(result, deal)["pages"][0]
        settled = deal.agreements.agreements[0].settlement
        pays, has_back = p["schedule"]["tables"]
        assert (pays["title"], has_back["title"]) == (PAYS, HAS_BACK)
        by_party = {row["label"]: [number(c) for c in row["cells"]] for row in pays["rows"]}
        dwp = settled.agencies.index("dwp")
        expected = settled.contributed[dwp].mean(axis=1) / 100
        np.testing.assert_allclose(by_party["Department for Work and Pensions"], expected, atol=1)
        for table in (pays, has_back):
            cells = np.array([[number(c) for c in row["cells"]] for row in table["rows"]])
            assert cells.sum(axis=0).tolist() == [number(c) for c in table["total"]["cells"]]
        assert set(has_back["total"]["cells"]) == {"£0"}

    def test_parties_that_do_nothing_are_named_and_not_tabled(self, result: Appraisal, deal: Deal) -> None:
        pages = {p["name"]: p for p in agreement_context(result, deal)["pages"]}
        schedule = pages["payment_by_results"]["schedule"]
        assert schedule["idle"] == ["NHS"]
        assert "NHS" not in [row["label"] for row in schedule["tables"][0]["rows"]]

    def test_what_waiting_in_the_fund_costs_is_said(self, result: Appraisal, deal: Deal) -> None:
        pages = {p["name"]: p for p in agreement_context(result, deal)["pages"]}
        assert "Money that waits in the fund earns nothing" in pages["reinvestment"]["words"]
        assert "waits in the fund" not in pages["equal_return"]["words"]


def test_a_deal_that_cannot_be_settled_at_all_still_has_a_page() -> None:
    case = agreed_case(rules=[{"rule": "no_worse_off", "confidence": 0.999}])
    result = appraise(Case.from_dict(case), draws=30, seed=1)
    deal = deal_of(result)
    assert deal is not None
    context = agreement_context(result, deal)
    assert context["pages"] == []
    assert context["deal"]["words"] == "No rule can be settled between these partners."
    assert len(context["deal"]["refused"]) == 1


def test_a_long_term_stands_in_two_tables() -> None:
    case = agreed_case(years=8, rules=small_agreement()["rules"][:1])
    case["years"] = 8
    result = appraise(Case.from_dict(case), draws=20, seed=1)
    deal = deal_of(result)
    assert deal is not None
    (p,) = agreement_context(result, deal)["pages"]
    assert not p["schedule"]["beside"]

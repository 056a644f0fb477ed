"""The report folder: the same bytes, the same numbers everywhere, whole or not at all."""

import csv
import io
import json
import os
import re
from html import escape
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from communitybudget._core.errors import OutputError
from communitybudget._core.vocabulary import agency_label
from communitybudget.case import ASSUMPTION_COLUMNS, SUMMARY_COLUMNS, Appraisal, Case, appraise
from communitybudget.ledger import LEDGER_COLUMNS, costs_avoided_by_year
from communitybudget.reporting import report, report_files
from communitybudget.reporting.page import journey_break_even, page_context
from tests_builders import small_case


@pytest.fixture(scope="module")
def result() -> Appraisal:
    return appraise(Case.from_dict(small_case()), draws=450, seed=1)


@pytest.fixture(scope="module")
def files(result: Appraisal) -> dict[str, bytes]:
    return report_files(result)


def table(files: dict[str, bytes], name: str) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(files[name]), keep_default_na=False, na_values=[""])


def test_the_folder_holds_what_it_should(files: dict[str, bytes]) -> None:
    names = [*(f"support_{c}" for c in CHART_NAMES), *(f"decision_{c}" for c in QUESTIONS)]
    charts = {f"charts/{name}.{e}" for name in names for e in ("svg", "png")}
    tables = {"ledger.csv", "summary.csv", "by_year.csv", "switchboard.csv", "assumptions.csv"}
    tables |= {"report.html", "manifest.json"}
    tables |= {"decision.csv", "one_way.csv", "information.csv", "data_sharing.csv"}
    assert set(files) == charts | tables


CHART_NAMES = (
    "agency_balance",
    "cumulative_cash",
    "npv_distribution",
    "costs_avoided_by_year",
    "activity_avoided",
    "tornado",
)


QUESTIONS = ("how_sure", "what_would_change", "worth_finding_out")


def test_the_tables_have_their_columns(files: dict[str, bytes]) -> None:
    assert list(table(files, "ledger.csv").columns) == list(LEDGER_COLUMNS)
    assert list(table(files, "summary.csv").columns) == list(SUMMARY_COLUMNS)
    assert list(table(files, "assumptions.csv").columns) == list(ASSUMPTION_COLUMNS)


def test_the_same_appraisal_gives_the_same_bytes(result: Appraisal, files: dict[str, bytes]) -> None:
    again = report_files(Appraisal.from_json(result.to_json()))
    assert {n: again[n] == files[n] for n in files} == dict.fromkeys(files, True)


def test_numbers_on_charts_are_those_of_the_ledger(result: Appraisal, files: dict[str, bytes]) -> None:
    ledger = table(files, "ledger.csv")
    fiscal = ledger[(ledger["flow"] == "costs_avoided") & (ledger["value_type"] == "fiscal")]
    by_hand = fiscal.groupby(["agency", "year"])["mean"].sum()
    drawn = costs_avoided_by_year(result.ledger, "support").set_index(["agency", "year"])["mean"]
    for (agency, year), value in by_hand.items():
        assert drawn[(agency_label(agency), year)] == pytest.approx(value, rel=1e-9)
    factors = dict(zip(result.years, result.factors, strict=True))
    balance = result.balance("support").set_index("agency")
    for agency, rows in fiscal.groupby("agency"):
        present = sum(factors[r.year] * r.mean for r in rows.itertuples())
        assert balance.loc[agency_label(agency), "costs_avoided"] == pytest.approx(present, rel=1e-9)
    net = ledger[ledger["value_type"] == "fiscal"].copy()
    sign = net["flow"].map({"costs_avoided": 1, "delivery": -1, "funding": 1})
    by_year = (net["mean"] * sign).groupby(net["year"]).sum().cumsum()
    cash = result.cumulative_cash("support").set_index("year")["mean"]
    np.testing.assert_allclose(cash.to_numpy(), by_year.loc[list(result.years)].to_numpy(), rtol=1e-9)


def test_the_summary_matches_the_draws(result: Appraisal, files: dict[str, bytes]) -> None:
    summary = table(files, "summary.csv")
    row = summary[(summary["measure"] == "npv_fiscal") & (summary["agency"] == "all")].iloc[0]
    npv = result.npv("support")
    assert float(row["mean"]) == pytest.approx(npv.mean(), rel=1e-11)
    assert float(row["p90"]) == pytest.approx(np.quantile(npv, 0.9), rel=1e-11)
    chance = summary[(summary["measure"] == "probability_net_positive") & (summary["agency"] == "all")]
    assert float(chance.iloc[0]["mean"]) == pytest.approx((npv >= 0).mean())
    payback = summary[summary["measure"] == "payback_year"]
    assert payback["mean"].isna().all()  # percentiles only


def test_shown_tables_cast(result: Appraisal) -> None:
    context = page_context(result, {"support": []}, {"support": pd.DataFrame()})

    def number(text: str) -> int:
        return int(text.replace("£", "").replace(",", "").replace("−", "-"))

    balance = context["options"][0]["balance"]
    for column in range(3):
        cells = [number(row["cells"][column]) for row in balance["rows"]]
        assert sum(cells) == number(balance["total"][column])
    assert sum(number(row["net"]) for row in balance["rows"]) == number(balance["net"])
    for agency in context["agencies"]:
        for option in agency["options"]:
            for column in range(3):
                cells = [number(row["cells"][column]) for row in option["rows"]]
                assert sum(cells) == number(option["total"][column])
            assert number(option["rows"][-1]["cumulative"]) == number(option["net"])
        for column in range(2):
            cells = [number(cells[column]) for _, cells in agency["lines"]["rows"]]
            assert sum(cells) == number(agency["lines"]["total"][column])
    plausibility = context["plausibility"]
    first = [number(cells[0]) for _, cells, _ in plausibility["rows"]]
    assert sum(first) == number(plausibility["total"][0])


class _Checker(HTMLParser):
    """Collects what makes a page hard to use."""

    VOID = frozenset({"meta", "img", "br", "link", "input", "hr"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.headings: list[int] = []
        self.tables = self.captions = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in self.VOID:
            self.open.append(tag)
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if tag == "a":
            self.links.append(str(given.get("href")))
        if tag == "img" and not given.get("alt"):
            self.faults.append("an image without words")
        if tag == "th" and given.get("scope") not in ("row", "col"):
            self.faults.append("a heading cell without scope")
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        self.tables += tag == "table"
        self.captions += tag == "caption"
        for name in ("src", "href"):
            address = str(given.get(name, ""))
            if address.startswith(("http", "//")):
                self.faults.append(f"an address outside the page: {address}")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> does not close what is open")


def test_the_page_is_self_contained_and_accessible(files: dict[str, bytes]) -> None:
    page = files["report.html"].decode("utf-8")
    checker = _Checker()
    checker.feed(page)
    assert checker.faults == []
    assert checker.open == []
    assert len(checker.ids) == len(set(checker.ids))
    assert {link[1:] for link in checker.links} <= set(checker.ids)
    assert checker.tables == checker.captions > 5
    assert checker.headings[0] == 1
    assert all(b - a <= 1 for a, b in zip(checker.headings, checker.headings[1:], strict=False))
    assert 'lang="en-GB"' in page
    assert "<script" not in page
    for words in ("Is business as usual plausible?", "£26,000", "£44,000", "£75,000", "which families these"):
        assert words in page
    assert page.index("Assumptions and sources</h2>") > page.index("How it was reckoned</h2>")


def test_every_assumption_is_on_the_page_with_its_mark(result: Appraisal, files: dict[str, bytes]) -> None:
    page = files["report.html"].decode("utf-8")
    for row in result.assumptions().to_dict("records"):
        assert escape(str(row["key"])) in page


def test_there_is_no_clock_and_no_path_of_a_machine(files: dict[str, bytes]) -> None:
    manifest = json.loads(files["manifest.json"])
    assert set(manifest["outputs"]) == set(files) - {"manifest.json"}
    text = "".join(content.decode("utf-8") for name, content in files.items() if not name.endswith(".png"))
    assert str(Path.cwd()) not in text
    assert str(Path.home()) + os.sep not in text
    assert not re.search(r"\b\d{2}:\d{2}:\d{2}\b", text)


def test_markup_in_a_case_is_shown_and_never_run() -> None:
    data = small_case()
    data["title"] = "<script>alert(1)</script>"
    data["options"][0]["label"] = "=HYPERLINK(1)<b>x</b>"
    data["options"][0]["delivery"][0]["item"] = "=1+1"
    files = report_files(appraise(Case.from_dict(data), draws=30, seed=1))
    page = files["report.html"].decode("utf-8")
    assert "<script" not in page
    assert "<b>x" not in page
    cells = [cell for row in csv.reader(io.StringIO(files["ledger.csv"].decode())) for cell in row]
    assert "'=1+1" in cells
    assert not any(cell.startswith(("=", "@", "+")) for cell in cells)


def test_few_draws_leave_out_what_they_cannot_carry() -> None:
    files = report_files(appraise(Case.from_dict(small_case()), draws=2, seed=1))
    assert "charts/support_tornado.svg" not in files
    assert "report.html" in files


@pytest.mark.parametrize(
    ("stop", "seen"),
    [(OSError(28, "No space left on device"), OutputError), (KeyboardInterrupt(), KeyboardInterrupt)],
)
def test_writing_fails_whole(
    result: Appraisal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: BaseException, seen: type
) -> None:
    report(result, tmp_path / "out")
    before = {p: p.read_bytes() for p in (tmp_path / "out").rglob("*") if p.is_file()}
    replace = os.replace
    calls = 0

    def fails(source: object, target: object) -> None:
        nonlocal calls
        calls += 1
        if calls == len(before) + 3:  # when some files are already in place
            raise stop
        replace(source, target)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(seen):
        report(result, tmp_path / "out")
    monkeypatch.undo()
    after = {p: p.read_bytes() for p in (tmp_path / "out").rglob("*") if p.is_file()}
    assert after == before


def test_a_later_report_clears_what_it_no_longer_makes(result: Appraisal, tmp_path: Path) -> None:
    out = tmp_path / "out"
    report(result, out)
    (out / "mine.txt").write_text("keep", encoding="utf-8")
    data = small_case()
    data["options"][0]["name"] = "renamed"
    report(appraise(Case.from_dict(data), draws=20, seed=1), out)
    names = {p.name for p in out.rglob("*") if p.is_file()}
    assert "mine.txt" in names
    assert "renamed_agency_balance.svg" in names
    assert not any(name.startswith("support_") for name in names)


def test_break_even_of_the_published_journeys_has_two_readings(hounslow_result: Appraisal) -> None:
    # Public Finance, 10 May 2013: 1,478 supported early, 64,000 escalating; 1,478 / 64,000 and
    # 1,478 / (64,000 - 1,478)
    found = journey_break_even(hounslow_result.journeys)
    assert found is not None
    assert (found["added"], found["either_way"]) == ("2.31", "2.36")


def test_somebody_elses_file_is_never_replaced(result: Appraisal, tmp_path: Path) -> None:
    (tmp_path / "summary.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match=r"holds summary\.csv"):
        report(result, tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["summary.csv"]
    assert (tmp_path / "summary.csv").read_text(encoding="utf-8") == "mine"


def test_who_waits_for_a_place_is_shown_and_written() -> None:
    case = small_case()
    case["options"][0]["caseload"] = {"key_workers": 2, "families_each": 10, "months_each": 6}
    files = report_files(appraise(Case.from_dict(case), draws=20, seed=1))
    assert table(files, "waiting.csv")["started"].tolist() == [40, 10, 0, 0, 50]
    page = files["report.html"].decode("utf-8")
    assert "Who waits for a place" in page
    assert "families wait for a place" in page

"""Importing a unit cost workbook: what comes out, what is written, and what never is."""

import csv
import json
from dataclasses import replace
from hashlib import sha256

import jsonschema
import pytest

from communitybudget._core.errors import OutputError
from communitybudget.parameters import ParameterSet, import_ucd
from communitybudget.parameters.schema import row_values, table_schema
from communitybudget.parameters.workbook_defects import DEFECT_COLUMNS, DEFECT_KINDS
from workbook_builders import LICENCE, Book


@pytest.fixture
def book():
    return Book()


@pytest.fixture
def save(tmp_path):
    def saved(book):
        folder = tmp_path / "given"
        folder.mkdir(exist_ok=True)
        return book.save(folder / "costs.xlsx")

    return saved


@pytest.fixture
def found(book, save):
    return import_ucd(save(book))


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class TestResult:
    def test_values_with_both_years(self, found):
        frame = found.to_frame().set_index(["key", "value_type"])
        row = frame.loc[("CR1.1", "fiscal")]
        assert (row["value"], row["price_base"]) == (35.5, "2010-11")
        assert (row["uprated"], row["uprated_to"]) == (pytest.approx(35.5 * 150 / 120), "2015-16")
        assert frame.loc[("CR1.1", "social"), "value"] == 7

    def test_a_formula_gives_its_stored_result_and_keeps_its_text(self, found):
        amount = next(e for e in found.entries if e.code == "HE1.1").amount("fiscal")
        assert (amount.value, amount.formula) == (66.0, "=99/3*2")

    def test_our_words_for_unit_and_agency(self, found):
        rows = {row.key: row for row in found.parameters() if row.value_type == "fiscal"}
        assert rows["unit_cost.CR1.0.2"].agency == "courts"
        assert rows["unit_cost.HE1.0"].unit == "GBP per_bed_day"
        assert {row.mark for row in rows.values()} == {"verified"}
        assert {row.cashable for row in rows.values()} == {"not_assessed"}

    def test_it_says_what_was_read(self, found):
        text = found.summary()
        assert "Unit Cost Database (v.9.1)" in text
        assert "6 on 2 sheets" in text
        assert "8: 6 fiscal, 1 economic, 1 social" in text
        assert found.sha256[:16] in text
        assert found.summary() == text
        assert (found.name, found.version) == ("ucd_v9_1", "9.1")

    def test_its_repr_is_one_line_and_its_card_is_escaped(self, found):
        assert "\n" not in repr(found)
        assert repr(found).startswith("ImportedWorkbook(costs.xlsx, version 9.1, 6 rows")
        html = replace(found, title="<script>alert(1)</script>")._repr_html_()
        assert "<script>" not in html
        assert "SHA-256" in html

    def test_frames_are_the_callers_own(self, found):
        frame = found.defects_frame()
        assert tuple(frame.columns) == DEFECT_COLUMNS
        frame["what"] = "changed"
        assert not (found.defects_frame()["what"] == "changed").any()
        assert len(found.cells_frame()) == sum(len(sheet.cells) for sheet in found.sheets)

    def test_the_same_file_gives_an_equal_result(self, found):
        assert import_ucd(found.path) == found
        assert tuple(found.counts()) == tuple(DEFECT_KINDS)

    def test_deflators_update_log_and_licence(self, found):
        assert found.index.factor("2002-03", "2015-16") == 1.5
        assert [row.status for row in found.layout.deflators.rows] == ["outturn"] * 3 + ["forecast"]
        assert [(r.theme, r.codes) for r in found.layout.log] == [("Crime", "CR1.0"), ("Crime", "CR1.1")]
        assert found.layout.licence == LICENCE

    def test_without_a_version_the_name_comes_from_the_content(self, book, save):
        book.title = "Prices"
        found = import_ucd(save(book))
        assert found.version == f"0+{found.sha256[:8]}"
        assert found.title == "Prices"


class TestSet:
    def test_it_loads(self, found, tmp_path):
        folder = found.write(tmp_path / "set")
        loaded = ParameterSet.load(folder)
        assert (loaded.name, loaded.version, len(loaded)) == ("ucd_v9_1", "9.1", 8)
        assert loaded["unit_cost.CR1.1[social]"].value == 7
        assert loaded["unit_cost.CR1.0"].evidence_grade == "red"
        assert [p.key for p in loaded.constituents("unit_cost.CR1.0")] == [
            "unit_cost.CR1.0.1",
            "unit_cost.CR1.0.2",
        ]
        assert "parts add up: 500" in str(loaded.tree("CR1.0"))
        assert loaded.uprate("2015-16")["unit_cost.CR1.0"].value == 750
        assert "Creative Commons" in loaded.sources["ucd_v9_1"]["licence"]

    def test_every_row_fits_the_schema_of_its_table(self, found, tmp_path):
        folder = found.write(tmp_path / "set")
        tables = {
            "unit_costs": "unit_costs.csv",
            "indices": "indices/ucd_v9_1_deflators.csv",
            "default_spread": "rules/default_spread.csv",
        }
        for table, name in tables.items():
            rows = [row_values(row) for row in rows_of(folder / name)]
            assert rows
            jsonschema.validate(rows, table_schema(table))

    def test_what_was_kept_of_the_workbook_is_no_table_of_parameters(self, found, tmp_path):
        folder = found.write(tmp_path / "set")
        kept = {path.name for path in (folder / "workbook").iterdir()}
        assert kept == {
            *("cells.csv", "entries.csv", "sheets.csv", "update_log.csv", "about.csv", "defects.csv")
        }
        digest = ParameterSet.load(folder).digest
        with (folder / "workbook" / "cells.csv").open("a", encoding="utf-8") as file:
            file.write("more\n")
        assert ParameterSet.load(folder).digest != digest

    def test_the_wording_stands_beside_our_words(self, found, tmp_path):
        rows = rows_of(found.write(tmp_path / "set") / "workbook" / "entries.csv")
        row = next(row for row in rows if row["code"] == "CR1.0.2")
        assert (row["unit_as_worded"], row["unit"]) == ("Per incident", "per_incident")
        assert (row["agency_1"], row["agency_2"], row["agency"]) == (
            "Criminal Justice System",
            "Court",
            "courts",
        )
        assert (row["rag_as_worded"], row["rag"], row["rag_colour"]) == ("R", "red", "FF0000")
        assert (row["fiscal"], row["fiscal_price_year"], row["fiscal_uprated"]) == ("200", "2002/03", "300")
        assert row["link"] == "https://example.org/lamps"

    def test_numbers_keep_every_digit(self, book, save, tmp_path):
        book.row("HE1.0")["fiscal"] = 666.6666666666666
        folder = import_ucd(save(book)).write(tmp_path / "set")
        assert ParameterSet.load(folder)["unit_cost.HE1.0"].value == 666.6666666666666

    def test_an_amount_without_a_price_year_is_no_money(self, book, save, tmp_path):
        book.row("HE1.0")["fiscal_year"] = None
        row = ParameterSet.load(import_ucd(save(book)).write(tmp_path / "set"))["unit_cost.HE1.0"]
        assert not row.is_money
        assert row.unit == "pounds per_bed_day (price base not published)"

    def test_the_same_workbook_gives_the_same_bytes(self, found, tmp_path):
        first, second = found.write(tmp_path / "one"), found.write(tmp_path / "two")
        for path in sorted(first.rglob("*.*")):
            assert path.read_bytes() == (second / path.relative_to(first)).read_bytes()

    def test_text_that_a_spreadsheet_would_run_stands_behind_an_apostrophe(self, book, save, tmp_path):
        book.row("CR1.1")["comment"] = "'@cmd"
        path = save(book)
        found = import_ucd(path)
        text = "=HYPERLINK(1)"
        cell = replace(found.sheets[0].cells[2, 3], content=text, value=text)
        sheets = (replace(found.sheets[0], cells={(2, 3): cell}), *found.sheets[1:])
        folder = replace(found, sheets=sheets).write(tmp_path / "set")
        assert rows_of(folder / "workbook" / "cells.csv")[0]["content"] == "'=HYPERLINK(1)"
        for table in folder.rglob("*.csv"):
            for row in rows_of(table):
                assert not [v for v in row.values() if v and v.startswith(("=", "+", "-", "@", "\t"))]
        # one apostrophe more than the workbook has, so that taking it away gives the text back
        notes = {row["code"]: row["note"] for row in rows_of(folder / "unit_costs.csv")}
        assert notes["CR1.1"] == "''@cmd"

    def test_a_dash_beside_an_agency_means_none(self, book, save):
        book.row("CR1.0")["agency_2"] = "-"
        assert next(e for e in import_ucd(save(book)).entries if e.code == "CR1.0").agency == "police"


class TestWriting:
    def test_nothing_is_written_beside_the_workbook_and_it_stays_as_it_was(self, book, save, tmp_path):
        path = save(book)
        before = sha256(path.read_bytes()).hexdigest()
        found = import_ucd(path)
        found.write(tmp_path / "set")
        assert found.sha256 == before == sha256(path.read_bytes()).hexdigest()
        assert [p.name for p in path.parent.iterdir()] == ["costs.xlsx"]

    def test_the_folder_of_the_workbook_is_refused(self, found):
        with pytest.raises(OutputError, match="folder of the workbook"):
            found.write(found.path.parent)
        assert [p.name for p in found.path.parent.iterdir()] == ["costs.xlsx"]

    def test_a_file_is_no_folder(self, found, tmp_path):
        (tmp_path / "file").write_text("mine", encoding="utf-8")
        with pytest.raises(OutputError, match="is a file and no folder"):
            found.write(tmp_path / "file")

    def test_an_earlier_import_is_replaced(self, found, book, tmp_path):
        folder = found.write(tmp_path / "set")
        again = Book()
        again.title = "Unit Cost Database v9.2 - Introduction"
        (tmp_path / "newer").mkdir()
        import_ucd(again.save(tmp_path / "newer" / "costs.xlsx")).write(folder)
        assert ParameterSet.load(folder).version == "9.2"
        assert [p.name for p in (folder / "indices").iterdir()] == ["ucd_v9_2_deflators.csv"]

    @pytest.mark.parametrize("name", ["set.yaml", "unit_costs.csv", "workbook/cells.csv"])
    def test_foreign_files_stay(self, found, tmp_path, name):
        path = tmp_path / "set" / name
        path.parent.mkdir(parents=True)
        path.write_text("mine", encoding="utf-8")
        with pytest.raises(OutputError, match=name):
            found.write(tmp_path / "set")
        assert path.read_text(encoding="utf-8") == "mine"
        assert [p for p in (tmp_path / "set").rglob("*") if p.is_file()] == [path]

    def test_figures_changed_since_the_import_are_not_lost(self, found, tmp_path):
        folder = found.write(tmp_path / "set")
        table = folder / "unit_costs.csv"
        table.write_text(table.read_text(encoding="utf-8").replace(",500,", ",510,"), encoding="utf-8")
        with pytest.raises(OutputError, match=r"unit_costs\.csv, changed since the import"):
            found.write(folder)
        assert ",510," in table.read_text(encoding="utf-8")

    def test_the_folder_of_a_report_is_refused(self, found, tmp_path):
        folder = tmp_path / "report"
        folder.mkdir()
        (folder / "report.html").write_text("mine", encoding="utf-8")
        manifest = {"title": "Report", "outputs": {"report.html": "0"}}
        (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        with pytest.raises(OutputError, match="something else than an import"):
            found.write(folder)
        assert (folder / "report.html").is_file()


def test_nothing_is_lost_on_the_way_to_the_table_of_cells(book, save, tmp_path):
    """Read again by openpyxl, cell by cell, against cells.csv with its apostrophes taken away."""
    from openpyxl import load_workbook

    book.row("CR1.0")["note"] = "Mind the lamp,\nit is broken"
    book.row("CR1.1")["changes"] = "'quoted"
    path = save(book)
    rows = rows_of(import_ucd(path).write(tmp_path / "set") / "workbook" / "cells.csv")
    table = {(row["sheet"], f"{row['column']}{row['row']}"): row for row in rows}
    formulas, stored = load_workbook(path), load_workbook(path, data_only=True)
    count = 0
    for sheet in formulas:
        for cell in (cell for line in sheet.iter_rows() for cell in line):
            if cell.value is None and cell.comment is None:
                continue
            count += 1
            row = table[sheet.title, cell.coordinate]
            assert unescaped(row["content"]) == str(cell.value)
            assert row["comment"] == (cell.comment.text if cell.comment else "")
            assert row["link"] == (cell.hyperlink.target if cell.hyperlink else "")
            assert row["number_format"] == cell.number_format.replace("General", "")
            if cell.data_type == "f":
                result = stored[sheet.title][cell.coordinate].value
                assert row["value"] in (
                    "" if result is None else str(result),
                    f"{result:g}" if result else "",
                )
    assert count == len(rows)


def unescaped(text):
    return text[1:] if text.startswith("'") and text.lstrip("'")[:1] in ("=", "+", "-", "@") else text

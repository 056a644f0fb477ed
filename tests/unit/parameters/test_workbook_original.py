"""The importer on the Unit Cost Database v1.4 itself, where it is at hand.

The workbook is not part of the project. It is looked for beside the repository, or where the environment
variable COMMUNITYBUDGET_UCD points. Counts, codes and figures are those of notes made from it by hand.
"""

import csv
import math
import os
import re
from collections import Counter
from hashlib import sha256
from pathlib import Path

import pytest

from communitybudget.parameters import ParameterSet, import_ucd

ROOT = Path(__file__).resolve().parents[3]
BESIDE = ROOT.parent / "shared" / "data" / "original" / "unit-cost-database-v1-4.xlsx"
WORKBOOK = Path(os.environ.get("COMMUNITYBUDGET_UCD") or BESIDE)
DIGEST = "abe8c2359e7673be2c49e2ea0e94f5b4eb3d3eef92287e7305a72102f8a54967"

pytestmark = pytest.mark.skipif(
    not WORKBOOK.is_file(),
    reason="no Unit Cost Database v1.4 beside the repository; COMMUNITYBUDGET_UCD can name another place",
)

# read from the notes of a row, which a machine does not
UNITS_FROM_NOTES = set("HE1.13 HE1.14 HE8.0 HE8.1 HE8.3 HE16.0 HE16.1 SS5.0".split())
AGENCIES_FROM_NOTES = {
    *"CR3.2 CR6.10 E&S1.0.3 E&S2.0.3 E&S4.1 E&S4.1.1 FI1.0.5 FI2.2 HE2.0.3".split(),
    *"SS4.0 SS4.1 SS15.3.1 SS16.0.1".split(),
    # the wording is the whole system, or several agencies; the split of the parts says more
    *"CR8.7 CR8.8 CR8.9 CR8.10 CR8.11 CR8.12 CR8.14 CR8.15 CR8.16 CR8.17 CR8.18 CR8.19".split(),
    *(f"CR8.{number}.5" for number in range(20)),
}


@pytest.fixture(scope="module")
def found():
    return import_ucd(WORKBOOK)


@pytest.fixture(scope="module")
def loaded(found, tmp_path_factory):
    return ParameterSet.load(found.write(tmp_path_factory.mktemp("import") / "set"))


@pytest.fixture(scope="module")
def database(england):
    return {row.id: row for row in england.table("unit_cost") if row.source == "ucd_v1_4"}


@pytest.fixture(scope="module")
def cells(found):
    return {(s.name, cell.place): cell for s in found.sheets for cell in s.cells.values()}


def codes(found, kind):
    return [defect.code for defect in found.defects if defect.kind == kind]


class TestWhatIsRead:
    def test_it_is_the_workbook_of_the_notes_and_stays_so(self, found):
        assert found.sha256 == DIGEST == sha256(WORKBOOK.read_bytes()).hexdigest()
        assert (found.name, found.version) == ("ucd_v1_4", "1.4")

    def test_rows_by_sheet(self, found):
        assert Counter(entry.sheet for entry in found.entries) == {
            "Health": 201,
            "Crime": 185,
            "Social Services": 137,
            "Employment & Economy": 75,
            "Housing": 36,
            "Education & Skills": 35,
            "Fire": 15,
        }

    def test_levels_and_grades(self, found):
        assert Counter(entry.level for entry in found.entries) == {
            "headline": 91,
            "subsidiary": 313,
            "constituent": 280,
        }
        assert Counter(entry.rag for entry in found.entries) == {"green": 508, "amber": 173, "red": 3}

    def test_cells_formulas_comments_links_and_what_is_hidden(self, found, cells):
        assert len(cells) == 12_358
        assert sum(cell.kind == "formula" for cell in cells.values()) == 2_182
        assert sum(bool(cell.comment) for cell in cells.values()) == 12
        assert sum(bool(cell.link) for cell in cells.values()) > 300
        # every constituent and subsidiary stands in a closed group
        assert sum(len(sheet.hidden_rows) for sheet in found.sheets) == 593
        assert sum(len(sheet.outline) for sheet in found.sheets) == 593

    def test_grades_have_the_colour_of_their_word(self, found):
        assert Counter((entry.rag, entry.rag_colour) for entry in found.entries) == {
            ("green", "00FF00"): 508,
            ("amber", "FF9900"): 173,
            ("red", "FF0000"): 3,
        }

    def test_deflators_log_and_licence(self, found, england):
        theirs = england.index("hmt_2015_03_budget")
        assert list(found.index.values) == list(theirs.values)
        for year, level in theirs.values.items():
            assert found.index.values[year] == pytest.approx(level, abs=5e-7)
        rows = found.layout.deflators.rows
        assert next(row.year for row in rows if row.status == "forecast") == "2014-15"
        assert found.layout.deflators.current_year == "2015-16"
        assert len(found.layout.log) == 44
        assert "Creative Commons Attribution 4.0" in found.layout.licence

    def test_transfers_that_the_workbook_flags(self, found, database):
        flagged = {e.code: e.transfer[1] for e in found.entries if e.transfer[0] == "yes"}
        assert len(flagged) == 12
        assert {code: flagged[code] for code in ("E&E1.0", "E&E2.0", "E&E3.0")} == {
            "E&E1.0": 9234,
            "E&E2.0": 7500,
            "E&E3.0": 7004,
        }
        for code, value in flagged.items():
            assert value == database[f"unit_cost.{code}"].transfer_value


class TestAgainstTheBundledSet:
    """The bundled set was made from the same workbook by other means."""

    def test_every_value_year_and_grade(self, loaded, database):
        assert len(loaded) == 780
        assert Counter(row.value_type for row in loaded.parameters.values()) == {
            "fiscal": 675,
            "economic": 80,
            "social": 25,
        }
        assert set(loaded.parameters) == set(database)
        for key, row in loaded.parameters.items():
            other = database[key]
            assert row.value == other.value, key
            assert row.price_base == other.price_base, key
            names = ("code", "parent", "level", "rag", "topic")
            assert [row.fields[n] for n in names] == [other.fields[n] for n in names], key

    def test_units_are_the_same_or_as_worded(self, found, database):
        for entry in found.entries:
            ours = {row.unit for row in database.values() if row.fields["code"] == entry.code}
            if len(entry.units) == 1 and entry.code not in UNITS_FROM_NOTES:
                assert ours == {f"GBP {entry.unit}"}, entry.code
            elif len(entry.units) > 1:
                assert {unit.removeprefix("GBP ") for unit in ours} <= set(entry.units), entry.code

    def test_agencies_are_the_same_or_unallocated(self, loaded, database):
        other = {
            row.fields["code"]
            for key, row in loaded.parameters.items()
            if row.agency not in ("unallocated", database[key].agency)
        }
        assert other == AGENCIES_FROM_NOTES


class TestUprating:
    def test_the_example_of_the_notes(self, found, cells):
        factor = found.index.factor("2002/03", "2015/16")
        assert round(500 * factor, 2) == 673.23
        assert cells["Crime", "J3"].value == 673.2312183155595
        assert 500 * factor == pytest.approx(673.2312183155595, rel=1e-12)

    def test_every_uprated_value(self, found):
        amounts = [(e, a) for e in found.entries for a in e.amounts if a.value]
        assert len(amounts) == 779
        for entry, amount in amounts:
            ours = amount.value * found.index.factor(amount.price_base, "2015-16")
            assert amount.uprated == pytest.approx(ours, rel=1e-12), entry.code
        (nothing,) = [(e.code, a) for e in found.entries for a in e.amounts if not a.value]
        assert (nothing[0], nothing[1].uprated) == ("CR8.18.5", None)


class TestFormulas:
    """Evaluated once more by other code, which knows only the forms that this workbook has."""

    UPRATING = re.compile(r'=IF\((\w+)>0,\(\1\*VLOOKUP\(Lookups!\$K\$11,.*/VLOOKUP\((\w+),.*,""\)')

    def test_every_stored_result(self, cells):
        levels = {
            cells["Lookups", f"M{row}"].text: cells["Lookups", f"P{row}"].value for row in range(10, 41)
        }
        counts = Counter()
        for (sheet, place), cell in cells.items():
            if cell.kind != "formula":
                continue
            form, result = self.result(cells, levels, sheet, str(cell.content))
            counts[form] += 1
            if result is None:
                assert cell.value in (None, "")
            else:
                assert cell.value == pytest.approx(result, rel=1e-12), (sheet, place)
        assert counts == {"uprating": 2051, "deflator": 92, "sum": 2, "cell": 2, "arithmetic": 35}

    def result(self, cells, levels, sheet, formula):
        def at(place):
            cell = cells.get((sheet, place))
            return 0 if cell is None or cell.value in (None, "") else cell.value

        if match := self.UPRATING.match(formula):
            value, year = at(match[1]), at(match[2])
            return "uprating", value * levels["2015/16"] / levels[year] if value else None
        if sheet == "Lookups":
            if match := re.fullmatch(r"=(N\d+)/100", formula):
                return "deflator", at(match[1]) / 100
            if match := re.fullmatch(r"=\(1\+(O\d+)\)\*(P\d+)", formula):
                return "deflator", (1 + at(match[1])) * at(match[2])
            if match := re.fullmatch(r"=(P\d+)/\(1\+(O\d+)\)", formula):
                return "deflator", at(match[1]) / (1 + at(match[2]))
        if match := re.fullmatch(r"=SUM\(([A-Z])(\d+):\1(\d+)\)", formula):
            rows = range(int(match[2]), int(match[3]) + 1)
            return "sum", math.fsum(at(f"{match[1]}{row}") for row in rows)
        if match := re.fullmatch(r"=([A-Z]\d+)", formula):
            return "cell", at(match[1])
        first, *rest = re.findall(r"[*/]|[\d.]+", formula)
        result = float(first)
        for sign, number in zip(rest[::2], rest[1::2], strict=True):
            result = result * float(number) if sign == "*" else result / float(number)
        return "arithmetic", result

    def test_none_is_reported(self, found):
        for kind in ("formula_differs", "formula_without_value", "formula_not_checked", "error_value"):
            assert codes(found, kind) == []


class TestDefects:
    def test_how_many_of_each_kind(self, found):
        assert {kind: count for kind, count in found.counts().items() if count} == {
            "code_blank": 1,
            "outline_differs": 2,
            "unit_unknown": 2,
            "unit_not_settled": 113,
            "agency_not_settled": 10,
            "repeated_entry": 13,
            "repeated_value": 89,
            "does_not_reconcile": 20,
        }

    def test_headlines_and_their_constituents(self, found, loaded):
        assert "73, of which 53 reconcile" in found.summary()
        gaps = {d.code: d.what for d in found.defects if d.kind == "does_not_reconcile"}
        assert set(gaps) == {
            *("CR8.10", "CR8.17", "CR8.18"),
            *("HE2.0", "HO1.0", "HO3.0", "SS1.1"),
            *("CR1.4", "CR3.0", "HE3.0", "HE7.0", "HE7.1", "HE7.11", "HE14.0"),
            *("HE12.2", "HE12.3", "HE12.4", "HE12.5"),
            *("SS5.0", "SS6.0"),
        }
        for code, said in {
            "CR8.10": "60 against 61 of its 5 constituents, +1.67%",
            "CR8.18": "26 against 25 of its 5 constituents, -3.85%",
            "HO1.0": "6,680 against 6,517.44 of its 6 constituents, -2.43%",
            "HO3.0": "2,501 against 1,496.45 of its 5 constituents, -40.17%",
            "SS1.1": "29,580 against 30,908 of its 5 constituents, +4.49%",
            "SS5.0": "1,416 against 4,315 of its 8 constituents, +204.73%",
        }.items():
            assert gaps[code] == said
        assert str(loaded.tree()).count("nobody has said why") == 20

    def test_the_blank_code(self, found):
        (defect,) = [d for d in found.defects if d.kind == "code_blank"]
        assert (defect.sheet, defect.row, defect.code) == ("Crime", 58, "CR8.0.1")

    def test_outline_levels_at_odds_with_the_code(self, found):
        assert codes(found, "outline_differs") == ["CR6.0", "E&E11.1"]

    def test_entries_that_are_there_twice(self, found):
        entries = {(d.code, d.what) for d in found.defects if d.kind == "repeated_entry"}
        assert {code for code, what in entries if "E&S4.1" in what} == {
            *("SS16.0", "SS16.0.1", "SS16.0.2", "SS16.0.3", "SS16.0.4")
        }
        years = [what for _, what in entries if "6,958" in what]
        assert years == [
            "economic 6,958 in 2008/09 prices stands at E&S4.1 too, under the same label in 2009/10 prices"
        ]

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            *(("HE1.4", "HE2.7"), ("HE1.7", "HE2.10"), ("HE1.8", "HE2.11"), ("HE1.9", "HE2.12")),
            *(("HE12.1", "HE14.1"), ("HE10.4", "HE23.2"), ("HO1.0.4", "HO5.1"), ("HO1.0.5", "HO3.0.2")),
            *(("HO1.0.6", "HO4.4"), ("HO3.0.1", "HO5.2"), ("HO3.0.3", "HO4.1"), ("HO2.0.1", "HO5.0")),
            *(("HO2.0.2", "HO8.0"), ("HE2.0.1", "HE2.0.2")),
        ],
    )
    def test_values_that_are_there_twice(self, found, first, second):
        kinds = ("repeated_entry", "repeated_value")
        said = [d.what for d in found.defects if d.kind in kinds and d.code == second]
        assert any(re.search(rf"stands at (.*, )?{re.escape(first)}(, .*)? too", what) for what in said)

    def test_each_says_where_and_what_to_do(self, found):
        for defect in found.defects:
            assert defect.sheet
            assert defect.row
            assert defect.what
            assert defect.remedy


def test_nothing_is_lost_on_the_way_to_the_table_of_cells(found, loaded):
    """Read again by openpyxl alone, cell by cell, against cells.csv with its apostrophes taken away."""
    from openpyxl import load_workbook

    with (loaded.folder / "workbook" / "cells.csv").open(encoding="utf-8", newline="") as file:
        table = {(row["sheet"], f"{row['column']}{row['row']}"): row for row in csv.DictReader(file)}
    formulas, stored = load_workbook(WORKBOOK), load_workbook(WORKBOOK, data_only=True)
    count = 0
    for sheet in formulas:
        for cell in (cell for line in sheet.iter_rows() for cell in line):
            if cell.value is None:
                continue
            count += 1
            row = table[sheet.title, cell.coordinate]
            text = row["content"]
            risky = text.startswith("'") and text.lstrip("'")[:1] in ("=", "+", "-", "@", "\n")
            text = text[1:] if risky else text
            same = float(text) == cell.value if cell.data_type == "n" else text == cell.value
            assert same, (sheet.title, cell.coordinate)
            if cell.data_type == "f":
                result = stored[sheet.title][cell.coordinate].value
                assert (float(row["value"]) if row["value"] else None) == result
            assert row["comment"] == (cell.comment.text if cell.comment else "")
            target = cell.hyperlink and (cell.hyperlink.target or "")
            assert row["link"].partition("#")[0] == (target or "").partition("#")[0]
    assert count == len(table)

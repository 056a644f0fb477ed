"""A small workbook in the form of the Unit Cost Database, built anew for each test; its costs are made up."""

import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

# deflators of three years; 2015/16 is the year to which the workbook uprates
YEARS = {"2002/03": 100.0, "2010/11": 120.0, "2013/14": 125.0, "2015/16": 150.0}
TO = "2015/16"
LICENCE = "This work is licensed under the Creative Commons Attribution 4.0 International License. See there."
RED, AMBER, GREEN = "FFFF0000", "FFFF9900", "FF00FF00"

TOP = {
    **{"category": "Outcome category", "detail": "Outcome detail", "code": "Cost code"},
    **{
        "label": "Cost / saving detail",
        "unit": "Unit",
        "agency_1": "Agency bearing the cost",
        "agency_2": "",
    },
    **{"fiscal": "Fiscal value", "fiscal_year": "", "fiscal_uprated": ""},
    **{"economic": "Economic value", "economic_year": "", "economic_uprated": ""},
    **{"social": "Social value", "social_year": "", "social_uprated": ""},
    **{"source": "Original source", "rag": "RAG assessment", "comment": "Comment"},
    **{"revision": "v.9 revisions", "changes": ""},
}
BELOW = {
    **{"agency_1": "Level 1", "agency_2": "Level 2"},
    **{
        f"{t}{part}": text
        for t in ("fiscal", "economic", "social")
        for part, text in (
            ("", "Estimated cost/saving"),
            ("_year", "Year"),
            ("_uprated", "Updated cost/ saving"),
        )
    },
    **{"revision": "New / update", "changes": "Changes made"},
}
FIELDS = tuple(TOP)

CRIME: list[dict[str, Any]] = [
    {
        "code": "CR1.0",
        "label": "Lamp broken,\nmade up of",
        "unit": "Per incident",
        "agency_1": "Police",
        "fiscal": 500,
        "fiscal_year": "2002/03",
        "rag": "R",
        "outline": 0,
    },
    {
        "code": "CR1.0.1",
        "label": "Lamp broken: police",
        "unit": "Per incident",
        "agency_1": "Police",
        "fiscal": 300,
        "fiscal_year": "2002/03",
        "rag": "R",
        "outline": 2,
    },
    {
        "code": "CR1.0.2",
        "label": "Lamp broken: court",
        "unit": "Per incident",
        "agency_1": "Criminal Justice System",
        "agency_2": "Court",
        "fiscal": 200,
        "fiscal_year": "2002/03",
        "rag": "R",
        "outline": 2,
    },
    {
        "code": "CR1.1",
        "label": "Lamp stolen",
        "unit": "Per incident",
        "agency_1": "Local authority",
        "fiscal": 35.5,
        "fiscal_year": "2010/11",
        "economic": 12,
        "economic_year": "2010/11",
        "social": 7,
        "social_year": "2010/11",
        "rag": "A",
        "outline": 1,
    },
]
HEALTH: list[dict[str, Any]] = [
    {
        "code": "HE1.0",
        "label": "Night in a ward",
        "unit": "Per bed day",
        "agency_1": "NHS",
        "agency_2": "Clinical Commissioning Group",
        "fiscal": 338,
        "fiscal_year": "2013/14",
        "rag": "G",
        "outline": 0,
    },
    {
        "code": "HE1.1",
        "label": "Two thirds of a visit",
        "unit": "Per contact",
        "agency_1": "NHS",
        "fiscal": "=99/3*2",
        "fiscal_year": "2013/14",
        "rag": "G",
        "outline": 1,
    },
]


class Book:
    """The workbook, to be changed at will before it is saved.

    ``rows`` holds the rows of each sheet, by field; ``headings`` and ``order`` say how the tables are
    headed; ``stored`` overrides what is stored with a formula, by sheet and cell.
    """

    def __init__(self) -> None:
        self.rows = {"Crime": [dict(row) for row in CRIME], "Health": [dict(row) for row in HEALTH]}
        self.top, self.below, self.order = dict(TOP), dict(BELOW), list(FIELDS)
        self.title = "Unit Cost Database (v.9.1) - Introduction"
        self.licence = LICENCE
        self.years: dict[str, Any] = dict(YEARS)
        self.first_row = 1
        self.outlined = self.with_stored = self.with_deflators = True
        self.stored: dict[tuple[str, str], Any] = {}
        self.workbook = Workbook()

    def row(self, code: str) -> dict[str, Any]:
        """Return the fields of one row, to be changed."""
        return next(row for rows in self.rows.values() for row in rows if row["code"] == code)

    def add(self, sheet: str, like: str, **changes: Any) -> None:
        """Add a row like another one to the end of a sheet."""
        self.rows[sheet].append({**self.row(like), **changes})

    def place(self, sheet: str, code: str, field: str) -> str:
        """Return the cell of a field in the row of a code."""
        index = [row["code"] for row in self.rows[sheet]].index(code)
        return f"{get_column_letter(self.order.index(field) + 1)}{self.first_row + 2 + index}"

    def build(self) -> Workbook:
        """Fill the workbook and return it."""
        introduction = self.workbook.active
        introduction.title = "Introduction"
        introduction["C2"] = self.title
        introduction["C4"] = self.licence
        for name, rows in self.rows.items():
            self._fill(self.workbook.create_sheet(name), rows)
        if self.with_deflators:
            self._fill_lookups(self.workbook.create_sheet("Lookups"))
        self._fill_log(self.workbook.create_sheet("v9 update log"))
        return self.workbook

    def save(self, path: Path) -> Path:
        """Build the workbook and save it, with the results of its formulas stored as a spreadsheet does."""
        if len(self.workbook.worksheets) == 1:
            self.build()
        self.workbook.save(path)
        if self.with_stored:
            names = [sheet.title for sheet in self.workbook.worksheets]
            store_results(path, names, self.stored)
        return path

    def _fill(self, sheet: Worksheet, rows: list[dict[str, Any]]) -> None:
        columns = {name: i for i, name in enumerate(self.order, start=1)}
        for name, column in columns.items():
            sheet.cell(self.first_row, column, self.top[name] or None)
            sheet.cell(self.first_row + 1, column, self.below.get(name))
        for number, row in enumerate(rows, start=self.first_row + 2):
            for name, column in columns.items():
                cell = sheet.cell(number, column, row.get(name))
                if name == "label":
                    cell.font = Font(bold=row["outline"] == 0)
                    cell.alignment = Alignment(indent=2 if row["outline"] == 2 else 0)
                if name == "fiscal":
                    cell.number_format = "£#,##0"
                    if row.get("note"):
                        cell.comment = Comment(row["note"], "Somebody")
                if name == "source" and row.get("source", "a survey"):
                    cell.value = row.get("source", "A survey of lamps (2001), p.1")
                    cell.hyperlink = "https://example.org/lamps"
            for kind in ("fiscal", "economic", "social"):
                if kind in columns and f"{kind}_uprated" in columns:
                    self._uprate(sheet, number, columns, kind, row)
            if self.outlined and row["outline"]:
                sheet.row_dimensions[number].outlineLevel = row["outline"]
                sheet.row_dimensions[number].hidden = True
        rag = get_column_letter(columns.get("rag", 1))
        area = f"{rag}{self.first_row + 2}:{rag}{self.first_row + 1 + len(rows)}"
        for word, colour in (("R", RED), ("A", AMBER), ("G", GREEN)):
            fill = PatternFill(bgColor=colour, fill_type="solid")
            rule = CellIsRule(operator="equal", formula=[f'"{word}"'], fill=fill)
            sheet.conditional_formatting.add(area, rule)

    def _uprate(
        self, sheet: Worksheet, number: int, columns: Mapping[str, int], kind: str, row: dict[str, Any]
    ) -> None:
        value, year = (f"{get_column_letter(columns[name])}{number}" for name in (kind, f"{kind}_year"))
        table = "Lookups!$M$10:$P$30,4,0"
        formula = f'=IF({value}>0,({value}*VLOOKUP(Lookups!$K$11,{table})/VLOOKUP({year},{table})),"")'
        cell = sheet.cell(number, columns[f"{kind}_uprated"], formula)
        amount = 66 if row.get(kind) == "=99/3*2" else row.get(kind)
        self.stored.setdefault((sheet.title, cell.coordinate), self._uprated(amount, row.get(f"{kind}_year")))
        if amount == 66:
            self.stored.setdefault((sheet.title, f"{get_column_letter(columns[kind])}{number}"), 66.0)

    def _uprated(self, amount: Any, year: Any) -> Any:
        """Return what a spreadsheet stores: nothing for nothing, an error for what it cannot do."""
        if isinstance(amount, str):
            return "#VALUE!"
        if not amount or amount < 0:
            return ""
        if year not in self.years:
            return "#N/A"
        levels = self.years[TO], self.years[year]
        return "" if isinstance(levels[0], str) else amount * levels[0] / levels[1]

    def _fill_lookups(self, sheet: Worksheet) -> None:
        sheet["M4"] = "Deflators made up for tests, March 1999"
        sheet["K9"], sheet["K11"] = "Current Year", TO
        for column, text in zip(
            "MNOP", ("Year", "% change on previous year", "as decimal", "GDP cumulative (x)"), strict=True
        ):
            sheet[f"{column}9"] = text
        for row, (year, level) in enumerate(self.years.items(), start=10):
            sheet[f"M{row}"], sheet[f"N{row}"], sheet[f"O{row}"], sheet[f"P{row}"] = (
                year,
                2.5,
                f"=N{row}/100",
                level,
            )
            self.stored.setdefault(("Lookups", f"O{row}"), 0.025)
            if year == TO:
                sheet[f"L{row}"] = "f"

    def _fill_log(self, sheet: Worksheet) -> None:
        sheet.append(["Database theme", "Cost code", "Revisions", "Number of entries changed"])
        sheet.append(["Crime", "CR1.0", "Counted again", 1])
        sheet.append([None, "CR1.1", "New", 1])
        sheet.merge_cells("A2:A3")


def store_results(path: Path, sheets: list[str], results: Mapping[tuple[str, str], Any]) -> None:
    """Store results beside the formulas of a workbook, which openpyxl leaves out."""
    with zipfile.ZipFile(path) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    for number, sheet in enumerate(sheets, start=1):
        name = f"xl/worksheets/sheet{number}.xml"
        text = parts[name].decode("utf-8")
        for (wanted, place), result in results.items():
            if wanted == sheet:
                text = _stored(text, place, result)
        parts[name] = text.encode("utf-8")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def _stored(text: str, place: str, result: Any) -> str:
    kind = ' t="str"' if isinstance(result, str) else ""
    kind = ' t="e"' if isinstance(result, str) and result.startswith("#") else kind
    value = (
        "" if result is None else f"<v>{result!r}</v>" if not isinstance(result, str) else f"<v>{result}</v>"
    )
    pattern = rf'<c r="{place}"([^>]*?)><f>(.*?)</f><v ?/?>(?:</v>)?</c>'
    return re.sub(pattern, lambda m: f'<c r="{place}"{m[1]}{kind}><f>{m[2]}</f>{value}</c>', text)


def rewrite_part(path: Path, part: str, change: Any) -> Path:
    """Change one part of a workbook in place: ``change`` takes its bytes and returns others."""
    with zipfile.ZipFile(path) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    parts[part] = change(parts.get(part, b""))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path

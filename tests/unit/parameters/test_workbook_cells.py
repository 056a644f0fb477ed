"""Every cell as it is: kinds of value, comments, links, groups, what is hidden, colours."""

from datetime import date

import pytest
from openpyxl.chart import BarChart
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Color, PatternFill
from openpyxl.worksheet.formula import ArrayFormula

from communitybudget.parameters.workbook_cells import read_sheets
from communitybudget.parameters.workbook_opening import open_workbook
from workbook_builders import AMBER, GREEN, RED, Book


@pytest.fixture
def book():
    return Book()


@pytest.fixture
def read(tmp_path):
    def sheets(book):
        return {s.name: s for s in read_sheets(open_workbook(book.save(tmp_path / "costs.xlsx")))}

    return sheets


def test_kinds_of_cell(book, read):
    sheet = book.build()["Introduction"]
    sheet["A10"], sheet["A11"], sheet["A12"], sheet["A13"] = 1.5, True, date(2014, 4, 1), "#REF!"
    sheet["A14"] = "=1+1"
    sheet["A15"] = ArrayFormula("A15:A16", "=A10:A11*2")
    sheet["A17"].comment = Comment("Nothing here", "Somebody")
    sheet["A18"].hyperlink = "#Crime!A1"
    sheet["A19"] = " "
    book.stored["Introduction", "A14"] = 2
    cells = read(book)["Introduction"].cells
    found = {f"A{row}": cells[row, 1] for row in range(10, 20) if (row, 1) in cells}
    assert {place: (cell.kind, cell.content) for place, cell in found.items()} == {
        "A10": ("number", 1.5),
        "A11": ("truth", True),
        "A12": ("date", "2014-04-01T00:00:00"),
        "A13": ("error", "#REF!"),
        "A14": ("formula", "=1+1"),
        "A15": ("formula", "{=A10:A11*2}"),
        "A17": ("blank", None),
        "A18": ("text", "#Crime!A1"),
        "A19": ("text", " "),
    }
    assert found["A14"].value == 2
    assert (found["A17"].comment, found["A17"].comment_author) == ("Nothing here", "Somebody")
    assert found["A18"].link.endswith("#Crime!A1")


def test_groups_and_what_is_hidden(book, read):
    workbook = book.build()
    workbook["Crime"].column_dimensions.group("V", "X", outline_level=1, hidden=True)
    workbook["Lookups"].sheet_state = "hidden"
    workbook.create_chartsheet("Drawing").add_chart(BarChart())
    sheets = read(book)
    assert dict(sheets["Crime"].outline) == {4: 2, 5: 2, 6: 1}
    assert sheets["Crime"].hidden_rows == (4, 5, 6)
    assert sheets["Crime"].hidden_columns == ("V:X",)
    assert dict(sheets["Crime"].column_outline) == {"V:X": 1}
    assert sheets["Lookups"].state == "hidden"
    assert sheets["Drawing"].state == "chart"
    assert sheets["v9 update log"].merged == ("A2:A3",)


def test_bold_type_indent_and_form(book, read):
    cells = read(book)["Crime"].cells
    headline, constituent = cells[3, 4], cells[4, 4]
    assert (headline.bold, headline.indent) == (True, 0)
    assert (constituent.bold, constituent.indent) == (False, 2)
    assert cells[3, 8].number_format == "£#,##0"
    assert cells[3, 9].number_format == ""


def test_colours_that_cells_have(book, read):
    sheet = book.build()["Introduction"]
    sheet["C2"].fill = PatternFill("solid", fgColor=AMBER)
    sheet["C4"].fill = PatternFill("solid", fgColor=Color(indexed=31))
    sheet["C5"], sheet["C6"] = "theme", "pattern"
    sheet["C5"].fill = PatternFill("solid", fgColor=Color(theme=4, tint=0.5))
    sheet["C6"].fill = PatternFill("gray125", fgColor=RED, bgColor=GREEN)
    cells = read(book)["Introduction"].cells
    found = [cells[row, 3].colour for row in (2, 4, 5, 6)]
    assert found == ["FF9900", "indexed 31", "theme 4 tint 0.5", "00FF00"]


@pytest.mark.parametrize(
    ("operator", "formula", "value", "shown"),
    [
        ("equal", ['"R"'], "r", True),
        ("equal", ["$A$1"], "Outcome category", True),
        ("equal", ["A1"], "Outcome category", False),  # it moves with the cell, and is left alone
        ("equal", ["TODAY()"], "R", False),
        ("notEqual", ["1"], 2, True),
        ("between", ["1", "3"], 2, True),
        ("between", ["3", "1"], 2, True),
        ("notBetween", ["1", "3"], 2, False),
        ("lessThan", ["3"], 3, False),
        ("lessThanOrEqual", ["3"], 3, True),
        ("greaterThan", ["3"], 3, False),
        ("greaterThanOrEqual", ["3"], 3, True),
    ],
)
def test_colours_that_rules_give(book, read, operator, formula, value, shown):
    sheet = book.build()["Crime"]
    sheet["A1"], sheet["Z9"] = "Outcome category", value
    rule = CellIsRule(operator=operator, formula=formula, fill=PatternFill("solid", bgColor=GREEN))
    sheet.conditional_formatting.add("Y8:Z10", rule)
    assert read(book)["Crime"].cells[9, 26].shown_colour == ("00FF00" if shown else "")


def test_the_first_rule_wins(book, read):
    sheet = book.build()["Crime"]
    sheet["Z9"] = 2
    for colour in (RED, GREEN):
        rule = CellIsRule(operator="equal", formula=["2"], fill=PatternFill("solid", bgColor=colour))
        sheet.conditional_formatting.add("Z9", rule)
    assert read(book)["Crime"].cells[9, 26].shown_colour == "FF0000"


def test_grades_are_coloured_by_rules(book, read):
    assert read(book)["Crime"].cells[3, 18].shown_colour == "FF0000"
    assert read(book)["Crime"].cells[3, 18].colour == ""

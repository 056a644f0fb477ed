"""Tables and columns are found by their headings, wherever they stand; what is missing is told at once."""

import pytest

from communitybudget._core.errors import WorkbookError
from communitybudget.parameters import import_ucd
from workbook_builders import TOP, Book


@pytest.fixture
def book():
    return Book()


@pytest.fixture
def read(tmp_path):
    return lambda book: import_ucd(book.save(tmp_path / "costs.xlsx"))


@pytest.fixture
def usual(tmp_path):
    return import_ucd(Book().save(tmp_path / "usual.xlsx")).to_frame().drop(columns="row")


def test_columns_may_have_moved(book, read, usual):
    book.order.reverse()
    # the heading of a group stands over its first column
    for kind in ("fiscal", "economic", "social"):
        book.top[f"{kind}_uprated"] = book.top[kind]
    book.top["agency_2"], book.top["changes"] = book.top["agency_1"], book.top["revision"]
    assert read(book).to_frame().drop(columns="row").equals(usual)


def test_headings_may_stand_further_down(book, read, usual):
    book.first_row = 6
    assert read(book).to_frame().drop(columns="row").equals(usual)


def test_case_spaces_and_signs_do_not_matter(book, read, usual):
    book.top = {name: text.upper().replace(" ", "  ").replace("/", " - ") for name, text in book.top.items()}
    book.below = {name: f" {text.lower()} " for name, text in book.below.items()}
    assert read(book).to_frame().drop(columns="row").equals(usual)


def test_one_row_of_headings_is_enough(book, read, usual):
    for name, text in book.below.items():
        book.top[name] = (
            f"{TOP[name.partition('_')[0]]}: {text}" if "cost/" in text or text == "Year" else text
        )
    book.top |= {"agency_1": "Agency: level 1", "agency_2": "Agency: level 2"}
    book.below = {}
    assert read(book).to_frame().drop(columns="row").equals(usual)


def test_every_missing_column_is_told_at_once(book, read):
    for name in ("unit", "rag"):
        book.order.remove(name)
    book.with_deflators = False
    with pytest.raises(WorkbookError) as caught:
        read(book)
    assert str(caught.value).splitlines() == [
        "costs.xlsx: no sheet has a table of deflators, with the headings Year, GDP cumulative; "
        "choose the workbook of the Unit Cost Database",
        *(
            f"costs.xlsx:2 sheet '{sheet}': has no column '{heading}'; give the column its heading back"
            for sheet in ("Crime", "Health")
            for heading in ("Unit", "RAG assessment")
        ),
    ]


def test_columns_one_can_do_without_are_listed(book, read):
    for name in ("comment", "social", "social_year", "social_uprated"):
        book.order.remove(name)
    found = [d for d in read(book).defects if d.kind == "not_found" and d.sheet == "Crime"]
    assert [d.what for d in found] == [
        "the column 'Social value, estimated' was not found",
        "the column 'Social value, year' was not found",
        "the column 'Social value, updated' was not found",
        "the column 'Comment' was not found",
    ]


def test_sheets_that_are_not_there_are_listed(book, read):
    book.licence = "All rights reserved"
    found = [d.what for d in read(book).defects if d.kind == "not_found"]
    assert "the sheet 'Fire' was not found" in found
    assert "the sheet 'Crime' was not found" not in found
    assert "the licence was not found" in found


def test_a_theme_may_stand_in_the_category(book, read):
    book.rows["Costs"] = [{**row, "category": "CRIME"} for row in book.rows.pop("Crime")]
    found = read(book)
    assert {e.topic for e in found.entries if e.sheet == "Costs"} == {"crime"}
    assert "the sheet 'Crime' was not found" not in [d.what for d in found.defects]


def test_a_heading_that_is_there_twice(book, read):
    book.top["comment"] = "Unit"
    with pytest.raises(WorkbookError, match=r"has the heading 'Unit' twice, in columns E and S; rename one"):
        read(book)


def test_deflators_without_stored_results(book, read):
    book.years = dict.fromkeys(book.years, "=1+1")
    with pytest.raises(WorkbookError, match=r"has no years with a stored index; open the workbook"):
        read(book)


def test_rows_that_only_feed_lists_are_no_unit_costs(book, read):
    """The database keeps the choices of its lists below each table: years and grades without a code."""
    sheet = book.build()["Crime"]
    sheet["A40"], sheet["I40"], sheet["R40"] = "Do not delete rows", "2015/16", "R"
    assert len(read(book).entries) == 6


def test_title_and_introduction(book, read):
    found = read(book)
    assert found.title == "Unit Cost Database (v.9.1)"
    assert found.layout.introduction == (book.title, book.licence)

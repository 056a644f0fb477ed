"""Each kind of defect, planted in a workbook that has none, and told with its place and its remedy."""

import pytest
from openpyxl.styles import PatternFill

from communitybudget.parameters import import_ucd
from communitybudget.parameters.workbook_defects import DEFECT_KINDS
from workbook_builders import GREEN, TO, Book, rewrite_part


@pytest.fixture
def read(tmp_path):
    return lambda book: import_ucd(book.save(tmp_path / "costs.xlsx"))


def defects(found, kind):
    return [(d.sheet, d.row, d.code, d.what) for d in found.defects if d.kind == kind]


def own(found):
    """Kinds of defect beside the sheets that the small workbook does without."""
    return {kind for kind, count in found.counts().items() if count} - {"not_found"}


def test_the_small_workbook_has_none(read):
    assert own(read(Book())) == set()


@pytest.mark.parametrize(
    ("code", "changes", "kind", "said"),
    [
        ("CR1.1", {"label": None}, "label_missing", "does not say what it is"),
        ("CR1.1", {"source": None}, "source_missing", "has no source"),
        ("CR1.1", {"unit": " "}, "unit_missing", "the unit is blank"),
        ("CR1.1", {"unit": "Per lamp"}, "unit_unknown", "'Per lamp' is not in the map of units"),
        ("CR1.1", {"unit": "Each"}, "unit_not_settled", "it can be per_action or per_application or"),
        ("CR1.1", {"agency_1": None}, "agency_missing", "nobody is named who bears"),
        (
            "CR1.1",
            {"agency_1": "Zoo", "agency_2": "Bears"},
            "agency_unknown",
            "'Zoo / Bears' is not in the map",
        ),
        ("CR1.1", {"agency_2": "RSL"}, "agency_not_settled", "it can be housing_provider or local_authority"),
        ("CR1.1", {"fiscal": "35 or so"}, "value_not_usable", "in H6 is '35 or so' and no number"),
        ("CR1.1", {"fiscal": -35}, "value_not_usable", "is -35, below nil; it is left out"),
        ("CR1.1", {"fiscal": 1e300}, "value_not_usable", "is 1e+300, beyond all bounds; it is left out"),
        ("HE1.0", {"fiscal": None}, "value_missing", "has no fiscal, economic or social value"),
        ("HE1.0", {"fiscal_year": None}, "price_year_missing", "the fiscal value has no price year"),
        ("HE1.0", {"fiscal_year": "2013"}, "price_year_unreadable", "'2013' is no financial year"),
        ("HE1.0", {"fiscal_year": 2013}, "price_year_unreadable", "'2013' is no financial year"),
        ("HE1.0", {"fiscal_year": "1999/00"}, "price_year_not_covered", "do not cover 1999-00"),
        ("HE1.0", {"rag": None}, "rag_missing", "the grade is blank"),
        ("HE1.0", {"rag": "B"}, "rag_unknown", "'B' is no grade"),
        ("CR1.1", {"code": "CR3.7"}, "parent_missing", "its parent CR3.0 is not there"),
        ("CR1.1", {"code": "other"}, "code_unreadable", "'other' cannot be read as a code"),
        ("CR1.1", {"code": None}, "code_blank", "do not leave only one; its key is row@crime_6"),
        ("CR1.0.1", {"code": None}, "code_blank", "CR1.0.1 is the one missing between its neighbours"),
        (
            "CR1.1",
            {"outline": 0},
            "outline_differs",
            "the outline shows it as headline, its code as subsidiary",
        ),
        ("CR1.0.2", {"fiscal": 190}, "does_not_reconcile", "500 against 490 of its 2 constituents, -2.00%"),
    ],
)
def test_one_planted(read, code, changes, kind, said):
    book = Book()
    book.row(code).update(changes)
    found = read(book)
    # what cannot be uprated shows an error in its uprated cell
    assert own(found) - {"error_value"} == {kind}
    (defect,) = [d for d in found.defects if d.kind == kind]
    assert said in defect.what
    assert defect.remedy
    assert defect.row > 2


def test_amounts_of_less_than_one_per_cent_apart_reconcile(read):
    book = Book()
    book.row("CR1.0.2")["fiscal"] = 204.9
    assert own(read(book)) == set()
    book = Book()
    book.row("CR1.0.2")["fiscal"] = 205
    assert own(read(book)) == {"does_not_reconcile"}


def test_an_agency_is_only_missed_beside_a_fiscal_value(read):
    book = Book()
    book.row("CR1.1").update(agency_1=None, fiscal=None)
    assert own(read(book)) == set()


def test_a_code_that_is_there_twice(read):
    book = Book()
    book.add("Crime", "CR1.1", label="Lamp lent", fiscal=1, economic=None, social=None)
    found = read(book)
    assert defects(found, "code_duplicate") == [
        ("Crime", 7, "CR1.1", "the code stands in row 6 of Crime too; the key here is CR1.1@crime_7")
    ]


def test_the_second_of_two_headlines_is_not_compared_with_the_parts(read):
    book = Book()
    book.add("Crime", "CR1.0", label="Lamp broken again", fiscal=9)
    assert own(read(book)) == {"code_duplicate"}


def test_a_sheet_without_groups(read):
    book = Book()
    book.outlined = False
    found = defects(read(book), "outline_missing")
    assert [sheet for sheet, *_ in found] == ["Crime", "Health"]


def test_the_same_entry_in_two_places(read):
    book = Book()
    book.add("Health", "CR1.1", code="HE1.2", economic_year="2013/14", social=None)
    found = read(book)
    assert own(found) == {"repeated_entry", "unit_not_settled"}
    assert [what for *_, what in defects(found, "repeated_entry")] == [
        "fiscal 35.5 in 2010/11 prices stands at CR1.1 too, under the same label",
        "economic 12 in 2013/14 prices stands at CR1.1 too, under the same label in 2010/11 prices",
    ]


def test_the_same_value_under_another_label(read):
    book = Book()
    book.add("Crime", "CR1.1", code="CR1.2", label="Lamp lost", economic=None, social=None)
    book.add("Crime", "CR1.1", code="CR1.3", label="Lamp lent", unit="Per case", economic=None, social=None)
    assert defects(read(book), "repeated_value") == [
        ("Crime", 7, "CR1.2", "fiscal 35.5 in 2010/11 prices stands at CR1.1 too")
    ]


def test_a_grade_whose_colour_says_something_else(read):
    book = Book()
    book.row("CR1.1")["rag"] = "Amber"  # no rule colours this wording
    book.build()["Crime"]["R6"].fill = PatternFill("solid", fgColor=GREEN)
    assert defects(read(book), "rag_colour_differs") == [
        ("Crime", 6, "CR1.1", "the cell says amber, its colour green; the word is followed")
    ]


class TestFormulas:
    def test_a_stored_result_that_is_not_that_of_the_formula(self, read):
        book = Book()
        book.build()
        book.stored["Crime", book.place("Crime", "CR1.0", "fiscal_uprated")] = 700.0
        found = read(book)
        assert own(found) == {"uprated_differs", "formula_differs"}
        assert defects(found, "formula_differs") == [
            ("Crime", 3, "CR1.0", "J3: shows 700; the formula gives 750")
        ]
        assert defects(found, "uprated_differs") == [
            ("Crime", 3, "CR1.0", "the fiscal value in 2015-16 prices is 700 and not 750")
        ]

    def test_an_uprated_value_typed_over_its_formula(self, read):
        book = Book()
        book.build()["Crime"]["J3"] = 740
        assert own(read(book)) == {"uprated_differs"}

    def test_a_workbook_that_was_never_calculated(self, read):
        book = Book()
        book.with_stored = False
        found = read(book)
        assert own(found) == {"formula_without_value"}
        assert found.counts()["formula_without_value"] == 7 + 1 + 4
        # a figure that is not stored is not made up
        assert "HE1.1" not in set(found.to_frame()["key"])

    def test_a_formula_that_is_not_known(self, read):
        book = Book()
        book.build()["Introduction"]["A9"] = "=TODAY()"
        found = read(book)
        assert defects(found, "formula_not_checked") == [
            ("Introduction", 9, "", "A9: the function TODAY is not known here")
        ]

    def test_cells_that_show_an_error(self, read):
        book = Book()
        sheet = book.build()["Crime"]
        sheet["Z3"], sheet["Z4"] = "=1/0", "#REF!"
        book.stored["Crime", "Z3"] = "#DIV/0!"
        assert defects(read(book), "error_value") == [
            ("Crime", 3, "CR1.0", "Z3: shows #DIV/0!"),
            ("Crime", 4, "CR1.0.1", "Z4: shows #REF!"),
        ]


def test_a_label_without_code_and_amount_is_told(read):
    book = Book()
    book.build()["Crime"]["D9"] = "To follow"
    assert [row for _, row, *_ in defects(read(book), "row_not_read")] == [9]


def test_what_stands_below_a_merged_range_is_told(tmp_path):
    path = Book().save(tmp_path / "costs.xlsx")
    merged = b'<mergeCells count="1"><mergeCell ref="S3:T3"/></mergeCells>'
    text = b'<c r="T3" t="inlineStr"><is><t>unseen</t></is></c></row>'

    def change(content):
        head, _, rest = content.partition(b'<row r="3"')
        row, _, tail = rest.partition(b"</row>")
        return head + b'<row r="3"' + row + text + tail.replace(b"</sheetData>", b"</sheetData>" + merged)

    found = import_ucd(rewrite_part(path, "xl/worksheets/sheet2.xml", change))
    assert [what for *_, what in defects(found, "cell_under_merge")] == [
        "something stands in T3, below a merged range, and cannot be read"
    ]


def test_the_year_of_the_deflators_may_be_unknown(read):
    book = Book()
    book.build()["Lookups"]["K11"] = "soon"
    found = read(book)
    assert found.layout.deflators.current_year == ""
    assert TO not in found.to_frame()["uprated_to"].tolist()


def test_every_kind_says_what_it_lists():
    assert all(text[0].isupper() and not text.endswith(".") for text in DEFECT_KINDS.values())

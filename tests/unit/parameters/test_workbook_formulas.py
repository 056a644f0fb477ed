"""Formulas evaluated anew, as a spreadsheet does it, and those that are left alone."""

import math

import pytest

from communitybudget.parameters import workbook_formulas
from communitybudget.parameters.workbook_formulas import Evaluator, NotEvaluated, agree, compare

SHEET = {
    **{(1, 1): 500, (2, 1): 2.5, (3, 1): "text", (4, 1): True, (5, 1): "#N/A"},
    **{(1, 2): "2002/03", (2, 2): "2010/11", (1, 3): 100.0, (2, 3): 120.0},
}


@pytest.fixture
def book():
    return Evaluator({"Costs": SHEET, "It's here": {(1, 1): 7}})


@pytest.mark.parametrize(
    ("formula", "result"),
    [
        ("=538.2/3*2", 358.8),
        ("=1+2*3", 7),
        ("=(1+2)*3", 9),
        ("=2^3", 8),
        ("=-2^2", 4),  # a spreadsheet signs first
        ("=10%", 0.1),
        ("=A1-A2*2", 495),
        ("=$A$1/4", 125),
        ("=Costs!A1", 500),
        ("='It''s here'!A1+1", 8),
        ("=SUM(A1:A4)", 502.5),
        ("=SUM(A1,A2,1)", 503.5),
        ("=AVERAGE(A1:A2)", 251.25),
        ("=MIN(A1:A2)", 2.5),
        ("=MAX(A1:A2)", 500),
        ("=PRODUCT(A1:A2)", 1250),
        ("=ROUND(A2,0)", 3),
        ("=ROUND(-A2,0)", -3),
        ("=ABS(-3)", 3),
        ('=IF(A1>0,"yes","no")', "yes"),
        ("=IF(A9>0,1)", False),
        ('=IF(A9>0,1/0,"")', ""),
        ('=IF(A3="TEXT",1,2)', 1),
        ('=VLOOKUP("2010/11",$B$1:$C$2,2,0)', 120),
        ("=VLOOKUP(B1,B1:C2,2,FALSE)", 100),
        ('=VLOOKUP("1999/00",B1:C2,2,0)', "#N/A"),
        ("=VLOOKUP(B1,B1:C2,9,0)", "#REF!"),
        ('=IFERROR(1/0,"none")', "none"),
        ("=IFERROR(4,1/0)", 4),
        ("=1/0", "#DIV/0!"),
        ("=A3+1", "#VALUE!"),
        ("=A5+1", "#N/A"),
        ("=A5", "#N/A"),
        ("=A9", None),
        ("=A9+1", 1),
        ('="a"&1', "a1"),
        ("=1<>2", True),
        ("= A1 + 1", 501),
        ("=(-8)^0.5", "#NUM!"),
        ("=SUM(A1:A1)", 500),
        ('=IF(SUM(A1:A2)>(1+1),"a,b)","c")', "a,b)"),
    ],
)
def test_what_is_known(book, formula, result):
    found = book.evaluate(formula, "Costs")
    assert agree(found, float(result) if type(result) is int else result), found


@pytest.mark.parametrize(
    "formula",
    [
        "=TODAY()",
        "=[1]weekly!A1",
        "=Nowhere!A1",
        "=Year",
        "=VLOOKUP(1,A1:B2,2,1)",
        "=SUM(A1:A2",
        "=1+",
        "=(1",
        "=1 2",
        "=A1:A2+1",
        "={1,2}",
        "=IF(1)",
        "=ROUND(1)",
        "=IFERROR(1)",
        "=LOG10(5)",
        "=" + "(" * 500 + "1" + ")" * 500,
        "=" + "1+" * 5000 + "1",
        "=1E308*10*ROUND(1E308*10,0)",
        "=10^308*SUM(1E308,1E308)",
        "{=SUM(A1:A2)}",
    ],
)
def test_what_is_left_alone(book, formula):
    with pytest.raises(NotEvaluated):
        book.evaluate(formula, "Costs")


def test_formulas_may_not_look_at_everything(monkeypatch):
    monkeypatch.setattr(workbook_formulas, "MOST_LOOKED_AT", 1_000)
    book = Evaluator({"Costs": {(row, 1): 1.0 for row in range(1, 401)}})
    assert book.evaluate("=SUM(A1:A400)", "Costs") == 400
    assert book.evaluate("=SUM(A1:A1048576)", "Costs") == 400
    with pytest.raises(NotEvaluated, match="too many cells"):
        book.evaluate("=SUM(A1:A400)", "Costs")


def test_formulas_may_not_be_longer_than_a_book(monkeypatch):
    monkeypatch.setattr(workbook_formulas, "MOST_LETTERS_TOGETHER", 10)
    book = Evaluator({"Costs": {}})
    assert book.evaluate("=1+1+1", "Costs") == 3
    with pytest.raises(NotEvaluated, match="too long, or there are too many"):
        book.evaluate("=1+1+1", "Costs")


def test_blank_and_empty_text_are_the_same():
    assert agree("", None)
    assert not agree(0.0, None)
    assert not agree(True, 1.0)
    assert agree(1 / 3, 0.333333333333)
    assert not agree(math.inf, 1.0)


def test_order_is_that_of_a_spreadsheet():
    assert compare(2, "1") == -1
    assert compare("b", "A") == 1
    assert compare(None, 0) == 0
    assert compare("", None) == 0
    assert compare(True, "zzz") == 1

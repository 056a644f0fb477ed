import numpy as np
import pytest
from numpy.testing import assert_allclose

from communitybudget.ledger import BudgetError, budget_lines, read_budget
from communitybudget.parameters import PriceIndex

HEAD = "agency,line,year,amount"


@pytest.fixture
def write(tmp_path):
    def build(text):
        path = tmp_path / "budget.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return build


def rising():
    return PriceIndex("ours", {"2024-25": 1.0, "2025-26": 1.1, "2026-27": 1.21}, "us", "assumption")


def test_outturn_comes_to_the_prices_of_the_case_and_carries_on_in_real_terms(write):
    row = 'local_authority,Placements,2025-26,"1,100",Foster care;Homes,110'
    rows = read_budget(write(f"{HEAD},covers,planned_saving\n{row}\n"))
    (line,) = budget_lines(rows, ("2024-25", "2025-26", "2026-27"), "2024-25", rising())
    assert_allclose(line.outturn, [1000, 1000, 1000])
    assert_allclose(line.planned_saving, [np.nan, 100, np.nan])
    assert line.covers == ("Foster care", "Homes")


def test_each_year_takes_its_own_outturn_and_then_the_last(write):
    text = f"{HEAD},price_base\nnhs,Wards,2025-26,100,2024-25\nnhs,Wards,2026-27,300,2024-25\n"
    years = ("2024-25", "2025-26", "2026-27", "2027-28")
    (line,) = budget_lines(read_budget(write(text)), years, "2024-25", rising())
    assert_allclose(line.outturn, [100, 100, 300, 300])


def test_every_fault_has_its_line_and_remedy(write):
    text = (
        f"{HEAD},price_base,planned_saving\n"
        "council,Homes,2025-26,10,,\n"
        "nhs,,2025,ten,,\n"
        "nhs,Wards,2025-26,,,\n"
        "nhs,Wards,2026-27,100,2024,200\n"
        "nhs,Beds,2026-27,-5,,\n"
    )
    with pytest.raises(BudgetError) as raised:
        read_budget(write(text))
    told = str(raised.value)
    for words in (
        "budget.csv:2 Homes: 'council' is no agency",
        "budget.csv:3: the row names no budget line; name it",
        "year is '2025' and no financial year",
        "amount is 'ten' and no number",
        "budget.csv:4 Wards: the amount is blank; unknown is not zero",
        "price_base is '2024' and no financial year",
        "the planned saving of 200 is more than the budget of 100; nobody can save more than is spent",
        "budget.csv:6 Beds: amount is negative",
    ):
        assert words in told


def test_the_same_year_twice_and_a_line_held_twice(write):
    text = f"{HEAD},covers\nnhs,Wards,2025-26,1,\nnhs,Wards,2025-26,2,\nnhs,Beds,2025-26,3,Wards\n"
    with pytest.raises(BudgetError) as raised:
        read_budget(write(text))
    assert "2025-26 is there twice (first on line 2)" in str(raised.value)
    assert "Beds: covers 'Wards', as 'Wards' does (line 2)" in str(raised.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "has no rows"),
        ("agency,line,year\nnhs,Wards,2025-26\n", "has no column amount"),
        (f"{HEAD},colour\nnhs,Wards,2025-26,1,red\n", "a column 'colour' that is not known"),
    ],
)
def test_a_file_that_is_no_budget(write, text, words):
    with pytest.raises(BudgetError, match=words):
        read_budget(write(text))


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(BudgetError, match="is not there"):
        read_budget(tmp_path / "none.csv")


def test_a_year_outside_the_index_is_told_with_its_line(write):
    rows = read_budget(write(f"{HEAD}\nnhs,Wards,1950-51,1\n"))
    with pytest.raises(BudgetError, match=r"budget.csv:2 Wards"):
        budget_lines(rows, ("2024-25",), "2024-25", rising())

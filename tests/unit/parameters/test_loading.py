"""Sets that somebody has broken: everything is reported at once, with file and line."""

import pytest

from communitybudget._core.errors import ParameterNotFound, ParameterSetError
from communitybudget.parameters import ParameterSet
from communitybudget.parameters.tables import COMMON_COLUMNS, number, read_rows

LETTER = "unit_cost.CR1.2,Warning letter sent over anti-social behaviour,66,,,,,GBP per_action,2006-07,"


def faults_of(folder):
    with pytest.raises(ParameterSetError) as caught:
        ParameterSet.load(folder)
    return [str(fault) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (",66,,,,,", ",,,,,,", "the value is blank; unknown is not zero"),
        (",66,,,,,", ",sixty,,,,,", "'sixty'"),
        (",66,,,,,", ",nan,,,,,", "'nan' is not a number"),
        (",66,,,,,", ",1e999,,,,,", "'1e999' is not a number"),
        (",66,,,,,", ",66,50,,,,", "low and high go together"),
        (",66,,,,,", ",66,50,80,,,", "say what low and high are"),
        (",66,,,,,", ",66,70,80,ci95,,", "do not ascend"),
        ("GBP per_action", "", "has no unit"),
        ("2006-07", "", "needs a price_base"),
        ("2006-07", "2006", "'2006' is not a financial year"),
    ],
)
def test_a_row_that_cannot_be_used(edit, old, new, what):
    (fault,) = faults_of(edit("unit_costs.csv", LETTER, LETTER.replace(old, new)))
    assert fault.startswith("unit_costs.csv:4 unit_cost.CR1.2: ")
    assert what in fault
    assert fault.endswith("; correct the row")


def test_a_source_that_nobody_cites(edit):
    (fault,) = faults_of(edit("benchmarks.csv", "gov_uk_2011_news_pq_7919", "a_friend"))
    assert fault == (
        "benchmarks.csv:4 benchmark.family_year_national_claim: "
        "the source 'a_friend' is not in sources.yaml; add its citation there"
    )


def test_a_key_that_is_there_twice(edit):
    (fault,) = faults_of(edit("unit_costs.csv", "unit_cost.CR1.3,", "unit_cost.CR1.2,"))
    assert fault == "unit_costs.csv:5 unit_cost.CR1.2: is there twice; keep one row or rename it"


def test_a_key_that_is_in_two_tables(edit):
    (fault,) = faults_of(edit("delivery.csv", "delivery.engagement,", "benchmark.family_year_most_complex,"))
    assert "delivery.csv:14 benchmark.family_year_most_complex: is there twice" in fault


@pytest.mark.parametrize("column", COMMON_COLUMNS)
def test_a_column_that_is_missing(england_copy, column):
    table = england_copy / "benchmarks.csv"
    header, rows = table.read_text(encoding="utf-8").split("\n", 1)
    names = ["another" if name == column else name for name in header.split(",")]
    table.write_text(",".join(names) + "\n" + rows, encoding="utf-8")
    assert faults_of(england_copy) == [f"benchmarks.csv:1: has no column {column}; add the missing columns"]


def test_everything_is_reported_at_once(edit):
    edit("unit_costs.csv", LETTER, LETTER.replace(",66,", ",,"))
    edit("unit_costs.csv", "unit_cost.CR1.4.1,", "unit_cost.CR1.4,")
    edit("effects.csv", "19 to 24 months,0.908537,0.694104,", "19 to 24 months,0.908537,9,")
    edit("benchmarks.csv", "gov_uk_2011_news_pq_7919", "a_friend")
    found = faults_of(edit("delivery.csv", 'of those offered",0.8,', 'of those offered",x,'))
    assert [fault.split(": ")[0] for fault in found] == [
        "benchmarks.csv:4 benchmark.family_year_national_claim",
        "delivery.csv:14 delivery.engagement",
        "effects.csv:8 effect.tfp_jsa",
        "unit_costs.csv:4 unit_cost.CR1.2",
        "unit_costs.csv:7 unit_cost.CR1.4",
    ]


def test_a_fault_in_the_yaml_says_where(edit):
    (fault,) = faults_of(edit("set.yaml", "version: 0.5.0", "version: 0.5.0\nname: other"))
    assert fault.startswith("set.yaml:3:1 name: is there twice (first on line 1)")


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("indices/gdp_deflators.csv", "2022-23,94.5981", "2022-23,abc"),
        ("rules/default_spread.csv", "amber,0.2,", "amber,x,"),
        ("set.yaml", "version: 0.5.0\n", ""),
        ("set.yaml", "index: derived_2025_12_financial", "index: derived_2025_13_financial"),
        ("set.yaml", "  rate: 0.02\n", ""),
    ],
)
def test_a_fault_outside_the_tables_is_reported_too(edit, file, old, new):
    (fault,) = faults_of(edit(file, old, new))
    assert fault.startswith(file.rsplit("/")[-1]) or fault.startswith(file)


def test_a_table_in_another_encoding_is_reported(england_copy):
    table = england_copy / "benchmarks.csv"
    table.write_bytes(table.read_text(encoding="utf-8").replace("9bn", "£9bn").encode("cp1252"))
    assert "benchmarks.csv" in faults_of(england_copy)[0]


def test_an_unquoted_comma_is_reported(edit):
    folder = edit(
        "benchmarks.csv", ",2026-11-24,One case study; price", ",2026-11-24,One, case, study; price"
    )
    assert "benchmarks.csv:8" in faults_of(folder)[0]


def test_a_folder_without_a_set(tmp_path):
    with pytest.raises(ParameterNotFound, match=r"give the path of a folder that holds a set\.yaml"):
        ParameterSet.load(tmp_path)


def test_a_set_is_loaded_from_any_folder(england, england_copy):
    assert ParameterSet.load(england_copy).parameters == england.parameters
    assert ParameterSet.load(str(england_copy)) == ParameterSet.load(england_copy)


def test_cells_are_stripped_and_lines_counted(tmp_path):
    table = tmp_path / "a.csv"
    table.write_bytes(b'\xef\xbb\xbfkey,value\r\n a ,"1 "\r\n"b\nc",2\r\nd\r\n')
    assert list(read_rows(table)) == [
        (2, {"key": "a", "value": "1"}),
        (4, {"key": "b\nc", "value": "2"}),
        (5, {"key": "d", "value": ""}),
    ]


@pytest.mark.parametrize(
    ("text", "value"), [("", None), ("0", 0.0), ("£1,234.50", 1234.5), ("-3", -3.0), ("1e-3", 0.001)]
)
def test_a_blank_cell_is_unknown_and_not_zero(text, value):
    assert number(text) == value

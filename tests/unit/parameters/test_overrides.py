"""Local figures in a file of their own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from communitybudget._core.errors import ParameterSetError
from communitybudget.parameters import ParameterSet, apply_overrides, read_overrides

HEADER = "key,value,value_type,price_base,low,high,interval,sd,reason,source,mark,reviewed\n"
FOSTER = "unit_cost.SS2.0,812,fiscal,2025-26,700,900,range,,2025-26 outturn,finance ledger,local,2026-06-01\n"


@pytest.fixture
def write(tmp_path):
    def writer(*rows, header=HEADER):
        path = tmp_path / "prices.csv"
        path.write_text(header + "".join(rows), encoding="utf-8")
        return path

    return writer


def faults_of(make):
    with pytest.raises(ParameterSetError) as caught:
        make()
    return str(caught.value).splitlines()


class TestReading:
    def test_a_row_with_its_passport(self, write):
        (row,) = read_overrides(write(FOSTER))
        assert (row.key, row.value, row.low, row.high) == ("unit_cost.SS2.0", 812, 700, 900)
        assert (row.reason, row.source, row.mark) == ("2025-26 outturn", "finance ledger", "local")
        assert (row.file, row.line) == ("prices.csv", 2)

    def test_three_columns_are_enough(self, write):
        (row,) = read_overrides(write("cohort.all.renting,0.9,a count\n", header="key,value,reason\n"))
        assert (row.value, row.price_base, row.low) == (0.9, "", None)

    def test_empty_lines_are_passed_over(self, write):
        assert len(read_overrides(write(FOSTER, ",,,,,,,,,,,\n"))) == 1

    @pytest.mark.parametrize(
        ("rows", "what"),
        [
            (["unit_cost.SS2.0,,,2025-26,,,,,x,,,\n"], "prices.csv:2 unit_cost.SS2.0: the value is blank"),
            (["unit_cost.SS2.0,dear,,2025-26,,,,,x,,,\n"], "value is 'dear' and no number"),
            (["unit_cost.SS2.0,8,,2025-26,,,,,,,,\n"], "has no reason"),
            ([",8,,2025-26,,,,,x,,,\n"], "prices.csv:2: the row names no key"),
            ([FOSTER, FOSTER], "prices.csv:3 unit_cost.SS2.0: is there twice (first on line 2)"),
            ([], "has no rows"),
        ],
    )
    def test_what_cannot_be_read(self, write, rows, what):
        (fault,) = faults_of(lambda: read_overrides(write(*rows)))
        assert what in fault
        assert "; " in fault

    def test_unknown_columns_are_named_with_the_nearest(self, write):
        path = write("a,1,2\n", header="key,valeu,reason\n")
        found = faults_of(lambda: read_overrides(path))
        assert found == [
            "prices.csv:1: has a column 'valeu' that is not known; did you mean 'value' or 'value_type'?",
            "prices.csv:1: has no column value; add it",
        ] or found[::-1][0].startswith("prices.csv:1")

    def test_a_file_that_is_not_there(self, tmp_path):
        (fault,) = faults_of(lambda: read_overrides(tmp_path / "no.csv"))
        assert fault == "no.csv: is not there; correct the name, or leave it out"


class TestApplying:
    def test_as_one_by_one(self, england, write):
        local = england.override_from(write(FOSTER))
        by_hand = england.override(
            "unit_cost.SS2.0",
            812,
            reason="2025-26 outturn",
            value_type="fiscal",
            price_base="2025-26",
            low=700,
            high=900,
            interval="range",
            source="finance ledger",
            mark="local",
            reviewed="2026-06-01",
        )
        assert local.parameters == by_hand.parameters
        assert [o.key for o in local.overrides] == ["unit_cost.SS2.0"]

    def test_the_passport_is_the_local_one(self, england, write):
        row = england.override_from(write(FOSTER))["unit_cost.SS2.0"]
        assert (row.source, row.source_detail, row.reviewed) == ("finance ledger", "", "2026-06-01")
        assert row.overridden

    def test_one_of_several_values(self, england, write):
        local = england.override_from(write("unit_cost.E&E1.0,15000,economic,2015-16,,,,,a study,,,\n"))
        assert local["unit_cost.E&E1.0[economic]"].value == 15_000
        assert local["unit_cost.E&E1.0"].value == 9_800

    def test_every_fault_at_once(self, england, write):
        path = write(
            "unit_cost.SS99,8,,2025-26,,,,,x,,,\n",
            "unit_cost.SS2.0,8,,,,,,,x,,,\n",
            "unit_cost.SS3.0,8,,2025-26,9,10,range,,x,,,\n",
        )
        found = faults_of(lambda: england.override_from(path))
        assert [fault.split(": ")[0] for fault in found] == [
            "prices.csv:2 unit_cost.SS99",
            "prices.csv:3 unit_cost.SS2.0",
            "prices.csv:4 unit_cost.SS3.0",
        ]
        assert "there is no parameter" in found[0]
        assert "price_base" in found[1]
        assert "do not ascend" in found[2]

    @given(st.lists(st.floats(1, 1e6), min_size=1, max_size=5, unique=True))
    def test_the_last_figures_stand_and_others_are_untouched(self, values):
        england = ParameterSet.load()
        keys = ["unit_cost.SS2.0", "unit_cost.SS3.0", "unit_cost.CR3.0", "unit_cost.CR9.0", "unit_cost.HO4.4"]
        local = england
        for key, value in zip(keys, values, strict=False):
            local = local.override(key, value, price_base="2025-26", reason="a test")
        for key, value in zip(keys, values, strict=False):
            assert local[key].value == value
        changed = set(england.diff(local)["key"])
        assert changed == set(keys[: len(values)])


def test_no_rows_change_nothing(england):
    assert apply_overrides(england, ()) is england

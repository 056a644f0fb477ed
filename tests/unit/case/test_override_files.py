"""Override files beside a case."""

import pytest

from communitybudget._core.errors import CaseFileError
from communitybudget.case import Appraisal, Case, appraise

PRICES = "key,value,price_base,reason,source\nunit_cost.E&E1.6,90,2024-25,contract,ledger\n"


@pytest.fixture
def beside(tmp_path, small):
    """A small case in a folder with local prices."""

    def make(text=PRICES, name="prices.csv", files=("prices.csv",), **changes):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return Case.from_dict({**small, "override_files": list(files), **changes}, tmp_path)

    return make


def faults_of(make):
    with pytest.raises(CaseFileError) as caught:
        make()
    return str(caught.value).splitlines()


class TestReading:
    def test_its_figures_are_those_of_the_case(self, beside):
        row = beside().parameters["unit_cost.E&E1.6"]
        assert (row.value, row.reason, row.source, row.mark) == (90, "contract", "ledger", "local")

    def test_an_override_in_the_case_itself_stands(self, beside):
        own = {"unit_cost.E&E1.6": {"value": 95, "price_base": "2024-25", "reason": "newer"}}
        assert beside(overrides=own).parameters["unit_cost.E&E1.6"].value == 95

    def test_the_same_as_overrides_in_the_case(self, beside, small):
        inline = {
            "unit_cost.E&E1.6": {
                "value": 90,
                "price_base": "2024-25",
                "reason": "contract",
                "source": "ledger",
            }
        }
        in_file = appraise(beside(), draws=50, seed=1)
        in_case = appraise(Case.from_dict({**small, "overrides": inline}), draws=50, seed=1)
        assert in_file.to_frame().equals(in_case.to_frame())
        assert in_file.case_text == in_case.case_text


class TestFaults:
    def test_a_row_that_cannot_be_used_is_named_by_its_file_and_line(self, beside):
        found = faults_of(lambda: beside(PRICES + "unit_cost.SS99,8,2025-26,x,y\n"))
        assert found[0].startswith("prices.csv:3 unit_cost.SS99: there is no parameter")

    def test_a_file_that_is_not_there(self, beside):
        (fault,) = faults_of(lambda: beside(files=["others.csv"]))
        assert "override_files[0]: there is no file 'others.csv' in the folder of the case" in fault

    def test_a_file_outside_the_folder(self, beside):
        (fault,) = faults_of(lambda: beside(files=["../prices.csv"]))
        assert "lies outside the folder of the case" in fault

    def test_one_key_in_two_files(self, beside, tmp_path):
        (tmp_path / "more.csv").write_text(PRICES, encoding="utf-8")
        (fault,) = faults_of(lambda: beside(files=["prices.csv", "more.csv"]))
        assert fault == "more.csv:2 unit_cost.E&E1.6: is in prices.csv:2 too; keep one of the two"


class TestTaking:
    def test_there_and_back_through_its_file(self, beside, tmp_path):
        case = beside()
        case.to_file(tmp_path / "case.yaml")
        assert Case.from_file(tmp_path / "case.yaml") == case

    def test_a_result_needs_no_file_beside_it(self, beside, tmp_path):
        result = appraise(beside(), draws=40, seed=1)
        (tmp_path / "prices.csv").unlink()
        back = Appraisal.from_json(result.to_json())
        assert back.model.parameters["unit_cost.E&E1.6"].value == 90
        assert appraise(back.case, draws=40, seed=1) == result

    def test_self_contained_is_the_case_itself_without_files(self, small):
        case = Case.from_dict(small)
        assert case.self_contained() is case

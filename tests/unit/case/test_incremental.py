"""The incremental table of a case: its net is the net present value, and do-minimum is a key."""

from typing import Any

import pytest

from communitybudget._core.errors import CaseFileError, ParameterNotFound
from communitybudget.case import Appraisal, Case, appraise
from tests_builders import case_with_do_minimum


@pytest.fixture(scope="module")
def three() -> Appraisal:
    return appraise(Case.from_dict(case_with_do_minimum()), draws=60, seed=1)


@pytest.mark.parametrize("agency", ["all", "local_authority", "nhs", "dwp"])
@pytest.mark.parametrize("value", ["fiscal", "public_value"])
def test_net_is_the_net_present_value(three: Appraisal, agency: str, value: str) -> None:
    table = three.incremental(agency=agency, value=value)
    row = next(row for row in table.rows if row.option == "Support")
    assert row.over_business_as_usual.net == pytest.approx(three.npv("support", agency, value).mean())


def test_do_minimum_is_always_there_and_what_if_only_if_named(three: Appraisal) -> None:
    assert {row.option for row in three.incremental().rows} == {"Business as usual", "Support", "Least"}
    table = three.incremental(["half"])
    assert {row.option for row in table.rows} == {"Business as usual", "Half", "Least"}
    assert table.do_minimum == "Least"
    assert "seed 1 · 60 draws" in table.summary()


def test_what_is_not_there(three: Appraisal) -> None:
    with pytest.raises(ParameterNotFound, match="did you mean 'support'"):
        three.incremental(["suport"])
    with pytest.raises(ParameterNotFound, match="is no agency"):
        three.incremental(agency="polcie")
    with pytest.raises(ValueError, match="'all' is no case"):
        three.incremental(value="all")


def test_one_do_minimum_at_most(small: dict[str, Any]) -> None:
    support = small["options"][0]
    small["options"] = [{**support, "name": name, "do_minimum": True} for name in ("one", "two")]
    with pytest.raises(CaseFileError, match=r"options\[1\].do_minimum: 'one' is the do-minimum already"):
        Case.from_dict(small)

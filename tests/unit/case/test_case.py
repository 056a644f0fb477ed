"""A case and its file are one-to-one; an override is a new case with a reason."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from communitybudget._core.errors import ParameterNotFound, PriceBaseMismatch
from communitybudget.case import Case, CaseSpec, load_case
from communitybudget.parameters import ParameterSet, england_folder


def test_the_file_of_a_case_gives_the_case_back(hounslow: Case, tmp_path: Path) -> None:
    hounslow.to_file(tmp_path / "case.yaml")
    assert load_case(tmp_path / "case.yaml") == hounslow


@given(
    years=st.integers(1, 40),
    families=st.floats(0.5, 1e6),
    cost=st.floats(0, 1e6),
    name=st.text("abc:#'\"- \n£é{}[]&*!|>%@`", min_size=1).filter(str.strip),
)
def test_any_case_survives_its_file(years: int, families: float, cost: float, name: str) -> None:
    data = {
        "title": name,
        "start": "2024-25",
        "years": years,
        "price_base": "2023-24",
        "cohort": {"families": families, "profile": "medium_need"},
        "pathways": ["work"],
        "options": [
            {
                "name": "o",
                "label": name,
                "delivery": [
                    {"agency": "nhs", "item": name, "fixed": cost, "price_base": "2020-21", "source": name}
                ],
            }
        ],
    }
    case = Case.from_dict(data)
    assert Case.from_text(case.to_yaml()) == case


def test_an_override_is_a_new_case_with_a_reason(hounslow: Case) -> None:
    changed = hounslow.override(
        "unit_cost.residential_home_week", 6120, price_base="2025-26", reason="2025-26 outturn"
    )
    assert hounslow.spec.overrides == {}
    row = changed.parameters["unit_cost.residential_home_week"]
    assert (row.value, row.price_base, row.reason, row.overridden) == (
        6120,
        "2025-26",
        "2025-26 outturn",
        True,
    )
    assert Case.from_text(changed.to_yaml()).parameters["unit_cost.residential_home_week"] == row


def test_an_override_refuses_what_it_cannot_know(hounslow: Case) -> None:
    with pytest.raises(ParameterNotFound, match="residential_home_week"):
        hounslow.override("unit_cost.residential_home_weak", 1, reason="x")
    with pytest.raises(PriceBaseMismatch, match="price_base"):
        hounslow.override("unit_cost.residential_home_week", 1, reason="x")


def test_a_set_beside_the_case_can_be_named(small: dict, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(england_folder(), tmp_path / "ours")
    (tmp_path / "ours" / "set.yaml").write_text(
        (england_folder() / "set.yaml").read_text(encoding="utf-8").replace("name: england", "name: ours"),
        encoding="utf-8",
    )
    case = Case.from_dict({**small, "parameters": "ours"}, tmp_path)
    assert case.parameters.name == "ours"


def test_the_shipped_json_schema_is_that_of_the_models() -> None:
    import communitybudget.case

    shipped = Path(communitybudget.case.__file__).parent / "case.schema.json"
    assert json.loads(shipped.read_text(encoding="utf-8")) == CaseSpec.model_json_schema()


def test_repr_says_what_it_is(hounslow: Case) -> None:
    assert "england 0.5.0" in repr(hounslow)
    assert ParameterSet.load().version in repr(hounslow)

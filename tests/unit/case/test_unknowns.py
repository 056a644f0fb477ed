from collections.abc import Callable
from typing import Any

from communitybudget.case import Appraisal
from communitybudget.case.unknowns import NO_PATHWAY, by_key, unknowns_of


def test_every_stream_of_a_case_belongs_to_one_unknown(hounslow_result: Appraisal) -> None:
    found = unknowns_of(hounslow_result)
    assert tuple(found) == hounslow_result.model.stream_names()
    keys = by_key(found)
    assert set(keys) >= {c.key for c in hounslow_result.inputs if not c.key.startswith(("start.", "effect."))}


def test_a_start_mix_is_one_unknown(hounslow_result: Appraisal) -> None:
    found = unknowns_of(hounslow_result)
    of_start = {name: u for name, u in found.items() if name.startswith("start.work.")}
    assert len(of_start) == 3
    assert {u.key for u in of_start.values()} == {"start.work.medium_need"}
    assert of_start["start.work.medium_need.in_work"].label == "Start mix: work, medium need"
    assert of_start["start.work.medium_need.in_work"].pathway == "Work"


def test_effects_that_are_absent_together_are_one_unknown_with_that_chance(
    hounslow_result: Appraisal,
) -> None:
    found = unknowns_of(hounslow_result)
    effects = [name for name in found if name.startswith("effect.")]
    assert len(effects) == 5
    keys = {found[name].key for name in (*effects, "no_effect.tfp_2015_20")}
    assert keys == {"no_effect.tfp_2015_20"}
    unknown = found["no_effect.tfp_2015_20"]
    assert unknown.pathway == unknown.label  # of several pathways
    assert unknown.mark == "effects of tfp_2015_20 (derived and assumption)"


def test_an_effect_that_may_be_absent_alone_is_one_unknown_with_that_chance(
    small: dict[str, Any], run_small: Callable[..., Appraisal]
) -> None:
    options = [{**small["options"][0], "effects": [{"effect": "family_group_conference"}]}]
    found = unknowns_of(run_small(draws=50, options=options))
    own, chance = "effect.family_group_conference", "no_effect.effect.family_group_conference"
    assert found[own] is found[chance]
    assert (found[own].key, found[own].pathway) == (own, "Child safety")
    assert found[own].label.startswith("Effect: ")


def test_an_input_keeps_its_key_label_and_mark(hounslow_result: Appraisal) -> None:
    found = unknowns_of(hounslow_result)
    for column in hounslow_result.inputs:
        if column.key.startswith("unit_cost."):
            unknown = found[column.key]
            assert (unknown.key, unknown.label, unknown.mark) == (column.key, column.label, column.mark)
            assert unknown.pathway == NO_PATHWAY


def test_the_luck_of_a_risk_is_one_unknown(
    small: dict[str, Any], run_small: Callable[..., Appraisal]
) -> None:
    risk = {
        "name": "staff_leave",
        "agency": "local_authority",
        "probability": 0.2,
        "impact": 40_000,
        "price_base": "2023-24",
        "source": "an example",
        "first_year": "2024-25",
        "last_year": "2026-27",
    }
    options = [{**small["options"][0], "risks": [risk]}]
    found = unknowns_of(run_small(draws=50, options=options))
    luck = {u for name, u in found.items() if name.startswith("case.risks.staff_leave.")}
    assert {(u.key, u.label) for u in luck} == {
        ("case.risks.staff_leave.luck", "Luck: whether and when staff leave")
    }

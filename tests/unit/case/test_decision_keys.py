"""The keys of a decision: what may be written, what may not, and whose records show a number."""

from typing import Any

import pytest

from communitybudget._core.errors import CaseFileError
from communitybudget.case import Case
from communitybudget.case.holders import holder_of
from communitybudget.case.model import Model, prepare
from communitybudget.case.records import extract_costs

DECISION: dict[str, Any] = {
    "options": ["support"],
    "families_a_year": 25,
    "years": 3,
    "extracts": [
        {
            "agency": "dwp",
            "cost_a_year": 1000,
            "price_base": "2012-13",
            "source": "ours",
            "mark": "assumption",
        }
    ],
}


def prepared(small: dict[str, Any], **decision: Any) -> Model:
    return prepare(Case.from_dict({**small, "decision": {**DECISION, **decision}}))


class TestFaults:
    def test_all_at_once_each_with_its_place(self, small: dict[str, Any]) -> None:
        decision = {
            "options": ["bau", "suport"],
            "held_by": {"police": ["transition.wrk"]},
            "extracts": [{"agency": "dwp", "cost_a_year": -5, "price_base": "1850-51", "source": "x"}],
        }
        with pytest.raises(CaseFileError) as shape:
            Case.from_dict({**small, "decision": decision})
        assert "decision.extracts[0].cost_a_year" in str(shape.value)
        decision["extracts"][0]["cost_a_year"] = 5  # type: ignore[index]
        with pytest.raises(CaseFileError) as error:
            Case.from_dict({**small, "decision": decision})
        text = str(error.value)
        assert "decision.options[0]: names business as usual; leave it out" in text
        assert "decision.options[1]: 'suport' is no option; did you mean 'support'" in text
        assert "no number of the set begins with 'transition.wrk'; did you mean 'transition.work'" in text
        assert "decision.extracts[0].price_base" in text

    @pytest.mark.parametrize(
        ("decision", "words"),
        [
            ({"options": ["support", "support"]}, "the option support is there twice; keep one"),
            ({"extracts": 2 * DECISION["extracts"]}, "the extract of dwp is there twice"),
            ({"held_by": {"nhs": ["start.work"], "dwp": ["start.work"]}}, "start.work is there twice"),
            ({"years": 0}, "it must be at least 1"),
            (
                {"agency": "polcie"},
                r"^case decision.agency: 'polcie' is no agency; did you mean 'police' [^\n]*$",
            ),
        ],
    )
    def test_one(self, small: dict[str, Any], decision: dict[str, Any], words: str) -> None:
        with pytest.raises(CaseFileError, match=words):
            Case.from_dict({**small, "decision": decision})


class TestHolders:
    @pytest.mark.parametrize(
        ("key", "agency"),
        [
            ("transition.work.all.in_work.claiming_search.m0", "dwp"),
            ("start.child_safety.medium_need.universal.m0", "local_authority"),
            ("effect.tfp_jsa", "dwp"),
            ("unit_cost.CR9.0", "police"),
            ("activity.child_safety.looked_after.CR9.0", "police"),
            ("unit_cost.SS4.1", "legal_aid"),  # split over agencies: legal aid bears most of it
            ("case.delivery.local_authority.support", "local_authority"),
            ("cohort.medium_need.children_per_family", "local_authority"),
        ],
    )
    def test_who_sees_a_number(self, small: dict[str, Any], key: str, agency: str) -> None:
        assert holder_of(prepared(small), [key]) == agency

    def test_an_effect_of_the_case_itself_is_seen_where_its_pathway_is_recorded(
        self, small: dict[str, Any]
    ) -> None:
        own = {
            "on": "work.claiming_search -> in_work",
            "hazard_ratio": {"value": 1.2, "low": 1.0, "high": 1.5, "interval": "range"},
            "estimand": "offered",
            "design": "matched_comparison",
            "source": "ours",
            "lasts_months": 12,
        }
        small["options"][0]["effects"] = [own]
        model = prepared(small)
        (used,) = model.effects["support"]
        assert holder_of(model, [used.row.id]) == "dwp"

    def test_the_case_has_the_last_word_and_the_longest_beginning_wins(self, small: dict[str, Any]) -> None:
        model = prepared(
            small, held_by={"hmrc": ["transition.work"], "nhs": ["transition.work.all.inactive_health"]}
        )
        assert holder_of(model, ["transition.work.all.in_work.claiming_search.m0"]) == "hmrc"
        assert holder_of(model, ["transition.work.all.inactive_health.in_work.m0"]) == "nhs"

    def test_what_several_hold_one_part_of_each_is_held_by_nobody(self, small: dict[str, Any]) -> None:
        assert holder_of(prepared(small), ["unit_cost.CR9.0", "effect.tfp_jsa"]) == "unallocated"


def test_the_cost_of_records_is_brought_to_the_price_base_and_listed(small: dict[str, Any]) -> None:
    model = prepared(small)
    factor = model.index.factor("2012-13", "2023-24")
    assert extract_costs(model.case.spec.decision, model.index, "2023-24") == {"dwp": 1000 * factor}
    listed = model.inputs.used["decision.extract.dwp"]
    assert (listed.value, listed.mark, listed.price_base) == (1000, "assumption", "2012-13")

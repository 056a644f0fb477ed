"""Before you decide: how sure, what would change it, what is worth finding out; in plain words."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from communitybudget.case import Appraisal, Case, appraise, load_case
from communitybudget.parameters import examples_folder
from communitybudget.reporting import report_files
from communitybudget.reporting.sureness import Sureness, _switches, sureness_of
from tests_builders import small_case

EXAMPLES = ("barnet", "complex_borough", "late_start")


def asked(result: Appraisal, switching: bool = True) -> Sureness:
    found = {
        option: result.switching_values(option, most=2, draws=50) if switching else pd.DataFrame()
        for option in result.options
    }
    answers = sureness_of(result, found)
    assert answers is not None
    return answers


@pytest.fixture(scope="module")
def answers() -> Sureness:
    return asked(appraise(Case.from_dict(small_case()), draws=450, seed=1))


class TestWords:
    def test_each_answer_is_short_and_plain(self, answers: Sureness) -> None:
        for question in answers.questions:
            assert 20 < len(question.words.split()) < 80, question.words
            assert "nan" not in question.words
            assert not {"EVPI", "EVPPI", "posterior", "prior", "NPV"} & set(question.words.split())

    @pytest.mark.parametrize("name", EXAMPLES)
    def test_also_for_the_examples(self, name: str) -> None:
        result = appraise(load_case(examples_folder() / name / "case.yaml"), draws=250, seed=1)
        for question in asked(result, switching=False).questions:
            assert len(question.words.split()) < 80, question.words
            assert question.chart.png.startswith(b"\x89PNG")

    def test_how_sure_has_both_uncertainties(self, answers: Sureness) -> None:
        words = answers.questions[0].words
        assert "our figures may be wrong" in words
        assert "the 50 families may not be typical" in words

    def test_what_would_change_it_counts_what_turns_it(self, answers: Sureness) -> None:
        bars = answers.one_way.to_frame()
        turning = (np.sign(bars["low"]) != np.sign(answers.one_way.base)) | (
            np.sign(bars["high"]) != np.sign(answers.one_way.base)
        )
        words = answers.questions[1].words
        assert f"{len(bars)} figures are uncertain" in words
        count = int(turning.sum())
        assert ("Only one of them" if count == 1 else f"{count} of them") in words

    def test_an_option_that_falls_short_must_do_more(self, small: dict[str, Any]) -> None:
        small["options"][0]["delivery"][0]["per_family"] = {"value": 9000, "sd": 500}
        behind = asked(appraise(Case.from_dict(small), draws=450, seed=1))
        assert behind.decision.best == "bau"
        assert behind.looked_at == "support"
        assert "falls short by" in behind.questions[0].words
        assert "is behind" in behind.questions[1].words
        assert "it would have to cost £" in behind.questions[1].words

    def test_a_fall_that_stands_against_a_rise_is_said_so(self, answers: Sureness) -> None:
        row = {"key": "effect.x", "label": "Effect: Children in care", "unit": "ratio", "value": 1.1}
        frame = pd.DataFrame([{**row, "switching_value": 0.9}])
        words = _switches(frame, answers.decision, answers.one_way)
        assert "“Children in care” were 10% (a rise of 10% is assumed)" in words

    def test_the_answers_are_about_whose_money_decides(self, small: dict[str, Any]) -> None:
        decision = {"agency": "local_authority", "value": "public_value"}
        result = appraise(Case.from_dict({**small, "decision": decision}), draws=450, seed=1)
        answers = asked(result)
        assert "for Local authority, in public value" in answers.questions[0].words
        npv = result.npv("support", "local_authority", "public_value", chance=True)
        assert f"{(npv >= 0).mean():.0%} of cases" in answers.questions[0].words
        assert "break even" not in answers.questions[1].words

    def test_where_nothing_can_change_the_choice_nothing_is_worth_a_study(
        self, small: dict[str, Any]
    ) -> None:
        small["options"][0]["effects"] = [{"effect": "tfp_looked_after", "strength": 0}]
        certain = asked(appraise(Case.from_dict(small), draws=450, seed=1), switching=False)
        assert certain.questions[2].words.startswith("Nothing that could be learnt would change the choice")


def test_information_is_what_the_decision_says(answers: Sureness) -> None:
    frame = answers.information()
    assert frame["what"].tolist()[:2] == ["everything", "kind"]
    assert frame["value"].iloc[0] == answers.decision.evpi.value
    assert (frame["what"] == "input").sum() == len(answers.decision.inputs)


def test_too_few_draws_leave_the_questions_out(small: dict[str, Any]) -> None:
    result = appraise(Case.from_dict(small), draws=100, seed=1)
    assert sureness_of(result, {"support": pd.DataFrame()}) is None
    files = report_files(result)
    assert "decision.csv" not in files
    page = files["report.html"].decode()
    assert "Before you decide" not in page
    assert f"needs something uncertain and {3 * len(result.inputs) + 1} draws" in page


def test_where_no_agency_has_records_the_kinds_of_input_are_drawn(small: dict[str, Any]) -> None:
    every = ["transition", "start", "activity", "unit_cost", "effect", "cohort", "case.delivery"]
    decision = {"held_by": {"unallocated": every}}
    answers = asked(appraise(Case.from_dict({**small, "decision": decision}), draws=450, seed=1), False)
    assert answers.by_holder.rows == ()
    assert "No one agency's records would change the choice" in answers.questions[2].words
    assert "What the options do: £" in answers.questions[2].chart.words

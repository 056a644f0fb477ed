"""The decision of a case: what each choice comes to, and what it is worth to know more first."""

from typing import Any

import numpy as np
import pytest

from communitybudget._core.errors import ParameterNotFound
from communitybudget.appraisal import discount_factors
from communitybudget.case import Appraisal, Case, Decision, appraise
from communitybudget.case.decision import KINDS
from communitybudget.sensitivity import Controlled, Measured, net_benefit_of_sampling
from tests_builders import EFFECT


@pytest.fixture(scope="module")
def decision(hounslow_result: Appraisal) -> Decision:
    return hounslow_result.decision()


class TestChoices:
    def test_they_are_those_of_the_case_and_business_as_usual(self, decision: Decision) -> None:
        assert decision.choices == ("bau", "early_help", "key_worker")
        assert decision.labels == ("Business as usual", "Early help", "Key worker")

    def test_net_benefit_is_the_net_present_value_from_rates_alone(
        self, decision: Decision, hounslow_result: Appraisal
    ) -> None:
        expected = [np.zeros(600), *(hounslow_result.npv(o) for o in ("early_help", "key_worker"))]
        np.testing.assert_array_equal(decision.net_benefit.T, expected)
        assert decision.best == "early_help"

    def test_whose_money_decides_can_be_another(self, hounslow_result: Appraisal) -> None:
        council = hounslow_result.decision(["early_help"], "local_authority", "public_value")
        npv = hounslow_result.npv("early_help", "local_authority", "public_value")
        np.testing.assert_array_equal(council.net_benefit[:, 1], npv)
        assert "Local authority, public value" in council.summary()

    def test_an_option_that_is_not_there(self, hounslow_result: Appraisal) -> None:
        with pytest.raises(ParameterNotFound, match="there is no option 'early'; did you mean 'early_help'"):
            hounslow_result.decision(["early"])

    def test_a_what_if_is_no_choice_unless_it_is_named(self, small: dict[str, Any]) -> None:
        half = {**small["options"][0], "name": "half", "can_be_chosen": False}
        result = appraise(Case.from_dict({**small, "options": [*small["options"], half]}), draws=50, seed=1)
        assert result.decision().choices == ("bau", "support")
        assert result.decision(["half"]).choices == ("bau", "half")
        alone = appraise(Case.from_dict({**small, "options": [half]}), draws=50, seed=1)
        assert alone.decision().choices == ("bau", "half")

    def test_without_a_decision_in_the_case_it_is_all_options_once(self, run_small: Any) -> None:
        decision = run_small(draws=50).decision()
        assert decision.choices == ("bau", "support")
        assert decision.population.in_words() == "50 families, once"


class TestHonesty:
    def test_what_too_few_draws_do_not_support_is_said(self, run_small: Any) -> None:
        warnings = run_small(draws=60).decision().warnings()
        assert any(text.startswith("P5 rests on 3 of the 60 draws") for text in warnings)
        assert any("cannot be told from evens" in text for text in warnings)

    def test_the_mean_settles_down_to_that_of_all_draws(self, hounslow_result: Appraisal) -> None:
        found = hounslow_result.convergence("early_help", "local_authority")
        npv = hounslow_result.npv("early_help", "local_authority")
        assert found.to_frame().iloc[-1]["mean"] == pytest.approx(npv.mean())
        assert "600 draws" in found.summary()


class TestInputs:
    def test_they_are_those_that_can_touch_a_choice(
        self, decision: Decision, hounslow_result: Appraisal
    ) -> None:
        keys = {one.key for one in decision.inputs}
        assert EFFECT in keys
        assert {
            "case.delivery.local_authority.early_help",
            "case.delivery.local_authority.key_workers",
        } <= keys
        assert not any(key.startswith("case.cashability.") for key in keys)
        other = hounslow_result.decision(["early_help"])
        assert "case.delivery.local_authority.key_workers" not in {one.key for one in other.inputs}

    def test_each_is_of_a_kind_and_seen_by_an_agency(self, decision: Decision) -> None:
        by_key = {one.key: one for one in decision.inputs}
        assert {one.kind for one in decision.inputs} == set(KINDS)
        assert (by_key[EFFECT].kind, by_key[EFFECT].holder) == ("effects", "local_authority")
        assert by_key["effect.tfp_jsa"].holder == "dwp"
        assert by_key["unit_cost.CR9.0"].kind == "prices"
        assert by_key["start.work.medium_need.in_work"].kind == "rates"
        assert "society" not in {one.holder for one in decision.inputs}

    def test_their_draws_stand_beside_the_net_benefit(
        self, decision: Decision, hounslow_result: Appraisal
    ) -> None:
        frame = decision.input_frame()
        np.testing.assert_array_equal(frame[EFFECT], hounslow_result.input_frame()[EFFECT])
        assert list(frame.columns) == [one.key for one in decision.inputs]


class TestWorth:
    def test_knowing_more_is_worth_more_and_no_more_than_everything(self, decision: Decision) -> None:
        one, kinds = decision.evppi(EFFECT), decision.information_by_kind()
        effects = next(row for row in kinds.rows if row.key == "effects")
        assert 0 <= one.value <= effects.value <= decision.evpi.value
        assert effects.label == "What the options do"

    def test_each_input_by_itself(self, decision: Decision) -> None:
        rows = decision.information().rows
        assert len(rows) == len(decision.inputs)
        assert rows[0].label == "Effect: Children looked after at 19 to 24 months"
        assert rows[0].value == pytest.approx(decision.evppi(EFFECT).value)

    def test_a_key_that_is_no_input(self, decision: Decision) -> None:
        for ask in (lambda: decision.evppi("effect.tfp_jsaa"), lambda: decision.information_of({"x": ["y"]})):
            with pytest.raises(ParameterNotFound, match="is no input of this decision"):
                ask()

    def test_records_are_set_against_what_they_cost(self, decision: Decision) -> None:
        frame = decision.information_by_holder().to_frame().set_index("holder")
        assert frame.loc["Local authority", "extract_cost_a_year"] == 10_000
        assert frame.loc["Local authority", "worth_it"] == "may be"
        assert np.isnan(frame.loc["Courts", "extract_cost_a_year"])
        alone = decision.information_by_holder(compared=False).to_frame().set_index("holder")
        assert alone.loc["Local authority", "value"] < frame.loc["Local authority", "value"]

    def test_for_all_families_and_years(self, small: dict[str, Any]) -> None:
        spec = {"families_a_year": 25, "years": 3}
        decision = appraise(Case.from_dict({**small, "decision": spec}), draws=200, seed=1).decision()
        times = 25 / 50 * discount_factors(3, schedule="green_book_2022").sum()
        assert decision.for_all(decision.evpi).value == pytest.approx(decision.evpi.value * times)

    def test_a_study_is_worth_less_than_knowing_and_has_a_best_size(self, decision: Decision) -> None:
        trial = Controlled(Measured("in_care", EFFECT), Measured("in_care"))
        curve = decision.study(trial, [0, 500, 5_000], known={"in_care": 0.025})
        values = curve.to_frame()["value"].tolist()
        assert values == sorted(values)
        assert values[0] == 0
        assert values[-1] <= curve.evppi
        found = net_benefit_of_sampling(curve, decision.population, fixed_cost=1e9, cost_per_family=0)
        assert found.best_families == 0


def test_where_the_effect_is_nil_nothing_is_worth_knowing(small: dict[str, Any]) -> None:
    small["options"][0]["effects"] = [{"effect": "tfp_looked_after", "strength": 0}]
    decision = appraise(Case.from_dict(small), draws=300, seed=1).decision()
    assert decision.best == "bau"
    assert decision.evpi.value == 0
    assert all(row.value == 0 for row in decision.information_by_kind().rows)


def test_it_introduces_itself(decision: Decision) -> None:
    assert repr(decision).startswith("Decision(best='early_help', evpi=")
    for text in (decision.summary(), decision._repr_html_()):
        assert "2013-14 prices · seed 1 · 600 draws" in text
        assert "Best on average" in text
    assert Decision.from_json(decision.to_json()) == decision
    assert list(decision.to_frame()["option"]) == list(decision.labels)
    assert [text.get_text() for text in decision.plot().get_yticklabels()] == list(decision.labels)
    assert "Early help against Business as usual" in decision.dominance().summary()


class TestWhatIsNoChoice:
    def test_one_option_may_be_named_alone_and_none_counts_twice(self, hounslow_result: Appraisal) -> None:
        alone = hounslow_result.decision("early_help")
        assert alone.choices == ("bau", "early_help")
        assert hounslow_result.decision(["early_help", "early_help"]) == alone

    @pytest.mark.parametrize("options", [[], ["bau"]])
    def test_nothing_to_choose(self, hounslow_result: Appraisal, options: list[str]) -> None:
        with pytest.raises(ValueError, match="leave business as usual"):
            hounslow_result.decision(options)

    def test_an_empty_word_is_not_the_default(self, hounslow_result: Appraisal) -> None:
        with pytest.raises(ValueError, match="'' is no case"):
            hounslow_result.decision(value="")

    def test_one_draw_decides_nothing(self, run_small: Any) -> None:
        with pytest.raises(ValueError, match="a decision needs at least 2 draws and the appraisal has 1"):
            run_small(draws=1).decision()

    def test_dominance_tells_its_seed(self, decision: Decision) -> None:
        assert "seed 1 · 600 draws" in decision.dominance().summary()

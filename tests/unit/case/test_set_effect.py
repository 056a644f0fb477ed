"""What another parameter set does to a case's answer."""

from dataclasses import replace

import matplotlib.axes
import pytest

from communitybudget._core.errors import CaseFileError
from communitybudget.case import Case, SetEffect, appraise, effect_of_set
from communitybudget.case.set_effect import TOGETHER
from communitybudget.parameters import ParameterSet


@pytest.fixture(scope="module")
def england():
    return ParameterSet.load("england")


def dearer(parameters, key, factor):
    row = parameters[key]
    return parameters.override(key, row.value * factor, price_base=row.price_base, reason="dearer")


class TestOnePrice:
    @pytest.fixture
    def found(self, small, england):
        case = Case.from_dict(small)
        return effect_of_set(case, dearer(england, "unit_cost.E&E1.6", 3.0), draws=60, seed=4)

    def test_before_and_after_are_two_appraisals(self, found, small, england):
        case = Case.from_dict(small)
        before = appraise(case, draws=60, seed=4)
        after = appraise(case.with_set(dearer(england, "unit_cost.E&E1.6", 3.0)), draws=60, seed=4)
        assert found.before["all"] == pytest.approx(before.npv().mean())
        assert found.after["all"] == pytest.approx(after.npv().mean())

    def test_the_change_is_that_of_its_line(self, small, england):
        """Closed form: a price times 1.5 adds half of what its own line avoided before."""
        case = Case.from_dict(small)
        found = effect_of_set(case, dearer(england, "unit_cost.E&E1.0", 1.5), draws=60, seed=4)
        before = appraise(case, draws=60, seed=4)
        ledger = before.ledger
        avoided = sum(
            (amounts[0].mean(axis=1) * before.factors).sum()
            for line, amounts in zip(ledger.lines, ledger.amounts, strict=True)
            if line.line.startswith("Out of work: jobseekers") and line.value_type == "fiscal"
        )
        assert avoided > 0
        assert found.change == pytest.approx(0.5 * avoided, rel=1e-9)

    def test_the_steps_sum_to_the_change(self, found):
        assert [step.name for step in found.steps] == ["unit_cost.E&E1.6", TOGETHER]
        assert sum(step.change for step in found.steps) == pytest.approx(found.change, abs=1e-6)
        assert found.steps[-1].change == pytest.approx(0, abs=1e-6)

    def test_agencies_sum_to_all(self, found):
        frame = found.by_agency()
        for column in ("costs_avoided_before", "costs_avoided_after", "npv_before", "npv_after", "change"):
            assert frame[column].iloc[:-1].sum() == pytest.approx(frame[column].iloc[-1], abs=1e-6)


class TestSeveral:
    def test_two_prices_and_a_rate_interact(self, small, england):
        new = dearer(dearer(england, "unit_cost.E&E1.6", 2.0), "unit_cost.E&E1.0", 1.5)
        rate = "transition.work.all.claiming_search.in_work.m12"
        new = new.override(rate, england[rate].value * 1.5, reason="a livelier town")
        found = effect_of_set(Case.from_dict(small), new, draws=40)
        assert len(found.steps) == 4
        assert sum(step.change for step in found.steps) == pytest.approx(found.change, abs=1e-6)
        assert abs(found.steps[-1].change) > 1e-6
        sizes = [abs(step.change) for step in found.steps[:-1]]
        assert sizes == sorted(sizes, reverse=True)

    def test_many_are_taken_table_by_table(self, small, england):
        new = dearer(dearer(england, "unit_cost.E&E1.6", 2.0), "unit_cost.E&E1.0", 1.5)
        found = effect_of_set(Case.from_dict(small), new, draws=40, most=1)
        assert [step.name for step in found.steps] == ["unit_cost", TOGETHER]
        assert "2 figures" in found.steps[0].label

    def test_progress_is_told(self, small, england):
        told = []
        new = dearer(england, "unit_cost.E&E1.6", 2.0)
        effect_of_set(Case.from_dict(small), new, draws=20, progress=lambda *done: told.append(done))
        assert told == [(1, 1)]


class TestNothing:
    def test_the_same_set_changes_nothing(self, small, england):
        found = effect_of_set(Case.from_dict(small), england, draws=30)
        assert found.change == 0
        assert [step.name for step in found.steps] == [TOGETHER]

    def test_a_figure_that_is_not_used_changes_nothing(self, small, england):
        found = effect_of_set(Case.from_dict(small), dearer(england, "unit_cost.FI1.0", 9.0), draws=30)
        assert found.change == 0

    def test_overrides_of_the_case_stand_on_both_sets(self, small, england):
        own = {"unit_cost.E&E1.6": {"value": 95, "price_base": "2024-25", "reason": "ours"}}
        case = Case.from_dict({**small, "overrides": own})
        assert effect_of_set(case, dearer(england, "unit_cost.E&E1.6", 3.0), draws=30).change == 0


class TestRefused:
    def test_a_set_that_lacks_what_the_case_names(self, small, england):
        poorer = replace(england, structures={k: v for k, v in england.structures.items() if k != "work"})
        with pytest.raises(CaseFileError, match="'work' is no pathway"):
            effect_of_set(Case.from_dict(small), poorer, draws=10)


class TestResult:
    @pytest.fixture
    def found(self, small, england):
        return effect_of_set(Case.from_dict(small), dearer(england, "unit_cost.E&E1.0", 1.2), draws=30)

    def test_it_says_what_it_is(self, found):
        text = found.summary()
        assert "england 0.5.0 with 1 local figure" in text
        assert "30 draws" in text
        assert "\n" not in repr(found)
        assert "<script" not in found._repr_html_()

    def test_it_survives_json(self, found):
        assert SetEffect.from_json(found.to_json()) == found

    def test_it_draws_itself(self, found):
        assert isinstance(found.plot(), matplotlib.axes.Axes)
        assert list(found.to_frame().columns) == ["step", "label", "change", "mc_error"]

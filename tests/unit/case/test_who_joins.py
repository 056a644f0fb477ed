"""Today's caseload beside tomorrow's entries, and families who differ by what nobody recorded."""

import numpy as np
import pytest

from communitybudget._core.errors import CaseFileError
from communitybudget.case import Case, appraise
from communitybudget.case.model import prepare

TODAY = {"child_safety": {"protection_plan": 0.4, "child_in_need": 0.6}, "work": {"inactive_health": 1.0}}
FLOW = {"intake": {"2024-25": 30, "2026-27": 50}, "profile": "medium_need"}


@pytest.fixture
def run(small):
    def appraised(draws=8, **cohort):
        return appraise(Case.from_dict({**small, "cohort": cohort}), draws=draws, seed=1)

    return appraised


def faults_of(small, **cohort):
    with pytest.raises(CaseFileError) as error:
        Case.from_dict({**small, "cohort": cohort})
    return str(error.value)


class TestStockAndFlow:
    def test_it_is_the_sum_of_the_two(self, run):
        both = run(**FLOW, stock={"families": 40, "start": TODAY})
        flow, stock = run(**FLOW), run(families=40, profile="medium_need", start=TODAY)
        np.testing.assert_allclose(
            both.activity.amounts, flow.activity.amounts + stock.activity.amounts, rtol=1e-9, atol=1e-9
        )
        for kind in ("delivery", "costs_avoided"):
            own, parts = (
                both.ledger.flow("support", kind),
                [r.ledger.flow("support", kind) for r in (flow, stock)],
            )
            np.testing.assert_allclose(own, sum(parts), rtol=1e-9, atol=1e-6)
        np.testing.assert_allclose(both.family_years, flow.family_years + stock.family_years)
        assert both.families == 120
        assert any("40 of today's caseload join on 1 April 2024" in text for text in both.conventions)

    def test_a_stock_without_a_mix_of_its_own_starts_like_the_intake(self, run):
        both, stock = run(**FLOW, stock={"families": 40}), run(families=40, profile="medium_need")
        np.testing.assert_allclose(
            both.activity.amounts - run(**FLOW).activity.amounts, stock.activity.amounts, rtol=1e-7, atol=1e-7
        )

    def test_counted_people_of_the_stock_are_drawn_by_themselves(self, run):
        counts = {"work": {"in_work": 21, "claiming_search": 9, "inactive_health": 34}}
        result = run(draws=60, **FLOW, stock={"families": 40, "start_counts": counts})
        own = [c for c in result.inputs if c.key.startswith("case.cohort.stock.start.work")]
        assert own
        frame = result.assumptions()
        assert frame["label"].str.startswith("Today's caseload: ").sum() >= 3
        assert (frame["key"] == own[0].key.removeprefix("case.cohort.stock.")).any()

    def test_both_wait_in_one_queue(self, small):
        option = {
            **small["options"][0],
            "caseload": {"key_workers": 4, "families_each": 10, "months_each": 12},
        }
        cohort = {**FLOW, "stock": {"families": 60, "start": TODAY}}
        result = appraise(Case.from_dict({**small, "cohort": cohort, "options": [option]}), draws=5, seed=1)
        frame = result.waiting().set_index("year")
        assert frame.loc["2024-25", "ready"] == pytest.approx(90)
        assert frame.loc["2024-25", "started"] == pytest.approx(40)
        assert frame["started"].tolist()[:4] == pytest.approx([40, 40, 40, 20])

    def test_the_case_file_keeps_it(self, small):
        case = Case.from_dict({**small, "cohort": {**FLOW, "stock": {"families": 40, "start": TODAY}}})
        assert Case.from_text(case.to_yaml()) == case

    def test_what_cannot_be_is_told(self, small):
        stock = {"families": 40}
        assert "beside an intake" in faults_of(small, families=5, profile="medium_need", stock=stock)
        assert "no state of work" in faults_of(small, **FLOW, stock={**stock, "start": {"work": {"x": 1}}})
        assert "sum to 0.5" in faults_of(small, **FLOW, stock={**stock, "start": {"work": {"in_work": 0.5}}})


class TestFrailty:
    NOBODY_OR_TWICE = ({"share": 0.5, "multiplier": 0}, {"share": 0.5, "multiplier": 2})
    ENTRY = "child_safety.protection_plan -> looked_after"

    def test_half_of_the_families_move_twice_as_often_and_half_never(self, small):
        """Against cases whose rates are overridden, under an effect that needs no solving."""
        entries = [
            p for p in Case.from_dict(small).parameters.table("transition")
            if (p.fields["pathway"], p.fields["from"], p.fields["to"])
            == ("child_safety", "protection_plan", "looked_after")
        ]  # fmt: skip
        effect = {
            "on": self.ENTRY, "hazard_ratio": 0.6, "estimand": "offered", "design": "assumed",
            "source": "test", "lasts_months": 12,
        }  # fmt: skip
        small["options"][0]["effects"] = [effect]

        def amounts(times, **cohort):
            known = {p.key: {"value": times * p.value, "sd": 0, "reason": "a check"} for p in entries}
            case = {**small, "overrides": known, "cohort": {**small["cohort"], **cohort}}
            return appraise(Case.from_dict(case), draws=6, seed=1).activity.amounts

        mixed = amounts(1.0, frailty={"classes": self.NOBODY_OR_TWICE, "moves": self.ENTRY})
        by_hand = 0.5 * amounts(0.0) + 0.5 * amounts(2.0)
        np.testing.assert_allclose(mixed, by_hand, rtol=1e-9, atol=1e-9)

    def test_alike_families_are_as_without_it(self, small, run):
        alike = [{"share": 0.3, "multiplier": 5}, {"share": 0.7, "multiplier": 5}]
        frailty = {"classes": alike, "pathways": ["child_safety"]}
        with_it, without = run(**small["cohort"], frailty=frailty), run(**small["cohort"])
        np.testing.assert_allclose(with_it.activity.amounts, without.activity.amounts, rtol=1e-9, atol=1e-9)

    def test_the_frail_move_first(self, small, run):
        """As many enter care in the first month; fewer later, since those who are left are sturdy."""
        cohort = {**small["cohort"], "start": {"child_safety": {"protection_plan": 1.0}}}
        frail = run(**cohort, frailty={"variance": 2, "moves": self.ENTRY})
        without = run(**cohort)
        entries = [r.activity.total("entries_to_care", "bau").mean(axis=1) for r in (frail, without)]
        assert entries[0][0] < entries[1][0]
        assert any("the frail move first" in text for text in frail.conventions)

    def test_a_family_is_of_one_class_on_all_its_pathways(self, small):
        frailty = {"variance": 0.5, "pathways": ["child_safety", "work"]}
        case = Case.from_dict({**small, "cohort": {**small["cohort"], "frailty": frailty}})
        rows = prepare(case).people
        by_pathway = {
            name: [r.frailty.multiplier for r in rows if r.pathway.name == name]
            for name in ("child_safety", "work")
        }
        assert by_pathway["child_safety"] == by_pathway["work"]
        assert len(by_pathway["work"]) == 5

    @pytest.mark.parametrize(
        ("frailty", "words"),
        [
            ({"variance": 0.5}, "changes nothing"),
            ({"pathways": ["work"]}, "one of the two"),
            ({"variance": 0.5, "pathways": ["housing"]}, "add housing to pathways"),
            ({"variance": 0, "pathways": ["work"]}, "above 0"),
            (
                {
                    "classes": [{"share": 0.5, "multiplier": 1}, {"share": 0.4, "multiplier": 2}],
                    "pathways": ["work"],
                },
                "sum to 0.9",
            ),
        ],
    )
    def test_what_cannot_be_is_told(self, small, frailty, words):
        assert words in faults_of(small, **small["cohort"], frailty=frailty)


class TestWhomAnOptionReaches:
    MIX = {"work": {"inactive_health": 1.0}}  # noqa: RUF012

    def test_it_starts_from_its_own_mix_and_business_as_usual_from_that_of_the_cohort(self, small):
        option = {**small["options"][0], "start": self.MIX}
        own = appraise(Case.from_dict({**small, "options": [option]}), draws=8, seed=1)
        cohort = {**small["cohort"], "start": self.MIX}
        reached = appraise(Case.from_dict({**small, "cohort": cohort}), draws=8, seed=1).activity
        plain = appraise(Case.from_dict(small), draws=8, seed=1).activity
        np.testing.assert_array_equal(own.activity.amounts[:, 0], plain.amounts[:, 0])
        work = [i for i, count in enumerate(plain.counts) if count.pathway == "work"]
        rest = [i for i in range(len(plain.counts)) if i not in work]
        np.testing.assert_allclose(own.activity.amounts[work, 1], reached.amounts[work, 1], rtol=1e-9)
        np.testing.assert_array_equal(own.activity.amounts[rest, 1], plain.amounts[rest, 1])
        assert any("reaches other families" in text for text in own.cautions)

    def test_options_that_reach_the_same_compare_like_with_like(self, small):
        effects = small["options"][0]["effects"]
        options = [
            {"name": name, "label": name, "start": self.MIX, "effects": own}
            for name, own in (("without", []), ("with", effects))
        ]
        found = appraise(Case.from_dict({**small, "options": options}), draws=60, seed=3)
        absent = found.input_frame()["effect.tfp_jsa"] == 1
        work = [i for i, count in enumerate(found.activity.counts) if count.pathway == "work"]
        amounts = found.activity.amounts[work]
        assert (amounts[:, 1][..., absent] == amounts[:, 2][..., absent]).all()
        assert (amounts[:, 0] != amounts[:, 1]).any()

    def test_with_a_waiting_list(self, small):
        room = {"key_workers": 1, "families_each": 25, "months_each": 12}
        options = [
            {**small["options"][0], "name": name, "start": self.MIX, **changes}
            for name, changes in (
                ("waits", {"caseload": room}),
                ("now", {}),
                ("later", {"starts_after_months": 12}),
            )
        ]
        amounts = appraise(Case.from_dict({**small, "options": options}), draws=8, seed=1).activity.amounts
        by_hand = 0.5 * amounts[:, 2] + 0.5 * amounts[:, 3]
        np.testing.assert_allclose(amounts[:, 1], by_hand, rtol=1e-9, atol=1e-9)

    def test_what_cannot_be_is_told(self, small):
        for start, words in (
            ({"work": {"in_work": 0.5}}, "sum to 0.5"),
            ({"housing": {"secure": 1.0}}, "add housing to pathways"),
        ):
            with pytest.raises(CaseFileError, match=words):
                Case.from_dict({**small, "options": [{**small["options"][0], "start": start}]})


@pytest.mark.parametrize(
    "cohort",
    [
        {"file": "families.csv"},
        {**FLOW, "stock": {"families": 25}, "frailty": {"variance": 0.4, "pathways": ["work"]}},
    ],
)
def test_families_are_neither_made_nor_lost_while_they_wait(small, tmp_path, cohort):
    """Under an effect too small to matter every option is business as usual, whoever starts when."""
    lines = ["family,profile,adults,child_ages,joins"]
    lines += [f"a{i},medium_need,2,3 9,2024-25" for i in range(40)]
    lines += [f"b{i},lower_need,1,5,{('2025-26', '2026-27')[i % 2]}" for i in range(30)]
    (tmp_path / "families.csv").write_text("\n".join(lines), encoding="utf-8")
    effect = {
        "on": "work.claiming_search -> in_work", "hazard_ratio": 1 + 1e-12, "estimand": "offered",
        "design": "assumed", "source": "test", "lasts_months": 12,
    }  # fmt: skip
    option = {
        **small["options"][0],
        "effects": [effect],
        "starts_after_months": 2,
        "caseload": {"key_workers": 2, "families_each": 8, "months_each": 9},
        "runs": {"to": "2026-27"},
    }
    case = Case.from_dict({**small, "cohort": cohort, "options": [option]}, tmp_path)
    amounts = appraise(case, draws=6, seed=1).activity.amounts
    assert (amounts[:, 0] != amounts[:, 1]).any()
    np.testing.assert_allclose(amounts[:, 1], amounts[:, 0], rtol=1e-9, atol=1e-9)

"""The answer bridge: why one result is not the other."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib.axes
import numpy as np
import pytest

from agreement_cases import small_agreement
from communitybudget._core.errors import CommunityBudgetError, ParameterError, ParameterNotFound
from communitybudget.case import Appraisal, Bridge, Case, CaseSpec, appraise, compare
from communitybudget.case.bridge_keys import COMPONENTS, IN_OTHERS, PARTS, SHARED_OUT, WORDS
from communitybudget.case.bridge_pair import End, Pair
from communitybudget.case.rerun import Run
from communitybudget.case.spec import OptionSpec
from communitybudget.parameters import ParameterSet
from tests_builders import quick_case

HOME, FOSTER = "unit_cost.residential_home_week", "unit_cost.SS2.0.1"
RETURN = "transition.child_safety.medium_need.looked_after.returned_home.m0"


def run(draws: int = 60, seed: int = 1, **changes: Any) -> Appraisal:
    return appraise(Case.from_dict({**quick_case(), **changes}), draws=draws, seed=seed)


def local(value: float, price_base: str = "2024-25") -> dict[str, object]:
    return {"value": value, "price_base": price_base, "reason": "ours"}


def option_with(**changes: object) -> list[dict[str, Any]]:
    (option,) = quick_case()["options"]
    return [{**option, **changes}]


def delivery(amount: float) -> list[dict[str, object]]:
    (item,) = quick_case()["options"][0]["delivery"]
    return [{**item, "per_family": amount}]


def stronger(ratio: float) -> list[dict[str, object]]:
    first, *others = quick_case()["options"][0]["effects"]
    return [{**first, "hazard_ratio": ratio}, *others]


@pytest.fixture(scope="module")
def march() -> Appraisal:
    return run()


@pytest.fixture(scope="module")
def ends() -> tuple[Appraisal, Appraisal]:
    return run(), run(seed=3, **SEVERAL)


@pytest.fixture(scope="module")
def several(ends: tuple[Appraisal, Appraisal]) -> Bridge:
    return compare(*ends)


@pytest.fixture(scope="module")
def dearer(march: Appraisal) -> Bridge:
    return compare(march, run(seed=2, price_base="2026-27", overrides={HOME: local(8000)}))


class TestKeys:
    """A key that is added to the case file has to be put into a part, or these tests fail."""

    def test_every_key_of_a_case_belongs_to_one_component(self) -> None:
        keys = [key for part in PARTS.values() for key in part.case_keys]
        assert sorted([*keys, *WORDS, *SHARED_OUT, *IN_OTHERS]) == sorted(CaseSpec.model_fields)

    def test_every_key_of_an_option_belongs_to_one_component(self) -> None:
        keys = [key for part in PARTS.values() for key in part.option_keys]
        assert sorted(keys) == sorted(OptionSpec.model_fields)

    def test_every_table_of_the_set_belongs_to_one_component(self) -> None:
        tables = [table for part in PARTS.values() for table in part.tables]
        assert len(tables) == len(set(tables))
        assert {key.partition(".")[0] for key in ParameterSet.load().parameters} == set(tables)

    def test_every_component_has_a_part(self) -> None:
        assert {part.component for part in PARTS.values()} == set(COMPONENTS)


CARE_LEVELS = {f"{year}-{(year + 1) % 100:02d}": 100 + 8 * (year - 2013) for year in range(2013, 2024)}
CHANGES: dict[str, tuple[dict[str, Any], str, list[str]]] = {
    "families": ({"cohort": {"families": 80, "profile": "medium_need"}}, "data", ["families"]),
    "years": ({"years": 5}, "data", ["horizon"]),
    "first year": ({"start": "2025-26"}, "data", ["horizon"]),
    "pathways": ({"pathways": ["child_safety", "work", "youth_justice"]}, "data", ["pathways"]),
    "delivery": ({"options": option_with(delivery=delivery(2500))}, "data", ["options"]),
    "a rate": ({"overrides": {RETURN: {"value": 0.06, "reason": "ours"}}}, "data", [RETURN]),
    "effects": ({"options": option_with(effects=stronger(0.5))}, "effects", ["effects"]),
    "a price": ({"overrides": {HOME: local(6120)}}, "unit_costs", [HOME]),
    "an area": (
        {"area_factors": [{"agencies": ["local_authority"], "factor": 1.2, "reason": "x", "source": "y"}]},
        "unit_costs",
        ["unit_costs"],
    ),
    "price base": ({"price_base": "2026-27"}, "price_base", ["price_base"]),
    "an index": (
        {
            "indices": {"care": {"levels": CARE_LEVELS, "source": "x"}},
            "sector_indices": [{"unit_costs": [FOSTER], "index": "care", "reason": "x"}],
        },
        "price_base",
        ["price_base"],
    ),
    "discounting": ({"discounting": 0.1}, "discount_rule", ["discounting"]),
    "optimism bias": (
        {
            "adjustments": {
                "optimism_bias": {
                    "rule": "worst",
                    "grades": dict.fromkeys(("green", "amber", "red", "not_graded", "assumed"), 3),
                    "costs": False,
                }
            }
        },
        "method",
        ["method"],
    ),
    "unmet need": (
        {"unmet_need": [{"moves": ["child_safety.child_in_need -> case_closed"], "reason": "x"}]},
        "method",
        ["method"],
    ),
    "sampling": ({"sampling": {"design": "latin_hypercube"}}, "method", ["design"]),
    "seed": ({"seed": 2}, "monte_carlo", ["monte_carlo"]),
    "draws": ({"draws": 90}, "monte_carlo", ["monte_carlo"]),
}


MOVE_NOTHING = {"first year", "pathways", "unmet need"}
"""Prices are real and no family joins later; nothing acts on the pathway that is added, or on those moves."""


@pytest.mark.parametrize("name", CHANGES)
def test_what_changes_one_thing_is_one_step(name: str, march: Appraisal) -> None:
    changes, component, steps = CHANGES[name]
    june = run(**changes)
    found = compare(march, june)
    assert [step.name for step in found.steps] == steps
    (step,) = found.steps
    assert step.component == component
    assert step.pence == step.alone_pence == found.after_pence - found.before_pence
    assert (step.pence == 0) == (name in MOVE_NOTHING)
    assert step.interaction_pence == 0
    assert found.before == round(float(march.npv().mean()), 2)
    assert found.after == round(float(june.npv().mean()), 2)
    assert step.error == pytest.approx(found.error)
    if component != "monte_carlo" and "sampling" not in changes:
        gap = june.npv() - march.npv()
        assert step.error == pytest.approx(gap.std(ddof=1) / np.sqrt(60), rel=1e-9, abs=1e-9)
    assert found.notes == ()


SEVERAL: dict[str, Any] = {
    "cohort": {"families": 80, "profile": "medium_need"},
    "options": option_with(delivery=delivery(2500), effects=stronger(0.5)),
    "overrides": {
        RETURN: {"value": 0.06, "reason": "ours"},
        HOME: local(8000),
        FOSTER: local(600),
    },
    "discounting": 0.1,
}


class TestSeveral:
    def test_steps_stand_in_the_order_of_their_components(self, several: Bridge) -> None:
        names = [step.name for step in several.steps]
        assert names == [
            "families",
            RETURN,
            "options",
            "effects",
            FOSTER,
            HOME,
            "discounting",
            "monte_carlo",
        ]

    def test_they_sum_to_the_change_to_the_penny(self, several: Bridge) -> None:
        assert sum(step.pence for step in several.steps) == several.after_pence - several.before_pence
        assert several.by_component()["change"].sum() == pytest.approx(several.change, abs=1e-9)

    def test_the_reverse_gives_the_negatives(
        self, several: Bridge, ends: tuple[Appraisal, Appraisal]
    ) -> None:
        back = compare(*reversed(ends))
        assert [step.name for step in back.steps] == [step.name for step in several.steps]
        assert [step.pence for step in back.steps] == [-step.pence for step in several.steps]
        assert [s.interaction_pence for s in back.steps] == [s.interaction_pence for s in several.steps]
        assert [s.error for s in back.steps] == pytest.approx([s.error for s in several.steps])
        assert [(s.old, s.new) for s in back.steps] == [(s.new, s.old) for s in several.steps]

    def test_a_naive_walk_gives_the_same(self, march: Appraisal) -> None:
        """One key of the case at a time, by the public API, there and in the opposite order."""
        keys = ["cohort", "options", "overrides", "discounting", "seed"]
        new = {
            **{key: SEVERAL[key] for key in keys if key in SEVERAL},
            "options": option_with(effects=stronger(0.5)),
            "overrides": {HOME: local(8000)},
            "seed": 3,
        }

        def mean(*changed: str) -> int:
            return round(100 * float(run(**{key: new[key] for key in changed}).npv().mean()))

        found = compare(march, run(**new))
        there = [mean(*keys[:k]) for k in range(len(keys) + 1)]
        opposite = [mean(*keys[k:]) for k in range(len(keys) + 1)]
        assert [step.name for step in found.steps] == [
            "families",
            "effects",
            HOME,
            "discounting",
            "monte_carlo",
        ]
        for k, step in enumerate(found.steps):
            one, other = there[k + 1] - there[k], opposite[k] - opposite[k + 1]
            assert abs(2 * step.pence - one - other) <= 1
            assert step.interaction_pence == abs(one - other)
            assert step.alone_pence == mean(keys[k]) - there[0]

    def test_components_as_one_step_each_in_another_order(self, ends: tuple[Appraisal, Appraisal]) -> None:
        order, told = tuple(reversed(COMPONENTS)), []
        found = compare(*ends, order=order, by_figure=False, progress=lambda *done: told.append(done))
        assert [s.component for s in found.steps] == [
            "monte_carlo",
            "discount_rule",
            "unit_costs",
            "effects",
            "data",
        ]
        assert found.order == order
        assert sum(step.pence for step in found.steps) == found.after_pence - found.before_pence
        assert found.steps[2].label.startswith("Unit costs: Council foster placement")
        assert told[-1] == (len(told), len(told))

    def test_it_can_be_asked_of_one_agency_and_of_public_value(
        self, ends: tuple[Appraisal, Appraisal]
    ) -> None:
        found = compare(*ends, agency="local_authority", value="public_value", by_figure=False)
        for end, said in zip(ends, (found.before, found.after), strict=True):
            mean = end.npv(agency="local_authority", value="public_value").mean()
            assert said == round(float(mean), 2)
        assert sum(step.pence for step in found.steps) == found.after_pence - found.before_pence

    def test_a_case_mixed_of_one_side_is_that_side(self, ends: tuple[Appraisal, Appraisal]) -> None:
        pair = Pair(*(End(end.case, end.model, end.draws, end.seed) for end in ends))
        every = frozenset[str]().union(*(c.units for c in pair.changes(tuple(COMPONENTS), by_figure=True)))
        for units, end in ((frozenset[str](), ends[0]), (every, ends[1])):
            again = Run.of(pair.mixed(units), end.draws, end.seed)
            np.testing.assert_array_equal(again.npv("support", "all"), end.npv())


class TestRunsSparingly:
    def test_prices_and_rates_of_discount_simulate_nothing(
        self, march: Appraisal, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        june = run(overrides={HOME: local(8000), FOSTER: local(600)}, discounting=0.1, price_base="2026-27")
        counted = {"simulated": 0, "priced": 0}
        simulate, price = type(march.model).simulate, type(march.model).price

        def counting(name: str, method: Any) -> Any:
            def call(*words: Any, **named: Any) -> Any:
                counted[name] += 1
                return method(*words, **named)

            return call

        monkeypatch.setattr(type(march.model), "simulate", counting("simulated", simulate))
        monkeypatch.setattr(type(march.model), "price", counting("priced", price))
        found = compare(march, june)
        assert len(found.steps) == 4
        assert counted["simulated"] == 2  # both ends
        # the ends, six states with prices changed; what is discounted otherwise is priced already
        assert counted["priced"] < 10


class TestNothing:
    def test_nothing_changed_is_an_answer(self, march: Appraisal) -> None:
        found = compare(march, run())
        assert found.steps == ()
        assert found.change == 0
        assert "Nothing changed." in found.summary()
        assert isinstance(found.plot(), matplotlib.axes.Axes)

    def test_words_and_defaults_written_out_change_nothing(self, march: Appraisal) -> None:
        june = run(title="Another", place="Elsewhere", note="x", discounting="green_book_2022", journeys=[])
        assert compare(march, june).steps == ()

    def test_an_agreement_shares_the_answer_out_and_does_not_change_it(self, march: Appraisal) -> None:
        agreed = small_agreement(rules=[{"rule": "equal_return"}])
        june = run(agreement=agreed)
        assert compare(march, june).steps == ()
        shorter = compare(june, run(years=2, agreement=None))
        assert [step.name for step in shorter.steps] == ["horizon"]

    def test_a_local_figure_that_is_the_published_one_changes_nothing(self, march: Appraisal) -> None:
        row = ParameterSet.load()["effect.tfp_looked_after"]
        june = run(overrides={row.key: {"value": row.value, "reason": "checked"}})
        assert compare(march, june).change == 0


class TestTogether:
    def test_changes_that_cannot_be_parted_are_one_step(self) -> None:
        """Families who join in 2030-31 have no place in years that end before."""
        old = run(cohort={"intake": {"2024-25": 50}, "profile": "medium_need"}, overrides={HOME: local(8000)})
        new = run(start="2030-31", cohort={"intake": {"2030-31": 60}, "profile": "medium_need"})
        found = compare(old, new)
        assert [step.name for step in found.steps] == ["horizon + families", HOME]
        assert sum(step.pence for step in found.steps) == found.after_pence - found.before_pence
        back = compare(new, old)
        assert [step.pence for step in back.steps] == [-step.pence for step in found.steps]

    def test_shares_of_a_start_mix_change_together(self, march: Appraisal) -> None:
        starts = [
            p for p in ParameterSet.load().table("start") if p.key.startswith("start.work.medium_need.")
        ]
        moved = {
            starts[0].key: {"value": starts[0].value - 0.05, "reason": "ours"},
            starts[1].key: {"value": starts[1].value + 0.05, "reason": "ours"},
        }
        found = compare(march, run(overrides=moved))
        assert [step.name for step in found.steps] == ["start.work.medium_need"]


class TestSets:
    def test_another_edition_of_the_set(self, march: Appraisal) -> None:
        england = ParameterSet.load()
        rows = {k: p for k, p in england.parameters.items() if not k.startswith("unit_cost.CR1")}
        newer = replace(england, version="9", parameters=rows).override(
            HOME, 8000, price_base="2024-25", reason="newer"
        )
        june = appraise(Case.from_dict(quick_case()).with_set(newer), draws=60)
        found = compare(march, june)
        assert [step.name for step in found.steps] == ["unit_costs", HOME]
        assert "rows added, removed or not in use" in found.steps[0].label
        assert found.steps[0].pence == 0
        assert sum(step.pence for step in found.steps) == found.after_pence - found.before_pence

    def test_the_parts_of_a_price_change_with_it(self, march: Appraisal) -> None:
        """A headline that is split over agencies by its constituents has to be their sum in every case."""
        newer = ParameterSet.load()
        for key in ("unit_cost.SS4.1", *(p.id for p in newer.constituents("unit_cost.SS4.1")), HOME):
            row = newer[key]
            newer = newer.override(key, row.value * 1.1, price_base=row.price_base, reason="newer")
        newer = replace(
            newer,
            parameters={k: replace(p, overridden=False) for k, p in newer.parameters.items()},
        )
        found = compare(march, appraise(Case.from_dict(quick_case()).with_set(newer), draws=60))
        assert [step.name for step in found.steps] == ["unit_cost.SS4.1", HOME]

    def test_above_thirty_figures_they_are_taken_table_by_table(self, march: Appraisal) -> None:
        rates = [k for k in march.model.inputs.used if k.startswith("transition.")]
        moved = {k: {"value": march.model.inputs.used[k].value * 1.1, "reason": "ours"} for k in rates}
        assert len(moved) > 30
        found = compare(march, run(overrides=moved))
        labels = [step.label.rpartition(" (")[0] for step in found.steps]
        assert labels == [
            "Rates and quantities: transition, child safety",
            "Rates and quantities: transition, work",
        ]


class TestFiles:
    def appraised(self, folder: Path, ages: str, **changes: Any) -> Appraisal:
        folder.mkdir()
        rows = f"family,profile,adults,child_ages\nf1,medium_need,1,3 5\nf2,medium_need,2,{ages}\n"
        (folder / "families.csv").write_text(rows, encoding="utf-8")
        own = f"key,value,price_base,reason\n{HOME},8000,2024-25,ours\n"
        (folder / "local.csv").write_text(own, encoding="utf-8")
        data = {**quick_case(), "cohort": {"file": "families.csv"}, **changes}
        return appraise(Case.from_dict(data, folder), draws=30)

    def test_files_beside_the_case_are_read_from_its_own_folder(self, tmp_path: Path) -> None:
        old = self.appraised(tmp_path / "old", "7")
        new = self.appraised(tmp_path / "new", "7 8 9", override_files=["local.csv"])
        found = compare(old, new)
        assert [step.name for step in found.steps] == ["families", HOME]
        assert "files, or tables" in found.steps[0].label
        assert sum(step.pence for step in found.steps) == found.after_pence - found.before_pence

    def test_the_same_files_in_another_folder_change_nothing(self, tmp_path: Path) -> None:
        assert compare(self.appraised(tmp_path / "a", "7"), self.appraised(tmp_path / "b", "7")).steps == ()

    def test_a_case_with_a_file_beside_it_cannot_be_rebuilt_from_its_text(self, tmp_path: Path) -> None:
        result = self.appraised(tmp_path / "old", "7")
        stored = Appraisal.from_json(result.to_json())
        with pytest.raises(CommunityBudgetError, match="the new result cannot be run again; appraise its"):
            compare(result, stored)


class TestStored:
    def test_a_result_read_back_is_the_result(self, march: Appraisal) -> None:
        june = run(overrides={HOME: local(8000)})
        again = compare(Appraisal.from_json(march.to_json()), Appraisal.from_json(june.to_json()))
        assert again == compare(march, june)

    def test_what_cannot_be_run_again_is_a_step_and_is_said(self, march: Appraisal) -> None:
        ledger = replace(march.ledger, amounts=march.ledger.amounts * 1.25)
        assert [
            step.name for step in compare(replace(march, ledger=ledger), replace(march, ledger=ledger)).steps
        ] == ["library"]
        earlier = replace(march, ledger=ledger, set_version="england 0.3.0", set_digest="another")
        june = run(overrides={HOME: local(8000)})
        found = compare(earlier, june)
        assert [step.name for step in found.steps] == ["library", HOME]
        known = compare(march, june)
        assert found.steps[1] == known.steps[0]
        assert found.steps[0].pence == known.before_pence - found.before_pence
        assert sum(step.pence for step in found.steps) == found.after_pence - found.before_pence
        assert "rests on england 0.3.0" in found.notes[0]
        assert "run again with this library" in found.notes[1]
        assert found.notes[1] in found.summary()
        back = compare(june, earlier)
        assert [step.pence for step in back.steps] == [-step.pence for step in found.steps]


class TestRefused:
    def test_an_option_that_only_one_has(self, march: Appraisal) -> None:
        june = run(options=option_with(name="other", label="Other"))
        with pytest.raises(
            ParameterNotFound, match=r"'support' is not in both.*new one other.*none in common"
        ):
            compare(march, june)

    def test_an_option_that_only_one_has_is_no_bar_to_another(self, march: Appraisal) -> None:
        june = run(options=[*option_with(name="other", label="Other"), *option_with(delivery=delivery(2500))])
        found = compare(march, june)
        assert found.option == "support"
        assert [step.name for step in found.steps] == ["options", "effects"]
        assert found.steps[1].pence == 0
        with pytest.raises(ParameterNotFound, match="name one that is in both: support"):
            compare(june, march)

    @pytest.mark.parametrize(
        ("order", "says"),
        [
            (("data", "prices"), "'prices', which is no component"),
            (("data", "effects"), "name each once"),
            ((*COMPONENTS, "data"), "name each once"),
        ],
    )
    def test_an_order(self, march: Appraisal, order: tuple[str, ...], says: str) -> None:
        with pytest.raises(ParameterError, match=says):
            compare(march, march, order=order)

    def test_a_case_is_no_result(self, march: Appraisal) -> None:
        with pytest.raises(ParameterError, match="the new one is no result; give what `appraise` returns"):
            compare(march, march.case)  # type: ignore[arg-type]

    def test_an_agency_that_there_is_not(self, march: Appraisal) -> None:
        with pytest.raises(ParameterNotFound, match="'nobody' is no agency"):
            compare(march, march, agency="nobody")

    def test_a_value_that_there_is_not(self, march: Appraisal) -> None:
        with pytest.raises(ValueError, match="use fiscal or public_value"):
            compare(march, march, value="cash")


class TestResult:
    def test_it_says_what_it_is(self, dearer: Bridge) -> None:
        text = dearer.summary()
        assert "2023-24 prices" in text
        assert "2026-27 prices" in text
        assert "seed 1" in text
        assert "seed 2" in text
        assert "Largest reasons:" in text
        assert "Monte Carlo standard error of the change" in text
        assert "\n" not in repr(dearer)
        assert "<script" not in dearer._repr_html_()

    def test_old_and_new_are_in_words(self, several: Bridge) -> None:
        said = {step.name: (step.old, step.new) for step in several.steps}
        assert said["families"] == ("families 50", "families 80")
        assert said["effects"] == ("value 0.7", "value 0.5")
        assert said["discounting"] == ("green_book_2022", "0.1")
        assert said["monte_carlo"] == ("seed 1", "seed 3")
        assert said[HOME][1] == "£8,000 per person week (2024-25 prices)"
        assert said[RETURN][1] == "0.06 per month"

    def test_it_survives_json(self, dearer: Bridge) -> None:
        assert Bridge.from_json(dearer.to_json()) == dearer

    def test_its_frame_is_tidy(self, dearer: Bridge) -> None:
        frame = dearer.to_frame()
        assert frame["change"].sum() == pytest.approx(dearer.change, abs=1e-9)
        assert list(frame["component"]) == ["unit_costs", "price_base", "monte_carlo"]

    def test_it_draws_itself(self, dearer: Bridge) -> None:
        ax = dearer.plot()
        labels = [label.get_text() for label in ax.get_yticklabels()]
        assert labels[0] == "Before, in\n2023-24 prices"
        assert labels[-1] == "After, in\n2026-27 prices"


class TestHounslow:
    def test_from_published_unit_costs_to_a_councils_own(self, hounslow: Case) -> None:
        own = hounslow.override(HOME, 6120, price_base="2025-26", reason="2025-26 outturn")
        own = own.override(FOSTER, 480, price_base="2025-26", reason="2025-26 outturn, foster carers")
        own = own.override("unit_cost.E&E1.0", 12_000, price_base="2025-26", reason="2025-26 claims")
        published, ours = appraise(hounslow, draws=20), appraise(own, draws=20)
        found = compare(published, ours, "early_help")
        assert {HOME, FOSTER, "unit_cost.E&E1.0"} <= {step.name for step in found.steps}
        assert {step.component for step in found.steps} == {"unit_costs"}
        assert found.before_pence + sum(step.pence for step in found.steps) == found.after_pence
        assert found.after_pence == round(100 * float(ours.npv("early_help").mean()))

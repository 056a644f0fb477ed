"""A case that counts its families in a file: the same answer as the counts, and as a loop over children."""

import copy
import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from communitybudget._core.errors import CaseFileError
from communitybudget.case import Appraisal, Case, appraise, load_case
from communitybudget.case.model import prepare
from communitybudget.cohorts import read_families

HEADER = "family,profile,adults,child_ages"
PATHWAYS = ["child_safety", "youth_justice", "work"]
NOTHING = [{"name": "support", "label": "Support"}]
WORK_ONLY = [{"name": "support", "label": "Support", "effects": [{"effect": "tfp_jsa"}]}]


@pytest.fixture
def with_file(small, tmp_path):
    """Return a case whose families stand in a file of these lines."""

    def of(*lines, cohort=None, **changes):
        (tmp_path / "families.csv").write_text("\n".join(lines), encoding="utf-8")
        data = {**copy.deepcopy(small), "cohort": {"file": "families.csv", **(cohort or {})}, **changes}
        return Case.from_dict(data, tmp_path)

    return of


@pytest.fixture
def faults(with_file):
    def of(*lines, **changes):
        with pytest.raises(CaseFileError) as error:
            with_file(*lines, **changes)
        return str(error.value).splitlines()

    return of


def as_composed_by_the_set(joins=()):
    """5,000 families of lower need: 2.2 children and 1.65 adults each, ages to the last child as in the set.

    11,000 children by year of age: 24% of 0 to 4 is 528 a year, 31% of 5 to 9 is 682, 33% of 10 to 15 is
    605, 12% of 16 and 17 is 660.
    """
    by_age = [528] * 5 + [682] * 5 + [605] * 6 + [660] * 2
    ages = [age for age, count in enumerate(by_age) for _ in range(count)]
    rows, taken = [], 0
    for i in range(5000):
        count = 3 if i % 5 == 0 else 2
        own = ages[taken : taken + count]
        taken += count
        rows.append([str(i), "lower_need", "1" if i < 1750 else "2", " ".join(map(str, own))])
        if joins:
            rows[-1].append(joins[i % len(joins)])
    assert taken == len(ages) == 11_000
    return [HEADER + (",joins" if joins else ""), *(",".join(row) for row in rows)]


def assert_same_answer(counted, stated):
    for option in counted.options:
        assert_allclose(counted.npv(option), stated.npv(option), rtol=1e-9)
    assert_allclose(counted.activity.amounts, stated.activity.amounts, rtol=1e-9, atol=1e-9)
    assert_allclose(counted.ledger.amounts, stated.ledger.amounts, rtol=1e-9, atol=1e-6)
    assert counted.families == stated.families


class TestTheSameAnswer:
    COMPOSED = {"profile": "lower_need", "children_per_family": 2.2, "adults_per_family": 1.65}  # noqa: RUF012

    def test_as_the_composition_of_the_set(self, with_file, run_small):
        # the file is known to the child where the set has an interval, so the case states its central figures
        counted = appraise(with_file(*as_composed_by_the_set(), pathways=PATHWAYS), draws=60, seed=3)
        stated = run_small(draws=60, seed=3, pathways=PATHWAYS, cohort={"families": 5000, **self.COMPOSED})
        assert_same_answer(counted, stated)

    def test_as_an_intake_by_year(self, with_file, run_small):
        lines = as_composed_by_the_set(["2024-25", "2024-25", "2025-26", "2026-27", "2024-25"])
        counted = appraise(with_file(*lines), draws=40, seed=3)
        intake = {"2024-25": 3000, "2025-26": 1000, "2026-27": 1000}
        assert_same_answer(counted, run_small(draws=40, seed=3, cohort={"intake": intake, **self.COMPOSED}))

    def test_as_counts_of_states(self, with_file, run_small):
        lines = [HEADER + ",start_work"]
        lines += [f"{i},medium_need,2,4,in_work claiming_search" for i in range(20)]
        lines += [f"x{i},medium_need,1,9,?" for i in range(10)]
        lines += [f"y{i},medium_need,1,9,inactive_health" for i in range(10)]
        counted = appraise(with_file(*lines, pathways=["work"], options=WORK_ONLY), draws=100, seed=3)
        stated = run_small(
            draws=100,
            seed=3,
            pathways=["work"],
            options=WORK_ONLY,
            cohort={
                "families": 40,
                "profile": "medium_need",
                "children_per_family": 1,
                "adults_per_family": 1.5,
                "start_counts": {"work": {"in_work": 20, "claiming_search": 20, "inactive_health": 10}},
            },
        )
        assert_same_answer(counted, stated)

    def test_a_file_is_the_sum_of_its_families(self, with_file):
        rows = ["a,medium_need,1,3 7 16", "b,medium_need,2,17 17", "c,medium_need,1,", "d,medium_need,3,12"]
        every = appraise(with_file(HEADER, *rows, pathways=PATHWAYS, years=8), draws=20, seed=1)
        alone = [
            appraise(with_file(HEADER, row, pathways=PATHWAYS, years=8), draws=20, seed=1).activity.amounts
            for row in rows
        ]
        assert_allclose(every.activity.amounts, sum(alone), rtol=1e-9, atol=1e-12)

    def test_profiles_may_join_in_years_of_their_own(self, with_file):
        early = ["a,medium_need,1,3 7 16,2024-25", "b,medium_need,2,17,2024-25"]
        late = ["c,complex_need,1,5 8,2026-27", "d,complex_need,2,,2027-28"]
        header = HEADER + ",joins"
        every, first, second = (
            appraise(with_file(header, *rows, pathways=PATHWAYS), draws=20, seed=1)
            for rows in ([*early, *late], early, late)
        )
        parts = first.activity.amounts + second.activity.amounts
        assert_allclose(every.activity.amounts, parts, rtol=1e-9, atol=1e-12)
        spent = first.ledger.amounts.sum(axis=0) + second.ledger.amounts.sum(axis=0)
        assert_allclose(every.ledger.amounts.sum(axis=0), spent, rtol=1e-9, atol=1e-6)

    def test_progress_goes_from_one_profile_to_the_next(self, with_file):
        lines = [HEADER + ",joins", "a,medium_need,1,3,2024-25", "b,lower_need,1,3,2025-26"]
        seen = []
        appraise(with_file(*lines), draws=5, seed=1, progress=lambda done, total: seen.append((done, total)))
        assert seen == [(1, 8), (2, 8), (3, 8), (4, 8), (8, 8)]


class TestPeople:
    def test_a_loop_over_families_and_children(self, with_file, tmp_path):
        rng = np.random.default_rng(5)
        profiles = ["lower_need", "medium_need", "complex_need"]
        lines = [HEADER]
        for i in range(60):
            ages = rng.integers(0, 18, rng.integers(0, 6))
            lines.append(f"{i},{rng.choice(profiles)},{rng.integers(1, 4)},{' '.join(map(str, ages))}")
        model = prepare(with_file(*lines, pathways=PATHWAYS, years=12))
        drawn = model.draw(5, seed=1)
        limits = {"child_safety": (0, 18), "youth_justice": (10, 18)}
        for people in model.people_in(drawn):
            found = model.cohort.families * people.per_family
            if people.presence is not None:
                found = found * people.presence
            counted = np.zeros(145)
            for line in lines[1:]:
                _, profile, adults, ages = line.split(",")
                if profile != people.profile:
                    continue
                if people.pathway.unit == "adult":
                    counted += int(adults)
                    continue
                first, last = limits[people.pathway.name]
                for age in map(int, ages.split()):
                    if first <= age < last:
                        for month in range(145):
                            # the birthday is as likely on any day of the year of age
                            counted[month] += min(1.0, max(0.0, last - age - month / 12))
            assert_allclose(found, counted if people.presence is not None else counted[0], atol=1e-9)

    def test_a_child_of_17_leaves_within_the_year(self, with_file):
        model = prepare(with_file(HEADER, "a,medium_need,1,17"))
        (row,) = [row for row in model.people if row.pathway.name == "child_safety"]
        assert row.presence[[0, 6, 12, 13]] == pytest.approx([1, 0.5, 0, 0], abs=1e-12)

    def test_nobody_of_the_ages_of_a_pathway(self, with_file):
        result = appraise(with_file(HEADER, "a,medium_need,1,3", pathways=PATHWAYS), draws=5, seed=1)
        assert result.activity.total("proven_offences", "bau").sum() == 0
        assert np.isfinite(result.activity.amounts).all()

    def test_profiles_without_known_states_take_those_of_the_set(self, with_file):
        lines = [HEADER + ",start_work", "a,medium_need,2,4,in_work ?", "b,lower_need,1,4,"]
        inputs = prepare(with_file(*lines)).inputs
        assert inputs.used["start.work.medium_need.in_work"].mark == "local"
        assert inputs.used["start.work.medium_need.in_work"].value == pytest.approx(1.5 / 2.5)
        assert inputs.used["start.work.lower_need.in_work"].mark != "local"


class TestAssumptions:
    def test_the_file_and_its_number_of_rows_are_listed(self, with_file):
        lines = [HEADER, *(f"{i},medium_need,2,4 11" for i in range(12))]
        result = appraise(with_file(*lines), draws=10, seed=1)
        rows = result.assumptions().set_index("key")
        own = rows[rows["source"] == "families.csv"]
        assert own["value"].to_dict() == {
            "case.cohort.file": 12,
            "case.cohort.medium_need.children_per_family": 2,
            "case.cohort.medium_need.adults_per_family": 2,
        }
        assert set(own["mark"]) == {"local"}
        assert set(own["distribution"]) == {"taken as known"}
        assert not any(key.startswith("cohort.all.children_aged") for key in rows.index)
        assert any("counted in families.csv" in text for text in result.conventions)

    def test_what_rests_on_fewer_than_five_is_not_shown(self, with_file, tmp_path):
        from communitybudget.reporting.report import report_files

        lines = [HEADER + ",start_work"]
        lines += [f"{i},medium_need,1,4 11,{'claiming_search' if i < 3 else 'in_work'}" for i in range(12)]
        lines += [f"x{i},lower_need,2,5," for i in range(4)]
        result = appraise(with_file(*lines), draws=12, seed=1)
        rows = result.assumptions().set_index("key")
        hidden = rows[rows["value"].isna()]
        assert set(hidden.index) == {
            "case.cohort.lower_need.children_per_family",
            "case.cohort.lower_need.adults_per_family",
            *(f"start.work.medium_need.{s}" for s in ("in_work", "claiming_search", "inactive_health")),
        }
        assert hidden["label"].str.endswith("not shown: fewer than five counted").all()
        assert Appraisal.from_json(result.to_json()).assumptions().equals(result.assumptions())
        page = report_files(result)["report.html"].decode("utf-8")
        assert "not shown: fewer than five counted" in page
        assert "nan" not in page.lower().replace("finan", "").replace("tenan", "").replace("mainten", "")

    def test_synthetic_families_are_said_to_be(self, with_file):
        lines = [HEADER, *(f"synthetic-{i},medium_need,2,4" for i in range(12))]
        result = appraise(with_file(*lines), draws=10, seed=1)
        row = result.assumptions().set_index("key").loc["case.cohort.file"]
        assert row["mark"] == "assumption"
        assert "none is real" in row["source"]
        assert any("are synthetic" in text for text in result.cautions)

    def test_results_hold_nothing_of_a_family(self, with_file):
        lines = [HEADER + ",start_work", *(f"Kowalski{i},medium_need,1,4 11,in_work" for i in range(12))]
        result = appraise(with_file(*lines), draws=10, seed=1)
        assert (
            "Kowalski" not in result.to_json() + result.summary() + repr(result.case) + result.case.to_yaml()
        )


class TestFaults:
    def test_the_file_lies_in_the_folder_of_the_case(self, small, tmp_path):
        folder = tmp_path / "case"
        folder.mkdir()
        (tmp_path / "families.csv").write_text(f"{HEADER}\na,medium_need,1,4\n", encoding="utf-8")
        (folder / "link.csv").symlink_to(tmp_path / "families.csv")
        for name in ("../families.csv", str(tmp_path / "families.csv"), "link.csv"):
            with pytest.raises(CaseFileError, match=r"cohort\.file: .* lies outside the folder of the case"):
                Case.from_dict({**small, "cohort": {"file": name}}, folder)
        with pytest.raises(CaseFileError, match=r"there is no file 'nowhere\.csv' in the folder of the case"):
            Case.from_dict({**small, "cohort": {"file": "nowhere.csv"}}, folder)
        with pytest.raises(CaseFileError, match="was not read from a folder; read the case with load_case"):
            Case.from_dict({**small, "cohort": {"file": "families.csv"}})

    def test_the_file_of_a_case_names_it_with_its_place(self, with_file, tmp_path):
        case = with_file(HEADER, "a,medium_need,1,4")
        case.to_file(tmp_path / "case.yaml")
        assert load_case(tmp_path / "case.yaml") == case
        text = (tmp_path / "case.yaml").read_text(encoding="utf-8").replace("families.csv", "other.csv")
        (tmp_path / "case.yaml").write_text(text, encoding="utf-8")
        line = text.splitlines().index("  file: other.csv") + 1
        with pytest.raises(CaseFileError, match=rf"case\.yaml:{line}:3 cohort\.file: there is no file"):
            load_case(tmp_path / "case.yaml")

    def test_faults_of_the_file_come_with_those_of_the_case(self, faults):
        found = faults(HEADER, "a,medium,1,4", "b,medium_need,x,4", price_base="1850-51")
        assert [line.split(": ")[0] for line in found] == [
            "case price_base",
            "families.csv:2 profile",
            "families.csv:3 adults",
        ]

    @pytest.mark.parametrize(
        "extra",
        [
            {"families": 3},
            {"intake": {"2024-25": 3}},
            {"profile": "medium_need"},
            {"profiles": {"medium_need": 1}},
            {"children_per_family": 2},
            {"adults_per_family": 2},
            {"start_counts": {"work": {"in_work": 5}}},
        ],
    )
    def test_what_the_file_holds_is_not_given_again(self, faults, extra):
        (line,) = faults(HEADER, "a,medium_need,1,4", cohort=extra)
        assert line == f"case cohort: the file of families holds {next(iter(extra))} too; keep one of the two"

    def test_a_start_mix_may_be_given_for_other_pathways(self, with_file, faults):
        lines = [HEADER + ",start_work", "a,medium_need,1,4,in_work"]
        mix = {"child_safety": {"universal": 0.5, "early_help": 0.5}}
        inputs = prepare(with_file(*lines, cohort={"start": mix})).inputs
        shares = [
            p.value
            for k, p in inputs.used.items()
            if k.startswith("start.child_safety.medium_need.universal")
        ]
        assert sum(shares) == pytest.approx(0.5)
        found = faults(*lines, cohort={"start": {"work": {"in_work": 1}}})
        assert found == [
            "case cohort.start.work: start gives a mix for work, and the file of families a column "
            "start_work; keep one of the two"
        ]

    def test_years_of_joining_outside_the_case(self, faults):
        rows = ["a,medium_need,1,4,2024-25", "b,medium_need,1,4,2031-32", "c,medium_need,1,4,2031-32"]
        assert faults(HEADER + ",joins", *rows) == [
            f"families.csv:{line} joins: is outside the years 2024-25 to 2027-28; use a year inside"
            for line in (3, 4)
        ]

    def test_the_general_profile_is_counted_too(self, with_file, faults):
        # it has no composition in the set; here the file gives it
        model = prepare(with_file(HEADER, "a,general,1,4 9", pathways=["child_safety"], options=NOTHING))
        assert model.cohort.profiles == {"general": 1.0}
        (line,) = faults(HEADER, "a,general,1,4", pathways=["child_safety", "moon"], options=NOTHING)
        assert "pathways" in line

    def test_an_override_keeps_the_file(self, with_file):
        case = with_file(HEADER, "a,medium_need,1,4")
        changed = case.override("unit_cost.CR9.0", 50, price_base="2023-24", reason="ours")
        assert len(changed.families) == 1

    def test_a_result_read_back_asks_for_its_case(self, with_file):
        result = appraise(with_file(HEADER, "a,medium_need,1,4"), draws=10, seed=1)
        back = Appraisal.from_json(result.to_json())
        assert back == result
        with pytest.raises(CaseFileError, match="read the case with load_case"):
            back.break_even()

    def test_the_schema_knows_the_key(self):
        import communitybudget.case

        shipped = Path(communitybudget.case.__file__).parent / "case.schema.json"
        assert "file" in json.loads(shipped.read_text(encoding="utf-8"))["$defs"]["CohortSpec"]["properties"]


def test_names_of_the_package():
    import communitybudget as cb

    assert cb.read_families is read_families
    assert cb.Families is type(cb.synthetic_families(cb.ParameterSet.load(), "medium_need", 2, seed=1))

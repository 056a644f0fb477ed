"""The roll-up file: what it says is what is rolled up, and every fault is told where it is."""

import re
from pathlib import Path

import pytest

from communitybudget._core.errors import CaseFileError
from communitybudget.case import RollUpPlan, RollUpSpec, load_roll_up
from communitybudget.parameters import ParameterSet, examples_folder

WHOLE_PLACE = examples_folder() / "whole_place" / "roll_up.yaml"


@pytest.fixture(scope="module")
def plan() -> RollUpPlan:
    return load_roll_up(WHOLE_PLACE)


@pytest.fixture(scope="module")
def text() -> str:
    return WHOLE_PLACE.read_text(encoding="utf-8")


def faults_of(text: str) -> list[str]:
    with pytest.raises(CaseFileError) as caught:
        RollUpPlan.from_text(text)
    return str(caught.value).splitlines()


def test_the_figures_are_those_of_the_parameter_set(plan: RollUpPlan) -> None:
    england = ParameterSet.load("england")
    keys = ["amount.wp_gm", "amount.wp_cwac", "amount.wp_essex", "amount.wp_tri"]
    assert [claim.amount for claim in plan.claims] == [england[key].value for key in keys]
    ranges = [england[key] for key in ("amount.lga_wpcb", "amount.lga_wpcb_annual")]
    assert [(r.low, r.high) for r in plan.spec.references] == [(r.low, r.high) for r in ranges]


def test_the_four_pilots_on_one_basis(plan: RollUpPlan) -> None:
    """Public Finance, 13 March 2013, on NAO HC 1040: £270m, £56m in 5 years, £414m in 6, £70m a year."""
    rolled = plan.roll_up(draws=20)
    assert rolled.amounts == pytest.approx((270e6, 56e6, 345e6, 210e6))
    assert rolled.expected_national == pytest.approx(881e6 * 53e6 / 5_297_624)


def test_over_200m_a_year_is_the_sum_of_unlike_rates(plan: RollUpPlan) -> None:
    """Civil Service World, 14 March 2013: over £200m a year between them, over five years."""
    whole_at_once = plan.readings().set_index("read_as").loc["70m a year from the first day", "total"]
    assert whole_at_once / 5 == pytest.approx(204.2e6)


def test_other_readings_move_one_place_each(plan: RollUpPlan) -> None:
    found = plan.readings().set_index("read_as")
    declared = found.loc["as declared", "total"]
    assert found.loc["savings of 108m less investment of 41m", "total"] - declared == pytest.approx(11e6)
    assert found.loc["cashable savings alone, 127m", "total"] == pytest.approx(
        declared + (127e6 - 414e6) * 5 / 6
    )
    assert found.loc["each at its lowest", "total"] == pytest.approx(270e6 + 56e6 + 118e6 * 5 / 6 + 70e6)
    assert found.loc["each at its highest", "total"] == pytest.approx(270e6 + 67e6 + 345e6 + 350e6)
    assert (
        found["total"]
        .between(found["total"]["each at its lowest"], found["total"]["each at its highest"])
        .all()
    )


def test_the_evaluation_top_down(plan: RollUpPlan) -> None:
    (found,) = plan.top_down().values()
    assert found.words == "£284.5m to £287.5m"
    assert [round(100 * share, 1) for share in found.break_even_shares] == [43.9, 66.2]


def test_every_fault_of_shape_at_once(text: str) -> None:
    broken = text.replace("    spread: 0.2\n", "", 1).replace("reading: net\n", "reading: nett\n", 1)
    broken = (
        broken.replace("correlation:", "corelation:")
        .replace('"2.28"', "2.28")
        .replace('"£366m"', "about 366")
    )
    told = faults_of(broken)
    assert len(told) == 5
    assert told[0] == "roll_up.yaml:5:1 reading: is 'nett'; use one of 'gross' or 'net'"
    assert told[1].startswith("roll_up.yaml:7:1 corelation: is not known here; did you mean 'correlation'")
    assert "places[1].spread: is missing; say how unsure the amount is: add spread, such as 0.2" in told[2]
    assert "top_down[0].pairs[0].ratio: is '2.28' and no text; put it in quotes" in told[3]
    assert "top_down[0].pairs[0].net: 'about 366' is no printed figure; write it in quotes" in told[4]


def test_claims_that_may_not_be_added_are_told_where_they_stand(text: str) -> None:
    (told,) = faults_of(text.replace("horizon: 5 ", "# horizon: 5 "))
    assert told.startswith("roll_up.yaml:4:1 horizon: the horizons differ (Greater Manchester over 5 years, ")
    told = faults_of(text.replace("        cost: 41000000\n", ""))
    assert len(told) == 1
    assert "places[1].other_readings[0].cost: Cheshire West and Chester is gross (before the cost)" in told[0]
    (told,) = faults_of(text.replace("value: 53000000 ", "value: 530000 "))
    assert "nation.people: England has 530,000 people, no more than the places together" in told


def test_overlaps_ranges_and_printed_figures(text: str) -> None:
    overlap = "overlaps:\n  - {between: [Essex, Esex], share: 0.1, reason: joint work}\n"
    told = faults_of(
        f"{text}\n{overlap}".replace("low: 9400000000", "low: 94000000000").replace("£147m", "£247m")
    )
    assert "goes from £94,000,000,000 to £20,600,000,000; give the lower end as low" in told[0]
    assert "references[0]: " in told[0]
    told = faults_of(f"{text}\n{overlap}".replace("£147m", "£247m"))
    assert "overlaps[0]: an overlap names 'Esex'; did you mean 'Essex'?" in told[1]
    assert "top_down[0]: the printed figures disagree: no cost fits them all" in told[0]
    fine = f"{text}\n{overlap}".replace("Esex", "Tri-borough").replace("[Essex", '["Essex"')
    assert RollUpPlan.from_text(fine).roll_up(draws=2).overlap == pytest.approx(21e6)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("value: 53000000 ", "value: 0 ", "nation.people.value: is 0; it must be above 0"),
        (
            'ratio: "2.28"',
            'ratio: "0"',
            "top_down[0].pairs[0].ratio: is no benefit for each pound; give",
        ),
        ('ratio: "2.28"', 'ratio: "x"', "top_down[0].pairs[0].ratio: 'x' is no printed figure; write it in"),
        ("spread: as_seen ", "spread: seen ", "nation.spread: says no spread of other places; write a share"),
        ("spread: as_seen ", "spread: 30 ", "nation.spread: the spread of other places is 30; write 30%"),
        (
            "    spread: 0.2     ",
            "    spread: 20     ",
            "places[0].spread: Greater Manchester: the spread is 20",
        ),
        ("spread: as_seen ", "spread: -1 ", "nation.spread: is -1; it must be at least 0"),
        ("spread: as_seen ", "spread: ", "nation.spread: says no spread of other places"),
    ],
)
def test_the_nation_and_its_people(text: str, old: str, new: str, words: str) -> None:
    assert words in faults_of(text.replace(old, new))[0]


def test_people_need_a_passport() -> None:
    place = "  - {place: A, amount: 1, reading: net, people: 5, spread: 0, source: s, mark: local}"
    (told,) = faults_of(f"title: One\nplaces:\n{place}\n")
    assert "places[0].people: has no source and mark; write {value: 2682528, source: census 2011" in told


@pytest.mark.parametrize("nothing", ["", "- a\n", "words"])
def test_no_roll_up_at_all(nothing: str) -> None:
    (told,) = faults_of(nothing)
    assert told == "roll_up.yaml:1:1: holds no roll-up; start from examples/whole_place/roll_up.yaml"


def test_a_file_with_two_of_a_key(text: str) -> None:
    assert (
        "title: is there twice (first on line 4); keep one of the two"
        in faults_of(f"{text}\ntitle: again\n")[0]
    )


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_roll_up(tmp_path / "roll_up.yaml")


def test_every_key_is_explained() -> None:
    schema = RollUpSpec.model_json_schema()
    keys = {key for part in (schema, *schema["$defs"].values()) for key in part["properties"]}
    page = Path(__file__).resolve().parents[3] / "docs" / "methods" / "rolling-up.md"
    assert sorted(keys - set(re.findall(r"`([^`\n]+)`", page.read_text(encoding="utf-8")))) == []

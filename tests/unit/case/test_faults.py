"""Every fault of a case file is reported at once: file, line, column, key, what and remedy."""

import re
import shutil
from pathlib import Path

import pytest

from communitybudget._core.errors import CaseFileError
from communitybudget.case import Case, load_case
from communitybudget.parameters import england_folder

GOOD = """\
title: A case
start: 2024-25
years: 5
price_base: 2023-24
cohort: {families: 50, profile: medium_need}
pathways: [child_safety, youth_justice, work]
options:
  - name: support
    label: Support
    delivery:
      - {agency: local_authority, item: Support, per_family: 2000, price_base: 2023-24, source: an example}
    effects:
      - {effect: tfp_looked_after}
"""

FORM = re.compile(r"^case\.yaml:\d+:\d+ \S+: .+; .+$")


def faults_of(text: str) -> list[str]:
    with pytest.raises(CaseFileError) as error:
        Case.from_text(text)
    return str(error.value).splitlines()


def test_a_sound_case_has_no_faults() -> None:
    assert Case.from_text(GOOD).spec.years == 5


# each: what to replace, with what, where the fault is, and words it must say
ONE_FAULT = {
    "misspelt key": ("title:", "tittle:", "1:1 tittle", "title"),
    "unknown agency": (
        "local_authority",
        "local_autority",
        "11:10 options[0].delivery[0].agency",
        "local_authority",
    ),
    "negative cost": (
        "per_family: 2000",
        "per_family: -5",
        "11:50 options[0].delivery[0].per_family",
        "at least 0",
    ),
    "missing price base": (
        ", price_base: 2023-24, source",
        ", source",
        "11:9 options[0].delivery[0]",
        "price_base: 2024-25",
    ),
    "probability above 1": (
        "{effect: tfp_looked_after}",
        "{effect: tfp_looked_after, probability_no_effect: 1.2}",
        "13:36 options[0].effects[0].probability_no_effect",
        "at most 1",
    ),
    "row over 1": (
        "profile: medium_need",
        "profiles: {lower_need: 0.7, medium_need: 0.6}",
        "5:1 cohort",
        "sum to 1.3",
    ),
    "year outside the index": (
        "price_base: 2023-24\ncohort",
        "price_base: 1950-51\ncohort",
        "4:1 price_base",
        "covers",
    ),
    "text as number": (
        "per_family: 2000",
        "per_family: lots",
        "11:50 options[0].delivery[0].per_family",
        "not a number",
    ),
    "duplicate key": ("years: 5", "years: 5\nyears: 6", "4:1 years", "twice"),
    "unknown state in an effect": (
        "{effect: tfp_looked_after}",
        "{effect: tfp_looked_after, on: child_safety.protection_plan -> lookd_after}",
        "13:36 options[0].effects[0].on",
        "looked_after",
    ),
    "a move nobody makes": (
        "{effect: tfp_looked_after}",
        "{effect: tfp_looked_after, on: child_safety.universal -> looked_after}",
        "13:36 options[0].effects[0].on",
        "nobody moves",
    ),
    "unknown discount schedule": (
        "years: 5",
        "years: 5\ndiscounting: green_book_1997",
        "4:1 discounting",
        "green_book_2022",
    ),
    "unknown effect": (
        "tfp_looked_after",
        "tfp_looked_aftr",
        "13:10 options[0].effects[0].effect",
        "tfp_looked_after",
    ),
    "unknown pathway": ("youth_justice, work", "youth_justise, work", "6:26 pathways[1]", "youth_justice"),
    "unknown profile": ("medium_need", "middling", "5:24 cohort.profile", "need profile"),
    "no source": (", source: an example", "", "11:9 options[0].delivery[0]", "source"),
    "not a financial year": ("start: 2024-25", "start: 2024", "2:1 start", "financial year"),
    "a year that jumps": ("start: 2024-25", "start: 2024-27", "2:1 start", "financial year"),
    "no options": (GOOD[GOOD.index("options:") :], "options: []\n", "7:1 options", "at least one"),
    "the reserved name": ("name: support", "name: bau", "8:5 options[0]", "bau is always there"),
    "both families and intake": (
        "families: 50",
        "families: 50, intake: {2024-25: 5}",
        "5:1 cohort",
        "one of the two",
    ),
    "effect without its pathway": (
        "[child_safety, youth_justice, work]",
        "[work]",
        "13:9 options[0].effects[0]",
        "add child_safety",
    ),
    "override without reason": (
        "years: 5",
        "years: 5\noverrides:\n  unit_cost.CR9.0: {value: 50, price_base: 2023-24}",
        "5:3 overrides.unit_cost.CR9.0",
        "reason",
    ),
    "override of nothing": (
        "years: 5",
        "years: 5\noverrides:\n  unit_cost.CR99: {value: 50, price_base: 2023-24, reason: ours}",
        "5:3 overrides.unit_cost.CR99",
        "unit_cost.CR9",
    ),
    "money override without price base": (
        "years: 5",
        "years: 5\noverrides:\n  unit_cost.CR9.0: {value: 50, reason: ours}",
        "5:3 overrides.unit_cost.CR9.0",
        "price_base",
    ),
    "interval not named": (
        "per_family: 2000",
        "per_family: {value: 2000, low: 1000, high: 3000}",
        "11:50 options[0].delivery[0].per_family",
        "interval",
    ),
    "limits that do not ascend": (
        "per_family: 2000",
        "per_family: {value: 2000, low: 2500, high: 3000, interval: range}",
        "11:50 options[0].delivery[0].per_family",
        "ascend",
    ),
    "two amounts": (
        "per_family: 2000",
        "per_family: 2000, fixed: 3",
        "11:9 options[0].delivery[0]",
        "2 amounts",
    ),
    "events without trials": (
        "label: Support\n",
        "label: Support\n    engagement: {events: 5}\n",
        "10:5 options[0].engagement",
        "go together",
    ),
    "more events than trials": (
        "label: Support\n",
        "label: Support\n    engagement: {events: 5, trials: 4}\n",
        "10:5 options[0].engagement",
        "not possible",
    ),
    "a comma for a point": (
        "per_family: 2000",
        "per_family: '2,5'",
        "11:50 options[0].delivery[0].per_family",
        "not a number",
    ),
    "a percentage": ("per_family: 2000", "per_family: 80%", "11:50 options[0].delivery[0].per_family", "0.8"),
    "one year twice": (
        "{families: 50,",
        "{intake: {2024-25: 5, 2024/25: 6},",
        "5:10 cohort.intake",
        "same year",
    ),
    "nobody joins": ("{families: 50,", "{intake: {2024-25: 0},", "5:1 cohort", "brings no families"),
    "a pathway twice": ("youth_justice, work]", "youth_justice, work, work]", "6:47 pathways[3]", "twice"),
    "true is no number of years": ("years: 5", "years: true", "3:1 years", "whole number"),
    "a spread that cannot be": (
        "label: Support\n",
        "label: Support\n    engagement: {value: 0.8, sd: 0.5}\n",
        "10:5 options[0].engagement",
        "must be below 0.4",
    ),
    "limits and sd": (
        "per_family: 2000",
        "per_family: {value: 2, low: 1, high: 3, interval: range, sd: 1}",
        "11:50 options[0].delivery[0].per_family",
        "keep one of the two",
    ),
    "a move that is a number": (
        "{effect: tfp_looked_after}",
        "{effect: tfp_looked_after, on: 5}",
        "13:36 options[0].effects[0].on",
        "is no move",
    ),
    "a passport that is the set's": (
        "{effect: tfp_looked_after}",
        "{effect: tfp_looked_after, source: ours}",
        "13:9 options[0].effects[0]",
        "those of the set",
    ),
    "a journey of effects": (
        "years: 5",
        "years: 5\njourneys: [{name: j, label: J, period: year, price_base: 2013-14, items: "
        "[{what: x, unit_cost: effect.tfp_jsa, quantity: 1}]}]",
        "journeys[0].items[0].unit_cost",
        "no unit cost",
    ),
    "an allowance for nothing": (
        "years: 5",
        "years: 5\nallow_overlaps: [{codes: [ZZ1, SS5.0], reason: x}]",
        "allow_overlaps[0]",
        "ZZ1",
    ),
    "an empty part": (
        "    effects:\n      - {effect: tfp_looked_after}\n",
        "    effects:\n",
        "12:5 options[0].effects",
        "is empty",
    ),
    "a set elsewhere": ("years: 5", "years: 5\nparameters: ../../etc", "4:1 parameters", "beside the case"),
}


@pytest.mark.parametrize("name", ONE_FAULT)
def test_each_fault_says_where_what_and_how_to_mend_it(name: str) -> None:
    old, new, where, words = ONE_FAULT[name]
    assert old in GOOD
    lines = faults_of(GOOD.replace(old, new, 1))
    hits = [line for line in lines if where in line and words in line]
    assert hits, lines
    assert all(FORM.match(line) for line in lines), lines


def test_all_faults_come_at_once_in_the_order_of_the_file() -> None:
    text = GOOD
    for old, new in (
        ("title:", "tittle:"),
        ("start: 2024-25", "start: 2024"),
        ("local_authority", "local_autority"),
        ("per_family: 2000", "per_family: -5"),
        (", price_base: 2023-24, source", ", source"),
        ("tfp_looked_after", "tfp_looked_aftr"),
        ("years: 5", "years: 5\ndiscounting: nothing"),
    ):
        text = text.replace(old, new, 1)
    lines = faults_of(text)
    assert len(lines) == 8  # the seven above, and the title that is now missing
    numbers = [int(line.split(":")[1]) for line in lines]
    assert numbers == sorted(numbers)


@pytest.mark.parametrize("text", ["£64,000", "64,000", "£ 64000.00", " 64000 ", "£\u00a064,000"])
def test_pounds_as_text_are_accepted(text: str) -> None:
    case = Case.from_text(GOOD.replace("per_family: 2000", f"per_family: '{text}'"))
    per_family = case.spec.options[0].delivery[0].per_family
    assert per_family is not None
    assert per_family.value == 64_000


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "holds no case"),
        ("just words", "holds no case"),
        ("- a\n- list", "holds no case"),
        ("a: [1, 2", "not YAML"),
        ("a:\n\t- tab", "not YAML"),
        ("title: !!python/object:os.system x", "not allowed"),
    ],
)
def test_what_is_no_case_at_all_is_said_kindly(text: str, words: str) -> None:
    assert any(words in line for line in faults_of(text))


def test_a_file_that_is_not_text_is_said_kindly(tmp_path) -> None:
    path = tmp_path / "case.yaml"
    path.write_bytes(b"\xff\xfe\x00binary")
    with pytest.raises(CaseFileError, match="UTF-8"):
        load_case(path)


def test_a_yaml_alias_used_twice_is_one_fault() -> None:
    text = GOOD.replace("effects:", "effects: &e").replace("tfp_looked_after", "tfp_lookd")
    text += "  - {name: other, label: Other, effects: *e}\n"
    assert len(faults_of(text)) == 1


def test_every_missing_part_is_named() -> None:
    lines = faults_of("title: A case\nstart: 2024-25\nyears: 5\n")
    for key in ("price_base", "cohort", "pathways", "options"):
        assert any(f" {key}: is missing" in line for line in lines), lines


@pytest.mark.parametrize("second", ["tfp_looked_after", "published.tfp_looked_after"])
def test_one_effect_may_not_act_twice(second: str) -> None:
    lines = faults_of(GOOD + f"      - {{effect: {second}}}\n")
    assert len(lines) == 1
    assert "same effect" in lines[0]


def test_a_profile_that_a_pathway_does_not_know_is_named(tmp_path: Path) -> None:
    shutil.copytree(england_folder(), tmp_path / "set")
    table = tmp_path / "set" / "pathways" / "work" / "start_mix.csv"
    lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
    table.write_text("".join(line for line in lines if ".general." not in line), encoding="utf-8")
    text = GOOD.replace(
        "profile: medium_need", "profile: general, children_per_family: 2, adults_per_family: 2"
    )
    with pytest.raises(CaseFileError, match="work has no start mix for the profile general"):
        Case.from_text(text + "parameters: set\n", folder=tmp_path)


def test_python_values_keep_their_path_in_faults(small: dict) -> None:
    small["options"][0]["delivery"][0]["per_family"] = -1
    with pytest.raises(CaseFileError, match=r"case options\[0\]\.delivery\[0\]\.per_family"):
        Case.from_dict(small)

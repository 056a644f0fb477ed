"""The commands that look into a parameter set, as a council analyst types them."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from communitybudget.parameters import england_folder
from tests_builders import small_case


def command(*words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "communitybudget", *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


@pytest.fixture
def case_file(tmp_path: Path) -> Path:
    path = tmp_path / "case.yaml"
    path.write_text(yaml.safe_dump(small_case(), sort_keys=False), encoding="utf-8")
    return path


def test_search_shows_price_base_mark_and_caution() -> None:
    said = command("parameters", "search", "foster", "placement", "--limit", "2").stdout
    assert said.startswith("unit_cost.SS2.0\n")
    assert "£700 per person week, 2013-14 prices; Local authority [verified]" in said
    assert "Outside London" in said
    assert "more: name more words, or give --limit" in said


def test_search_that_finds_nothing_names_the_nearest() -> None:
    said = command("parameters", "search", "fostr", "placemnt").stdout
    assert "did you mean 'Council foster placement, one week'?" in said


def test_show_by_code_says_where_it_comes_from_and_who_uses_it() -> None:
    said = command("parameters", "show", "SS2.0").stdout
    assert "Curtis L. (2014), Unit Costs of Health and Social Care 2014" in said
    assert "CC BY 4.0" in said
    assert "parts add up: 701" in said
    assert "no pathway; but unit_cost.SS2.0.1, unit_cost.SS2.0.2" in said
    assert "at 2025-26 prices" in said


def test_show_at_the_prices_of_a_year() -> None:
    # 30 an hour at 2013-14 prices is 30 at those prices
    said = command("parameters", "show", "SS18.10", "--price-base", "2013-14").stdout
    assert "£30.00 by the index" in said


def test_tree() -> None:
    lines = command("parameters", "tree", "SS2.0").stdout.splitlines()
    assert lines[0].startswith("SS2.0  Council foster placement")
    assert lines[1].strip() == "(parts add up: 701)"
    assert lines[2].startswith("+- SS2.0.1")


def test_audit_counts_lists_and_writes(tmp_path: Path) -> None:
    said = command("parameters", "audit").stdout
    assert "Pairs that would count money twice" in said
    assert "--list orphans" in said
    rows = command("parameters", "audit", "--list", "not_adding_up").stdout.splitlines()
    assert len(rows) == 20
    wrote = command("parameters", "audit", "--csv", "audit.csv", cwd=tmp_path).stdout
    assert "rows to audit.csv" in wrote
    table = (tmp_path / "audit.csv").read_text(encoding="utf-8-sig").splitlines()
    assert table[0].startswith("group,key,label")
    assert f"Wrote {len(table) - 1:,} rows" in wrote


def test_check_changelog_sources_and_schema() -> None:
    folder = str(england_folder())
    assert "no faults" in command("parameters", "check", folder).stdout
    assert "## 0.5.0" in command("parameters", "changelog").stdout
    assert "england 0.5.0, 2," in command("parameters", "sources").stdout
    assert json.loads(command("parameters", "schema", "overrides").stdout)["items"]["required"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", "SS99"), "there is no figure 'SS99'"),
        (("tree", "housng"), "did you mean 'housing'"),
        (("search", "home", "--agency", "nhss"), "did you mean 'nhs'"),
        (("audit", "--list", "stael"), "there is no group 'stael'; did you mean 'stale'"),
        (("schema", "unit_cost"), "there is no table 'unit_cost'; did you mean 'unit_costs'"),
        (("diff", "england", "nothing"), "there is no parameter set 'nothing'"),
    ],
)
def test_a_mistake_is_answered_in_words(words: tuple[str, ...], said: str) -> None:
    found = command("parameters", *words)
    assert found.returncode == 2
    assert said in found.stderr
    assert "Traceback" not in found.stderr


def test_the_analysts_story(tmp_path: Path, case_file: Path) -> None:
    """Find a foster placement, see where it comes from, put in our own, see the answer move."""
    newer = tmp_path / "newer"
    shutil.copytree(england_folder(), newer)
    table = newer / "unit_costs.csv"
    text = table.read_text(encoding="utf-8")
    old = next(line for line in text.splitlines() if line.startswith("unit_cost.SS2.0.1,"))
    assert ",468," in old
    table.write_text(text.replace(old, old.replace(",468,", ",560,")), encoding="utf-8")
    said = command(
        "parameters", "diff", "england", str(newer), "--case", str(case_file), "--draws", "200"
    ).stdout
    assert "0 added, 0 removed, 1 changed" in said
    assert "unit_cost.SS2.0.1: 468 to 560 [value]" in said
    assert "Council foster placement: carer payments" in said
    assert "200 draws" in said

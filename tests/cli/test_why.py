"""Why the answer changed, at the command line."""

import json
from pathlib import Path

import pytest
import typer.testing
import yaml

from communitybudget._core.errors import CommunityBudgetError, OutputError
from communitybudget.case import Bridge, Case, appraise
from communitybudget.cli.app import app
from tests_builders import quick_case

DEARER = {"unit_cost.residential_home_week": {"value": 8000, "price_base": "2024-25", "reason": "ours"}}


def command(*words: str) -> typer.testing.Result:
    """In this process: what a user types is parsed, and a fault is raised as it is."""
    return typer.testing.CliRunner().invoke(app, ["why", *words])


@pytest.fixture(scope="module")
def stored() -> str:
    return appraise(Case.from_dict(quick_case()), draws=40, seed=3).to_json()


@pytest.fixture
def folder(tmp_path: Path, stored: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, changes in (("march.yaml", {}), ("june.yaml", {"overrides": DEARER})):
        text = yaml.safe_dump({**quick_case(), **changes}, sort_keys=False)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "march.json").write_text(stored, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_two_case_files_a_summary_and_files_twice_the_same(folder: Path) -> None:
    words = ("march.yaml", "june.yaml", "--draws", "40", "--seed", "3", "--out", "out")
    done = command(*words)
    assert done.exit_code == 0, done.output
    assert "Unit costs (1 step)" in done.stdout
    assert "seed 3 · 40 draws" in done.stdout
    assert "The table and the chart are in out" in done.stdout
    names = ["bridge.csv", "bridge.json", "bridge.png", "bridge.svg", "manifest.json"]
    assert sorted(path.name for path in (folder / "out").iterdir()) == names
    first = {name: (folder / "out" / name).read_bytes() for name in names}
    assert command(*words).exit_code == 0
    assert {name: (folder / "out" / name).read_bytes() for name in names} == first
    bridge = Bridge.from_json(first["bridge.json"].decode())
    header, row = first["bridge.csv"].decode().splitlines()
    assert header.startswith("step,component,label,old,new,change,")
    assert row.startswith("unit_cost.residential_home_week,unit_costs,")
    assert f",{bridge.change:.12g}," in row


def test_a_stored_result_keeps_its_draws_and_seed(folder: Path) -> None:
    done = command("march.json", "june.yaml", "--draws", "50", "--agency", "local_authority")
    assert done.exit_code == 0, done.output
    assert "seed 3 · 40 draws" in done.stdout
    assert "seed 1 · 50 draws" in done.stdout
    assert "Draws and seed (1 step)" in done.stdout
    assert "Support: why the net present value for Local authority changed" in done.stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("march.json", "june.yaml", "--value", "cash"), "--value is 'cash'; use fiscal or public_value"),
        (("march.json", "march.json", "--option", "other"), "option 'other' is not in both"),
        (("other.json", "march.json"), r"In other\.json:\nthis text holds no Appraisal; was it written by"),
        (("bytes.json", "march.json"), r"In bytes\.json:\nthis is no text in UTF-8; was it written by"),
        (("empty.yaml", "other.json"), r"In empty\.yaml:\nempty\.yaml:1:1: .*\nIn other\.json:\nthis text"),
        (("march.yaml", "june.yaml", "--out", "june.yaml"), "'june.yaml' is a file and no folder; choose an"),
    ],
)
def test_mistakes_are_said(folder: Path, words: tuple[str, ...], says: str) -> None:
    (folder / "other.json").write_text(json.dumps({"a": 1}), encoding="utf-8")
    (folder / "bytes.json").write_bytes(b"\xff\xfe")
    (folder / "empty.yaml").write_text("", encoding="utf-8")
    done = command(*words, "--draws", "5")
    assert isinstance(done.exception, CommunityBudgetError)
    with pytest.raises(CommunityBudgetError, match=says):
        raise done.exception


def test_a_folder_with_other_results_is_left_alone(folder: Path) -> None:
    (folder / "out").mkdir()
    (folder / "out" / "manifest.json").write_text('{"outputs": {"report.html": "x"}}', encoding="utf-8")
    (folder / "out" / "report.html").write_text("x", encoding="utf-8")
    done = command("march.json", "march.json", "--out", "out")
    assert isinstance(done.exception, OutputError)
    assert "holds other results" in str(done.exception)
    assert sorted(path.name for path in (folder / "out").iterdir()) == ["manifest.json", "report.html"]

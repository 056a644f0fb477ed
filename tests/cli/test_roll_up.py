"""The command that rolls up, as a user types it."""

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from communitybudget._core.errors import OutputError
from communitybudget.cli.app import app
from communitybudget.parameters import examples_folder

FILE = str(examples_folder() / "whole_place" / "roll_up.yaml")


def test_it_prints_every_part_and_writes_the_same_bytes_twice(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        done = CliRunner().invoke(app, ["roll-up", FILE, "--draws", "500", "--out", str(folder)])
        assert done.exit_code == 0, done.output
    for words in (
        "Essex: £414,000,000 net over 6 years",
        "England, by the head",
        "GROSS: no comparison group behind any of them.",
        "Tri-borough: 70m a year from the first day: £1,021m, £10,215m",
        "the printed figures imply a cost of £284.5m to £287.5m",
        "fiscal, £1.51 for each £1 and £147m net: 66.2% of it must be real to repay the cost",
    ):
        assert words in done.output
    names = json.loads((folders[0] / "manifest.json").read_text(encoding="utf-8"))["outputs"]
    assert list(names) == ["roll_up.csv", "readings.csv", "roll_up.png", "roll_up.txt"]
    for name in names:
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes()
    again = CliRunner().invoke(app, ["roll-up", FILE, "--draws", "500", "--out", str(folders[0])])
    assert again.exit_code == 0


def test_places_alone(tmp_path: Path) -> None:
    file = tmp_path / "roll_up.yaml"
    file.write_text(
        "title: One place\nplaces:\n"
        "  - {place: A, amount: 1000000, reading: gross, years: 5, spread: 0, source: ours, mark: local}\n",
        encoding="utf-8",
    )
    done = CliRunner().invoke(app, ["roll-up", str(file), "--draws", "10"])
    assert done.exit_code == 0
    assert "Gross (before the cost), over 5 years." in done.output
    assert "otherwise" not in done.output
    assert "imply" not in done.output


@pytest.mark.parametrize(("name", "words"), [("roll_up.yaml", "holds no roll-up"), ("out", "is a file")])
def test_what_is_wrong_ends_in_a_message(name: str, words: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("", encoding="utf-8")
    file = str(tmp_path / name) if name == "roll_up.yaml" else FILE
    done = CliRunner().invoke(app, ["roll-up", file, "--out", str(tmp_path / "out")])
    assert done.exit_code != 0
    assert words in str(done.exception)


def test_other_results_in_the_folder_stay(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"outputs": ["report.html"]}', encoding="utf-8")
    (tmp_path / "report.html").write_text("the report", encoding="utf-8")
    done = CliRunner().invoke(app, ["roll-up", FILE, "--draws", "10", "--out", str(tmp_path)])
    assert isinstance(done.exception, OutputError)
    assert "holds other results (report.html), which would go" in str(done.exception)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["manifest.json", "report.html"]


def test_labels_that_a_spreadsheet_would_run(tmp_path: Path) -> None:
    file = tmp_path / "roll_up.yaml"
    file.write_text(
        "title: Two places\nplaces:\n"
        "  - {place: '=1+1', amount: 1000, reading: net, spread: 0, source: '@us', mark: local,"
        " other_readings: [{label: '+SUM(A1)', amount: 1, reading: net, source: ours, mark: local}]}\n",
        encoding="utf-8",
    )
    done = CliRunner().invoke(app, ["roll-up", str(file), "--draws", "10", "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    for name in ("roll_up.csv", "readings.csv"):
        table = (tmp_path / "out" / name).read_text(encoding="utf-8").splitlines()
        cells = [cell for row in csv.reader(table) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]
        assert "'=1+1" in cells

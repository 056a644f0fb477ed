"""A workbook imported at the command line."""

import subprocess
import sys
from pathlib import Path

import pytest

from workbook_builders import Book


def command(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "communitybudget", "parameters", *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    book = Book()
    book.row("CR1.0.2")["fiscal"] = 190
    return book.save(tmp_path / "costs.xlsx")


def test_look_first_then_write_then_use(tmp_path: Path, workbook: Path) -> None:
    done = command("import-ucd", workbook.name, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "6 on 2 sheets" in done.stdout
    assert "--list does_not_reconcile" in done.stdout
    assert "Nothing was written" in done.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["costs.xlsx"]

    done = command("import-ucd", workbook.name, "--list", "does_not_reconcile", cwd=tmp_path)
    assert "Crime row 3 CR1.0: 500 against 490 of its 2 constituents, -2.00%; use the" in done.stdout

    done = command("import-ucd", workbook.name, "--out", "ours", cwd=tmp_path)
    assert "Wrote the parameter set ucd_v9_1 9.1 to ours" in done.stdout
    assert "no faults" in command("check", "ours", cwd=tmp_path).stdout
    assert "£500 per incident" in command("show", "CR1.0", "--set", "ours", cwd=tmp_path).stdout
    assert "6 rows, 8 amounts" in command("changelog", "--set", "ours", cwd=tmp_path).stdout
    said = command("audit", "--set", "ours", "--as-of", "2025-26", cwd=tmp_path).stdout
    assert "--list orphans            0" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("import-ucd", "nothing.xlsx"), "nothing.xlsx: is not there; check the path"),
        (("import-ucd", "."), "is a folder; name the workbook in it"),
        (("import-ucd", "notes.txt"), "notes.txt: is no Excel workbook; open it"),
        (
            ("import-ucd", "costs.xlsx", "--out", "."),
            "is the folder of the workbook, where nothing is written",
        ),
        (("import-ucd", "costs.xlsx", "--out", "notes.txt"), "is a file and no folder"),
        (("import-ucd", "costs.xlsx", "--out", "mine"), "holds set.yaml"),
        (("import-ucd", "costs.xlsx", "--list", "code_blnk"), "did you mean 'code_blank'"),
        (("audit", "--set", "ours"), "no row of the set says when it was reviewed; give as_of"),
    ],
)
def test_mistakes_get_a_message(tmp_path: Path, workbook: Path, words: tuple[str, ...], said: str) -> None:
    (tmp_path / "notes.txt").write_text("notes", encoding="utf-8")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "set.yaml").write_text("name: mine", encoding="utf-8")
    if "ours" in words:
        command("import-ucd", workbook.name, "--out", "ours", cwd=tmp_path)
    done = command(*words, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "mine" / "set.yaml").read_text(encoding="utf-8") == "name: mine"

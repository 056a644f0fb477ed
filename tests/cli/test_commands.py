"""The commands as a user types them, in a process of their own."""

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from agreement_cases import agreed_case
from tests_builders import small_case


def command(*words: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "communitybudget", *words],
        cwd=cwd,
        env={**os.environ, **environment},
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


def digests(folder: Path) -> dict[str, str]:
    return {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def test_same_inputs_and_seed_same_bytes_in_every_file(case_file: Path) -> None:
    folder = case_file.parent
    for name, hash_seed in (("one", "0"), ("two", "12345")):
        done = command(
            "run",
            "case.yaml",
            "--draws",
            "450",
            "--seed",
            "7",
            "--out",
            name,
            cwd=folder,
            PYTHONHASHSEED=hash_seed,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.rstrip().endswith(f"The report is at {Path(name) / 'report.html'}")
    one, two = digests(folder / "one"), digests(folder / "two")
    assert one == two
    assert len(one) == 29
    manifest = json.loads((folder / "one" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["seed"] == 7
    assert {n: one[n] for n in manifest["outputs"]} == manifest["outputs"]
    other = command("run", "case.yaml", "--draws", "450", "--seed", "8", "--out", "three", cwd=folder)
    assert other.returncode == 0
    assert digests(folder / "three")["ledger.csv"] != one["ledger.csv"]


def test_long_work_shows_progress_beside_the_result(case_file: Path) -> None:
    done = command("run", "case.yaml", "--draws", "50", "--out", "out", cwd=case_file.parent)
    assert "Simulating" in done.stderr
    assert "100%" in done.stderr
    assert "%" not in done.stdout.splitlines()[0]


def test_faults_end_in_code_2_and_write_nothing(case_file: Path) -> None:
    text = case_file.read_text(encoding="utf-8")
    case_file.write_text(
        text.replace("title:", "tittle:").replace("local_authority", "nobody"), encoding="utf-8"
    )
    for words in (("run", "case.yaml", "--out", "out"), ("check", "case.yaml")):
        done = command(*words, cwd=case_file.parent)
        assert done.returncode == 2
        assert done.stdout == ""
        lines = done.stderr.splitlines()
        assert len(lines) == 3
        assert all(line.startswith("case.yaml:") and "; " in line for line in lines)
        assert "Traceback" not in done.stderr
    assert not (case_file.parent / "out").exists()


def test_check_finds_what_partners_cannot_agree_on(case_file: Path) -> None:
    case = agreed_case(partners=["local_authority", "nhs", "dwp", "fire"])
    case_file.write_text(yaml.safe_dump(case, sort_keys=False), encoding="utf-8")
    done = command("check", "case.yaml", cwd=case_file.parent)
    assert done.returncode == 2
    assert re.match(r"case\.yaml:\d+:\d+ agreement\.partners\[3\]: Fire and rescue neither", done.stderr)
    assert "Traceback" not in done.stderr


def test_run_writes_the_pages_of_an_agreement(case_file: Path) -> None:
    case = agreed_case(rules=[{"rule": "equal_return"}])
    case_file.write_text(yaml.safe_dump(case, sort_keys=False), encoding="utf-8")
    done = command("run", "case.yaml", "--draws", "20", "--out", "out", cwd=case_file.parent)
    assert done.returncode == 0, done.stderr
    names = ("agreement.html", "agreement.csv", "agreement_by_year.csv", "pooled_fund.csv")
    assert all((case_file.parent / "out" / name).is_file() for name in names)
    manifest = json.loads((case_file.parent / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert {*names, "charts/agreement_equal_return.svg"} <= set(manifest["outputs"])


def test_check_says_when_there_is_no_fault(case_file: Path) -> None:
    done = command("check", "case.yaml", cwd=case_file.parent)
    assert done.returncode == 0
    assert "no faults" in done.stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("run", "nowhere.yaml", "--out", "out"), "there is no file 'nowhere.yaml'"),
        (("run", ".", "--out", "out"), "is a folder"),
        (("check", "nowhere.yaml"), "there is no file"),
        (("run", "case.yaml", "--out", "case.yaml", "--draws", "5"), "is a file and no folder"),
        (("run", "case.yaml"), "Missing option '--out'"),
        (("run", "case.yaml", "--out", "out", "--draws", "0"), "Invalid value for '--draws'"),
        (("run", "case.yaml", "--out", "out", "--seed", "-1"), "Invalid value for '--seed'"),
        (("parameters", "show", "unit_cost.CR9"), "did you mean"),
        (("parameters", "search", "x", "--set", "nothing"), "there is no parameter set 'nothing'"),
        (("parameters", "sources", "--set", "nothing"), "there is no parameter set 'nothing'"),
        (("nonsense",), "No such command"),
    ],
)
def test_mistakes_get_a_message_and_no_traceback(case_file: Path, words: tuple[str, ...], says: str) -> None:
    done = command(*words, cwd=case_file.parent, COLUMNS="200", TERM="dumb")
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="permissions do not bind this user")
def test_an_unwritable_folder_is_said(case_file: Path) -> None:
    locked = case_file.parent / "locked"
    locked.mkdir()
    locked.chmod(0o500)
    done = command("run", "case.yaml", "--draws", "5", "--out", "locked/out", cwd=case_file.parent)
    assert done.returncode == 2
    assert "could not be written" in done.stderr


def test_a_folder_that_cannot_be_made_is_said(case_file: Path) -> None:
    (case_file.parent / "file").write_text("", encoding="utf-8")
    done = command("run", "case.yaml", "--draws", "5", "--out", "file/out", cwd=case_file.parent)
    assert done.returncode == 2
    assert "could not be written" in done.stderr
    assert "Traceback" not in done.stderr


def test_new_writes_a_case_that_runs_and_never_overwrites(tmp_path: Path) -> None:
    done = command("new", "mine", cwd=tmp_path)
    assert done.returncode == 0
    assert command("check", "mine/case.yaml", cwd=tmp_path).returncode == 0
    again = command("new", "mine", cwd=tmp_path)
    assert again.returncode == 2
    assert "there already" in again.stderr
    run = command("run", "mine/case.yaml", "--draws", "30", "--out", "out", cwd=tmp_path)
    assert run.returncode == 0
    assert "2.0% a year (assumption)" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_parameters_can_be_looked_into(tmp_path: Path) -> None:
    found = command("parameters", "search", "foster", "week", cwd=tmp_path)
    assert "unit_cost.SS2.0\n" in found.stdout
    shown = command("parameters", "show", "unit_cost.E&E1.0[economic]", cwd=tmp_path)
    assert "14,044" in shown.stdout
    assert "verified" in shown.stdout
    assert "CC BY 4.0" in command("parameters", "sources", cwd=tmp_path).stdout
    assert "Nothing in england" in command("parameters", "search", "zzzz", cwd=tmp_path).stdout


def test_demo_runs_outside_the_checkout(tmp_path: Path) -> None:
    done = command("demo", "--draws", "20", "--out", "demo", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "demo" / "report.html").is_file()
    assert done.stdout.rstrip().endswith(str(Path("demo") / "report.html"))


@pytest.mark.skipif(os.name == "nt", reason="signals are sent otherwise there")
def test_stopping_a_run_leaves_what_was_there(case_file: Path) -> None:
    folder = case_file.parent
    assert command("run", "case.yaml", "--draws", "20", "--out", "out", cwd=folder).returncode == 0
    before = digests(folder / "out")
    run = subprocess.Popen(
        [sys.executable, "-m", "communitybudget", "run", "case.yaml", "--draws", "20000", "--out", "out"],
        cwd=folder,
        stderr=subprocess.PIPE,
        text=True,
        # tests started in the background ignore the signal, and would hand that on
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert run.stderr is not None
    assert "Simulating" in run.stderr.readline()
    run.send_signal(signal.SIGINT)
    _, said = run.communicate(timeout=60)
    assert run.returncode == 130
    assert "stopped; what was there before is untouched" in said
    assert "Traceback" not in said
    assert digests(folder / "out") == before

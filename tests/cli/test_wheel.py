"""The wheel carries its data and works where there is no checkout."""

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", str(out), str(ROOT)],
        check=True,
        capture_output=True,
        timeout=600,
    )
    return next(out.glob("*.whl"))


def test_the_wheel_holds_parameters_examples_and_templates(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for name in (
        "communitybudget/_data/parameters/england/set.yaml",
        "communitybudget/_data/parameters/england/unit_costs.csv",
        "communitybudget/_data/parameters/england/LICENCE.md",
        "communitybudget/_data/parameters/england/pathways/child_safety/transitions.csv",
        "communitybudget/_data/examples/hounslow/case.yaml",
        "communitybudget/_data/examples/whole_place/roll_up.yaml",
        "communitybudget/reporting/templates/report.html.j2",
        "communitybudget/_data/examples/complex_borough/local/prices.csv",
        "communitybudget/_data/parameters/england/CHANGELOG.md",
        "communitybudget/case/case.schema.json",
        "communitybudget/parameters/tables.schema.json",
        "communitybudget/cli/starter_case.yaml",
        "communitybudget/py.typed",
    ):
        assert name in names
    assert not any(name.endswith(".xlsx") for name in names)


def test_the_wheel_works_in_a_clean_environment(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "env", with_pip=True)
    scripts = tmp_path / "env" / ("Scripts" if os.name == "nt" else "bin")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}
    subprocess.run(
        [str(scripts / "python"), "-m", "pip", "install", "--quiet", str(wheel)],
        check=True,
        capture_output=True,
        env=environment,
        timeout=900,
    )
    away = tmp_path / "away"
    away.mkdir()
    done = subprocess.run(
        [str(scripts / "communitybudget"), "demo", "--draws", "20", "--out", "out"],
        cwd=away,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (away / "out" / "report.html").is_file()
    where = subprocess.run(
        [str(scripts / "python"), "-c", "import communitybudget; print(communitybudget.__file__)"],
        cwd=away,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert str(ROOT / "src") not in where.stdout

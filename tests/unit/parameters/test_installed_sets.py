"""A set that another package contributes by the entry point ``communitybudget.parameter_sets``."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from communitybudget._core.errors import ParameterNotFound
from communitybudget.parameters import ParameterSet
from communitybudget.parameters.tables import COMMON_COLUMNS

ROW = {
    "key": "unit_cost.visit",
    "label": "Home visit",
    "value": "80",
    "unit": "GBP per_visit",
    "price_base": "2024-25",
    "agency": "local_authority",
    "value_type": "fiscal",
    "evidence_grade": "green",
    "mark": "assumption",
    "source": "outturn",
}
FILES = {
    "set.yaml": "name: borough_figures\nversion: 1.0.0\ntitle: Figures of a borough\nindex: flat\n",
    "sources.yaml": "outturn:\n  citation: Borough outturn 2024-25\n",
    "unit_costs.csv": ",".join(COMMON_COLUMNS)
    + "\n"
    + ",".join(ROW.get(column, "") for column in COMMON_COLUMNS)
    + "\n",
    "indices/flat.csv": "vintage,year,index,mark,source\n"
    "flat,2023-24,100,assumption,outturn\nflat,2024-25,102,assumption,outturn\n",
    "rules/default_spread.csv": "evidence_grade,coefficient_of_variation\ngreen,0.1\n",
    "CHANGELOG.md": "# Changes\n\n## 1.0.0\n\nFirst figures.\n",
}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder as an installer leaves it: the package, and what its metadata says of it."""
    package = tmp_path / "site" / "borough_figures_package"
    for name, text in FILES.items():
        path = package / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    code = 'from pathlib import Path\n\n\ndef folder():\n    return Path(__file__).parent / "data"\n'
    (package / "__init__.py").write_text(code, encoding="utf-8")
    about = tmp_path / "site" / "borough_figures_package-1.0.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: borough-figures-package\nVersion: 1.0.0\n", encoding="utf-8"
    )
    (about / "entry_points.txt").write_text(
        "[communitybudget.parameter_sets]\nborough_figures = borough_figures_package:folder\n",
        encoding="utf-8",
    )
    return tmp_path / "site"


def test_it_is_loaded_by_its_name(site, monkeypatch):
    monkeypatch.syspath_prepend(str(site))
    found = ParameterSet.load("borough_figures")
    assert (found.name, found.version) == ("borough_figures", "1.0.0")
    visit = found["unit_cost.visit"]
    assert (visit.value, visit.price_base) == (80, "2024-25")
    assert found.index().factor("2023-24", "2024-25") == pytest.approx(1.02)
    assert found.citation(visit.source) == "Borough outturn 2024-25"


def test_it_is_the_same_set_as_its_folder(site, monkeypatch):
    monkeypatch.syspath_prepend(str(site))
    by_folder = ParameterSet.load(site / "borough_figures_package" / "data")
    assert ParameterSet.load("borough_figures").digest == by_folder.digest


def test_a_wrong_name_is_answered_with_the_installed_ones(site, monkeypatch):
    monkeypatch.syspath_prepend(str(site))
    with pytest.raises(ParameterNotFound, match=r"borough_figures, england.*nearest: borough_figures"):
        ParameterSet.load("borough_figure")


def test_the_commands_find_it_too(site, tmp_path):
    done = subprocess.run(
        [
            *(sys.executable, "-m", "communitybudget", "parameters", "show", "unit_cost.visit"),
            *("--set", "borough_figures"),
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Home visit" in done.stdout
    assert "Borough outturn 2024-25" in done.stdout

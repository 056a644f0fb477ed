"""The rules of the house: floors, lint, types, start-up, and no pickle, eval or network."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))


def tool(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=ROOT, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_imports_point_down_the_floors() -> None:
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_lint_is_clean() -> None:
    tool("ruff", "check", "--no-cache", ".")


def test_format_is_settled() -> None:
    tool("ruff", "format", "--check", "--no-cache", ".")


def test_types_are_strict_and_clean() -> None:
    tool("mypy")


HEAVY = (
    *("scipy", "pandas", "statsmodels", "matplotlib", "pydantic", "jinja2", "dask", "numba", "yaml"),
    "openpyxl",
)


def test_the_import_brings_nothing_heavy() -> None:
    code = f"import sys, communitybudget; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_public_names_are_all_there() -> None:
    import communitybudget

    for name in communitybudget.__all__:
        assert getattr(communitybudget, name) is not None
    assert set(dir(communitybudget)) == set(communitybudget.__all__)
    with pytest.raises(AttributeError, match="nothing_here"):
        _ = communitybudget.nothing_here


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.relative_to(ROOT / "src").as_posix())
def test_nothing_unsafe_is_used(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    unsafe = r"\bpickle\b|\beval\(|\bexec\(|yaml\.(safe_)?load\(|\bsocket\b|\burllib\b|\brequests\b"
    unsafe += r"|np\.random\.seed"
    assert not re.search(unsafe, text)
    assert text.count("\n") <= 600, "a room that wants to become a folder"


def test_no_path_of_a_machine_is_in_the_project() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.splitlines()
    pattern = re.compile(r"(^|[^\w.-])/(root|home|work|Users)/\w")
    for name in listed:
        path = ROOT / name
        if path.suffix in (".png", ".svg") or name == "tests/unit/test_house.py" or not path.is_file():
            continue
        assert not pattern.search(path.read_text(encoding="utf-8")), name

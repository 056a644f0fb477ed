"""Every example runs, and what its README says is so."""

import doctest
import re
from pathlib import Path

import pytest

from communitybudget.case import appraise, load_case, load_roll_up
from communitybudget.parameters import examples_folder

CASES = sorted(path.parent for path in examples_folder().glob("*/case.yaml"))
ROLL_UPS = sorted(path.parent for path in examples_folder().glob("*/roll_up.yaml"))
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("folder", [*CASES, *ROLL_UPS], ids=lambda folder: folder.name)
def test_the_readme_is_true(folder: Path) -> None:
    text = (folder / "README.md").read_text(encoding="utf-8")
    scope: dict[str, object] = {}
    report: list[str] = []
    for found in BLOCK.finditer(text):
        test = doctest.DocTestParser().get_doctest(found[1], scope, folder.name, str(folder), 0)
        flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
        doctest.DocTestRunner(optionflags=flags).run(test, out=report.append, clear_globs=False)
        scope.update(test.globs)
    assert not report, "".join(report)


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_the_case_has_no_faults_and_gives_an_answer(folder: Path) -> None:
    case = load_case(folder / "case.yaml")
    result = appraise(case, draws=20, seed=1)
    assert result.to_frame()["mean"].notna().any()
    assert not result.model.unused_overrides()


@pytest.mark.parametrize("folder", ROLL_UPS, ids=lambda folder: folder.name)
def test_the_roll_up_has_no_faults_and_gives_an_answer(folder: Path) -> None:
    rolled = load_roll_up(folder / "roll_up.yaml").roll_up(draws=20)
    assert rolled.to_frame()["rolled_up"].notna().all()


def test_every_example_has_a_readme_that_says_how_to_run_it() -> None:
    assert [folder.name for folder in CASES] == ["barnet", "complex_borough", "hounslow", "late_start"]
    assert [folder.name for folder in ROLL_UPS] == ["whole_place"]
    assert sorted([*CASES, *ROLL_UPS]) == sorted(
        path.parent for path in examples_folder().glob("*/README.md")
    )
    commands = [f"run examples/{folder.name}/case.yaml" for folder in CASES]
    commands += [f"roll-up examples/{folder.name}/roll_up.yaml" for folder in ROLL_UPS]
    for folder, command in zip([*CASES, *ROLL_UPS], commands, strict=True):
        assert f"communitybudget {command}" in (folder / "README.md").read_text(encoding="utf-8")

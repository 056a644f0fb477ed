"""Sets with faults in them, and mistakes at the keyboard, when somebody looks into a set."""

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace

import pytest

from communitybudget._core.errors import ParameterSetError
from communitybudget.parameters import ParameterSet, england_folder
from communitybudget.pathways.audit import audit


@pytest.fixture(scope="module")
def england():
    return ParameterSet.load()


def edited(england, key, **changes):
    fields = changes.pop("fields", {})
    row = england[key]
    new = replace(row, fields={**row.fields, **fields}, **changes)
    return replace(england, parameters={**england.parameters, key: new})


def command(*words, cwd):
    return subprocess.run(
        [sys.executable, "-m", "communitybudget", "parameters", *words],
        cwd=cwd,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    "key", ["unit_cost.SS2.0", "unit_cost.foster_week_dfe", "unit_cost.E&E1.0[economic]", "effect.tfp_jsa"]
)
def test_a_pasted_key_finds_its_row_first(england, key):
    assert [p.id for p in england.search(key)][:1] == [key]


@pytest.mark.parametrize(
    "words",
    [("audit", "--as-of", "2025"), ("audit", "--csv", "."), ("show", "SS2.0", "--price-base", "2025")],
)
def test_mistakes_get_a_message(tmp_path, words):
    done = command(*words, cwd=tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_code_in_small_letters_is_shown(tmp_path):
    assert "unit_cost.SS2.0\n" in command("show", "ss2.0", cwd=tmp_path).stdout


def test_a_mistyped_code_is_answered_with_near_ones(tmp_path):
    assert "SS2.0" in command("show", "SS2.00", cwd=tmp_path).stderr.replace("'SS2.00'", "")


def test_fiscal_parts_are_not_set_against_an_economic_value(tmp_path):
    assert "add up" not in command("show", "unit_cost.E&E1.0[economic]", cwd=tmp_path).stdout


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="no alarm here")
@pytest.mark.parametrize("parents", [{"SS2.0": "SS2.0"}, {"SS2.0": "SS2.1", "SS2.1": "SS2.0"}])
def test_parents_in_a_circle_do_not_hang(england, parents):
    changed = england
    for code, parent in parents.items():
        changed = edited(changed, f"unit_cost.{code}", fields={"parent": parent})

    def stop(*_):
        raise AssertionError("it hangs")

    old = signal.signal(signal.SIGALRM, stop)
    signal.alarm(5)
    try:
        changed.tree("SS2.0")
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, old)
    assert any("SS2.0" in f.key for f in audit(changed).group("orphans"))


def test_a_row_whose_parent_is_missing_is_still_in_the_tree(england):
    changed = edited(england, "unit_cost.SS2.0", fields={"parent": "ZZ9"})
    assert "SS2.0" in [row.code for row in changed.tree().rows]


def test_a_headline_of_zero_has_no_gap_to_divide_by(england):
    changed = edited(england, "unit_cost.SS2.0", value=0.0)
    str(changed.tree("SS2.0"))
    audit(changed)


def test_pence_are_not_rounded_away(england):
    small = next(r for r in england.tree("SS2.9").rows if r.code == "SS2.9")
    assert small.value == 44.06
    assert "£44.06" in str(england.tree("SS2.9"))


def test_parts_by_which_a_price_is_split_are_used(england):
    split = {
        part.key
        for row in england.table("activity")
        if row.agency == "multiple" and row.fields["unit_cost"]
        for part in england.constituents(row.fields["unit_cost"])
    }
    assert split & {f.key for f in audit(england).group("not_used")} == set()


def test_every_fault_at_once_even_without_a_yaml(tmp_path):
    folder = tmp_path / "e"
    shutil.copytree(england_folder(), folder)
    (folder / "sources.yaml").unlink()
    table = folder / "unit_costs.csv"
    table.write_text(table.read_text(encoding="utf-8").replace(",38.43,", ",x,", 1), encoding="utf-8")
    with pytest.raises(ParameterSetError) as caught:
        ParameterSet.load(folder)
    assert {"sources.yaml", "unit_costs.csv"} <= {f.file for f in caught.value.faults}


def test_check_lists_faults_of_all_pathways(tmp_path):
    folder = tmp_path / "e"
    shutil.copytree(england_folder(), folder)
    for name in ("housing", "work"):
        form = folder / "pathways" / name / "pathway.yaml"
        form.write_text(form.read_text(encoding="utf-8").replace("unit: ", "unit: x", 1), encoding="utf-8")
    said = command("check", str(folder), cwd=tmp_path).stderr
    assert "pathways/housing" in said
    assert "pathways/work" in said


def test_an_override_of_the_found_headline_is_explained(england):
    row = england.override("unit_cost.SS2.0", 900, price_base="2025-26", reason="outturn")
    (found,) = [f for f in audit(row).group("not_adding_up") if f.key == "unit_cost.SS2.0"]
    assert "nobody has said why" not in found.finding

import json

import pytest

from communitybudget._core.extras import from_extra


def test_a_module_that_is_there_is_given() -> None:
    assert from_extra("json.decoder", "sensitivity") is json.decoder


def test_a_package_that_is_not_there_is_named_with_its_extra() -> None:
    with pytest.raises(
        ModuleNotFoundError, match=r'no_such is not installed; pip install "communitybudget\[x\]"'
    ):
        from_extra("no_such.part", "x")


def test_a_package_that_is_there_and_fails_inside_is_not_called_absent(
    tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "half_there.py").write_text("import needed_and_absent\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="No module named 'needed_and_absent'"):
        from_extra("half_there", "x")

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from communitybudget.parameters import Parameter, ParameterSet, england_folder


@pytest.fixture(scope="session")
def england() -> ParameterSet:
    return ParameterSet.load("england")


@pytest.fixture
def england_copy(tmp_path) -> Path:
    """A copy of the bundled set, to be edited."""
    return Path(shutil.copytree(england_folder(), tmp_path / "england"))


@pytest.fixture
def edit(england_copy) -> Callable[[str, str, str], Path]:
    """Replace the one place in a file of the copy that holds a text."""

    def replace(file: str, old: str, new: str) -> Path:
        path = england_copy / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{file} holds {old!r} {text.count(old)} times"
        path.write_text(text.replace(old, new), encoding="utf-8")
        return england_copy

    return replace


@pytest.fixture
def parameter() -> Callable[..., Parameter]:
    """Build a parameter, complete unless told otherwise."""

    def build(**changes) -> Parameter:
        whole = {"key": "delivery.engagement", "label": "Engagement", "value": 0.8, "unit": "share"}
        return Parameter(**{**whole, "source": "local_estimate", "mark": "assumption", **changes})

    return build


@pytest.fixture
def money(parameter) -> Callable[..., Parameter]:
    """Build an amount of money, complete unless told otherwise."""

    def build(**changes) -> Parameter:
        whole = {"key": "unit_cost.X1.0", "label": "Visit", "value": 100.0, "unit": "GBP per_visit"}
        return parameter(**{**whole, "price_base": "2013-14", "value_type": "fiscal", **changes})

    return build

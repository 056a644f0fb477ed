"""Builders that several tests share."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import settings

from communitybudget.case import Appraisal, Case, appraise, load_case
from communitybudget.parameters import examples_folder
from tests_builders import small_appraisal, small_case

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def hounslow() -> Case:
    return load_case(examples_folder() / "hounslow" / "case.yaml")


@pytest.fixture(scope="session")
def hounslow_result(hounslow: Case) -> Appraisal:
    """The example with enough draws for its tornado and too few to be slow."""
    return appraise(hounslow, draws=600, seed=1)


@pytest.fixture
def small() -> dict[str, Any]:
    """A small case as Python values, to be changed at will."""
    return small_case()


@pytest.fixture
def run_small(small: dict[str, Any]) -> Callable[..., Appraisal]:
    """Appraise the small case with some entries replaced."""

    def run(draws: int = 200, seed: int = 1, **changes: Any) -> Appraisal:
        return small_appraisal(draws, seed, **{**small, **changes})

    return run

"""Builders that several tests share."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from communitybudget.case import Appraisal, Case, appraise, load_case
from communitybudget.parameters import examples_folder


@pytest.fixture(scope="session")
def hounslow() -> Case:
    return load_case(examples_folder() / "hounslow" / "case.yaml")


@pytest.fixture(scope="session")
def hounslow_result(hounslow: Case) -> Appraisal:
    """The example with enough draws for its tornado and too few to be slow."""
    return appraise(hounslow, draws=600, seed=1)


SMALL: dict[str, Any] = {
    "title": "Small case",
    "start": "2024-25",
    "years": 4,
    "price_base": "2023-24",
    "cohort": {"families": 50, "profile": "medium_need"},
    "pathways": ["child_safety", "work"],
    "options": [
        {
            "name": "support",
            "label": "Support",
            "delivery": [
                {
                    "agency": "local_authority",
                    "item": "Support",
                    "per_family": {"value": 2000, "low": 1500, "high": 2500, "interval": "range"},
                    "price_base": "2023-24",
                    "source": "an example",
                }
            ],
            "effects": [{"effect": "tfp_looked_after"}, {"effect": "tfp_jsa"}],
        }
    ],
}


@pytest.fixture
def small() -> dict[str, Any]:
    """A small case as Python values, to be changed at will."""
    return copy.deepcopy(SMALL)


@pytest.fixture
def run_small(small: dict[str, Any]) -> Callable[..., Appraisal]:
    """Appraise the small case with some entries replaced."""

    def run(draws: int = 200, seed: int = 1, **changes: Any) -> Appraisal:
        return appraise(Case.from_dict({**small, **changes}), draws=draws, seed=seed)

    return run

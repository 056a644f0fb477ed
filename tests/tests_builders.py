"""Cases that tests build on."""

import copy
from typing import Any

from communitybudget.case import Appraisal, Case, appraise

COST = "case.delivery.local_authority.support"
EFFECT = "effect.tfp_looked_after"
PRICE = "unit_cost.residential_home_week"
"""Inputs of the small case."""

_SMALL: dict[str, Any] = {
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


def small_case() -> dict[str, Any]:
    """Return a small case as Python values, to be changed at will."""
    return copy.deepcopy(_SMALL)


def small_appraisal(draws: int = 200, seed: int = 1, **changes: Any) -> Appraisal:
    """Appraise the small case with some entries replaced."""
    return appraise(Case.from_dict({**small_case(), **changes}), draws=draws, seed=seed)


def quick_case() -> dict[str, Any]:
    """Return a small case with hazard ratios of its own, which need no solving."""
    case = small_case()
    common = {"estimand": "offered", "design": "assumed", "source": "an example", "lasts_months": 24}
    case["options"][0]["effects"] = [
        {"on": "child_safety.protection_plan -> looked_after", "hazard_ratio": 0.7, **common},
        {
            "on": "work.claiming_search -> in_work",
            "hazard_ratio": {"value": 1.3, "low": 1.1, "high": 1.5, "interval": "ci95"},
            **common,
        },
    ]
    return case


def lean_case() -> dict[str, Any]:
    """Return a small case of one pathway without effects, which is made ready in no time."""
    case = small_case()
    case["pathways"] = ["child_safety"]
    case["options"][0]["effects"] = []
    return case


def case_with_do_minimum() -> dict[str, Any]:
    """Return a small case with support that the NHS helps to fund, a do-minimum, and a what-if."""
    case = small_case()
    support = case["options"][0]
    grant = {"from": "nhs", "to": "local_authority", "item": "Grant", "per_family": 300}
    grant |= {"price_base": "2023-24", "source": "an example"}
    least = {**support, "name": "least", "label": "Least", "do_minimum": True, "effects": []}
    half = {**support, "name": "half", "label": "Half", "can_be_chosen": False}
    case["options"] = [{**support, "funding": [grant]}, least, half]
    return case

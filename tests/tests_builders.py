"""Cases that tests build on."""

import copy
from typing import Any

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


def lean_case() -> dict[str, Any]:
    """Return a small case of one pathway without effects, which is made ready in no time."""
    case = small_case()
    case["pathways"] = ["child_safety"]
    case["options"][0]["effects"] = []
    return case

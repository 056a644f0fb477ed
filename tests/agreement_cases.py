"""Agreements of the small case, for tests of several rooms."""

import copy
from typing import Any

from tests_builders import small_case

_AGREEMENT: dict[str, Any] = {
    "partners": ["local_authority", "nhs", "dwp"],
    "years": 3,
    "host": "local_authority",
    "source": "judgement",
    "mark": "assumption",
    "sources": [
        {"agency": "local_authority", "kind": "pooled", "funding_stream": "general_fund"},
        {"agency": "dwp", "kind": "aligned"},
    ],
    "milestones": [{"year": "2025-26", "what": "A <first> count"}],
    "reinvestment": "Half of it.",
    "review": "Once a year.",
    "exit": {"notice_months": 6, "terms": "Debts are paid."},
    "rules": [
        {"rule": "pro_rata_to_cost", "funding": {"local_authority": 0.9, "dwp": 0.1}},
        {"rule": "pro_rata_to_benefit", "basis": "realised"},
        {"rule": "equal_return"},
        {"rule": "first_call", "multiple": 1.1, "then": {"local_authority": 0.5, "nhs": 0.5}},
        {"rule": "collar_and_cap", "gains": "cashable"},
        {"rule": "reinvestment", "share": 0.4},
        {
            "rule": "payment_by_results",
            "price_base": "2020-21",
            "provider": "local_authority",
            "payers": {"dwp": 1},
            "results": [
                {"result": "claimant_years", "label": "Years off benefit", "unit": "year", "tariff": 3000}
            ],
            "cap": 10000,
        },
        {
            "rule": "outcome_contract",
            "price_base": "2023-24",
            "provider": "voluntary_sector",
            "investor": "private_sector",
            "commitment": 50000,
            "payers": {"local_authority": 1},
            "results": [
                {
                    "result": "child_safety.child_years_in_care",
                    "label": "Years out of care",
                    "unit": "year",
                    "tariff": 30000,
                }
            ],
        },
        {"rule": "shapley_value"},
        {"rule": "no_worse_off", "name": "hardly_sure", "label": "Hardly sure", "confidence": 0.05},
        {"rule": "no_worse_off"},
    ],
}


def small_agreement(**changes: Any) -> dict[str, Any]:
    """Return an agreement with every rule, to be changed at will."""
    return {**copy.deepcopy(_AGREEMENT), **changes}


def agreed_case(**changes: Any) -> dict[str, Any]:
    """Return the small case with an agreement."""
    return {**small_case(), "agreement": small_agreement(**changes)}

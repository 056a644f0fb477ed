"""Faults of an agreement beside the rest of the case, each at its place."""

from typing import Any

import pytest
import yaml

from agreement_cases import agreed_case, small_agreement
from communitybudget._core.errors import CaseFileError
from communitybudget.case import Case
from communitybudget.case.model import prepare
from communitybudget.case.terms import check_terms


def faults_of(**agreement: Any) -> list[str]:
    with pytest.raises(CaseFileError) as error:
        check_terms(prepare(Case.from_text(yaml.safe_dump(agreed_case(**agreement), sort_keys=False))))
    return str(error.value).splitlines()


def paying_for(result: str) -> list[dict[str, Any]]:
    rule = small_agreement()["rules"][6]
    rule["results"][0]["result"] = result
    return [rule]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"option": "suport"}, "agreement.option: 'suport' is no option; did you mean 'support'?"),
        (
            {"option": "bau"},
            "agreement.option: names business as usual, which nobody pays for; name an option",
        ),
        (
            {"years": 9},
            "agreement.years: a term of 9 years is longer than the horizon of 4; shorten it, or lengthen",
        ),
        (
            {"milestones": [{"year": "2027-28", "what": "late"}]},
            "agreement.milestones[0].year: 2027-28 is outside the term 2024-25 to 2026-27; use a year inside",
        ),
        (
            {"partners": ["local_authority", "dwp", "nhs", "unallocated"]},
            "agreement.partners[3]: 'unallocated' is nobody who could sign; leave it out: it keeps",
        ),
        (
            {"host": "fire"},
            "agreement.host: Fire and rescue is no partner; add it to partners, or name another",
        ),
        (
            {"sources": [{"agency": "fire", "kind": "pooled"}]},
            "agreement.sources[0].agency: Fire and rescue is no partner",
        ),
        (
            {"rules": [{"rule": "first_call", "then": {"dwp": 0.9, "nhs": 0.9}}]},
            "agreement.rules[0]: the gain shares sum to 180%, more than there is; lower them",
        ),
        (
            {"rules": [{"rule": "equal_return", "funding": {"fire": 0.5, "dwp": 0.5}}]},
            "agreement.rules[0]: the funding share of 'fire' is for no partner; use one of dwp",
        ),
        (
            {"rules": paying_for("claimant_yeers")},
            "agreement.rules[0].results[0].result: 'claimant_yeers' is no count that a pathway reports and "
            "no outcome of the option; did you mean 'claimant_years'",
        ),
    ],
)
def test_one_fault(changes: dict[str, Any], words: str) -> None:
    (fault,) = faults_of(**changes)
    assert words in fault
    assert fault.startswith("case.yaml:")


@pytest.mark.parametrize(
    "changes",
    [
        {
            "host": "fire",
            "sources": [{"agency": "fire", "kind": "pooled"}],
            "rules": [{"rule": "equal_return", "funding": {"fire": 2}}],
        },
        {
            "option": "suport",
            "years": 9,
            "milestones": [{"year": "2037-38", "what": "late"}],
            "rules": paying_for("claimant_yeers"),
        },
    ],
    ids=["by itself", "beside the case"],
)
def test_all_at_once(changes: dict[str, Any]) -> None:
    found = faults_of(**changes)
    assert len(found) >= 4
    assert len({fault.split(": ")[0] for fault in found}) >= 3


def test_partners_need_not_be_named() -> None:
    agreement = small_agreement()
    del agreement["partners"]
    assert Case.from_dict({**agreed_case(), "agreement": agreement}).spec.agreement is not None

"""The fixed words of the field: agencies, value types, marks, profiles."""

from typing import Literal

ValueType = Literal["fiscal", "economic", "social"]
Mark = Literal["verified", "second_hand", "recalled", "derived", "assumption", "local"]
Interval = Literal["range", "ci95", "ci90", "p10_p90"]

VALUE_TYPES: tuple[str, ...] = ("fiscal", "economic", "social")
MARKS: tuple[str, ...] = ("verified", "second_hand", "recalled", "derived", "assumption", "local")
INTERVALS: tuple[str, ...] = ("range", "ci95", "ci90", "p10_p90")
PROFILES: tuple[str, ...] = ("general", "lower_need", "medium_need", "complex_need")
BAU = "bau"
ALL_AGENCIES = "all"

AGENCIES: dict[str, str] = {
    "local_authority": "Local authority",
    "nhs": "NHS",
    "police": "Police",
    "schools": "Schools",
    "youth_justice": "Youth custody",
    "courts": "Courts",
    "legal_aid": "Legal aid",
    "cafcass": "Cafcass",
    "probation": "Probation",
    "prisons": "Prisons",
    "criminal_justice_other": "Criminal justice, other",
    "dwp": "Department for Work and Pensions",
    "housing_provider": "Housing provider",
    "fire": "Fire and rescue",
    "hmrc": "HM Revenue and Customs",
    "hmt": "HM Treasury",
    "central_government": "Central government grants",
    "voluntary_sector": "Voluntary sector",
    "private_sector": "Private sector",
    "society": "Society (people and employers)",
    "unallocated": "Not allocated to an agency",
}
"""Agency keys and the names that reports print, in the order that reports use."""

FUNDING_STREAMS: dict[str, str] = {
    "general_fund": "General fund",
    "dedicated_schools_grant": "Dedicated schools grant",
    "public_health_grant": "Public health grant",
    "housing_revenue_account": "Housing revenue account",
    "supporting_families_grant": "Supporting families grant",
    "police_grant": "Police funding",
    "nhs_allocation": "NHS allocation",
    "departmental_budget": "Departmental budget",
    "not_stated": "Not stated",
}


def agency_label(agency: str) -> str:
    """Return the name of an agency as reports print it.

    Examples
    --------
    >>> agency_label("nhs")
    'NHS'
    """
    return "All agencies" if agency == ALL_AGENCIES else AGENCIES.get(agency, agency)

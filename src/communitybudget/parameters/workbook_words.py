"""The words of the Unit Cost Database and ours: units, agencies, themes, grades.

Several words of ours beside one of the workbook mean that its wording does not settle which is meant. Then
none is chosen: the wording stays, and is listed. So does wording that is not here.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TypeAlias

Words: TypeAlias = tuple[str, ...]

THEMES: Mapping[str, str] = {
    "Crime": "crime",
    "Education & Skills": "education",
    "Employment & Economy": "employment",
    "Fire": "fire",
    "Health": "health",
    "Housing": "housing",
    "Social Services": "social_services",
}
"""Themes of the workbook and our topics."""

GRADES: Mapping[str, str] = {
    **{"r": "red", "red": "red", "a": "amber", "amber": "amber", "g": "green", "green": "green"},
}

UNITS: Mapping[tuple[str, str], Words] = {
    ("", "each"): ("per_action", "per_application", "per_item", "per_person_six_months", "per_process"),
    ("", "lifetime"): ("lifetime",),
    ("", "per action"): ("per_action", "per_case"),
    ("", "per admission"): ("per_admission",),
    ("", "per application"): ("per_application",),
    ("", "per attendance"): ("per_attendance",),
    ("", "per bed day"): ("per_bed_day",),
    ("", "per case"): ("per_case",),
    ("", "per child over a 25 year period"): ("per_child_25_years",),
    ("", "per child over a ten year period"): ("per_child_ten_years",),
    ("", "per child per year"): ("per_person_year",),
    ("", "per claim"): ("per_claim",),
    ("", "per claimant per year"): ("per_person_year",),
    ("", "per client per week"): ("per_person_week",),
    ("", "per consultation"): ("per_consultation",),
    ("", "per contact"): ("per_contact",),
    ("", "per course"): ("per_course",),
    ("", "per customer"): ("per_contact", "per_person", "per_session"),
    ("", "per day"): ("per_bed_day", "per_day"),
    ("", "per episode"): ("per_episode",),
    ("", "per fte"): ("per_fte_year",),
    ("", "per hour"): ("per_hour",),
    ("", "per incident"): (
        *("per_admission", "per_attendance", "per_case", "per_contact", "per_episode", "per_eviction"),
        *("per_incident", "per_procedure", "per_process"),
    ),
    ("", "per month"): ("per_person_month",),
    ("", "per participant"): ("per_course",),
    ("", "per person"): ("per_person", "per_person_year"),
    ("", "per person per year"): ("per_person_year",),
    ("", "per process"): ("per_process",),
    ("", "per scheme"): ("per_case",),
    ("", "per service user contact"): ("per_contact",),
    ("", "per session"): ("per_session",),
    ("", "per user"): ("per_contact", "per_person"),
    ("", "per visit"): ("per_visit",),
    ("", "per week"): ("per_claim_week", "per_household_week", "per_person_week"),
    ("", "per year"): ("per_fte_year", "per_person_year"),
    ("crime", "per event"): ("per_court_event",),
    ("crime", "per incident"): ("per_incident",),
    ("crime", "per year"): ("per_person_year",),
    ("employment", "per week"): ("per_claim_week",),
    ("employment", "per year"): ("per_person_year",),
    ("fire", "per incident"): ("per_incident",),
    ("health", "per week"): ("per_person_week",),
    ("housing", "per week"): ("per_claim_week", "per_household_week"),
    ("housing", "per year"): ("per_person_year",),
    ("social_services", "per day"): ("per_bed_day",),
    ("social_services", "per incident"): ("per_process",),
    ("social_services", "per week"): ("per_person_week",),
    ("social_services", "per year"): ("per_person_year",),
}
"""By topic (empty: any) and wording of the unit."""

AGENCIES: Mapping[tuple[str, str], Words] = {
    ("court", "legal aid"): ("courts",),
    ("criminal justice system", ""): ("criminal_justice_other",),
    ("criminal justice system", "court"): ("courts",),
    ("criminal justice system", "courts"): ("courts",),
    ("criminal justice system", "legal aid"): ("legal_aid",),
    ("criminal justice system", "nhs"): ("multiple",),
    ("criminal justice system", "police"): ("police",),
    ("criminal justice system", "prison"): ("prisons",),
    ("criminal justice system", "probation"): ("probation",),
    ("criminal justice system", "vcs"): ("criminal_justice_other",),
    ("criminal justice system", "young offenders institute"): ("prisons", "youth_justice"),
    ("department for education", "cafcass"): ("cafcass",),
    ("department for education", "schools"): ("schools",),
    ("dwp", ""): ("dwp",),
    ("dwp", "hm revenue and customs"): ("multiple",),
    ("dwp", "hm treasury"): ("dwp",),
    ("dwp", "jcp"): ("dwp",),
    ("dwp", "local authority"): ("dwp",),
    ("fire service", ""): ("fire",),
    ("hm revenue and customs", ""): ("hmrc",),
    ("hm revenue and customs", "dwp"): ("multiple",),
    ("hm treasury", ""): ("hmt",),
    ("local authority", ""): ("local_authority",),
    ("local authority", "children s services"): ("local_authority",),
    ("local authority", "dwp"): ("local_authority",),
    ("local authority", "housing services"): ("local_authority",),
    ("local authority", "nhs"): ("multiple",),
    ("local authority", "rsl"): ("housing_provider", "local_authority", "multiple"),
    ("local authority", "social services"): ("local_authority",),
    ("local authority", "vcs"): ("local_authority",),
    ("ministry of justice", "hm treasury"): ("legal_aid",),
    ("multiple", ""): ("multiple",),
    ("multiple", "dwp"): ("multiple",),
    ("multiple", "multiple"): ("multiple",),
    ("nhs", ""): ("nhs",),
    ("nhs", "acute trust hospital"): ("nhs",),
    ("nhs", "clinical commissioning group"): ("nhs",),
    ("nhs", "gp"): ("nhs",),
    ("nhs", "local authority"): ("multiple",),
    ("nhs", "primary care trust clinical commissioning group"): ("nhs",),
    ("police", ""): ("police",),
    ("police", "local authority"): ("police",),
    ("prison young offenders institute", ""): ("prisons",),
    ("probation", ""): ("probation",),
    ("schools", "department for education"): ("schools",),
}
"""By the wording of the first and the second level of agency."""


@lru_cache(maxsize=10_000)
def plain(text: str) -> str:
    """Return the words of a text in small letters, without signs.

    Examples
    --------
    >>> plain("Cost / saving  detail"), plain("-")
    ('cost saving detail', '')
    """
    return " ".join(re.findall(r"[a-z0-9]+", text.lower()))


def topic_of(sheet: str, category: str) -> str:
    """Return the topic of a row: that of its sheet, else of its category, else the sheet's own words.

    Examples
    --------
    >>> topic_of("Education & Skills", ""), topic_of("Costs", "HEALTH"), topic_of("Sport", "")
    ('education', 'health', 'sport')
    """
    topics = {plain(theme): topic for theme, topic in THEMES.items()}
    own = topics.get(plain(sheet)) or topics.get(plain(category))
    return own or plain(sheet).replace(" ", "_") or "other"


def units_of(wording: str, topic: str) -> Words:
    """Return our units for a wording; none where it is not known, several where it is not settled.

    Examples
    --------
    >>> units_of("Per week", "employment"), units_of("Per week", "housing"), units_of("Per flight", "fire")
    (('per_claim_week',), ('per_claim_week', 'per_household_week'), ())
    """
    words = plain(wording)
    return UNITS.get((topic, words)) or UNITS.get(("", words), ())


def agencies_of(first: str, second: str) -> Words:
    """Return our agencies for the two levels of a wording; none where it is not known.

    Examples
    --------
    >>> agencies_of("Local Authority", "Social services"), agencies_of("Police", "-")
    (('local_authority',), ('police',))
    """
    return AGENCIES.get((plain(first), plain(second)), ())

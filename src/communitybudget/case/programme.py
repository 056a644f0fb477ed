"""What a case says of who takes part, how long, and when the programme runs."""

from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from communitybudget.case.fields import Model, Probability, UncertainShare, whole

ProgrammeMonths = Annotated[int, BeforeValidator(whole), Field(ge=1, le=240)]


def _falls(given: dict[int, float]) -> dict[int, float]:
    points = sorted(given.items())
    for (month, share), (later, more) in pairwise(points):
        if more > share:
            raise ValueError(
                f"more take part after {later} months ({more:g}) than after {month} ({share:g}); give shares "
                "that fall"
            )
    return dict(points)


Retention = Annotated[dict[ProgrammeMonths, Probability], Field(min_length=1), AfterValidator(_falls)]
"""Share of those who engage that still takes part after so many months."""


class PartialDoseSpec(Model):
    """A share of the families who engage that gets a part of the effect."""

    share: UncertainShare
    dose: UncertainShare

"""What a case says of who takes part, how long, and when the programme runs."""

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, model_validator

from communitybudget.case.fields import (
    Amount,
    Model,
    Probability,
    UncertainAmount,
    UncertainShare,
    Year,
    whole,
)

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


class GivenSpec(Model):
    """The ratio that two effects on one move come to together."""

    given: UncertainAmount

    @model_validator(mode="after")
    def _above_zero(self) -> "GivenSpec":
        if self.given.value <= 0:
            raise ValueError("a given ratio of 0 stops a move for ever; give one above 0")
        return self


Rule = Literal["multiplicative", "strongest"]
Combining = Annotated[
    Annotated[Rule, Tag("word")] | Annotated[GivenSpec, Tag("given")],
    Discriminator(lambda value: "word" if isinstance(value, str) else "given"),
]
"""How two effects on one move combine that were not solved together."""


class CaseloadSpec(Model):
    """How many families a programme has room for."""

    key_workers: Amount
    families_each: Amount
    months_each: Annotated[int, BeforeValidator(whole), Field(ge=0, le=240)]

    @property
    def places(self) -> float:
        """Families at the same time."""
        return self.key_workers * self.families_each

    @model_validator(mode="after")
    def _some_room(self) -> "CaseloadSpec":
        for name in ("key_workers", "families_each", "months_each"):
            if getattr(self, name) == 0:
                raise ValueError(
                    f"a caseload with {name} of 0 lets no family start; give a number above 0, or leave "
                    "caseload out where nobody waits"
                )
        return self


class RunsSpec(Model):
    """When a programme runs, by financial year."""

    first: Annotated[Year | None, Field(alias="from")] = None
    last: Annotated[Year | None, Field(alias="to")] = None

    @model_validator(mode="after")
    def _in_order(self) -> "RunsSpec":
        if self.first is None and self.last is None:
            raise ValueError("says no year; give from (the first year), to (the last), or both")
        if self.first is not None and self.last is not None and self.first > self.last:
            raise ValueError(
                f"the last year {self.last} lies before the first, {self.first}; put the two in order"
            )
        return self


def months_each(programme_months: int | None, caseload: CaseloadSpec | None) -> int | None:
    """Return how long a family takes part, where a case says it."""
    return programme_months if caseload is None else caseload.months_each

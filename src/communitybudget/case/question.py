"""The decision that a case is for: between which options, for whom, and what it costs to find out more."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from communitybudget._core.vocabulary import AGENCIES, ALL_AGENCIES, Mark
from communitybudget.case.fields import Agency, Amount, Model, Positive, Year, one_of, whole

DecidingAgency = Annotated[str, one_of((ALL_AGENCIES, *AGENCIES), "agency")]


class ExtractSpec(Model):
    """What it costs to have an agency's records, a year."""

    agency: Agency
    cost_a_year: Amount
    price_base: Year
    source: Annotated[str, Field(min_length=1)]
    mark: Mark = "local"
    note: str = ""


class DecisionSpec(Model):
    """Between which options is decided, by whose money, for how many families and how long."""

    options: tuple[str, ...] = ()
    agency: DecidingAgency = ALL_AGENCIES
    value: Literal["fiscal", "public_value"] = "fiscal"
    families_a_year: Positive | None = None
    years: Annotated[int, BeforeValidator(whole), Field(ge=1, le=60)] = 1
    held_by: dict[Agency, tuple[Annotated[str, Field(min_length=1)], ...]] = Field(default_factory=dict)
    extracts: tuple[ExtractSpec, ...] = ()
    note: str = ""

    @model_validator(mode="after")
    def _once_each(self) -> "DecisionSpec":
        for words, what in (
            (self.options, "option"),
            ([extract.agency for extract in self.extracts], "extract of"),
            ([start for starts in self.held_by.values() for start in starts], "key of held_by"),
        ):
            twice = sorted({word for word in words if list(words).count(word) > 1})
            if twice:
                raise ValueError(f"the {what} {', '.join(twice)} is there twice; keep one")
        return self

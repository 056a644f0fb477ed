"""The agreement that a case asks for: partners, terms and rules, field by field."""

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from communitybudget._core.vocabulary import Mark, agency_label
from communitybudget.agreement import (
    CollarAndCap,
    EqualReturn,
    FirstCall,
    ProRataToBenefit,
    ProRataToCost,
    Reinvestment,
    Rule,
)
from communitybudget.case.fields import Agency, Amount, FundingStream, Model, Number, Probability, Year, whole

Text = Annotated[str, Field(min_length=1)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Gains = Literal["fiscal", "cashable"]
Shares = Annotated[dict[Agency, Number], Field(min_length=1)]
"""Parts of a whole by agency; that they sum to it is checked with the partners."""


def _word_or_shares(value: object) -> str:
    """Tell a word from stated shares."""
    return "shares" if isinstance(value, dict) else "word"


SplitOfRest = Annotated[
    Annotated[Literal["own", "cost"], Tag("word")] | Annotated[Shares, Tag("shares")],
    Discriminator(_word_or_shares),
]


class ContributionSourceSpec(Model):
    """Out of which budget a partner pays, and whether it goes into the pool."""

    agency: Agency
    kind: Literal["pooled", "aligned"]
    funding_stream: FundingStream = "not_stated"


class MilestoneSpec(Model):
    """What is to stand by the end of a year."""

    year: Year
    what: Text


class ExitSpec(Model):
    """How a partner leaves."""

    notice_months: Annotated[int, BeforeValidator(whole), Field(ge=0, le=60)]
    terms: str = ""


class RuleSpec(Model):
    """A rule by which the partners share what they pay and what they gain."""

    kind: ClassVar[type[Rule]]

    rule: str
    name: Name | None = None
    gains: Gains | None = None
    source: Text | None = None
    mark: Mark | None = None
    note: str = ""

    @property
    def key(self) -> str:
        """The name by which results know the rule."""
        return self.name or self.rule

    @property
    def shares(self) -> dict[str, dict[str, float]]:
        """Stated shares by the key that states them."""
        given = {key: getattr(self, key) for key in type(self).model_fields}
        return {key: value for key, value in given.items() if isinstance(value, dict)}

    def build(self, gains: Gains) -> Rule:
        """Return the rule; it shares ``gains`` unless it says otherwise."""
        return self.kind(shared=self.gains or gains, **self._own)

    @property
    def _own(self) -> dict[str, Any]:
        """The terms of this rule alone."""
        return {
            key: getattr(self, key) for key in type(self).model_fields if key not in RuleSpec.model_fields
        }

    def numbers(self) -> Iterator[tuple[str, str, float]]:
        """Yield key, words and value of each number that the terms hold."""
        for key, value in self._own.items():
            words = key.replace("_", " ")
            if isinstance(value, dict):
                yield from (
                    (f"{key}.{agency}", f"{words}, {agency_label(agency)}", part)
                    for agency, part in value.items()
                )
            elif isinstance(value, float):
                yield key, words, value


class FundedRuleSpec(RuleSpec):
    """A rule under which the cost may be funded by stated shares."""

    funding: Shares | None = None


class ProRataToCostSpec(FundedRuleSpec):
    """Gains by what each puts in."""

    kind = ProRataToCost

    rule: Literal["pro_rata_to_cost"]


class ProRataToBenefitSpec(RuleSpec):
    """The cost by what each gains."""

    kind = ProRataToBenefit

    rule: Literal["pro_rata_to_benefit"]
    basis: Literal["expected", "realised"] = "expected"


class EqualReturnSpec(FundedRuleSpec):
    """The same present value back for each pound put in."""

    kind = EqualReturn

    rule: Literal["equal_return"]


class FirstCallSpec(FundedRuleSpec):
    """Those who paid are paid back first."""

    kind = FirstCall

    rule: Literal["first_call"]
    multiple: Amount = 1.0
    then: SplitOfRest = "own"


class CollarAndCapSpec(FundedRuleSpec):
    """Each keeps its own gains within a band around the plan."""

    kind = CollarAndCap

    rule: Literal["collar_and_cap"]
    collar: Probability = 0.8
    cap: Annotated[Number, Field(ge=1)] = 1.2


class ReinvestmentSpec(FundedRuleSpec):
    """A fixed share of the gains pays for the programme."""

    kind = Reinvestment

    rule: Literal["reinvestment"]
    share: Probability = 0.5


AnyRuleSpec = Annotated[
    ProRataToCostSpec
    | ProRataToBenefitSpec
    | EqualReturnSpec
    | FirstCallSpec
    | CollarAndCapSpec
    | ReinvestmentSpec,
    Field(discriminator="rule"),
]


class AgreementSpec(Model):
    """An investment agreement between agencies: who takes part, for how long, and under which rules."""

    option: Text | None = None
    partners: tuple[Agency, ...] = ()
    gains: Gains = "fiscal"
    years: Annotated[int, BeforeValidator(whole), Field(ge=1, le=60)] | None = None
    confidence: Annotated[Number, Field(gt=0, lt=1)] = 0.8
    host: Agency | None = None
    sources: tuple[ContributionSourceSpec, ...] = ()
    milestones: tuple[MilestoneSpec, ...] = ()
    reinvestment: str = ""
    review: str = ""
    exit: ExitSpec | None = None
    rules: Annotated[tuple[AnyRuleSpec, ...], Field(min_length=1)]
    source: Text
    mark: Mark = "local"
    note: str = ""

    @property
    def named(self) -> tuple[str, ...]:
        """Agencies that the terms name, each once, beside the partners."""
        found = [part.agency for part in self.sources]
        found += [agency for rule in self.rules for shares in rule.shares.values() for agency in shares]
        return tuple(dict.fromkeys([*([self.host] if self.host else []), *found]))

    @model_validator(mode="after")
    def _once_each(self) -> "AgreementSpec":
        for words, what, remedy in (
            (self.partners, "partner", "keep one"),
            ([rule.key for rule in self.rules], "rule", "keep one, or give each a name"),
            ([part.agency for part in self.sources], "source of", "keep one"),
        ):
            twice = sorted({word for word in words if list(words).count(word) > 1})
            if twice:
                raise ValueError(f"the {what} {', '.join(twice)} is there twice; {remedy}")
        return self

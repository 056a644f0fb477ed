"""The agreement that a case asks for: partners, terms and rules, field by field."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from communitybudget._core.vocabulary import Mark, agency_label
from communitybudget.agreement import (
    CollarAndCap,
    EqualReturn,
    FirstCall,
    NoWorseOff,
    OutcomeContract,
    PaidResult,
    PaymentByResults,
    ProRataToBenefit,
    ProRataToCost,
    Reinvestment,
    Rule,
    ShapleyValue,
    Termination,
)
from communitybudget.agreement.paid_result import Counted
from communitybudget.case.fields import (
    Agency,
    Amount,
    FundingStream,
    Model,
    Number,
    Probability,
    Year,
    slug,
    whole,
)

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


class TermNumber(NamedTuple):
    """A number of the terms.

    Parameters
    ----------
    key, words : str
        Within its rule.
    value : float
    unit : str
    price_base : str
        Of an amount of money.
    """

    key: str
    words: str
    value: float
    unit: str
    price_base: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """What rules need to know of a case beyond where the partners stand.

    Parameters
    ----------
    units : callable
        Units of a result by year and draw, from its name.
    counted : str
        What results are counted against; see `PaidResult`.
    factor : callable
        What £1 at a price base comes to at that of the case.
    """

    units: Callable[[str], npt.ArrayLike]
    counted: Counted
    factor: Callable[[str], float]


class RuleSpec(Model):
    """A rule by which the partners share what they pay and what they gain."""

    kind: ClassVar[type[Rule]]

    rule: str
    name: Name | None = None
    label: Text | None = None
    gains: Gains | None = None
    source: Text | None = None
    mark: Mark | None = None
    note: str = ""

    @property
    def key(self) -> str:
        """The name by which results know the rule."""
        return self.name or self.rule

    @property
    def printed(self) -> str:
        """The rule's name as reports print it."""
        return self.label or self.kind.label

    @property
    def joining(self) -> tuple[str, ...]:
        """Parties that join the partners under this rule alone."""
        return ()

    @property
    def paid_results(self) -> "tuple[PaidResultSpec, ...]":
        """What is paid for."""
        return ()

    @property
    def named(self) -> tuple[str, ...]:
        """Partners that the terms name."""
        found = [agency for value in self.terms.values() if isinstance(value, dict) for agency in value]
        return tuple(agency for agency in found if agency not in self.joining)

    @property
    def terms(self) -> dict[str, Any]:
        """The terms of this rule alone, by key."""
        own = [key for key in type(self).model_fields if key not in RuleSpec.model_fields]
        return {key: getattr(self, key) for key in own}

    def build(self, agreement: "AgreementSpec", measured: Measured) -> Rule:
        """Return the rule, ready to settle; it shares the gains of the agreement unless it says otherwise."""
        return self.kind(shared=self.gains or agreement.gains, **self.terms)

    def numbers(self) -> Iterator[TermNumber]:
        """Yield the numbers that the terms hold."""
        for key, value in self.terms.items():
            words = key.replace("_", " ")
            if isinstance(value, dict):
                for agency, part in value.items():
                    own = f"{words}, {agency_label(agency)}"
                    yield TermNumber(f"{key}.{agency}", own, part, *self._unit(key))
            elif isinstance(value, float):
                yield TermNumber(key, words, value, *self._unit(key))

    def _unit(self, key: str) -> tuple[str, str]:
        """Return unit and price base of a number; shares by agency have none but that."""
        return UNITS.get(key, "share"), ""


UNITS: dict[str, str] = {
    "multiple": "times what was put in",
    "first_call": "times what was put in",
    "most_returned": "times what was put in",
    "collar": "times the plan",
    "cap": "times the plan",
}
"""Units of numbers in the terms that are neither money nor a share."""


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


class ShapleyValueSpec(FundedRuleSpec):
    """What each adds, on average, to the groups it could join."""

    kind = ShapleyValue

    rule: Literal["shapley_value"]


class NoWorseOffSpec(FundedRuleSpec):
    """Fixed payments after which no partner is likely to be worse off."""

    kind = NoWorseOff

    rule: Literal["no_worse_off"]
    confidence: Annotated[Number, Field(gt=0, le=1)] | None = None
    by_year: Year | None = None
    most_a_year: Annotated[dict[Agency, Amount], Field(min_length=1)] | None = None
    price_base: Year | None = None

    @model_validator(mode="after")
    def _prices_of_limits(self) -> "NoWorseOffSpec":
        if (self.most_a_year is None) != (self.price_base is None):
            raise ValueError("most_a_year and price_base go together; give both or neither")
        return self

    def build(self, agreement: "AgreementSpec", measured: Measured) -> Rule:
        """Return the rule, as sure as the agreement unless it says otherwise."""
        limits = None
        if self.most_a_year is not None and self.price_base is not None:
            factor = measured.factor(self.price_base)
            limits = {agency: factor * most for agency, most in self.most_a_year.items()}
        return NoWorseOff(
            shared=self.gains or agreement.gains,
            funding=self.funding,
            confidence=self.confidence or agreement.confidence,
            most_a_year=limits,
            by_year=self.by_year,
        )

    def _unit(self, key: str) -> tuple[str, str]:
        return ("GBP per_year", self.price_base or "") if key == "most_a_year" else super()._unit(key)


class PaidResultSpec(Model):
    """A result that is paid for: a count that a pathway reports, or an outcome of the option."""

    result: Text
    direction: Literal["fewer", "more"] = "fewer"
    label: Text
    unit: Text
    tariff: Amount
    deadweight: Amount = 0.0
    deadweight_share: Probability = 0.0
    most: Amount | None = None

    def paid(self, measured: Measured, factor: float) -> PaidResult:
        """Return the result with its units by year and draw, and its tariff in the prices of the case."""
        avoided = np.asarray(measured.units(self.result))
        return PaidResult(
            label=self.label,
            unit=self.unit,
            tariff=self.tariff * factor,
            units=avoided if self.direction == "fewer" else -avoided,
            counted=measured.counted,
            deadweight=self.deadweight,
            deadweight_share=self.deadweight_share,
            most=self.most,
        )


class TerminationSpec(Model):
    """When a contract ends early."""

    after: Year
    unless_earned: Amount | None = None


class PaysForResultsSpec(FundedRuleSpec):
    """What rules that pay for results have in common."""

    money: ClassVar[tuple[str, ...]] = ("cap", "cap_a_year")

    price_base: Year
    provider: Agency
    payers: Shares
    results: Annotated[tuple[PaidResultSpec, ...], Field(min_length=1)]
    cap: Amount | None = None
    cap_a_year: Amount | None = None
    lag: Annotated[int, BeforeValidator(whole), Field(ge=0, le=60)] = 0
    falls: Literal["paid_back", "kept"] = "paid_back"
    termination: TerminationSpec | None = None

    @property
    def paid_results(self) -> tuple[PaidResultSpec, ...]:
        """What is paid for."""
        return self.results

    @property
    def joining(self) -> tuple[str, ...]:
        """Parties that join the partners under this rule alone."""
        return (self.provider,)

    def build(self, agreement: "AgreementSpec", measured: Measured) -> Rule:
        """Return the rule in the prices of the case."""
        factor = measured.factor(self.price_base)
        terms = {key: value for key, value in self.terms.items() if key != "price_base"}
        terms |= {key: factor * terms[key] for key in self.money if terms[key] is not None}
        terms["results"] = tuple(result.paid(measured, factor) for result in self.results)
        if (ends := self.termination) is not None:
            least = None if ends.unless_earned is None else factor * ends.unless_earned
            terms["termination"] = Termination(after=ends.after, unless_earned=least)
        return self.kind(shared=self.gains or agreement.gains, **terms)

    def numbers(self) -> Iterator[TermNumber]:
        """Yield the numbers that the terms hold."""
        yield from super().numbers()
        for result in self.results:
            key, base = f"tariff.{result.result}", self.price_base
            yield TermNumber(
                key, f"tariff for {result.label}", result.tariff, f"GBP per_{slug(result.unit)}", base
            )
            if result.deadweight_share:
                key, words = f"deadweight_share.{result.result}", f"deadweight share, {result.label}"
                yield TermNumber(key, words, result.deadweight_share, "share")
            for name in ("deadweight", "most"):
                if value := getattr(result, name):
                    yield TermNumber(f"{name}.{result.result}", f"{name}, {result.label}", value, result.unit)
        if self.termination is not None and self.termination.unless_earned is not None:
            least, words = self.termination.unless_earned, "earned or it ends early"
            yield TermNumber("termination", words, least, "GBP", self.price_base)

    def _unit(self, key: str) -> tuple[str, str]:
        return ("GBP", self.price_base) if key in self.money else super()._unit(key)


class PaymentByResultsSpec(PaysForResultsSpec):
    """The provider funds the programme and is paid for results."""

    kind = PaymentByResults

    rule: Literal["payment_by_results"]


class OutcomeContractSpec(PaysForResultsSpec):
    """An investor funds the programme and is repaid out of what is paid for results."""

    kind = OutcomeContract
    money = ("cap", "cap_a_year", "commitment")

    rule: Literal["outcome_contract"]
    investor: Agency
    commitment: Amount
    first_call: Amount = 1.0
    surplus: Shares | None = None
    most_returned: Amount | None = None
    recycled: bool = False

    @property
    def joining(self) -> tuple[str, ...]:
        """Parties that join the partners under this rule alone."""
        return (self.investor, *super().joining)


AnyRuleSpec = Annotated[
    ProRataToCostSpec
    | ProRataToBenefitSpec
    | EqualReturnSpec
    | FirstCallSpec
    | CollarAndCapSpec
    | ReinvestmentSpec
    | PaymentByResultsSpec
    | OutcomeContractSpec
    | ShapleyValueSpec
    | NoWorseOffSpec,
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
        found += [agency for rule in self.rules for agency in rule.named]
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

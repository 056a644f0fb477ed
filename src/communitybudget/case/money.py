"""What a case says of money: payments, outcome chains, claims, risks, cashability, adjustments."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, model_validator

from communitybudget._core.vocabulary import Mark, ValueType
from communitybudget.case.fields import (
    Agency,
    Amount,
    ByYear,
    FundingStream,
    Model,
    Moves,
    Positive,
    Probability,
    Uncertain,
    UncertainAmount,
    UncertainShare,
    UnitCost,
    Year,
    set_of,
    whole,
)
from communitybudget.parameters import ParameterSet

Grade = Annotated[int, BeforeValidator(whole), Field(ge=1, le=6)]
Months = Annotated[int, BeforeValidator(whole), Field(ge=0, le=240)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Text = Annotated[str, Field(min_length=1)]


class Payment(Model):
    """Money by family, once, or by year."""

    item: Annotated[str, Field(min_length=1)]
    per_family: UncertainAmount | None = None
    fixed: UncertainAmount | None = None
    by_year: ByYear | None = None
    over_months: Annotated[int, BeforeValidator(whole), Field(ge=1, le=120)] = 1
    price_base: Year
    source: Annotated[str, Field(min_length=1)]
    mark: Mark = "local"
    funding_stream: FundingStream = "not_stated"

    @model_validator(mode="after")
    def _one_amount(self) -> "Payment":
        given = [n for n in ("per_family", "fixed", "by_year") if getattr(self, n) is not None]
        if len(given) != 1:
            raise ValueError(
                f"gives {len(given)} amounts; give one of per_family (per family offered), "
                "fixed (once, in the first year) or by_year"
            )
        if self.over_months != 1 and self.per_family is None:
            raise ValueError("over_months spreads per_family only; leave it out")
        return self


class ClaimSpec(Payment):
    """Costs avoided as somebody claims them: capped by what is spent, and GROSS without a deadweight."""

    agency: Agency
    line: Text
    value_type: ValueType = "fiscal"
    transfer: bool = False
    deadweight: UncertainShare | None = None


class OutcomeSpec(Model):
    """An outcome chain: people reached, the links to net outcomes, and the value of each."""

    name: Name
    label: Text
    population: Literal["families", "children", "adults"] | UncertainAmount
    unit_cost: UnitCost
    units_per_outcome: UncertainAmount = UncertainAmount(value=1)
    agency: Agency | None = None
    line: str | None = None
    incidence: UncertainShare | None = None
    engagement: UncertainShare | None = None
    retention: UncertainShare | None = None
    impact: UncertainShare
    deadweight: UncertainShare | None = None
    displacement: UncertainShare | None = None
    leakage: UncertainShare | None = None
    substitution: UncertainShare | None = None
    attribution: UncertainShare | None = None
    claimed_by_others: dict[str, Probability] = Field(default_factory=dict)
    evidence_grade: Grade | None = None
    phasing: Annotated[tuple[Amount, ...], Field(min_length=1)] | None = None
    lasts_years: Annotated[int, BeforeValidator(whole), Field(ge=1, le=60)] | None = None
    lag_months: Months = 0
    drop_off: UncertainShare | None = None
    source: Text
    mark: Mark = "local"
    note: str = ""

    @model_validator(mode="after")
    def _sound(self, info: ValidationInfo) -> "OutcomeSpec":
        if (self.phasing is None) == (self.lasts_years is None):
            raise ValueError(
                "it is not clear how long the outcome counts; give either lasts_years or phasing by year"
            )
        own = 1.0 if self.attribution is None else self.attribution.value
        total = own + sum(self.claimed_by_others.values())
        if self.claimed_by_others and total > 1 + 1e-9:
            raise ValueError(
                f"attribution and claimed_by_others sum to {total:.0%}; shares are at most 100% in all"
            )
        parameters = set_of(info)
        if parameters is not None:
            self._spread_if_lifetime(parameters)
        return self

    def _spread_if_lifetime(self, parameters: ParameterSet) -> None:
        unit = parameters[self.unit_cost].unit
        years = lifetime_years(unit)
        if years is None:
            return
        if self.phasing is None:
            raise ValueError(
                f"{self.unit_cost} is a sum over {years} and no yearly value; "
                "spread it with phasing: shares by year that sum to 1 or less"
            )
        if len(self.phasing) < 2 or max(self.phasing) >= 1:
            raise ValueError(
                f"{self.unit_cost} is a sum over {years} and falls in one year here; "
                "spread it over the years in which the money falls"
            )
        if sum(self.phasing) > 1 + 1e-9:
            raise ValueError(
                f"phasing counts {sum(self.phasing):.4g} times a value that is a sum over {years}; "
                "give shares by year that sum to 1 or less"
            )


_LIFETIME = {
    "lifetime": "a lifetime",
    "per_person_lifetime": "a lifetime",
    "per_child_ten_years": "ten years",
    "per_child_25_years": "25 years",
}


def lifetime_years(unit: str) -> str | None:
    """Return the period over which a unit cost is a sum; None where it is a yearly or one-off value.

    Examples
    --------
    >>> lifetime_years("GBP per_child_ten_years"), lifetime_years("GBP per_incident")
    ('ten years', None)
    """
    return _LIFETIME.get(unit.removeprefix("GBP ").strip())


class RiskSpec(Model):
    """A line of the risk register: an event that costs money if it happens; negative is an opportunity."""

    name: Text
    agency: Agency
    probability: UncertainShare
    impact: Uncertain
    price_base: Year
    first_year: Year
    last_year: Year
    treatment: Literal["events", "expected_value"] = "events"
    owner: str = ""
    source: Text
    mark: Mark = "local"
    funding_stream: FundingStream = "not_stated"


class StepSpec(Model):
    """Units that can only be given up together."""

    what: Text
    size: Positive
    units_each: Positive


class CashabilitySpec(Model):
    """How a fall in volume on one budget line becomes cash that can leave the budget."""

    agency: Agency
    line: Text
    unit_cost: UnitCost | None = None
    marginal_share: UncertainShare
    step: StepSpec | None = None
    decommission_months: Months = 0
    notice_months: Months = 0
    benefit_owner: str = ""
    source: Text
    mark: Mark = "local"
    note: str = ""

    @model_validator(mode="after")
    def _volume_known(self) -> "CashabilitySpec":
        if self.step is not None and self.unit_cost is None:
            raise ValueError("a step counts units of a unit cost; name it in unit_cost")
        return self


class OptimismBiasSpec(Model):
    """Corrections by evidence grade, and how the grades of several figures combine."""

    rule: Literal["worst", "compound", "mean"]
    grades: dict[str, Grade]
    benefits: bool = True
    costs: bool = True


class AdjustmentsSpec(Model):
    """Adjustments to the whole case; none is on unless it stands here."""

    optimism_bias: OptimismBiasSpec | None = None


class TransferSpec(Model):
    """What is left of an effect found elsewhere: shares to keep, each with its reason in ``reason``."""

    design: Probability
    developer_led: Probability
    scale: Probability
    context: Probability
    reason: Text

    @property
    def factor(self) -> float:
        """Share of the effect that is kept."""
        return self.design * self.developer_led * self.scale * self.context


class UnmetNeedSpec(Model):
    """Moves by which people go without help that they need; what that saves is credited to nobody."""

    moves: Moves
    reason: Text

"""What a case says of money: payments, outcome chains, claims, risks, cashability, adjustments."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, ValidationInfo, model_validator

from communitybudget._core.vocabulary import Mark, ValueType
from communitybudget.appraisal import ELASTICITY, MOST_PROFESSIONALS, distributional_weight
from communitybudget.case.fields import (
    Agency,
    Amount,
    AnyUnitCost,
    ByYear,
    FundingStream,
    Model,
    Moves,
    Number,
    Positive,
    Probability,
    UncertainAmount,
    UncertainMarkup,
    UncertainShare,
    UncertainSigned,
    UnitCost,
    Year,
    one_of,
    set_of,
    whole,
    word_or_number,
    years_once,
)
from communitybudget.parameters import ParameterSet

_MOST_AN_HOUR = 1_000
_MOST_OF_A_SUM = 0.5
Grade = Annotated[int, BeforeValidator(whole), Field(ge=1, le=6)]
Months = Annotated[int, BeforeValidator(whole), Field(ge=0, le=240)]
GRADED_WORDS: tuple[str, ...] = (
    "green",
    "amber",
    "red",
    "not_graded",
    "randomised",
    "matched_comparison",
    "before_after",
    "assumed",
)
"""Words for which a case says which evidence grade they stand for."""
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Text = Annotated[str, Field(min_length=1)]


class Payment(Model):
    """Money by family, once, or by year."""

    item: Annotated[str, Field(min_length=1)]
    per_family: UncertainAmount | None = None
    fixed: UncertainAmount | None = None
    by_year: Annotated[ByYear, Field(min_length=1)] | None = None
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
    displacement: UncertainShare | None = None
    leakage: UncertainShare | None = None
    substitution: UncertainShare | None = None
    attribution: UncertainShare | None = None
    evidence_grade: Grade | None = None

    @model_validator(mode="after")
    def _transfers_are_fiscal(self) -> "ClaimSpec":
        if self.transfer and self.value_type != "fiscal":
            raise ValueError(
                f"a transfer is money of a public body and not {self.value_type} value; leave one of the two "
                "out"
            )
        return self


class ProfessionalSpec(Model):
    """One professional of a team: hours for each family, at a pay or at a published price of an hour."""

    agency: Agency
    role: Text
    hours: UncertainAmount
    hourly_pay: UncertainAmount | None = None
    salary: UncertainAmount | None = None
    hours_a_year: Annotated[Number, Field(ge=200, le=3_000)] | None = None
    unit_cost: UnitCost | None = None
    funding_stream: FundingStream = "not_stated"

    @model_validator(mode="after")
    def _one_price(self, info: ValidationInfo) -> "ProfessionalSpec":
        given = [n for n in ("hourly_pay", "salary", "unit_cost") if getattr(self, n) is not None]
        if len(given) != 1:
            raise ValueError(
                f"gives {len(given)} prices of an hour; give one of hourly_pay, salary (with hours_a_year) "
                "or unit_cost"
            )
        if self.hourly_pay is not None and self.hourly_pay.value > _MOST_AN_HOUR:
            raise ValueError(
                f"an hour at £{self.hourly_pay.value:,.0f} looks like a salary; give salary with hours_a_year"
            )
        if (self.salary is None) != (self.hours_a_year is None):
            raise ValueError("salary and hours_a_year go together; give both, or hourly_pay")
        parameters = set_of(info)
        if self.unit_cost is not None and parameters is not None:
            unit = parameters[self.unit_cost].unit
            if unit != "GBP per_hour":
                raise ValueError(
                    f"{self.unit_cost} is priced {unit.removeprefix('GBP ').replace('_', ' ')} and not per "
                    "hour; use a unit cost per hour, or hourly_pay"
                )
        return self


class TeamSpec(Model):
    """What a team costs for each family, built up from the time of its professionals."""

    item: Text
    professionals: Annotated[tuple[ProfessionalSpec, ...], Field(min_length=1)]
    price_base: Year | None = None
    on_costs: UncertainMarkup | None = None
    overheads: UncertainMarkup | None = None
    over_months: Annotated[int, BeforeValidator(whole), Field(ge=1, le=120)] = 1
    evidence_grade: Grade | None = None
    source: Text
    mark: Mark = "local"

    @model_validator(mode="after")
    def _stated(self) -> "TeamSpec":
        if len(self.professionals) > MOST_PROFESSIONALS:
            raise ValueError(
                f"has {len(self.professionals)} professionals; build up at most {MOST_PROFESSIONALS} for a "
                "family, and put the others together"
            )
        roles = [(p.agency, p.role) for p in self.professionals]
        twice = sorted({role for agency, role in roles if roles.count((agency, role)) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)}: there twice for one agency; name them apart, or add hours")
        own_pay = any(p.unit_cost is None for p in self.professionals)
        needed = ("price_base", "on_costs", "overheads")
        missing = [name for name in needed if getattr(self, name) is None]
        if own_pay and missing:
            raise ValueError(
                f"pay is given without {', '.join(missing)}; state each, 0 where the pay holds it already"
            )
        if not own_pay and len(missing) < len(needed):
            raise ValueError(
                "published prices of an hour hold on-costs and overheads and have their own price base; "
                f"leave {', '.join(n for n in needed if n not in missing)} out"
            )
        return self


class OutcomeSpec(Model):
    """An outcome chain: people reached, the links to net outcomes, and the value of each."""

    name: Name
    label: Text
    population: Annotated[
        Annotated[Literal["families", "children", "adults"], Tag("word")]
        | Annotated[UncertainAmount, Tag("number")],
        Discriminator(word_or_number),
    ]
    unit_cost: AnyUnitCost
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
    phasing: Annotated[tuple[Probability, ...], Field(min_length=1)] | None = None
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
        unit = unit_of(self.unit_cost, parameters)
        years = lifetime_years(unit)
        if years is None:
            return
        if self.phasing is None:
            raise ValueError(
                f"{self.unit_cost} is a sum over {years} and no yearly value; "
                "spread it with phasing: shares by year that sum to 1 or less"
            )
        if max(self.phasing) > _MOST_OF_A_SUM:
            raise ValueError(
                f"{self.unit_cost} is a sum over {years} and falls in one year here, or nearly; "
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


def unit_of(key: str, parameters: ParameterSet) -> str:
    """Return the unit of a unit cost, whichever type of value it has."""
    return parameters.get(key, parameters.value_types(key)[0]).unit


def is_wellbeing(unit: str) -> bool:
    """Whether a unit cost is a worth of wellbeing, which counts only where a case asks for it.

    Examples
    --------
    >>> is_wellbeing("GBP per_wellby"), is_wellbeing("GBP per_incident")
    (True, False)
    """
    return unit == "GBP per_wellby"


class RiskSpec(Model):
    """A line of the risk register: an event that costs money if it happens; negative is an opportunity."""

    name: Text
    agency: Agency
    probability: UncertainShare
    impact: UncertainSigned
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
    grades: dict[Annotated[str, one_of(GRADED_WORDS, "word that has a grade")], Grade]
    benefits: bool = True
    costs: bool = True


class DistributionalWeightsSpec(Model):
    """What a pound is worth to these families, beside families of median income."""

    income: Annotated[Number, Field(ge=1_000)]
    median_income: Annotated[Number, Field(ge=1_000)]
    elasticity: Annotated[Number, Field(ge=0, le=5)] = ELASTICITY
    source: Text
    mark: Mark = "local"

    @property
    def weight(self) -> float:
        """What a pound is worth to these families; 1 at the median income."""
        return float(distributional_weight(self.income, self.median_income, self.elasticity))


class AdjustmentsSpec(Model):
    """Adjustments to the whole case; none is on unless it stands here."""

    optimism_bias: OptimismBiasSpec | None = None
    distributional_weights: DistributionalWeightsSpec | None = None
    wellbeing: bool = False


class IndexSpec(Model):
    """A price index of the case's own, by financial year."""

    levels: Annotated[dict[Year, Positive], BeforeValidator(years_once), Field(min_length=2)]
    source: Text
    mark: Mark = "local"


class _CoverageSpec(Model):
    """For which unit costs a rule of prices is."""

    unit_costs: tuple[UnitCost, ...] = ()
    agencies: tuple[Agency, ...] = ()
    reason: Text

    @model_validator(mode="after")
    def _covers_something(self) -> "_CoverageSpec":
        if not self.unit_costs and not self.agencies:
            raise ValueError("covers nothing; name unit_costs, agencies, or both")
        return self


class SectorIndexSpec(_CoverageSpec):
    """A price index of a sector in place of the general one."""

    index: Text
    after_end: (
        Annotated[
            Annotated[Literal["general"], Tag("word")]
            | Annotated[Number, Field(gt=-0.5, lt=0.5), Tag("number")],
            Discriminator(word_or_number),
        ]
        | None
    ) = None


class AreaFactorSpec(_CoverageSpec):
    """How dear the place is beside the place of published prices."""

    factor: Annotated[Number, Field(gt=0.2, lt=5)]
    source: Text
    mark: Mark = "local"


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


class BudgetRowSpec(Model):
    """A row of an agency's own outturn, in the case itself and not in a file beside it."""

    agency: Agency
    line: Text
    year: Year
    amount: Amount
    covers: tuple[str, ...] = ()
    price_base: Year | None = None
    planned_saving: Amount | None = None
    owner: str = ""
    source: str = ""


def file_or_rows(value: object) -> str:
    """Tell the name of a file from rows."""
    return "file" if isinstance(value, str) else "rows"


class UnmetNeedSpec(Model):
    """Moves by which people go without help that they need; what that saves is credited to nobody."""

    moves: Moves
    reason: Text

"""What a case file may say, checked field by field; one-to-one with the file."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, ValidationInfo, model_validator

from communitybudget._core.errors import did_you_mean
from communitybudget._core.vocabulary import BAU, Mark, ValueType
from communitybudget._core.years import years_from
from communitybudget.case.agreeing import AgreementSpec
from communitybudget.case.fields import (
    Agency,
    Amount,
    ByYear,
    EffectName,
    FundingStream,
    Model,
    Moves,
    Number,
    PathwayName,
    Positive,
    Probability,
    Profile,
    Schedule,
    Stated,
    UncertainAmount,
    UncertainShare,
    UnitCost,
    Year,
    effect_key,
    set_of,
    split_move,
    whole,
)
from communitybudget.case.money import (
    AdjustmentsSpec,
    AreaFactorSpec,
    BudgetRowSpec,
    CashabilitySpec,
    ClaimSpec,
    Grade,
    IndexSpec,
    OutcomeSpec,
    Payment,
    RiskSpec,
    SectorIndexSpec,
    TeamSpec,
    TransferSpec,
    UnmetNeedSpec,
    file_or_rows,
)
from communitybudget.case.programme import (
    CaseloadSpec,
    Combining,
    PartialDoseSpec,
    ProgrammeMonths,
    Retention,
    RunsSpec,
    months_each,
)
from communitybudget.case.question import DecisionSpec
from communitybudget.parameters import ParameterSet
from communitybudget.sampling.designs import DEFAULT_REPLICATES


class Override(Stated):
    """A local figure in place of one of the set."""

    reason: Annotated[str, Field(min_length=1)]
    value_type: ValueType | None = None
    price_base: Year | None = None
    source: str = "local"
    mark: Mark = "local"


class SamplingSpec(Model):
    """How draws are made."""

    design: Literal["random", "latin_hypercube", "sobol"] = "random"
    replicates: Annotated[int, BeforeValidator(whole), Field(ge=1, le=1_000)] | None = None

    @property
    def parts(self) -> int:
        """Independent parts of the design; 1 where it is not divided."""
        return DEFAULT_REPLICATES[self.design] if self.replicates is None else self.replicates

    @model_validator(mode="after")
    def _parts_of_a_design(self) -> "SamplingSpec":
        if self.design == "random" and self.replicates is not None:
            raise ValueError("random draws are independent of each other already; leave replicates out")
        if self.design == "sobol" and self.parts < 2:
            raise ValueError("the error of Sobol' draws shows from 2 replicates on; give 8, say")
        return self


class CorrelationSpec(Model):
    """Two uncertain numbers that go together."""

    between: tuple[str, str]
    rank: Annotated[Number, Field(ge=-1, le=1)]
    source: Annotated[str, Field(min_length=1)]
    mark: Mark = "local"
    note: str = ""


class StartMix(Model):
    """Where people are on the day they join."""

    start: dict[PathwayName, dict[str, Probability]] = Field(default_factory=dict)
    start_counts: dict[PathwayName, dict[str, Amount]] = Field(default_factory=dict)

    @property
    def given(self) -> set[str]:
        """Pathways of which it says something."""
        return {*self.start, *self.start_counts}

    @model_validator(mode="after")
    def _known_states(self, info: ValidationInfo) -> "StartMix":
        _check_states(self.start, self.start_counts, set_of(info))
        return self


def _check_states(
    start: dict[str, dict[str, float]],
    start_counts: dict[str, dict[str, float]],
    parameters: ParameterSet | None,
) -> None:
    """Refuse a start mix that says two things, does not add up, or names a state that there is not."""
    both = set(start) & set(start_counts)
    if both:
        raise ValueError(f"start and start_counts both give {', '.join(sorted(both))}; keep one of the two")
    for pathway, counts in start_counts.items():
        if sum(counts.values()) <= 0:
            raise ValueError(f"start_counts of {pathway} count nobody; give people by state")
    for pathway, shares in (*start.items(), *start_counts.items()):
        if pathway in start:
            _sums_to_one(shares, f"the shares of the start mix of {pathway}")
        if parameters is not None:
            states = [s["name"] for s in parameters.structures[pathway]["states"]]
            for state in shares:
                if state not in states:
                    raise ValueError(f"'{state}' is no state of {pathway}; {did_you_mean(state, states)}")


class StockSpec(StartMix):
    """Today's caseload: families who join on the first day, before those of the intake."""

    families: Positive


class FrailtyClassSpec(Model):
    """Families whose rates are all so many times those of others."""

    share: Positive
    multiplier: Amount


class FrailtySpec(Model):
    """What families differ by that nobody recorded; shared between the pathways of a family."""

    variance: Annotated[Number, Field(gt=0, le=20)] | None = None
    classes: Annotated[tuple[FrailtyClassSpec, ...], Field(min_length=2)] | None = None
    pathways: tuple[PathwayName, ...] = ()
    moves: Moves | None = None

    @model_validator(mode="after")
    def _one_form(self) -> "FrailtySpec":
        if (self.variance is None) == (self.classes is None):
            raise ValueError(
                "give either the variance of a gamma distribution or classes of families; one of the two"
            )
        if not self.pathways and not self.moves:
            raise ValueError("changes nothing; give pathways (all their moves), moves, or both")
        if self.classes is not None:
            total = sum(some.share for some in self.classes)
            if abs(total - 1) > 1e-6:
                raise ValueError(f"the shares of the classes sum to {total:.4g} and not to 1; correct them")
            if not any(some.multiplier for some in self.classes):
                raise ValueError("every multiplier is 0, so that nobody moves; give one above 0")
        return self


class CohortSpec(StartMix):
    """Who is offered the programme."""

    file: Annotated[str, Field(min_length=1)] | None = None
    families: Positive | None = None
    intake: ByYear | None = None
    stock: StockSpec | None = None
    profile: Profile | None = None
    profiles: dict[Profile, Probability] | None = None
    children_per_family: UncertainAmount | None = None
    adults_per_family: UncertainAmount | None = None
    frailty: FrailtySpec | None = None

    @model_validator(mode="after")
    def _whole(self) -> "CohortSpec":
        if self.file is not None:
            self._counted_in_file()
        elif (self.families is None) == (self.intake is None):
            raise ValueError(
                "give either families (all join on the first day) or intake by year; one of the two"
            )
        elif (self.profile is None) == (self.profiles is None):
            raise ValueError("give either one profile or the shares of several in profiles; one of the two")
        if self.intake is not None and sum(self.intake.values()) <= 0:
            raise ValueError("intake brings no families; give a number above 0 in at least one year")
        if self.stock is not None and self.file is None and self.intake is None:
            raise ValueError("stock stands beside an intake by year; give intake in place of families")
        if self.profiles is not None:
            _sums_to_one(self.profiles, "the shares of families by profile")
        return self

    def _counted_in_file(self) -> None:
        counted = (
            "families",
            "intake",
            "stock",
            "profile",
            "profiles",
            "children_per_family",
            "adults_per_family",
            "start_counts",
        )
        given = [name for name in counted if getattr(self, name) not in (None, {})]
        if given:
            raise ValueError(f"the file of families holds {', '.join(given)} too; keep one of the two")


def _sums_to_one(shares: dict[str, float], what: str) -> None:
    total = sum(shares.values())
    if abs(total - 1) > 1e-6:
        raise ValueError(f"{what} sum to {total:.4g} and not to 1; correct them or add the remainder")


class DeliverySpec(Payment):
    """What an agency spends on an option."""

    agency: Agency
    value_type: ValueType = "fiscal"
    cashable: Literal["not_assessed", "yes", "no"] = "not_assessed"
    spend: Literal["ongoing", "one_off_revenue", "one_off_capital"] | None = None
    evidence_grade: Grade | None = None


class FundingSpec(Payment):
    """Money that one agency gives another: it moves and makes no difference in total."""

    from_agency: Annotated[Agency, Field(alias="from")]
    to: Agency

    @model_validator(mode="after")
    def _two_agencies(self) -> "FundingSpec":
        if self.from_agency == self.to:
            raise ValueError(f"{self.to} gives money to itself; name two agencies")
        return self


class EffectSpec(Model):
    """An effect of an option: a row of the effects table, a local hazard ratio, or a rate in place of one."""

    effect: EffectName | None = None
    on: Moves | None = None
    hazard_ratio: UncertainAmount | None = None
    monthly_rate: UncertainAmount | None = None
    label: str | None = None
    strength: Annotated[Number, Field(ge=0, le=2)] = 1.0
    transfer: TransferSpec | None = None
    lag_months: UncertainAmount | None = None
    ramp_months: UncertainAmount | None = None
    lasts_months: UncertainAmount | None = None
    fades_over_months: UncertainAmount | None = None
    probability_no_effect: Probability | None = None
    estimand: Literal["offered", "engaged"] | None = None
    design: Literal["randomised", "matched_comparison", "before_after", "assumed"] | None = None
    source: str | None = None
    mark: Mark | None = None

    @property
    def kept(self) -> float:
        """Strength on the log scale after evidence transfer."""
        return self.strength * (1.0 if self.transfer is None else self.transfer.factor)

    @model_validator(mode="after")
    def _one_effect(self) -> "EffectSpec":
        forms = ("effect", "hazard_ratio", "monthly_rate")
        if sum(getattr(self, name) is not None for name in forms) != 1:
            raise ValueError(
                "give either effect (a row of the set), hazard_ratio (a local one) or monthly_rate (in place "
                "of the usual one); one of the three"
            )
        if self.effect is not None:
            extra = [n for n in ("source", "mark", "label") if getattr(self, n) is not None]
            if extra:
                raise ValueError(
                    f"{', '.join(extra)} of '{self.effect}' are those of the set; leave them out, or "
                    "override the row"
                )
        else:
            form = "hazard_ratio" if self.hazard_ratio is not None else "monthly_rate"
            missing = [
                n for n in ("on", "estimand", "design", "source", "lasts_months") if getattr(self, n) is None
            ]
            if missing:
                raise ValueError(f"a local {form} lacks {', '.join(missing)}; add them")
            if self.hazard_ratio is not None and self.hazard_ratio.value <= 0:
                raise ValueError("a hazard ratio of 0 stops a move for ever; give one above 0")
            if self.monthly_rate is not None and self.probability_no_effect:
                raise ValueError(
                    "a monthly_rate with probability_no_effect is no rate in some draws; leave it out, or "
                    "give a hazard_ratio"
                )
            pathways = {split_move(text)[0] for text in self.on or ()}
            if len(pathways) != 1:
                raise ValueError("an effect acts on one pathway; write one effect for each")
        return self


class ChanceSpec(Model):
    """What is known of chance: how much spells in a state differ in cost."""

    spread_of_spells: dict[str, Amount] = Field(default_factory=dict)


class OptionSpec(Model):
    """An option to compare with business as usual."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    label: Annotated[str, Field(min_length=1)]
    delivery: tuple[DeliverySpec, ...] = ()
    teams: tuple[TeamSpec, ...] = ()
    funding: tuple[FundingSpec, ...] = ()
    start: dict[PathwayName, dict[str, Probability]] = Field(default_factory=dict)
    starts_after_months: Annotated[int, BeforeValidator(whole), Field(ge=0, le=240)] = 0
    engagement: UncertainShare | None = None
    programme_months: ProgrammeMonths | None = None
    retention: Retention | None = None
    drop_out_per_month: UncertainShare | None = None
    partial_dose: PartialDoseSpec | None = None
    caseload: CaseloadSpec | None = None
    runs: RunsSpec | None = None
    combination: Combining | None = None
    effects: tuple[EffectSpec, ...] = ()
    outcomes: tuple[OutcomeSpec, ...] = ()
    claims: tuple[ClaimSpec, ...] = ()
    risks: tuple[RiskSpec, ...] = ()
    can_be_chosen: bool = True
    do_minimum: bool = False
    note: str = ""

    @model_validator(mode="after")
    def _sound(self, info: ValidationInfo) -> "OptionSpec":
        if self.name == BAU:
            raise ValueError("bau is always there; name the option otherwise")
        parameters = set_of(info)
        _check_states(self.start, {}, parameters)
        estimands = []
        for use in self.effects:
            row = parameters[effect_key(use.effect)] if parameters is not None and use.effect else None
            estimand = use.estimand or (row.fields["estimand"] if row else None)
            estimands.append(estimand)
            if estimand == "engaged" and self.engagement is None:
                named = use.effect or use.label or ", ".join(use.on or ())
                raise ValueError(
                    f"the effect '{named}' holds for those who engage; add engagement to the option"
                )
        self._taken_part(None in estimands or "engaged" in estimands)
        return self

    def _taken_part(self, among_engaged: bool) -> None:
        names = ("retention", "drop_out_per_month", "partial_dose")
        given = [name for name in names if getattr(self, name) is not None]
        if given and not among_engaged:
            raise ValueError(
                f"{' and '.join(given)}: for effects among the engaged alone, and there is none; what is "
                "averaged over all offered holds drop-outs already; leave them out, or give an effect with "
                "estimand: engaged"
            )
        if self.retention is not None and self.drop_out_per_month is not None:
            raise ValueError("retention and drop_out_per_month say the same thing; keep one of the two")
        if self.programme_months is not None and self.caseload is not None:
            raise ValueError(
                "programme_months and months_each of caseload say the same thing; keep that of caseload"
            )
        months = months_each(self.programme_months, self.caseload)
        stops = self.runs is not None and self.runs.last is not None
        for name, is_given in (
            ("drop_out_per_month", self.drop_out_per_month is not None),
            ("the year to of runs", stops),
        ):
            if is_given and months is None:
                raise ValueError(f"{name} needs to know how long a family takes part; add programme_months")
        last = max(self.retention or {0: 1.0})
        if months is not None and last > months:
            raise ValueError(
                f"retention goes to {last} months, and the programme ends after {months}; leave out what "
                "comes after"
            )


class JourneyItem(Model):
    """One service in a reference journey."""

    what: Annotated[str, Field(min_length=1)]
    unit_cost: UnitCost
    quantity: Amount
    agency: Agency | None = None


class PublishedFigure(Model):
    """A published figure that a journey is set beside; the residual is shown, never scaled away."""

    value: Amount
    source: str
    note: str = ""


class JourneySpec(Model):
    """A family's year priced bottom-up: no counterfactual, so no saving."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    label: str
    period: str
    price_base: Year
    index: str | None = None
    items: Annotated[tuple[JourneyItem, ...], Field(min_length=1)]
    published: PublishedFigure | None = None
    note: str = ""


class AllowanceSpec(Model):
    """Two unit costs that may both be used although they are declared to overlap."""

    codes: Annotated[tuple[str, str], Field()]
    reason: Annotated[str, Field(min_length=1)]


class CaseSpec(Model):
    """A whole case."""

    title: Annotated[str, Field(min_length=1)]
    place: str = ""
    start: Year
    years: Annotated[int, BeforeValidator(whole), Field(ge=1, le=60)]
    price_base: Year
    discounting: Schedule = "green_book_2022"
    parameters: str = "england"
    index: str | None = None
    indices: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], IndexSpec] = Field(
        default_factory=dict
    )
    sector_indices: tuple[SectorIndexSpec, ...] = ()
    area_factors: tuple[AreaFactorSpec, ...] = ()
    stale_after_years: Annotated[int, BeforeValidator(whole), Field(ge=1, le=60)] = 10
    override_files: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    overrides: dict[str, Override] = Field(default_factory=dict)
    cohort: CohortSpec
    pathways: Annotated[tuple[PathwayName, ...], Field(min_length=1)]
    options: Annotated[tuple[OptionSpec, ...], Field(min_length=1)]
    journeys: tuple[JourneySpec, ...] = ()
    allow_overlaps: tuple[AllowanceSpec, ...] = ()
    funding_streams: dict[Agency, FundingStream] = Field(default_factory=dict)
    cashability: tuple[CashabilitySpec, ...] = ()
    budget: (
        Annotated[
            Annotated[str, Field(min_length=1), Tag("file")]
            | Annotated[tuple[BudgetRowSpec, ...], Tag("rows")],
            Discriminator(file_or_rows),
        ]
        | None
    ) = None
    adjustments: AdjustmentsSpec | None = None
    unmet_need: tuple[UnmetNeedSpec, ...] = ()
    chance: ChanceSpec | None = None
    decision: DecisionSpec | None = None
    agreement: AgreementSpec | None = None
    sampling: SamplingSpec = Field(default_factory=SamplingSpec)
    correlations: tuple[CorrelationSpec, ...] = ()
    draws_file: Annotated[str, Field(min_length=1)] | None = None
    note: str = ""

    @property
    def choices(self) -> tuple[str, ...]:
        """Options between which is decided, business as usual aside."""
        named = () if self.decision is None else self.decision.options
        can_be_chosen = tuple(option.name for option in self.options if option.can_be_chosen)
        return named or can_be_chosen or tuple(option.name for option in self.options)

    @property
    def do_minimum(self) -> str | None:
        """The option that is the do-minimum; None where there is none."""
        return next((option.name for option in self.options if option.do_minimum), None)

    @property
    def distributional_weight(self) -> float | None:
        """Weight on what the families gain and lose; None where it is off."""
        given = None if self.adjustments is None else self.adjustments.distributional_weights
        return None if given is None else given.weight

    @property
    def counts_wellbeing(self) -> bool:
        """Whether wellbeing counts as social value."""
        return self.adjustments is not None and self.adjustments.wellbeing

    @property
    def financial_years(self) -> tuple[str, ...]:
        """Financial years of the horizon."""
        return years_from(self.start, self.years)

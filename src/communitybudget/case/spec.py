"""What a case file may say, checked field by field; one-to-one with the file."""

import re
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    model_validator,
)

from communitybudget._core.errors import CommunityBudgetError, did_you_mean
from communitybudget._core.vocabulary import (
    AGENCIES,
    BAU,
    FUNDING_STREAMS,
    PROFILES,
    Interval,
    Mark,
    ValueType,
)
from communitybudget._core.years import parse_year, years_from
from communitybudget.parameters import ParameterSet, from_events, from_interval, from_mean_sd
from communitybudget.parameters.distributions import Support
from communitybudget.parameters.schedules import DiscountSchedule, discount_schedule
from communitybudget.pathways import parse_move

_NUMBER = re.compile(r"^[-+]?£?[-+]?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)(\.[0-9]+)?$")


def _number(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("is true or false; write a number")
    if isinstance(value, str):
        text = "".join(value.split())  # pasted figures bring blanks that do not break
        if text.endswith("%"):
            raise ValueError(f"'{text[:40]}' is a percentage; write 80% as 0.8")
        if not _NUMBER.match(text):
            raise ValueError(f"'{text[:40]}' is not a number; write it like 5214, £5,214 or 0.8")
        return float(text.replace("£", "").replace(",", ""))
    return value


def _year(value: Any) -> str:
    try:
        return parse_year(str(value))
    except ValueError as fault:
        raise ValueError(str(fault)) from fault


def _whole(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("is true or false; write a whole number")
    return value


def _years_once(value: Any) -> Any:
    """Refuse one financial year written in two ways, which would lose one of the two."""
    if isinstance(value, dict):
        seen: dict[str, Any] = {}
        for key in value:
            try:
                year = parse_year(str(key))
            except ValueError:
                continue  # reported where it stands
            if year in seen:
                raise ValueError(f"'{seen[year]}' and '{key}' are the same year; keep one of the two")
            seen[year] = key
    return value


def _one_of(words: Any, what: str) -> AfterValidator:
    def check(value: str) -> str:
        if value not in words:
            raise ValueError(f"'{value}' is no {what}; {did_you_mean(value, words)}")
        return value

    return AfterValidator(check)


def schedule_of(name: str, parameters: ParameterSet | None) -> DiscountSchedule:
    """Return a schedule by name: from the parameter set where it has its own table, else the bundled one.

    Raises
    ------
    ScheduleError
        If there is none of that name.
    """
    own = None if parameters is None else parameters.folder
    has_own = own is not None and (own / "rules" / "discount_schedules.csv").is_file()
    return discount_schedule(name, own if has_own else None)


def _schedule(value: Any, info: ValidationInfo) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        if not -1 < value < 1:
            raise ValueError(f"a rate of {value:g} is no discount rate; write 0.035 for 3.5%")
        return float(value)
    try:
        schedule_of(str(value), _set(info))
    except CommunityBudgetError as fault:
        raise ValueError(_semicolon(str(fault))) from fault
    return str(value)


def _semicolon(text: str) -> str:
    return text if ";" in text else f"{text}; use a schedule of the set"


def _set(info: ValidationInfo) -> ParameterSet | None:
    return (info.context or {}).get("parameters")


def _pathway(value: str, info: ValidationInfo) -> str:
    parameters = _set(info)
    if parameters is not None and value not in parameters.structures:
        raise ValueError(f"'{value}' is no pathway; {did_you_mean(value, parameters.structures)}")
    return value


def effect_key(name: str) -> str:
    """Return the full key of an effect, which may be named without its table.

    Examples
    --------
    >>> effect_key("tfp_looked_after")
    'effect.tfp_looked_after'
    """
    return name if name.startswith(("effect.", "published.")) else f"effect.{name}"


def _effect(value: str, info: ValidationInfo) -> str:
    parameters = _set(info)
    if parameters is not None and effect_key(value) not in parameters:
        known = [p.key for table in ("effect", "published") for p in parameters.table(table)]
        raise ValueError(f"'{value}' is no effect; {did_you_mean(effect_key(value), known)}")
    return value


def _unit_cost(value: str, info: ValidationInfo) -> str:
    parameters = _set(info)
    if parameters is not None and (value not in parameters or not value.startswith("unit_cost.")):
        known = [p.key for p in parameters.table("unit_cost")]
        raise ValueError(f"'{value}' is no unit cost; {did_you_mean(value, known)}")
    return value


def split_move(text: str) -> tuple[str, tuple[str, str]]:
    """Return pathway and move of ``pathway.state -> state``.

    Examples
    --------
    >>> split_move("work.claiming_search -> in_work")
    ('work', ('claiming_search', 'in_work'))
    """
    pathway, dot, move = text.partition(".")
    if not dot:
        raise ValueError(f"'{text}' names no pathway; write 'pathway.state -> state'")
    return pathway.strip(), parse_move(move)


def _moves(value: Any, info: ValidationInfo) -> tuple[str, ...]:
    if not isinstance(value, str | list | tuple):
        raise ValueError("is no move; write 'pathway.state -> state', or a list of moves")
    texts = [value] if isinstance(value, str) else list(value)
    parameters = _set(info)
    for text in texts:
        try:
            pathway, move = split_move(str(text))
        except (CommunityBudgetError, ValueError) as fault:
            raise ValueError(str(fault)) from fault
        if parameters is None:
            continue
        _pathway(pathway, info)
        states = [s["name"] for s in parameters.structures[pathway]["states"]]
        for state in move:
            if state not in states:
                raise ValueError(f"'{state}' is no state of {pathway}; {did_you_mean(state, states)}")
        known = {
            (p.fields["from"], p.fields["to"])
            for p in parameters.table("transition")
            if p.fields["pathway"] == pathway
        }
        if move not in known:
            moves = [f"{a} -> {b}" for a, b in known]
            raise ValueError(
                f"nobody moves '{move[0]} -> {move[1]}' in {pathway}; {did_you_mean(text, moves)}"
            )
    return tuple(str(text) for text in texts)


Number = Annotated[float, BeforeValidator(_number)]
Positive = Annotated[Number, Field(gt=0)]
Amount = Annotated[Number, Field(ge=0)]
Probability = Annotated[Number, Field(ge=0, le=1)]
Year = Annotated[str, BeforeValidator(_year)]
Agency = Annotated[str, _one_of(AGENCIES, "agency")]
FundingStream = Annotated[str, _one_of(FUNDING_STREAMS, "funding stream")]
Profile = Annotated[str, _one_of(PROFILES, "need profile")]
PathwayName = Annotated[str, AfterValidator(_pathway)]
EffectName = Annotated[str, AfterValidator(_effect)]
UnitCost = Annotated[str, AfterValidator(_unit_cost)]
Moves = Annotated[tuple[str, ...], BeforeValidator(_moves)]
ByYear = Annotated[dict[Year, Amount], BeforeValidator(_years_once)]
Schedule = Annotated[str | float, BeforeValidator(_schedule)]


class Model(BaseModel):
    """Base of every part of a case: no unknown keys, nothing changes later."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, allow_inf_nan=False)


class Uncertain(Model):
    """A number with, if it is uncertain, an interval or a standard deviation."""

    value: Number
    low: Number | None = None
    high: Number | None = None
    interval: Interval | None = None
    sd: Annotated[Number, Field(ge=0)] | None = None
    distribution: str | None = None
    source: str | None = None
    mark: Mark | None = None
    note: str = ""
    _support: ClassVar[Support] = "positive"

    @model_validator(mode="before")
    @classmethod
    def _plain_number(cls, value: Any) -> Any:
        return value if isinstance(value, dict | BaseModel) else {"value": value}

    @model_validator(mode="after")
    def _possible(self) -> "Uncertain":
        if (self.low is None) != (self.high is None):
            raise ValueError("low and high go together; give both or neither")
        if self.low is not None and self.high is not None:
            if self.interval is None:
                raise ValueError(
                    "it is not said what low and high are; add interval: range, ci95, ci90 or p10_p90"
                )
            if self.sd is not None:
                raise ValueError("both limits and sd are given; keep one of the two")
            from_interval(self.value, self.low, self.high, self.interval, self._support, self.distribution)
        if self.sd is not None:
            from_mean_sd(self.value, self.sd, self._support, self.distribution)
        return self


class UncertainAmount(Uncertain):
    """An amount that cannot be negative."""

    value: Amount


class UncertainShare(Uncertain):
    """A probability or share; it may be given as events of trials instead of a value."""

    value: Probability
    low: Probability | None = None
    high: Probability | None = None
    _support: ClassVar[Support] = "share"
    events: Amount | None = None
    trials: Positive | None = None

    @model_validator(mode="before")
    @classmethod
    def _events_of_trials(cls, given: Any) -> Any:
        if not isinstance(given, dict) or not {"events", "trials"} & set(given):
            return given
        if not {"events", "trials"} <= set(given):
            raise ValueError("events and trials go together; give both, or a value")
        form = from_events(float(_number(given["events"])), float(_number(given["trials"])))
        a, b = form.numbers
        found = {"value": form.mean, "sd": (a * b / (a + b + 1)) ** 0.5 / (a + b), "distribution": "beta"}
        if any(key in given and given[key] != found[key] for key in found) or "low" in given:
            raise ValueError("events and trials already say the value and its spread; leave the others out")
        return {**given, **found}


class Override(Model):
    """A local figure in place of one of the set."""

    value: Number
    reason: Annotated[str, Field(min_length=1)]
    value_type: ValueType | None = None
    price_base: Year | None = None
    low: Number | None = None
    high: Number | None = None
    interval: Interval | None = None
    sd: Annotated[Number, Field(ge=0)] | None = None
    source: str = "local"
    mark: Mark = "local"


class CohortSpec(Model):
    """Who is offered the programme."""

    file: Annotated[str, Field(min_length=1)] | None = None
    families: Positive | None = None
    intake: ByYear | None = None
    profile: Profile | None = None
    profiles: dict[Profile, Probability] | None = None
    children_per_family: UncertainAmount | None = None
    adults_per_family: UncertainAmount | None = None
    start: dict[PathwayName, dict[str, Probability]] = {}
    start_counts: dict[PathwayName, dict[str, Amount]] = {}

    @model_validator(mode="after")
    def _whole(self, info: ValidationInfo) -> "CohortSpec":
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
        if self.profiles is not None:
            _sums_to_one(self.profiles, "the shares of families by profile")
        parameters = _set(info)
        both = set(self.start) & set(self.start_counts)
        if both:
            raise ValueError(
                f"start and start_counts both give {', '.join(sorted(both))}; keep one of the two"
            )
        for pathway, counts in self.start_counts.items():
            if sum(counts.values()) <= 0:
                raise ValueError(f"start_counts of {pathway} count nobody; give people by state")
        for pathway, shares in (*self.start.items(), *self.start_counts.items()):
            if pathway in self.start:
                _sums_to_one(shares, f"the start mix of {pathway}")
            if parameters is not None:
                states = [s["name"] for s in parameters.structures[pathway]["states"]]
                for state in shares:
                    if state not in states:
                        raise ValueError(f"'{state}' is no state of {pathway}; {did_you_mean(state, states)}")
        return self

    def _counted_in_file(self) -> None:
        counted = (
            "families",
            "intake",
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


class Payment(Model):
    """Money by family, once, or by year."""

    item: Annotated[str, Field(min_length=1)]
    per_family: UncertainAmount | None = None
    fixed: UncertainAmount | None = None
    by_year: ByYear | None = None
    over_months: Annotated[int, BeforeValidator(_whole), Field(ge=1, le=120)] = 1
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


class DeliverySpec(Payment):
    """What an agency spends on an option."""

    agency: Agency
    value_type: ValueType = "fiscal"
    cashable: Literal["not_assessed", "yes", "no"] = "not_assessed"


class FundingSpec(Payment):
    """Money that one agency gives another: it moves and makes no difference in total."""

    from_agency: Annotated[Agency, Field(alias="from")]
    to: Agency


class EffectSpec(Model):
    """An effect of an option: a row of the effects table, or a local hazard ratio."""

    effect: EffectName | None = None
    on: Moves | None = None
    hazard_ratio: UncertainAmount | None = None
    label: str | None = None
    strength: Annotated[Number, Field(ge=0, le=2)] = 1.0
    lag_months: UncertainAmount | None = None
    ramp_months: UncertainAmount | None = None
    lasts_months: UncertainAmount | None = None
    fades_over_months: UncertainAmount | None = None
    probability_no_effect: Probability | None = None
    estimand: Literal["offered", "engaged"] | None = None
    design: Literal["randomised", "matched_comparison", "before_after", "assumed"] | None = None
    source: str | None = None
    mark: Mark | None = None

    @model_validator(mode="after")
    def _one_effect(self) -> "EffectSpec":
        if (self.effect is None) == (self.hazard_ratio is None):
            raise ValueError(
                "give either effect (a row of the set) or hazard_ratio (a local one); one of the two"
            )
        if self.effect is not None:
            extra = [n for n in ("source", "mark", "label") if getattr(self, n) is not None]
            if extra:
                raise ValueError(
                    f"{', '.join(extra)} of '{self.effect}' are those of the set; leave them out, or "
                    "override the row"
                )
        if self.hazard_ratio is not None:
            missing = [
                n for n in ("on", "estimand", "design", "source", "lasts_months") if getattr(self, n) is None
            ]
            if missing:
                raise ValueError(f"a local hazard_ratio lacks {', '.join(missing)}; add them")
            if self.hazard_ratio.value <= 0:
                raise ValueError("a hazard ratio of 0 stops a move for ever; give one above 0")
            pathways = {split_move(text)[0] for text in self.on or ()}
            if len(pathways) != 1:
                raise ValueError("an effect acts on one pathway; write one effect for each")
        return self


class OptionSpec(Model):
    """An option to compare with business as usual."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    label: Annotated[str, Field(min_length=1)]
    delivery: tuple[DeliverySpec, ...] = ()
    funding: tuple[FundingSpec, ...] = ()
    starts_after_months: Annotated[int, BeforeValidator(_whole), Field(ge=0, le=240)] = 0
    engagement: UncertainShare | None = None
    effects: tuple[EffectSpec, ...] = ()
    note: str = ""

    @model_validator(mode="after")
    def _sound(self, info: ValidationInfo) -> "OptionSpec":
        if self.name == BAU:
            raise ValueError("bau is always there; name the option otherwise")
        parameters = _set(info)
        for use in self.effects:
            row = parameters[effect_key(use.effect)] if parameters is not None and use.effect else None
            estimand = use.estimand or (row.fields["estimand"] if row else None)
            if estimand == "engaged" and self.engagement is None:
                raise ValueError(
                    f"the effect '{use.effect or use.label or 'hazard_ratio'}' holds for those who engage; "
                    "add engagement to the option"
                )
        return self


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
    years: Annotated[int, BeforeValidator(_whole), Field(ge=1, le=60)]
    price_base: Year
    discounting: Schedule = "green_book_2022"
    parameters: str = "england"
    index: str | None = None
    override_files: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    overrides: dict[str, Override] = {}
    cohort: CohortSpec
    pathways: Annotated[tuple[PathwayName, ...], Field(min_length=1)]
    options: Annotated[tuple[OptionSpec, ...], Field(min_length=1)]
    journeys: tuple[JourneySpec, ...] = ()
    allow_overlaps: tuple[AllowanceSpec, ...] = ()
    funding_streams: dict[Agency, FundingStream] = {}
    note: str = ""

    @property
    def financial_years(self) -> tuple[str, ...]:
        """Financial years of the horizon."""
        return years_from(self.start, self.years)

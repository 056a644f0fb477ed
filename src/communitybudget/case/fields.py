"""Fields of a case file: numbers, years, words, and numbers with their uncertainty."""

import re
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal, Self

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
    FUNDING_STREAMS,
    PROFILES,
    Interval,
    Mark,
)
from communitybudget._core.years import parse_year
from communitybudget.case.stated import SAYS_THE_VALUE, StatedForm, quantile_share, spread_of, stated_form
from communitybudget.parameters import ParameterSet, from_events
from communitybudget.parameters.distributions import Support
from communitybudget.parameters.schedules import DiscountSchedule, discount_schedule
from communitybudget.pathways import parse_move

_MOST_MARKUP = 3.0
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


def _quantile(value: str) -> str:
    quantile_share(value)
    return value


def _year(value: Any) -> str:
    try:
        return parse_year(str(value))
    except ValueError as fault:
        raise ValueError(str(fault)) from fault


def whole(value: Any) -> Any:
    """Refuse true and false where a whole number is meant."""
    if isinstance(value, bool):
        raise ValueError("is true or false; write a whole number")
    return value


def years_once(value: Any) -> Any:
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


def word_or_number(value: Any) -> str:
    """Tell a word from a number, or from a number with its uncertainty."""
    return "word" if isinstance(value, str) and value[:1].isalpha() else "number"


def one_of(words: Any, what: str) -> AfterValidator:
    """Return the check that a word is one of the known ones."""

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
        schedule_of(str(value), set_of(info))
    except CommunityBudgetError as fault:
        raise ValueError(_semicolon(str(fault))) from fault
    return str(value)


def _semicolon(text: str) -> str:
    return text if ";" in text else f"{text}; use a schedule of the set"


def set_of(info: ValidationInfo) -> ParameterSet | None:
    """Return the parameter set against which a case is checked, if there is one."""
    return (info.context or {}).get("parameters")


def _pathway(value: str, info: ValidationInfo) -> str:
    parameters = set_of(info)
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
    parameters = set_of(info)
    if parameters is not None and effect_key(value) not in parameters:
        known = [p.key for table in ("effect", "published") for p in parameters.table(table)]
        raise ValueError(f"'{value}' is no effect; {did_you_mean(effect_key(value), known)}")
    return value


def _unit_cost(value: str, info: ValidationInfo) -> str:
    parameters = set_of(info)
    if parameters is None:
        return value
    if value not in parameters or not value.startswith("unit_cost."):
        known = [p.key for p in parameters.table("unit_cost")]
        raise ValueError(f"'{value}' is no unit cost; {did_you_mean(value, known)}")
    if not parameters[value].is_money:
        raise ValueError(f"'{value}' has no price base and is no money; use a unit cost in GBP")
    return value


def _valued(value: str, info: ValidationInfo) -> str:
    parameters = set_of(info)
    other_value = parameters is not None and value not in parameters and parameters.value_types(value)
    if other_value and value.startswith("unit_cost."):
        return value
    return _unit_cost(value, info)


def slug(text: str) -> str:
    """Return a text as part of a key.

    Examples
    --------
    >>> slug("Health visitor (0-5)")
    'health_visitor_0_5'
    """
    return "_".join("".join(c if c.isalnum() else " " for c in text.lower()).split())


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
    if not texts:
        raise ValueError("names no move; write 'pathway.state -> state'")
    parameters = set_of(info)
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
QuantileName = Annotated[str, AfterValidator(_quantile)]
Year = Annotated[str, BeforeValidator(_year)]
Agency = Annotated[str, one_of(AGENCIES, "agency")]
FundingStream = Annotated[str, one_of(FUNDING_STREAMS, "funding stream")]
Profile = Annotated[str, one_of(PROFILES, "need profile")]
PathwayName = Annotated[str, AfterValidator(_pathway)]
EffectName = Annotated[str, AfterValidator(_effect)]
UnitCost = Annotated[str, AfterValidator(_unit_cost)]
AnyUnitCost = Annotated[str, AfterValidator(_valued)]
"""A unit cost with a value of any type, not only a fiscal one."""
Moves = Annotated[tuple[str, ...], BeforeValidator(_moves)]
ByYear = Annotated[dict[Year, Amount], BeforeValidator(years_once)]
Schedule = Annotated[str | float, BeforeValidator(_schedule)]


class Model(BaseModel):
    """Base of every part of a case: no unknown keys, nothing changes later."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, allow_inf_nan=False)


def _value_may_follow(schema: dict[str, Any]) -> None:
    """Say in the JSON Schema that a value may be left out: quantiles, values and experts imply it."""
    schema["required"] = [name for name in schema.get("required", []) if name != "value"]
    if not schema["required"]:
        del schema["required"]


class Spread(Model):
    """How sure a number is: by limits, a standard deviation, quantiles, or values seen."""

    model_config = ConfigDict(json_schema_extra=_value_may_follow)

    value: Number
    low: Number | None = None
    high: Number | None = None
    interval: Interval | None = None
    sd: Annotated[Number, Field(ge=0)] | None = None
    quantiles: Annotated[dict[QuantileName, Number], Field(min_length=2)] | None = None
    values: Annotated[tuple[Number, ...], Field(min_length=2)] | None = None
    weights: tuple[Amount, ...] | None = None
    at_least: Number | None = None
    at_most: Number | None = None
    distribution: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _plain_number(cls, given: Any) -> Any:
        if not isinstance(given, dict | BaseModel):
            return {"value": given}
        if isinstance(given, dict) and "value" not in given and set(SAYS_THE_VALUE) & set(given):
            return {**given, "value": 0}  # its place is kept until the distribution is known
        return given

    @property
    def value_follows(self) -> bool:
        """Whether the central value is the mean of what is stated."""
        return any(getattr(self, name, None) is not None for name in SAYS_THE_VALUE)

    @model_validator(mode="after")
    def _no_value_beside(self) -> Self:
        if self.value_follows and "value" in self.model_fields_set:
            if self.value != 0:
                raise ValueError("the value follows from what is stated and is its mean; leave value out")
            self.model_fields_set.discard("value")
        return self


class MixturePart(Spread):
    """One of several things that a number may be, and how likely."""

    weight: Positive
    note: str = ""


class Expert(Spread):
    """What one expert thinks that a number is."""

    name: Annotated[str, Field(min_length=1)]
    weight: Positive = 1.0
    source: str | None = None


class Stated(Spread):
    """A number and how sure it is, by one of several ways of saying so."""

    mixture: Annotated[tuple[MixturePart, ...], Field(min_length=2)] | None = None
    experts: Annotated[tuple[Expert, ...], Field(min_length=2)] | None = None
    pool: Literal["linear", "logarithmic"] | None = None

    def form_on(self, support: Support) -> StatedForm | None:
        """Return the distribution, where it is more than limits or a standard deviation say.

        Raises
        ------
        ValueError
            If what is stated contradicts itself, or reaches what is not possible.
        """
        return stated_form(self, support)


class Uncertain(Stated):
    """A number with, if it is uncertain, how sure it is."""

    source: str | None = None
    mark: Mark | None = None
    note: str = ""
    _support: ClassVar[Support] = "positive"

    @cached_property
    def form(self) -> StatedForm | None:
        """The distribution, where it is more than limits or a standard deviation say."""
        return self.form_on(self._support)

    @model_validator(mode="after")
    def _possible(self) -> "Uncertain":
        if self.form is None:
            spread_of(self, self._support)
        elif self.value_follows:
            self.__dict__["value"] = self.form.distribution.mean
        return self


class UncertainAmount(Uncertain):
    """An amount that cannot be negative."""

    value: Amount
    low: Amount | None = None
    high: Amount | None = None


class UncertainSigned(Uncertain):
    """An amount of either sign."""

    _support: ClassVar[Support] = "real"


class UncertainMarkup(UncertainAmount):
    """A share that is added on top; it may be above 1 and not by much."""

    @model_validator(mode="after")
    def _no_percentage(self) -> "UncertainMarkup":
        if self.value > _MOST_MARKUP:
            raise ValueError(f"{self.value:g} is {self.value:.0%} on top; write 25% as 0.25")
        return self


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

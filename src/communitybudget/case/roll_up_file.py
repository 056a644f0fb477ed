"""A roll-up as a file: places with their claims, the nation, published ranges, printed ratios."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationError, model_validator

from communitybudget._core.cards import NOT_STATED
from communitybudget._core.errors import CaseFileError, Fault
from communitybudget._core.strict_yaml import Path_, StrictYaml, dotted, parse_strict, read_strict
from communitybudget._core.vocabulary import Mark
from communitybudget._core.years import parse_year
from communitybudget.appraisal import (
    ImpliedCost,
    Nation,
    Overlap,
    PlaceClaim,
    PublishedRange,
    RollUp,
    implied_cost,
    printed_interval,
    roll_up,
)
from communitybudget.appraisal.published_returns import Reading
from communitybudget.appraisal.rolling_up import faults_of_roll_up
from communitybudget.case.checks import faults_of_shape
from communitybudget.case.fields import Amount, Model, Number, Positive, Probability

if TYPE_CHECKING:
    import pandas as pd

Text = Annotated[str, Field(min_length=1)]

AS_SEEN = "as_seen"
READ_AS_COLUMNS: tuple[str, ...] = ("read_as", "place", "total", "nation")


def _price_base(value: str) -> str:
    return value if value == NOT_STATED else parse_year(value)


def _printed(value: str) -> str:
    printed_interval(value)
    return value


def _ratio(value: str) -> str:
    if sum(printed_interval(value)) <= 0:
        raise ValueError("is no benefit for each pound; give the printed ratio, above 0, such as '1.51'")
    return value


def _other_places(value: Any) -> Any:
    if value == AS_SEEN:
        return None
    if value is None or (isinstance(value, str) and value[:1].isalpha()):
        raise ValueError(f"says no spread of other places; write a share such as 0.3, or {AS_SEEN}")
    return value


PriceBase = Annotated[str, AfterValidator(_price_base)]
Printed = Annotated[str, AfterValidator(_printed)]
Ratio = Annotated[str, AfterValidator(_ratio)]
OtherPlaces = Annotated[Amount | None, BeforeValidator(_other_places)]
"""Spread of other places; None as it is seen between those of the roll-up."""


class ReadingSpec(Model):
    """An amount with its basis and its passport."""

    amount: Number
    reading: Reading
    years: Positive | None = None
    builds_up_over: Amount = 0.0
    cost: Positive | None = None
    price_base: PriceBase = NOT_STATED
    counterfactual: str = ""
    source: Text
    mark: Mark
    note: str = ""


class OtherReadingSpec(ReadingSpec):
    """Another figure that was printed of the same place, or another way to read the same one."""

    label: Text


class PeopleSpec(Model):
    """How many people live in a place."""

    value: Positive
    source: Text
    mark: Mark

    @model_validator(mode="before")
    @classmethod
    def _with_passport(cls, given: Any) -> Any:
        if not isinstance(given, dict | BaseModel):
            raise ValueError("has no source and mark; write {value: 2682528, source: census 2011, mark: ...}")
        return given


class PlaceSpec(ReadingSpec):
    """A place with its claim."""

    place: Text
    people: PeopleSpec | None = None
    spread: Amount
    other_readings: tuple[OtherReadingSpec, ...] = ()

    @property
    def claim(self) -> PlaceClaim:
        """The claim, as the roll-up takes it."""
        given = self.model_dump(exclude={"other_readings", "people"})
        return PlaceClaim(**given, people=None if self.people is None else self.people.value)

    def claim_read(self, other: OtherReadingSpec) -> PlaceClaim:
        """Return the claim on another reading; people and spread are the same."""
        return replace(self.claim, **other.model_dump(exclude={"label"}))


class NationSpec(Model):
    """To which the places are grossed up."""

    name: Text
    people: PeopleSpec
    spread: OtherPlaces

    @property
    def nation(self) -> Nation:
        """The nation, as the roll-up takes it."""
        return Nation(self.name, self.people.value, self.spread, self.people.source, self.people.mark)


class OverlapSpec(Model):
    """The same saving in two claims."""

    between: tuple[Text, Text]
    share: Probability
    reason: Text

    @property
    def overlap(self) -> Overlap:
        """The overlap, as the roll-up takes it."""
        return Overlap(*self.between, self.share, self.reason)


class RangeSpec(Model):
    """A published range."""

    label: Text
    low: Number
    high: Number
    years: Positive | None = None
    reading: Reading
    price_base: PriceBase = NOT_STATED
    source: Text
    mark: Mark

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        _ = self.published
        return self

    @property
    def published(self) -> PublishedRange:
        """The range, as the roll-up takes it."""
        return PublishedRange(**self.model_dump())


class PairSpec(Model):
    """A printed ratio and the net benefit printed with it."""

    label: Text
    ratio: Ratio
    net: Printed
    source: Text
    mark: Mark


class TopDownSpec(Model):
    """Printed pairs that share one cost."""

    label: Text
    pairs: Annotated[tuple[PairSpec, ...], Field(min_length=1)]


class RollUpSpec(Model):
    """Everything that a roll-up file says."""

    title: Text
    reading: Reading | None = None
    horizon: Positive | None = None
    correlation: Probability = 0.0
    places: Annotated[tuple[PlaceSpec, ...], Field(min_length=1)]
    overlaps: tuple[OverlapSpec, ...] = ()
    nation: NationSpec | None = None
    references: tuple[RangeSpec, ...] = ()
    top_down: tuple[TopDownSpec, ...] = ()


@dataclass(frozen=True)
class RollUpPlan:
    """What is rolled up: one-to-one with its file.

    Parameters
    ----------
    spec : RollUpSpec
        Everything that the file says.

    Examples
    --------
    >>> from communitybudget.parameters import examples_folder
    >>> plan = load_roll_up(examples_folder() / "whole_place" / "roll_up.yaml")
    >>> plan.title
    'Four whole-place pilots to the nation'
    """

    spec: RollUpSpec

    @classmethod
    def from_text(cls, text: str, name: str = "roll_up.yaml") -> "RollUpPlan":
        """Read a roll-up from YAML text; as `load_roll_up`."""
        return cls._checked(parse_strict(text, name), name)

    @classmethod
    def _checked(cls, document: StrictYaml, name: str) -> "RollUpPlan":
        faults = list(document.faults)
        if not isinstance(document.data, dict):
            remedy = "start from examples/whole_place/roll_up.yaml"
            raise CaseFileError(faults or [Fault(name, "", "holds no roll-up", remedy, 1, 1)])
        try:
            spec = RollUpSpec.model_validate(document.data)
        except ValidationError as error:
            raise CaseFileError([*faults, *faults_of_shape(error, document, name, RollUpSpec)]) from None
        faults += _faults_between_parts(spec, document, name)
        if faults:
            raise CaseFileError(faults)
        return cls(spec)

    @property
    def title(self) -> str:
        """What is rolled up."""
        return self.spec.title

    @property
    def claims(self) -> tuple[PlaceClaim, ...]:
        """The claims, as declared."""
        return tuple(place.claim for place in self.spec.places)

    def roll_up(self, draws: int = 10_000, seed: int = 1) -> RollUp:
        """Return the roll-up of the claims as declared; see `appraisal.roll_up`."""
        return self._rolled(self.claims, draws, seed)

    def readings(self) -> "pd.DataFrame":
        """Return what the total comes to when a place is read otherwise, at the amounts as printed.

        Returns
        -------
        pandas.DataFrame
            ``read_as`` and the ``place`` it concerns, blank for the declared ones and for the two in which
            each place is read at its lowest or highest; ``total`` of the places and ``nation``, GBP on the
            basis of the roll-up; ``nation`` is NaN where there is none.
        """
        import pandas as pd

        declared = self.claims
        basis = self._rolled(declared, 1, 0)
        rows = [("as declared", "", declared)]
        lowest, highest = list(declared), list(declared)
        for i, place in enumerate(self.spec.places):
            others = [place.claim_read(other) for other in place.other_readings]
            for other, claim in zip(place.other_readings, others, strict=True):
                rows.append((other.label, place.place, _with(declared, i, claim)))
            choices = sorted((declared[i], *others), key=lambda c: c.over(basis.horizon, basis.reading))
            lowest[i], highest[i] = choices[0], choices[-1]
        rows.append(("each at its lowest", "", tuple(lowest)))
        rows.append(("each at its highest", "", tuple(highest)))
        found = []
        for read_as, name, claims in rows:
            rolled = self._rolled(claims, 1, 0)
            found.append((read_as, name, rolled.expected, rolled.expected_national))
        return pd.DataFrame(found, columns=list(READ_AS_COLUMNS))

    def top_down(self) -> dict[str, ImpliedCost]:
        """Return the cost that each set of printed pairs implies, by its label."""
        return {
            part.label: implied_cost([p.ratio for p in part.pairs], [p.net for p in part.pairs])
            for part in self.spec.top_down
        }

    def _rolled(self, claims: tuple[PlaceClaim, ...], draws: int, seed: int) -> RollUp:
        spec = self.spec
        return roll_up(
            claims,
            reading=spec.reading,
            horizon=spec.horizon,
            correlation=spec.correlation,
            overlaps=[part.overlap for part in spec.overlaps],
            nation=None if spec.nation is None else spec.nation.nation,
            references=[part.published for part in spec.references],
            draws=draws,
            seed=seed,
        )


def load_roll_up(path: str | Path) -> RollUpPlan:
    """Read a roll-up file.

    Parameters
    ----------
    path : str or Path
        YAML; see ``docs/methods/rolling-up.md``.

    Returns
    -------
    RollUpPlan

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    CaseFileError
        With every fault: file, line, column, key, what is wrong and what to do.
    """
    path = Path(path)
    return RollUpPlan._checked(read_strict(path, path.name), path.name)


def _with(claims: tuple[PlaceClaim, ...], place: int, claim: PlaceClaim) -> tuple[PlaceClaim, ...]:
    return (*claims[:place], claim, *claims[place + 1 :])


def _faults_between_parts(spec: RollUpSpec, document: StrictYaml, name: str) -> list[Fault]:
    """Return why the claims may not be added or grossed up, and which printed figures disagree."""
    faults: list[Fault] = []

    def add(path: Path_, what: str, remedy: str) -> None:
        faults.append(Fault(name, dotted(path), what, remedy, *document.position(path)))

    rest: dict[str, Any] = {
        "reading": spec.reading,
        "horizon": spec.horizon,
        "correlation": spec.correlation,
        "overlaps": [part.overlap for part in spec.overlaps],
        "nation": None if spec.nation is None else spec.nation.nation,
    }
    declared = tuple(place.claim for place in spec.places)
    of_declared = faults_of_roll_up(declared, **rest)
    for fault in of_declared:
        add(fault.path, fault.what, fault.remedy)
    # other readings are looked at once the declared ones add up: the same fault is then told once
    for i, place in enumerate(() if of_declared else spec.places):
        for j, other in enumerate(place.other_readings):
            for fault in faults_of_roll_up(_with(declared, i, place.claim_read(other)), **rest):
                within = fault.path[2:] if fault.path[:2] == ("places", i) else ()
                add(("places", i, "other_readings", j, *within), fault.what, fault.remedy)
    for i, part in enumerate(spec.top_down):
        try:
            implied_cost([p.ratio for p in part.pairs], [p.net for p in part.pairs])
        except ValueError as error:
            what, _, remedy = str(error).rpartition(". ")
            add(("top_down", i), what, remedy)
    return faults

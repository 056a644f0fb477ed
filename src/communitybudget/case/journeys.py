"""Reference journeys: one family's services priced bottom-up, set beside a published figure."""

from dataclasses import dataclass

from communitybudget._core.results import result
from communitybudget.case.case import Case
from communitybudget.case.spec import JourneySpec
from communitybudget.case.uprating import uprating_of
from communitybudget.ledger import Allowance, check_double_counting, price_of
from communitybudget.parameters import Uprating


@result
@dataclass(frozen=True, slots=True)
class JourneyLine:
    """One service of a journey at the price base of the journey.

    ``amount`` is quantity x unit cost x the agency's share.
    """

    what: str
    unit_cost: str
    quantity: float
    original_value: float
    original_price_base: str
    agency: str
    amount: float
    transfer: bool


@result
@dataclass(frozen=True, slots=True)
class Journey:
    """A family's journey, priced. It has no counterfactual: it is a cost and not a saving.

    Parameters
    ----------
    name, label, period, price_base, index, note : str
        As the case says; ``index`` is the vintage it was uprated by.
    lines : tuple of JourneyLine
        Services.
    published : float or None
        The figure it is set beside.
    published_source, published_note : str
        Where that comes from, and what is not known of it.
    """

    name: str
    label: str
    period: str
    price_base: str
    index: str
    note: str
    lines: tuple[JourneyLine, ...]
    published: float | None
    published_source: str
    published_note: str

    @property
    def total(self) -> float:
        """All agencies, GBP."""
        return sum(line.amount for line in self.lines)

    @property
    def residual(self) -> float | None:
        """Published figure less the total; shown, never scaled away."""
        return None if self.published is None else self.published - self.total

    def by_agency(self) -> dict[str, float]:
        """Return the total by agency, largest first."""
        sums: dict[str, float] = {}
        for line in self.lines:
            sums[line.agency] = sums.get(line.agency, 0.0) + line.amount
        return dict(sorted(sums.items(), key=lambda item: -item[1]))


def price_journeys(case: Case) -> tuple[Journey, ...]:
    """Price the journeys of a case.

    Raises
    ------
    DoubleCounting
        If a journey uses two unit costs that hold the same money and does not allow it.
    """
    return tuple(_price(case, spec) for spec in case.spec.journeys)


def _price(case: Case, spec: JourneySpec) -> Journey:
    parameters = case.parameters
    uprating = Uprating(parameters.index(spec.index)) if spec.index else uprating_of(case.spec, parameters)
    allowances = [Allowance(frozenset(a.codes), a.reason) for a in case.spec.allow_overlaps]
    check_double_counting(parameters, [item.unit_cost for item in spec.items], allowances)
    lines = []
    for item in spec.items:
        row = parameters[item.unit_cost]
        price = price_of(
            parameters, item.unit_cost, "fiscal", item.agency or row.agency, spec.price_base, uprating
        )
        for share in price.shares:
            lines.append(
                JourneyLine(
                    what=item.what,
                    unit_cost=item.unit_cost,
                    quantity=item.quantity,
                    original_value=row.value * share.share,
                    original_price_base=row.price_base,
                    agency=share.agency,
                    amount=item.quantity * row.value * price.factor * share.share,
                    transfer=share.transfer,
                )
            )
    published = spec.published
    return Journey(
        name=spec.name,
        label=spec.label,
        period=spec.period,
        price_base=spec.price_base,
        index=uprating.general.vintage,
        note=spec.note,
        lines=tuple(lines),
        published=None if published is None else published.value,
        published_source="" if published is None else published.source,
        published_note="" if published is None else published.note,
    )

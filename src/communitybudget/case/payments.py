"""What an option costs: payments for delivery, funding between agencies, claims and risks."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from communitybudget.appraisal import expected_risk, risk_events
from communitybudget.case.case import Case
from communitybudget.case.fields import UncertainShare, slug
from communitybudget.case.inputs import (
    Inputs,
    add_shared,
    free_key,
    local_parameter,
    payment_parameter,
)
from communitybudget.case.money import ClaimSpec, Payment
from communitybudget.case.spec import OptionSpec
from communitybudget.case.starts import StartPlan, spread_payment
from communitybudget.ledger import LedgerLine
from communitybudget.ledger.entries import line_name
from communitybudget.parameters import PriceIndex
from communitybudget.sampling import Draws

Array = NDArray[np.float64]

NOT_ADDITIONAL: tuple[str, ...] = ("deadweight", "displacement", "leakage", "substitution")
"""Shares by which a claim is more than what the option adds, in the order of an outcome chain."""


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """A payment or a claim: numbers, uprating, timing and line of the ledger.

    Parameters
    ----------
    option : str
        Whose.
    times : tuple of str
        Ids that are multiplied; none where the amounts stand in ``by_year``.
    factor : float
        Uprating, and what else is certain.
    by_year : ndarray, shape (year,)
        Units in each year, such as families.
    line : LedgerLine
        Where it goes.
    sign : float
        -1 for what is paid out of funding.
    added : tuple of str
        Ids of shares that are added one on the other: on-costs, overheads.
    lost : tuple of str
        Ids of shares that are taken off: deadweight and the rest of additionality.
    gross : bool
        Whether a claim has no deadweight.
    """

    option: str
    times: tuple[str, ...]
    factor: float
    by_year: Array
    line: LedgerLine
    sign: float = 1.0
    added: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    gross: bool = False

    def amount(self, draws: Draws) -> float | Array:
        """Return what one unit of ``by_year`` comes to, a number or one for each draw."""
        found: float | Array = 1.0
        for key in self.times:
            found = found * draws[key]
        found = found * self.factor * self.sign
        for key in self.added:
            found = found * (1.0 + draws[key])
        for key in self.lost:
            found = found * (1.0 - draws[key])
        return found

    @property
    def numbers(self) -> tuple[str, ...]:
        """Ids of every number that it uses."""
        return (*self.times, *self.added, *self.lost)


@dataclass(frozen=True, slots=True)
class RiskLine:
    """A risk of one option: parameters, window of years, and line of the ledger."""

    option: str
    name: str
    probability: str
    impact: str
    factor: float
    first: int
    last: int
    events: bool
    line: LedgerLine

    def cost(self, draws: Draws, years: int) -> Array:
        """Return what it costs, shape (year, draw); an event in every draw, or its expected value."""
        chance, impact = draws[self.probability], draws[self.impact] * self.factor
        if not self.events:
            cost = expected_risk(chance, impact, years, self.first, self.last)
            return np.broadcast_to(cost, (years, draws.draws))
        happens, when = (draws[key] for key in self.luck)
        return risk_events(chance, impact, years, self.first, self.last, happens, when).cost

    @property
    def luck(self) -> tuple[str, str]:
        """Columns of uniform numbers, whether it happens and when; options with the same risk share them."""
        return f"case.risks.{self.name}.happens", f"case.risks.{self.name}.year"


def risks_of(case: Case, option: OptionSpec, index: PriceIndex, inputs: Inputs) -> list[RiskLine]:
    """Return the risk register of an option, its numbers gathered.

    Parameters
    ----------
    case, option : Case, OptionSpec
        Where they stand.
    index : PriceIndex
        By which impacts are uprated.
    inputs : Inputs
        Gathers the numbers.
    """
    years = case.spec.financial_years
    found = []
    for given in option.risks:
        name = slug(given.name)
        numbers = []
        for part, number, unit in (
            ("probability", given.probability, "share"),
            ("impact", given.impact, "GBP if it happens, of either sign"),
        ):
            local = local_parameter(
                f"case.risks.{name}.{part}",
                f"Risk, {part}: {given.name}",
                number,
                unit,
                given.source,
                given.mark,
                given.price_base if part == "impact" else "",
                given.agency if part == "impact" else "",
                "fiscal" if part == "impact" else "",
            )
            numbers.append(add_shared(local, f"case.risks.{option.name}.{name}.{part}", inputs))
        line = LedgerLine(
            "delivery",
            given.agency,
            given.funding_stream,
            "fiscal",
            "not_assessed",
            False,
            f"Risk: {given.name}",
            "own_entry",
            "risk",
        )
        found.append(
            RiskLine(
                option.name,
                name,
                numbers[0],
                numbers[1],
                index.factor(given.price_base, case.spec.price_base),
                years.index(given.first_year),
                years.index(given.last_year),
                given.treatment == "events",
                line,
            )
        )
    return found


def payments_of(
    case: Case,
    option: OptionSpec,
    index: PriceIndex,
    plan: StartPlan,
    inputs: Inputs,
    of_costs: Mapping[int, float],
    of_benefits: Mapping[int, float],
) -> list[PaymentLine]:
    """Return what an option pays for delivery and moves between agencies, and what it claims to avoid.

    Parameters
    ----------
    case, option : Case, OptionSpec
        Where they stand.
    index : PriceIndex
        By which amounts are uprated.
    plan : StartPlan
        Who starts when.
    inputs : Inputs
        Gathers the numbers.
    of_costs, of_benefits : mapping of int to float
        Corrections by evidence grade: added to delivery, taken off claims; empty where they are off.
    """
    lines: list[PaymentLine] = []
    taken: set[str] = set()
    for delivery in option.delivery:
        name = f"delivery.{delivery.agency}.{slug(delivery.item)}"
        key = _payment_key(name, option, delivery, delivery.agency, delivery.value_type, inputs, taken)
        own = LedgerLine(
            "delivery",
            delivery.agency,
            delivery.funding_stream,
            delivery.value_type,
            delivery.cashable,
            False,
            delivery.item,
            "own_entry",
            delivery.spend or ("ongoing" if delivery.fixed is None else "one_off_revenue"),
        )
        added = 1.0 + of_costs.get(delivery.evidence_grade or 0, 0.0)
        lines.append(_payment_line(case, option, delivery, key, own, added, index, plan))
    for funding in option.funding:
        name = f"funding.{funding.from_agency}.{funding.to}.{slug(funding.item)}"
        # one draw for both sides, so that what one pays is what the other receives
        key = _payment_key(name, option, funding, funding.from_agency, "fiscal", inputs, taken)
        for agency, sign in ((funding.from_agency, -1.0), (funding.to, 1.0)):
            own = LedgerLine(
                "funding",
                agency,
                funding.funding_stream,
                "fiscal",
                "not_assessed",
                False,
                funding.item,
                "own_entry",
            )
            lines.append(_payment_line(case, option, funding, key, own, sign, index, plan))
    for claim in option.claims:
        name = f"claims.{claim.agency}.{slug(claim.item)}"
        key = _payment_key(name, option, claim, claim.agency, claim.value_type, inputs, taken)
        own = LedgerLine(
            "costs_avoided",
            claim.agency,
            claim.funding_stream,
            claim.value_type,
            "not_assessed",
            claim.transfer,
            line_name(claim.line, claim.transfer),
            "own_entry",
        )
        left = 1.0 - of_benefits.get(claim.evidence_grade or 0, 0.0)
        line = _payment_line(case, option, claim, key, own, left, index, plan)
        lines.append(_net_of(line, claim, name, option, inputs))
    return lines


def _net_of(
    line: PaymentLine, claim: ClaimSpec, name: str, option: OptionSpec, inputs: Inputs
) -> PaymentLine:
    """Return a claim with what is not additional taken off."""
    ids: dict[str, str] = {}
    for link in (*NOT_ADDITIONAL, "attribution"):
        share: UncertainShare | None = getattr(claim, link)
        if share is not None:
            words = f"{link.capitalize()}: {claim.item}"
            local = local_parameter(f"case.{name}.{link}", words, share, "share", claim.source, claim.mark)
            ids[link] = add_shared(local, f"case.{option.name}.{name}.{link}", inputs)
    return replace(
        line,
        times=(*line.times, *(ids[link] for link in ("attribution",) if link in ids)),
        lost=tuple(ids[link] for link in NOT_ADDITIONAL if link in ids),
        gross="deadweight" not in ids,
    )


def _payment_key(
    name: str,
    option: OptionSpec,
    payment: Payment,
    agency: str,
    value_type: str,
    inputs: Inputs,
    taken: set[str],
) -> str | None:
    """Use the amount of a payment; return its id, or None where it is given by year.

    Options that pay the same for the same item share the draw; two lines of one option do not.
    """
    given = payment_parameter(f"case.{name}", payment.item, payment, agency, value_type)
    if given is None:
        for year, amount in (payment.by_year or {}).items():
            inputs.add_known(
                local_parameter(
                    free_key(f"case.{option.name}.{name}.{year}", inputs),
                    f"{payment.item}, {year}",
                    amount,
                    "GBP in the year",
                    payment.source,
                    payment.mark,
                    payment.price_base,
                    agency,
                    value_type,
                )
            )
        return None
    shared = inputs.used.get(given.id)
    if given.id in taken or (shared is not None and shared != given):
        given = replace(given, key=free_key(f"case.{option.name}.{name}", inputs))
    taken.add(given.id)
    return inputs.add(given)


def _payment_line(
    case: Case,
    option: OptionSpec,
    payment: Payment,
    key: str | None,
    line: LedgerLine,
    sign: float,
    index: PriceIndex,
    plan: StartPlan,
) -> PaymentLine:
    spec = case.spec
    return PaymentLine(
        option.name,
        () if key is None else (key,),
        index.factor(payment.price_base, spec.price_base),
        # what is claimed is not paid by the programme, so it does not stop with it
        spread_payment(payment, spec.financial_years, plan, not isinstance(payment, ClaimSpec)),
        line,
        sign,
    )

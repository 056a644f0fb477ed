"""Whose records show each uncertain number: what an agency could tell if it shared its data."""

from collections.abc import Iterable

from communitybudget._core.vocabulary import AGENCIES
from communitybudget.case.model import Model

NOBODY = "unallocated"
"""Holder of a number that no one agency's records show."""
_NO_RECORDS = ("society", NOBODY)


def holder_of(model: Model, ids: Iterable[str]) -> str:
    """Return the agency whose records show an uncertain number.

    The case's own word comes first (``decision.held_by``). A price or a quantity is seen by the agency that
    bears the most of it; a rate, a start and an effect by the agency that records the pathway; what an
    option costs, and who takes part, by the agency that pays for most of its delivery.

    Parameters
    ----------
    model : Model
        Ready to run.
    ids : iterable of str
        Parameters that share one unknown level.

    Returns
    -------
    str
        A key of the agencies; `NOBODY` where they differ, none is known, or it has no records.
    """
    holders = {_holder_of_one(model, key) for key in ids}
    holder = holders.pop() if len(holders) == 1 else NOBODY
    return NOBODY if holder in _NO_RECORDS else holder


def _holder_of_one(model: Model, key: str) -> str:
    parameter = model.inputs.used[key]
    own = _stated(model, key)
    if own:
        return own
    if key.startswith(("unit_cost.", "activity.")) and parameter.agency in AGENCIES:
        return parameter.agency
    if key.startswith("unit_cost."):
        return _bears_most(model, key)
    of_effect = (
        used.effect.pathway for every in model.effects.values() for used in every if used.row.id == key
    )
    pathway = parameter.fields.get("pathway") or next(of_effect, "")
    if pathway:
        return next((p.recorded_by for p in model.pathways if p.name == pathway), "") or NOBODY
    if parameter.agency in AGENCIES:
        return parameter.agency
    return _leads(model, key)


def _stated(model: Model, key: str) -> str:
    """Return the holder that the case names: the longest of its beginnings that fits, or none."""
    decision = model.case.spec.decision
    if decision is None:
        return ""
    fits = {start: agency for agency, starts in decision.held_by.items() for start in starts}
    found = [start for start in fits if key == start or key.startswith(f"{start}.")]
    return fits[max(found, key=len)] if found else ""


def _bears_most(model: Model, unit_cost: str) -> str:
    shares: dict[str, float] = {}
    prices = [item.price for item in model.priced] + [p for use in model.chains for p in use.prices]
    for share in next((p.shares for p in prices if p.parameter == unit_cost), ()):
        shares[share.agency] = shares.get(share.agency, 0.0) + share.share
    return max(shares, key=lambda agency: (shares[agency], agency)) if shares else NOBODY


def _leads(model: Model, key: str) -> str:
    """Return who pays for most of the delivery of the options that use a number; of all where none does."""
    using = {
        o.name
        for o in model.case.spec.options
        if key in model.numbers_of(o.name) | model.effect_numbers(o.name)
    }
    paid: dict[str, float] = {}
    for payment in model.payments:
        if payment.line.flow == "delivery" and (not using or payment.option in using):
            agency = payment.line.agency
            price = 1.0
            for number in payment.times:
                price *= model.inputs.used[number].value
            paid[agency] = paid.get(agency, 0.0) + price * payment.factor * float(payment.by_year.sum())
    return max(paid, key=lambda agency: (paid[agency], agency)) if paid else NOBODY

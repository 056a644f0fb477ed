"""What of a case is priced, on which lines, and what would be counted twice."""

from collections.abc import Sequence

from communitybudget.case.case import Case
from communitybudget.case.chance import weighted_count
from communitybudget.case.effects import UsedEffect
from communitybudget.case.inputs import Inputs
from communitybudget.case.outcomes import ChainUse
from communitybudget.case.payments import PaymentLine
from communitybudget.ledger import (
    Allowance,
    PricedItem,
    check_double_counting,
    check_shared_activity,
    items_in_use,
    price_of,
)
from communitybudget.ledger.entries import line_name
from communitybudget.parameters import ParameterSet, Uprating
from communitybudget.pathways import Pathway
from communitybudget.simulation import Spells, counts_of


def priced_items(
    case: Case,
    parameters: ParameterSet,
    pathways: Sequence[Pathway],
    uprating: Uprating,
    inputs: Inputs,
    spells: dict[str, tuple[Spells, ...]],
) -> tuple[tuple[PricedItem, ...], tuple[tuple[str, str], ...]]:
    """Return the activity that has a price, and label and agency of what has none.

    Raises
    ------
    DoubleCounting
        If two prices in use hold the same money.
    """
    spec = case.spec
    priced, unpriced, keys = [], [], []
    for pathway in pathways:
        for item in items_in_use(pathway.activity, spec.pathways):
            if not item.unit_cost:
                unpriced.append((f"{pathway.label}: {item.label}", item.agency))
                inputs.add_known(parameters[item.parameter])
                continue
            price = price_of(
                parameters, item.unit_cost, item.value_type, item.agency, spec.price_base, uprating
            )
            inputs.add(parameters[item.parameter], item.share_draw)
            keys.append(inputs.add(parameters[price.parameter]))
            count = counts_of(item, pathway.name)
            weighted = weighted_count(pathway, item, count, spells[pathway.name])
            priced.append(PricedItem(count, item.parameter, price, item.line, weighted))
    allowances = [Allowance(a.codes, a.reason) for pathway in pathways for a in pathway.allow_overlaps]
    check_double_counting(parameters, keys, [*_allowances(case), *allowances])
    return tuple(priced), tuple(unpriced)


def avoidable_lines(
    priced: Sequence[PricedItem], chains: Sequence[ChainUse], payments: Sequence[PaymentLine]
) -> dict[tuple[str, str], set[str]]:
    """Return agency and budget line of everything fiscal that an option can avoid, and its unit costs."""
    found: dict[tuple[str, str], set[str]] = {}
    for line, price in (
        *((item.line, item.price) for item in priced),
        *((use.line, price) for use in chains for price in use.prices),
    ):
        if price.value_type == "fiscal":
            for share in price.shares:
                place = (share.agency, line_name(line, share.transfer))
                found.setdefault(place, set()).add(price.parameter)
    for payment in payments:
        if payment.line.flow == "costs_avoided":
            found.setdefault((payment.line.agency, payment.line.line), set())
    return found


def _allowances(case: Case) -> list[Allowance]:
    return [Allowance(frozenset(a.codes), a.reason) for a in case.spec.allow_overlaps]


def check_options(
    case: Case,
    parameters: ParameterSet,
    effects: dict[str, tuple[UsedEffect, ...]],
    priced: Sequence[PricedItem],
    chains: Sequence[ChainUse],
) -> None:
    """Refuse an option in which outcome chains count money of each other or of its pathways again."""
    for option in case.spec.options:
        own = [(use.label, use.prices) for use in chains if use.option == option.name]
        if not own:
            continue
        acts_on = {*option.start, *(used.effect.pathway for used in effects[option.name])}
        pathway_keys = [item.price.parameter for item in priced if item.count.pathway in acts_on]
        by_chain = {label: [price.parameter for price in prices] for label, prices in own}
        check_shared_activity(parameters, option.label, by_chain, pathway_keys, _allowances(case))

"""Cash: each assessed budget line of a case up the cashability ladder."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.errors import CaseFileError, Fault, did_you_mean
from communitybudget._core.vocabulary import BAU, agency_label
from communitybudget.appraisal import Ladder, climb_ladder
from communitybudget.case.case import Case
from communitybudget.case.fields import slug
from communitybudget.case.inputs import Inputs, local_parameter
from communitybudget.case.outcomes import ChainUse, DrawnChain
from communitybudget.ledger import Cashability, CashRule, Ledger, PricedItem, Share
from communitybudget.ledger.entries import line_name
from communitybudget.sampling import Draws
from communitybudget.simulation import Activity, Count, WeightedCount

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Volume:
    """Units avoided under one rule and what one costs its agency.

    ``avoided`` has the shape (option, year, draw), ``unit_cost`` that of the draws.
    """

    avoided: Array
    unit_cost: Array


def cash_rules(
    case: Case, lines: Mapping[tuple[str, str], Collection[str]], inputs: Inputs
) -> tuple[CashRule, ...]:
    """Return the rules of a case, their numbers gathered.

    Parameters
    ----------
    case : Case
        Whose rules.
    lines : mapping of (agency, line) to collection of str
        On which the ledger can have costs avoided, and the unit costs that price each.
    inputs : Inputs
        Gathers the numbers.

    Raises
    ------
    CaseFileError
        With every rule whose budget line or unit cost the case does not have, or that stands twice.
    """
    faults: list[Fault] = []
    rules: list[CashRule] = []
    for number, given in enumerate(case.spec.cashability):
        place = ("cashability", number)
        known = [line for agency, line in lines if agency == given.agency]
        if given.line not in known:
            what = f"{agency_label(given.agency)} has no line '{given.line}' in this case"
            bears = did_you_mean(given.line, known) if known else "it bears no cost here: leave the rule out"
            faults.append(case.fault((*place, "line"), what, bears))
            continue
        unit = given.unit_cost or ""
        priced = lines[given.agency, given.line]
        if unit and unit not in priced:
            what = f"{unit} prices nothing on the line '{given.line}'"
            remedy = did_you_mean(unit, priced) if priced else "leave unit_cost and step out"
            faults.append(case.fault((*place, "unit_cost"), what, remedy))
            continue
        others = [r for r in rules if (r.agency, r.line) == (given.agency, given.line)]
        if others and (not unit or any(r.unit_cost in ("", unit) for r in others)):
            what = f"'{given.line}' has a rule already that takes the same money"
            remedy = "keep one, or give each the unit cost it is for"
            faults.append(case.fault((*place, "line"), what, remedy))
            continue
        name = slug(f"{given.agency} {given.line} {unit.removeprefix('unit_cost.')}")
        local = local_parameter(
            f"case.cashability.{name}.marginal_share",
            f"Marginal share of the average cost: {given.line}",
            given.marginal_share,
            "share",
            given.source,
            given.mark,
            note=given.note,
        )
        step = given.step
        rules.append(
            CashRule(
                agency=given.agency,
                line=given.line,
                unit_cost=unit,
                marginal_share=inputs.add(local),
                step=step.what if step else "",
                step_size=step.size if step else 0.0,
                units_each=step.units_each if step else 1.0,
                decommission_months=given.decommission_months,
                notice_months=given.notice_months,
                benefit_owner=given.benefit_owner,
                source=given.source,
                mark=given.mark,
                note=given.note,
            )
        )
    if faults:
        raise CaseFileError(faults)
    return tuple(rules)


def cashability_of(
    rules: Sequence[CashRule],
    ledger: Ledger,
    activity: Activity,
    priced: Sequence[PricedItem],
    kept: Array | None,
    chains: Sequence[tuple[ChainUse, DrawnChain]],
    draws: Draws,
    volumes: Mapping[Count | WeightedCount, Array] | None = None,
) -> Cashability:
    """Take every rule up the ladder.

    Parameters
    ----------
    rules : sequence of CashRule
        R of them.
    ledger : Ledger
        Guarded: what is not deliverable releases nothing.
    activity, priced, kept : Activity, sequence of PricedItem, ndarray
        Volumes of the pathways, and the share of each that optimism bias leaves, shape (item, option).
    chains : sequence of (ChainUse, DrawnChain)
        Volumes of outcome chains.
    draws : Draws
        Of quantities and prices.
    volumes : mapping of Count or WeightedCount to ndarray, shape (option, year, draw), optional
        Counts avoided in place of those of the activity: as they turn out by chance.

    Returns
    -------
    Cashability
    """
    shape = (len(rules), len(ledger.options), len(ledger.years), ledger.draws)
    rungs = {name: np.zeros(shape) for name in ("average", "marginal", "stepped", "bankable", "steps")}
    for r, rule in enumerate(rules):
        volume = _volume(rule, ledger, activity, priced, kept, chains, draws, volumes)
        for o in range(len(ledger.options)):
            ladder: Ladder = climb_ladder(
                volume.avoided[o],
                volume.unit_cost,
                draws[rule.marginal_share],
                rule.step_size or None,
                rule.delay_months,
            )
            for name, into in rungs.items():
                into[r, o] = getattr(ladder, name)
    rest, extra = _without_rule(rules, ledger, rungs["average"])
    return Cashability(
        rules=tuple(rules),
        options=ledger.options,
        years=ledger.years,
        agencies=ledger.agencies,
        option_labels=ledger.option_labels,
        **rungs,
        not_assessed=rest,
        extra=extra,
        price_base=ledger.price_base,
        seed=ledger.seed,
        set_version=ledger.set_version,
    )


def _without_rule(rules: Sequence[CashRule], ledger: Ledger, average: Array) -> tuple[Array, Array]:
    """Return what no rule assesses, and what of it is extra spending, line by line, by agency."""
    shape = (len(ledger.options), len(ledger.years), ledger.draws)
    avoided: dict[tuple[str, str], Array] = {}
    for i, line in enumerate(ledger.lines):
        if line.flow == "costs_avoided" and line.value_type == "fiscal":
            place = (line.agency, line.line)
            avoided[place] = avoided.get(place, np.zeros(shape)) + ledger.amounts[i]
    rest, extra = np.zeros(shape), np.zeros((len(ledger.agencies), *shape))
    for (agency, name), amount in avoided.items():
        held = [r for r, rule in enumerate(rules) if _is_on(rule, agency, name)]
        assessed = average[held].sum(axis=0)
        left = amount - assessed
        # what is left where a whole line is assessed is rounding
        left[np.abs(left) <= 1e-9 * (np.abs(amount) + np.abs(assessed))] = 0.0
        rest += left
        extra[ledger.agencies.index(agency)] += np.minimum(left, 0.0)
    return rest, extra


def _volume(
    rule: CashRule,
    ledger: Ledger,
    activity: Activity,
    priced: Sequence[PricedItem],
    kept: Array | None,
    chains: Sequence[tuple[ChainUse, DrawnChain]],
    draws: Draws,
    volumes: Mapping[Count | WeightedCount, Array] | None,
) -> Volume:
    """Return the units that can be saved under a rule: credited, corrected and within the caps."""
    options = ledger.options
    shape = (len(options), len(ledger.years), ledger.draws)
    if not rule.unit_cost:
        total = np.zeros(shape)
        for i, line in enumerate(ledger.lines):
            fiscal = line.flow == "costs_avoided" and line.value_type == "fiscal"
            if fiscal and _is_on(rule, line.agency, line.line):
                total += ledger.amounts[i]
        return Volume(total, np.ones(ledger.draws))
    price = np.broadcast_to(draws[rule.unit_cost], (draws.draws,)).astype(float)
    by_pathways, by_chains = np.zeros(shape), np.zeros(shape)
    own_part = 0.0
    for i, item in enumerate(priced):
        part = _share(rule, item.line, item.price.parameter, item.price.shares)
        if part == 0:
            continue
        own_part = item.price.factor * part
        for o, option in enumerate(options):
            one = _credited(activity, item, option) if volumes is None else volumes[item.count_by_chance][o]
            if kept is not None and kept[i, o] != 1:
                one = one * np.where(one > 0, kept[i, o], 1.0)
            by_pathways[o] += one * draws[item.quantity]
    for use, drawn in chains:
        for price_of_use in use.prices:
            part = _share(rule, use.line, price_of_use.parameter, price_of_use.shares)
            if part:
                own_part = price_of_use.factor * part
                by_chains[options.index(use.option)] += drawn.avoided
    units = by_pathways * _deliverable_share(rule, ledger, "activity")
    units += by_chains * _deliverable_share(rule, ledger, "outcome_chain")
    return Volume(units / rule.units_each, price * (own_part * rule.units_each))


def _credited(activity: Activity, item: PricedItem, option: str) -> Array:
    """Return what an option avoids of an item, without what is avoided since needs go unmet."""
    row, bau, chosen = activity.row(item.count), activity.options.index(BAU), activity.options.index(option)
    avoided = activity.amounts[row, bau] - activity.amounts[row, chosen]
    if activity.met is None:
        return np.asarray(avoided)
    return np.asarray(np.minimum(avoided, activity.met[row, bau] - activity.met[row, chosen]))


def _share(rule: CashRule, line: str, unit_cost: str, shares: Sequence[Share]) -> float:
    """Return the part of a price that its agency bears on the line of a rule."""
    if unit_cost != rule.unit_cost:
        return 0.0
    return sum(s.share for s in shares if _is_on(rule, s.agency, line_name(line, s.transfer)))


def _is_on(rule: CashRule, agency: str, line: str) -> bool:
    return agency == rule.agency and line == rule.line


def _deliverable_share(rule: CashRule, ledger: Ledger, basis: str) -> Array:
    """Return the share that the caps leave of what is claimed on a line by one way to it.

    Shape (option, year, draw). Where an option costs more nothing is cut.
    """
    kept = np.zeros((len(ledger.options), len(ledger.years), ledger.draws))
    over = np.zeros_like(kept)
    for i, line in enumerate(ledger.lines):
        own = _is_on(rule, line.agency, line.line) and line.value_type == "fiscal" and line.basis == basis
        if own and line.flow == "costs_avoided":
            kept += ledger.amounts[i]
        elif own and line.flow == "not_deliverable":
            over += ledger.amounts[i]
    claimed = kept + over
    cut = (over > 0) & (claimed > 0)
    share: Array = np.where(cut, kept / np.where(cut, claimed, 1.0), 1.0)
    return share

"""Cash: each assessed budget line of a case up the cashability ladder."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.errors import ParameterError, did_you_mean
from communitybudget._core.vocabulary import BAU, agency_label
from communitybudget.appraisal import Ladder, climb_ladder
from communitybudget.case.inputs import Inputs, local_parameter
from communitybudget.case.outcomes import ChainUse, DrawnChain
from communitybudget.case.payments import slug
from communitybudget.case.spec import CaseSpec
from communitybudget.ledger import Cashability, CashRule, Ledger, PricedItem, Share
from communitybudget.ledger.entries import line_name
from communitybudget.sampling import Draws
from communitybudget.simulation import Activity

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Volume:
    """Units avoided under one rule and what one costs its agency.

    ``avoided`` has the shape (option, year, draw), ``unit_cost`` that of the draws.
    """

    avoided: Array
    unit_cost: Array


def cash_rules(spec: CaseSpec, lines: Sequence[tuple[str, str]], inputs: Inputs) -> tuple[CashRule, ...]:
    """Return the rules of a case, their numbers gathered.

    Parameters
    ----------
    spec : CaseSpec
        The case.
    lines : sequence of (agency, line)
        On which the ledger can have costs avoided.
    inputs : Inputs
        Gathers the numbers.

    Raises
    ------
    ParameterError
        With every rule whose budget line the case does not have, or that stands twice.
    """
    faults: list[str] = []
    rules: list[CashRule] = []
    for number, given in enumerate(spec.cashability):
        place = f"cashability[{number}]"
        known = [line for agency, line in lines if agency == given.agency]
        if given.line not in known:
            faults.append(
                f"{place}: {agency_label(given.agency)} has no line '{given.line}' in this case; "
                + (did_you_mean(given.line, known) if known else "it bears no cost here: leave the rule out")
            )
            continue
        unit = given.unit_cost or ""
        others = [r for r in rules if (r.agency, r.line) == (given.agency, given.line)]
        if others and (not unit or any(r.unit_cost in ("", unit) for r in others)):
            faults.append(
                f"{place}: '{given.line}' has a rule already that takes the same money; keep one, or give "
                "each the unit cost it is for"
            )
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
        raise ParameterError("\n".join(faults))
    return tuple(rules)


def cashability_of(
    rules: Sequence[CashRule],
    ledger: Ledger,
    activity: Activity,
    priced: Sequence[PricedItem],
    kept: Array | None,
    chains: Sequence[tuple[ChainUse, DrawnChain]],
    draws: Draws,
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

    Returns
    -------
    Cashability
    """
    shape = (len(rules), len(ledger.options), len(ledger.years), ledger.draws)
    rungs = {name: np.zeros(shape) for name in ("average", "marginal", "stepped", "bankable", "steps")}
    assessed = np.zeros(shape[1:])
    for r, rule in enumerate(rules):
        volume = _volume(rule, ledger, activity, priced, kept, chains, draws)
        share = _deliverable_share(rule, ledger)
        for o in range(len(ledger.options)):
            ladder: Ladder = climb_ladder(
                volume.avoided[o] * share[o],
                volume.unit_cost,
                draws[rule.marginal_share],
                rule.step_size or None,
                rule.delay_months,
            )
            for name, into in rungs.items():
                into[r, o] = getattr(ladder, name)
        assessed += rungs["average"][r]
    avoided = np.array([ledger.flow(option, "costs_avoided") for option in ledger.options])
    rest = avoided - assessed
    # what is left where every line is assessed is rounding
    rest[np.abs(rest) <= 1e-9 * (np.abs(avoided) + np.abs(assessed))] = 0.0
    return Cashability(
        rules=tuple(rules),
        options=ledger.options,
        years=ledger.years,
        option_labels=ledger.option_labels,
        **rungs,
        not_assessed=rest,
        price_base=ledger.price_base,
        seed=ledger.seed,
        set_version=ledger.set_version,
    )


def _volume(
    rule: CashRule,
    ledger: Ledger,
    activity: Activity,
    priced: Sequence[PricedItem],
    kept: Array | None,
    chains: Sequence[tuple[ChainUse, DrawnChain]],
    draws: Draws,
) -> Volume:
    options = ledger.options
    if not rule.unit_cost:
        total = np.zeros((len(options), len(ledger.years), ledger.draws))
        for i, line in enumerate(ledger.lines):
            claimed = line.flow in ("costs_avoided", "not_deliverable") and line.value_type == "fiscal"
            if claimed and _is_on(rule, line.agency, line.line):
                total += ledger.amounts[i]
        return Volume(total, np.ones(ledger.draws))
    price = np.broadcast_to(draws[rule.unit_cost], (draws.draws,)).astype(float)
    units = np.zeros((len(options), len(ledger.years), ledger.draws))
    own_part = 0.0
    bau = activity.options.index(BAU)
    for i, item in enumerate(priced):
        part = _share(rule, item.line, item.price.parameter, item.price.shares)
        if part == 0:
            continue
        own_part = item.price.factor * part
        row = activity.row(item.count)
        quantity = draws[item.quantity]
        for o, option in enumerate(options):
            one = activity.amounts[row, bau] - activity.amounts[row, activity.options.index(option)]
            if kept is not None and kept[i, o] != 1:
                one = one * np.where(one > 0, kept[i, o], 1.0)
            units[o] += one * quantity
    for use, drawn in chains:
        for price_of_use in use.prices:
            part = _share(rule, use.line, price_of_use.parameter, price_of_use.shares)
            if part:
                own_part = price_of_use.factor * part
                units[options.index(use.option)] += drawn.avoided
    return Volume(units / rule.units_each, price * (own_part * rule.units_each))


def _share(rule: CashRule, line: str, unit_cost: str, shares: Sequence[Share]) -> float:
    """Return the part of a price that its agency bears on the line of a rule."""
    if unit_cost != rule.unit_cost:
        return 0.0
    return sum(s.share for s in shares if _is_on(rule, s.agency, line_name(line, s.transfer)))


def _is_on(rule: CashRule, agency: str, line: str) -> bool:
    return agency == rule.agency and line == rule.line


def _deliverable_share(rule: CashRule, ledger: Ledger) -> Array:
    """Return the share of a line's costs avoided that the caps leave, shape (option, year, draw)."""
    kept = np.zeros((len(ledger.options), len(ledger.years), ledger.draws))
    over = np.zeros_like(kept)
    for i, line in enumerate(ledger.lines):
        if _is_on(rule, line.agency, line.line) and line.value_type == "fiscal":
            if line.flow == "costs_avoided":
                kept += ledger.amounts[i]
            elif line.flow == "not_deliverable":
                over += ledger.amounts[i]
    claimed = kept + over
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where((over > 0) & (claimed > 0), np.clip(kept / claimed, 0.0, 1.0), 1.0)

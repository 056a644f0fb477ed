"""Results that are signed: by agency and year, the section 151 table, the plan line, the two cases."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.vocabulary import ALL_AGENCIES, BAU, agency_label
from communitybudget.appraisal import plan_odds, prudent_saving, worst_tail_mean
from communitybudget.case.chance import chance_of_chain
from communitybudget.case.measures import present_values
from communitybudget.case.outcomes import DrawnChain
from communitybudget.ledger import BudgetLine, Cashability, Ledger, reconcile
from communitybudget.sensitivity import monte_carlo_error, ratio_error
from communitybudget.simulation import Activity

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]

YEAR_QUANTILES: tuple[int, ...] = (10, 20, 50, 80, 90)
YEAR_MEASURES: tuple[str, ...] = (
    "spend",
    "funding",
    "costs_avoided",
    "cashable",
    "extra_spending",
    "net",
    "cumulative_net",
    "net_cash",
    "cumulative_net_cash",
)
IN_STEPS: tuple[str, ...] = ("cashable", "net_cash", "cumulative_net_cash")
"""Measures of cash: it comes in whole steps, so that chance changes its mean."""

YEAR_COLUMNS: tuple[str, ...] = (
    "option",
    "agency",
    "year",
    "measure",
    "mean",
    *(f"p{q}" for q in YEAR_QUANTILES),
    "worst_tenth",
    "mc_error",
)
SPENT = "Spending in all"
NET = "Net: costs avoided less spending, plus funding"
NET_CASH = "Net cash: cashable less spending, plus funding"
EXTRA = "Spent more on lines that nobody has assessed"
SPENDS: tuple[tuple[str, str], ...] = (
    ("one_off_capital", "One-off, capital"),
    ("one_off_revenue", "One-off, revenue"),
    ("ongoing", "Ongoing"),
    ("risk", "Risks"),
)
PLAN_COLUMNS: tuple[str, ...] = (
    "option",
    "agency",
    "line",
    "benefit_owner",
    "year",
    "mean",
    "prudent",
    "planned",
    "probability_missed",
    "expected_shortfall",
    "shortfall_when_missed",
)
RECONCILIATION_COLUMNS: tuple[str, ...] = (
    "option",
    "agency",
    "line",
    "year",
    "outturn",
    "modelled",
    "modelled_p10",
    "modelled_p90",
    "claimed",
    "deliverable",
    "not_deliverable",
    "probability_above_outturn",
)
OUTCOME_COLUMNS: tuple[str, ...] = (
    "option",
    "outcome",
    "unit",
    "avoided",
    "avoided_p10",
    "avoided_p90",
    "cost_per_outcome",
    "mc_error",
    "probability_any_avoided",
)


def year_flows(ledger: Ledger, cash: Cashability, option: str, agency: str) -> dict[str, Array]:
    """Return the measures of one option and agency, each of shape (year, draw); fiscal, undiscounted.

    ``net`` is costs avoided less spending plus funding. ``net_cash`` counts only what can be banked, less
    what is spent more on lines without a rule (``extra_spending``, never positive).
    """
    spend = ledger.flow(option, "delivery", agency)
    funding = ledger.flow(option, "funding", agency)
    net = ledger.net(option, agency)
    banked = cash.rung("bankable", option, agency)
    extra = cash.extra_spending(option, agency)
    net_cash = banked + extra - spend + funding
    return {
        "spend": spend,
        "funding": funding,
        "costs_avoided": ledger.flow(option, "costs_avoided", agency),
        "cashable": banked,
        "extra_spending": extra,
        "net": net,
        "cumulative_net": np.cumsum(net, axis=0),
        "net_cash": net_cash,
        "cumulative_net_cash": np.cumsum(net_cash, axis=0),
    }


def by_year_frame(
    ledger: Ledger, cash: Cashability, turned_out: Ledger, cash_turned_out: Cashability
) -> "pd.DataFrame":
    """Return every measure by option, agency and year.

    Means are of what is expected, percentiles of what it may turn out to be; the means of cash are too,
    since cash comes in whole steps.

    Returns
    -------
    pandas.DataFrame
        ``option, agency, year, measure, mean, p10, p20, p50, p80, p90, worst_tenth`` (mean of the
        worst tenth of the draws: the highest for spending, the lowest otherwise)``, mc_error``.
    """
    import pandas as pd

    rows = []
    for option in ledger.options:
        for agency in (ALL_AGENCIES, *ledger.agencies):
            actual = year_flows(turned_out, cash_turned_out, option, agency)
            for measure, expected in year_flows(ledger, cash, option, agency).items():
                values = actual[measure]
                if not expected.any() and not values.any():
                    continue
                quantiles = np.quantile(values, [q / 100 for q in YEAR_QUANTILES], axis=1)
                mean = (values if measure in IN_STEPS else expected).mean(axis=1)
                sign = -1.0 if measure == "spend" else 1.0
                worst = sign * worst_tail_mean(sign * values)
                for y, year in enumerate(ledger.years):
                    error = monte_carlo_error(values[y]) if ledger.draws > 1 else np.nan
                    rows.append(
                        (
                            option,
                            agency,
                            year,
                            measure,
                            mean[y],
                            *quantiles[:, y],
                            worst[y],
                            error,
                        )
                    )
    return pd.DataFrame(rows, columns=list(YEAR_COLUMNS))


def section_151_frame(
    ledger: Ledger,
    cash: Cashability,
    option: str,
    agency: str,
    turned_out: Ledger,
    cash_turned_out: Cashability,
) -> "pd.DataFrame":
    """Return the table a section 151 officer signs: what is spent, what is avoided, what is cash.

    Means are of what is expected, the interval of the total of what it may turn out to be; the means of
    cash are too, since cash comes in whole steps.

    Returns
    -------
    pandas.DataFrame
        ``item, benefit_owner``, then one column a financial year, ``total, total_p10, total_p90``: means,
        and the 10% to 90% interval of the total, real GBP, undiscounted. Items: spending one-off and ongoing,
        risks, funding received, costs avoided, of which cashable by budget line, not deliverable, net
        and cumulative net of costs avoided, and the same of cash. ``cumulative`` items have no total.
    """
    import pandas as pd

    expected = dict(_signed_rows(ledger, cash, option, agency)[0])
    actual, owners = _signed_rows(turned_out, cash_turned_out, option, agency)
    in_steps = (NET_CASH, "Net cash, cumulative")
    rows = [
        (name, values if name.startswith("Cashable") or name in in_steps else expected.get(name, values))
        for name, values in actual
    ]
    frame = pd.DataFrame([values.mean(axis=1) for _, values in rows], columns=list(ledger.years))
    frame.insert(0, "item", [name for name, _ in rows])
    frame.insert(1, "benefit_owner", [owners.get(name, "") for name, _ in rows])
    totals = []
    for (name, values), (_, spreading) in zip(rows, actual, strict=True):
        total, spread = values.sum(axis=0), spreading.sum(axis=0)
        cumulative = name.endswith("cumulative")
        totals.append((np.nan,) * 3 if cumulative else (total.mean(), *np.quantile(spread, [0.1, 0.9])))
    return frame.join(pd.DataFrame(totals, columns=["total", "total_p10", "total_p90"]))


def _signed_rows(
    ledger: Ledger, cash: Cashability, option: str, agency: str
) -> tuple[list[tuple[str, Array]], dict[str, str]]:
    """Return the items of the section 151 table (year, draw), and who answers for those of cash."""
    chosen = ledger.options.index(option)
    nothing = np.zeros((len(ledger.years), ledger.draws))
    rows: list[tuple[str, Array]] = []
    for key, words in SPENDS:
        spent = nothing.copy()
        for i, line in enumerate(ledger.lines):
            own = agency in (ALL_AGENCIES, line.agency) and line.value_type == "fiscal"
            if own and line.flow == "delivery" and (line.spend or "ongoing") == key:
                spent += ledger.amounts[i, chosen]
        if spent.any() or key != "risk":
            rows.append((words, spent))
    flows = year_flows(ledger, cash, option, agency)
    rows.append((SPENT, flows["spend"]))
    if flows["funding"].any():
        rows.append(("Funding received", flows["funding"]))
    rows.append(("Costs avoided", flows["costs_avoided"]))
    over = ledger.flow(option, "not_deliverable", agency)
    if over.any():
        rows.append(("Not deliverable: more than is spent, left out", over))
    lines = _cash_lines(cash, chosen, agency)
    rows += [(f"Cashable: {line}", values) for line, _, values in lines]
    owners = {f"Cashable: {line}": owner for line, owner, _ in lines}
    rows.append(("Cashable, all lines", flows["cashable"]))
    if flows["extra_spending"].any():
        rows.append((EXTRA, flows["extra_spending"]))
    rows += [
        (NET, flows["net"]),
        ("Net, cumulative", flows["cumulative_net"]),
        (NET_CASH, flows["net_cash"]),
        ("Net cash, cumulative", flows["cumulative_net_cash"]),
    ]
    return rows, owners


def _cash_lines(cash: Cashability, option: int, agency: str) -> list[tuple[str, str, Array]]:
    """Return budget line, who answers for it and bankable GBP, one entry a line of one agency."""
    found: list[tuple[str, str, Array]] = []
    for name in dict.fromkeys(rule.agency for rule in cash.rules):
        if agency in (ALL_AGENCIES, name):
            lines = [
                (rule.line, rule.benefit_owner, cash.bankable[r, option])
                for r, rule in enumerate(cash.rules)
                if rule.agency == name
            ]
            where = f" ({agency_label(name)})" if agency == ALL_AGENCIES else ""
            found += [(line + where, owner, values) for line, owner, values in _merged(lines)]
    return found


def plan_frame(
    cash: Cashability,
    budget: Sequence[BudgetLine],
    agency: str = ALL_AGENCIES,
) -> "pd.DataFrame":
    """Return the line for a medium-term financial plan: the saving that is 80% likely to be reached.

    Parameters
    ----------
    cash : Cashability
        What it may turn out to be.
    budget : sequence of BudgetLine
        With planned savings, where there are any.
    agency : str
        One, or ``all``.

    Returns
    -------
    pandas.DataFrame
        ``option, agency, line, benefit_owner, year, mean, prudent, planned, probability_missed,
        expected_shortfall, shortfall_when_missed``: cashable GBP, real, by budget line; the line
        ``all`` stands for an agency's lines together, whose prudent saving is its own and not the
        sum. What is missed is measured against the planned saving, blank where none is given.
    """
    import pandas as pd

    rows = []
    for o, option in enumerate(cash.options):
        for name in dict.fromkeys((*(r.agency for r in cash.rules), *(b.agency for b in budget))):
            if agency not in (ALL_AGENCIES, name):
                continue
            for line, owner, values, planned in _plan_lines(cash, budget, o, name):
                prudent = prudent_saving(values)
                for y, year in enumerate(cash.years):
                    odds: tuple[float, ...] = (np.nan,) * 3
                    if np.isfinite(planned[y]):
                        found = plan_odds(values[y], planned[y])
                        odds = (
                            found.probability_missed,
                            found.expected_shortfall,
                            found.shortfall_when_missed,
                        )
                    rows.append(
                        (option, name, line, owner, year, values[y].mean(), prudent[y], planned[y], *odds)
                    )
    return pd.DataFrame(rows, columns=list(PLAN_COLUMNS))


def _plan_lines(
    cash: Cashability, budget: Sequence[BudgetLine], option: int, agency: str
) -> list[tuple[str, str, Array, Array]]:
    """Return line, owner, bankable GBP and planned saving of one agency's plan.

    A planned saving on a budget line that covers several lines, or none with a rule, is measured
    against what those lines release together: such a line stands after the line for all.
    """
    nothing = np.zeros((len(cash.years), cash.not_assessed.shape[-1]))
    none_planned = np.full(len(cash.years), np.nan)
    own = [
        (r.line, r.benefit_owner, cash.bankable[i, option])
        for i, r in enumerate(cash.rules)
        if r.agency == agency
    ]
    merged = _merged(own)
    planned = {
        row.name: row for row in budget if row.agency == agency and np.isfinite(row.planned_saving).any()
    }
    by_line = {row.covers[0]: row for row in planned.values() if len(row.covers) == 1}
    found = []
    for line, owner, values in merged:
        row = by_line.get(line)
        plan = none_planned if row is None else row.planned_saving
        found.append((line, owner or (row.owner if row else ""), values, plan))
    if len(merged) > 1:
        found.append((ALL_AGENCIES, "", np.sum([v for *_, v in merged], axis=0), none_planned))
    lines = {line for line, *_ in merged}
    for row in planned.values():
        if len(row.covers) > 1 or row.covers[0] not in lines:
            values = np.sum([nothing, *(v for line, _, v in merged if line in row.covers)], axis=0)
            found.append((row.name, row.owner, values, row.planned_saving))
    return found


def _merged(lines: Sequence[tuple[str, str, Array]]) -> list[tuple[str, str, Array]]:
    """Return one entry a budget line, where several rules make it up."""
    found: dict[str, tuple[str, str, Array]] = {}
    for line, owner, values in lines:
        before = found.get(line)
        found[line] = (line, owner, values) if before is None else (line, before[1], before[2] + values)
    return list(found.values())


def reconciliation_frame(ledger: Ledger, budget: Sequence[BudgetLine]) -> "pd.DataFrame":
    """Return each budget line beside the model: what is spent, modelled, claimed and deliverable.

    Returns
    -------
    pandas.DataFrame
        ``option, agency, line, year, outturn, modelled`` (business as usual on the cohort)``,
        modelled_p10, modelled_p90, claimed, deliverable, not_deliverable,
        probability_above_outturn`` (that the model spends more than the line holds).
    """
    import pandas as pd

    rows = []
    for row in budget:
        found = reconcile(ledger.lines, ledger.amounts, ledger.spending, row)
        low, high = np.quantile(found.modelled, [0.1, 0.9], axis=-1)
        above = (found.modelled > row.outturn[:, None]).mean(axis=-1)
        for o, option in enumerate(ledger.options):
            claimed, kept = found.claimed[o].mean(axis=-1), found.deliverable[o].mean(axis=-1)
            for y, year in enumerate(ledger.years):
                rows.append(
                    (
                        option,
                        row.agency,
                        row.name,
                        year,
                        row.outturn[y],
                        found.modelled[y].mean(),
                        low[y],
                        high[y],
                        claimed[y],
                        kept[y],
                        claimed[y] - kept[y],
                        above[y],
                    )
                )
    return pd.DataFrame(rows, columns=list(RECONCILIATION_COLUMNS))


def two_cases_frame(
    ledger: Ledger,
    factors: Array,
    option: str,
    turned_out: Ledger,
    cash_turned_out: Cashability,
    weight: float | None = None,
) -> "pd.DataFrame":
    """Return the financial and the economic case side by side.

    Parameters
    ----------
    ledger : Ledger
        What is expected; the means of costs avoided.
    turned_out, cash_turned_out : Ledger, Cashability
        What it may turn out to be; the percentiles and the chance, and the means of cash, which comes in
        whole steps.
    factors : ndarray, shape (year,)
        Discount factors.
    option : str
        Of which.
    weight : float, optional
        Distributional weight of the families; without one there is no weighted case.

    Returns
    -------
    pandas.DataFrame
        ``item, cash, financial, economic``, and ``weighted`` where there is a weight: mean present
        values, real GBP. ``cash`` counts what can be banked, ``financial`` all fiscal costs avoided,
        transfers with them, ``economic`` leaves transfers out and adds economic and social value;
        ``weighted`` is the economic case with the weight on what families gain and lose. NaN where
        an item has no place in a case. The last rows are the net, its P10 and P90, the chance that it
        is not below nil, and the return per pound as a ratio of means.
    """
    import pandas as pd

    items, costs, nets = _case_items(ledger, cash_turned_out, factors, option, weight)
    _, _, spread = _case_items(turned_out, cash_turned_out, factors, option, weight)
    names = ["cash", "financial", "economic", *(["weighted"] if weight is not None else [])]
    rows: list[list[object]] = [
        [item, *(float(v.mean()) for v in cases[: len(names)])] for item, cases in items.items()
    ]
    rows.append(["Net present value", *(float(n.mean()) for n in nets)])
    for words, share in (("Net present value, P10", 0.1), ("Net present value, P90", 0.9)):
        rows.append([words, *(float(np.quantile(n, share)) for n in spread)])
    rows.append(["Chance that it is not below nil", *(float((n >= 0).mean()) for n in spread)])
    rows.append(
        [
            "Return per pound",
            *(
                float((n + c).mean() / c.mean()) if c.mean() > 0 else np.nan
                for n, c in zip(nets, costs, strict=True)
            ),
        ]
    )
    return pd.DataFrame(rows, columns=["item", *names])


def _case_items(
    ledger: Ledger, cash: Cashability, factors: Array, option: str, weight: float | None
) -> tuple[dict[str, tuple[Array, Array, Array, Array]], list[Array], list[Array]]:
    """Return items by case, what each case spends, and its net; arrays (draw,), NaN where it has no place."""

    def present(flow: Array) -> Array:
        return present_values(flow, factors)

    every = ("fiscal", "economic", "social")
    spend = present(ledger.flow(option, "delivery"))
    spend_all = present(ledger.flow(option, "delivery", value_types=every))
    banked = present(cash.rung("bankable", option))
    extra = present(cash.extra_spending(option))
    rest = present(ledger.flow(option, "costs_avoided")) - banked - extra
    transfers = present(ledger.flow(option, "costs_avoided", transfer=True))
    economic, social = (
        present(ledger.flow(option, "costs_avoided", value_types=(kind,), transfer=False))
        for kind in ("economic", "social")
    )
    none = np.full(ledger.draws, np.nan)
    items = {
        "Spending on the option": (-spend, -spend, -spend_all, -spend_all),
        "Costs avoided, cashable": (banked, banked, banked, banked),
        EXTRA: (extra, extra, extra, extra),
        "Costs avoided, not cashable or not assessed": (none, rest, rest, rest),
        "Less transfers (benefits and tax)": (none, none, -transfers, -transfers),
        "Economic value": (none, none, economic, economic),
        "Social value": (none, none, social, social),
    }
    count = 3
    if weight is not None:
        count = 4
        weighing = (weight - 1) * (economic - transfers)
        items["Distributional weight on incomes gained and lost"] = (none, none, none, weighing)
    nets = [np.sum([c[k] for c in items.values() if np.isfinite(c[k]).all()], axis=0) for k in range(count)]
    return items, [spend, spend, spend_all, spend_all][:count], nets


def cost_per_outcome_frame(
    activity: Activity, outcomes: Sequence[DrawnChain], ledger: Ledger, chance: bool
) -> "pd.DataFrame":
    """Return what an option costs for each outcome that it avoids or brings about.

    Means are of what is expected; with ``chance`` the interval and the probability are of what it may
    turn out to be.

    Returns
    -------
    pandas.DataFrame
        ``option, outcome, unit, avoided, avoided_p10, avoided_p90`` over the horizon``,
        cost_per_outcome`` (delivery over avoided, a ratio of means, undiscounted; blank where none is
        avoided on average)``, mc_error, probability_any_avoided``. An option has one cost: the
        figures of its outcomes are alternatives and do not add up.
    """
    import pandas as pd

    rows = []
    for option in ledger.options:
        cost = ledger.flow(option, "delivery").sum(axis=0)
        found = []
        for reported in activity.reported:
            if activity.total(reported.id, BAU).any():
                avoided = activity.avoided(reported.id, option).sum(axis=0)
                actual = activity.avoided_as_it_turns_out(reported.id, option) if chance else avoided
                found.append((reported.label, reported.unit, avoided, actual))
        for chain in (c for c in outcomes if c.option == option):
            net = chain.chain.net
            actual = net * chance_of_chain(chain, ledger.seed) if chance else net
            found.append((chain.label, "net outcomes", net, actual))
        for label, unit, avoided, actual in found:
            if not avoided.any():
                continue
            low, high = np.quantile(actual, [0.1, 0.9])
            ratio = error = np.nan
            if avoided.mean() > 0 and cost.mean() > 0:
                ratio = float(cost.mean() / avoided.mean())
                error = float(ratio_error(cost, avoided)) if cost.size > 1 else np.nan
            rows.append(
                (
                    option,
                    label,
                    unit,
                    avoided.mean(),
                    low,
                    high,
                    ratio,
                    error,
                    float((actual > 0).mean()),
                )
            )
    return pd.DataFrame(rows, columns=list(OUTCOME_COLUMNS))


def nominal_frame(
    ledger: Ledger, cash: Cashability, option: str, agency: str, levels: Sequence[float]
) -> "pd.DataFrame":
    """Return net flows in real terms and in the prices of each year.

    Parameters
    ----------
    ledger, cash : Ledger, Cashability
        Of one appraisal.
    option, agency : str
        Of which.
    levels : sequence of float
        Price level of each year; 1 at the price base.

    Returns
    -------
    pandas.DataFrame
        ``year, index, net_real, net_nominal, net_cash_real, net_cash_nominal``: means.
    """
    import pandas as pd

    flows = year_flows(ledger, cash, option, agency)
    index = np.asarray(levels, dtype=float)
    frame = pd.DataFrame({"year": list(ledger.years), "index": index})
    for name in ("net", "net_cash"):
        mean = flows[name].mean(axis=1)
        frame[f"{name}_real"] = mean
        frame[f"{name}_nominal"] = mean * index
    return frame

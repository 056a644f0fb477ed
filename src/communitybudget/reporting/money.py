"""What a section 151 officer signs: the tables of money, each cell rounded once, every total cast."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from communitybudget._core.chances import chance
from communitybudget._core.digits import pounds_and_pence
from communitybudget._core.vocabulary import ALL_AGENCIES, agency_label
from communitybudget.appraisal import PRUDENT_WORDS
from communitybudget.case import Appraisal
from communitybudget.case.signed import EXTRA, NET, NET_CASH, SPENDS, SPENT
from communitybudget.ledger import describe_rule
from communitybudget.reporting.tables import percent, pounds, round_to

_TOTALS = ("total", "total_p10", "total_p90")


@dataclass(frozen=True, slots=True)
class SignedTable:
    """A table of whole pounds by year, in which every figure follows from those printed.

    Parameters
    ----------
    years : tuple of str
        Headings.
    rows : tuple of (str, tuple of int, int or None)
        Item, cells, total over the years (none for cumulative items).
    intervals : dict of str to (float, float)
        10% and 90% of the total, by item; none for cumulative items.
    """

    years: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int, ...], int | None], ...]
    intervals: dict[str, tuple[float, float]]

    def row(self, item: str) -> tuple[int, ...]:
        """Return the cells of one item."""
        return next(cells for name, cells, _ in self.rows if name == item)


def signed_table(frame: pd.DataFrame) -> SignedTable:
    """Round the section 151 table once and work out its sums from the rounded cells.

    Parameters
    ----------
    frame : pandas.DataFrame
        From `Appraisal.section_151`.

    Returns
    -------
    SignedTable
        Spending in all, net and cumulative rows are sums of the cells printed above them.
    """
    years = tuple(str(c) for c in frame.columns if c not in ("item", "benefit_owner", *_TOTALS))
    records = frame.to_dict("records")
    cells = {str(row["item"]): tuple(round_to(float(row[year])) for year in years) for row in records}
    spent = [words for _, words in SPENDS if words in cells]
    cash_lines = [name for name in cells if name.startswith("Cashable: ")]
    zero = (0,) * len(years)
    rows: list[tuple[str, tuple[int, ...]]] = [(name, cells[name]) for name in spent]
    spending = _added(cells, spent, years)
    rows.append((SPENT, spending))
    funding, extra, avoided = (cells.get(n, zero) for n in ("Funding received", EXTRA, "Costs avoided"))
    if "Funding received" in cells:
        rows.append(("Funding received", funding))
    rows.append(("Costs avoided", avoided))
    rows += [(name, cells[name]) for name in cells if name.startswith("Not deliverable")]
    rows += [(name, cells[name]) for name in cash_lines]
    cash = _added(cells, cash_lines, years)
    rows.append(("Cashable, all lines", cash))
    if EXTRA in cells:
        rows.append((EXTRA, extra))
    net = tuple(a - s + f for a, s, f in zip(avoided, spending, funding, strict=True))
    net_cash = tuple(c + e - s + f for c, e, s, f in zip(cash, extra, spending, funding, strict=True))
    rows += [
        (NET, net),
        ("Net, cumulative", _running(net)),
        (NET_CASH, net_cash),
        ("Net cash, cumulative", _running(net_cash)),
    ]
    return SignedTable(
        years,
        tuple((name, row, None if name.endswith("cumulative") else sum(row)) for name, row in rows),
        {
            str(row["item"]): (float(row["total_p10"]), float(row["total_p90"]))
            for row in records
            if np.isfinite(row["total_p10"])
        },
    )


def _added(cells: dict[str, tuple[int, ...]], names: Sequence[str], years: Sequence[str]) -> tuple[int, ...]:
    return tuple(sum(cells[name][y] for name in names) for y in range(len(years)))


def _running(cells: Sequence[int]) -> tuple[int, ...]:
    return tuple(int(total) for total in np.cumsum(cells))


def money_context(result: Appraisal) -> list[dict[str, Any]]:
    """Return the tables of money of each option, as text.

    Parameters
    ----------
    result : Appraisal
        What is reported.
    """
    plan = result.financial_plan()
    outcomes = result.cost_per_outcome()
    beside = result.reconciliation()
    teams, waiting = result.team_costs(), result.waiting()
    return [_option(result, option, plan, outcomes, beside, teams, waiting) for option in result.options]


def prices_context(result: Appraisal) -> dict[str, Any]:
    """Return which prices stand in place of published ones, and which are old, as text.

    Parameters
    ----------
    result : Appraisal
        What is reported.
    """
    return {
        "gaps": [_gap(row) for row in result.price_gaps().to_dict("records")],
        "stale": [
            (str(r["label"]), str(r["price_base"]), str(r["age"]), str(r["source"]))
            for r in result.stale_prices().to_dict("records")
        ],
    }


def _gap(row: dict[Any, Any]) -> dict[str, str]:
    def growth(value: float) -> str:
        return "–" if np.isnan(value) else f"{value:+.1%}".replace("-", "−")

    unit = str(row["unit"]).removeprefix("GBP ").replace("_", " ")
    return {
        "label": f"{row['label']}, {unit}",
        "published": f"{pounds(row['published'])} ({row['published_price_base']})",
        "general": pounds(row["by_general_index"]),
        "used": pounds(row["used"]),
        "gap": growth(float(row["ratio"])),
        "growth": growth(float(row["growth_a_year"])),
        "general_growth": growth(float(row["general_growth_a_year"])),
        "why": "; ".join(text for text in (str(row["why"]), str(row["source"])) if text),
    }


def _option(
    result: Appraisal,
    option: str,
    plan: pd.DataFrame,
    outcomes: pd.DataFrame,
    beside: pd.DataFrame,
    teams: pd.DataFrame,
    waiting: pd.DataFrame,
) -> dict[str, Any]:
    payer = _payer(result, option)
    table = signed_table(result.section_151(option, payer))
    strong = ("Spending in all", "Cashable, all lines", "Net", "Costs avoided")
    return {
        "name": option,
        "label": result.ledger.label(option),
        "payer": agency_label(payer),
        "years": table.years,
        "signed": [
            {
                "item": item,
                "cells": [pounds(c) for c in cells],
                "total": "" if total is None else pounds(total),
                "interval": _interval(table.intervals.get(item), total),
                "strong": item.startswith(strong),
            }
            for item, cells, total in table.rows
        ],
        "owners": _owners(result),
        "plan": plan_rows(plan[plan["option"] == option], result.years),
        "prudent_words": PRUDENT_WORDS,
        "ladder": [
            (str(r["rung"]), pounds(r["mean"]), f"{pounds(r['p10'])} to {pounds(r['p90'])}")
            for r in result.cash.rungs_frame(option, result.cash_with_chance).to_dict("records")
        ],
        "rules": [
            (describe_rule(rule), f"{rule.source} ({rule.mark})", rule.note) for rule in result.cash.rules
        ],
        "steps": _steps(result, option),
        "cases": case_rows(result.two_cases(option)),
        "weighted": result.model.case.spec.distributional_weight is not None,
        "switches": [_switch(r) for r in result.switchboard(option).to_dict("records")],
        "outcomes": [_outcome(r) for r in outcomes[outcomes["option"] == option].to_dict("records")],
        "reconciled": _reconciled(beside[beside["option"] == option], result.years),
        "chains": _chains(result, option),
        "teams": _teams(teams[teams["option"] == option]),
        "waiting": _waiting(waiting[waiting["option"] == option]),
        "nominal": _nominal(result, option, payer),
    }


def _interval(limits: tuple[float, float] | None, mean: float | None) -> str:
    if limits is None:
        return ""
    low, high = (pounds(v) for v in limits)
    return "certain" if low == high == pounds(mean) else f"{low} to {high}"


def _payer(result: Appraisal, option: str) -> str:
    """Return the agency that spends most on an option; the council where nobody does."""
    spent = {a: result.ledger.flow(option, "delivery", a).sum() for a in result.ledger.agencies}
    most = max(spent, key=lambda a: spent[a], default="local_authority")
    return most if spent.get(most) else "local_authority"


def _owners(result: Appraisal) -> list[tuple[str, str]]:
    """Return budget line and who answers for its saving; blank to be filled in where nobody is named.

    The owner of a rule of cash goes before the owner of the line in the outturn.
    """
    found: dict[str, str] = {}
    for agency, line, owner in (
        *((rule.agency, rule.line, rule.benefit_owner) for rule in result.cash.rules),
        *((row.agency, row.name, row.owner) for row in result.budget if row.owner),
    ):
        place = f"{agency_label(agency)}: {line}"
        found[place] = found.get(place) or owner
    return list(found.items())


def plan_rows(rows: pd.DataFrame, years: Sequence[str]) -> list[dict[str, Any]]:
    """Return the plan of one option; means of all lines together are sums of the means printed."""
    found = []
    printed: dict[str, list[int]] = {}
    for (agency, line), group in rows.groupby(["agency", "line"], sort=False):
        every = line == ALL_AGENCIES
        means = [round_to(v) for v in group["mean"]]
        if every:
            means = printed[str(agency)]
        else:
            before = printed.setdefault(str(agency), [0] * len(means))
            printed[str(agency)] = [a + b for a, b in zip(before, means, strict=True)]
        missed = group["probability_missed"]
        found.append(
            {
                "line": f"{agency_label(str(agency))}: "
                + ("all lines together, not the sum" if every else str(line)),
                "cells": [pounds(v) for v in group["prudent"]],
                "means": [pounds(v) for v in means],
                "missed": "; ".join(
                    f"{year}: {pounds(planned)} planned, missed in {chance(p)} of draws, "
                    f"short by {pounds(short)} in mean"
                    for year, planned, p, short in zip(
                        years, group["planned"], missed, group["expected_shortfall"], strict=True
                    )
                    if np.isfinite(planned)
                ),
                "total": every,
            }
        )
    return found


def _steps(result: Appraisal, option: str) -> list[dict[str, Any]]:
    frame = result.cash_with_chance.steps_frame()
    frame = frame[frame["option"] == option]
    return [
        {
            "what": f"{agency_label(str(agency))}, {line}: {number} × {step} closed",
            "cells": [chance(p) for p in group["probability"]],
        }
        for (agency, line, step, number), group in frame.groupby(
            ["agency", "line", "step", "steps"], sort=False
        )
    ]


def case_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the two cases; net rows are sums of the rounded rows above."""
    rows = frame.to_dict("records")
    total = dict.fromkeys((str(c) for c in frame.columns if c != "item"), 0)
    found = []
    for row in rows:
        item = str(row["item"])
        cells = []
        for case in total:
            value = float(row[case])
            if item == "Net present value":
                cells.append(pounds(total[case]))
            elif item.startswith("Chance"):
                cells.append(chance(value))
            elif item.startswith("Return"):
                cells.append("–" if np.isnan(value) else pounds_and_pence(value))
            else:
                cells.append(pounds(value))
                if not item.startswith("Net") and np.isfinite(value):
                    total[case] += round_to(value)
        found.append({"item": item, "cells": cells, "strong": item == "Net present value"})
    return found


def _switch(row: dict[Any, Any]) -> dict[str, str]:
    return {
        "switch": str(row["switch"]).capitalize(),
        "setting": str(row["setting"]).replace("_", " "),
        "in_use": "yes" if row["in_use"] else "",
        "npv": pounds(row["npv_fiscal"]),
        "interval": _interval((row["npv_p10"], row["npv_p90"]), row["npv_fiscal"]),
        "change": "–" if row["in_use"] else pounds(row["change"]),
        "ratio": "–" if np.isnan(row["bcr_fiscal"]) else f"£{row['bcr_fiscal']:.2f}",
        "cash": pounds(row["npv_cash"]),
        "public": pounds(row["npv_public_value"]),
        "change_public": "–" if row["in_use"] else pounds(row["change_public_value"]),
        "mark": str(row["mark"]).replace("_", " "),
    }


def _outcome(row: dict[Any, Any]) -> dict[str, str]:
    figure = float(row["cost_per_outcome"])
    return {
        "outcome": f"{row['outcome']} ({row['unit']})",
        "avoided": (
            f"{row['avoided']:,.2f} ({row['avoided_p10']:,.2f} to {row['avoided_p90']:,.2f})"
        ).replace("-", "−"),
        "cost": "–" if np.isnan(figure) else pounds(figure),
        "error": "–" if np.isnan(figure) else pounds(row["mc_error"]),
        "chance": chance(row["probability_any_avoided"]),
    }


def _reconciled(rows: pd.DataFrame, years: Sequence[str]) -> list[dict[str, Any]]:
    found = []
    for (agency, line), group in rows.groupby(["agency", "line"], sort=False):
        sums = {
            name: [round_to(v) for v in group[name]]
            for name in ("outturn", "modelled", "deliverable", "not_deliverable")
        }
        above = float(group["probability_above_outturn"].max())
        found.append(
            {
                "line": f"{agency_label(str(agency))}: {line}",
                "cells": [pounds(sum(values)) for values in sums.values()],
                "share": percent(sum(sums["modelled"]) / sum(sums["outturn"]), 1)
                if sum(sums["outturn"])
                else "–",
                "above": chance(above),
            }
        )
    return found


def _chains(result: Appraisal, option: str) -> list[dict[str, Any]]:
    """Return each outcome chain link by link and on to money; links that take nothing are left out."""
    found = []
    drawn_numbers = result.model.draw(result.draws, result.seed) if result.outcomes else None
    for use, drawn in zip(result.model.chains, result.outcomes, strict=True):
        if drawn.option != option or drawn_numbers is None:
            continue
        before = float(drawn.chain.population.mean())
        links = [("People or families reached", *_spread(drawn.chain.population))]
        for name, left in zip(drawn.chain.links, drawn.chain.remaining, strict=True):
            if not np.isclose(left.mean(), before):
                links.append((f"After {name.replace('_', ' ')}", *_spread(left)))
            before = float(left.mean())
        units = drawn.avoided.sum(axis=0)
        links.append(("Units of the unit cost over the years", *_spread(units)))
        for price in use.prices:
            value = np.broadcast_to(drawn_numbers[price.parameter] * price.factor, (result.draws,))
            kind = price.value_type.capitalize()
            links.append((f"{kind} value of a unit", *_spread(value, money=True)))
            links.append((f"{kind} value in all", *_spread(units * value, money=True)))
        found.append({"label": drawn.label, "gross": drawn.gross, "links": links})
    return found


def _spread(values: np.ndarray, money: bool = False) -> tuple[str, str]:
    """Return mean and interval of draws as text."""
    low, high = np.quantile(values, [0.1, 0.9])

    def shown(value: float) -> str:
        return pounds(value) if money else f"{value:,.2f}"

    mean = shown(float(values.mean()))
    return mean, "certain" if shown(low) == shown(high) == mean else f"{shown(low)} to {shown(high)}"


def _waiting(rows: pd.DataFrame) -> list[tuple[str, list[str]]]:
    """Return families who are ready, start, wait and never start, and months waited, by year."""
    families, months = ("ready", "started", "waiting", "never_start"), "mean_wait_months"
    return [
        (
            r["year"],
            [*(f"{r[name]:,.0f}" for name in families)]
            + ["–" if np.isnan(r[name]) else f"{r[name]:.1f}" for name in (months, "longest_wait_months")],
        )
        for r in rows.to_dict("records")
    ]


def _teams(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return each team's build-up; a cost is the sum of the parts printed, a total that of the costs."""
    found = []
    for item, group in rows.groupby("item", sort=False):
        lines, parts = [], []
        for r in group.to_dict("records"):
            cells = [round_to(r[name]) for name in ("pay", "on_costs", "overheads")]
            parts.append([*cells, sum(cells)])
            lines.append(
                {
                    "role": f"{r['role']} ({agency_label(str(r['agency']))})",
                    "hours": f"{r['hours']:,.1f}",
                    "hourly": f"£{r['hourly']:,.2f}",
                    "price": str(r["price_of_hour"]).removeprefix("unit_cost."),
                    "cells": [pounds(c) for c in parts[-1]],
                    "interval": f"{pounds(r['p10'])} to {pounds(r['p90'])}",
                }
            )
        bias = float(group["optimism_bias"].iloc[0])
        found.append(
            {
                "item": str(item),
                "rows": lines,
                "total": [pounds(sum(column)) for column in zip(*parts, strict=True)],
                "bias": percent(bias) if bias else "",
            }
        )
    return found


def _nominal(result: Appraisal, option: str, agency: str) -> list[dict[str, Any]]:
    frame = result.nominal(option, agency)
    names = ("net_real", "net_nominal", "net_cash_real", "net_cash_nominal")
    return [
        {"year": str(r["year"]), "level": f"{r['index']:.3f}", "cells": [pounds(r[n]) for n in names]}
        for r in frame.to_dict("records")
    ]

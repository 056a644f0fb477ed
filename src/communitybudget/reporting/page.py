"""What the report says: every sentence and table, made from the appraisal."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from communitybudget._core.cards import footer
from communitybudget._core.chances import chance
from communitybudget._core.digits import counted, pounds_and_pence
from communitybudget._core.vocabulary import ALL_AGENCIES, FUNDING_STREAMS, agency_label
from communitybudget.appraisal import payback_year
from communitybudget.case import NOT_WITHIN, Appraisal, Journey
from communitybudget.reporting.assumptions import assumption_cells
from communitybudget.reporting.figures import Chart
from communitybudget.reporting.money import money_context, prices_context
from communitybudget.reporting.sureness import (
    Sureness,
    decision_context,
    draws_for_questions,
    question_context,
)
from communitybudget.reporting.tables import cast_table, percent, pounds, supported


def page_context(
    result: Appraisal,
    charts: Mapping[str, Sequence[Chart]],
    switching: Mapping[str, pd.DataFrame],
    sureness: Sureness | None = None,
) -> dict[str, Any]:
    """Return everything the page shows.

    Parameters
    ----------
    result : Appraisal
        What is reported.
    charts : mapping of str to sequence of Chart
        By option.
    switching : mapping of str to pandas.DataFrame
        Switching values by option.
    sureness : Sureness, optional
        The decision and its questions; left out where there are too few draws.

    Returns
    -------
    dict
        Text and tables only; the template escapes every one.
    """
    break_even = result.break_even()
    return {
        "title": result.title,
        "place": result.place,
        "foot": footer(result.price_base, result.seed, result.draws, result.set_version),
        "price_base": result.price_base,
        "years": result.years,
        "families": counted(round(result.families), "family", "families"),
        "gross": any(result.ledger.gross),
        "findings": _findings(result),
        "questions": [question_context(question) for question in sureness.questions] if sureness else [],
        "decision": decision_context(sureness) if sureness else None,
        "draws_for_questions": f"{draws_for_questions(result):,}",
        "options": [_option(result, o, charts[o], switching[o], break_even) for o in result.options],
        "money": money_context(result),
        "prices": prices_context(result),
        "cash_words": _cash_words(result),
        "agencies": [_agency(result, a, break_even) for a in _agencies(result)],
        "plausibility": _plausibility(result),
        "effects": _effects(result),
        "journeys": [_journey(j) for j in result.journeys],
        "journey_break_even": journey_break_even(result.journeys),
        "cautions": result.cautions,
        "conventions": result.conventions,
        "assumptions": assumption_cells(result),
        "attribution": _attribution(result),
    }


def _cash_words(result: Appraisal) -> str:
    """Say how much of the costs avoided is assessed for cash."""
    if not result.cash.rules:
        return "Nothing here is assessed as cashable: these are costs avoided, not savings of any budget."
    return (
        "These are costs avoided; what of them can leave a budget, for the lines that are assessed, stands "
        "under The money."
    )


def _attribution(result: Appraisal) -> str:
    """Return the credit that the licence of a set's data asks for, where it is used."""
    parameters = result.case.parameters
    used = " ".join(result.sources())
    credits = [
        f"Contains data from {source['citation']}, licensed under {source['licence']}"
        for source in parameters.sources.values()
        if source.get("licence") and str(source["citation"]) in used
    ]
    return ". ".join(credits)


def _agencies(result: Appraisal) -> list[str]:
    """Agencies that spend or save under any option, in the order of the vocabulary."""
    return [
        agency
        for agency in result.ledger.agencies
        if any(
            result.ledger.flow(option, flow, agency).any()
            for option in result.options
            for flow in ("costs_avoided", "delivery", "funding")
        )
    ]


def _findings(result: Appraisal) -> list[tuple[str, str]]:
    """Say in plain sentences what each option comes to: its name, and what follows it."""
    found = []
    for option in result.options:
        label = result.ledger.label(option)
        cost = result.measure("delivery_present_value", option)
        avoided = result.measure("costs_avoided_fiscal_present_value", option)
        npv = result.measure("npv_fiscal", option)
        odds = result.measure("probability_net_positive", option)
        public = result.measure("npv_public_value", option)
        verb = "comes out ahead by" if npv["mean"] >= 0 else "falls short by"
        text = (
            f"costs {supported(cost['mean'], cost['mc_error'])} and avoids "
            f"{supported(avoided['mean'], avoided['mc_error'])} of public spending over "
            f"{counted(len(result.years), 'year')}, so on average it {verb} "
            f"{supported(abs(npv['mean']), npv['mc_error'])}. "
            f"The chance that it pays for itself is {chance(odds['mean_with_chance'])} "
            f"({chance(odds['mean'])} were it not for which families these turn out to be); it is 80% likely "
            f"that the net is at least {supported(npv['p20_with_chance'], npv['mc_error_with_chance'])}. "
            f"Without transfers, and with economic and social value counted, public value is "
            f"{supported(public['mean'], public['mc_error'])}. {_who(result, option)}"
        )
        found.append((label, text))
    return found


def _who(result: Appraisal, option: str) -> str:
    """Say who pays and who gains most."""
    balance = result.balance(option)
    if balance.empty:
        return ""
    total = balance["costs_avoided"].sum()
    payers = balance[balance["delivery"] > 0].sort_values("delivery", ascending=False)
    gainer = balance.sort_values("costs_avoided", ascending=False).iloc[0]
    text = ""
    if len(payers) and total > 0:
        payer = payers.iloc[0]
        share = payer["costs_avoided"] / total
        text = (
            f"{payer['agency']} bears {percent(payer['delivery'] / balance['delivery'].sum())} of the cost "
            f"and keeps {percent(share)} of the costs avoided"
        )
        if gainer["agency"] != payer["agency"]:
            text += f"; {gainer['agency']} gains most"
        text += "."
    return text


def _option(
    result: Appraisal, option: str, charts: Sequence[Chart], switching: pd.DataFrame, break_even: pd.DataFrame
) -> dict[str, Any]:
    measures = {
        name: result.measure(name, option)
        for name in (
            "delivery_present_value",
            "costs_avoided_fiscal_present_value",
            "of_which_transfers_present_value",
            "npv_fiscal",
            "npv_public_value",
            "bcr_fiscal",
            "bcr_public_value",
            "payback_year",
            "probability_net_positive",
        )
    }
    npv = measures["npv_fiscal"]
    all_agencies = break_even[(break_even["option"] == option) & (break_even["agency"] == "All agencies")]
    own = break_even[(break_even["option"] == option) & (break_even["agency"] != "All agencies")]
    shares = _shares(result, option)
    return {
        "name": option,
        "label": result.ledger.label(option),
        "gross": result.ledger.gross[result.options.index(option)],
        "cost": _amount(measures["delivery_present_value"]),
        "avoided": _amount(measures["costs_avoided_fiscal_present_value"]),
        "transfers": _amount(measures["of_which_transfers_present_value"]),
        "npv": _amount(npv),
        **_limits(npv),
        "rates_low": supported(npv["p10"], npv["mc_error"]),
        "rates_high": supported(npv["p90"], npv["mc_error"]),
        "chance_rates": chance(measures["probability_net_positive"]["mean"]),
        "chance_share": "–" if np.isnan(npv["chance_share"]) else percent(npv["chance_share"]),
        "public": _amount(measures["npv_public_value"]),
        "bcr": _ratio(measures["bcr_fiscal"]["mean"]),
        "bcr_public": _ratio(measures["bcr_public_value"]["mean"]),
        "payback": _payback(measures["payback_year"]["p50_with_chance"]),
        "chance": chance(measures["probability_net_positive"]["mean_with_chance"]),
        "error": pounds(npv["mc_error"]),
        "balance": _balance(result, option),
        "charts": [chart.embedded() for chart in charts],
        "switching": [_switch(row) for row in switching.to_dict("records")],
        "break_even": [_even(row) for row in (*all_agencies.to_dict("records"), *_largest(own))],
        "variance": shares,
        "variance_assumed": _assumed_share(result, option) if shares else "",
    }


def _limits(npv: "pd.Series[Any]") -> dict[str, str]:
    """Return the interval and the prudent figure of a net present value, chance included."""
    error = npv["mc_error_with_chance"]
    names = {"npv_low": "p10", "npv_high": "p90", "npv_prudent": "p20"}
    return {name: supported(npv[f"{q}_with_chance"], error) for name, q in names.items()}


def _largest(rows: pd.DataFrame) -> list[dict[Any, Any]]:
    """Return for each outcome the agency to which a year in the state costs most."""
    if rows.empty:
        return []
    return rows.loc[rows.groupby("pathway", sort=False)["cost_per_year"].idxmax()].to_dict("records")


def _shares(result: Appraisal, option: str) -> list[tuple[str, str, str]]:
    if result.draws <= 3 * len(result.inputs):
        return []
    frame = result.variance_by_mark(option).to_frame()
    return [
        (str(row["group"]).replace("_", " "), percent(row["share"]), percent(row["standard_error"], 1))
        for row in frame.to_dict("records")
    ]


def _assumed_share(result: Appraisal, option: str) -> str:
    """Return the share of variance from groups in which every row is an assumption."""
    frame = result.variance_by_mark(option).to_frame()
    assumed = frame["group"].isin(["assumption"]) | frame["group"].str.endswith("(assumption)")
    return percent(float(frame.loc[assumed, "share"].sum()), 1)


def _amount(row: "pd.Series[Any]") -> str:
    return supported(row["mean"], row["mc_error"])


def _ratio(value: float) -> str:
    return "–" if np.isnan(value) else pounds_and_pence(value)


def _payback(text: object) -> str:
    return str(text) if text != NOT_WITHIN else "Not within the horizon"


def _switch(row: Mapping[Any, Any]) -> dict[str, str]:
    unit = str(row["unit"])
    money = unit.startswith("GBP")

    def shown(value: Any) -> str:
        if value is None or (isinstance(value, float) and np.isnan(value)):
            return "–"
        return pounds(float(value)) if money and abs(float(value)) >= 10 else f"{float(value):,.3g}"

    interval = "–"
    if row["low"] is not None and not np.isnan(float(row["low"])):
        interval = f"{shown(row['low'])} to {shown(row['high'])}"
    found = np.isfinite(row["switching_value"])
    return {
        "label": str(row["label"]),
        "unit": unit.removeprefix("GBP ").replace("_", " "),
        "value": shown(row["value"]),
        "interval": interval,
        "switching": shown(row["switching_value"]) if found else "None in reach",
        "change": f"{row['change']:+.0%}".replace("-", "−") if found else "–",
        "mark": str(row["mark"]).replace("_", " "),
    }


def _even(row: Mapping[Any, Any]) -> dict[str, str]:
    def number(value: Any) -> str:
        value = float(value)
        return "–" if not np.isfinite(value) else f"{value:,.1f}"

    return {
        "outcome": str(row["outcome"]),
        "agency": str(row["agency"]),
        "price": pounds(row["cost_per_year"]),
        "years": number(row["years_needed"]),
        "share": percent(row["share_of_business_as_usual"]),
        "people": number(row["people_needed"]),
        "years_expected": number(row["years_expected"]),
        "people_expected": number(row["people_expected"]),
        "chance": "–" if np.isnan(row["chance"]) else chance(row["chance"]),
    }


def _balance(result: Appraisal, option: str) -> dict[str, Any]:
    frame = result.balance(option)
    rows = [
        (r["agency"], (r["delivery"], r["costs_avoided"], r["funding"]))
        for r in frame.sort_values("net", ascending=False).to_dict("records")
    ]
    table = cast_table(["Delivery", "Costs avoided", "Funding"], rows)
    intervals = {r["agency"]: (r["net_p10"], r["net_p90"]) for r in frame.to_dict("records")}
    npv = result.measure("npv_fiscal", option)
    shown = [
        {
            "agency": name,
            "cells": [pounds(c) for c in cells],
            "net": pounds(cells[1] - cells[0] + cells[2]),
            "interval": f"{pounds(intervals[name][0])} to {pounds(intervals[name][1])}",
        }
        for name, cells in table.rows
    ]
    total = table.total
    return {
        "rows": shown,
        "total": [pounds(c) for c in total],
        "net": pounds(total[1] - total[0] + total[2]),
        "interval": f"{pounds(npv['p10_with_chance'])} to {pounds(npv['p90_with_chance'])}",
    }


def _agency(result: Appraisal, agency: str, break_even: pd.DataFrame) -> dict[str, Any]:
    label = agency_label(agency)
    bau = result.ledger.business_as_usual(agency)
    return {
        "name": agency,
        "label": label,
        "bau": pounds(bau.sum(axis=0).mean()),
        "bau_family": pounds(bau.sum(axis=0).mean() / result.family_years.sum()),
        "lines": _agency_lines(result, agency),
        "options": [_agency_option(result, agency, option, break_even) for option in result.options],
    }


def _agency_lines(result: Appraisal, agency: str) -> dict[str, Any]:
    rows = []
    first = result.options[0]
    for i, line in enumerate(result.ledger.lines):
        if line.agency == agency and line.flow == "costs_avoided" and line.value_type == "fiscal":
            avoided = result.ledger.amounts[i, 0].sum(axis=0).mean()
            spent = result.ledger.spending[i].sum(axis=0).mean()
            way = {"outcome_chain": " (outcome chain)", "own_entry": " (claimed)"}.get(line.basis, "")
            if spent or avoided:
                rows.append((line.line + way, (spent, avoided)))
    rows.sort(key=lambda row: -row[1][0])
    table = cast_table(["Business as usual", "Costs avoided"], rows)
    return {
        "option": result.ledger.label(first),
        "rows": [(name, [pounds(c) for c in cells]) for name, cells in table.rows],
        "total": [pounds(c) for c in table.total],
    }


def _agency_option(result: Appraisal, agency: str, option: str, break_even: pd.DataFrame) -> dict[str, Any]:
    ledger = result.ledger
    flows = {f: ledger.flow(option, f, agency) for f in ("delivery", "costs_avoided", "funding")}
    rows = [
        (year, tuple(flows[f][y].mean() for f in ("delivery", "costs_avoided", "funding")))
        for y, year in enumerate(result.years)
    ]
    table = cast_table(["Delivery", "Costs avoided", "Funding"], rows)
    turned_out = result.turned_out.net(option, agency)
    low, high = np.quantile(turned_out, [0.1, 0.9], axis=1)
    cumulative = 0
    shown = []
    for (year, cells), p10, p90 in zip(table.rows, low, high, strict=True):
        cash = cells[1] - cells[0] + cells[2]
        cumulative += cash
        shown.append(
            {
                "year": year,
                "cells": [pounds(c) for c in cells],
                "net": pounds(cash),
                "cumulative": pounds(cumulative),
                "interval": f"{pounds(p10)} to {pounds(p90)}",
            }
        )
    total = table.total
    pays = bool(flows["delivery"].any()) or bool((flows["funding"] < 0).any())
    odds = result.measure("probability_net_positive", option, agency)
    npv = result.measure("npv_fiscal", option, agency)
    payback = np.asarray(payback_year(turned_out.T))
    middle = min(4, len(result.years) - 1)
    by_years = [
        (result.years[y], chance(float((payback <= y).mean())))
        for y in dict.fromkeys((0, middle, len(result.years) - 1))
    ]
    mine = break_even[
        (break_even["option"] == option) & (break_even["agency"] == agency_label(agency))
    ].to_dict("records")
    streams = {
        FUNDING_STREAMS[line.funding_stream]
        for i, line in enumerate(ledger.lines)
        if line.agency == agency
        and line.flow == "delivery"
        and ledger.amounts[i, ledger.options.index(option)].any()
    }
    own_cost = float(flows["delivery"].sum(axis=0).mean())
    total_cost = float(ledger.flow(option, "delivery").sum(axis=0).mean())
    return {
        "label": ledger.label(option),
        "rows": shown,
        "total": [pounds(c) for c in total],
        "net": pounds(total[1] - total[0] + total[2]),
        "pays": pays,
        "streams": ", ".join(sorted(streams)),
        "npv": supported(npv["mean"], npv["mc_error"]),
        **_limits(npv),
        "chance": chance(odds["mean_with_chance"]),
        "by_years": by_years if pays else [],
        "must_believe": [
            _must_believe(row, own_cost / total_cost if pays and total_cost > 0 else 1.0, pays)
            for row in mine
            if np.isfinite(row["years_needed"])
        ],
    }


def _must_believe(row: Mapping[Any, Any], share: float, pays: bool) -> str:
    """Say what an agency must believe for the option to pay it back."""
    years = float(row["years_needed"]) * share
    people = float(row["people_needed"]) * share
    what = str(row["outcome"])
    whose = "its own spending" if pays else "the whole cost of the option"
    in_all = _bau_years(row)
    if years > in_all:
        return (
            f"It cannot be paid back by {what} alone: that would take {years:,.0f} person-years to cover "
            f"{whose}, and business as usual has {in_all:,.0f}."
        )
    text = f"To cover {whose} from {what} alone: {years:,.1f} person-years"
    if np.isfinite(people) and abs(people - years) > 0.05:
        text += f", about {people:,.1f} {what}"
    expected = float(row["years_expected"])
    return (
        f"{text} over the horizon, {percent(years / in_all)} of business as usual. "
        f"Expected here: {expected:,.1f} person-years. One person-year costs this agency "
        f"{pounds(row['cost_per_year'])}."
    )


def _bau_years(row: Mapping[Any, Any]) -> float:
    share = float(row["share_of_business_as_usual"])
    return float(row["years_needed"]) / share if share > 0 else float("nan")


def _plausibility(result: Appraisal) -> dict[str, Any]:
    frame = result.plausibility()
    agencies = frame[frame["agency"] != agency_label(ALL_AGENCIES)]
    table = cast_table(
        ["First year", "Mean year"],
        [(r["agency"], (r["first_year"], r["mean_year"])) for r in agencies.to_dict("records")],
    )
    every = frame[frame["agency"] == agency_label(ALL_AGENCIES)].iloc[0]
    splits = list(dict.fromkeys(s.split for s in result.agency_shares))
    published = {(s.split, agency_label(s.agency)): percent(s.share) for s in result.agency_shares}
    own = dict(zip(frame["agency"], frame["share"], strict=True))
    return {
        "rows": [
            (
                name,
                [pounds(c) for c in cells],
                [percent(own[name]), *(published.get((split, name), "") for split in splits)],
            )
            for name, cells in table.rows
        ],
        "splits": splits,
        "split_notes": list(
            dict.fromkeys(
                f"{s.split}: {s.source}. {s.note}"
                for s in result.agency_shares
                if not s.note.startswith("As for")
            )
        ),
        "notes": result.plausibility_notes(),
        "total": [pounds(c) for c in table.total],
        "interval": f"{pounds(every['first_year_p10'])} to {pounds(every['first_year_p90'])}",
        "benchmarks": [
            {
                "label": b.label,
                "published": pounds(b.published),
                "base": b.published_price_base,
                "now": pounds(b.at_price_base),
                "share": percent(table.total[0] / b.at_price_base),
                "source": b.source,
                "note": b.note,
            }
            for b in result.benchmarks
        ],
        "pathways": ", ".join(dict.fromkeys(r.pathway_label.lower() for r in result.activity.reported)),
    }


def _effects(result: Appraisal) -> list[dict[str, str]]:
    rows, seen = [], set()
    for e in result.effects:
        if (e.key, e.ratio) in seen:
            continue
        seen.add((e.key, e.ratio))
        printed = "–"
        if e.published_without is not None and e.published_with is not None:
            printed = f"{e.published_without:.1%} to {e.published_with:.1%}"
        model = "–"
        if e.model_without is not None and e.model_with is not None:
            model = f"{e.model_without:.2%} to {e.model_with:.2%}"
        rows.append(
            {
                "label": e.label,
                "outcome": e.outcome,
                "printed": printed,
                "model": model,
                "ratio": "–" if e.ratio is None else f"{e.ratio:.3f}",
                "hazard": "–" if e.hazard_ratio is None else f"{e.hazard_ratio:.3f}",
                "none": percent(e.probability_no_effect),
                "design": e.design.replace("_", " "),
                "source": e.source,
                "mark": e.mark,
            }
        )
    return rows


def _journey(journey: Journey) -> dict[str, Any]:
    rows = [
        (
            f"{line.what} ({line.quantity:g} × {pounds(line.original_value)}, {line.original_price_base}, "
            f"{line.unit_cost.removeprefix('unit_cost.')})",
            (line.amount,),
        )
        for line in journey.lines
    ]
    table = cast_table(["Amount"], rows)
    split = cast_table(["Amount"], [(agency_label(a), (v,)) for a, v in journey.by_agency().items()])
    return {
        "label": journey.label,
        "period": journey.period,
        "price_base": journey.price_base,
        "index": journey.index,
        "note": journey.note,
        "rows": [
            (name, agency_label(line.agency), pounds(cells[0]))
            for (name, cells), line in zip(table.rows, journey.lines, strict=True)
        ],
        "total": pounds(table.total[0]),
        "agencies": [
            (name, pounds(cells[0]), percent(cells[0] / split.total[0])) for name, cells in split.rows
        ],
        "published": None if journey.published is None else pounds(journey.published),
        "residual": None if journey.published is None else pounds(journey.published - table.total[0]),
        "residual_share": None
        if journey.residual is None
        else percent(journey.residual / (journey.published or np.nan)).replace("-", "−"),
        "published_source": journey.published_source,
        "published_note": journey.published_note,
    }


def journey_break_even(journeys: Sequence[Journey]) -> dict[str, str] | None:
    """Return the fall in escalation that pays for support, in its two readings.

    Parameters
    ----------
    journeys : sequence of Journey
        Used where exactly two have a published figure: the cheaper is support.

    Returns
    -------
    dict or None
        ``added``: the cheaper is an added cost and a family that does not escalate costs nothing
        more. ``either_way``: such a family costs as much without support.
    """
    published = sorted(j.published for j in journeys if j.published)
    if len(published) != 2:
        return None
    support, escalating = published
    return {
        "support": pounds(support),
        "escalating": pounds(escalating),
        "added": f"{100 * support / escalating:.2f}",
        "either_way": f"{100 * support / (escalating - support):.2f}",
    }

"""The deal: a page for each rule that a partner's director could sign, and how the rules compare."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from communitybudget._core.cards import footer
from communitybudget._core.chances import chance
from communitybudget._core.digits import counted, pounds, round_to, supported
from communitybudget._core.vocabulary import FUNDING_STREAMS, agency_label
from communitybudget.agreement.pence import FloatArray, IntArray, round_together, to_pounds
from communitybudget.case import Agreement, Agreements, Appraisal
from communitybudget.case.agreement import CONVENTIONS
from communitybudget.charts import figure_bytes, money, plot_before_and_after
from communitybudget.reporting.figures import Drawing
from communitybudget.reporting.tables import cast_table, percent
from communitybudget.sensitivity import monte_carlo_error

_WIDE = 6
"""Up to so many years what is paid and what is had back stand beside each other."""
PAYS, HAS_BACK = "Pays for the programme", "Has back of the gains of others (−: pays over of its own)"


@dataclass(frozen=True, slots=True)
class Deal:
    """The agreement of a case under each of its rules, with a chart of each.

    Parameters
    ----------
    agreements : Agreements
    charts : tuple of Drawing
        In the order of the rules that are settled.
    """

    agreements: Agreements
    charts: tuple[Drawing, ...]

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables of the folder by file name."""
        return {
            "agreement.csv": self.agreements.to_frame(),
            "agreement_by_year.csv": self.agreements.by_year(),
            "pooled_fund.csv": self.agreements.fund(),
        }


def deal_of(result: Appraisal) -> Deal | None:
    """Settle the agreement of a case under each of its rules; None where the case has none."""
    if result.case.spec.agreement is None:
        return None
    agreements = result.agreements()
    return Deal(agreements, tuple(_chart(one) for one in agreements.agreements))


def _chart(one: Agreement) -> Drawing:
    frame = one.to_frame()
    frame["agency"] = [agency_label(agency) for agency in frame["agency"]]
    words = "; ".join(
        f"{row['agency']}: {money(row['before'])} without, {money(row['after'])} with, in one case of ten "
        f"{money(row['after_p10'])} or less"
        for row in frame.to_dict("records")
    )
    title = f"Without and with the agreement: {one.label}"
    axes = plot_before_and_after(frame, price_base=one.price_base, title=title)
    # no picture beside it: the pages of many rules would take long
    svg = figure_bytes(axes.figure, "svg")
    return Drawing(f"agreement_{one.name}", title, f"Present values over the term, means. {words}.", svg)


def section_context(deal: Deal | None) -> dict[str, Any] | None:
    """Return the short section of the report that compares the rules."""
    if deal is None:
        return None
    agreements = deal.agreements
    # parties that join under one rule alone stand on its page
    partners = _partners_of_all(agreements.agreements)
    rows = []
    for one in agreements.agreements:
        after = one.settlement.present_values()
        likely = one.settlement.no_worse_off()
        places = [one.partners.index(partner) for partner in partners]
        rows.append(
            {
                "name": one.name,
                "rule": one.label,
                "cells": [(_supported(after[a]), chance(float(likely[a]))) for a in places],
                "nobody": chance(one.settlement.nobody_worse_off()),
            }
        )
    return {
        "option": agreements.option_label,
        "partners": [agency_label(partner) for partner in partners],
        "rows": rows,
        "refused": [{"rule": r.label, "why": r.why.split("; ")} for r in agreements.refused],
        "words": _comparison(agreements, partners),
    }


def _partners_of_all(agreements: Sequence[Agreement]) -> list[str]:
    """Return the partners who are party to every rule that is settled."""
    if not agreements:
        return []
    return [p for p in agreements[0].partners if all(p in one.partners for one in agreements)]


def _comparison(agreements: Agreements, partners: Sequence[str]) -> str:
    """Say what the rules have in common and which leaves nobody worse off most often."""
    if not agreements.agreements:
        return "No rule can be settled between these partners."
    first = agreements.agreements[0]
    before = first.settlement.present_values(agreed=False).sum(axis=0)
    likely = [one.settlement.nobody_worse_off() for one in agreements.agreements]
    best = agreements.agreements[int(np.argmax(likely))]
    return (
        f"An agreement moves money and makes none: over {counted(len(first.settlement.years), 'year')} the "
        f"{len(partners)} partners together come to {_supported(before)} on average, whatever the rule, and "
        f"to nil or better in {chance(float((before >= 0).mean()))} of cases; less where a fund holds money "
        f"back, which earns nothing. No rule can leave all of them no worse off more often than that. The "
        f"one that does so most often is “{best.label}”: {chance(max(likely))}."
    )


def agreement_context(result: Appraisal, deal: Deal) -> dict[str, Any]:
    """Return everything that the page of agreements shows: text and tables only."""
    agreements = deal.agreements
    pages = [_page(one, chart, result) for one, chart in zip(agreements.agreements, deal.charts, strict=True)]
    return {
        "title": result.title,
        "place": result.place,
        "option": agreements.option_label,
        "foot": footer(result.price_base, result.seed, result.draws, result.set_version),
        "price_base": result.price_base,
        "pages": pages,
        "deal": section_context(deal),
        "conventions": CONVENTIONS,
    }


def _page(one: Agreement, chart: Drawing, result: Appraisal) -> dict[str, Any]:
    settlement, frame = one.settlement, one.to_frame()
    years = settlement.years
    return {
        "name": one.name,
        "rule": one.label,
        "gross": one.gross,
        "term": f"{years[0]} to {years[-1]}" if len(years) > 1 else years[0],
        "length": counted(len(years), "year"),
        "parties": [agency_label(partner) for partner in one.partners],
        "words": _in_short(one),
        "partners": _partner_table(one, frame),
        "before_signing": _before_signing(frame, one.confidence, settlement.rounding),
        "confidence": percent(one.confidence),
        "schedule": _schedule(one),
        "fund": _fund(one),
        "nets": one.nets_to_nil,
        "draws": f"{one.draws:,}",
        "nobody": chance(settlement.nobody_worse_off()),
        "terms": settlement.terms,
        "sheet": _sheet(one),
        "aside": _aside(one, result),
        "chart": chart.embedded(),
    }


def _in_short(one: Agreement) -> str:
    """Say in plain words what the agreement comes to."""
    settlement, positions = one.settlement, one.settlement.positions

    def together(pence: IntArray) -> str:
        return _supported(positions.present_value(pence).sum(axis=0) / 100)

    spends = positions.present_value(positions.spending).mean(axis=-1)
    payers = [agency_label(a) for a, spent in zip(one.partners, spends, strict=True) if spent > 0]
    before = settlement.present_values(agreed=False).sum(axis=0)
    who = f", which {_and(payers)} would pay alone" if payers else ""
    return (
        f"The programme costs {together(positions.spending)}{who}. Over the "
        f"term the parties together gain {together(positions.gains)} on average, of which "
        f"{together(positions.cash)} is cash that can leave a budget; the rest frees time and places, and "
        f"what is paid out of it has to be found elsewhere. Under this rule "
        f"{together(np.maximum(settlement.transfers, 0))} changes hands. Together they come to "
        f"{_supported(before)} on average, with or without an agreement, and to nil or better in "
        f"{chance(float((before >= 0).mean()))} of cases.{_cost_of_waiting(one)} The chance that no party at "
        f"all is worse off than without the programme is {chance(settlement.nobody_worse_off())}."
    )


def _cost_of_waiting(one: Agreement) -> str:
    """Say what it costs in present value that the fund holds money back, where it does."""
    if not one.settlement.held.any():
        return ""
    lost = one.settlement.present_values(agreed=False) - one.settlement.present_values()
    return f" Money that waits in the fund earns nothing, which costs them {_supported(lost.sum(axis=0))}."


def _supported(values: FloatArray) -> str:
    """Return the mean over draws in pounds, with no more digits than its Monte Carlo error supports."""
    return supported(float(values.mean()), float(monte_carlo_error(values)) if values.size > 1 else 0.0)


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _partner_table(one: Agreement, frame: pd.DataFrame) -> dict[str, Any]:
    """Return what each party comes to: amounts cast, percentiles and chances beside them."""
    positions = one.settlement.positions
    own = [positions.present_value(flow).mean(axis=1) / 100 for flow in (positions.gains, positions.cash)]
    amounts = np.column_stack(
        [frame["spending"], *own, frame["before"], frame["contribution"], frame["after"]]
    )
    labels = [agency_label(agency) for agency in frame["agency"]]
    cast = cast_table([""] * amounts.shape[1], list(zip(labels, amounts.tolist(), strict=True)))
    rows = []
    for (label, cells), row in zip(cast.rows, frame.to_dict("records"), strict=True):
        rows.append(
            {
                "label": label,
                **_cast_cells(cells),
                "before_p10": pounds(row["before_p10"]),
                "after_p10": pounds(row["after_p10"]),
                "at_least": pounds(row["after_at_least"]),
                "chance": chance(row["probability_no_worse_off"]),
                "chance_before": chance(row["probability_no_worse_off_before"]),
                "even": row["break_even_after"] or "–",
                "cash": pounds(row["cash_after"]),
            }
        )
    return {"rows": rows, "total": _cast_cells(cast.total)}


def _cast_cells(cells: Sequence[float]) -> dict[str, Any]:
    *without, pays, net = (pounds(cell) for cell in cells)
    return {"without": without, "pays": pays, "net": net}


def _before_signing(frame: pd.DataFrame, confidence: float, rounding: float) -> str:
    """Name the parties that are worse off on average, less sure than they ask to be, or short of cash."""
    unlike = (
        ("Worse off on average", frame["after"] < -rounding),
        (
            f"Less than {percent(confidence)} likely to be no worse off",
            frame["probability_no_worse_off"] < confidence,
        ),
        (
            "Better off on average and yet out of pocket, since not all that is gained is cash",
            (frame["after"] >= 0) & (frame["cash_after"] < -rounding),
        ),
    )
    told = []
    for words, are in unlike:
        names = [agency_label(agency) for agency in frame["agency"][are]]
        if names:
            told.append(f"{words}: {'every party' if len(names) == len(frame) else _and(names)}.")
    return " ".join(told)


def _schedule(one: Agreement) -> dict[str, Any]:
    """Return what each party pays and has back by year, undiscounted means in whole pounds."""
    settlement = one.settlement
    labels = [agency_label(partner) for partner in one.partners]
    flows = (settlement.contributed, settlement.paid_out - settlement.paid_in)
    means = [to_pounds(flow).mean(axis=2) for flow in flows]
    busy = [a for a in range(len(labels)) if any(mean[a].any() for mean in means)]
    tables = []
    for title, mean in zip((PAYS, HAS_BACK), means, strict=True):
        totals = np.rint(mean.sum(axis=0)).astype(np.int64)
        cells = round_together(mean[busy], totals).tolist() if busy else []
        rows = [
            {"label": labels[a], "cells": [*map(pounds, own)], "sum": pounds(sum(own))}
            for a, own in zip(busy, cells, strict=True)
        ]
        total = {"cells": [*map(pounds, totals.tolist())], "sum": pounds(int(totals.sum()))}
        tables.append({"title": title, "rows": rows, "total": total})
    return {
        "years": settlement.years,
        "tables": tables,
        "beside": len(settlement.years) <= _WIDE,
        "idle": [label for a, label in enumerate(labels) if a not in busy],
    }


def _fund(one: Agreement) -> dict[str, Any]:
    """Return the statement of the pooled fund in whole pounds; rounding stays with the gains."""
    frame = one.settlement.fund()
    rounded = {
        name: [round_to(v) for v in frame[name]]
        for name in ("contributions", "gains_paid_in", "programme", "closing")
    }
    opening = [0, *rounded["closing"][:-1]]
    comes_in = zip(opening, rounded["contributions"], rounded["gains_paid_in"], strict=True)
    goes_out = zip(rounded["programme"], rounded["closing"], strict=True)
    paid_out = [sum(i) - sum(o) for i, o in zip(comes_in, goes_out, strict=True)]
    for y, mean in enumerate(frame["gains_paid_out"]):
        if not mean:  # where nothing is paid out, what rounding leaves was never paid in
            rounded["gains_paid_in"][y] -= paid_out[y]
            paid_out[y] = 0
    lines = (
        ("In hand at the start of the year", opening, 1, False),
        ("Paid in for the programme", rounded["contributions"], 1, True),
        ("Paid in out of gains", rounded["gains_paid_in"], 1, True),
        ("Programme, paid to those who run it", rounded["programme"], -1, True),
        ("Paid out of gains to the parties", paid_out, -1, True),
        ("In hand at the end of the year", rounded["closing"], 1, False),
    )
    rows = [
        {
            "label": label,
            "cells": [pounds(sign * cell) for cell in cells],
            "sum": pounds(sign * sum(cells)) if flows else "",
        }
        for label, cells, sign, flows in lines
    ]
    return {"years": list(frame["year"]), "rows": rows}


def _sheet(one: Agreement) -> list[tuple[str, str]]:
    """Return the heads of the term sheet that the case fills, and what stands under each."""
    sheet = one.sheet
    by_kind: dict[str, list[str]] = {"pooled": [], "aligned": []}
    for source in sheet.sources:
        stream = FUNDING_STREAMS[source.funding_stream]
        by_kind[source.kind].append(f"{agency_label(source.agency)} ({stream})")
    kinds = {"pooled": "Pooled in one fund", "aligned": "Aligned, paid out of the partner's own budget"}
    sources = [f"{kinds[kind]}: {', '.join(names)}." for kind, names in by_kind.items() if names]
    heads = (
        ("Sources", " ".join(sources)),
        ("Lead, and host of the fund", f"{agency_label(sheet.host)}." if sheet.host else ""),
        ("Milestones", " ".join(f"{year}: {what}." for year, what in sheet.milestones)),
        ("Reinvestment", sheet.reinvestment),
        ("Review", sheet.review),
        ("Exit", sheet.exit),
    )
    return [(head, text) for head, text in heads if text]


def _aside(one: Agreement, result: Appraisal) -> list[tuple[str, str]]:
    """Return what stands under the terms: who is no party, whose terms these are, what prices mean."""
    found = []
    if one.outside:
        kept = ", ".join(f"{agency_label(other.agency)} {pounds(other.keeps)}" for other in one.outside)
        found.append(("Not party to it", f"They pay nothing in and keep what they have: {kept}."))
    if one.sheet.source:
        citation = result.case.parameters.citation(one.sheet.source)
        words = f"{one.sheet.mark.capitalize()} ({citation}). The business case lists each number among its "
        found.append(("Whose terms", f"{words}assumptions, with its source."))
    prices = (
        f"Real, {one.price_base}; a payment is made in the money of its year, by the price index. Present "
        f"values are those of {one.settlement.years[0]}, {_schedule_words(result)}."
    )
    return [*found, ("Prices", prices)]


def _schedule_words(result: Appraisal) -> str:
    if isinstance(result.schedule, float):
        return f"discounted at {percent(result.schedule, 1)} a year"
    return f"discounted by {result.schedule.replace('_', ' ')}"

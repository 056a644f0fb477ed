"""Whether actuals fit an appraisal, and count no family twice."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from communitybudget._core.errors import Fault, PriceBaseMismatch, did_you_mean
from communitybudget._core.vocabulary import BAU
from communitybudget.case.actuals import MONEY, ActualRow, Actuals, ActualsError
from communitybudget.case.appraisal import Appraisal
from communitybudget.simulation import Activity, ReportedCount

Placed = tuple[str, ActualRow]
"""Name of the batch, and a row of it."""


def check_actuals(appraisal: Appraisal, option: str, batches: Sequence[Actuals]) -> None:
    """Refuse actuals that do not fit, or in which a family or a figure would count twice.

    Raises
    ------
    ActualsError
        With every fault.
    """
    faults = _batches_twice(batches)
    placed = [(batch.name, row) for batch in batches for row in batch.rows]
    faults += [fault for name, row in placed for fault in _misfits(appraisal, option, name, row)]
    if not faults:
        faults = [
            *_cohorts_that_change(placed),
            *_seen_twice(appraisal, placed),
            *_more_than_enrolled(appraisal, placed),
        ]
    if faults:
        raise ActualsError(faults)


def reported(activity: Activity, outcome: str) -> ReportedCount:
    """Return the reported count that an outcome with its pathway names."""
    return next(count for count in activity.reported if count.id == outcome)


def is_time(activity: Activity, count: ReportedCount) -> bool:
    """Whether a reported count is time in a state, and no number of events."""
    return any(activity.counts[row].kind == "months" for row in count.rows)


def enrolled(batches: Sequence[Actuals]) -> dict[str, int]:
    """Return the families of each cohort that is offered the programme."""
    rows = (row for batch in batches for row in batch.rows)
    return {row.cohort: row.families for row in rows if row.option != BAU}


def _batches_twice(batches: Sequence[Actuals]) -> list[Fault]:
    faults = []
    names: set[str] = set()
    digests: dict[str, str] = {}
    for batch in batches:
        if batch.digest in digests:
            what = f"holds the very figures of the batch '{digests[batch.digest]}'"
            faults.append(Fault(batch.name, "", what, "learn from each batch once"))
        elif batch.name in names:
            what = "is the name of two batches"
            faults.append(
                Fault(batch.name, "", what, "learn from each batch once, or give each its own name")
            )
        names.add(batch.name)
        digests.setdefault(batch.digest, batch.name)
    return faults


def _misfits(appraisal: Appraisal, option: str, name: str, row: ActualRow) -> Iterator[Fault]:
    def fault(column: str, what: str, remedy: str) -> Fault:
        return Fault(name, column, what, remedy, row.line)

    activity = appraisal.activity
    if row.option not in (option, BAU):
        yield fault("option", f"is not '{option}', which is learnt of", f"use {option}, or {BAU} for others")
    ids = [count.id for count in activity.reported]
    if row.is_money:
        if row.option == BAU:
            yield fault("outcome", "is money of families of a comparison group", "give counts of them")
        if row.is_money and not row.gross and row.agency not in appraisal.ledger.agencies:
            agencies = ", ".join(appraisal.ledger.agencies)
            yield fault("agency", "bears no line of this case", f"use one of {agencies}")
        if row.gross and row.sd is not None:
            yield fault(
                "sd",
                "would let GROSS costs avoided teach the effects, which are against a counterfactual",
                "say what they were compared with under counterfactual, or leave sd blank",
            )
        try:
            appraisal.model.index.factor(row.price_base, appraisal.price_base)
        except PriceBaseMismatch as error:
            what, _, remedy = str(error).rpartition("; ")
            yield fault("price_base", what, remedy)
    elif row.outcome not in ids:
        yield fault(
            "outcome", "is no count that this case reports", did_you_mean(row.outcome, [*ids, *MONEY])
        )
    elif not is_time(activity, reported(activity, row.outcome)):
        if row.amount != int(row.amount):
            yield fault("amount", "is no whole number of events", "count the events")
        if row.sd is not None:
            yield fault("sd", "belongs to time and money: chance of events is known", "leave it blank")
    if row.year and row.year not in appraisal.years:
        yield fault(
            "year", "lies outside the years of the case", f"use {' or '.join(appraisal.years[:2])} ..."
        )
    elif row.months(appraisal.years)[1] > 12 * len(appraisal.years):
        yield fault(
            "to_month", "lies beyond the horizon of the case", "lengthen the case, or shorten the row"
        )


def _cohorts_that_change(placed: Sequence[Placed]) -> Iterator[Fault]:
    first: dict[str, ActualRow] = {}
    for name, row in placed:
        known = first.setdefault(row.cohort, row)
        if (known.families, known.option) != (row.families, row.option):
            yield Fault(
                name,
                "cohort",
                "is a label that stands for another number of families, or another option, elsewhere",
                "give each group of families its own label, and all its rows the same families and option",
                row.line,
            )


def _seen_twice(appraisal: Appraisal, placed: Sequence[Placed]) -> Iterator[Fault]:
    for (_, one), (name, other) in combinations(placed, 2):
        if one.cohort != other.cohort or not _meet(one, other, appraisal.years):
            continue
        what = _shared(appraisal.activity, one, other)
        if what:
            remedy = "keep one of the two, or months that do not meet"
            yield Fault(
                name, "outcome", f"{what}, for the same families (line {one.line})", remedy, other.line
            )


def _meet(one: ActualRow, other: ActualRow, years: tuple[str, ...]) -> bool:
    (a, b), (c, d) = one.months(years), other.months(years)
    return a <= d and c <= b


def _shared(activity: Activity, one: ActualRow, other: ActualRow) -> str:
    """Return what two rows of the same families and months would count twice; empty where nothing."""
    if one.is_money != other.is_money:
        if "costs_avoided" in (one.outcome, other.outcome):
            return "costs avoided and the counts that they come from stand side by side"
        return ""
    if one.is_money:
        same = (one.outcome, one.agency) == (other.outcome, other.agency)
        return "the same money is there twice for some months" if same else ""
    if one.outcome == other.outcome:
        return "the same outcome is there twice for some months"
    rows = [set(reported(activity, row.outcome).rows) for row in (one, other)]
    return "two outcomes count the same events in some months" if rows[0] & rows[1] else ""


def _more_than_enrolled(appraisal: Appraisal, placed: Sequence[Placed]) -> Iterator[Fault]:
    cohorts = {row.cohort: row.families for _, row in placed if row.option != BAU}
    seen = sum(cohorts.values())
    if seen > appraisal.families:
        yield Fault(
            placed[-1][0],
            "families",
            f"come to {seen:,} over all cohorts and {appraisal.families:,.10g} are enrolled in the case",
            "correct the families, or check that no family is in two cohorts",
        )

"""An agency's own outturn: read from a file beside the case, brought to the case's prices."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from communitybudget._core.errors import (
    Fault,
    FaultsError,
    ParameterSetError,
    PriceBaseMismatch,
    did_you_mean,
)
from communitybudget._core.vocabulary import AGENCIES
from communitybudget._core.years import first_calendar_year, parse_year
from communitybudget.ledger.guards import BudgetLine
from communitybudget.parameters import PriceIndex
from communitybudget.parameters.tables import number, read_rows

REQUIRED_COLUMNS: tuple[str, ...] = ("agency", "line", "year", "amount")
OPTIONAL_COLUMNS: tuple[str, ...] = ("covers", "price_base", "planned_saving", "owner", "source")


class BudgetError(FaultsError):
    """A file of outturn with faults; all of them are listed."""


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """One row of the file: a budget line in one year.

    Parameters
    ----------
    agency, line : str
        Whose, and what the agency calls it.
    year : str
        Financial year.
    amount : float
        GBP at ``price_base``, which is the year itself unless the row says otherwise.
    covers : tuple of str
        Lines of the ledger that it pays for; the line of the same name if none is given.
    price_base : str
        Financial year of the prices.
    planned_saving : float or None
        GBP to be taken out in that year; None where nothing is planned.
    owner, source : str
        Who answers for it, and where the figure is from.
    file, number : str, int
        Where the row is.
    """

    agency: str
    line: str
    year: str
    amount: float
    covers: tuple[str, ...]
    price_base: str
    planned_saving: float | None
    owner: str
    source: str
    file: str
    number: int


def read_budget(path: Path, name: str = "") -> tuple[BudgetRow, ...]:
    r"""Return the rows of a file of outturn.

    Parameters
    ----------
    path : Path
        CSV in UTF-8 with the columns ``agency, line, year, amount`` and, where needed, ``covers``
        (lines of the ledger, separated by semicolons)``, price_base, planned_saving, owner, source``.
    name : str, optional
        What messages call the file.

    Raises
    ------
    BudgetError
        With every fault of the file: line, key, what is wrong and what to do.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "budget.csv"
    >>> _ = file.write_text('agency,line,year,amount\nlocal_authority,Foster care,2024-25,"1,250,000"\n')
    >>> read_budget(file)[0].amount
    1250000.0
    """
    name = name or path.name
    try:
        rows = list(read_rows(path))
    except FileNotFoundError:
        raise BudgetError([Fault(name, "", "is not there", "correct the name, or leave it out")]) from None
    except ParameterSetError as fault:
        raise BudgetError([replace(f, file=name) for f in fault.faults]) from fault
    if not rows:
        raise BudgetError([Fault(name, "", "has no rows", "give at least one, or leave the file out", 1)])
    known = (*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS)
    header = set(rows[0][1])
    faults = [Fault(name, "", f"has no column {c}", "add it", 1) for c in REQUIRED_COLUMNS if c not in header]
    faults += [
        Fault(name, "", f"has a column '{c}' that is not known", did_you_mean(c, known), 1)
        for c in sorted(header - set(known))
    ]
    if faults:
        raise BudgetError(faults)
    found: list[BudgetRow] = []
    for place, row in rows:
        if any(row.values()):
            made = _row(row, name, place, faults)
            if made is not None:
                found.append(made)
    faults += faults_between_rows(found)
    if faults:
        raise BudgetError(faults)
    return tuple(found)


def faults_between_rows(rows: Sequence[BudgetRow]) -> list[Fault]:
    """Return the budget lines that stand twice for one year, and ledger lines that two of them hold."""
    faults: list[Fault] = []
    first: dict[tuple[str, str, str], int] = {}
    for row in rows:
        key = (row.agency, row.line, row.year)
        if key in first:
            what = f"{row.year} is there twice (first on line {first[key]})"
            faults.append(Fault(row.file, row.line, what, "keep one row", row.number))
        first.setdefault(key, row.number)
    return faults + _held_twice(rows)


def _row(row: dict[str, str], name: str, place: int, faults: list[Fault]) -> BudgetRow | None:
    before, key = len(faults), row["line"]

    def fault(what: str, remedy: str) -> None:
        faults.append(Fault(name, key, what, remedy, place))

    if row["agency"] not in AGENCIES:
        fault(f"'{row['agency'][:40]}' is no agency", did_you_mean(row["agency"], AGENCIES))
    if not key:
        fault("the row names no budget line", "name it")
    years = {}
    for column in ("year", "price_base"):
        text = row.get(column, "")
        try:
            years[column] = parse_year(text) if text or column == "year" else ""
        except ValueError:
            fault(f"{column} is '{text[:40]}' and no financial year", "write it like 2025-26")
    numbers = {}
    for column in ("amount", "planned_saving"):
        text = row.get(column, "")
        try:
            numbers[column] = number(text)
        except ValueError:
            fault(f"{column} is '{text[:40]}' and no number", "write it like 1250000 or 1,250,000.50")
    if numbers.get("amount", 0.0) is None:
        fault("the amount is blank; unknown is not zero", "fill it in or drop the row")
    for column, value in numbers.items():
        if value is not None and value < 0:
            fault(f"{column} is negative", "give what is spent, and what is to be saved, as positive")
    amount, planned = numbers.get("amount"), numbers.get("planned_saving")
    if amount is not None and planned is not None and planned > amount:
        fault(
            f"the planned saving of {planned:,.0f} is more than the budget of {amount:,.0f}",
            "nobody can save more than is spent: correct one of the two",
        )
    if len(faults) > before or amount is None:
        return None
    covers = tuple(text.strip() for text in row.get("covers", "").split(";") if text.strip())
    return BudgetRow(
        row["agency"],
        key,
        years["year"],
        amount,
        covers or (key,),
        years["price_base"] or years["year"],
        planned,
        row.get("owner", ""),
        row.get("source", ""),
        name,
        place,
    )


def _held_twice(rows: Sequence[BudgetRow]) -> list[Fault]:
    """Return the ledger lines that two budget lines of an agency both claim to pay for."""
    faults: list[Fault] = []
    holder: dict[tuple[str, str], BudgetRow] = {}
    for row in rows:
        for line in row.covers:
            other = holder.setdefault((row.agency, line), row)
            if other.line != row.line:
                what = f"covers '{line}', as '{other.line}' does (line {other.number})"
                faults.append(Fault(row.file, row.line, what, "let one of the two hold it", row.number))
    return faults


def budget_lines(
    rows: Sequence[BudgetRow], years: Sequence[str], price_base: str, index: PriceIndex
) -> tuple[BudgetLine, ...]:
    """Bring rows of outturn to the years and prices of a case.

    Parameters
    ----------
    rows : sequence of BudgetRow
        From `read_budget`.
    years : sequence of str
        Financial years of the case.
    price_base : str
        Of the case.
    index : PriceIndex
        By which amounts are uprated.

    Returns
    -------
    tuple of BudgetLine
        A year without an outturn takes that of the last year before it that has one, in real terms;
        years before the first take the first. Planned savings stand in their own years alone.

    Raises
    ------
    BudgetError
        With every row whose price base the index does not reach.
    """
    faults: list[Fault] = []
    by_line: dict[tuple[str, str], dict[str, tuple[BudgetRow, float]]] = {}
    for row in rows:
        try:
            factor = index.factor(row.price_base, price_base)
        except PriceBaseMismatch as fault:
            what, _, remedy = str(fault).rpartition("; ")
            faults.append(Fault(row.file, row.line, what, remedy, row.number))
            continue
        by_line.setdefault((row.agency, row.line), {})[row.year] = (row, factor)
    if faults:
        raise BudgetError(faults)
    found = []
    for (agency, line), given in by_line.items():
        order = sorted(given, key=first_calendar_year)
        outturn, planned = np.empty(len(years)), np.full(len(years), np.nan)
        for y, year in enumerate(years):
            before = [g for g in order if first_calendar_year(g) <= first_calendar_year(year)]
            row, factor = given[before[-1] if before else order[0]]
            outturn[y] = row.amount * factor
            if year in given and given[year][0].planned_saving is not None:
                planned[y] = (given[year][0].planned_saving or 0.0) * given[year][1]
        covers = tuple(dict.fromkeys(c for g in order for c in given[g][0].covers))
        owner = next((given[g][0].owner for g in reversed(order) if given[g][0].owner), "")
        found.append(BudgetLine(agency, line, covers, outturn, planned, owner, tuple(order)))
    return tuple(found)

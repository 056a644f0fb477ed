"""What was seen of families who joined: a table read strictly, every fault at once.

No message holds what a cell says: a label or an amount may tell of a family.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from communitybudget._core.errors import Fault, FaultsError, ParameterSetError, did_you_mean
from communitybudget._core.results import result
from communitybudget._core.vocabulary import AGENCIES
from communitybudget._core.years import parse_year
from communitybudget.parameters.tables import number, read_rows

if TYPE_CHECKING:
    import pandas as pd

MONEY: tuple[str, ...] = ("delivery", "costs_avoided")
"""Outcomes that are money, by agency; every other outcome is a count that the case reports."""

REQUIRED_COLUMNS: tuple[str, ...] = ("cohort", "option", "outcome", "families", "amount")
OPTIONAL_COLUMNS: tuple[str, ...] = (
    "year",
    "from_month",
    "to_month",
    "sd",
    "agency",
    "price_base",
    "counterfactual",
)


class ActualsError(FaultsError):
    """Actuals that cannot be used; every fault is listed, none tells of a family."""


@result
@dataclass(frozen=True, slots=True)
class ActualRow:
    """One figure seen of one cohort.

    Parameters
    ----------
    cohort : str
        Label of the group of families, the same in all its rows and batches.
    option : str
        What they were offered; ``bau`` for families of a comparison group.
    outcome : str
        A reported count with its pathway, such as ``child_safety.entries_to_care``; or ``delivery`` or
        ``costs_avoided``, for money.
    families : int
        Families in the cohort, those without any event among them.
    amount : float
        Events, time in the unit of the outcome, or GBP, of all of them together.
    year : str
        Financial year of the case that it covers; empty where months are given.
    from_month, to_month : int
        Months since joining, 1 the first, both included; 0 where a year is given.
    sd : float or None
        By how much time or money may differ by chance from what is expected; None where it is taken as
        happened and teaches nothing about the rates.
    agency, price_base : str
        Of money.
    counterfactual : str
        What costs avoided were compared with; empty where with nothing: GROSS.
    line : int
        Where the row is.
    """

    cohort: str
    option: str
    outcome: str
    families: int
    amount: float
    year: str = ""
    from_month: int = 0
    to_month: int = 0
    sd: float | None = None
    agency: str = ""
    price_base: str = ""
    counterfactual: str = ""
    line: int = 0

    def __post_init__(self) -> None:
        months = (self.from_month, self.to_month)
        if self.families < 1 or not math.isfinite(self.amount):
            raise ValueError("a figure seen needs families, 1 or more, and a finite amount")
        if self.year == "" and not 1 <= self.from_month <= self.to_month:
            raise ValueError("a figure seen needs a year, or months since joining that ascend from 1")
        if self.year and any(months):
            raise ValueError("a figure seen covers a year or months, not both")

    @property
    def is_money(self) -> bool:
        """Whether it is an amount of GBP."""
        return self.outcome in MONEY

    @property
    def gross(self) -> bool:
        """Whether it is costs avoided that were compared with nothing."""
        return self.outcome == "costs_avoided" and not self.counterfactual

    def months(self, years: tuple[str, ...]) -> tuple[int, int]:
        """Return first and last month since joining, for families who join at the start of the first year."""
        if not self.year:
            return self.from_month, self.to_month
        first = 12 * years.index(self.year)
        return first + 1, first + 12


@result
@dataclass(frozen=True, slots=True)
class Actuals:
    """A batch of actuals: what was handed in at one time.

    Parameters
    ----------
    name : str
        Of the batch; no two batches have the same.
    rows : tuple of ActualRow
        What was seen.
    """

    name: str
    rows: tuple[ActualRow, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of the figures, whatever their order and the name: the same figures are the same batch."""
        plain = sorted(repr(replace(row, line=0)) for row in self.rows)
        return sha256("\n".join(plain).encode()).hexdigest()

    @classmethod
    def from_frame(cls, frame: "pd.DataFrame", name: str) -> "Actuals":
        """Return a batch from a table with the columns of `read_actuals`.

        Raises
        ------
        ActualsError
            With every fault; lines are those of a file with one line of headings.
        """
        table = frame.astype(object).where(frame.notna(), "")
        rows = [
            (line, {str(column): _as_cell(value) for column, value in row.items()})
            for line, row in enumerate(table.to_dict("records"), 2)
        ]
        return _read(name, rows)


def read_actuals(path: str | Path, name: str = "") -> Actuals:
    r"""Read a batch of actuals from a CSV file, one figure a row.

    Parameters
    ----------
    path : str or Path
        UTF-8 with the columns ``cohort, option, outcome, families, amount``, then ``year`` or
        ``from_month, to_month``, and where needed ``sd, agency, price_base, counterfactual``; see
        `ActualRow`.
    name : str, optional
        Of the batch; the name of the file if omitted.

    Returns
    -------
    Actuals

    Raises
    ------
    ActualsError
        With every fault: line, column, what is wrong and what to do. No message holds what a cell says.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "spring.csv"
    >>> rows = "cohort,option,outcome,from_month,to_month,families,amount"
    >>> rows += "\nfirst,intervention,child_safety.entries_to_care,1,6,18,2\n"
    >>> _ = file.write_text(rows, encoding="utf-8")
    >>> read_actuals(file).rows[0].amount
    2.0
    """
    file = Path(path)
    name = name or file.name
    try:
        rows = list(read_rows(file))
    except (FileNotFoundError, IsADirectoryError, PermissionError):
        what = "is not there, or is no file that can be read"
        raise ActualsError([Fault(name, "", what, "correct the name")]) from None
    except ParameterSetError as error:
        # what such a fault says may be a cell
        what = "cannot be read as a table from here"
        raise ActualsError([Fault(name, "", what, f.remedy, f.line) for f in error.faults]) from None
    return _read(name, rows)


def _as_cell(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _read(name: str, rows: Iterable[tuple[int, Mapping[str, str]]]) -> Actuals:
    filled = [(line, row) for line, row in rows if any(row.values())]
    if not filled:
        raise ActualsError([Fault(name, "", "holds no figures", "add one row for each figure seen")])
    known, header = (*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS), set(filled[0][1])
    if not header & set(REQUIRED_COLUMNS):
        # the first line may be a figure: nothing of it is repeated
        remedy = f"begin with a line of column names: {', '.join(REQUIRED_COLUMNS)}"
        raise ActualsError([Fault(name, "", "does not name the columns", remedy, 1)])
    faults = [Fault(name, c, "is missing", "add the column", 1) for c in REQUIRED_COLUMNS if c not in header]
    faults += [
        Fault(name, column[:40], "is no column of a table of actuals", did_you_mean(column, known), 1)
        for column in sorted(header - set(known))
    ]
    if faults:
        raise ActualsError(faults)
    made = [_row(row, name, line, faults) for line, row in filled]
    if faults:
        raise ActualsError(faults)
    return Actuals(name, tuple(row for row in made if row is not None))


def _row(cells: Mapping[str, str], name: str, line: int, faults: list[Fault]) -> ActualRow | None:
    before = len(faults)

    def fault(column: str, what: str, remedy: str) -> None:
        faults.append(Fault(name, column, what, remedy, line))

    for column in ("cohort", "option", "outcome"):
        if not cells[column]:
            fault(column, "is blank", "fill it in")
    families = _whole(cells, "families", fault)
    if families == 0:
        fault("families", "is zero", "give the families of the cohort, those without events among them")
    amount = _number(cells, "amount", fault)
    if amount is None and not cells["amount"]:
        fault("amount", "is blank; unknown is not zero", "fill it in, or drop the row")
    sd = _number(cells, "sd", fault)
    if sd is not None and sd <= 0:
        fault("sd", "is not above zero", "leave it blank where the figure teaches nothing about the rates")
    window = _window(cells, fault)
    passport = _passport(cells, fault)
    if amount is not None and amount < 0 and cells["outcome"] != "costs_avoided":
        fault("amount", "is negative", "give what was seen, as positive")
    if len(faults) > before or families is None or amount is None:
        return None
    return ActualRow(
        cells["cohort"],
        cells["option"],
        cells["outcome"],
        families,
        amount,
        *window,
        sd,
        *passport,
        line,
    )


_Fault = Callable[[str, str, str], None]


def _number(cells: Mapping[str, str], column: str, fault: _Fault) -> float | None:
    try:
        return number(cells.get(column, ""))
    except ValueError:
        fault(column, "is no number", "write it like 12 or 1,250.50")
        return None


def _whole(cells: Mapping[str, str], column: str, fault: _Fault) -> int | None:
    value = _number(cells, column, fault)
    if value is None:
        if not cells.get(column):
            fault(column, "is blank", "fill it in")
        return None
    if value < 0 or value != math.floor(value):
        fault(column, "is no whole number from 0", "write it like 18")
        return None
    return int(value)


def _window(cells: Mapping[str, str], fault: _Fault) -> tuple[str, int, int]:
    """Return the year, or the first and last month; faults where neither or both are given."""
    year, months = cells.get("year", ""), [cells.get(c, "") for c in ("from_month", "to_month")]
    if bool(year) == any(months):
        fault("year", "or months are needed, and one of the two alone", "fill in year, or both months")
        return "", 0, 0
    if year:
        try:
            return parse_year(year), 0, 0
        except ValueError:
            fault("year", "is no financial year", "write it like 2026-27")
            return "", 0, 0
    first, last = (_whole(cells, column, fault) for column in ("from_month", "to_month"))
    if first is not None and last is not None and not 1 <= first <= last:
        fault("from_month", "and to_month do not ascend from 1", "count months since joining, 1 the first")
    return "", first or 0, last or 0


def _passport(cells: Mapping[str, str], fault: _Fault) -> tuple[str, str, str]:
    """Return agency, price base and counterfactual: of money all that is needed, of counts none."""
    given = {column: cells.get(column, "") for column in ("agency", "price_base", "counterfactual")}
    money = cells["outcome"] in MONEY
    if not money:
        for column, text in given.items():
            if text:
                fault(column, "belongs to money alone", "leave it blank for a count")
        return "", "", ""
    if given["agency"] not in AGENCIES:
        fault("agency", "is none of the agencies", f"use one of {', '.join(AGENCIES)}")
    try:
        given["price_base"] = parse_year(given["price_base"])
    except ValueError:
        fault("price_base", "is no financial year", "say at which prices, like 2026-27")
    if given["counterfactual"] and cells["outcome"] == "delivery":
        fault("counterfactual", "belongs to costs avoided alone", "leave it blank")
    return given["agency"], given["price_base"], given["counterfactual"]


ACTUAL_COLUMNS: tuple[str, ...] = tuple(f.name for f in fields(ActualRow) if f.name != "line")

"""Local figures of a place, kept in a table of their own with a reason beside each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from communitybudget._core.errors import (
    CommunityBudgetError,
    Fault,
    ParameterSetError,
    did_you_mean,
)
from communitybudget.parameters.tables import number, read_rows

if TYPE_CHECKING:
    from communitybudget.parameters.sets import ParameterSet

REQUIRED_COLUMNS: tuple[str, ...] = ("key", "value", "reason")
OPTIONAL_COLUMNS: tuple[str, ...] = (
    "value_type",
    "price_base",
    "low",
    "high",
    "interval",
    "sd",
    "source",
    "mark",
    "reviewed",
)
_NUMBERS = ("value", "low", "high", "sd")


@dataclass(frozen=True, slots=True)
class OverrideRow:
    """One row of an override file.

    Parameters
    ----------
    key : str
        A key of the parameter set.
    value : float
        The local figure, in the unit of the parameter.
    reason : str
        Why it replaces the published one.
    value_type, price_base, interval, source, mark, reviewed : str
        Passport; empty where not given.
    low, high, sd : float or None
        Uncertainty.
    file, line : str, int
        Where the row is.
    """

    key: str
    value: float
    reason: str
    value_type: str = ""
    price_base: str = ""
    low: float | None = None
    high: float | None = None
    interval: str = ""
    sd: float | None = None
    source: str = ""
    mark: str = ""
    reviewed: str = ""
    file: str = ""
    line: int = 0

    @property
    def id(self) -> str:
        """Key, with the value type where it is not fiscal."""
        return self.key if self.value_type in ("", "fiscal") else f"{self.key}[{self.value_type}]"


def read_overrides(path: Path, name: str = "") -> tuple[OverrideRow, ...]:
    r"""Return the rows of an override file.

    Parameters
    ----------
    path : Path
        CSV in UTF-8 with the columns ``key, value, reason`` and, where needed, ``value_type,
        price_base, low, high, interval, sd, source, mark, reviewed``.
    name : str, optional
        What messages call the file; its own name otherwise.

    Returns
    -------
    tuple of OverrideRow

    Raises
    ------
    ParameterSetError
        With every fault of the file: line, key, what is wrong and what to do.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "prices.csv"
    >>> _ = file.write_text("key,value,price_base,reason\nunit_cost.SS2.0,812,2025-26,outturn\n")
    >>> read_overrides(file)[0].value
    812.0
    """
    name = name or path.name
    faults: list[Fault] = []
    found: list[OverrideRow] = []
    seen: dict[str, int] = {}
    try:
        rows = list(read_rows(path))
    except FileNotFoundError:
        missing = Fault(name, "", "is not there", "correct the name, or leave it out")
        raise ParameterSetError([missing]) from None
    except ParameterSetError as fault:
        raise ParameterSetError([replace(f, file=name) for f in fault.faults]) from fault
    if not rows:
        raise ParameterSetError(
            [Fault(name, "", "has no rows", "give at least one, or leave the file out", 1)]
        )
    header = set(rows[0][1])
    for column in REQUIRED_COLUMNS:
        if column not in header:
            faults.append(Fault(name, "", f"has no column {column}", "add it", 1))
    for column in sorted(header - {*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS}):
        remedy = did_you_mean(column, (*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS))
        faults.append(Fault(name, "", f"has a column '{column}' that is not known", remedy, 1))
    if faults:
        raise ParameterSetError(faults)
    for line, row in rows:
        if not any(row.values()):
            continue
        override = _row(row, name, line, faults)
        if override is None:
            continue
        if override.id in seen:
            what = f"is there twice (first on line {seen[override.id]})"
            faults.append(Fault(name, override.id, what, "keep one row", line))
        seen.setdefault(override.id, line)
        found.append(override)
    if faults:
        raise ParameterSetError(faults)
    return tuple(found)


def _row(row: dict[str, str], name: str, line: int, faults: list[Fault]) -> OverrideRow | None:
    key, before = row["key"], len(faults)
    numbers: dict[str, float | None] = {}
    for column in _NUMBERS:
        try:
            numbers[column] = number(row.get(column, ""))
        except ValueError:
            what = f"{column} is '{row[column][:40]}' and no number"
            faults.append(Fault(name, key, what, "write it like 5214, 5,214 or 0.8", line))
    if not key:
        faults.append(Fault(name, "", "the row names no key", "name the figure that it replaces", line))
    if numbers.get("value", 0.0) is None:
        what = "the value is blank; unknown is not zero"
        faults.append(Fault(name, key, what, "fill it in or drop the row", line))
    if not row["reason"]:
        faults.append(Fault(name, key, "has no reason", "say where the figure comes from", line))
    value = numbers.get("value")
    if len(faults) > before or value is None:
        return None
    return OverrideRow(
        key=key,
        value=value,
        reason=row["reason"],
        low=numbers["low"],
        high=numbers["high"],
        sd=numbers["sd"],
        file=name,
        line=line,
        **{c: row.get(c, "") for c in OPTIONAL_COLUMNS if c not in _NUMBERS},
    )


def apply_overrides(parameters: "ParameterSet", rows: Sequence[OverrideRow]) -> "ParameterSet":
    """Return the set with every row of an override file applied.

    Raises
    ------
    ParameterSetError
        With every row that cannot be applied.
    """
    faults: list[Fault] = []
    for row in rows:
        try:
            parameters = parameters.override(
                row.key,
                row.value,
                reason=row.reason,
                value_type="" if row.key.endswith("]") else row.value_type,
                price_base=row.price_base or None,
                low=row.low,
                high=row.high,
                interval=row.interval,
                sd=row.sd,
                source=row.source or "local",
                mark=row.mark or "local",
                reviewed=row.reviewed,
            )
        except CommunityBudgetError as fault:
            what, _, remedy = str(fault).rpartition("; ")
            faults.append(
                Fault(row.file, row.key, what or remedy, remedy if what else "correct it", row.line)
            )
    if faults:
        raise ParameterSetError(faults)
    return parameters

"""Read the tables of a parameter set, gathering every fault before raising."""

import csv
import io
import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from communitybudget._core.errors import Fault, ParameterSetError
from communitybudget.parameters.parameter import Parameter

COMMON_COLUMNS: tuple[str, ...] = (
    "key",
    "label",
    "value",
    "low",
    "high",
    "interval",
    "distribution",
    "unit",
    "price_base",
    "agency",
    "value_type",
    "cashable",
    "transfer",
    "evidence_grade",
    "mark",
    "source",
    "source_detail",
    "reviewed",
    "note",
)


_NUMBER = re.compile(r"^[-+]?£?([0-9]{1,3}(,[0-9]{3})+|[0-9]+|(?=\.[0-9]))(\.[0-9]*)?([eE][-+]?[0-9]+)?$")


def read_rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield line number and row of a CSV table, cells stripped.

    Parameters
    ----------
    path : Path
        UTF-8, comma separated, with a header.

    Yields
    ------
    tuple of int and dict

    Raises
    ------
    ParameterSetError
        If it is no text in UTF-8, has a column twice, or a row has more cells than the header.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as fault:
        what = Fault(path.name, "", "this is not a text file in UTF-8", "save it again as CSV UTF-8", 1)
        raise ParameterSetError([what]) from fault
    reader = csv.DictReader(io.StringIO(text, newline=""))
    try:
        header = [name for name in reader.fieldnames or () if name]
        twice = sorted({name for name in header if header.count(name) > 1})
        if twice:
            what = Fault(path.name, "", f"has the column {', '.join(twice)} twice", "keep one", 1)
            raise ParameterSetError([what])
        yield from _rows(reader, path)
    except csv.Error as fault:
        what = Fault(
            path.name, "", f"cannot be read ({fault})", "save it again as CSV UTF-8", reader.line_num
        )
        raise ParameterSetError([what]) from fault


def _rows(reader: "csv.DictReader[str]", path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    for row in reader:
        if None in row:
            what = Fault(
                path.name,
                next(iter(row.values()), ""),
                f"has {len(row[None])} cells more than the header",
                "put text that holds a comma in quotes",
                reader.line_num,
            )
            raise ParameterSetError([what])
        yield reader.line_num, {k: (v or "").strip() for k, v in row.items() if k}


def number(text: str) -> float | None:
    """Return the number in a cell, or None when the cell is empty: blank is unknown, not zero.

    Examples
    --------
    >>> number("1.5"), number("£1,250,000"), number("")
    (1.5, 1250000.0, None)
    """
    if not text:
        return None
    plain = "".join(text.split())  # pasted figures bring blanks that do not break
    value = float(plain.replace(",", "").replace("£", "")) if _NUMBER.match(plain) else math.nan
    if not math.isfinite(value):
        raise ValueError(f"'{text[:40]}' is not a number; write it like 5214, 5,214 or 0.8")
    return value


def read_parameters(
    path: Path, name: str, spreads: Mapping[str, float], faults: list[Fault]
) -> list[Parameter]:
    """Return the parameters of one table; faults are added to ``faults``.

    Parameters
    ----------
    path : Path
        The table.
    name : str
        Its name in messages.
    spreads : mapping of str to float
        Default coefficient of variation by evidence grade, for money.
    faults : list of Fault
        Gathers what is wrong.

    Returns
    -------
    list of Parameter
    """
    found: list[Parameter] = []
    for line, row in read_rows(path):
        missing = [column for column in COMMON_COLUMNS if column not in row]
        if missing:
            faults.append(
                Fault(name, "", f"has no column {', '.join(missing)}", "add the missing columns", 1)
            )
            return found
        try:
            value = number(row["value"])
            if value is None:
                raise ValueError("the value is blank; unknown is not zero: fill it in or drop the row")
            money = row["unit"].startswith("GBP")
            found.append(
                Parameter(
                    key=row["key"],
                    label=row["label"],
                    value=value,
                    unit=row["unit"],
                    source=row["source"],
                    mark=row["mark"],
                    low=number(row["low"]),
                    high=number(row["high"]),
                    interval=row["interval"],
                    distribution=row["distribution"],
                    default_spread=spreads.get(row["evidence_grade"], spreads.get("")) if money else None,
                    price_base=row["price_base"],
                    agency=row["agency"],
                    value_type=row["value_type"],
                    cashable=row["cashable"],
                    transfer=row["transfer"],
                    transfer_value=number(row.get("transfer_value", "")),
                    evidence_grade=row["evidence_grade"],
                    source_detail=row["source_detail"],
                    reviewed=row["reviewed"],
                    note=row["note"],
                    fields={k: v for k, v in row.items() if k not in COMMON_COLUMNS},
                    file=name,
                    line=line,
                )
            )
        except ValueError as fault:
            faults.append(Fault(name, row.get("key", ""), str(fault), "correct the row", line))
    return found

"""Families from a CSV file: every fault at once, with its line, and nothing of a family in a message."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from communitybudget._core.errors import Fault, FaultsError, did_you_mean
from communitybudget._core.vocabulary import PROFILES
from communitybudget._core.years import parse_year, span
from communitybudget.cohorts.families import (
    FAMILY_COLUMNS,
    NEED_COLUMN,
    NEEDS,
    NOT_KNOWN,
    OLDEST_CHILD,
    START_COLUMN,
    SYNTHETIC,
    Families,
)
from communitybudget.parameters import ParameterSet

_MOST_PEOPLE = 20
_MOST_LINES_LISTED = 20
_WHOLE = re.compile(r"[0-9]{1,3}")
_DATES = re.compile(
    r"\d{1,2}[-/ .][A-Za-z]{3,9}([-/ .]\d{2,4})?|[A-Za-z]{3,9}[-/ .]\d{2,4}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}"
    r"|\d{4}-\d{2}-\d{2}.*|\d{5}"
)
_WORKBOOK = b"PK\x03\x04"

Row = tuple[int, dict[str, str]]


class FamiliesError(FaultsError):
    """A table of families with faults; all are listed by line, none tells of a family."""


@dataclass(slots=True)
class _Faults:
    """Gathers faults; one that many lines share is listed for the first of them and then counted."""

    name: str
    found: list[Fault] = field(default_factory=list)
    lines: dict[tuple[str, str], list[int | None]] = field(default_factory=dict)

    def add(self, line: int | None, column: str, what: str, remedy: str) -> None:
        same = self.lines.setdefault((column, what), [])
        same.append(line)
        if len(same) <= _MOST_LINES_LISTED:
            self.found.append(Fault(self.name, column, what, remedy, line))

    def all(self) -> list[Fault]:
        more = []
        for (column, what), lines in self.lines.items():
            rest = lines[_MOST_LINES_LISTED:]
            if rest:
                text = f"{what}, here and on {len(rest) - 1:,} more lines"
                more.append(Fault(self.name, column, text, "correct them as the lines before", rest[0]))
        return [*self.found, *more]


def read_families(
    path: str | Path,
    parameters: ParameterSet | None = None,
    name: str | None = None,
    years: Sequence[str] | None = None,
) -> Families:
    r"""Read families from a CSV file, one row a family; the columns are `FAMILY_COLUMNS`.

    Parameters
    ----------
    path : str or Path
        UTF-8, comma separated, with a header.
    parameters : ParameterSet, optional
        Whose pathways the ``start_`` columns name; the bundled set for England if omitted.
    name : str, optional
        Of the file in messages and results; the last part of ``path`` if omitted.
    years : sequence of str, optional
        Financial years in which families may join; any if omitted.

    Returns
    -------
    Families
        Without the references of the families.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FamiliesError
        With every fault: file, line, column, what is wrong and what to do. No message holds what a
        cell says.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "families.csv"
    >>> header = "family,profile,adults,child_ages,start_work"
    >>> rows = ["f1,medium_need,1,3 7,in_work", "f2,medium_need,2,17,? in_work", "f3,lower_need,1,,"]
    >>> _ = path.write_text("\n".join([header, *rows]), encoding="utf-8")
    >>> families = read_families(path)
    >>> families.children_per_family, families.start_counts
    ({'lower_need': 0.0, 'medium_need': 1.5}, {'work': {'medium_need': {'in_work': 2}}})
    >>> _ = path.write_text("\n".join([header, *rows, "f1,medium,-1,3 71,"]), encoding="utf-8")
    >>> read_families(path)
    Traceback (most recent call last):
    ...
    communitybudget.cohorts.reading.FamiliesError: families.csv:5 family: is the reference of line 2 ...
    """
    path = Path(path)
    faults = _Faults(name or path.name)
    rows, columns = _rows(path.read_bytes(), faults)
    pathways = _pathways(columns, parameters, faults)
    families = _families(rows, columns, pathways, years, faults)
    if faults.found or families is None:
        raise FamiliesError(faults.all())
    return families


def _rows(content: bytes, faults: _Faults) -> tuple[list[Row], list[str]]:
    """Return line number and cells of each row, and the columns that there are."""
    if content.startswith(_WORKBOOK):
        faults.add(1, "", "this is a workbook and no CSV file", "save the sheet as CSV UTF-8")
        return [], []
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        faults.add(1, "", "this is not a text file in UTF-8", "save it again as CSV UTF-8")
        return [], []
    lines = _records(text, faults)
    _, header = next(lines, (1, []))
    columns = [cell.strip() for cell in header]
    if not _check_header(columns, faults):
        return [], []
    rows = []
    for line, cells in lines:
        if len(cells) != len(columns):
            what = f"has {len(cells)} cells and the header {len(columns)}"
            faults.add(line, "", what, "put text that holds a comma in quotes, and fill up with commas")
            continue
        rows.append((line, dict(zip(columns, (cell.strip() for cell in cells), strict=True))))
    if not rows and not faults.found:
        faults.add(None, "", "holds no families", "add one row for each family")
    return rows, columns


def _records(text: str, faults: _Faults) -> Iterator[tuple[int, list[str]]]:
    """Yield the first line and the cells of each record that is not blank."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    first = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield first, cells
            first = reader.line_num + 1
    except csv.Error:
        faults.add(first, "", "the table breaks off here", "close the quotes, and save it again as CSV UTF-8")


def _check_header(columns: Sequence[str], faults: _Faults) -> bool:
    """Check the names of the columns; say whether the rows can be read."""
    plain = [c.name for c in FAMILY_COLUMNS if "<" not in c.name]
    if "family" not in columns:
        # the first line may be a family: nothing of it is repeated
        what = "does not name the columns, or separates them with something else than commas"
        if not any(columns):
            what = "is empty"
        required = ", ".join(c.name for c in FAMILY_COLUMNS if c.required)
        faults.add(1, "", what, f"begin with a line of column names: {required}")
        return False
    for column in dict.fromkeys(columns):
        if not column:
            faults.add(1, "", "a column has no name", "name it, or delete it")
        elif columns.count(column) > 1:
            faults.add(1, column[:60], "is there twice", "keep one of the two")
        elif column not in plain and not column.startswith(START_COLUMN):
            faults.add(1, column[:60], "is no column of a table of families", did_you_mean(column, plain))
    missing = [c for c in FAMILY_COLUMNS if c.required and c.name not in columns]
    for wanted in missing:
        faults.add(1, wanted.name, "is missing", f"add the column: {wanted.what}")
    return not missing


def _pathways(
    columns: Sequence[str], parameters: ParameterSet | None, faults: _Faults
) -> dict[str, Mapping[str, Any]]:
    """Return the declaration of each pathway that has a column of states, with its start mixes."""
    names = [column.removeprefix(START_COLUMN) for column in columns if column.startswith(START_COLUMN)]
    if not names:
        return {}
    known = parameters if parameters is not None else ParameterSet.load()
    found: dict[str, Mapping[str, Any]] = {}
    for name in names:
        if name not in known.structures:
            possible = [START_COLUMN + pathway for pathway in known.structures]
            column = f"{START_COLUMN}{name}"[:60]
            faults.add(1, column, "names no pathway", did_you_mean(START_COLUMN + name, possible))
            continue
        starts: dict[str, set[str]] = {}
        for row in known.table("start"):
            if row.fields["pathway"] == name:
                starts.setdefault(row.fields["profile"], set()).add(row.fields["state"])
        found[name] = {**known.structures[name], "starts": starts}
    return found


def _families(
    rows: Sequence[Row],
    columns: Sequence[str],
    pathways: Mapping[str, Mapping[str, Any]],
    years: Sequence[str] | None,
    faults: _Faults,
) -> Families | None:
    profiles, adults, ages, joins, needs, lines = [], [], [], [], [], []
    starts: dict[str, list[tuple[str, ...]]] = {name: [] for name in pathways}
    seen: dict[str, int] = {}
    for line, row in rows:

        def fault(column: str, what: str, remedy: str, line: int = line) -> None:
            faults.add(line, column, what, remedy)

        _check_reference(row["family"], line, seen, fault)
        profile, people, children = _profile(row, fault), _adults(row, fault), _ages(row, fault)
        joins.append(_joins(row, years, fault))
        needs.append([_flag(row, need, fault) for need in NEEDS])
        for name, pathway in pathways.items():
            starts[name].append(_states(row, name, pathway, profile, people, children, fault))
        if people == 0 and children == []:
            fault(
                "adults", "the family has nobody in it", "count its adults, or give the ages of its children"
            )
        profiles.append(profile or "")
        adults.append(people or 0)
        ages.append(children or [])
        lines.append(line)
    _check_joins(joins, lines, columns, faults)
    if not rows or faults.found:
        return None
    return Families(
        name=faults.name,
        synthetic=all(reference.startswith(SYNTHETIC) for reference in seen),
        profile=np.array(profiles, dtype="<U12"),
        adults=np.array(adults, dtype=np.int64),
        child_family=np.repeat(np.arange(len(ages)), [len(own) for own in ages]),
        child_age=np.array([age for own in ages for age in own], dtype=np.int64),
        joins=np.array(joins, dtype="<U7") if any(joins) else None,
        needs=np.array(needs, dtype=float),
        starts={name: tuple(own) for name, own in starts.items()},
        lines=np.array(lines, dtype=np.int64),
    )


Say = Callable[[str, str, str], None]


def _check_reference(reference: str, line: int, seen: dict[str, int], fault: Say) -> None:
    if not reference:
        fault("family", "is empty", "give each family a reference of its own")
    elif reference in seen:
        what = f"is the reference of line {seen[reference]} too"
        fault("family", what, "list each family once, or give it a reference of its own")
    else:
        seen[reference] = line


def _profile(row: Mapping[str, str], fault: Say) -> str | None:
    word = row["profile"]
    if word in PROFILES:
        return word
    what = "is empty" if not word else "is no need profile"
    fault("profile", what, did_you_mean(word, PROFILES) if word else f"use one of {', '.join(PROFILES)}")
    return None


def _adults(row: Mapping[str, str], fault: Say) -> int | None:
    text = row["adults"]
    if _WHOLE.fullmatch(text) and int(text) <= _MOST_PEOPLE:
        return int(text)
    what = "is empty" if not text else f"is no whole number from 0 to {_MOST_PEOPLE}"
    fault("adults", what, "count those aged 18 or over; where there is none, write 0")
    return None


def _ages(row: Mapping[str, str], fault: Say) -> list[int] | None:
    words = row["child_ages"].split()
    ages = [int(word) if _WHOLE.fullmatch(word) else -1 for word in words]
    if any(age < 0 for age in ages):
        what = "an age is no whole number"
        fault("child_ages", what, "write completed years with blanks between them, such as 0 3 11")
    elif any(age > OLDEST_CHILD for age in ages):
        what = f"an age is above {OLDEST_CHILD}"
        fault("child_ages", what, "count those aged 18 or over under adults")
    elif len(ages) > _MOST_PEOPLE:
        fault("child_ages", f"there are more than {_MOST_PEOPLE} ages", "give one age for each child")
    else:
        return ages
    return None


def _joins(row: Mapping[str, str], years: Sequence[str] | None, fault: Say) -> str:
    text = row.get("joins", "")
    if not text:
        return ""
    try:
        year = parse_year(text)
    except ValueError:
        if _DATES.fullmatch(text):
            what = "is a date and no financial year: a spreadsheet may have changed it"
            fault("joins", what, "format the column as text, and write it like 2026-27")
        else:
            fault("joins", "is no financial year", "write it like 2026-27 (1 April to 31 March)")
        return "?"
    if years is not None and year not in years:
        fault("joins", f"is outside the years {span(years)}", "use a year inside")
    return year


def _check_joins(joins: Sequence[str], lines: Sequence[int], columns: Sequence[str], faults: _Faults) -> None:
    empty = [line for line, year in zip(lines, joins, strict=True) if not year]
    if "joins" in columns and 0 < len(empty) < len(joins):
        what = f"is empty on {len(empty):,} of {len(joins):,} lines, this the first"
        faults.add(empty[0], "joins", what, "give the year for every family, or for none")


def _flag(row: Mapping[str, str], need: str, fault: Say) -> float:
    column = NEED_COLUMN + need
    text = row.get(column, "")
    if text not in ("", "0", "1"):
        fault(column, "is neither 1, 0 nor empty", "write 1 for yes, 0 for no, nothing where it is not known")
    return {"1": 1.0, "0": 0.0}.get(text, np.nan)


def _states(
    row: Mapping[str, str],
    name: str,
    pathway: Mapping[str, Any],
    profile: str | None,
    adults: int | None,
    ages: list[int] | None,
    fault: Say,
) -> tuple[str, ...]:
    """Return the state of each person on joining; none where the cell is empty."""
    column = START_COLUMN + name
    words = tuple(row[column].split())
    if not words:
        return ()
    people, remedy = 1, "give one state, that of the family"
    if pathway["unit"] == "adult":
        people, remedy = len(words) if adults is None else adults, "give one state for each adult"
    elif pathway["unit"] == "child":
        limits = pathway.get("ages") or {}
        first, last = limits.get("from") or 0, limits.get("to") or OLDEST_CHILD + 1
        people = len(words) if ages is None else sum(first <= age < last for age in ages)
        remedy = f"give one state for each child aged {first} to {last - 1}, in the order of child_ages"
    if len(words) != people:
        what = f"{name} does not have as many states as there are people"
        fault(column, what, f"{remedy}; {NOT_KNOWN} where it is not known")
    states = [state["name"] for state in pathway["states"]]
    starts: Mapping[str, set[str]] = pathway["starts"]
    usual = starts.get(profile or "") or starts.get("all", set())
    for word in words:
        if word == NOT_KNOWN:
            continue
        if word not in states:
            fault(column, f"a word is no state of {name}", did_you_mean(word, states))
        elif profile is not None and usual and word not in usual:
            what = (
                f"the set does not say how long families of the profile {profile} have been in a state given"
            )
            fault(column, what, f"use one of {', '.join(s for s in states if s in usual)}")
    return words

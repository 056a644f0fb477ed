"""Find the tables of a unit cost workbook by their headings, wherever they stand."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from communitybudget._core.errors import Fault, WorkbookError
from communitybudget._core.years import parse_year
from communitybudget.parameters.workbook_cells import Sheet
from communitybudget.parameters.workbook_places import letters_of
from communitybudget.parameters.workbook_words import THEMES, plain

_SEARCHED_ROWS = 40
_ENOUGH = 5
"""So many known headings in a row make it the header of a table of unit costs."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A column that is looked for: its heading as the workbook has it, and whether we can do without."""

    words: str
    fits: Callable[[str], bool]
    needed: bool = True


def _of(kind: str, word: str) -> Callable[[str], bool]:
    return lambda text: text.startswith(kind) and word in text


def _year_of(kind: str) -> Callable[[str], bool]:
    return lambda text: text.startswith(kind) and text.endswith("year")


HEADINGS: Mapping[str, Heading] = {
    "category": Heading("Outcome category", lambda t: t.startswith("outcomecategory"), needed=False),
    "detail": Heading("Outcome detail", lambda t: t.startswith("outcomedetail"), needed=False),
    "code": Heading("Cost code", lambda t: t.startswith("costcode")),
    "label": Heading("Cost / saving detail", lambda t: t.startswith("costsavingdetail")),
    "unit": Heading("Unit", lambda t: t in ("unit", "units")),
    "agency_1": Heading(
        "Agency bearing the cost, level 1", lambda t: t.startswith("agency") and "level2" not in t
    ),
    "agency_2": Heading("Agency bearing the cost, level 2", _of("agency", "level2"), needed=False),
    "fiscal": Heading("Fiscal value, estimated", _of("fiscal", "estimated")),
    "fiscal_year": Heading("Fiscal value, year", _year_of("fiscal")),
    "fiscal_uprated": Heading("Fiscal value, updated", _of("fiscal", "updated"), needed=False),
    "economic": Heading("Economic value, estimated", _of("economic", "estimated"), needed=False),
    "economic_year": Heading("Economic value, year", _year_of("economic"), needed=False),
    "economic_uprated": Heading("Economic value, updated", _of("economic", "updated"), needed=False),
    "social": Heading("Social value, estimated", _of("social", "estimated"), needed=False),
    "social_year": Heading("Social value, year", _year_of("social"), needed=False),
    "social_uprated": Heading("Social value, updated", _of("social", "updated"), needed=False),
    "source": Heading("Original source", lambda t: t in ("originalsource", "source")),
    "rag": Heading("RAG assessment", lambda t: t.startswith("rag")),
    "comment": Heading("Comment", lambda t: t in ("comment", "comments"), needed=False),
    "revision": Heading("New / update", lambda t: t.endswith("newupdate"), needed=False),
    "changes": Heading("Changes made", lambda t: t.endswith("changesmade"), needed=False),
}
"""Columns of a table of unit costs."""

_DEFLATORS: Mapping[str, Heading] = {
    "year": Heading("Year", lambda t: t == "year"),
    "change": Heading("% change on previous year", lambda t: t == "changeonpreviousyear", needed=False),
    "index": Heading("GDP cumulative", lambda t: t.startswith("gdpcumulative")),
}
_LOG: Mapping[str, Heading] = {
    "theme": Heading("Database theme", lambda t: t == "databasetheme"),
    "codes": Heading("Cost code", lambda t: t == "costcode"),
    "revisions": Heading("Revisions", lambda t: t == "revisions"),
    "number": Heading("Number of entries changed", lambda t: t.startswith("numberofentries"), needed=False),
}


@dataclass(frozen=True, slots=True)
class Table:
    """A table of unit costs: its sheet, the last row of its header, and the column of each field."""

    sheet: Sheet
    header_row: int
    columns: Mapping[str, int]

    def text(self, row: int, name: str) -> str:
        """Return what a field shows in a row, as text; empty where there is no such column."""
        column = self.columns.get(name)
        return "" if column is None else self.sheet.text(row, column)


@dataclass(frozen=True, slots=True)
class DeflatorRow:
    """One year of the workbook's deflators; ``change`` is in per cent on the year before."""

    row: int
    year: str
    change: float | None
    index: float
    status: str


@dataclass(frozen=True, slots=True)
class Deflators:
    """The workbook's table of deflators.

    Parameters
    ----------
    sheet : str
        Where it stands.
    rows : tuple of DeflatorRow
        In the order of the table.
    current_year : str
        The year to which the workbook uprates; empty where it does not say.
    source : str
        What the workbook says of its source.
    """

    sheet: str
    rows: tuple[DeflatorRow, ...]
    current_year: str
    source: str

    @property
    def base(self) -> str:
        """The year in which the index is 100, in words."""
        return next((f"{row.year} = 100" for row in self.rows if row.index == 100), "")


@dataclass(frozen=True, slots=True)
class LogRow:
    """One row of the workbook's update log."""

    row: int
    theme: str
    codes: str
    revisions: str
    number: str


@dataclass(frozen=True, slots=True)
class Layout:
    """What was found in a workbook, and what was looked for in vain but can be done without.

    Parameters
    ----------
    tables : tuple of Table
        Tables of unit costs.
    deflators : Deflators
        The table of deflators.
    log : tuple of LogRow
        The update log.
    introduction : tuple of str
        The text of the sheet that holds the licence, or is called so.
    licence : str
        What the workbook says of its licence.
    missing : tuple of (str, str)
        Its sheet, if it is a column, and what it is.
    """

    tables: tuple[Table, ...]
    deflators: Deflators
    log: tuple[LogRow, ...]
    introduction: tuple[str, ...]
    licence: str
    missing: tuple[tuple[str, str], ...]


def lay_out(file: str, sheets: Sequence[Sheet]) -> Layout:
    """Return where the tables of a workbook are.

    Parameters
    ----------
    file : str
        Its name, for messages.
    sheets : sequence of Sheet
        All its sheets.

    Raises
    ------
    WorkbookError
        With every sheet and column that was not found and cannot be done without.
    """
    faults: list[Fault] = []
    missing: list[tuple[str, str]] = []
    tables = []
    for sheet in sheets:
        found = _header(sheet, HEADINGS, _ENOUGH)
        if found is None:
            continue
        columns = _columns(file, sheet, *found, HEADINGS, faults)
        last = found[0] + _is_divided(_head_of(sheet), found[0])
        tables.append(Table(sheet, last, columns))
        for name, heading in HEADINGS.items():
            if name not in columns and heading.needed:
                what = f"has no column '{heading.words}'"
                faults.append(
                    Fault(file, f"sheet '{sheet.name}'", what, "give the column its heading back", last)
                )
            elif name not in columns:
                missing.append((sheet.name, f"the column '{heading.words}'"))
    if not tables:
        names = ", ".join(heading.words for heading in HEADINGS.values() if heading.needed)
        what = f"none of its {len(sheets)} sheets has a table of unit costs, with the headings {names}"
        faults.append(Fault(file, "", what, "choose the workbook of the Unit Cost Database"))
    deflators = _deflators(file, sheets, faults)
    if faults or deflators is None:
        raise WorkbookError(faults)
    present = {plain(table.sheet.name) for table in tables}
    present |= {plain(text) for table in tables for text in _categories(table)}
    missing += [("", f"the sheet '{theme}'") for theme in THEMES if plain(theme) not in present]
    log, introduction, licence = _log(sheets), _introduction(sheets), _licence(sheets)
    wanted = {"update log": log, "introduction": introduction, "licence": licence}
    missing += [("", f"the {name}") for name, there in wanted.items() if not there]
    return Layout(tuple(tables), deflators, log, introduction, licence, tuple(missing))


def _categories(table: Table) -> set[str]:
    return {table.text(row, "category") for row in range(table.header_row + 1, table.sheet.last_row + 1)}


def _squeezed(text: str) -> str:
    return "".join(plain(text).split())


Head: TypeAlias = Mapping[int, Mapping[int, str]]


def _head_of(sheet: Sheet) -> Head:
    """Return the words of the first rows of a sheet, by row and column."""
    head: dict[int, dict[int, str]] = {}
    for (row, column), cell in sheet.cells.items():
        if row <= _SEARCHED_ROWS:
            head.setdefault(row, {})[column] = _squeezed(cell.text)
    return head


def _header(sheet: Sheet, headings: Mapping[str, Heading], enough: int) -> tuple[int, dict[int, str]] | None:
    """Return the row with the most known headings, and the heading of each of its columns."""
    head = _head_of(sheet)
    best: tuple[int, int, dict[int, str]] = (enough - 1, 0, {})
    for row in sorted(head):
        texts = _texts(head, row)
        known = {name for name, heading in headings.items() for text in texts.values() if heading.fits(text)}
        if len(known) > best[0]:
            best = (len(known), row, texts)
    return (best[1], best[2]) if best[1] else None


_DIVIDED = ("level1", "level2", "estimatedcostsaving", "updatedcostsaving")


def _is_divided(head: Head, row: int) -> bool:
    """Return whether a second row of headings divides the first."""
    return len(set(head.get(row + 1, {}).values()) & set(_DIVIDED)) > 1


def _texts(head: Head, row: int) -> dict[int, str]:
    """Return the headings of a row; where a second row divides one, both together."""
    above, below = head[row], head.get(row + 1, {}) if _is_divided(head, row) else {}
    texts, group = {}, ""
    for column in sorted({*above, *below}):
        group = above.get(column, "") or group
        text = group + below[column] if below.get(column) else above.get(column, "")
        if text:
            texts[column] = text
    return texts


def _columns(
    file: str,
    sheet: Sheet,
    row: int,
    texts: Mapping[int, str],
    headings: Mapping[str, Heading],
    faults: list[Fault],
) -> dict[str, int]:
    columns: dict[str, int] = {}
    for column, text in texts.items():
        for name, heading in headings.items():
            if not heading.fits(text):
                continue
            if name in columns:
                where = f"columns {letters_of(columns[name])} and {letters_of(column)}"
                what = f"has the heading '{heading.words}' twice, in {where}"
                faults.append(Fault(file, f"sheet '{sheet.name}'", what, "rename one of them", row))
            columns.setdefault(name, column)
    return columns


def _deflators(file: str, sheets: Sequence[Sheet], faults: list[Fault]) -> Deflators | None:
    needed = [heading.words for heading in _DEFLATORS.values() if heading.needed]
    for sheet in sheets:
        found = _header(sheet, _DEFLATORS, 2)
        if found is None:
            continue
        columns = _columns(file, sheet, *found, _DEFLATORS, faults)
        if "year" not in columns or "index" not in columns:
            continue
        rows = tuple(_deflator_rows(sheet, found[0], columns))
        if not rows:
            what = "the table of deflators has no years with a stored index"
            remedy = "open the workbook in a spreadsheet program, save a copy, and import that"
            faults.append(Fault(file, f"sheet '{sheet.name}'", what, remedy, found[0]))
            return None
        return Deflators(sheet.name, rows, _current_year(sheet), _source_of_deflators(sheet))
    what = f"no sheet has a table of deflators, with the headings {', '.join(needed)}"
    faults.append(Fault(file, "", what, "choose the workbook of the Unit Cost Database"))
    return None


def _deflator_rows(sheet: Sheet, header: int, columns: Mapping[str, int]) -> Iterator[DeflatorRow]:
    marks = {
        row
        for (row, column), cell in sheet.cells.items()
        if column < columns["year"] and cell.text.lower() == "f"
    }
    for row in range(header + 1, sheet.last_row + 1):
        try:
            year = parse_year(sheet.text(row, columns["year"]))
        except ValueError:
            continue
        cell = sheet.cells.get((row, columns["index"]))
        index = None if cell is None else cell.value
        if isinstance(index, bool) or not isinstance(index, int | float) or not index > 0:
            continue
        change = sheet.cells.get((row, columns.get("change", 0)))
        status = ("forecast" if row in marks else "outturn") if marks else ""
        percent = None if change is None or isinstance(change.value, str) else change.value
        yield DeflatorRow(row, year, percent, float(index), status)


def _current_year(sheet: Sheet) -> str:
    for (row, column), cell in sheet.cells.items():
        if plain(cell.text) == "current year":
            for below in range(row + 1, row + 6):
                try:
                    return parse_year(sheet.text(below, column))
                except ValueError:
                    continue
    return ""


def _source_of_deflators(sheet: Sheet) -> str:
    told = (cell.text for cell in sheet.cells.values() if "deflators" in cell.text.lower())
    return next((" ".join(text.lstrip("•").split()) for text in told), "")


def _log(sheets: Sequence[Sheet]) -> tuple[LogRow, ...]:
    for sheet in sheets:
        found = _header(sheet, _LOG, 3)
        if found is None:
            continue
        columns = _columns("", sheet, *found, _LOG, [])
        rows, theme = [], ""
        for row in range(found[0] + 1, sheet.last_row + 1):
            texts = [sheet.text(row, columns.get(name, 0)) for name in _LOG]
            if any(texts):
                # one cell of the theme is merged over all its rows
                theme = texts[0] or theme
                rows.append(LogRow(row, theme, *texts[1:]))
        return tuple(rows)
    return ()


_LICENSED = re.compile(r"\blicensed under\b|\bopen government licen[cs]e\b", re.IGNORECASE)


def _licence(sheets: Sequence[Sheet]) -> str:
    texts = (cell.text for sheet in sheets for cell in sheet.cells.values())
    return next((" ".join(text.split()) for text in texts if _LICENSED.search(text)), "")


def _introduction(sheets: Sequence[Sheet]) -> tuple[str, ...]:
    licensed = [s for s in sheets if any(_LICENSED.search(cell.text) for cell in s.cells.values())]
    named = [s for s in sheets if plain(s.name).startswith("introduction")]
    for sheet in (*named, *licensed):
        return tuple(cell.text for cell in sheet.cells.values() if cell.text)
    return ()

"""The rows of a unit cost workbook: each with its wording, and our words where the wording settles them."""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from communitybudget._core.vocabulary import VALUE_TYPES
from communitybudget._core.years import parse_year
from communitybudget.parameters.workbook_cells import Cell
from communitybudget.parameters.workbook_layout import Table
from communitybudget.parameters.workbook_words import GRADES, Words, agencies_of, topic_of, units_of

LEVELS = ("headline", "subsidiary", "constituent")
"""Levels of the hierarchy, by the depth of the workbook's outline."""

MOST_POUNDS = 1e15
"""An amount above is no cost of anything."""

UNIT_NOT_STATED = "not_stated"
UNALLOCATED = "unallocated"

_CODE = re.compile(r"([^\d\s.]+)(\d+)\.(\d+)(?:\.(\d+))?")
_TRANSFER = "transfer payment"
_PART = re.compile(r"£([\d,]+(?:\.\d+)?) fiscal benefit")

CodeParts = tuple[str, int, int, int | None]


@dataclass(frozen=True, slots=True)
class Amount:
    """One amount of a row, as it is and as the workbook uprates it.

    Parameters
    ----------
    value_type : str
        ``fiscal``, ``economic`` or ``social``.
    value : float or None
        GBP at the prices of its year; None where the cell holds no number.
    wording, formula : str
        What the cell shows, and its formula.
    year : str
        Price year as worded.
    price_base : str
        The same as a financial year; empty where it is none.
    uprated : float or None
        The workbook's own uprated value, as stored.
    place : str
        Its cell.
    comment : str
        The comment on its cell.
    """

    value_type: str
    value: float | None
    wording: str
    formula: str
    year: str
    price_base: str
    uprated: float | None
    place: str
    comment: str

    @property
    def usable(self) -> bool:
        """Whether it can stand in a parameter set: a number, not below nil and not beyond all bounds."""
        return self.value is not None and 0 <= self.value <= MOST_POUNDS


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a table of unit costs.

    Parameters
    ----------
    sheet, row : str, int
        Where it is.
    code_cell : str
        The code as worded; empty where the cell is blank.
    code : str
        The code, that of a blank cell where the codes around it leave only one; else empty.
    level, parent : str
        From the code; from the outline where the code cannot be read.
    outline : int
        Depth of the group of the row.
    hidden : bool
        Whether the row does not show.
    topic, category, detail, label : str
        What it is.
    unit_cell, agency_1, agency_2, rag_cell : str
        As worded.
    units, agencies : tuple of str
        Our words for it: one, none where the wording is not known, or several where it is not settled.
    rag, rag_colour : str
        Grade, and the colour of its cell.
    source, link, comment, revision, changes : str
        As worded; ``link`` is where the source leads to.
    amounts : tuple of Amount
        Those that are there.
    key : str
        Its key in a parameter set, without the table.
    """

    sheet: str
    row: int
    code_cell: str
    code: str
    level: str
    parent: str
    outline: int
    hidden: bool
    topic: str
    category: str
    detail: str
    label: str
    unit_cell: str
    agency_1: str
    agency_2: str
    rag_cell: str
    units: Words
    agencies: Words
    rag: str
    rag_colour: str
    source: str
    link: str
    comment: str
    revision: str
    changes: str
    amounts: tuple[Amount, ...]
    key: str = ""

    @property
    def unit(self) -> str:
        """Our unit; as worded where there is none or more than one, ``not_stated`` where it is blank."""
        return self.units[0] if len(self.units) == 1 else self.unit_cell or UNIT_NOT_STATED

    @property
    def agency(self) -> str:
        """Who bears the fiscal cost; ``unallocated`` where the wording does not settle it."""
        return self.agencies[0] if len(self.agencies) == 1 else UNALLOCATED

    def amount(self, value_type: str) -> Amount | None:
        """Return the amount of one value type, if the row has one."""
        return next((a for a in self.amounts if a.value_type == value_type), None)

    @property
    def transfer(self) -> tuple[str, float | None]:
        """Whether the fiscal amount is a transfer, and which part, as the comment on its cell says."""
        fiscal = self.amount("fiscal")
        if fiscal is None or fiscal.value is None or _TRANSFER not in fiscal.comment:
            return "unknown", None
        part = _PART.search(fiscal.comment)
        value = float(part[1].replace(",", "")) if part else fiscal.value
        return ("yes", value) if value <= fiscal.value else ("unknown", None)


def read_entries(tables: Sequence[Table]) -> tuple[Entry, ...]:
    """Return every row of the tables that has a code or an amount, in their order.

    Parameters
    ----------
    tables : sequence of Table
        From `lay_out`.
    """
    found: list[Entry] = []
    for table in tables:
        hidden = frozenset(table.sheet.hidden_rows)
        found += _with_blank_codes([_entry(table, row, row in hidden) for row in _rows(table)])
    return _with_keys(_with_parents_by_outline(found))


def rows_without_entry(table: Table) -> list[int]:
    """Return the rows below the header that have a label or unit, but neither code nor amount."""
    read = set(_rows(table))
    rows = range(table.header_row + 1, table.sheet.last_row + 1)
    return [row for row in rows if row not in read and (table.text(row, "label") or table.text(row, "unit"))]


def _rows(table: Table) -> list[int]:
    fields = ("code", *VALUE_TYPES)
    rows = range(table.header_row + 1, table.sheet.last_row + 1)
    return [row for row in rows if any(table.text(row, name) for name in fields)]


def parts_of(code: str) -> CodeParts | None:
    """Return the parts of a code, or None where it cannot be read.

    Examples
    --------
    >>> parts_of("CR8.0.1"), parts_of("E&S 2.0"), parts_of("new")
    (('CR', 8, 0, 1), ('E&S', 2, 0, None), None)
    """
    match = _CODE.fullmatch("".join(code.split()))
    if match is None:
        return None
    return match[1], int(match[2]), int(match[3]), int(match[4]) if match[4] else None


def place_in_hierarchy(code: str) -> tuple[str, str]:
    """Return level and parent of a code: X.Y.Z belongs to X.Y, and X.Y to X.0.

    Examples
    --------
    >>> place_in_hierarchy("CR8.0"), place_in_hierarchy("CR8.2"), place_in_hierarchy("CR8.2.1")
    (('headline', ''), ('subsidiary', 'CR8.0'), ('constituent', 'CR8.2'))
    """
    parts = parts_of(code)
    if parts is None:
        return "", ""
    prefix, group, second, third = parts
    if third is not None:
        return LEVELS[2], f"{prefix}{group}.{second}"
    return (LEVELS[1], f"{prefix}{group}.0") if second else (LEVELS[0], "")


def _entry(table: Table, row: int, hidden: bool) -> Entry:
    sheet = table.sheet
    texts = {name: table.text(row, name) for name in table.columns}
    category = texts.get("category", "")
    topic = topic_of(sheet.name, category)
    code = "".join(texts["code"].split())
    level, parent = place_in_hierarchy(code)
    rag = sheet.cells.get((row, table.columns["rag"]))
    source = sheet.cells.get((row, table.columns["source"]))
    return Entry(
        sheet=sheet.name,
        row=row,
        code_cell=texts["code"],
        code=code,
        level=level,
        parent=parent,
        outline=sheet.outline.get(row, 0),
        hidden=hidden,
        topic=topic,
        category=category,
        detail=texts.get("detail", ""),
        label=texts["label"],
        unit_cell=texts["unit"],
        agency_1=texts["agency_1"],
        agency_2=texts.get("agency_2", ""),
        rag_cell=texts["rag"],
        units=units_of(texts["unit"], topic),
        agencies=agencies_of(texts["agency_1"], texts.get("agency_2", "")),
        rag=GRADES.get(texts["rag"].lower(), ""),
        rag_colour="" if rag is None else rag.shown_colour or rag.colour,
        source=texts["source"],
        link="" if source is None else source.link,
        comment=texts.get("comment", ""),
        revision=texts.get("revision", ""),
        changes=texts.get("changes", ""),
        amounts=tuple(_amounts(table, row)),
    )


def _amounts(table: Table, row: int) -> Iterator[Amount]:
    for value_type in VALUE_TYPES:
        column = table.columns.get(value_type)
        cell = None if column is None else table.sheet.cells.get((row, column))
        if cell is None or (not cell.text and cell.kind != "formula"):
            continue
        year = table.text(row, f"{value_type}_year")
        uprated = table.sheet.cells.get((row, table.columns.get(f"{value_type}_uprated", 0)))
        try:
            price_base = parse_year(year)
        except ValueError:
            price_base = ""
        yield Amount(
            value_type=value_type,
            value=number_in(cell),
            wording=cell.text,
            formula=str(cell.content) if cell.kind == "formula" else "",
            year=year,
            price_base=price_base,
            uprated=None if uprated is None else number_in(uprated),
            place=cell.place,
            comment=cell.comment,
        )


def number_in(cell: Cell) -> float | None:
    """Return the number that a cell shows, or None: text that looks like one is none."""
    if isinstance(cell.value, bool) or not isinstance(cell.value, int | float):
        return None
    return float(cell.value) if math.isfinite(cell.value) else None


def _with_blank_codes(entries: list[Entry]) -> list[Entry]:
    """Supply the code of a blank cell where the codes above and below it leave only one."""
    used = {entry.code for entry in entries}
    found = list(entries)
    for i, entry in enumerate(entries):
        if entry.code_cell or i + 1 == len(entries):
            continue
        above = found[i - 1].code if i else ""
        code = code_between(above, entries[i + 1].code)
        if code and code not in used:
            used.add(code)
            level, parent = place_in_hierarchy(code)
            found[i] = replace(entry, code=code, level=level, parent=parent)
    return found


def code_between(above: str, below: str) -> str:
    """Return the one code that is missing between two, or nothing where none or several could be.

    Examples
    --------
    >>> code_between("CR8.0", "CR8.0.2"), code_between("CR8.0.1", "CR8.0.3"), code_between("CR8.1.4", "CR8.3")
    ('CR8.0.1', 'CR8.0.2', 'CR8.2')
    >>> code_between("CR8.0", "CR9.0")
    ''
    """
    first, last = parts_of(above), parts_of(below)
    if first is None or last is None or first[:2] != last[:2]:
        return ""
    prefix, group, second, third = last
    if third is not None:
        # a constituent: the first one below its parent, or between two of the same parent
        fits = first[2] == second and third >= 2 and (first[3] or 0) == third - 2
        return f"{prefix}{group}.{second}.{third - 1}" if fits else ""
    return f"{prefix}{group}.{second - 1}" if second >= 2 and first[2] == second - 2 else ""


def _with_parents_by_outline(entries: list[Entry]) -> list[Entry]:
    """Place the rows whose code cannot be read by the depth of their group."""
    found: list[Entry] = []
    latest: dict[str, list[str]] = {}
    for entry in entries:
        codes = latest.setdefault(entry.sheet, ["", "", ""])
        if not entry.level:
            depth = min(entry.outline, 2)
            parent = next((code for code in reversed(codes[:depth]) if code), "")
            entry = replace(entry, level=LEVELS[depth if parent else 0], parent=parent)
        depth = LEVELS.index(entry.level)
        codes[depth:] = [entry.code, *[""] * (2 - depth)]
        found.append(entry)
    return found


def _with_keys(entries: list[Entry]) -> tuple[Entry, ...]:
    """Give each row a key of its own: its code, or its place where it has none or one that is taken."""
    taken: set[str] = set()
    found = []
    for entry in entries:
        key = entry.code
        if not key or key in taken:
            sheet = re.sub(r"[^a-z0-9]+", "_", entry.sheet.lower()).strip("_")
            key = f"{key or 'row'}@{sheet}_{entry.row}"
        taken.add(key)
        found.append(replace(entry, key=key))
    return tuple(found)

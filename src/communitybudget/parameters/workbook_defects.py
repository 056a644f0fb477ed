"""What is wrong or doubtful in a unit cost workbook, row by row, with what to do about it."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from communitybudget._core.errors import PriceBaseMismatch
from communitybudget.parameters.hierarchy import adds_up
from communitybudget.parameters.prices import PriceIndex
from communitybudget.parameters.workbook_cells import Cell, Sheet, values_of
from communitybudget.parameters.workbook_colours import grade_of
from communitybudget.parameters.workbook_entries import (
    LEVELS,
    Amount,
    Entry,
    parts_of,
    place_in_hierarchy,
    rows_without_entry,
)
from communitybudget.parameters.workbook_formulas import Evaluator, NotEvaluated, agree
from communitybudget.parameters.workbook_layout import Layout
from communitybudget.parameters.workbook_words import plain

DEFECT_KINDS: Mapping[str, str] = {
    "not_found": "Sheets, columns or parts that were not found",
    "row_not_read": "Rows with a label or unit, but neither code nor amount",
    "cell_under_merge": "Cells below a merged range, which cannot be read",
    "code_blank": "Codes that are blank",
    "code_unreadable": "Codes that are not of the form CR1.0 or CR1.0.1",
    "code_duplicate": "Codes that are there twice",
    "parent_missing": "Codes whose parent is not there",
    "outline_differs": "Outline levels at odds with the code",
    "outline_missing": "Sheets without an outline",
    "label_missing": "Labels that are blank",
    "unit_missing": "Units that are blank",
    "unit_unknown": "Units whose wording is not in the map",
    "unit_not_settled": "Units whose wording can mean more than one of ours",
    "agency_missing": "Agencies that are blank, beside a fiscal value",
    "agency_unknown": "Agencies whose wording is not in the map",
    "agency_not_settled": "Agencies whose wording can mean more than one of ours",
    "value_missing": "Rows without any value",
    "value_not_usable": "Values that are no number, below nil or beyond all bounds",
    "price_year_missing": "Price years that are blank",
    "price_year_unreadable": "Price years that are no financial year",
    "price_year_not_covered": "Price years that the deflators do not cover",
    "rag_missing": "Grades that are blank",
    "rag_unknown": "Grades that are neither R, A nor G",
    "rag_colour_differs": "Grades whose colour says something else",
    "source_missing": "Sources that are blank",
    "repeated_entry": "The same value under the same label in two places",
    "repeated_value": "The same value, unit and price year in two places",
    "does_not_reconcile": "Headlines whose fiscal constituents do not come to them",
    "uprated_differs": "Uprated values that the workbook's own deflators do not give",
    "formula_differs": "Formulas whose stored result is another than theirs",
    "formula_without_value": "Formulas without a stored result",
    "formula_not_checked": "Formulas that were not re-evaluated",
    "error_value": "Cells that show an error",
}
"""Kinds of defect, and what each lists."""

DEFECT_COLUMNS: tuple[str, ...] = ("sheet", "row", "code", "kind", "what", "remedy")

_CALCULATE = "open the workbook in a spreadsheet program, let it calculate, save a copy and import that"
_MOST_NAMED = 12
_MOST_COMPARED = 200


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing that is wrong or doubtful; ``row`` is 0 where it is about a whole sheet."""

    sheet: str
    row: int
    code: str
    kind: str
    what: str
    remedy: str


def defects_of(
    sheets: Sequence[Sheet], layout: Layout, entries: Sequence[Entry], index: PriceIndex
) -> tuple[Defect, ...]:
    """Return every defect, kind by kind in the order of `DEFECT_KINDS`, then by place.

    Parameters
    ----------
    sheets : sequence of Sheet
        The whole workbook.
    layout : Layout
        Its tables.
    entries : sequence of Entry
        The rows of its tables of unit costs.
    index : PriceIndex
        Its deflators.
    """
    found = [
        *_not_found(layout),
        *_not_read(sheets, layout),
        *_codes(entries),
        *_outlines(entries),
        *(defect for entry in entries for defect in _wordings(entry)),
        *(defect for entry in entries for defect in _values(entry, index)),
        *(defect for entry in entries for defect in _grades(entry)),
        *_repeats(entries),
        *_sums(entries),
        *_uprated(entries, index, layout.deflators.current_year),
        *_formulas(sheets, entries),
    ]
    kinds, places = list(DEFECT_KINDS), [sheet.name for sheet in sheets]
    rank = {name: i for i, name in enumerate(places)}
    found.sort(key=lambda d: (kinds.index(d.kind), rank.get(d.sheet, -1), d.row))
    return tuple(found)


def _at(entry: Entry, kind: str, what: str, remedy: str) -> Defect:
    return Defect(entry.sheet, entry.row, entry.code, kind, what, remedy)


def _not_found(layout: Layout) -> Iterator[Defect]:
    for sheet, what in layout.missing:
        remedy = (
            "if it is there, give it back its heading" if sheet else "check that the workbook is complete"
        )
        yield Defect(sheet, 0, "", "not_found", f"{what} was not found", remedy)


def _not_read(sheets: Iterable[Sheet], layout: Layout) -> Iterator[Defect]:
    for table in layout.tables:
        for row in rows_without_entry(table):
            what = "the row has a label or a unit, but neither a code nor an amount; it is in cells.csv only"
            remedy = "give it a code and a value if it is a unit cost"
            yield Defect(table.sheet.name, row, "", "row_not_read", what, remedy)
    for sheet in sheets:
        if sheet.under_merges:
            cells = _named(sheet.under_merges)
            what = f"something stands in {cells}, below a merged range, and cannot be read"
            yield Defect(sheet.name, 0, "", "cell_under_merge", what, "unmerge the range in a copy")


def _named(words: Sequence[str]) -> str:
    more = len(words) - _MOST_NAMED
    return ", ".join(words[:_MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _codes(entries: Sequence[Entry]) -> Iterator[Defect]:
    codes: dict[str, Entry] = {}
    for entry in entries:
        first = codes.setdefault(entry.code, entry)
        if not entry.code_cell:
            if entry.code:
                what = (
                    f"the code is blank; {entry.code} is the one missing between its neighbours, and is used"
                )
            else:
                what = f"the code is blank, and its neighbours do not leave only one; its key is {entry.key}"
            yield _at(entry, "code_blank", what, "give the row its code")
        elif parts_of(entry.code) is None:
            what = f"'{entry.code_cell[:40]}' cannot be read as a code; by its outline it is a {entry.level}"
            yield _at(entry, "code_unreadable", what, "write it like CR1.0, CR1.2 or CR1.2.3")
        if entry.code and first is not entry:
            what = f"the code stands in row {first.row} of {first.sheet} too; the key here is {entry.key}"
            yield _at(entry, "code_duplicate", what, "give one of them another code")
    for entry in entries:
        if entry.parent and entry.parent not in codes:
            what = f"its parent {entry.parent} is not there"
            yield _at(entry, "parent_missing", what, "add the parent, or correct the code")


def _outlines(entries: Sequence[Entry]) -> Iterator[Defect]:
    by_sheet: dict[str, list[Entry]] = {}
    for entry in entries:
        by_sheet.setdefault(entry.sheet, []).append(entry)
    for sheet, rows in by_sheet.items():
        by_code = [(entry, place_in_hierarchy(entry.code)[0]) for entry in rows]
        if not any(entry.outline for entry in rows):
            if any(level in LEVELS[1:] for _, level in by_code):
                what = "no row is grouped, so that the outline cannot be compared with the codes"
                remedy = "nothing, if the groups were lost on purpose: the codes say the level"
                yield Defect(sheet, 0, "", "outline_missing", what, remedy)
            continue
        for entry, level in by_code:
            shown = LEVELS[min(entry.outline, 2)]
            if level and shown != level:
                what = f"the outline shows it as {shown}, its code as {level}; the code is followed"
                yield _at(entry, "outline_differs", what, "group the row as its code says")


def _wordings(entry: Entry) -> Iterator[Defect]:
    if not entry.label:
        yield _at(entry, "label_missing", "the row does not say what it is", "fill in the label")
    if not entry.source:
        yield _at(entry, "source_missing", "the row has no source", "fill in the source")
    if not entry.unit_cell:
        yield _at(entry, "unit_missing", "the unit is blank", "fill in the unit")
    elif not entry.units:
        what = f"'{entry.unit_cell}' is not in the map of units; it is kept as worded"
        yield _at(entry, "unit_unknown", what, "choose the unit in unit_costs.csv")
    elif len(entry.units) > 1:
        what = f"'{entry.unit_cell}' is kept as worded; it can be {' or '.join(entry.units)}"
        yield _at(entry, "unit_not_settled", what, "read the row, and choose the unit in unit_costs.csv")
    if entry.amount("fiscal") is None:
        return
    wording = " / ".join(filter(None, (entry.agency_1, entry.agency_2)))
    if not wording:
        what = "nobody is named who bears the fiscal value; it stays unallocated"
        yield _at(entry, "agency_missing", what, "fill in the agency")
    elif not entry.agencies:
        what = f"'{wording}' is not in the map of agencies; it stays unallocated"
        yield _at(entry, "agency_unknown", what, "choose the agency in unit_costs.csv")
    elif len(entry.agencies) > 1:
        what = f"'{wording}' stays unallocated; it can be {' or '.join(entry.agencies)}"
        yield _at(entry, "agency_not_settled", what, "read the row, and choose the agency in unit_costs.csv")


def _values(entry: Entry, index: PriceIndex) -> Iterator[Defect]:
    if not entry.amounts:
        what = "the row has no fiscal, economic or social value; it is in entries.csv only"
        yield _at(entry, "value_missing", what, "fill in a value, or delete the row")
    for amount in entry.amounts:
        name = f"the {amount.value_type} value"
        if amount.value is None and amount.wording:
            what = f"{name} in {amount.place} is '{amount.wording[:40]}' and no number; it is left out"
            yield _at(entry, "value_not_usable", what, "type it as a number")
        elif amount.value is not None and amount.value < 0:
            what = f"{name} in {amount.place} is {amount.value:,.10g}, below nil; it is left out"
            yield _at(entry, "value_not_usable", what, "check the sign; a saving is written without one")
        elif not amount.usable and amount.value is not None:
            what = f"{name} in {amount.place} is {amount.value:g}, beyond all bounds; it is left out"
            yield _at(entry, "value_not_usable", what, "check the number")
        if amount.value is None:
            continue
        if not amount.year:
            what = f"{name} has no price year; it is no money until it has one"
            yield _at(entry, "price_year_missing", what, "fill in the year of its prices")
        elif not amount.price_base:
            what = f"'{amount.year[:40]}' is no financial year; {name} is no money until it is"
            remedy = "write it like 2013/14, in a cell formatted as text"
            yield _at(entry, "price_year_unreadable", what, remedy)
        elif amount.price_base not in index.values:
            what = f"the deflators do not cover {amount.price_base}, the price year of {name}"
            yield _at(entry, "price_year_not_covered", what, "add the year to the deflators")


def _grades(entry: Entry) -> Iterator[Defect]:
    if not entry.rag_cell:
        yield _at(entry, "rag_missing", "the grade is blank", "grade the row R, A or G")
    elif not entry.rag:
        yield _at(entry, "rag_unknown", f"'{entry.rag_cell[:40]}' is no grade", "write R, A or G")
    elif grade_of(entry.rag_colour) not in ("", entry.rag):
        what = f"the cell says {entry.rag}, its colour {grade_of(entry.rag_colour)}; the word is followed"
        yield _at(entry, "rag_colour_differs", what, "make word and colour agree")


def _repeats(entries: Sequence[Entry]) -> Iterator[Defect]:
    """Yield each row whose value stands further up under the same label, or unit and year."""
    seen: dict[tuple[str, float], list[tuple[Entry, Amount]]] = {}
    for entry in entries:
        for amount in entry.amounts:
            if amount.value:
                seen.setdefault((amount.value_type, amount.value), []).append((entry, amount))
    for (value_type, value), places in seen.items():
        for key, kind in ((_label_key, "repeated_entry"), (_unit_key, "repeated_value")):
            groups: dict[str, list[tuple[Entry, Amount]]] = {}
            for entry, amount in places:
                groups.setdefault(key(entry, amount), []).append((entry, amount))
            for words, group in groups.items():
                if words and len(group) > 1:
                    yield from _repeated(kind, value_type, value, group)


def _label_key(entry: Entry, _: Amount) -> str:
    return plain(entry.label)


def _unit_key(entry: Entry, amount: Amount) -> str:
    return f"{plain(entry.unit_cell)} {amount.price_base}" if amount.price_base else ""


def _repeated(
    kind: str, value_type: str, value: float, group: Sequence[tuple[Entry, Amount]]
) -> Iterator[Defect]:
    for i, (entry, amount) in enumerate(group[1:], start=1):
        others = [
            (other, theirs)
            for other, theirs in group[max(0, i - _MOST_COMPARED) : i]
            if kind == "repeated_entry" or plain(other.label) != plain(entry.label)
        ]
        if not others:
            continue
        named = _named([other.key for other, _ in others[-_MOST_NAMED:]])
        what = f"{value_type} {value:,.10g} in {amount.year or 'no'} prices stands at {named} too"
        years = sorted({theirs.year for _, theirs in others} - {amount.year})
        if kind == "repeated_entry":
            what += ", under the same label" + (f" in {', '.join(years)} prices" if years else "")
        yield _at(entry, kind, what, "use one of them only, if they are the same")


def _sums(entries: Sequence[Entry]) -> Iterator[Defect]:
    parts: dict[str, list[float]] = {}
    for entry in entries:
        fiscal = entry.amount("fiscal")
        if entry.level == "constituent" and fiscal is not None and fiscal.value is not None:
            parts.setdefault(entry.parent, []).append(fiscal.value)
    for entry in entries:
        fiscal = entry.amount("fiscal")
        # a second row of the same code is no parent
        if entry.key not in parts or fiscal is None or fiscal.value is None:
            continue
        total = math.fsum(parts[entry.key])
        if adds_up(fiscal.value, total):
            continue
        gap = f", {total / fiscal.value - 1:+.2%}" if fiscal.value else ""
        count = len(parts[entry.key])
        named = f"{count} constituents" if count > 1 else "one constituent"
        what = f"{fiscal.value:,.10g} against {total:,.10g} of its {named}{gap}"
        remedy = "use the headline or its constituents, never both, and say which and why"
        yield _at(entry, "does_not_reconcile", what, remedy)


def reconciled(entries: Sequence[Entry]) -> tuple[int, int]:
    """Return how many rows have fiscal constituents, and for how many these come to them."""
    wholes = {e.parent for e in entries if e.level == "constituent" and _has_fiscal(e)}
    parents = [e for e in entries if e.key in wholes and _has_fiscal(e)]
    return len(parents), len(parents) - sum(1 for _ in _sums(entries))


def _has_fiscal(entry: Entry) -> bool:
    fiscal = entry.amount("fiscal")
    return fiscal is not None and fiscal.value is not None


def _uprated(entries: Sequence[Entry], index: PriceIndex, to: str) -> Iterator[Defect]:
    if not to:
        return
    for entry in entries:
        for amount in entry.amounts:
            if not amount.value or amount.uprated is None or not amount.price_base:
                continue
            try:
                ours = amount.value * index.factor(amount.price_base, to)
            except PriceBaseMismatch:
                continue
            if not agree(ours, amount.uprated):
                shown = f"{amount.uprated:,.10g} and not {ours:,.10g}"
                what = f"the {amount.value_type} value in {to} prices is {shown}"
                yield _at(entry, "uprated_differs", what, "do not use it; uprate the original value")


def _formulas(sheets: Sequence[Sheet], entries: Sequence[Entry]) -> Iterator[Defect]:
    codes = {(entry.sheet, entry.row): entry.code for entry in entries}
    evaluator = Evaluator(values_of(sheets))
    for sheet in sheets:
        for cell in sheet.cells.values():
            code = codes.get((sheet.name, cell.row), "")
            for kind, what, remedy in _formula(sheet, cell, evaluator):
                yield Defect(sheet.name, cell.row, code, kind, f"{cell.place}: {what}", remedy)


def _formula(sheet: Sheet, cell: Cell, evaluator: Evaluator) -> Iterator[tuple[str, str, str]]:
    if cell.kind == "error" or (cell.kind == "formula" and cell.text.startswith("#")):
        yield "error_value", f"shows {cell.text}", "correct what the cell refers to"
    if cell.kind != "formula":
        return
    try:
        result = evaluator.evaluate(str(cell.content), sheet.name)
    except NotEvaluated as why:
        yield "formula_not_checked", str(why), "check its stored result by hand"
        return
    if agree(result, cell.value):
        return
    if cell.value is None:
        yield "formula_without_value", "has no stored result", _CALCULATE
    else:
        shown, given = (f"{v:,.10g}" if isinstance(v, float) else str(v) for v in (cell.value, result))
        yield "formula_differs", f"shows {shown}; the formula gives {given[:80]}", _CALCULATE

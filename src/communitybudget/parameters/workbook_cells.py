"""Every cell of a workbook as it is: value, formula with its stored result, comment, link, colour."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from communitybudget._core.errors import Fault, WorkbookError
from communitybudget.parameters.workbook_colours import colour_of, conditional_colours
from communitybudget.parameters.workbook_formulas import Evaluator, Value
from communitybudget.parameters.workbook_opening import OpenedWorkbook
from communitybudget.parameters.workbook_places import Place, letters_of

_KINDS = {"n": "number", "s": "text", "b": "truth", "e": "error", "d": "date", "f": "formula"}
_EXACT_UP_TO = 2**53
MOST_TEXT = 50_000_000
"""Letters that the cells may hold together: many may share one long text."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell that holds a value, a comment or a link.

    Parameters
    ----------
    row, column : int
        Counted from 1.
    kind : str
        ``number``, ``text``, ``truth``, ``date``, ``error``, ``formula`` or ``blank``.
    content : float, int, str, bool or None
        What was entered; the text of a formula with its sign of equality. A date is its ISO text.
    value : float, int, str, bool or None
        What the cell shows; of a formula, the result stored with it.
    number_format : str
        Empty where it is the general one.
    bold : bool
        Whether it is in bold type.
    indent : int
        Steps by which it is indented.
    colour, shown_colour : str
        Of the fill; as the cell has it, and where conditional formatting gives another.
    comment, comment_author : str
        The comment on the cell.
    link : str
        Where the cell leads to.
    """

    row: int
    column: int
    kind: str
    content: Value
    value: Value
    number_format: str = ""
    bold: bool = False
    indent: int = 0
    colour: str = ""
    shown_colour: str = ""
    comment: str = ""
    comment_author: str = ""
    link: str = ""

    @property
    def place(self) -> str:
        """Letters and number, such as ``H3``."""
        return f"{letters_of(self.column)}{self.row}"

    @property
    def text(self) -> str:
        """What the cell shows, as text without blanks around it."""
        return "" if self.value is None else str(self.value).strip()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet with its cells and how its rows and columns are grouped and hidden.

    Parameters
    ----------
    name, state : str
        State is ``visible``, ``hidden``, ``veryHidden`` or ``chart``.
    cells : mapping of (int, int) to Cell
        By row and column, row by row.
    outline : mapping of int to int
        Rows that are grouped, and how deep.
    hidden_rows : tuple of int
        Rows that do not show, because they are hidden or their group is closed.
    hidden_columns : tuple of str
        Columns that do not show, such as ``V:X``.
    column_outline : mapping of str to int
        Columns that are grouped, and how deep.
    merged : tuple of str
        Ranges shown as one cell.
    under_merges : tuple of str
        Cells below such a range that hold something, which cannot be read.
    """

    name: str
    state: str
    cells: Mapping[Place, Cell]
    outline: Mapping[int, int] = field(default_factory=dict)
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[str, ...] = ()
    column_outline: Mapping[str, int] = field(default_factory=dict)
    merged: tuple[str, ...] = ()
    under_merges: tuple[str, ...] = ()

    def text(self, row: int, column: int) -> str:
        """Return what a cell shows, as text; empty where there is none."""
        cell = self.cells.get((row, column))
        return "" if cell is None else cell.text

    @property
    def last_row(self) -> int:
        """The last row that holds something."""
        return max((row for row, _ in self.cells), default=0)


def read_sheets(opened: OpenedWorkbook) -> tuple[Sheet, ...]:
    """Return every sheet of a workbook, in its order.

    Parameters
    ----------
    opened : OpenedWorkbook
        From `open_workbook`.

    Raises
    ------
    WorkbookError
        If its cells hold more text than `MOST_TEXT`.
    """
    sheets, letters = [], 0
    for source in opened.formulas.worksheets:
        under_merges = opened.under_merges.get(source.title, ())
        sheets.append(_sheet(source, opened.values[source.title], under_merges))
        letters += sum(len(cell.text) + len(cell.comment) for cell in sheets[-1].cells.values())
        if letters > MOST_TEXT:
            what = f"its cells hold more than {MOST_TEXT:,} letters"
            remedy = "check that it is the Unit Cost Database; delete what does not belong to it in a copy"
            raise WorkbookError([Fault(opened.file, "", what, remedy)])
    evaluator = Evaluator(values_of(sheets))
    shown = []
    for sheet, source in zip(sheets, opened.formulas.worksheets, strict=True):
        values = {place: cell.value for place, cell in sheet.cells.items()}
        colours = conditional_colours(source, values, evaluator)
        cells = {
            place: replace(cell, shown_colour=colours[place]) if place in colours else cell
            for place, cell in sheet.cells.items()
        }
        shown.append(replace(sheet, cells=cells))
    charts = [Sheet(chart.title, "chart", {}) for chart in opened.formulas.chartsheets]
    order = opened.formulas.sheetnames
    return tuple(sorted((*shown, *charts), key=lambda sheet: order.index(sheet.name)))


def values_of(sheets: Iterable[Sheet]) -> dict[str, dict[Place, Value]]:
    """Return what the cells show, by sheet, for an `Evaluator`."""
    return {sheet.name: {place: cell.value for place, cell in sheet.cells.items()} for sheet in sheets}


def _sheet(formulas: Any, values: Any, under_merges: tuple[str, ...]) -> Sheet:
    cells = {}
    # the cells that are there, and not every cell up to the last one: a sheet may reach to row 1,048,576
    for place, source in sorted(formulas._cells.items()):
        stored = values._cells.get(place)
        cell = _cell(place, source, None if stored is None else stored.value)
        if cell is not None:
            cells[place] = cell
    rows, columns = formulas.row_dimensions, formulas.column_dimensions
    spans = [
        (f"{letters_of(entry.min)}:{letters_of(entry.max)}", entry)
        for entry in columns.values()
        if entry.min and entry.max
    ]
    return Sheet(
        name=formulas.title,
        state=formulas.sheet_state,
        cells=cells,
        outline={row: entry.outlineLevel for row, entry in sorted(rows.items()) if entry.outlineLevel},
        hidden_rows=tuple(row for row, entry in sorted(rows.items()) if entry.hidden),
        hidden_columns=tuple(span for span, entry in spans if entry.hidden),
        column_outline={span: entry.outlineLevel for span, entry in spans if entry.outlineLevel},
        merged=tuple(sorted(str(area) for area in formulas.merged_cells.ranges)),
        under_merges=under_merges,
    )


def _cell(place: Place, source: Any, stored: object) -> Cell | None:
    raw, link = source.value, source.hyperlink
    target = "" if link is None else (link.target or "") + (f"#{link.location}" if link.location else "")
    if raw is None and source.comment is None and not target:
        return None
    kind = "blank" if raw is None else _KINDS.get(source.data_type, "text")
    content = _formula(raw) if kind == "formula" else _plain(raw)
    form = source.number_format or ""
    return Cell(
        *place,
        kind=kind,
        content=content,
        value=_plain(stored) if kind == "formula" else content,
        number_format="" if form == "General" else form,
        bold=bool(source.font.b),
        indent=int(source.alignment.indent or 0),
        colour=colour_of(source.fill),
        comment="" if source.comment is None else _clean(source.comment.text),
        comment_author="" if source.comment is None else _clean(source.comment.author or ""),
        link=_clean(target),
    )


def _formula(raw: object) -> str:
    if isinstance(raw, str):
        return _clean(raw)
    # an array formula, or a table of data
    return "{" + _clean(str(getattr(raw, "text", None) or "=TABLE()")) + "}"


def _plain(raw: object) -> Value:
    if isinstance(raw, datetime | date | time):
        return raw.isoformat()
    if isinstance(raw, timedelta):
        return str(raw)
    if isinstance(raw, int) and not isinstance(raw, bool) and abs(raw) > _EXACT_UP_TO:
        return float(str(raw))
    if raw is None or isinstance(raw, bool | int | float):
        return raw
    return _clean(str(raw))


def _clean(text: str) -> str:
    """Return text without halves of a character, which could not be written to a file."""
    # the same text and no copy wherever it can be: many cells may share it
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")

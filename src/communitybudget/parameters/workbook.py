"""Read a unit cost workbook without losing anything, and say what is wrong with it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from communitybudget._core.cards import card, text_table
from communitybudget._core.vocabulary import VALUE_TYPES
from communitybudget._core.years import span
from communitybudget.parameters.parameter import Parameter
from communitybudget.parameters.prices import PriceIndex
from communitybudget.parameters.workbook_cells import Sheet, read_sheets
from communitybudget.parameters.workbook_defects import (
    DEFECT_COLUMNS,
    DEFECT_KINDS,
    Defect,
    defects_of,
    reconciled,
)
from communitybudget.parameters.workbook_entries import Entry, read_entries
from communitybudget.parameters.workbook_layout import Layout, lay_out
from communitybudget.parameters.workbook_opening import open_workbook
from communitybudget.parameters.workbook_set import CELL_COLUMNS, cell_rows, parameters_of, write_set

if TYPE_CHECKING:
    import pandas as pd

_VERSION = re.compile(r"\bv(?:ersion)?\.?\s*(\d+(?:\.\d+)*)", re.IGNORECASE)
_PROPERTIES = ("title", "creator", "lastModifiedBy", "created", "modified", "description")

AMOUNT_COLUMNS: tuple[str, ...] = (
    *("key", "code", "parent", "level", "topic", "label", "unit", "agency", "value_type", "value"),
    *("price_base", "uprated", "uprated_to", "rag", "sheet", "row"),
)


@dataclass(frozen=True)
class ImportedWorkbook:
    """A unit cost workbook as it was read: every cell, the rows of its tables, and its defects.

    Parameters
    ----------
    file, sha256 : str
        Name of the file without its folder, and what identifies its content.
    title, version : str
        What the workbook calls itself; its version is ``0+`` and the beginning of the SHA-256 where it
        does not say.
    sheets : tuple of Sheet
        Every sheet with every cell that holds something.
    layout : Layout
        Where its tables are, its deflators, update log, introduction and licence.
    entries : tuple of Entry
        The rows of its tables of unit costs.
    index : PriceIndex
        Its deflators.
    about : mapping of str to str
        Properties of the file, names defined in it, and files that it refers to.
    defects : tuple of Defect
        Kind by kind; see `DEFECT_KINDS`.
    path : Path
        Where it was read from.
    """

    file: str
    sha256: str
    title: str
    version: str
    sheets: tuple[Sheet, ...]
    layout: Layout
    entries: tuple[Entry, ...]
    index: PriceIndex
    about: Mapping[str, str]
    defects: tuple[Defect, ...]
    path: Path = field(compare=False)

    @property
    def name(self) -> str:
        """Name of the parameter set that it becomes, such as ``ucd_v1_4``."""
        return _set_name(self.version)

    def counts(self) -> dict[str, int]:
        """Return how many defects there are of each kind."""
        found = dict.fromkeys(DEFECT_KINDS, 0)
        for defect in self.defects:
            found[defect.kind] += 1
        return found

    def parameters(self) -> tuple[Parameter, ...]:
        """Return the amounts as rows of a parameter set; see `parameters_of`."""
        return parameters_of(self)

    def to_frame(self) -> "pd.DataFrame":
        """Return every amount as a table with the columns `AMOUNT_COLUMNS`, as in the workbook."""
        import pandas as pd

        to = self.layout.deflators.current_year
        rows = [
            [
                *(e.key, e.code, e.parent, e.level, e.topic, " ".join(e.label.split()), e.unit),
                e.agency if a.value_type == "fiscal" else "society",
                *(a.value_type, a.value, a.price_base, a.uprated, to, e.rag, e.sheet, e.row),
            ]
            for e in self.entries
            for a in e.amounts
            if a.value is not None
        ]
        return pd.DataFrame(rows, columns=list(AMOUNT_COLUMNS))

    def defects_frame(self) -> "pd.DataFrame":
        """Return the defects as a table with the columns ``sheet, row, code, kind, what, remedy``."""
        import pandas as pd

        rows = [[getattr(d, c) for c in DEFECT_COLUMNS] for d in self.defects]
        return pd.DataFrame(rows, columns=list(DEFECT_COLUMNS))

    def cells_frame(self) -> "pd.DataFrame":
        """Return every cell as a table with the columns of ``cells.csv``."""
        import pandas as pd

        return pd.DataFrame(list(cell_rows(self.sheets)), columns=list(CELL_COLUMNS))

    def write(self, folder: str | Path) -> Path:
        """Write a parameter set that `ParameterSet.load` reads, and beside it what was kept of the workbook.

        Parameters
        ----------
        folder : str or Path
            Made if it is not there. All files are written or none; an earlier import in it is replaced.

        Raises
        ------
        OutputError
            If the folder is that of the workbook, holds files that no import has written or that were
            changed since, or cannot be written.
        """
        write_set(self, Path(folder))
        return Path(folder)

    def _rows(self) -> list[tuple[str, str]]:
        amounts = [a for e in self.entries for a in e.amounts if a.value is not None]
        by_type = {t: sum(a.value_type == t for a in amounts) for t in VALUE_TYPES}
        cells = [cell for sheet in self.sheets for cell in sheet.cells.values()]
        formulas = sum(cell.kind == "formula" for cell in cells)
        headlines, sums = reconciled(self.entries)
        deflators = self.layout.deflators
        to = f", uprated to {deflators.current_year}" if deflators.current_year else ""
        rows = [
            ("Rows of unit costs", f"{len(self.entries):,} on {len(self.layout.tables)} sheets"),
            ("Values", f"{len(amounts):,}: " + ", ".join(f"{n:,} {t}" for t, n in by_type.items())),
            ("Cells kept", f"{len(cells):,}, of which {formulas:,} formulas"),
            ("Deflators", span([row.year for row in deflators.rows]) + to),
            ("Headlines with constituents", f"{headlines:,}, of which {sums:,} reconcile"),
            ("Defects", f"{len(self.defects):,}"),
        ]
        return rows + [(DEFECT_KINDS[kind], f"{n:,}") for kind, n in self.counts().items() if n]

    @property
    def _foot(self) -> str:
        return f"{self.file} · SHA-256 {self.sha256[:16]}"

    def summary(self) -> str:
        """Return what was read and how many defects there are of each kind, as text."""
        return text_table(self.title, self._rows(), self._foot)

    def __repr__(self) -> str:
        rows, defects = len(self.entries), len(self.defects)
        return f"ImportedWorkbook({self.file}, version {self.version}, {rows:,} rows, {defects:,} defects)"

    def _repr_html_(self) -> str:
        return card(self.title, self._rows(), self._foot)


def import_ucd(path: str | Path) -> ImportedWorkbook:
    """Read a workbook of the Unit Cost Database, losing nothing and writing nothing.

    Tables and columns are found by their headings, so that they may have moved. What the workbook does
    not settle is not settled here: a unit stays as worded, an agency ``unallocated``, and both are among
    the defects.

    Parameters
    ----------
    path : str or Path
        The workbook (.xlsx), of New Economy or the Greater Manchester Combined Authority.

    Returns
    -------
    ImportedWorkbook
        Amounts in GBP at the prices of their own years.

    Raises
    ------
    WorkbookError
        If it cannot be opened, or with every sheet and column that was not found.

    Examples
    --------
    >>> from communitybudget._core.errors import WorkbookError
    >>> try:
    ...     import_ucd("nothing.xlsx")
    ... except WorkbookError as fault:
    ...     print(fault)
    nothing.xlsx: is not there; check the path
    """
    path = Path(path)
    opened = open_workbook(path)
    sheets = read_sheets(opened)
    layout = lay_out(opened.file, sheets)
    entries = read_entries(layout.tables)
    title = _title(layout) or path.stem
    version = _version(title, opened.sha256)
    deflators = layout.deflators
    index = PriceIndex(
        vintage=f"{_set_name(version)}_deflators",
        values={row.year: row.index for row in sorted(deflators.rows, key=lambda row: row.year)},
        source=deflators.source or f"{title}, sheet {deflators.sheet}",
        mark="verified",
    )
    return ImportedWorkbook(
        file=opened.file,
        sha256=opened.sha256,
        title=title,
        version=version,
        sheets=sheets,
        layout=layout,
        entries=entries,
        index=index,
        about=_about(opened.formulas),
        defects=defects_of(sheets, layout, entries, index),
        path=path,
    )


def _title(layout: Layout) -> str:
    first = layout.introduction[0] if layout.introduction else ""
    return " ".join(re.sub(r"[-–:]\s*introduction\s*$", "", first, flags=re.IGNORECASE).split())


def _version(title: str, sha256: str) -> str:
    found = _VERSION.search(title)
    return found[1] if found else f"0+{sha256[:8]}"


def _set_name(version: str) -> str:
    return "ucd_v" + re.sub(r"\W", "_", version)


def _about(workbook: Any) -> dict[str, str]:
    properties = {name: getattr(workbook.properties, name, None) for name in _PROPERTIES}
    names = {f"name {name}": entry.attr_text for name, entry in workbook.defined_names.items()}
    links: Sequence[Any] = getattr(workbook, "_external_links", ())
    files = {f"refers to {i}": getattr(link.file_link, "Target", "") for i, link in enumerate(links, start=1)}
    return {key: str(value) for key, value in {**properties, **names, **files}.items() if value}

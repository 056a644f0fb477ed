"""Turn an imported workbook into the folder of a parameter set, whole or not at all."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from communitybudget._core.errors import OutputError
from communitybudget._core.vocabulary import VALUE_TYPES
from communitybudget._core.writing import (
    MANIFEST,
    csv_bytes,
    digest,
    json_bytes,
    refuse_a_file,
    write_together,
)
from communitybudget.parameters.folders import england_folder
from communitybudget.parameters.parameter import Parameter
from communitybudget.parameters.reading import WORKBOOK_FOLDER
from communitybudget.parameters.tables import COMMON_COLUMNS
from communitybudget.parameters.workbook_cells import Cell, Sheet
from communitybudget.parameters.workbook_defects import DEFECT_COLUMNS
from communitybudget.parameters.workbook_entries import Amount, Entry
from communitybudget.parameters.workbook_places import letters_of

if TYPE_CHECKING:
    from communitybudget.parameters.workbook import ImportedWorkbook

MADE_BY = "communitybudget parameters import-ucd"

PRICE_BOOK_COLUMNS: tuple[str, ...] = (
    *("transfer_value", "code", "parent", "level", "rag", "overlaps", "topic", "agency_detail"),
)
CELL_COLUMNS: tuple[str, ...] = (
    *("sheet", "row", "column", "kind", "content", "value", "number_format", "bold", "indent"),
    *("colour", "shown_colour", "comment", "comment_author", "link"),
)
ENTRY_COLUMNS: tuple[str, ...] = (
    *("sheet", "row", "key", "code_as_worded", "code", "level", "parent", "outline", "hidden", "topic"),
    *("category", "detail", "label", "unit_as_worded", "unit", "agency_1", "agency_2", "agency"),
    *(
        f"{value_type}{part}"
        for value_type in VALUE_TYPES
        for part in ("", "_formula", "_price_year", "_uprated", "_comment")
    ),
    *("uprated_to", "rag_as_worded", "rag", "rag_colour", "source", "link", "comment", "revision", "changes"),
)
SHEET_COLUMNS: tuple[str, ...] = (
    *("sheet", "state", "cells", "header_row", "outline", "hidden_rows", "column_outline"),
    *("hidden_columns", "merged"),
)
_RULES = ("rules/default_spread.csv",)


def parameters_of(found: "ImportedWorkbook") -> tuple[Parameter, ...]:
    """Return the amounts of a workbook as rows of a price book, in the order of the workbook.

    An amount without a price year is no money: its unit says pounds, and that the price base is not
    published. Economic and social values are borne by society, by definition of the workbook.

    Parameters
    ----------
    found : ImportedWorkbook
        From `import_ucd`.
    """
    return tuple(
        _parameter(found.name, entry, amount, amount.value)
        for entry in found.entries
        for amount in entry.amounts
        if amount.value is not None and amount.usable
    )


def _parameter(source: str, entry: Entry, amount: Amount, value: float) -> Parameter:
    fiscal = amount.value_type == "fiscal"
    transfer, part = entry.transfer if fiscal else ("no", None)
    money = f"GBP {entry.unit}" if amount.price_base else f"pounds {entry.unit} (price base not published)"
    notes = [entry.comment, amount.comment]
    where = f"(sheet {entry.sheet}, row {entry.row})"
    own_code = entry.code if entry.key == entry.code else ""
    return Parameter(
        key=f"unit_cost.{entry.key}",
        label=_line(entry.label),
        value=value,
        unit=_line(money),
        source=source,
        mark="verified",
        price_base=amount.price_base,
        agency=entry.agency if fiscal else "society",
        value_type=amount.value_type,
        cashable="not_assessed",
        transfer=transfer,
        transfer_value=part,
        evidence_grade=entry.rag,
        source_detail=_line(f"{entry.source} {where}"),
        note=_line(" ".join(filter(None, notes))),
        fields={
            "code": own_code,
            "parent": entry.parent,
            "level": entry.level,
            "rag": entry.rag,
            "overlaps": "",
            "topic": entry.topic,
            "agency_detail": _line(" / ".join(filter(None, (entry.agency_1, entry.agency_2)))),
        },
    )


def _line(text: str) -> str:
    return " ".join(text.split())


def files_of(found: "ImportedWorkbook") -> dict[str, bytes]:
    """Return the files of the parameter set, by relative path.

    Parameters
    ----------
    found : ImportedWorkbook
        From `import_ucd`.
    """
    files = {
        "set.yaml": _yaml(_about(found)),
        "sources.yaml": _yaml({found.name: _source(found)}),
        "unit_costs.csv": _unit_costs(found),
        f"indices/{found.index.vintage}.csv": _deflators(found),
        "CHANGELOG.md": _changelog(found).encode("utf-8"),
        "LICENCE.md": _licence(found).encode("utf-8"),
        f"{WORKBOOK_FOLDER}cells.csv": _table(CELL_COLUMNS, cell_rows(found.sheets)),
        f"{WORKBOOK_FOLDER}entries.csv": _table(ENTRY_COLUMNS, _entry_rows(found)),
        f"{WORKBOOK_FOLDER}sheets.csv": _table(SHEET_COLUMNS, _sheet_rows(found)),
        f"{WORKBOOK_FOLDER}update_log.csv": _table(
            ("row", "theme", "codes", "revisions", "number"),
            [(r.row, r.theme, r.codes, r.revisions, r.number) for r in found.layout.log],
        ),
        f"{WORKBOOK_FOLDER}about.csv": _table(("name", "value"), found.about.items()),
        f"{WORKBOOK_FOLDER}defects.csv": _table(
            DEFECT_COLUMNS, [[getattr(d, c) for c in DEFECT_COLUMNS] for d in found.defects]
        ),
    }
    # what the workbook does not say, and a set cannot do without: the house's own assumptions
    files |= {name: (england_folder() / name).read_bytes() for name in _RULES}
    manifest = {
        "made_by": MADE_BY,
        "workbook": {"file": found.file, "sha256": found.sha256},
        "outputs": {name: digest(content) for name, content in sorted(files.items())},
    }
    return {**files, MANIFEST: json_bytes(manifest)}


def write_set(found: "ImportedWorkbook", folder: Path) -> None:
    """Write the parameter set of a workbook, all files or none.

    Parameters
    ----------
    found : ImportedWorkbook
        From `import_ucd`.
    folder : Path
        Made if it is not there; never the folder of the workbook itself.

    Raises
    ------
    OutputError
        If the folder holds files that no import has written, or that were changed since.
    """
    refuse_a_file(folder)
    if folder.resolve() == found.path.resolve().parent:
        raise OutputError(
            f"'{folder}' is the folder of the workbook, where nothing is written; choose another with --out"
        )
    files = files_of(found)
    _refuse_what_is_not_ours(folder)
    write_together(folder, files)


def _refuse_what_is_not_ours(folder: Path) -> None:
    manifest = folder / MANIFEST
    if not manifest.is_file():
        return
    try:
        told = json.loads(manifest.read_text(encoding="utf-8"))
        ours, outputs = told["made_by"] == MADE_BY, dict(told["outputs"])
    except (OSError, ValueError, KeyError, TypeError):
        ours, outputs = False, {}
    if not ours:
        raise OutputError(f"'{folder}' holds something else than an import; choose another folder with --out")
    changed = [
        name
        for name, known in outputs.items()
        if (folder / name).is_file() and digest((folder / name).read_bytes()) != known
    ]
    if changed:
        raise OutputError(
            f"'{folder}' holds {', '.join(changed)}, changed since the import; choose another folder with "
            "--out, so that the changes are not lost"
        )


def _yaml(value: dict[str, object]) -> bytes:
    import yaml

    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=100).encode("utf-8")


def _about(found: "ImportedWorkbook") -> dict[str, object]:
    return {
        "name": found.name,
        "version": found.version,
        "title": found.title,
        "description": f"Read from the workbook {found.file}; what was kept of it is in {WORKBOOK_FOLDER}.",
        "index": found.index.vintage,
    }


def _source(found: "ImportedWorkbook") -> dict[str, str]:
    citation = f"{found.title}, workbook {found.file}, SHA-256 {found.sha256}"
    licence = found.layout.licence.partition(". ")[0].rstrip(".")
    return {"citation": citation, **({"licence": licence} if licence else {})}


def _unit_costs(found: "ImportedWorkbook") -> bytes:
    columns = (*COMMON_COLUMNS, *PRICE_BOOK_COLUMNS)
    rows = [
        [row.fields[c] if c in row.fields else getattr(row, c) for c in columns] for row in found.parameters()
    ]
    return _table(columns, rows)


def _deflators(found: "ImportedWorkbook") -> bytes:
    table, index = found.layout.deflators, found.index
    columns = ("vintage", "year", "index", "base", "status", "mark", "source")
    rows = [
        (index.vintage, row.year, row.index, table.base, row.status, index.mark, index.source)
        for row in table.rows
    ]
    return _table(columns, rows)


def _table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    return csv_bytes(columns, rows, every_digit=True)


def cell_rows(sheets: Iterable[Sheet]) -> Iterator[list[object]]:
    """Yield every cell of some sheets, with the columns `CELL_COLUMNS`."""
    for sheet in sheets:
        for cell in sheet.cells.values():
            yield [sheet.name, cell.row, letters_of(cell.column), *_content(cell)]


def _content(cell: Cell) -> list[object]:
    value = cell.value if cell.kind == "formula" else None
    return [cell.kind, cell.content, value, *(getattr(cell, name) for name in CELL_COLUMNS[6:])]


def _entry_rows(found: "ImportedWorkbook") -> Iterator[list[object]]:
    for entry in found.entries:
        amounts: list[object] = []
        for value_type in VALUE_TYPES:
            amount = entry.amount(value_type)
            amounts += (
                [None] * 5
                if amount is None
                else [
                    amount.wording if amount.value is None else amount.value,
                    amount.formula,
                    amount.year,
                    amount.uprated,
                    amount.comment,
                ]
            )
        yield [
            *(entry.sheet, entry.row, entry.key, entry.code_cell, entry.code, entry.level, entry.parent),
            *(entry.outline, entry.hidden, entry.topic, entry.category, entry.detail, entry.label),
            *(entry.unit_cell, entry.unit, entry.agency_1, entry.agency_2, entry.agency, *amounts),
            *(found.layout.deflators.current_year, entry.rag_cell, entry.rag, entry.rag_colour),
            *(entry.source, entry.link, entry.comment, entry.revision, entry.changes),
        ]


def _sheet_rows(found: "ImportedWorkbook") -> Iterator[list[object]]:
    headers = {table.sheet.name: table.header_row for table in found.layout.tables}
    for sheet in found.sheets:
        columns = " ".join(f"{span}={level}" for span, level in sheet.column_outline.items())
        yield [
            *(sheet.name, sheet.state, len(sheet.cells), headers.get(sheet.name)),
            _runs({row: f"={level}" for row, level in sheet.outline.items()}),
            _runs(dict.fromkeys(sheet.hidden_rows, "")),
            *(columns, " ".join(sheet.hidden_columns), " ".join(sheet.merged)),
        ]


def _runs(marks: Mapping[int, str]) -> str:
    """Return rows with their marks, those in a row together: ``4-8=1 10=2``."""
    runs: list[list[int]] = []
    for row, mark in marks.items():
        if runs and runs[-1][1] == row - 1 and marks[runs[-1][0]] == mark:
            runs[-1][1] = row
        else:
            runs.append([row, row])
    return " ".join(f"{a}{marks[a]}" if a == b else f"{a}-{b}{marks[a]}" for a, b in runs)


def _changelog(found: "ImportedWorkbook") -> str:
    kinds = found.counts()
    lines = [f"- {count:,} {kind.replace('_', ' ')}" for kind, count in kinds.items() if count]
    return "\n".join(
        [
            f"# Changes of the set `{found.name}`",
            "",
            f"## {found.version}",
            "",
            f"Read from the workbook {found.file}, SHA-256 `{found.sha256}`: {len(found.entries):,} rows, "
            f"{len(found.parameters()):,} amounts.",
            "",
            f"Defects of the workbook, one by one in `{WORKBOOK_FOLDER}defects.csv`:",
            "",
            *(lines or ["- none"]),
            "",
        ]
    )


def _licence(found: "ImportedWorkbook") -> str:
    said = found.layout.licence
    parts = (
        f"# Licence of the set `{found.name}`",
        f"{found.title}, workbook {found.file}.",
        f"The workbook says:\n\n> {said}" if said else "The workbook does not say under which licence it is.",
        "Values and price years are unchanged. Units and agencies were given other words where their\n"
        "wording settles them; the wording is in `workbook/entries.csv`.",
    )
    return "\n\n".join(parts) + "\n"

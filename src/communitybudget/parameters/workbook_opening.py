"""Open a workbook that came from a stranger; it is looked over before any of it is unpacked."""

import io
import posixpath
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.parsers import expat

from communitybudget._core.errors import Fault, WorkbookError
from communitybudget._core.writing import digest
from communitybudget.parameters.workbook_places import corners_of, place_of

MOST_BYTES = 50_000_000
MOST_UNPACKED = 100_000_000
MOST_PARTS = 2_000
MOST_ELEMENTS = 2_000_000
MOST_CELLS = 300_000
MOST_SPANNED = 300_000
"""Cells that merged ranges, links and comments may cover together."""
MOST_LINKS = 20_000
MOST_REPEATED = 20_000_000
"""Letters to which formulas that cells share may come, written out."""
MOST_DEEP = 100

_ZIP, _OLD_EXCEL = b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_XML = (".xml", ".rels", ".vml")
_OTHER_KINDS = {
    "xl/workbook.bin": "a binary Excel workbook (.xlsb)",
    "word/document.xml": "a Word document",
    "ppt/presentation.xml": "a PowerPoint presentation",
    "content.xml": "an OpenDocument file",
}
_SAVE_AS = "open it in a spreadsheet program and save a copy as Excel workbook (.xlsx)"
_OTHER_COPY = "get the file again from where it is published"
_TOO_MUCH = "check that it is the Unit Cost Database; delete what does not belong to it in a copy"


@dataclass(frozen=True)
class OpenedWorkbook:
    """A workbook in memory; its file is closed and untouched.

    Parameters
    ----------
    file : str
        Name of the file, without folder.
    sha256 : str
        Of the file.
    formulas, values : openpyxl.Workbook
        The same workbook twice: with the text of its formulas, and with their stored results.
    under_merges : mapping of str to tuple of str
        By sheet, cells that hold something below a merged range, which nobody sees.
    """

    file: str
    sha256: str
    formulas: Any
    values: Any
    under_merges: Mapping[str, tuple[str, ...]]


def open_workbook(path: Path) -> OpenedWorkbook:
    """Return a workbook, or say in one message why it cannot be opened.

    The size after unpacking is bounded before anything is unpacked, and every part is run through
    a parser that builds nothing before openpyxl sees it. A part that declares a document type is
    refused: no workbook has one, and entities cannot be declared without. So nothing is left for
    defusedxml to defend against, whichever XML library openpyxl finds.

    Parameters
    ----------
    path : Path
        An Excel workbook; its content and not its name says what it is.

    Raises
    ------
    WorkbookError
        If it is no such file, is damaged, is protected, or is larger than the limits above.
    """
    content = _bytes_of(path)
    _refuse_other_files(path.name, content)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _refuse_other_archives(path.name, archive)
            survey = _survey_of(path.name, archive)
        formulas, values = _load(content, False), _load(content, True)
    except WorkbookError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as fault:
        raise _refusal(path.name, "is damaged: it cannot be unpacked", _OTHER_COPY) from fault
    except Exception as fault:  # openpyxl raises whatever its readers run into
        what = f"is damaged: no workbook can be read from it ({type(fault).__name__})"
        raise _refusal(path.name, what, _OTHER_COPY) from fault
    return OpenedWorkbook(path.name, digest(content), formulas, values, survey.under_merges())


def _load(content: bytes, values: bool) -> Any:
    import openpyxl

    with warnings.catch_warnings():
        # what openpyxl leaves out (pictures, unknown extensions) carries no figures
        warnings.simplefilter("ignore")
        return openpyxl.load_workbook(io.BytesIO(content), data_only=values, keep_links=not values)


def _refusal(name: str, what: str, remedy: str) -> WorkbookError:
    return WorkbookError([Fault(name, "", what, remedy)])


def _bytes_of(path: Path) -> bytes:
    if path.is_dir():
        raise _refusal(path.name, "is a folder", "name the workbook in it")
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            what = f"has {size:,} bytes; the most is {MOST_BYTES:,}"
            raise _refusal(path.name, what, _TOO_MUCH)
        return path.read_bytes()
    except FileNotFoundError:
        raise _refusal(str(path), "is not there", "check the path") from None
    except OSError as fault:
        raise _refusal(path.name, f"cannot be read ({fault.strerror})", "check its permissions") from fault


def _refuse_other_files(name: str, content: bytes) -> None:
    if content.startswith(_OLD_EXCEL):
        if _ENCRYPTED in content:
            remedy = "open it with the password and save a copy without one"
            raise _refusal(name, "is protected by a password", remedy)
        raise _refusal(name, "is a workbook in the old form of Excel (.xls)", _SAVE_AS)
    if not content:
        raise _refusal(name, "is empty", _OTHER_COPY)
    if not content.startswith(_ZIP):
        raise _refusal(name, "is no Excel workbook", _SAVE_AS)


def _refuse_other_archives(name: str, archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    names = {part.filename for part in parts}
    for part, kind in _OTHER_KINDS.items():
        if part in names:
            raise _refusal(name, f"is {kind} and no Excel workbook (.xlsx)", _SAVE_AS)
    if "[Content_Types].xml" not in names:
        raise _refusal(name, "is a zip archive and no Excel workbook", "name the workbook that is in it")
    if any(part.flag_bits & 1 for part in parts):
        remedy = "open it with the password and save a copy without one"
        raise _refusal(name, "is protected by a password", remedy)
    # zipfile never unpacks more of a part than its declared size, so that this bound holds
    unpacked = sum(part.file_size for part in parts)
    if unpacked > MOST_UNPACKED:
        what = f"would unpack to {unpacked:,} bytes; the most is {MOST_UNPACKED:,}"
        raise _refusal(name, what, _TOO_MUCH)
    if len(parts) > MOST_PARTS:
        raise _refusal(name, f"has {len(parts):,} parts; the most is {MOST_PARTS:,}", _TOO_MUCH)


@dataclass
class _Survey:
    """What is in the parts of a workbook, counted without building anything."""

    name: str
    elements: int = 0
    cells: int = 0
    spanned: int = 0
    links: int = 0
    repeated: int = 0
    shared: dict[tuple[str, str], int] = field(default_factory=dict)
    merges: dict[str, list[str]] = field(default_factory=dict)
    filled: dict[str, list[str]] = field(default_factory=dict)
    sheets: dict[str, str] = field(default_factory=dict)
    targets: dict[str, str] = field(default_factory=dict)

    def under_merges(self) -> dict[str, tuple[str, ...]]:
        found = {}
        for sheet, relation in self.sheets.items():
            part = self.targets.get(relation, "")
            hidden = _under(self.merges.get(part, ()), self.filled.get(part, ()))
            if hidden:
                found[sheet] = hidden
        return found


def _survey_of(name: str, archive: zipfile.ZipFile) -> _Survey:
    survey = _Survey(name)
    for part in archive.infolist():
        with archive.open(part) as stream:
            try:
                _parser_of(survey, part.filename).ParseFile(stream)
            except expat.ExpatError as fault:
                # a picture is no XML; openpyxl's parser is the same and stops at the same place
                if part.filename.endswith(_XML):
                    what = f"is damaged: its part {part.filename} is no XML ({fault})"
                    raise _refusal(name, what, _OTHER_COPY) from fault
    return survey


def _parser_of(survey: _Survey, part: str) -> expat.XMLParserType:
    parser = expat.ParserCreate()
    place, depth, holds = "", 0, False
    group: tuple[str, str] | None = None

    def begin(tag: str, attributes: dict[str, str]) -> None:
        nonlocal place, depth, holds, group
        tag = tag.rpartition(":")[2]
        depth += 1
        survey.elements += 1
        if tag == "c":
            survey.cells += 1
            place, holds = attributes.get("r", ""), False
        elif tag == "f" and attributes.get("t") == "shared":
            group = (part, attributes.get("si", ""))
        elif tag in ("mergeCell", "hyperlink", "comment"):
            survey.spanned += _spanned(attributes.get("ref", ""))
            survey.links += tag == "hyperlink"
            if tag == "mergeCell":
                survey.merges.setdefault(part, []).append(attributes.get("ref", ""))
        elif tag == "sheet":
            relation = next((v for k, v in attributes.items() if k.endswith(":id")), "")
            survey.sheets[attributes.get("name", "")] = relation
        elif tag == "Relationship" and part.endswith(".rels"):
            base = posixpath.dirname(posixpath.dirname(part))
            if posixpath.basename(part) == "workbook.xml.rels":
                target = posixpath.normpath(posixpath.join("/", base, attributes.get("Target", "")))
                survey.targets[attributes.get("Id", "")] = target.lstrip("/")
        if depth > MOST_DEEP or survey.elements > MOST_ELEMENTS:
            what = f"is nested deeper than {MOST_DEEP}" if depth > MOST_DEEP else "has too many elements"
            raise _refusal(survey.name, f"its part {part} {what}", _TOO_MUCH)
        if survey.cells > MOST_CELLS:
            raise _refusal(survey.name, f"has more than {MOST_CELLS:,} cells", _TOO_MUCH)
        if survey.links > MOST_LINKS:
            raise _refusal(survey.name, f"has more than {MOST_LINKS:,} links", _TOO_MUCH)
        if survey.spanned > MOST_SPANNED:
            what = f"its merged cells, links and comments cover more than {MOST_SPANNED:,} cells"
            raise _refusal(survey.name, what, "unmerge them in a copy")

    def end(tag: str) -> None:
        nonlocal depth, group
        depth -= 1
        tag = tag.rpartition(":")[2]
        if tag == "c" and holds:
            survey.filled.setdefault(part, []).append(place)
        elif tag == "f" and group is not None:
            survey.repeated += survey.shared.get(group, 0)
            group = None
            if survey.repeated > MOST_REPEATED:
                raise _refusal(survey.name, "has formulas of an unusual length", _TOO_MUCH)

    def text(letters: str) -> None:
        nonlocal holds
        holds = True
        if group is not None:
            survey.shared[group] = survey.shared.get(group, 0) + len(letters)

    def refuse(*_: object) -> None:
        what = f"its part {part} declares a document type, which a workbook never does"
        raise _refusal(survey.name, what, "do not open it; get the file from where it is published")

    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    return parser


def _spanned(reference: str) -> int:
    try:
        top, left, bottom, right = corners_of(reference)
    except ValueError:
        return 0
    return (bottom - top + 1) * (right - left + 1)


def _under(merges: Iterable[str], filled: Iterable[str]) -> tuple[str, ...]:
    areas = []
    for reference in merges:
        try:
            areas.append(corners_of(reference))
        except ValueError:
            continue
    if not areas:
        return ()
    found = []
    for text in filled:
        try:
            row, column = place_of(text)
        except ValueError:
            continue
        if any(
            top <= row <= bottom and left <= column <= right and (row, column) != (top, left)
            for top, left, bottom, right in areas
        ):
            found.append(text)
    return tuple(found)

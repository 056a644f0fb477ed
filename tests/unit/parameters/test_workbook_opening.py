"""Files from strangers: each that cannot be opened gets one message, and none is unpacked first."""

import os
import zipfile

import pytest
from openpyxl import Workbook

from communitybudget._core.errors import WorkbookError
from communitybudget.parameters import import_ucd, workbook_cells, workbook_opening
from communitybudget.parameters.workbook_opening import open_workbook
from workbook_builders import Book, rewrite_part

SHEET = "xl/worksheets/sheet2.xml"
OLE = bytes.fromhex("d0cf11e0a1b11ae1")


@pytest.fixture
def path(tmp_path):
    return Book().save(tmp_path / "costs.xlsx")


def message_of(path):
    with pytest.raises(WorkbookError) as caught:
        open_workbook(path)
    (fault,) = caught.value.faults
    assert fault.what
    assert fault.remedy
    return str(fault)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty; get the file again"),
        (b"code,value\nCR1.0,500\n", "is no Excel workbook; open it in a spreadsheet program and save"),
        (b"<html>not found</html>", "is no Excel workbook"),
        (
            OLE + b"\0" * 600,
            "is a workbook in the old form of Excel (.xls); open it in a spreadsheet program",
        ),
        (OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "is protected by a password; open it"),
        (b"PK\x03\x04" + b"\0" * 100, "is damaged: it cannot be unpacked; get the file again"),
    ],
)
def test_files_that_are_no_workbook(tmp_path, content, said):
    path = tmp_path / "file.xlsx"
    path.write_bytes(content)
    assert message_of(path).startswith(f"file.xlsx: {said}")


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("word/document.xml", "is a Word document and no Excel workbook"),
        ("xl/workbook.bin", "is a binary Excel workbook (.xlsb)"),
        ("content.xml", "is an OpenDocument file"),
        ("readme.txt", "is a zip archive and no Excel workbook"),
    ],
)
def test_archives_that_are_no_workbook(tmp_path, part, said):
    path = tmp_path / "file.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(part, "x")
    assert said in message_of(path)


def test_a_file_that_is_not_there_and_a_folder(tmp_path):
    assert "is not there; check the path" in message_of(tmp_path / "nothing.xlsx")
    assert "is a folder; name the workbook in it" in message_of(tmp_path)


def test_a_file_that_may_not_be_read(path, monkeypatch):
    def refuse(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "read_bytes", refuse)
    assert "cannot be read (Permission denied)" in message_of(path)


def test_a_download_that_broke_off(path):
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    assert "is damaged: it cannot be unpacked" in message_of(path)


def test_a_part_that_was_changed_under_its_checksum(path):
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        at = archive.getinfo(SHEET).header_offset + 120
    content[at] ^= 0xFF
    path.write_bytes(content)
    assert "is damaged" in message_of(path)


def test_an_encrypted_part(path):
    content = bytearray(path.read_bytes())
    at = content.index(b"PK\x01\x02")
    content[at + 8] |= 1
    path.write_bytes(content)
    assert "is protected by a password" in message_of(path)


def test_a_part_that_is_no_xml(path):
    rewrite_part(path, SHEET, lambda _: b"<worksheet><row>")
    assert f"its part {SHEET} is no XML" in message_of(path)


def test_a_sheet_of_nonsense(path):
    rewrite_part(path, SHEET, lambda text: text.replace(b' r="C3"', b' r="nonsense"'))
    assert "is damaged: no workbook can be read from it" in message_of(path)


def test_entities_are_refused_before_they_expand(path):
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
    rewrite_part(path, SHEET, lambda text: bomb + text.partition(b"?>")[2])
    assert "declares a document type, which a workbook never does" in message_of(path)


def test_entities_in_a_part_of_any_name(path):
    rewrite_part(path, "xl/media/picture.png", lambda _: b"<!DOCTYPE x SYSTEM 'file:///secret'><x/>")
    assert "its part xl/media/picture.png declares a document type" in message_of(path)


def test_a_picture_is_no_fault(path):
    rewrite_part(path, "xl/media/picture.png", lambda _: b"\x89PNG\r\n\x1a\n" + os.urandom(50))
    assert open_workbook(path).file == "costs.xlsx"


def test_a_bomb_is_not_unpacked(tmp_path, path, monkeypatch):
    monkeypatch.setattr(workbook_opening, "MOST_UNPACKED", 2_000_000)
    rewrite_part(path, "xl/media/zeros.bin", lambda _: b"\0" * 3_000_000)
    assert path.stat().st_size < 50_000
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: pytest.fail("it was unpacked"))
    assert "would unpack to 3,0" in message_of(path)


def test_a_bomb_that_lies_about_its_size(path):
    """What a part declares is all that is ever read of it, so that the lie shows as damage."""
    rewrite_part(path, SHEET, lambda text: text + b" " * 5_000_000)
    content = bytearray(path.read_bytes())
    at = content.index(SHEET.encode(), content.index(b"PK\x01\x02")) - 46 + 24
    content[at : at + 4] = (1000).to_bytes(4, "little")
    path.write_bytes(content)
    assert "is damaged" in message_of(path)


@pytest.mark.parametrize(
    ("limit", "least", "said"),
    [
        ("MOST_BYTES", 1_000, "bytes; the most is 1,000"),
        ("MOST_PARTS", 3, "parts; the most is 3"),
        ("MOST_ELEMENTS", 50, "has too many elements"),
        ("MOST_CELLS", 20, "has more than 20 cells"),
        ("MOST_LINKS", 5, "has more than 5 links"),
        ("MOST_DEEP", 2, "is nested deeper than 2"),
    ],
)
def test_limits(path, monkeypatch, limit, least, said):
    monkeypatch.setattr(workbook_opening, limit, least)
    assert said in message_of(path)


@pytest.mark.parametrize("reference", ["A1:XFD1048576", "A:XFD", "1:900000"])
def test_a_merged_range_over_the_whole_sheet(path, reference):
    merged = f'<mergeCells count="1"><mergeCell ref="{reference}"/></mergeCells>'.encode()
    rewrite_part(path, SHEET, lambda text: text.replace(b"</sheetData>", b"</sheetData>" + merged))
    assert "merged cells, links and comments cover more than 300,000 cells; unmerge them" in message_of(path)


def test_a_comment_over_the_whole_sheet(tmp_path):
    book = Book()
    book.row("HE1.0")["note"] = "Mind the lamp"
    path = book.save(tmp_path / "costs.xlsx")
    rewrite_part(path, "xl/comments/comment1.xml", lambda text: text.replace(b'"H3"', b'"A1:XFD1048576"'))
    assert "cover more than 300,000 cells" in message_of(path)


def test_a_long_formula_that_many_cells_share(path, monkeypatch):
    monkeypatch.setattr(workbook_opening, "MOST_REPEATED", 1_000)

    def change(text):
        shared = (
            b'<row r="90"><c r="A90"><f t="shared" ref="A90:A99" si="0">' + b"1+" * 100 + b"1</f></c></row>"
        )
        more = [f'<row r="{r}"><c r="A{r}"><f t="shared" si="0"/></c></row>'.encode() for r in range(91, 99)]
        return text.replace(b"</sheetData>", shared + b"".join(more) + b"</sheetData>")

    rewrite_part(path, SHEET, change)
    assert "has formulas of an unusual length" in message_of(path)


def test_a_long_text_that_many_cells_share(path, monkeypatch):
    monkeypatch.setattr(workbook_cells, "MOST_TEXT", 100)
    with pytest.raises(WorkbookError, match="its cells hold more than 100 letters; check that it is"):
        import_ucd(path)


def test_a_cell_in_the_last_corner_costs_nothing(tmp_path):
    book = Book()
    book.build()["Crime"]["XFD1048576"] = "far away"
    found = import_ucd(book.save(tmp_path / "costs.xlsx"))
    crime = next(sheet for sheet in found.sheets if sheet.name == "Crime")
    assert crime.cells[1048576, 16384].place == "XFD1048576"


def test_a_dimension_that_is_not_true_costs_nothing(path):
    rewrite_part(
        path, SHEET, lambda text: text.replace(b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>')
    )
    assert len(import_ucd(path).entries) == 6


def test_many_hidden_columns_cost_nothing(path):
    columns = "".join(f'<col min="{n}" max="16384" width="9" hidden="1"/>' for n in range(1, 3_000))
    cols = f"<cols>{columns}</cols>".encode()
    rewrite_part(path, SHEET, lambda text: text.replace(b"<sheetData>", cols + b"<sheetData>"))
    assert len(import_ucd(path).entries) == 6


def test_another_workbook_says_what_is_missing(tmp_path):
    path = tmp_path / "budget.xlsx"
    Workbook().save(path)
    with pytest.raises(WorkbookError, match=r"none of its 1 sheets has a table of unit costs"):
        import_ucd(path)


def test_what_stands_below_a_merged_range_is_told(path):
    def change(text):
        merged = b'<mergeCells count="1"><mergeCell ref="B3:C3"/></mergeCells>'
        return text.replace(b"</sheetData>", b"</sheetData>" + merged)

    rewrite_part(path, SHEET, change)
    assert dict(open_workbook(path).under_merges) == {"Crime": ("C3",)}

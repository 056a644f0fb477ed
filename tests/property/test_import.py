"""Whatever stands in the cells of a workbook, its import loads, and no table of it can run."""

import csv
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from communitybudget.parameters import ParameterSet, import_ucd
from workbook_builders import Book

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20)
ANY = st.one_of(
    st.none(),
    TEXT.map(lambda text: text.lstrip("=")),
    st.sampled_from(["-1", "+1", "@x", "'=1", "R", "2013/14", "CR1.0", "CR1.0.1", "Each", "-", "Unit"]),
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=False, allow_infinity=False),
)
PLACES = st.tuples(
    st.sampled_from(["CR1.0", "CR1.0.1", "CR1.1", "HE1.0"]),
    st.sampled_from(
        ["code", "label", "unit", "agency_1", "agency_2", "fiscal", "fiscal_year", "rag", "comment"]
    ),
)


@settings(max_examples=25)
@given(st.dictionaries(PLACES, ANY, max_size=8))
def test_any_cells(changes):
    book = Book()
    rows = {row["code"]: row for rows in book.rows.values() for row in rows}
    for (code, field), value in changes.items():
        rows[code][field] = value
    with tempfile.TemporaryDirectory() as folder:
        found = import_ucd(book.save(Path(folder) / "costs.xlsx"))
        loaded = ParameterSet.load(found.write(Path(folder) / "set"))
        assert len(loaded) == len(found.parameters())
        assert sum(found.counts().values()) == len(found.defects)
        for table in Path(folder).rglob("*.csv"):
            with table.open(encoding="utf-8", newline="") as file:
                for cell in (cell for row in csv.reader(file) for cell in row):
                    assert not cell.startswith(("=", "+", "@"))
                    assert not cell.startswith("-") or is_number(cell)


def is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True

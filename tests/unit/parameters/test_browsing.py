"""The searchable table for a notebook."""

import dataclasses
from html.parser import HTMLParser

from communitybudget.parameters.browsing import MOST_ROWS


class _Table(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.cells = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self._in_cell = tag == "td"
        if self._in_cell:
            self.cells.append("")

    def handle_data(self, data):
        if self.cells and self._in_cell:
            self.cells[-1] += data


def test_caution_mark_and_source_are_in_sight(england):
    found = england.browse("foster placement", table="unit_cost")
    html = found._repr_html_()
    row = england["unit_cost.SS2.0"]
    cells = _Table(html).cells
    assert len(cells) == 9 * len(found)
    assert row.note in cells
    assert "verified" in cells
    assert any("Unit Cost Database v1.4" in cell for cell in cells)


def test_nothing_is_fetched_and_everything_is_escaped(england):
    row = dataclasses.replace(
        england["unit_cost.CR9.0"], note="<script>alert('x')</script>", label='"><img src=x>'
    )
    other = dataclasses.replace(england, parameters={row.id: row})
    html = other.browse()._repr_html_()
    assert "<script" not in html
    assert "<img" not in html
    assert "http" not in html
    assert "input" in _Table(html).tags


def test_what_is_not_shown_is_counted(england):
    html = england.browse()._repr_html_()
    assert html.count("<tr>") == MOST_ROWS + 1
    assert f"{len(england) - MOST_ROWS:,} more are not shown" in html


def test_as_a_table_and_in_a_line(england):
    found = england.browse("foster")
    assert len(found.to_frame()) == len(found)
    assert repr(found) == f"Browser({len(found)} figures of england 0.5.0)"

"""A searchable table of figures for a notebook: caution, mark and source in sight."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from communitybudget._core.vocabulary import agency_label
from communitybudget.parameters.parameter import Parameter

if TYPE_CHECKING:
    import pandas as pd

    from communitybudget.parameters.sets import ParameterSet

MOST_ROWS = 300
_HEADINGS = ("Key", "What", "Value", "Unit", "Prices", "Who bears it", "Mark", "Caution", "Source")
_WEAK = ("recalled", "assumption", "second_hand")
_CELL = "padding:0.25em 0.6em;vertical-align:top;border-bottom:1px solid #b1b4b6;text-align:left"
_SCRIPT = (
    "var t=this.value.toLowerCase().split(/\\s+/),n=0,rows=this.parentNode.querySelectorAll('tbody tr');"
    "rows.forEach(function(r){var x=r.textContent.toLowerCase(),"
    "ok=t.every(function(w){return x.indexOf(w)>=0});r.style.display=ok?'':'none';n+=ok});"
    "this.parentNode.querySelector('output').textContent=n+' shown'"
)


@dataclass(frozen=True, eq=False)
class Browser:
    """Figures to look through; shown as a searchable table in a notebook.

    Parameters
    ----------
    parameters : ParameterSet
        Where they come from.
    rows : sequence of Parameter
        The figures, the likeliest first.
    """

    parameters: "ParameterSet"
    rows: Sequence[Parameter]

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        return f"Browser({len(self.rows):,} figures of {self.parameters.name} {self.parameters.version})"

    def to_frame(self) -> "pd.DataFrame":
        """Return the figures as a table with their whole passports."""
        return self.parameters.to_frame(self.rows)

    def _repr_html_(self) -> str:
        shown = self.rows[:MOST_ROWS]
        head = "".join(f'<th scope="col" style="{_CELL}">{name}</th>' for name in _HEADINGS)
        body = "".join(self._row(row) for row in shown)
        rest = len(self.rows) - len(shown)
        more = f"<p>{rest:,} more are not shown; name more words.</p>" if rest else ""
        return (
            '<div style="font-family:sans-serif;font-size:0.9em">'
            f'<input type="search" aria-label="Search these figures" placeholder="Search these figures" '
            f'style="padding:0.4em;width:20em" oninput="{escape(_SCRIPT)}"> '
            f"<output>{len(shown):,} shown</output>"
            f'<div style="max-height:32em;overflow:auto"><table style="border-collapse:collapse">'
            f"<caption>Figures of {escape(self.parameters.name)} {escape(self.parameters.version)}; read the "
            f"caution first</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{more}"
            "</div>"
        )

    def _row(self, row: Parameter) -> str:
        source = self.parameters.citation(row.source)
        cells = (
            row.id,
            row.label,
            f"{row.value:,.10g}",
            row.unit.replace("_", " "),
            row.price_base,
            agency_label(row.agency) if row.agency else "",
            row.mark.replace("_", " "),
            row.note,
            source + (f": {row.source_detail}" if row.source_detail else ""),
        )
        weak = ";font-weight:bold" if row.mark in _WEAK else ""
        styles = [_CELL] * len(cells)
        styles[2] = _CELL.replace("text-align:left", "text-align:right")
        styles[6] += weak
        return (
            "<tr>"
            + "".join(
                f'<td style="{style}">{escape(cell)}</td>' for style, cell in zip(styles, cells, strict=True)
            )
            + "</tr>"
        )

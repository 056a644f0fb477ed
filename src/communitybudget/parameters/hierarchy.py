"""The hierarchy of unit costs: headlines, what is filed under them, and whether parts add up."""

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from communitybudget._core.errors import ParameterNotFound, did_you_mean
from communitybudget._core.vocabulary import agency_label
from communitybudget.parameters.parameter import Parameter

if TYPE_CHECKING:
    import pandas as pd

    from communitybudget.parameters.sets import ParameterSet

TOLERANCE = 0.01
"""Parts within this share of their headline add up."""

NOTES_FILE = "rules/hierarchy_notes.csv"
_KINDS = {
    "rounding": "rounding of small shares",
    "adjusted": "fits once adjusted",
    "alternatives": "not a sum: parts are alternatives",
    "other_basis": "not a sum: a part is on another basis",
    "does_not_reconcile": "does not add up",
    "overridden": "a local figure is among them",
}


@dataclass(frozen=True, slots=True)
class Sum:
    """What the fiscal constituents of a headline come to.

    Parameters
    ----------
    whole, parts : float
        The headline and the plain sum of its constituents; GBP at their own price bases.
    kind : str
        ``adds_up``, or why not: a kind of `NOTES_FILE`, or ``unexplained``.
    note : str
        In words.
    """

    whole: float
    parts: float
    kind: str
    note: str

    @property
    def gap(self) -> float:
        """Parts over the whole, less one; NaN where the whole is nil."""
        return self.parts / self.whole - 1 if self.whole else math.nan

    def __str__(self) -> str:
        if self.kind == "adds_up":
            return f"parts add up: {self.parts:,.0f}"
        gap = "" if math.isnan(self.gap) else f", {self.gap:+.1%}"
        why = _KINDS.get(self.kind, "does not add up, and nobody has said why")
        return f"parts {self.parts:,.0f}{gap}; {why}" + (f" ({self.note})" if self.note else "")


@dataclass(frozen=True, slots=True)
class TreeRow:
    """One unit cost in its place; ``depth`` 0 is a headline."""

    depth: int
    code: str
    label: str
    value: float
    unit: str
    price_base: str
    agency: str
    value_type: str
    level: str
    adds_up: str


@dataclass(frozen=True, slots=True)
class Tree:
    """Unit costs as a tree; as text by ``str()``, as a table by `to_frame`."""

    rows: tuple[TreeRow, ...]

    def __str__(self) -> str:
        lines = []
        for row in self.rows:
            indent = "   " * (row.depth - 1) + "+- " if row.depth else ""
            extra = "" if row.value_type == "fiscal" else f" [{row.value_type}]"
            unit = row.unit.removeprefix("GBP ").replace("_", " ")
            amount = (
                f"{row.value:,.0f}" if row.value >= 100 or row.value == int(row.value) else f"{row.value:.2f}"
            )
            text = f"{indent}{row.code}  {row.label}: £{amount} {unit}, {row.price_base}"
            lines.append(f"{text}, {agency_label(row.agency)}{extra}")
            if row.adds_up:
                lines.append(f"{'   ' * row.depth}   ({row.adds_up})")
        return "\n".join(lines)

    def to_frame(self) -> "pd.DataFrame":
        """Return the tree as a table, a row a unit cost, ``depth`` first."""
        import pandas as pd

        names = list(TreeRow.__dataclass_fields__)
        return pd.DataFrame([[getattr(row, n) for n in names] for row in self.rows], columns=names)


def adds_up(whole: float, parts: float) -> bool:
    """Return whether parts come to the whole, within `TOLERANCE`.

    Examples
    --------
    >>> adds_up(700, 701), adds_up(60, 61)
    (True, False)
    """
    return abs(parts - whole) < TOLERANCE * whole


def code_of(row: Parameter) -> str:
    """Return the code of a unit cost: its own, or the end of its key."""
    return row.fields.get("code") or row.key.partition(".")[2]


def notes_of(parameters: "ParameterSet") -> dict[str, tuple[str, str]]:
    """Return kind and note of each headline whose parts are known not to add up."""
    path = parameters.folder / NOTES_FILE
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return {row["code"]: (row["kind"], row.get("note", "")) for row in csv.DictReader(handle)}


def sums_of(parameters: "ParameterSet") -> dict[str, Sum]:
    """Return for each headline with constituents what they come to.

    Parameters
    ----------
    parameters : ParameterSet
        Of its table of unit costs.

    Returns
    -------
    dict of str to Sum
        By code, in the order of the table; fiscal values only.

    Examples
    --------
    >>> from communitybudget.parameters import ParameterSet
    >>> sums = sums_of(ParameterSet.load("england"))
    >>> len(sums), sum(found.kind == "adds_up" for found in sums.values())
    (73, 53)
    """
    notes = notes_of(parameters)
    fiscal = [p for p in parameters.table("unit_cost") if p.value_type == "fiscal"]
    parts: dict[str, list[float]] = {}
    local = {code_of(row) for row in fiscal if row.overridden}
    for row in fiscal:
        if row.fields.get("level") == "constituent":
            parts.setdefault(row.fields["parent"], []).append(row.value)
            if row.overridden:
                local.add(row.fields["parent"])
    found = {}
    for row in fiscal:
        code = code_of(row)
        if code not in parts:
            continue
        total = math.fsum(parts[code])
        kind, note = notes.get(code, ("unexplained", ""))
        if code in local:
            kind, note = "overridden", ""
        if adds_up(row.value, total):
            kind, note = "adds_up", ""
        found[code] = Sum(row.value, total, kind, note)
    return found


def tree_of(parameters: "ParameterSet", where: str = "") -> Tree:
    """Return unit costs as a tree.

    Parameters
    ----------
    parameters : ParameterSet
        Whose unit costs.
    where : str, optional
        A code or key (the tree below its headline), or a topic; all of them otherwise.

    Raises
    ------
    ParameterNotFound
        If there is no such code or topic.
    """
    rows = parameters.table("unit_cost")
    sums = sums_of(parameters)
    below: dict[str, list[Parameter]] = {}
    by_code = {code_of(row): row for row in reversed(rows)}
    for row in rows:
        below.setdefault(row.fields.get("parent", ""), []).append(row)
    topics = sorted({row.fields.get("topic", "") for row in rows} - {""})
    at_top = {code_of(row) for row in rows if row.fields.get("parent", "") not in by_code}
    # rows that are filed under each other in a circle would be lost
    at_top |= set(by_code) - _reached(at_top, below)
    tops = [row for row in rows if code_of(row) in at_top]
    code = where.partition("[")[0].removeprefix("unit_cost.")
    if where in topics:
        tops = [row for row in tops if row.fields.get("topic") == where]
    elif where:
        if code not in by_code:
            raise ParameterNotFound(
                f"there is no unit cost or topic '{where}'; {did_you_mean(code, [*by_code, *topics])}"
            )
        while code not in at_top:
            code = by_code[code].fields["parent"]
        tops = [row for row in tops if code_of(row) == code]
    return Tree(tuple(_rows_below(tops, below, sums, 0, at_top)))


def _reached(tops: set[str], below: dict[str, list[Parameter]]) -> set[str]:
    """Return the codes that hang below some codes, these included."""
    found, waiting = set(tops), list(tops)
    while waiting:
        for row in below.get(waiting.pop(), ()):
            if code_of(row) not in found:
                found.add(code_of(row))
                waiting.append(code_of(row))
    return found


def _rows_below(
    rows: list[Parameter],
    below: dict[str, list[Parameter]],
    sums: dict[str, Sum],
    depth: int,
    at_top: set[str],
) -> Iterator[TreeRow]:
    done: set[str] = set()
    for row in rows:
        code = code_of(row)
        said = str(sums[code]) if code in sums and row.value_type == "fiscal" else ""
        yield TreeRow(
            depth,
            code,
            row.label,
            row.value,
            row.unit,
            row.price_base,
            row.agency,
            row.value_type,
            row.fields.get("level", ""),
            said,
        )
        same = [other for other in rows if code_of(other) == code]
        if row is same[-1] and code not in done:
            done.add(code)
            parts = [part for part in below.get(code, []) if code_of(part) not in at_top]
            yield from _rows_below(parts, below, sums, depth + 1, at_top)

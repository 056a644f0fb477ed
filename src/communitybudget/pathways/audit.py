"""Where a parameter set is thin: stale, unconfirmed, without an interval, left over."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from communitybudget._core.cards import Card, CardResult
from communitybudget._core.errors import ParameterError
from communitybudget._core.results import result
from communitybudget._core.years import parse_year
from communitybudget.parameters import Parameter, ParameterSet
from communitybudget.parameters.hierarchy import NOTES_FILE, code_of, sums_of
from communitybudget.parameters.reading import WORKBOOK_FOLDER

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

GROUPS: dict[str, str] = {
    "stale": "Price base older than the stated age",
    "unconfirmed": "From memory, second-hand or assumed",
    "no_interval": "Without an interval of its own",
    "range_shown": "Range shown and not drawn: a spread over cases, sites or schemes",
    "no_price_base": "Pounds in print without a price base: no money here",
    "overlaps": "Pairs that would count money twice",
    "not_adding_up": "Headlines whose parts do not add up",
    "not_used": "Unit costs that no pathway prices",
    "orphans": "Left over, or pointing at what is not there",
}
"""Groups of an audit, and what each lists."""

AUDIT_COLUMNS: tuple[str, ...] = ("group", "key", "label", "value", "unit", "price_base", "mark", "finding")

_RULES = ("rules/default_spread.csv", "rules/discount_schedules.csv", NOTES_FILE)
_WEAK = ("recalled", "second_hand", "assumption")
_PATHWAY_TABLES = ("transition", "start", "activity", "check")


@result
@dataclass(frozen=True, slots=True)
class Finding:
    """One row of an audit; ``key`` is empty where it is about a file or a source."""

    group: str
    key: str
    label: str
    value: float
    unit: str
    price_base: str
    mark: str
    finding: str


@result
@dataclass(frozen=True, eq=False)
class Audit(CardResult):
    """What to look at before relying on a set.

    Parameters
    ----------
    findings : tuple of Finding
        Group by group, in the order of the tables.
    older_than : int
        Age in years above which a price base is stale.
    as_of : str
        Financial year against which ages are counted.
    figures : int
        Figures looked at.
    set_version, digest : str
        Of the set.
    """

    findings: tuple[Finding, ...]
    older_than: int
    as_of: str
    figures: int
    set_version: str
    digest: str

    def group(self, name: str) -> tuple[Finding, ...]:
        """Return the findings of one group; see `GROUPS`."""
        return tuple(f for f in self.findings if f.group == name)

    def counts(self) -> dict[str, int]:
        """Return how many findings each group has."""
        return {name: len(self.group(name)) for name in GROUPS}

    def to_frame(self) -> "pd.DataFrame":
        """Return the findings as a table with the columns `AUDIT_COLUMNS`."""
        import pandas as pd

        rows = [[getattr(f, c) for c in AUDIT_COLUMNS] for f in self.findings]
        return pd.DataFrame(rows, columns=list(AUDIT_COLUMNS))

    def _rows(self) -> list[tuple[str, str]]:
        return [(GROUPS[name], f"{count:,}") for name, count in self.counts().items()]

    @property
    def _foot(self) -> str:
        return (
            f"{self.figures:,} figures · stale: more than {self.older_than} years before {self.as_of} · "
            f"parameters {self.set_version}"
        )

    def _card(self) -> Card:
        return Card("Audit of the parameter set", self._rows(), self._foot)

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the number of findings by group and return the axes."""
        from communitybudget.charts import plot_audit

        return plot_audit(self.counts(), GROUPS, ax=ax)

    def __repr__(self) -> str:
        counts = ", ".join(f"{name}={count}" for name, count in self.counts().items())
        return f"Audit({self.set_version}, {counts})"


def audit(parameters: ParameterSet, older_than: int = 10, as_of: str = "") -> Audit:
    """Return where a parameter set is thin.

    Parameters
    ----------
    parameters : ParameterSet
        The set to look at.
    older_than : int
        A price base more than so many years before ``as_of`` is stale.
    as_of : str, optional
        Financial year; that of the latest review of a row otherwise, never the clock's.

    Returns
    -------
    Audit

    Raises
    ------
    ValueError
        If ``older_than`` is negative or ``as_of`` is no financial year.

    Examples
    --------
    >>> found = audit(ParameterSet.load("england"))
    >>> found.as_of, found.counts()["orphans"]
    ('2026-27', 0)
    """
    if older_than < 0:
        raise ValueError(f"older_than is {older_than}; give a number of years, 0 or more")
    year = parse_year(as_of) if as_of else _latest_review(parameters)
    limit = int(year[:4]) - older_than
    found = [
        *_stale(parameters, limit),
        *_weak(parameters),
        *_without_interval(parameters),
        *_of_money(parameters),
        *_pairs(parameters),
        *_not_used(parameters),
        *_orphans(parameters),
    ]
    order = list(GROUPS)
    found.sort(key=lambda f: order.index(f.group))
    return Audit(
        findings=tuple(found),
        older_than=older_than,
        as_of=year,
        figures=len(parameters),
        set_version=f"{parameters.name} {parameters.version}",
        digest=parameters.digest,
    )


def _latest_review(parameters: ParameterSet) -> str:
    latest = max((p.reviewed for p in parameters.parameters.values() if p.reviewed), default="")
    if len(latest) < 7:
        raise ParameterError("no row of the set says when it was reviewed; give as_of, a financial year")
    first = int(latest[:4]) - (int(latest[5:7]) < 4)
    return f"{first}-{(first + 1) % 100:02d}"


def _finding(group: str, row: Parameter, text: str) -> Finding:
    return Finding(group, row.id, row.label, row.value, row.unit, row.price_base, row.mark, text)


def _about(group: str, name: str, text: str) -> Finding:
    return Finding(group, "", name, float("nan"), "", "", "", text)


def _stale(parameters: ParameterSet, limit: int) -> Iterator[Finding]:
    for row in parameters.parameters.values():
        if row.is_money and int(row.price_base[:4]) < limit:
            yield _finding("stale", row, f"prices of {row.price_base}")


def _weak(parameters: ParameterSet) -> Iterator[Finding]:
    for row in parameters.parameters.values():
        if row.mark in _WEAK:
            yield _finding("unconfirmed", row, row.mark.replace("_", " "))


def _without_interval(parameters: ParameterSet) -> Iterator[Finding]:
    for row in parameters.parameters.values():
        if row.key.split(".", 1)[0] in ("check", "benchmark", "split") or row.distribution == "dirichlet":
            continue
        if row.spread_is_default:
            grade = row.evidence_grade or "none"
            yield _finding("no_interval", row, f"only the default spread of its grade ({grade})")
        elif row.uncertainty.is_fixed:
            known = row.distribution == "fixed"
            yield _finding("no_interval", row, "taken as known" if known else "none at all")


def _of_money(parameters: ParameterSet) -> Iterator[Finding]:
    for row in parameters.parameters.values():
        if row.is_money and row.interval == "range" and not row.distribution:
            yield _finding("range_shown", row, f"{row.low:,.10g} to {row.high:,.10g}")
        if "price base not published" in row.unit:
            yield _finding("no_price_base", row, "shown, never uprated or added up")
    sums = sums_of(parameters)
    for row in parameters.table("unit_cost"):
        code = code_of(row)
        if row.value_type == "fiscal" and code in sums and sums[code].kind != "adds_up":
            yield _finding("not_adding_up", row, str(sums[code]))


def _pairs(parameters: ParameterSet) -> Iterator[Finding]:
    seen: set[frozenset[str]] = set()
    for row in parameters.table("unit_cost"):
        for other in _overlaps(row):
            pair = frozenset((code_of(row), other))
            if pair not in seen:
                seen.add(pair)
                yield _finding("overlaps", row, f"with {other}")


def _overlaps(row: Parameter) -> list[str]:
    return [o.strip() for o in row.fields.get("overlaps", "").split(";") if o.strip()]


def _not_used(parameters: ParameterSet) -> Iterator[Finding]:
    priced = {p.fields.get("unit_cost", "") for p in parameters.table("activity")}
    for row in parameters.table("activity"):
        if row.agency == "multiple" and row.fields.get("unit_cost", "") in parameters:
            priced |= {part.key for part in parameters.constituents(row.fields["unit_cost"])}
    for row in parameters.table("unit_cost"):
        if row.key not in priced and row.value_type == "fiscal":
            yield _finding("not_used", row, "priced by no activity")


def _orphans(parameters: ParameterSet) -> Iterator[Finding]:
    used = {row.source for row in parameters.parameters.values()}
    for source in parameters.sources:
        if source not in used:
            yield _about("orphans", source, "no row has this source")
    overlaps: dict[str, set[str]] = {}
    parents = {code_of(row): row.fields.get("parent", "") for row in parameters.table("unit_cost")}
    for row in parameters.table("unit_cost"):
        overlaps.setdefault(code_of(row), set()).update(_overlaps(row))
    for row in parameters.table("unit_cost"):
        parent = row.fields.get("parent", "")
        if parent and parent not in overlaps:
            yield _finding("orphans", row, f"its parent {parent} is not there")
        elif _is_in_circle(code_of(row), parents):
            yield _finding("orphans", row, "is filed under itself, by way of its parents")
        for other in _overlaps(row):
            if other not in overlaps:
                yield _finding("orphans", row, f"overlaps with {other}, which is not there")
            elif code_of(row) not in overlaps[other]:
                yield _finding("orphans", row, f"overlaps with {other}, which does not say so")
    for row in parameters.table("activity"):
        price = row.fields.get("unit_cost", "")
        if price and price not in {p.key for p in parameters.table("unit_cost")}:
            yield _finding("orphans", row, f"is priced at {price}, which is not there")
    yield from _pointing_nowhere(parameters)
    yield from _unread_files(parameters)


def _is_in_circle(code: str, parents: Mapping[str, str]) -> bool:
    seen: set[str] = set()
    at = parents.get(code, "")
    while at and at not in seen:
        if at == code:
            return True
        seen.add(at)
        at = parents.get(at, "")
    return False


def _pointing_nowhere(parameters: ParameterSet) -> Iterator[Finding]:
    moves: dict[str, set[tuple[str, str]]] = {}
    for row in parameters.table("transition"):
        moves.setdefault(row.fields["pathway"], set()).add((row.fields["from"], row.fields["to"]))
    for table in (*_PATHWAY_TABLES, "effect", "published"):
        for row in parameters.table(table):
            pathway = row.fields.get("pathway", "")
            if pathway not in parameters.structures:
                yield _finding("orphans", row, f"names the pathway '{pathway}', which is not there")
    for table in ("effect", "published"):
        for row in parameters.table(table):
            pathway = row.fields.get("pathway", "")
            for text in filter(None, row.fields.get("edges", "").split(";")):
                start, _, end = (part.strip() for part in text.partition("->"))
                if (start, end) not in moves.get(pathway, set()):
                    yield _finding("orphans", row, f"changes the move {text.strip()}, which nobody makes")
            form = parameters.structures.get(pathway, {})
            names = [outcome["name"] for outcome in form.get("outcomes", ())]
            if row.fields.get("outcome") and row.fields["outcome"] not in names:
                yield _finding("orphans", row, f"the outcome {row.fields['outcome']} is not declared")


def _unread_files(parameters: ParameterSet) -> Iterator[Finding]:
    if not parameters.folder.is_dir():
        return
    read = {row.file for row in parameters.parameters.values()}
    for path in sorted(parameters.folder.rglob("*.csv")):
        name = path.relative_to(parameters.folder).as_posix()
        if name not in read and name not in _RULES and not name.startswith(("indices/", WORKBOOK_FOLDER)):
            yield _about("orphans", name, "nothing reads this file")

"""Commands that look into a parameter set."""

import shutil
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from communitybudget._core.errors import (
    Fault,
    FaultsError,
    OutputError,
    ParameterError,
    ParameterNotFound,
    ParameterSetError,
    PriceBaseMismatch,
    did_you_mean,
    nearest,
)
from communitybudget._core.years import parse_year

if TYPE_CHECKING:
    from communitybudget.parameters import Parameter, ParameterSet, PriceIndex

parameters_app = typer.Typer(help="Look into a parameter set.", no_args_is_help=True, rich_markup_mode=None)

Set = Annotated[str, typer.Option("--set", help="Parameter set: a name or a folder.")]
Key = Annotated[str, typer.Argument(help="Key of the figure, or its code.", show_default=False)]

_CAUTION = 110
_TODAY = "2025-26"


def _load(name: str) -> "ParameterSet":
    from communitybudget.parameters import ParameterSet

    return ParameterSet.load(name)


@parameters_app.command()
def search(
    words: Annotated[list[str], typer.Argument(help="Words that must all occur.", show_default=False)],
    set_name: Set = "england",
    agency: Annotated[str, typer.Option(help="Only this agency, such as nhs.")] = "",
    topic: Annotated[str, typer.Option(help="Only this topic, such as housing.")] = "",
    table: Annotated[str, typer.Option(help="Only this table, such as unit_cost.")] = "",
    mark: Annotated[str, typer.Option(help="Only this mark, such as verified.")] = "",
    unit: Annotated[str, typer.Option(help="Only this unit, such as per_hour.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="Most figures to list.")] = 20,
) -> None:
    """List figures by the words you have for them, the likeliest first."""
    parameters = _load(set_name)
    text = " ".join(words)
    found = parameters.search(text, agency=agency, topic=topic, table=table, mark=mark, unit=unit)
    if not found:
        near = nearest(text, [p.label for p in parameters.table("unit_cost")])
        remedy = f"; {did_you_mean(text, near)}" if near else "."
        typer.echo(f"Nothing in {set_name} holds all of: {text}. Try fewer or shorter words{remedy}")
    for p in found[:limit]:
        typer.echo(_in_short(p))
    if len(found) > limit:
        typer.echo(f"{len(found) - limit} more: name more words, or give --limit {len(found)}")


def _in_short(p: "Parameter") -> str:
    from communitybudget._core.vocabulary import agency_label

    base = f", {p.price_base} prices" if p.price_base else ""
    agency = f"; {agency_label(p.agency)}" if p.agency else ""
    lines = [
        p.id,
        f"    {p.label}: {_amount(p)}{base}{agency} [{p.mark.replace('_', ' ')}]",
    ]
    if p.note:
        lines.append(f"    {textwrap.shorten(p.note, _CAUTION, placeholder=' ...')}")
    return "\n".join(lines)


def _amount(p: "Parameter", value: float | None = None) -> str:
    number = f"{p.value if value is None else value:,.10g}"
    unit = p.unit.replace("_", " ")
    return f"£{number} {unit.removeprefix('GBP ')}" if p.is_money else f"{number} {unit}"


@parameters_app.command()
def show(
    key: Key,
    set_name: Set = "england",
    price_base: Annotated[str, typer.Option(help="Show money at the prices of this year too.")] = "",
) -> None:
    """Show one figure with its whole passport: where it comes from, and what it belongs to."""
    parameters = _load(set_name)
    p = _by_key_or_code(parameters, key)
    rows = {
        "key": p.id,
        "what": p.label,
        "value": _amount(p),
        "price base": p.price_base,
        **_at_other_prices(parameters, p, price_base),
        "interval": "" if p.low is None else f"{p.low:,.10g} to {p.high:,.10g} ({p.interval})",
        "distribution": p.uncertainty.kind.replace("_", " ")
        + (" (default spread of its evidence grade)" if p.spread_is_default else ""),
        "agency": p.agency,
        "agency detail": p.fields.get("agency_detail", ""),
        "value type": p.value_type,
        "transfer": p.transfer + (f", £{p.transfer_value:,.10g} of it" if p.transfer_value else ""),
        "cashable": p.cashable,
        "evidence grade": p.evidence_grade,
        "mark": p.mark.replace("_", " "),
        "source": parameters.citation(p.source),
        "source detail": p.source_detail,
        "licence": str(parameters.sources.get(p.source, {}).get("licence", "")),
        "reviewed": p.reviewed,
        **_relations(parameters, p),
        "caution": p.note,
    }
    width = max(len(name) for name in rows)
    wide = max(shutil.get_terminal_size((110, 24)).columns, 60)
    for name, value in rows.items():
        for i, part in enumerate(str(value).split("\n") if value else ()):
            head = name.ljust(width) if i == 0 else " " * width
            indent = " " * (width + 2)
            typer.echo(textwrap.fill(f"{head}  {part}", wide, subsequent_indent=indent, drop_whitespace=True))


def _by_key_or_code(parameters: "ParameterSet", key: str) -> "Parameter":
    wanted = {key.lower(), f"unit_cost.{key}".lower()}
    for p in parameters.parameters.values():
        if p.id.lower() in wanted:
            return p
    codes = [p.key.partition(".")[2] for p in parameters.table("unit_cost")]
    near = nearest(key.upper(), codes) or nearest(key, [*codes, *parameters.parameters])
    remedy = did_you_mean(key, near) if near else "look for it with communitybudget parameters search"
    raise ParameterNotFound(f"there is no figure '{key}' in the set {parameters.name}; {remedy}")


def _at_other_prices(parameters: "ParameterSet", p: "Parameter", year: str) -> dict[str, str]:
    index = parameters.index()
    wanted = year or (_TODAY if _covers(index, _TODAY) else index.last_year)
    if not p.is_money:
        return {}
    year = _year(wanted)
    value = p.value * index.factor(p.price_base, year)
    text = f"£{value:,.2f} by the index {index.vintage}"
    if index.extension is not None and index.is_extended(year):
        later = f"{index.extension.rate:.1%} a year ({index.extension.mark})"
        text += f", which ends in {index.last_year}; then {later}"
    return {f"at {year} prices": text}


def _year(text: str) -> str:
    try:
        return parse_year(text)
    except ValueError as fault:
        raise ParameterError(str(fault)) from fault


def _covers(index: "PriceIndex", year: str) -> bool:
    try:
        index.level(year)
    except PriceBaseMismatch:
        return False
    return True


def _relations(parameters: "ParameterSet", p: "Parameter") -> dict[str, str]:
    from communitybudget.parameters.hierarchy import code_of, sums_of

    if not p.key.startswith("unit_cost."):
        return {}
    rows = parameters.table("unit_cost")
    by_code = {code_of(row): row for row in reversed(rows)}
    code = code_of(p)
    parts = [f"{code_of(r)} {r.label}: {_amount(r)}" for r in parameters.constituents(p.key)]
    parts = parts if p.value_type == "fiscal" else []
    fiscal = p.value_type == "fiscal"
    total = sums_of(parameters).get(code) if fiscal else None
    others = [o.strip() for o in p.fields.get("overlaps", "").split(";") if o.strip()]
    activity = parameters.table("activity")
    users = [f"{r.fields['pathway']}: {r.fields['on']}" for r in activity if r.fields["unit_cost"] == p.key]
    if not users:
        below = {r.fields["unit_cost"] for r in activity if r.fields["unit_cost"].startswith(f"{p.key}.")}
        users = ["no pathway" + (f"; but {', '.join(sorted(below))}" if below else "")]
    parent = p.fields.get("parent", "")
    return {
        "other values": "\n".join(f"{r.id}: {_amount(r)}" for r in rows if r.key == p.key and r.id != p.id),
        "filed under": f"{parent} {by_code[parent].label}" if parent in by_code else "",
        "made up of": "\n".join(parts),
        "parts": "" if total is None else str(total),
        "overlaps with": "\n".join(f"{o} {by_code[o].label}" if o in by_code else o for o in others[:12])
        + (f"\nand {len(others) - 12} more" if len(others) > 12 else ""),
        "priced by": "\n".join(dict.fromkeys(users)),
    }


@parameters_app.command()
def tree(
    where: Annotated[str, typer.Argument(help="A code, or a topic such as housing.")] = "",
    set_name: Set = "england",
) -> None:
    """Draw the hierarchy of unit costs, and say which parts add up."""
    typer.echo(str(_load(set_name).tree(where)))


@parameters_app.command()
def sources(set_name: Set = "england") -> None:
    """List the sources of a set and how many figures rest on each."""
    parameters = _load(set_name)
    counts: dict[str, int] = {}
    for p in parameters.parameters.values():
        counts[p.source] = counts.get(p.source, 0) + 1
    for source, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        licence = parameters.sources[source].get("licence")
        typer.echo(f"{count:5d}  {parameters.citation(source)}" + (f" [{licence}]" if licence else ""))
    what = f"{parameters.name} {parameters.version}, {len(parameters):,} figures"
    typer.echo(f"{what}, digest {parameters.digest[:16]}")


@parameters_app.command()
def audit(
    set_name: Set = "england",
    older_than: Annotated[int, typer.Option(min=0, help="Age in years above which prices are stale.")] = 10,
    as_of: Annotated[str, typer.Option(help="Financial year; that of the latest review otherwise.")] = "",
    group: Annotated[str, typer.Option("--list", help="List the rows of one group.")] = "",
    csv: Annotated[Path | None, typer.Option("--csv", help="Write all rows to this file.")] = None,
) -> None:
    """Say where the set is thin: stale, unconfirmed, without an interval, left over."""
    from communitybudget.pathways.audit import AUDIT_COLUMNS, GROUPS
    from communitybudget.pathways.audit import audit as audit_set

    if group and group not in GROUPS:
        raise ParameterNotFound(f"there is no group '{group}'; {did_you_mean(group, GROUPS)}")
    found = audit_set(_load(set_name), older_than, _year(as_of) if as_of else "")
    if csv is not None:
        rows = [[getattr(f, c) for c in AUDIT_COLUMNS] for f in found.findings]
        _write_csv(csv, AUDIT_COLUMNS, rows)
    if not group:
        typer.echo(found.summary())
        for name, count in found.counts().items():
            typer.echo(f"  --list {name:<14}{count:6,}")
    for f in found.group(group) if group else ():
        typer.echo(f"{f.key or f.label}: {f.finding}" + (f" ({f.label})" if f.key else ""))
    if csv is not None:
        typer.echo(f"Wrote {len(found.findings):,} rows to {csv}")


def _write_csv(path: Path, columns: tuple[str, ...], rows: list[list[Any]]) -> None:
    from communitybudget._core.writing import csv_bytes

    if path.is_dir():
        raise OutputError(f"'{path}' is a folder; name a file in it")
    content = csv_bytes(columns, rows)
    beside = path.with_name(path.name + ".part")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as fault:
        beside.unlink(missing_ok=True)
        raise OutputError(f"'{path}' cannot be written ({fault.strerror}); choose another file") from fault


@parameters_app.command()
def check(folder: Annotated[Path, typer.Argument(help="Folder of the set.", show_default=False)]) -> None:
    """List every fault of a parameter set, or say that there is none."""
    from communitybudget.pathways import load_pathway

    parameters = _load(str(folder))
    faults: list[Fault] = []
    for name in parameters.structures:
        try:
            load_pathway(parameters, name)
        except FaultsError as fault:
            faults += fault.faults
    if faults:
        raise ParameterSetError(faults)
    typer.echo(f"{folder}: no faults. {parameters!r}")


@parameters_app.command("import-ucd")
def import_workbook(
    workbook: Annotated[Path, typer.Argument(help="The workbook (.xlsx).", show_default=False)],
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the parameter set.")] = None,
    kind: Annotated[str, typer.Option("--list", help="List the defects of one kind.")] = "",
) -> None:
    """Read a workbook of the Unit Cost Database, and list its defects."""
    from communitybudget.parameters import import_ucd
    from communitybudget.parameters.workbook_defects import DEFECT_KINDS

    if kind and kind not in DEFECT_KINDS:
        raise ParameterNotFound(f"there is no kind of defect '{kind}'; {did_you_mean(kind, DEFECT_KINDS)}")
    found = import_ucd(workbook)
    if out is not None:
        found.write(out)
    if not kind:
        typer.echo(found.summary())
        for name, count in found.counts().items():
            if count:
                typer.echo(f"  --list {name:<24}{count:6,}")
    for d in found.defects if kind else ():
        if d.kind == kind:
            where = f"{d.sheet} row {d.row}" if d.row else d.sheet or found.file
            typer.echo(f"{where}{f' {d.code}' if d.code else ''}: {d.what}; {d.remedy}")
    if out is None:
        typer.echo("Nothing was written; give --out FOLDER to write a parameter set.")
    else:
        typer.echo(f"Wrote the parameter set {found.name} {found.version} to {out}")


@parameters_app.command()
def changelog(set_name: Set = "england") -> None:
    """Print what changed from version to version of a set."""
    parameters = _load(set_name)
    path = parameters.folder / "CHANGELOG.md"
    if not path.is_file():
        raise ParameterNotFound(f"the set {parameters.name} has no CHANGELOG.md; add one to its folder")
    typer.echo(path.read_text(encoding="utf-8").rstrip())


@parameters_app.command()
def schema(
    table: Annotated[str, typer.Argument(help="One table; all of them otherwise.")] = "",
) -> None:
    """Print the JSON Schema of the tables of a set."""
    import json

    from communitybudget.parameters.schema import schemas_text, table_schema

    text = json.dumps(table_schema(table), indent=1, ensure_ascii=False) if table else schemas_text()
    typer.echo(text.rstrip())


@parameters_app.command()
def diff(
    old: Annotated[str, typer.Argument(help="A set: name or folder.", show_default=False)],
    new: Annotated[str, typer.Argument(help="The newer set.", show_default=False)],
    case: Annotated[Path | None, typer.Option(help="Say what it does to the answer of this case.")] = None,
    option: Annotated[str, typer.Option(help="Which option of the case; the first otherwise.")] = "",
    draws: Annotated[int, typer.Option(min=1, max=100_000, help="Sets of parameter values.")] = 1_000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same answer.")] = 1,
    limit: Annotated[int, typer.Option(min=1, help="Most rows to list.")] = 40,
) -> None:
    """Compare two sets: added, removed, changed, and what that does to a case's answer."""
    first, second = _load(old), _load(new)
    frame = first.diff(second)
    counts = frame["change"].value_counts()
    said = ", ".join(f"{int(counts.get(word, 0))} {word}" for word in ("added", "removed", "changed"))
    typer.echo(f"{first.name} {first.version} to {second.name} {second.version}: {said}")
    for row in frame.head(limit).to_dict("records"):
        typer.echo(_change(row))
    if len(frame) > limit:
        typer.echo(f"{len(frame) - limit} more: give --limit {len(frame)}")
    if case is None:
        return
    from communitybudget.case import effect_of_set, load_case
    from communitybudget.cli.progress import progress

    loaded = load_case(case).with_set(first)
    tell: Callable[[int, int], None] = progress("Comparing")
    found = effect_of_set(loaded, second, option or None, draws=draws, seed=seed, progress=tell)
    typer.echo(found.summary())


def _change(row: dict[Any, Any]) -> str:
    if row["change"] != "changed":
        return f"  {row['change']}: {row['key']}"
    base = "" if row["old_price_base"] == row["new_price_base"] else f" ({row['old_price_base']})"
    new_base = "" if not base else f" ({row['new_price_base']})"
    amounts = (
        f": {row['old']:,.10g}{base} to {row['new']:,.10g}{new_base}" if row["old"] != row["new"] else ""
    )
    return f"  changed: {row['key']}{amounts} [{row['what']}]"

"""Read what a parameter set says beside its tables of parameters; faults are gathered, not raised."""

import re
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from communitybudget._core.errors import Fault, ParameterError, ParameterSetError, did_you_mean
from communitybudget._core.strict_yaml import read_strict
from communitybudget._core.years import parse_year
from communitybudget.parameters.prices import Extension, PriceIndex
from communitybudget.parameters.tables import number, read_rows

WORKBOOK_FOLDER = "workbook/"
"""What an import kept of its workbook: part of the set and of its digest, and no parameters."""

NOT_PARAMETERS: tuple[str, ...] = ("rules/", "indices/", WORKBOOK_FOLDER)
"""Folders of a set whose tables are not read as parameters."""

_VERSION = re.compile(r"^## +v?([0-9][0-9A-Za-z.+-]*)", re.MULTILINE)


def read_about(folder: Path, faults: list[Fault]) -> dict[str, Any]:
    """Return what ``set.yaml`` says of the set: name, version, title, default index and extension."""
    about = read_yaml(folder / "set.yaml")
    for key in ("name", "version", "title", "index"):
        if not about.get(key):
            faults.append(Fault("set.yaml", key, "is missing", "add it"))
            about[key] = ""
    extension = about.get("extension")
    if extension is not None and not (
        isinstance(extension, dict) and isinstance(extension.get("rate"), int | float)
    ):
        faults.append(Fault("set.yaml", "extension", "has no rate", "add rate, such as rate: 0.02"))
        about["extension"] = None
    return about


def read_yaml(path: Path) -> dict[str, Any]:
    """Return the names and values of a YAML file, read strictly."""
    if not path.is_file():
        raise ParameterError(f"the set has no {path.name}; see the bundled set for its form")
    loaded = read_strict(path, path.name)
    if loaded.faults:
        raise ParameterSetError(loaded.faults)
    if not isinstance(loaded.data, dict):
        raise ParameterError(
            f"{path.name} is not a table of names and values; see the bundled set for its form"
        )
    return loaded.data


def read_spreads(folder: Path, faults: list[Fault]) -> dict[str, float]:
    """Return the default spread of an amount by evidence grade."""
    name = "rules/default_spread.csv"
    spreads: dict[str, float] = {}
    for line, row in _rows_of(folder / name, name, ("evidence_grade", "coefficient_of_variation"), faults):
        spread = _cell(row, "coefficient_of_variation", name, line, faults)
        if spread is not None:
            spreads[row["evidence_grade"]] = spread
    return spreads


def read_indices(folder: Path, about: dict[str, Any], faults: list[Fault]) -> dict[str, PriceIndex]:
    """Return the price indices by vintage; calendar years are never joined to financial years."""
    values: dict[str, dict[str, float]] = {}
    passports: dict[str, tuple[str, str]] = {}
    columns = ("vintage", "year", "index", "mark", "source")
    for path in sorted((folder / "indices").glob("*.csv")):
        name = f"indices/{path.name}"
        for line, row in _rows_of(path, name, columns, faults):
            if row["year"].startswith("CY"):
                continue  # calendar years are never joined to financial years
            level = _cell(row, "index", name, line, faults)
            try:
                year = parse_year(row["year"])
            except ValueError as fault:
                what, _, remedy = str(fault).rpartition("; ")
                faults.append(Fault(name, row["vintage"], what, remedy, line))
                continue
            if level is not None:
                values.setdefault(row["vintage"], {})[year] = level
                passports[row["vintage"]] = (row["source"], row["mark"])
    default = about["index"]
    if default and default not in values:
        what = f"names the price index '{default}', which is in no table under indices/"
        faults.append(Fault("set.yaml", "index", what, did_you_mean(default, values)))
    extension = Extension(**about["extension"]) if about.get("extension") else None
    return {
        vintage: PriceIndex(
            vintage,
            dict(sorted(series.items())),
            *passports[vintage],
            extension if vintage == default else None,
        )
        for vintage, series in values.items()
    }


def _rows_of(
    path: Path, name: str, columns: tuple[str, ...], faults: list[Fault]
) -> list[tuple[int, dict[str, str]]]:
    """Return the rows of a rule table; what keeps it from being read goes to ``faults``."""
    try:
        rows = list(read_rows(path))
    except ParameterSetError as fault:
        faults += [replace(f, file=name) for f in fault.faults]
        return []
    except FileNotFoundError:
        faults.append(Fault(name, "", "is missing", "add the table; see the bundled set for its form"))
        return []
    missing = [c for c in columns if rows and c not in rows[0][1]]
    if missing:
        faults.append(Fault(name, "", f"has no column {', '.join(missing)}", "add it", 1))
        return []
    return rows


def _cell(row: dict[str, str], column: str, name: str, line: int, faults: list[Fault]) -> float | None:
    try:
        value = number(row[column])
    except ValueError:
        value = None
    if value is None or value <= 0:
        faults.append(Fault(name, column, f"is '{row[column]}'", "give a number above 0", line))
        return None
    return value


def digest_of(folder: Path) -> str:
    """Return the SHA-256 over the tables, declarations and change log of a set."""
    total = sha256()
    for path in sorted(folder.rglob("*"), key=lambda p: p.relative_to(folder).as_posix()):
        if path.is_file() and (path.suffix in (".csv", ".yaml") or path.name == "CHANGELOG.md"):
            total.update(path.relative_to(folder).as_posix().encode())
            total.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return total.hexdigest()


def check_changelog(folder: Path, version: str, faults: list[Fault]) -> None:
    """Add a fault where the newest heading of the set's change log is not its version."""
    path = folder / "CHANGELOG.md"
    if not path.is_file() or not version:
        return
    text = path.read_text(encoding="utf-8", errors="replace")
    newest = _VERSION.search(text)
    if newest is None:
        what = "has no heading with a version"
        faults.append(Fault(path.name, "", what, f"begin its newest part with '## {version}'"))
    elif newest[1] != version:
        line = text.count("\n", 0, newest.start()) + 1
        what = f"begins with {newest[1]}, and set.yaml says version {version}"
        faults.append(Fault(path.name, "", what, "say in it what changed, under the version", line))

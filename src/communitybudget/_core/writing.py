"""Write results whole or not at all, and tables that no spreadsheet can run."""

import csv
import io
import json
import math
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path, PurePosixPath

from communitybudget._core.errors import OutputError

MANIFEST = "manifest.json"
_STAGING = ".communitybudget-"
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_bytes(columns: Sequence[str], rows: Iterable[Sequence[object]], every_digit: bool = False) -> bytes:
    r"""Return a CSV table as UTF-8 bytes.

    Parameters
    ----------
    columns : sequence of str
        Header.
    rows : iterable of sequence
        Numbers are written with 12 significant digits, NaN and None as blank, text that a
        spreadsheet would run as a formula behind an apostrophe. Text that has apostrophes before
        such a sign gets one more, so that taking one away always gives the text back.
    every_digit : bool, default False
        Write numbers with as many digits as it takes to read the same number back.

    Returns
    -------
    bytes

    Examples
    --------
    >>> csv_bytes(["a", "b"], [["=1+1", 0.1], ["x", None]])
    b"a,b\n'=1+1,0.1\nx,\n"
    >>> csv_bytes(["a"], [[2 / 3]], every_digit=True)
    b'a\n0.6666666666666666\n'
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(value, every_digit) for value in row])
    return out.getvalue().encode("utf-8")


def _cell(value: object, every_digit: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        return repr(value + 0.0).removesuffix(".0") if every_digit else format(value + 0.0, ".12g")
    text = str(value)
    return f"'{text}" if text.lstrip("'").startswith(_RISKY) else text


def json_bytes(value: object) -> bytes:
    """Return JSON as UTF-8 bytes, keys in the order given, ending in a line feed."""
    return (json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n").encode("utf-8")


def refuse_a_file(folder: Path | None) -> None:
    """Refuse a file where a folder is wanted, before anything is worked out for it.

    Raises
    ------
    OutputError
        If there is a file of that name.
    """
    if folder is not None and folder.exists() and not folder.is_dir():
        raise OutputError(f"'{folder}' is a file and no folder; choose another folder with --out")


def write_together(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a folder, all of them or none.

    Everything is first written beside its place. Only then do the files move into place; if one
    cannot, those that were there before come back. Files that an earlier manifest lists and that
    are no longer made are removed; others in the folder are left alone. Where none of those listed is
    made again, they are results of another kind, and nothing is written.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    files : mapping of str to bytes
        By relative path with forward slashes.

    Raises
    ------
    OutputError
        If the folder cannot be written or holds other results; what was there before is untouched.
    """
    _check_own(folder, files)
    made = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=_STAGING, dir=folder))
    except OSError as fault:
        raise OutputError(_reason(folder, fault)) from fault
    written = False
    try:
        for name, content in files.items():
            target = staging / "new" / _inside(name)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        _swap(folder, staging, files)
        written = True
    except OSError as fault:
        raise OutputError(_reason(folder, fault)) from fault
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        if made and not written:
            shutil.rmtree(folder, ignore_errors=True)


def _check_own(folder: Path, files: Mapping[str, bytes]) -> None:
    """Refuse to replace a file that no earlier manifest lists, or to remove results of another kind."""
    listed = [name for name in _listed(folder) if (folder / _inside(name)).exists()]
    if listed and not set(listed) & set(files):
        raise OutputError(
            f"'{folder}' holds other results ({', '.join(listed[:3])}), which would go; choose another "
            "folder with --out"
        )
    own = {MANIFEST, *_listed(folder)}
    foreign = [name for name in files if name not in own and (folder / _inside(name)).exists()]
    if foreign or (folder / MANIFEST).is_dir():
        raise OutputError(
            f"'{folder}' holds {', '.join(foreign) or MANIFEST}, which no earlier report here lists as its "
            "own. Choose another folder with --out, or move them away"
        )


def _swap(folder: Path, staging: Path, files: Mapping[str, bytes]) -> None:
    """Move the new files into place; whatever stops that, the old ones come back."""
    kept: list[tuple[Path, Path]] = []
    placed: list[Path] = []
    try:
        for name in [*files, *_outdated(folder, files)]:
            target, backup = folder / _inside(name), staging / "old" / _inside(name)
            if target.exists():
                backup.parent.mkdir(parents=True, exist_ok=True)
                os.replace(target, backup)
                kept.append((target, backup))
        for name in files:
            target = folder / _inside(name)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(staging / "new" / _inside(name), target)
            placed.append(target)
    except BaseException:
        for target in placed:
            target.unlink(missing_ok=True)
        for target, backup in kept:
            os.replace(backup, target)
        raise


def _listed(folder: Path) -> list[str]:
    try:
        listed = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["outputs"]
        names = [str(name) for name in listed]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return [name for name in names if _is_inside(name)]


def _outdated(folder: Path, files: Mapping[str, bytes]) -> list[str]:
    return [name for name in _listed(folder) if name not in files]


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and ":" not in name and "\\" not in name


def _inside(name: str) -> Path:
    if not _is_inside(name):
        raise OutputError(f"'{name}' lies outside the output folder")
    return Path(*PurePosixPath(name).parts)


def _reason(folder: Path, fault: OSError) -> str:
    why = fault.strerror or type(fault).__name__
    return (
        f"the results could not be written to '{folder}' ({why}); what was there before is untouched. "
        "Choose another folder with --out, or close files that are open in it"
    )


def digest(content: bytes) -> str:
    """Return the SHA-256 of some bytes.

    Examples
    --------
    >>> digest(b"")[:8]
    'e3b0c442'
    """
    return sha256(content).hexdigest()

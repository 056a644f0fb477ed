"""The files of one result: whole or not at all, and never in place of another kind of result."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from communitybudget._core.errors import OutputError
from communitybudget._core.writing import MANIFEST, csv_bytes, digest, json_bytes, write_together

if TYPE_CHECKING:
    import pandas as pd


def write_result(folder: Path, files: Mapping[str, bytes], about: Mapping[str, object] | None = None) -> None:
    """Write the files of a result and a manifest of them.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    files : mapping of str to bytes
        By name. The first is the one by which earlier results of the same kind are known.
    about : mapping of str to object, optional
        What else the manifest says.

    Raises
    ------
    OutputError
        If the folder holds other results, which would go, or cannot be written; what was there before is
        untouched.
    """
    if (folder / MANIFEST).exists() and not (folder / next(iter(files))).exists():
        raise OutputError(f"'{folder}' holds other results, which would go; choose another folder with --out")
    outputs = {name: digest(content) for name, content in files.items()}
    write_together(folder, {**files, MANIFEST: json_bytes({**(about or {}), "outputs": outputs})})


def frame_csv(frame: "pd.DataFrame") -> bytes:
    """Return a table as CSV bytes, without its index."""
    return csv_bytes(list(frame.columns), frame.itertuples(index=False, name=None))

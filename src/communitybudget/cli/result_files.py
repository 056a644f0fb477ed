"""The files of one result, with a manifest of them."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from communitybudget._core.writing import MANIFEST, csv_bytes, digest, json_bytes, write_together

if TYPE_CHECKING:
    import pandas as pd


def write_result(folder: Path, files: Mapping[str, bytes], about: Mapping[str, object] | None = None) -> None:
    """Write the files of a result and a manifest of them, whole or not at all; see `write_together`.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    files : mapping of str to bytes
        By name.
    about : mapping of str to object, optional
        What else the manifest says.

    Raises
    ------
    OutputError
        If the folder holds other results or cannot be written; what was there before is untouched.
    """
    outputs = {name: digest(content) for name, content in files.items()}
    write_together(folder, {**files, MANIFEST: json_bytes({**(about or {}), "outputs": outputs})})


def frame_csv(frame: "pd.DataFrame") -> bytes:
    """Return a table as CSV bytes, without its index."""
    return csv_bytes(list(frame.columns), frame.itertuples(index=False, name=None))

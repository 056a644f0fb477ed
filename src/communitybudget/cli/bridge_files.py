"""The files of an answer bridge: a table and a chart, whole or not at all."""

from pathlib import Path
from typing import TYPE_CHECKING

from communitybudget._core.errors import OutputError
from communitybudget._core.writing import MANIFEST, csv_bytes, digest, json_bytes, write_together

if TYPE_CHECKING:
    from communitybudget.case import Bridge

_TABLE = "bridge.csv"


def write_bridge(bridge: "Bridge", folder: Path) -> None:
    """Write the steps of a bridge as a table, its chart, and the bridge as JSON.

    Parameters
    ----------
    bridge : Bridge
        From `compare`.
    folder : Path
        Made if it is not there; one that holds a report or other files of these names is left alone.

    Raises
    ------
    OutputError
        If the folder cannot be written; what was there before is untouched.
    """
    from communitybudget.charts import figure_bytes

    if (folder / MANIFEST).exists() and not (folder / _TABLE).exists():
        raise OutputError(f"'{folder}' holds other results, which would go; choose another folder with --out")
    frame = bridge.to_frame()
    figure = bridge.plot().figure
    files = {
        _TABLE: csv_bytes(list(frame.columns), frame.itertuples(index=False)),
        "bridge.svg": figure_bytes(figure, "svg"),
        "bridge.png": figure_bytes(figure, "png"),
        "bridge.json": bridge.to_json().encode("utf-8"),
    }
    outputs = {name: digest(content) for name, content in files.items()}
    write_together(folder, {**files, MANIFEST: json_bytes({"outputs": outputs})})

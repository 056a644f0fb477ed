"""The files of an answer bridge: a table, a chart and the bridge itself."""

from pathlib import Path
from typing import TYPE_CHECKING

from communitybudget.cli.result_files import frame_csv, write_result

if TYPE_CHECKING:
    from communitybudget.case import Bridge


def write_bridge(bridge: "Bridge", folder: Path) -> None:
    """Write the steps of a bridge as a table, its chart, and the bridge as JSON; as `write_result`."""
    from communitybudget.charts import figure_bytes

    figure = bridge.plot().figure
    files = {
        "bridge.csv": frame_csv(bridge.to_frame()),
        "bridge.svg": figure_bytes(figure, "svg"),
        "bridge.png": figure_bytes(figure, "png"),
        "bridge.json": bridge.to_json().encode("utf-8"),
    }
    write_result(folder, files)

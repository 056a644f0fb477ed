import os
import subprocess
import sys
from collections.abc import Callable

import matplotlib
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from communitybudget.charts import (
    figure_bytes,
    house_style,
    plot_agency_balance,
    plot_costs_avoided_by_year,
    plot_npv_distribution,
    plot_tornado,
)

SCRIPT = """
import hashlib, sys
import pandas as pd
from communitybudget.charts import figure_bytes, plot_costs_avoided_by_year, plot_npv_distribution
frame = pd.DataFrame({
    "agency": ["NHS", "Kent Trust", "Police", "Legal aid"],
    "year": ["2026-27", "2026-27", "2027-28", "2027-28"],
    "mean": [9e4, -2e4, 3e4, 1e4],
})
draws = pd.DataFrame({"npv": [-3e5, 1e5, 2e5, 6e5]})
for ax in (
    plot_costs_avoided_by_year(frame, price_base="2026-27"),
    plot_npv_distribution(draws, price_base="2026-27"),
):
    for kind in ("svg", "png"):
        print(hashlib.sha256(figure_bytes(ax.figure, kind)).hexdigest())
assert "matplotlib.pyplot" not in sys.modules
"""


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_the_same_figure_built_twice_gives_the_same_bytes(kind: str, balance: pd.DataFrame) -> None:
    one, two = (
        figure_bytes(plot_agency_balance(balance, price_base="2026-27").figure, kind) for _ in range(2)
    )  # type: ignore[arg-type]
    assert one == two


@pytest.mark.parametrize("chart", ["agencies", "years", "draws", "swings"])
def test_writing_does_not_change_what_is_written_next(
    chart: str, balance: pd.DataFrame, by_year: pd.DataFrame, draws: pd.DataFrame, swings: pd.DataFrame
) -> None:
    ax = {
        "agencies": lambda: plot_agency_balance(balance, price_base="2026-27"),
        "years": lambda: plot_costs_avoided_by_year(by_year, price_base="2026-27"),
        "draws": lambda: plot_npv_distribution(draws, price_base="2026-27"),
        "swings": lambda: plot_tornado(swings, price_base="2026-27"),
    }[chart]()
    first = figure_bytes(ax.figure, "svg"), figure_bytes(ax.figure, "png")
    for _ in range(3):
        assert (figure_bytes(ax.figure, "svg"), figure_bytes(ax.figure, "png")) == first


def test_two_processes_give_the_same_bytes_and_leave_pyplot_alone() -> None:
    outputs = []
    for seed in ("1", "4242"):
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT], check=True, capture_output=True, text=True, env=environment
        )
        outputs.append(done.stdout.split())
    assert len(outputs[0]) == 4
    assert outputs[0] == outputs[1]


def test_the_readers_settings_do_not_reach_the_bytes(swings: pd.DataFrame) -> None:
    plain = figure_bytes(plot_tornado(swings, price_base="2026-27").figure, "svg")
    odd = {"font.size": 20.0, "svg.fonttype": "none", "savefig.bbox": "tight", "xtick.labelsize": 30.0}
    with matplotlib.rc_context(odd):
        assert figure_bytes(plot_tornado(swings, price_base="2026-27").figure, "svg") == plain
    figure = plot_tornado(swings, price_base="2026-27").figure
    with matplotlib.rc_context(odd):
        assert figure_bytes(figure, "svg") == plain


def test_no_date_and_no_software_is_written(draws: pd.DataFrame) -> None:
    figure = plot_npv_distribution(draws, price_base="2026-27").figure
    svg = figure_bytes(figure, "svg").decode()
    assert "<dc:date>" not in svg
    assert "Matplotlib v" not in svg
    assert "<title>Net present value: how sure is it</title>" in svg
    assert "<text" not in svg
    png = figure_bytes(figure, "png")
    assert b"Software" not in png
    assert b"tIME" not in png


def test_png_has_200_dots_per_inch_and_is_16_cm_wide(draws: pd.DataFrame) -> None:
    png = figure_bytes(plot_npv_distribution(draws, price_base="2026-27").figure, "png")
    width = int.from_bytes(png[16:20], "big")
    assert width == pytest.approx(16 / 2.54 * 200, abs=1)
    at = png.index(b"pHYs") + 4
    assert int.from_bytes(png[at : at + 4], "big") == pytest.approx(200 / 0.0254, abs=1)


def test_another_kind_of_file_is_refused() -> None:
    with pytest.raises(ValueError, match="'pdf' is not a kind"):
        figure_bytes(Figure(), "pdf")  # type: ignore[arg-type]


def test_a_chart_goes_on_the_axes_it_is_given(draws: pd.DataFrame) -> None:
    with house_style():
        figure = Figure(figsize=(12, 5), layout="constrained")
        left, right = figure.subplots(1, 2)
    assert plot_npv_distribution(draws, left, price_base="2026-27") is left
    assert left.has_data()
    assert not right.has_data()


def test_a_part_of_a_figure_is_written_whole(draws: pd.DataFrame) -> None:
    figure = Figure()
    part = figure.subfigures(1, 2)[0]
    plot_npv_distribution(draws, part.add_subplot(), price_base="2026-27")
    assert figure_bytes(part, "svg") == figure_bytes(figure, "svg")


def test_a_chart_shows_itself_in_a_notebook_with_its_title_as_alternative_text(draws: pd.DataFrame) -> None:
    title = 'Hounslow <"&> Ealing'
    ax = plot_npv_distribution(draws, price_base="2026-27", title=title)
    show: Callable[[], str] = ax._repr_html_  # type: ignore[attr-defined]
    html = show()
    assert html.startswith('<img alt="Hounslow &lt;&quot;&amp;&gt; Ealing"')
    assert "data:image/png;base64," in html
    assert isinstance(ax, Axes)

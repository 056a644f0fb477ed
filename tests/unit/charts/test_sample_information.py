"""Charts of what studies and other agencies' data are worth."""

import numpy as np
import pandas as pd
import pytest

from communitybudget.charts import (
    plot_data_sharing,
    plot_population_value,
    plot_sample_information,
    plot_sampling_value,
)

SIZES = pd.DataFrame(
    {
        "families": [400, 0, 50, 100, 200],
        "value": [1e6, 0.0, 6e5, 8e5, 9e5],
        "standard_error": [4e4, 0.0, 2e4, 3e4, 3e4],
        "evppi": 1.2e6,
        "cost": [5e5, 0.0, 1e5, 1.5e5, 2.5e5],
    }
).assign(net=lambda rows: rows["value"] - rows["cost"])
HOLDERS = pd.DataFrame(
    {
        "holder": ["Police", "Department for Work and Pensions"],
        "value_a_year": [27e3, 1e3],
        "extract_cost_a_year": [5e3, 6e3],
        "standard_error_a_year": [9e2, 1e2],
    }
)


def test_the_best_size_is_marked(texts, assert_legible):
    ax = plot_sampling_value(SIZES, price_base="2026-27", about_as_good=(50, 200))
    marked = next(line for line in ax.lines if line.get_label() == "Most left")
    assert [marked.get_xdata()[0], marked.get_ydata()[0]] == [100, 6.5e5]
    assert texts(ax, "subtitle") == [
        "Most is left with 100 families: £650k. 50 to 200 (shaded) do about as well."
    ]
    assert_legible(ax)


def test_lines_run_by_number_of_families(assert_legible):
    ax = plot_sample_information(SIZES, price_base="2026-27")
    study = next(line for line in ax.lines if line.get_label() == "Study")
    assert study.get_xdata().tolist() == [0, 50, 100, 200, 400]
    assert study.get_ydata().tolist() == [0, 6e5, 8e5, 9e5, 1e6]
    ceiling = next(line for line in ax.lines if line.get_label() == "If it told all")
    assert set(ceiling.get_ydata()) == {1.2e6}
    assert_legible(ax)


def test_each_extract_has_a_bar_its_error_and_its_cost(assert_legible):
    ax = plot_data_sharing(HOLDERS, price_base="2026-27")
    assert [bar.get_width() for bar in ax.patches] == [27e3, 1e3]
    assert ax.lines[0].get_xdata().tolist() == [5e3, 6e3]
    ends = np.array(ax.collections[0].get_segments())[:, :, 0]
    assert ends.round(1).tolist() == [[25_236.0, 28_764.0], [804.0, 1_196.0]]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "Worth at most",
        "What the extract costs",
        "95% interval of drawing",
    ]
    assert "2026-27 prices" in ax.get_xlabel()
    assert_legible(ax)


def test_steps_from_the_model_to_all_families(assert_legible):
    steps = ["as_modelled", "a_family", "a_year", "population"]
    ax = plot_population_value(
        pd.DataFrame({"step": steps, "value": [5e4, 5e2, 3e4, 2e5]}), price_base="2026-27"
    )
    assert [bar.get_width() for bar in ax.patches] == [5e4, 3e4, 2e5]
    assert_legible(ax)


@pytest.mark.parametrize(
    ("chart", "frame", "column"),
    [
        (plot_sample_information, SIZES, "evppi"),
        (plot_sampling_value, SIZES, "net"),
        (plot_data_sharing, HOLDERS, "value_a_year"),
        (plot_population_value, pd.DataFrame({"step": ["a_year"], "value": [1.0]}), "value"),
    ],
)
def test_what_is_missing_is_named(chart, frame, column):
    with pytest.raises(ValueError, match=rf"{chart.__name__}: the frame lacks '{column}'"):
        chart(frame.drop(columns=column), price_base="2026-27")

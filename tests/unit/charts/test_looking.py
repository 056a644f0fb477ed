"""Heat map, spider, scatter, sets of inputs, break-even curve."""

import numpy as np
import pandas as pd
import pytest

from communitybudget.charts import (
    figure_bytes,
    plot_break_even_curve,
    plot_heat_map,
    plot_scatter,
    plot_scenario_sets,
    plot_spider,
    plot_tornado,
)

GRID = pd.DataFrame(
    [(x, y, 1e5 * (x * y - 6), 0.2 * x) for x in (1, 2, 3, 4) for y in (1.0, 2.0, 3.0)],
    columns=["first", "second", "expected", "probability"],
)
LABELS = {"first_label": "Reach", "second_label": "Worth", "price_base": "2026-27"}


def test_the_cells_of_a_heat_map_stand_at_their_values():
    shuffled = GRID.sample(frac=1, random_state=1)
    ax = plot_heat_map(shuffled, base=(2.0, 2.0), **LABELS)
    shown = ax.collections[0].get_array()
    np.testing.assert_array_equal(shown, GRID.pivot_table(index="second", columns="first", values="expected"))
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert legend == ["Expected value is nil", "Central values"]


def test_the_colours_of_a_heat_map_turn_at_nil_and_at_even_odds():
    money = plot_heat_map(GRID, **LABELS).collections[0].norm
    assert (money.vmin, money.vcenter, money.vmax) == (-6e5, 0, 6e5)
    odds = plot_heat_map(GRID, shows="probability", **LABELS).collections[0].norm
    assert (odds.vmin, odds.vcenter, odds.vmax) == (0, 0.5, 1)


def test_a_heat_map_of_one_sign_has_no_line():
    ax = plot_heat_map(GRID.assign(expected=1.0), **LABELS)
    assert ax.get_legend() is None


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (GRID.iloc[1:], "every pair"),
        (pd.concat([GRID, GRID.head(1)]), "every pair"),
        (GRID[GRID["first"] == 1], "every pair"),
        (GRID.drop(columns="probability"), "lacks 'probability'"),
    ],
)
def test_a_grid_with_holes_is_refused(frame: pd.DataFrame, words: str):
    with pytest.raises(ValueError, match=words):
        plot_heat_map(frame, **LABELS)


def test_a_heat_map_shows_one_of_two():
    with pytest.raises(ValueError, match="use expected or probability"):
        plot_heat_map(GRID, shows="median", **LABELS)


def test_a_spider_has_a_line_for_each_input_with_a_look_of_its_own():
    frame = pd.DataFrame(
        [(f"Input {i}", change, 1e5 * i * change) for i in range(8) for change in (0.1, -0.1)],
        columns=["label", "change", "outcome"],
    )
    lines = plot_spider(frame, price_base="2026-27").get_lines()[1:]
    assert len({(line.get_color(), line.get_linestyle()) for line in lines}) == 8
    assert lines[0].get_xdata().tolist() == [-0.1, 0.1]
    many = pd.concat([frame.assign(label=frame["label"] + str(i)) for i in range(3)])
    with pytest.raises(ValueError, match="24 inputs are too many"):
        plot_spider(many, price_base="2026-27")


def test_a_scatter_shows_so_many_dots_and_says_so(texts):
    draws = pd.DataFrame({"input": np.arange(3_000.0), "outcome": np.linspace(-1e5, 2e5, 3_000)})
    ax = plot_scatter(draws, price_base="2026-27", input_label="Price")
    assert len(ax.get_lines()[1].get_xdata()) == 2_000
    assert texts(ax, "notes") == ["The first 2,000 of 3,000 draws."]
    assert texts(plot_scatter(draws.head(9), price_base="2026-27", input_label="Price"), "notes") == []


def test_sets_of_inputs_stand_at_their_percentiles(texts):
    frame = pd.DataFrame(
        [
            (name, kind, label, percentile, -2e5)
            for name, kind, percentile in (("prudent", "stacked", 20.0), ("mine", "given", 60.0))
            for label in ("Reach", "Price", "Rate")
        ],
        columns=["set", "kind", "label", "percentile", "outcome"],
    )
    ax = plot_scenario_sets(frame, price_base="2026-27", most=2)
    assert [line.get_xdata().tolist() for line in ax.get_lines()[1:]] == [[20.0, 20.0], [60.0, 60.0]]
    assert texts(ax, "notes") == ["Inputs not shown, which move it less: 1."]
    with pytest.raises(ValueError, match="there is no kind 'odd'"):
        plot_scenario_sets(frame.assign(kind="odd"), price_base="2026-27")
    with pytest.raises(ValueError, match="show at least 1"):
        plot_scenario_sets(frame, price_base="2026-27", most=0)


def test_a_break_even_curve_has_a_band_and_the_central_value():
    curve = pd.DataFrame({"value": [1_000.0, 2_000.0], "probability": [0.9, 0.2]})
    curve = curve.assign(low=curve["probability"] - 0.05, high=curve["probability"] + 0.05)
    ax = plot_break_even_curve(curve, value_label="Price", base=1_500.0)
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert legend == ["Probability", "Monte Carlo error, 95%", "Central value"]
    assert tuple(ax.get_ylim()) == (0, 1)
    assert len(plot_break_even_curve(curve, value_label="Price").get_legend().get_texts()) == 2


def test_a_tornado_names_other_ends(swings: pd.DataFrame):
    ax = plot_tornado(swings, price_base="2026-27", ends=("its worst", "its best"))
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert legend == ["Input at its worst", "Input at its best"]


def test_the_same_frame_gives_the_same_bytes():
    one, other = (figure_bytes(plot_heat_map(GRID, **LABELS).figure, "png") for _ in range(2))
    assert one == other

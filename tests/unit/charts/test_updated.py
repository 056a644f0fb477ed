"""Figures before and after what was seen."""

import numpy as np
import pandas as pd
import pytest

from communitybudget.charts import plot_updated

FRAME = pd.DataFrame(
    [
        ("All agencies", "prior", -4_000.0, -9_000.0, 1_000.0),
        ("All agencies", "updated", -2_000.0, -5_000.0, 800.0),
        ("Police", "prior", 100.0, -50.0, 300.0),
        ("Police", "updated", 120.0, 0.0, 280.0),
    ],
    columns=["figure", "state", "mean", "low", "high"],
)


def test_each_figure_stands_before_and_after(assert_legible):
    ax = plot_updated(FRAME, unit="GBP, real, 2025-26 prices, per family", interval="P10 to P90")
    ends = [np.array(lines.get_segments())[:, :, 0].tolist() for lines in ax.collections]
    assert ends == [[[-9_000, 1_000], [-50, 300]], [[-5_000, 800], [0, 280]]]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["All agencies", "Police"]
    assert_legible(ax)


def test_one_number_with_what_was_seen():
    one = pd.DataFrame(
        [("prior", 0.3, 0.1, 0.5), ("seen", 0.1, None, None), ("updated", 0.2, 0.1, 0.3)],
        columns=["state", "mean", "low", "high"],
    )
    ax = plot_updated(one, unit="share of families")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "Before",
        "After what was seen",
        "Seen",
    ]


@pytest.mark.parametrize("column", ["state", "mean", "high"])
def test_what_is_missing_is_named(column):
    with pytest.raises(ValueError, match=column):
        plot_updated(FRAME.drop(columns=column), unit="x")

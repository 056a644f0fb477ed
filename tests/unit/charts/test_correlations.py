"""Rank correlations by pair."""

import pandas as pd
import pytest

from communitybudget.charts import plot_correlation

ROWS = pd.DataFrame(
    {
        "first": ["cost", "cost"],
        "second": ["reach", "effect"],
        "rank_asked": [0.9, -0.4],
        "rank_used": [0.73, -0.4],
    }
)


def test_each_pair_shows_what_was_asked_and_what_is_used():
    ax = plot_correlation(ROWS, title="Together")
    used, asked = (line.get_xdata().tolist() for line in ax.lines[1:])
    assert used == [0.73, -0.4]
    assert asked == [0.9, -0.4]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["cost and reach", "cost and effect"]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["Used", "Asked for"]


def test_what_is_missing_is_named():
    with pytest.raises(ValueError, match="plot_correlation"):
        plot_correlation(ROWS.drop(columns="rank_used"))

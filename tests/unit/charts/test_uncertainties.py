"""Totals with both uncertainties."""

import numpy as np
import pandas as pd
import pytest

from communitybudget.charts import plot_two_uncertainties

ROWS = pd.DataFrame(
    {
        "total": ["bau", "help against bau"],
        "mean": [50.0, -5.0],
        "p10_rates": [48.0, -8.0],
        "p90_rates": [52.0, -2.0],
        "p10_with_chance": [40.0, -15.0],
        "p90_with_chance": [61.0, 4.0],
    }
)


def test_each_total_has_an_interval_from_rates_and_one_with_chance():
    ax = plot_two_uncertainties(ROWS, unit="GBP", title="Care")
    ends = [np.array(lines.get_segments())[:, :, 0].tolist() for lines in ax.collections]
    assert ends == [[[48.0, 52.0], [-8.0, -2.0]], [[40.0, 61.0], [-15.0, 4.0]]]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["From rates alone", "With chance"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["bau", "help against bau"]
    assert ax.get_xlabel() == "GBP"


def test_large_numbers_are_written_out():
    large = ROWS.assign(**{name: ROWS[name] * 1e6 for name in ROWS.columns[1:]})
    for unit, words in (("entries", "60,000,000"), ("GBP, 2025-26 prices", "£60m")):
        ax = plot_two_uncertainties(large, unit=unit)
        ax.figure.canvas.draw()
        assert words in [label.get_text() for label in ax.get_xticklabels()]


def test_what_is_missing_is_named():
    with pytest.raises(ValueError, match="plot_two_uncertainties"):
        plot_two_uncertainties(ROWS.drop(columns="p10_rates"), unit="GBP")

"""The fan of a forecast, with what was seen."""

import numpy as np
import pandas as pd
import pytest

from communitybudget.charts import plot_forecast


@pytest.fixture
def forecast() -> pd.DataFrame:
    month = np.arange(1, 13)
    middle = 2.0 * month
    seen = np.where(month <= 4, 3.0 * month, np.nan)
    later = np.where(month > 4, 3.0 * month, np.nan)
    return pd.DataFrame(
        {
            "month": month,
            "expected": middle,
            **{
                name: middle * share
                for name, share in zip(
                    ("p5", "p10", "p50", "p90", "p95"), (0.5, 0.6, 1, 1.5, 1.6), strict=True
                )
            },
            "actual": seen,
            "updated": later,
            "updated_p10": later - 3,
            "updated_p90": later + 4,
            "warning": month == 4,
        }
    )


def test_it_shows_fan_actuals_and_warnings(forecast, texts, assert_legible):
    ax = plot_forecast(forecast, counted="entries to care", subtitle="Warning since month 4.")
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == [
        "Forecast, P5 to P95",
        "Forecast, P10 to P90",
        "Forecast, mean",
        "After what was seen, P10 to P90",
        "Seen",
        "Warns",
    ]
    warned = next(line for line in ax.lines if line.get_label() == "Warns")
    assert warned.get_xydata().tolist() == [[4.0, 12.0]]
    assert texts(ax, "subtitle") == ["Warning since month 4."]
    assert_legible(ax)


def test_without_warning_and_with_all_months_seen(forecast):
    done = forecast.assign(actual=forecast["expected"], updated=np.nan, warning=False)
    labels = [text.get_text() for text in plot_forecast(done, counted="x").get_legend().get_texts()]
    assert "Warns" not in labels
    assert "After what was seen, P10 to P90" not in labels


@pytest.mark.parametrize("column", ["p90", "actual", "warning"])
def test_what_is_missing_is_named(forecast, column):
    with pytest.raises(ValueError, match=column):
        plot_forecast(forecast.drop(columns=column), counted="x")

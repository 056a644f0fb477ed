"""Payback by agency and year."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from communitybudget.charts import plot_payback_probability

AGENCIES = ["All agencies", "Local authority", "NHS", "Police", "Legal aid", "Voluntary sector"]


@pytest.fixture
def payback() -> pd.DataFrame:
    rows = [
        (agency, f"{year}-{(year + 1) % 100:02d}", 0.08 * k * (year - 2026) / 9)
        for k, agency in enumerate(AGENCIES, 1)
        for year in range(2026, 2036)
    ]
    frame = pd.DataFrame(rows, columns=["agency", "year", "probability"])
    return frame.assign(probability_with_chance=frame["probability"] * 0.8)


def test_thick_lines_hold_chance_and_thin_ones_rates_alone(payback: pd.DataFrame) -> None:
    ax = plot_payback_probability(payback)
    own = payback[payback["agency"] == "NHS"]
    lines = [line for line in ax.lines if line.get_label() == "NHS"]
    assert lines[0].get_linewidth() > lines[1].get_linewidth()
    np.testing.assert_allclose(np.asarray(lines[0].get_ydata()), 100 * own["probability_with_chance"])
    np.testing.assert_allclose(np.asarray(lines[1].get_ydata()), 100 * own["probability"])
    shown = [str(t.get_text()) for t in ax.get_legend().get_texts()]  # type: ignore[union-attr]
    assert shown == [*AGENCIES, "With typical families"]


def test_rates_alone_have_one_line_each(
    payback: pd.DataFrame, texts: Callable[[Axes, str], list[str]]
) -> None:
    ax = plot_payback_probability(payback.drop(columns="probability_with_chance"))
    assert len(ax.lines) == len(AGENCIES) + 1
    assert texts(ax, "subtitle") == ["Undiscounted. From uncertain rates, effects and prices."]


def test_years_are_put_in_order(payback: pd.DataFrame) -> None:
    ax = plot_payback_probability(payback.iloc[::-1])
    assert np.asarray(ax.lines[0].get_xdata()).tolist() == list(range(2026, 2036))


def test_it_is_legible(payback: pd.DataFrame, assert_legible: Callable[[Axes], None]) -> None:
    assert_legible(plot_payback_probability(payback))


def test_a_missing_column_is_named() -> None:
    with pytest.raises(ValueError, match="'probability'"):
        plot_payback_probability(pd.DataFrame({"agency": ["NHS"], "year": ["2026-27"]}))

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from communitybudget.charts import plot_cumulative_cash

Texts = Callable[[Axes, str], list[str]]


def test_lines_and_bands_are_the_numbers_of_the_frame(cash: pd.DataFrame) -> None:
    ax = plot_cumulative_cash(cash, price_base="2026-27")
    lines = {line.get_label(): np.asarray(line.get_ydata()) for line in ax.lines}
    np.testing.assert_allclose(lines["Median"], cash["p50"])
    np.testing.assert_allclose(lines["Mean"], cash["mean"])
    bands = {band.get_label(): band.get_paths()[0].vertices for band in ax.collections}
    for label, low, high in (("P5 to P95", "p5", "p95"), ("P10 to P90", "p10", "p90")):
        drawn = {round(float(y), 2) for y in bands[label][:, 1]}
        assert drawn == {round(float(y), 2) for y in [*cash[low], *cash[high]]}


def test_payback_is_the_first_year_from_which_the_median_stays_up(cash: pd.DataFrame, texts: Texts) -> None:
    ax = plot_cumulative_cash(cash, price_base="2026-27")
    assert texts(ax, "subtitle") == ["Median pays back in 2018-19. Undiscounted."]
    marker = next(line for line in ax.lines if line.get_label() == "Median back at zero for good")
    assert (marker.get_xdata()[0], marker.get_ydata()[0]) == (2018, 40_000)  # type: ignore[index]


def test_no_payback_names_the_last_year(cash: pd.DataFrame, texts: Texts) -> None:
    ax = plot_cumulative_cash(cash.head(5), price_base="2026-27")
    assert texts(ax, "subtitle") == ["Median does not pay back by 2017-18. Undiscounted."]


def test_a_median_exactly_zero_at_the_end_has_paid_back(cash: pd.DataFrame, texts: Texts) -> None:
    cash.loc[7, ["p5", "p10", "p50", "p90", "p95"]] = 0.0
    cash.loc[6, ["p5", "p10", "p50", "p90", "p95"]] = -1.0
    ax = plot_cumulative_cash(cash, price_base="2026-27")
    assert texts(ax, "subtitle") == ["Median pays back in 2020-21. Undiscounted."]


def test_a_median_never_below_zero(cash: pd.DataFrame, texts: Texts) -> None:
    ax = plot_cumulative_cash(cash.tail(2), price_base="2026-27")
    assert texts(ax, "subtitle") == ["Median is never below zero. Undiscounted."]


def test_a_single_year_has_a_visible_band(cash: pd.DataFrame, assert_legible: Callable[[Axes], None]) -> None:
    ax = plot_cumulative_cash(cash.head(1), price_base="2026-27")
    assert all(np.ptp(band.get_paths()[0].vertices[:, 0]) > 0 for band in ax.collections)
    assert_legible(ax)


def test_years_are_put_in_order(cash: pd.DataFrame) -> None:
    ax = plot_cumulative_cash(cash.iloc[::-1], price_base="2026-27")
    median = next(line for line in ax.lines if line.get_label() == "Median")
    np.testing.assert_allclose(np.asarray(median.get_ydata()), cash["p50"])


def test_a_year_comes_once(cash: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="'year'"):
        plot_cumulative_cash(pd.concat([cash, cash.head(1)]), price_base="2026-27")


def test_percentiles_must_rise(cash: pd.DataFrame) -> None:
    cash.loc[3, "p10"] = cash.loc[3, "p90"] + 1
    with pytest.raises(ValueError, match="in row 3"):
        plot_cumulative_cash(cash, price_base="2026-27")

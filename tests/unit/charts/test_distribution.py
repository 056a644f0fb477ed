from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from communitybudget.charts import plot_npv_distribution
from communitybudget.charts.distribution import bin_edges
from communitybudget.charts.style import GAIN, LOSS

Texts = Callable[[Axes, str], list[str]]


def test_bars_are_shares_of_the_draws(draws: pd.DataFrame) -> None:
    ax = plot_npv_distribution(draws, price_base="2026-27")
    assert sum(bar.get_height() for bar in ax.patches) == pytest.approx(1)  # type: ignore[attr-defined]
    for bar in ax.patches:
        left, right = bar.get_x(), bar.get_x() + bar.get_width()  # type: ignore[attr-defined]
        inside = ((draws["npv"] >= left) & (draws["npv"] < right)).mean()
        assert bar.get_height() == pytest.approx(inside, abs=1e-9)  # type: ignore[attr-defined]


def test_colours_change_exactly_at_zero(draws: pd.DataFrame) -> None:
    ax = plot_npv_distribution(draws, price_base="2026-27")
    below = sum(b.get_height() for b in ax.patches if to_hex(b.get_facecolor()) == LOSS.lower())  # type: ignore[attr-defined]
    above = sum(b.get_height() for b in ax.patches if to_hex(b.get_facecolor()) == GAIN.lower())  # type: ignore[attr-defined]
    assert below == pytest.approx((draws["npv"] < 0).mean())
    assert above == pytest.approx((draws["npv"] >= 0).mean())


def test_mean_and_percentiles_are_marked_and_printed(draws: pd.DataFrame, texts: Texts) -> None:
    ax = plot_npv_distribution(draws, price_base="2026-27")
    marked = [segments.get_segments()[0][0][0] for segments in ax.collections]  # type: ignore[attr-defined]
    npv = draws["npv"]
    np.testing.assert_allclose(marked, [npv.mean(), npv.quantile(0.1), npv.quantile(0.9)])
    assert texts(ax, "mark") == ["Mean", "P10", "P90"]
    share = (npv > 0).mean()
    assert f"above zero: {share:.0%}." in texts(ax, "subtitle")[0]
    assert "3,000 draws" in texts(ax, "subtitle")[0]


@pytest.mark.parametrize("value", [0.0, 1.0, -0.01, 1_234_567.0, -9.9e8])
def test_all_draws_equal(value: float, texts: Texts, assert_legible: Callable[[Axes], None]) -> None:
    ax = plot_npv_distribution(pd.DataFrame({"npv": np.full(50, value)}), price_base="2026-27")
    assert sum(bar.get_height() for bar in ax.patches) == pytest.approx(1)  # type: ignore[attr-defined]
    assert f"above zero: {'over 99%' if value > 0 else 'under 1%'}." in texts(ax, "subtitle")[0]
    assert_legible(ax)


def test_a_single_draw() -> None:
    ax = plot_npv_distribution(pd.DataFrame({"npv": [5_000.0]}), price_base="2026-27")
    assert sum(bar.get_height() for bar in ax.patches) == 1  # type: ignore[attr-defined]


def test_a_point_mass_at_zero_is_stated(draws: pd.DataFrame, texts: Texts) -> None:
    draws.loc[:899, "npv"] = 0.0
    ax = plot_npv_distribution(draws, price_base="2026-27")
    assert "Exactly zero: 30%." in texts(ax, "subtitle")[0]


def test_a_point_mass_beside_a_spread(assert_legible: Callable[[Axes], None]) -> None:
    npv = np.concatenate([np.full(990, -980_000.0), np.linspace(0, 4e6, 10)])
    ax = plot_npv_distribution(pd.DataFrame({"npv": npv}), price_base="2026-27")
    assert max(bar.get_height() for bar in ax.patches) == pytest.approx(0.99)  # type: ignore[attr-defined]
    assert_legible(ax)


def test_draws_far_from_zero_still_show_bars_of_some_width() -> None:
    npv = 1e6 + np.linspace(0, 1, 100)
    ax = plot_npv_distribution(pd.DataFrame({"npv": npv}), price_base="2026-27")
    low, high = ax.get_xlim()
    assert low <= 0
    assert all(bar.get_width() > (high - low) / 500 for bar in ax.patches)  # type: ignore[attr-defined]


def test_nearly_certain_is_not_printed_as_certain(texts: Texts) -> None:
    npv = np.ones(1_000)
    npv[0] = -1
    ax = plot_npv_distribution(pd.DataFrame({"npv": npv}), price_base="2026-27")
    assert "over 99%" in texts(ax, "subtitle")[0]
    ax = plot_npv_distribution(pd.DataFrame({"npv": -npv}), price_base="2026-27")
    assert "under 1%" in texts(ax, "subtitle")[0]


@pytest.mark.parametrize("scale", [1e-3, 1.0, 3e4, 7e8])
def test_edges_cover_all_values_and_hold_zero(scale: float) -> None:
    values = np.random.default_rng(2).standard_t(2, 5_000) * scale
    edges = bin_edges(values)
    assert 0.0 in edges
    assert edges.size <= 203
    assert edges[0] <= values.min()
    assert edges[-1] >= values.max()
    np.testing.assert_array_equal(edges, bin_edges(values[::-1]))


def test_a_few_draws_far_out_are_counted_and_leave_the_room_to_the_others(texts: Texts) -> None:
    npv = np.r_[np.linspace(-1e5, 3e5, 990), np.full(10, 6e6)]
    ax = plot_npv_distribution(pd.DataFrame({"npv": npv}), price_base="2026-27")
    assert ax.get_xlim()[1] < 4e5
    assert "1,000 draws, 10 of them outside the chart." in texts(ax, "subtitle")[0]
    assert sum(bar.get_height() for bar in ax.patches) == pytest.approx(1)  # type: ignore[attr-defined]


def test_draws_that_are_near_each_other_are_all_shown(draws: pd.DataFrame, texts: Texts) -> None:
    ax = plot_npv_distribution(draws, price_base="2026-27")
    assert ax.get_xlim()[0] <= draws["npv"].min()
    assert ax.get_xlim()[1] >= draws["npv"].max()
    assert "outside" not in texts(ax, "subtitle")[0]


def test_the_mean_is_of_what_is_expected(draws: pd.DataFrame, texts: Texts) -> None:
    draws["expected"] = 1.5e6
    ax = plot_npv_distribution(draws, price_base="2026-27")
    assert "Mean £1.50m" in texts(ax, "subtitle")[0]


def test_the_outline_is_the_distribution_without_chance() -> None:
    rng = np.random.default_rng(1)
    expected = rng.normal(1e5, 2e5, 2000)
    npv = expected + rng.standard_t(2, 2000) * 3e5
    ax = plot_npv_distribution(pd.DataFrame({"npv": npv, "expected": expected}), price_base="2026-27")
    (outline,) = [p for p in ax.patches if p.get_label() == "Without chance"]
    shares, edges, _ = outline.get_data()  # type: ignore[attr-defined]
    np.testing.assert_allclose(shares, np.histogram(expected, bins=edges)[0] / 2000)

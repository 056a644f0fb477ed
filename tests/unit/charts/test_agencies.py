from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.container import BarContainer

from communitybudget.charts import plot_agency_balance, plot_costs_avoided_by_year

Texts = Callable[[Axes, str], list[str]]


def bars(ax: Axes, label: str) -> BarContainer:
    found = [c for c in ax.containers if c.get_label() == label]
    assert len(found) == 1
    assert isinstance(found[0], BarContainer)
    return found[0]


def rows_of(ax: Axes) -> list[str]:
    return [" ".join(label.get_text().split()) for label in ax.get_yticklabels()]


def test_bars_are_the_numbers_of_the_frame(balance: pd.DataFrame) -> None:
    ax = plot_agency_balance(balance, price_base="2026-27")
    by_agency = balance.set_index("agency").loc[rows_of(ax)]
    for label, column, sign in (
        ("Delivery (spending)", "delivery", -1),
        ("Funding received or paid", "funding", 1),
        ("Costs avoided", "costs_avoided", 1),
    ):
        widths = [bar.get_width() for bar in bars(ax, label)]
        np.testing.assert_allclose(widths, sign * by_agency[column])


def test_bars_touch_from_zero_outwards(balance: pd.DataFrame) -> None:
    ax = plot_agency_balance(balance, price_base="2026-27")
    groups = [c for c in ax.containers if isinstance(c, BarContainer)]
    for row in range(len(balance)):
        spans = [(g[row].get_x(), g[row].get_x() + g[row].get_width()) for g in groups]
        for side in (1, -1):
            parts = sorted((abs(a), abs(b)) for a, b in spans if side * (b - a) > 0)
            ends = [0.0, *(end for _, end in parts)]
            np.testing.assert_allclose([start for start, _ in parts], ends[:-1], atol=1e-6)


def test_greatest_net_is_at_the_top_and_marked(balance: pd.DataFrame, texts: Texts) -> None:
    ax = plot_agency_balance(balance, price_base="2026-27")
    nets = balance.set_index("agency")["net"].sort_values(ascending=False)
    assert rows_of(ax) == nets.index.tolist()
    bottom, top = ax.get_ylim()
    assert bottom > top
    marker = next(line for line in ax.lines if line.get_marker() == "D")
    np.testing.assert_allclose(np.asarray(marker.get_xdata()), nets)
    assert texts(ax, "row")[0] == "£560k\n(−£297k to £1.42m)"


def test_whiskers_run_from_p10_to_p90(balance: pd.DataFrame) -> None:
    ax = plot_agency_balance(balance, price_base="2026-27")
    ordered = balance.set_index("agency").loc[rows_of(ax)]
    segments = np.asarray(ax.collections[-1].get_segments())  # type: ignore[attr-defined]
    np.testing.assert_allclose(segments[:, 0, 0], ordered["net_p10"])
    np.testing.assert_allclose(segments[:, 1, 0], ordered["net_p90"])


def test_negative_costs_avoided_lie_on_the_left() -> None:
    frame = pd.DataFrame(
        {
            "agency": ["Courts"],
            "costs_avoided": [-30_000.0],
            "delivery": [10_000.0],
            "funding": [0.0],
            "net": [-40_000.0],
            "net_p10": [-50_000.0],
            "net_p90": [-45_000.0],
        }
    )
    ax = plot_agency_balance(frame, price_base="2026-27")
    bar = bars(ax, "Costs avoided")[0]
    assert bar.get_x() == -10_000
    assert bar.get_x() + bar.get_width() == -40_000


def test_an_agency_comes_once(balance: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="'NHS' comes more than once"):
        plot_agency_balance(pd.concat([balance, balance.iloc[[2]]]), price_base="2026-27")


def test_swapped_percentiles_are_refused(balance: pd.DataFrame) -> None:
    swapped = balance.rename(columns={"net_p10": "net_p90", "net_p90": "net_p10"})
    with pytest.raises(ValueError, match="net_p10, net_p90 must not fall"):
        plot_agency_balance(swapped, price_base="2026-27")


def test_an_agency_of_zeros_keeps_its_row(balance: pd.DataFrame) -> None:
    balance.loc[8, balance.columns[1:]] = 0.0
    ax = plot_agency_balance(balance, price_base="2026-27")
    assert "Society (people and employers)" in rows_of(ax)


def test_folding_keeps_every_years_total(by_year: pd.DataFrame) -> None:
    ax = plot_costs_avoided_by_year(by_year, price_base="2026-27")
    groups = [c for c in ax.containers if isinstance(c, BarContainer)]
    assert len(groups) == 8
    assert groups[-1].get_label() == "Other agencies"
    drawn = np.sum([[bar.get_height() for bar in group] for group in groups], axis=0)
    np.testing.assert_allclose(drawn, by_year.groupby("year")["mean"].sum())


def test_kept_agencies_are_drawn_as_given(by_year: pd.DataFrame) -> None:
    ax = plot_costs_avoided_by_year(by_year, price_base="2026-27")
    for name in ("Local authority", "NHS"):
        heights = [bar.get_height() for bar in bars(ax, name)]
        np.testing.assert_allclose(heights, by_year.loc[by_year["agency"] == name, "mean"])


def test_eight_agencies_are_not_folded(by_year: pd.DataFrame) -> None:
    eight = by_year[by_year["agency"].isin(by_year["agency"].unique()[:8])]
    ax = plot_costs_avoided_by_year(eight, price_base="2026-27")
    assert {c.get_label() for c in ax.containers} == set(eight["agency"])


def test_a_frame_with_other_agencies_of_its_own_folds_into_it(by_year: pd.DataFrame) -> None:
    by_year["agency"] = by_year["agency"].replace("Local authority", "Other agencies")
    ax = plot_costs_avoided_by_year(by_year, price_base="2026-27")
    groups = [c for c in ax.containers if isinstance(c, BarContainer)]
    assert len(groups) == 8
    drawn = sum(bar.get_height() for group in groups for bar in group)
    assert drawn == pytest.approx(by_year["mean"].sum())


def test_extra_costs_stack_below_zero_and_totals_are_marked() -> None:
    frame = pd.DataFrame(
        {
            "agency": ["NHS", "Police", "Courts"],
            "year": ["2026-27"] * 3,
            "mean": [-5_000.0, -2_000.0, 4_000.0],
        }
    )
    ax = plot_costs_avoided_by_year(frame, price_base="2026-27")
    police = bars(ax, "Police")[0]
    assert (police.get_y(), police.get_height()) == (-5_000, -2_000)
    assert bars(ax, "Courts")[0].get_y() == 0
    total = next(line for line in ax.lines if line.get_marker() == "o")
    assert np.asarray(total.get_ydata()).tolist() == [-3_000]


def test_without_extra_costs_no_total_is_marked() -> None:
    frame = pd.DataFrame({"agency": ["NHS"], "year": ["2026-27"], "mean": [5_000.0]})
    ax = plot_costs_avoided_by_year(frame, price_base="2026-27")
    assert not [line for line in ax.lines if line.get_marker() == "o"]


def test_rows_of_one_agency_and_year_are_added() -> None:
    frame = pd.DataFrame({"agency": ["NHS"] * 2, "year": ["2026-27"] * 2, "mean": [5_000.0, 2_000.0]})
    ax = plot_costs_avoided_by_year(frame, price_base="2026-27")
    assert bars(ax, "NHS")[0].get_height() == 7_000


def test_an_agencys_colour_does_not_depend_on_the_others(by_year: pd.DataFrame) -> None:
    alone = plot_costs_avoided_by_year(by_year[by_year["agency"] == "Police"], price_base="2026-27")
    among = plot_costs_avoided_by_year(by_year, price_base="2026-27")
    colours = {to_hex(bars(ax, "Police")[0].get_facecolor()) for ax in (alone, among)}
    assert len(colours) == 1


def test_a_year_must_be_a_financial_year() -> None:
    frame = pd.DataFrame({"agency": ["NHS"], "year": ["2026"], "mean": [5_000.0]})
    with pytest.raises(ValueError, match="'2026' is not a financial year"):
        plot_costs_avoided_by_year(frame, price_base="2026-27")


def test_many_years_are_labelled_sparsely() -> None:
    years = [f"{year}-{(year + 1) % 100:02d}" for year in range(2026, 2056)]
    frame = pd.DataFrame({"agency": ["NHS"] * 30, "year": years, "mean": [1_000.0] * 30})
    labels = [
        label.get_text()
        for label in plot_costs_avoided_by_year(frame, price_base="2026-27").get_xticklabels()
    ]
    assert labels[:2] == ["2026-27", "2030-31"]
    assert len(labels) <= 9

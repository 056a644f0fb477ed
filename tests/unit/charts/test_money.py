import math

import pytest
from matplotlib.figure import Figure

from communitybudget.charts import MoneyFormatter, money
from communitybudget.charts.money import money_axis


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "£0"),
        (-0.4, "£0"),
        (1478, "£1,478"),
        (9_999.4, "£9,999"),
        (9_999.6, "£10k"),
        (64_049, "£64k"),
        (-12_300, "−£12k"),
        (999_499, "£999k"),
        (999_500, "£1.00m"),
        (1_419_000, "£1.42m"),
        (9_996_000, "£10.0m"),
        (64_200_000, "£64.2m"),
        (642_000_000, "£642m"),
        (999_600_000, "£1.00bn"),
        (-2_345_000_000, "−£2.35bn"),
        (math.nan, "n/a"),
        (-math.inf, "n/a"),
    ],
)
def test_money_is_short_and_rounds_up_into_the_next_unit(value: float, text: str) -> None:
    assert money(value) == text


@pytest.mark.parametrize(
    ("ticks", "labels"),
    [
        ([0, 2_000, 4_000], ["£0", "£2,000", "£4,000"]),
        ([0, 5_000, 10_000, 15_000], ["£0", "£5k", "£10k", "£15k"]),
        ([12_000, 12_200, 12_400], ["£12.0k", "£12.2k", "£12.4k"]),
        ([-1e6, -5e5, 0, 5e5], ["−£1.0m", "−£0.5m", "£0", "£0.5m"]),
        ([0, 2e9], ["£0", "£2bn"]),
        ([0], ["£0"]),
        ([], []),
    ],
)
def test_ticks_share_a_unit_and_never_read_the_same(ticks: list[float], labels: list[str]) -> None:
    assert MoneyFormatter().format_ticks(ticks) == labels


@pytest.mark.parametrize("top", [3.0, 70.0, 9_000.0, 13_000.0, 123_456.0, 999_999.0, 4.4e6, 7e9])
def test_labels_of_an_axis_state_the_tick_exactly(top: float) -> None:
    ax = Figure().add_subplot()
    ax.set_xlim(-top / 3, top)
    money_axis(ax.xaxis)
    labels = MoneyFormatter().format_ticks(list(ax.get_xticks()))
    factors = {"k": 1e3, "m": 1e6, "n": 1e9}
    for tick, label in zip(ax.get_xticks(), labels, strict=True):
        plain = label.replace("£", "").replace("−", "-").replace(",", "").replace("bn", "n")
        factor = factors.get(plain[-1], 1.0)
        assert float(plain.rstrip("kmn")) * factor == pytest.approx(tick, abs=top * 1e-6)


def test_a_single_amount_is_formatted_as_money() -> None:
    assert MoneyFormatter()(64_049) == "£64k"

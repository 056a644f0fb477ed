"""The chart of a portfolio: bars are the numbers of the frame, and those left out are pale."""

from collections.abc import Callable

import pandas as pd
import pytest
from matplotlib.axes import Axes

from communitybudget.charts import plot_portfolio


@pytest.fixture
def programmes() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "programme": ["Family hub", "Key worker for families with complex needs", "Mentors"],
            "bought": [True, False, True],
            "cost": [90_000.0, 60_000, 20_000],
            "gain": [150_000.0, 50_000, 26_000],
        }
    )


def test_bars_are_cost_and_gain_and_the_difference_stands_beside_them(
    programmes: pd.DataFrame, texts: Callable[[Axes, str], list[str]]
) -> None:
    ax = plot_portfolio(programmes, price_base="2026-27")
    assert [bar.get_width() for bar in ax.patches] == [90_000, 60_000, 20_000, 150_000, 50_000, 26_000]  # type: ignore[attr-defined]
    assert [bar.get_alpha() for bar in ax.patches[:3]] == [1.0, 0.3, 1.0]
    assert texts(ax, "row") == ["£60k", "−£10k", "£6,000"]


def test_it_is_legible(programmes: pd.DataFrame, assert_legible: Callable[[Axes], None]) -> None:
    assert_legible(plot_portfolio(programmes, price_base="2026-27"))


def test_a_programme_comes_once(programmes: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="more than once"):
        plot_portfolio(pd.concat([programmes, programmes]), price_base="2026-27")

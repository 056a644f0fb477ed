"""Charts of a decision: the numbers drawn are those of the frame."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from communitybudget.charts import plot_decision, plot_regret
from communitybudget.charts.style import BLUE

Texts = Callable[[Axes, str], list[str]]


@pytest.fixture
def decision() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "option": ["Business as usual", "Early help for families at risk of escalation", "Key worker"],
            "probability_best": [0.34, 0.6, 0.06],
            "probability_best_error": [0.01, 0.01, 0.005],
            "expected_loss": [141_000.0, 84_000, 112_000],
        }
    )


@pytest.fixture
def regret() -> pd.DataFrame:
    rows = [("As now", "Optimistic", 3e5), ("As now", "Prudent", 0.0)]
    rows += [("Support", "Optimistic", 0.0), ("Support", "Prudent", 2.5e5)]
    return pd.DataFrame(rows, columns=["option", "scenario", "regret"])


class TestDecision:
    def test_bars_are_shares_and_losses_stand_beside_them(self, decision: pd.DataFrame, texts: Texts) -> None:
        ax = plot_decision(decision, price_base="2026-27")
        assert [bar.get_width() for bar in ax.patches] == pytest.approx([34, 60, 6])  # type: ignore[attr-defined]
        assert texts(ax, "row") == ["£141k", "£84k", "£112k"]

    def test_the_least_expected_loss_is_in_colour(self, decision: pd.DataFrame) -> None:
        ax = plot_decision(decision, price_base="2026-27")
        assert [to_hex(bar.get_facecolor()) == BLUE.lower() for bar in ax.patches] == [False, True, False]

    def test_intervals_stay_within_nought_and_all(self, decision: pd.DataFrame) -> None:
        ax = plot_decision(decision.assign(probability_best_error=0.5), price_base="2026-27")
        ends = np.array(ax.collections[0].get_segments())[:, :, 0]  # type: ignore[attr-defined]
        assert ends.min() == 0
        assert ends.max() == 100

    def test_it_is_legible(self, decision: pd.DataFrame, assert_legible: Callable[[Axes], None]) -> None:
        assert_legible(plot_decision(decision, price_base="2026-27"))

    def test_an_option_comes_once(self, decision: pd.DataFrame) -> None:
        with pytest.raises(ValueError, match="more than once"):
            plot_decision(pd.concat([decision, decision]), price_base="2026-27")


class TestRegret:
    def test_markers_are_regrets_by_scenario(self, regret: pd.DataFrame, texts: Texts) -> None:
        ax = plot_regret(regret, price_base="2026-27")
        drawn = {str(line.get_label()): list(line.get_xdata()) for line in ax.lines}  # type: ignore[arg-type]
        assert drawn == {"Optimistic": [3e5, 0.0], "Prudent": [0.0, 2.5e5]}
        assert texts(ax, "row") == ["£300k", "£250k"]

    def test_the_smallest_of_the_largest_is_in_colour(self, regret: pd.DataFrame) -> None:
        ax = plot_regret(regret, price_base="2026-27")
        assert [to_hex(bar.get_facecolor()) == BLUE.lower() for bar in ax.patches] == [False, True]

    def test_it_is_legible(self, regret: pd.DataFrame, assert_legible: Callable[[Axes], None]) -> None:
        assert_legible(plot_regret(regret, price_base="2026-27"))

    def test_regret_is_never_negative(self, regret: pd.DataFrame) -> None:
        with pytest.raises(ValueError, match="negative"):
            plot_regret(regret.assign(regret=-1.0), price_base="2026-27")

"""Curves of options."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from communitybudget.charts import plot_dominance, plot_loss_curve


@pytest.fixture
def curves() -> pd.DataFrame:
    share = np.linspace(0, 1, 201)
    parts = [
        pd.DataFrame({"option": name, "share": share, "net_benefit": middle + wide * (share - 0.5) ** 9})
        for name, middle, wide in (
            ("Business as usual", 0, 0),
            ("Early help", 5e4, 1e9),
            ("Key worker", 0, 3e8),
        )
    ]
    return pd.concat(parts, ignore_index=True)


@pytest.fixture
def losses() -> pd.DataFrame:
    amount = np.linspace(0, 4e5, 41)
    parts = [
        pd.DataFrame({"option": name, "amount": amount, "probability": top * np.exp(-amount / 1e5)})
        for name, top in (("Early help", 0.4), ("Key worker", 0.6))
    ]
    return pd.concat(parts, ignore_index=True).assign(standard_error=0.01)


def test_distribution_curves_are_the_quantiles(curves: pd.DataFrame) -> None:
    ax = plot_dominance(curves.sample(frac=1, random_state=1), price_base="2026-27")
    drawn = {str(line.get_label()): line for line in ax.lines}
    own = curves[curves["option"] == "Early help"]
    np.testing.assert_allclose(np.asarray(drawn["Early help"].get_xdata()), own["net_benefit"])
    np.testing.assert_allclose(np.asarray(drawn["Early help"].get_ydata()), 100 * own["share"])


def test_the_axis_ends_at_the_outermost_one_percent(curves: pd.DataFrame) -> None:
    low, high = plot_dominance(curves, price_base="2026-27").get_xlim()
    inside = curves[curves["share"].between(0.01, 0.99)]["net_benefit"]
    assert curves["net_benefit"].min() < low < inside.min()
    assert inside.max() < high < curves["net_benefit"].max()


def test_one_option_without_spread_can_be_drawn(curves: pd.DataFrame) -> None:
    still = curves[curves["option"] == "Business as usual"]
    assert len(plot_dominance(still, price_base="2026-27").lines) == 2


def test_the_loss_curve_is_in_percent_with_its_band(losses: pd.DataFrame) -> None:
    ax = plot_loss_curve(losses, price_base="2026-27")
    assert np.asarray(ax.lines[0].get_ydata())[0] == pytest.approx(40)
    band = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert band.max() == pytest.approx(40 + 1.96)
    assert band.min() == 0


@pytest.mark.parametrize("name", ["curves", "losses"])
def test_they_are_legible(
    name: str, request: pytest.FixtureRequest, assert_legible: Callable[[Axes], None]
) -> None:
    draw = plot_dominance if name == "curves" else plot_loss_curve
    assert_legible(draw(request.getfixturevalue(name), price_base="2026-27"))


@pytest.mark.parametrize("draw", [plot_dominance, plot_loss_curve])
def test_missing_columns_are_named(draw: Callable[..., Axes]) -> None:
    with pytest.raises(ValueError, match="lacks"):
        draw(pd.DataFrame({"option": ["a"]}), price_base="2026-27")

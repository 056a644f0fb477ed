from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from communitybudget.charts import plot_indices, plot_screening

Texts = Callable[[Axes, str], list[str]]
Legible = Callable[[Axes], None]


@pytest.fixture
def indices() -> pd.DataFrame:
    total = np.array([0.01, 0.86, 0.06, 0.04])
    first = total * 0.9
    return pd.DataFrame(
        {
            "label": [
                "Start mix: child safety, medium need",
                "Effects of the programme, and whether there are any",
                "Rate: child in need to looked after",
                "Price: Children's home placement, England average, one week",
            ],
            "first": first,
            "first_low": first - 0.03,
            "first_high": first + 0.03,
            "total": total,
            "total_low": total - 0.005,
            "total_high": total + 0.02,
        }
    )


@pytest.fixture
def effects() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "label": ["Children per family", "Engagement", "Key worker, price per year"],
            "mu_star": [120_000.0, 380_000.0, 0.0],
            "mu_star_error": [9_000.0, 32_000.0, 0.0],
            "sigma": [40_000.0, 400_000.0, 0.0],
        }
    )


def rows_of(ax: Axes) -> list[str]:
    return [" ".join(label.get_text().split()) for label in ax.get_yticklabels()]


def test_the_largest_total_is_on_top_with_both_orders(indices: pd.DataFrame) -> None:
    ax = plot_indices(indices)
    assert rows_of(ax)[:2] == [
        "Effects of the programme, and whether there are any",
        "Rate: child in need to looked after",
    ]
    first, total = ax.lines
    np.testing.assert_allclose(total.get_xdata(), [0.86, 0.06, 0.04, 0.01])
    np.testing.assert_allclose(first.get_xdata(), np.array([0.86, 0.06, 0.04, 0.01]) * 0.9)
    assert first.get_marker() != total.get_marker()


def test_intervals_are_drawn(indices: pd.DataFrame) -> None:
    ax = plot_indices(indices)
    ends = [segment[:, 0] for segment in ax.collections[1].get_segments()]  # type: ignore[attr-defined]
    np.testing.assert_allclose(ends[0], [0.855, 0.88])


def test_the_others_are_counted(indices: pd.DataFrame, effects: pd.DataFrame, texts: Texts) -> None:
    assert texts(plot_indices(indices, most=2), "notes") == [
        "2 further inputs matter less and are not shown."
    ]
    assert texts(plot_screening(effects, most=2), "notes") == [
        "1 further input matters less and is not shown."
    ]
    assert texts(plot_indices(indices), "notes") == []


def test_bars_are_sizes_and_diamonds_their_spread(effects: pd.DataFrame) -> None:
    ax = plot_screening(effects, title="Which inputs matter: NHS")
    assert rows_of(ax) == ["Engagement", "Children per family", "Key worker, price per year"]
    assert [bar.get_width() for bar in ax.patches] == [380_000, 120_000, 0]  # type: ignore[attr-defined]
    np.testing.assert_allclose(ax.lines[0].get_xdata(), [400_000, 40_000, 0])
    assert ax.get_title() == "Which inputs matter: NHS"


def test_they_are_legible(indices: pd.DataFrame, effects: pd.DataFrame, assert_legible: Legible) -> None:
    assert_legible(plot_indices(indices, most=3))
    assert_legible(plot_screening(effects, most=2))


def test_what_cannot_be_drawn_is_refused(indices: pd.DataFrame, effects: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="plot_indices: the frame lacks 'total'"):
        plot_indices(indices.drop(columns="total"))
    with pytest.raises(ValueError, match="plot_screening: most is 0"):
        plot_screening(effects, most=0)


def test_given_axes_are_used(indices: pd.DataFrame) -> None:
    ax = plot_indices(indices)
    assert plot_indices(indices, ax) is ax

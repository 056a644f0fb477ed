"""The chart of the frontier: dots are the options, the line is the frontier."""

from collections.abc import Callable

import pandas as pd
import pytest
from matplotlib.axes import Axes

from communitybudget.charts import plot_frontier


@pytest.fixture
def plane() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "option": ["Business as usual", "Do-minimum", "Early help for families at risk", "Key worker"],
            "cost": [0.0, 90_000, 410_000, 300_000],
            "benefit": [0.0, 150_000, 530_000, 200_000],
            "on_frontier": [True, True, True, False],
        }
    )


def test_the_line_joins_the_frontier_by_cost(plane: pd.DataFrame) -> None:
    ax = plot_frontier(plane.iloc[::-1], price_base="2026-27")
    drawn = [line for line in ax.lines if line.get_marker() == "o"]
    assert list(drawn[0].get_xdata()) == [0, 90_000, 410_000]  # type: ignore[arg-type]
    assert list(drawn[1].get_ydata()) == [200_000]  # type: ignore[arg-type]


def test_dots_are_numbered_as_in_the_notes(
    plane: pd.DataFrame, texts: Callable[[Axes, str], list[str]]
) -> None:
    ax = plot_frontier(plane, price_base="2026-27")
    assert texts(ax, "point") == ["1", "2", "3", "4"]
    assert texts(ax, "notes")[0].splitlines()[3] == "4 Key worker"


def test_it_is_legible(plane: pd.DataFrame, assert_legible: Callable[[Axes], None]) -> None:
    assert_legible(plot_frontier(plane, price_base="2026-27"))


def test_an_option_comes_once(plane: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="more than once"):
        plot_frontier(pd.concat([plane, plane]), price_base="2026-27")

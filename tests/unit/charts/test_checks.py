from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from communitybudget.charts import plot_checks

Texts = Callable[[Axes, str], list[str]]


@pytest.fixture
def gaps() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "figure": ["Ever looked after by age 18", "Left JSA within a year, to any destination"],
            "values": ["3.65%; 3.65%", "92.0%; 76.7%"],
            "gap": [-0.001, -0.167],
            "fitted": [1, 0],
        }
    )


def test_each_figure_is_where_its_gap_is(gaps: pd.DataFrame, texts: Texts) -> None:
    ax = plot_checks(gaps)
    found = {float(x) for line in ax.get_lines()[1:3] for x in line.get_xdata()}
    np.testing.assert_allclose(sorted(found), [-16.7, -0.1])
    assert texts(ax, "row") == ["3.65%; 3.65%", "92.0%; 76.7%"]


def test_it_is_legible(gaps: pd.DataFrame, assert_legible: Callable[[Axes], None]) -> None:
    assert_legible(plot_checks(gaps))


@pytest.mark.parametrize("column", ["figure", "values", "gap", "fitted"])
def test_a_column_that_is_missing(gaps: pd.DataFrame, column: str) -> None:
    with pytest.raises(ValueError, match=f"lacks '{column}'"):
        plot_checks(gaps.drop(columns=column))

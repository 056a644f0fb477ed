from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from communitybudget.charts import plot_importance

Texts = Callable[[Axes, str], list[str]]


@pytest.fixture
def shares() -> pd.DataFrame:
    table = {
        ("reach", "Police"): 0.02,
        ("reach", "Department for Work and Pensions"): 0.9,
        ("price", "Police"): 0.6,
        ("price", "Department for Work and Pensions"): 0.0,
        ("other", "Police"): 0.1,
        ("unexplained", "Police"): 0.28,
        ("unexplained", "Department for Work and Pensions"): 0.1,
    }
    labels = {
        "reach": "Reach of the service",
        "price": "Price: officer time",
        "other": "Reach of the service",
    }
    return pd.DataFrame(
        [
            {"input": key, "label": labels.get(key, key), "outcome": outcome, "share": share}
            for (key, outcome), share in table.items()
        ]
    )


def test_cells_carry_their_share_and_small_ones_are_blank(shares: pd.DataFrame, texts: Texts) -> None:
    ax = plot_importance(shares)
    assert texts(ax, "cell") == ["2%", "90%", "60%", "", "10%", "", "28%", "10%"]
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == ["Reach of the service", "Price: officer time", "Reach of the service", "unexplained"]
    heads = [label.get_text().replace("\n", " ") for label in ax.get_xticklabels()]
    assert heads == ["Police", "Department for Work and Pensions"]
    np.testing.assert_allclose(ax.images[0].get_array(), [[0.02, 0.9], [0.6, 0], [0.1, 0], [0.28, 0.1]])


def test_the_rest_is_counted_and_the_unexplained_stays(shares: pd.DataFrame, texts: Texts) -> None:
    ax = plot_importance(shares, most=1)
    assert texts(ax, "cell") == ["2%", "90%", "28%", "10%"]
    assert texts(ax, "subtitle")[0].replace("\n", " ").endswith("Not shown, smaller everywhere: 2.")


def test_it_is_legible(shares: pd.DataFrame, assert_legible: Callable[[Axes], None]) -> None:
    assert_legible(plot_importance(shares, most=2))


def test_what_cannot_be_drawn_is_refused(shares: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="comes twice with one outcome"):
        plot_importance(pd.concat([shares, shares.head(1)]))
    with pytest.raises(ValueError, match="most is 0"):
        plot_importance(shares, most=0)
    with pytest.raises(ValueError, match="lacks 'outcome'"):
        plot_importance(shares.drop(columns="outcome"))

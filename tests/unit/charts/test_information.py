import numpy as np
import pandas as pd
import pytest
from matplotlib.container import BarContainer
from matplotlib.text import Text

from communitybudget.charts import plot_information


@pytest.fixture
def worth():
    return pd.DataFrame(
        {
            "label": ["Police data", "Health data", "School data"],
            "value": [20_000.0, 90_000.0, 0.0],
            "standard_error": [3_000.0, 4_000.0, 500.0],
        }
    )


def test_bars_fall_and_the_line_is_perfect_information(worth):
    ax = plot_information(worth, price_base="2026-27", evpi=120_000)
    (bars,) = [container for container in ax.containers if isinstance(container, BarContainer)]
    np.testing.assert_allclose([bar.get_width() for bar in bars], [90_000, 20_000, 0])
    assert 120_000 in [line.get_xdata()[0] for line in ax.lines]
    assert ax.get_xlim()[1] > 120_000


def test_amounts_are_printed_beside_the_rows(worth):
    ax = plot_information(worth, price_base="2026-27")
    printed = [text.get_text() for text in ax.texts]
    assert {"£90k", "£20k", "£0"} <= set(printed)


def test_no_error_reaches_below_nil(worth):
    ax = plot_information(worth, price_base="2026-27")
    whiskers = ax.collections[0].get_segments()
    assert min(segment[:, 0].min() for segment in whiskers) >= 0


def test_rows_left_out_are_counted(worth):
    ax = plot_information(worth, price_base="2026-27", most=1)
    printed = [text.get_text() for text in ax.figure.findobj(Text)]
    assert any("2 more worth less are not shown" in text for text in printed)


def test_all_nothing_can_be_drawn(worth):
    worth["value"] = worth["standard_error"] = 0.0
    assert plot_information(worth, price_base="2026-27", evpi=0.0).get_xlim()[1] > 0


@pytest.mark.parametrize(
    ("change", "message"),
    [({"most": 0}, "most is 0"), ({"evpi": -1.0}, "never worth less")],
)
def test_faults(worth, change, message):
    with pytest.raises(ValueError, match=message):
        plot_information(worth, price_base="2026-27", **change)


def test_values_below_nil_are_refused(worth):
    with pytest.raises(ValueError, match="never worth less"):
        plot_information(worth.assign(value=-1.0), price_base="2026-27")

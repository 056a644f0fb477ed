from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.container import BarContainer

from communitybudget.charts import plot_tornado

Texts = Callable[[Axes, str], list[str]]
BASE = 1_420_000


def groups(ax: Axes) -> dict[str, BarContainer]:
    return {str(c.get_label()): c for c in ax.containers if isinstance(c, BarContainer)}


def rows_of(ax: Axes) -> list[str]:
    return [" ".join(label.get_text().split()) for label in ax.get_yticklabels()]


def test_bars_run_from_the_base_to_each_end(swings: pd.DataFrame) -> None:
    ax = plot_tornado(swings, price_base="2026-27")
    ordered = swings.loc[[1, 0, 2, 3, 4]]
    for label, column in (("Input at its P10", "low"), ("Input at its P90", "high")):
        ends = [bar.get_x() + bar.get_width() for bar in groups(ax)[label]]
        np.testing.assert_allclose(ends, ordered[column])
        assert {bar.get_x() for bar in groups(ax)[label]} == {BASE}


def test_widest_on_top_and_marks_that_need_care_are_printed(swings: pd.DataFrame) -> None:
    assert rows_of(plot_tornado(swings, price_base="2026-27")) == [
        "Effect on looked after children (relative risk)",
        "Engagement (assumption)",
        "Key worker cost per family",
        "Deadweight: share who would have improved anyway (recalled)",
        "Court day",
    ]


def test_ends_are_printed(swings: pd.DataFrame, texts: Texts) -> None:
    ends = texts(plot_tornado(swings, price_base="2026-27"), "end")
    assert ends[:2] == ["−£180k", "£2.52m"]
    assert "£1.12m to £1.37m" in ends


def test_where_both_ends_share_a_side_the_shorter_bar_is_in_front(swings: pd.DataFrame) -> None:
    ax = plot_tornado(swings, price_base="2026-27")
    at_p10, at_p90 = (groups(ax)[label][3] for label in ("Input at its P10", "Input at its P90"))
    assert abs(at_p90.get_width()) < abs(at_p10.get_width())
    assert at_p90.get_zorder() > at_p10.get_zorder()


def test_the_two_ends_differ_in_colour_and_hatch(swings: pd.DataFrame) -> None:
    one, two = (group[0] for group in groups(plot_tornado(swings, price_base="2026-27")).values())
    assert one.get_facecolor() != two.get_facecolor()
    assert one.get_hatch() != two.get_hatch()


def test_most_limits_the_rows_and_says_so(swings: pd.DataFrame, texts: Texts) -> None:
    ax = plot_tornado(swings, price_base="2026-27", most=2)
    assert len(rows_of(ax)) == 2
    assert texts(ax, "notes") == ["3 further inputs move it less and are not shown."]
    assert texts(plot_tornado(swings, price_base="2026-27", most=4), "notes") == [
        "1 further input moves it less and is not shown."
    ]
    assert texts(plot_tornado(swings, price_base="2026-27", most=5), "notes") == []


def test_most_must_be_positive(swings: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="most is 0"):
        plot_tornado(swings, price_base="2026-27", most=0)


def test_base_must_be_one_amount(swings: pd.DataFrame) -> None:
    swings.loc[2, "base"] = 7.0
    with pytest.raises(ValueError, match="'base' must be the same"):
        plot_tornado(swings, price_base="2026-27")


@pytest.mark.parametrize("base", [0.0, 5e5, -5e5])
def test_inputs_that_move_nothing(base: float, assert_legible: Callable[[Axes], None]) -> None:
    frame = pd.DataFrame({"label": ["A", "B"], "low": base, "high": base, "base": base, "mark": "local"})
    ax = plot_tornado(frame, price_base="2026-27")
    low, high = ax.get_xlim()
    assert low < base < high
    assert_legible(ax)

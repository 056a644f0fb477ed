"""From one answer to another."""

from collections.abc import Callable

import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from communitybudget.charts import plot_waterfall
from communitybudget.charts.files import figure_title

STEPS = pd.DataFrame(
    {
        "label": [
            "Council foster placement: carer payments, support and administration",
            "Children's home placement, England average, one week",
            "Price base",
            "Draws and seed",
        ],
        "change": [210_000.0, -380_000.0, 0.2, 45_000.8],
    }
)
ENDS = {"before": 90_000.0, "after": -34_999.0}


def bars(ax: Axes) -> list[tuple[float, float]]:
    """Where each bar begins and ends, from top to bottom."""
    found = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    spans = sorted((bar.get_y(), bar.get_x(), bar.get_x() + bar.get_width()) for bar in found)
    return [(round(a), round(b)) for _, a, b in spans]


def test_each_step_begins_where_the_one_above_it_ends(texts: Callable[[Axes, str], list[str]]) -> None:
    ax = plot_waterfall(STEPS, **ENDS, price_base="2026-27")
    assert bars(ax) == [
        (0, 90_000),
        (90_000, 300_000),
        (300_000, -80_000),
        (-80_000, -34_999),
        (0, -34_999),
    ]
    assert texts(ax, "row") == ["£90k", "−£35k", "+£210k", "−£380k", "+£45k"]
    assert texts(ax, "notes") == ["1 further step changes nothing."]


def test_the_title_is_what_a_reader_who_cannot_see_it_needs() -> None:
    ax = plot_waterfall(STEPS, **ENDS, price_base="2026-27")
    assert figure_title(ax.figure) == "Why the net present value changed: from £90k to −£35k"  # type: ignore[arg-type]


def test_the_smallest_of_many_stand_together() -> None:
    ax = plot_waterfall(STEPS, **ENDS, price_base="2026-27", most=2)
    labels = [label.get_text().replace("\n", " ") for label in ax.get_yticklabels()]
    assert labels[1:-1] == ["Children's home placement, England average, one week", "2 smaller steps"]
    assert bars(ax)[2][1] == -34_999


def test_two_price_bases_are_named_at_the_bars() -> None:
    ax = plot_waterfall(STEPS, **ENDS, price_base="2026-27", price_base_before="2023-24")
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert (labels[0], labels[-1]) == ("Before, in\n2023-24 prices", "After, in\n2026-27 prices")


def test_nothing_changed(texts: Callable[[Axes, str], list[str]]) -> None:
    ax = plot_waterfall(STEPS[:0], before=5.0, after=5.0, price_base="2026-27")
    assert len(bars(ax)) == 2
    assert texts(ax, "subtitle") == ["Nothing changed it."]


@pytest.mark.parametrize("most", [2, 12])
def test_it_is_legible(most: int, assert_legible: Callable[[Axes], None]) -> None:
    assert_legible(plot_waterfall(STEPS, **ENDS, price_base="2026-27", most=most))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"most": 0}, "show at least 1 step"),
        ({"after": float("nan")}, "give two finite amounts"),
        ({"after": 5.0}, "the steps lead from 90,000.00 to -34,999.00 and not to 5.00"),
    ],
)
def test_mistakes_are_said(words: dict[str, float], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        plot_waterfall(STEPS, **{**ENDS, "price_base": "2026-27", **words})  # type: ignore[arg-type]


def test_a_missing_column_is_named() -> None:
    with pytest.raises(ValueError, match="'label'"):
        plot_waterfall(STEPS[["change"]], **ENDS, price_base="2026-27")

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from communitybudget.charts import plot_needs

Texts = Callable[[Axes, str], list[str]]


@pytest.fixture
def needs() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "label": ["Mental health concern", "Children safe from abuse and exploitation", "Secure housing"],
            "share": [0.474, 0.3, 0.0],
            "prevalence": [0.46, 0.35, 0.22],
        }
    )


def test_bars_are_shares_and_marks_are_prevalences(needs: pd.DataFrame) -> None:
    ax = plot_needs(needs)
    np.testing.assert_allclose([bar.get_width() for bar in ax.patches], needs["share"] * 100)  # type: ignore[attr-defined]
    np.testing.assert_allclose(ax.lines[0].get_xdata(), needs["prevalence"] * 100)


def test_both_are_printed_at_the_row(needs: pd.DataFrame, texts: Texts) -> None:
    ax = plot_needs(needs, note="No real families.")
    assert texts(ax, "row") == ["47% (46%)", "30% (35%)", "0% (22%)"]
    assert texts(ax, "notes") == ["No real families."]


def test_it_is_legible(needs: pd.DataFrame, assert_legible: Callable[[Axes], None]) -> None:
    assert_legible(plot_needs(needs, title="Needs of synthetic families", note="No real families."))


def test_the_axes_of_the_caller_are_used(needs: pd.DataFrame) -> None:
    from matplotlib.figure import Figure

    ax = Figure().add_subplot()
    assert plot_needs(needs, ax) is ax


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"share": [0.5, 46.0, 0.1]}, "write 46% as 0.46"),
        ({"label": ["a", "a", "b"]}, "'a' comes more than once"),
        ({"share": [0.5, np.nan, 0.1]}, "not a finite number"),
    ],
)
def test_what_cannot_be_drawn(needs: pd.DataFrame, change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plot_needs(needs.assign(**change))

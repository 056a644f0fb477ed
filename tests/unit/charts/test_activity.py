from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from communitybudget.charts import plot_activity_avoided

Texts = Callable[[Axes, str], list[str]]


def test_bars_are_shares_of_business_as_usual(activity: pd.DataFrame) -> None:
    ax = plot_activity_avoided(activity)
    shown = activity.head(3)
    widths = [bar.get_width() for bar in ax.patches]  # type: ignore[attr-defined]
    np.testing.assert_allclose(widths, shown["mean"] / shown["bau_mean"] * 100)
    segments = np.asarray(ax.collections[-1].get_segments())  # type: ignore[attr-defined]
    np.testing.assert_allclose(segments[:, 0, 0], shown["p10"] / shown["bau_mean"] * 100)
    np.testing.assert_allclose(segments[:, 1, 0], shown["p90"] / shown["bau_mean"] * 100)


def test_natural_units_are_printed_at_the_row(activity: pd.DataFrame, texts: Texts) -> None:
    rows = [" ".join(text.split()) for text in texts(plot_activity_avoided(activity), "row")]
    assert rows == [
        "61 of 640 weeks (8 to 130)",
        "−22 of 880 months (−60 to 14)",
        "3,120 of 21,400 sessions missed (900 to 5,400)",
    ]


def test_rows_without_business_as_usual_are_named_in_a_note(activity: pd.DataFrame, texts: Texts) -> None:
    ax = plot_activity_avoided(activity)
    assert len(ax.patches) == 3
    assert texts(ax, "notes") == ["Not shown, none under business as usual: A&E attendance."]
    assert texts(plot_activity_avoided(activity.head(3)), "notes") == []


def test_nothing_under_business_as_usual(
    activity: pd.DataFrame, texts: Texts, assert_legible: Callable[[Axes], None]
) -> None:
    ax = plot_activity_avoided(activity.tail(1))
    assert len(ax.patches) == 0
    assert texts(ax, "notes") == ["Not shown, none under business as usual: A&E attendance."]
    assert_legible(ax)


def test_negative_business_as_usual_is_refused(activity: pd.DataFrame) -> None:
    activity.loc[0, "bau_mean"] = -1.0
    with pytest.raises(ValueError, match="'bau_mean' is negative"):
        plot_activity_avoided(activity)

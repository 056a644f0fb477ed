from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from communitybudget.charts import plot_before_and_after

Texts = Callable[[Axes, str], list[str]]


@pytest.fixture
def partners() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "agency": ["Local authority", "Police", "NHS"],
            "before": [-60_000.0, 90_000.0, 0.0],
            "before_p10": [-70_000.0, 40_000.0, -1_000.0],
            "before_p90": [-50_000.0, 140_000.0, 1_000.0],
            "after": [10_000.0, 20_000.0, 500.0],
            "after_p10": [-5_000.0, 5_000.0, 400.0],
            "after_p90": [25_000.0, 35_000.0, 600.0],
        }
    )


def test_means_and_ranges_are_the_numbers_of_the_frame(partners: pd.DataFrame) -> None:
    ax = plot_before_and_after(partners, price_base="2026-27")
    before, after = (line for line in ax.lines if line.get_linestyle() == "None")
    np.testing.assert_allclose(np.asarray(before.get_xdata()), partners["before"])
    np.testing.assert_allclose(np.asarray(after.get_xdata()), partners["after"])
    for lines, moment in zip(ax.collections, ("before", "after"), strict=True):
        segments = np.asarray(lines.get_segments())  # type: ignore[attr-defined]
        np.testing.assert_allclose(segments[:, 0, 0], partners[f"{moment}_p10"])
        np.testing.assert_allclose(segments[:, 1, 0], partners[f"{moment}_p90"])


def test_partners_keep_their_order_and_before_lies_above_after(partners: pd.DataFrame) -> None:
    ax = plot_before_and_after(partners, price_base="2026-27")
    assert [" ".join(label.get_text().split()) for label in ax.get_yticklabels()] == partners[
        "agency"
    ].tolist()
    bottom, top = ax.get_ylim()
    assert bottom > top
    before, after = (line for line in ax.lines if line.get_linestyle() == "None")
    assert (np.asarray(before.get_ydata()) < np.asarray(after.get_ydata())).all()
    assert before.get_marker() != after.get_marker()


def test_means_are_printed_beside(partners: pd.DataFrame, texts: Texts) -> None:
    ax = plot_before_and_after(partners, price_base="2026-27")
    assert texts(ax, "row")[0] == "−£60k\n£10k"


def test_title_and_price_base(partners: pd.DataFrame) -> None:
    ax = plot_before_and_after(partners, price_base="2026-27", title="First call")
    assert "2026-27 prices" in ax.get_xlabel()
    assert ax.get_title() == "First call"


def test_axes_that_are_given_are_drawn_on(partners: pd.DataFrame) -> None:
    import matplotlib.pyplot as plt

    _, ax = plt.subplots()
    assert plot_before_and_after(partners, ax, price_base="2026-27") is ax
    plt.close("all")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.drop(columns="after"), "lacks 'after'"),
        (lambda f: f.iloc[:0], "has no rows"),
        (lambda f: pd.concat([f, f]), "comes more than once"),
        (lambda f: f.assign(after_p10=1e9), "must not fall from left to right"),
        (lambda f: f.assign(before=np.nan), "'before' is not a finite number"),
    ],
)
def test_a_frame_that_cannot_be_drawn(
    partners: pd.DataFrame, change: Callable[[pd.DataFrame], pd.DataFrame], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        plot_before_and_after(change(partners), price_base="2026-27")

"""Charts against the number of draws."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from communitybudget.charts import plot_convergence, plot_convergence_of_probability, plot_looks

Texts = Callable[[Axes, str], list[str]]


@pytest.fixture
def steps() -> pd.DataFrame:
    draws = np.array([50, 200, 1_000, 4_000])
    error = 1e5 / np.sqrt(draws)
    frame = pd.DataFrame({"draws": draws, "mean": [6e4, 4e4, 5e4, 5.2e4], "mean_error": error})
    frame = frame.assign(p10=frame["mean"] - 3e5, p10_error=2 * error, p90=frame["mean"] + 3e5)
    frame = frame.assign(p90_error=2 * error, probability=[0.6, 0.56, 0.58, 0.58])
    frame.loc[0, ["p10_error", "p90_error"]] = np.nan
    return frame.assign(probability_error=0.5 / np.sqrt(draws))


@pytest.fixture
def looks(steps: pd.DataFrame) -> pd.DataFrame:
    parts = [
        steps.assign(option=name, mean=k * steps["mean"]) for k, name in enumerate(("As now", "Support"))
    ]
    return pd.concat(parts, ignore_index=True)


def test_lines_and_bands_are_the_numbers_of_the_frame(steps: pd.DataFrame, texts: Texts) -> None:
    ax = plot_convergence(steps, price_base="2026-27")
    lines = {str(line.get_label()): np.asarray(line.get_ydata()) for line in ax.lines}
    for label in ("Mean", "P10", "P90"):
        np.testing.assert_allclose(lines[label], steps[label.lower()])
    band = ax.collections[1].get_paths()[0].vertices[:, 1]
    assert band.max() == pytest.approx((steps["mean"] + 1.96 * steps["mean_error"]).max())
    assert texts(ax, "subtitle") == ["After 4,000 draws the mean is £52k, give or take £3,099 (95%)."]


def test_a_percentile_without_error_has_no_band_there(steps: pd.DataFrame) -> None:
    ax = plot_convergence(steps, price_base="2026-27")
    assert ax.collections[0].get_paths()[0].vertices[:, 0].min() == 200


def test_the_probability_is_in_percent(steps: pd.DataFrame, texts: Texts) -> None:
    ax = plot_convergence_of_probability(steps)
    np.testing.assert_allclose(np.asarray(ax.lines[0].get_ydata()), 100 * steps["probability"])
    assert texts(ax, "subtitle") == ["After 4,000 draws it is 58%, give or take 1.5 percentage points (95%)."]


def test_draws_are_whole_numbers_on_a_logarithmic_axis(steps: pd.DataFrame) -> None:
    ax = plot_convergence_of_probability(steps)
    assert ax.get_xscale() == "log"
    shown = [label.get_text() for label in ax.get_xticklabels()]
    assert shown == ["50", "100", "200", "500", "1,000", "2,000"]


def test_looks_have_an_interval_each(looks: pd.DataFrame) -> None:
    ax = plot_looks(looks, price_base="2026-27")
    assert [str(t.get_text()) for t in ax.get_legend().get_texts()] == ["As now", "Support"]  # type: ignore[union-attr]
    ends = np.array(ax.collections[1].get_segments())[:, :, 1]  # type: ignore[attr-defined]
    np.testing.assert_allclose(np.diff(ends).ravel() / 2, 1.96 * looks["mean_error"][:4])


def test_a_single_look_can_be_seen(looks: pd.DataFrame) -> None:
    ax = plot_looks(looks[looks["draws"] == 50], price_base="2026-27")
    low, high = ax.get_xlim()
    assert low < 50 < high


@pytest.mark.parametrize("draw", ["amounts", "probability", "looks"])
def test_they_are_legible(
    draw: str, steps: pd.DataFrame, looks: pd.DataFrame, assert_legible: Callable[[Axes], None]
) -> None:
    if draw == "amounts":
        ax = plot_convergence(steps, price_base="2026-27")
    elif draw == "looks":
        ax = plot_looks(looks, price_base="2026-27")
    else:
        ax = plot_convergence_of_probability(steps)
    assert_legible(ax)

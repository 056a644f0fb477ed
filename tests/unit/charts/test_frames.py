from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from communitybudget import charts
from communitybudget.charts.frames import checked

PRICED = {
    "plot_agency_balance": "balance",
    "plot_cumulative_cash": "cash",
    "plot_npv_distribution": "draws",
    "plot_costs_avoided_by_year": "by_year",
    "plot_tornado": "swings",
}
CHARTS = {**PRICED, "plot_activity_avoided": "activity"}


def draw(name: str, frame: pd.DataFrame, ax: Axes | None = None, **options: object) -> Axes:
    if name in PRICED:
        options = {"price_base": "2026-27", **options}
    function: Callable[..., Axes] = getattr(charts, name)
    return function(frame, ax, **options)


@pytest.fixture(params=CHARTS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def frame(name: str, request: pytest.FixtureRequest) -> pd.DataFrame:
    result: pd.DataFrame = request.getfixturevalue(CHARTS[name])
    return result


def test_missing_columns_are_all_named(name: str, frame: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match=name) as caught:
        draw(name, pd.DataFrame({"something": [1.0]}))
    assert all(f"'{column}'" in str(caught.value) for column in frame.columns)


def test_an_empty_frame_is_refused(name: str, frame: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="no rows"):
        draw(name, frame.iloc[:0])


def test_a_missing_number_is_refused(name: str, frame: pd.DataFrame) -> None:
    column = str(frame.select_dtypes("number").columns[0])
    frame.loc[frame.index[1], column] = np.nan
    with pytest.raises(ValueError, match=rf"'{column}' is not a finite number in 1 row\(s\), first in row 1"):
        draw(name, frame)


def test_price_base_must_be_a_financial_year(name: str, frame: pd.DataFrame) -> None:
    if name in PRICED:
        with pytest.raises(ValueError, match="financial year"):
            draw(name, frame, price_base="2026")


def test_every_chart_of_money_states_its_price_base(name: str, frame: pd.DataFrame) -> None:
    ax = draw(name, frame)
    if name in PRICED:
        words = " ".join(f"{ax.get_xlabel()} {ax.get_ylabel()}".split())
        expected = "Share of draws" if name == "plot_npv_distribution" else ""
        assert "GBP, real, 2026-27 prices" in words
        assert expected in words
    assert ax.get_title()


def test_a_title_can_be_given(name: str, frame: pd.DataFrame) -> None:
    assert draw(name, frame, title="Hounslow").get_title() == "Hounslow"


def test_the_frame_is_left_as_it_was(name: str, frame: pd.DataFrame) -> None:
    before = frame.copy(deep=True)
    draw(name, frame)
    pd.testing.assert_frame_equal(frame, before)


def test_the_order_of_rows_and_the_index_do_not_matter(name: str, frame: pd.DataFrame) -> None:
    if name != "plot_activity_avoided":
        shuffled = frame.sample(frac=1, random_state=5)
        shuffled.index = pd.Index([9] * len(shuffled))
        assert _widths(draw(name, shuffled)) == pytest.approx(_widths(draw(name, frame)))


def test_text_is_neither_clipped_nor_overprinted(
    name: str, frame: pd.DataFrame, assert_legible: Callable[[Axes], None]
) -> None:
    assert_legible(draw(name, frame))
    long = "Costs of the whole family programme, as agreed by the partners of the London Borough of Hounslow"
    assert_legible(draw(name, frame, title=long))


def test_numbers_may_be_whole_or_nullable() -> None:
    frame = pd.DataFrame({"npv": pd.array([1, 2], dtype="Int64")})
    assert checked(frame, "chart", numbers=["npv"])["npv"].tolist() == [1.0, 2.0]


def _widths(ax: Axes) -> list[float]:
    sizes = [patch.get_width() * patch.get_height() for patch in ax.patches]  # type: ignore[attr-defined]
    return sizes or [float(y) for line in ax.lines for y in np.asarray(line.get_ydata())]


@pytest.mark.parametrize("scale", [0.001, 0.07, 0.4, 3.3, 45.0, 900.0])
@pytest.mark.parametrize("priced", PRICED)
def test_amounts_of_any_size_are_legible(
    priced: str,
    scale: float,
    request: pytest.FixtureRequest,
    assert_legible: Callable[[Axes], None],
) -> None:
    frame = request.getfixturevalue(PRICED[priced]).copy()
    numbers = frame.select_dtypes("number").columns
    frame[numbers] *= scale
    assert_legible(draw(priced, frame))


def test_dollar_signs_are_plain_text(draws: pd.DataFrame, assert_legible: Callable[[Axes], None]) -> None:
    ax = draw("plot_npv_distribution", draws, title="From $5 to $6_a^")
    assert not ax.title.get_parse_math()
    assert_legible(ax)

import pandas as pd
import pytest

from communitybudget.charts import plot_amounts

FRAME = pd.DataFrame(
    {
        "label": ["Greater Manchester", "England"],
        "p10": [4.0e9, 4.7e9],
        "p50": [5.3e9, 8.8e9],
        "p90": [6.7e9, 13.0e9],
        "total": [2.7e8, 8.8e9],
    }
)
WORDS = {
    "price_base": "not stated",
    "title": "From the places to the nation",
    "subtitle": "If all of England were like each place.",
    "axis": "Net, over 5 years",
}


def test_rows_and_band():
    ax = plot_amounts(FRAME, band=(9.4e9, 20.6e9), band_label="Published", **WORDS)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["Greater Manchester", "England"]
    assert ax.get_xlabel() == "Net, over 5 years, GBP, price base not stated"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["Published", "Median, P10 to P90"]
    band = ax.patches[0].get_extents().transformed(ax.transData.inverted())
    assert (band.x0, band.x1) == pytest.approx((9.4e9, 20.6e9))
    assert [text.get_text() for text in ax.texts if text.get_gid() == "row"] == ["£270m", "£8.80bn"]


def test_no_band_and_no_legend_of_one():
    assert len(plot_amounts(FRAME, **WORDS).get_legend().get_texts()) == 1


@pytest.mark.parametrize(
    ("frame", "band", "words"),
    [
        (FRAME.drop(columns="total"), None, "lacks 'total'"),
        (FRAME.assign(p90=0.0), None, "must not fall"),
        (FRAME, (2.0, 1.0), "the band goes from 2 to 1; give the lower end first"),
    ],
)
def test_what_cannot_be_drawn(frame, band, words):
    with pytest.raises(ValueError, match=words):
        plot_amounts(frame, band=band, **WORDS)

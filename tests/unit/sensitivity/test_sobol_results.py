import dataclasses

import numpy as np
import pytest
from matplotlib.axes import Axes
from numpy.testing import assert_array_equal

from communitybudget.sensitivity import SobolIndices, sobol_indices
from communitybudget.sensitivity.sobol_results import INDEX_COLUMNS


def outcomes(u):
    return np.column_stack([u @ [1, 2, 3], u[:, 0] + u[:, 1] + u[:, 2] / 10])


@pytest.fixture(scope="module")
def found():
    return sobol_indices(
        outcomes,
        ["rate", "price", "reach"],
        256,
        seed=3,
        outcomes=["Police", "NHS"],
        labels={"rate": "Rate of return"},
        price_base="2026-27",
        set_version="england 0.4.0",
    )


def test_the_frame_is_tidy_and_ordered_by_total(found):
    frame = found.to_frame()
    assert tuple(frame.columns) == INDEX_COLUMNS
    assert frame["outcome"].tolist() == ["Police"] * 3 + ["NHS"] * 3
    assert frame["input"].tolist()[:3] == ["reach", "price", "rate"]
    assert frame["label"].tolist()[2] == "Rate of return"
    assert frame["rank"].tolist() == [1, 2, 3, 1, 2, 3]
    assert frame.loc[2, "total"] == found.total.value[0, 0]
    assert (frame["total_low"] <= frame["total"]).all()
    assert (frame["total"] <= frame["total_high"]).all()
    assert frame["inputs"].tolist() == [1] * 6


def test_ranks_that_cannot_be_told_are_said_in_words(found):
    words = found.warnings()
    assert len(words) == 1
    assert words[0].startswith("NHS: intervals are too wide to rank")
    assert "Rate of return (place 1 to 2)" in words[0]
    assert words[0].endswith("For their order, use n=1,024 or more.")
    assert words[0] in found.summary()


def test_an_interval_too_wide_to_rest_on_is_said_in_words():
    few = sobol_indices(outcomes, ["rate", "price", "reach"], 16)
    assert any(text.startswith("outcome 1: the interval of reach is") for text in few.warnings())


def test_a_half_that_tells_another_story_is_said_in_words(found):
    half = found.total.half.copy()
    half[2, 0] = 0.1
    other = dataclasses.replace(found, total=dataclasses.replace(found.total, half=half))
    assert any("Police: half the sample gives another total index" in text for text in other.warnings())


def test_text_card_and_repr(found):
    text = found.summary(most=2)
    assert text == found.summary(most=2)
    assert "and 1 more, each at most" in text
    foot = (
        "GBP, real, 2026-27 prices · seed 3 · 1,280 runs of 256 draws, 1,000 resamples · parameters england"
    )
    assert foot in text
    assert foot in found._repr_html_()
    assert repr(found).startswith("SobolIndices(outcome='Police', largest='reach', total=0.6")
    assert "\n" not in repr(found)


def test_it_survives_json_and_is_equal_by_value(found):
    back = SobolIndices.from_json(found.to_json())
    assert back == found
    assert back.to_json() == found.to_json()
    assert_array_equal(back.first.low, found.first.low)
    assert found != dataclasses.replace(found, seed=4)


def test_it_draws_an_outcome(found):
    ax = found.plot(outcome="NHS")
    assert isinstance(ax, Axes)
    assert ax.get_title() == "What drives the uncertainty: NHS"
    with pytest.raises(ValueError, match="no outcome 'NHs'; did you mean 'NHS'"):
        found.plot(outcome="NHs")

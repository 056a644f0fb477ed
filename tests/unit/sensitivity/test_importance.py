import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from numpy.testing import assert_allclose

from communitybudget.sensitivity import Importance, importance, variance_share
from communitybudget.sensitivity.importance import IMPORTANCE_COLUMNS


@pytest.fixture(scope="module")
def draws():
    return pd.DataFrame(np.random.default_rng(1).normal(size=(4000, 4)), columns=list("abcd"))


@pytest.fixture(scope="module")
def found(draws):
    outcomes = {
        "Police": 3 * draws["a"] + 4 * draws["b"],
        "NHS": draws["a"] * draws["b"] + draws["c"],
        "Courts": np.full(4000, 0.1),
    }
    return importance(draws, outcomes, labels={"a": "Reach"}, seed=7, price_base="2026-27")


def test_closed_forms(found):
    assert_allclose(found.share[:, 0], [0.36, 0.64, 0, 0], atol=4 * found.standard_error[:4, 0].max())
    assert_allclose(found.share[:, 1], [0, 0, 0.5, 0], atol=4 * found.standard_error[:4, 1].max())
    assert_allclose(found.unexplained[:2], [0, 0.5], atol=0.05)
    assert (found.share[:, 2] == 0).all()
    assert_allclose(found.sd[:2], [5, 2**0.5], rtol=0.05)


def test_each_outcome_is_what_the_one_of_variance_share_is(draws):
    outcomes = {"x": draws["a"] ** 2 + draws["b"], "y": draws["c"] + draws["a"] * draws["d"]}
    groups = {"a": "g", "b": "b", "c": "g", "d": "d"}
    found = importance(draws, outcomes, groups)
    for k, outcome in enumerate(outcomes.values()):
        one = variance_share(draws, outcome, groups).to_frame().set_index("group")
        assert_allclose(found.share[:, k], one.loc[list(found.inputs), "share"], rtol=1e-9, atol=1e-12)
        assert_allclose(
            found.standard_error[:, k],
            one.loc[[*found.inputs, "unexplained"], "standard_error"],
            rtol=1e-9,
            atol=1e-12,
        )


def test_the_frame_is_tidy(found):
    frame = found.to_frame()
    assert tuple(frame.columns) == IMPORTANCE_COLUMNS
    assert frame["input"].tolist()[::3] == ["b", "c", "a", "d", "unexplained"]
    assert frame["outcome"].tolist()[:3] == ["Police", "NHS", "Courts"]
    assert frame["label"].tolist()[6] == "Reach"


def test_text_chart_and_json(found):
    assert "Courts  does not vary with any input alone" in found.summary()
    assert "Reach 35.6% ± " in found.summary()
    assert "GBP, real, 2026-27 prices · seed 7 · 4,000 draws" in found._repr_html_()
    assert repr(found) == "Importance(largest='b', inputs=4, outcomes=3, draws=4000, seed=7)"
    assert isinstance(found.plot(), Axes)
    assert Importance.from_json(found.to_json()) == found


def test_reordering_draws_changes_nothing(draws):
    outcome = draws["a"] + draws["b"] ** 2
    order = np.random.default_rng(3).permutation(len(draws))
    one, other = importance(draws, {"x": outcome}), importance(draws.iloc[order], {"x": outcome.iloc[order]})
    assert_allclose(one.share, other.share, rtol=1e-9, atol=1e-12)


def test_no_outcome_or_no_group_is_refused(draws):
    with pytest.raises(ValueError, match="there are no outcomes"):
        importance(draws, {})
    with pytest.raises(ValueError, match="no group: b, c, d"):
        importance(draws, {"x": draws["a"]}, {"a": "g"})

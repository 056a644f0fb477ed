import pandas as pd
import pytest

from communitybudget.sensitivity import Measured

DRAWS = pd.DataFrame({"share": [0.2, 0.5], "ratio": [0.5, 3.0], "gain": [10.0, -4.0]})


@pytest.mark.parametrize(
    ("measured", "values", "words"),
    [
        (Measured("gain"), [10.0, -4.0], "gain"),
        (Measured("share", "ratio"), [0.1, 1.5], "share x ratio"),
        (Measured("share", "gain", rule="sum"), [10.2, -3.5], "share + gain"),
        (Measured("share", "ratio", rule="odds_ratio"), [1 / 9, 0.75], "share at odds x ratio"),
    ],
)
def test_it_is_a_rule_on_the_inputs(measured, values, words):
    assert measured.values(DRAWS) == pytest.approx(values)
    assert str(measured) == words


def test_odds_are_multiplied():
    share = Measured("share", "ratio", rule="odds_ratio").values(DRAWS)
    odds = DRAWS["share"] / (1 - DRAWS["share"]) * DRAWS["ratio"]
    assert share / (1 - share) == pytest.approx(odds.to_numpy())


@pytest.mark.parametrize(
    ("inputs", "rule", "message"),
    [
        (("a", "b"), "itself", "needs 1 input"),
        (("a",), "product", "at least 2 input"),
        (("a",), "odds_ratio", "needs 2 input"),
        ((), None, "but 0 were given"),
        (("a",), "mean", "give one of itself, product, sum, odds_ratio"),
    ],
)
def test_a_rule_that_does_not_fit_is_refused(inputs, rule, message):
    with pytest.raises(ValueError, match=message):
        Measured(*inputs, rule=rule)


def test_what_is_not_in_the_frame_is_named():
    with pytest.raises(ValueError, match=r"measures other, which .* share, ratio, gain"):
        Measured("other", "share").values(DRAWS)


def test_a_share_of_more_than_all_is_refused():
    with pytest.raises(ValueError, match=r"share x ratio should be a share .* 1\.5 .* rule='odds_ratio'"):
        Measured("share", "ratio").shares(DRAWS)

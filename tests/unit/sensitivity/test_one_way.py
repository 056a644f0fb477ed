"""The one-way tornado: each input alone at its ends, all settings at once."""

import numpy as np
import pandas as pd
import pytest

from communitybudget.sensitivity import About, OneWay, local_one_way, one_way

TABLE = pd.DataFrame(
    {
        "key": ["price", "reach", "inert", "fixed"],
        "low": [10.0, 0.2, 1.0, 5.0],
        "base": [20.0, 0.5, 2.0, 5.0],
        "high": [40.0, 0.6, 3.0, 5.0],
    }
)


def worth(rows: np.ndarray) -> np.ndarray:
    return 100 * rows[:, 0] * rows[:, 1] - 30 * rows[:, 3]


def test_bars_of_a_bilinear_function_are_known():
    bars = one_way(worth, TABLE)
    frame = bars.to_frame().set_index("key")
    assert bars.base == 100 * 20 * 0.5 - 150
    assert frame.loc["price", ["low", "high"]].tolist() == [350.0, 1850.0]
    assert frame.loc["reach", ["low", "high"]].tolist() == pytest.approx([250.0, 1050.0])
    assert list(frame.index) == ["price", "reach", "fixed", "inert"]


def test_it_is_what_a_loop_over_settings_gives_to_the_bit():
    function = lambda rows: np.exp(rows[:, 0] / 50) * np.sin(rows[:, 1]) + rows[:, 2] ** 2  # noqa: E731
    bars = one_way(function, TABLE).to_frame().set_index("key")
    for i, key in enumerate(TABLE["key"]):
        for end in ("low", "high"):
            setting = TABLE["base"].to_numpy(dtype=float, copy=True)
            setting[i] = TABLE[end][i]
            assert bars.loc[key, end] == function(setting[np.newaxis])[0]


def test_an_input_without_a_range_and_one_without_influence_have_no_swing():
    swing = one_way(worth, TABLE).to_frame().set_index("key")["swing"]
    assert swing["fixed"] == 0
    assert swing["inert"] == 0


def test_the_function_is_asked_once():
    asked = []

    def counted(rows: np.ndarray) -> np.ndarray:
        asked.append(len(rows))
        return worth(rows)

    one_way(counted, TABLE)
    assert asked == [9]


def test_with_draws_the_means_are_compared_and_the_swing_has_its_error():
    noise = np.random.default_rng(1).normal(size=400)

    def uncertain(rows: np.ndarray) -> np.ndarray:
        return rows[:, [0]] * (1 + noise) + rows[:, [1]]

    bars = one_way(uncertain, TABLE).to_frame().set_index("key")
    assert bars.loc["price", "swing"] == pytest.approx(30 * (1 + noise.mean()))
    # the same draws at both ends: the error is that of their difference
    assert bars.loc["price", "standard_error"] == pytest.approx(30 * noise.std(ddof=1) / 20)
    assert bars.loc["reach", "standard_error"] == pytest.approx(0, abs=1e-12)


def test_slopes_give_the_same_bars_where_the_outcome_is_straight_and_others_where_it_bends():
    straight, by_slope = one_way(worth, TABLE), local_one_way(worth, TABLE)
    np.testing.assert_allclose(by_slope.low, straight.low)
    np.testing.assert_allclose(by_slope.high, straight.high)
    bent = local_one_way(lambda rows: rows[:, 0] ** 3, TABLE, step=1e-4).to_frame().set_index("key")
    assert bent.loc["price", "swing"] == pytest.approx(3 * 20**2 * 30, rel=1e-5)
    assert bent.loc["fixed", "swing"] == 0


def test_it_keeps_what_it_is_about_and_survives_json():
    about = About("net benefit", "2026-27", seed=3, draws=1, set_version="england")
    bars = one_way(worth, TABLE.assign(label="In words", mark="assumption"), about=about)
    assert OneWay.from_json(bars.to_json()) == bars
    assert "net benefit" in bars.summary()
    assert "every input held" in bars.summary()
    assert "seed=3" in repr(bars)
    assert bars.plot().get_legend().get_texts()[0].get_text() == "Input at its low value"


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (TABLE.drop(columns="base"), "lacks base"),
        (TABLE.iloc[:0], "no rows"),
        (TABLE.assign(key="same"), "several inputs are called same"),
        (TABLE.assign(low=np.nan), "not finite for price, reach"),
        (TABLE.assign(low="dear"), "must be numbers"),
    ],
)
def test_a_faulty_table_is_refused(table: pd.DataFrame, words: str):
    with pytest.raises(ValueError, match=words):
        one_way(worth, table)


def test_a_faulty_outcome_is_refused():
    with pytest.raises(ValueError, match=r"shape \(3, 1\) for 9 settings"):
        one_way(lambda rows: np.zeros(3), TABLE)
    with pytest.raises(ValueError, match="not finite at setting 0"):
        one_way(lambda rows: np.full(len(rows), np.nan), TABLE)
    with pytest.raises(ValueError, match="step is 0"):
        local_one_way(worth, TABLE, step=0)

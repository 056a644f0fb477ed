import math

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from communitybudget.sensitivity import rank_regression


def sample(draws=2000, seed=1, **columns):
    rng = np.random.default_rng(seed)
    return pd.DataFrame({name: make(rng, draws) for name, make in columns.items()})


def normal(rng, draws):
    return rng.normal(size=draws)


def lognormal(rng, draws):
    return np.exp(rng.normal(size=draws))


def bars(tornado):
    return tornado.to_frame().set_index("key")


def naive(inputs, outcome):
    """Textbook rank regression with a design matrix and numpy's solver."""
    ranks = inputs.rank().to_numpy()
    z = (ranks - ranks.mean(axis=0)) / ranks.std(axis=0)
    ordered = pd.Series(outcome).rank().to_numpy()
    target = (ordered - ordered.mean()) / ordered.std()
    design = np.column_stack([np.ones(len(z)), z])
    coefficient = np.linalg.lstsq(design, target, rcond=None)[0]
    slope, rest, *_ = np.linalg.lstsq(design, outcome, rcond=None)
    variance = rest[0] / (len(z) - design.shape[1])
    errors = np.sqrt(np.diag(np.linalg.inv(design.T @ design)) * variance)[1:]
    low, high = np.quantile(z, [0.1, 0.9], axis=0)
    r_squared = 1 - np.mean((target - design @ coefficient) ** 2)
    return (
        coefficient[1:],
        slope[0] + slope[1:] * low,
        slope[0] + slope[1:] * high,
        errors * (high - low),
        r_squared,
    )


def test_against_the_textbook():
    inputs = sample(cost=lognormal, reach=normal, effect=normal, price=lognormal)
    inputs["reach"] = inputs["reach"].round(1)  # ties
    inputs["effect"] = inputs["effect"].where(inputs["effect"] > 0, 0.0)  # half the draws: exactly no effect
    noise = np.random.default_rng(2).normal(size=2000)
    outcome = 4e5 * inputs["effect"] * inputs["price"] - 1e5 * inputs["cost"] + 2e5 * noise
    tornado = rank_regression(inputs, outcome)
    found = bars(tornado).loc[list(inputs.columns)]
    coefficient, low, high, error, r_squared = naive(inputs, outcome)
    assert_allclose(found["rank_coefficient"], coefficient, atol=1e-10)
    assert_allclose(found["low"], low, rtol=1e-9)
    assert_allclose(found["high"], high, rtol=1e-9)
    assert_allclose(found["swing"], high - low, rtol=1e-9)
    assert_allclose(found["standard_error"], error, rtol=1e-9)
    assert_allclose(found["base"], outcome.mean())
    assert math.isclose(tornado.r_squared, r_squared, rel_tol=1e-9)
    assert tornado.collinear == ()


def test_a_single_monotone_input_explains_everything():
    inputs = sample(effect=normal)
    found = rank_regression(inputs, np.exp(3 * inputs["effect"]))
    assert_allclose(found.to_frame()["rank_coefficient"], 1)
    assert_allclose(found.r_squared, 1)
    falling = rank_regression(inputs, -(inputs["effect"] ** 3))
    assert_allclose(falling.to_frame()["rank_coefficient"], -1)


def test_bars_of_uniform_inputs_in_closed_form():
    # On evenly spaced ranks the outcome is exactly linear: P10 and P90 lie 0.4 of the range from the mean.
    place = np.linspace(0, 1, 1001)
    inputs = pd.DataFrame({"a": place, "b": np.tile(place[::7], 7)[:1001]})
    row = bars(rank_regression(inputs[["a"]], 100 + 50 * place)).loc["a"]
    assert_allclose([row["low"], row["high"], row["base"], row["swing"]], [105, 145, 125, 40])
    assert_allclose(row["standard_error"], 0, atol=1e-10)


def test_bars_are_sorted_by_absolute_swing():
    inputs = sample(small=normal, down=normal, up=normal)
    outcome = 5 * inputs["up"] - 9 * inputs["down"] + 0.1 * inputs["small"]
    assert rank_regression(inputs, outcome).to_frame()["key"].tolist() == ["down", "up", "small"]


def test_an_input_that_does_not_vary_has_no_bar():
    inputs = sample(effect=normal, other=normal)
    inputs["fixed"] = 0.3
    outcome = inputs["effect"] * 10
    row = bars(rank_regression(inputs, outcome)).loc["fixed"]
    assert row[["rank_coefficient", "swing", "standard_error"]].tolist() == [0, 0, 0]
    assert row["low"] == row["high"] == row["base"]


def test_no_input_varies():
    inputs = pd.DataFrame({"b": np.ones(10), "a": np.zeros(10)})
    tornado = rank_regression(inputs, np.arange(10.0))
    assert tornado.to_frame()["key"].tolist() == ["a", "b"]
    assert tornado.r_squared == 0


def test_an_outcome_that_does_not_vary():
    tornado = rank_regression(sample(effect=normal, other=normal), np.full(2000, 0.1))
    assert (tornado.to_frame()[["rank_coefficient", "swing", "standard_error"]] == 0).all(axis=None)
    assert tornado.r_squared == 0


def test_copies_share_their_effect_and_are_named():
    inputs = sample(effect=normal, other=normal)
    inputs["copy"] = np.exp(inputs["effect"])  # the same in rank
    inputs["mirror"] = -inputs["effect"]
    outcome = 6 * inputs["effect"] + inputs["other"]
    tornado = rank_regression(inputs, outcome)
    assert set(tornado.collinear) == {"effect", "copy", "mirror"}
    alone = bars(rank_regression(inputs[["effect", "other"]], outcome))
    found = bars(tornado)
    assert_allclose(
        found.loc[["effect", "copy", "mirror"], "swing"] * [3, 3, -3], alone.loc["effect", "swing"]
    )
    assert_allclose(found.loc["other", "swing"], alone.loc["other", "swing"])
    assert found.index.tolist() == ["copy", "effect", "mirror", "other"]
    assert "cannot be told apart" in tornado.summary()


def test_a_large_point_mass_keeps_its_coefficient():
    rng = np.random.default_rng(3)
    effect = np.where(rng.random(4000) < 0.6, 1.0, rng.uniform(0.5, 0.9, 4000))
    inputs = pd.DataFrame({"effect": effect, "noise": rng.normal(size=4000)})
    found = bars(rank_regression(inputs, 1e5 * (1 - effect) + 100 * inputs["noise"]))
    assert found.loc["effect", "rank_coefficient"] < -0.7
    # The expected outcome at no effect is near nothing, at P10 of the relative risk it is large.
    assert found.loc["effect", "low"] > found.loc["effect", "high"]


def test_a_mass_beyond_both_percentiles_has_no_swing_but_a_coefficient():
    effect = np.zeros(1000)
    effect[:50] = np.arange(1, 51)
    found = bars(rank_regression(pd.DataFrame({"effect": effect}), effect)).loc["effect"]
    assert found["swing"] == 0
    assert found["rank_coefficient"] == pytest.approx(1)


def test_standard_error_matches_the_spread_over_seeds():
    swings, errors = [], []
    for seed in range(400):
        inputs = sample(200, seed, effect=normal, other=normal)
        noise = np.random.default_rng(10_000 + seed).normal(size=200)
        row = bars(rank_regression(inputs, 3 * inputs["effect"] + 8 * noise)).loc["other"]
        swings.append(row["swing"])
        errors.append(row["standard_error"])
    assert_allclose(np.mean(errors), np.std(swings), rtol=4 / math.sqrt(2 * 400))
    assert abs(np.mean(swings)) < 4 * np.std(swings) / math.sqrt(400)


def test_labels_marks_and_passport():
    inputs = sample(effect=normal, other=normal)
    tornado = rank_regression(
        inputs,
        inputs["effect"],
        labels={"effect": "Effect on care"},
        marks={"effect": "verified"},
        price_base="2026-27",
        seed=0,
        outcome_label="net present value",
        set_version="england 1.0",
    )
    found = bars(tornado)
    assert found.loc["effect", ["label", "mark"]].tolist() == ["Effect on care", "verified"]
    assert found.loc["other", ["label", "mark"]].tolist() == ["other", ""]
    assert (tornado.seed, tornado.draws, tornado.price_base) == (0, 2000, "2026-27")


def test_the_index_of_an_outcome_is_not_looked_at():
    inputs = sample(effect=normal)
    outcome = inputs["effect"].set_axis(np.arange(2000)[::-1])
    assert_allclose(rank_regression(inputs, outcome).r_squared, 1)


@pytest.mark.parametrize(
    ("inputs", "outcome", "message"),
    [
        (pd.DataFrame(index=range(3)), [1, 2, 3], "no inputs"),
        (pd.DataFrame([[1, 2], [3, 4], [5, 6]], columns=["a", "a"]), [1, 2, 3], "called a"),
        (pd.DataFrame({"a": [1, 2]}), [1, 2, 3], "one outcome per draw"),
        (pd.DataFrame({"a": [1, 2, np.nan]}), [1, 2, 3], "not finite: a"),
        (pd.DataFrame({"a": ["x", "y", "z"]}), [1, 2, 3], "must be numbers"),
        (pd.DataFrame({"a": [1, 2, 3]}), [1, np.inf, 3], "outcome holds inf"),
        (pd.DataFrame({"a": [1]}), [1], "at least 2 draws"),
        (pd.DataFrame({"a": [1, 2, 3], "b": [1, 3, 2]}), [1, 2, 3], "run more draws"),
    ],
)
def test_unusable_samples_are_refused(inputs, outcome, message):
    with pytest.raises(ValueError, match=message):
        rank_regression(inputs, outcome)

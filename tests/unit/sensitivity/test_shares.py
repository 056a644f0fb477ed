import math

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from communitybudget.sensitivity import variance_share


def normals(draws, inputs, seed):
    values = np.random.default_rng(seed).normal(size=(draws, inputs))
    return pd.DataFrame(values, columns=[f"x{i}" for i in range(inputs)])


def by_group(shares):
    return shares.to_frame().set_index("group")


def test_linear_outcome_in_closed_form():
    inputs = normals(20_000, 4, 1)
    outcome = inputs.to_numpy() @ [1, 2, 3, 4]
    found = by_group(variance_share(inputs, outcome, {"x0": "a", "x1": "a", "x2": "b", "x3": "b"}))
    assert_allclose(found.loc["a", "share"], 5 / 30, atol=4 * found.loc["a", "standard_error"])
    assert_allclose(found.loc["b", "share"], 25 / 30, atol=4 * found.loc["b", "standard_error"])
    assert found.loc["unexplained", "share"] < 4 * found.loc["unexplained", "standard_error"] + 1e-12
    assert found["inputs"].to_dict() == {"b": 2, "a": 2, "unexplained": 0}


def test_curves_and_interactions():
    # x0^2 varies by 2, x1 by 1, and the product of x2 and x3, which belongs to neither alone, by 1.
    inputs = normals(20_000, 4, 2)
    outcome = inputs["x0"] ** 2 + inputs["x1"] + inputs["x2"] * inputs["x3"]
    found = by_group(
        variance_share(inputs, outcome, {"x0": "curve", "x1": "line", "x2": "pair", "x3": "pair"})
    )
    for group, share in {"curve": 0.5, "line": 0.25, "pair": 0.0, "unexplained": 0.25}.items():
        assert_allclose(found.loc[group, "share"], share, atol=4 * found.loc[group, "standard_error"])


def test_a_point_mass_is_told_from_its_neighbours():
    # No effect at all with probability 0.3, in the middle of the range: no straight line or parabola fits.
    rng = np.random.default_rng(3)
    effect = np.where(rng.random(10_000) < 0.3, 1.0, rng.uniform(0.5, 1.5, 10_000))
    inputs = pd.DataFrame({"effect": effect, "other": rng.normal(size=10_000)})
    outcome = np.where(effect == 1.0, 0.0, 1.0)
    found = by_group(variance_share(inputs, outcome, {"effect": "e", "other": "o"}))
    assert_allclose(found.loc["e", "share"], 1, atol=1e-6)


def test_inputs_that_do_nothing_add_nothing():
    # 100 idle inputs with 200 terms: the raw R-squared of 1,000 draws of noise would be about 0.2.
    found = []
    for seed in range(30):
        inputs = normals(1000, 101, 100 + seed)
        noise = np.random.default_rng(seed).normal(size=1000)
        groups = {name: "live" if name == "x0" else "idle" for name in inputs}
        found.append(by_group(variance_share(inputs, inputs["x0"] + noise, groups))["share"])
    live, idle = (np.array([shares[group] for shares in found]) for group in ("live", "idle"))
    assert idle.mean() < 0.02
    assert_allclose(live.mean(), 0.5, atol=4 * live.std() / math.sqrt(30))


def test_standard_error_matches_the_spread_over_seeds():
    shares, errors = [], []
    for seed in range(400):
        inputs = normals(500, 5, seed)
        noise = np.random.default_rng(5000 + seed).normal(size=500)
        outcome = inputs["x0"] + inputs["x1"] ** 2 + noise
        groups = {"x0": "line", "x1": "curve", "x2": "idle", "x3": "idle", "x4": "idle"}
        found = by_group(variance_share(inputs, outcome, groups))
        shares.append(found["share"])
        errors.append(found["standard_error"])
    shares, errors = pd.DataFrame(shares), pd.DataFrame(errors)
    # The error is itself a statistic with heavy tails, for squares of normals most of all.
    for group in ("line", "curve", "unexplained"):
        assert_allclose(errors[group].mean(), shares[group].std(), rtol=4 / math.sqrt(2 * 400) + 0.05)
    assert_allclose(shares["line"].mean(), 0.25, atol=4 * shares["line"].std() / 20)


def test_constant_two_valued_and_copied_inputs():
    inputs = normals(2000, 1, 6)
    inputs["fixed"] = 2.0
    inputs["coin"] = np.random.default_rng(7).integers(0, 2, 2000)
    inputs["copy"] = inputs["x0"]
    outcome = inputs["x0"] + 2 * inputs["coin"]
    groups = {"x0": "x", "copy": "x", "coin": "coin", "fixed": "fixed"}
    found = by_group(variance_share(inputs, outcome, groups))
    assert found.loc["fixed", ["share", "standard_error"]].tolist() == [0, 0]
    assert_allclose(found.loc["coin", "share"], 0.5, atol=4 * found.loc["coin", "standard_error"])
    assert_allclose(found.loc["x", "share"], 0.5, atol=4 * found.loc["x", "standard_error"])


def test_an_outcome_that_does_not_vary():
    shares = variance_share(normals(100, 2, 8), np.full(100, 3.3), {"x0": "a", "x1": "b"})
    assert shares.unexplained == 1
    assert by_group(shares).loc[["a", "b"], "share"].tolist() == [0, 0]


def test_order_equality_and_words():
    inputs = normals(500, 3, 9)
    outcome = inputs["x1"] + 0.1 * inputs["x0"]
    groups = {"x0": "b", "x1": "c", "x2": "a", "not an input": "z"}
    shares = variance_share(inputs, outcome, groups)
    assert shares.to_frame()["group"].tolist()[0] == "c"
    assert shares.to_frame()["group"].tolist()[-1] == "unexplained"
    assert shares == variance_share(inputs, outcome, groups)
    assert shares != variance_share(inputs, inputs["x0"], groups)
    assert shares != 1
    assert "500 draws" in shares.summary()
    assert repr(shares).startswith("VarianceShares(c=")
    frame = shares.to_frame()
    frame.loc[0, "share"] = 0
    assert shares == variance_share(inputs, outcome, groups)


@pytest.mark.parametrize(
    ("groups", "message"),
    [({"x0": "a"}, "no group: x1"), ({"x0": "a", "x1": "unexplained"}, "may be called 'unexplained'")],
)
def test_unusable_groups_are_refused(groups, message):
    with pytest.raises(ValueError, match=message):
        variance_share(normals(100, 2, 10), np.arange(100), groups)


def test_too_few_draws_are_refused():
    inputs = normals(12, 8, 11)
    with pytest.raises(ValueError, match="12 draws cannot tell 16 terms apart"):
        variance_share(inputs, inputs["x0"], dict.fromkeys(inputs, "all"))

import sys
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from communitybudget.sensitivity import given_data_indices

pytest.importorskip("SALib")


@pytest.fixture(scope="module")
def draws():
    return pd.DataFrame(np.random.default_rng(1).random((3000, 3)), columns=["cost", "reach_raw", "idle"])


@pytest.mark.parametrize("method", ["pawn", "rbd_fast"])
def test_inputs_are_ranked_and_an_idle_one_is_about_the_inert_one(draws, method):
    found = given_data_indices(draws, draws["cost"] + 2 * draws["reach_raw"], method)
    assert found["input"].tolist() == ["reach_raw", "cost", "idle"]
    assert found["method"].tolist() == [method] * 3
    assert (found["low"] <= found["index"]).all()
    assert (found["index"] <= found["high"]).all()
    assert_allclose(found["index"].iloc[2], found["inert"].iloc[2], atol=0.05)
    assert found["index"].iloc[1] > 2 * found["inert"].iloc[1]


def test_first_order_of_a_linear_outcome(draws):
    found = given_data_indices(draws, draws["cost"] + 2 * draws["reach_raw"], "rbd_fast")
    assert_allclose(found["index"], [0.8, 0.2, 0], atol=0.06)


def test_pawn_is_the_greatest_distance_between_distribution_functions(draws):
    outcome = (draws["cost"] + 2 * draws["reach_raw"]).to_numpy()
    found = given_data_indices(draws, outcome).set_index("input")
    edges = np.quantile(draws["cost"], np.arange(0, 1.1, 0.1))
    grid, distances = np.sort(outcome), []
    for low, high in pairwise(edges):
        some = np.sort(outcome[(draws["cost"] >= low) & (draws["cost"] < high)])
        share = np.searchsorted(some, grid, side="right") / some.size
        every = np.arange(1, grid.size + 1) / grid.size
        distances.append(np.abs(share - every).max())
    assert_allclose(found.loc["cost", "index"], np.median(distances), rtol=1e-9)
    assert_allclose(found.loc["cost", ["low", "high"]].astype(float), [min(distances), max(distances)])


@pytest.mark.parametrize("method", ["pawn", "rbd_fast"])
def test_what_does_not_vary_has_an_index_of_nil(draws, method):
    flat = given_data_indices(draws.assign(fixed=2.0), draws["cost"], method)
    assert flat.set_index("input").loc["fixed", ["index", "low", "high"]].tolist() == [0, 0, 0]
    assert given_data_indices(draws, np.ones(3000), method)["index"].tolist() == [0, 0, 0]


def test_a_point_mass_is_taken():
    random = np.random.default_rng(2)
    effect = np.where(random.random(2000) < 0.4, 1.0, random.uniform(0.5, 1.5, 2000))
    frame = pd.DataFrame({"effect": effect, "other": random.random(2000)})
    found = given_data_indices(frame, effect + 0.1 * frame["other"])
    assert found["input"].tolist() == ["effect", "other"]
    assert np.isfinite(found["index"]).all()


def test_the_global_numbers_of_numpy_are_left_alone(draws):
    np.random.default_rng()
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    for method in ("pawn", "rbd_fast"):
        one = given_data_indices(draws, draws["cost"], method, seed=0)
        pd.testing.assert_frame_equal(one, given_data_indices(draws, draws["cost"], method, seed=0))
    assert (before == np.random.get_state()[1]).all()  # noqa: NPY002


def test_another_method_is_refused(draws):
    with pytest.raises(ValueError, match="no method 'fast'; use one of pawn, rbd_fast"):
        given_data_indices(draws, draws["cost"], "fast")


def test_without_salib_the_extra_is_named(draws, monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] == "SALib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "SALib", None)
    with pytest.raises(ModuleNotFoundError, match=r'pip install "communitybudget\[sensitivity\]"'):
        given_data_indices(draws, draws["cost"])

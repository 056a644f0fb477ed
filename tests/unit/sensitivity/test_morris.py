import math

import numpy as np
import pytest
from matplotlib.axes import Axes
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats

from communitybudget.sensitivity import MorrisScreening, morris_screening

NAMES = ["cost", "reach", "rate", "idle"]


def linear(u):
    return u @ [3.0, -4.0, 0.5, 0.0]


def test_a_linear_function_is_exact():
    found = morris_screening(linear, NAMES, trajectories=3)
    assert_allclose(found.mu[:, 0], [3, -4, 0.5, 0], atol=1e-12)
    assert_allclose(found.mu_star[:, 0], [3, 4, 0.5, 0], atol=1e-12)
    assert_allclose(found.sigma, 0, atol=1e-12)
    assert_allclose(found.mu_star_error, 0, atol=1e-12)
    assert found.rank[:, 0].tolist() == [2, 1, 3, 4]
    assert found.mu_star[3, 0] == 0


def test_a_product_has_effects_that_vary():
    # the effect of the first is the second, at one of four levels of equal weight
    found = morris_screening(lambda u: u[:, 0] * u[:, 1], ["a", "b"], trajectories=4000)
    levels = np.array([0.125, 0.375, 0.625, 0.875])
    assert_allclose(found.mu[:, 0], levels.mean(), atol=4 * levels.std() / math.sqrt(4000))
    assert_allclose(found.sigma[:, 0], levels.std(), rtol=0.05)
    assert_allclose(found.mu_star_error, found.sigma / math.sqrt(4000), rtol=1e-9)


def test_effects_of_both_signs_cancel_in_the_mean_and_not_in_its_size():
    found = morris_screening(lambda u: (u[:, 0] - 0.5) ** 2, ["a"], trajectories=400)
    assert_allclose(found.mu, 0, atol=0.05)
    assert_allclose(found.mu_star, 0.25, atol=1e-12)


def test_a_loop_over_trajectories_gives_the_same():
    seen = []

    def curved(u):
        seen.append(u)
        return u[:, 0] * u[:, 1] + np.sin(3 * u[:, 2]) + u[:, 3] ** 2

    found = morris_screening(curved, NAMES, trajectories=15, seed=4)
    points = np.concatenate(seen).reshape(15, 5, 4)
    effects = np.zeros((15, 4))
    for t, path in enumerate(points):
        moved = [int(np.flatnonzero(step)[0]) for step in np.diff(path, axis=0)]
        assert sorted(moved) == [0, 1, 2, 3]
        for s, i in enumerate(moved):
            change = curved(path[[s + 1]])[0] - curved(path[[s]])[0]
            effects[t, i] = change / (path[s + 1, i] - path[s, i])
    assert_allclose(found.mu[:, 0], effects.mean(axis=0), rtol=1e-12, atol=1e-14)
    assert_allclose(found.mu_star[:, 0], np.abs(effects).mean(axis=0), rtol=1e-12)
    assert_allclose(found.sigma[:, 0], effects.std(axis=0, ddof=1), rtol=1e-12)
    assert set(np.unique(points)) == {0.125, 0.375, 0.625, 0.875}


def test_a_group_moves_together_and_in_one_direction():
    found = morris_screening(linear, NAMES, trajectories=5, groups={"cost": "g", "reach": "g"})
    assert found.inputs == ("g", "rate", "idle")
    assert_allclose(found.mu[:, 0], [-1, 0.5, 0], atol=1e-12)
    assert found.sizes == (2, 1, 1)


def test_order_of_inputs_pieces_and_seed():
    def curved(u):
        return u[:, 0] * u[:, 1] + u[:, 2] ** 2

    one = morris_screening(curved, list("abc"), trajectories=8)
    other = morris_screening(lambda u: curved(u[:, ::-1]), list("cba"), trajectories=8)
    assert_allclose(one.mu_star, other.mu_star[::-1], rtol=1e-12)
    assert morris_screening(curved, list("abc"), trajectories=8, chunk=3) == one
    assert morris_screening(curved, list("abc"), trajectories=8, seed=2) != one


def test_distributions_by_their_inverse_are_inside_their_range():
    found = morris_screening(lambda x: x[:, 0], {"a": stats.norm(0, 1)}, trajectories=10)
    assert np.isfinite(found.mu_star).all()


def test_the_most_important_are_chosen_over_all_outcomes():
    found = morris_screening(lambda u: u[:, :3] * [1, 100, 1] + [[0, 0, 0]], NAMES, trajectories=4)
    assert found.most_important(9) == ("cost", "reach", "rate")
    assert found.most_important(2) == ("cost", "reach")
    assert_allclose(found.weight, [1, 1, 1, 0])


def test_frame_text_chart_and_json():
    found = morris_screening(linear, NAMES, 3, outcomes=["NPV"], labels={"reach": "Reach of the service"})
    frame = found.to_frame()
    assert frame["input"].tolist() == ["reach", "cost", "rate", "idle"]
    assert frame["rank"].tolist() == [1, 2, 3, 4]
    assert "Reach of the service" in found.summary()
    assert "seed 1 · 3 trajectories of 5 runs" in found._repr_html_()
    assert repr(found).startswith("MorrisScreening(outcome='NPV', largest='reach', mu_star=4")
    assert isinstance(found.plot(), Axes)
    assert MorrisScreening.from_json(found.to_json()) == found
    with pytest.raises(ValueError, match="no outcome 'x'"):
        found.plot(outcome="x")


def test_too_few_trajectories_and_a_negative_seed_are_refused():
    with pytest.raises(ValueError, match="at least 2"):
        morris_screening(linear, NAMES, trajectories=1)
    with pytest.raises(ValueError, match="seed is -1"):
        morris_screening(linear, NAMES, seed=-1)


def test_the_same_seed_gives_the_same_bits():
    assert_array_equal(morris_screening(linear, NAMES).mu, morris_screening(linear, NAMES).mu)

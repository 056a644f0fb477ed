"""The outcome over a grid of two inputs, and its line of break-even."""

import numpy as np
import pytest

from communitybudget.sensitivity import About, HeatMap, grid_axis, two_way

REACH = grid_axis("reach", np.linspace(1, 4, 7))
WORTH = grid_axis("worth", np.linspace(2, 8, 5), "Worth each")


def test_each_cell_is_the_mean_over_its_draws_as_a_loop_gives_it():
    shocks = np.random.default_rng(2).normal(size=50)

    def outcome(rows: np.ndarray) -> np.ndarray:
        return rows[:, [0]] * rows[:, [1]] - 12 + shocks

    grid = two_way(outcome, REACH, WORTH)
    for i, x in enumerate(REACH.values):
        for j, y in enumerate(WORTH.values):
            draws = outcome(np.array([[x, y]]))[0]
            assert grid.expected[i, j] == draws.mean()
            assert grid.probability[i, j] == (draws >= 0).mean()
            assert grid.expected_error[i, j] == pytest.approx(shocks.std(ddof=1) / np.sqrt(50))


def test_the_line_of_break_even_is_exact_for_a_bilinear_outcome():
    line = two_way(lambda rows: rows[:, 0] * rows[:, 1] - 12, REACH, WORTH).break_even()
    np.testing.assert_allclose(line["first"] * line["second"], 12)
    assert set(REACH.values[(12 / REACH.values >= 2) & (12 / REACH.values <= 8)]) <= set(line["first"])
    assert {2.0, 3.5, 5.0, 6.5, 8.0} - set(line["second"]) == {2.0}  # 12 / 2 lies beyond the grid


def test_a_grid_of_one_sign_has_no_line():
    assert two_way(lambda rows: rows.sum(axis=1), REACH, WORTH).break_even().empty


def test_with_every_input_held_nothing_is_uncertain():
    grid = two_way(lambda rows: rows[:, 0] - 2, REACH, WORTH)
    assert set(np.unique(grid.probability)) == {0.0, 1.0}
    assert not grid.probability_error.any()


def test_turning_the_axes_turns_the_grid():
    def product(rows: np.ndarray) -> np.ndarray:
        return rows[:, 0] * rows[:, 1] - 12

    one, other = two_way(product, REACH, WORTH), two_way(product, WORTH, REACH)
    np.testing.assert_array_equal(one.expected, other.expected.T)
    np.testing.assert_allclose(
        one.break_even().to_numpy(),
        other.break_even()[["second", "first"]].sort_values(["second", "first"]).to_numpy(),
    )


def test_it_introduces_itself():
    grid = two_way(lambda rows: rows[:, 0] - 2, REACH, WORTH, About(price_base="2026-27"))
    assert HeatMap.from_json(grid.to_json()) == grid
    assert list(grid.to_frame().columns[:3]) == ["first", "second", "expected"]
    assert "Worth each" in grid.summary()
    for shows in ("expected", "probability"):
        assert grid.plot(shows=shows).get_ylabel() == "Worth each"


def test_values_must_ascend():
    with pytest.raises(ValueError, match="the values of price do not ascend"):
        grid_axis("price", [1, 1, 2])

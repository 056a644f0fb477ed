"""The least outcome within ranges, what is proven of it, and the margin before it."""

import numpy as np
import pandas as pd
import pytest

from communitybudget.sensitivity import About, WorstCase, worst_case

TABLE = pd.DataFrame(
    {"key": ["a", "b", "c"], "low": [-1.0, 0.0, 2.0], "base": [0.5, 1.0, 3.0], "high": [1, 2, 4]}
)


def test_a_linear_outcome_has_its_adverse_corner_and_a_margin_in_closed_form():
    worst = worst_case(lambda rows: rows @ [2.0, -3.0, 1.0] + 2, TABLE, shape="monotone")
    at = worst.to_frame().set_index("key")["at"]
    assert at.to_dict() == {"a": -1.0, "b": 2.0, "c": 2.0}
    assert worst.least == -2 - 6 + 2 + 2
    assert worst.proven
    assert worst.margin == pytest.approx(3 / 7)  # from 3 at the base to -4


def test_a_bilinear_outcome_turns_an_input_over_and_every_corner_proves_it():
    # alone at the base, a lowers it when low; with c high, b high it is lowered further when a is high
    def outcome(rows: np.ndarray) -> np.ndarray:
        a, b, c = rows.T
        return a * (1.2 - b) * (c - 1.5) + 3

    worst = worst_case(outcome, TABLE, shape="multilinear")
    corners = np.array(np.meshgrid(*TABLE[["low", "high"]].to_numpy())).reshape(3, -1).T
    assert worst.least == outcome(corners).min()
    assert worst.proven


def test_a_least_value_inside_is_found_by_the_points_and_nothing_is_claimed():
    worst = worst_case(lambda rows: ((rows[:, 0] - 0.1) ** 2) + rows[:, 1], TABLE)
    assert worst.least < 0.01
    assert not worst.proven
    assert "Not proven" in worst.summary()
    frame = worst.to_frame().set_index("key")
    assert frame.loc["a", "end"] == "between"


def test_monotone_without_a_direction_is_not_proven():
    worst = worst_case(lambda rows: rows[:, 0] + 0 * rows[:, 1], TABLE, shape="monotone")
    assert not worst.proven
    assert "no direction" in worst.reason


def test_it_is_no_higher_than_any_point_inside_for_a_smooth_function():
    def outcome(rows: np.ndarray) -> np.ndarray:
        a, b, c = rows.T
        return np.exp(a) * b - np.sqrt(c) * a

    worst = worst_case(outcome, TABLE)
    ranges = TABLE[["low", "high"]].to_numpy()
    inside = ranges[:, 0] + np.random.default_rng(6).random((4_000, 3)) * np.diff(ranges, axis=1).T
    assert worst.least <= outcome(inside).min() + 0.02


def test_the_margin_says_when_there_is_none():
    never = worst_case(lambda rows: rows[:, 1] + 1, TABLE)
    assert np.isnan(never.margin)
    assert "not negative anywhere" in never.summary()
    already = worst_case(lambda rows: rows[:, 0] - 9, TABLE)
    assert already.margin == 0
    assert "before any input moves" in already.summary()


def test_it_introduces_itself():
    worst = worst_case(lambda rows: rows @ [2.0, -3.0, 1.0] + 2, TABLE, about=About(price_base="2026-27"))
    assert WorstCase.from_json(worst.to_json()) == worst
    assert "turns negative once every input has moved 43%" in worst.summary()
    assert worst.plot().get_xlabel().startswith("Share of the way")


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="'convex' is no shape"):
        worst_case(lambda rows: rows[:, 0], TABLE, shape="convex")
    with pytest.raises(ValueError, match="points is 100; give a power of two"):
        worst_case(lambda rows: rows[:, 0], TABLE, points=100)

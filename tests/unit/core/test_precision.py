"""Monte Carlo errors in closed form; against the spread over many seeds in tests/unit/sensitivity."""

import math

import pytest

from communitybudget._core.precision import monte_carlo_error, paired_error, probability_error, ratio_error


def test_an_error_is_the_standard_deviation_over_the_root_of_the_draws() -> None:
    assert monte_carlo_error([0, 2, 4, 6]) == pytest.approx(math.sqrt(20 / 3) / 2)


def test_what_two_options_share_cancels() -> None:
    assert paired_error([100, 300, 500], [99, 301, 500]) == pytest.approx(monte_carlo_error([1, -1, 0]))


def test_never_and_always_have_the_rule_of_three() -> None:
    assert probability_error([0, 25, 100], 100) == pytest.approx([0.03, math.sqrt(0.25 * 0.75 / 100), 0.03])


def test_a_ratio_by_the_delta_method() -> None:
    above, below = [2.0, 5.0, 5.0], [1.0, 2.0, 3.0]
    left = [a - 2 * b for a, b in zip(above, below, strict=True)]
    assert ratio_error(above, below) == pytest.approx(monte_carlo_error(left) / 2)

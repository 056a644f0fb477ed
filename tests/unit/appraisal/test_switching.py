import math

import pytest

from communitybudget.appraisal import switching_value


def test_a_line_crosses_where_it_must():
    assert math.isclose(switching_value(lambda x: 3 * x - 6, 0, 10), 2, rel_tol=1e-9)
    assert math.isclose(switching_value(lambda x: 3 * x - 6, 0, 10, target=9), 5, rel_tol=1e-9)


def test_published_break_even_of_early_support():
    # Hounslow: £1,478 a family supported early, £64,000 a family whose problems escalate
    # (Public Finance, 10 May 2013).
    assert round(switching_value(lambda fall: 64_000 * fall - 1_478, 0, 1), 4) == 0.0231
    assert round(switching_value(lambda fall: (64_000 - 1_478) * fall - 1_478, 0, 1), 4) == 0.0236


def test_no_crossing_is_nan():
    assert math.isnan(switching_value(lambda x: x * x + 1, -1, 1))


def test_a_crossing_at_an_end_counts():
    assert switching_value(lambda x: x, 0, 1) == 0
    assert switching_value(lambda x: x - 1, 0, 1) == 1


def test_the_lowest_of_two_crossings_within_the_range():
    found = switching_value(lambda x: (x - 0.3) * (x - 0.7), 0, 1)
    assert math.isclose(found, 0.3, rel_tol=1e-9)


def test_touching_the_target_on_the_way_counts():
    assert switching_value(lambda x: (x - 0.5) ** 2, 0, 1) == 0.5


def test_a_jump_across_the_target():
    assert math.isclose(switching_value(lambda x: -1 if x < 0.4 else 1, 0, 1), 0.4, rel_tol=1e-9)


def test_a_small_range_is_searched_as_finely():
    assert math.isclose(switching_value(lambda x: x - 3e-9, 1e-9, 1e-8), 3e-9, rel_tol=1e-9)


@pytest.mark.parametrize(
    ("low", "high", "target"), [(1, 1, 0), (2, 1, 0), (math.nan, 1, 0), (0, math.inf, 0), (0, 1, math.nan)]
)
def test_an_unusable_range_is_refused(low, high, target):
    with pytest.raises(ValueError, match="low below high"):
        switching_value(lambda x: x, low, high, target)


def test_an_outcome_that_is_not_finite_is_refused():
    with pytest.raises(ValueError, match="not finite at 0"):
        switching_value(lambda x: math.nan, 0, 1)

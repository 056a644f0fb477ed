from fractions import Fraction

import numpy as np
import pytest

from communitybudget._core.numbers import above, as_given, whole, within


@pytest.mark.parametrize("number", [1, 0.5, np.int64(1), np.float32(0.5), Fraction(1, 3)])
def test_numbers_of_every_kind_are_numbers(number):
    assert within(number, 0, 1)
    assert above(number, 0)


@pytest.mark.parametrize("slip", ["0.5", None, [0.5], np.array([0.5]), float("nan"), float("inf"), 0.5j])
def test_what_is_no_number_is_within_nothing(slip):
    assert not within(slip)
    assert not above(slip, 0)
    assert not whole(slip, 0)


def test_whole_numbers():
    assert whole(np.int64(3), 1)
    assert not whole(0, 1)
    assert not whole(3.0, 1)


@pytest.mark.parametrize(
    ("value", "said"),
    [(-1.0, "£-1"), (np.float64(0.125), "£0.125"), (True, "£1"), ("1m", "'1m'"), ([], "[]")],
)
def test_what_was_given_is_said(value, said):
    assert as_given(value, "£") == said

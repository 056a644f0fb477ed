"""Draws are numbers with the draws in the first axis."""

import numpy as np
import pytest

from communitybudget._core.draws import as_draws


def test_numbers_come_as_floats():
    assert as_draws([[1, 2], [3, 4]], "outcome").dtype == np.float64


@pytest.mark.parametrize(
    ("values", "least", "words"),
    [
        (3.0, 1, "give at least 1 draws in the first axis"),
        ([1.0], 2, "give at least 2 draws"),
        ([1.0, np.nan], 1, "outcome holds nan at position"),
        (["a"], 1, "outcome must be numbers"),
    ],
)
def test_faults(values, least, words):
    with pytest.raises(ValueError, match=words):
        as_draws(values, "outcome", least)

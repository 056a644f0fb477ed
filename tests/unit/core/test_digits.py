"""Digits that Monte Carlo error supports."""

import math

import pytest

from communitybudget._core.digits import pounds, round_to, supported, supported_chance, supported_unit
from communitybudget.reporting import tables


@pytest.mark.parametrize(
    ("error", "unit"),
    [(0.0, 1), (math.nan, 1), (math.inf, 1), (0.4, 1), (1.0, 1), (9.99, 1), (10.0, 10), (1_450.0, 1_000)],
)
def test_the_unit_is_the_place_of_the_first_digit_of_the_error(error: float, unit: int) -> None:
    assert supported_unit(error) == unit


@pytest.mark.parametrize(
    ("value", "error", "shown"),
    [
        (113_793.0, 1_450.0, "£114,000"),
        (-113_793.0, 90.0, "−£113,790"),
        (113_793.4, 0.0, "£113,793"),
        (113_793.4, math.nan, "£113,793"),
        (4.0, 50.0, "£0"),
        (math.nan, 50.0, "–"),
    ],
)
def test_pounds_show_no_more(value: float, error: float, shown: str) -> None:
    assert supported(value, error) == shown


@pytest.mark.parametrize(
    ("value", "error", "shown"),
    [
        (0.0, 0.001, "under 1%"),
        (0.654, 0.0999, "65%"),
        (0.654, 0.1, "70%"),
        (0.99, 0.2, "over 90%"),
        (0.0, 0.2, "under 10%"),
        (0.5, 1.0, "not known"),
    ],
)
def test_chances_show_no_more(value: float, error: float, shown: str) -> None:
    assert supported_chance(value, error) == shown


def test_a_half_goes_to_the_even_multiple() -> None:
    assert [round_to(value, 10) for value in (5, 15, 25, -5)] == [0, 20, 20, 0]


def test_the_report_uses_the_same() -> None:
    assert (tables.supported, tables.pounds, tables.round_to) == (supported, pounds, round_to)

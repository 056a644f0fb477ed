import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from communitybudget.simulation.weights import year_weights


def test_a_month_is_the_mean_of_its_start_and_end():
    occupancy = year_weights(2).occupancy
    expected = np.zeros((2, 25))
    expected[0, :13] = [0.5, *[1] * 11, 0.5]
    expected[1, 12:] = [0.5, *[1] * 11, 0.5]
    assert_array_equal(occupancy, expected)


def test_moves_fall_in_their_month():
    events = year_weights(2).events
    assert_array_equal(events, np.repeat(np.eye(2), 12, axis=1))


def test_joining_over_the_year_puts_most_of_the_first_months_in_the_first_year():
    weights = year_weights(3, spread_joining=True)
    # the m-th month of a stay falls in the first year for those who joined early enough
    assert_allclose(weights.events[0, :12], np.arange(12, 0, -1) / 12)
    assert_allclose(weights.events[1, :12], np.arange(0, 12) / 12)
    assert_allclose(weights.events.sum(axis=1), [78 / 12, 12, 12])
    assert_allclose(weights.occupancy.sum(axis=1), [78 / 12, 12, 12])
    # months beyond the horizon are in no year: the last joiners miss eleven of theirs
    assert_allclose(weights.events.sum(axis=0)[-12:], np.arange(12, 0, -1) / 12)


@pytest.mark.parametrize("spread", [False, True])
def test_nobody_comes_of_age_unless_told(spread):
    assert not year_weights(2, spread_joining=spread).birthdays.any()


def test_people_come_of_age_on_a_day():
    still = np.ones(25)
    still[6:] = 0.75  # a quarter has a birthday in the sixth month
    weights = year_weights(2, still)
    assert_allclose(weights.birthdays[:, 6], [0.25, 0])
    assert weights.birthdays.sum() == pytest.approx(0.25)
    # five and a half whole months, half a month for the quarter that leaves, then three quarters
    assert weights.occupancy.sum() == pytest.approx(5 + 0.5 + 0.5 * 0.75 + 18 * 0.75)
    assert weights.events.sum() == pytest.approx(6 + 18 * 0.75)

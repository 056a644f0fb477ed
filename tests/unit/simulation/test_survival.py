import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.integrate import quad

from communitybudget.simulation import Sojourn
from communitybudget.simulation.survival import further_stay, piecewise_numbers


def test_hazards_far_out_keep_their_digits():
    # long after anybody is left to count, the hazard of a gamma is one over the mean of
    # (1 + u / t)^(shape - 1) for an exponential u
    def at(t):
        return 1 / quad(lambda u: (1 + u / t) ** 1.5 * np.exp(-u), 0, np.inf)[0]

    starts = [50.0, 500.0, 690.0, 2_000.0]
    hazards = Sojourn.gamma(2.5, 1).hazard(starts, np.add(starts, 1))
    assert_allclose(hazards, [quad(at, t, t + 1)[0] for t in starts], rtol=1e-8)


def test_nothing_is_left_without_a_hazard():
    with np.errstate(all="raise", under="ignore"):
        assert float(Sojourn.gamma(200, 3).hazard(1e5, 1e5 + 1)) == pytest.approx(
            1 / 3 * (1 - 199 / 33333), rel=1e-4
        )
        assert float(Sojourn.gompertz(0.2, 0.1).survival(1e6)) == 0
        assert float(Sojourn.lognormal(0, 1).hazard(1e9, 2e9)) > 10


def test_gompertz_near_and_below_a_constant_hazard():
    assert_allclose(Sojourn.gompertz(0, 0.1).survival([0, 5]), np.exp([-0.0, -0.5]), rtol=1e-15)
    assert_allclose(Sojourn.gompertz(1e-7, 0.1).mean, 10, rtol=1e-5)
    some_stay = Sojourn.gompertz(-0.2, 0.1)
    assert float(some_stay.survival(1e4)) == pytest.approx(np.exp(-0.5))
    assert np.isinf(some_stay.mean)


def test_rates_of_bands_by_hand():
    ends, rates = piecewise_numbers(np.array([2.0, 5.0]), np.array([0.5, 0.25, 0.25]))
    assert_allclose(ends, [2, 5])
    assert_allclose(rates, [np.log(2) / 2, np.log(2) / 3, np.log(2) / 3])


def test_shares_are_rescaled_from_their_printed_rounding():
    printed = piecewise_numbers(np.array([2.0, 5.0]), np.array([0.501, 0.25, 0.25]))[1]
    exact = piecewise_numbers(np.array([2.0, 5.0]), np.array([0.501, 0.25, 0.25]) / 1.001)[1]
    assert_allclose(printed, exact, rtol=1e-14)


@pytest.mark.parametrize("time", [0.5, 3.0, 7.0, 12.0, 30.0])
def test_further_stay_on_bands(time):
    stay = Sojourn.piecewise([3, 12], [0.4, 0.3, 0.3])
    later = quad(
        lambda t: float(stay.survival(t)), time, 400, points=[p for p in (3, 12) if p > time], limit=200
    )[0]
    assert float(further_stay(stay.form, stay.numbers, time)) == pytest.approx(
        later / float(stay.survival(time)), rel=1e-7
    )


def test_without_memory_the_further_stay_is_the_mean():
    stay = Sojourn.exponential(8)
    assert_allclose([further_stay(stay.form, stay.numbers, t) for t in (1.0, 10.0, 40.0)], 8, rtol=1e-9)

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.integrate import quad
from scipy.special import roots_genlaguerre

from communitybudget._core.errors import ParameterError
from communitybudget.simulation import frailty_classes, gamma_frailty, lognormal_frailty


def survival(frailty, hazard):
    """Share of families left after a gathered hazard, class by class."""
    return sum(s * np.exp(-m * hazard) for m, s in zip(frailty.multipliers, frailty.shares, strict=True))


class TestGamma:
    @pytest.mark.parametrize("variance", [0.05, 0.3, 1.0, 2.5])
    def test_the_rule_of_laguerre(self, variance):
        shape = 1 / variance
        places, weights = roots_genlaguerre(5, shape - 1)
        frailty = gamma_frailty(variance)
        assert_allclose(frailty.multipliers, places * variance, rtol=1e-10)
        assert_allclose(frailty.shares, weights / weights.sum(), rtol=1e-8)

    @pytest.mark.parametrize(
        ("variance", "nodes", "error"), [(0.2, 5, 1e-7), (0.5, 5, 1e-5), (0.5, 10, 1e-9)]
    )
    def test_survival_in_closed_form(self, variance, nodes, error):
        # Laplace transform of the gamma distribution: (1 + variance H)^(-1 / variance)
        for hazard in (0.05, 0.3, 1.0):
            exact = (1 + variance * hazard) ** (-1 / variance)
            assert abs(survival(gamma_frailty(variance, nodes), hazard) - exact) < error

    def test_those_left_are_the_less_frail(self):
        # the mean multiplier of those left after a gathered hazard H is 1 / (1 + variance H)
        frailty = gamma_frailty(0.5, nodes=12)
        left = frailty.shares * np.exp(-frailty.multipliers * 0.8)
        assert left @ frailty.multipliers / left.sum() == pytest.approx(1 / (1 + 0.5 * 0.8), rel=1e-9)

    def test_no_variance_is_one_kind_of_family(self):
        assert_allclose(gamma_frailty(0.0).multipliers, 1, rtol=0, atol=0)
        assert_allclose(lognormal_frailty(0.0).multipliers, 1, rtol=1e-15)

    def test_third_moment(self):
        frailty = gamma_frailty(0.7, nodes=2)
        third = frailty.shares @ frailty.multipliers**3
        assert third == pytest.approx((1 + 0.7) * (1 + 2 * 0.7), rel=1e-13)


class TestBoth:
    @settings(max_examples=25)
    @given(st.floats(0, 2.5), st.integers(4, 12), st.sampled_from([gamma_frailty, lognormal_frailty]))
    def test_mean_is_one_and_variance_as_asked(self, variance, nodes, make):
        frailty = make(variance, nodes)
        assert frailty.shares.sum() == pytest.approx(1, abs=1e-15 * nodes)
        assert frailty.shares @ frailty.multipliers == pytest.approx(1, abs=1e-15 * nodes)
        assert frailty.variance == pytest.approx(variance, abs=1e-12, rel=1e-12)
        assert (frailty.multipliers > 0).all()

    @pytest.mark.parametrize("make", [gamma_frailty, lognormal_frailty])
    def test_what_is_no_frailty(self, make):
        with pytest.raises(ParameterError, match="variance of frailty is -1") as told:
            make(-1.0, 1)
        assert "at least 2" in str(told.value)


class TestLogNormal:
    @pytest.mark.parametrize(
        ("variance", "nodes", "error"), [(0.3, 5, 1e-4), (0.5, 7, 1e-4), (1.0, 11, 2e-4)]
    )
    def test_survival_by_numbers(self, variance, nodes, error):
        spread = np.sqrt(np.log1p(variance))
        for hazard in (0.05, 0.3, 1.0):
            exact = quad(
                lambda z, h=hazard: (
                    np.exp(-h * np.exp(spread * z - spread**2 / 2) - z * z / 2) / np.sqrt(2 * np.pi)
                ),
                -12,
                12,
            )[0]
            assert abs(survival(lognormal_frailty(variance, nodes), hazard) - exact) < error

    def test_many_nodes_need_no_widening(self):
        frailty = lognormal_frailty(0.5, nodes=30)
        apart = np.diff(np.log(frailty.multipliers)) / np.diff(np.polynomial.hermite_e.hermegauss(30)[0])
        assert_allclose(apart, np.sqrt(np.log(1.5)), rtol=1e-9)

    def test_more_variance_than_two_nodes_have(self):
        with pytest.raises(ParameterError, match="take more nodes"):
            lognormal_frailty(1.0, nodes=2)


class TestClasses:
    def test_only_ratios_count(self):
        one, other = frailty_classes([1, 4], [0.9, 0.1]), frailty_classes([2, 8], [0.9, 0.1])
        assert_allclose(one.multipliers, np.array([1, 4]) / 1.3, rtol=1e-15)
        assert_allclose(other.multipliers, one.multipliers, rtol=1e-15)
        assert one.variance == pytest.approx(0.9 * (1 / 1.3 - 1) ** 2 + 0.1 * (4 / 1.3 - 1) ** 2)

    def test_some_may_be_safe(self):
        assert frailty_classes([0, 1], [0.5, 0.5]).multipliers.tolist() == [0, 2]

    def test_faults(self):
        with pytest.raises(ParameterError, match="negative") as told:
            frailty_classes([1, -4], [0.9, 0.2])
        assert "sum to 1.1" in str(told.value)
        with pytest.raises(ParameterError, match="one share for each"):
            frailty_classes([1, 2], [1.0])
        with pytest.raises(ParameterError, match="all are 0"):
            frailty_classes([0, 0], [0.5, 0.5])

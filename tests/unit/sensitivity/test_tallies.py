import numpy as np
from numpy.testing import assert_allclose

from communitybudget.sensitivity import Histogram, Moments


class TestTallies:
    values = np.random.default_rng(1).lognormal(0, 1, (3, 20_000)) * [[1.0], [100.0], [0.0]] - [
        [0],
        [50],
        [-7],
    ]

    def test_moments_are_those_of_all_draws(self):
        moments = Moments()
        for start in range(0, 20_000, 3_000):
            moments.add(self.values[:, start : start + 3_000])
        assert moments.count == 20_000
        assert_allclose(moments.mean, self.values.mean(axis=1), rtol=1e-13)
        assert_allclose(moments.covariance, np.cov(self.values), rtol=1e-11, atol=1e-12)
        assert moments.covariance[2, 2] == 0  # a series that never changes

    def test_percentiles_lie_within_half_a_bin(self):
        histogram = Histogram()
        for start in range(0, 20_000, 3_000):
            histogram.add(self.values[:, start : start + 3_000])
        shares = [0.001, 0.05, 0.5, 0.95, 0.999]
        found, errors = histogram.quantiles(shares)
        exact = np.quantile(self.values, shares, axis=1)
        assert (np.abs(found - exact) <= errors + 1e-9).all()
        low, high = np.quantile(self.values[:, :4096], [0.01, 0.99], axis=1)
        assert_allclose(errors[1:4], np.tile((high - low) / 2_000 / 2, (3, 1)), rtol=1e-6)
        # outside the bins the bound is wide, and still a bound
        assert (errors[[0, 4], :2] > errors[1, :2]).all()

    def test_point_masses_are_found(self):
        steps = np.random.default_rng(2).choice([0.0, 10.0, 20.0], (1, 9_000), p=[0.5, 0.3, 0.2])
        histogram = Histogram()
        histogram.add(steps)
        found, errors = histogram.quantiles([0.1, 0.6, 0.9])
        assert_allclose(found[:, 0], [0, 10, 20], atol=errors.max() + 1e-12)
        assert errors.max() <= 20 / 2_000 / 2 * 1.0001

    def test_the_lowest_draws(self):
        histogram = Histogram(sums=True)
        for start in range(0, 20_000, 3_000):
            histogram.add(self.values[:1, start : start + 3_000])
        lowest = np.sort(self.values[0])[:2_000]
        tail = histogram.lowest(0.1)
        assert abs(tail.mean - lowest.mean()) <= tail.error + 1e-12
        assert tail.error < 1e-3 * lowest.mean()
        assert_allclose(tail.variance, lowest.var(ddof=1), rtol=1e-3)
        assert_allclose(tail.edge, lowest[-1], rtol=1e-2)

"""What to expect of one figure over draws of the rates: chance within each draw, mixed over all."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from communitybudget._core.draws import FloatArray
from communitybudget.learning.prediction import surprise_of
from communitybudget.learning.weights import Weights, equal_weights

_BEYOND = 1e-12
"""Counts that so little probability lies above are not listed one by one."""


@dataclass(frozen=True, slots=True)
class MixedCounts:
    """Counts of events at the mean of each draw.

    Parameters
    ----------
    mean : ndarray, shape (draw,)
        Events expected.
    families : int, optional
        Binomial among so many families; Poisson if omitted.
    extra_cv : float
        Negative binomial where above 0, see `poisson_log_likelihood`.
    """

    mean: FloatArray
    families: int | None = None
    extra_cv: float = 0.0

    def at_most(self, count: float, weights: Weights) -> float:
        """Return the probability of at most so many."""
        return float(weights.mean(self.at_most_by_draw(count)))

    def at_most_by_draw(self, count: npt.ArrayLike) -> FloatArray:
        """Return the probability of at most so many at the rates of each draw, shape (draw,).

        One count for all draws, or one for each.
        """
        from scipy.special import bdtr, betainc, pdtr

        most = np.broadcast_to(np.floor(np.asarray(count, dtype=np.float64) + 1e-9), self.mean.shape)
        inside = np.maximum(most, 0)
        if self.families == 0:
            share = np.ones(self.mean.shape)
        elif self.families is not None:
            chance = np.clip(self.mean / self.families, 0, 1)
            share = bdtr(np.minimum(inside, self.families), self.families, chance)
        elif self.extra_cv > 0:
            size = self.extra_cv**-2
            share = betainc(size, inside + 1, size / (size + self.mean))
        else:
            share = pdtr(inside, self.mean)
        return np.where(most < 0, 0.0, share)

    def quantile(self, q: float, weights: Weights) -> float:
        """Return the lowest count that is not exceeded with at least this probability."""
        low, high = -1, 1
        while self.at_most(high, weights) < q:
            low, high = high, 2 * high
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self.at_most(middle, weights) >= q else (middle, high)
        return float(high)

    def surprise(self, count: int) -> float:
        """Return the predictive p-value of a count, the draws weighing alike; see `Prediction.surprise`."""
        even = equal_weights(self.mean.size)
        last = int(self.quantile(1 - _BEYOND, even))
        if count > last:
            return max(1 - self.at_most(count - 1, even), 0.0)
        up_to = np.array([0.0, *(self.at_most(k, even) for k in range(last + 1))])
        return surprise_of(np.diff(up_to), count)


@dataclass(frozen=True, slots=True)
class MixedAmounts:
    """Amounts at the mean of each draw, normal around it with the same sd; known exactly where that is 0.

    Parameters
    ----------
    mean : ndarray, shape (draw,)
        Expected.
    sd : float
        By how much the amount differs from it by chance.
    """

    mean: FloatArray
    sd: float = 0.0

    def at_most(self, amount: float, weights: Weights) -> float:
        """Return the probability of at most so much."""
        from scipy.special import ndtr

        if self.sd == 0:
            return weights.probability(self.mean <= amount)
        return float(weights.mean(ndtr((amount - self.mean) / self.sd)))

    def quantile(self, q: float, weights: Weights) -> float:
        """Return the amount that is not exceeded with this probability."""
        from scipy.optimize import brentq

        if self.sd == 0:
            return weights.quantile(self.mean, q)
        low, high = self.mean.min() - 10 * self.sd, self.mean.max() + 10 * self.sd
        return float(brentq(lambda amount: self.at_most(amount, weights) - q, low, high, xtol=1e-9 * self.sd))

    def surprise(self, amount: float) -> float:
        """Return the two-sided predictive p-value of an amount, twice the smaller tail."""
        below = self.at_most(amount, equal_weights(self.mean.size))
        return float(np.clip(2 * min(below, 1 - below), 0.0, 1.0))

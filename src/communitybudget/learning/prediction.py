"""What to expect of the next families, and how surprising what was seen is."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.results import result

PredictionKind = Literal["beta_binomial", "negative_binomial", "normal", "student_t"]

# rounding must not decide which of two equally likely counts is the less likely one
_LESS_LIKELY = 1 + 1e-7
_BEYOND = 1e-13


@result
@dataclass(frozen=True, slots=True)
class Prediction:
    """The distribution of a total over families that have not been seen yet.

    Parameters
    ----------
    kind : {'beta_binomial', 'negative_binomial', 'normal', 'student_t'}
        Form.
    numbers : tuple of float
        ``beta_binomial`` (families, a, b); ``negative_binomial`` (shape, mean); ``normal`` (mean, sd);
        ``student_t`` (degrees of freedom, centre, scale).
    """

    kind: PredictionKind
    numbers: tuple[float, ...]

    @property
    def _form(self) -> Any:
        from scipy import stats

        n = self.numbers
        match self.kind:
            case "beta_binomial":
                return stats.betabinom(int(n[0]), n[1], n[2])
            case "negative_binomial":
                return stats.nbinom(n[0], n[0] / (n[0] + n[1]))
            case "normal":
                return stats.norm(n[0], n[1])
            case "student_t":
                return stats.t(n[0], n[1], n[2])

    @property
    def is_count(self) -> bool:
        """Whether the total is a whole number of events."""
        return self.kind in ("beta_binomial", "negative_binomial")

    @property
    def mean(self) -> float:
        """Mean of the total."""
        return float(self._form.mean())

    @property
    def sd(self) -> float:
        """Standard deviation of the total; infinite with two degrees of freedom or fewer."""
        return float(self._form.std())

    def quantile(self, q: float) -> float:
        """Return the lowest total that is not exceeded with probability ``q``."""
        return float(self._form.ppf(q))

    def interval(self, probability: float = 0.95) -> tuple[float, float]:
        """Return the central interval; of a count the whole numbers that enclose at least this much.

        Examples
        --------
        >>> Prediction("normal", (0.0, 1.0)).interval(0.95)
        (-1.96, 1.96)
        """
        tail = (1 - probability) / 2
        return self.quantile(tail), self.quantile(1 - tail)

    def probability_at_most(self, total: float) -> float:
        """Return the probability that the total does not exceed an amount."""
        return float(self._form.cdf(total))

    def density(self, total: float) -> float:
        """Return the probability of a count, or the density of an amount."""
        return float(self._form.pmf(total) if self.is_count else self._form.pdf(total))

    def surprise(self, observed: float) -> float:
        """Return the predictive p-value: how probable is a total as unlikely as this one, or less likely.

        Parameters
        ----------
        observed : float
            What was seen.

        Returns
        -------
        float
            Between 0 and 1; small where what was seen is surprising, on whichever side.

        Notes
        -----
        Source: G. E. P. Box, "Sampling and Bayes' inference in scientific modelling and robustness", JRSS A
        143 (1980); M. Evans and H. Moshonov, "Checking for prior-data conflict", Bayesian Analysis 1 (2006),
        who take it of the minimal sufficient statistic, as here.

        Examples
        --------
        >>> Prediction("beta_binomial", (9.0, 1.0, 1.0)).surprise(0)  # all of 0 to 9 alike
        1.0
        """
        if not self.is_count:
            return float(2 * self._form.sf(self._centre + abs(observed - self._centre)))
        last = self.numbers[0] if self.kind == "beta_binomial" else float(self._form.isf(_BEYOND))
        if observed > last:
            return float(self._form.sf(observed - 1))
        counts = np.arange(last + 1)
        return surprise_of(self._form.pmf(counts), int(observed))

    @property
    def _centre(self) -> float:
        return self.numbers[0] if self.kind == "normal" else self.numbers[1]


def surprise_of(probabilities: NDArray[np.float64], observed: int) -> float:
    """Return the probability of the counts that are as unlikely as the one observed, or less likely.

    Parameters
    ----------
    probabilities : ndarray, shape (count,)
        Of 0, 1, 2, ... events; what is not listed is less likely than all that is.
    observed : int
        The count seen, one of those listed.

    Examples
    --------
    >>> surprise_of(np.array([0.5, 0.3, 0.15, 0.05]), 2)
    0.2
    """
    likelier = probabilities > probabilities[observed] * _LESS_LIKELY
    return float(np.clip(1 - probabilities[likelier].sum(), 0.0, 1.0))

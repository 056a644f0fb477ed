"""When enough has been drawn: looks at growing numbers of draws, and what drawing alone leaves open."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from communitybudget.sensitivity.draws import FloatArray, as_draws, within_rounding_of_largest

_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True, eq=False)
class Lead:
    """How far the option that is best on average is ahead, as far as the draws can tell.

    Parameters
    ----------
    best : int
        Position of the option with the best mean; of those that tie within rounding, the first.
    lead : ndarray, shape (option,)
        Best mean less each mean, GBP; 0 for the best itself.
    error : ndarray, shape (option,)
        Monte Carlo standard error of each lead over common draws; 0 where two options are alike in every
        draw.
    """

    best: int
    lead: FloatArray
    error: FloatArray

    @property
    def in_errors(self) -> FloatArray:
        """Each lead over its error, shape (option,); infinite where there is no error."""
        return np.divide(self.lead, self.error, out=np.full_like(self.lead, np.inf), where=self.error > 0)

    @property
    def loss(self) -> float:
        """What deciding now loses on average by Monte Carlo error alone, GBP: an upper bound.

        The mean of each lead is taken as normal about its estimate; the parts below zero add up over the
        rivals.
        """
        lost = 0.0
        for lead, error in zip(self.lead, self.error, strict=True):
            if error > 0:
                z = float(lead / error)
                lost += float(error) * (_NORMAL.pdf(z) - z * _NORMAL.cdf(-z))
        return lost


def lead_of(mean: npt.ArrayLike, covariance: npt.ArrayLike, draws: int) -> Lead:
    """Return how far the option that is best on average is ahead.

    Parameters
    ----------
    mean : array_like, shape (option,)
        Mean net benefit over the draws, GBP, larger is better.
    covariance : array_like, shape (option, option)
        Of net benefit over the common draws.
    draws : int
        How many there were.

    Raises
    ------
    ValueError
        If the shapes do not match, a value is not finite, or there is no draw.

    Notes
    -----
    The loss is the bound on expected opportunity cost of S. E. Chick and K. Inoue, "New two-stage and
    sequential procedures for selecting the best simulated system", Operations Research 49 (2001), with
    normal instead of Student deviates.

    Examples
    --------
    >>> lead = lead_of([0.0, 20.0], [[0.0, 0.0], [0.0, 10_000.0]], draws=100)
    >>> lead.best, lead.in_errors.tolist(), round(lead.loss, 2)
    (1, [2.0, inf], 0.08)
    """
    means, spread = as_draws(mean, "mean"), as_draws(covariance, "covariance")
    if means.ndim != 1 or spread.shape != (means.size, means.size):
        raise ValueError(
            f"mean has shape {means.shape} and covariance {spread.shape}; give (option,) and (option, option)"
        )
    if draws < 1:
        raise ValueError(f"draws is {draws}; give the number of draws, 1 or more")
    best = within_rounding_of_largest(means)[0]
    own = np.diag(spread)
    variance = own + own[best] - 2 * spread[best]
    # what is left of equal spreads after subtraction is rounding
    variance = np.where(variance > 1e-12 * (own + own[best]), variance, 0.0)
    return Lead(best, np.maximum(means[best] - means, 0.0), np.sqrt(variance / draws))


def look_numbers(least: int, most: int) -> tuple[int, ...]:
    """Return at how many draws to look: each time twice as many, and at the most in the end.

    Parameters
    ----------
    least, most : int
        The first and the last look; 2 or more.

    Raises
    ------
    ValueError
        If ``least`` is below 2, or ``most`` below ``least``.

    Examples
    --------
    >>> look_numbers(1_000, 6_000)
    (1000, 2000, 4000, 6000)
    """
    if least < 2:
        raise ValueError(f"least is {least}; an error needs 2 draws or more")
    if most < least:
        raise ValueError(f"most is {most} and least {least}; the first look cannot come after the last")
    numbers = []
    number = least
    while number < most:
        numbers.append(number)
        number *= 2
    return (*numbers, most)


def errors_wide(confidence: float, statements: int, sides: int = 2) -> float:
    """Return how many standard errors wide several statements must be to hold all together.

    Parameters
    ----------
    confidence : float
        Probability that all of them hold, between 0 and 1.
    statements : int
        How many: for example looks times rivals.
    sides : int, default 2
        1 where only one direction can be wrong.

    Raises
    ------
    ValueError
        If the confidence is not between 0 and 1, or there is no statement.

    Notes
    -----
    Bonferroni: what may go wrong is shared out evenly, so that repeated looks at growing draws are paid for
    however they depend on each other.

    Examples
    --------
    >>> round(errors_wide(0.95, 1), 2), round(errors_wide(0.95, 10), 2)
    (1.96, 2.81)
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence:g}; give a share between 0 and 1, such as 0.95")
    if statements < 1:
        raise ValueError(f"statements is {statements}; there must be 1 at the least")
    return _NORMAL.inv_cdf(1 - (1 - confidence) / (sides * statements))

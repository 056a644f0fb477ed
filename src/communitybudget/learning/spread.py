"""Exact updating of a mean and of the spread over families, when neither is known."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from communitybudget._core.results import result
from communitybudget.learning.prediction import Prediction
from communitybudget.parameters import Distribution, from_mean_sd


@result
@dataclass(frozen=True, slots=True)
class MeanAndSpread:
    """What is known of the mean and the standard deviation of one family's amount.

    A normal-inverse-gamma distribution, said in families: how many the mean is worth, and how many the
    standard deviation.

    Parameters
    ----------
    mean : float
        Best value of the mean.
    worth : float
        As sure as the mean of so many families; 0 where nothing is known of it.
    sd : float
        Best value of the standard deviation of one family.
    sd_worth : float
        As sure as the standard deviation from so many degrees of freedom; -1 where nothing is known of it.
    """

    mean: float
    worth: float
    sd: float
    sd_worth: float

    def __post_init__(self) -> None:
        fine = all(map(math.isfinite, (self.mean, self.worth, self.sd, self.sd_worth)))
        if not fine or self.worth < 0 or self.sd < 0 or self.sd_worth < -1:
            raise ValueError(
                f"{self} is not possible; give finite numbers, worth and sd from 0, sd_worth from -1"
            )

    def mean_prediction(self) -> Prediction:
        """Return the distribution of the mean itself, a Student t.

        Raises
        ------
        ValueError
            If too little is known for there to be one.
        """
        self._needs_knowledge()
        return Prediction("student_t", (self.sd_worth, self.mean, self.sd / math.sqrt(self.worth)))

    def predict(self, families: int) -> Prediction:
        """Return what to expect of the total over the next families, a Student t.

        Raises
        ------
        ValueError
            If too little is known for there to be one, or there are no families.
        """
        self._needs_knowledge()
        if families < 1:
            raise ValueError(f"the next families are {families}; give 1 or more")
        scale = families * self.sd * math.sqrt(1 / self.worth + 1 / families)
        return Prediction("student_t", (self.sd_worth, families * self.mean, scale))

    def distribution(self) -> Distribution:
        """Return a normal distribution with the mean and the standard deviation of the Student t.

        Raises
        ------
        ValueError
            If there are two degrees of freedom or fewer: the Student t has no standard deviation.
        """
        sd = self.mean_prediction().sd
        if not math.isfinite(sd):
            raise ValueError("the mean has no standard deviation yet; it needs more than three families")
        return from_mean_sd(self.mean, sd, "real")

    def _needs_knowledge(self) -> None:
        if not (self.worth > 0 and self.sd > 0 and self.sd_worth > 0):
            raise ValueError("too little is known for a prediction; learn from at least two families first")


NOTHING_KNOWN = MeanAndSpread(0.0, 0.0, 0.0, -1.0)
"""The usual vague prior: every mean and every log of the standard deviation alike."""


def learn_mean_and_spread(prior: MeanAndSpread, amounts: Sequence[float]) -> MeanAndSpread:
    """Update the mean and the spread of amounts over families.

    Parameters
    ----------
    prior : MeanAndSpread
        What was known; `NOTHING_KNOWN` where that is nothing.
    amounts : sequence of float, shape (family,)
        One for each family, at least one.

    Returns
    -------
    MeanAndSpread

    Raises
    ------
    ValueError
        If there are no amounts, or one is not finite.

    Notes
    -----
    Source: Gelman et al., Bayesian Data Analysis, 3rd ed. (2013), section 3.3. Amounts are taken as normal:
    with fewer than some thirty skewed costs, see ``docs/methods/pilot-claims.md`` instead.

    Examples
    --------
    >>> known = learn_mean_and_spread(NOTHING_KNOWN, [2.0, 4.0, 6.0])
    >>> known.mean, known.worth, known.sd, known.sd_worth
    (4.0, 3.0, 2.0, 2.0)
    """
    seen = np.asarray(amounts, dtype=np.float64)
    if seen.ndim != 1 or seen.size == 0 or not np.isfinite(seen).all():
        raise ValueError(f"amounts has shape {seen.shape}; give one finite amount for each family")
    families, mean = seen.size, float(seen.mean())
    worth, sd_worth = prior.worth + families, prior.sd_worth + families
    squares = (
        max(prior.sd_worth, 0.0) * prior.sd**2
        + float(((seen - mean) ** 2).sum())
        + prior.worth * families / worth * (mean - prior.mean) ** 2
    )
    return MeanAndSpread(
        (prior.worth * prior.mean + families * mean) / worth,
        worth,
        math.sqrt(squares / sd_worth) if sd_worth > 0 else 0.0,
        sd_worth,
    )

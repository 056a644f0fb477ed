"""Exact distribution of what will be expected after a study, where prior and data belong together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from communitybudget.sensitivity.draws import FloatArray
from communitybudget.sensitivity.sample_methods import Found, StudiedChoice, fitting_error
from communitybudget.sensitivity.study import Study
from communitybudget.sensitivity.study_designs import SingleGroup

_MEANS, _REACH = 4_001, 8.0
"""Means after the study, and how many standard deviations they reach, in the normal case."""
_INNER = 32
_ERRORS = 5.0
"""Standard errors by which mean and spread of the draws may differ from those of the prior."""


@dataclass(frozen=True, slots=True)
class BetaPrior:
    """What is believed of a share: as if so many families with and without the event had been seen.

    Parameters
    ----------
    events, others : float
        Both above 0.

    Examples
    --------
    >>> BetaPrior(3, 9).mean
    0.25
    """

    events: float
    others: float

    def __post_init__(self) -> None:
        if not min(self.events, self.others) > 0:
            raise ValueError(f"events is {self.events} and others {self.others}; give numbers above 0")

    @property
    def mean(self) -> float:
        """Mean of the share."""
        return self.events / (self.events + self.others)

    @property
    def sd(self) -> float:
        """Standard deviation of the share."""
        return float(np.sqrt(self.mean * (1 - self.mean) / (self.events + self.others + 1)))


@dataclass(frozen=True, slots=True)
class NormalPrior:
    """What is believed of an amount or an effect: a normal distribution.

    Parameters
    ----------
    mean : float
    sd : float
        Above 0.
    """

    mean: float
    sd: float

    def __post_init__(self) -> None:
        if not self.sd > 0:
            raise ValueError(f"sd is {self.sd}; give a number above 0")


Prior = BetaPrior | NormalPrior


@dataclass(frozen=True, slots=True, eq=False)
class _After:
    """What may be believed after a study.

    Parameters
    ----------
    probability : ndarray, shape (outcome,)
        Sums to one.
    mean : ndarray, shape (outcome,)
        Of the input after the outcome.
    points, weights : ndarray, shape (outcome, point) and (point,)
        Values of the input that stand for its distribution after the outcome.
    """

    probability: FloatArray
    mean: FloatArray
    points: FloatArray
    weights: FloatArray


def by_conjugacy(decision: StudiedChoice, study: Study, sizes: Sequence[int], prior: Prior) -> Found:
    """Add up or integrate over all results of studies of some sizes.

    Only the regression of net benefit on the input is estimated; nothing is made up. A straight line through
    it is taken through the study exactly, the rest by points of the distribution after it.

    Parameters
    ----------
    decision : StudiedChoice
    study : Study
        A single group with an event for a beta prior; a design with a normal error that does not depend on
        the inputs for a normal prior.
    sizes : sequence of int
    prior : BetaPrior or NormalPrior
        From which the draws of the input came.

    Returns
    -------
    Found

    Raises
    ------
    ValueError
        If study and prior do not belong together, or the draws did not come from the prior.
    """
    if len(study.informs) != 1:
        raise ValueError(f"{study.in_words()} informs {len(study.informs)} inputs; a prior is that of one")
    name = study.informs[0]
    values = decision.inputs[name].to_numpy(dtype=np.float64)
    _check_draws(name, values, prior)
    order = np.argsort(values, kind="stable")
    line = np.polyfit(values, decision.fit.fitted, 1)
    bends = (decision.fit.fitted - np.outer(values, line[0]) - line[1])[order]

    def worth(after: _After) -> float:
        rest = [np.interp(after.points, values[order], bend) @ after.weights for bend in bends.T]
        expected = np.outer(after.mean, line[0]) + line[1] + np.stack(rest, axis=1)
        return float(after.probability @ np.maximum(expected.max(axis=1), 0.0)) * decision.unbiased

    found = np.array([worth(_after(study, families, prior)) for families in sizes])
    ceiling = worth(_after_all(prior))
    return Found(
        values=found,
        covariance=fitting_error(decision, found),
        effective_draws=np.full(len(found), float(len(values))),
        ceiling=ceiling,
        ceiling_error=float(np.sqrt(fitting_error(decision, np.array([ceiling]))[0, 0])),
    )


def _after(study: Study, families: int, prior: Prior) -> _After:
    if isinstance(prior, NormalPrior):
        return _after_normal(prior, study.noise_variance(families))
    if not isinstance(study, SingleGroup) or study.sd is not None or study.population is not None:
        raise ValueError(
            f"{study.in_words()} does not go with a beta prior; it takes a single group with an event, out "
            "of families at large"
        )
    return _after_beta(prior, study.counted(families))


def _after_all(prior: Prior) -> _After:
    """Return what may be believed after a study that tells all: any one value of the prior."""
    if isinstance(prior, NormalPrior):
        return _after_normal(prior, 0.0)
    from scipy.special import betaincinv

    values = betaincinv(prior.events, prior.others, (np.arange(_MEANS) + 0.5) / _MEANS)
    return _After(np.full(_MEANS, 1 / _MEANS), values, values[:, np.newaxis], np.ones(1))


def _after_normal(prior: NormalPrior, noise: float) -> _After:
    share = prior.sd**2 / (prior.sd**2 + noise)
    z = np.linspace(-_REACH, _REACH, _MEANS)
    density = np.exp(-(z**2) / 2)
    mean = prior.mean + prior.sd * np.sqrt(share) * z
    nodes, weights = np.polynomial.hermite_e.hermegauss(_INNER)
    points = np.add.outer(mean, prior.sd * np.sqrt(1 - share) * nodes)
    return _After(density / density.sum(), mean, points, weights / weights.sum())


def _after_beta(prior: BetaPrior, families: int) -> _After:
    from scipy.special import betaincinv
    from scipy.stats import betabinom

    events = np.arange(families + 1)
    a, b = prior.events + events, prior.others + families - events
    middles = (np.arange(_INNER) + 0.5) / _INNER
    points = betaincinv(a[:, np.newaxis], b[:, np.newaxis], middles)
    probability = betabinom.pmf(events, families, prior.events, prior.others)
    return _After(probability, a / (a + b), points, np.full(_INNER, 1 / _INNER))


def _check_draws(name: str, values: FloatArray, prior: Prior) -> None:
    """Refuse draws whose mean or spread is not that of the prior."""
    apart = abs(values.mean() - prior.mean) / (prior.sd / np.sqrt(values.size))
    squares = (values - prior.mean) ** 2
    spread = abs(squares.mean() - prior.sd**2) / (squares.std() / np.sqrt(values.size))
    if max(apart, spread) > _ERRORS:
        raise ValueError(
            f"the draws of {name} have mean {values.mean():.4g} and sd {values.std():.4g}, the prior has "
            f"{prior.mean:.4g} and {prior.sd:.4g}; give the prior from which they were drawn"
        )

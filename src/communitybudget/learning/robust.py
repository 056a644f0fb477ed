"""A prior with real weight on knowing little, for when the data contradict what was assumed."""

from dataclasses import dataclass

from communitybudget._core.results import result
from communitybudget.learning.conjugate import Update, learn_mean, learn_rate, learn_share, sd_of
from communitybudget.learning.prediction import Prediction
from communitybudget.parameters import Distribution, from_mean_sd


@result
@dataclass(frozen=True, slots=True)
class RobustUpdate:
    """Two updates, of the prior and of a vague one, and the weight that each has now.

    Parameters
    ----------
    informed, vague : Update
        The same data seen under either prior.
    vague_before, vague_weight : float
        Weight of the vague prior before and after.
    """

    informed: Update
    vague: Update
    vague_before: float
    vague_weight: float

    @property
    def _parts(self) -> tuple[tuple[float, Update], tuple[float, Update]]:
        return (1 - self.vague_weight, self.informed), (self.vague_weight, self.vague)

    @property
    def mean(self) -> float:
        """Mean of the number now."""
        return sum(weight * update.posterior.mean for weight, update in self._parts)

    @property
    def sd(self) -> float:
        """Standard deviation of the number now."""
        squares = sum(w * (sd_of(u.posterior) ** 2 + u.posterior.mean**2) for w, u in self._parts)
        return float((squares - self.mean**2) ** 0.5)

    def predict(self, families: float) -> tuple[tuple[float, Prediction], ...]:
        """Return the weight and the prediction of each part; together they are what to expect."""
        return tuple((weight, update.predict(families)) for weight, update in self._parts)

    def probability_at_most(self, total: float, families: float) -> float:
        """Return the probability that the total over the next families does not exceed an amount."""
        return sum(w * prediction.probability_at_most(total) for w, prediction in self.predict(families))

    def distribution(self) -> Distribution:
        """Return one distribution with the mean and sd of the mixture; its two humps are lost."""
        kind = self.informed.posterior.kind
        support = {"beta": "share", "gamma": "positive", "normal": "real"}[kind]
        return from_mean_sd(self.mean, self.sd, support)  # type: ignore[arg-type]

    def sentence(self) -> str:
        """Return in words which prior the data speak for."""
        return (
            f"The data moved the weight of the vague prior from {self.vague_before:.0%} to "
            f"{self.vague_weight:.0%}."
        )


def robust(update: Update, vague: Distribution, vague_weight: float = 0.2) -> RobustUpdate:
    """Return the same update with a mixture of its prior and a vague one.

    Parameters
    ----------
    update : Update
        With the prior that the data may contradict.
    vague : Distribution
        A prior of the same form that knows little; how vague it is, is a choice to be stated.
    vague_weight : float
        How probable it was that the prior does not apply here.

    Returns
    -------
    RobustUpdate
        The weight moves as the data are likelier under one or the other.

    Raises
    ------
    ValueError
        If the weight is not between 0 and 1, or the vague prior has another form.

    Notes
    -----
    Source: H. Schmidli et al., "Robust meta-analytic-predictive priors in clinical trials with historical
    control information", Biometrics 70 (2014).

    Examples
    --------
    >>> from communitybudget.learning import learn_share
    >>> from communitybudget.parameters import from_events
    >>> seen = learn_share(from_events(2, 100), events=9, families=18)
    >>> robust(seen, from_events(1, 2)).vague_weight
    1.0
    """
    if not 0 < vague_weight < 1:
        raise ValueError(f"the weight of the vague prior is {vague_weight}; give a number between 0 and 1")
    after = relearn(update, vague)
    likely, unlikely = (1 - vague_weight) * update.evidence, vague_weight * after.evidence
    if likely + unlikely == 0:
        raise ValueError("what was seen is impossible under both priors; check it, or widen the vague prior")
    return RobustUpdate(update, after, vague_weight, unlikely / (likely + unlikely))


def relearn(update: Update, prior: Distribution) -> Update:
    """Return what the same data say from another prior of the same form."""
    match update.posterior.kind:
        case "beta":
            return learn_share(prior, int(update.total), int(update.families), update.label)
        case "gamma":
            return learn_rate(prior, int(update.total), update.families, update.label)
        case _:
            return learn_mean(prior, update.total, int(update.families), update.family_sd, update.label)

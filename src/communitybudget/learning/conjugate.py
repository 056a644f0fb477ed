"""Exact updating of one number with what was seen: shares, rates and means."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from communitybudget._core.cards import Card, CardResult
from communitybudget._core.results import result
from communitybudget.learning.conflict import conflict_words
from communitybudget.learning.prediction import Prediction
from communitybudget.parameters import Distribution

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_ASKED = {
    "beta": "a beta: from_events(events, trials), from_mean_sd(mean, sd, 'share') or a uniform from 0 to 1",
    "gamma": "a gamma: from_mean_sd(mean, sd)",
    "normal": "a normal: from_mean_sd(mean, sd, 'real')",
}


@result
@dataclass(frozen=True, eq=False)
class Update(CardResult):
    """What was assumed of a number, what was seen, and what is known now.

    Parameters
    ----------
    prior, posterior : Distribution
        Beta for a share of families, gamma for events in a family-year, normal for a mean of amounts.
    total : float
        Events, or sum of the amounts, over the families seen.
    families : float
        Families seen; for a rate the exposure, such as family-years.
    family_sd : float
        Standard deviation of one family's amount, taken as known; NaN for counts.
    label : str
        What the number is.
    """

    prior: Distribution
    posterior: Distribution
    total: float
    families: float
    family_sd: float = math.nan
    label: str = ""

    def predict(self, families: float) -> Prediction:
        """Return what to expect of the total over the next families; of a rate, over their exposure.

        Raises
        ------
        ValueError
            If there are none, or of a share not a whole number of them.
        """
        return _predict(self.posterior, families, self.family_sd)

    def predict_before(self, families: float) -> Prediction:
        """Return what was to be expected of so many families before any were seen."""
        return _predict(self.prior, families, self.family_sd)

    @property
    def surprise(self) -> float:
        """Predictive p-value of what was seen under the prior, see `Prediction.surprise`."""
        return self.predict_before(self.families).surprise(self.total)

    @property
    def evidence(self) -> float:
        """Probability (or density) of what was seen under the prior."""
        return self.predict_before(self.families).density(self.total)

    def interval(self, probability: float = 0.95) -> tuple[float, float]:
        """Return the central interval of the number itself."""
        return interval_of(self.posterior, probability)

    def as_override(self, reason: str, source: str = "local") -> dict[str, Any]:
        """Return the posterior as the keywords of `Case.override` or `ParameterSet.override`.

        A share takes value and sd as a beta and other positive numbers as a gamma: a posterior of that form
        is given back exactly. A normal posterior of a positive number becomes a gamma with its mean and sd.

        Examples
        --------
        >>> seen = learn_rate(Distribution("gamma", (4.0, 0.1)), events=2, exposure=10)
        >>> seen.as_override("two entries in ten family-years")["value"]
        0.3
        """
        return {
            "value": self.posterior.mean,
            "sd": sd_of(self.posterior),
            "reason": reason,
            "source": source,
            "mark": "local",
        }

    def sentence(self) -> str:
        """Return in words whether what was seen agrees with what was assumed."""
        return conflict_words(self.surprise)

    def to_frame(self) -> "pd.DataFrame":
        """Return the number before and after.

        Returns
        -------
        pandas.DataFrame
            ``state`` (prior, seen, updated)``, mean, sd, low, high`` (95%).
        """
        import pandas as pd

        seen = (self.total / self.families, math.nan, math.nan, math.nan)
        rows = [("prior", *_figures(self.prior)), ("seen", *seen), ("updated", *_figures(self.posterior))]
        return pd.DataFrame(rows, columns=["state", "mean", "sd", "low", "high"])

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the number before and after with its 95% interval."""
        from communitybudget.charts import plot_updated

        return plot_updated(self.to_frame(), ax, unit=self.label or "value")

    def _rows(self) -> list[tuple[str, str]]:
        rows = [("Seen", f"{self.total / self.families:.4g} ({self.total:,.10g} of {self.families:,.10g})")]
        for name, known in (("Before", self.prior), ("Updated", self.posterior)):
            low, high = interval_of(known)
            rows.append((name, f"{known.mean:.4g} ({low:.4g} to {high:.4g})"))
        return rows

    @property
    def _title(self) -> str:
        return f"Updated: {self.label}" if self.label else "Updated"

    def _card(self) -> Card:
        return Card(self._title, self._rows(), _FOOT, self.sentence())

    def __repr__(self) -> str:
        return f"Update({self.prior.mean:.4g} -> {self.posterior.mean:.4g}, families={self.families:g})"


_FOOT = "Exact; intervals hold 95%"


def learn_share(prior: Distribution, events: int, families: int, label: str = "") -> Update:
    """Update the share of families to which something happens.

    Parameters
    ----------
    prior : Distribution
        Beta, or uniform from 0 to 1.
    events, families : int
        It happened to ``events`` of ``families``.
    label : str, optional
        What the share is.

    Returns
    -------
    Update
        Posterior beta; prediction beta-binomial.

    Raises
    ------
    ValueError
        If the prior has another form or the events do not fit the families.

    Notes
    -----
    Source: Gelman et al., Bayesian Data Analysis, 3rd ed. (2013), section 2.4.

    Examples
    --------
    >>> from communitybudget.parameters import from_mean_sd
    >>> seen = learn_share(from_mean_sd(0.3, 0.1, "share"), events=2, families=18)
    >>> seen.posterior.mean, seen.predict(82).interval(0.8)
    (0.21, (9.0, 26.0))
    """
    a, b = _numbers(prior, "beta")
    _whole(events=events, families=families)
    if families < 1 or not 0 <= events <= families:
        raise ValueError(f"{events} events of {families} families is not possible; give 0 to {families}")
    after = Distribution("beta", (a + events, b + families - events))
    return Update(prior, after, float(events), float(families), label=label)


def learn_rate(prior: Distribution, events: int, exposure: float, label: str = "") -> Update:
    """Update the rate of events in a unit of exposure.

    Parameters
    ----------
    prior : Distribution
        Gamma, events for each unit of exposure, such as a family-year.
    events : int
        Seen.
    exposure : float
        Over so many units.
    label : str, optional
        What the rate is.

    Returns
    -------
    Update
        Posterior gamma; prediction negative binomial.

    Raises
    ------
    ValueError
        If the prior has another form, events are negative or exposure is not positive.

    Notes
    -----
    Source: Gelman et al., Bayesian Data Analysis, 3rd ed. (2013), section 2.6.

    Examples
    --------
    >>> learn_rate(Distribution("gamma", (3.0, 1 / 5)), events=3, exposure=2).posterior.mean
    0.857
    """
    shape, scale = _numbers(prior, "gamma")
    _whole(events=events)
    if not (exposure > 0 and math.isfinite(exposure)):
        raise ValueError(f"the exposure is {exposure}; give a positive number, such as family-years")
    after = Distribution("gamma", (shape + events, 1 / (1 / scale + exposure)))
    return Update(prior, after, float(events), float(exposure), label=label)


def learn_mean(prior: Distribution, total: float, families: int, family_sd: float, label: str = "") -> Update:
    """Update the mean of amounts whose spread over families is taken as known.

    Parameters
    ----------
    prior : Distribution
        Normal, of the mean for one family.
    total : float
        Sum over the families seen, in the unit of the mean.
    families : int
        How many.
    family_sd : float
        Standard deviation of one family's amount.
    label : str, optional
        What the amount is.

    Returns
    -------
    Update
        Posterior and prediction normal.

    Raises
    ------
    ValueError
        If the prior has another form, or a number is not possible.

    Notes
    -----
    Source: Gelman et al., Bayesian Data Analysis, 3rd ed. (2013), section 2.5. Where the spread is not
    known see `learn_mean_and_spread`.

    Examples
    --------
    >>> seen = learn_mean(Distribution("normal", (10.0, 2.0)), total=48, families=4, family_sd=4)
    >>> seen.posterior.numbers
    (11.0, 1.414)
    """
    mean, sd = _numbers(prior, "normal")
    _whole(families=families)
    if families < 1 or not math.isfinite(total):
        raise ValueError(f"a total of {total} over {families} families is not possible")
    if not (family_sd > 0 and math.isfinite(family_sd)):
        raise ValueError(f"family_sd is {family_sd}; give the positive spread of one family's amount")
    known, seen = 1 / sd**2, families / family_sd**2
    centre = (known * mean + seen * total / families) / (known + seen)
    after = Distribution("normal", (centre, 1 / math.sqrt(known + seen)))
    return Update(prior, after, float(total), float(families), float(family_sd), label)


def interval_of(distribution: Distribution, probability: float = 0.95) -> tuple[float, float]:
    """Return the central interval of a beta, gamma or normal distribution."""
    tail = (1 - probability) / 2
    form = _form(distribution)
    return float(form.ppf(tail)), float(form.ppf(1 - tail))


def sd_of(distribution: Distribution) -> float:
    """Return the standard deviation of a beta, gamma or normal distribution."""
    return float(_form(distribution).std())


def _form(distribution: Distribution) -> Any:
    from scipy import stats

    n = distribution.numbers
    match distribution.kind:
        case "beta":
            return stats.beta(n[0], n[1])
        case "gamma":
            return stats.gamma(n[0], scale=n[1])
        case "uniform":
            return stats.uniform(n[0], n[1] - n[0])
        case _:
            return stats.norm(n[0], n[1])


def _figures(distribution: Distribution) -> tuple[float, float, float, float]:
    return distribution.mean, sd_of(distribution), *interval_of(distribution)


def _numbers(prior: Distribution, kind: str) -> tuple[float, ...]:
    if kind == "beta" and prior == Distribution("uniform", (0.0, 1.0)):
        return 1.0, 1.0
    if prior.kind != kind:
        raise ValueError(f"the prior is {prior.kind}; exact updating needs {_ASKED[kind]}")
    return prior.numbers


def _whole(**given: float) -> None:
    for name, value in given.items():
        if isinstance(value, bool) or value != int(value) or value < 0:
            raise ValueError(f"{name} is {value}; give a whole number from 0")


def _predict(of: Distribution, families: float, family_sd: float) -> Prediction:
    if not (families > 0 and math.isfinite(families)):
        raise ValueError(f"the next families are {families}; give a positive number")
    n = of.numbers
    match of.kind:
        case "gamma":
            return Prediction("negative_binomial", (n[0], n[0] * n[1] * families))
        case "normal":
            sd = math.sqrt((families * n[1]) ** 2 + families * family_sd**2)
            return Prediction("normal", (families * n[0], sd))
        case _:
            _whole(families=families)
            return Prediction("beta_binomial", (float(families), *_numbers(of, "beta")))

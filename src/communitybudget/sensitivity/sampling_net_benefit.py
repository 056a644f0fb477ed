"""Whether a study is worth its cost, and how many families it should have."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from communitybudget._core.cards import card, in_prices, text_table
from communitybudget._core.results import JsonResult, result
from communitybudget.sensitivity.decision_population import DecisionPopulation
from communitybudget.sensitivity.draws import FloatArray
from communitybudget.sensitivity.sample_results import SampleInformationCurve

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

SAMPLING_COLUMNS = ("families", "value", "standard_error", "cost", "net", "families_who_benefit")
_Z95 = 1.959963984540054


@result
@dataclass(frozen=True, eq=False, repr=False)
class SamplingValue(JsonResult):
    """What a study is worth to all families, what it costs, and what is left, by its number of families.

    Parameters
    ----------
    families : ndarray of int, shape (size,)
        Families in the study, rising.
    values : ndarray, shape (size,)
        What the study gains for the families who can still benefit, GBP, discounted as the population says.
    covariance : ndarray, shape (size, size)
        Of the errors of the values, GBP squared.
    costs : ndarray, shape (size,)
        Of the study, GBP.
    families_who_benefit : ndarray, shape (size,)
        Families for whom the choice comes after the study, not in it and not committed; later years
        discounted.
    population : DecisionPopulation
    delay_months : float
        From now until the results are in.
    share_already_committed : float
        Share of the families whose option is settled whatever the study finds.
    study : str
        The design in words.
    method : str
    draws, seed : int
    price_base : str
    """

    families: npt.NDArray[np.int64]
    values: FloatArray
    covariance: FloatArray
    costs: FloatArray
    families_who_benefit: FloatArray
    population: DecisionPopulation
    delay_months: float
    share_already_committed: float
    study: str
    method: str
    draws: int
    seed: int
    price_base: str

    @property
    def net(self) -> FloatArray:
        """Value less cost, shape (size,), GBP."""
        left: FloatArray = self.values - self.costs
        return left

    @property
    def standard_errors(self) -> FloatArray:
        """Standard errors of the values and of what is left, shape (size,), GBP."""
        return np.sqrt(self.covariance.diagonal())

    @property
    def best_families(self) -> int:
        """Number of families at which most is left; the smaller of equals."""
        return int(self.families[self._best])

    @property
    def about_as_good(self) -> tuple[int, int]:
        """Least and largest number of families that cannot be told from the best (95%)."""
        variance = self.covariance.diagonal()
        between = variance + variance[self._best] - 2 * self.covariance[self._best]
        close = self.net[self._best] - self.net <= _Z95 * np.sqrt(np.maximum(between, 0.0))
        near = self.families[close]
        return int(near[0]), int(near[-1])

    @property
    def worth_doing(self) -> bool:
        """Whether the best study leaves more than nothing, beyond its error (95%)."""
        return bool(self.net[self._best] > _Z95 * self.standard_errors[self._best])

    def to_frame(self) -> "pd.DataFrame":
        """Return a row per size.

        Returns
        -------
        pandas.DataFrame
            ``families, value, standard_error, cost, net, families_who_benefit``.
        """
        import pandas as pd

        columns = (
            self.families,
            self.values,
            self.standard_errors,
            self.costs,
            self.net,
            self.families_who_benefit,
        )
        return pd.DataFrame(dict(zip(SAMPLING_COLUMNS, columns, strict=True)))

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw value, cost and what is left by number of families, the best marked."""
        from communitybudget.charts import plot_sampling_value

        return plot_sampling_value(
            self.to_frame(), ax, price_base=self.price_base, about_as_good=self.about_as_good
        )

    def in_words(self) -> str:
        """Return in plain words whether to do the study, and with how many families."""
        i, (least, most) = self._best, self.about_as_good
        counts = f"This counts {self.population.in_words()}"
        counts += f", results after {self.delay_months:g} months." if self.delay_months else "."
        sums = (
            f"it would gain £{self.values[i]:,.0f} by better choices and cost £{self.costs[i]:,.0f}, "
            f"a net £{self.net[i]:,.0f} (± £{self.standard_errors[i]:,.0f})"
        ).replace("£-", "−£")
        if self.net[i] <= 0:
            best = f"With {self.families[i]:,} families {sums}."
            return f"No study of these sizes is worth its cost. {best} {counts}"
        near = "" if least == most else f" Any number from {least:,} to {most:,} does about as well."
        sure = "" if self.worth_doing else " That is within its error of nothing: run more draws."
        return f"A study of {self.families[i]:,} families is worth most: {sums}.{near}{sure} {counts}"

    def summary(self) -> str:
        """Return the sizes as text, a line each, and what to do in words."""
        return text_table(*self._card())

    def __repr__(self) -> str:
        return (
            f"SamplingValue(best_families={self.best_families}, net={self.net[self._best]:,.6g} GBP, "
            f"standard_error={self.standard_errors[self._best]:,.2g}, sizes={len(self.families)}, "
            f"draws={self.draws}, seed={self.seed})"
        )

    def _repr_html_(self) -> str:
        return card(*self._card())

    @property
    def _best(self) -> int:
        return int(self.net.argmax())

    def _card(self) -> tuple[str, list[tuple[str, str]], str, str]:
        rows = [
            (f"{n:,} families", f"gains £{value:,.0f}, costs £{cost:,.0f}, net £{value - cost:,.0f}")
            for n, value, cost in zip(self.families, self.values, self.costs, strict=True)
        ]
        rows = [(name, text.replace("£-", "−£")) for name, text in rows]
        foot = f"{in_prices(self.price_base)} · seed {self.seed} · {self.draws:,} draws · "
        foot += f"{self.method.replace('_', ' ')} · {self.share_already_committed:.0%} committed"
        return f"Is a study worth its cost? ({self.study})", rows, foot, self.in_words()


def net_benefit_of_sampling(
    curve: SampleInformationCurve,
    population: DecisionPopulation,
    *,
    fixed_cost: float,
    cost_per_family: float,
    delay_months: float = 0.0,
    share_already_committed: float = 0.0,
) -> SamplingValue:
    """Return the expected net benefit of a study by its number of families.

    Parameters
    ----------
    curve : SampleInformationCurve
        What the study is worth to the choice as modelled, from `evsi_curve`.
    population : DecisionPopulation
        For how many families a year, and for how many years, the choice is made.
    fixed_cost : float
        Of the study whatever its size, GBP today.
    cost_per_family : float
        Of each family in the study, GBP today: measuring, and whatever the study gives it beyond the option
        that would be chosen anyway.
    delay_months : float, default 0
        From now until the results are in; the option that looks best now is used meanwhile.
    share_already_committed : float, default 0
        Share of the later families whose option is settled whatever the study finds.

    Returns
    -------
    SamplingValue

    Raises
    ------
    ValueError
        If a cost or the delay is negative, or the share lies outside 0 to 1.

    Notes
    -----
    Families cannot benefit who come before the results are in, or who are in the study: of the flow of
    families the first so many are left out, whichever of the two is more. A study of no families costs and
    gains nothing. Source: K. Claxton and J. Posnett, Health Economics 5 (1996).

    Examples
    --------
    >>> import pandas as pd
    >>> from communitybudget.sensitivity import Measured, SingleGroup, evsi_curve
    >>> draws = pd.DataFrame({"gain": np.random.default_rng(1).normal(0, 50_000, 2_000)})
    >>> net = np.column_stack([np.zeros(2_000), draws["gain"]])
    >>> curve = evsi_curve(net, draws, SingleGroup(Measured("gain"), sd=200_000), [0, 20, 40, 80])
    >>> net_benefit_of_sampling(
    ...     curve, DecisionPopulation(100, 100, 5), fixed_cost=10_000, cost_per_family=500, delay_months=12
    ... ).best_families
    20
    """
    numbers = {"fixed_cost": fixed_cost, "cost_per_family": cost_per_family, "delay_months": delay_months}
    for name, value in numbers.items():
        if not (math.isfinite(value) and value >= 0):
            raise ValueError(f"{name} is {value}; give a number, 0 or more")
    if not 0 <= share_already_committed <= 1:
        raise ValueError(f"share_already_committed is {share_already_committed}; give a share from 0 to 1")
    too_early = population.families_a_year * delay_months / 12
    benefit = np.array([population.discounted_families(max(too_early, float(n))) for n in curve.families]) * (
        1 - share_already_committed
    )
    scale = benefit / population.families_in_model
    return SamplingValue(
        families=curve.families,
        values=curve.values * scale,
        covariance=curve.covariance * np.outer(scale, scale),
        costs=np.where(curve.families > 0, fixed_cost + cost_per_family * curve.families, 0.0),
        families_who_benefit=benefit,
        population=population,
        delay_months=float(delay_months),
        share_already_committed=float(share_already_committed),
        study=curve.study,
        method=curve.method,
        draws=curve.draws,
        seed=curve.seed,
        price_base=curve.price_base,
    )

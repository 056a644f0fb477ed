"""What a claim on a few families implies for many: skewed costs, regression to the mean, fading.

A pilot reports so many pounds avoided for so many families, without a comparison group. These functions
say how surely the mean is known, how much of a fall would have come by itself, whether the claim exceeds
what was being spent, and when a larger sum would be reached.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.cards import card, text_table
from communitybudget._core.errors import raise_together
from communitybudget._core.results import JsonResult, result
from communitybudget._core.streams import stream
from communitybudget.appraisal.quantiles import tenth_half_ninetieth

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
Form = Literal["gamma", "lognormal"]

HORIZONS: tuple[int, ...] = (6, 12, 24, 60)
"""Months at which a scaled-up claim is shown."""

_BLOCK = 4_096
# beyond this CV a gamma cost is often too small for a double, and nought over nought is no share
_MOST_SKEWED = 5.0


def relative_error(coefficient_of_variation: float, families: int) -> float:
    """Return the standard error of a mean over its true value: CV / sqrt(n).

    Examples
    --------
    >>> round(relative_error(1.5, 18), 2)
    0.35
    """
    _check(coefficient_of_variation, families)
    return coefficient_of_variation / math.sqrt(families)


def mean_interval(
    mean: float,
    families: int,
    coefficient_of_variation: float,
    level: float = 0.9,
    form: Form = "gamma",
    draws: int = 200_000,
    seed: int = 1,
) -> tuple[float, float]:
    """Return the interval of the true mean, given the mean of a few skewed costs.

    Parameters
    ----------
    mean : float
        Mean of the families seen, in any unit.
    families : int
        How many.
    coefficient_of_variation : float
        Standard deviation over mean of one family's cost; an assumption.
    level : float
        Of the central interval.
    form : {'gamma', 'lognormal'}
        Of one family's cost. For a gamma with shape k the mean seen over the true one is
        Gamma(nk) / nk, so the limits are ``mean nk`` over its quantiles: exact. For a lognormal the
        same ratio is simulated.
    draws, seed : int
        For the lognormal.

    Returns
    -------
    tuple of float
        Low and high, in the unit of ``mean``.

    Raises
    ------
    ValueError
        If a number is out of range.

    Examples
    --------
    >>> low, high = mean_interval(1_000_000 / 18, 18, 1.5)
    >>> round(low, -2), round(high, -2)
    (33800.0, 111600.0)
    """
    _check(coefficient_of_variation, families)
    if not 0 < level < 1:
        raise ValueError(f"the level is {level:g}; give a share between 0 and 1, such as 0.9")
    tail = (1 - level) / 2
    if form == "gamma":
        from scipy.stats import gamma

        shape = families / coefficient_of_variation**2
        low, high = mean * shape / gamma.ppf([1 - tail, tail], shape)
        return float(low), float(high)
    _check_draws(draws)
    ratio = _mean_over_truth(families, coefficient_of_variation, form, draws, seed)
    low, high = mean / np.quantile(ratio, [1 - tail, tail])
    return float(low), float(high)


def _check(coefficient_of_variation: float, families: int) -> None:
    raise_together(_faults_of_the_few(coefficient_of_variation, families))


def _faults_of_the_few(coefficient_of_variation: float, families: int) -> list[str]:
    found = []
    if not 0 < coefficient_of_variation <= _MOST_SKEWED:
        given = f"the coefficient of variation is {coefficient_of_variation:g}"
        found.append(f"{given}; give a number above 0 and up to {_MOST_SKEWED:g}, such as 1.5")
    if families < 1:
        found.append(f"there are {families} families; give at least 1")
    return found


def _check_draws(draws: int) -> None:
    if draws < 1:
        raise ValueError(f"draws is {draws}; give at least 1")


def _mean_over_truth(families: int, cv: float, form: Form, draws: int, seed: int) -> Array:
    """Return draws of the mean of n costs over their true mean, shape (draw,)."""
    random = stream(seed, f"claim.mean_of_{families}.{form}")
    if form == "gamma":
        shape = families / cv**2
        return np.asarray(random.gamma(shape, size=draws) / shape)
    spread = math.sqrt(math.log1p(cv**2))
    means = np.empty(draws)
    for start in range(0, draws, _BLOCK):
        rows = means[start : start + _BLOCK]
        rows[:] = np.exp(random.normal(-(spread**2) / 2, spread, (rows.size, families))).mean(axis=1)
    return means


def share_of_dearest(
    families: int,
    coefficient_of_variation: float,
    form: Form = "lognormal",
    draws: int = 100_000,
    seed: int = 1,
) -> float:
    """Return the expected share of the dearest of a few families in what they cost together.

    Examples
    --------
    >>> round(share_of_dearest(18, 1.5), 2)
    0.25
    """
    _check(coefficient_of_variation, families)
    _check_draws(draws)
    random = stream(seed, f"claim.dearest_of_{families}.{form}")
    shape, spread = 1 / coefficient_of_variation**2, math.sqrt(math.log1p(coefficient_of_variation**2))
    shares = np.empty(draws)
    for start in range(0, draws, _BLOCK):
        rows = shares[start : start + _BLOCK]
        size = (rows.size, families)
        costs = random.gamma(shape, size=size) if form == "gamma" else np.exp(random.normal(0, spread, size))
        rows[:] = costs.max(axis=1) / costs.sum(axis=1)
    return float(shares.mean())


def regression_to_mean(entry: float, population_mean: float, correlation: float) -> tuple[float, float]:
    """Return what families chosen for their cost are expected to cost next, and how much falls by itself.

    Parameters
    ----------
    entry : float
        Mean cost of a family in the period before it joined.
    population_mean : float
        Mean cost over all families it was chosen from, same period and unit.
    correlation : float
        Between one period's cost and the next; an assumption unless measured.

    Returns
    -------
    tuple of float
        Expected cost with no programme, and the fall that comes without one.

    Examples
    --------
    >>> [round(x) for x in regression_to_mean(50_000, 13_000, 0.5)]
    [31500, 18500]
    """
    if not -1 <= correlation <= 1:
        raise ValueError(f"the correlation is {correlation:g}; it lies between -1 and 1")
    expected = population_mean + correlation * (entry - population_mean)
    return expected, entry - expected


def months_to_total(total: float, per_month: Array | float, halving: Array | float = math.inf) -> Array:
    """Return after how many months a stream that fades reaches a total; infinite where it never does.

    Parameters
    ----------
    total : float
        To be reached.
    per_month : array_like
        At the start.
    halving : array_like
        Months in which the stream halves, again and again; infinite where it does not fade.

    Returns
    -------
    ndarray
        Broadcast shape of ``per_month`` and ``halving``; a scalar for scalars.

    Raises
    ------
    ValueError
        If the total is negative or a halving time is not above nil.

    Notes
    -----
    The stream r 2^(-t/h) comes to r h / ln 2 in all; it reaches S at -h log2(1 - S ln 2 / (r h)).

    Examples
    --------
    >>> round(float(months_to_total(8e6, 100 * 1e6 / 18 / 6)), 2)
    8.64
    >>> months_to_total(10.0, [1.0, 1.0, 0.1], [np.inf, 12.0, 12.0]).round(1)
    array([10. , 14.9,  inf])
    """
    rate, half = np.broadcast_arrays(np.asarray(per_month, dtype=float), np.asarray(halving, dtype=float))
    faults = [] if total >= 0 else [f"the total is {total:g}; give 0 or more"]
    if not (half > 0).all():
        faults.append("a halving time is not above 0; give months, or infinity where nothing fades")
    raise_together(faults)
    with np.errstate(divide="ignore", invalid="ignore"):
        plain = np.where(rate > 0, total / rate, np.inf)
        share = plain * math.log(2) / half
        # log1p keeps the digits where the stream hardly fades
        fading = np.where(share < 1, -half / math.log(2) * np.log1p(-share), np.inf)
    return np.where(np.isinf(half), plain, fading)[()]


@result
@dataclass(frozen=True, slots=True)
class PilotClaim:
    """A claim on a few families, and what is assumed to carry it to many.

    Parameters
    ----------
    total : float
        Costs said to be avoided, GBP.
    families : int
        By how many families.
    months : float
        In how many months.
    target : float
        Sum said to be reached with ``all_families``, GBP.
    all_families : int
        The first ones among them.
    spent_a_year : float
        What one such family was costing a year, GBP: nobody can save more.
    coefficient_of_variation : float
        Of one family's cost. Assumption.
    form : {'gamma', 'lognormal'}
        Of one family's cost. Assumption.
    real_share : tuple of float
        Beta distribution (a, b) of the share that is neither regression to the mean nor deadweight.
        Assumption.
    later_worth : tuple of float
        Lowest and highest worth of a later family over that of the first; uniform. Assumption.
    halving : tuple of float
        Lowest, likeliest and highest number of months in which the effect halves; triangular.
        Assumption.
    source : str
        Of the claim.

    Raises
    ------
    ValueError
        If numbers are out of range; all of them are listed.
    """

    total: float
    families: int
    months: float
    target: float
    all_families: int
    spent_a_year: float
    coefficient_of_variation: float = 1.5
    form: Form = "gamma"
    real_share: tuple[float, float] = (5.0, 5.0)
    later_worth: tuple[float, float] = (0.5, 1.0)
    halving: tuple[float, float, float] = (12.0, 24.0, 48.0)
    source: str = ""

    def __post_init__(self) -> None:
        faults = _faults_of_the_few(self.coefficient_of_variation, self.families)
        for name in ("total", "months", "target", "spent_a_year"):
            if not 0 < getattr(self, name) < math.inf:
                faults.append(f"{name} is {getattr(self, name):g}; give a number above 0")
        if self.all_families < self.families:
            faults.append(f"all_families is {self.all_families}; the first {self.families} are among them")
        if self.form not in get_args(Form):
            faults.append(f"'{self.form}' is no form; use one of {', '.join(get_args(Form))}")
        if not min(self.real_share) > 0:
            faults.append("real_share holds the two numbers of a beta distribution; give both above 0")
        if not 0 <= self.later_worth[0] <= self.later_worth[1]:
            faults.append("later_worth is lowest and highest; give them in this order, neither below 0")
        if not 0 < self.halving[0] <= self.halving[1] <= self.halving[2]:
            faults.append("halving is lowest, likeliest and highest; give them in this order and above 0")
        raise_together(faults)

    @property
    def per_family(self) -> float:
        """Said to be avoided by a family in the period of the claim, GBP."""
        return self.total / self.families

    @property
    def per_family_a_year(self) -> float:
        """The same at a year's rate, GBP."""
        return self.per_family * 12 / self.months

    @property
    def spent_in_period(self) -> float:
        """What a family was costing in the period of the claim, GBP."""
        return self.spent_a_year * self.months / 12

    @property
    def excess(self) -> float:
        """The claim over what was being spent, less one; above nil it cannot all be avoided."""
        return self.per_family / self.spent_in_period - 1

    @property
    def naive_months(self) -> float:
        """Months to the target if every family repeats the first ones and nothing fades."""
        return float(months_to_total(self.target, self.all_families * self.per_family / self.months))

    def assumptions(self) -> "pd.DataFrame":
        """Return what is assumed: ``assumption, value, mark``."""
        import pandas as pd

        a, b = self.real_share
        rows = [
            ("cost of one family, standard deviation over mean", f"{self.coefficient_of_variation:g}"),
            ("form of one family's cost", self.form),
            (
                "share that is neither regression nor deadweight",
                f"beta({a:g}, {b:g}), mean {a / (a + b):.2g}",
            ),
            ("worth of a later family over the first", f"{self.later_worth[0]:g} to {self.later_worth[1]:g}"),
            (
                "months in which the effect halves",
                f"{self.halving[0]:g} to {self.halving[2]:g}, likeliest {self.halving[1]:g}",
            ),
            ("most that can be avoided", f"£{self.spent_in_period:,.0f} a family in {self.months:g} months"),
        ]
        return pd.DataFrame(
            [(name, value, "assumption") for name, value in rows], columns=["assumption", "value", "mark"]
        )


@result
@dataclass(frozen=True, eq=False)
class PilotOutcome(JsonResult):
    """What a pilot's claim comes to at scale.

    Parameters
    ----------
    claim : PilotClaim
        What was claimed and assumed.
    at_start : ndarray, shape (draw,)
        Avoided by all families in the period of the claim, at the rate of its start; GBP.
    halving : ndarray, shape (draw,)
        Months.
    draws, seed : int
        Of the simulation.
    """

    claim: PilotClaim
    at_start: Array
    halving: Array
    draws: int
    seed: int

    @property
    def months_to_target(self) -> Array:
        """Months until the target is reached, shape (draw,); infinite where it never is."""
        return months_to_total(self.claim.target, self.at_start / self.claim.months, self.halving)

    @property
    def months_without_fading(self) -> Array:
        """The same if nothing faded."""
        return months_to_total(self.claim.target, self.at_start / self.claim.months)

    def avoided_by(self, months: float) -> Array:
        """Return what is avoided within so many months, shape (draw,); GBP, before delivery cost."""
        rate = self.at_start / self.claim.months
        faded = -np.expm1(-months * math.log(2) / self.halving)
        return np.asarray(rate * self.halving / math.log(2) * faded)

    def probability_reached(self, months: float) -> tuple[float, float]:
        """Return the probability that the target is reached by then, with its Monte Carlo error."""
        share = float((self.months_to_target <= months).mean())
        return share, math.sqrt(share * (1 - share) / self.draws)

    @property
    def probability_never(self) -> float:
        """Probability that the target is never reached."""
        return float(np.isinf(self.months_to_target).mean())

    def to_frame(self) -> "pd.DataFrame":
        """Return the quantiles.

        Returns
        -------
        pandas.DataFrame
            ``measure, unit, p10, p50, p90`` and their Monte Carlo errors ``p10_error, p50_error,
            p90_error``. Infinite is never; its error is blank.
        """
        import pandas as pd

        period = f"{self.claim.months:g} months"
        rows = [
            (f"avoided in {period} at the start", "GBP", self.at_start),
            ("months to the target, with fading", "months", self.months_to_target),
            ("months to the target, no fading", "months", self.months_without_fading),
            *((f"avoided within {m} months", "GBP", self.avoided_by(m)) for m in HORIZONS),
        ]
        table = [(name, unit, *tenth_half_ninetieth(values)) for name, unit, values in rows]
        columns = ["measure", "unit", "p10", "p50", "p90", "p10_error", "p50_error", "p90_error"]
        return pd.DataFrame(table, columns=columns)

    def chances(self) -> "pd.DataFrame":
        """Return how likely the target is reached by when.

        Returns
        -------
        pandas.DataFrame
            ``by_month`` (infinite: ever), ``probability`` that it is reached by then, and its Monte Carlo
            ``error``.
        """
        import pandas as pd

        ever = float(np.isfinite(self.months_to_target).mean())
        rows = [(float(m), *self.probability_reached(m)) for m in HORIZONS]
        rows.append((math.inf, ever, math.sqrt(ever * (1 - ever) / self.draws)))
        return pd.DataFrame(rows, columns=["by_month", "probability", "error"])

    def sentence(self) -> str:
        """Return what to print beside the claim."""
        median = float(np.quantile(self.months_to_target, 0.5, method="lower"))
        takes = f"it takes about {median:.0f} months, and may not be reached"
        credible = takes if math.isfinite(median) else "it is more likely never reached than reached"
        naive = f"£{self.claim.target / 1e6:g}m needs {self.claim.naive_months:.1f} months"
        return (
            f"{naive} if every family repeats the first {self.claim.families} and nothing fades; "
            f"on stated assumptions {credible} (chance of never: {self.probability_never:.0%})."
        )

    def _rows(self) -> list[tuple[str, str]]:
        claim = self.claim
        rows = [
            ("Claimed, a family", f"£{claim.per_family:,.0f} in {claim.months:g} months"),
            ("The same at a year's rate", f"£{claim.per_family_a_year:,.0f}"),
            ("What such a family cost a year", f"£{claim.spent_a_year:,.0f}"),
            ("The claim exceeds what was spent by", f"{claim.excess:.0%}"),
            ("Months to the target, at face value", f"{claim.naive_months:.1f}"),
        ]
        for row in self.to_frame().to_dict("records"):
            values = [row["p10"], row["p50"], row["p90"]]
            money = row["unit"] == "GBP"
            said = [
                f"£{v / 1e6:.2f}m" if money else f"{v:.0f}" if math.isfinite(v) else "never" for v in values
            ]
            name = str(row["measure"])
            rows.append((name[0].upper() + name[1:], f"{said[1]} ({said[0]} to {said[2]})"))
        chances = self.chances()
        for months, share, error in chances.iloc[1:-1].itertuples(index=False):
            rows.append(
                (f"Chance that the target is reached in {months:.0f} months", f"{share:.1%} ± {error:.1%}")
            )
        never = f"{self.probability_never:.1%} ± {chances['error'].iloc[-1]:.1%}"
        rows.append(("Chance that it never is", never))
        for assumed in claim.assumptions().to_dict("records"):
            name = str(assumed["assumption"])
            rows.append((f"{name[0].upper()}{name[1:]}", f"{assumed['value']} ({assumed['mark']})"))
        return rows

    @property
    def _foot(self) -> str:
        return (
            f"GROSS: no comparison group. No price base was published. Every step beyond the claim is an "
            f"assumption. Seed {self.seed} · {self.draws:,} draws"
        )

    def summary(self) -> str:
        """Return the claim, what it implies and how surely, as text; 10% to 90% in brackets."""
        title = f"What {self.claim.families} families imply for {self.claim.all_families}"
        return text_table(title, self._rows(), self._foot, self.sentence())

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw what is avoided by month, claimed and on the stated assumptions."""
        import pandas as pd

        from communitybudget.charts import plot_claim

        months = np.arange(0, 61)
        by_month = [np.quantile(self.avoided_by(float(m)), [0.1, 0.5, 0.9]) for m in months]
        frame = pd.DataFrame(by_month, columns=["p10", "p50", "p90"])
        frame.insert(0, "month", months)
        frame["claimed"] = self.claim.all_families * self.claim.per_family / self.claim.months * months
        return plot_claim(frame, self.claim.target, ax=ax)

    def __repr__(self) -> str:
        return (
            f"PilotOutcome({self.claim.families} to {self.claim.all_families} families, "
            f"never={self.probability_never:.3f}, draws={self.draws}, seed={self.seed})"
        )

    def _repr_html_(self) -> str:
        title = f"What {self.claim.families} families imply for {self.claim.all_families}"
        return card(title, self._rows(), self._foot, self.sentence())


def scale_up_claim(claim: PilotClaim, draws: int = 200_000, seed: int = 1) -> PilotOutcome:
    """Return what a pilot's claim comes to at scale, on stated assumptions.

    In each draw the true mean is one that could have given the mean seen; it is capped by what a family
    was costing; a share of it is real; later families are worth less than the first; and the effect
    halves again and again.

    Parameters
    ----------
    claim : PilotClaim
        What was claimed and assumed.
    draws, seed : int
        Of the simulation. Each uncertain thing has a stream of its own.

    Returns
    -------
    PilotOutcome

    Raises
    ------
    ValueError
        If there are no draws.

    Examples
    --------
    >>> barnet = PilotClaim(1e6, 18, 6, target=8e6, all_families=100, spent_a_year=100_000)
    >>> round(barnet.per_family), round(barnet.per_family_a_year), f"{barnet.excess:.0%}"
    (55556, 111111, '11%')
    >>> round(float(np.median(scale_up_claim(barnet, 20_000).at_start)), -5)
    1800000.0
    """
    _check_draws(draws)
    ratio = _mean_over_truth(claim.families, claim.coefficient_of_variation, claim.form, draws, seed)
    true_mean = np.minimum(claim.per_family / ratio, claim.spent_in_period)
    real = stream(seed, "claim.real_share").beta(*claim.real_share, size=draws)
    worth = stream(seed, "claim.later_worth").uniform(*claim.later_worth, size=draws)
    low, mode, high = claim.halving
    random = stream(seed, "claim.halving")
    halving = random.triangular(low, mode, high, size=draws) if high > low else np.full(draws, low)
    later = claim.all_families - claim.families
    at_start = true_mean * real * (claim.families + later * worth)
    return PilotOutcome(claim, np.asarray(at_start), np.asarray(halving), draws, seed)

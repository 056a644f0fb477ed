"""The usual designs of a study: a single group, before and after, and with a group to compare with."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from communitybudget.sensitivity.draws import FloatArray
from communitybudget.sensitivity.study import Study
from communitybudget.sensitivity.study_measured import Measured
from communitybudget.sensitivity.study_sampling_error import (
    binomial_log,
    error_variance,
    normal_log,
    with_noise,
)

if TYPE_CHECKING:
    import pandas as pd

Learns = Literal["both_groups", "difference", "ratio"]
_LEARNS: tuple[str, ...] = ("both_groups", "difference", "ratio")


@dataclass(frozen=True)
class SingleGroup(Study):
    """One group of families, such as a pilot, each measured once.

    Parameters
    ----------
    measures : Measured
        The share of families to whom the event happens, or the mean amount.
    sd : float, optional
        Standard deviation of the amount between families, taken as known. Without it each family has the
        event or not.
    population : int, optional
        Number of families whose own mean the input is, if they are few: a study of all of them then has no
        sampling error. Without it the input is that of families like these at large.
    drop_out, usable : float
        As in `Study`.

    Examples
    --------
    >>> SingleGroup(Measured("entered_care"), drop_out=0.1).in_words()
    'single group: entered_care, an event, 10% drop out'
    """

    measures: Measured
    sd: float | None = None
    population: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_positive(sd=self.sd, population=self.population)

    @property
    def informs(self) -> tuple[str, ...]:
        """Names of the inputs that the study informs."""
        return self.measures.inputs

    def noise_variance(self, families: int) -> float:
        """Return the variance of the sampling error of a mean amount; a share has none of its own."""
        if self.sd is None:
            return super().noise_variance(families)
        counted = _within(self.counted(families), self.population)
        return self.sd**2 * error_variance(counted, self.population)

    def simulate(self, inputs: "pd.DataFrame", families: int, rng: np.random.Generator) -> FloatArray:
        """Return for each draw the number of events, or the mean amount, shape (draw, 1)."""
        if self.sd is not None:
            return with_noise(self.measures.values(inputs), math.sqrt(self.noise_variance(families)), rng)
        counted = _within(self.counted(families), self.population)
        share = self.measures.shares(inputs)
        if self.population is None:
            events = rng.binomial(counted, share)
        else:
            cases = np.rint(share * self.population).astype(np.int64)
            events = rng.hypergeometric(cases, self.population - cases, counted)
        return events[:, np.newaxis].astype(np.float64)

    def log_likelihood(self, results: FloatArray, inputs: "pd.DataFrame", families: int) -> FloatArray:
        """Return how likely each result is under each draw: normal, binomial or hypergeometric."""
        if self.sd is not None:
            return normal_log(results[:, 0], self.measures.values(inputs), self.noise_variance(families))
        counted = _within(self.counted(families), self.population)
        share = self.measures.shares(inputs)
        if self.population is None:
            return binomial_log(results[:, 0], counted, share)
        from scipy.stats import hypergeom

        cases = np.rint(share * self.population)
        tables, which = np.unique(cases, return_inverse=True)
        found: FloatArray = hypergeom.logpmf(results[:, :1], self.population, tables, counted)
        return found[:, which]

    def in_words(self) -> str:
        """Return the design in words."""
        kind = "an event" if self.sd is None else f"an amount with sd {self.sd:,.6g}"
        among = "" if self.population is None else f", of {self.population:,} families"
        return f"single group: {self.measures}, {kind}{among}{self._records()}"


@dataclass(frozen=True)
class BeforeAfter(Study):
    """One group of families measured before and after, without families to compare with.

    The mean change is the effect plus a bias: what would have changed anyway, regression to the mean
    included. However many families there are, the bias stays.

    Parameters
    ----------
    measures : Measured
        The mean change that the option brings about, as an amount.
    sd : float
        Standard deviation of the amount between families at one time, taken as known.
    correlation : float
        Between before and after within a family, -1 to 1: the change of a family varies with variance
        ``2 sd**2 (1 - correlation)``.
    bias_sd : float
        Standard deviation of what is believed of the bias. Its mean is taken off the result and moves
        nothing.
    population : int, optional
        As in `SingleGroup`.
    drop_out, usable : float
        As in `Study`.

    Examples
    --------
    >>> BeforeAfter(Measured("effect"), sd=10, correlation=0.5, bias_sd=2).in_words()
    'before and after: effect, sd 10, correlation 0.5, bias sd 2'
    """

    measures: Measured
    sd: float
    correlation: float
    bias_sd: float
    population: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_positive(sd=self.sd, population=self.population)
        if not -1 <= self.correlation <= 1:
            raise ValueError(f"correlation is {self.correlation}; give a number between -1 and 1")
        if not (math.isfinite(self.bias_sd) and self.bias_sd >= 0):
            raise ValueError(
                f"bias_sd is {self.bias_sd}; give the spread of the bias, 0 only if there can be none"
            )

    @property
    def informs(self) -> tuple[str, ...]:
        """Names of the inputs that the study informs."""
        return self.measures.inputs

    def noise_variance(self, families: int) -> float:
        """Return the variance of the mean change about the effect: sampling error and bias together.

        Examples
        --------
        >>> BeforeAfter(Measured("effect"), sd=10, correlation=0.5, bias_sd=2).noise_variance(100)
        5.0
        """
        counted = _within(self.counted(families), self.population)
        change = 2 * self.sd**2 * (1 - self.correlation)
        return change * error_variance(counted, self.population) + self.bias_sd**2

    def simulate(self, inputs: "pd.DataFrame", families: int, rng: np.random.Generator) -> FloatArray:
        """Return for each draw the mean change, its bias included, shape (draw, 1)."""
        return with_noise(self.measures.values(inputs), math.sqrt(self.noise_variance(families)), rng)

    def log_likelihood(self, results: FloatArray, inputs: "pd.DataFrame", families: int) -> FloatArray:
        """Return how likely each mean change is under each draw: normal, sampling error and bias together."""
        return normal_log(results[:, 0], self.measures.values(inputs), self.noise_variance(families))

    def in_words(self) -> str:
        """Return the design in words."""
        among = "" if self.population is None else f", of {self.population:,} families"
        return (
            f"before and after: {self.measures}, sd {self.sd:,.6g}, correlation {self.correlation:g}, "
            f"bias sd {self.bias_sd:,.6g}{among}{self._records()}"
        )


@dataclass(frozen=True)
class Controlled(Study):
    """Families who are offered the option, and families who are not, chosen by lot.

    Parameters
    ----------
    offered : Measured
        Share with the event, or mean amount, among those offered. Without ``comparison``, the mean
        difference itself.
    comparison : Measured, optional
        The same among the others.
    sd : float, optional
        Standard deviation of the amount between families, taken as known and the same in both groups.
        Without it each family has the event or not.
    learns : {"both_groups", "difference", "ratio"}
        What is taken from the study: the level of both groups, or only their difference or the log of
        their ratio, where the local level may be another. A difference of shares and a ratio have their
        large-sample normal distribution.
    share_offered : float, default 0.5
        Share of the families who are offered the option.
    drop_out, usable : float
        As in `Study`, the same in both groups.

    Raises
    ------
    ValueError
        If a number is out of range, or ``comparison`` is missing where it is needed.

    Examples
    --------
    >>> trial = Controlled(Measured("in_care", "relative_risk"), Measured("in_care"))
    >>> trial.informs, trial.groups(81)
    (('in_care', 'relative_risk'), (41, 40))
    """

    offered: Measured
    comparison: Measured | None = None
    sd: float | None = None
    learns: Learns = "both_groups"
    share_offered: float = 0.5

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_positive(sd=self.sd)
        if self.learns not in _LEARNS:
            raise ValueError(f"learns is {self.learns!r}; give one of {', '.join(_LEARNS)}")
        if not 0 < self.share_offered < 1:
            raise ValueError(f"share_offered is {self.share_offered}; give a share above 0 and below 1")
        if self.comparison is None and (self.sd is None or self.learns != "difference"):
            raise ValueError(
                "comparison is missing: only the difference of an amount (sd, learns='difference') can be "
                "given by itself; name what is measured among the families not offered the option"
            )

    @property
    def informs(self) -> tuple[str, ...]:
        """Names of the inputs that the study informs."""
        others = () if self.comparison is None else self.comparison.inputs
        return tuple(dict.fromkeys((*others, *self.offered.inputs)))

    def groups(self, families: int) -> tuple[int, int]:
        """Return how many records count of those offered the option and of the others."""
        counted = super().counted(families)
        offered = math.floor(counted * self.share_offered + 0.5)
        return offered, counted - offered

    def counted(self, families: int) -> int:
        """Return how many records count: none where a group would have none."""
        groups = self.groups(families)
        return sum(groups) if all(groups) else 0

    def noise_variance(self, families: int) -> float:
        """Return the variance of the error of a mean difference between the groups."""
        if self.sd is None or self.learns != "difference":
            return super().noise_variance(families)
        return self.sd**2 * sum(error_variance(n) for n in self.groups(families))

    def simulate(self, inputs: "pd.DataFrame", families: int, rng: np.random.Generator) -> FloatArray:
        """Return one result for each draw.

        Both groups: events or mean amounts of those offered and of the others, shape (draw, 2). Otherwise
        the difference or the log of the ratio, shape (draw, 1).
        """
        if self.learns != "both_groups":
            contrast, variance = self._contrast(inputs, families)
            return with_noise(contrast, np.sqrt(variance), rng)
        groups, levels = self.groups(families), self._levels(inputs)
        if self.sd is None:
            return np.column_stack([rng.binomial(n, p) for n, p in zip(groups, levels, strict=True)]).astype(
                np.float64
            )
        noise = [self.sd * math.sqrt(error_variance(n)) for n in groups]
        return np.concatenate(
            [with_noise(level, sd, rng) for level, sd in zip(levels, noise, strict=True)], axis=1
        )

    def log_likelihood(self, results: FloatArray, inputs: "pd.DataFrame", families: int) -> FloatArray:
        """Return how likely each result is under each draw."""
        if self.learns != "both_groups":
            contrast, variance = self._contrast(inputs, families)
            return normal_log(results[:, 0], contrast, variance)
        found = [
            binomial_log(result, n, level)
            if self.sd is None
            else normal_log(result, level, self.sd**2 * error_variance(n))
            for result, n, level in zip(results.T, self.groups(families), self._levels(inputs), strict=True)
        ]
        return found[0] + found[1]

    def in_words(self) -> str:
        """Return the design in words."""
        kind = "an event" if self.sd is None else f"an amount with sd {self.sd:,.6g}"
        against = "" if self.comparison is None else f" against {self.comparison}"
        return (
            f"controlled: {self.offered}{against}, {kind}, learns {self.learns.replace('_', ' ')}, "
            f"{self.share_offered:.0%} offered{self._records()}"
        )

    def _levels(self, inputs: "pd.DataFrame") -> list[FloatArray]:
        """Return the share or mean of those offered and of the others, each of shape (draw,)."""
        both = [self.offered] if self.comparison is None else [self.offered, self.comparison]
        return [group.shares(inputs) if self.sd is None else group.values(inputs) for group in both]

    def _contrast(self, inputs: "pd.DataFrame", families: int) -> tuple[FloatArray, FloatArray | float]:
        """Return the difference or the log of the ratio, and the variance of its error, by draw."""
        levels = self._levels(inputs)
        if self.sd is not None and self.learns == "difference":
            return _apart(levels), self.noise_variance(families)
        offered, others = (error_variance(n) for n in self.groups(families))
        if self.learns == "difference":
            first, second = (share * (1 - share) for share in levels)
            return _apart(levels), offered * first + others * second
        if any((level <= 0).any() for level in levels):
            raise ValueError(
                f"{self.offered} and {self.comparison} must be above 0 in every draw for a ratio; "
                "use learns='both_groups' or learns='difference'"
            )
        first, second = ((1 - m) / m if self.sd is None else (self.sd / m) ** 2 for m in levels)
        return np.log(levels[0] / levels[1]), offered * first + others * second


def _apart(levels: list[FloatArray]) -> FloatArray:
    """Return the first level less the second; a single one is a difference itself."""
    return levels[0] - levels[1] if len(levels) == 2 else levels[0]


def _check_positive(**numbers: float | None) -> None:
    for name, value in numbers.items():
        if value is not None and not (math.isfinite(value) and value > 0):
            raise ValueError(f"{name} is {value}; give a number above 0")


def _within(counted: int, population: int | None) -> int:
    """Return the records, refused where there are more than families."""
    if population is not None and counted > population:
        raise ValueError(
            f"{counted:,} families cannot be studied out of {population:,}; plan fewer, or correct population"
        )
    return counted

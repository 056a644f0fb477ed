"""Counts against what was forecast, month by month, and whether the line for the year will still be met."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from communitybudget._core.cards import Card, CardResult
from communitybudget._core.chances import chance
from communitybudget._core.draws import FloatArray, as_draws
from communitybudget._core.results import result
from communitybudget.learning.conflict import SOME_CONFLICT, conflict_words
from communitybudget.learning.likelihoods import binomial_log_likelihood, poisson_log_likelihood
from communitybudget.learning.mixtures import MixedCounts
from communitybudget.learning.weights import equal_weights, reweigh

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Met = Literal["at_most", "at_least"]

PERCENTILES = (5, 10, 50, 90, 95)
WARNING_COLUMNS: tuple[str, ...] = (
    "month",
    "expected",
    *(f"p{p}" for p in PERCENTILES),
    "actual",
    "updated",
    "updated_p10",
    "updated_p90",
    "probability_on_track",
    "mc_error",
    "warning",
)


@result
@dataclass(frozen=True, eq=False)
class EarlyWarning(CardResult):
    """Cumulative counts by month: forecast, seen, forecast again, and the probability of the year's line.

    Parameters
    ----------
    label : str
        What is counted.
    line : str
        The line for the end of the months, in words.
    expected : ndarray, shape (month,)
        Cumulative counts expected before anything was seen.
    percentiles : ndarray, shape (5, month)
        `PERCENTILES` of the same, from uncertain rates and chance.
    actual : ndarray, shape (month,)
        Cumulative counts seen; NaN for months to come.
    updated : ndarray, shape (3, month)
        Mean, P10 and P90 of the cumulative counts of the months to come, after what was seen; NaN before.
    on_track_before : float
        Probability that the line is met, before anything was seen.
    on_track : ndarray, shape (month,)
        The same after each month seen; NaN for months to come.
    on_track_error : ndarray, shape (month,)
        Its Monte Carlo standard error.
    threshold : float
        A month warns where the probability is below it.
    surprise : float
        Predictive p-value of the count seen so far; NaN where nothing was seen.
    cautions : tuple of str
        Why the weights of the draws should not be trusted.
    draws : int
        Number of draws.
    """

    label: str
    line: str
    expected: FloatArray
    percentiles: FloatArray
    actual: FloatArray
    updated: FloatArray
    on_track_before: float
    on_track: FloatArray
    on_track_error: FloatArray
    threshold: float
    surprise: float
    cautions: tuple[str, ...]
    draws: int

    @property
    def months_seen(self) -> int:
        """Months that have been seen."""
        return int(np.isfinite(self.actual).sum())

    @property
    def warning(self) -> npt.NDArray[np.bool_]:
        """Return the months that warn, shape (month,)."""
        return np.asarray(self.on_track < self.threshold)

    @property
    def probability_on_track(self) -> float:
        """Probability that the line is met, after all that was seen."""
        seen = self.months_seen
        return float(self.on_track[seen - 1]) if seen else self.on_track_before

    @property
    def most_false_warnings(self) -> float:
        """The most that lines which are met can be warned of by mistake, over any number of looks."""
        before = self.on_track_before
        if before <= self.threshold:
            return 1.0
        return min(1.0, self.threshold * (1 - before) / ((1 - self.threshold) * before))

    def sentence(self) -> str:
        """Return in words whether the line is still likely to be met."""
        seen = self.months_seen
        if not seen:
            return f"Nothing has been seen yet. {self.line}: probability {chance(self.on_track_before)}."
        words = (
            f"After {seen} of {self.actual.size} months: {self.actual[seen - 1]:,.0f} seen, "
            f"{self.expected[seen - 1]:,.1f} expected. {self.line}: probability "
            f"{chance(self.probability_on_track)} (before: {chance(self.on_track_before)})."
        )
        if not self.warning.any():
            return f"{words} No month warned."
        quiet = np.flatnonzero(~self.warning[:seen])
        if quiet.size and quiet[-1] == seen - 1:
            return f"{words} Month {int(self.warning.argmax()) + 1} warned; there is no warning now."
        first = int(quiet[-1]) + 2 if quiet.size else 1
        return f"{words} Warning since month {first}: the line is unlikely to be met."

    def looks_note(self) -> str:
        """Return what looking every month does to the warnings."""
        return (
            f"A warning is a probability below {self.threshold:.0%}. If the assumptions hold, at most "
            f"{self.threshold:.0%} of warnings prove false, however often one looks; but of lines that are "
            f"met, up to {self.most_false_warnings:.0%} may be warned of in some month."
        )

    def to_frame(self) -> "pd.DataFrame":
        """Return one row for each month.

        Returns
        -------
        pandas.DataFrame
            `WARNING_COLUMNS`; all counts cumulative.
        """
        import pandas as pd

        columns = (
            np.arange(1, self.actual.size + 1),
            self.expected,
            *self.percentiles,
            self.actual,
            *self.updated,
            self.on_track,
            self.on_track_error,
            self.warning,
        )
        return pd.DataFrame(dict(zip(WARNING_COLUMNS, columns, strict=True)))

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the forecast as a fan, with what was seen and the months that warn."""
        from communitybudget.charts import plot_forecast

        return plot_forecast(self.to_frame(), ax, counted=self.label or "events", subtitle=self.sentence())

    def _rows(self) -> list[tuple[str, str]]:
        last = self.actual.size - 1
        low, high = self.percentiles[1, last], self.percentiles[3, last]
        rows = [
            ("Expected by the end", f"{self.expected[last]:,.1f} (P10 {low:,.0f}, P90 {high:,.0f})"),
            ("Probability on track, before", chance(self.on_track_before)),
        ]
        if seen := self.months_seen:
            rows.append(("Seen so far", f"{self.actual[seen - 1]:,.0f} in {seen} months"))
            if seen <= last:
                now, low, high = self.updated[:, last]
                rows.append(("Now expected by the end", f"{now:,.1f} (P10 {low:,.0f}, P90 {high:,.0f})"))
            rows.append(("Probability on track, now", chance(self.probability_on_track)))
        return rows

    @property
    def _title(self) -> str:
        return f"Forecast against actual: {self.label}" if self.label else "Forecast against actual"

    @property
    def _note(self) -> str:
        conflict = [conflict_words(self.surprise)] if self.surprise < SOME_CONFLICT else []
        return " ".join((self.sentence(), *conflict, self.looks_note(), *self.cautions))

    def _card(self) -> Card:
        return Card(self._title, self._rows(), f"Natural units, no money · {self.draws:,} draws", self._note)

    def __repr__(self) -> str:
        return (
            f"EarlyWarning(months={self.months_seen} of {self.actual.size}, "
            f"probability_on_track={self.probability_on_track:.2f}, draws={self.draws})"
        )


def early_warning(
    expected: npt.ArrayLike,
    actual: Sequence[int],
    limit: npt.ArrayLike,
    *,
    met: Met = "at_most",
    threshold: float = 0.2,
    families: int | None = None,
    label: str = "",
    line: str = "",
) -> EarlyWarning:
    """Compare counts with their forecast month by month, and say whether the year's line is still likely.

    Parameters
    ----------
    expected : array_like, shape (draw, month)
        Events that the families who have joined are expected to have in each month, at the rates of a draw.
    actual : sequence of int, shape (month seen,)
        Events seen in each month so far, the first month first; may be empty.
    limit : array_like, shape () or (draw,)
        The line: the count over all months that may not be passed (or must be reached).
    met : {'at_most', 'at_least'}
        On which side of the limit the line is met.
    threshold : float
        Warn where the probability that the line is met is below this.
    families : int, optional
        Where each family can have the event once: how many there are; binomial. Poisson if omitted.
    label, line : str
        What is counted, and the line in words.

    Returns
    -------
    EarlyWarning

    Raises
    ------
    ValueError
        If shapes do not fit, there are more months seen than forecast, or a number is not possible.

    Notes
    -----
    Draws are weighted by what was seen (`reweigh`); counts to come are Poisson, or binomial among the
    families left, at the rates of each draw. The probability of the line is a martingale, so that at most
    the threshold's share of warnings prove false whatever the number of looks (optional stopping; J. L.
    Doob, Stochastic Processes, 1953, chapter VII). See ``docs/methods/learning-from-actuals.md``.

    Examples
    --------
    >>> rates = np.random.default_rng(1).gamma(20, 0.1, 2_000)
    >>> watched = early_warning(np.outer(rates, np.ones(12)), [5, 4, 6], limit=24)
    >>> watched.sentence()
    'After 3 of 12 months: 15 seen, 6.0 expected. ... Warning since month 2: the line is unlikely to be met.'
    """
    by_month = as_draws(expected, "expected")
    if by_month.ndim != 2 or by_month.shape[1] == 0 or (by_month < 0).any():
        raise ValueError(f"expected has shape {by_month.shape}; give counts from 0 as (draw, month)")
    draws, months = by_month.shape
    seen = np.asarray(actual, dtype=np.float64)
    if seen.ndim != 1 or seen.size > months:
        raise ValueError(f"{seen.size} months were seen and {months} are forecast; forecast all of them")
    if not (np.isfinite(seen) & (seen >= 0) & (seen == np.floor(seen))).all():
        raise ValueError("actual must be whole numbers of events from 0")
    at = np.broadcast_to(np.asarray(limit, dtype=np.float64), (draws,))
    if np.isnan(at).any() or met not in ("at_most", "at_least"):
        raise ValueError("the limit must be a count for each draw, met at_most or at_least")
    if not 0 < threshold < 1:
        raise ValueError(f"threshold is {threshold}; give a probability between 0 and 1, such as 0.2")
    if families is not None and (by_month.sum(axis=1) > families * (1 + 1e-9)).any():
        raise ValueError(f"more events are expected than there are families ({families}); leave families out")
    if families is not None and seen.sum() > families:
        raise ValueError(f"{seen.sum():,.0f} events were seen among {families} families; correct one of them")

    so_far = np.concatenate(([0.0], np.cumsum(seen)))
    cumulative = np.column_stack((np.zeros(draws), np.cumsum(by_month, axis=1)))
    logs = _log_likelihood_by_month(by_month, cumulative, seen, so_far, families)
    weights = [equal_weights(draws)]
    weights += [reweigh(logs[:, : month + 1].sum(axis=1)) for month in range(seen.size)]
    keeps = [
        _met_by_draw(_to_come(cumulative, month, months, so_far, families), at - so_far[month], met)
        for month in range(seen.size + 1)
    ]
    on_track = [float(w.mean(k)) for w, k in zip(weights, keeps, strict=True)]
    errors = [float(w.mean_error(k)) for w, k in zip(weights, keeps, strict=True)]
    prior = [_to_come(cumulative, 0, month, so_far, families) for month in range(1, months + 1)]
    rest = [
        _to_come(cumulative, seen.size, month, so_far, families) for month in range(seen.size + 1, months + 1)
    ]
    updated = np.full((3, months), np.nan)
    for place, counts in enumerate(rest, seen.size):
        ends = [counts.quantile(q, weights[-1]) for q in (0.1, 0.9)]
        updated[:, place] = so_far[-1] + np.array([float(weights[-1].mean(counts.mean)), *ends])
    future = np.full(months - seen.size, np.nan)
    return EarlyWarning(
        label=label,
        line=line or _line_words(at, met),
        expected=np.asarray(by_month.mean(axis=0).cumsum()),
        percentiles=np.array([[c.quantile(p / 100, weights[0]) for c in prior] for p in PERCENTILES]),
        actual=np.concatenate((so_far[1:], future)),
        updated=updated,
        on_track_before=on_track[0],
        on_track=np.concatenate((on_track[1:], future)),
        on_track_error=np.concatenate((errors[1:], future)),
        threshold=threshold,
        surprise=prior[seen.size - 1].surprise(int(so_far[-1])) if seen.size else math.nan,
        cautions=weights[-1].warnings(),
        draws=draws,
    )


def highest_count(
    target: float, saving: npt.ArrayLike, expected: npt.ArrayLike, per_event: npt.ArrayLike
) -> FloatArray:
    """Return the count at which a saving comes down to a target, by draw.

    Parameters
    ----------
    target : float
        The saving line, GBP.
    saving : array_like, shape (draw,)
        The saving if as many events come as expected.
    expected : array_like, shape (draw,)
        Events expected.
    per_event : array_like, shape (draw,)
        What one more event takes from the saving; negative where it adds to it.

    Returns
    -------
    ndarray, shape (draw,)
        The limit for `early_warning`: met at most, or at least where events add to the saving.

    Raises
    ------
    ValueError
        If an event costs nothing in some draw, or costs in some and saves in others.

    Examples
    --------
    >>> highest_count(80_000, [100_000.0], [6.0], [10_000.0])
    array([8.])
    """
    each = as_draws(per_event, "per_event")
    if not ((each > 0).all() or (each < 0).all()):
        raise ValueError(
            "one more event must take from the saving in every draw, or add to it in every draw; choose an "
            "outcome that carries a cost"
        )
    return as_draws(expected, "expected") + (as_draws(saving, "saving") - target) / each


def _to_come(
    cumulative: FloatArray, month: int, until: int, so_far: FloatArray, families: int | None
) -> MixedCounts:
    """Return the counts from the end of one month to the end of another."""
    coming = cumulative[:, until] - cumulative[:, month]
    if families is None:
        return MixedCounts(coming)
    left = families - int(so_far[month])
    return MixedCounts(left * coming / _still_without(cumulative[:, month], families), left)


def _log_likelihood_by_month(
    by_month: FloatArray,
    cumulative: FloatArray,
    seen: FloatArray,
    so_far: FloatArray,
    families: int | None,
) -> FloatArray:
    if seen.size == 0:
        return np.zeros((by_month.shape[0], 0))
    if families is None:
        return np.column_stack([poisson_log_likelihood(n, by_month[:, m]) for m, n in enumerate(seen)])
    return np.column_stack(
        [
            binomial_log_likelihood(
                n,
                families - so_far[m],
                np.clip(by_month[:, m] / _still_without(cumulative[:, m], families), 0, 1),
            )
            for m, n in enumerate(seen)
        ]
    )


def _still_without(cumulative: FloatArray, families: int) -> FloatArray:
    """Return how many families are expected not to have had the event; a trace where that is nobody."""
    return np.maximum(families - cumulative, 1e-12 * families)


def _met_by_draw(counts: MixedCounts, left: FloatArray, met: Met) -> FloatArray:
    """Return the probability at the rates of each draw that the counts to come keep to what is left."""
    if met == "at_most":
        return counts.at_most_by_draw(left)
    return 1 - counts.at_most_by_draw(np.ceil(left - 1e-9) - 1)


def _line_words(limit: FloatArray, met: Met) -> str:
    side = "At most" if met == "at_most" else "At least"
    if np.ptp(limit) == 0:
        return f"{side} {limit[0]:,.0f} by the end"
    return f"{side} about {np.median(limit):,.0f} by the end"

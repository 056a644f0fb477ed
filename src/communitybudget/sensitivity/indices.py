"""Sobol' indices: how much of an outcome's variance each input answers for, alone and in all."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from communitybudget._core.cards import card, in_prices
from communitybudget._core.results import JsonResult, result
from communitybudget.sensitivity.draws import FloatArray

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

INDEX_COLUMNS = (
    "input",
    "label",
    "inputs",
    "outcome",
    "first",
    "first_error",
    "first_low",
    "first_high",
    "first_half",
    "total",
    "total_error",
    "total_low",
    "total_high",
    "total_half",
    "rank",
    "rank_low",
    "rank_high",
)
PAIR_COLUMNS = ("input", "other", "label", "other_label", "outcome", "share", "error", "low", "high")
WIDE = 0.25
"""An interval of a total index wider than this share of the variance tells too little."""
COUNTS = 0.05
"""An input below this share of the variance is not worth a warning about its place."""
_MOST = 12


@result
@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """Estimates of one index with their bootstrap errors.

    Parameters
    ----------
    value, standard_error, low, high : ndarray, shape (group, outcome)
        Share of the variance, its standard error and the ends of its interval.
    half : ndarray, shape (group, outcome)
        The estimate from the first half of the sample.
    """

    value: FloatArray
    standard_error: FloatArray
    low: FloatArray
    high: FloatArray
    half: FloatArray


@result
@dataclass(frozen=True, eq=False, repr=False)
class SobolIndices(JsonResult):
    """First and total order indices by input, or group of inputs, and outcome.

    Parameters
    ----------
    inputs : tuple of str
        The inputs, or the groups in which they were varied together; in the order given.
    labels : tuple of str
        Printable names.
    sizes : tuple of int
        How many inputs each holds.
    outcomes : tuple of str
        Printable names of the outcomes.
    sd : ndarray, shape (outcome,)
        Standard deviation of each outcome, in its unit.
    first : Estimates
        Share of the variance that goes if this input alone becomes known.
    total : Estimates
        Share that stays if everything but this input becomes known; at least the first order.
    rank, rank_low, rank_high : ndarray of int, shape (group, outcome)
        Place by total index, 1 the largest, equal ones in the order given; and its interval.
    n : int
        Rows of the sample; the function was run ``n (groups + 2)`` times.
    resamples : int
        Of the bootstrap.
    confidence : float
        Of the intervals.
    seed : int
        Of sample and bootstrap.
    price_base, set_version : str
        Of the outcome, where it is money of a case.
    interactions : Estimates or None
        Share of the variance in which both of a pair take part, with or without others, shape (pair,
        outcome), the pairs as in `itertools.combinations`; None where they were not asked for.
    """

    inputs: tuple[str, ...]
    labels: tuple[str, ...]
    sizes: tuple[int, ...]
    outcomes: tuple[str, ...]
    sd: FloatArray
    first: Estimates
    total: Estimates
    rank: npt.NDArray[np.int64]
    rank_low: npt.NDArray[np.int64]
    rank_high: npt.NDArray[np.int64]
    n: int
    resamples: int
    confidence: float
    seed: int
    price_base: str = ""
    set_version: str = ""
    interactions: Estimates | None = None

    @property
    def runs(self) -> int:
        """How many times the function was run."""
        return self.n * (len(self.inputs) + 2)

    def to_frame(self) -> "pd.DataFrame":
        """Return the indices as a tidy frame.

        Returns
        -------
        pandas.DataFrame
            A row per input and outcome, outcome by outcome and by falling total index, with the columns
            `INDEX_COLUMNS`. ``inputs`` is how many inputs the row stands for.
        """
        import pandas as pd

        order = np.argsort(self.rank, axis=0, kind="stable")
        count = len(self.inputs)
        columns: dict[str, object] = {
            name: [values[i] for i in order.T.ravel()]
            for name, values in (("input", self.inputs), ("label", self.labels), ("inputs", self.sizes))
        }
        columns["outcome"] = np.repeat(np.array(self.outcomes, dtype=object), count)
        numbers: dict[str, FloatArray | npt.NDArray[np.int64]] = {}
        for name, index in (("first", self.first), ("total", self.total)):
            numbers |= {
                name: index.value,
                f"{name}_error": index.standard_error,
                f"{name}_low": index.low,
                f"{name}_high": index.high,
                f"{name}_half": index.half,
            }
        numbers |= {"rank": self.rank, "rank_low": self.rank_low, "rank_high": self.rank_high}
        for name, array in numbers.items():
            columns[name] = np.take_along_axis(array, order, axis=0).T.ravel()
        return pd.DataFrame(columns, columns=list(INDEX_COLUMNS))

    def interaction_frame(self) -> "pd.DataFrame":
        """Return the interactions of pairs as a tidy frame, outcome by outcome, the largest first.

        Returns
        -------
        pandas.DataFrame
            Columns `PAIR_COLUMNS`; ``share`` is that of the variance in which both take part.

        Raises
        ------
        ValueError
            If the indices were not asked for with ``order=2``.
        """
        import pandas as pd

        if self.interactions is None:
            raise ValueError("there are no interactions of pairs; ask for the indices with order=2")
        found = self.interactions
        pairs = list(combinations(range(len(self.inputs)), 2))
        rows = [
            (
                *(names[i] for names in (self.inputs, self.labels) for i in pairs[p]),
                outcome,
                *(part[p, k] for part in (found.value, found.standard_error, found.low, found.high)),
            )
            for k, outcome in enumerate(self.outcomes)
            for p in np.argsort(-found.value[:, k], kind="stable")
        ]
        return pd.DataFrame(rows, columns=list(PAIR_COLUMNS))

    def warnings(self) -> tuple[str, ...]:
        """Return in words what these indices cannot tell."""
        found = []
        more = f"use n={4 * self.n:,} or more"
        for k, outcome in enumerate(self.outcomes):
            if self.sd[k] == 0:
                found.append(f"{outcome} does not vary, so no input matters to it.")
                continue
            width = self.total.high[:, k] - self.total.low[:, k]
            widest = int(width.argmax())
            if width[widest] > WIDE:
                found.append(
                    f"{outcome}: the interval of {self.labels[widest]} is {percent(width[widest])} wide, too "
                    f"wide to rest on; {more}."
                )
            counts = self.total.value[:, k] >= COUNTS
            order = np.argsort(self.rank[:, k])
            unsettled = [
                f"{self.labels[i]} (place {self.rank_low[i, k]} to {self.rank_high[i, k]})"
                for i in order
                if counts[i] and self.rank_low[i, k] < self.rank_high[i, k]
            ]
            if unsettled:
                found.append(
                    f"{outcome}: intervals are too wide to rank {'; '.join(unsettled)}. "
                    f"For their order, {more}."
                )
            moved = counts & (np.abs(self.total.value[:, k] - self.total.half[:, k]) > width)
            if moved.any():
                named = "; ".join(self.labels[i] for i in order if moved[i])
                found.append(
                    f"{outcome}: half the sample gives another total index, by more than the width of the "
                    f"interval, for {named}; {more}."
                )
        return tuple(found)

    def summary(self, most: int = _MOST) -> str:
        """Return the largest indices of each outcome as text.

        Parameters
        ----------
        most : int, default 12
            How many inputs to list for each outcome at the most.
        """
        frame = self.to_frame()
        width = max(5, *(len(label) for label in self.labels))
        lines = ["What drives the uncertainty: share of the variance, alone and with all interactions"]
        for outcome, rows in frame.groupby("outcome", sort=False):
            lines += ["", str(outcome), f"  {'input':<{width}}  {'alone':>20}  {'in all':>20}"]
            for row in rows.head(most).to_dict("records"):
                shares = "  ".join(_share(row, order) for order in ("first", "total"))
                lines.append(f"  {row['label']:<{width}}  {shares}")
            if len(rows) > most:
                rest = percent(rows["total"].iloc[most:].max(), 1)
                lines.append(f"  and {len(rows) - most} more, each at most {rest} in all")
        return "\n".join([*lines, *(["", *self.warnings()] if self.warnings() else []), self._footer()])

    def plot(self, ax: "Axes | None" = None, outcome: str | None = None, most: int = _MOST) -> "Axes":
        """Draw the largest indices of one outcome, with their intervals.

        Parameters
        ----------
        ax : matplotlib axes, optional
            Where to draw; new axes when absent.
        outcome : str, optional
            The first unless one is named.
        most : int, default 12
            How many inputs to draw at the most.
        """
        from communitybudget._core.errors import did_you_mean
        from communitybudget.charts import plot_indices

        chosen = self.outcomes[0] if outcome is None else outcome
        if chosen not in self.outcomes:
            raise ValueError(f"there is no outcome '{chosen}'; {did_you_mean(chosen, self.outcomes)}")
        frame = self.to_frame()
        title = f"What drives the uncertainty: {chosen}"
        return plot_indices(frame[frame["outcome"] == chosen], ax, title=title, most=most)

    def __repr__(self) -> str:
        first = self.to_frame().iloc[0]
        return (
            f"SobolIndices(outcome={self.outcomes[0]!r}, largest={first['input']!r}, "
            f"total={first['total']:.2f}, inputs={len(self.inputs)}, n={self.n}, seed={self.seed})"
        )

    def _repr_html_(self) -> str:
        frame = self.to_frame()
        several = len(self.outcomes) > 1
        rows = [
            (
                f"{row['outcome']}: {row['label']}" if several else row["label"],
                f"{percent(row['first'])} alone, {percent(row['total'])} in all",
            )
            for _, rows in frame.groupby("outcome", sort=False)
            for row in rows.head(3 if several else _MOST).to_dict("records")
        ]
        note = " ".join(["Share of the variance of the outcome.", *self.warnings()])
        return card("What drives the uncertainty", rows, self._footer(), note)

    def _footer(self) -> str:
        money = [in_prices(self.price_base)] if self.price_base else []
        parameters = [f"parameters {self.set_version}"] if self.set_version else []
        runs = f"{self.runs:,} runs of {self.n:,} draws, {self.resamples:,} resamples"
        return " · ".join([*money, f"seed {self.seed}", runs, *parameters])


def _share(row: Mapping[Hashable, Any], order: str) -> str:
    """Return a share with its interval."""
    low, high = percent(row[f"{order}_low"]), percent(row[f"{order}_high"])
    return f"{percent(row[order], 1)} ({low} to {high})".rjust(20)


def percent(share: float, digits: int = 0) -> str:
    """Return a share as a percentage; one that rounds to nil has no sign.

    Examples
    --------
    >>> percent(-0.001), percent(-0.062), percent(0.4449, 1)
    ('0%', '−6%', '44.5%')
    """
    return f"{round(share, digits + 2) + 0.0:.{digits}%}".replace("-", "−")

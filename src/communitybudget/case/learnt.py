"""What a case comes to after actuals: the families still to come, those seen, and all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from communitybudget._core import chances
from communitybudget._core.cards import Card, CardResult, footer
from communitybudget._core.digits import pounds
from communitybudget._core.errors import ParameterNotFound, did_you_mean
from communitybudget._core.results import result
from communitybudget._core.vocabulary import ALL_AGENCIES, agency_label
from communitybudget.case.actuals import Actuals
from communitybudget.learning import (
    Weights,
    conflict_words,
    equal_weights,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Array = NDArray[np.float64]

TEACHES, HAPPENED, GROSS = "teaches", "taken as happened", "GROSS: shown beside, enters no figure"
FIGURES: dict[str, str] = {
    "family_before": "A family, before",
    "family_updated": "A family to come, updated",
    "next": "All families to come",
    "seen": "Families seen",
    "whole_before": "All families, before",
    "whole_updated": "All families, updated",
}
_SHARES = (0.1, 0.5, 0.9)
LEARNT_COLUMNS: tuple[str, ...] = (
    "agency",
    "figure",
    "families",
    "mean",
    "mc_error",
    "p10",
    "p50",
    "p90",
    "probability_not_negative",
    "p10_error",
    "p50_error",
    "p90_error",
    "probability_error",
)


@result
@dataclass(frozen=True, slots=True)
class LearntRow:
    """One figure seen beside what was expected of it, and what is expected of the families to come.

    ``expected`` and ``updated`` are for the families and months seen, ``next`` for the same months of the
    families to come; percentiles hold uncertain rates and chance. ``surprise`` is the predictive p-value.
    """

    batch: str
    cohort: str
    option: str
    outcome: str
    agency: str
    unit: str
    from_month: int
    to_month: int
    families: int
    expected: float
    expected_p10: float
    expected_p90: float
    actual: float
    updated: float
    next: float
    next_p10: float
    next_p90: float
    surprise: float
    use: str


@result
@dataclass(frozen=True, slots=True)
class LearntInput:
    """An uncertain input before and after: where it moved, the actuals taught something of it."""

    key: str
    label: str
    mean_before: float
    sd_before: float
    mean_updated: float
    sd_updated: float


@result
@dataclass(frozen=True, eq=False)
class Learning(CardResult):
    """What a case comes to after actuals.

    Net present values are fiscal, real GBP at the price base, discounted to the first year; every family is
    valued as if it joined at the start of the case.

    Parameters
    ----------
    title, option, option_label : str
        Of the case, and which option was learnt of.
    families, seen : float, int
        Families enrolled in the case, and those seen so far.
    batches : tuple of Actuals
        All that was learnt from.
    rows : tuple of LearntRow
        Figure by figure.
    inputs : tuple of LearntInput
        Input by input.
    agencies : tuple of str
        ``all`` and then each agency.
    expected : ndarray, shape (agency, draw)
        Net present value of all families as expected, nothing seen.
    happened : ndarray, shape (agency, draw)
        The same with what was seen in the place of what was expected of it.
    by_chance : ndarray, shape (agency, draw)
        What chance adds for all families of the case.
    weights : Weights
        How far each draw agrees with what was seen.
    extra_cv : float
        How much more rates vary between cohorts and months than the draws know of.
    price_base, seed, set_version : str, int, str
        Of the appraisal.
    """

    title: str
    option: str
    option_label: str
    families: float
    seen: int
    batches: tuple[Actuals, ...]
    rows: tuple[LearntRow, ...]
    inputs: tuple[LearntInput, ...]
    agencies: tuple[str, ...]
    expected: Array
    happened: Array
    by_chance: Array
    weights: Weights
    extra_cv: float
    price_base: str
    seed: int
    set_version: str

    @property
    def to_come(self) -> float:
        """Families enrolled that have not been seen."""
        return self.families - self.seen

    @property
    def surprise(self) -> float:
        """The smallest predictive p-value of the figures that teach; 1 where none does."""
        return min((row.surprise for row in self.rows if row.use == TEACHES), default=1.0)

    def npv(self, figure: str, agency: str = ALL_AGENCIES, *, chance: bool = True) -> Array:
        """Return a net present value in every draw, shape (draw,); weigh updated ones by ``weights``.

        Parameters
        ----------
        figure : str
            One of `FIGURES`: what is before is weighed alike, all else by ``weights``.
        agency : str
            One, or ``all``.
        chance : bool
            As it may turn out for these very families, instead of as expected at the rates of a draw.
        """
        if agency not in self.agencies:
            raise ParameterNotFound(f"no agency '{agency}'; {did_you_mean(agency, self.agencies)}")
        row = self.agencies.index(agency)
        share = self.to_come / self.families if self.to_come else 1.0
        expected, happened = self.expected[row], self.happened[row]
        by_chance = self.by_chance[row] if chance else np.zeros(expected.size)
        # the chances of independent families add up by their variances
        coming = share * expected + np.sqrt(share) * by_chance
        match figure:
            case "family_before" | "family_updated":
                return np.asarray(coming / (share * self.families))
            case "next":
                return np.asarray(coming if self.to_come else 0 * coming)
            case "seen":
                own = self.seen / self.families
                return np.asarray(happened - (1 - own) * expected + np.sqrt(own) * by_chance)
            case "whole_before":
                return np.asarray(expected + by_chance)
            case "whole_updated":
                return np.asarray(happened + by_chance)
        raise ValueError(f"'{figure}' is no figure; use one of {', '.join(FIGURES)}")

    def _weights_of(self, figure: str) -> Weights:
        return equal_weights(self.weights.draws) if figure.endswith("before") else self.weights

    def probability_not_negative(self, figure: str, agency: str = ALL_AGENCIES) -> float:
        """Return the probability that a net present value is not negative, chance included."""
        return self._weights_of(figure).probability(self.npv(figure, agency) >= 0)

    def _families_of(self, figure: str) -> float:
        return {
            "family_before": 1.0,
            "family_updated": 1.0,
            "next": self.to_come,
            "seen": float(self.seen),
        }.get(figure, self.families)

    def to_frame(self) -> "pd.DataFrame":
        """Return net present values before and after, by agency.

        Returns
        -------
        pandas.DataFrame
            `LEARNT_COLUMNS`; means of what is expected, percentiles and probability with chance; ``_error``
            is a Monte Carlo standard error.
        """
        import pandas as pd

        rows = []
        for agency in self.agencies:
            for figure in FIGURES:
                weights = self._weights_of(figure)
                mean = self.npv(figure, agency, chance=False)
                values = self.npv(figure, agency)
                rows.append(
                    (
                        agency,
                        figure,
                        self._families_of(figure),
                        float(weights.mean(mean)),
                        float(weights.mean_error(mean)),
                        *(weights.quantile(values, q) for q in _SHARES),
                        self.probability_not_negative(figure, agency),
                        *(weights.quantile_error(values, q) for q in _SHARES),
                        weights.probability_error(values >= 0),
                    )
                )
        return pd.DataFrame(rows, columns=list(LEARNT_COLUMNS))

    def expected_and_actual(self) -> "pd.DataFrame":
        """Return each figure seen beside what was expected, and what is now, one row each.

        Returns
        -------
        pandas.DataFrame
            The fields of `LearntRow`.
        """
        return _frame(LearntRow, self.rows)

    def inputs_frame(self) -> "pd.DataFrame":
        """Return each uncertain input before and after; the fields of `LearntInput`."""
        return _frame(LearntInput, self.inputs)

    def conflict(self) -> str:
        """Return in words whether the actuals agree with what was assumed."""
        teaching = sum(row.use == TEACHES for row in self.rows)
        if not teaching:
            return "Nothing seen teaches the rates: what is expected of families to come stays as it was."
        return conflict_words(self.surprise, max(1, teaching))

    def warnings(self) -> tuple[str, ...]:
        """Return what a reader must know before using the figures."""
        gross = tuple(
            f"GROSS: costs avoided of {pounds(row.actual)} to {agency_label(row.agency)} were compared with "
            f"nothing ({pounds(row.expected)} were expected). They are shown beside and enter no figure."
            for row in self.rows
            if row.use == GROSS
        )
        return (*self.weights.warnings(), *gross)

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the net present value of a family before and after, by agency that it touches."""
        from communitybudget.charts import plot_updated

        frame = self.to_frame()
        states = {"family_before": "prior", "family_updated": "updated"}
        touched = frame.groupby("agency")[["p10", "p90"]].transform(lambda ends: ends.abs().max()).any(axis=1)
        rows = frame[frame["figure"].isin(states) & touched]
        drawn = rows.assign(
            state=rows["figure"].map(states),
            figure=[agency_label(agency) for agency in rows["agency"]],
            low=rows["p10"],
            high=rows["p90"],
        )
        return plot_updated(
            drawn.reset_index(drop=True),
            ax,
            unit=f"GBP a family, real, {self.price_base} prices",
            interval="80% (P10 to P90, with chance)",
            title=f"Net present value of a family: {self.option_label}",
        )

    def _rows(self) -> list[tuple[str, str]]:
        frame = self.to_frame().set_index(["agency", "figure"]).loc[ALL_AGENCIES]
        rows = [
            ("Families seen, to come", f"{self.seen:,} and {self.to_come:,.10g} of {self.families:,.10g}")
        ]
        for figure, label in FIGURES.items():
            if figure == "next" and not self.to_come:
                continue
            row = frame.loc[figure]
            mean, low, high = (pounds(float(end)) for end in row[["mean", "p10", "p90"]].to_numpy())
            rows.append((label, f"{mean} (P10 {low}, P90 {high})"))
        likely = [
            chances.chance(self.probability_not_negative(figure))
            for figure in ("whole_before", "whole_updated")
        ]
        rows.append(("Pays for itself, before and now", " and ".join(likely)))
        return rows

    @property
    def _title(self) -> str:
        return f"{self.title}: {self.option_label}, after {', '.join(b.name for b in self.batches)}"

    def _card(self) -> Card:
        foot = footer(self.price_base, self.seed, self.weights.draws, self.set_version)
        return Card(self._title, self._rows(), foot, " ".join((self.conflict(), *self.warnings())))

    def __repr__(self) -> str:
        return (
            f"Learning(option={self.option}, seen={self.seen} of {self.families:g}, "
            f"effective={self.weights.effective:,.0f} of {self.weights.draws:,} draws, seed={self.seed})"
        )


def _frame(kind: type, rows: Sequence[object]) -> "pd.DataFrame":
    import dataclasses

    import pandas as pd

    names = [field.name for field in dataclasses.fields(kind)]
    return pd.DataFrame([[getattr(row, name) for name in names] for row in rows], columns=names)

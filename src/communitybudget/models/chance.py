"""Chance in a state model: a total with both uncertainties, of the rates and of which people these are."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.cards import card, text_table
from communitybudget._core.chances import chance as in_words
from communitybudget._core.errors import ParameterError, ParameterNotFound, did_you_mean
from communitybudget._core.options import chosen_option
from communitybudget._core.results import JsonResult, result
from communitybudget.models.both_worlds import chance_totals
from communitybudget.models.result import ModelRun, RewardRow

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Array = NDArray[np.float64]


@result
@dataclass(frozen=True, eq=False)
class ModelChance(JsonResult):
    """A total with both uncertainties: of the rates (draws), and of which people these are (chance).

    Parameters
    ----------
    title, what, unit : str
        Of the model; what is counted; in which unit.
    kind : str
        ``cost``, ``effect`` or ``net benefit``.
    options : tuple of str
        What is compared with, and the option; or one option alone.
    foot, notes : str and tuple of str
        Price base, people and draws; conventions in words.
    means, variances : ndarray, shape (R, D)
        Over chance, in each draw: of what is compared with, of the option, and of the difference (the option
        less the other) for the same people; or of one option alone.

    Notes
    -----
    Means and variances are exact. For intervals and probabilities the total of a draw is taken as normal, and
    the cost of one option, where it is positive in all draws, as gamma: it is skewed and cannot be negative.
    What is shown is the mixture over the draws.
    """

    title: str
    what: str
    unit: str
    kind: str
    options: tuple[str, ...]
    foot: str
    notes: tuple[str, ...]
    means: Array
    variances: Array

    @property
    def draws(self) -> int:
        """Number of draws."""
        return int(self.means.shape[1])

    def quantile(self, share: float, option: str | None = None, *, chance: bool = True) -> float:
        """Return a quantile of a total.

        Parameters
        ----------
        share : float
            Between 0 and 1: 0.1 for P10.
        option : str, optional
            Total of this option; the difference if omitted, or the only option.
        chance : bool, default True
            With chance; from rates alone otherwise.
        """
        return self._quantile(share, self._row(option), chance)

    def probability(self, at_least: float = 0.0, option: str | None = None, *, chance: bool = True) -> float:
        """Return the probability that a total is at least so much; other arguments as in `quantile`."""
        return float(1 - self._below(at_least, self._row(option), chance).mean())

    def to_frame(self) -> "pd.DataFrame":
        """Return each total, and the difference, with both uncertainties apart.

        Returns
        -------
        pandas.DataFrame
            ``option``, ``against`` (empty for a total), ``mean, mc_error, sd_rates, sd_chance,
            sd_with_chance, chance_share`` (of the variance)``, p10_rates, p90_rates, p10_with_chance,
            p90_with_chance``, and of a difference ``probability_rates, probability_with_chance``: that the
            option costs no more, or gains no less.
        """
        import pandas as pd

        records = []
        for row, (option, against) in enumerate(self._pairs):
            means = self.means[row]
            many = self.draws > 1
            rates = float(means.var(ddof=1)) if many else 0.0
            chance = float(self.variances[row].mean())
            both = rates + chance
            record = {
                "option": option,
                "against": against,
                "mean": means.mean(),
                "mc_error": np.sqrt(rates / self.draws),
                "sd_rates": np.sqrt(rates),
                "sd_chance": np.sqrt(chance),
                "sd_with_chance": np.sqrt(both),
                "chance_share": chance / both if both > 0 else np.nan,
            }
            for level, with_chance in (("rates", False), ("with_chance", True)):
                record |= {f"p{p}_{level}": self._quantile(p / 100, row, with_chance) for p in (10, 90)}
            for level, with_chance in (("rates", False), ("with_chance", True)):
                record[f"probability_{level}"] = self._no_worse(row, with_chance) if against else np.nan
            records.append(record)
        return pd.DataFrame(records)

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw P10 to P90 of each total and of the difference, from rates alone and with chance."""
        from communitybudget.charts import plot_two_uncertainties

        frame = self.to_frame()
        frame["total"] = self._labels
        return plot_two_uncertainties(frame, ax, unit=self.unit, title=f"{self.title}: {self.what}")

    def summary(self) -> str:
        """Return totals and difference with both uncertainties as text."""
        return text_table(f"{self.title}: {self.what}", self._lines(), self.foot, "\n".join(self.notes))

    def __repr__(self) -> str:
        return f"ModelChance({self.what} of {self._labels[-1]}, draws={self.draws:,})"

    def _repr_html_(self) -> str:
        return card(f"{self.title}: {self.what}", self._lines(), self.foot, "; ".join(self.notes))

    @property
    def _pairs(self) -> list[tuple[str, str]]:
        """Option of each row, and what it is compared with."""
        levels = [(option, "") for option in self.options]
        return [*levels, (self.options[1], self.options[0])] if len(levels) > 1 else levels

    @property
    def _labels(self) -> list[str]:
        return [f"{option} against {against}" if against else option for option, against in self._pairs]

    def _lines(self) -> list[tuple[str, str]]:
        lines = []
        for label, row in zip(self._labels, self.to_frame().to_dict("records"), strict=True):
            share = row["chance_share"]
            words = f"{_number(row['mean'])} (Monte Carlo error {_number(row['mc_error'])})"
            lines.append(
                (label, words if share != share else f"{words}; chance is {share:.0%} of the variance")
            )
            for level, what in (("rates", "from rates alone"), ("with_chance", "with chance")):
                words = f"P10 {_number(row[f'p10_{level}'])}, P90 {_number(row[f'p90_{level}'])}"
                if row["against"]:
                    better = "costs no more" if self.kind == "cost" else "gains no less"
                    words += f"; {better}: {in_words(row[f'probability_{level}'])}"
                lines.append((f"  {what}", words))
        return lines

    def _row(self, option: str | None) -> int:
        if option is None:
            return len(self.means) - 1
        return self.options.index(chosen_option(option, self.options))

    def _no_worse(self, row: int, with_chance: bool) -> float:
        if self.kind != "cost":
            return float(1 - self._below(0.0, row, with_chance).mean())
        return float(self._below(np.nextafter(0.0, 1.0), row, with_chance).mean())

    def _quantile(self, share: float, row: int, with_chance: bool) -> float:
        means = self.means[row]
        if not with_chance or not self.variances[row].any():
            return float(np.quantile(means, share))
        reach = 40 * np.sqrt(self.variances[row])
        low, high = float((means - reach).min()), float((means + reach).max())
        while low < (middle := (low + high) / 2) < high:
            if self._below(middle, row, True).mean() < share:
                low = middle
            else:
                high = middle
        return high

    def _below(self, value: float, row: int, with_chance: bool) -> Array:
        """Return the probability that a total is below a value, in each draw, shape (D,)."""
        from scipy.special import gammainc, ndtr

        means, variances = self.means[row], self.variances[row]
        sure = np.full(len(means), True) if not with_chance else variances <= 0
        spread = np.where(sure, 1.0, variances)
        if self.kind == "cost" and row < len(self.options) and (means > 0).all():
            found = gammainc(means**2 / spread, max(value, 0.0) * means / spread)
        else:
            found = ndtr((value - means) / np.sqrt(spread))
        return np.asarray(np.where(sure, means < value, found))


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.3g}"


def chance_of(
    run: ModelRun,
    counted: Mapping[RewardRow, float],
    kind: str,
    what: str,
    options: tuple[int, int],
    *,
    discounted: bool,
    people: float | None,
    arrivals: str,
    spread_of_spells: Mapping[str, float],
    draws: int,
) -> ModelChance:
    """Return what is counted with chance; see `ModelRun.chance`.

    Parameters
    ----------
    run : ModelRun
        Of the model.
    counted : mapping of RewardRow to float
        What is added, and times what.
    kind, what : str
        ``cost``, ``effect`` or ``net benefit``; in words.
    options : tuple of two int
        Places of what is compared with, and of the option.
    discounted, people, arrivals, spread_of_spells, draws
        As in `ModelRun.chance`.
    """
    faults = [
        f"spread_of_spells: there is no state '{state}'; {did_you_mean(state, run.model.states)}"
        for state in spread_of_spells
        if state not in run.model.states
    ]
    if faults:
        raise ParameterNotFound("\n".join(faults))
    faults = [
        f"spread_of_spells of '{state}' is {number}; give a standard deviation over the mean, from 0 on"
        for state, number in spread_of_spells.items()
        if not 0 <= number < np.inf
    ]
    if arrivals not in ("fixed", "poisson"):
        faults.append(f"arrivals is '{arrivals}'; use 'fixed' or 'poisson'")
    elif arrivals == "poisson" and run.model.intake is None:
        faults.append("arrivals are a Poisson number and the model has no intake; give it intake=")
    if people is not None and not 0 <= people < np.inf:
        faults.append(f"people is {people}; give the number who start, from 0 on")
    if draws < 1:
        faults.append(f"draws is {draws}; give a number from 1 on")
    if faults:
        raise ParameterError("\n".join(faults))
    model = run.model if people is None else replace(run.model, people=people)
    used = min(draws, run.draws)
    means, variances = chance_totals(
        model,
        counted,
        (model.options[options[0]], model.options[options[1]]),
        discounted=discounted,
        poisson=arrivals == "poisson",
        spread_of_spells=spread_of_spells,
        draws=used,
    )
    who = f"{model.people:,g} people at the start"
    if model.intake is not None:
        number = "a Poisson number" if arrivals == "poisson" else "a known number"
        who += f", {model.intake.sum():,g} coming later ({number})"
    notes = [*run.conventions, "Chance: people are independent of each other, given the rates"]
    if spread_of_spells:
        listed = ", ".join(f"{state} {number:g}" for state, number in spread_of_spells.items())
        notes.append(f"Spells: standard deviation over mean of their costs: {listed}")
    unit = run.money if kind != "effect" else next(row.name for row in counted)
    basis = "discounted" if discounted else "undiscounted"
    own = options[1:] if options[0] == options[1] else options
    rows = slice(1) if len(own) == 1 else slice(None)
    return ModelChance(
        title=model.title,
        what=what,
        unit=unit,
        kind=kind,
        options=tuple(run.options[i] for i in own),
        foot=f"{unit}, {basis} · {who} · the first {used:,} of {run.draws:,} draws",
        notes=tuple(notes),
        means=means[rows],
        variances=variances[rows],
    )

"""Which costs avoided become cash: each budget line on the cashability ladder."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.cards import Card, CardResult, footer
from communitybudget._core.errors import ParameterNotFound, did_you_mean
from communitybudget._core.options import chosen_option
from communitybudget._core.results import result
from communitybudget._core.vocabulary import AGENCIES, ALL_AGENCIES, agency_label

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Array = NDArray[np.float64]

RUNGS: tuple[str, ...] = ("average", "marginal", "stepped", "bankable")
CASH_QUANTILES: tuple[int, ...] = (10, 20, 50, 80, 90)
CASH_COLUMNS: tuple[str, ...] = (
    "option",
    "agency",
    "line",
    "benefit_owner",
    "year",
    *RUNGS,
    *(f"bankable_p{q}" for q in CASH_QUANTILES),
)
STEP_COLUMNS: tuple[str, ...] = ("option", "agency", "line", "step", "steps", "year", "probability")


@result
@dataclass(frozen=True, slots=True)
class CashRule:
    """How a fall in volume on one budget line becomes cash.

    Parameters
    ----------
    agency, line : str
        Whose budget line.
    unit_cost : str
        Key of the unit cost whose volume counts; empty where the whole line is taken in pounds.
    marginal_share : str
        Id of the share of the average cost that varies with volume.
    step, step_size, units_each : str, float, float
        What only goes together, how many, and unit-cost units that one of them takes in a year;
        size 0 where there is no step.
    decommission_months, notice_months : int
        One after the other.
    benefit_owner : str
        Who answers for taking the money out.
    source, mark, note : str
        Passport.
    """

    agency: str
    line: str
    unit_cost: str
    marginal_share: str
    step: str
    step_size: float
    units_each: float
    decommission_months: int
    notice_months: int
    benefit_owner: str
    source: str
    mark: str
    note: str

    @property
    def delay_months(self) -> int:
        """Months from the last use to the last bill."""
        return self.decommission_months + self.notice_months


@result
@dataclass(frozen=True, eq=False)
class Cashability(CardResult):
    """What of the costs avoided is cash, real GBP.

    Parameters
    ----------
    rules : tuple of CashRule
        Axis ``rule``; a budget line without one is not assessed, and none of it is cash here.
    options, years, agencies, option_labels : tuple of str
        As in the ledger.
    average, marginal, stepped, bankable : ndarray, shape (rule, option, year, draw)
        Rungs of the ladder.
    steps : ndarray, shape (rule, option, year, draw)
        Whole steps that stand closed at the end of the year; a step opens again when its volume comes back.
    not_assessed : ndarray, shape (option, year, draw)
        Fiscal costs avoided of lines without a rule, transfers included.
    extra : ndarray, shape (agency, option, year, draw)
        The part of it that is extra spending, never positive: where an option costs more than business
        as usual the money is spent, whether or not anybody has assessed the line.
    price_base, seed, set_version : str, int, str
        As in the ledger.
    """

    rules: tuple[CashRule, ...]
    options: tuple[str, ...]
    years: tuple[str, ...]
    agencies: tuple[str, ...]
    option_labels: tuple[str, ...]
    average: Array
    marginal: Array
    stepped: Array
    bankable: Array
    steps: Array
    not_assessed: Array
    extra: Array
    price_base: str
    seed: int
    set_version: str

    @property
    def draws(self) -> int:
        """Number of draws."""
        return int(self.not_assessed.shape[-1])

    def _option(self, option: str | None) -> int:
        return self.options.index(chosen_option(option, self.options))

    def rung(self, rung: str, option: str | None = None, agency: str = ALL_AGENCIES) -> Array:
        """Return one rung of one option, shape (year, draw).

        Parameters
        ----------
        rung : {'average', 'marginal', 'stepped', 'bankable'}
            Which.
        option : str, optional
            The first unless one is named.
        agency : str
            One, or ``all``.
        """
        if rung not in RUNGS:
            raise ParameterNotFound(f"'{rung}' is no rung; {did_you_mean(rung, RUNGS)}")
        if agency not in (ALL_AGENCIES, *AGENCIES):
            raise ParameterNotFound(f"'{agency}' is no agency; {did_you_mean(agency, AGENCIES)}")
        chosen = self._option(option)
        total = np.zeros(self.not_assessed.shape[1:])
        values: Array = getattr(self, rung)
        for i, rule in enumerate(self.rules):
            if agency in (ALL_AGENCIES, rule.agency):
                total += values[i, chosen]
        return total

    def extra_spending(self, option: str | None = None, agency: str = ALL_AGENCIES) -> Array:
        """Return what one option costs more on lines without a rule, shape (year, draw); never positive.

        Parameters
        ----------
        option : str, optional
            The first unless one is named.
        agency : str
            One, or ``all``.
        """
        chosen = self._option(option)
        held = [a for a, name in enumerate(self.agencies) if agency in (ALL_AGENCIES, name)]
        return np.asarray(self.extra[held, chosen].sum(axis=0))

    def to_frame(self, turned_out: "Cashability | None" = None) -> "pd.DataFrame":
        """Return the ladder by option, budget line and year.

        Parameters
        ----------
        turned_out : Cashability, optional
            The same as it may turn out by chance: then the percentiles are its.

        Returns
        -------
        pandas.DataFrame
            ``option, agency, line, benefit_owner, year, average, marginal, stepped, bankable``
            (means)``, bankable_p10, bankable_p20, bankable_p50, bankable_p80, bankable_p90``.
        """
        import pandas as pd

        rows = []
        for o, option in enumerate(self.options):
            for r, rule in enumerate(self.rules):
                spread = (self if turned_out is None else turned_out).bankable[r, o]
                quantiles = np.quantile(spread, [q / 100 for q in CASH_QUANTILES], axis=-1)
                means = [getattr(self, rung)[r, o].mean(axis=-1) for rung in RUNGS]
                for y, year in enumerate(self.years):
                    rows.append(
                        (
                            option,
                            rule.agency,
                            rule.line,
                            rule.benefit_owner,
                            year,
                            *(m[y] for m in means),
                            *quantiles[:, y],
                        )
                    )
        return pd.DataFrame(rows, columns=list(CASH_COLUMNS))

    def steps_frame(self, most: int = 5) -> "pd.DataFrame":
        """Return the probability that each step stands closed at the end of each year.

        Parameters
        ----------
        most : int
            Steps shown at the most.

        Returns
        -------
        pandas.DataFrame
            ``option, agency, line, step, steps, year, probability``; steps that no draw reaches
            end the list, the first step always stands.
        """
        import pandas as pd

        rows = []
        for o, option in enumerate(self.options):
            for r, rule in enumerate(self.rules):
                if not rule.step:
                    continue
                for number in range(1, most + 1):
                    reached = (self.steps[r, o] >= number).mean(axis=-1)
                    if number > 1 and not reached.any():
                        break
                    rows += [
                        (option, rule.agency, rule.line, rule.step, number, year, chance)
                        for year, chance in zip(self.years, reached, strict=True)
                    ]
        return pd.DataFrame(rows, columns=list(STEP_COLUMNS))

    def rungs_frame(
        self, option: str | None = None, turned_out: "Cashability | None" = None
    ) -> "pd.DataFrame":
        """Return what is left on each rung over the horizon, undiscounted, one row a rung.

        Parameters
        ----------
        option : str, optional
            The first unless one is named.
        turned_out : Cashability, optional
            The same as it may turn out by chance: then the percentiles are its, and the means of the last
            two rungs, since steps are whole.

        Returns
        -------
        pandas.DataFrame
            ``rung, mean, p10, p90``, after ``costs_avoided`` (assessed or not).
        """
        import pandas as pd

        spread = (self if turned_out is None else turned_out)._rung_totals(option)
        means = [total.mean() for _, total in self._rung_totals(option)]
        means[-2:] = [total.mean() for _, total in spread[-2:]]
        rows = [
            (name, mean, *np.quantile(v, [0.1, 0.9])) for mean, (name, v) in zip(means, spread, strict=True)
        ]
        return pd.DataFrame(rows, columns=["rung", "mean", "p10", "p90"])

    def _rung_totals(self, option: str | None) -> list[tuple[str, Array]]:
        chosen = self._option(option)
        average = self.rung("average", option).sum(axis=0)
        totals = [("All fiscal costs avoided", average + self.not_assessed[chosen].sum(axis=0))]
        words = {
            "average": "Of it assessed for cash, at average cost",
            "marginal": "Varies with volume",
            "stepped": "Released in whole steps",
            "bankable": "Bankable, after closing and notice",
        }
        return totals + [(words[rung], self.rung(rung, option).sum(axis=0)) for rung in RUNGS]

    def plot(self, ax: "Axes | None" = None, option: str | None = None) -> "Axes":
        """Draw what is left on each rung of the ladder; the first option unless one is named."""
        from communitybudget.charts import plot_ladder

        label = self.option_labels[self._option(option)]
        return plot_ladder(
            self.rungs_frame(option),
            ax,
            price_base=self.price_base,
            title=f"From costs avoided to cash: {label}",
        )

    def _rows(self) -> list[tuple[str, str]]:
        rows = []
        for option, label in zip(self.options, self.option_labels, strict=True):
            frame = self.rungs_frame(option)
            rows += [
                (f"{label}: {name[:1].lower()}{name[1:]}", f"£{mean:,.0f}")
                for name, mean in zip(frame["rung"], frame["mean"], strict=True)
            ]
        return rows

    @property
    def _title(self) -> str:
        return f"Cashability over {len(self.years)} years, undiscounted means"

    @property
    def _foot(self) -> str:
        return footer(self.price_base, self.seed, self.draws, self.set_version)

    def _card(self) -> Card:
        return Card(self._title, self._rows(), self._foot)

    def __repr__(self) -> str:
        return (
            f"Cashability({len(self.rules)} rules, {len(self.options)} options, {len(self.years)} years, "
            f"price_base={self.price_base}, draws={self.draws})"
        )


def describe_rule(rule: CashRule) -> str:
    """Return a rule in words.

    Examples
    --------
    >>> describe_rule(CashRule("police", "Arrests", "", "case.x", "", 0, 0, 3, 0, "", "us", "assumption", ""))
    'Police, Arrests: released unit by unit; cash 3 months after the last use'
    """
    step = (
        f"released in whole steps ({rule.step}: {rule.step_size:g} at a time)"
        if rule.step
        else "released unit by unit"
    )
    delay = "cash at once"
    if rule.delay_months:
        months = "1 month" if rule.delay_months == 1 else f"{rule.delay_months} months"
        delay = f"cash {months} after the last use"
    return f"{agency_label(rule.agency)}, {rule.line}: {step}; {delay}"

"""The appraisal: what a case comes to, for all agencies and each, and how surely."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.cards import Card, CardResult, footer
from communitybudget._core.options import chosen_option
from communitybudget._core.results import result
from communitybudget._core.vocabulary import ALL_AGENCIES, agency_label
from communitybudget.agreement import Rule
from communitybudget.appraisal import IncrementalTable
from communitybudget.case.agreement import Agreement, Agreements, agreement_of, agreements_of
from communitybudget.case.at_a_glance import balance_frame, cumulative_cash_frame, two_uncertainties_frame
from communitybudget.case.case import Case
from communitybudget.case.decision import Decision, decision_of
from communitybudget.case.effects import EffectReport, effects_frame
from communitybudget.case.incremental import incremental_of
from communitybudget.case.input_columns import (
    ASSUMPTION_COLUMNS,
    InputColumn,
    inputs_touching,
)
from communitybudget.case.journeys import Journey
from communitybudget.case.measures import (
    HEADLINE_NOTE,
    find_measure,
    headline_rows,
    measures_frame,
    npv_of,
)
from communitybudget.case.model import Model, prepare
from communitybudget.case.outcomes import DrawnChain
from communitybudget.case.paying_back import payback_frame, payback_probability
from communitybudget.case.plausibility import (
    AgencyShare,
    Benchmark,
    plausibility_frame,
    plausibility_notes,
)
from communitybudget.case.side_by_side import SideBySide, side_by_side
from communitybudget.case.signed import (
    by_year_frame,
    cost_per_outcome_frame,
    nominal_frame,
    plan_frame,
    reconciliation_frame,
    section_151_frame,
    two_cases_frame,
)
from communitybudget.case.starts import waiting_frame
from communitybudget.case.switchboard import switchboard_frame
from communitybudget.case.teams import team_costs_frame
from communitybudget.case.uprating import price_gaps_frame, stale_prices_frame
from communitybudget.case.what_if import WhatIf
from communitybudget.case.what_matters import (
    convergence_of,
    switching_values_of,
    tornado_of,
    variance_by_mark_of,
)
from communitybudget.ledger import BudgetLine, Cashability, Ledger
from communitybudget.sensitivity import Convergence, Tornado, VarianceShares
from communitybudget.simulation import Activity

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Array = NDArray[np.float64]


@result
@dataclass(frozen=True, eq=False)
class Appraisal(CardResult):
    """What a case comes to.

    Parameters
    ----------
    case_text : str
        The case file.
    title, place : str
        Of the case.
    families : float
        Families offered the programme.
    years : tuple of str
        Financial years of the horizon; the first is the base year of discounting.
    price_base : str
        Prices, real.
    schedule : str or float
        Discount schedule.
    factors : ndarray, shape (year,)
        Discount factors; 1 in the first year.
    family_years : ndarray, shape (year,)
        Families that have joined, in mean over each year.
    activity : Activity
        Natural units.
    ledger : Ledger
        Money.
    cash : Cashability
        Which of it can leave a budget.
    cash_with_chance : Cashability
        The same as it may turn out for these very families.
    outcomes : tuple of DrawnChain
        Outcome chains, option by option.
    budget : tuple of BudgetLine
        The agencies' own outturn; empty where none is given.
    inputs : tuple of InputColumn
        Uncertain inputs, K of them.
    input_values : ndarray, shape (K, draw)
        Their draws.
    assumption_rows : tuple of tuple
        Every number used, with its passport; columns `ASSUMPTION_COLUMNS`.
    effects : tuple of EffectReport
        What each effect says and the hazard ratio it became.
    journeys : tuple of Journey
        Reference journeys.
    benchmarks : tuple of Benchmark
        Published costs of a family-year, for plausibility.
    agency_shares : tuple of AgencyShare
        Published splits over agencies, for plausibility.
    conventions, cautions : tuple of str
        How it was reckoned, and what it leaves out.
    seed : int
        Of the draws.
    set_version, set_digest : str
        Parameter set.
    """

    case_text: str
    title: str
    place: str
    families: float
    years: tuple[str, ...]
    price_base: str
    schedule: str | float
    factors: Array
    family_years: Array
    activity: Activity
    ledger: Ledger
    cash: Cashability
    cash_with_chance: Cashability
    outcomes: tuple[DrawnChain, ...]
    budget: tuple[BudgetLine, ...]
    inputs: tuple[InputColumn, ...]
    input_values: Array
    assumption_rows: tuple[tuple[Any, ...], ...]
    effects: tuple[EffectReport, ...]
    journeys: tuple[Journey, ...]
    benchmarks: tuple[Benchmark, ...]
    agency_shares: tuple[AgencyShare, ...]
    conventions: tuple[str, ...]
    cautions: tuple[str, ...]
    seed: int
    set_version: str
    set_digest: str
    _source: Case | None = field(default=None, compare=False, repr=False)

    @property
    def draws(self) -> int:
        """Number of draws."""
        return self.ledger.draws

    @property
    def options(self) -> tuple[str, ...]:
        """Options compared with business as usual."""
        return self.ledger.options

    @property
    def case(self) -> Case:
        """The case that was appraised."""
        return self._source if self._source is not None else Case.from_text(self.case_text)

    @cached_property
    def model(self) -> Model:
        """The case made ready to run again."""
        return prepare(self.case)

    def _chosen(self, option: str | None) -> str:
        return chosen_option(option, self.options)

    @cached_property
    def turned_out(self) -> Ledger:
        """The ledger as it may turn out for these very families: uncertain rates, and chance."""
        return self.ledger.with_chance()

    def _level(self, chance: bool) -> tuple[Ledger, Cashability]:
        return (self.turned_out, self.cash_with_chance) if chance else (self.ledger, self.cash)

    def npv(
        self,
        option: str | None = None,
        agency: str = ALL_AGENCIES,
        value: str = "fiscal",
        *,
        chance: bool = False,
    ) -> Array:
        """Return the net present value in every draw, shape (draw,).

        Parameters
        ----------
        option : str, optional
            The first option unless one is named.
        agency : str
            One, or ``all``.
        value : {'fiscal', 'public_value'}
            The fiscal case counts transfers and funding; public value leaves transfers out and adds
            economic and social value.
        chance : bool
            As it turns out for these very families, instead of as expected at the rates of a draw.

        Returns
        -------
        ndarray
            Real GBP at the price base, costs avoided less spending, discounted to the first year.
        """
        chosen, (ledger, _) = self._chosen(option), self._level(chance)
        return npv_of(ledger, self.factors, chosen, agency, value)

    def convergence(
        self,
        option: str | None = None,
        agency: str = ALL_AGENCIES,
        value: str = "fiscal",
        *,
        chance: bool = False,
    ) -> Convergence:
        """Return how the net present value settles down as the draws add up; arguments as in `npv`."""
        return convergence_of(self, self._chosen(option), agency, value, chance)

    def probability_payback(
        self, year: str, option: str | None = None, agency: str = ALL_AGENCIES, *, chance: bool = False
    ) -> float:
        """Return the probability that the undiscounted fiscal cash is recovered by a year, and stays so.

        With ``chance`` as it turns out for these very families, otherwise as expected at uncertain rates.
        """
        ledger, _ = self._level(chance)
        return payback_probability(ledger.net(self._chosen(option), agency), self.years, year)

    def payback_by_year(
        self, option: str | None = None, agencies: Sequence[str] | None = None
    ) -> "pd.DataFrame":
        """Return how likely each agency is to have its money back for good by the end of each year.

        Returns
        -------
        pandas.DataFrame
            ``agency, year, probability, standard_error`` from uncertain rates alone;
            ``probability_with_chance, standard_error_with_chance``. All agencies and each that the option
            touches, unless named.
        """
        return payback_frame(self.ledger, self.turned_out, self._chosen(option), agencies)

    @cached_property
    def _measures(self) -> "pd.DataFrame":
        return measures_frame(
            self.ledger,
            self.cash,
            self.factors,
            self.model.case.spec.distributional_weight,
            self.cash_with_chance,
            replicates=self.model.replicates(self.draws),
        )

    def to_frame(self) -> "pd.DataFrame":
        """Return every measure by option and agency, as written to ``summary.csv``."""
        return self._measures.copy()

    def measure(self, name: str, option: str | None = None, agency: str = ALL_AGENCIES) -> "pd.Series[Any]":
        """Return one row of the measures.

        Parameters
        ----------
        name : str
            For example ``npv_fiscal``, ``bcr_fiscal``, ``probability_net_positive``.
        option, agency : str
            Of what.
        """
        return find_measure(self._measures, name, self._chosen(option), agency)

    def cumulative_cash(
        self, option: str | None = None, agency: str = ALL_AGENCIES, *, chance: bool = True
    ) -> "pd.DataFrame":
        """Return cumulative undiscounted fiscal cash by year; percentiles with chance unless it is off.

        Returns
        -------
        pandas.DataFrame
            ``year, p5, p10, p50, p90, p95, mean``.
        """
        ledger, _ = self._level(chance)
        return cumulative_cash_frame(self.ledger, ledger, self._chosen(option), agency)

    def balance(self, option: str | None = None, *, chance: bool = True) -> "pd.DataFrame":
        """Return who pays and who gains: present values by agency, fiscal.

        Means are of what is expected; the interval holds chance unless it is off.

        Returns
        -------
        pandas.DataFrame
            ``agency`` (printable)``, costs_avoided, delivery, funding, net, net_p10, net_p90``.
        """
        ledger, _ = self._level(chance)
        return balance_frame(self.ledger, ledger, self.factors, self._chosen(option))

    def plausibility(self) -> "pd.DataFrame":
        """Return business-as-usual spending by family-year: first year with families, and mean year.

        Returns
        -------
        pandas.DataFrame
            ``agency, first_year, first_year_p10, first_year_p90, share`` (of the first year)``,
            transfers_first_year, mean_year``; GBP a family, fiscal, undiscounted. The last row is all
            agencies.
        """
        return plausibility_frame(self.ledger, self.family_years)

    def plausibility_notes(self) -> tuple[str, ...]:
        """Return why business as usual differs from the published averages, in words with figures."""
        closed = len(set(self.family_years.tolist())) == 1
        return plausibility_notes(self.model, self.plausibility(), self.benchmarks, closed)

    def input_frame(self) -> "pd.DataFrame":
        """Return the draws of the uncertain inputs, one column each."""
        import pandas as pd

        return pd.DataFrame({c.key: v for c, v in zip(self.inputs, self.input_values, strict=True)})

    def tornado(
        self, option: str | None = None, agency: str = ALL_AGENCIES, value: str = "fiscal"
    ) -> Tornado:
        """Return which inputs move the net present value most, by rank regression on the draws.

        Raises
        ------
        ValueError
            If there are fewer draws than inputs.
        """
        return tornado_of(self, self._chosen(option), agency, value)

    def inputs_of(self, options: Sequence[str], agency: str = ALL_AGENCIES) -> list[InputColumn]:
        """Return the inputs that can touch the NPV of any of some options, in their order."""
        found = [inputs_touching(self.model, self.inputs, self.options, option, agency) for option in options]
        touching = {column.key for columns in found for column in columns}
        return [column for column in self.inputs if column.key in touching]

    def decision(
        self,
        options: str | Sequence[str] | None = None,
        agency: str | None = None,
        value: str | None = None,
    ) -> Decision:
        """Return the choice between options and business as usual, and what it is worth to know more first.

        Parameters
        ----------
        options : str or sequence of str, optional
            Those to choose from; those of the case's ``decision``, or all that can be chosen.
        agency : str, optional
            Whose money decides: one agency, or ``all``; that of the case's ``decision``, or all.
        value : {'fiscal', 'public_value'}, optional
            That of the case's ``decision``, or fiscal.

        Raises
        ------
        ParameterNotFound
            If there is no such option or agency.
        ValueError
            If no option is left to choose, or there are fewer than 2 draws.
        """
        return decision_of(self, options, agency, value)

    def agreement(
        self,
        rule: str | Rule | None = None,
        partners: Sequence[str] | None = None,
        *,
        option: str | None = None,
        years: int | None = None,
    ) -> Agreement:
        """Return an investment agreement between agencies, as it may turn out for these very families.

        Parameters
        ----------
        rule : str or Rule, optional
            One of the case by name, or of `communitybudget.agreement`; the first of the case if omitted.
        partners, option, years : optional
            Who signs, for what, and the term; those of the case if omitted, or else every agency whose money
            moves, the first option that can be chosen, and the horizon.

        Raises
        ------
        ParameterNotFound
            If there is no such rule or option.
        AgreementError
            With everything that makes the rule impossible for these partners.
        """
        return agreement_of(self, rule, partners, option, years)

    def agreements(self) -> Agreements:
        """Return the agreement of the case under each of its rules, and how they compare."""
        return agreements_of(self)

    def incremental(
        self,
        options: str | Sequence[str] | None = None,
        agency: str = ALL_AGENCIES,
        value: str = "fiscal",
    ) -> IncrementalTable:
        """Return what each option adds over the next cheaper one; arguments as in `decision`."""
        return incremental_of(self, options, agency, value)

    def what_if(self, option: str | None = None, agency: str = ALL_AGENCIES, value: str = "fiscal") -> WhatIf:
        """Return what the net present value would be if inputs were otherwise; arguments as in `npv`."""
        return WhatIf(self, self._chosen(option), agency, value)

    def variance_by_mark(self, option: str | None = None) -> VarianceShares:
        """Return the share of the NPV's variance that inputs of each mark explain.

        Effects that are absent in the same draws are not independent of each other: they stand as
        one group of their own.
        """
        return variance_by_mark_of(self, self._chosen(option))

    def switching_values(self, option: str | None = None, most: int = 6, draws: int = 300) -> "pd.DataFrame":
        """Return the value at which the expected fiscal NPV is nil, for the inputs that matter most.

        Parameters
        ----------
        option : str, optional
            The first option unless one is named.
        most : int
            How many inputs besides the delivery cost.
        draws : int
            All other inputs stay uncertain, over this many draws.

        Returns
        -------
        pandas.DataFrame
            ``key, label, unit, value, low, high, switching_value, change, mark, note``.
        """
        return switching_values_of(self, self._chosen(option), most, draws)

    def break_even(self) -> "pd.DataFrame":
        """Return how many people each option must keep out of a state to pay for itself, by agency."""
        from communitybudget.case.answers import break_even_frame

        drawn = self.model.draw(min(self.draws, 1_000), self.seed)
        return break_even_frame(self.model, self.activity, self.ledger, drawn)

    def two_uncertainties(self, agency: str = ALL_AGENCIES) -> "pd.DataFrame":
        """Return the two uncertainties apart: of rates, effects and prices, and of which families these are.

        Returns
        -------
        pandas.DataFrame
            ``option, mean, sd_rates, sd_with_chance, chance_share`` (of the variance)``, p10_rates,
            p90_rates, p10_with_chance, p90_with_chance, probability_rates, probability_with_chance``:
            the fiscal net present value, real GBP, and the probability that it is not negative.
        """
        return two_uncertainties_frame(self._measures, self.options, agency)

    def by_year(self, *, chance: bool = True) -> "pd.DataFrame":
        """Return spending, costs avoided, cash, net and cumulative by option, agency and year; see the docs.

        Means are of what is expected; percentiles hold chance unless it is off. Columns `YEAR_COLUMNS`;
        fiscal, undiscounted.
        """
        return by_year_frame(self.ledger, self.cash, *self._level(chance))

    def section_151(
        self, option: str | None = None, agency: str = "local_authority", *, chance: bool = True
    ) -> "pd.DataFrame":
        """Return the table that a section 151 officer signs, means by year; ``all`` adds the agencies.

        The interval of the total holds chance unless it is off.
        """
        chosen = self._chosen(option)
        return section_151_frame(self.ledger, self.cash, chosen, agency, *self._level(chance))

    def financial_plan(self, agency: str = ALL_AGENCIES, *, chance: bool = True) -> "pd.DataFrame":
        """Return the line for a medium-term financial plan: savings 80% likely to be at least this.

        It holds chance unless that is off.
        """
        return plan_frame(self._level(chance)[1], self.budget, agency)

    def reconciliation(self) -> "pd.DataFrame":
        """Return each budget line beside the model; empty where the case gives no outturn."""
        return reconciliation_frame(self.ledger, self.budget)

    def two_cases(self, option: str | None = None, *, chance: bool = True) -> "pd.DataFrame":
        """Return cash, financial and economic case side by side, present values; percentiles hold chance."""
        return two_cases_frame(
            self.ledger,
            self.factors,
            self._chosen(option),
            *self._level(chance),
            self.model.case.spec.distributional_weight,
        )

    def cost_per_outcome(self, *, chance: bool = True) -> "pd.DataFrame":
        """Return what each option costs for each outcome that it avoids; intervals hold chance unless off."""
        return cost_per_outcome_frame(self.activity, self.outcomes, self.ledger, chance)

    def nominal(self, option: str | None = None, agency: str = ALL_AGENCIES) -> "pd.DataFrame":
        """Return the cash of each year in that year's prices beside real terms.

        Returns
        -------
        pandas.DataFrame
            ``year, index`` (price level, 1 at the price base)``, net_real, net_nominal,
            net_cash_real, net_cash_nominal``: means.
        """
        levels = [self.model.index.factor(self.price_base, year) for year in self.years]
        return nominal_frame(self.ledger, self.cash, self._chosen(option), agency, levels)

    def switchboard(self, option: str | None = None) -> "pd.DataFrame":
        """Return what each discount vintage and each adjustment does to the answer."""
        found = self._switchboard
        return found[found["option"] == self._chosen(option)].reset_index(drop=True)

    @cached_property
    def _switchboard(self) -> "pd.DataFrame":
        return switchboard_frame(self)

    def team_costs(self) -> "pd.DataFrame":
        """Return what each professional of a team costs for a family: hours, pay, on-costs, overheads."""
        return team_costs_frame(self.model.teams, self.model.draw(self.draws, self.seed))

    def waiting(self) -> "pd.DataFrame":
        """Return who waits for a place, and how long: columns `WAITING_COLUMNS`; empty where nobody can."""
        return waiting_frame(self.model.starts, self.years)

    def price_gaps(self) -> "pd.DataFrame":
        """Return what stands in place of published prices, and how far from them by general prices."""
        return price_gaps_frame(self.model)

    def stale_prices(self) -> "pd.DataFrame":
        """Return the unit costs in use that are older than the case allows without a word."""
        return stale_prices_frame(self.model)

    def side_by_side(self, option: str, other: str) -> SideBySide:
        """Return two options beside each other, line by line, for example a pathway and a chain."""
        return side_by_side(self, self._chosen(option), self._chosen(other))

    def assumptions(self) -> "pd.DataFrame":
        """Return every number used, with its source and mark, as written to ``assumptions.csv``."""
        import pandas as pd

        return pd.DataFrame(list(self.assumption_rows), columns=list(ASSUMPTION_COLUMNS))

    def sources(self) -> list[str]:
        """Return the sources of what this run used, each once."""
        column = ASSUMPTION_COLUMNS.index("source")
        return sorted({str(row[column]) for row in self.assumption_rows})

    def effects_frame(self) -> "pd.DataFrame":
        """Return each effect as printed, in the model, and as a hazard ratio."""
        return effects_frame(self.effects)

    def plot(self, ax: "Axes | None" = None, option: str | None = None, agency: str = ALL_AGENCIES) -> "Axes":
        """Draw cumulative cash with its fan and payback."""
        from communitybudget.charts import plot_cumulative_cash

        chosen = self._chosen(option)
        title = f"Cumulative cash: {self.ledger.label(chosen)}, {agency_label(agency)}"
        return plot_cumulative_cash(
            self.cumulative_cash(chosen, agency), ax, price_base=self.price_base, title=title
        )

    def _rows(self) -> list[tuple[str, str]]:
        labels = {option: self.ledger.label(option) for option in self.options}
        return headline_rows(self.measure, labels)

    @property
    def _title(self) -> str:
        place = f", {self.place}" if self.place else ""
        return f"{self.title}{place}"

    @property
    def _foot(self) -> str:
        return footer(self.price_base, self.seed, self.draws, self.set_version)

    def _card(self) -> Card:
        return Card(self._title, self._rows(), self._foot, HEADLINE_NOTE)

    def __repr__(self) -> str:
        return (
            f"Appraisal(npv={self.npv().mean():,.0f} GBP real, options={len(self.options)}, "
            f"price_base={self.price_base}, draws={self.draws}, seed={self.seed})"
        )

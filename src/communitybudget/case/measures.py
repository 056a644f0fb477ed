"""The measures of an appraisal by option and agency: `summary.csv`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from communitybudget._core import chances
from communitybudget._core.digits import pounds, pounds_and_pence
from communitybudget._core.errors import ParameterNotFound, did_you_mean
from communitybudget._core.vocabulary import ALL_AGENCIES
from communitybudget.appraisal import (
    payback_percentile,
    payback_year,
    weighted_public_value,
    worst_tail_error,
    worst_tail_mean,
)
from communitybudget.ledger import QUANTILES, Cashability, Ledger
from communitybudget.sensitivity import (
    by_replicate,
    monte_carlo_error,
    probability_error,
    ratio_error,
    replicate_error,
    replicate_probability_error,
    replicate_ratio_error,
)

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]

SUMMARY_COLUMNS: tuple[str, ...] = (
    "option",
    "agency",
    "measure",
    "mean",
    "sd",
    *(f"p{q}" for q in QUANTILES),
    "mc_error",
    "mean_with_chance",
    "sd_with_chance",
    *(f"p{q}_with_chance" for q in QUANTILES),
    "mc_error_with_chance",
    "chance_share",
)
NOT_WITHIN = "not within the horizon"

MeasureRow = tuple[object, ...]
"""Measure, mean, sd, percentiles and Monte Carlo error."""


def measures_frame(
    ledger: Ledger,
    cash: Cashability,
    factors: Array,
    weight: float | None = None,
    cash_with_chance: Cashability | None = None,
    replicates: int = 1,
) -> "pd.DataFrame":
    """Return every measure by option and agency.

    Parameters
    ----------
    ledger : Ledger
        Real GBP by draw, option, year and agency.
    cash : Cashability
        What of the costs avoided can be banked.
    factors : ndarray, shape (year,)
        Discount factors; 1 in the first year.
    weight : float, optional
        Distributional weight of the families; without one there is no weighted public value.
    cash_with_chance : Cashability, optional
        What can be banked as it turns out by chance; that of the rates alone if not given.
    replicates : int
        Independent parts in which the draws were made, from which the Monte Carlo errors are told; with 1
        they are those of independent draws.

    Returns
    -------
    pandas.DataFrame
        ``option, agency, measure, mean, sd, p5, p10, p20, p50, p80, p90, p95, mc_error``, from uncertain
        rates, effects and prices; the same with chance (``_with_chance``); and ``chance_share``, the
        share of the variance that chance adds. For a ratio and a probability ``mean`` is the figure
        itself; payback has percentiles only. The mean of an amount is not changed by chance: its
        ``mean_with_chance`` differs by Monte Carlo error, but for cash, which comes in steps.
    """
    import pandas as pd

    banked = cash if cash_with_chance is None else cash_with_chance
    rows: list[MeasureRow] = []
    errors = Errors(replicates)
    for option in ledger.options:
        # option by option, since the money with chance is a copy
        turned_out = ledger.only(option).with_chance()
        for agency in (ALL_AGENCIES, *ledger.agencies):
            expected = _rows(figures_of(ledger, cash, option, agency, factors, weight), ledger.years, errors)
            actual = _rows(
                figures_of(turned_out, banked, option, agency, factors, weight), ledger.years, errors
            )
            rows += both_levels(option, agency, expected, actual)
    return pd.DataFrame(rows, columns=list(SUMMARY_COLUMNS))


def both_levels(
    option: str, agency: str, expected: Sequence[MeasureRow], actual: Sequence[MeasureRow]
) -> list[tuple[object, ...]]:
    """Return rows of `SUMMARY_COLUMNS` from the measures of the rates alone and of both uncertainties."""
    return [
        (option, agency, *first, *second[1:], _added_by_chance(first[2], second[2]))
        for first, second in zip(expected, actual, strict=True)
    ]


def _added_by_chance(sd: object, sd_with_chance: object) -> float:
    """Return the share of the variance with chance that is not there without; NaN where there is none."""
    if not isinstance(sd, float) or not isinstance(sd_with_chance, float) or not sd_with_chance > 0:
        return float("nan")
    return max(0.0, 1 - (sd / sd_with_chance) ** 2)


def net_flow(ledger: Ledger, option: str, agency: str, value: str) -> Array:
    """Return the net flow of an option by year and draw, in the fiscal case or as public value.

    Parameters
    ----------
    ledger : Ledger
        Real GBP.
    option, agency : str
        Of what; ``all`` for all agencies.
    value : {'fiscal', 'public_value'}
        The fiscal case counts transfers and funding; public value leaves transfers out and adds economic
        and social value.

    Raises
    ------
    ValueError
        If the value is neither.
    """
    return ledger.net(option, agency) if is_fiscal(value) else ledger.public_value(option, agency)


def is_fiscal(value: str) -> bool:
    """Return whether the fiscal case is meant, and not public value.

    Raises
    ------
    ValueError
        If neither is.
    """
    if value not in ("fiscal", "public_value"):
        raise ValueError(f"'{value}' is no case; use fiscal or public_value")
    return value == "fiscal"


def weighted_flow(ledger: Ledger, option: str, weight: float, agency: str = ALL_AGENCIES) -> Array:
    """Return public value by year and draw with a weight on incomes gained and lost."""
    every = ("fiscal", "economic", "social")
    return weighted_public_value(
        ledger.flow(option, "costs_avoided", agency),
        ledger.flow(option, "costs_avoided", agency, transfer=True),
        ledger.flow(option, "costs_avoided", agency, ("economic",), transfer=False),
        ledger.flow(option, "costs_avoided", agency, ("social",), transfer=False),
        ledger.flow(option, "delivery", agency, every),
        weight,
    )


@dataclass(frozen=True, slots=True)
class Figures:
    """The measures of one option and agency in every draw, before they are summed up.

    Parameters
    ----------
    amounts : mapping of str to ndarray, shape (draw,)
        Present values, GBP.
    ratios : mapping of str to (ndarray, ndarray)
        Benefits and costs, present values.
    payback : ndarray, shape (draw,)
        Years; NaN beyond the horizon.
    hits : mapping of str to ndarray of bool, shape (draw,)
        Whether it came about.
    """

    amounts: Mapping[str, Array]
    ratios: Mapping[str, tuple[Array, Array]]
    payback: Array
    hits: Mapping[str, NDArray[np.bool_]]


WORST = ("worst_tenth_npv_fiscal", "npv_fiscal")
"""The measure of the worst tenth, and what it is a tenth of."""


def figures_of(
    ledger: Ledger, cash: Cashability, option: str, agency: str, factors: Array, weight: float | None
) -> Figures:
    """Return the measures of one option and agency in every draw; arguments as in `measures_frame`."""

    def present(flow: Array) -> Array:
        return present_values(flow, factors)

    avoided = ledger.flow(option, "costs_avoided", agency)
    delivery = ledger.flow(option, "delivery", agency)
    funding = ledger.flow(option, "funding", agency)
    net = ledger.net(option, agency)
    transfers = ledger.flow(option, "costs_avoided", agency, transfer=True)
    public = ledger.public_value(option, agency)
    every = ("fiscal", "economic", "social")
    public_costs = ledger.flow(option, "delivery", agency, every)
    banked = cash.rung("bankable", option, agency)
    extra = cash.extra_spending(option, agency)
    amounts = {
        "delivery_present_value": present(delivery),
        "costs_avoided_fiscal_present_value": present(avoided),
        "of_which_transfers_present_value": present(transfers),
        "funding_present_value": present(funding),
        "npv_fiscal": present(net),
        "npv_public_value": present(public),
        "net_cost_to_public_purse": present(delivery - avoided),
        "cashable_present_value": present(banked),
        "extra_spending_present_value": present(extra),
        "npv_cash": present(banked + extra - delivery + funding),
        "not_deliverable_present_value": present(ledger.flow(option, "not_deliverable", agency)),
        "unmet_need_present_value": present(ledger.flow(option, "unmet_need", agency)),
    }
    if weight is not None:
        amounts["npv_public_value_weighted"] = present(weighted_flow(ledger, option, weight, agency))
    payback = np.asarray(payback_year(net.T), dtype=float)
    return Figures(
        amounts,
        {
            "bcr_fiscal": (present(avoided), present(delivery)),
            "bcr_public_value": (present(public + public_costs), present(public_costs)),
            "cash_return": (present(banked + extra), present(delivery)),
        },
        payback,
        {
            "probability_net_positive": amounts["npv_fiscal"] >= 0,
            "probability_cash_positive": amounts["npv_cash"] >= 0,
            **{f"probability_payback_by_{year}": payback <= y for y, year in enumerate(ledger.years)},
        },
    )


@dataclass(frozen=True, slots=True)
class Errors:
    """Monte Carlo errors of draws that are independent, or of a design in independent parts.

    Parameters
    ----------
    replicates : int
        How many parts; with 1 the draws are taken as independent.
    """

    replicates: int = 1

    def mean(self, values: Array) -> float:
        """Return the error of a mean; NaN for a single draw."""
        if values.size < 2:
            return float("nan")
        if self.replicates > 1:
            return float(replicate_error(values, self.replicates))
        return float(monte_carlo_error(values))

    def ratio(self, benefits: Array, costs: Array) -> float:
        """Return the error of a ratio of means; NaN for a single draw."""
        if costs.size < 2:
            return float("nan")
        if self.replicates > 1:
            return float(replicate_ratio_error(benefits, costs, self.replicates))
        return float(ratio_error(benefits, costs))

    def worst_tail(self, values: Array) -> float:
        """Return the error of the mean of the worst tenth; NaN for a single draw."""
        if values.size < 2:
            return float("nan")
        if self.replicates > 1:
            return float(by_replicate(values, self.replicates, worst_tail_mean))
        return float(worst_tail_error(values))

    def probability(self, hits: NDArray[np.bool_]) -> float:
        """Return the error of a probability."""
        if self.replicates > 1:
            return float(replicate_probability_error(hits, self.replicates))
        return float(probability_error(int(hits.sum()), hits.size))


def _rows(figures: Figures, years: Sequence[str], errors: Errors) -> list[MeasureRow]:
    name, of = WORST
    worst = figures.amounts[of]
    return [
        *(_amount(name, values, errors) for name, values in figures.amounts.items()),
        *(_ratio(name, benefits, costs, errors) for name, (benefits, costs) in figures.ratios.items()),
        figure_row(name, float(worst_tail_mean(worst)), errors.worst_tail(worst)),
        _payback(figures.payback, years),
        *(
            figure_row(name, int(hits.sum()) / hits.size, errors.probability(hits))
            for name, hits in figures.hits.items()
        ),
    ]


def present_values(flow: Array, factors: Array) -> Array:
    """Return the present value of a flow (year, draw) in each draw, added year by year in order."""
    total = np.zeros(flow.shape[1])
    for factor, year in zip(factors, flow, strict=True):
        total += factor * year
    return total


def npv_of(
    ledger: Ledger,
    factors: Array,
    option: str,
    agency: str = ALL_AGENCIES,
    value: str = "fiscal",
) -> Array:
    """Return the net present value of an option in every draw, GBP.

    Parameters
    ----------
    ledger : Ledger
        Real GBP.
    factors : ndarray, shape (year,)
        Discount factors; 1 in the first year.
    option, agency : str
        Of what.
    value : {'fiscal', 'public_value'}
        The fiscal case counts transfers and funding; public value leaves transfers out and adds economic
        and social value.

    Raises
    ------
    ValueError
        If the value is neither.
    """
    return present_values(net_flow(ledger, option, agency, value), factors)


def _amount(name: str, values: Array, errors: Errors) -> MeasureRow:
    quantiles = np.quantile(values, [q / 100 for q in QUANTILES])
    sd = float(values.std(ddof=1)) if values.size > 1 else 0.0
    return (name, values.mean(), sd, *quantiles, errors.mean(values))


def _ratio(name: str, benefits: Array, costs: Array, errors: Errors) -> MeasureRow:
    """Return a ratio of mean present values; blank where the cost is not positive."""
    if not costs.mean() > 0:
        return figure_row(name, np.nan, np.nan)
    return figure_row(name, benefits.mean() / costs.mean(), errors.ratio(benefits, costs))


def _payback(payback: Array, years: Sequence[str]) -> MeasureRow:
    return payback_row([payback_percentile(payback, q / 100) for q in QUANTILES], years)


def payback_row(percentiles: Sequence[float], years: Sequence[str]) -> MeasureRow:
    """Return the row of payback from its percentiles, in years since the first; NaN is beyond the horizon."""
    texts = [NOT_WITHIN if np.isnan(value) else years[int(np.ceil(value))] for value in percentiles]
    return ("payback_year", np.nan, np.nan, *texts, np.nan)


def figure_row(name: str, figure: float, error: float) -> MeasureRow:
    """Return the row of a measure that is one figure, with its Monte Carlo error."""
    return (name, figure, np.nan, *([np.nan] * len(QUANTILES)), error)


def find_measure(frame: "pd.DataFrame", name: str, option: str, agency: str) -> "pd.Series[Any]":
    """Return one row of the measures.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns `SUMMARY_COLUMNS` at least.
    name, option, agency : str
        The measure, and of what.

    Raises
    ------
    ParameterNotFound
        If there is no such measure, or the agency bears no line.
    """
    known = list(dict.fromkeys(frame["measure"]))
    if name not in known:
        raise ParameterNotFound(f"there is no measure '{name}'; {did_you_mean(name, known)}")
    rows = frame[(frame["measure"] == name) & (frame["option"] == option) & (frame["agency"] == agency)]
    if rows.empty:
        agencies = list(dict.fromkeys(frame["agency"]))
        raise ParameterNotFound(f"'{agency}' bears no line here; {did_you_mean(agency, agencies)}")
    return rows.iloc[0]


HEADLINE_NOTE = (
    "All agencies, fiscal, discounted; 10% to 90% interval in brackets. It holds two uncertainties: of "
    "rates, effects and prices, and of chance, which families these turn out to be; the first alone "
    "stands beside it."
)


def headline_rows(
    measure: "Callable[[str, str], pd.Series[Any]]", labels: Mapping[str, str]
) -> list[tuple[str, str]]:
    """Return the main figures of each option in words.

    Parameters
    ----------
    measure : callable
        ``measure(name, option)``: a row of the measures, all agencies.
    labels : mapping of str to str
        Printable names of the options.
    """
    rows = []
    for option, label in labels.items():
        npv = measure("npv_fiscal", option)
        ratio = measure("bcr_fiscal", option)["mean"]
        odds = measure("probability_net_positive", option)
        payback = measure("payback_year", option)["p50_with_chance"]
        rates, both = (
            f"{pounds(npv[f'p10{level}'])} to {pounds(npv[f'p90{level}'])}" for level in ("", "_with_chance")
        )
        text = f"{pounds(npv['mean'])} ({both}; rates alone {rates})"
        rows.append((f"{label}: net present value", text))
        shown = "no cost" if np.isnan(ratio) else f"{pounds_and_pence(ratio)} per £1"
        rows.append((f"{label}: costs avoided", shown))
        years = "not within the horizon" if payback == NOT_WITHIN else f"{payback} (median)"
        rows.append(
            (
                f"{label}: chance of paying for itself; payback",
                f"{chances.chance(odds['mean_with_chance'])} "
                f"(rates alone {chances.chance(odds['mean'])}); {years}",
            )
        )
    return rows

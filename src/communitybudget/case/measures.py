"""The measures of an appraisal by option and agency: `summary.csv`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.vocabulary import ALL_AGENCIES
from communitybudget.appraisal import (
    payback_percentile,
    payback_year,
    weighted_public_value,
    worst_tail_error,
    worst_tail_mean,
)
from communitybudget.ledger import QUANTILES, Cashability, Ledger
from communitybudget.sensitivity import monte_carlo_error, probability_error, ratio_error

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

_Row = tuple[object, ...]


def measures_frame(
    ledger: Ledger,
    cash: Cashability,
    factors: Array,
    weight: float | None = None,
    cash_with_chance: Cashability | None = None,
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

    turned_out = ledger.with_chance()
    banked = cash if cash_with_chance is None else cash_with_chance
    rows: list[_Row] = []
    for option in ledger.options:
        for agency in (ALL_AGENCIES, *ledger.agencies):
            expected = _of_agency(ledger, cash, option, agency, factors, weight)
            actual = _of_agency(turned_out, banked, option, agency, factors, weight)
            rows += [
                (option, agency, *first, *second[1:], _added_by_chance(first[2], second[2]))
                for first, second in zip(expected, actual, strict=True)
            ]
    return pd.DataFrame(rows, columns=list(SUMMARY_COLUMNS))


def _added_by_chance(sd: object, sd_with_chance: object) -> float:
    """Return the share of the variance with chance that is not there without; NaN where there is none."""
    if not isinstance(sd, float) or not isinstance(sd_with_chance, float) or not sd_with_chance > 0:
        return float("nan")
    return max(0.0, 1 - (sd / sd_with_chance) ** 2)


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


def _of_agency(
    ledger: Ledger, cash: Cashability, option: str, agency: str, factors: Array, weight: float | None
) -> list[_Row]:

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
    rows = [_amount(name, values) for name, values in amounts.items()]
    rows.append(_ratio("bcr_fiscal", present(avoided), present(delivery)))
    rows.append(_ratio("bcr_public_value", present(public + public_costs), present(public_costs)))
    rows.append(_ratio("cash_return", present(banked + extra), present(delivery)))
    rows.append(_worst("worst_tenth_npv_fiscal", amounts["npv_fiscal"]))
    payback = np.asarray(payback_year(net.T), dtype=float)
    rows.append(_payback(payback, ledger.years))
    rows.append(_chance("probability_net_positive", amounts["npv_fiscal"] >= 0))
    rows.append(_chance("probability_cash_positive", amounts["npv_cash"] >= 0))
    rows += [_chance(f"probability_payback_by_{year}", payback <= y) for y, year in enumerate(ledger.years)]
    return rows


def present_values(flow: Array, factors: Array) -> Array:
    """Return the present value of a flow (year, draw) in each draw, added year by year in order."""
    total = np.zeros(flow.shape[1])
    for factor, year in zip(factors, flow, strict=True):
        total += factor * year
    return total


def _amount(name: str, values: Array) -> _Row:
    quantiles = np.quantile(values, [q / 100 for q in QUANTILES])
    many = values.size > 1
    sd = float(values.std(ddof=1)) if many else 0.0
    return (name, values.mean(), sd, *quantiles, monte_carlo_error(values) if many else np.nan)


def _ratio(name: str, benefits: Array, costs: Array) -> _Row:
    """Return a ratio of mean present values; blank where the cost is not positive."""
    ratio = error = np.nan
    if costs.mean() > 0:
        ratio = benefits.mean() / costs.mean()
        if costs.size > 1:
            error = float(ratio_error(benefits, costs))
    return (name, ratio, np.nan, *([np.nan] * len(QUANTILES)), error)


def _worst(name: str, values: Array) -> _Row:
    """Return the mean of the worst tenth of the draws: the expected shortfall at 10%."""
    error = worst_tail_error(values) if values.size > 1 else np.nan
    return (name, float(worst_tail_mean(values)), np.nan, *([np.nan] * len(QUANTILES)), error)


def _payback(payback: Array, years: Sequence[str]) -> _Row:
    texts = []
    for q in QUANTILES:
        value = float(payback_percentile(payback, q / 100))
        texts.append(NOT_WITHIN if np.isnan(value) else years[int(np.ceil(value))])
    return ("payback_year", np.nan, np.nan, *texts, np.nan)


def _chance(name: str, hits: NDArray[np.bool_]) -> _Row:
    count = int(hits.sum())
    error = float(probability_error(count, hits.size))
    return (name, count / hits.size, np.nan, *([np.nan] * len(QUANTILES)), error)

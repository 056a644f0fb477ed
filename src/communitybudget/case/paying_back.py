"""How likely each agency is to have its money back by each year."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from communitybudget._core.errors import ParameterNotFound, did_you_mean
from communitybudget._core.vocabulary import ALL_AGENCIES
from communitybudget.appraisal import payback_year
from communitybudget.ledger import Ledger
from communitybudget.sensitivity import probability_error

if TYPE_CHECKING:
    import pandas as pd

PAYBACK_COLUMNS: tuple[str, ...] = (
    "agency",
    "year",
    "probability",
    "standard_error",
    "probability_with_chance",
    "standard_error_with_chance",
)


def payback_probability(net: npt.ArrayLike, years: Sequence[str], year: str) -> float:
    """Return how likely the money is back by the end of a year, for good.

    Parameters
    ----------
    net : array_like, shape (year, draw)
        Undiscounted real GBP, costs avoided and funding less spending.
    years : sequence of str
        Names of the years.
    year : str
        One of them.

    Raises
    ------
    ParameterNotFound
        If there is no such year.

    Examples
    --------
    >>> payback_probability([[-1, -1], [2, 0]], ["2026-27", "2027-28"], "2027-28")
    0.5
    """
    if year not in years:
        raise ParameterNotFound(f"{year} is not in the horizon; {did_you_mean(year, years)}")
    paid_back = np.asarray(payback_year(np.asarray(net, dtype=np.float64).T))
    return float((paid_back <= list(years).index(year)).mean())


def payback_probabilities(net: Mapping[str, npt.ArrayLike], years: Sequence[str]) -> "pd.DataFrame":
    """Return how likely each agency is to have its money back by the end of each year, for good.

    Parameters
    ----------
    net : mapping of str to array_like, shape (year, draw)
        By agency: undiscounted real GBP, costs avoided and funding less spending.
    years : sequence of str
        Names of the years, the first one first.

    Returns
    -------
    pandas.DataFrame
        ``agency, year, probability, standard_error`` (Monte Carlo). It never falls from one year to the
        next. An agency that is never out of pocket is paid back from the first year.

    Raises
    ------
    ValueError
        If there is no agency or no draw, the years do not match the flows, or a flow is not finite.

    Examples
    --------
    >>> payback_probabilities({"nhs": [[-1, -1], [2, 0]]}, ["2026-27", "2027-28"])["probability"].tolist()
    [0.0, 0.5]
    """
    import pandas as pd

    if not net:
        raise ValueError("there is no agency; give the net flow of at least one")
    rows = []
    for agency, flow in net.items():
        flows = np.asarray(flow, dtype=np.float64)
        if flows.ndim != 2 or flows.shape[0] != len(years) or flows.shape[1] == 0:
            raise ValueError(f"{agency}: net has shape {flows.shape}; give ({len(years)} years, draw)")
        paid_back = np.asarray(payback_year(flows.T))
        for place, year in enumerate(years):
            hits = int((paid_back <= place).sum())
            error = float(probability_error(hits, paid_back.size))
            rows.append((agency, year, hits / paid_back.size, error))
    return pd.DataFrame(rows, columns=list(PAYBACK_COLUMNS[:4]))


def payback_frame(
    ledger: Ledger, turned_out: Ledger, option: str, agencies: Sequence[str] | None = None
) -> "pd.DataFrame":
    """Return how likely an option is to have paid each agency back by each year, at both levels.

    Parameters
    ----------
    ledger, turned_out : Ledger
        Uncertain rates alone, and with chance.
    option : str
        Of which.
    agencies : sequence of str, optional
        ``all`` and every agency that the option touches if not given.

    Returns
    -------
    pandas.DataFrame
        Columns `PAYBACK_COLUMNS`: ``agency`` and ``year``; the probability that the undiscounted fiscal
        money is back by the end of the year and stays back, from uncertain rates alone and with chance,
        each with its Monte Carlo error.
    """
    chosen = list(agencies) if agencies is not None else [ALL_AGENCIES, *ledger.agencies]
    if agencies is None:
        chosen = [agency for agency in chosen if ledger.net(option, agency).any()]
    rates, with_chance = (
        payback_probabilities({agency: level.net(option, agency) for agency in chosen}, ledger.years)
        for level in (ledger, turned_out)
    )
    return rates.assign(
        probability_with_chance=with_chance["probability"],
        standard_error_with_chance=with_chance["standard_error"],
    )

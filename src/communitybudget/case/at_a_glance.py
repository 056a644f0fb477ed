"""The answer at a glance: who pays and gains, cash as it adds up, and the two uncertainties apart."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.vocabulary import agency_label
from communitybudget.case.measures import find_measure, present_values
from communitybudget.ledger import Ledger

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]


def balance_frame(ledger: Ledger, turned_out: Ledger, factors: Array, option: str) -> "pd.DataFrame":
    """Return who pays and who gains: present values by agency; see `Appraisal.balance`.

    Parameters
    ----------
    ledger, turned_out : Ledger
        What is expected gives the means, what it may turn out to be the interval.
    factors : ndarray, shape (year,)
        Discount factors.
    option : str
        Of which.
    """
    import pandas as pd

    rows = []
    for agency in ledger.agencies:
        flows = [
            present_values(ledger.flow(option, flow, agency), factors)
            for flow in ("costs_avoided", "delivery", "funding")
        ]
        net = flows[0] - flows[1] + flows[2]
        if not (net.any() or flows[0].any() or flows[1].any()):
            continue
        low, high = np.quantile(present_values(turned_out.net(option, agency), factors), [0.1, 0.9])
        rows.append((agency_label(agency), *(f.mean() for f in flows), net.mean(), low, high))
    columns = ["agency", "costs_avoided", "delivery", "funding", "net", "net_p10", "net_p90"]
    return pd.DataFrame(rows, columns=columns)


def cumulative_cash_frame(ledger: Ledger, turned_out: Ledger, option: str, agency: str) -> "pd.DataFrame":
    """Return cumulative undiscounted fiscal cash by year; see `Appraisal.cumulative_cash`.

    Parameters
    ----------
    ledger, turned_out : Ledger
        What is expected gives the mean, what it may turn out to be the percentiles.
    option, agency : str
        Of which.
    """
    import pandas as pd

    mean = np.cumsum(ledger.net(option, agency), axis=0).mean(axis=1)
    cash = np.cumsum(turned_out.net(option, agency), axis=0)
    quantiles = np.quantile(cash, [0.05, 0.1, 0.5, 0.9, 0.95], axis=1)
    columns = dict(zip(["p5", "p10", "p50", "p90", "p95"], quantiles, strict=True))
    return pd.DataFrame({"year": list(ledger.years), **columns, "mean": mean})


def two_uncertainties_frame(measures: "pd.DataFrame", options: Sequence[str], agency: str) -> "pd.DataFrame":
    """Return the two uncertainties apart; see `Appraisal.two_uncertainties`.

    Parameters
    ----------
    measures : pandas.DataFrame
        Every measure by option and agency.
    options : sequence of str
        Which.
    agency : str
        One, or ``all``.
    """
    import pandas as pd

    columns = {
        "mean": "mean",
        "sd_rates": "sd",
        "sd_with_chance": "sd_with_chance",
        "chance_share": "chance_share",
        "p10_rates": "p10",
        "p90_rates": "p90",
        "p10_with_chance": "p10_with_chance",
        "p90_with_chance": "p90_with_chance",
    }
    rows = []
    for option in options:
        npv = find_measure(measures, "npv_fiscal", option, agency)
        odds = find_measure(measures, "probability_net_positive", option, agency)
        rows.append(
            (option, *(npv[name] for name in columns.values()), odds["mean"], odds["mean_with_chance"])
        )
    names = ["option", *columns, "probability_rates", "probability_with_chance"]
    return pd.DataFrame(rows, columns=names)

"""From activity to money: spending in business as usual, and costs avoided by each option."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.results import result
from communitybudget._core.vocabulary import BAU
from communitybudget.ledger.prices import Price
from communitybudget.sampling import Draws
from communitybudget.simulation import Activity, Count

Array = NDArray[np.float64]


@result
@dataclass(frozen=True, slots=True)
class LedgerLine:
    """What one line of the ledger is.

    Parameters
    ----------
    flow : str
        ``costs_avoided`` (business as usual less the option), ``delivery`` (spending on the option)
        or ``funding`` (received, or paid if negative, from another agency).
    agency, funding_stream : str
        Whose money, and out of which grant or fund.
    value_type : str
        ``fiscal``, ``economic`` or ``social``.
    cashable : str
        ``not_assessed`` until somebody assesses it.
    transfer : bool
        A benefit payment or tax: no gain to the public as a whole.
    line : str
        Budget line.
    """

    flow: str
    agency: str
    funding_stream: str
    value_type: str
    cashable: str
    transfer: bool
    line: str


@dataclass(frozen=True, slots=True)
class PricedItem:
    """An activity item with its price: count x quantity x price goes to a line of the ledger."""

    count: Count
    quantity: str
    price: Price
    line: str


@dataclass(frozen=True, slots=True)
class Priced:
    """Lines with their money.

    Parameters
    ----------
    lines : tuple of LedgerLine
        N of them.
    costs_avoided : ndarray, shape (line, option, year, draw)
        Business as usual less each option.
    spending : ndarray, shape (line, year, draw)
        Business as usual.
    """

    lines: tuple[LedgerLine, ...]
    costs_avoided: Array
    spending: Array


def price_activity(
    activity: Activity, items: Sequence[PricedItem], draws: Draws, funding_streams: dict[str, str]
) -> Priced:
    """Price activity.

    Parameters
    ----------
    activity : Activity
        Natural units.
    items : sequence of PricedItem
        What each count uses, at what price, paid by whom.
    draws : Draws
        Of quantities and prices.
    funding_streams : dict of str to str
        By agency; ``not_stated`` for the others.

    Returns
    -------
    Priced
        Differences are taken in natural units before pricing, so that an option that changes
        nothing avoids exactly nothing.
    """
    weights: dict[LedgerLine, dict[int, float | Array]] = {}
    for item in items:
        row = activity.row(item.count)
        amount = draws[item.quantity] * (draws[item.price.parameter] * item.price.factor)
        for share in item.price.shares:
            line = LedgerLine(
                flow="costs_avoided",
                agency=share.agency,
                funding_stream=funding_streams.get(share.agency, "not_stated"),
                value_type=item.price.value_type,
                cashable="not_assessed",
                transfer=share.transfer,
                line=item.line + (" (transfer)" if share.transfer else ""),
            )
            by_row = weights.setdefault(line, {})
            by_row[row] = by_row.get(row, 0.0) + amount * share.share
    bau = activity.options.index(BAU)
    others = [o for o in range(len(activity.options)) if o != bau]
    years, draws_count = activity.amounts.shape[2:]
    spending = np.zeros((len(weights), years, draws_count))
    avoided = np.zeros((len(weights), len(others), years, draws_count))
    work = np.empty((years, draws_count))
    for i, by_row in enumerate(weights.values()):
        for row, weight in by_row.items():
            np.multiply(activity.amounts[row, bau], weight, out=work)
            spending[i] += work
            for k, option in enumerate(others):
                np.subtract(activity.amounts[row, bau], activity.amounts[row, option], out=work)
                work *= weight
                avoided[i, k] += work
    return Priced(tuple(weights), avoided, spending)

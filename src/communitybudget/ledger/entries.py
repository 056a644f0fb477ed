"""From activity to money: spending in business as usual, and costs avoided by each option."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.results import result
from communitybudget._core.vocabulary import BAU
from communitybudget.ledger.prices import Price
from communitybudget.sampling import Draws
from communitybudget.simulation import Activity, Count, WeightedCount

Array = NDArray[np.float64]


@result
@dataclass(frozen=True, slots=True)
class LedgerLine:
    """What one line of the ledger is.

    Parameters
    ----------
    flow : str
        ``costs_avoided`` (business as usual less the option), ``delivery`` (spending on the option),
        ``funding`` (received, or paid if negative, from another agency), ``not_deliverable`` (claimed
        above what is spent) or ``unmet_need`` (spending that falls since a need is not met); the last
        two are shown and credited to nobody.
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
    basis : str
        ``activity`` of a pathway, an ``outcome_chain``, or an ``own_entry`` of the case.
    spend : str
        Of delivery: ``ongoing``, ``one_off_revenue``, ``one_off_capital`` or ``risk``; empty otherwise.
    """

    flow: str
    agency: str
    funding_stream: str
    value_type: str
    cashable: str
    transfer: bool
    line: str
    basis: str = "activity"
    spend: str = ""


@dataclass(frozen=True, slots=True)
class PricedItem:
    """An activity item with its price: count x quantity x price goes to a line of the ledger.

    ``weighted`` is the count that stands for it under chance, where spells differ in cost.
    """

    count: Count
    quantity: str
    price: Price
    line: str
    weighted: WeightedCount | None = None

    @property
    def count_by_chance(self) -> Count | WeightedCount:
        """The count that stands for it under chance."""
        return self.count if self.weighted is None else self.weighted


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
    activity: Activity,
    items: Sequence[PricedItem],
    draws: Draws,
    funding_streams: dict[str, str],
    kept: Array | None = None,
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
    kept : ndarray, shape (item, option), optional
        Share of the costs avoided that is kept after optimism bias; all of them if not given.

    Returns
    -------
    Priced
        Differences are taken in natural units before pricing, so that an option that changes
        nothing avoids exactly nothing.
    """
    bau = activity.options.index(BAU)
    others = [o for o in range(len(activity.options)) if o != bau]
    weights = _weights(
        items, draws, funding_streams, kept, len(others), [activity.row(i.count) for i in items]
    )
    years, draws_count = activity.amounts.shape[2:]
    spending = np.zeros((len(weights), years, draws_count))
    avoided = np.zeros((len(weights), len(others), years, draws_count))
    work = np.empty((years, draws_count))
    for i, by_place in enumerate(weights.values()):
        for (row, shares), weight in by_place.items():
            np.multiply(activity.amounts[row, bau], weight, out=work)
            spending[i] += work
            for k, option in enumerate(others):
                np.subtract(activity.amounts[row, bau], activity.amounts[row, option], out=work)
                work *= weight
                if shares[k] != 1:
                    work *= np.where(work > 0, shares[k], 1.0)
                avoided[i, k] += work
    return Priced(tuple(weights), avoided, spending)


_Weights = dict[LedgerLine, dict[tuple[int, tuple[float, ...]], float | Array]]


def _weights(
    items: Sequence[PricedItem],
    draws: Draws,
    funding_streams: dict[str, str],
    kept: Array | None,
    options: int,
    rows: Sequence[int],
) -> _Weights:
    """Return pounds for one unit of each row of activity, by line; the kept shares stand with the row."""
    whole = (1.0,) * options
    weights: _Weights = {}
    for i, (item, row) in enumerate(zip(items, rows, strict=True)):
        place = (row, whole if kept is None else tuple(kept[i].tolist()))
        amount = draws[item.quantity] * (draws[item.price.parameter] * item.price.factor)
        for share in item.price.shares:
            line = LedgerLine(
                flow="costs_avoided",
                agency=share.agency,
                funding_stream=funding_streams.get(share.agency, "not_stated"),
                value_type=item.price.value_type,
                cashable="not_assessed",
                transfer=share.transfer,
                line=line_name(item.line, share.transfer),
            )
            by_place = weights.setdefault(line, {})
            by_place[place] = by_place.get(place, 0.0) + amount * share.share
    return weights


def price_chance(
    gaps: Array,
    gains: NDArray[np.bool_],
    rows: Mapping[Count | WeightedCount, int],
    items: Sequence[PricedItem],
    draws: Draws,
    funding_streams: dict[str, str],
    kept: Array | None = None,
) -> dict[LedgerLine, Array]:
    """Price what chance adds to what options change in natural units.

    Parameters
    ----------
    gaps : ndarray, shape (row, option, year, draw)
        What is avoided as it turns out, less what is expected.
    gains : ndarray of bool, shape (row, option, year, draw)
        Where something is expected to be avoided: there optimism bias takes its share of the gap too.
    rows : mapping of Count or WeightedCount to int
        Which row is which count.
    items, draws, funding_streams, kept : sequence of PricedItem, Draws, dict, ndarray
        As in `price_activity`; the draws are those of the gaps.

    Returns
    -------
    dict of LedgerLine to ndarray, shape (option, year, draw)
        Lines that chance does not move are left out.
    """
    options = gaps.shape[1]
    positions = [rows[item.count_by_chance] for item in items]
    moved = [bool(gap.any()) for gap in gaps]
    found: dict[LedgerLine, Array] = {}
    for line, by_place in _weights(items, draws, funding_streams, kept, options, positions).items():
        for (row, shares), weight in by_place.items():
            if not moved[row]:
                continue
            money = gaps[row] * weight
            cut = np.array(shares)[:, None, None]
            if (cut != 1).any():
                money = np.where(gains[row], money * cut, money)
            found[line] = found[line] + money if line in found else money
    return found


def credit_met_needs(priced: Priced, met: Priced | None) -> Priced:
    """Take out of the costs avoided what is saved since needs go unmet.

    Parameters
    ----------
    priced : Priced
        As simulated.
    met : Priced or None
        The same had the options not driven anybody from help; None where none does.

    Returns
    -------
    Priced
        Where an option avoids more than it would with needs met, in a line, year and draw, the
        difference stands on a line of the flow ``unmet_need`` and is credited to nobody. Where it
        avoids less, nothing is changed: that option pays for what it does.
    """
    if met is None:
        return priced
    unmet = np.maximum(priced.costs_avoided - met.costs_avoided, 0.0)
    rows = [i for i in range(len(priced.lines)) if unmet[i].any()]
    apart = tuple(replace(priced.lines[i], flow="unmet_need") for i in rows)
    return Priced(
        (*priced.lines, *apart),
        np.concatenate([priced.costs_avoided - unmet, unmet[rows]]),
        np.concatenate([priced.spending, np.zeros((len(rows), *priced.spending.shape[1:]))]),
    )


def line_name(line: str, transfer: bool) -> str:
    """Return the budget line as the ledger names it: transfers stand apart."""
    return line + (" (transfer)" if transfer else "")

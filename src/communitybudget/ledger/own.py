"""A ledger of figures that somebody else has worked out: a programme's own account, a published table."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from communitybudget._core.errors import ParameterError, did_you_mean
from communitybudget._core.vocabulary import AGENCIES, FUNDING_STREAMS, VALUE_TYPES
from communitybudget._core.years import parse_year, sort_years
from communitybudget.ledger.entries import LedgerLine
from communitybudget.ledger.ledger import ENTRY_FLOWS, Ledger


@dataclass(frozen=True, eq=False, slots=True)
class LedgerEntry:
    """One amount of somebody's own account.

    Parameters
    ----------
    agency : str
        Who bears or keeps it.
    flow : str
        ``costs_avoided`` (negative where more is spent), ``delivery`` (positive spending) or
        ``funding`` (positive where received).
    year : str
        Financial year.
    amount : float or array_like, shape (draw,)
        Real GBP at the ledger's price base.
    option : str
        Whose it is.
    value_type : str
        ``fiscal``, ``economic`` or ``social``.
    line : str
        Budget line.
    transfer : bool
        A benefit payment or tax.
    funding_stream : str
        Out of which grant or fund.
    """

    agency: str
    flow: str
    year: str
    amount: ArrayLike
    option: str = "programme"
    value_type: str = "fiscal"
    line: str = "not named"
    transfer: bool = False
    funding_stream: str = "not_stated"


def ledger_of(
    entries: Iterable[LedgerEntry], price_base: str, source: str, gross: bool = True, seed: int = 0
) -> Ledger:
    """Return the ledger of an account that was worked out elsewhere.

    Parameters
    ----------
    entries : iterable of LedgerEntry
        Amounts; those of one line and year add up.
    price_base : str
        Financial year of their prices.
    source : str
        Where they come from; stands where a parameter set is named.
    gross : bool
        Whether there is no counterfactual behind them; a published saving has none unless it says so.
    seed : int
        Of the draws, where the amounts have any.

    Returns
    -------
    Ledger
        One draw where every amount is a plain number.

    Raises
    ------
    ParameterError
        With every entry that has an unknown word, a wrong year, an amount that is none, or another
        number of draws than the rest.

    Examples
    --------
    >>> account = ledger_of(
    ...     [
    ...         LedgerEntry("local_authority", "delivery", "2024-25", 100.0),
    ...         LedgerEntry("nhs", "costs_avoided", "2024-25", 130.0),
    ...     ],
    ...     price_base="2024-25",
    ...     source="an example",
    ... )
    >>> float(account.net("programme").sum())
    30.0
    """
    given = list(entries)
    faults: list[str] = []
    base = _year(price_base, "the price base", faults)
    draws = max((np.asarray(e.amount).size for e in given), default=0)
    amounts = []
    for number, entry in enumerate(given, 1):
        name = f"entry {number}"
        for what, word, words in (
            ("agency", entry.agency, AGENCIES),
            ("flow", entry.flow, ENTRY_FLOWS),
            ("value type", entry.value_type, VALUE_TYPES),
            ("funding stream", entry.funding_stream, FUNDING_STREAMS),
        ):
            if word not in words:
                faults.append(f"{name}: '{word}' is no {what}; {did_you_mean(word, words)}")
        _year(entry.year, name, faults)
        amount = np.asarray(entry.amount, dtype=float).ravel()
        amounts.append(amount)
        if amount.size not in (1, draws):
            faults.append(f"{name}: has {amount.size} draws and others {draws}; give as many, or one number")
        elif not np.isfinite(amount).all():
            faults.append(f"{name}: the amount is blank; a blank is unknown and not nil: leave the entry out")
    if not given:
        faults.append("there is no entry; give at least one")
    if faults:
        raise ParameterError("\n".join(faults))
    years = sort_years({parse_year(e.year) for e in given})
    options = tuple(dict.fromkeys(e.option for e in given))
    lines: dict[LedgerLine, np.ndarray] = {}
    for entry, amount in zip(given, amounts, strict=True):
        line = LedgerLine(
            flow=entry.flow,
            agency=entry.agency,
            funding_stream=entry.funding_stream,
            value_type=entry.value_type,
            cashable="not_assessed",
            transfer=entry.transfer,
            line=entry.line,
            basis="own_entry",
        )
        into = lines.setdefault(line, np.zeros((len(options), len(years), draws)))
        into[options.index(entry.option), years.index(parse_year(entry.year))] += amount
    return Ledger(
        lines=tuple(lines),
        options=options,
        years=years,
        amounts=np.array(list(lines.values())),
        spending=np.zeros((len(lines), len(years), draws)),
        option_labels=tuple(f"{o} (GROSS: no counterfactual)" if gross else o for o in options),
        gross=tuple(gross for _ in options),
        unpriced=(),
        price_base=base,
        seed=seed,
        set_version=source,
    )


def _year(text: str, name: str, faults: list[str]) -> str:
    try:
        return parse_year(text)
    except ValueError as fault:
        faults.append(f"{name}: {fault}")
        return text

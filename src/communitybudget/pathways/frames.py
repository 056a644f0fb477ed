"""A pathway as tables: its rates, what it uses at what price, and what a drawing of it shows."""

from typing import TYPE_CHECKING

import numpy as np

from communitybudget.parameters import Parameter
from communitybudget.pathways.declaration import Declaration, Move, Rate

if TYPE_CHECKING:
    import pandas as pd

RATE_COLUMNS: tuple[str, ...] = (
    "pathway",
    "profile",
    "move",
    "from_month",
    "to_month",
    "rate",
    "low",
    "high",
    "interval",
    "mark",
    "source",
    "source_detail",
    "derivation",
    "key",
)
"""Columns of `Pathway.table`."""

ACTIVITY_COLUMNS: tuple[str, ...] = (
    "pathway",
    "on",
    "per",
    "from_month",
    "to_month",
    "quantity",
    "low",
    "high",
    "unit",
    "label",
    "agency",
    "value_type",
    "line",
    "unit_cost",
    "price",
    "price_unit",
    "price_base",
    "unless_pathway",
    "mark",
    "source",
    "note",
    "key",
)
"""Columns of `Pathway.activity_table`."""


def rate_frame(pathway: Declaration, profile: str | None) -> "pd.DataFrame":
    """Return the monthly rates with their passports; see `Pathway.table`."""
    import pandas as pd

    numbers = pathway.numbers()
    rates = (
        [rate for own in pathway.rates.values() for rate in own]
        if profile is None
        else pathway.rates_of(profile)
    )
    rows = []
    for rate in rates:
        p = numbers[rate.parameter]
        rows.append(
            (
                pathway.name,
                p.fields["profile"],
                _text(rate.move),
                rate.from_month,
                rate.to_month,
                p.value,
                *_limits(p),
                p.interval,
                p.mark,
                numbers.citation(p.source),
                p.source_detail,
                p.note,
                p.id,
            )
        )
    return pd.DataFrame(rows, columns=list(RATE_COLUMNS)).astype({"to_month": "Int64"})


def activity_frame(pathway: Declaration) -> "pd.DataFrame":
    """Return what states and moves use and at what price; see `Pathway.activity_table`."""
    import pandas as pd

    numbers = pathway.numbers()
    rows = []
    for item in pathway.activity:
        p = numbers[item.parameter]
        price = numbers.get(item.unit_cost, item.value_type) if item.unit_cost else None
        rows.append(
            (
                pathway.name,
                _text(item.move) if item.move else item.state,
                item.per,
                item.from_month,
                item.to_month,
                p.value,
                *_limits(p),
                item.unit,
                item.label,
                item.agency,
                item.value_type,
                item.line,
                item.unit_cost,
                price.value if price else np.nan,
                price.unit if price else "",
                price.price_base if price else "",
                item.unless_pathway,
                p.mark,
                numbers.citation(p.source),
                p.note,
                p.id,
            )
        )
    months = {"from_month": "Int64", "to_month": "Int64"}
    return pd.DataFrame(rows, columns=list(ACTIVITY_COLUMNS)).astype(months)


def drawing_frames(pathway: Declaration, profile: str) -> "tuple[pd.DataFrame, pd.DataFrame]":
    """Return the states and the moves of a profile as `plot_states` takes them.

    The chance of a move is that of the first month in which it can happen, among the other ways out
    of the state; of an event that moves nobody it is the expected number in that month.
    """
    import pandas as pd

    numbers = pathway.numbers()
    shares = dict.fromkeys(pathway.state_names, 0.0)
    for start in pathway.start_of(profile):
        shares[start.state] += numbers[start.parameter].value
    states = pd.DataFrame(
        [(s.name, s.label, shares[s.name], float(s.absorbing)) for s in pathway.states],
        columns=["state", "label", "start_share", "absorbing"],
    )
    rates = pathway.rates_of(profile)
    rows = []
    for move in dict.fromkeys(rate.move for rate in rates):
        bands = sorted((r for r in rates if r.move == move), key=lambda r: r.from_month)
        first = _chance(pathway, rates, move, bands[0].from_month)
        text = percent(first)
        if len(bands) > 1:
            text += f" → {percent(_chance(pathway, rates, move, bands[-1].from_month))}"
        if bands[0].from_month:
            text += f"\nfrom month {bands[0].from_month}"
        rows.append((*move, first, text))
    return states, pd.DataFrame(rows, columns=["source", "target", "chance", "text"])


def _chance(pathway: Declaration, rates: tuple[Rate, ...], move: Move, month: int) -> float:
    """Return the chance of a move in one month of a state, competing with the other ways out."""
    numbers = pathway.numbers()
    here = {
        r.move: numbers[r.parameter].value
        for r in rates
        if r.move[0] == move[0] and r.from_month <= month and (r.to_month is None or month < r.to_month)
    }
    if move[0] == move[1]:
        return here[move]
    total = sum(rate for (source, target), rate in here.items() if source != target)
    return float(here[move] / total * -np.expm1(-total)) if total > 0 else 0.0


def percent(share: float) -> str:
    """Return a share as per cent with two figures, however small.

    Examples
    --------
    >>> percent(0.184), percent(0.0996), percent(0.00038), percent(0.0000016)
    ('18%', '10%', '0.038%', '0.00016%')
    """
    if share <= 0:
        return "0%"
    two_figures = float(f"{share * 100:.1e}")
    digits = max(1 - int(np.floor(np.log10(two_figures))), 0)
    return f"{two_figures:.{digits}f}%"


def _limits(p: Parameter) -> tuple[float, float]:
    return (np.nan if p.low is None else p.low, np.nan if p.high is None else p.high)


def _text(move: Move) -> str:
    return f"{move[0]} -> {move[1]}"

"""Ledgers of partners for the tests of agreements."""

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from communitybudget.agreement import Positions

AGENCIES = ("council", "nhs", "police", "dwp", "courts", "prisons", "schools", "housing")
YEARS = tuple(f"20{y}-{y + 1}" for y in range(26, 36))


def random_positions(seed, partners=4, years=3, draws=20, *, smooth=False):
    """Return partners of whom some spend and all may gain or lose, with odd pence."""
    rng = np.random.default_rng(seed)
    shape = (partners, years, draws)
    spending = np.where(rng.random((partners, 1, 1)) < 0.6, rng.gamma(2.0, 5_000.0, shape), 0.0)
    spending[0] += 1_000.0
    gains = rng.normal(6_000.0, 2_000.0 if smooth else 9_000.0, shape)
    cash = gains * rng.uniform(0, 1, shape)
    factors = 1.035 ** -np.arange(years)
    return Positions.of(AGENCIES[:partners], YEARS[:years], spending, gains, cash, factors, "2026-27")


def paying_positions(seed):
    """Return partners whose programme pays for itself by far, in every draw and in cash."""
    ledger = random_positions(seed, smooth=True)
    more = 3_000_000
    return replace(ledger, gains=ledger.gains + more, cash=ledger.cash + more)


def one_draw(spending, gains, cash=None, factors=None, price_base="2026-27"):
    """Return a ledger of a single draw that can be followed with a pencil: pounds, partner by year."""
    names = ("local_authority", "nhs", "police")[: len(spending)]
    flows = [
        None if flow is None else np.array(flow, dtype=float)[..., None] for flow in (spending, gains, cash)
    ]
    return Positions.of(names, YEARS[: len(spending[0])], *flows, factors, price_base)


@st.composite
def positions(draw, most=5):
    """Return random ledgers of any small shape."""
    sizes = [draw(st.integers(1, n)) for n in (most, 4, 12)]
    return random_positions(draw(st.integers(0, 2**32 - 1)), *sizes)

"""Settling an agreement under each rule, and Shapley values, against the reference PSA."""

from collections.abc import Iterator

import numpy as np
from reference import AGENCIES, DRAWS, by_kernel, make_workload
from timing import Row, in_turn

from communitybudget.agreement import (
    AsItFalls,
    CollarAndCap,
    EqualReturn,
    FirstCall,
    NoWorseOff,
    OutcomeContract,
    PaidResult,
    PaymentByResults,
    Positions,
    ProRataToBenefit,
    ProRataToCost,
    Reinvestment,
    Rule,
    ShapleyValue,
    settle,
    shapley_values,
)

PARTNERS = tuple(f"partner_{a}" for a in range(AGENCIES))
YEARS = 10
AT_MOST = 5.0
"""Times the reference PSA, for each rule and for the Shapley values."""


def partners() -> Positions:
    """Return partners of whom three pay for the programme and all gain, more in later years."""
    random = np.random.default_rng(1)
    spending = np.zeros((AGENCIES, YEARS, DRAWS))
    spending[:3, :5] = random.gamma(50.0, 4_000.0, (3, 5, DRAWS))
    likely = (
        random.uniform(50_000.0, 150_000.0, (AGENCIES, 1, 1)) * np.linspace(0.2, 1.5, YEARS)[:, np.newaxis]
    )
    gains = likely * random.lognormal(0.0, 0.4, (AGENCIES, 1, DRAWS)) + random.normal(
        0.0, 10_000.0, (AGENCIES, YEARS, DRAWS)
    )
    years = [f"{year}-{year - 1999:02}" for year in range(2026, 2026 + YEARS)]
    factors = 1.035 ** -np.arange(YEARS)
    return Positions.of(PARTNERS, years, spending, gains, 0.4 * gains, factors, "2026-27")


def rules() -> tuple[Rule, ...]:
    """Return every rule; the first partner delivers for results, the last invests."""
    units = np.random.default_rng(2).gamma(20.0, 2.0, (YEARS, DRAWS))
    placed = PaidResult(
        label="Placements avoided", unit="placement", tariff=9_000.0, units=units, deadweight=5.0
    )
    terms = {
        "provider": PARTNERS[0],
        "payers": {PARTNERS[1]: 0.6, PARTNERS[2]: 0.4},
        "results": (placed,),
        "cap": 2_500_000.0,
        "lag": 1,
    }
    return (
        AsItFalls(),
        ProRataToCost(),
        EqualReturn(),
        ProRataToBenefit(),
        FirstCall(),
        CollarAndCap(),
        Reinvestment(),
        PaymentByResults(**terms),
        OutcomeContract(**terms, investor=PARTNERS[-1], commitment=1_500_000.0),
        ShapleyValue(),
        NoWorseOff(),
    )


def check() -> None:
    """Raise if a settlement does not net to nil to the penny in every draw and year."""
    ledger = partners()
    for rule in rules():
        settled = settle(ledger, rule)
        opening = np.concatenate([np.zeros_like(settled.held[:1]), settled.held[:-1]])
        if not np.array_equal(settled.transfers.sum(axis=0), opening - settled.held):
            raise ArithmeticError(f"the settlement by {rule.label} does not net to nil")


def run(runs: int) -> Iterator[Row]:
    work, ledger, agreed = make_workload(), partners(), rules()
    gains = ledger.present_value(ledger.gains)
    cost = ledger.present_value(ledger.spending.sum(axis=0))
    seconds = in_turn(
        {
            "psa": lambda: by_kernel(work),
            "shapley": lambda: shapley_values(gains, cost),
            **{rule.label: (lambda rule=rule: settle(ledger, rule)) for rule in agreed},
        },
        runs,
    )
    for rule in agreed:
        ratio = seconds[rule.label] / seconds["psa"]
        yield Row(f"{rule.label}: settled / reference PSA", ratio, at_most=AT_MOST)
    values = seconds["shapley"] / seconds["psa"]
    yield Row(f"Shapley values of {AGENCIES} agencies / reference PSA", values, at_most=AT_MOST)
    yield Row(
        f"{ledger.draws:,} draws x {AGENCIES} agencies x {YEARS} years; PSA {seconds['psa'] * 1e3:.0f} ms"
    )

"""Contracts that pay for results, for the tests of agreements."""

import numpy as np
from hypothesis import strategies as st

from agreement_builders import random_positions
from communitybudget.agreement import OutcomeContract, PaidResult, PaymentByResults, Termination

PROVIDER, INVESTOR = "council", "fund"


def random_results(rng, years, draws):
    """Return two results, one of which falls in some years, with every term that a result can have."""
    diverted = PaidResult(
        label="Young person diverted",
        unit="young person",
        tariff=float(rng.uniform(100, 3_000)),
        units=rng.poisson(6.0, (years, draws)).astype(float),
        deadweight=float(rng.integers(0, 4)),
        deadweight_share=float(rng.choice([0.0, 1 / 6])),
        most=rng.choice([None, 15.0]),
    )
    days = PaidResult.below_baseline(
        label="Days in care saved",
        unit="day",
        tariff=float(rng.uniform(1, 80)),
        baseline=np.full((years, 1), 200.0),
        observed=rng.uniform(0, 320, (years, draws)),
    )
    return diverted, days


def payment_terms(rng, years, partners):
    """Return who pays, caps, arrears, falls and an early end at random."""
    others = partners[1:]
    shares = rng.dirichlet(np.ones(len(others)))
    ends = Termination(after=years[0], unless_earned=float(rng.choice([5_000.0, 20_000.0])))
    return {
        "provider": PROVIDER,
        "payers": dict(zip(others, shares.tolist(), strict=True)),
        "cap": rng.choice([None, float(rng.uniform(0, 80_000))]),
        "cap_a_year": rng.choice([None, float(rng.uniform(0, 30_000))]),
        "lag": int(rng.integers(0, 4)),
        "falls": str(rng.choice(["kept", "paid_back"])),
        "termination": rng.choice([None, ends]),
    }


@st.composite
def contracts(draw):
    """Return a ledger, a payment by results and an outcome contract on it, all at random."""
    seed = draw(st.integers(0, 2**32 - 1))
    partners, years, draws = draw(st.integers(2, 4)), draw(st.integers(1, 4)), draw(st.integers(1, 8))
    rng = np.random.default_rng(seed)
    ledger = random_positions(seed, partners, years, draws)
    results = random_results(rng, years, draws)
    terms = {**payment_terms(rng, ledger.years, ledger.agencies), "results": results}
    surplus = {INVESTOR: 0.4, PROVIDER: 0.4, ledger.agencies[1]: 0.2}
    bond = OutcomeContract(
        **terms,
        investor=INVESTOR,
        commitment=float(rng.uniform(0, 40_000)),
        first_call=float(rng.choice([0.0, 1.0, 1.2])),
        surplus=rng.choice([None, surplus]),
        most_returned=rng.choice([None, 1.3]),
        recycled=terms["falls"] == "kept" and bool(rng.integers(0, 2)),
    )
    return ledger.with_party(INVESTOR), PaymentByResults(**terms), bond

"""Barnet: what was printed, and what was reckoned from it apart from this library.

Printed: over £1m avoided in six months on 18 families, about £8m for 100 (Public Finance, 10 May 2013);
almost £100,000 a year spent on such a family (gov.uk, 23 January 2013); £26,000 a family-year before entry in
seven areas (DCLG 2015, by way of CYP Now, 12 March 2015).
"""

import numpy as np
import pytest
from scipy.stats import gamma

from communitybudget.appraisal import (
    PilotClaim,
    PilotOutcome,
    mean_interval,
    regression_to_mean,
    scale_up_claim,
    share_of_dearest,
)
from communitybudget.parameters import ParameterSet


@pytest.fixture(scope="module")
def claim() -> PilotClaim:
    """The claim as the set holds it."""
    england = ParameterSet.load("england")
    return PilotClaim(
        england["amount.barnet_18"].value,
        18,
        6,
        target=england["amount.barnet_100"].value,
        all_families=100,
        spent_a_year=england["benchmark.barnet_cost"].value,
    )


@pytest.fixture(scope="module")
def outcome(claim: PilotClaim) -> PilotOutcome:
    return scale_up_claim(claim, draws=200_000, seed=2)


def test_the_claim_exceeds_what_was_being_spent(claim: PilotClaim) -> None:
    assert round(claim.per_family) == 55_556
    assert round(claim.per_family_a_year) == 111_111
    assert f"{claim.excess:.0%}" == "11%"
    assert round(claim.naive_months, 1) == 8.6


@pytest.mark.parametrize(
    ("cv", "by_gamma", "by_lognormal", "dearest"),
    [
        (1.0, (39_200, 86_000), (38_900, 82_400), 0.19),
        (1.5, (33_800, 111_600), (33_900, 98_100), 0.25),
        (2.0, (29_600, 150_400), (30_400, 113_200), 0.29),
    ],
)
def test_the_mean_of_eighteen_skewed_costs(
    claim: PilotClaim,
    cv: float,
    by_gamma: tuple[float, float],
    by_lognormal: tuple[float, float],
    dearest: float,
) -> None:
    exact = mean_interval(claim.per_family, 18, cv)
    shape = 18 / cv**2
    by_hand = [claim.per_family * shape / gamma.ppf(q, shape) for q in (0.95, 0.05)]
    assert exact == pytest.approx(by_hand)
    assert exact == pytest.approx(by_gamma, abs=50)  # given to the nearest hundred
    simulated = mean_interval(claim.per_family, 18, cv, form="lognormal")
    assert simulated == pytest.approx(by_lognormal, rel=0.01)
    assert share_of_dearest(18, cv) == pytest.approx(dearest, abs=0.006)


@pytest.mark.parametrize(("r", "by_itself"), [(0.3, 0.52), (0.5, 0.37), (0.7, 0.22)])
def test_what_falls_by_itself(claim: PilotClaim, r: float, by_itself: float) -> None:
    measured = ParameterSet.load("england")["benchmark.family_year_before_entry"].value
    _, falls = regression_to_mean(claim.spent_in_period, measured / 2, r)
    assert falls / claim.spent_in_period == pytest.approx(by_itself, abs=0.005)


def test_the_whole_against_a_plain_loop(claim: PilotClaim) -> None:
    """Naive: one draw after another with a generator of its own, and a fall in each small step of time."""
    rng, draws, by_60 = np.random.default_rng(11), 4_000, []
    for _ in range(draws):
        seen_over_true = rng.gamma(1 / 1.5**2, 1.5**2, 18).mean()
        mean = min(claim.per_family / seen_over_true, 50_000)
        families = 18 + 82 * rng.uniform(0.5, 1.0)
        rate = mean * rng.beta(5, 5) * families / 6
        halving = rng.triangular(12, 24, 48)
        by_60.append(sum(rate * 0.5 ** ((month + 0.5) / halving) for month in range(60)))
    found = scale_up_claim(claim, draws=200_000, seed=3).avoided_by(60)
    error = np.std(by_60) / np.sqrt(draws)
    assert abs(np.mean(by_60) - found.mean()) < 4 * error


@pytest.mark.parametrize(
    ("measure", "unit", "quantiles", "within"),
    [
        ("avoided in 6 months at the start", 1e6, (1.02, 1.81, 2.78), 0.015),
        ("avoided within 6 months", 1e6, (0.95, 1.68, 2.57), 0.015),
        ("avoided within 12 months", 1e6, (1.75, 3.10, 4.77), 0.02),
        ("avoided within 24 months", 1e6, (3.00, 5.35, 8.31), 0.03),
        ("avoided within 60 months", 1e6, (4.93, 9.08, 14.61), 0.07),
        ("months to the target, no fading", 1, (17, 26, 47), 0.6),
        ("months to the target, with fading", 1, (23, 46, np.inf), 0.6),
    ],
)
def test_the_horizon_of_eight_million(
    outcome: PilotOutcome, measure: str, unit: float, quantiles: tuple[float, ...], within: float
) -> None:
    row = outcome.to_frame().set_index("measure").loc[measure]
    assert [row[p] / unit for p in ("p10", "p50", "p90")] == pytest.approx(quantiles, abs=within)


def test_the_chances(outcome: PilotOutcome) -> None:
    chance = outcome.chances().set_index("by_month")["probability"]
    assert chance[12] < 0.001
    assert chance[24] == pytest.approx(0.12, abs=0.007)
    assert chance[60] == pytest.approx(0.62, abs=0.007)
    assert outcome.probability_never == pytest.approx(0.23, abs=0.007)

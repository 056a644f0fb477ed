import math

import numpy as np
import pytest
from scipy import stats

from communitybudget.parameters import Distribution, fixed, from_events, from_interval, from_mean_sd
from communitybudget.parameters.distributions import KINDS
from communitybudget.sampling import from_normal

# Half of 1 less the stated share lies outside each limit.
Z = {"ci95": stats.norm.ppf(0.975), "ci90": stats.norm.ppf(0.95), "p10_p90": stats.norm.ppf(0.9)}

EVERY_KIND = {
    "fixed": fixed(3.0),
    "normal": from_mean_sd(-5, 2, "real"),
    "two_piece_normal": from_interval(10, 4, 30, "ci95", "real"),
    "lognormal": from_mean_sd(100, 60, kind="lognormal"),
    "two_piece_lognormal": from_interval(100, 60, 300, "ci90"),
    "two_piece_logit": from_interval(0.2, 0.1, 0.6, "p10_p90", "share"),
    "gamma": from_mean_sd(100, 40),
    "beta": from_mean_sd(0.3, 0.1, "share"),
    "pert": from_interval(0.8, 0.5, 0.9, "range", "share"),
    "triangular": from_interval(10, 4, 30, "range", kind="triangular"),
    "uniform": from_interval(10, 4, 30, "range", kind="uniform"),
}


def mean_by_ranks(distribution: Distribution) -> float:
    """The mean over 200,001 equally likely ranks."""
    ranks = (np.arange(200_001) + 0.5) / 200_001
    return float(from_normal(distribution, stats.norm.ppf(ranks)).mean())


def test_there_is_an_example_of_every_kind():
    assert set(EVERY_KIND) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_the_mean_is_that_of_the_draws(kind):
    distribution = EVERY_KIND[kind]
    assert distribution.kind == kind
    assert mean_by_ranks(distribution) == pytest.approx(distribution.mean, rel=2e-4)


@pytest.mark.parametrize(
    ("support", "kind", "reference"),
    [
        ("positive", None, lambda n: stats.gamma(n[0], scale=n[1])),
        ("share", None, lambda n: stats.beta(*n)),
        ("real", None, lambda n: stats.norm(*n)),
        ("positive", "lognormal", lambda n: stats.lognorm(n[1], scale=n[0])),
    ],
)
def test_a_mean_and_sd_are_met(support, kind, reference):
    found = reference(from_mean_sd(0.4, 0.15, support, kind).numbers)
    assert found.mean() == pytest.approx(0.4)
    assert found.std() == pytest.approx(0.15)


@pytest.mark.parametrize("interval", ["ci95", "ci90", "p10_p90"])
@pytest.mark.parametrize(
    ("support", "kind", "low", "value", "high"),
    [
        ("positive", "two_piece_lognormal", 60, 100, 300),
        ("positive", "two_piece_lognormal", 100, 100, 300),
        ("share", "two_piece_logit", 0.05, 0.2, 0.9),
        ("real", "two_piece_normal", -9, -5, 40),
    ],
)
def test_two_pieces_meet_the_value_and_both_limits(interval, support, kind, low, value, high):
    found = from_interval(value, low, high, interval, support)
    assert found.kind == kind
    drawn = from_normal(found, np.array([-Z[interval], 0, Z[interval]]))
    np.testing.assert_allclose(drawn, [low, value, high], rtol=1e-12, atol=1e-12)


def test_a_limit_at_nought_gives_a_gamma_of_the_same_mean_and_width():
    found = from_interval(100, 0, 300, "ci95", "positive")
    assert found.kind == "gamma"
    assert found.mean == pytest.approx(100)
    assert from_normal(found, np.array([-4.0]))[0] >= 0


@pytest.mark.parametrize("kind", ["pert", "triangular", "uniform"])
def test_a_range_holds_every_draw(kind):
    found = from_interval(10, 4, 30, "range", kind=kind)
    drawn = from_normal(found, np.array([-8.0, -3, 0, 3, 8]))
    assert (np.diff(drawn) > 0).all()
    assert drawn[0] == pytest.approx(4, abs=0.01)
    assert drawn[-1] == pytest.approx(30, abs=0.05)
    assert drawn.min() >= 4
    assert drawn.max() <= 30


def test_a_range_is_a_pert_around_its_mode():
    # Mean of a PERT: (lowest + 4 x mode + highest) / 6.
    assert from_interval(10, 4, 30, "range").mean == pytest.approx((4 + 4 * 10 + 30) / 6)
    assert from_interval(4, 4, 30, "range").mean == pytest.approx((4 + 4 * 4 + 30) / 6)


def test_a_lognormal_takes_its_spread_from_the_ratio_of_the_limits():
    found = from_interval(0.75, 0.5, 1.125, "ci95", kind="lognormal")
    np.testing.assert_allclose(from_normal(found, np.array([-Z["ci95"], Z["ci95"]])), [0.5, 1.125])


@pytest.mark.parametrize(("kind", "support"), [("gamma", "positive"), ("beta", "share")])
def test_an_interval_can_give_the_sd_of_another_form(kind, support):
    found = from_interval(0.5, 0.4, 0.6, "ci90", support, kind)
    assert found.kind == kind
    assert found.numbers == pytest.approx(from_mean_sd(0.5, 0.1 / Z["ci90"], support).numbers)


def test_events_never_seen_are_not_impossible():
    # Jeffreys' prior: half an event and half a non-event.
    assert from_events(0, 10).mean == pytest.approx(0.5 / 11)
    assert from_events(10, 10).mean == pytest.approx(10.5 / 11)
    assert from_events(3, 12) == Distribution("beta", (3.5, 9.5))


def test_no_spread_is_a_known_number():
    assert from_mean_sd(5, 0) == from_interval(5, 5, 5, "range") == fixed(5)
    assert fixed(5).is_fixed
    assert not from_mean_sd(5, 1).is_fixed


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: from_mean_sd(100, -1), "deviation is -1; it cannot be negative"),
        (lambda: from_mean_sd(0, 1), "mean is 0; a gamma distribution needs a mean above 0"),
        (lambda: from_mean_sd(-3, 1, kind="lognormal"), "a lognormal distribution needs a mean above 0"),
        (lambda: from_mean_sd(1.2, 0.1, "share"), "mean is 1.2; a share must lie between 0 and 1"),
        (lambda: from_mean_sd(0.5, 0.5, "share"), "it must be below 0.5"),
        (lambda: from_mean_sd(5, 1, kind="pert"), "'pert' is not given by a mean and sd"),
        (lambda: from_interval(5, 6, 7, "range"), "low 6, value 5 and high 7 do not ascend"),
        (lambda: from_interval(5, 3, 4, "ci95"), "do not ascend"),
        (lambda: from_interval(math.nan, 3, 4, "ci95"), "not a number"),
        (lambda: from_interval(5, 4, 7, "iqr"), "'iqr' is no interval; use range, ci95, ci90 or p10_p90"),
        (lambda: from_interval(5, 4, 7, "range", kind="gamma"), "'gamma' is not given by a range"),
        (lambda: from_interval(5, 4, 7, "ci95", kind="pert"), "'pert' is not given by an interval"),
        (lambda: from_interval(5, 0, 7, "ci95", kind="lognormal"), "lower limit is 0; a lognormal"),
        (
            lambda: from_interval(0.9, 0.5, 1.0, "ci95", "share", "two_piece_logit"),
            "limits 0.5 and 1 of a share must lie between 0 and 1",
        ),
        (lambda: from_events(11, 10), "11 events of 10 trials is not possible"),
        (lambda: from_events(-1, 10), "-1 events of 10 trials"),
        (lambda: from_events(0, 0), "0 events of 0 trials"),
    ],
)
def test_what_is_impossible_is_said(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_the_largest_sd_named_for_a_share_is_the_limit():
    assert from_mean_sd(0.5, 0.4999, "share").mean == pytest.approx(0.5)


@pytest.mark.parametrize(("low", "high"), [(0.5, 1.0), (0.0, 0.9)])
def test_a_share_stays_a_share_when_a_limit_is_at_the_end(low, high):
    drawn = from_normal(from_interval(0.8, low, high, "ci95", "share"), np.array([-4.0, 4.0]))
    assert drawn.min() >= 0
    assert drawn.max() <= 1


@pytest.mark.parametrize(
    "make",
    [
        lambda: from_mean_sd(100, math.nan),
        lambda: from_mean_sd(math.inf, 1),
        lambda: from_interval(1, 0.5, math.inf, "ci95"),
        lambda: fixed(math.nan),
    ],
)
def test_a_number_is_finite(make):
    with pytest.raises(ValueError, match=r"nan|inf|finite|number"):
        make()

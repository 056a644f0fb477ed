"""Laws of scaling up, rolling up and reading printed figures, whatever the numbers."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from communitybudget.appraisal import (
    BetweenPlaces,
    Diminishing,
    FallPerDoubling,
    FixedCosts,
    Level,
    NoDiminishing,
    Overlap,
    PlaceClaim,
    RollUp,
    ScaledUp,
    ShareKept,
    break_even_share,
    implied_cost,
    published_return,
    roll_up,
    scale_up,
    simple_payback,
)

families = st.floats(1, 1e5)
pounds = st.floats(1, 1e6)
shares = st.floats(0, 1)
spreads = st.floats(0, 0.8)
forms = st.one_of(
    st.just(NoDiminishing()),
    st.builds(ShareKept, shares, st.floats(1, 1e4)),
    st.builds(FallPerDoubling, st.floats(0, 0.95)),
)
betweens = st.builds(BetweenPlaces, spreads, spreads)
fixed_costs = st.builds(FixedCosts, pounds, pounds)


@given(forms, families, st.lists(st.floats(0.01, 1e4), min_size=2, max_size=6))
def test_the_next_family_never_gains_more_than_the_average_one_and_both_fall(
    form: Diminishing, pilot: float, times: list[float]
) -> None:
    sizes = [pilot * t for t in sorted(times)]
    nexts = [form.next_family(n, pilot) for n in sizes]
    averages = [form.average_family(n, pilot) for n in sizes]
    for series in (nexts, averages):
        assert all(a >= b - 1e-9 for a, b in pairwise(series))
        assert all(-1e-12 <= value <= 1 + 1e-12 for value in series)
    assert all(a >= n - 1e-9 for a, n in zip(averages, nexts, strict=True))


@settings(max_examples=50)
@given(pounds, pounds, families, forms, betweens, fixed_costs, st.integers(0, 2**32))
def test_scale_one_is_the_pilot(
    gain: float,
    cost: float,
    n: float,
    form: Diminishing,
    between: BetweenPlaces,
    fixed: FixedCosts,
    seed: int,
) -> None:
    gains = gain * np.linspace(0.5, 1.5, 9)
    found = scale_up(
        gains,
        cost,
        Level("pilot", n),
        [Level("again", n)],
        fixed=fixed,
        diminishing=form,
        between=between,
        seed=seed,
    )
    np.testing.assert_array_equal(found.gain[0], found.gain[1])
    np.testing.assert_array_equal(found.cost[0], found.cost[1])
    np.testing.assert_allclose(found.gain[0, 0], gains * n)
    np.testing.assert_allclose(found.cost[0, 0], cost * n + fixed.set_up + fixed.a_year)
    assert ScaledUp.from_json(found.to_json()) == found


@given(pounds, pounds, families, st.integers(1, 30))
def test_doubling_with_nothing_fixed_and_nothing_diminishing_doubles_it(
    gain: float, cost: float, n: float, places: int
) -> None:
    levels = [Level("once", n, places), Level("twice", 2 * n, 2 * places), Level("denser", 2 * n, places)]
    found = scale_up(gain, cost, Level("pilot", n), levels)
    for bigger in (2, 3):
        np.testing.assert_allclose(found.gain[bigger], 2 * found.gain[1])
        np.testing.assert_allclose(found.cost[bigger], 2 * found.cost[1])


@settings(max_examples=25)
@given(betweens, st.floats(0.05, 1), st.integers(1, 12), forms, st.integers(0, 2**32))
def test_a_level_is_never_surer_than_the_pilot(
    between: BetweenPlaces, spread: float, places: int, form: Diminishing, seed: int
) -> None:
    """Relative spread, within the Monte Carlo error of 20,000 draws."""
    gain = np.exp(spread * np.random.default_rng(1).standard_normal(20_000))
    level = Level("more", 100 * places, places)
    found = scale_up(gain, 0.0, Level("pilot", 100), [level], between=between, diminishing=form, seed=seed)
    pilot, more = (found.gain[i, 0].std() / found.gain[i, 0].mean() for i in (0, 1))
    assert more >= pilot * 0.95


@st.composite
def claims(draw: st.DrawFn) -> list[PlaceClaim]:
    count = draw(st.integers(1, 6))
    return [
        PlaceClaim(
            f"place {i}",
            draw(st.floats(-1e9, 1e9)),
            "net",
            years=draw(st.floats(0.5, 20)),
            spread=draw(spreads),
            cost=draw(st.one_of(st.none(), pounds)),
        )
        for i in range(count)
    ]


@settings(max_examples=15)
@given(claims(), st.sampled_from([0.0, 0.3, 1.0]), st.integers(0, 2**32))
def test_the_variance_of_a_total_is_that_of_the_sum(
    places: list[PlaceClaim], correlation: float, seed: int
) -> None:
    draws = 20_000
    found = roll_up(places, horizon=5, correlation=correlation, draws=draws, seed=seed)
    sd = np.array([abs(c.spread) * c.over(5, "net") for c in places])
    expected = math.sqrt((1 - correlation) * float(sd @ sd) + correlation * float(sd.sum()) ** 2)
    assume(expected > max(1e-3 * float(np.abs(sd).sum()), 0.01))  # pounds and not the last bits
    assert found.total.std() == pytest.approx(expected, rel=5 / math.sqrt(2 * draws))


@settings(max_examples=15)
@given(claims(), st.integers(0, 2**32))
def test_a_roll_up_survives_json(places: list[PlaceClaim], seed: int) -> None:
    found = roll_up(places, horizon=5, draws=9, seed=seed)
    assert RollUp.from_json(found.to_json()) == found


@given(claims(), st.floats(0.5, 20), st.randoms())
def test_the_order_of_places_changes_nothing(places: list[PlaceClaim], horizon: float, random) -> None:
    mixed = list(places)
    random.shuffle(mixed)
    one, two = (roll_up(c, horizon=horizon, draws=20) for c in (places, mixed))
    slack = 1e-12 * sum(abs(c.amount) for c in places) * 40
    np.testing.assert_allclose(one.total, two.total, rtol=1e-9, atol=slack)


@given(claims(), shares)
def test_an_overlap_takes_off_no_more_than_the_smaller(places: list[PlaceClaim], share: float) -> None:
    assume(len(places) > 1)
    a, b = places[:2]
    found = roll_up(places, horizon=5, overlaps=[Overlap(a.place, b.place, share)], draws=2)
    sizes = [abs(claim.over(5, "net")) for claim in (a, b)]
    assert abs(found.overlap) <= share * min(sizes) + 1e-9 * sum(abs(x) for x in found.amounts)


@given(st.floats(0.5, 20), st.floats(0.5, 20), st.floats(1, 1e9))
def test_a_horizon_there_and_back(years: float, horizon: float, amount: float) -> None:
    there = PlaceClaim("A", amount, "net", years=years).over(horizon, "net")
    back = PlaceClaim("A", there, "net", years=horizon).over(years, "net")
    assert back == pytest.approx(amount)


@given(
    st.floats(1e3, 1e9),
    st.lists(st.floats(0.2, 30), min_size=1, max_size=4),
    st.integers(0, 3),
    st.integers(0, 2),
)
def test_the_implied_cost_contains_the_true_one(
    cost: float, ratios: list[float], places: int, net_places: int
) -> None:
    """A made-up programme, printed to any number of digits."""
    printed = [f"{ratio:.{places}f}" for ratio in ratios]
    nets = [f"£{cost * (ratio - 1) / 1e6:,.{net_places}f}m".replace("£-", "-£") for ratio in ratios]
    found = implied_cost(printed, nets)
    assert found.low <= cost * (1 + 1e-9)
    assert cost <= found.high * (1 + 1e-9)
    for low, high in found.each:
        assert low <= found.low
        assert found.high <= high


@given(st.floats(1e-3, 1e3))
def test_the_break_even_share_times_the_ratio_is_one(ratio: float) -> None:
    assert float(break_even_share(ratio)) * ratio == pytest.approx(1)


@given(pounds, st.floats(-1e6, 1e6), st.sampled_from(["gross", "net"]))
def test_both_readings_differ_by_the_cost_and_by_a_pound_a_pound(cost: float, saving: float, reading) -> None:
    one = published_return(cost, saving, reading)
    two = one.other_reading
    assert one.gross - one.net == pytest.approx(cost)
    assert abs(one.net - two.net) == pytest.approx(cost)
    assert abs(one.per_pound - two.per_pound) == pytest.approx(1)


@given(pounds, pounds)
def test_an_investment_is_what_is_saved_until_it_is_paid_back(investment: float, saving: float) -> None:
    assert float(simple_payback(investment, saving)) * saving == pytest.approx(investment)

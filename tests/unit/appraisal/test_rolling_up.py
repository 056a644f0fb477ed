"""Roll-up against sums and variances written out."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from communitybudget.appraisal import Nation, Overlap, PlaceClaim, PublishedRange, RollUp, roll_up

PLACES = [
    PlaceClaim("A", 100e6, "net", years=5, people=1e6, spread=0.2, source="a", mark="verified"),
    PlaceClaim("B", 60e6, "net", years=5, people=0.4e6, spread=0.3, counterfactual="a matched group"),
    PlaceClaim("C", 20e6, "net", years=5, people=0.6e6, spread=0.1),
]
RANGE = PublishedRange("Someone", 4e9, 6e9, 5, "net")


@pytest.fixture(scope="module")
def rolled() -> RollUp:
    return roll_up(PLACES, nation=Nation("England", 50e6), references=[RANGE, replace(RANGE, years=None)])


@pytest.mark.parametrize("correlation", [0.0, 0.4, 1.0])
def test_the_variance_of_the_total(correlation: float) -> None:
    found = roll_up(PLACES, correlation=correlation, draws=200_000).total
    sd = np.array([claim.spread * claim.amount for claim in PLACES])
    between = np.full((3, 3), correlation)
    np.fill_diagonal(between, 1.0)
    assert found.std() == pytest.approx(math.sqrt(sd @ between @ sd), rel=0.01)
    assert found.mean() == pytest.approx(180e6, rel=0.002)


def test_the_nation_is_the_ratio_estimator() -> None:
    """Cochran, Sampling Techniques (1977), 6.3: N² (1 - n/N) / n times the variance of the residuals."""
    sure = [replace(claim, spread=0.0) for claim in PLACES]
    found = roll_up(sure, nation=Nation("England", 50e6), draws=200_000)
    y, x = np.array([100e6, 60e6, 20e6]), np.array([1e6, 0.4e6, 0.6e6])
    ratio = y.sum() / x.sum()
    assert found.expected_national == pytest.approx(50e6 * ratio)
    n, in_nation = 3, 3 * 50 / 2
    variance = ((y - ratio * x) ** 2).sum() / (n - 1)
    error = math.sqrt(in_nation**2 * (1 - n / in_nation) / n * variance)
    student = 1.885618  # P90 of t with two degrees of freedom, any table
    low, high = np.quantile(found.national, [0.1, 0.9])
    assert (high - low) / 2 == pytest.approx(student * error, rel=0.02)


def test_a_stated_spread_of_other_places() -> None:
    found = roll_up(PLACES, nation=Nation("England", 50e6, spread=0.3), draws=200_000)
    total = sum((claim.spread * claim.amount) ** 2 for claim in PLACES)
    elsewhere = 48 / 2  # as many people elsewhere, over those of the places
    variance = total * (1 + elsewhere) ** 2 + (0.3 * elsewhere) ** 2 * (180e6**2 + total)
    assert found.national.std() == pytest.approx(math.sqrt(variance), rel=0.01)
    assert found.national.std() / found.expected_national >= found.total.std() / found.expected


def test_gross_is_not_added_to_net() -> None:
    mixed = [*PLACES, PlaceClaim("D", 108e6, "gross", years=5)]
    with pytest.raises(ValueError, match=r"gross is not added to net \(A net, B net, C net, D gross\)"):
        roll_up(mixed)
    with pytest.raises(
        ValueError, match=r"D is gross \(before the cost\) and its cost is not known; give its"
    ):
        roll_up(mixed, reading="net")
    with pytest.raises(ValueError, match=r"A is net \(after the cost\) and its cost is not known"):
        roll_up(mixed, reading="gross")
    made_net = [*PLACES, replace(mixed[3], cost=41e6)]
    assert roll_up(made_net, reading="net").expected == pytest.approx(180e6 + 67e6)


def test_horizons_are_refused_or_brought_to_one_by_a_printed_rule() -> None:
    mixed = [PLACES[0], PlaceClaim("Six", 414e6, "net", years=6), PlaceClaim("Yearly", 70e6, "net")]
    with pytest.raises(
        ValueError, match=r"the horizons differ \(A over 5 years, Six over 6 years, Yearly a year"
    ):
        roll_up(mixed)
    found = roll_up(mixed, horizon=5)
    assert found.amounts == pytest.approx((100e6, 345e6, 350e6))
    assert "Other horizons are taken at their mean rate a year. Yearly: in full from the first day." in (
        found.summary()
    )
    assert "mean rate" not in roll_up(PLACES).summary()
    yearly = roll_up([mixed[2]])
    assert (yearly.horizon, yearly.expected) == (None, 70e6)
    assert "a year once running" in yearly.summary()


@pytest.mark.parametrize(("built", "horizon"), [(4, 5), (4, 2), (4, 4), (0, 5), (3.5, 10)])
def test_a_yearly_amount_that_builds_up_evenly(built: float, horizon: float) -> None:
    claim = PlaceClaim("A", 70e6, "net", builds_up_over=built)
    moments = (np.arange(100_000) + 0.5) / 100_000 * horizon
    running = np.minimum(moments / built, 1) if built else np.ones(moments.size)
    assert claim.over(horizon, "net") == pytest.approx(70e6 * running.mean() * horizon, rel=1e-6)


def test_price_bases_are_not_mixed() -> None:
    with pytest.raises(
        ValueError, match=r"the price bases differ \(A not stated, B 2012-13\); bring them to"
    ):
        roll_up([PLACES[0], replace(PLACES[1], price_base="2012-13")])
    one = [replace(claim, price_base="2012-13") for claim in PLACES]
    assert roll_up(one).summary().endswith("GBP, real, 2012-13 prices · seed 1 · 10,000 draws")


def test_an_overlap_is_taken_off_the_smaller() -> None:
    found = roll_up(PLACES, overlaps=[Overlap("A", "B", 0.25), Overlap("C", "A", 0.5)])
    assert found.kept == (1.0, 0.75, 0.5)
    assert found.overlap == pytest.approx(15e6 + 10e6)
    assert found.expected == pytest.approx(155e6)
    assert "Held by several, taken off" in found.summary()
    alike = roll_up([PLACES[0], replace(PLACES[0], place="A2")], overlaps=[Overlap("A", "A2", 0.1)])
    assert alike.kept == (1.0, 0.9)
    with pytest.raises(ValueError, match="the overlaps take 120% off C; lower them"):
        roll_up(PLACES, overlaps=[Overlap("A", "C", 0.6), Overlap("B", "C", 0.6)])


def test_every_fault_at_once() -> None:
    claims = [
        PlaceClaim("A", math.nan, "net", years=0, spread=-1, mark="guess"),
        PlaceClaim("A", 1.0, "both", years=5, builds_up_over=2, cost=-1, people=0),  # type: ignore[arg-type]
    ]
    overlaps = [Overlap("A", "A", 2), Overlap("A", "Z", 0.1)]
    with pytest.raises(ValueError, match="the amount is nan") as caught:
        roll_up(claims, horizon=-1, correlation=2, overlaps=overlaps, nation=Nation("England", 0, -1))
    for words in (
        "A: the horizon is 0 years; give a number above 0",
        "A: the spread is -1; write 20% as 0.2",
        "'guess' is no mark",
        "'both' does not say whether the cost is taken off; write gross",
        "an amount over 5 years holds its own build-up; leave builds_up_over out",
        "A: cost is -1; give a number above 0, or leave it out where it is not known",
        "A: people is 0",
        "'A' is there twice",
        "the horizon is -1 years",
        "the correlation between places is 2; give 0 (none) to 1 (full)",
        "'A' overlaps with itself",
        "an overlap of 2 is no share",
        "an overlap names 'Z'",
        "A: how many people live there is not known",
        "England has 0 people",
        "the spread of other places is -1",
    ):
        assert words in str(caught.value)


def test_text_for_numbers_is_told_with_all_other_faults() -> None:
    claim = PlaceClaim("A", "£1m", "net", years="5", cost="?", people="few", spread="20%")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="A: the amount is '£1m'; give GBP, or leave") as caught:
        roll_up(
            [claim, replace(PLACES[1], place="B")],
            horizon="5",  # type: ignore[arg-type]
            correlation="none",  # type: ignore[arg-type]
            overlaps=[Overlap("A", "B", "10%")],  # type: ignore[arg-type]
            nation=Nation("England", "50m", "wide"),  # type: ignore[arg-type]
            draws=1.5,  # type: ignore[arg-type]
            seed=-1,
        )
    for words in (
        "A: the horizon is '5' years; give a number above 0",
        "A: cost is '?'",
        "A: people is 'few'",
        "A: the spread is '20%'; write 20% as 0.2",
        "the horizon is '5' years",
        "the correlation between places is 'none'",
        "an overlap of '10%' is no share; write 10% as 0.1",
        "the people of England are '50m'; give their number",
        "the spread of other places is 'wide'",
        "draws is 1.5; give a whole number, at least 1",
        "seed is -1; use a whole number from 0",
    ):
        assert words in str(caught.value).splitlines() or f"{words};" in str(caught.value)


def test_few_places_do_not_show_how_places_differ() -> None:
    with pytest.raises(ValueError, match="2 places cannot show how far places differ; give the spread"):
        roll_up(PLACES[:2], nation=Nation("England", 50e6))
    with pytest.raises(ValueError, match="there are no places; give at least one claim"):
        roll_up([])
    with pytest.raises(ValueError, match="draws is 0"):
        roll_up(PLACES, draws=0)
    with pytest.raises(ValueError, match="'nett' is no reading; did you mean 'net'"):
        roll_up(PLACES, reading="nett")  # type: ignore[arg-type]


def test_beside_a_published_range(rolled: RollUp) -> None:
    below, within, above = rolled.place_in(RANGE)
    assert below == np.mean(rolled.national < 4e9)
    assert above == np.mean(rolled.national > 6e9)
    assert below + within + above == pytest.approx(1)
    assert rolled.compared == (RANGE,)
    assert "another basis, not compared" in rolled.summary()
    with pytest.raises(ValueError, match="has another basis than this roll-up"):
        rolled.place_in(replace(RANGE, reading="gross"))
    with pytest.raises(
        ValueError, match="compare it with a roll-up of its own horizon, reading and price base"
    ):
        rolled.place_in(replace(RANGE, price_base="2012-13"))


def test_what_it_says(rolled: RollUp) -> None:
    frame = rolled.to_frame()
    assert frame["kind"].tolist() == ["place"] * 3 + ["total", "nation"]
    assert frame["per_person"].tolist() == pytest.approx([100, 150, 100 / 3, 90, 90])
    assert frame.loc[0, "mark"] == "verified"
    text = rolled.summary()
    assert "A: £100,000,000 net over 5 years" in text
    assert "GROSS: no comparison group behind A, C." in text
    assert text.endswith("GBP, price base not stated · seed 1 · 10,000 draws")
    assert repr(rolled).startswith("RollUp(3 places, net (after the cost), over 5 years: £180,000,000, ")
    assert RollUp.from_json(rolled.to_json()) == rolled
    assert "<table" in rolled._repr_html_()
    assert not roll_up([PLACES[1]]).gross
    assert "GROSS" not in roll_up([PLACES[1]]).summary()


def test_the_chart_draws_each_place_as_if_it_were_the_nation(rolled: RollUp) -> None:
    ax = rolled.plot()
    dots = ax.lines[0].get_xdata()
    assert dots[:3] == pytest.approx(
        [50e6 / c.people * np.quantile(d, 0.5) for c, d in zip(PLACES, rolled.by_place, strict=True)],
        rel=0.01,
    )
    assert [text.get_text() for text in ax.texts if text.get_gid() == "row"][-1] == "£4.50bn"
    assert ax.get_legend().get_texts()[0].get_text() == "Someone"
    assert roll_up(PLACES).plot().get_title() == "From the places to the total"


@pytest.mark.parametrize(
    ("ends", "reading", "words"),
    [
        ((2.0, 1.0), "net", "theirs goes from £2 to £1; give the lower end as low"),
        ((1.0, 2.0), "nett", "'nett'"),
    ],
)
def test_a_published_range_ascends_and_says_what_it_is(
    ends: tuple[float, float], reading: Any, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        PublishedRange("theirs", *ends, years=5, reading=reading)

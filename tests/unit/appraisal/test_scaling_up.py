"""Scale-up against sums written out place by place."""

import math

import numpy as np
import pytest

from communitybudget.appraisal import (
    BetweenPlaces,
    FallPerDoubling,
    FixedCosts,
    Level,
    ScaledUp,
    ShareKept,
    discount_factors,
    scale_up,
)

PILOT = Level("pilot", 100)


@pytest.fixture(scope="module")
def draws() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(7)
    return random.normal(9_000, 3_000, 4_000), random.normal(5_200, 300, 4_000)


@pytest.fixture(scope="module")
def scaled(draws: tuple[np.ndarray, np.ndarray]) -> ScaledUp:
    return scale_up(
        *draws,
        PILOT,
        [Level("authority", 1_000, eligible=800), Level("nation", 120_000, places=150)],
        fixed=FixedCosts(150_000, 40_000),
        diminishing=ShareKept(0.6, 400),
        between=BetweenPlaces(0.2, 0.3),
        years=5,
        price_base="2026-27",
        counterfactual="a matched group",
    )


def test_by_hand_without_spread() -> None:
    """£9,000 gained and £6,000 spent a family; 150 places at £150,000 once and £40,000 a year for 5 years."""
    found = scale_up(
        9_000.0,
        6_000.0,
        PILOT,
        [Level("nation", 120_000, places=150)],
        fixed=FixedCosts(150_000, 40_000),
        diminishing=FallPerDoubling(0.1),
        years=5,
        schedule=0.035,
    )
    fixed = 150_000 + 40_000 * sum(1.035**-y for y in range(5))
    b = math.log2(0.9)
    average = (100 + 100 * (8 ** (1 + b) - 1) / (1 + b)) / 800  # 800 families a place, eight times the pilot
    assert found.cost[:, 0, 0] == pytest.approx([600_000 + fixed, 120_000 * 6_000 + 150 * fixed])
    assert found.gain[:, 0, 0] == pytest.approx([900_000, 120_000 * 9_000 * average])
    assert found.next_family[1] == pytest.approx(0.9**3)
    np.testing.assert_array_equal(found.net, found.gain - found.cost)


def test_agencies_and_years_are_discounted_and_fixed_costs_have_a_bearer() -> None:
    random = np.random.default_rng(3)
    gain, cost = random.uniform(0, 1_000, (2, 4, 6)), random.uniform(0, 500, (2, 4, 6))
    found = scale_up(
        gain,
        cost,
        PILOT,
        [Level("nation", 5_000, places=10)],
        fixed=FixedCosts(1_000, 200, agency="nhs"),
        agencies=["local_authority", "nhs"],
    )
    factors = discount_factors(4)
    expected = 5_000 * np.einsum("ayd,y->ad", cost, factors)
    expected[1] += 10 * (1_000 + 200 * factors.sum())
    np.testing.assert_allclose(found.cost[1], expected)
    np.testing.assert_allclose(found.gain[1], 5_000 * np.einsum("ayd,y->ad", gain, factors))
    frame = found.to_frame()
    assert frame["agency"].tolist() == ["Local authority", "NHS", "All agencies"] * 2
    parts = frame[frame["agency"] != "All agencies"].groupby("level", sort=False)["net"].sum()
    whole = frame[frame["agency"] == "All agencies"].set_index("level")["net"]
    np.testing.assert_allclose(parts, whole)


def test_nobody_is_helped_who_is_not_eligible(scaled: ScaledUp) -> None:
    frame = scaled.to_frame().set_index("level")
    assert frame.loc["authority", "families"] == 800
    assert "800 families, of 1,000 asked for, 1 place " in scaled.summary()


def test_the_variance_of_a_level_is_that_of_gain_and_places() -> None:
    """One gain in every draw: the spread is of places alone, c² in common and o² (1 + c²) over 9 others."""
    between = BetweenPlaces(0.2, 0.3)
    found = scale_up(
        np.full(200_000, 1.0), 0.0, Level("pilot", 1), [Level("ten", 10, places=10)], between=between
    )
    total = found.gain[1, 0]
    # other places: 9 C mean(O); Var = 81 (E[C²] E[mean(O)²] - 1)
    variance = 81 * ((1 + 0.2**2) * (1 + 0.3**2 / 9) - 1)
    assert total.mean() == pytest.approx(10, rel=0.005)
    assert total.var() == pytest.approx(variance, rel=0.03)


def test_a_level_without_the_pilots_place_knows_no_place(draws: tuple[np.ndarray, np.ndarray]) -> None:
    between = BetweenPlaces(0.2, 0.3)
    levels = [Level("here", 100), Level("elsewhere", 100, includes_pilot=False)]
    here, elsewhere = scale_up(*draws, PILOT, levels, between=between).gain[1:, 0]
    np.testing.assert_array_equal(here, 100 * draws[0])
    spread = (1 + (3_000 / 9_000) ** 2) * (1 + 0.2**2) * (1 + 0.3**2) - 1
    assert elsewhere.std() / elsewhere.mean() == pytest.approx(math.sqrt(spread), rel=0.05)


def test_the_same_places_stand_behind_every_level(draws: tuple[np.ndarray, np.ndarray]) -> None:
    between = BetweenPlaces(0.2, 0.3)
    alone = scale_up(*draws, PILOT, [Level("five", 500, places=5)], between=between)
    beside = scale_up(
        *draws, PILOT, [Level("two", 200, places=2), Level("five", 500, places=5)], between=between
    )
    np.testing.assert_array_equal(alone.gain[1], beside.gain[2])


def test_what_it_says(scaled: ScaledUp) -> None:
    text = scaled.summary()
    assert "Compared with a matched group." in text
    assert "GROSS" not in text
    assert "60% of the effect is kept at full scale" in text
    assert "20% in common, 30% of each place" in text
    assert text.endswith("GBP, real, 2026-27 prices · seed 1 · 4,000 draws")
    assert repr(scaled) == "ScaledUp(pilot to nation, price_base=2026-27, draws=4000, seed=1)"
    assert "<table" in scaled._repr_html_()
    assert scaled.plot().get_xlabel() == "Net of a family, GBP, real, 2026-27 prices"
    assert ScaledUp.from_json(scaled.to_json()) == scaled


def test_a_pilot_compared_with_nothing_is_gross(draws: tuple[np.ndarray, np.ndarray]) -> None:
    found = scale_up(*draws, PILOT, [Level("nation", 1_000)])
    assert found.gross
    assert "GROSS: the pilot had no comparison group." in found.summary()


def test_every_fault_at_once() -> None:
    with pytest.raises(ValueError, match="the pilot has 2 places") as caught:
        scale_up(
            np.ones((2, 3, 4)),
            np.full(5, np.nan),
            Level("pilot", 100, places=2),
            [],
            agencies=["nhs"],
            fixed=FixedCosts(1, agency="police"),
        )
    told = str(caught.value)
    assert "gain has 2 rows of agencies and 1 are named; name one for each row, in order" in told
    assert "cost is empty or holds a value that is not finite" in told
    assert "gain has shape (2, 3, 4) and cost (5,); give both on the same axes" in told
    assert "there are 4 draws of gain and 5 of cost" in told
    assert "fixed costs are borne by 'police'; use one of nhs" in told


def test_whole_numbers_of_numpy_are_whole_numbers() -> None:
    found = scale_up(9.0, 6.0, PILOT, [Level("nation", np.int64(1_000), places=np.int64(3))])
    assert "nation: 1,000 families, 3 places" in found.summary()
    assert ScaledUp.from_json(found.to_json()) == found


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Level("a", 0), "a: there are 0 families; give a number above 0"),
        (lambda: Level("a", 1, places=0), "a: there are 0 places; give a whole number, at least 1"),
        (lambda: Level("a", 1, eligible=math.nan), "a: nan families are eligible"),
        (lambda: Level("a", "100"), "a: there are '100' families; give a number above 0"),
        (lambda: Level("a", 1, places=1.5), "a: there are 1.5 places; give a whole number, at least 1"),
        (lambda: Level("a", 1, places=math.inf), "a: there are inf places; give a whole number"),
        (lambda: FixedCosts("150k"), "a fixed cost is negative or no finite number"),
        (
            lambda: BetweenPlaces("30%"),
            "the spread between places is '30%' in common and 0 of each",
        ),
        (
            lambda: BetweenPlaces(30),
            "the spread between places is 30 in common and 0 of each place;",
        ),
        (
            lambda: ShareKept("60%", half_way=0),
            "the share kept is '60%'; write 60% as 0.6\nhalf_way is 0",
        ),
        (lambda: FallPerDoubling("10%"), "the fall per doubling is '10%'; write 10% as 0.1, below 1"),
        (
            lambda: scale_up("£9,000", 1.0, PILOT, []),
            "gain is no array of numbers .*; give GBP of one family",
        ),
        (lambda: scale_up(1.0, 1.0, PILOT, [PILOT]), "two levels are called 'pilot'; give each its own name"),
        (lambda: scale_up(1.0, 1.0, PILOT, [], seed=-1), "seed is -1; use a whole number from 0"),
        (lambda: FixedCosts(-1), "a fixed cost is negative or no finite number"),
        (lambda: BetweenPlaces(own=-0.1), "the spread between places is 0 in common and -0.1 of each"),
        (
            lambda: scale_up(1.0, 1.0, PILOT, [], between=BetweenPlaces(0.1)),
            "one draw, which shows no spread",
        ),
        (lambda: scale_up(np.ones((2, 2)), 1.0, PILOT, []), r"gain has shape \(2, 2\); give \(draw,\) or"),
        (lambda: scale_up(1.0, 1.0, PILOT, [], agencies=["nhs", "police"]), "gain has no agency axis"),
        (lambda: scale_up(1.0, 1.0, PILOT, [], price_base="2026"), "'2026' is not a financial year"),
    ],
)
def test_numbers_out_of_range(make, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()

"""The saving line of a year, watched month by month."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from communitybudget._core.errors import ParameterNotFound
from communitybudget.case import Case, appraise, watch
from tests_builders import small_case

CARE = "child_safety.entries_to_care"


@pytest.fixture(scope="module")
def appraisal():
    return appraise(Case.from_dict(small_case()), draws=300, seed=1)


def test_by_hand_before_anything_is_seen(appraisal):
    watched = watch(appraisal, CARE, [], 50, 5_000.0, year="2025-26", per_event=20_000.0)
    expected = appraisal.activity.total(CARE, "support")[1]
    avoided = appraisal.ledger.flow("support", "costs_avoided")[1]
    most = np.floor(expected + (avoided - 5_000) / 20_000)
    assert watched.on_track_before == pytest.approx(stats.poisson.cdf(most, expected).mean())
    assert watched.expected[-1] == pytest.approx(expected.mean())
    assert "Costs avoided of £5,000 or more in 2025-26" in watched.line


def test_an_event_costs_what_the_case_prices_it_at(appraisal):
    """By hand: what the case prices the moves of an entry at, weighed by how often each comes."""
    watched = watch(appraisal, CARE, [], 50, 5_000.0)
    drawn = appraisal.model.draw(appraisal.draws, appraisal.seed)
    activity = appraisal.activity
    count = next(c for c in activity.reported if c.id == CARE)
    moves = activity.amounts[list(count.rows), activity.options.index("support"), 0]
    price = np.zeros(appraisal.draws)
    for share, row in zip(moves / moves.sum(axis=0), count.rows, strict=True):
        for item in appraisal.model.priced:
            if item.count == activity.counts[row] and item.price.value_type == "fiscal":
                price += share * drawn[item.quantity] * drawn[item.price.parameter] * item.price.factor
    expected = activity.total(CARE, "support")[0]
    avoided = appraisal.ledger.flow("support", "costs_avoided")[0]
    most = np.floor(expected + (avoided - 5_000) / price)
    by_hand = np.where(most < 0, 0.0, stats.poisson.cdf(most, expected)).mean()
    assert watched.on_track_before == pytest.approx(by_hand)


def test_more_entries_make_the_line_less_likely(appraisal):
    on_track = [
        watch(appraisal, CARE, [n] * 3, 50, 5_000.0, per_event=20_000.0).probability_on_track
        for n in (0, 1, 3)
    ]
    assert on_track[0] > on_track[1] > on_track[2]


def test_work_is_a_line_to_be_reached(appraisal):
    watched = watch(appraisal, "work.moves_into_work", [0, 0], 50, 0.0, per_event=-500.0)
    more = watch(appraisal, "work.moves_into_work", [3, 3], 50, 0.0, per_event=-500.0)
    assert more.probability_on_track > watched.probability_on_track


@pytest.mark.parametrize(
    ("outcome", "families", "year", "error", "words"),
    [
        ("child_safety.entries", 18, None, ParameterNotFound, "no count 'child_safety.entries'"),
        ("child_safety.child_years_in_care", 18, None, ValueError, "is time"),
        (CARE, 51, None, ValueError, "51 families have joined and 50 are enrolled"),
        (CARE, 18, "1999-00", ParameterNotFound, "not in the horizon"),
    ],
)
def test_faults(appraisal, outcome, families, year, error, words):
    with pytest.raises(error, match=words):
        watch(appraisal, outcome, [1], families, 1_000.0, year=year)


def test_an_outcome_without_a_price(appraisal):
    with pytest.raises(ValueError, match="choose an outcome that carries a cost"):
        watch(appraisal, "work.moves_into_work", [1], 18, 1_000.0)


@pytest.mark.parametrize(
    ("actual", "families", "target", "words"),
    [
        ([0] * 13, 20, 4_000, "actual has 13 months; give at most the 12 of"),
        ([0], 20, float("inf"), "target is inf; give the costs avoided that are planned"),
        ([0], 1.5, 4_000, "1.5 families have joined .* give a whole number from 1 to 50"),
    ],
)
def test_what_no_saving_line_can_be(
    run_small: Any, actual: list[int], families: Any, target: float, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        watch(run_small(draws=20), CARE, actual, families, target)

"""Sets of inputs of a case, and its worst case."""

import numpy as np
import pytest

from communitybudget._core.errors import ParameterNotFound
from communitybudget.case import Appraisal
from communitybudget.case.held_case import hold_case
from communitybudget.case.scenarios import given_sets_of, scenario_sets_of, worst_case_of
from tests_builders import COST, PRICE, small_appraisal


@pytest.fixture(scope="module")
def small_result() -> Appraisal:
    return small_appraisal(draws=400)


def test_a_coherent_set_is_the_mean_of_the_draws_near_the_percentile(small_result):
    sets = scenario_sets_of(small_result, "support")
    prudent = sets.sets[0]
    npv = small_result.npv("support")
    first, last = np.quantile(npv, [0.15, 0.25])
    near = (npv >= first) & (npv <= last)
    draws = small_result.input_frame()[list(sets.keys)]
    np.testing.assert_allclose(prudent.values, draws[near].mean().to_numpy())
    assert prudent.outcome == pytest.approx(npv[near].mean())


def test_stacked_sets_have_each_input_at_its_bad_end_and_lie_farther_out(small_result):
    sets = {(one.kind, one.name): one for one in scenario_sets_of(small_result, "support").sets}
    keys = list(scenario_sets_of(small_result, "support").keys)
    prudent, optimistic = sets["stacked", "prudent"], sets["stacked", "optimistic"]
    draws = small_result.input_frame()
    assert prudent.values[keys.index(COST)] == np.quantile(draws[COST], 0.8)
    assert optimistic.values[keys.index(COST)] == np.quantile(draws[COST], 0.2)
    assert prudent.outcome < sets["coherent", "prudent"].outcome
    assert optimistic.outcome > sets["coherent", "optimistic"].outcome
    assert prudent.outcome < sets["stacked", "central"].outcome < optimistic.outcome


def test_a_given_set_is_the_case_held_at_its_values(small_result):
    found = given_sets_of(small_result, "support", {"dear": {COST: 2_400.0, PRICE: "p10"}})
    held = hold_case(small_result, "support")
    row = small_result.input_frame()[[c.key for c in held.inputs]].mean()
    row[COST], row[PRICE] = 2_400.0, np.quantile(small_result.input_frame()[PRICE], 0.1)
    assert found.sets[0].outcome == pytest.approx(held(row.to_numpy()[np.newaxis])[0], rel=1e-10)


def test_faults_of_given_sets_are_told_together(small_result):
    sets = {"odd": {"unit_cost.residential_home_wek": 1.0, COST: -5.0}}
    with pytest.raises(ValueError, match=r"did you mean 'unit_cost\.residential_home_week'") as fault:
        given_sets_of(small_result, "support", sets)
    assert "-5 cannot be" in str(fault.value)


def test_the_worst_case_lies_below_every_setting_within_the_ranges(small_result):
    worst = worst_case_of(small_result, "support", points=32)
    held = hold_case(small_result, "support")
    frame = worst.to_frame().set_index("key").loc[[c.key for c in held.inputs]]
    low, high = frame["low"].to_numpy(), frame["high"].to_numpy()
    points = low + np.random.default_rng(3).random((64, len(frame))) * (high - low)
    ranges = dict(zip(frame.index, zip(low, high, strict=True), strict=True))
    assert worst.least < held.within(ranges)(points).min()
    assert frame.loc[COST, ["low", "high", "at"]].tolist() == [1500.0, 2500.0, 2500.0]
    # a published price is a spread over cases: its own uncertainty stands instead
    column = small_result.input_frame()[PRICE]
    np.testing.assert_allclose(frame.loc[PRICE, ["low", "high"]].astype(float), column.quantile([0.1, 0.9]))
    assert not worst.proven


def test_ranges_of_ones_own_take_the_place_of_those_stated(small_result):
    worst = worst_case_of(small_result, "support", ranges={COST: (1_000.0, 9_000.0)}, points=2)
    assert worst.to_frame().set_index("key").loc[COST, "at"] == 9_000.0
    with pytest.raises(ParameterNotFound, match="no uncertain input"):
        worst_case_of(small_result, "support", ranges={"effect.nothing": (0.0, 1.0)})

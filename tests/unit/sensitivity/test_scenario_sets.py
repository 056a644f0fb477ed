"""Prudent, central and optimistic sets: coherent, stacked and given."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr, ndtri

from communitybudget.sensitivity import About, ScenarioSets, given_sets, scenario_sets

DRAWS = pd.DataFrame(np.random.default_rng(7).normal(size=(20_000, 4)), columns=["a", "b", "c", "inert"])
WEIGHTS = np.array([3.0, -2.0, 1.0, 0.0])
OUTCOME = DRAWS.to_numpy() @ WEIGHTS


def worth(rows: np.ndarray) -> np.ndarray:
    return rows @ WEIGHTS


def by_name(sets: ScenarioSets) -> dict:
    return {(one.kind, one.name): one for one in sets.sets}


def test_a_coherent_set_is_the_conditional_mean_of_linear_normal_inputs():
    """E[x | y] = w y / |w|^2, for independent standard normal x and y = w x."""
    sets = scenario_sets(worth, DRAWS, OUTCOME)
    assert sets.keys == ("a", "b", "c", "inert")
    for name, level in (("prudent", 0.2), ("central", 0.5), ("optimistic", 0.8)):
        one = by_name(sets)["coherent", name]
        expected = WEIGHTS * ndtri(level) / np.sqrt(14)
        np.testing.assert_allclose(one.values, expected, atol=0.06)
        assert one.outcome_percentile == pytest.approx(100 * level, abs=1)
        assert one.draws == pytest.approx(2_000, abs=1)
    # the mean percentile of a normal variable with mean m and variance v: Phi(m / sqrt(1 + v))
    mean = WEIGHTS[:3] * ndtri(0.2) / np.sqrt(14)
    spread = 1 - WEIGHTS[:3] ** 2 / 14
    prudent = by_name(sets)["coherent", "prudent"]
    np.testing.assert_allclose(prudent.percentiles[:3], 100 * ndtr(mean / np.sqrt(1 + spread)), atol=2)
    assert prudent.percentiles[3] == pytest.approx(50, abs=2)


def test_a_stacked_set_has_every_input_at_its_own_end_and_overstates():
    sets = by_name(scenario_sets(worth, DRAWS, OUTCOME))
    prudent, central = sets["stacked", "prudent"], sets["stacked", "central"]
    np.testing.assert_allclose(prudent.percentiles[:3], [20, 80, 20], atol=0.1)
    assert prudent.values[3] == DRAWS["inert"].mean()
    np.testing.assert_allclose(central.values, DRAWS.mean())
    together = ndtr(6 * ndtri(0.2) / np.sqrt(14))  # |w| sums to 6
    assert prudent.outcome_percentile == pytest.approx(100 * together, abs=1)
    assert prudent.outcome < sets["coherent", "prudent"].outcome


def test_re_ordering_draws_changes_nothing_beyond_rounding():
    order = np.random.default_rng(8).permutation(len(DRAWS))
    one, other = scenario_sets(worth, DRAWS, OUTCOME), scenario_sets(worth, DRAWS.iloc[order], OUTCOME[order])
    np.testing.assert_allclose(one.to_frame()["value"], other.to_frame()["value"], atol=1e-12)


def test_given_sets_hold_what_they_name_and_leave_the_others_at_their_means():
    sets = given_sets(worth, {"dear": {"b": 1.5}, "odd": {"a": "p20", "b": " P80 "}}, DRAWS, OUTCOME)
    dear, odd = sets.sets
    means = DRAWS.mean().to_numpy()
    assert sets.keys == ("a", "b")
    assert dear.outcome == pytest.approx(worth(np.array([[means[0], 1.5, means[2], means[3]]]))[0])
    assert dear.values[0] == means[0]
    assert odd.values.tolist() == [np.quantile(DRAWS["a"], 0.2), np.quantile(DRAWS["b"], 0.8)]


def test_every_fault_of_given_sets_is_listed_at_once():
    sets = {
        "one": {"inrt": 1.0, "a": "p100"},
        "two": {"b": float("nan"), "c": 7.0},
        "three": {},
    }
    with pytest.raises(ValueError, match="no input 'inrt'; did you mean 'inert'") as fault:
        given_sets(worth, sets, DRAWS, OUTCOME, limits={"c": (0.0, 1.0)})
    text = str(fault.value)
    assert "set 'one', a: 'p100' is no percentile" in text
    assert "set 'two', b: nan is no value" in text
    assert "set 'two', c: 7 cannot be; give a value from 0 to 1" in text
    assert "set 'three' names no input" in text
    with pytest.raises(ValueError, match="there are no sets"):
        given_sets(worth, {}, DRAWS, OUTCOME)


def test_it_introduces_itself():
    sets = scenario_sets(worth, DRAWS, OUTCOME, labels={"a": "Reach"}, about=About(price_base="2026-27"))
    assert ScenarioSets.from_json(sets.to_json()) == sets
    assert "coherent: the mean inputs of the draws" in sets.summary()
    assert "far rarer together" in sets.summary()
    assert len(sets.to_frame()) == 24
    assert [label.get_text() for label in sets.plot(most=2).get_yticklabels()] == ["Reach", "b"]


@pytest.mark.parametrize("quantile", [0, 0.5, 0.9])
def test_a_quantile_out_of_reach_is_refused(quantile: float):
    with pytest.raises(ValueError, match="quantile is"):
        scenario_sets(worth, DRAWS, OUTCOME, quantile=quantile)


def test_too_few_draws_are_refused():
    with pytest.raises(ValueError, match="too few near a percentile"):
        scenario_sets(worth, DRAWS.head(40), OUTCOME[:40])

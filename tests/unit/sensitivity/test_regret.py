"""Regret over named scenarios."""

import numpy as np
import pytest

from communitybudget.sensitivity import RegretTable, regret_table


def southland():
    """Plant size under low, medium and high demand, in millions of dollars.

    D. R. Anderson, D. J. Sweeney and T. A. Williams, Quantitative Methods for Business, chapter on decision
    analysis, the Southland Corporation problem: regret at most 300 for the small plant, 100 for the large.
    """
    payoff = [[150, 50], [200, 200], [200, 500]]
    return regret_table(payoff, ["small", "large"], ["low", "medium", "high"], price_base="2026-27")


def test_a_published_table():
    found = southland()
    assert found.regret.tolist() == [[0, 100], [0, 0], [300, 0]]
    assert found.largest.tolist() == [300, 100]
    assert found.minimax == "large"


def test_the_frame_has_a_row_for_each_pair():
    frame = southland().to_frame()
    assert frame.iloc[1].tolist() == ["low", "large", 50, 100]
    assert len(frame) == 6


def test_it_introduces_itself_and_survives_json():
    found = southland()
    assert RegretTable.from_json(found.to_json()) == found
    assert repr(found).startswith("RegretTable(minimax='large'")
    assert "at most £300, under high" in found.summary()
    assert "2026-27 prices" in found._repr_html_()
    assert found.plot().get_xlabel().startswith("Regret")


def test_an_option_that_is_always_best_has_no_scenario_to_regret():
    found = regret_table([[1.0, 0.0]], ["a", "b"], ["central"], price_base="2026-27")
    assert found._shown == [("a", "at most £0"), ("b", "at most £1, under central")]


def test_the_first_of_equal_options_is_taken():
    assert regret_table([[1.0, 1.0]], ["b", "a"], ["central"], price_base="2026-27").minimax == "b"


@pytest.mark.parametrize("scenarios", [["one"], ["one", "one"]])
def test_scenarios_need_names_of_their_own(scenarios):
    with pytest.raises(ValueError, match="give each scenario a name of its own"):
        regret_table(np.zeros((2, 2)), ["a", "b"], scenarios, price_base="2026-27")

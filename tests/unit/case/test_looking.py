"""One or two inputs of a case at a time, against running the case one setting at a time."""

from collections.abc import Callable

import numpy as np
import pytest

from communitybudget._core.errors import ParameterNotFound
from communitybudget.case import Appraisal
from communitybudget.case.held_case import hold_case
from communitybudget.case.holding import hold_inputs, only_option, rescale_starts
from communitybudget.case.inputs import StartRow
from communitybudget.case.looking import (
    break_even_curve_of,
    heat_map_of,
    one_way_of,
    scatter_of,
    spider_of,
    switching_lines_of,
)
from communitybudget.case.measures import npv_of, present_values
from communitybudget.case.model import prepare
from communitybudget.sampling import Draws
from communitybudget.sensitivity import grid_axis
from tests_builders import COST, EFFECT, PRICE, small_appraisal

START = "start.child_safety.medium_need.child_in_need.m6"


@pytest.fixture(scope="module")
def small_result() -> Appraisal:
    return small_appraisal(draws=200)


def one_run(result: Appraisal, values: dict[str, float]) -> float:
    """Return the net present value of the small case with every number known: one setting, one draw."""
    model = result.model
    drawn = Draws(1, 0, {key: np.array([value]) for key, value in values.items()}, {})
    return float(npv_of(model.price(model.simulate(drawn), drawn), result.factors, "support")[0])


def everything_at_its_mean(result: Appraisal) -> dict[str, float]:
    drawn = result.model.draw(result.draws, result.seed)
    means = {key: float(column.mean()) for key, column in drawn.columns.items()}
    return {**drawn.constants, **means}


def test_every_bar_is_what_running_the_case_one_setting_at_a_time_gives(small_result):
    drawn = small_result.model.draw(200, 1)
    means = everything_at_its_mean(small_result)
    bars = one_way_of(small_result, "support")
    assert bars.base == pytest.approx(one_run(small_result, means), rel=1e-10)
    frame = bars.to_frame().set_index("key")
    every_kind = [c for c in small_result.inputs if c.key in frame.index][::6]
    assert {c.key.split(".")[0] for c in every_kind} >= {"transition", "unit_cost", "activity", "start"}
    rows = {key: row.keys for row in small_result.model.inputs.start_rows for key in row.keys}
    for one in every_kind:
        for end, level in (("low", 0.1), ("high", 0.9)):
            setting = dict(means)
            for key in one.ids:
                setting[key] = float(np.quantile(drawn.columns[key], level))
            for other in rows.get(one.key, ()):
                if other != one.key:
                    setting[other] *= (1 - setting[one.key]) / (1 - means[one.key])
            assert frame.loc[one.key, end] == pytest.approx(one_run(small_result, setting), rel=1e-10)


def test_a_price_moves_the_answer_as_an_override_of_the_case_does(small_result):
    """The whole way round: the figure in the case file, the case read again, run at the same values."""
    means = everything_at_its_mean(small_result)
    frame = one_way_of(small_result, "support").to_frame().set_index("key")
    for end in ("input_low", "input_high"):
        value = float(frame.loc[PRICE, end])
        case = small_result.case.override(
            PRICE, value, reason="a test", price_base=small_result.model.parameters[PRICE].price_base
        )
        model = prepare(case)
        numbers = {key: means[key] if key != PRICE else model.inputs.used[key].value for key in means}
        drawn = Draws(1, 0, {key: np.array([number]) for key, number in numbers.items()}, {})
        npv = npv_of(model.price(model.simulate(drawn), drawn), small_result.factors, "support")
        assert frame.loc[PRICE, end.removeprefix("input_")] == pytest.approx(float(npv[0]), rel=1e-10)


def test_inputs_of_other_kinds_have_their_ends(small_result):
    frame = one_way_of(small_result, "support", quantile=0.2).to_frame().set_index("key")
    assert frame.loc[COST, "swing"] < 0
    column = small_result.input_values[[c.key for c in small_result.inputs].index(COST)]
    np.testing.assert_allclose(
        frame.loc[COST, ["input_low", "input_high"]].astype(float), np.quantile(column, [0.2, 0.8])
    )
    # the option is paid for in the first year, at prices of the case: 50 families
    assert frame.loc[COST, "swing"] == pytest.approx(
        -50 * (frame.loc[COST, "input_high"] - frame.loc[COST, "input_low"]), rel=1e-9
    )


def test_slopes_are_near_the_bars_and_equal_for_a_price(small_result):
    bars = one_way_of(small_result, "support").to_frame().set_index("key")
    slopes = one_way_of(small_result, "support", others="slope").to_frame().set_index("key")
    assert slopes.loc[PRICE, "swing"] == pytest.approx(bars.loc[PRICE, "swing"], rel=1e-8)
    assert slopes.loc[EFFECT, "swing"] == pytest.approx(bars.loc[EFFECT, "swing"], rel=0.1)


def test_with_the_others_uncertain_each_end_is_a_mean_over_draws(small_result):
    bars = one_way_of(small_result, "support", others="uncertain", draws=20)
    frame = bars.to_frame().set_index("key")
    model = small_result.model
    drawn = model.draw(20, 1)
    npv = npv_of(model.price(model.simulate(drawn), drawn), small_result.factors, "support")
    assert bars.base == pytest.approx(npv.mean(), rel=1e-10)
    for key in (PRICE, EFFECT):
        held = drawn.with_fixed(key, float(frame.loc[key, "input_low"]))
        npv = npv_of(model.price(model.simulate(held), held), small_result.factors, "support")
        assert frame.loc[key, "low"] == pytest.approx(npv.mean(), rel=1e-9)
    assert frame.loc[EFFECT, "standard_error"] > 0


def test_an_agency_has_bars_of_its_own(small_result):
    own = one_way_of(small_result, "support", "dwp").to_frame().set_index("key")
    assert own.loc[PRICE, "swing"] == 0
    assert own["swing"].abs().max() > 0


def test_a_risk_that_happens_or_not_stands_at_its_expected_value(run_small, small):
    option = small["options"][0]
    risk = {
        "name": "Provider fails",
        "agency": "local_authority",
        "probability": 0.25,
        "impact": 80_000,
        "price_base": "2023-24",
        "first_year": "2024-25",
        "last_year": "2024-25",
        "source": "risk register",
    }
    without = one_way_of(run_small(draws=20), "support")
    risky = run_small(draws=20, options=[{**option, "risks": [risk]}])
    bars = one_way_of(risky, "support")
    assert bars.base == pytest.approx(without.base - 20_000, rel=1e-9)


def test_start_shares_sum_to_one_again_and_keep_their_proportions():
    rows = [StartRow(("a", "b", "c"), (0.5, 0.3, 0.2), 100)]
    columns = {
        "a": np.array([0.5, 0.6]),
        "b": np.array([0.3, 0.3]),
        "c": np.array([0.2, 0.2]),
        "d": np.ones(2),
    }
    rescale_starts(rows, columns, {"a": np.array([False, True])})
    np.testing.assert_allclose([columns[k] for k in "abc"], [[0.5, 0.6], [0.3, 0.24], [0.2, 0.16]])
    columns = {key: np.array([0.8]) for key in "abc"}
    rescale_starts(rows, columns, {"a": True, "b": True})
    np.testing.assert_allclose([columns[k] for k in "abc"], [[0.5], [0.5], [0.0]])


def test_the_settings_of_a_case_keep_start_mixes_whole(small_result):
    held = hold_case(small_result, "support")
    rows = np.tile(held.table()["base"].to_numpy(), (3, 1))
    rows[1], rows[2] = held.table()["low"], held.table()["high"]
    drawn = held.drawn(rows)
    for row in held.model.inputs.start_rows:
        total = sum(drawn.columns[key] for key in row.keys)
        np.testing.assert_allclose(total, 1, rtol=1e-12)


def test_parameters_of_one_unknown_move_together(small_result):
    held = hold_case(small_result, "support")
    place, one = next((i, c) for i, c in enumerate(held.inputs) if len(c.ids) > 1)
    first, other = (held.ends[key] for key in one.ids[:2])
    rows = np.tile(held.table()["base"].to_numpy(), (4, 1))
    rows[:, place] = [first[0], first[2], (first[1] + first[2]) / 2, 3 * first[2]]
    expected = [other[0], other[2], (other[1] + other[2]) / 2, 3 * other[2]]
    np.testing.assert_allclose(held.drawn(rows).columns[one.ids[1]], expected)
    narrow = held.within({one.key: (0.5 * first[1], 2 * first[1])})
    assert narrow.ends[one.ids[1]] == pytest.approx((0.5 * other[1], other[1], 2 * other[1]))


def test_a_cell_of_the_heat_map_is_a_run_with_both_inputs_held(small_result):
    grid = heat_map_of(small_result, "support", EFFECT, PRICE, points=3, draws=25)
    model = small_result.model
    drawn = model.draw(25, 1)
    for i, j in ((0, 0), (1, 2), (2, 1)):
        columns = dict(drawn.columns)
        present = columns[EFFECT] != 1  # an effect that is absent stays absent
        columns[EFFECT] = np.where(present, grid.first.values[i], 1.0)
        columns[PRICE] = np.full(25, grid.second.values[j])
        held = Draws(25, 1, columns, drawn.constants)
        npv = npv_of(model.price(model.simulate(held), held), small_result.factors, "support")
        assert grid.expected[i, j] == pytest.approx(npv.mean(), rel=1e-9)
        assert grid.probability[i, j] == (npv >= 0).mean()


def test_at_the_line_of_a_pair_the_expected_value_is_nil(small_result):
    axis = grid_axis(COST, np.linspace(500, 3_000, 6))
    line = heat_map_of(small_result, "support", axis, PRICE, points=4, draws=25).break_even()
    assert len(line) > 2
    held = hold_inputs(small_result.model, "support", small_result.factors, 25, 1)
    for cost, price in line.to_numpy():  # both are prices: the outcome is linear in each
        npv = held.at({COST: np.array([cost]), PRICE: np.array([price])})
        assert npv.mean() == pytest.approx(0, abs=0.02)


def test_lines_are_given_for_every_pair(small_result):
    lines = switching_lines_of(small_result, "support", [COST, PRICE, EFFECT], points=3, draws=15)
    assert list(lines.columns) == ["first", "second", "first_value", "second_value"]
    assert set(lines["first"]) <= {COST, PRICE}


def test_a_spider_crosses_nil_at_the_switching_value(small_result):
    switching = small_result.switching_values(most=3, draws=200).set_index("key")
    change = float(switching.loc[COST, "change"])
    lines = spider_of(
        small_result, "support", [COST], changes=[change - 0.1, change, change + 0.1], draws=200
    )
    assert lines.outcome[0, 1] == pytest.approx(0, abs=1)
    assert lines.outcome[0, 0] > 0 > lines.outcome[0, 2]


def test_a_spider_shows_the_widest_bars_and_shares_end_at_one(small_result):
    lines = spider_of(small_result, "support", changes=[-0.2, 0.0, 0.2], draws=15)
    assert lines.keys == one_way_of(small_result, "support").ranges.keys[:6]
    with pytest.raises(ValueError, match="above -1"):
        spider_of(small_result, "support", [PRICE], changes=[-1.0, 0.0])


def test_a_scatter_has_the_draws_as_they_were(small_result):
    found = scatter_of(small_result, "support", EFFECT)
    np.testing.assert_array_equal(found.outcome, small_result.npv("support"))
    assert found.correlation.value < -0.3


def test_the_curve_of_a_price_and_of_an_effect(small_result):
    curve = break_even_curve_of(small_result, "support", grid_axis(COST, [500.0, 1_500.0, 6_000.0]))
    drawn = small_result.model.draw(200, 1)
    for value, probability in zip(curve.axis.values, curve.probability, strict=True):
        held = drawn.with_fixed(COST, float(value))
        ledger = small_result.model.price(small_result.activity, held)
        npv = present_values(ledger.net("support"), small_result.factors)
        assert probability == (npv >= 0).mean()
    assert (np.diff(curve.probability) <= 0).all()
    assert "2023-24 prices" in curve.unit
    effect = break_even_curve_of(small_result, "support", EFFECT, points=5, draws=40)
    assert (np.diff(effect.probability) <= 0).all()


def test_holding_runs_the_pathways_that_are_touched_alone_and_gives_the_same(small_result):
    """A start and a rate at once, against a whole run."""
    held = hold_inputs(small_result.model, "support", small_result.factors, 12, 1)
    found = held.at({START: np.array([0.02, 0.2]), PRICE: np.array([5_000.0, 6_000.0])})
    whole = only_option(small_result.model, "support")
    drawn = whole.draw(12, 1)
    for row, (start, price) in enumerate(((0.02, 5_000.0), (0.2, 6_000.0))):
        columns = {**drawn.columns, START: np.full(12, start), PRICE: np.full(12, price)}
        rescale_starts(whole.inputs.start_rows, columns, {START: True})
        one = Draws(12, 1, columns, drawn.constants)
        npv = npv_of(whole.price(whole.simulate(one), one), small_result.factors, "support")
        np.testing.assert_allclose(found[row], npv, rtol=1e-9)


@pytest.mark.parametrize(
    "ask",
    [
        lambda r: one_way_of(r, "suport"),
        lambda r: heat_map_of(r, "suport", EFFECT, PRICE),
        lambda r: scatter_of(r, "support", "unit_cost.residential_home_wek"),
        lambda r: break_even_curve_of(r, "support", "effect.tfp_looked_aftr"),
    ],
)
def test_what_is_not_there_is_answered_with_the_nearest(small_result, ask: Callable):
    with pytest.raises(ParameterNotFound, match=r"did you mean|'support'"):
        ask(small_result)


def test_other_words_for_the_others_are_refused(small_result):
    with pytest.raises(ValueError, match="use held, uncertain or slope"):
        one_way_of(small_result, "support", others="free")
    with pytest.raises(ValueError, match="use fiscal or public_value"):
        one_way_of(small_result, "support", value="social")

import math

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.interpolate import BSpline
from scipy.stats import norm

from communitybudget.sensitivity import evpi, evpi_value, evppi, evppi_each, evppi_sets


def test_against_a_draw_by_draw_count():
    benefit = np.random.default_rng(1).normal(size=(300, 4))
    best_known = sum(max(row) for row in benefit.tolist()) / 300
    best_now = max(sum(column) / 300 for column in benefit.T.tolist())
    assert math.isclose(evpi(benefit), best_known - best_now, rel_tol=1e-10)


def test_closed_form_of_a_normal_difference():
    # Against an option worth 0: E max(X, 0) - max(m, 0) with X normal of mean m and sd s.
    mean, sd, draws = 0.5, 2.0, 200_000
    gain = np.random.default_rng(2).normal(mean, sd, size=draws)
    density = math.exp(-0.5 * (mean / sd) ** 2) / math.sqrt(2 * math.pi)
    below = 0.5 * (1 + math.erf(mean / sd / math.sqrt(2)))
    expected = mean * below + sd * density - mean
    error = np.std(np.maximum(gain, 0) - gain) / math.sqrt(draws)
    assert abs(evpi(np.column_stack([gain, np.zeros(draws)])) - expected) < 4 * error


def test_a_single_option_leaves_nothing_to_know():
    assert evpi([[1.0], [-3.0]]) == 0


def test_an_option_that_is_always_best_leaves_nothing_to_know():
    draws = np.random.default_rng(3).normal(size=1000)
    assert evpi(np.column_stack([draws, draws - 0.1])) == 0


@pytest.mark.parametrize("values", [[1, 2], np.zeros((0, 2)), np.zeros((2, 0)), [[1, np.nan]], 5])
def test_unusable_arrays_are_refused(values):
    with pytest.raises(ValueError, match="net_benefit"):
        evpi(values)


def value_of_knowing(mean, sd):
    """Return E max(X, 0) - max(mean, 0) for X normal: sd phi(mean/sd) - |mean| Phi(-|mean|/sd)."""
    density = math.exp(-0.5 * (mean / sd) ** 2) / math.sqrt(2 * math.pi)
    beyond = 0.5 * math.erfc(abs(mean) / sd / math.sqrt(2))
    return sd * density - abs(mean) * beyond


@pytest.mark.parametrize("share", [0.05, 0.3, 0.8])
@pytest.mark.parametrize("mean", [0.3, -0.7])
def test_one_input_of_a_normal_gain_has_its_closed_form(share, mean):
    draws = np.random.default_rng(4).normal(size=(10_000, 2))
    gain = mean + draws @ [math.sqrt(share), math.sqrt(1 - share)]
    found = evppi(np.column_stack([np.zeros(10_000), gain]), pd.DataFrame(draws, columns=["a", "b"]), "a")
    assert abs(found.value - value_of_knowing(mean, math.sqrt(share))) < 4 * found.standard_error


DRAWS = 10_000


def against_nothing(gain):
    return np.column_stack([np.zeros(len(gain)), gain])


def normal_draws(seed, inputs=3, draws=DRAWS):
    return pd.DataFrame(
        np.random.default_rng(seed).normal(size=(draws, inputs)), columns=list("abcdef")[:inputs]
    )


def test_perfect_information_has_the_error_of_the_mean_regret():
    benefit = np.random.default_rng(5).normal(size=(400, 3))
    found = evpi_value(benefit)
    regret = benefit.max(axis=1) - benefit[:, benefit.mean(axis=0).argmax()]
    assert found.value == evpi(benefit) == found.evpi
    assert_allclose(found.standard_error, regret.std(ddof=1) / 20)
    assert found.method == "perfect"


def test_perfect_information_is_too_low_with_few_draws_of_equal_options():
    random = np.random.default_rng(6)
    found = [evpi(random.normal(size=(10, 2))) for _ in range(400)]
    exact = 1 / math.sqrt(math.pi)
    assert np.mean(found) < exact - 4 * np.std(found) / 20


def test_the_same_as_a_plain_regression_on_splines_from_scipy():
    x = np.random.default_rng(7).normal(size=(DRAWS, 1))
    gain = np.sin(2 * x[:, 0]) + 0.2 + np.random.default_rng(8).normal(size=DRAWS)
    ordered = np.sort(x[:, 0])
    inner = ordered[np.linspace(0, DRAWS - 1, 10).round().astype(int)]
    knots = np.concatenate([[inner[0]] * 3, inner, [inner[-1]] * 3])
    design = BSpline.design_matrix(x[:, 0], knots, 3).toarray()
    fitted = design @ np.linalg.lstsq(design, gain, rcond=None)[0]
    found = evppi(against_nothing(gain), pd.DataFrame(x, columns=["x"]), "x")
    assert_allclose(found.in_sample, np.maximum(fitted, 0).mean() - max(gain.mean(), 0), rtol=1e-8)
    assert_allclose(found.explained, [np.var(fitted) / np.var(gain)], rtol=1e-8)


def test_an_input_with_few_values_is_fitted_by_the_mean_of_each():
    random = np.random.default_rng(9)
    stage = random.integers(0, 4, DRAWS)
    gain = np.array([-2.0, 1.0, 0.5, -0.3])[stage] + random.normal(size=DRAWS)
    found = evppi(against_nothing(gain), pd.DataFrame({"stage": stage}), "stage")
    means = np.array([gain[stage == value].mean() for value in range(4)])[stage]
    assert found.method == "group_means"
    assert_allclose(found.in_sample, np.maximum(means, 0).mean() - max(gain.mean(), 0))
    assert abs(found.value - (0.25 * 1.5 - 0)) < 4 * found.standard_error


def test_two_inputs_with_few_values_are_fitted_by_the_mean_of_each_pair():
    random = np.random.default_rng(10)
    flags = random.integers(0, 2, size=(DRAWS, 2))
    gain = np.where(flags[:, 0] == flags[:, 1], 1.0, -1.2) + random.normal(size=DRAWS)
    inputs = pd.DataFrame(flags, columns=["a", "b"])
    both = evppi(against_nothing(gain), inputs, ["a", "b"])
    assert both.method == "group_means"
    assert abs(both.value - 0.5) < 4 * both.standard_error
    assert evppi(against_nothing(gain), inputs, "a").value < 0.01


@pytest.mark.parametrize("weight", [0.2, 0.6])
def test_a_point_mass_of_no_effect_has_its_closed_form(weight):
    # The gain is m with probability p, and normal of mean m + d and deviation s otherwise.
    m, d, s = -1.0, 2.0, 1.5
    random = np.random.default_rng(11)
    ratio = np.where(random.random(DRAWS) < weight, 1.0, random.normal(1 + d, s, DRAWS))
    gain = m - 1 + ratio + random.normal(0, 2, DRAWS)
    found = evppi(against_nothing(gain), pd.DataFrame({"ratio": ratio}), "ratio")
    centre = m + d
    positive = centre * norm.cdf(centre / s) + s * norm.pdf(centre / s)
    exact = (1 - weight) * positive - max(m + (1 - weight) * d, 0)
    assert abs(found.value - exact) < 4 * found.standard_error


def test_three_options_against_quadrature():
    draws = normal_draws(12)
    slopes, levels = np.array([[0.0, 1.0, -0.8], [0.0, 0.5, 1.5]]), np.array([0.0, 0.1, -0.2])
    benefit = draws[["a", "b"]].to_numpy() @ slopes + levels
    found = evppi(benefit, draws, "a")
    x = np.linspace(-9, 9, 200_001)
    best = (levels + np.outer(x, slopes[0])).max(axis=1)
    exact = np.sum(best * norm.pdf(x)) * (x[1] - x[0]) - levels.max()
    assert abs(found.value - exact) < 4 * found.standard_error
    assert len(found.explained) == 2


@pytest.mark.parametrize("method", ["auto", "gaussian_process"])
def test_a_product_of_two_lognormal_inputs_against_their_conditional_mean(method):
    draws = normal_draws(13)
    gain = np.exp(0.5 * draws["a"] + 0.6 * draws["b"] + 0.4 * draws["c"]) - 1.5
    known = np.exp(0.5 * draws["a"] + 0.6 * draws["b"] + 0.08) - 1.5
    found = evppi(against_nothing(gain), draws, ["a", "b"], method)
    fine = np.exp(math.sqrt(0.61) * norm.ppf((np.arange(100_000) + 0.5) / 100_000) + 0.08) - 1.5
    exact = np.maximum(fine, 0).mean() - max(math.exp((0.61 + 0.16) / 2) - 1.5, 0)
    assert abs(found.value - exact) < 4 * found.standard_error
    assert found.value <= evpi(against_nothing(gain))
    assert abs(found.value - evpi(against_nothing(known))) < 2 * found.standard_error


def test_an_input_that_matters_only_with_another_is_found():
    draws = normal_draws(14)
    benefit = against_nothing(draws["a"] * draws["b"] + 0.5 * draws["c"])
    assert evppi(benefit, draws, "a").value == evppi(benefit, draws, "b").value == 0
    both = evppi(benefit, draws, ["a", "b"])
    assert both.entered == ("a", "b")
    assert abs(both.value - 1 / math.pi) < 4 * both.standard_error  # E|ab| / 2


def test_many_weak_inputs_enter_together():
    draws = np.random.default_rng(15).normal(size=(DRAWS, 61))
    gain = draws[:, :60].sum(axis=1) * 0.02 + draws[:, 60]
    names = [f"x{i}" for i in range(61)]
    found = evppi(against_nothing(gain), pd.DataFrame(draws, columns=names), names[:60])
    assert len(found.entered) == 60
    assert abs(found.value - value_of_knowing(0, 0.02 * math.sqrt(60))) < 4 * found.standard_error


def test_sixty_inputs_that_mean_nothing_are_worth_nothing():
    draws = np.random.default_rng(16).normal(size=(2_000, 61))
    names = [f"x{i}" for i in range(61)]
    found = evppi(against_nothing(draws[:, 60]), pd.DataFrame(draws, columns=names), names[:60])
    assert found.value == 0
    assert found.entered == ()


def test_an_inert_input_changes_nothing():
    draws = normal_draws(17, 4)
    benefit = against_nothing(0.3 + draws["a"] * np.exp(0.5 * draws["b"]) + draws["c"])
    without, inert = evppi(benefit, draws, ["a", "b"]), evppi(benefit, draws, ["a", "b", "d"])
    assert inert.entered == without.entered == ("a", "b")
    assert_allclose(inert.value, without.value, rtol=1e-9)
    assert_allclose(inert.standard_error, without.standard_error, rtol=1e-9)


def test_what_cannot_change_the_decision_is_worth_nothing():
    draws = normal_draws(18)
    found = evppi(against_nothing(5 + 0.1 * draws["a"] + draws["b"]), draws, "a")
    assert (found.value, found.standard_error) == (0, 0)
    assert found.entered == ("a",)


def test_one_option_and_constant_inputs():
    draws = normal_draws(19)
    draws["fixed"] = 3.0
    alone = evppi(draws[["a"]].to_numpy(), draws, "a")
    assert (alone.value, alone.explained) == (0, ())
    benefit = against_nothing(draws["a"])
    assert evppi(benefit, draws, "fixed").value == 0
    assert evppi(benefit, draws, ["a", "fixed"]).value == evppi(benefit, draws, "a").value


def test_all_that_is_uncertain_is_perfect_information():
    draws = normal_draws(20, 2)
    benefit = against_nothing(0.4 + draws["a"] - 2 * draws["b"])
    assert_allclose(evppi(benefit, draws, ["a", "b"]).value, evpi(benefit), rtol=1e-9)


def test_each_input_is_as_by_itself_and_the_most_valuable_comes_first():
    draws = normal_draws(21)
    benefit = against_nothing(0.2 + draws["a"] + 2 * draws["b"])
    table = evppi_each(benefit, draws, {"a": "Effect"})
    assert [row.key for row in table.rows] == ["b", "a", "c"]
    assert [row.label for row in table.rows] == ["b", "Effect", "c"]
    for row in table.rows:
        single = evppi(benefit, draws, row.key)
        assert (row.value, row.standard_error) == (single.value, single.standard_error)
        assert row.share_of_evpi == row.value / table.evpi
    assert table.evpi == evpi(benefit)


def test_a_set_is_worth_at_least_its_subsets():
    draws = normal_draws(22, 6, 300)
    benefit = against_nothing(0.5 * draws["a"] + draws[["c", "d", "e", "f"]].to_numpy().sum(axis=1))
    sets = {"all": list("abcdef"), "three": list("abc"), "two": ["a", "b"], "one": ["a"], "other": ["b"]}
    values = {row.key: row.value for row in evppi_sets(benefit, draws, sets).rows}
    assert values["other"] <= values["two"]
    assert values["one"] <= values["two"] <= values["three"] <= values["all"] <= evpi(benefit)


def test_sets_of_the_same_inputs_are_worth_the_same():
    draws = normal_draws(23, 2, 2_000)
    benefit = against_nothing(draws["a"])
    sets = {"both": ["a", "b"], "again": ["b", "a"], "only": "a"}
    rows = {row.key: row for row in evppi_sets(benefit, draws, sets).rows}
    assert rows["both"].value == rows["again"].value >= rows["only"].value


def test_a_set_that_is_estimated_below_its_subset_takes_value_and_error_of_the_subset():
    raised = 0
    for seed in range(30):
        draws = normal_draws(seed, 3, 400)
        benefit = against_nothing(0.1 + 0.5 * draws["a"] + 0.15 * draws["b"] + draws["c"])
        alone = {key: evppi(benefit, draws, list(key)) for key in ("a", "b", "ab")}
        rows = {row.key: row for row in evppi_sets(benefit, draws, {key: list(key) for key in alone}).rows}
        best = max(alone.values(), key=lambda one: one.value)
        raised += alone["ab"].value < best.value
        taken = rows["ab"]
        assert_allclose([taken.value, taken.standard_error], [best.value, best.standard_error], rtol=1e-12)
    assert raised > 0


@pytest.mark.parametrize(
    ("parameters", "message"),
    [("z", "not inputs: z"), ([], "none given"), (["a", "z", "y"], "not inputs: y, z")],
)
def test_unknown_parameters_are_named(parameters, message):
    draws = normal_draws(24, draws=50)
    with pytest.raises(ValueError, match=message):
        evppi(against_nothing(draws["a"]), draws, parameters)


def test_other_faults_are_told():
    draws = normal_draws(25, draws=50)
    benefit = against_nothing(draws["a"])
    with pytest.raises(ValueError, match="at least 20 draws"):
        evppi(benefit[:10], draws[:10], "a")
    with pytest.raises(ValueError, match="50 draws and the inputs have 40"):
        evppi(benefit, draws[:40], "a")
    with pytest.raises(ValueError, match="method is 'loess'; give one of auto"):
        evppi(benefit, draws, "a", "loess")
    with pytest.raises(ValueError, match="no sets"):
        evppi_sets(benefit, draws, {})
    with pytest.raises(ValueError, match="not finite: a"):
        evppi(benefit, draws.replace(draws["a"].iloc[0], np.inf), "a")

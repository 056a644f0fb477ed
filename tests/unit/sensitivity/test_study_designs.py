"""Designs: made-up results have the spread that the likelihood says, and every number is checked."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.stats import binom, hypergeom, norm

from communitybudget.sensitivity import BeforeAfter, Controlled, CustomStudy, Measured, SingleGroup

SHARE, RATIO, EFFECT = 0.3, 0.8, 20.0
DRAWS = pd.DataFrame({"share": [0.3, 0.5, 0.3], "ratio": [0.8, 0.8, 1.0], "effect": [20.0, 25.0, 20.0]})
MANY = pd.DataFrame({"share": [SHARE] * 40_000, "ratio": [RATIO] * 40_000, "effect": [EFFECT] * 40_000})
LEVELS = Measured("share", "ratio"), Measured("share")

# What each design of 90 families should have as mean and variance of its result, written out.
DESIGNS = {
    "event": (SingleGroup(Measured("share")), 27.0, 90 * 0.3 * 0.7),
    "event_of_few": (SingleGroup(Measured("share"), population=100), 27.0, 90 * 0.3 * 0.7 * 10 / 99),
    "amount": (SingleGroup(Measured("effect"), sd=6.0), 20.0, 36 / 90),
    "amount_of_few": (SingleGroup(Measured("effect"), sd=6.0, population=100), 20.0, 36 / 90 * 0.1),
    "before_after": (
        BeforeAfter(Measured("effect"), sd=6.0, correlation=0.75, bias_sd=0.5),
        20.0,
        2 * 36 * 0.25 / 90 + 0.25,
    ),
    "difference": (Controlled(Measured("effect"), sd=6.0, learns="difference"), 20.0, 36 * (2 / 45)),
    "unequal": (
        Controlled(Measured("effect"), sd=6.0, learns="difference", share_offered=2 / 3),
        20.0,
        36 * (1 / 60 + 1 / 30),
    ),
    "difference_of_shares": (
        Controlled(*LEVELS, learns="difference"),
        -0.06,
        0.24 * 0.76 / 45 + 0.3 * 0.7 / 45,
    ),
    "ratio_of_shares": (
        Controlled(*LEVELS, learns="ratio"),
        np.log(0.8),
        0.76 / (0.24 * 45) + 0.7 / (0.3 * 45),
    ),
    "ratio_of_amounts": (
        Controlled(Measured("effect", "ratio"), Measured("effect"), sd=6.0, learns="ratio"),
        np.log(0.8),
        36 / 45 * (1 / 16**2 + 1 / 20**2),
    ),
}


@pytest.mark.parametrize("name", DESIGNS)
def test_made_up_results_have_the_mean_and_variance_of_the_design(name):
    study, mean, variance = DESIGNS[name]
    results = study.simulate(MANY, 90, np.random.default_rng(1))[:, 0]
    assert abs(results.mean() - mean) < 4 * np.sqrt(variance / results.size)
    assert_allclose(results.var(), variance, rtol=0.04)


@pytest.mark.parametrize("name", [name for name in DESIGNS if not name.startswith("event")])
def test_normal_results_are_as_likely_as_their_density_says(name):
    study, mean, variance = DESIGNS[name]
    logs = study.log_likelihood(np.array([[mean], [mean + np.sqrt(variance)]]), MANY[:1], 90)
    assert logs[0, 0] - logs[1, 0] == pytest.approx(0.5)


def test_counts_are_as_likely_as_scipy_says():
    share = DRAWS["share"].to_numpy()
    y = np.array([[2.0], [5.0]])
    logs = SingleGroup(Measured("share")).log_likelihood(y, DRAWS, 10)
    expected = binom.logpmf(y, 10, share)
    assert_allclose(logs - logs[:, :1], expected - expected[:, :1])
    logs = SingleGroup(Measured("share"), population=20).log_likelihood(y, DRAWS, 10)
    assert_allclose(logs, hypergeom.logpmf(y, 20, np.rint(20 * share), 10))


def test_both_groups_are_likely_together():
    results = np.array([[6.0, 9.0]])
    logs = Controlled(*LEVELS).log_likelihood(results, DRAWS, 60)
    offered = DRAWS["share"] * DRAWS["ratio"]
    expected = binom.logpmf(6, 30, offered) + binom.logpmf(9, 30, DRAWS["share"])
    assert_allclose(logs[0] - logs[0, 0], expected - expected[0])
    study = Controlled(Measured("effect", "ratio"), Measured("effect"), sd=6.0)
    logs = study.log_likelihood(results, DRAWS, 60)
    means = DRAWS["effect"] * DRAWS["ratio"], DRAWS["effect"]
    expected = sum(norm.logpdf(x, m, 6 / np.sqrt(30)) for x, m in zip(results[0], means, strict=True))
    assert_allclose(logs[0] - logs[0, 0], expected - expected[0])
    assert study.simulate(DRAWS, 60, np.random.default_rng(1)).shape == (3, 2)


def test_families_who_leave_and_records_that_are_lost_do_not_count():
    study = SingleGroup(Measured("share"), drop_out=0.2, usable=0.75)
    assert [study.counted(n) for n in (0, 1, 10, 100)] == [0, 0, 6, 60]
    assert study.simulate(MANY, 100, np.random.default_rng(1)).max() <= 60
    assert study.in_words() == "single group: share, an event, 20% drop out, 75% of records usable"


def test_a_group_without_a_record_tells_nothing():
    trial = Controlled(*LEVELS, share_offered=0.9)
    assert [trial.counted(n) for n in (1, 4, 8)] == [0, 0, 8]
    assert trial.groups(8) == (7, 1)


def test_a_study_of_every_family_has_no_sampling_error():
    assert SingleGroup(Measured("effect"), sd=6.0, population=90).noise_variance(90) == 0.0
    with pytest.raises(ValueError, match="91 families cannot be studied out of 90"):
        SingleGroup(Measured("share"), population=90).simulate(MANY, 91, np.random.default_rng(1))


def test_the_inputs_that_a_study_informs():
    assert Controlled(*LEVELS).informs == ("share", "ratio")
    assert SingleGroup(LEVELS[0]).informs == ("share", "ratio")
    assert BeforeAfter(Measured("effect"), sd=1, correlation=0, bias_sd=0).informs == ("effect",)


@pytest.mark.parametrize("study", [SingleGroup(Measured("share")), Controlled(*LEVELS)])
def test_a_share_has_no_error_of_its_own(study):
    with pytest.raises(ValueError, match="depends on the inputs"):
        study.noise_variance(10)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SingleGroup(Measured("a"), sd=0.0), "sd is 0.0; give a number above 0"),
        (lambda: SingleGroup(Measured("a"), drop_out=1.2), "drop_out is 1.2; give a share"),
        (lambda: SingleGroup(Measured("a"), population=0), "population is 0"),
        (lambda: BeforeAfter(Measured("a"), sd=1, correlation=2, bias_sd=0), "correlation is 2"),
        (lambda: BeforeAfter(Measured("a"), sd=1, correlation=0, bias_sd=-1), "bias_sd is -1"),
        (lambda: Controlled(Measured("a")), "comparison is missing"),
        (lambda: Controlled(Measured("a"), sd=1.0), "comparison is missing"),
        (lambda: Controlled(*LEVELS, share_offered=1.0), "share_offered is 1.0"),
        (lambda: Controlled(*LEVELS, learns="all"), "both_groups, difference, ratio"),
    ],
)
def test_numbers_out_of_range_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_a_ratio_needs_levels_above_nothing():
    study = Controlled(Measured("effect"), Measured("share"), sd=1.0, learns="ratio")
    with pytest.raises(ValueError, match="above 0 in every draw"):
        study.simulate(DRAWS.assign(effect=[1.0, 0.0, 2.0]), 10, np.random.default_rng(1))


class TestCustomStudy:
    def test_its_results_and_likelihood_are_checked(self):
        flat = CustomStudy(("share",), lambda inputs, families, rng: inputs["share"].to_numpy())
        with pytest.raises(ValueError, match=r"shape \(3,\) for 3 draws; give \(draw, statistic\)"):
            flat.simulate(DRAWS, 5, np.random.default_rng(1))
        wrong = CustomStudy(("share",), flat.results, lambda results, inputs, families: np.zeros(2))
        with pytest.raises(ValueError, match=r"shape \(2,\); give \(result, draw\), here \(1, 3\)"):
            wrong.log_likelihood(np.zeros((1, 1)), DRAWS, 5)

    def test_without_a_likelihood_the_regression_method_is_named(self):
        study = CustomStudy(("share",), lambda inputs, families, rng: inputs[["share"]].to_numpy(), label="x")
        with pytest.raises(ValueError, match="x has no likelihood; give one, or use method='regression'"):
            study.log_likelihood(np.zeros((1, 1)), DRAWS, 5)

    def test_it_gets_the_families_whose_records_count(self):
        seen = []

        def results(inputs, families, rng):
            seen.append(families)
            return inputs[["share"]].to_numpy()

        CustomStudy(("share",), results, drop_out=0.5).simulate(DRAWS, 11, np.random.default_rng(1))
        assert seen == [5]

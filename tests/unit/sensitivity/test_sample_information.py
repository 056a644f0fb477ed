"""EVSI: bounds, order, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from communitybudget.sensitivity import (
    BeforeAfter,
    BetaPrior,
    Controlled,
    CustomStudy,
    Measured,
    NormalPrior,
    SampleInformation,
    SampleInformationCurve,
    SingleGroup,
    evppi,
    evsi,
    evsi_curve,
)

DRAWS = 1_500
METHODS = ("moment_matching", "regression", "importance")


@pytest.fixture(scope="module")
def choice():
    rng = np.random.default_rng(3)
    draws = pd.DataFrame(
        {
            "in_care": rng.beta(20, 60, DRAWS),
            "relative_risk": np.exp(rng.normal(-0.2, 0.25, DRAWS)),
            "cost": rng.normal(1_800, 300, DRAWS),
            "inert": rng.random(DRAWS),
        }
    )
    gain = 40_000 * draws["in_care"] * (1 - draws["relative_risk"]) - draws["cost"]
    double = 1.5 * gain - 400
    return np.column_stack([np.zeros(DRAWS), gain, double]), draws


TRIAL = Controlled(Measured("in_care", "relative_risk"), Measured("in_care"))


@pytest.mark.parametrize("method", METHODS)
def test_values_rise_to_that_of_knowing_the_inputs(choice, method):
    curve = evsi_curve(*choice, TRIAL, [0, 20, 200, 2_000], method=method)
    assert curve.values[0] == curve.standard_errors[0] == 0.0
    assert (np.diff(curve.values) >= 0).all()
    assert 0 < curve.values[1] < curve.values[-1] <= curve.evppi
    known = evppi(*choice, ["in_care", "relative_risk"])
    assert curve.evppi == pytest.approx(known.value, rel=1e-6)
    assert curve.evppi_standard_error == pytest.approx(known.standard_error, rel=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_one_size_is_a_curve_of_one(choice, method):
    one = evsi(*choice, TRIAL, 200, method=method, seed=4, price_base="2026-27")
    curve = evsi_curve(*choice, TRIAL, [200], method=method, seed=4, price_base="2026-27")
    assert one.value == curve.values[0]
    assert one.standard_error == curve.standard_errors[0]
    assert one.to_frame().equals(curve.to_frame())
    assert (one.families, one.counted, one.informs) == (200, 200, ("in_care", "relative_risk"))


@pytest.mark.parametrize("method", METHODS)
def test_the_same_seed_gives_the_same_bits_and_another_does_not(choice, method):
    first, again, other = (evsi(*choice, TRIAL, 50, method=method, seed=s).value for s in (1, 1, 2))
    assert first == again != other


@pytest.mark.parametrize("method", METHODS)
def test_an_input_that_does_nothing_is_not_worth_a_study(choice, method):
    found = evsi(*choice, SingleGroup(Measured("inert")), 500, method=method)
    assert found.value <= 3 * max(found.standard_error, 1e-9)
    assert found.value <= found.evppi < 5.0


def test_a_study_from_which_no_record_comes_is_worth_nothing(choice):
    assert evsi(*choice, SingleGroup(Measured("in_care"), usable=0.0), 100).value == 0.0
    assert evsi(*choice, Controlled(Measured("in_care"), Measured("inert")), 1).value == 0.0


def test_without_a_choice_no_study_is_worth_anything(choice):
    net, draws = choice
    found = evsi(net[:, :1], draws, TRIAL, 100)
    assert (found.value, found.standard_error, found.evppi) == (0.0, 0.0, 0.0)


def test_a_study_that_cannot_be_is_refused_whatever_it_is_worth(choice):
    _, draws = choice
    with pytest.raises(ValueError, match="should be a share"):
        evsi(np.zeros((DRAWS, 2)), draws, SingleGroup(Measured("cost")), 10)


@pytest.mark.parametrize("method", METHODS)
def test_options_that_never_differ_are_not_worth_a_study(choice, method):
    net, draws = choice
    alike = np.column_stack([net[:, 1], net[:, 1]])
    assert evsi(alike, draws, SingleGroup(Measured("in_care")), 10, method=method).value == 0.0
    twice = np.column_stack([net, net[:, 1]])
    found = [evsi(some, draws, TRIAL, 80, method=method) for some in (net, twice)]
    assert found[0].value == pytest.approx(found[1].value, rel=1e-6)


def test_a_study_of_all_families_tells_all():
    rng = np.random.default_rng(1)
    draws = pd.DataFrame({"effect": rng.normal(0, 1, 2_000)})
    net = np.column_stack([np.zeros(2_000), draws["effect"]])
    for method in METHODS:
        found = evsi(net, draws, SingleGroup(Measured("effect"), sd=3, population=80), 80, method=method)
        assert found.value == pytest.approx(found.evppi, rel=0.03)


def test_a_biased_study_never_tells_all():
    rng = np.random.default_rng(1)
    draws = pd.DataFrame({"effect": rng.normal(0, 1, 4_000)})
    net = np.column_stack([np.zeros(4_000), draws["effect"]])
    study = BeforeAfter(Measured("effect"), sd=5, correlation=0.5, bias_sd=1.0)
    curve = evsi_curve(net, draws, study, [100, 10**6])
    assert curve.values[-1] == pytest.approx(curve.evppi / np.sqrt(2), rel=0.1)  # share of variance 1/2


@pytest.mark.parametrize("method", METHODS)
def test_a_study_of_ones_own_is_worth_what_the_built_in_one_is(choice, method):
    built_in = SingleGroup(Measured("in_care"))
    own = CustomStudy(
        ("in_care",),
        lambda inputs, n, rng: rng.binomial(n, inputs["in_care"])[:, None].astype(float),
        lambda results, inputs, n: built_in.log_likelihood(results, inputs, n),
    )
    values = [evsi(*choice, study, 150, method=method).value for study in (built_in, own)]
    assert values[0] == values[1]


def test_few_draws_with_weight_are_told(choice):
    assert "leans towards" in evsi(*choice, SingleGroup(Measured("in_care")), 10**6).summary()
    assert "leans towards" not in evsi(*choice, SingleGroup(Measured("in_care")), 100).summary()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"families": -1}, "whole numbers, 0 or more"),
        ({"families": 1.5}, "whole numbers, 0 or more"),
        ({"method": "guess"}, "moment_matching, regression, importance, conjugate"),
        ({"method": "conjugate"}, "a prior goes with method='conjugate'"),
        ({"prior": BetaPrior(1, 1)}, "a prior goes with method='conjugate'"),
        ({"study": SingleGroup(Measured("other"))}, "informs other, which the frame"),
        ({"net_benefit": np.zeros((7, 2))}, "at least 100 draws"),
        ({"net_benefit": np.zeros((200, 2))}, "200 draws and the inputs have 1,500"),
        ({"net_benefit": np.full((DRAWS, 2), np.nan)}, "finite"),
    ],
)
def test_what_makes_no_sense_is_refused(choice, change, message):
    given = {"net_benefit": choice[0], "inputs": choice[1], "study": TRIAL, "families": 10} | change
    with pytest.raises(ValueError, match=message):
        evsi(**given)


@pytest.mark.parametrize("sizes", [[], [10, 10], [20, 10]])
def test_sizes_rise(choice, sizes):
    with pytest.raises(ValueError, match="that rise"):
        evsi_curve(*choice, TRIAL, sizes)


class TestConjugate:
    def test_prior_and_study_belong_together(self, choice):
        share = SingleGroup(Measured("in_care"))
        for study, prior, message in (
            (share, NormalPrior(0.25, 0.048), "depends on the inputs"),
            (SingleGroup(Measured("in_care"), sd=1.0), BetaPrior(20, 60), "does not go with a beta prior"),
            (TRIAL, BetaPrior(20, 60), "informs 2 inputs"),
            (share, BetaPrior(30, 60), "give the prior from which they were drawn"),
            (share, BetaPrior(200, 600), "give the prior from which they were drawn"),
        ):
            with pytest.raises(ValueError, match=message):
                evsi(*choice, study, 20, method="conjugate", prior=prior)

    def test_numbers_of_a_prior_are_above_nothing(self):
        with pytest.raises(ValueError, match="above 0"):
            BetaPrior(0, 1)
        with pytest.raises(ValueError, match="above 0"):
            NormalPrior(1, 0)

    def test_nothing_is_made_up(self, choice):
        values = [
            evsi(
                *choice,
                SingleGroup(Measured("in_care")),
                40,
                method="conjugate",
                prior=BetaPrior(20, 60),
                seed=s,
            ).value
            for s in (1, 2)
        ]
        assert values[0] == values[1] > 0


class TestResults:
    def test_they_survive_json(self, choice):
        one = evsi(*choice, TRIAL, 50)
        curve = evsi_curve(*choice, TRIAL, [50, 100])
        assert SampleInformation.from_json(one.to_json()) == one
        assert SampleInformationCurve.from_json(curve.to_json()) == curve
        assert curve != evsi_curve(*choice, TRIAL, [50, 101])

    def test_they_introduce_themselves(self, choice):
        curve = evsi_curve(*choice, TRIAL, [50, 100], price_base="2026-27")
        one = evsi(*choice, TRIAL, 50, price_base="2026-27")
        assert curve.to_frame().columns.tolist() == ["families", "value", "standard_error", "evppi"]
        assert_allclose(curve.to_frame()["value"], curve.values)
        for result in (one, curve):
            assert "\n" not in repr(result)
            for text in (result.summary(), result._repr_html_()):
                for words in ("2026-27 prices", "seed 1", "1,500 draws", "moment matching", "controlled: "):
                    assert words in text
            assert result.plot().get_xlabel() == "Families in the study"

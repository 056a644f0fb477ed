"""Laws of the value of a study."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from communitybudget.sensitivity import (
    BeforeAfter,
    Controlled,
    DecisionPopulation,
    Measured,
    SingleGroup,
    beta_binomial_evsi,
    evppi,
    evsi_curve,
    net_benefit_of_sampling,
    normal_information_value,
)

methods = st.sampled_from(["moment_matching", "regression", "importance"])
seeds = st.integers(0, 10_000)
studies = st.sampled_from(
    [
        SingleGroup(Measured("share")),
        SingleGroup(Measured("effect"), sd=2.0, drop_out=0.1),
        BeforeAfter(Measured("effect"), sd=2.0, correlation=0.5, bias_sd=0.5),
        Controlled(Measured("share", "ratio"), Measured("share")),
    ]
)
SIZES = [0, 10, 60, 400]
few = settings(max_examples=12, deadline=None)


def choice(seed, draws=300):
    """Return net benefits of three options and the inputs that they depend on."""
    rng = np.random.default_rng(seed)
    inputs = pd.DataFrame(
        {
            "share": rng.beta(4, 8, draws),
            "ratio": rng.uniform(0.5, 1.0, draws),
            "effect": rng.normal(0, 1, draws),
        }
    )
    gain = 8 * inputs["share"] * (1 - inputs["ratio"]) + inputs["effect"] - 0.6
    return np.column_stack([np.zeros(draws), gain, 1.7 * gain - 0.4]) * 1_000, inputs


@given(seed=seeds, study=studies, method=methods)
@few
def test_a_larger_study_is_worth_no_less_and_none_more_than_knowing(seed, study, method):
    net, inputs = choice(seed)
    curve = evsi_curve(net, inputs, study, SIZES, method=method)
    assert curve.values[0] == 0
    assert (np.diff(curve.values) >= 0).all()
    assert curve.values[-1] <= curve.evppi
    assert np.isclose(curve.evppi, evppi(net, inputs, study.informs).value, rtol=1e-6, atol=1e-6)
    assert (curve.standard_errors >= 0).all()


@given(seed=seeds, study=studies, method=methods)
@few
def test_the_order_of_the_draws_is_nothing(seed, study, method):
    net, inputs = choice(seed)
    order = np.random.default_rng(seed).permutation(len(net))
    first = evsi_curve(net, inputs, study, SIZES, method=method)
    again = evsi_curve(net[order], inputs.iloc[order], study, SIZES, method=method)
    assert_allclose(again.values, first.values, rtol=1e-7, atol=1e-6)
    assert_allclose(again.covariance, first.covariance, rtol=1e-6, atol=1e-4)


@given(seed=seeds, study=studies, method=methods)
@few
def test_an_input_more_that_does_nothing_changes_nothing(seed, study, method):
    net, inputs = choice(seed)
    more = inputs.assign(inert=np.random.default_rng(seed).random(len(inputs)))
    first, again = (evsi_curve(net, frame, study, SIZES, method=method) for frame in (inputs, more))
    assert_allclose(again.values, first.values, rtol=1e-12)


@given(seed=seeds, method=methods, scale=st.floats(0.01, 100), shift=st.floats(-1e4, 1e4))
@few
def test_pounds_scale_and_what_all_options_share_is_nothing(seed, method, scale, shift):
    net, inputs = choice(seed)
    study = SingleGroup(Measured("share"))
    first = evsi_curve(net, inputs, study, SIZES, method=method)
    again = evsi_curve(scale * net + shift, inputs, study, SIZES, method=method)
    assert_allclose(again.values, scale * first.values, rtol=1e-5, atol=1e-5 * scale)


@given(
    a=st.floats(0.2, 30),
    b=st.floats(0.2, 30),
    line=st.lists(st.tuples(st.floats(-100, 100), st.floats(-100, 100)), min_size=1, max_size=4),
    sizes=st.tuples(st.integers(0, 200), st.integers(0, 200)),
)
@settings(deadline=None, max_examples=60)
def test_exact_values_rise_with_the_study(a, b, line, sizes):
    fixed, per_share = zip(*line, strict=True)
    less, more = (beta_binomial_evsi(fixed, per_share, (a, b), n) for n in sorted(sizes))
    assert -1e-9 <= less <= more + 1e-9


@given(mean=st.floats(-1e3, 1e3), sds=st.tuples(st.floats(0, 1e3), st.floats(0, 1e3)))
def test_normal_values_rise_with_what_is_learnt(mean, sds):
    less, more = (normal_information_value(mean, sd) for sd in sorted(sds))
    assert -1e-9 <= less <= more + 1e-9


@given(
    seed=seeds,
    delay=st.floats(0, 60),
    committed=st.floats(0, 1),
    costs=st.tuples(st.floats(0, 1e5), st.floats(0, 1e3)),
)
@few
def test_waiting_and_commitments_never_help(seed, delay, committed, costs):
    net, inputs = choice(seed)
    curve = evsi_curve(net, inputs, SingleGroup(Measured("share")), SIZES, method="regression")
    population = DecisionPopulation(100, 80, 5, (1.0, 0.9, 0.8, 0.7, 0.6))
    paid = {"fixed_cost": costs[0], "cost_per_family": costs[1]}
    now = net_benefit_of_sampling(curve, population, **paid)
    later = net_benefit_of_sampling(
        curve, population, delay_months=delay, share_already_committed=committed, **paid
    )
    assert (later.net <= now.net + 1e-9).all()
    assert now.net.max() >= now.net[0] == 0
    least, most = now.about_as_good
    assert least <= now.best_families <= most

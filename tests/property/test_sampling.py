import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats
from scipy.integrate import quad

from communitybudget.parameters import (
    Distribution,
    fixed,
    from_events,
    from_interval,
    from_mean_sd,
)
from communitybudget.sampling import Sampled, dirichlet, from_normal, sample

shapes = st.floats(-1, 3).map(lambda power: 10**power)
amounts = st.floats(0.01, 1e4)
spreads = st.floats(0.01, 1.5)
Z = np.linspace(-4.99, 4.99, 301)


def quantile(distribution, z):
    return np.where(z < 0, distribution.ppf(stats.norm.cdf(z)), distribution.isf(stats.norm.sf(z)))


@st.composite
def distributions(draw):
    low, mode, high = sorted(draw(st.tuples(*[st.floats(-100, 100)] * 3)))
    assume(high - low > 1e-3)
    return draw(
        st.one_of(
            st.builds(lambda m, s: Distribution("normal", (m, s)), st.floats(-100, 100), spreads),
            st.builds(lambda m, a, b: Distribution("two_piece_normal", (m, a, b)), amounts, spreads, spreads),
            st.builds(lambda m, s: Distribution("lognormal", (m, s)), amounts, spreads),
            st.builds(
                lambda m, a, b: Distribution("two_piece_lognormal", (m, a, b)), amounts, spreads, spreads
            ),
            st.builds(
                lambda m, a, b: Distribution("two_piece_logit", (m, a, b)),
                st.floats(0.01, 0.99),
                spreads,
                spreads,
            ),
            st.builds(lambda k, s: Distribution("gamma", (k, s)), shapes, amounts),
            st.builds(lambda a, b: Distribution("beta", (a, b)), shapes, shapes),
            st.builds(lambda v: from_interval(v, low, high, "range", "real"), st.just(mode)),
            st.just(Distribution("triangular", (low, mode, high))),
            st.just(Distribution("uniform", (low, high))),
        )
    )


@given(family=st.sampled_from(["gamma", "beta"]), a=shapes, b=shapes)
@settings(deadline=None, max_examples=60)
def test_tables_are_the_exact_inverse(family, a, b):
    numbers, exact = ((a, 3.0), stats.gamma(a, scale=3)) if family == "gamma" else ((a, b), stats.beta(a, b))
    found, wanted = from_normal(Distribution(family, numbers), Z), quantile(exact, Z)
    kept = wanted > 1e-280  # a shape of 0.1 puts the lowest draws below the smallest number
    assert kept.any()
    assert_allclose(found[kept], wanted[kept], rtol=1e-8)


@given(distribution=distributions())
@settings(deadline=None, max_examples=100)
def test_draws_keep_the_ranks(distribution):
    drawn = from_normal(distribution, np.linspace(-6, 6, 2_001))
    assert np.isfinite(drawn).all()
    assert (np.diff(drawn) >= -1e-12 * np.abs(drawn[1:])).all()
    assert drawn[0] < drawn[-1]


@given(distribution=distributions())
@settings(deadline=None, max_examples=80)
def test_means_by_quadrature(distribution):
    def weighted(z):
        return float(from_normal(distribution, np.array([z]))[0]) * stats.norm.pdf(z)

    breaks = [0.0]
    if distribution.kind == "triangular":
        low, mode, high = distribution.numbers
        breaks.append(float(stats.norm.ppf(np.clip((mode - low) / (high - low), 1e-15, 1 - 1e-15))))
    total = quad(weighted, -10, 10, points=breaks, limit=200)[0]
    scale = abs(distribution.mean) + np.abs(from_normal(distribution, np.array([-1.0, 1.0]))).max()
    assert total == pytest.approx(distribution.mean, rel=1e-6, abs=1e-6 * scale)


@given(mean=amounts, relative=st.floats(0.01, 2), kind=st.sampled_from(["gamma", "lognormal", "normal"]))
@settings(deadline=None, max_examples=60)
def test_mean_and_sd_are_those_asked_for(mean, relative, kind):
    distribution = from_mean_sd(mean, relative * mean, kind=kind)
    n = distribution.numbers
    made = {
        "gamma": lambda: stats.gamma(n[0], scale=n[1]),
        "lognormal": lambda: stats.lognorm(n[1], scale=n[0]),
        "normal": lambda: stats.norm(*n),
    }[kind]()
    assert_allclose([made.mean(), made.std(), distribution.mean], [mean, relative * mean, mean], rtol=1e-9)


@given(share=st.floats(0.001, 0.999), part=st.floats(0.01, 0.95))
@settings(deadline=None, max_examples=60)
def test_a_share_has_the_mean_and_sd_asked_for(share, part):
    sd = part * np.sqrt(share * (1 - share))
    made = stats.beta(*from_mean_sd(share, sd, "share").numbers)
    assert_allclose([made.mean(), made.std()], [share, sd], rtol=1e-9)


@given(
    centre=st.floats(0.05, 0.95),
    below=st.floats(0.01, 0.99),
    above=st.floats(0.01, 0.99),
    interval=st.sampled_from([("ci95", 0.025), ("ci90", 0.05), ("p10_p90", 0.1)]),
    support=st.sampled_from(["positive", "share", "real"]),
)
@settings(deadline=None, max_examples=100)
def test_a_published_value_and_both_limits_are_met(centre, below, above, interval, support):
    low, high = centre * below, centre + (1 - centre) * above
    name, tail = interval
    z = stats.norm.ppf([tail, 0.5, 1 - tail])
    distribution = from_interval(centre, low, high, name, support)
    assert_allclose(from_normal(distribution, z), [low, centre, high], rtol=1e-10)


@given(value=st.floats(-1e6, 1e6))
def test_a_known_number_has_itself_as_its_mean(value):
    assert fixed(value).mean == value
    assert from_mean_sd(value, 0) == fixed(value)


@given(trials=st.integers(1, 10_000), data=st.data())
def test_events_of_trials(trials, data):
    events = data.draw(st.integers(0, trials))
    assert from_events(events, trials).mean == pytest.approx((events + 0.5) / (trials + 1))


@given(
    shares=st.lists(st.one_of(st.just(0.0), st.floats(0.001, 1)), min_size=1, max_size=6),
    size=st.floats(1, 1e4),
    seed=st.integers(0, 2**32),
)
@settings(deadline=None, max_examples=60)
def test_dirichlet_shares_sum_to_one(shares, size, seed):
    assume(sum(shares) > 0)
    drawn = dirichlet([f"n{i}" for i in range(len(shares))], shares, size, 20, seed)
    assert_allclose(sum(drawn.values()), 1, rtol=1e-13)
    for column, share in zip(drawn.values(), shares, strict=True):
        assert (column >= 0).all()
        assert column.any() == (share > 0)


@given(data=st.data(), seed=st.integers(0, 2**63), draws=st.integers(1, 30))
@settings(deadline=None, max_examples=40)
def test_a_column_depends_on_its_name_and_the_seed_alone(data, seed, draws):
    names = data.draw(st.lists(st.text(max_size=12), min_size=1, max_size=6, unique=True))
    spec = [Sampled(name, Distribution("lognormal", (2.0, 0.5))) for name in names]
    together = sample(data.draw(st.permutations(spec)), draws, seed)
    for one in spec:
        assert_array_equal(sample([one], draws, seed)[one.id], together[one.id])

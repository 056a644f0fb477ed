import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats
from scipy.integrate import quad

from communitybudget.parameters import (
    Distribution,
    discrete,
    fixed,
    from_events,
    from_interval,
    from_mean_sd,
    from_values,
    mixture,
    truncated,
)
from communitybudget.parameters.mixtures import point_masses
from communitybudget.sampling import (
    Sampled,
    correlated,
    dirichlet,
    from_normal,
    make_design,
    nearest_correlation,
    sample,
)

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


@st.composite
def composed(draw):
    """A distribution cut, mixed, or of values."""
    part, other = draw(distributions()), draw(distributions())
    low, high = (float(x) for x in from_normal(part, np.array([-1.5, 1.0])))
    values = draw(st.lists(st.floats(-100, 100), min_size=2, max_size=6, unique=True))
    weights = draw(st.lists(st.floats(0.05, 1), min_size=len(values), max_size=len(values)))
    match draw(st.sampled_from(["truncated", "discrete", "mixture", "empirical"])):
        case "truncated":
            assume(high - low > 1e-6 * (1 + abs(low)))
            return truncated(part, low, high)
        case "discrete":
            return discrete(values, weights)
        case "mixture":
            return mixture([part, other, fixed(values[0])], [weights[0], weights[1], 0.3])
        case _:
            return from_values(values)


@given(distribution=composed())
@settings(deadline=None, max_examples=60)
def test_composed_draws_keep_the_ranks(distribution):
    drawn = from_normal(distribution, np.linspace(-6, 6, 801))
    assert np.isfinite(drawn).all()
    assert (np.diff(drawn) >= -1e-12 * np.abs(drawn[1:])).all()


@given(distribution=st.one_of(distributions(), composed()), p=st.floats(0.001, 0.999))
@settings(deadline=None, max_examples=100)
def test_a_quantile_has_its_share_below(distribution, p):
    x = distribution.quantile(p)
    below = float(distribution.cdf(x))
    if point_masses(distribution):
        assert below >= p - 1e-6
        assert float(distribution.cdf(x - 1e-9 * (1 + abs(x)))) <= p + 1e-6
    else:
        assert below == pytest.approx(p, abs=1e-6)


@given(distribution=composed())
@settings(deadline=None, max_examples=25)
def test_composed_moments_are_those_of_even_ranks(distribution):
    drawn = from_normal(distribution, stats.norm.ppf((np.arange(4_001) + 0.5) / 4_001))
    least = 1e-9 * np.abs(drawn).max()
    assert abs(drawn.mean() - distribution.mean) < 0.04 * drawn.std() + least
    assert distribution.sd == pytest.approx(drawn.std(), rel=0.15, abs=least)


@st.composite
def asked_correlations(draw):
    size = draw(st.integers(2, 5))
    numbers = draw(st.lists(st.floats(-1, 1), min_size=size * size, max_size=size * size))
    asked = np.array(numbers).reshape(size, size)
    asked = (asked + asked.T) / 2
    np.fill_diagonal(asked, 1.0)
    return asked


@given(asked=asked_correlations())
@settings(deadline=None, max_examples=40)
def test_the_nearest_correlation_is_one_and_stays(asked):
    found = nearest_correlation(asked)
    assert_array_equal(np.diag(found), np.ones(len(asked)))
    assert_array_equal(found, found.T)
    assert np.linalg.eigvalsh(found)[0] > 0
    assert_array_equal(nearest_correlation(found), found)
    for share in np.linspace(0, 1, 11):
        other = (1 - share) * asked + share * np.eye(len(asked))
        if np.linalg.eigvalsh(other)[0] >= 1e-8:  # possible as well, so it cannot lie nearer
            assert np.linalg.norm(found - asked) <= np.linalg.norm(other - asked) + 1e-9


@given(asked=asked_correlations())
@settings(deadline=None, max_examples=20)
def test_a_factor_keeps_each_number_standard_normal(asked):
    together = correlated([f"n{i}" for i in range(len(asked))], asked)
    assert_allclose((together.factor**2).sum(axis=1), 1, rtol=1e-9)
    assert_allclose(together.factor @ together.factor.T, together.normal, atol=1e-9)


@given(draws=st.integers(1, 200), replicates=st.integers(1, 8), seed=st.integers(0, 2**32))
@settings(deadline=None, max_examples=30)
def test_a_latin_hypercube_meets_each_cell_once_in_each_part(draws, replicates, seed):
    assume(replicates <= draws)
    column = make_design("latin_hypercube", ["a"], draws, seed, replicates).uniforms["a"]
    for part in np.array_split(column, replicates):
        assert_array_equal(np.sort(np.floor(part * part.size)), np.arange(part.size))

import math
import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats

from communitybudget._core.streams import stream
from communitybudget.sensitivity import sobol_from_outcomes, sobol_indices

# a = 7, b = 0.1; printed in T. Ishigami and T. Homma (1990) terms by SALib's test function `Ishigami` (first
# order 0.3139, 0.4424, 0) and to the same digits by the closed forms in `ishigami_indices`
ISHIGAMI_FIRST, ISHIGAMI_TOTAL = (0.3139, 0.4424, 0.0), (0.5576, 0.4424, 0.2437)
G_COEFFICIENTS = np.array([0, 1, 4.5, 9, 99, 99, 99, 99])


def ishigami(u):
    x = np.pi * (2 * u - 1)
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def ishigami_indices(a=7, b=0.1):
    """First and total order in closed form: T. Homma and A. Saltelli (1996)."""
    alone = [(1 + b * math.pi**4 / 5) ** 2 / 2, a**2 / 8, 0.0]
    pair = b**2 * math.pi**8 * 8 / 225
    variance = sum(alone) + pair
    return np.array(alone) / variance, np.array([alone[0] + pair, alone[1], pair]) / variance


def g_function(u):
    return np.prod((np.abs(4 * u - 2) + G_COEFFICIENTS) / (1 + G_COEFFICIENTS), axis=1)


def g_indices():
    """First and total order in closed form: A. Saltelli and I. M. Sobol' (1995)."""
    own = 1 / (3 * (1 + G_COEFFICIENTS) ** 2)
    every = np.prod(1 + own)
    return own / (every - 1), own * every / (1 + own) / (every - 1)


def test_the_closed_forms_of_ishigami_are_those_printed():
    first, total = ishigami_indices()
    assert_allclose(first, ISHIGAMI_FIRST, atol=5e-5)
    assert_allclose(total, ISHIGAMI_TOTAL, atol=1e-4)


@pytest.mark.parametrize(
    ("function", "names", "known"),
    [(ishigami, list("abc"), ishigami_indices()), (g_function, list("abcdefgh"), g_indices())],
    ids=["Ishigami", "g"],
)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_analytic_functions_lie_within_their_errors(function, names, known, seed):
    found = sobol_indices(function, names, 2048, seed, resamples=300)
    for index, value in zip((found.first, found.total), known, strict=True):
        assert (np.abs(index.value[:, 0] - value) <= 4 * index.standard_error[:, 0] + 1e-12).all()
    assert_allclose(found.total.value[:, 0], known[1], atol=0.02)
    assert_allclose(found.first.value[:, 0], known[0], atol=0.03)


def test_an_additive_function_in_closed_form():
    weights = np.array([1.0, 2, 3, 4])
    found = sobol_indices(lambda u: u @ weights, list("abcd"), 1024)
    share = weights**2 / 30
    assert_allclose(found.first.value[:, 0], share, atol=0.01)
    assert_allclose(found.total.value[:, 0], share, atol=0.01)
    assert_allclose(found.sd, np.sqrt(30 / 12), rtol=0.01)


def test_a_group_of_an_additive_function_is_the_sum_of_its_inputs():
    weights = np.array([1.0, 2, 3, 4])
    apart = sobol_indices(lambda u: u @ weights, list("abcd"), 1024)
    together = sobol_indices(lambda u: u @ weights, list("abcd"), 1024, groups={"a": "pair", "c": "pair"})
    assert together.inputs == ("pair", "b", "d")
    assert together.sizes == (2, 1, 1)
    for order in ("first", "total"):
        one, sum_of = getattr(together, order).value[0, 0], getattr(apart, order).value[[0, 2], 0].sum()
        assert_allclose(one, sum_of, atol=0.01)


def test_a_group_holds_the_interaction_within_it():
    found = sobol_indices(lambda u: (u[:, 0] - 0.5) * (u[:, 1] - 0.5), ["a", "b"], 512)
    assert_allclose(found.first.value[:, 0], 0, atol=0.02)
    assert_allclose(found.total.value[:, 0], 1, atol=0.05)
    grouped = sobol_indices(
        lambda u: (u[:, 0] - 0.5) * (u[:, 1] - 0.5) + u[:, 2] / 10,
        list("abc"),
        512,
        groups={"a": "g", "b": "g"},
    )
    # 1/144 within the pair, 1/1200 in the third
    assert_allclose(grouped.first.value[0, 0], 1 / 144 / (1 / 144 + 1 / 1200), atol=0.05)


def test_interactions_of_pairs_in_closed_form():
    found = sobol_indices(ishigami, list("abc"), 2048, order=2, resamples=300)
    pairs = found.interactions
    wanted = [0, ishigami_indices()[1][2], 0]  # a with b, a with c, b with c
    assert (np.abs(pairs.value[:, 0] - wanted) <= 4 * pairs.standard_error[:, 0]).all()
    assert_allclose(pairs.value[:, 0], wanted, atol=0.03)
    assert found.runs == 5 * 2048
    frame = found.interaction_frame()
    assert frame.loc[0, ["input", "other", "outcome"]].tolist() == ["a", "c", "outcome"]
    assert frame["share"].is_monotonic_decreasing


def test_the_interaction_of_a_pair_is_what_both_totals_hold_beyond_that_of_the_pair():
    apart = sobol_indices(ishigami, list("abc"), 2048, order=2, resamples=300)
    together = sobol_indices(ishigami, list("abc"), 2048, groups={"a": "g", "c": "g"}, resamples=300)
    total = apart.total.value[:, 0]
    assert_allclose(
        apart.interactions.value[1, 0], total[0] + total[2] - together.total.value[0, 0], atol=0.03
    )


def test_interactions_that_were_not_asked_for_are_not_there():
    with pytest.raises(ValueError, match="ask for the indices with order=2"):
        sobol_indices(ishigami, list("abc"), 64, resamples=100).interaction_frame()


def test_an_input_that_does_nothing_has_a_total_of_exactly_nil():
    found = sobol_indices(lambda u: ishigami(u[:, :3]), list("abcd"), 256)
    for index in (found.total, found.first):
        assert index.value[3, 0] == index.standard_error[3, 0] == index.low[3, 0] == index.high[3, 0] == 0
    assert found.rank[3, 0] == found.rank_high[3, 0] == 4


def test_an_outcome_that_does_not_vary_has_no_indices():
    found = sobol_indices(lambda u: np.column_stack([np.full(len(u), 1 / 3), u[:, 0]]), ["a", "b"], 64)
    assert_array_equal(found.total.value[:, 0], 0)
    assert found.sd[0] == 0
    assert "outcome 1 does not vary" in found.warnings()[0]


def test_outcomes_at_once_are_those_one_by_one():
    both = sobol_indices(lambda u: np.column_stack([ishigami(u), u.sum(axis=1)]), list("abc"), 256)
    for k, function in enumerate((ishigami, lambda u: u.sum(axis=1))):
        one = sobol_indices(function, list("abc"), 256)
        assert_allclose(both.first.value[:, k], one.first.value[:, 0], rtol=1e-12, atol=1e-14)
        assert_allclose(both.total.value[:, k], one.total.value[:, 0], rtol=1e-12)


def test_distributions_by_their_inverse():
    forms = {"cost": stats.norm(0, 3), "reach": stats.norm(0, 4)}
    found = sobol_indices(lambda x: x[:, 0] + x[:, 1], forms, 1024)
    assert_allclose(found.total.value[:, 0], [9 / 25, 16 / 25], atol=0.02)


def test_the_size_of_the_pieces_changes_nothing():
    steps = []
    whole = sobol_indices(ishigami, list("abc"), 128, resamples=200)
    pieces = sobol_indices(
        ishigami, list("abc"), 128, resamples=200, chunk=100, progress=lambda *step: steps.append(step)
    )
    assert pieces == whole
    assert steps[-1] == (640, 640)
    assert len(steps) == 7
    assert whole.runs == 640


def test_the_order_of_inputs_changes_nothing():
    one = sobol_indices(ishigami, list("abc"), 256, resamples=200)
    other = sobol_indices(lambda u: ishigami(u[:, ::-1]), list("cba"), 256, resamples=200)
    for order in ("first", "total"):
        for part in ("value", "standard_error", "low", "high", "half"):
            assert_array_equal(
                getattr(getattr(one, order), part), getattr(getattr(other, order), part)[::-1], strict=True
            )


def three_samples(function, inputs, draws, seed):
    a, b = np.random.default_rng(seed).random((2, draws, inputs))
    f_ab = []
    for i in range(inputs):
        swapped = a.copy()
        swapped[:, i] = b[:, i]
        f_ab.append(function(swapped))
    return function(a), function(b), np.array(f_ab)


def test_the_order_of_rows_changes_nothing():
    f_a, f_b, f_ab = three_samples(ishigami, 3, 200, 1)
    order = np.random.default_rng(2).permutation(200)
    one = sobol_from_outcomes(f_a, f_b, f_ab, list("abc"))
    other = sobol_from_outcomes(f_a[order], f_b[order], f_ab[:, order], list("abc"))
    for index in ("first", "total"):
        for part in ("value", "standard_error", "low", "high"):
            assert_allclose(
                getattr(getattr(one, index), part),
                getattr(getattr(other, index), part),
                rtol=1e-12,
                atol=1e-14,
            )
    assert_array_equal(one.rank_low, other.rank_low)


def test_a_loop_over_resamples_and_inputs_gives_the_same():
    draws, resamples = 60, 120
    f_a, f_b, f_ab = three_samples(ishigami, 3, draws, 3)
    found = sobol_from_outcomes(f_a, f_b, f_ab, list("abc"), seed=5, resamples=resamples)
    centre = np.concatenate([f_a, f_b]).mean()
    f_a, f_b, f_ab = f_a - centre, f_b - centre, f_ab - centre

    def index_of(i, rows):
        variance = np.concatenate([f_a[rows], f_b[rows]]).var()
        first = np.mean([f_b[j] * (f_ab[i, j] - f_a[j]) for j in rows]) / variance
        return first, np.mean([(f_a[j] - f_ab[i, j]) ** 2 / 2 for j in rows]) / variance

    chosen = stream(5, "sobol_indices.bootstrap").integers(draws, size=(resamples, draws))
    ranked = np.argsort(f_a)
    for i in range(3):
        again = np.array([index_of(i, ranked[rows]) for rows in chosen])
        for k, index in enumerate((found.first, found.total)):
            assert_allclose(index.value[i, 0], index_of(i, range(draws))[k], rtol=1e-12)
            assert_allclose(index.half[i, 0], index_of(i, range(draws // 2))[k], rtol=1e-12)
            assert_allclose(index.standard_error[i, 0], again[:, k].std(ddof=1), rtol=1e-12)
            low, high = np.quantile(again[:, k], [0.025, 0.975])
            assert_allclose([index.low[i, 0], index.high[i, 0]], [low, high], rtol=1e-12)


def test_scipy_gives_the_same_from_the_same_outcomes():
    theirs = stats.sobol_indices(
        func=lambda x: ishigami(x.T), n=256, dists=[stats.uniform()] * 3, rng=np.random.default_rng(4)
    )
    ours = sobol_from_outcomes(theirs._f_A[0], theirs._f_B[0], theirs._f_AB[:, 0], list("abc"))
    assert_allclose(ours.first.value[:, 0], theirs.first_order, rtol=1e-12)
    assert_allclose(ours.total.value[:, 0], theirs.total_order, rtol=1e-12)


def test_salib_gives_the_same_from_the_same_outcomes():
    salib = pytest.importorskip("SALib.analyze.sobol")
    f_a, f_b, f_ab = three_samples(ishigami, 3, 512, 5)
    rows = np.column_stack([f_a, *f_ab, f_b]).ravel()
    theirs = salib.analyze({"num_vars": 3, "names": list("abc")}, rows, calc_second_order=False, seed=1)
    ours = sobol_from_outcomes(f_a, f_b, f_ab, list("abc"))
    assert_allclose(ours.total.value[:, 0], theirs["ST"], rtol=1e-12)
    # SALib centres the outcomes by a mean that the swapped samples enter as well
    shift = np.concatenate([f_a, f_b]).mean() - rows.mean()
    moved = ours.first.value[:, 0] + shift * (f_ab - f_a).mean(axis=1) / np.concatenate([f_a, f_b]).var()
    assert_allclose(moved, theirs["S1"], rtol=1e-10)


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    first, total = ishigami_indices()
    runs, held = 200, np.zeros(6)
    for seed in range(runs):
        found = sobol_from_outcomes(*three_samples(ishigami, 3, 400, seed), list("abc"), resamples=200)
        for k, (index, value) in enumerate(((found.first, first), (found.total, total))):
            held[3 * k : 3 * k + 3] += (index.low[:, 0] <= value) & (value <= index.high[:, 0])
    # 95% of 200, four binomial errors each way, and a little for percentiles of 400 draws
    assert (held / runs > 0.95 - 4 * math.sqrt(0.05 * 0.95 / runs) - 0.01).all()


def test_a_sobol_sample_errs_less_than_its_intervals_say():
    values = [sobol_indices(ishigami, list("abc"), 256, s, resamples=100) for s in range(40)]
    spread = np.std([v.total.value[:, 0] for v in values], axis=0)
    assert (spread < np.mean([v.total.standard_error[:, 0] for v in values], axis=0)).all()


class TestFaults:
    def test_correlated_inputs_apart_are_refused_and_the_alternatives_named(self):
        with pytest.raises(
            ValueError, match=r"independent inputs: a, b; put them into one group .* or use evppi"
        ):
            sobol_indices(ishigami, list("abc"), 64, correlated=["b", "a"])

    def test_correlated_inputs_in_one_group_are_taken(self):
        found = sobol_indices(
            ishigami, list("abc"), 64, correlated=["a", "b"], groups={"a": "g", "b": "g"}, resamples=100
        )
        assert found.inputs == ("g", "c")

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"n": 1000}, "n is 1000; a Sobol' sample needs a power of 2, such as 1,024"),
            ({"seed": -1}, "seed is -1"),
            ({"resamples": 10}, "at least 100"),
            ({"confidence": 95}, "give a share"),
            ({"groups": {"aa": "g"}}, "groups names 'aa', which is no input"),
            ({"correlated": ["z"]}, "correlated names 'z'"),
            ({"distributions": []}, "there are no inputs"),
            ({"distributions": ["a", "a", "b"]}, "several inputs are called a"),
            ({"distributions": "abc"}, "is the text 'abc'"),
            ({"distributions": {"a": 1, "b": 2, "c": 3}}, "no inverse: a, b, c"),
            ({"function": lambda u: u[:5, 0]}, "returned shape"),
            ({"function": lambda u: np.full(len(u), np.nan)}, "finite"),
            ({"outcomes": ["one", "two"]}, "2 outcomes are named and there are 1"),
            ({"chunk": 0}, "chunk is 0"),
            ({"order": 3}, "order is 3; use 1, or 2"),
        ],
    )
    def test_what_cannot_be_is_refused(self, changes, message):
        given = {"function": ishigami, "distributions": list("abc"), "n": 64, **changes}
        with pytest.raises(ValueError, match=message):
            sobol_indices(**given)

    def test_outcomes_of_other_shapes_are_refused(self):
        with pytest.raises(ValueError, match=r"exchanged \(2, 5\) for 3 inputs"):
            sobol_from_outcomes(np.arange(5.0), np.arange(5.0), np.zeros((2, 5)), list("abc"))


def test_no_warning_of_any_package_comes_through():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sobol_indices(ishigami, list("abc"), 64, resamples=100)

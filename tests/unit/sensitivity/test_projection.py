import numpy as np
from numpy.testing import assert_allclose

from communitybudget.sensitivity.projection import CHANCE, mean_of, ordered_basis, orthonormal


def sample(draws=60, terms=4, targets=2):
    random = np.random.default_rng(1)
    return random.normal(size=(draws, terms)), random.normal(size=(draws, targets))


def with_mean(terms):
    return np.column_stack([np.ones(len(terms)), terms])


def test_the_fit_is_that_of_least_squares():
    terms, targets = sample()
    fit = mean_of(targets).with_terms(terms[:, :2]).with_terms(terms[:, 2:])
    design = with_mean(terms)
    assert_allclose(fit.fitted, design @ np.linalg.lstsq(design, targets, rcond=None)[0])
    assert_allclose(fit.fitted + fit.residual, targets)
    assert_allclose(fit.smooth(targets), fit.fitted)
    assert_allclose(fit.explained, fit.fitted.var(axis=0) / targets.var(axis=0))


def test_a_draw_left_out_is_fitted_by_all_the_others():
    terms, targets = sample()
    left_out = mean_of(targets).with_terms(terms).left_out
    for draw in (0, 17, 59):
        others = np.arange(60) != draw
        found = np.linalg.lstsq(with_mean(terms)[others], targets[others], rcond=None)[0]
        assert_allclose(left_out[draw], with_mean(terms)[draw] @ found)


def test_a_draw_that_decides_a_term_alone_gets_the_mean():
    terms, targets = np.eye(60)[:, :1], sample()[1]
    fit = mean_of(targets).with_terms(terms)
    assert_allclose(fit.left_out[0], targets.mean(axis=0))
    assert_allclose(fit.fitted[0], targets[0])


def test_columns_that_add_nothing_drop_out():
    terms, _ = sample()
    doubled = np.column_stack([np.full(60, 7.0), terms, terms[:, 0] - 2 * terms[:, 1]])
    basis, kept = ordered_basis(doubled)
    assert kept.tolist() == [1, 2, 3, 4]
    assert_allclose(basis.T @ basis, np.eye(4), atol=1e-12)
    assert orthonormal(terms, basis).shape == (60, 0)


def share_that_gains(make, count=2_000):
    random = np.random.default_rng(2)
    return np.mean(
        [mean_of(target).gains_from(orthonormal(x)) for x, target in (make(random) for _ in range(count))]
    )


def test_terms_that_mean_nothing_seldom_gain():
    share = share_that_gains(lambda random: (random.normal(size=(80, 3)), random.normal(size=(80, 2))))
    assert share < CHANCE + 4 * np.sqrt(CHANCE / 2_000)


def test_unequal_variance_does_not_pass_for_an_effect():
    def product(random):
        x = random.normal(size=(200, 2))
        return x[:, :1], x[:, :1] * x[:, 1:]

    assert share_that_gains(product) < 0.01


def test_a_perfect_fit_gains_and_a_target_that_does_not_vary_never_does():
    terms, _ = sample()
    assert mean_of(terms[:, :1]).gains_from(orthonormal(terms))
    assert not mean_of(np.zeros((60, 1))).gains_from(orthonormal(terms))
    assert not mean_of(terms[:4, :1]).gains_from(orthonormal(terms[:4]))

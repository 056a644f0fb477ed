from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import linprog

from communitybudget.agreement.fixed_payments import in_whole_pence, least_payments

NO_LIMIT = np.inf


def standing(seed, partners=4, periods=2, *, limited=False):
    """Return quantiles, weights of periods, and limits; some partners are short."""
    random = np.random.default_rng(seed)
    quantiles = random.normal(20.0, 100.0, (partners, periods))
    weights = random.uniform(0.5, 4.0, periods)
    limits = random.uniform(10.0, 60.0, partners) if limited else np.full(partners, NO_LIMIT)
    return quantiles, weights, limits


def to_date(a_year, weights):
    return (a_year * weights).cumsum(axis=1)


seeds = st.integers(0, 2**32 - 1)
sizes = {"partners": st.integers(1, 6), "periods": st.integers(1, 2), "limited": st.booleans()}


class TestCertificate:
    @given(seed=seeds, **sizes)
    @settings(max_examples=40, deadline=None)
    def test_payments_are_allowed_and_the_dual_says_that_none_move_less(
        self, seed, partners, periods, limited
    ):
        quantiles, weights, limits = standing(seed, partners, periods, limited=limited)
        found = least_payments(quantiles, weights, limits)
        assume(found is not None)
        # primal: nil over the partners, within limits, nobody short
        assert_allclose(found.a_year.sum(axis=0), 0.0, atol=1e-6)
        assert (found.a_year >= -limits[:, np.newaxis] - 1e-6).all()
        assert (quantiles + to_date(found.a_year, weights) >= -1e-6).all()
        moved = (np.maximum(-found.a_year, 0.0) * weights).sum()
        assert_allclose(moved, found.moved, rtol=1e-8, atol=1e-6)
        # dual: prices of no payments, received or paid, are worth more than they cost
        assert (found.prices >= -1e-9).all()
        assert (found.limit_prices >= -1e-9).all()
        later = weights * found.prices[:, ::-1].cumsum(axis=1)[:, ::-1]
        assert (later + found.balance_prices <= 1e-7).all()
        assert (weights + later + found.balance_prices + found.limit_prices >= -1e-7).all()
        within = np.isfinite(limits)
        dual = -(found.prices * quantiles).sum() - (found.limit_prices[within].sum(axis=1) @ limits[within])
        assert_allclose(dual, found.moved, rtol=1e-8, atol=1e-6)
        assert_allclose(found.certified, dual, rtol=1e-9, atol=1e-9)

    @given(seed=seeds, limited=st.booleans())
    @settings(max_examples=20, deadline=None)
    def test_payments_that_may_change_every_year_move_no_less(self, seed, limited):
        """The programme with a payment for every partner and year, written out plainly."""
        quantiles, _, limits = standing(seed, 3, 2, limited=limited)
        factors, ends = 1.035 ** -np.arange(5), [1, 4]
        weights = np.array([factors[:2].sum(), factors[2:].sum()])
        rows, most = [], []
        for partner in range(3):
            for period, end in enumerate(ends):
                row = np.zeros((2, 3, 5))
                row[0, partner, : end + 1], row[1, partner, : end + 1] = (
                    -factors[: end + 1],
                    factors[: end + 1],
                )
                rows.append(row.ravel())
                most.append(quantiles[partner, period])
        balance = np.array([np.stack([np.eye(5)[[y] * 3], -np.eye(5)[[y] * 3]]).ravel() for y in range(5)])
        plain = linprog(
            np.concatenate([np.zeros(15), np.tile(factors, 3)]),
            A_ub=np.array(rows),
            b_ub=most,
            A_eq=balance,
            b_eq=np.zeros(5),
            bounds=[(0, None)] * 15 + [(0, limit) for limit in np.repeat(limits, 5)],
        )
        found = least_payments(quantiles, weights, limits)
        assert (found is not None) == plain.success
        if found is not None:
            assert_allclose(found.moved, plain.fun, rtol=1e-7, atol=1e-6)


class TestExhaustive:
    @pytest.mark.parametrize("seed", range(12))
    def test_three_partners_in_whole_numbers(self, seed):
        random = np.random.default_rng(seed)
        quantiles = random.integers(-4, 7, (3, 1)).astype(float)
        limits = random.choice([2.0, 3.0, NO_LIMIT], 3)
        best = None
        for first, second in product(range(-12, 13), repeat=2):
            payments = np.array([first, second, -first - second])
            if (payments >= -limits).all() and (quantiles[:, 0] + payments >= 0).all():
                moved = np.maximum(-payments, 0).sum()
                best = moved if best is None else min(best, moved)
        found = least_payments(quantiles, np.ones(1), limits)
        assert (found is None) == (best is None)
        if found is not None:
            assert_allclose(found.moved, best, atol=1e-9)
            whole = in_whole_pence(found.a_year, quantiles, np.ones(1), limits)
            assert np.maximum(-whole, 0).sum() == best
            assert (quantiles + whole >= 0).all()
            assert (whole >= -limits[:, np.newaxis]).all()

    @pytest.mark.parametrize("seed", range(8))
    def test_two_partners_at_two_ends_in_whole_numbers(self, seed):
        random = np.random.default_rng(seed)
        quantiles = random.integers(-4, 7, (2, 2)).astype(float)
        limits = random.choice([2.0, 3.0, NO_LIMIT], 2)
        best = None
        for early, late in product(range(-12, 13), repeat=2):
            payments = np.array([[early, late], [-early, -late]])
            if (payments >= -limits[:, np.newaxis]).all() and (
                quantiles + payments.cumsum(axis=1) >= 0
            ).all():
                moved = np.maximum(-payments, 0).sum()
                best = moved if best is None else min(best, moved)
        found = least_payments(quantiles, np.ones(2), limits)
        assert (found is None) == (best is None)
        if found is not None:
            assert_allclose(found.moved, best, atol=1e-9)


class TestClosedForm:
    @given(seed=seeds, partners=st.integers(1, 6), periods=st.integers(1, 2))
    @settings(max_examples=30, deadline=None)
    def test_without_limits_it_can_be_done_when_the_quantiles_sum_to_nil_or_more(
        self, seed, partners, periods
    ):
        quantiles, weights, limits = standing(seed, partners, periods)
        can = (quantiles.sum(axis=0) >= 0).all()
        assert (least_payments(quantiles, weights, limits) is not None) == can

    @given(seed=seeds, partners=st.integers(2, 6))
    @settings(max_examples=30, deadline=None)
    def test_who_is_short_has_just_enough_and_the_others_pay_the_same_part(self, seed, partners):
        quantiles, weights, limits = standing(seed, partners, 1)
        found = least_payments(quantiles, weights, limits)
        assume(found is not None)
        short = np.maximum(-quantiles, 0.0)
        spare = np.maximum(quantiles, 0.0)
        assert_allclose(found.moved, short.sum(), rtol=1e-9, atol=1e-9)
        wanted = short - spare * (short.sum() / spare.sum())
        assert_allclose(found.a_year * weights, wanted, rtol=0, atol=1e-6)

    def test_a_limit_leaves_the_rest_to_the_others(self):
        """90 spare and 30: in proportion 45 and 15; with at most 40 from the first, 20 from the second."""
        quantiles = np.array([[-60.0], [90.0], [30.0]])
        found = least_payments(quantiles, np.ones(1), np.array([NO_LIMIT, 40.0, NO_LIMIT]))
        assert_allclose(found.a_year[:, 0], [60.0, -40.0, -20.0], atol=1e-7)

    @given(seed=seeds, periods=st.integers(1, 2), partner=st.integers(0, 3))
    @settings(max_examples=40, deadline=None)
    def test_a_limit_never_lowers_the_money(self, seed, periods, partner):
        quantiles, weights, limits = standing(seed, 4, periods)
        free = least_payments(quantiles, weights, limits)
        limits[partner] = 15.0
        limited = least_payments(quantiles, weights, limits)
        assume(limited is not None)
        assert limited.moved >= free.moved - 1e-6

    @given(seed=seeds, limited=st.booleans())
    @settings(max_examples=30, deadline=None)
    def test_the_order_of_partners_is_nothing_to_it(self, seed, limited):
        quantiles, weights, limits = standing(seed, 5, 1, limited=limited)
        found = least_payments(quantiles, weights, limits)
        assume(found is not None)
        order = np.random.default_rng(seed).permutation(5)
        again = least_payments(quantiles[order], weights, limits[order])
        assert_allclose(again.a_year, found.a_year[order], rtol=0, atol=1e-6)

    def test_with_nobody_short_nothing_moves(self):
        found = least_payments(np.array([[0.0], [5.0]]), np.ones(1), np.full(2, NO_LIMIT))
        assert_array_equal(found.a_year, [[0.0], [0.0]])
        assert found.moved == found.certified == 0.0


class TestWholePence:
    @given(seed=seeds, **sizes)
    @settings(max_examples=40, deadline=None)
    def test_they_net_to_nil_keep_to_limits_and_leave_nobody_short(self, seed, partners, periods, limited):
        quantiles, weights, limits = standing(seed, partners, periods, limited=limited)
        limits = np.floor(limits)
        found = least_payments(quantiles, weights, limits)
        assume(found is not None)
        whole = in_whole_pence(found.a_year, quantiles, weights, limits)
        assert not whole.sum(axis=0).any()
        assert (whole >= -limits[:, np.newaxis]).all()
        slack = quantiles + to_date(whole, weights)
        assert (slack >= -weights.cumsum() - 1e-6).all()  # a penny a year
        if periods == 1 and not limited and quantiles.sum() >= 2 * partners * weights.sum():
            assert (slack >= -1e-6).all()

    def test_where_no_penny_can_be_spared_less_than_one_is_missing(self):
        quantiles = np.array([[-60.5], [60.5]])
        whole = in_whole_pence(-quantiles, quantiles, np.ones(1), np.full(2, NO_LIMIT))
        assert_array_equal(np.abs(quantiles + whole), [[0.5], [0.5]])

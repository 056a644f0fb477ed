from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from agreement_builders import AGENCIES, random_positions
from communitybudget._core.errors import AgreementError
from communitybudget.agreement import Positions, ShapleyValue, settle, shapley_values
from communitybudget.agreement.shapley import MOST_PARTNERS, NO_SURPLUS


def by_definition(gains, cost):
    """Return the average over all orders of what each adds to those who came before it."""
    totals, orders = [0.0] * len(gains), 0
    for order in permutations(range(len(gains))):
        orders += 1
        together, worth = 0.0, 0.0
        for partner in order:
            together += gains[partner]
            with_it = max(0.0, together - cost)
            totals[partner] += with_it - worth
            worth = with_it
    return [total / orders for total in totals]


def one_year(spending, gains, factors=(1.0,)):
    """Return partners of one year, GBP by partner and draw."""
    names = AGENCIES[: len(gains)]
    return Positions.of(
        names, ["2026-27"], np.array(spending)[:, np.newaxis], np.array(gains)[:, np.newaxis], factors=factors
    )


class TestValues:
    @pytest.mark.parametrize(
        ("partners", "draws"), [(1, 20), (2, 20), (3, 20), (4, 20), (5, 8), (6, 4), (8, 1)]
    )
    def test_they_are_the_average_over_all_orders(self, partners, draws):
        random = np.random.default_rng(partners)
        gains = random.normal(50.0, 60.0, (partners, draws))
        cost = random.uniform(0.0, 60.0 * partners, draws)
        wanted = np.transpose([by_definition(gains[:, d], cost[d]) for d in range(draws)])
        assert_allclose(shapley_values(gains, cost), wanted, rtol=0, atol=1e-10)

    def test_the_talmud_divides_a_garment(self):
        """Baba Metzia 2a: one claims all of it, the other half: three quarters and one quarter.

        Claims stand for gains, and what is missing of the estate for the cost (O'Neill 1982, Mathematical
        Social Sciences 2, 345-371; Aumann and Maschler 1985, Journal of Economic Theory 36, 195-213).
        """
        assert_allclose(shapley_values([1.0, 0.5], 0.5), [0.75, 0.25])

    @pytest.mark.parametrize(
        ("estate", "awards"), [(100.0, [100 / 3, 100 / 3, 100 / 3]), (300.0, [50.0, 100.0, 150.0])]
    )
    def test_the_talmud_divides_an_estate(self, estate, awards):
        """Kethubot 93a, claims of 100, 200, 300: as tabled by Aumann and Maschler (1985).

        Of its three estates the two on which the Shapley value and the Talmud agree; for 200 the Talmud has
        the nucleolus.
        """
        assert_allclose(shapley_values([100.0, 200.0, 300.0], 600.0 - estate), awards)

    def test_partners_without_gains_have_exactly_nil(self):
        gains = np.random.default_rng(1).normal(10.0, 9.0, (5, 300))
        gains[2] = 0.0
        values = shapley_values(gains, np.full(300, 30.0))
        assert not values[2].any()
        assert_allclose(
            np.delete(values, 2, axis=0), shapley_values(np.delete(gains, 2, 0), np.full(300, 30.0))
        )

    def test_without_a_cost_each_keeps_its_gains(self):
        gains = np.random.default_rng(1).uniform(0.0, 9.0, (6, 40))
        assert_allclose(shapley_values(gains, np.zeros(40)), gains)

    def test_when_all_are_needed_the_surplus_is_shared_equally(self):
        assert_allclose(shapley_values([10.0, 20.0, 30.0], 55.0), [5 / 3] * 3)

    @pytest.mark.parametrize("chunk", [1, 2, 7, 511, 512, 513])
    def test_the_same_bits_for_any_split_of_the_draws(self, chunk):
        random = np.random.default_rng(3)
        gains, cost = random.normal(10.0, 9.0, (8, 1_100)), random.uniform(0.0, 90.0, 1_100)
        parts = [
            shapley_values(gains[:, start : start + chunk], cost[start : start + chunk])
            for start in range(0, min(1_100, 40 * chunk), chunk)
        ]
        found = np.concatenate(parts, axis=1)
        assert_array_equal(found, shapley_values(gains, cost)[:, : found.shape[1]])

    def test_any_shape_of_draws(self):
        gains, cost = np.random.default_rng(1).uniform(0.0, 9.0, (4, 3, 5)), np.full((3, 5), 12.0)
        values = shapley_values(gains, cost)
        assert values.shape == gains.shape
        assert_array_equal(values[:, 1, 2], shapley_values(gains[:, 1, 2], 12.0))

    @pytest.mark.parametrize(
        ("gains", "cost", "said"),
        [
            (np.ones(MOST_PARTNERS + 1), 1.0, "17 partners gain or lose"),
            (np.ones((2, 3)), np.ones(2), r"shape \(2, 3\) and cost \(2,\)"),
            (1.0, 1.0, "need"),
            ([1.0, np.nan], 1.0, "not a number"),
            ([1.0, 1.0], -1.0, "below nil"),
        ],
    )
    def test_what_makes_no_game_is_refused(self, gains, cost, said):
        with pytest.raises(ValueError, match=said):
            shapley_values(gains, cost)


games = st.tuples(st.integers(2, 7), st.integers(0, 2**32 - 1))


class TestLaws:
    @given(game=games)
    @settings(max_examples=60, deadline=None)
    def test_efficient_symmetric_and_of_no_order(self, game):
        partners, seed = game
        random = np.random.default_rng(seed)
        gains, cost = random.normal(10.0, 15.0, (partners, 6)), random.uniform(0.0, 15.0 * partners, 6)
        gains[1] = gains[0]
        values = shapley_values(gains, cost)
        assert_allclose(values.sum(axis=0), np.maximum(gains.sum(axis=0) - cost, 0.0), atol=1e-9)
        assert_allclose(values[0], values[1], atol=1e-10)
        order = random.permutation(partners)
        assert_allclose(shapley_values(gains[order], cost), values[order], atol=1e-10)
        assert_allclose(shapley_values(3 * gains, 3 * cost), 3 * values, atol=1e-9)

    @given(game=games, more=st.floats(0.0, 50.0))
    @settings(max_examples=60, deadline=None)
    def test_who_gains_more_has_no_less(self, game, more):
        partners, seed = game
        random = np.random.default_rng(seed)
        gains, cost = random.normal(10.0, 15.0, (partners, 6)), random.uniform(0.0, 15.0 * partners, 6)
        raised = gains.copy()
        raised[0] += more
        assert (shapley_values(raised, cost)[0] >= shapley_values(gains, cost)[0] - 1e-9).all()

    @given(game=games)
    @settings(max_examples=30, deadline=None)
    def test_who_loses_nothing_is_owed_nothing_below_nil_nor_above_its_gains(self, game):
        partners, seed = game
        random = np.random.default_rng(seed)
        gains, cost = random.uniform(0.0, 15.0, (partners, 6)), random.uniform(0.0, 15.0 * partners, 6)
        values = shapley_values(gains, cost)
        assert (values >= -1e-12).all()
        assert (values <= gains + 1e-12).all()


def nets(ledger, rule):
    """Present values of what each comes to, GBP, as the settlement shows them."""
    return settle(ledger, rule).present_values(rule.shared)


class TestRule:
    @given(seed=st.integers(0, 2**32 - 1), years=st.integers(1, 6))
    @settings(max_examples=25, deadline=None)
    def test_the_net_is_the_shapley_value_of_the_present_values(self, seed, years):
        ledger = random_positions(seed, years=years, draws=30, smooth=True)
        ledger = Positions(
            *(getattr(ledger, f) for f in ("agencies", "years", "spending")),
            3 * ledger.gains,
            ledger.cash,
            ledger.factors,
        )
        gains = ledger.present_value(ledger.gains) / 100
        cost = ledger.present_value(ledger.spending.sum(axis=0)) / 100
        pays = gains.sum(axis=0) >= cost
        assert pays.any()
        wanted = shapley_values(gains, cost)
        found = nets(ledger, ShapleyValue())
        assert_allclose(found[:, pays], wanted[:, pays], rtol=0, atol=0.02)  # two pence

    def test_it_does_not_matter_who_funds(self):
        ledger = random_positions(5, smooth=True, draws=50)
        other = ShapleyValue(funding={"council": 0.3, "police": 0.7})
        assert_allclose(nets(ledger, other), nets(ledger, ShapleyValue()), rtol=0, atol=0.04)

    def test_a_loss_falls_in_proportion_to_the_values_that_were_expected(self):
        """By hand: values of 25 and 35 in the first draw, nil in the second; a loss of 48 goes 25 to 35."""
        ledger = one_year([[60.0, 60.0], [0.0, 0.0]], [[50.0, 2.0], [70.0, 10.0]])
        assert_allclose(nets(ledger, ShapleyValue()), [[25.0, -20.0], [35.0, -28.0]])

    def test_nets_are_continuous_where_gains_just_cover_the_cost(self):
        near = [[60.0, 60.0, 60.0], [0.0, 0.0, 0.0]]
        found = nets(one_year(near, [[50.0, 20.01, 19.99], [70.0, 40.0, 40.0]]), ShapleyValue())
        assert np.abs(found[:, 1:]).max() <= 0.011

    def test_a_partner_without_gains_has_back_what_it_pays(self):
        ledger = one_year([[90.0, 90.0], [0.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [100.0, 20.0], [60.0, 10.0]])
        assert_allclose(nets(ledger, ShapleyValue())[0], 0.0, atol=0.011)
        assert any("gains nothing comes to nil" in term for term in ShapleyValue().terms())

    def test_a_partner_that_loses_bears_what_it_costs_the_others(self):
        ledger = one_year([[10.0], [0.0]], [[100.0], [-20.0]])
        # 90 alone, 70 together: (90 + 70) / 2, and -(20) / 2
        assert_allclose(nets(ledger, ShapleyValue())[:, 0], [80.0, -10.0])

    def test_grants_beyond_the_cost_are_shared_like_a_loss(self):
        ledger = one_year([[-10.0], [0.0]], [[30.0], [60.0]])
        assert_allclose(nets(ledger, ShapleyValue())[:, 0], [30 + 10 / 3, 60 + 20 / 3], atol=0.006)

    def test_on_account_gains_go_by_the_parts_that_are_expected(self):
        """By hand: 75 and 45 are owed in the first draw, 90 and 30 in the second: 82.50 and 37.50 of 120.

        So the 60 of the first year go 41.25 to 18.75 in both, and the rest of what is owed in the last.
        """
        ledger = Positions.of(
            ["council", "police"],
            ["2026-27", "2027-28"],
            [[[60.0, 60.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]]],
            [[[30.0, 60.0], [0.0, 0.0]], [[30.0, 0.0], [60.0, 60.0]]],
        )
        settled = settle(ledger, ShapleyValue())
        assert_array_equal(settled.receipts[:, 0], [[4125, 4125], [1875, 1875]])
        assert_array_equal(settled.receipts[:, 1], [[3375, 4875], [2625, 1125]])

    def test_cash_alone_can_be_what_is_shared(self):
        ledger = Positions.of(
            ["council", "police"], ["2026-27"], [[[6.0]], [[0.0]]], [[[90.0]], [[90.0]]], [[[5.0]], [[7.0]]]
        )
        assert_allclose(nets(ledger, ShapleyValue(shared="cashable"))[:, 0], [2.5, 3.5])

    def test_a_programme_that_never_pays_has_no_surplus_to_share(self):
        with pytest.raises(AgreementError, match=NO_SURPLUS):
            settle(one_year([[60.0], [0.0]], [[20.0], [30.0]]), ShapleyValue())

    def test_only_partners_that_gain_or_lose_count_towards_the_most(self):
        gains = np.zeros((20, 1, 1))
        gains[:3] = 50.0
        names, spending = [f"partner {i}" for i in range(20)], np.full((20, 1, 1), 1.0)
        ledger = Positions.of(names, ["2026-27"], spending, gains)
        assert_allclose(nets(ledger, ShapleyValue())[:, 0], [130 / 3] * 3 + [0.0] * 17, atol=0.011)
        with pytest.raises(AgreementError, match=r"20 partners gain or lose.*up to 16; join some"):
            settle(Positions.of(names, ["2026-27"], spending, gains + 50.0), ShapleyValue())

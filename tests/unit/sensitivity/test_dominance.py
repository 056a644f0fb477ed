"""Dominance against integrals taken step by step, closed forms and a published paradox."""

from statistics import NormalDist

import numpy as np
import pytest
from numpy.testing import assert_allclose

from communitybudget.sensitivity import Dominance, dominance

NORMAL = NormalDist()


def pair(own, rival, **given):
    """The row of the first option against the second."""
    found = dominance(np.column_stack([own, rival]), ["own", "rival"], price_base="2026-27", **given)
    return found.to_frame().iloc[0]


def naive_violations(own, rival, steps=200_001):
    """First and second order by brute force: both curves on a fine grid, areas by the midpoint rule."""
    low, high = min(*own, *rival), max(*own, *rival)
    edges = np.linspace(low, high, steps)
    middle, width = (edges[1:] + edges[:-1]) / 2, edges[1] - edges[0]
    gap = sum((middle >= v).astype(float) for v in own) / len(own)
    gap -= sum((middle >= v).astype(float) for v in rival) / len(rival)
    area = np.cumsum(gap) * width
    shares = []
    for curve in (gap, area):
        total = np.abs(curve).sum()
        shares.append(np.maximum(curve, 0).sum() / total if total > 0 else 0.0)
    return shares


@pytest.mark.parametrize("seed", range(6))
def test_against_brute_force(seed):
    rng = np.random.default_rng(seed)
    own, rival = rng.integers(-9, 9, 7).astype(float), rng.integers(-9, 9, 7).astype(float)
    row = pair(own, rival)
    expected = naive_violations(own, rival)
    assert_allclose([row["first_order_violation"], row["second_order_violation"]], expected, atol=2e-4)


def test_closed_form_of_two_normal_options():
    """Normals with sd s and t and mean m: the curves cross once, where both stand at -m / (s - t).

    The area on either side of the crossing is a unit normal loss times the difference of the sds.
    """
    mean, wide, narrow = 1.0, 3.0, 1.0
    shares = (np.arange(50_000) + 0.5) / 50_000
    deviates = np.array([NORMAL.inv_cdf(p) for p in shares])
    row = pair(mean + wide * deviates, narrow * deviates)
    z = mean / (wide - narrow)
    wrong = NORMAL.pdf(z) - z * NORMAL.cdf(-z)
    right = NORMAL.pdf(z) + z * NORMAL.cdf(z)
    assert_allclose(row["first_order_violation"], wrong / (wrong + right), rtol=1e-3)
    assert row["first_order"] == "does not dominate"
    assert_allclose(row["largest_crossing"], _largest_crossing(mean, wide, narrow), atol=1e-3)


def _largest_crossing(mean, wide, narrow):
    amounts = np.linspace(-20, 5, 20_001)
    return max(NORMAL.cdf((x - mean) / wide) - NORMAL.cdf(x / narrow) for x in amounts.tolist())


def test_less_spread_about_the_same_mean_dominates_in_second_order_only():
    """M. Rothschild and J. E. Stiglitz, "Increasing risk: I", Journal of Economic Theory 2 (1970)."""
    row = pair([-1.0, 0.0, 1.0], [-3.0, 0.0, 3.0])
    assert (row["statewise"], row["first_order"], row["second_order"]) == (
        "does not dominate",
        "does not dominate",
        "dominates",
    )


def test_a_published_paradox():
    """A dollar with probability 1% and else a million, against two dollars for sure: neither rule ranks them.

    H. Levy, Stochastic Dominance: Investment Decision Making under Uncertainty, second edition (2006).
    """
    row = pair([1.0] + [1e6] * 99, [2.0] * 100)
    assert (row["first_order"], row["second_order"]) == ("nearly dominates", "nearly dominates")
    assert_allclose(row["first_order_violation"], 0.01 / (0.01 + 0.99 * (1e6 - 2)))
    strict = pair([1.0] + [1e6] * 99, [2.0] * 100, nearly=0.0)
    assert (strict["first_order"], strict["second_order"]) == ("does not dominate", "does not dominate")


class TestVerdicts:
    def test_better_in_every_draw(self):
        draws = np.random.default_rng(1).normal(size=200)
        row = pair(draws + 0.1, draws)
        assert row["statewise"] == row["first_order"] == row["second_order"] == "dominates"
        assert row["share_of_draws"] == 1.0

    def test_better_in_distribution_but_not_in_every_draw(self):
        row = pair([1.0, 2.0, 3.0], [2.0, 1.0, 0.0])
        assert (row["statewise"], row["first_order"]) == ("does not dominate", "dominates")
        assert_allclose(row["share_of_draws"], 2 / 3)

    def test_the_same(self):
        row = pair([1.0, 2.0], [1.0, 2.0])
        assert row["statewise"] == row["first_order"] == row["second_order"] == "is the same"
        shuffled = pair([1.0, 2.0], [2.0, 1.0])
        assert (shuffled["statewise"], shuffled["first_order"]) == ("does not dominate", "is the same")

    def test_the_band_covers_two_curves_drawn_from_one(self):
        rng = np.random.default_rng(2)
        beyond = 0
        for _ in range(200):
            row = pair(rng.normal(size=100), rng.normal(size=100))
            beyond += row["largest_crossing"] > row["band"]
        assert beyond <= 10


class TestResult:
    def found(self):
        draws = np.random.default_rng(3).normal(size=(300, 2)) * [1e4, 3e4] + [2e3, 0]
        benefit = np.column_stack([draws, draws[:, 0] - 500])
        return dominance(benefit, ["steady", "bold", "less"], price_base="2026-27", seed=3)

    def test_it_survives_json(self):
        assert Dominance.from_json(self.found().to_json()) == self.found()

    def test_it_introduces_itself(self):
        found = self.found()
        assert "first_order=[steady > less]" in repr(found)
        text = found.summary()
        assert "at least as good in each of the 300 draws" in text
        assert "of the area lies the other way" in text
        assert "300 draws" in found._repr_html_()
        assert [line.get_label() for line in found.plot().lines][:3] == ["steady", "bold", "less"]

    def test_curves_are_quantiles(self):
        curves = self.found().curve_frame()
        own = curves[curves["option"] == "bold"]
        assert len(own) == 201
        assert own["net_benefit"].is_monotonic_increasing

    def test_a_crossing_within_error_is_said(self):
        draws = np.random.default_rng(4).normal([0.1, 0.0], 1.0, (100, 2))
        found = dominance(draws, price_base="2026-27")
        assert "the crossing is within Monte Carlo error" in found.summary()

    def test_options_that_are_the_same_in_each_draw(self):
        assert (
            "the same in each of the 2 draws" in dominance([[1, 1], [2, 2]], price_base="2026-27").summary()
        )


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"net_benefit": [[1.0], [2.0]]}, "at least two"),
        ({"nearly": 0.5}, "below 0.5"),
        ({"nearly": -1}, "0.5"),
    ],
)
def test_what_cannot_be_used(given, words):
    with pytest.raises(ValueError, match=words):
        dominance(**{"net_benefit": [[1.0, 2.0], [2.0, 1.0]], "price_base": "2026-27", **given})

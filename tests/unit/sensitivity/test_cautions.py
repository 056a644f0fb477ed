"""Warnings in words: each comes where it should, and none where nothing is wrong."""

from statistics import NormalDist

import numpy as np
import pytest

from communitybudget.sensitivity import precision_warnings
from communitybudget.sensitivity.cautions import largest_share, tail_index

NORMAL = NormalDist()
DRAWS = 4_000
PLACES = (np.arange(DRAWS) + 0.5) / DRAWS
DEVIATES = np.array([NORMAL.inv_cdf(p) for p in PLACES])


def against_nil(own):
    return np.column_stack([np.zeros(len(own)), own])


def warned(own, **given):
    return precision_warnings(against_nil(own), ["as now", "support"], **given)


class TestClosedForms:
    @pytest.mark.parametrize("sigma", [0.5, 1.0, 2.0])
    def test_share_of_the_largest_of_a_log_normal(self, sigma):
        """By the Lorenz curve of a log-normal: beyond the quantile at z lies cdf(sigma - z) of the mean."""
        expected = NORMAL.cdf(sigma - NORMAL.inv_cdf(0.99))
        assert largest_share(np.exp(sigma * DEVIATES)) == pytest.approx(expected, rel=0.1)

    @pytest.mark.parametrize("index", [0.8, 1.5, 3.0])
    def test_index_of_a_pareto_tail(self, index):
        draws = np.random.default_rng(1).pareto(index, 100_000) + 1
        assert tail_index(draws) == pytest.approx(index, rel=4 / np.sqrt(1_000))

    def test_draws_that_are_alike(self):
        assert tail_index(np.ones(1_000)) == np.inf
        assert tail_index(np.zeros(1_000)) == np.inf
        assert largest_share(np.zeros(5)) == 0


def test_nothing_is_said_where_nothing_is_wrong():
    assert warned(5e4 + 1e4 * DEVIATES, shown_to=1_000) == ()


def test_a_mean_shown_too_finely():
    (text,) = warned(5e4 + 1e4 * DEVIATES, shown_to=100)
    assert text == (
        "support: the mean is shown to the nearest £100, its Monte Carlo error is £158; show £50,000, "
        "or run about 10,000 draws."
    )
    (far,) = warned(5e4 + 1e4 * DEVIATES, shown_to=1)
    assert far.endswith("show £50,000.")


@pytest.mark.parametrize(
    ("draws", "percentile", "words"),
    [
        (199, 0.05, "P5 rests on 9 of the 199 draws; run at least 200, or show P10 instead."),
        (99, 0.05, "P5 rests on 4 of the 99 draws; run at least 200."),
        (50, 0.1, "P10 rests on 5 of the 50 draws; run at least 100."),
    ],
)
def test_too_few_draws_for_a_percentile(draws, percentile, words):
    own = 5e4 + np.arange(draws)
    assert warned(own, percentile=percentile) == (words,)


def test_enough_draws_for_a_percentile():
    assert warned(5e4 + np.arange(200)) == ()


def test_evens_and_options_that_are_not_told_apart():
    evens, apart = warned(100 + 1e4 * DEVIATES)
    assert evens == "support: the probability of at least breaking even (50%) cannot be told from evens."
    assert apart.startswith("support leads as now by £100, with a Monte Carlo error of £158; run about ")
    assert apart.endswith(" draws to tell them apart.")


def test_the_draws_that_are_advised_tell_options_apart():
    own = 100 + 1e4 * DEVIATES
    advised = int(warned(own)[-1].split("run about ")[1].split(" draws")[0].replace(",", ""))
    assert 100 / (own.std() / np.sqrt(advised)) == pytest.approx(1.96, rel=0.03)


def test_options_that_are_equal():
    same = np.column_stack([5e4 + DEVIATES, 5e4 + DEVIATES])
    assert precision_warnings(same, ["a", "b"]) == (
        "a and b come to the same in every draw; nothing tells them apart.",
    )
    mirrored = np.column_stack([5e4 + DEVIATES, 5e4 - DEVIATES])
    (text,) = precision_warnings(mirrored, ["a", "b"])
    assert text.endswith("take them as equal.")


def test_a_mean_that_hangs_on_few_draws():
    texts = warned(np.exp(3.0 * DEVIATES))
    assert any("1% of the draws hold 7" in text and "hangs on a few draws" in text for text in texts)
    assert any("the tail is so heavy (Hill index 1.0)" in text for text in texts)


def test_a_ratio_without_a_denominator():
    below = 10 + 1e3 * DEVIATES
    (text,) = warned(5e4 + 1e4 * DEVIATES, ratios={"benefit-cost ratio": (below + 5e4, below)})
    assert text.startswith("benefit-cost ratio: the denominator (£10) is within 3 Monte Carlo errors of zero")
    assert text.endswith("show the net amount (£50,000).")
    assert warned(5e4 + 1e4 * DEVIATES, ratios={"ratio": (below, below + 1e5)}) == ()


@pytest.mark.parametrize(
    ("given", "words"),
    [({"shown_to": 0}, "shown_to"), ({"percentile": 0.5}, "percentile"), ({"percentile": 0}, "percentile")],
)
def test_what_cannot_be_asked(given, words):
    with pytest.raises(ValueError, match=words):
        warned(DEVIATES, **given)

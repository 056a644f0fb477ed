"""Forecast against actual: closed forms, drawn years, and what warnings are worth."""

import math

import numpy as np
import pytest
from scipy import stats

from communitybudget.learning import EarlyWarning, early_warning, highest_count
from communitybudget.learning.early_warning import WARNING_COLUMNS

DRAWS = 1_000


def rates(draws=DRAWS, seed=1):
    return np.random.default_rng(seed).gamma(20, 0.1, draws)


def evenly(by_draw, months=12):
    return np.outer(by_draw, np.ones(months))


class TestAgainstClosedForms:
    """Gamma rates and Poisson counts: everything to come is negative binomial."""

    watched = early_warning(evenly(rates(20_000)), [3, 1, 4], limit=24)

    @staticmethod
    def negative_binomial(shape, rate, months):
        return stats.nbinom(shape, rate / (rate + months))

    def test_the_fan(self):
        for month in (1, 6, 12):
            exact = self.negative_binomial(20, 10, month)
            found = self.watched.percentiles[:, month - 1]
            for q, cut in zip((0.05, 0.1, 0.5, 0.9, 0.95), found, strict=True):
                assert exact.cdf(cut) >= q - 0.01
                assert exact.cdf(cut - 1) < q + 0.01

    def test_the_probability_of_the_line(self):
        assert self.watched.on_track_before == pytest.approx(
            self.negative_binomial(20, 10, 12).cdf(24), abs=0.01
        )
        exact = self.negative_binomial(20 + 8, 10 + 3, 9).cdf(24 - 8)
        assert self.watched.probability_on_track == pytest.approx(exact, abs=0.01)

    def test_the_months_to_come(self):
        exact = self.negative_binomial(28, 13, 9)
        now, low, high = self.watched.updated[:, -1]
        assert now == pytest.approx(8 + exact.mean(), rel=0.01)
        assert (low, high) == (8 + exact.ppf(0.1), 8 + exact.ppf(0.9))

    def test_the_surprise(self):
        exact = self.negative_binomial(20, 10, 3).pmf(np.arange(200))
        assert self.watched.surprise == pytest.approx(exact[exact <= exact[8]].sum(), abs=0.02)


class TestMonteCarloError:
    def test_as_over_many_repetitions(self):
        found = [early_warning(evenly(rates(400, seed), 5), [3, 1, 4], limit=12) for seed in range(60)]
        spread = np.std([w.probability_on_track for w in found], ddof=1)
        assert np.mean([w.on_track_error[2] for w in found]) == pytest.approx(spread, rel=0.35)


class TestOnceForEachFamily:
    def test_binomial_closed_form(self):
        """One known chance: the families left have it with what is left of the chance."""
        watched = early_warning(np.full((1, 4), 18 * 0.1), [2, 1], limit=8, families=18)
        assert watched.on_track_before == pytest.approx(stats.binom.cdf(8, 18, 0.4))
        assert watched.probability_on_track == pytest.approx(stats.binom.cdf(5, 15, 0.2 / 0.8))

    def test_all_families_had_it(self):
        watched = early_warning(np.full((1, 2), 1.0), [2], limit=2, families=2)
        assert watched.probability_on_track == 1.0


class TestWarnings:
    """Years drawn from the prior: how often warnings prove false."""

    @pytest.fixture(scope="class")
    @staticmethod
    def years():
        rng, prior, found = np.random.default_rng(7), rates(400), []
        for _ in range(200):
            seen = rng.poisson(rng.gamma(20, 0.1), 4)
            watched = early_warning(evenly(prior, 4), seen.tolist(), limit=8, threshold=0.3)
            # the last look knows the count: it is the outcome and no warning
            found.append((watched.warning[:-1].any(), seen.sum() <= 8, watched.most_false_warnings))
        return found

    def test_few_warnings_prove_false(self, years):
        warned = [met for warns, met, _ in years if warns]
        assert np.mean(warned) <= 0.3 + 2 * math.sqrt(0.3 * 0.7 / len(warned))

    def test_few_lines_that_are_met_are_warned_of(self, years):
        met = [warns for warns, met, _ in years if met]
        assert np.mean(met) <= years[0][2] + 2 * math.sqrt(0.25 / len(met))

    def test_a_bad_year_warns_and_a_good_one_does_not(self):
        bad = early_warning(evenly(rates()), [5, 4, 6], limit=24)
        assert bad.warning[:3].tolist() == [False, True, True]
        assert "Warning since month 2" in bad.sentence()
        good = early_warning(evenly(rates()), [1, 2, 1], limit=24)
        assert not good.warning.any()
        assert "No month warned" in good.sentence()
        back = early_warning(evenly(rates()), [5, 4, 0, 0, 0], limit=24)
        assert "Month 2 warned; there is no warning now." in back.sentence()

    def test_reaching_a_line_from_below(self):
        watched = early_warning(evenly(rates()), [0, 0, 1], limit=20, met="at_least")
        below = early_warning(evenly(rates()), [0, 0, 1], limit=19)
        assert watched.probability_on_track == pytest.approx(1 - below.probability_on_track)


class TestCoverage:
    def test_the_fan_holds_what_it_says(self):
        """Over true years of the prior the P10 to P90 band holds at least 80%, and not many more."""
        watched = early_warning(evenly(rates()), [], limit=24)
        rng = np.random.default_rng(3)
        totals = rng.poisson(12 * rng.gamma(20, 0.1, 20_000))
        low, high = watched.percentiles[1, -1], watched.percentiles[3, -1]
        inside = ((totals >= low) & (totals <= high)).mean()
        assert 0.8 <= inside <= 0.88


class TestResult:
    watched = early_warning(evenly(rates()), [3, 1], limit=24, label="entries to care")

    def test_there_and_back(self):
        assert EarlyWarning.from_json(self.watched.to_json()) == self.watched

    def test_the_frame(self):
        frame = self.watched.to_frame()
        assert tuple(frame.columns) == WARNING_COLUMNS
        assert frame["actual"].tolist()[:2] == [3, 4]
        assert frame["actual"].isna().sum() == 10
        assert frame["probability_on_track"].notna().sum() == 2

    def test_it_says_what_looking_often_does(self):
        assert "at most 20% of warnings prove false, however often one looks" in self.watched.summary()

    def test_a_surprise_is_told_beside_the_warning(self):
        assert "surprising" not in self.watched.summary()
        assert "The data are surprising" in early_warning(evenly(rates()), [9, 8, 9], limit=24).summary()

    def test_it_draws_itself(self):
        assert self.watched.plot().get_ylabel() == "Entries to care, cumulative"

    def test_nothing_seen_yet(self):
        empty = early_warning(evenly(rates()), [], limit=24)
        assert "Nothing has been seen yet" in empty.sentence()
        assert empty.probability_on_track == empty.on_track_before

    def test_order_of_draws_changes_nothing(self):
        order = np.random.default_rng(5).permutation(DRAWS)
        other = early_warning(evenly(rates())[order], [3, 1], limit=24)
        assert other.on_track[:2] == pytest.approx(self.watched.on_track[:2], rel=1e-9)
        assert np.array_equal(other.percentiles, self.watched.percentiles)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: early_warning([1.0], [], 1), "draw, month"),
        (lambda: early_warning([[1.0]], [1, 2], 1), "2 months were seen and 1 are forecast"),
        (lambda: early_warning([[1.0]], [1.5], 1), "whole numbers"),
        (lambda: early_warning([[1.0]], [1], math.nan), "limit must be a count"),
        (lambda: early_warning([[1.0]], [1], 1, threshold=0), "threshold is 0"),
        (
            lambda: early_warning([[3.0]], [1], 1, families=2),
            "more events are expected than there are families",
        ),
        (lambda: early_warning([[1.0]], [3], 1, families=2), "3 events were seen among 2 families"),
        (lambda: highest_count(1, [1.0], [1.0], [0.0]), "choose an outcome that carries a cost"),
    ],
)
def test_faults(call, words):
    with pytest.raises(ValueError, match=words):
        call()

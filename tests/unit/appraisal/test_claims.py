"""What a claim on a few families implies for many."""

import dataclasses
import json
import math

import matplotlib.axes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import gamma

from communitybudget.appraisal import (
    PilotClaim,
    PilotOutcome,
    mean_interval,
    months_to_total,
    regression_to_mean,
    relative_error,
    scale_up_claim,
    share_of_dearest,
)

# Barnet: over £1m avoided in six months on the first 18 families, about £8m projected for 100 [Public
# Finance, 10 May 2013]; almost £100,000 a year spent on such a family [gov.uk, 23 January 2013]
BARNET = PilotClaim(1e6, 18, 6, target=8e6, all_families=100, spent_a_year=100_000)


@pytest.fixture(scope="module")
def barnet():
    return scale_up_claim(BARNET, draws=200_000, seed=1)


class TestArithmetic:
    def test_what_the_claim_says(self):
        assert BARNET.per_family == pytest.approx(55_556, abs=0.5)
        assert BARNET.per_family_a_year == pytest.approx(111_111, abs=0.5)
        assert BARNET.spent_in_period == 50_000
        assert BARNET.excess == pytest.approx(1 / 9)
        assert BARNET.naive_months == pytest.approx(8.64)
        # 8m is 1.44 times its own six-month rate
        assert 8e6 / (100 * BARNET.per_family) == pytest.approx(1.44)

    @pytest.mark.parametrize(
        ("r", "expected", "falls"), [(0.3, 24_100, 25_900), (0.5, 31_500, 18_500), (0.7, 38_900, 11_100)]
    )
    def test_regression_to_the_mean(self, r, expected, falls):
        # a family at 50,000 a half-year in a population at 13,000 (the measured 26,000 a year)
        assert regression_to_mean(50_000, 13_000, r) == pytest.approx((expected, falls))

    def test_regression_to_the_mean_in_a_drawn_population(self):
        """Naive: pairs of half-years that correlate at 0.5, chosen for a dear first one."""
        pairs = np.random.default_rng(5).multivariate_normal([13, 13], [[400, 200], [200, 400]], 400_000)
        chosen = pairs[np.abs(pairs[:, 0] - 50) < 1]
        expected, _ = regression_to_mean(float(chosen[:, 0].mean()), 13, 0.5)
        error = chosen[:, 1].std() / math.sqrt(len(chosen))
        assert abs(chosen[:, 1].mean() - expected) < 4 * error

    @given(st.floats(1, 1e6), st.floats(1, 1e6), st.floats(-1, 1))
    def test_what_is_left_and_what_falls_sum_to_the_entry(self, entry, population, r):
        expected, falls = regression_to_mean(entry, population, r)
        assert expected + falls == pytest.approx(entry)
        if r == 1:
            assert falls == pytest.approx(0, abs=1e-6 * entry)


class TestTheMeanOfAFew:
    @pytest.mark.parametrize(
        ("cv", "low", "high", "error"),
        [(1.0, 39_200, 86_000, 0.24), (1.5, 33_800, 111_600, 0.35), (2.0, 29_600, 150_400, 0.47)],
    )
    def test_of_eighteen_families(self, cv, low, high, error):
        found = mean_interval(1e6 / 18, 18, cv)
        assert found == pytest.approx((low, high), abs=51)
        assert relative_error(cv, 18) == pytest.approx(error, abs=0.005)

    def test_the_interval_covers_what_it_says(self):
        """Naive: draw 18 gamma costs of a known mean; nine intervals in ten hold it."""
        cv, rng = 1.5, np.random.default_rng(3)
        means = rng.gamma(1 / cv**2, cv**2, (20_000, 18)).mean(axis=1)
        low, high = mean_interval(1.0, 18, cv)
        covered = ((means * low <= 1) & (means * high >= 1)).mean()
        assert abs(covered - 0.9) < 4 * math.sqrt(0.09 / 20_000)

    def test_a_lognormal_by_simulation(self):
        # computed apart: 33,900 to 98,100
        low, high = mean_interval(1e6 / 18, 18, 1.5, form="lognormal")
        assert low == pytest.approx(33_900, rel=0.01)
        assert high == pytest.approx(98_100, rel=0.01)

    @pytest.mark.parametrize(("cv", "share"), [(1.0, 0.19), (1.5, 0.25), (2.0, 0.29)])
    def test_the_dearest_of_eighteen(self, cv, share):
        assert share_of_dearest(18, cv) == pytest.approx(share, abs=0.006)

    def test_one_family_is_all_of_it(self):
        assert share_of_dearest(1, 1.5, draws=10) == 1

    @given(st.integers(1, 200), st.floats(0.2, 3))
    def test_more_families_narrow_it(self, n, cv):
        low, high = mean_interval(1.0, n, cv)
        closer_low, closer_high = mean_interval(1.0, 4 * n, cv)
        assert closer_high / closer_low <= high / low
        assert low < gamma.mean(n / cv**2) / (n / cv**2) * high


class TestMonthsToATotal:
    @pytest.mark.parametrize(
        ("rate", "half", "total"), [(1.0, 12.0, 10.0), (2.5, 30.0, 40.0), (0.7, 6.0, 5.0)]
    )
    def test_against_the_integral(self, rate, half, total):
        months = float(months_to_total(total, rate, half))
        assert quad(lambda t: rate * 2 ** (-t / half), 0, months)[0] == pytest.approx(total)

    def test_what_is_never_reached(self):
        # 1 a month halving each year comes to 12 / ln 2 = 17.3 in all
        assert np.isinf(months_to_total(17.4, 1.0, 12.0))
        assert np.isfinite(months_to_total(17.3, 1.0, 12.0))
        assert np.isinf(months_to_total(1.0, 0.0))

    @given(st.floats(0.1, 100), st.floats(1, 500), st.floats(0.1, 1000))
    def test_fading_takes_longer(self, rate, half, total):
        assert months_to_total(total, rate, half) >= months_to_total(total, rate) * (1 - 1e-12)


class TestBarnet:
    """Computed apart with 200,000 draws; figures to two digits behind the point of a million."""

    @pytest.mark.parametrize(
        ("measure", "unit", "quantiles"),
        [
            ("avoided in 6 months at the start", 1e6, (1.02, 1.81, 2.78)),
            ("avoided within 6 months", 1e6, (0.95, 1.68, 2.57)),
            ("avoided within 12 months", 1e6, (1.75, 3.10, 4.77)),
            ("avoided within 24 months", 1e6, (3.00, 5.35, 8.31)),
            ("avoided within 60 months", 1e6, (4.93, 9.08, 14.61)),
            ("months to the target, no fading", 1, (17, 26, 47)),
            ("months to the target, with fading", 1, (23, 46, math.inf)),
        ],
    )
    def test_quantiles(self, barnet, measure, unit, quantiles):
        row = barnet.to_frame().set_index("measure").loc[measure]
        found = [row[p] / unit for p in ("p10", "p50", "p90")]
        tolerance = 0.6 if unit == 1 else 0.04
        assert found == pytest.approx(quantiles, abs=tolerance)

    def test_chances(self, barnet):
        assert barnet.probability_reached(12)[0] < 0.001
        assert barnet.probability_reached(24)[0] == pytest.approx(0.12, abs=0.01)
        assert barnet.probability_reached(60)[0] == pytest.approx(0.62, abs=0.01)
        assert barnet.probability_never == pytest.approx(0.23, abs=0.01)

    def test_the_sentence(self, barnet):
        assert barnet.sentence().startswith(
            "£8m needs 8.6 months if every family repeats the first 18 and nothing fades; on stated "
            "assumptions it takes about 46 months, and may not be reached"
        )

    def test_the_sentence_where_never_is_the_likelier(self):
        found = scale_up_claim(dataclasses.replace(BARNET, target=3e7), draws=2_000)
        assert "more likely never reached than reached" in found.sentence()
        assert "nan" not in found.summary()

    def test_chances_with_their_errors(self, barnet):
        table = barnet.chances()
        assert table["by_month"].tolist() == [6, 12, 24, 60, math.inf]
        assert table["probability"].is_monotonic_increasing
        assert table["probability"].iloc[-1] == pytest.approx(1 - barnet.probability_never)
        assert table["error"].iloc[-1] == pytest.approx(math.sqrt(0.23 * 0.77 / 200_000), rel=0.02)

    def test_nobody_avoids_more_than_was_spent(self, barnet):
        assert barnet.at_start.max() <= 100 * BARNET.spent_in_period


class TestResult:
    def test_it_says_that_it_is_gross_and_assumed(self, barnet):
        text = barnet.summary()
        assert "GROSS: no comparison group. No price base was published" in text
        assert set(BARNET.assumptions()["mark"]) == {"assumption"}
        assert len(BARNET.assumptions()) == 6
        for assumed in BARNET.assumptions()["value"]:
            assert f"{assumed} (assumption)" in text
        assert "200,000 draws" in text
        assert "<script" not in barnet._repr_html_()
        assert "\n" not in repr(barnet)

    def test_it_draws_itself(self, barnet):
        assert isinstance(barnet.plot(), matplotlib.axes.Axes)

    def test_it_survives_json(self):
        found = scale_up_claim(BARNET, draws=100)
        json.loads(found.to_json())
        assert PilotOutcome.from_json(found.to_json()) == found

    def test_same_seed_same_bits_and_seed_nought_is_a_seed(self):
        one, other = (scale_up_claim(BARNET, draws=500, seed=0) for _ in range(2))
        assert one == other
        assert scale_up_claim(BARNET, draws=500, seed=1) != one

    @pytest.mark.parametrize("form", ["gamma", "lognormal"])
    def test_the_block_size_changes_no_bit(self, form, monkeypatch):
        claim = dataclasses.replace(BARNET, form=form)
        whole = scale_up_claim(claim, draws=3_000), share_of_dearest(18, 1.5, form=form, draws=3_000)
        monkeypatch.setattr("communitybudget.appraisal.claims._BLOCK", 77)
        assert scale_up_claim(claim, draws=3_000) == whole[0]
        assert share_of_dearest(18, 1.5, form=form, draws=3_000) == whole[1]

    def test_each_assumption_has_draws_of_its_own(self):
        """Another halving time leaves the start as it was, bit for bit."""
        other = scale_up_claim(dataclasses.replace(BARNET, halving=(6.0, 6.0, 6.0)), draws=500)
        np.testing.assert_array_equal(other.at_start, scale_up_claim(BARNET, draws=500).at_start)
        assert set(other.halving) == {6.0}

    def test_every_fault_is_said_at_once(self):
        with pytest.raises(ValueError, match="total is") as found:
            dataclasses.replace(BARNET, total=-1.0, all_families=3, form="normal", later_worth=(1.0, 0.5))
        assert len(str(found.value).splitlines()) == 4

    @pytest.mark.parametrize(
        "wrong",
        [
            lambda: mean_interval(1.0, 18, 1.5, level=1.0),
            lambda: mean_interval(1.0, 0, 1.5),
            lambda: mean_interval(1.0, 18, 1.5, form="lognormal", draws=0),
            lambda: share_of_dearest(18, 1.5, draws=0),
            lambda: relative_error(math.nan, 18),
            lambda: share_of_dearest(2, 30.0),
            lambda: regression_to_mean(2.0, 1.0, 1.1),
            lambda: months_to_total(-1.0, 1.0),
            lambda: months_to_total(1.0, 1.0, 0.0),
            lambda: scale_up_claim(BARNET, draws=0),
        ],
    )
    def test_functions_refuse_what_is_out_of_range(self, wrong):
        with pytest.raises(ValueError, match=r"give|lies between"):
            wrong()

    def test_errors_are_those_of_repeated_runs(self):
        runs = [scale_up_claim(BARNET, draws=2_000, seed=s).to_frame() for s in range(40)]
        medians = np.array([run.loc[0, "p50"] for run in runs])
        stated = np.mean([run.loc[0, "p50_error"] for run in runs])
        assert 0.6 < medians.std(ddof=1) / stated < 1.6

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"total": 0.0}, "total is 0"),
            ({"all_families": 10}, "the first 18 are among them"),
            ({"coefficient_of_variation": 0.0}, "coefficient of variation"),
            ({"real_share": (0.0, 1.0)}, "beta distribution"),
            ({"later_worth": (1.0, 0.5)}, "in this order"),
            ({"halving": (24.0, 12.0, 48.0)}, "in this order"),
        ],
    )
    def test_what_is_impossible_is_said(self, changes, words):
        with pytest.raises(ValueError, match=words):
            dataclasses.replace(BARNET, **changes)

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import stats
from scipy.integrate import quad

from communitybudget._core.errors import TransitionError
from communitybudget.simulation import Sojourn

# Department for Education, Children in need 2025: 62,300 child protection plans that ended, by how long they
# had lasted (0-3, 3-6, 6-12, 12-24, over 24 months)
ENDS, SHARES = [3, 6, 12, 24], [0.159, 0.110, 0.435, 0.252, 0.044]
PLAN = Sojourn.piecewise(ENDS, SHARES)

FORMS = {
    "exponential": (Sojourn.exponential(8), stats.expon(scale=8)),
    "weibull": (Sojourn.weibull(1.6, 9), stats.weibull_min(1.6, scale=9)),
    "weibull falling": (Sojourn.weibull(0.6, 9), stats.weibull_min(0.6, scale=9)),
    "gamma": (Sojourn.gamma(2.5, 4), stats.gamma(2.5, scale=4)),
    "gamma falling": (Sojourn.gamma(0.4, 20), stats.gamma(0.4, scale=20)),
    "lognormal": (Sojourn.lognormal(2.0, 0.9), stats.lognorm(0.9, scale=np.exp(2.0))),
    "log_logistic": (Sojourn.log_logistic(2.2, 7), stats.fisk(2.2, scale=7)),
    "gompertz": (Sojourn.gompertz(0.1, 0.02), stats.gompertz(0.2, scale=10)),
}


@pytest.fixture(params=FORMS)
def form(request):
    return FORMS[request.param]


class TestForms:
    def test_survival(self, form):
        sojourn, reference = form
        times = np.array([0, 0.1, 1, 5, 20, 60])
        assert_allclose(sojourn.survival(times), reference.sf(times), rtol=1e-12)

    def test_mean(self, form):
        sojourn, reference = form
        assert float(sojourn.mean) == pytest.approx(reference.mean(), rel=1e-9)

    def test_hazards_by_cycle_are_gathered_hazards(self, form):
        sojourn, reference = form
        hazards = sojourn.cycle_hazards(24, length=0.5)
        for cycle in (0, 1, 5, 23):
            density = quad(lambda t: reference.pdf(t) / reference.sf(t), cycle / 2, (cycle + 1) / 2)[0]
            assert hazards[cycle] == pytest.approx(density, rel=1e-7)

    def test_each_cycle_in_turn_leaves_the_survival(self, form):
        sojourn, _ = form
        there = 1.0
        for hazard in sojourn.cycle_hazards(30):
            there *= 1 - (1 - np.exp(-hazard))
        assert there == pytest.approx(float(sojourn.survival(30)), rel=1e-12)

    def test_bands_are_exact_at_their_ends_and_keep_the_mean_beyond(self, form):
        sojourn, reference = form
        bands = sojourn.bands([3, 6, 12])
        there = 1.0
        for first, last, rate in bands[:-1]:
            there *= np.exp(-rate * (last - first))
            assert there == pytest.approx(reference.sf(last), rel=1e-12)
        beyond = quad(reference.sf, 12, np.inf, limit=200)[0] / reference.sf(12)
        assert bands[-1][:2] == (12, np.inf)
        assert 1 / bands[-1][2] == pytest.approx(beyond, rel=1e-6)

    def test_draws_last(self, form):
        sojourn, _ = form
        numbers = [np.stack([n, n * 1.1, n]) for n in sojourn.numbers]
        drawn = Sojourn(sojourn.form, tuple(numbers))
        hazards = drawn.cycle_hazards(6)
        assert hazards.shape == (6, 3)
        assert_allclose(hazards[:, 0], sojourn.cycle_hazards(6), rtol=1e-14)
        assert (hazards[:, 1] != hazards[:, 0]).any()
        assert drawn.mean.shape == drawn.bands([3])[0][2].shape == (3,)
        assert drawn.survival([[1.0], [2.0]]).shape == (2, 3)


class TestTails:
    def test_infinite_means(self):
        assert np.isinf(Sojourn.log_logistic(0.9, 5).mean)
        with pytest.raises(TransitionError, match="mean stay is infinite"):
            Sojourn.log_logistic(0.9, 5).bands([12])
        with pytest.raises(TransitionError, match="end the last band earlier"):
            Sojourn.exponential(0.1).bands([12])


class TestPublishedBands:
    def test_survival_of_protection_plans(self):
        assert PLAN.survival(ENDS).round(3).tolist() == [0.841, 0.731, 0.296, 0.044]

    def test_rates_are_those_of_the_bundled_set(self, england):
        by_band = {}
        for row in england.table("transition"):
            f = row.fields
            if (
                f["pathway"] == "child_safety"
                and f["profile"] == "general"
                and f["from"] == "protection_plan"
            ):
                band = float(f["from_month"])
                by_band[band] = by_band.get(band, 0.0) + row.value
        bands = PLAN.bands()
        assert_allclose([rate for _, _, rate in bands[:4]], [by_band[b] for b, _, _ in bands[:4]], rtol=2e-3)

    def test_each_rate_by_hand(self):
        rates = [float(rate) for _, _, rate in PLAN.bands()]
        remains = [1, 0.841, 0.731, 0.296, 0.044]
        widths = [3, 3, 6, 12]
        by_hand = [np.log(remains[k] / remains[k + 1]) / widths[k] for k in range(4)]
        assert_allclose(rates, [*by_hand, by_hand[-1]], rtol=1e-12)
        assert PLAN.bands()[-1][:2] == (24, np.inf)

    def test_cycles_within_a_band_are_alike(self):
        hazards = PLAN.cycle_hazards(30)
        assert_allclose(hazards[:3], -np.log(0.841) / 3)
        assert_allclose(np.exp(-np.cumsum(hazards))[[2, 5, 11, 23]], [0.841, 0.731, 0.296, 0.044])

    def test_mean_by_numbers(self):
        area = quad(lambda t: float(PLAN.survival(t)), 0, 300, points=[3, 6, 12, 24], limit=200)[0]
        assert float(PLAN.mean) == pytest.approx(area, rel=1e-9)

    def test_other_bands_of_the_same_stay(self):
        whole_years = PLAN.bands([12, 24])
        assert float(whole_years[0][2]) == pytest.approx(-np.log(0.296) / 12)
        assert float(whole_years[2][2]) == pytest.approx(float(PLAN.bands()[-1][2]))
        # from the middle of a band: what is left of it, then the rest
        further = quad(lambda t: float(PLAN.survival(t)), 8, 400, points=[12, 24], limit=200)[0]
        assert 1 / float(PLAN.bands([8])[-1][2]) == pytest.approx(further / float(PLAN.survival(8)), rel=1e-8)

    def test_a_closed_last_band_ends_everybody(self):
        closed = Sojourn.piecewise([3, 12], [0.4, 0.6])
        assert_allclose(closed.survival([3, 7.5, 12, 20]), [0.6, 0.3, 0, 0], atol=1e-15)
        hazards = closed.cycle_hazards(14)
        assert np.isinf(hazards[11:]).all()
        assert np.isfinite(hazards[:11]).all()
        # as bands, the last has the mean stay of endings spread evenly over nine months
        assert closed.bands()[-1] == (3.0, np.inf, pytest.approx(2 / 9))
        area = quad(lambda t: float(closed.survival(t)), 0, 12, points=[3])[0]
        assert float(closed.mean) == pytest.approx(area)

    def test_shares_over_draws(self):
        drawn = Sojourn.piecewise(ENDS, np.array([SHARES, [0.2] * 5]).T)
        assert drawn.cycle_hazards(24).shape == (24, 2)
        assert_allclose(drawn.survival(np.array(ENDS)[:, None])[:, 1], [0.8, 0.6, 0.4, 0.2])
        assert_allclose(drawn.mean[0], PLAN.mean)

    @settings(max_examples=25, deadline=None)
    @given(st.lists(st.floats(0.01, 1), min_size=2, max_size=6), st.booleans())
    def test_any_shares_come_back(self, parts, is_open):
        shares = np.array(parts) / sum(parts)
        ends = np.cumsum(np.arange(1, len(parts) + (not is_open)))
        kept = Sojourn.piecewise(ends, shares).survival(ends)
        assert_allclose(kept, 1 - np.cumsum(shares)[: ends.size], atol=1e-12)


class TestFaults:
    @pytest.mark.parametrize(
        ("ends", "shares", "words"),
        [
            ([3, 3], [0.5, 0.5], "do not ascend"),
            ([3, 6], [0.5, 0.4], "sum to 0.9 and not to 1"),
            ([3, 6], [1.5, -0.5], "negative"),
            ([3, 6], [1.0], "1 shares do not fit 2 ends"),
            ([3, 6], [0.5, 0.5, 0.0], "leave it out"),
        ],
    )
    def test_bands(self, ends, shares, words):
        with pytest.raises(TransitionError, match=words):
            Sojourn.piecewise(ends, shares)

    def test_numbers_that_must_be_positive_are_told_together(self):
        with pytest.raises(TransitionError, match="the shape") as told:
            Sojourn.weibull(0, -1)
        assert "the scale" in str(told.value)

    def test_bands_of_a_smooth_form_need_ends(self):
        with pytest.raises(TransitionError, match="upper ends"):
            Sojourn.exponential(3).bands()

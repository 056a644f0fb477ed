import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from communitybudget.cohorts import AGE_BANDS, Cohort, share_of_age, still_of_age

NAMES = [name for name, _, _ in AGE_BANDS]
AGES = dict(zip(NAMES, [0.24, 0.31, 0.33, 0.12], strict=True))


def only(band):
    return {name: float(name == band) for name in NAMES}


def birthdays_counted(shares, age_from, age_to, months, steps=600):
    """Children one by one, evenly over each band: who of those of age has not reached the last birthday."""
    ages, weights = [], []
    for name, start, end in AGE_BANDS:
        ages.append(start + (end - start) * (np.arange(steps) + 0.5) / steps)
        weights.append(np.full(steps, shares[name] / steps))
    ages, weights = np.concatenate(ages), np.concatenate(weights)
    at_joining = (ages >= age_from) & (ages < age_to)
    return [
        weights[at_joining & (ages + m / 12 < age_to)].sum() / weights[at_joining].sum()
        for m in range(months + 1)
    ]


class TestCohort:
    def test_all_join_on_the_first_day(self):
        cohort = Cohort(100, {"medium_need": 1.0})
        assert_array_equal(cohort.intake_by_year(["2026-27", "2027-28", "2028-29"]), [100, 0, 0])

    def test_intake_by_year(self):
        cohort = Cohort(100, {"medium_need": 1.0}, {"2026-27": 60, "2028-29": 40})
        assert_array_equal(cohort.intake_by_year(["2026-27", "2027-28", "2028-29"]), [60, 0, 40])

    def test_shares_of_families_sum_to_one(self):
        assert Cohort(1, {"lower_need": 0.3, "medium_need": 0.6, "complex_need": 0.1}).families == 1
        with pytest.raises(ValueError, match=r"sum to 0\.9; make them sum to 1"):
            Cohort(100, {"lower_need": 0.3, "medium_need": 0.6})

    @pytest.mark.parametrize("families", [0, -5])
    def test_nobody_is_no_cohort(self, families):
        with pytest.raises(ValueError, match="give a number above 0"):
            Cohort(families, {"medium_need": 1.0})


class TestAges:
    def test_bands_follow_one_another_from_birth_to_18(self):
        assert [start for _, start, _ in AGE_BANDS] == [0, *(end for _, _, end in AGE_BANDS[:-1])]
        assert AGE_BANDS[-1][2] == 18

    @pytest.mark.parametrize(
        ("age_from", "age_to", "share"),
        [
            (0, 18, 1.0),
            (0, 5, 0.24),
            (10, 18, 0.45),
            (5, 16, 0.64),
            (17, 18, 0.06),  # half of those aged 16 and 17
            (2.5, 5, 0.12),
            (4, 6, 0.24 / 5 + 0.31 / 5),
            (18, 18, 0.0),
            (18, 30, 0.0),
        ],
    )
    def test_share_between_birthdays(self, age_from, age_to, share):
        assert share_of_age(AGES, age_from, age_to) == pytest.approx(share, abs=1e-15)

    def test_shares_need_not_sum_to_one(self):
        twice = {name: 2 * share for name, share in AGES.items()}
        assert share_of_age(twice, 10, 18) == pytest.approx(0.45)

    def test_a_band_leaves_evenly(self):
        still = still_of_age(only("children_aged_16_to_17"), 0, 18, 36)
        assert_allclose(still, np.clip(1 - np.arange(37) / 24, 0, 1), atol=1e-15)

    def test_nobody_leaves_before_the_first_could_be_of_age(self):
        still = still_of_age(only("children_aged_0_to_4"), 0, 18, 216)
        assert_allclose(still[: 13 * 12 + 1], 1)
        assert still[13 * 12 + 1] < 1
        assert still[216] == pytest.approx(0, abs=1e-12)

    @pytest.mark.parametrize(("age_from", "age_to"), [(0, 18), (10, 18), (5, 16)])
    def test_the_same_as_counting_birthdays(self, age_from, age_to):
        still = still_of_age(AGES, age_from, age_to, 120)
        assert_allclose(still, birthdays_counted(AGES, age_from, age_to, 120), atol=2e-3)
        assert still[0] == 1
        assert (np.diff(still) <= 1e-15).all()

    def test_those_too_young_at_joining_are_not_followed(self):
        # Youth justice follows children aged 10 to 17 when the family joins; after eight years all are 18.
        still = still_of_age(AGES, 10, 18, 120)
        assert_allclose(still[96:], 0, atol=1e-15)
        assert still[95] > 0

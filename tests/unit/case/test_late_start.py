"""A programme that starts some time after families join."""

import numpy as np
import pytest

from communitybudget.case import Case, appraise
from communitybudget.case.spec import DeliverySpec
from communitybudget.case.starts import StartPlan, spread_payment
from communitybudget.cohorts import Joining

PAY = {"agency": "local_authority", "item": "help", "price_base": "2023-24", "source": "test"}
YEARS = ("2024-25", "2025-26", "2026-27", "2027-28")


def option(name, **changes):
    return {"name": name, "label": name, "delivery": [{**PAY, "per_family": 100}], **changes}


def local(lag):
    return {
        "on": "work.claiming_search -> in_work",
        "hazard_ratio": 1.5,
        "estimand": "offered",
        "design": "assumed",
        "source": "test",
        "lag_months": lag,
        "lasts_months": 12,
    }


@pytest.fixture
def result(small):
    small["options"] = [
        option("late", starts_after_months=24, effects=[{"effect": "tfp_jsa"}]),
        option("early", effects=[{"effect": "tfp_jsa"}]),
    ]
    return appraise(Case.from_dict(small), draws=60, seed=1)


class TestEffects:
    def test_nothing_changes_before_the_start(self, result):
        avoided = result.ledger.flow("late", "costs_avoided")
        assert np.abs(avoided[:2]).max() < 1e-6
        assert np.abs(avoided[2:]).max() > 0

    def test_the_study_is_the_same(self, result):
        """The ratio was measured from the start of the programme: it gives the same hazard ratio."""
        hazard = {e.option: e.hazard_ratio for e in result.effects}
        assert hazard["late"] == hazard["early"]

    def test_it_is_a_longer_lag_for_a_local_effect(self, small):
        small["options"] = [
            option("delayed", starts_after_months=9, effects=[local(3)]),
            option("lagged", effects=[local(12)]),
        ]
        activity = appraise(Case.from_dict(small), draws=20, seed=1).activity
        delayed, lagged = (activity.total("claimant_years", name) for name in ("delayed", "lagged"))
        np.testing.assert_array_equal(delayed, lagged)

    def test_no_delay_is_no_change(self, small):
        before = appraise(Case.from_dict(small), draws=20, seed=1)
        small["options"][0]["starts_after_months"] = 0
        assert appraise(Case.from_dict(small), draws=20, seed=1).to_frame().equals(before.to_frame())


class TestPayments:
    def paid(self, delay, intake=(10.0, 0.0, 0.0, 0.0), spread=False, **amount):
        payment = DeliverySpec(**PAY, **amount)
        return spread_payment(payment, YEARS, StartPlan((Joining(np.array(intake), spread),), delay))

    def test_per_family_comes_later(self):
        assert self.paid(24, per_family=1) == pytest.approx([0, 0, 10, 0])
        assert self.paid(18, per_family=1, over_months=12) == pytest.approx([0, 5, 5, 0])

    def test_fixed_is_paid_when_the_programme_first_starts(self):
        assert self.paid(12, fixed=1) == pytest.approx([0, 1, 0, 0])

    def test_by_year_says_for_itself(self):
        assert self.paid(24, by_year={"2024-25": 7}) == pytest.approx([7, 0, 0, 0])

    def test_what_falls_after_the_horizon_is_left_out(self):
        assert self.paid(60, per_family=1).sum() == 0

    def test_an_intake_by_month_against_a_plain_loop(self):
        found = self.paid(7, intake=(12.0, 24.0, 0.0, 0.0), spread=True, per_family=1, over_months=5)
        by_hand = np.zeros(4)
        for year, families in enumerate((12.0, 24.0)):
            for joined in range(12):
                for month in range(5):
                    at = 12 * year + joined + 7 + month
                    if at < 48:
                        by_hand[at // 12] += families / 12 / 5
        assert found == pytest.approx(by_hand)

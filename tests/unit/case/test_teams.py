"""Teams built up from hours, in a case."""

import pytest
from numpy.testing import assert_allclose

from communitybudget._core.errors import CaseFileError
from communitybudget.case import Case

KEY_WORKER = {"agency": "local_authority", "role": "Key worker", "hours": 100, "hourly_pay": 20}
HEALTH_VISITOR = {
    "agency": "nhs",
    "role": "Health visitor",
    "hours": {"value": 10, "low": 5, "high": 15, "interval": "range"},
    "salary": 36_000,
    "hours_a_year": 1_600,
}
SOCIAL_WORKER = {
    "agency": "local_authority",
    "role": "Social worker",
    "hours": 8,
    "unit_cost": "unit_cost.SS18.2",
}
TEAM = {
    "item": "Family team",
    "price_base": "2023-24",
    "on_costs": 0.25,
    "overheads": 0.2,
    "source": "staffing model",
    "professionals": [KEY_WORKER, HEALTH_VISITOR, SOCIAL_WORKER],
}


@pytest.fixture
def run_team(small, run_small):
    """Appraise the small case with a team in place of its delivery."""

    def run(draws=200, case=None, **changes):
        option = {**small["options"][0], "delivery": [], "teams": [{**TEAM, **changes}]}
        return run_small(draws, options=[option], **(case or {}))

    return run


def faults_of(small, **changes):
    option = {**small["options"][0], "teams": [{**TEAM, **changes}]}
    with pytest.raises(CaseFileError) as raised:
        Case.from_dict({**small, "options": [option]})
    return str(raised.value)


class TestCost:
    def test_by_hand(self, run_team):
        """100 hours x 20 x 1.25 x 1.2 = 3,000 a family, 50 families, in the first year."""
        ledger = run_team(professionals=[KEY_WORKER]).ledger
        assert_allclose(ledger.flow("support", "delivery")[:, 0], [150_000, 0, 0, 0])

    def test_a_salary_is_pay_over_the_hours_worked_for_it(self, run_team):
        result = run_team(professionals=[{**HEALTH_VISITOR, "hours": 10}])
        (row,) = result.team_costs().to_dict("records")
        assert row["hourly"] == pytest.approx(36_000 / 1_600)
        assert row["cost_per_family"] == pytest.approx(10 * 22.5 * 1.25 * 1.2)

    def test_a_published_hour_holds_everything_and_has_its_own_price_base(self, small, run_small):
        team = {"item": "Advice", "source": "rota", "professionals": [SOCIAL_WORKER]}
        option = {**small["options"][0], "delivery": [], "teams": [team]}
        result = run_small(options=[option])
        price = result.model.parameters["unit_cost.SS18.2"]
        drawn = result.model.draw(200, 1)["unit_cost.SS18.2"]
        factor = result.model.index.factor(price.price_base, "2023-24")
        assert_allclose(result.ledger.flow("support", "delivery")[0], 50 * 8 * drawn * factor)

    def test_the_ledger_holds_what_the_frame_says_agency_by_agency(self, run_team):
        result = run_team()
        frame = result.team_costs()
        for agency, rows in frame.groupby("agency"):
            spent = result.ledger.flow("support", "delivery", agency).sum(axis=0).mean()
            assert rows["cost_per_family"].sum() * 50 == pytest.approx(spent)
        parts = frame["pay"] + frame["on_costs"] + frame["overheads"]
        assert_allclose(parts, frame["cost_per_family"])

    def test_hours_are_drawn(self, run_team):
        spent = run_team().ledger.flow("support", "delivery", "nhs").sum(axis=0)
        assert spent.std() > 0
        assert (spent >= 5 * 22.5 * 1.5 * 50 - 1e-6).all()
        assert (spent <= 15 * 22.5 * 1.5 * 50 + 1e-6).all()

    def test_optimism_bias_adds_to_it(self, run_team):
        bias = {"rule": "worst", "grades": {}, "benefits": False}
        case = {"adjustments": {"optimism_bias": bias}}
        plain = run_team().ledger.flow("support", "delivery")
        dearer = run_team(case=case, evidence_grade=4).ledger.flow("support", "delivery")
        assert_allclose(dearer, plain * 1.15)
        with pytest.raises(CaseFileError, match=r"teams\[0\]: optimism bias is on for costs"):
            run_team(case=case)

    def test_it_is_spread_over_the_months_of_the_programme(self, run_team):
        flow = run_team(over_months=24, professionals=[KEY_WORKER]).ledger.flow("support", "delivery")
        assert_allclose(flow[:, 0], [75_000, 75_000, 0, 0])

    def test_overheads_may_be_above_pay(self, run_team):
        flow = run_team(professionals=[KEY_WORKER], overheads=1.2).ledger.flow("support", "delivery")
        assert_allclose(flow[0], 50 * 100 * 20 * 1.25 * 2.2)

    def test_what_falls_after_the_last_year_is_told(self, run_team):
        result = run_team(over_months=96, professionals=[KEY_WORKER])
        assert any("50% of 'Family team' falls after the last year" in text for text in result.cautions)


class TestFaults:
    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"professionals": [{**KEY_WORKER, "role": f"Role {i}"} for i in range(21)]}, "21 professionals"),
            ({"professionals": [KEY_WORKER, KEY_WORKER]}, "Key worker: there twice for one agency"),
            ({"professionals": [{**KEY_WORKER, "salary": 36_000}]}, "gives 2 prices of an hour"),
            (
                {"professionals": [{k: v for k, v in KEY_WORKER.items() if k != "hourly_pay"}]},
                "gives 0 prices of an hour",
            ),
            (
                {"professionals": [{k: v for k, v in HEALTH_VISITOR.items() if k != "hours_a_year"}]},
                "salary and hours_a_year go together",
            ),
            (
                {"professionals": [{**SOCIAL_WORKER, "unit_cost": "unit_cost.SS2.0"}]},
                "is priced per person week and not per hour",
            ),
            ({"professionals": [{**KEY_WORKER, "hours": -1}]}, "it must be at least 0"),
            ({"professionals": [{**KEY_WORKER, "hourly_pay": 36_000}]}, "looks like a salary"),
            ({"professionals": [{**HEALTH_VISITOR, "hours_a_year": 37}]}, "it must be at least 200"),
            ({"overheads": 15}, "15 is 1500% on top; write 25% as 0.25"),
            ({"professionals": []}, "give at least one"),
        ],
    )
    def test_each_is_told_with_its_remedy(self, small, changes, words):
        assert words in faults_of(small, **changes)

    @pytest.mark.parametrize("missing", ["price_base", "on_costs", "overheads"])
    def test_pay_needs_its_price_base_on_costs_and_overheads_stated(self, small, missing):
        team = {key: value for key, value in TEAM.items() if key != missing}
        option = {**small["options"][0], "teams": [team]}
        with pytest.raises(CaseFileError, match=f"pay is given without {missing}; state each"):
            Case.from_dict({**small, "options": [option]})

    def test_published_hours_alone_take_none_of_them(self, small):
        text = faults_of(small, professionals=[SOCIAL_WORKER])
        assert "leave price_base, on_costs, overheads out" in text


def test_a_case_with_a_team_is_one_to_one_with_its_file(small):
    case = Case.from_dict({**small, "options": [{**small["options"][0], "teams": [TEAM]}]})
    assert Case.from_text(case.to_yaml()) == case

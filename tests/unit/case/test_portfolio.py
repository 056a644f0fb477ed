"""A portfolio out of several appraisals: its money is theirs, and families are counted once."""

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest

from communitybudget.appraisal import SharedCost
from communitybudget.case import Appraisal, Case, appraise, portfolio
from communitybudget.case.flows import spending_flow
from tests_builders import small_case

YEAR = "2024-25"


def made(place: str, cost: float, **changes: Any) -> Appraisal:
    """A case whose option works, with a dearer one beside it that has half the effect."""
    case = {**small_case(), "place": place, **changes}
    support = case["options"][0]
    support["delivery"][0]["per_family"] = {"value": cost, "low": 0.8 * cost, "high": 1.2 * cost} | {
        "interval": "range"
    }
    weaker = {**support, "name": "weaker", "label": "Weaker"}
    weaker["effects"] = [{**effect, "strength": 0.5} for effect in support["effects"]]
    case["options"] = [support, weaker]
    return appraise(Case.from_dict(case), draws=40, seed=1)


@pytest.fixture(scope="module")
def north() -> Appraisal:
    return made("North", 400)


@pytest.fixture(scope="module")
def south() -> Appraisal:
    return made("South", 300, cohort={"families": 30, "profile": "medium_need"})


@pytest.fixture(scope="module")
def both(north: Appraisal, south: Appraisal) -> dict[str, Appraisal]:
    return {"north": north, "south": south}


def test_money_is_that_of_the_appraisals(both: dict[str, Appraisal]) -> None:
    found = portfolio(both, 1e9)
    assert found.chosen == ("north.support", "south.support")
    np.testing.assert_allclose(found.net_benefit, both["north"].npv() + both["south"].npv())
    assert (found.draws, found.seed, found.price_base) == (40, 1, "2023-24")
    assert "Discounted by green_book_2022 in each case." in found.summary()


def test_it_is_the_best_of_all_choices_within_the_budget(both: dict[str, Appraisal]) -> None:
    for budget in (0, 10_000, 22_000, 40_000):
        best = 0.0
        for choice in product((None, "support", "weaker"), repeat=2):
            bought = [(r, o) for r, o in zip(both.values(), choice, strict=True) if o is not None]
            cost = sum(float((r.factors @ spending_flow(r.ledger, o)).mean()) for r, o in bought)
            if cost <= budget:
                best = max(best, sum(float(r.npv(o).mean()) for r, o in bought))
        assert portfolio(both, budget).net == pytest.approx(best)


def test_a_budget_by_year_counts_the_cash_of_that_year(both: dict[str, Appraisal]) -> None:
    found = portfolio(both, {YEAR: 15_000})
    cash = {n: float(spending_flow(r.ledger, "support")[0].mean()) for n, r in both.items()}
    assert found.lines[0].cost == pytest.approx(sum(cash[name.split(".")[0]] for name in found.chosen))
    assert found.lines[0].cost <= 15_000
    assert np.isinf(found.lines[1].limit)
    assert "Spent on 2025-26" in found.summary()
    assert found.net == pytest.approx(
        sum(float(both[name.split(".")[0]].npv(name.split(".")[1]).mean()) for name in found.chosen)
    )


def test_a_budget_by_agency(both: dict[str, Appraisal]) -> None:
    found = portfolio(both, {"local_authority": 1e9})
    assert found.chosen == portfolio(both, 1e9).chosen
    assert [line.line for line in found.lines] == ["local_authority"]
    assert found.lines[0].cost == pytest.approx(found.cost)
    with pytest.raises(ValueError, match="counts all agencies and not nhs alone"):
        portfolio(both, {"local_authority": 1}, agency="nhs")


def test_one_agency_counts_its_own_money(both: dict[str, Appraisal]) -> None:
    found = portfolio(both, 1e9, agency="dwp")
    assert found.cost == 0
    assert found.gain == pytest.approx(sum(float(r.npv(agency="dwp").mean()) for r in both.values()))


class TestSharedFamilies:
    def test_cases_of_one_place_share_as_many_as_they_can(self, both: dict[str, Appraisal]) -> None:
        one_place = {**both, "south": replace(both["south"], place="North")}
        found = portfolio(one_place, 1e9)
        assert found.segments[0].families == 50
        assert found.segments[0].served == 50
        assert found.gain < portfolio(both, 1e9).gain
        assert "Cases of one place are taken to share as many families as they can" in found.summary()

    def test_or_as_many_as_are_stated(self, both: dict[str, Appraisal]) -> None:
        found = portfolio(both, 1e9, shared_families={("north", "south"): 10})
        assert sum(segment.families for segment in found.segments) == 70
        assert "Families in several cases: 10 in north and south." in found.summary()
        none = portfolio({**both, "south": replace(both["south"], place="North")}, 1e9, shared_families={})
        assert none.net == pytest.approx(portfolio(both, 1e9).net)

    @pytest.mark.parametrize(
        ("shared", "words"),
        [
            ({("north", "suoth"): 5}, "'suoth' is no case; did you mean 'south'"),
            ({("north", "south"): 31}, "south has 30 families and shares 31; count each family once"),
            ({("north",): 5}, "name two cases or more"),
            ({("north", "south"): -5}, "0 families or more"),
            ({("north", "south"): "10"}, "shared_families of .* is '10'; name two cases or more, and 0 fam"),
            ({"north": 5}, "shared_families: 'north' is one name; give the names of the cases, such as"),
        ],
    )
    def test_faults(self, both: dict[str, Appraisal], shared: Any, words: str) -> None:
        with pytest.raises(ValueError, match=words):
            portfolio(both, 1e9, shared_families=shared)


class TestFaults:
    def test_cases_that_cannot_be_added(self, north: Appraisal) -> None:
        other = replace(north, years=north.years[:-1], price_base="2024-25", seed=2)
        with pytest.raises(ValueError, match="differ in price base: north 2023-24, other 2024-25;") as error:
            portfolio({"north": north, "other": other}, 1e6)
        assert "differ in years: north 2024-25 to 2027-28, other 2024-25 to 2026-27" in str(error.value)
        assert "appraise all with one seed" in str(error.value)

    @pytest.mark.parametrize("results", [{}, []])
    def test_no_appraisal(self, results: Any) -> None:
        with pytest.raises(ValueError, match="by a short name for each case"):
            portfolio(results, 1e6)

    def test_a_case_is_no_result(self, north: Appraisal) -> None:
        with pytest.raises(ValueError, match=r"^south: this is no result; give what `appraise` returns"):
            portfolio({"north": north, "south": north.case}, 1e6)  # type: ignore[dict-item]

    def test_lines_that_are_not_there(self, both: dict[str, Appraisal]) -> None:
        with pytest.raises(ValueError, match="'2024-26' is no year of the cases"):
            portfolio(both, {"2024-26": 5})
        with pytest.raises(ValueError, match="names years and agencies"):
            portfolio(both, {"local_authority": 5, YEAR: 5})
        with pytest.raises(ValueError, match="'nonsense' is no case"):
            portfolio(both, 5, value="nonsense")
        with pytest.raises(ValueError, match=r"'north\.suport' is no programme; did you"):
            portfolio(both, 5, must_have=["north.suport"])

    def test_two_discountings(self, north: Appraisal) -> None:
        other = replace(north, factors=north.factors**2, schedule=0.07)
        pair = {"north": north, "other": other}
        with pytest.raises(
            ValueError, match=r"one discounting; Discounted by green_book_2022 in north, 0\.07"
        ):
            portfolio(pair, {YEAR: 5})
        assert "0.07 in other" in portfolio(pair, 5).summary()


def test_rules_are_passed_on(both: dict[str, Appraisal]) -> None:
    hub = SharedCost("Hub", 1_000, ["north.support", "south.support"])
    free = portfolio(both, 1e9)
    bound = portfolio(both, 1e9, shared_costs=[hub], must_have=["north.weaker"], confidence=0.5)
    assert bound.chosen[0] == "north.weaker"
    assert bound.net < free.net
    alone = portfolio(both, 1e9, must_not=["south.support"], requires={"south.weaker": ["north.weaker"]})
    assert alone.chosen == ("north.support",) or "north.weaker" in alone.chosen

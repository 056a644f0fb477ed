"""What moves the answer, as the appraisal asks for it."""

import pytest

from communitybudget.case import Appraisal
from communitybudget.case.what_matters import (
    convergence_of,
    switching_values_of,
    tornado_of,
    variance_by_mark_of,
)
from tests_builders import COST, small_appraisal


@pytest.fixture(scope="module")
def result() -> Appraisal:
    return small_appraisal(draws=400)


def test_the_appraisal_asks_with_its_own_option(result: Appraisal) -> None:
    assert result.tornado(agency="dwp") == tornado_of(result, "support", "dwp", "fiscal")
    assert result.variance_by_mark() == variance_by_mark_of(result, "support")
    assert result.convergence() == convergence_of(result, "support", "all", "fiscal", False)


def test_the_tornado_says_whose_money_it_is(result: Appraisal) -> None:
    assert "to Department for Work and Pensions" in tornado_of(result, "support", "dwp", "fiscal").summary()


def test_the_delivery_cost_switches_first(result: Appraisal) -> None:
    frame = switching_values_of(result, "support", 1, 50)
    assert frame["key"].iloc[0] == COST
    assert len(frame) == 2

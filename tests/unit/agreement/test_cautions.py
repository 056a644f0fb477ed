from typing import Any

import pandas as pd
import pytest

from communitybudget.agreement.cautions import partner_warnings, programme_warnings
from communitybudget.agreement.positions import Spread

SURE = {"probability_no_worse_off": 0.95, "probability_mc_error": 0.002}
ROW: dict[str, Any] = {
    "agency": "nhs",
    "spending": 0.0,
    "contribution": 500.0,
    "share_received": 0.0,
    "share_paid": 1_000.0,
    "before": 4_000.0,
    "before_p10": 3_000.0,
    "before_p90": 5_000.0,
    "after": 2_500.0,
    "mc_error": 0.0,
    "break_even_after": "2026-27",
    **SURE,
}
CASH: dict[str, Any] = {"before": 4_000.0, "spending": 0.0, "after": 2_500.0, "mc_error": 0.0}


def warnings_of(cash: dict[str, Any] | None = None, **changes: Any) -> list[str]:
    frames = pd.DataFrame([ROW | changes]), pd.DataFrame([CASH | (cash or {})])
    return partner_warnings(*frames, confidence=0.8, last_year="2030-31", rounding=0.05)


@pytest.mark.parametrize(
    ("fiscal", "cash", "begins"),
    [
        (100.0, 50.0, None),
        (0.0, 0.0, None),
        (-1_234.0, -5_000.0, "The programme as a whole costs £1,230 more than it avoids"),
        (100.0, -1_234.0, "In cash the programme as a whole is £1,230 short"),
    ],
)
def test_the_programme_as_a_whole(fiscal: float, cash: float, begins: str | None) -> None:
    found = programme_warnings(Spread(fiscal, 0.0, 0.0, 20.0), Spread(cash, 0.0, 0.0, 20.0))
    assert [text.startswith(str(begins)) for text in found] == ([True] if begins else [])


def test_a_partner_that_does_well_is_not_warned() -> None:
    assert warnings_of() == []


def test_worse_off_on_average() -> None:
    assert warnings_of(after=-1_234.0, mc_error=20.0, break_even_after="", cash={"after": -1_234.0}) == [
        "NHS is worse off on average, by £1,230."
    ]


def test_a_loss_by_rounding_is_none() -> None:
    assert warnings_of(after=-0.04, cash={"after": -0.04}) == []


def test_money_that_does_not_come_back_within_the_agreement() -> None:
    assert warnings_of(break_even_after="") == ["NHS does not have its money back by the end of 2030-31."]


def test_less_likely_than_asked_for() -> None:
    assert warnings_of(probability_no_worse_off=0.62, probability_mc_error=0.005) == [
        "The chance that NHS is no worse off is 62%, below the 80% asked for."
    ]


def test_gains_that_cannot_leave_a_budget_are_paid_for_in_cash() -> None:
    assert warnings_of(cash={"before": 600.0, "after": -900.0}) == [
        "NHS pays £1,500 in cash, and £600 of what it gains can leave its budget: it must find £900 "
        "elsewhere."
    ]


def test_a_budget_that_has_to_bear_more_is_told_apart_from_one_that_frees_less() -> None:
    assert warnings_of(cash={"before": -300.0, "after": -1_800.0}) == [
        "NHS pays £1,500 in cash, and nothing of what it gains leaves its budget, which has to bear £300 "
        "more: it must find £1,800 elsewhere."
    ]


def test_who_receives_on_balance_does_not_pay() -> None:
    assert warnings_of(share_received=2_000.0, cash={"before": -3_000.0, "after": -2_500.0}) == []


def test_no_gain_known_to_be_cash_is_told_once() -> None:
    assert warnings_of(cash={"before": 0.0, "after": -1_500.0}) == [
        "None of the gains is known to be cash that can leave a budget."
    ]


def test_no_part_in_the_agreement() -> None:
    nothing = dict.fromkeys(
        ("contribution", "share_paid", "before", "before_p10", "before_p90", "after"), 0.0
    )
    cash = {"before": 0.0, "after": 0.0}
    assert warnings_of(**nothing, cash=cash)[1:] == [
        "NHS puts nothing in, gains nothing and receives nothing: it has no part in the agreement."
    ]

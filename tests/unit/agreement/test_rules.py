import numpy as np
import pytest

from agreement_builders import random_positions
from communitybudget._core.errors import AgreementError
from communitybudget.agreement import (
    CollarAndCap,
    EqualReturn,
    FirstCall,
    Positions,
    ProRataToCost,
    Reinvestment,
    Rule,
    settle,
)
from communitybudget.agreement.rules import (
    NOBODY_FUNDS,
    by_put_in,
    by_shares,
    portions,
    share_faults,
    shares_in_words,
)

PARTNERS = ["local_authority", "nhs", "police"]


def three(spending: float = 60.0, gains: float = 90.0) -> Positions:
    return Positions.of(
        PARTNERS, ["2026-27"], [[[spending]], [[0.0]], [[0.0]]], [[[gains]], [[gains]], [[0.0]]]
    )


@pytest.mark.parametrize(
    ("shares", "faults"),
    [
        ({"nhs": 0.6, "police": 0.4}, []),
        ({"nhs": 1.0}, []),
        ({"nhs": 1 / 3, "police": 1 / 3, "local_authority": 1 / 3}, []),
        (
            {"nhs": 0.9, "police": 0.3},
            ["the gain shares sum to 120%, more than there is; lower them to 100% in all"],
        ),
        (
            {"nhs": 0.5, "police": 0.3},
            ["the gain shares sum to 80%, which leaves some to nobody; raise them to 100% in all"],
        ),
        (
            {"nhs": 0.333, "police": 0.333, "local_authority": 0.333},
            ["the gain shares sum to 99.9%, which leaves some to nobody; raise them to 100% in all"],
        ),
        ({}, ["the gain shares sum to 0%, which leaves some to nobody; raise them to 100% in all"]),
        (
            {"polce": 0.4, "nhs": 0.6},
            ["the gain share of 'polce' is for no partner; did you mean 'police'?"],
        ),
        (
            {"nhs": 1.2, "police": -0.2},
            [
                "the gain share of NHS is 1.2; give a number from 0 to 1, such as 0.4 for 40%",
                "the gain share of Police is -0.2; give a number from 0 to 1, such as 0.4 for 40%",
            ],
        ),
        (
            {"nhs": np.nan, "police": 0.5},
            ["the gain share of NHS is nan; give a number from 0 to 1, such as 0.4 for 40%"],
        ),
        (
            {"nhs": "60%", "police": 0.4},
            ["the gain share of NHS is 60%; give a number from 0 to 1, such as 0.4 for 40%"],
        ),
    ],
)
def test_stated_shares_are_checked(shares: dict[str, float], faults: list[str]) -> None:
    assert share_faults(shares, "gain", PARTNERS) == faults


def test_shares_in_words_leave_out_who_has_none() -> None:
    assert shares_in_words({"nhs": 0.125, "police": 0.875, "fire": 0.0}) == "12.5% by NHS, 87.5% by Police"


def test_totals_by_stated_shares() -> None:
    split = by_shares(np.array([[100.0, -50.0]]), {"police": 0.25, "nhs": 0.75}, PARTNERS)
    assert split[:, 0].tolist() == [[0.0, 0.0], [75.0, -37.5], [25.0, -12.5]]


def test_parts_are_of_what_is_positive() -> None:
    amounts = np.array([[3.0, -1.0], [1.0, -2.0], [-9.0, 0.0]])
    assert portions(amounts).T.tolist() == [[0.75, 0.25, 0.0], [1 / 3, 1 / 3, 1 / 3]]
    assert portions(amounts, np.zeros((3, 2)))[:, 1].tolist() == [0.0, 0.0, 0.0]


def test_each_keeps_its_own_in_a_draw_in_which_nobody_puts_anything_in() -> None:
    put_in = np.array([[3.0, -2.0], [1.0, 0.0]])
    own = np.array([[[5.0, 5.0]], [[7.0, 7.0]]])
    assert by_put_in(own.sum(axis=0), put_in, own)[:, 0].T.tolist() == [[9.0, 3.0], [5.0, 7.0]]


def test_funding_by_shares_replaces_who_spends() -> None:
    found = settle(three(), ProRataToCost(funding={"nhs": 0.6, "police": 0.4}))
    assert found.contributed[:, 0, 0].tolist() == [0, 3600, 2400]
    assert found.receipts[:, 0, 0].tolist() == [0, 10800, 7200]
    assert found.terms == (
        "The cost of the programme is funded 60% by NHS, 40% by Police.",
        "What is shared: fiscal costs avoided.",
        "Each partner receives the part of all gains that it funded of the cost.",
    )


def test_the_terms_say_what_is_shared() -> None:
    assert "What is shared: cash that can leave a budget." in ProRataToCost(shared="cashable").terms()


@pytest.mark.parametrize("rule", [ProRataToCost(), EqualReturn(), FirstCall(), CollarAndCap()], ids=repr)
@pytest.mark.parametrize("spending", [0.0, -20.0])
def test_nobody_funds(rule: Rule, spending: float) -> None:
    with pytest.raises(AgreementError) as fault:
        settle(three(spending=spending), rule)
    assert str(fault.value) == NOBODY_FUNDS


@pytest.mark.parametrize(
    "rule",
    [ProRataToCost, EqualReturn, FirstCall, CollarAndCap, Reinvestment],
    ids=lambda kind: kind.__name__,
)
def test_wrong_terms_of_funding_are_told_all_at_once(rule: type[Rule]) -> None:
    with pytest.raises(AgreementError) as fault:
        settle(three(), rule(shared="cash", funding={"nsh": 0.9, "police": 0.4}))  # type: ignore[arg-type]
    assert str(fault.value).splitlines() == [
        "the gains to share are 'cash'; did you mean 'cashable'?",
        "the funding share of 'nsh' is for no partner; did you mean 'nhs'?",
        "the funding shares sum to 130%, more than there is; lower them to 100% in all",
    ]


def test_rules_are_equal_by_value() -> None:
    assert ProRataToCost(funding={"nhs": 1.0}) == ProRataToCost(funding={"nhs": 1.0})
    assert ProRataToCost() != EqualReturn()


def test_what_each_has_funded_to_date() -> None:
    held = random_positions(5, partners=3)
    rule = ProRataToCost(funding={"council": 0.25, "nhs": 0.75})
    assert (rule.contributions(held)[2] == 0).all()
    np.testing.assert_allclose(rule.contributions(held).sum(axis=0), held.spent_so_far.sum(axis=0))
    np.testing.assert_array_equal(ProRataToCost().contributions(held), held.spent_so_far)

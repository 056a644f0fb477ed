import numpy as np
import pytest

from agreement_builders import one_draw, random_positions
from communitybudget._core.errors import AgreementError
from communitybudget.agreement import (
    CollarAndCap,
    EqualReturn,
    FirstCall,
    NoWorseOff,
    OutcomeContract,
    PaidResult,
    Positions,
    ProRataToCost,
    Reinvestment,
    Rule,
    ShapleyValue,
    Termination,
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
            ["the gain share of NHS is '60%'; give a number from 0 to 1, such as 0.4 for 40%"],
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
    council, nhs, police = settle(held, ProRataToCost(funding={"council": 0.25, "nhs": 0.75})).contributed
    assert not police.any()
    np.testing.assert_array_equal(council + nhs, held.spending.sum(axis=0))
    assert np.abs(3 * council.cumsum(axis=0) - nhs.cumsum(axis=0)).max() <= 3  # pence
    np.testing.assert_array_equal(settle(held, ProRataToCost()).contributed, held.spending)


STAY = {"label": "Stay", "unit": "stay", "tariff": 10.0, "units": [[4.0], [4.0]]}


class TestSlips:
    """Slips of the hand that a type checker would see and a finance officer does not."""

    LEDGER = one_draw([[90, 0], [30, 0], [0, 0]], [[20, 20], [40, 20], [60, 40]]).with_party("investor")

    def told(self, rule):
        with pytest.raises(AgreementError) as told:
            settle(self.LEDGER, rule)
        return str(told.value).splitlines()

    def contract(self, stay=None, **terms):
        given = {"provider": "local_authority", "payers": {"nhs": 1.0}, "investor": "investor"}
        results = (PaidResult(**{**STAY, **(stay or {})}),)
        return OutcomeContract(**{**given, "results": results, "commitment": 50.0, **terms})

    @pytest.mark.parametrize(
        ("rule", "told"),
        [
            ("equal_return", "'equal_return' is no rule; give one with its terms, such as ProRataToCost()"),
            (EqualReturn(funding=["nhs"]), "the funding shares are ['nhs']; give partners with their shares"),
            (CollarAndCap(collar="80%"), "the collar is '80%' of the plan; give a share from 0 to 1"),
            (CollarAndCap(cap=None), "the cap is None of the plan; give 1 or more"),
            (Reinvestment(share="50%"), "a reinvestment share of '50%' is none; give a share from 0 to 1"),
            (FirstCall(multiple="2"), "a first call of '2' times what was put in is none; give 0 or more"),
            (NoWorseOff(confidence="80%"), "the confidence is '80%'; give a probability above 0, up to 1"),
            (NoWorseOff(base="as_it_falls"), "the base rule is 'as_it_falls'; give a rule, such as"),
            (NoWorseOff(most_a_year=["nhs"]), "the limits on payments are ['nhs']; give partners with GBP"),
            (NoWorseOff(most_a_year={"nhs": "£5"}), "the limit on payments of NHS is '£5'; give GBP a year"),
            (ShapleyValue(shared="cash"), "the gains to share are 'cash'; did you mean 'cashable'?"),
        ],
    )
    def test_a_rule(self, rule, told):
        faults = self.told(rule)
        assert len(faults) == 1
        assert faults[0].startswith(told)

    @pytest.mark.parametrize(
        ("terms", "told"),
        [
            ({"payers": ["nhs"]}, "the payment shares are ['nhs']; give partners with their shares"),
            ({"surplus": "investor"}, "the surplus shares are 'investor'; give partners with their shares"),
            ({"commitment": "50k"}, "the commitment is '50k'; give £0 or more"),
            ({"first_call": "1"}, "a first call of '1' times what was put in is none; give 0 or more"),
            (
                {"most_returned": "2"},
                "the investor has at most '2' times what it puts in and a first",
            ),
            ({"cap": "50k"}, "the cap in all is '50k'; give £0 or more, or leave it out"),
            ({"lag": 1.5}, "payments lag results by 1.5 years; give a whole number, 0 or more"),
            ({"falls": "keep"}, "the payments when results fall are 'keep'; did you mean 'kept'?"),
            ({"termination": "2026-27"}, "the termination is '2026-27'; write Termination(after='2027-28')"),
            (
                {"termination": Termination(after="2026-27", unless_earned=float("nan"))},
                "results have to have earned £nan; give GBP",
            ),
            ({"results": PaidResult(**STAY)}, "results is 'Stay' itself; give a tuple, (result,)"),
            ({"stay": {"tariff": "10"}}, "the result 'Stay' has a tariff of '10' a stay; give £0 or more"),
            ({"stay": {"counted": "baselin"}}, "the words in `counted` of the result 'Stay' are 'baselin'"),
            ({"stay": {"deadweight": "1"}}, "the result 'Stay' has a deadweight of '1' units a year; give"),
            (
                {"stay": {"deadweight_share": "1/6"}},
                "the result 'Stay' has a deadweight share of '1/6';",
            ),
            ({"stay": {"most": "9"}}, "the result 'Stay' is paid for at most '9' units; give 0 or more"),
        ],
    )
    def test_a_contract(self, terms, told):
        faults = self.told(self.contract(**terms))
        assert len(faults) == 1
        assert faults[0].startswith(told)

    def test_units_that_are_no_numbers(self):
        with pytest.raises(AgreementError, match=r"units of the result 'Stay' are no numbers in rows of one"):
            self.contract(stay={"units": [[4.0], [4.0, 1.0]]})

    def test_a_cap_beyond_all_money(self):
        with pytest.raises(ValueError, match=r"^1 amount cannot be counted in pence; give finite numbers"):
            settle(self.LEDGER, self.contract(cap=1e300))

    def test_what_is_asked_of_a_settlement(self):
        settled = settle(self.LEDGER, EqualReturn())
        with pytest.raises(AgreementError, match="there is no draw '0'; give one from 0 to 0"):
            settled.fund(draw="0")
        with pytest.raises(AgreementError, match="the confidence is '80%'; give a share between 0 and 1"):
            settled.warnings(confidence="80%")

    @pytest.mark.parametrize(
        ("changes", "told"),
        [
            ({"agencies": "nhs"}, "the partners are the text 'nhs'; give a list of names, such as ['nhs']"),
            ({"spending": None}, "spending: 1 amount cannot be counted in pence; give finite numbers below"),
            ({"factors": ["a"]}, "the discount factors are ['a']; give one above nil for each year, 1"),
            ({"agencies": []}, "an agreement needs at least one partner; name it"),
        ],
    )
    def test_positions(self, changes, told):
        given = {"agencies": ["nhs"], "years": ["2026-27"], "spending": [[[1]]], "gains": [[[2]]]}
        with pytest.raises(AgreementError) as refused:
            Positions.of(**{**given, **changes})
        faults = str(refused.value).splitlines()
        assert len(faults) == 1
        assert faults[0].startswith(told)

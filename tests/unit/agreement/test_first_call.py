import numpy as np
import pytest

from agreement_builders import one_draw
from communitybudget._core.errors import AgreementError
from communitybudget.agreement import FirstCall, settle
from communitybudget.agreement.rules import NOBODY_FUNDS

HALVES = {"local_authority": 0.5, "nhs": 0.5}


def test_who_paid_is_paid_back_and_the_rest_is_split() -> None:
    found = settle(one_draw([[60], [0]], [[10], [90]]), FirstCall(then=HALVES))
    assert found.receipts[:, 0, 0].tolist() == [8000, 2000]


def test_the_rest_stays_with_who_gained_it() -> None:
    found = settle(one_draw([[60], [0], [0]], [[0], [90], [30]]), FirstCall())
    assert found.receipts[:, 0, 0].tolist() == [6000, 4500, 1500]


def test_the_rest_by_cost() -> None:
    found = settle(one_draw([[60], [20]], [[0], [100]]), FirstCall(multiple=0.5, then="cost"))
    assert found.receipts[:, 0, 0].tolist() == [7500, 2500]


def test_too_little_to_pay_all_back_is_paid_in_proportion() -> None:
    found = settle(one_draw([[60], [20]], [[0], [40]]), FirstCall())
    assert found.receipts[:, 0, 0].tolist() == [3000, 1000]


def test_up_to_a_multiple() -> None:
    found = settle(one_draw([[60], [0]], [[0], [100]]), FirstCall(multiple=1.5))
    assert found.receipts[:, 0, 0].tolist() == [9000, 1000]


def test_nobody_is_paid_back_before_it_has_put_anything_in() -> None:
    found = settle(one_draw([[100, 0], [0, 100]], [[50, 0], [0, 0]]), FirstCall())
    assert found.receipts[..., 0].tolist() == [[5000, -2500], [0, 2500]]


def test_gains_that_are_lost_again_are_paid_back_by_who_had_them() -> None:
    found = settle(one_draw([[60, 0], [0, 0]], [[0, 0], [60, -30]]), FirstCall())
    assert found.receipts[..., 0].tolist() == [[6000, -3000], [0, 0]]
    assert found.paid_in[..., 0].tolist() == [[0, 3000], [6000, 0]]
    assert found.paid_out[..., 0].tolist() == [[6000, 0], [0, 3000]]


@pytest.mark.parametrize("then", ["own", "cost", HALVES], ids=str)
def test_gains_before_costs_are_split_until_there_is_something_to_pay_back(then: object) -> None:
    held = one_draw([[0, 60], [0, 0]], [[0, 0], [80, 0]])
    found = settle(held, FirstCall(then=then))  # type: ignore[arg-type]
    first_year = {"own": [0, 8000], "cost": [8000, 0]}.get(str(then), [4000, 4000])
    assert found.receipts[:, 0, 0].tolist() == first_year
    in_all = {"own": [6000, 2000], "cost": [8000, 0]}.get(str(then), [7000, 1000])
    assert found.receipts.sum(axis=1)[:, 0].tolist() == in_all


def test_who_loses_bears_its_loss_and_is_not_helped_by_the_first_call() -> None:
    found = settle(one_draw([[60], [0], [0]], [[0], [150], [-50]]), FirstCall())
    assert found.receipts[:, 0, 0].tolist() == [6000, 9000, -5000]


def test_a_penny_more_or_less_in_all_moves_no_more_than_pennies() -> None:
    """What all gain together may be about nil while partners win and lose much."""
    near = [
        settle(one_draw([[60], [0], [0]], [[0], [150], [loss]]), FirstCall()) for loss in (-149.99, -150.01)
    ]
    assert np.abs(near[0].receipts - near[1].receipts).max() <= 2


def test_a_loss_in_all_has_no_first_call() -> None:
    held = one_draw([[60], [20]], [[-100], [20]])
    assert settle(held, FirstCall()).receipts[:, 0, 0].tolist() == [-10000, 2000]
    assert settle(held, FirstCall(then="cost")).receipts[:, 0, 0].tolist() == [-6000, -2000]
    assert settle(held, FirstCall(then=HALVES)).receipts[:, 0, 0].tolist() == [-4000, -4000]


def test_a_grant_above_what_is_spent_has_no_claim() -> None:
    found = settle(one_draw([[60], [-20]], [[0], [90]]), FirstCall())
    assert found.receipts[:, 0, 0].tolist() == [6000, 3000]


def test_a_plain_gain_share_needs_nobody_to_fund() -> None:
    found = settle(one_draw([[0], [0]], [[0], [90]]), FirstCall(multiple=0.0, then=HALVES))
    assert found.receipts[:, 0, 0].tolist() == [4500, 4500]
    with pytest.raises(AgreementError, match=NOBODY_FUNDS):
        settle(one_draw([[0], [0]], [[0], [90]]), FirstCall(multiple=0.0, then="cost"))


@pytest.mark.parametrize("multiple", [-0.5, np.nan, np.inf])
def test_a_multiple_below_nothing(multiple: float) -> None:
    with pytest.raises(
        AgreementError, match=r"a first call of .* times what was put in is none; give 0 or more"
    ):
        settle(one_draw([[60], [0]], [[10], [90]]), FirstCall(multiple=multiple))


def test_wrong_terms_are_told_all_at_once() -> None:
    rule = FirstCall(multiple=-1.0, funding={"nhs": 0.5}, then={"polce": 0.7, "nhs": 0.6})
    with pytest.raises(AgreementError) as fault:
        settle(one_draw([[60], [0], [0]], [[10], [90], [0]]), rule)
    assert str(fault.value).splitlines() == [
        "the funding shares sum to 50%, which leaves some to nobody; raise them to 100% in all",
        "a first call of -1 times what was put in is none; give 0 or more",
        "the gain share of 'polce' is for no partner; did you mean 'police'?",
        "the gain shares sum to 130%, more than there is; lower them to 100% in all",
    ]
    with pytest.raises(AgreementError, match="gains after the first call are 'costs'; did you mean 'cost'"):
        settle(one_draw([[60]], [[10]]), FirstCall(then="costs"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (FirstCall(), "stays with those who gained it"),
        (FirstCall(then="cost"), "shared in proportion to what each puts in"),
        (FirstCall(then={"nhs": 0.75, "police": 0.25}), "What is left goes 75% to NHS, 25% to Police."),
        (FirstCall(multiple=1.5), "up to 150% of it"),
    ],
    ids=repr,
)
def test_the_terms_in_words(rule: FirstCall, words: str) -> None:
    assert words in " ".join(rule.terms())


def test_without_a_first_call_the_terms_do_not_speak_of_one() -> None:
    terms = FirstCall(multiple=0.0, then={"nhs": 1.0}).words()
    assert terms[:2] == ("There is no first call.", "All that is gained goes 100% to NHS.")

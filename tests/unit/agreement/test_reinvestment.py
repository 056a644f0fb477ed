import numpy as np
import pytest

from agreement_builders import one_draw
from communitybudget._core.errors import AgreementError
from communitybudget.agreement import Reinvestment, settle


def test_last_years_gains_pay_for_this_year_before_the_partners_do() -> None:
    found = settle(one_draw([[60, 60], [0, 0]], [[0, 0], [100, 0]]), Reinvestment())
    assert found.contributed[..., 0].tolist() == [[6000, 1000], [0, 0]]
    assert found.receipts[..., 0].tolist() == [[0, 0], [5000, 0]]
    assert found.held[:, 0].tolist() == [5000, 0]


def test_what_is_held_at_the_end_goes_back_to_who_paid_it_in() -> None:
    found = settle(one_draw([[60, 10], [0, 0]], [[60, 0], [0, 20]]), Reinvestment())
    # 30 paid in, 10 used, then 10 paid in: 30 go back, 3 to 1
    assert found.contributed[..., 0].tolist() == [[6000, 0], [0, 0]]
    assert found.receipts[..., 0].tolist() == [[3000, 2250], [0, 1750]]
    assert found.after().sum(axis=1)[:, 0].tolist() == [-750, 1750]


def test_the_fund_relieves_the_partners_in_proportion() -> None:
    found = settle(one_draw([[60, 30], [0, 90]], [[80, 0], [0, 0]]), Reinvestment())
    assert found.contributed[:, 1, 0].tolist() == [2000, 6000]


def test_a_grant_above_what_is_spent_is_not_drawn_on() -> None:
    found = settle(one_draw([[60, 60], [0, -20]], [[40, 0], [0, 0]]), Reinvestment())
    assert found.contributed[:, 1, 0].tolist() == [4000, -2000]


def test_a_year_without_cost_draws_nothing() -> None:
    found = settle(one_draw([[60, -10, 30]], [[20, 0, 0]]), Reinvestment())
    assert found.held[:, 0].tolist() == [1000, 1000, 0]
    assert found.contributed[0, :, 0].tolist() == [6000, -1000, 2000]


def test_losses_pay_nothing_in_and_are_borne_by_who_has_them() -> None:
    found = settle(one_draw([[60, 60], [0, 0]], [[0, 0], [-40, 10]]), Reinvestment())
    assert found.receipts[..., 0].tolist() == [[0, 0], [-4000, 1000]]
    assert found.held[:, 0].tolist() == [0, 0]


def test_within_one_year_no_money_moves() -> None:
    held = one_draw([[60], [0]], [[10], [90]])
    assert not settle(held, Reinvestment(share=1.0)).transfers.any()


def test_who_funds_can_be_stated() -> None:
    rule = Reinvestment(share=0.5, funding={"local_authority": 0.25, "nhs": 0.75})
    found = settle(one_draw([[60, 60], [0, 0]], [[0, 0], [40, 0]]), rule)
    assert found.contributed[..., 0].tolist() == [[1500, 1000], [4500, 3000]]


@pytest.mark.parametrize("share", [-0.1, 1.2, np.nan])
def test_a_share_that_is_none(share: float) -> None:
    with pytest.raises(AgreementError, match=r"a reinvestment share of .* is none; give a share from 0 to 1"):
        settle(one_draw([[60]], [[10]]), Reinvestment(share=share))


def test_the_terms_in_words() -> None:
    assert Reinvestment(share=0.125).terms()[2] == (
        "Each partner pays 12.5% of its gains of a year into the fund and keeps the rest."
    )

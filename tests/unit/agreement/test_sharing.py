"""Rules in proportion, on ledgers that can be followed with a pencil."""

import pytest

from agreement_builders import one_draw
from communitybudget._core.errors import AgreementError
from communitybudget.agreement import EqualReturn, Positions, ProRataToBenefit, ProRataToCost, settle
from communitybudget.agreement.sharing import NOBODY_GAINS

YEARS = ["2026-27", "2027-28"]


class TestProRataToCost:
    def test_gains_follow_what_each_puts_in_over_the_whole_agreement(self) -> None:
        held = one_draw([[60, 0], [0, 20]], [[10, 0], [30, 80]])
        found = settle(held, ProRataToCost())
        assert found.receipts[..., 0].tolist() == [[3000, 6000], [1000, 2000]]
        assert found.contributed[..., 0].tolist() == [[6000, 0], [0, 2000]]
        assert found.after()[..., 0].tolist() == [[-3000, 6000], [1000, 0]]

    def test_a_loss_is_shared_alike(self) -> None:
        found = settle(one_draw([[60], [20]], [[-100], [20]]), ProRataToCost())
        assert found.receipts[:, 0, 0].tolist() == [-6000, -2000]

    def test_who_has_more_in_grants_than_it_spends_has_no_part(self) -> None:
        found = settle(one_draw([[60], [-20]], [[40], [50]]), ProRataToCost())
        assert found.receipts[:, 0, 0].tolist() == [9000, 0]
        assert found.contributed[:, 0, 0].tolist() == [6000, -2000]

    def test_a_penny_that_cannot_be_split_goes_to_the_first(self) -> None:
        found = settle(one_draw([[10], [10], [10]], [[0], [0], [100]]), ProRataToCost())
        assert found.receipts[:, 0, 0].tolist() == [3334, 3333, 3333]


class TestEqualReturn:
    def test_a_pound_put_in_later_counts_for_less(self) -> None:
        held = one_draw([[60, 0], [0, 60]], [[0, 0], [0, 180]], factors=[1.0, 0.5])
        found = settle(held, EqualReturn())
        assert found.receipts[:, :, 0].tolist() == [[0, 12000], [0, 6000]]
        returns = held.present_value(found.receipts) / held.present_value(found.contributed)
        assert returns[:, 0].tolist() == [1.0, 1.0]

    def test_it_says_so(self) -> None:
        assert EqualReturn().words() == (
            "All gains are shared so that every partner has the same present value back for each pound, in "
            "present value, that it puts in.",
        )


class TestProRataToBenefit:
    def test_cost_follows_gains(self) -> None:
        found = settle(one_draw([[60], [20]], [[10], [90]]), ProRataToBenefit())
        assert found.contributed[:, 0, 0].tolist() == [800, 7200]
        assert found.receipts[:, 0, 0].tolist() == [1000, 9000]
        assert found.after()[:, 0, 0].tolist() == [200, 1800]

    def test_who_gains_nothing_or_loses_funds_nothing(self) -> None:
        found = settle(one_draw([[60], [0], [0]], [[0], [90], [-10]]), ProRataToBenefit())
        assert found.contributed[:, 0, 0].tolist() == [0, 6000, 0]
        assert found.after()[:, 0, 0].tolist() == [0, 3000, -1000]

    def test_gains_that_come_later_count_for_less(self) -> None:
        found = settle(
            one_draw([[60, 30], [0, 0]], [[10, 0], [0, 40]], factors=[1.0, 0.5]), ProRataToBenefit()
        )
        assert found.contributed[..., 0].tolist() == [[2000, 1000], [4000, 2000]]

    def test_the_balance_is_settled_in_the_last_year_by_the_gains_that_came(self) -> None:
        held = Positions.of(
            ["local_authority", "police"],
            YEARS,
            [[[50, 50, 50], [50, 50, 50]], [[0, 0, 0], [0, 0, 0]]],
            [[[0, 0, 0], [100, 20, -5]], [[0, 0, 0], [100, 180, -5]]],
        )
        expected = settle(held, ProRataToBenefit()).contributed
        realised = settle(held, ProRataToBenefit(basis="realised")).contributed
        # expected gains are 115/3 and 275/3: 23 parts to 55
        assert expected[:, 0].T.tolist() == [[1474, 3526]] * 3
        assert expected.sum(axis=1)[:, 0].tolist() == [2949, 7051]
        assert (realised[:, 0] == expected[:, 0]).all()
        assert realised.sum(axis=1).T.tolist() == [[5000, 5000], [1000, 9000], [2949, 7051]]

    def test_nobody_gains(self) -> None:
        with pytest.raises(AgreementError) as fault:
            settle(one_draw([[60], [20]], [[0], [-5]]), ProRataToBenefit())
        assert str(fault.value) == NOBODY_GAINS

    def test_wrong_terms_are_told_all_at_once(self) -> None:
        rule = ProRataToBenefit(basis="real", funding={"nhs": 1.0})  # type: ignore[arg-type]
        with pytest.raises(AgreementError) as fault:
            settle(one_draw([[60], [20]], [[0], [0]]), rule)
        assert str(fault.value).splitlines() == [
            NOBODY_GAINS,
            "the gains that cost follows are 'real'; did you mean 'realised'?",
            "funding follows gains under this rule; leave the funding shares out",
        ]
        other = ProRataToBenefit(shared="cash")  # type: ignore[arg-type]
        with pytest.raises(AgreementError, match="the gains to share are 'cash'"):
            settle(one_draw([[60], [20]], [[1], [0]]), other)

    @pytest.mark.parametrize("basis", ["expected", "realised"])
    def test_the_terms_say_who_pays_nothing(self, basis: str) -> None:
        terms = ProRataToBenefit(basis=basis).terms()  # type: ignore[arg-type]
        assert (
            terms[0] == "Each partner funds the part of the cost that it has of the gains, in present value."
        )
        assert "A partner that gains nothing funds nothing." in terms

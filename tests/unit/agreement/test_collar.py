import numpy as np
import pytest

from agreement_builders import YEARS
from communitybudget._core.errors import AgreementError
from communitybudget.agreement import CollarAndCap, Positions, settle


def ledger(gains: object) -> Positions:
    """One year; gains by partner and draw. The first partner spends 60 in every draw."""
    gained = np.array(gains, dtype=float)[:, np.newaxis]
    spent = np.zeros_like(gained)
    spent[0] = 60.0
    return Positions.of(("local_authority", "nhs", "police")[: len(gained)], YEARS[:1], spent, gained)


def test_within_the_band_each_keeps_its_own() -> None:
    held = ledger([[90, 110], [95, 105]])
    assert (settle(held, CollarAndCap()).receipts == held.gains).all()


def test_who_is_above_makes_up_who_is_below() -> None:
    # plans 200 and 100; draw 1: NHS 20 above its cap of 120, council 20 below its collar of 160
    found = settle(ledger([[140, 260], [140, 60]]), CollarAndCap())
    assert found.receipts[:, 0, 0].tolist() == [16000, 12000]
    # draw 2: council 20 above its cap of 240, NHS 20 below its collar of 80
    assert found.receipts[:, 0, 1].tolist() == [24000, 8000]


def test_who_is_below_is_made_up_as_far_as_the_excess_goes() -> None:
    # plans 100, 100, 100; draw 1: 10 above; 20 and 40 below
    found = settle(ledger([[130, 70], [60, 140], [40, 160]]), CollarAndCap())
    assert found.receipts[:, 0, 0].tolist() == [12000, 6333, 4667]


def test_what_is_left_of_the_excess_follows_what_was_put_in() -> None:
    # draw 2: 20 and 40 above, 10 below; 50 left, to the council, which alone funds
    found = settle(ledger([[130, 70], [60, 140], [40, 160]]), CollarAndCap())
    assert found.receipts[:, 0, 1].tolist() == [8000 + 5000, 12000, 12000]


def test_the_excess_stays_where_it_came_from_where_nobody_puts_anything_in() -> None:
    held = ledger([[100, 300], [100, 100]])
    spending = held.spending.copy()
    spending[..., 1] = 0
    free = Positions(held.agencies, held.years, spending, held.gains, held.cash, held.factors)
    assert settle(free, CollarAndCap()).receipts[:, 0, 1].tolist() == [30000, 10000]


def test_the_band_lies_around_an_expected_loss() -> None:
    # the NHS is expected to lose 100: from -120 to -80 it bears its loss itself
    found = settle(ledger([[500, 500], [-150, -50]]), CollarAndCap())
    assert found.receipts[:, 0].T.tolist() == [[50000, -15000], [53000, -8000]]
    # above its cap of -80 it pays 30 in; below its collar nobody has an excess to make it up


def test_full_insurance() -> None:
    found = settle(ledger([[80, 120], [120, 80]]), CollarAndCap(collar=1.0, cap=1.0))
    assert (found.receipts == 10000).all()


def test_a_single_draw_is_its_own_plan() -> None:
    held = ledger([[100], [-5]])
    assert (settle(held, CollarAndCap()).receipts == held.gains).all()


def test_wrong_terms_are_told_all_at_once() -> None:
    with pytest.raises(AgreementError) as fault:
        settle(ledger([[80, 120]]), CollarAndCap(collar=1.1, cap=0.9))
    assert str(fault.value).splitlines() == [
        "the collar is 1.1 of the plan; give a share from 0 to 1",
        "the cap is 0.9 of the plan; give 1 or more",
    ]
    for wrong in (np.nan, np.inf):
        with pytest.raises(AgreementError, match="the cap is"):
            settle(ledger([[80, 120]]), CollarAndCap(cap=wrong))


def test_the_terms_in_words() -> None:
    terms = CollarAndCap(collar=0.85, cap=1.25).terms()
    assert terms[2] == (
        "Each partner keeps its own gains between 85% and 125% of what is expected of it to date."
    )

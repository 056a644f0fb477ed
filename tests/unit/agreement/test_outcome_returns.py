import matplotlib.axes
import numpy as np
import pytest

from communitybudget._core.errors import AgreementError
from communitybudget.agreement import OutcomeContract, OutcomeReturns, PaidResult, Positions, outcome_returns

LEDGER = Positions.of(
    ["council", "charity"],
    ["2026-27", "2027-28"],
    np.array([[[0.0] * 3, [0.0] * 3], [[100.0] * 3, [0.0] * 3]]),
    np.array([[[0.0] * 3, [300.0, 100.0, 0.0]], [[0.0] * 3, [0.0] * 3]]),
    factors=[1.0, 0.5],
    price_base="2026-27",
    seed=7,
    set_version="england 0.5.0",
).with_party("fund")
DAYS = PaidResult(
    label="Days in care saved", unit="day", tariff=10.0, units=[[0.0] * 3, [20.0, 9.0, 0.0]], counted="gross"
)
BOND = OutcomeContract(
    provider="charity",
    payers={"council": 1.0},
    results=(DAYS,),
    cap=150.0,
    investor="fund",
    commitment=100.0,
)


@pytest.fixture(scope="module")
def found():
    return outcome_returns(LEDGER, BOND)


def test_known_answers(found):
    assert found.multiples.tolist() == [1.5, 0.9, 0.0]
    assert found.multiple == pytest.approx(0.8)
    assert found.rates_of_return == pytest.approx([0.5, -0.1, np.nan], nan_ok=True)
    assert found.rate_of_return == pytest.approx(-0.2)
    assert found.probability_of_loss == pytest.approx(2 / 3)
    assert found.probability_cap_binds == pytest.approx(1 / 3)
    assert found.investor_gain.tolist() == [-25.0, -55.0, -100.0]
    assert found.payers_gain.tolist() == [75.0, 5.0, 0.0]


def test_the_frame_has_means_and_their_error(found):
    frame = found.to_frame().set_index("measure")
    assert list(frame.index) == ["put_in", "returned", "investor_gain", "paid", "payers_gain"]
    assert frame.loc["paid", "mean"] == pytest.approx(80.0)
    assert frame.loc["paid", "mc_error"] == pytest.approx(np.std([150, 90, 0], ddof=1) / 3**0.5)
    assert frame.loc["put_in", "mc_error"] == 0


def test_it_introduces_itself(found):
    assert repr(found) == "OutcomeReturns(fund, multiple=0.80, price_base=2026-27, draws=3)"
    text = found.summary()
    assert "For each pound           £0.80" in text
    assert "Rate of return a year    −20.0%" in text
    assert "fund loses money         70%" in text
    assert text.endswith("GBP, real, 2026-27 prices · seed 7 · 3 draws · parameters england 0.5.0")
    assert "fund puts in" in found._repr_html_()
    assert isinstance(found.plot(), matplotlib.axes.Axes)


def test_there_and_back_as_json(found):
    assert OutcomeReturns.from_json(found.to_json()) == found


def test_an_investor_that_puts_nothing_in_has_no_multiple():
    nothing = outcome_returns(LEDGER, OutcomeContract(**{**vars(BOND), "commitment": 0.0}))
    assert np.isnan(nothing.multiple)
    assert np.isnan(nothing.multiples).all()
    assert "nothing put in" in nothing.summary()


def test_an_impossible_contract_is_refused():
    with pytest.raises(AgreementError, match="the investor 'bank' is no partner"):
        outcome_returns(LEDGER, OutcomeContract(**{**vars(BOND), "investor": "bank"}))

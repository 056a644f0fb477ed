"""Printed splits of costs and of gains, through the rules of agreements; each with its source."""

import pytest

from agreement_builders import YEARS
from communitybudget.agreement import FirstCall, Positions, Reinvestment, settle

FORTY_SIXTY = {"central_government": 0.4, "local_authority": 0.6}


def contributions(cost: float) -> list[float]:
    """What government and council pay of a cost that the council incurs, GBP."""
    held = Positions.of(
        ["central_government", "local_authority"], YEARS[:1], [[[0.0]], [[cost]]], [[[0.0]], [[0.0]]]
    )
    found = settle(held, Reinvestment(share=0.0, funding=FORTY_SIXTY))
    return (found.contributed[:, 0, 0] / 100).tolist()


def test_troubled_families_paid_40_per_cent_of_10000_pounds() -> None:
    """£4,000 a family from government, £6,000 from the council (LocalGov, 28 March 2012)."""
    assert contributions(10_000.0) == [4_000.0, 6_000.0]


@pytest.mark.parametrize(
    ("families", "millions"),
    [(4_180, 13.9), (2_630, 8.8), (1_680, 5.6)],
    ids=["Birmingham", "Lancashire", "Sheffield"],
)
def test_troubled_families_by_area(families: int, millions: float) -> None:
    """Printed: Birmingham £13.9m (Civil Society, 29 March 2012), Lancashire £8.8m and Sheffield £5.6m
    (LocalGov, 28 March 2012). Funding is for five families of six (Local Government Lawyer, June 2012).
    """
    government, council = contributions(10_000.0 * round(families * 5 / 6))
    assert round(government / 1e6, 1) == millions
    assert council == pytest.approx(1.5 * government)


def test_the_expanded_programme_paid_40_per_cent_of_4500_pounds() -> None:
    """40% of an average £4,500 from government, 60% from the council and its partners, who share in what is
    avoided (gov.uk, 24 June 2013). The pounds are our sum.
    """
    assert contributions(4_500.0) == [1_800.0, 2_700.0]


@pytest.mark.parametrize(
    ("target", "actual", "share", "paid"),
    [(100_000_000.0, 94_000_000.0, 0.8, 4_800_000.0), (500.0 * 125_000, 495.5 * 125_000, 0.5, 281_250.0)],
    ids=["Kaufman and Canoles 2011", "Axene Health Partners"],
)
def test_shared_savings_of_a_payer_and_a_provider(
    target: float, actual: float, share: float, paid: float
) -> None:
    """US dollars. Kaufman & Canoles, "Shared savings program for ACOs, part II" (11 March 2011): benchmark
    100m, spent 94m, 80% shared: 4.8m. Axene Health Partners, "Minimum savings rates in shared savings
    arrangements": 500 against 495.50 a member and month, 125,000 member months, 50%: 281,250, were there no
    minimum rate.
    """
    held = Positions.of(["payer", "provider"], YEARS[:1], [[[0.0]], [[0.0]]], [[[target - actual]], [[0.0]]])
    rule = FirstCall(multiple=0.0, then={"payer": 1 - share, "provider": share})
    found = settle(held, rule)
    assert found.transfers[:, 0, 0].tolist() == [-100 * paid, 100 * paid]

import numpy as np
import pytest
from matplotlib.axes import Axes

from agreement_builders import random_positions
from communitybudget._core.errors import AgreementError
from communitybudget.agreement import Positions
from communitybudget.agreement.positions import POSITION_COLUMNS, Spread

YEARS = ["2026-27", "2027-28"]


def two(**changes: object) -> Positions:
    terms: dict[str, object] = {
        "agencies": ["local_authority", "police"],
        "years": YEARS,
        "spending": [[[60.0], [40.0]], [[0.0], [0.0]]],
        "gains": [[[10.0], [20.0]], [[30.0], [80.0]]],
    }
    return Positions.of(**(terms | changes))  # type: ignore[arg-type]


def test_amounts_are_whole_pence() -> None:
    held = two(spending=[[[60.005], [40.0]], [[0.0], [-0.5]]])
    assert held.spending[:, :, 0].tolist() == [[6000, 4000], [0, -50]]
    assert held.spending.dtype == np.int64
    assert held.spent_so_far[:, :, 0].tolist() == [[6000, 10000], [0, -50]]
    assert held.gained_so_far("fiscal")[:, :, 0].tolist() == [[1000, 3000], [3000, 11000]]


def test_without_cash_none_is_taken_to_be_cash() -> None:
    assert not two().cash.any()
    assert two(cash=[[[1.0], [2.0]], [[3.0], [4.0]]]).shared("cashable").sum() == 1000
    assert two().shared("fiscal") is not two().shared("cashable")


def test_present_values_are_at_the_factors_given() -> None:
    held = two(factors=[1.0, 0.5])
    assert held.present_value(held.gains)[:, 0].tolist() == [2000.0, 7000.0]
    assert held.present_value(held.gains.sum(axis=0)).tolist() == [9000.0]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"agencies": ["police", "police"]}, "the partner police is named twice; name each once"),
        ({"years": ["2026-27", "2026-27"]}, "the year 2026-27 is named twice"),
        ({"agencies": []}, "an agreement needs at least one partner; name it"),
        ({"years": []}, "an agreement needs at least one year; name it"),
        ({"spending": [[60.0]]}, r"spending has the shape \(1, 1\); it needs .*, \(2, 2, 1 draw or more\)"),
        ({"gains": np.zeros((2, 2, 0))}, r"gains has the shape \(2, 2, 0\)"),
        ({"gains": np.zeros((2, 2, 3))}, "same number of draws; they have spending 1, gains 3"),
        ({"gains": [[[np.nan], [1.0]], [[2.0], [3.0]]]}, r"gains: 1 amount cannot be .* at \(0, 0, 0\)"),
        ({"cash": [[["much"]]]}, "cash: these are no numbers"),
        ({"factors": [1.0]}, "the discount factors are .*; give one above nil for each year, 2"),
        ({"factors": [1.0, np.nan]}, "the discount factors are"),
        ({"factors": [1.0, 0.0]}, "the discount factors are"),
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(AgreementError, match=message):
        two(**changes)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(AgreementError) as fault:
        two(agencies=["police", "police"], spending=[1.0], gains=np.full((2, 2, 1), np.inf), factors=[1.0])
    lines = str(fault.value).splitlines()
    assert [line.split(" ")[0] for line in lines] == ["gains:", "the", "spending", "the"]


def test_other_gains_are_refused() -> None:
    with pytest.raises(AgreementError, match="there are no 'social' gains; use fiscal or cashable"):
        two().shared("social")  # type: ignore[arg-type]


def test_a_party_from_outside_has_nothing_yet() -> None:
    held = two(factors=[1.0, 0.5], price_base="2026-27", seed=4, set_version="england 0.5.0")
    more = held.with_party("fund")
    assert more.agencies == ("local_authority", "police", "fund")
    assert not any(flow[2].any() for flow in (more.spending, more.gains, more.cash))
    assert (more.price_base, more.seed, more.set_version) == ("2026-27", 4, "england 0.5.0")
    assert more.with_party("fund") is more


def test_it_tells_where_each_stands() -> None:
    frame = two(factors=[1.0, 0.5]).to_frame()
    assert tuple(frame.columns) == POSITION_COLUMNS
    assert frame["agency"].tolist() == ["local_authority", "police"]
    assert frame["spending"].tolist() == [80.0, 0.0]
    assert frame["net"].tolist() == [-60.0, 70.0]
    assert frame["mc_error"].isna().all()


def test_the_spread_of_one_draw_has_no_error() -> None:
    assert np.isnan(Spread.of(np.array([3.0])).error)
    spread = Spread.of(np.array([1.0, 3.0]))
    assert (spread.mean, spread.error) == (2.0, 1.0)
    assert spread.p10 == pytest.approx(1.2)


def test_it_introduces_itself() -> None:
    held = two(price_base="2026-27", seed=1)
    assert repr(held) == "Positions(2 partners, 2 years, price_base=2026-27, draws=1, seed=1)"
    assert "Local authority  spends £100, gains £30, of which cash £0" in held.summary()
    assert held.summary().endswith("GBP, real, 2026-27 prices · seed 1 · 1 draw")
    assert "price base not stated" in two().summary()
    assert "<script" not in two(agencies=["<script>", "police"])._repr_html_()


def test_it_draws_itself_and_survives_json() -> None:
    held = random_positions(1)
    assert isinstance(held.plot(), Axes)
    assert Positions.from_json(held.to_json()) == held

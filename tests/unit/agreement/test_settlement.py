import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from agreement_builders import one_draw, random_positions
from communitybudget._core.errors import AgreementError
from communitybudget.agreement import (
    FirstCall,
    Positions,
    ProRataToCost,
    Reinvestment,
    Settlement,
    settle,
)
from communitybudget.agreement.settlement import FUND_COLUMNS, PARTNER_COLUMNS, YEAR_COLUMNS

YEARS = ["2026-27", "2027-28", "2028-29"]


@pytest.fixture(scope="module")
def wrong_pocket() -> Settlement:
    """The council pays 60 and the police gain 40 a year, of which 10 are cash."""
    held = one_draw(
        [[60, 0, 0], [0, 0, 0]],
        [[0, 0, 0], [40, 40, 40]],
        [[0, 0, 0], [10, 10, 10]],
        factors=[1.0, 0.5, 0.25],
    )
    return settle(held, FirstCall(then={"local_authority": 0.5, "nhs": 0.5}))


@pytest.fixture(scope="module")
def uncertain() -> Settlement:
    """The council pays 30 and gains 0, 10 ... 100 in the second year, 20 in the third."""
    gains = np.zeros((2, 3, 11))
    gains[0, 1] = 10.0 * np.arange(11)
    gains[0, 2] = 20.0
    spending = np.zeros((2, 3, 11))
    spending[0, 0] = 30.0
    return settle(Positions.of(["local_authority", "police"], YEARS, spending, gains), ProRataToCost())


class TestFlows:
    def test_who_gains_pays_in_and_who_paid_receives(self, wrong_pocket: Settlement) -> None:
        assert wrong_pocket.receipts[..., 0].tolist() == [[4000, 3000, 2000], [0, 1000, 2000]]
        assert wrong_pocket.paid_in[..., 0].tolist() == [[0, 0, 0], [4000, 3000, 2000]]
        assert wrong_pocket.paid_out[..., 0].tolist() == [[4000, 3000, 2000], [0, 0, 0]]
        assert wrong_pocket.transfers[..., 0].tolist() == [[4000, 3000, 2000], [-4000, -3000, -2000]]

    def test_before_and_after_by_each_measure(self, wrong_pocket: Settlement) -> None:
        assert wrong_pocket.before()[..., 0].tolist() == [[-6000, 0, 0], [4000, 4000, 4000]]
        assert wrong_pocket.after()[..., 0].tolist() == [[-2000, 3000, 2000], [0, 1000, 2000]]
        assert wrong_pocket.after("cashable")[..., 0].tolist() == [[-2000, 3000, 2000], [-3000, -2000, -1000]]

    def test_present_values(self, wrong_pocket: Settlement) -> None:
        assert wrong_pocket.present_values()[:, 0].tolist() == [0.0, 10.0]
        assert wrong_pocket.present_values(agreed=False)[:, 0].tolist() == [-60.0, 70.0]
        assert wrong_pocket.present_values("cashable")[:, 0].tolist() == [0.0, -42.5]

    def test_another_measure_is_refused(self, wrong_pocket: Settlement) -> None:
        with pytest.raises(AgreementError, match="there are no 'social' gains"):
            wrong_pocket.after("social")  # type: ignore[arg-type]


class TestByPartner:
    def test_columns_and_amounts(self, wrong_pocket: Settlement) -> None:
        frame = wrong_pocket.to_frame()
        assert tuple(frame.columns) == PARTNER_COLUMNS
        row = frame.set_index("agency").loc["nhs"]
        assert (row["spending"], row["contribution"], row["share_received"], row["share_paid"]) == (
            0,
            0,
            0,
            60,
        )
        assert (row["before"], row["after"], row["after_p10"], row["after_p90"]) == (70, 10, 10, 10)
        assert np.isnan(row["mc_error"])
        assert wrong_pocket.to_frame("cashable").set_index("agency").loc["nhs", "after"] == -42.5

    def test_errors_and_intervals_are_of_the_draws(self, uncertain: Settlement) -> None:
        row = uncertain.to_frame().iloc[0]
        values = 10.0 * np.arange(11) + 20 - 30
        assert row["after"] == pytest.approx(values.mean())
        assert (row["after_p10"], row["after_p90"]) == pytest.approx((0.0, 80.0))
        assert row["mc_error"] == pytest.approx(values.std(ddof=1) / np.sqrt(11))
        assert row["before_mc_error"] == pytest.approx(row["mc_error"])
        assert row["probability_no_worse_off"] == pytest.approx(10 / 11)
        assert row["probability_mc_error"] == pytest.approx(np.sqrt(10 / 11 / 11 / 11))

    def test_break_even_years(self, wrong_pocket: Settlement, uncertain: Settlement) -> None:
        names = ["break_even_before", "break_even_after", "break_even_after_p10"]
        # the council: -60 for good without an agreement; -20, 10, 30 with it; the NHS is never out of pocket
        assert wrong_pocket.to_frame()[names].to_numpy().tolist() == [
            ["", "2027-28", "2027-28"],
            ["2026-27", "2026-27", "2026-27"],
        ]
        # to date -30, 20, 40 on average, and -30, -20, 0 at the tenth percentile
        assert uncertain.to_frame()[names].iloc[0].tolist() == ["2027-28", "2027-28", "2028-29"]

    def test_the_tenth_percentile_is_of_money_to_date(self) -> None:
        gains = np.zeros((1, 3, 11))
        gains[0, 1] = 10.0 * np.arange(11)
        gains[0, 2] = 20.0
        spending = np.zeros_like(gains)
        spending[0, 0] = 20.0
        row = settle(Positions.of(["nhs"], YEARS, spending, gains), ProRataToCost()).to_frame().iloc[0]
        # to date -20, -10, 10 at the tenth percentile; at the twentieth -20, 0, 20
        assert (row["break_even_after"], row["break_even_after_p10"]) == ("2027-28", "2028-29")

    def test_money_that_is_lost_again_is_not_recovered(self) -> None:
        held = one_draw([[30, 0, 0]], [[0, 40, -20]])
        assert settle(held, ProRataToCost()).to_frame()["break_even_after"].tolist() == [""]

    def test_break_even_is_of_undiscounted_money(self) -> None:
        held = one_draw([[30, 0]], [[0, 30]], factors=[1.0, 0.5])
        row = settle(held, ProRataToCost()).to_frame().iloc[0]
        assert (row["after"], row["break_even_after"]) == (-15.0, "2027-28")


class TestNoWorseOff:
    def test_each_and_all_together(self) -> None:
        gains = [[[0.0, 70.0, 70.0, 0.0]], [[10.0, -5.0, 10.0, -5.0]]]
        held = Positions.of(["local_authority", "police"], YEARS[:1], [[[60.0] * 4], [[0.0] * 4]], gains)
        found = settle(held, Reinvestment(share=0.0))
        assert found.no_worse_off().tolist() == [0.5, 0.5]
        assert found.nobody_worse_off() == 0.25

    def test_a_penny_a_year_is_rounding(self) -> None:
        for loss, likely in ((0.03, 1.0), (0.04, 0.0)):
            found = settle(one_draw([[loss, 0, 0]], [[0, 0, 0]]), ProRataToCost())
            assert found.no_worse_off().tolist() == [likely]


class TestByYear:
    def test_columns_and_amounts(self, uncertain: Settlement) -> None:
        frame = uncertain.by_year()
        assert tuple(frame.columns) == YEAR_COLUMNS
        assert frame["year"].tolist() == YEARS * 2
        council = frame[frame["agency"] == "local_authority"]
        assert council["spent"].tolist() == [30.0, 0.0, 0.0]
        assert council["after"].tolist() == [-30.0, 50.0, 20.0]
        assert council["after_to_date"].tolist() == [-30.0, 20.0, 40.0]
        assert council[["after_p10", "after_p90"]].to_numpy().tolist() == [[-30, -30], [10, 90], [20, 20]]

    def test_cash(self, wrong_pocket: Settlement) -> None:
        frame = wrong_pocket.by_year("cashable").set_index("agency").loc["nhs"]
        assert frame["paid_in"].tolist() == [40.0, 30.0, 20.0]
        assert frame["after_to_date"].tolist() == [-30.0, -50.0, -60.0]

    def test_years_and_partners_agree(self) -> None:
        found = settle(random_positions(6), FirstCall())
        by_year = found.by_year().groupby("agency", sort=False)[["before", "after"]].sum()
        plain = found.after().sum(axis=1).mean(axis=-1) / 100
        np.testing.assert_allclose(by_year["after"], plain)


class TestFund:
    def test_a_statement_by_hand(self) -> None:
        found = settle(one_draw([[60, 60], [0, 0]], [[0, 0], [100, 20]]), Reinvestment())
        frame = found.fund(draw=0)
        assert tuple(frame.columns) == FUND_COLUMNS
        assert frame.drop(columns="year").to_numpy().tolist() == [
            [0, 60, 50, 60, 0, 50, 0],
            [50, 10, 0, 60, 0, 0, 0],
        ]

    def test_means_and_single_draws(self) -> None:
        found = settle(random_positions(7), Reinvestment(share=0.7))
        each = pd.concat([found.fund(draw=draw) for draw in range(found.draws)])
        by_year = each.groupby("year").mean()
        np.testing.assert_allclose(found.fund().set_index("year"), by_year, atol=1e-9)
        assert (each["difference"] == 0).all()
        assert (found.fund()["difference"] == 0).all()

    @pytest.mark.parametrize("draw", [-1, 20])
    def test_there_is_no_such_draw(self, draw: int) -> None:
        with pytest.raises(AgreementError, match=f"there is no draw {draw}; give one from 0 to 19"):
            settle(random_positions(7), ProRataToCost()).fund(draw)


class TestIntroducesItself:
    def test_in_one_line(self, wrong_pocket: Settlement) -> None:
        assert repr(wrong_pocket) == (
            "Settlement(First call, then a split, 2 partners, 3 years, price_base=2026-27, draws=1, "
            "seed=None)"
        )
        assert "1 partner, 1 year" in repr(settle(one_draw([[1]], [[1]]), ProRataToCost()))

    def test_as_text_with_cash_beside(self, wrong_pocket: Settlement) -> None:
        lines = wrong_pocket.summary().splitlines()
        assert lines[0] == "First call, then a split"
        assert lines[2] == (
            "  NHS               £70 before, £10 after (£10 to £10); in cash −£42 after; "
            "no worse off: not known"
        )
        assert "What is shared: fiscal costs avoided." in lines[4]
        assert lines[-1] == "GBP, real, 2026-27 prices · seed not stated · 1 draw"

    def test_no_more_digits_than_the_draws_support(self) -> None:
        text = settle(random_positions(8, draws=400), ProRataToCost()).summary()
        assert "00 after" in text
        assert settle(random_positions(8, draws=400), ProRataToCost()).summary() == text

    def test_where_cash_is_not_known_nothing_is_said_of_it(self, uncertain: Settlement) -> None:
        assert "in cash" not in uncertain.summary().splitlines()[1]
        assert "None of the gains is known to be cash that can leave a budget." in uncertain.warnings()

    def test_without_a_price_base(self, uncertain: Settlement) -> None:
        assert uncertain.summary().endswith("GBP, price base not stated · seed not stated · 11 draws")
        assert "price_base=not stated" in repr(uncertain)
        assert "price base not stated" in uncertain.plot().get_xlabel()

    def test_names_are_escaped(self) -> None:
        held = Positions.of(["<script>"], YEARS[:1], [[[1.0]]], [[[1.0]]])
        assert "<script>" not in settle(held, ProRataToCost())._repr_html_()

    def test_it_draws_itself(self, uncertain: Settlement) -> None:
        assert isinstance(uncertain.plot(), Axes)

    @pytest.mark.parametrize("rule", [ProRataToCost(), Reinvestment()], ids=repr)
    def test_it_survives_json(self, rule: ProRataToCost | Reinvestment) -> None:
        found = settle(random_positions(9), rule)
        back = Settlement.from_json(found.to_json())
        assert back == found
        assert back.to_json() == found.to_json()
        pd.testing.assert_frame_equal(back.to_frame(), found.to_frame())
        assert back != settle(random_positions(10), rule)


class TestWarnings:
    def test_who_pays_in_cash_for_gains_that_are_none(self, wrong_pocket: Settlement) -> None:
        assert wrong_pocket.warnings(confidence=0.5) == (
            "In cash the programme as a whole is £42 short: what it avoids exceeds what it costs only if "
            "gains are counted that cannot leave a budget.",
            "NHS pays £60 in cash, and £18 of what it gains can leave its budget: it must find £42 "
            "elsewhere.",
        )

    def test_nothing_to_say(self) -> None:
        held = one_draw([[60], [0]], [[40], [90]], [[40], [90]])
        assert settle(held, ProRataToCost(funding={"local_authority": 0.5, "nhs": 0.5})).warnings() == ()

    def test_how_sure_a_partner_wants_to_be(self, uncertain: Settlement) -> None:
        assert not any("chance" in text for text in uncertain.warnings(confidence=0.9))
        assert any("no worse off is 91%, below the 95% asked for" in t for t in uncertain.warnings(0.95))

    @pytest.mark.parametrize("confidence", [0.0, 1.0, 80.0, np.nan])
    def test_a_confidence_that_is_none(self, uncertain: Settlement, confidence: float) -> None:
        with pytest.raises(AgreementError, match="give a share between 0 and 1"):
            uncertain.warnings(confidence)

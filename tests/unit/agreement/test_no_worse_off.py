import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from agreement_builders import AGENCIES, YEARS, random_positions
from communitybudget._core.errors import AgreementError
from communitybudget.agreement import (
    AsItFalls,
    NoWorseOff,
    Positions,
    ProRataToBenefit,
    ProRataToCost,
    Reinvestment,
    guarantee,
    settle,
)

PENNY = 0.01


def paying(seed, partners=4, years=3, draws=40, **more):
    """Return partners whose programme pays in most draws, some of them short without payments."""
    ledger = random_positions(seed, partners, years, draws, **more)
    fields = (ledger.agencies, ledger.years, ledger.spending, 2 * ledger.gains, ledger.cash, ledger.factors)
    return Positions(*fields, "2026-27")


def one_year(nets):
    """Return partners who spend nothing, with these nets by partner and draw, GBP."""
    gains = np.array(nets)[:, np.newaxis]
    return Positions.of(AGENCIES[: len(nets)], ["2026-27"], np.zeros(gains.shape), gains)


def to_date(settled, year):
    """Present value to date of each partner at the end of a year, GBP, shape (agency, draw)."""
    end = settled.years.index(year) + 1
    factors = settled.positions.factors[:end, np.newaxis]
    return (factors * settled.after(settled.shared)[:, :end]).sum(axis=1) / 100


TEN = one_year([[-5.0, -4.0, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0], [10.0] * 10])
BASES = (None, ProRataToCost(), ProRataToBenefit(), Reinvestment())


class TestGuarantee:
    @pytest.mark.parametrize("base", BASES, ids=repr)
    @given(seed=st.integers(0, 2**32 - 1), confidence=st.floats(0.05, 1.0), years=st.integers(1, 4))
    @settings(max_examples=15, deadline=None)
    def test_every_partner_is_no_worse_off_in_so_many_draws_after_rounding(
        self, base, seed, confidence, years
    ):
        ledger = paying(seed, years=years)
        rule = NoWorseOff(confidence=confidence, base=base)
        try:
            found = guarantee(ledger, rule)
        except AgreementError as fault:
            assume("no fixed payments" not in str(fault))
            raise
        assert (found.no_worse_off >= confidence - 1e-12).all()
        values = found.settled.present_values()
        plenty = found.quantiles.sum() > 100 * len(ledger.agencies) * years
        missing = 1e-8 if plenty else PENNY * years
        assert ((values >= -missing).mean(axis=1) >= confidence - 1e-12).all()
        assert found.nobody_worse_off <= found.no_worse_off.min() + 1e-12

    @given(seed=st.integers(0, 2**32 - 1), limit=st.floats(1_000.0, 20_000.0), year=st.integers(0, 3))
    @settings(max_examples=25, deadline=None)
    def test_limits_are_kept_and_it_holds_by_the_year_and_at_the_end(self, seed, limit, year):
        ledger = paying(seed, years=4, smooth=True)
        by_year = YEARS[year]
        rule = NoWorseOff(confidence=0.7, most_a_year={"nhs": limit}, by_year=by_year)
        try:
            found = guarantee(ledger, rule)
        except AgreementError as fault:
            assume("no fixed payments" not in str(fault))
            raise
        assert found.payments[1].min() >= -100 * limit
        assert_array_equal(found.payments.sum(axis=0), np.zeros(4))
        for when in (by_year, YEARS[3]):
            kept = to_date(found.settled, when) >= -PENNY * 4
            assert (kept.mean(axis=1) >= 0.7 - 1e-12).all()

    def test_the_quantile_is_the_draw_that_so_many_reach(self):
        """Of ten draws eight have to be nil or better, so the third from below, -3, is brought to nil."""
        found = guarantee(TEN, NoWorseOff(confidence=0.8))
        assert_array_equal(found.quantiles[:, 0], [-300, 1000])
        assert_array_equal(found.payments[:, 0], [300, -300])
        assert_allclose(found.no_worse_off, [0.8, 1.0])
        assert guarantee(TEN, NoWorseOff(confidence=0.81)).payments[0, 0] == 400
        assert guarantee(TEN, NoWorseOff(confidence=1.0)).payments[0, 0] == 500

    def test_it_is_by_partner_and_the_chance_of_all_together_is_lower(self):
        found = guarantee(one_year([[-1.0, 5.0], [5.0, -1.0]]), NoWorseOff(confidence=0.5))
        assert_array_equal(found.payments, [[0], [0]])
        assert_allclose(found.no_worse_off, [0.5, 0.5])
        assert found.nobody_worse_off == 0.0

    def test_payments_are_the_same_every_year_and_least(self):
        ledger = Positions.of(
            ["council", "nhs", "police"],
            ["2026-27", "2027-28"],
            [[[60.0], [0.0]], [[0.0], [0.0]], [[0.0], [0.0]]],
            [[[0.0], [0.0]], [[0.0], [90.0]], [[0.0], [30.0]]],
        )
        found = guarantee(ledger, NoWorseOff())
        assert_array_equal(found.payments, [[3000, 3000], [-2250, -2250], [-750, -750]])
        assert found.moved == pytest.approx(6000.0)
        assert found.certified == pytest.approx(6000.0)
        assert_allclose(found.slack[:, 0], [0.0, 4500.0, 1500.0])

    def test_by_a_year_they_are_level_up_to_it_and_after_it(self):
        ledger = Positions.of(
            ["council", "police"],
            ["2026-27", "2027-28", "2028-29"],
            [[[60.0], [0.0], [0.0]], [[0.0], [0.0], [0.0]]],
            [[[0.0], [0.0], [20.0]], [[70.0], [0.0], [0.0]]],
        )
        found = guarantee(ledger, NoWorseOff(by_year="2027-28"))
        assert_array_equal(found.payments, [[3000, 3000, 0], [-3000, -3000, 0]])
        assert found.by_end_of == ("2027-28", "2028-29")
        # 40 in all, in three whole amounts that are enough
        assert_array_equal(guarantee(ledger, NoWorseOff()).payments[0], [1334, 1334, 1334])

    def test_the_order_of_the_draws_is_nothing_to_it(self):
        ledger = paying(3)
        order = np.random.default_rng(1).permutation(ledger.draws)
        parts = (getattr(ledger, name)[..., order] for name in ("spending", "gains", "cash"))
        again = Positions(ledger.agencies, ledger.years, *parts, factors=ledger.factors)
        rule = NoWorseOff(confidence=0.6)
        assert_array_equal(guarantee(ledger, rule).payments, guarantee(again, rule).payments)

    def test_cash_alone_can_be_what_counts(self):
        ledger = Positions.of(
            ["council", "police"], ["2026-27"], [[[6.0]], [[0.0]]], [[[90.0]], [[90.0]]], [[[5.0]], [[7.0]]]
        )
        settled = settle(ledger, NoWorseOff(shared="cashable"))
        assert_array_equal(settled.transfers[:, 0, 0], [100, -100])

    def test_funding_goes_to_the_plain_base(self):
        ledger = one_year([[-2.0], [9.0]])
        ledger = Positions.of(ledger.agencies, ledger.years, [[[8.0]], [[0.0]]], [[[6.0]], [[9.0]]])
        found = settle(ledger, NoWorseOff(funding={"council": 0.5, "nhs": 0.5}))
        assert_array_equal(found.contributed[:, 0, 0], [400, 400])
        assert found.terms[0] == "The cost of the programme is funded 50% by council, 50% by NHS."

    def test_the_fund_of_the_base_goes_on(self):
        ledger = paying(5)
        base, found = settle(ledger, Reinvestment()), settle(ledger, NoWorseOff(base=Reinvestment()))
        assert_array_equal(found.held, base.held)
        assert_array_equal(found.contributed, base.contributed)


class TestResult:
    found = guarantee(TEN, NoWorseOff(confidence=0.8))

    def test_it_says_who_pays_and_what_certifies_it(self):
        text = self.found.summary()
        assert "council           receives £3; no worse off: 80%" in text
        assert "NHS               pays £3; no worse off: over 99%" in text
        assert "Least money £3, certified by the dual £3." in text
        assert "10 draws" in text
        assert repr(self.found).startswith("Guarantee(confidence=0.8, base=As it falls, moved=£3")
        assert "price base not stated" in self.found._repr_html_()

    def test_its_frame_has_quantiles_and_dual_values(self):
        frame = self.found.to_frame().set_index("agency")
        assert frame.loc["council", "quantile_before"] == -3.0
        assert frame.loc["council", "quantile_after"] == 0.0
        assert frame.loc["nhs", "payments"] == -3.0
        assert frame["dual_value"].tolist() == [1.0, 0.0]

    def test_it_survives_json_and_draws_itself(self):
        assert type(self.found).from_json(self.found.to_json()) == self.found
        assert self.found.plot().get_title() == "No partner worse off"


class TestTerms:
    def test_they_say_against_what_how_sure_and_who_pays(self):
        rule = NoWorseOff(
            confidence=0.75, by_year="2028-29", most_a_year={"nhs": 1_000.0}, base=ProRataToCost()
        )
        terms = " ".join(rule.terms())
        assert "Each partner receives the part of all gains that it funded" in terms
        assert "at the end of 2028-29 and of the agreement than without the programme" in terms
        assert "with a probability of 75% or more for each by itself" in terms
        assert "the same amount every year up to 2028-29 and every year after it." in terms
        assert "No more is paid than £1,000.00 a year by NHS." in terms

    def test_the_plain_base_moves_nothing(self):
        ledger = paying(1)
        assert not settle(ledger, AsItFalls()).transfers.any()


class TestInfeasible:
    def said(self, ledger, **terms):
        with pytest.raises(AgreementError) as raised:
            settle(ledger, NoWorseOff(**terms))
        return str(raised.value)

    def test_it_says_who_by_how_much_and_what_could_be_reached(self):
        """Quantiles at 80%: -3 for the council, 1 for the NHS; at 60% -1 and 1 sum to nil."""
        ledger = one_year([[-5.0, -4.0, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0], [1.0] * 10])
        text = self.said(ledger)
        assert "by the end of 2026-27 with a probability of 80%" in text
        assert "council falls £3.00 short, and the others have £1.00 to spare, £2.00 too little" in text
        assert "what each is so sure of sums to −£2.00" in text
        assert "60.0% can be reached" in text
        assert "no more often" not in text
        assert "more often than the programme as a whole pays, 60%" in text
        assert text.endswith("lower the confidence, or take another base")
        settle(ledger, NoWorseOff(confidence=0.6))

    def test_it_names_the_limit_that_binds(self):
        text = self.said(TEN, most_a_year={"nhs": 2.0})
        assert "council falls £3.00 short, and the others have £2.00 to spare within their limits" in text
        assert "£1.00 too little" in text
        assert "what each is so sure of sums to £7.00" in text
        assert "70.0% can be reached" in text
        assert "raise what NHS may pay, £2.00 a year" in text

    def test_no_probability_at_all(self):
        text = self.said(one_year([[-5.0, -4.0], [1.0, 1.0]]))
        assert "no probability can be reached" in text
        assert "as a whole pays, under 1%" in text

    def test_by_a_year_that_is_too_early(self):
        ledger = Positions.of(
            ["council", "police"],
            ["2026-27", "2027-28"],
            [[[60.0], [0.0]], [[0.0], [0.0]]],
            [[[0.0], [0.0]], [[50.0], [50.0]]],
        )
        text = self.said(ledger, by_year="2026-27")
        assert "by the end of 2026-27 with" in text
        assert "council falls £60.00 short, and the others have £50.00 to spare, £10.00 too little" in text
        settle(ledger, NoWorseOff())

    @given(seed=st.integers(0, 2**32 - 1))
    @settings(max_examples=10, deadline=None)
    def test_the_confidence_that_is_named_is_the_highest(self, seed):
        ledger = random_positions(seed, years=2, draws=30)
        values = np.sort(ledger.present_value(ledger.gains - ledger.spending), axis=1)
        enough = [k for k in range(1, 31) if values[:, 30 - k].sum() >= 0]
        best = max(enough, default=0)
        assume(best < 30)
        text = self.said(ledger, confidence=1.0)
        percent = np.floor(1000 * best / 30 + 1e-9) / 10
        named = f"{percent:.1f}% can be reached" if best else "no probability can be reached"
        assert named in text
        if best:
            settle(ledger, NoWorseOff(confidence=best / 30))

    @pytest.mark.parametrize(
        ("terms", "said"),
        [
            ({"confidence": 1.2}, "the confidence is 1.2; give a probability above 0"),
            ({"confidence": float("nan")}, "the confidence is nan"),
            ({"most_a_year": {"polise": 5.0}}, "the limit on payments of 'polise' is for no partner"),
            ({"most_a_year": {"nhs": -5.0}}, "the limit on payments of NHS is -5; give GBP a year"),
            ({"by_year": "2030-31"}, "the year '2030-31' is not of the agreement; use one of 2026-27"),
            (
                {"base": AsItFalls(shared="cashable")},
                "the base rule shares cashable gains and this one fiscal",
            ),
            ({"base": AsItFalls(), "funding": {"nhs": 1.0}}, "the base rule says who funds"),
            ({"base": ProRataToCost()}, "nobody puts anything in"),
        ],
    )
    def test_terms_that_are_none(self, terms, said):
        assert said in self.said(TEN, **terms)

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from communitybudget._core.errors import ParameterNotFound
from communitybudget._core.vocabulary import AGENCIES
from communitybudget.ledger import LEDGER_COLUMNS, QUANTILES, Ledger, costs_avoided_by_year, describe


class TestFlows:
    @pytest.mark.parametrize(
        ("asked", "expected"),
        [
            (("costs_avoided",), [[150, 250], [15, 25]]),
            (("costs_avoided", "nhs"), [[100, 200], [10, 20]]),
            (("costs_avoided", "all", ("economic",)), [[7, 9], [1, 1]]),
            (("costs_avoided", "all", ("fiscal", "economic")), [[157, 259], [16, 26]]),
            (("costs_avoided", "all", ("fiscal",), True), [[50, 50], [5, 5]]),
            (("costs_avoided", "all", ("fiscal",), False), [[100, 200], [10, 20]]),
            (("delivery",), [[60, 60], [6, 6]]),
            (("funding",), [[0, 0], [0, 0]]),
            (("funding", "nhs"), [[-30, -30], [0, 0]]),
            (("delivery", "police"), [[0, 0], [0, 0]]),
        ],
    )
    def test_one_flow(self, ledger, asked, expected):
        assert_array_equal(ledger.flow("key_worker", *asked), expected)

    def test_value_types_are_never_added_unasked(self, ledger):
        fiscal, economic, social = (
            ledger.flow("key_worker", "costs_avoided", value_types=(v,))
            for v in ("fiscal", "economic", "social")
        )
        assert_array_equal(ledger.flow("key_worker", "costs_avoided"), fiscal)
        assert economic.any()
        assert not social.any()

    @pytest.mark.parametrize(
        ("agency", "expected"),
        [
            ("all", [[90, 190], [9, 19]]),
            ("nhs", [[70, 170], [10, 20]]),
            ("local_authority", [[-30, -30], [-6, -6]]),
            ("society", [[0, 0], [0, 0]]),
        ],
    )
    def test_net_is_fiscal_avoided_less_delivery_plus_funding(self, ledger, agency, expected):
        assert_array_equal(ledger.net("key_worker", agency), expected)

    def test_the_agencies_sum_to_all(self, ledger):
        nets = [ledger.net("key_worker", agency) for agency in ledger.agencies]
        assert_array_equal(np.sum(nets, axis=0), ledger.net("key_worker"))

    def test_public_value_leaves_out_transfers_and_funding(self, ledger):
        assert_array_equal(ledger.public_value("key_worker"), [[47, 149], [5, 15]])
        assert_array_equal(ledger.public_value("key_worker", "dwp"), np.zeros((2, 2)))
        assert_array_equal(ledger.public_value("key_worker", "nhs"), [[100, 200], [10, 20]])

    def test_business_as_usual(self, ledger):
        assert_array_equal(ledger.business_as_usual(), [[1_000, 2_000], [100, 200]])
        assert_array_equal(ledger.business_as_usual("society", "economic"), np.full((2, 2), 5.0))
        assert not ledger.business_as_usual("dwp").any()

    def test_what_a_caller_does_with_a_flow_leaves_the_ledger_alone(self, ledger):
        ledger.flow("key_worker", "delivery")[:] = 0
        assert ledger.flow("key_worker", "delivery").any()

    @pytest.mark.parametrize("method", ["net", "public_value", "label"])
    def test_an_unknown_option_is_answered_with_the_nearest(self, ledger, method):
        with pytest.raises(ParameterNotFound, match="no option 'key_workers'; did you mean 'key_worker'"):
            getattr(ledger, method)("key_workers")


class TestTable:
    def test_columns_and_order(self, ledger):
        frame = ledger.to_frame()
        assert list(frame.columns) == list(LEDGER_COLUMNS)
        assert list(frame["flow"].unique()) == ["delivery", "costs_avoided", "funding"]
        order = list(AGENCIES)
        for _, rows in frame.groupby("flow", sort=False):
            places = [order.index(agency) for agency in rows["agency"]]
            assert places == sorted(places)

    def test_a_row_for_each_line_and_year(self, ledger):
        frame = ledger.to_frame().set_index(["flow", "agency", "year"])
        assert len(frame) == 12
        nursing = frame.loc[("costs_avoided", "nhs", "2026-27")]
        assert nursing["mean"] == 150
        assert nursing["sd"] == pytest.approx(np.std([100, 200], ddof=1))
        assert nursing["p10"] == pytest.approx(110)
        assert nursing["p50"] == 150
        assert (nursing["option"], nursing["line"], nursing["cashable"]) == (
            "key_worker",
            "Nursing",
            "not_assessed",
        )

    def test_lines_without_money_are_left_out(self, ledger):
        amounts = ledger.amounts.copy()
        amounts[2] = 0
        assert "society" not in set(replace(ledger, amounts=amounts).to_frame()["agency"])

    def test_means_are_those_of_the_flows(self, ledger):
        sums = ledger.to_frame().query("value_type == 'fiscal'").groupby("flow")["mean"].sum()
        for flow in ("costs_avoided", "delivery", "funding"):
            assert sums[flow] == pytest.approx(ledger.flow("key_worker", flow).mean(axis=1).sum())


class TestViews:
    def test_by_agency(self, ledger):
        frame = ledger.by("agency").to_frame().set_index("agency")
        assert list(frame.index) == ["Local authority", "NHS", "Department for Work and Pensions"]
        assert frame.loc["Local authority"].to_dict() == {
            "costs_avoided": 0,
            "delivery": 66,
            "funding": 30,
            "net": -36,
            "net_p10": -36,
            "net_p90": -36,
        }
        assert frame.loc["NHS", ["costs_avoided", "funding", "net"]].tolist() == [165, -30, 135]
        assert frame.loc["NHS", ["net_p10", "net_p90"]].tolist() == pytest.approx([91, 179])

    def test_by_year_and_line_tell_the_same_total(self, ledger):
        total = ledger.net("key_worker").sum(axis=0).mean()
        for axis in ("agency", "year", "line"):
            frame = ledger.by(axis).to_frame()
            assert list(frame.columns) == [
                axis,
                "costs_avoided",
                "delivery",
                "funding",
                "net",
                "net_p10",
                "net_p90",
            ]
            assert frame["net"].sum() == pytest.approx(total)
        assert list(ledger.by("year").to_frame()["year"]) == ["2026-27", "2027-28"]
        assert list(ledger.by("line").to_frame()["line"]) == ["Benefit (transfer)", "Key workers", "Nursing"]

    def test_another_value_type(self, ledger):
        frame = ledger.by("agency", value_type="economic").to_frame()
        assert frame[["agency", "net"]].values.tolist() == [[AGENCIES["society"], 9]]

    def test_an_axis_that_is_none(self, ledger):
        with pytest.raises(ValueError, match="'draw' is no axis to sum by; use agency, year or line"):
            ledger.by("draw")

    def test_an_unknown_option(self, ledger):
        with pytest.raises(ParameterNotFound, match="no option 'helpline'"):
            ledger.by("agency", option="helpline")

    def test_how_a_view_shows_itself(self, ledger):
        view = ledger.by("agency")
        assert repr(view) == "LedgerView(by agency, option=key_worker, fiscal)"
        assert "Family key worker: net by agency, fiscal, undiscounted" in view._repr_html_()

    def test_costs_avoided_by_year(self, ledger):
        frame = costs_avoided_by_year(ledger, "key_worker")
        assert list(frame.columns) == ["agency", "year", "mean"]
        # who avoids nothing (the council) or nothing fiscal (society) is left out
        assert frame.values.tolist() == [
            ["NHS", "2026-27", 150],
            ["NHS", "2027-28", 15],
            ["Department for Work and Pensions", "2026-27", 50],
            ["Department for Work and Pensions", "2027-28", 5],
        ]


class TestDescription:
    def test_mean_sd_and_percentiles(self):
        values = np.random.default_rng(0).normal(size=(2, 3, 101))
        found = describe(values)
        assert found.shape == (2 + len(QUANTILES), 2, 3)
        assert_array_equal(found[0], values.mean(axis=-1))
        assert_array_equal(found[1], values.std(axis=-1, ddof=1))
        assert_array_equal(found[2 + QUANTILES.index(50)], np.median(values, axis=-1))
        assert (np.diff(found[2:], axis=0) >= 0).all()

    def test_a_single_draw_has_no_spread(self):
        assert_array_equal(describe(np.array([5.0])), [5, 0, *[5] * len(QUANTILES)])

    def test_columns_name_the_percentiles(self):
        levels = ("", "_with_chance")
        expected = [f"p{q}{level}" for level in levels for q in QUANTILES]
        assert [c for c in LEDGER_COLUMNS if c[0] == "p"] == expected


class TestResult:
    def test_json_there_and_back(self, ledger):
        amounts = ledger.amounts.copy()
        amounts[0, 0, 0] = [0.1 + 0.2, -0.0]
        odd = replace(ledger, amounts=amounts)
        back = Ledger.from_json(odd.to_json())
        assert back == odd
        assert back.amounts.tobytes() == odd.amounts.tobytes()
        assert back.to_json() == odd.to_json()

    def test_other_text(self):
        with pytest.raises(ValueError, match="holds no Ledger"):
            Ledger.from_json("{}")

    @pytest.mark.parametrize(
        "changes",
        [
            {"seed": 4},
            {"price_base": "2025-26"},
            {"gross": (True,)},
            {"unpriced": ()},
            {"amounts": np.zeros((6, 1, 2, 2))},
            {"lines": ()},
        ],
    )
    def test_equal_by_value(self, ledger, changes):
        assert ledger == replace(ledger, amounts=ledger.amounts.copy())
        assert ledger != replace(ledger, **changes)
        assert ledger != "ledger"

    def test_one_line(self, ledger):
        assert repr(ledger) == "Ledger(6 lines, 1 options, 2 years, price_base=2026-27, draws=2, seed=3)"
        assert ledger.draws == 2
        assert ledger.agencies == ("local_authority", "nhs", "dwp", "society")

    def test_the_summary_says_what_it_adds_up(self, ledger):
        assert ledger.summary().splitlines() == [
            "Ledger over 2 years, fiscal, undiscounted means",
            "  Family key worker: delivery       £66",
            "  Family key worker: costs avoided  £220",
            "  Family key worker: net            £154",
            "GBP, real, 2026-27 prices · seed 3 · 2 draws · parameters england 0.1.0",
        ]

    def test_the_card_is_escaped(self, ledger):
        label = "<img src=x onerror=alert(1)> & co"
        named = replace(ledger, option_labels=(label,), set_version="<b>ours</b>")
        for html in (named._repr_html_(), named.by("agency")._repr_html_(), named.by("line")._repr_html_()):
            assert "<img" not in html
            assert "<b>" not in html
            assert "&lt;img src=x onerror=alert(1)&gt; &amp; co" in html

    def test_names_of_lines_are_escaped(self, ledger):
        lines = tuple(replace(line, line=f"<i>{line.line}</i>") for line in ledger.lines)
        html = replace(ledger, lines=lines).by("line")._repr_html_()
        assert "<i>" not in html
        assert "&lt;i&gt;Nursing&lt;/i&gt;" in html

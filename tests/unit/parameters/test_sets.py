import dataclasses

import pytest

from communitybudget._core.errors import ParameterError, ParameterNotFound, PriceBaseMismatch
from communitybudget.parameters import Override, ParameterSet, england_folder, from_interval

HOME = "unit_cost.residential_home_week"
CONSTABLE = "unit_cost.CR9.0"


def local(parameters, key=CONSTABLE, value=50.0, **changes):
    given = {"price_base": "2025-26", "reason": "2025-26 outturn", **changes}
    return parameters.override(key, value, **given)


class TestLooking:
    def test_by_key(self, england):
        assert england[CONSTABLE] is england.get(CONSTABLE)
        assert CONSTABLE in england
        assert len(england) == len(england.parameters) > 1_000

    def test_a_key_with_several_values(self, england):
        assert england.get("unit_cost.E&E1.0").value_type == "fiscal"
        economic = england.get("unit_cost.E&E1.0", "economic")
        assert economic.value_type == "economic"
        assert england["unit_cost.E&E1.0[economic]"] is economic

    @pytest.mark.parametrize(
        ("key", "near"),
        [("unit_cost.CR9.00", CONSTABLE), ("residential home", HOME), ("tfp_jsa", "effect.tfp_jsa")],
    )
    def test_an_unknown_key_is_answered_with_the_nearest(self, england, key, near):
        with pytest.raises(ParameterNotFound, match=rf"no parameter '{key}' in the set england .*'{near}'"):
            england[key]

    def test_a_value_type_that_is_not_there(self, england):
        with pytest.raises(ParameterNotFound, match=r"'unit_cost\.CR9\.0\[social\]'"):
            england.get(CONSTABLE, "social")

    def test_a_table_by_its_prefix(self, england):
        effects = england.table("effect")
        assert {p.file for p in effects} == {"effects.csv"}
        assert all(p.key.startswith("effect.") for p in effects)
        assert england.table("nothing") == []

    def test_search_wants_every_word_wherever_it_is(self, england):
        found = england.search("CARER Payments foster")
        assert "unit_cost.SS2.0.1" in [p.key for p in found]
        assert all("foster" in f"{p.label} {p.note}".lower() for p in found)
        assert england.search("foster zebra") == []

    def test_an_unknown_set(self):
        with pytest.raises(ParameterNotFound, match=r"no parameter set 'englnd'; name one of .*england"):
            ParameterSet.load("englnd")

    def test_citations(self, england):
        assert england.citation("ucd_v1_4").startswith("Unit Cost Database v1.4")
        assert england.citation("our_outturn") == "our_outturn"


class TestOverriding:
    def test_the_original_is_frozen(self, england):
        before = england[CONSTABLE]
        new = local(england)
        assert england[CONSTABLE] is before
        assert england.overrides == ()
        assert new[CONSTABLE].value == 50
        with pytest.raises(dataclasses.FrozenInstanceError):
            new.version = "2"

    def test_what_was_replaced_by_what_and_why_is_kept(self, england):
        new = local(local(england), value=55.0, reason="our own study")
        assert new.overrides == (
            Override(CONSTABLE, 38.43, 50.0, "2025-26 outturn", "2013-14"),
            Override(CONSTABLE, 50.0, 55.0, "our own study", "2025-26"),
        )
        row = new[CONSTABLE]
        assert (row.overridden, row.mark, row.source, row.reason) == (True, "local", "local", "our own study")
        assert repr(new).endswith("2 overridden)")

    def test_only_that_row_changes(self, england):
        new = local(england)
        assert list(new.parameters) == list(england.parameters)
        assert [k for k in new.parameters if new.parameters[k] is not england.parameters[k]] == [CONSTABLE]

    @pytest.mark.parametrize("reason", ["", "  "])
    def test_a_reason_is_required(self, england, reason):
        with pytest.raises(ParameterError, match=r"CR9\.0: an override needs a reason"):
            local(england, reason=reason)

    @pytest.mark.parametrize("price_base", ["", None])
    def test_money_needs_a_price_base(self, england, price_base):
        with pytest.raises(PriceBaseMismatch, match=r"CR9\.0: an amount in GBP per_hour needs a price_base"):
            local(england, price_base=price_base)

    def test_what_is_no_money_needs_none(self, england):
        new = england.override("delivery.engagement", 0.7, reason="counted")
        assert new["delivery.engagement"].price_base == ""

    def test_an_unknown_key_is_refused(self, england):
        with pytest.raises(ParameterNotFound, match=r"did you mean 'unit_cost\.CR9\.0'"):
            local(england, "unit_cost.CR9.00")

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"price_base": "2025"}, "not a financial year"),
            ({"mark": "sure"}, "is no mark"),
            ({"low": 40.0}, "low and high go together"),
            ({"low": 40.0, "high": 60.0}, "say what low and high are"),
            ({"low": 55.0, "high": 60.0, "interval": "ci95"}, "do not ascend"),
            ({"sd": -1.0}, "cannot be negative"),
        ],
    )
    def test_an_impossible_figure_is_refused(self, england, changes, message):
        with pytest.raises(ParameterError, match=message):
            local(england, **changes)

    @pytest.mark.parametrize("value", [float("nan"), float("inf")])
    def test_a_cost_is_a_number(self, england, value):
        with pytest.raises(ParameterError, match=r"CR9\.0"):
            local(england, value=value)

    def test_the_default_spread_of_the_grade_stays(self, england):
        old, new = england[CONSTABLE], local(england)[CONSTABLE]
        assert old.spread_is_default
        assert new.spread_is_default
        assert new.uncertainty.mean == pytest.approx(50)
        assert new.uncertainty.numbers[0] == pytest.approx(old.uncertainty.numbers[0])

    def test_the_relative_spread_of_an_interval_stays(self, england):
        old = england["effect.tfp_looked_after"]
        new = england.override(old.key, 0.9, reason="our own study")[old.key]
        assert new.interval == "ci95"
        assert new.low / new.value == pytest.approx(old.low / old.value)
        assert new.high / new.value == pytest.approx(old.high / old.value)
        assert new.uncertainty.kind == old.uncertainty.kind

    def test_the_spread_of_a_share_ends_at_one(self, england):
        new = england.override("delivery.engagement", 0.95, reason="counted")["delivery.engagement"]
        assert (new.value, new.high) == (0.95, 1.0)

    def test_a_spread_of_its_own(self, england):
        assert local(england, sd=5.0)[CONSTABLE].sd == 5
        row = local(england, low=40.0, high=70.0, interval="ci90")[CONSTABLE]
        assert row.uncertainty.kind == "two_piece_lognormal"

    def test_a_range_of_its_own(self, england):
        row = local(england, low=40.0, high=70.0, interval="range")[CONSTABLE]
        assert row.uncertainty == from_interval(50, 40, 70, "range")
        assert not row.spread_is_default

    def test_a_spread_for_what_was_known(self, england):
        row = local(england, "benchmark.family_year_before_entry", 26_000.0, sd=1_000.0)
        assert not row["benchmark.family_year_before_entry"].uncertainty.is_fixed

    def test_the_transfer_in_a_cost_grows_with_it(self, england):
        row = local(england, "unit_cost.E&E1.0", 9_800 * 1.5)["unit_cost.E&E1.0"]
        assert row.transfer_value == pytest.approx(9_234 * 1.5)

    def test_one_of_several_values(self, england):
        new = local(england, "unit_cost.E&E1.0", 15_000.0, value_type="economic")
        assert new.get("unit_cost.E&E1.0", "economic").value == 15_000
        assert new["unit_cost.E&E1.0"].value == 9_800
        assert new.overrides[0].key == "unit_cost.E&E1.0[economic]"


class TestComparing:
    def test_a_set_does_not_differ_from_itself(self, england):
        found = england.diff(ParameterSet.load())
        assert found.empty
        assert list(found.columns) == [
            "key",
            "change",
            "what",
            "old",
            "new",
            "old_price_base",
            "new_price_base",
            "old_mark",
            "new_mark",
            "reason",
        ]

    def test_what_changed_and_why(self, england):
        (row,) = england.diff(local(england)).to_dict("records")
        assert row == {
            "key": CONSTABLE,
            "change": "changed",
            "what": "value, source, mark, price_base, source_detail, reviewed, overridden, reason",
            "old": 38.43,
            "new": 50.0,
            "old_price_base": england[CONSTABLE].price_base,
            "new_price_base": "2025-26",
            "old_mark": "verified",
            "new_mark": "local",
            "reason": "2025-26 outturn",
        }

    def test_what_came_and_went(self, england):
        kept = {k: p for k, p in england.parameters.items() if k != CONSTABLE}
        smaller = dataclasses.replace(england, parameters=kept)
        assert england.diff(smaller)[["key", "change"]].values.tolist() == [[CONSTABLE, "removed"]]
        assert smaller.diff(england)[["key", "change"]].values.tolist() == [[CONSTABLE, "added"]]

    def test_a_row_taken_out_of_a_table_changes_no_other(self, england, england_copy):
        table = england_copy / "unit_costs.csv"
        header, first, rest = table.read_text(encoding="utf-8").split("\n", 2)
        assert first.startswith("unit_cost.CR1.0,")
        table.write_text(f"{header}\n{rest}", encoding="utf-8")
        found = england.diff(ParameterSet.load(england_copy))
        assert found[["key", "change"]].values.tolist() == [["unit_cost.CR1.0", "removed"]]


class TestUprating:
    def test_all_money_and_nothing_else(self, england):
        new = england.uprate("2026/27")
        assert {p.price_base for p in new.parameters.values() if p.is_money} == {"2026-27"}
        for key, old in england.parameters.items():
            if not old.is_money:
                assert new.parameters[key] is old

    def test_by_a_named_vintage(self, england):
        factor = england.index("hmt_2015_03_budget").factor(england[CONSTABLE].price_base, "2015-16")
        one = dataclasses.replace(england, parameters={CONSTABLE: england[CONSTABLE]})
        assert one.uprate("2015-16", "hmt_2015_03_budget")[CONSTABLE].value == 38.43 * factor

    def test_never_past_the_end_of_a_vintage(self, england):
        with pytest.raises(PriceBaseMismatch, match="hmt_2015_03_budget"):
            england.uprate("2026-27", "hmt_2015_03_budget")


class TestConstituents:
    def test_fiscal_parts_of_a_headline(self, england):
        assert [p.key for p in england.constituents("unit_cost.E&E1.0")] == [
            "unit_cost.E&E1.0.1",
            "unit_cost.E&E1.0.2",
        ]
        parts = england.constituents("unit_cost.HE2.0")
        assert {p.value_type for p in parts} == {"fiscal"}

    def test_what_is_filed_under_a_headline_is_no_part_of_it(self, england):
        # Probation supervision (CR3.2) is filed under prison (CR3.0).
        assert england["unit_cost.CR3.2"].fields["parent"] == "CR3.0"
        assert "unit_cost.CR3.2" not in [p.key for p in england.constituents("unit_cost.CR3.0")]

    @pytest.mark.parametrize("key", ["unit_cost.SS10.0", HOME])
    def test_a_cost_without_parts(self, england, key):
        assert england.constituents(key) == []


class TestTable:
    def test_one_row_each_with_its_passport(self, england):
        frame = england.to_frame()
        assert len(frame) == len(england)
        assert frame["key"].is_unique
        assert list(frame.columns[:8]) == "key label value low high interval unit price_base".split()
        assert (frame[["unit", "mark", "source"]] != "").all(axis=None)

    def test_a_choice_of_rows(self, england):
        frame = local(england).to_frame([local(england)[CONSTABLE]])
        assert frame[["key", "value", "overridden", "reason"]].values.tolist() == [
            [CONSTABLE, 50.0, True, "2025-26 outturn"]
        ]


class TestDigest:
    def test_the_same_files_give_the_same_digest(self, england, england_copy):
        assert ParameterSet.load(england_copy).digest == england.digest
        assert england.folder == england_folder()

    @pytest.mark.parametrize(
        ("file", "old", "new"),
        [
            ("unit_costs.csv", "Warning letter sent", "A warning letter sent"),
            ("sources.yaml", "# Where every", "# From where every"),
            ("rules/default_spread.csv", "amber,0.2,", "amber,0.25,"),
            ("pathways/work/pathway.yaml", "label: Work\n", "label: Employment\n"),
        ],
    )
    def test_another_file_gives_another(self, england, edit, file, old, new):
        assert ParameterSet.load(edit(file, old, new)).digest != england.digest

    def test_the_ends_of_lines_do_not_count(self, england, england_copy):
        table = england_copy / "effects.csv"
        table.write_bytes(table.read_bytes().replace(b"\n", b"\r\n"))
        (england_copy / "README.txt").write_text("Ours.")
        assert ParameterSet.load(england_copy).digest == england.digest

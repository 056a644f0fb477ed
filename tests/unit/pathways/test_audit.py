"""Where a parameter set is thin."""

import dataclasses
import json
import shutil

import matplotlib.axes
import pytest

from communitybudget.parameters import ParameterSet, england_folder
from communitybudget.pathways import Audit, audit
from communitybudget.pathways.audit import AUDIT_COLUMNS, GROUPS


@pytest.fixture(scope="module")
def england():
    return ParameterSet.load("england")


@pytest.fixture(scope="module")
def found(england):
    return audit(england)


class TestGroups:
    def test_the_bundled_set_has_no_orphans(self, found):
        assert [f"{f.key or f.label}: {f.finding}" for f in found.group("orphans")] == []

    def test_stale_by_a_plain_loop(self, england, found):
        old = {p.id for p in england.parameters.values() if p.is_money and int(p.price_base[:4]) < 2016}
        assert {f.key for f in found.group("stale")} == old
        assert found.as_of == "2026-27"

    def test_another_age_and_year(self, england):
        assert len(audit(england, 30).group("stale")) == 0
        assert len(audit(england, 0, "2016-17").group("stale")) == len(audit(england, 10).group("stale"))

    def test_unconfirmed_marks(self, england, found):
        weak = [p for p in england.parameters.values() if p.mark in ("recalled", "second_hand", "assumption")]
        assert len(found.group("unconfirmed")) == len(weak)

    def test_what_the_source_tables_say(self, found):
        counts = found.counts()
        # Unit Cost Database v1.4: 590 declared pairs and 20 headlines that do not add up; 33 ranges
        # of published amounts by value, and three of other unit costs
        assert counts["overlaps"] > 590
        assert counts["not_adding_up"] == 20
        assert counts["range_shown"] >= 29

    def test_default_spreads_are_told_from_none_at_all(self, found):
        said = {f.finding for f in found.group("no_interval")}
        assert "only the default spread of its grade (green)" in said
        assert "taken as known" in said

    def test_prices_in_use_are_not_listed_as_unused(self, england, found):
        unused = {f.key for f in found.group("not_used")}
        assert "unit_cost.SS2.0.1" not in unused
        assert "unit_cost.FI1.0" in unused


class TestOrphans:
    def changed(self, england, key, **fields):
        row = england[key]
        row = dataclasses.replace(row, fields={**row.fields, **fields})
        return dataclasses.replace(england, parameters={**england.parameters, row.id: row})

    @pytest.mark.parametrize(
        ("key", "fields", "words"),
        [
            ("unit_cost.CR9.0", {"parent": "CR99"}, "its parent CR99 is not there"),
            ("unit_cost.CR9.0", {"overlaps": "CR99"}, "overlaps with CR99, which is not there"),
            ("unit_cost.CR9.0", {"overlaps": "HE4.0"}, "overlaps with HE4.0, which does not say so"),
            ("effect.tfp_jsa", {"pathway": "play"}, "names the pathway 'play', which is not there"),
            ("effect.tfp_jsa", {"outcome": "joy"}, "the outcome joy is not declared"),
            (
                "effect.tfp_jsa",
                {"edges": "in_work -> bliss"},
                "in_work -> bliss, which nobody makes",
            ),
            ("activity.work.claiming_search.E&E1.6", {"unit_cost": "unit_cost.X"}, "priced at unit_cost.X"),
        ],
    )
    def test_what_points_nowhere(self, england, key, fields, words):
        orphans = audit(self.changed(england, key, **fields)).group("orphans")
        assert any(words in f.finding and f.key == key for f in orphans)

    def test_a_source_that_nobody_uses(self, england):
        more = dataclasses.replace(england, sources={**england.sources, "a_friend": {"citation": "a friend"}})
        assert [f.label for f in audit(more).group("orphans")] == ["a_friend"]

    def test_a_file_that_nothing_reads(self, tmp_path):
        shutil.copytree(england_folder(), tmp_path / "set")
        (tmp_path / "set" / "rules" / "new.csv").write_text("a,b\n1,2\n", encoding="utf-8")
        orphans = audit(ParameterSet.load(tmp_path / "set")).group("orphans")
        assert [f.label for f in orphans] == ["rules/new.csv"]


class TestResult:
    def test_it_sums_itself_up(self, found):
        text = found.summary()
        assert "england 0.5.0" in text
        assert all(words in text for words in GROUPS.values())
        assert "\n" not in repr(found)
        assert "<script" not in found._repr_html_()

    def test_it_gives_a_tidy_frame(self, found):
        frame = found.to_frame()
        assert tuple(frame.columns) == AUDIT_COLUMNS
        assert frame["group"].value_counts().to_dict() == {k: v for k, v in found.counts().items() if v}

    def test_it_draws_itself(self, found):
        assert isinstance(found.plot(), matplotlib.axes.Axes)

    def test_it_survives_json(self, found):
        text = found.to_json()
        json.loads(text)
        assert Audit.from_json(text) == found

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [({"older_than": -1}, "older_than is -1"), ({"as_of": "2020"}, "not a financial year")],
    )
    def test_what_is_impossible_is_said(self, england, arguments, words):
        with pytest.raises(ValueError, match=words):
            audit(england, **arguments)

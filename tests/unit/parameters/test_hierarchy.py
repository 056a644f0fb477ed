"""The hierarchy of unit costs."""

import math

import pytest

from communitybudget._core.errors import ParameterNotFound
from communitybudget.parameters import ParameterSet
from communitybudget.parameters.hierarchy import sums_of, tree_of


class TestSums:
    def test_by_a_plain_loop(self, england):
        for code, found in sums_of(england).items():
            parts = [
                p.value
                for p in england.table("unit_cost")
                if p.value_type == "fiscal"
                and p.fields["parent"] == code
                and p.fields["level"] == "constituent"
            ]
            assert found.parts == pytest.approx(math.fsum(parts))
            assert found.whole == england[f"unit_cost.{code}"].value
            assert (found.kind == "adds_up") == (abs(found.gap) < 0.01)

    def test_what_does_not_add_up_says_why(self, england):
        sums = sums_of(england)
        assert "unexplained" not in {found.kind for found in sums.values()}
        assert str(sums["SS2.0"]) == "parts add up: 701"
        assert "not a sum: parts are alternatives" in str(sums["CR3.0"])
        assert "two weeks of HO1.0.6" in str(sums["HO1.0"])

    def test_a_set_without_notes(self, england, england_copy):
        (england_copy / "rules" / "hierarchy_notes.csv").unlink()
        sums = sums_of(ParameterSet.load(england_copy))
        assert sum(found.kind == "unexplained" for found in sums.values()) == 20


class TestTree:
    def test_every_unit_cost_once(self, england):
        tree = tree_of(england)
        assert len(tree.rows) == len(england.table("unit_cost"))
        assert {(r.code, r.value_type) for r in tree.rows} == {
            (p.fields["code"] or p.key.partition(".")[2], p.value_type) for p in england.table("unit_cost")
        }

    def test_parts_stand_below_their_headline(self, england):
        rows = tree_of(england, "SS2.0").rows
        assert rows[0].code == "SS2.0"
        assert rows[0].depth == 0
        assert {row.depth for row in rows[1:]} == {1}
        assert [row.code for row in rows[1:3]] == ["SS2.0.1", "SS2.0.2"]

    def test_a_part_leads_to_its_headline(self, england):
        assert tree_of(england, "SS2.0.1") == tree_of(england, "unit_cost.SS2.0")

    def test_a_topic(self, england):
        rows = tree_of(england, "fire").rows
        assert {row.code[:2] for row in rows} == {"FI"}
        assert len({row.code for row in rows}) == 15

    def test_as_text_and_table(self, england):
        tree = england.tree("SS2.0")
        assert str(tree).splitlines()[1] == "   (parts add up: 701)"
        assert "+- SS2.0.1" in str(tree)
        assert list(tree.to_frame()["depth"][:2]) == [0, 1]

    def test_an_unknown_code(self, england):
        with pytest.raises(ParameterNotFound, match="no unit cost or topic 'housng'; did you mean 'housing'"):
            tree_of(england, "housng")

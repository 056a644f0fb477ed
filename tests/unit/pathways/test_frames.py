"""A pathway as tables and as a drawing."""

import math
from dataclasses import replace

import matplotlib.axes
import pandas as pd
import pytest

from communitybudget._core.errors import TransitionError
from communitybudget.charts import figure_bytes
from communitybudget.parameters import england_folder
from communitybudget.pathways import ACTIVITY_COLUMNS, RATE_COLUMNS, load_pathway
from communitybudget.pathways.frames import drawing_frames, percent


@pytest.fixture(scope="module")
def safety(england):
    return load_pathway(england, "child_safety")


class TestRates:
    def test_every_row_of_the_table_is_there(self, england, safety):
        frame = safety.table()
        assert tuple(frame.columns) == RATE_COLUMNS
        rows = pd.read_csv(england_folder() / "pathways" / "child_safety" / "transitions.csv")
        assert sorted(frame["key"]) == sorted(rows["key"])
        rows = rows.set_index("key").loc[frame["key"]]
        assert frame["rate"].tolist() == pytest.approx(rows["value"].tolist(), rel=1e-15)
        assert frame["low"].tolist() == pytest.approx(rows["low"].tolist(), rel=1e-15, nan_ok=True)
        assert frame["to_month"].isna().tolist() == rows["to_month"].isna().tolist()

    def test_of_one_profile(self, england):
        health = load_pathway(england, "mental_health")
        frame = health.table("medium_need")
        assert set(frame["profile"]) == {"all", "medium_need"}
        assert len(frame) == len(health.rates_of("medium_need"))

    def test_each_has_its_source_and_derivation(self, safety):
        frame = safety.table()
        assert not frame[["mark", "source", "derivation"]].eq("").any().any()

    def test_a_local_figure_is_shown(self, england):
        key = "transition.work.all.claiming_search.in_work.m0"
        local = load_pathway(england.override(key, 0.3, reason="our claimants"), "work").table()
        assert local.set_index("key").loc[key, ["rate", "mark"]].tolist() == [0.3, "local"]

    def test_no_such_profile(self, safety):
        with pytest.raises(TransitionError, match="did you mean 'medium_need'"):
            safety.table("mediun_need")

    def test_the_callers_frame_is_his_own(self, safety):
        frame = safety.table()
        frame["rate"] = 0.0
        assert (safety.table()["rate"] > 0).all()


class TestActivity:
    def test_who_pays_what_for_what(self, england):
        frame = load_pathway(england, "work").activity_table()
        assert tuple(frame.columns) == ACTIVITY_COLUMNS
        row = frame.set_index("key").loc["activity.work.claiming_search.E&E1.0.fiscal"]
        # Unit Cost Database v1.4, E&E1.0: 9,800 pounds a year, 2012-13 prices
        assert (row["on"], row["per"], row["price"], row["price_base"]) == (
            "claiming_search",
            "month",
            9800,
            "2012-13",
        )
        assert row["quantity"] == pytest.approx(1 / 12)

    def test_what_has_no_price_is_blank_and_not_nil(self, england):
        frame = load_pathway(england, "school").activity_table()
        unpriced = frame[frame["unit_cost"] == ""]
        assert len(unpriced) > 0
        assert unpriced["price"].isna().all()
        assert frame.loc[frame["unit_cost"] != "", "price"].notna().all()

    def test_values_that_are_not_fiscal_have_their_own_price(self, england):
        frame = load_pathway(england, "domestic_abuse").activity_table()
        prices = frame[frame["unit_cost"] == "unit_cost.CR2.0"].groupby("value_type")["price"].unique()
        # Unit Cost Database v1.4, CR2.0: economic 1,473 and social 6,795 pounds an incident
        assert {kind: found.tolist() for kind, found in prices.items()} == {
            "economic": [1473],
            "social": [6795],
        }

    def test_every_pathway_has_one(self, england):
        for name in england.structures:
            assert len(load_pathway(england, name).activity_table()) >= 4


class TestByHand:
    def test_without_numbers_there_is_no_table(self, safety):
        bare = replace(safety, parameters=None)
        for ask in (bare.table, bare.activity_table, bare.plot):
            with pytest.raises(TransitionError, match="was built by hand and has no numbers"):
                ask()

    def test_the_set_is_no_part_of_what_a_pathway_is(self, safety):
        assert replace(safety, parameters=None) == safety
        assert "parameters" not in repr(safety)


class TestDrawing:
    def test_chances_compete(self, england, safety):
        _, moves = drawing_frames(safety, "medium_need")
        found = moves.set_index(["source", "target"])["chance"]
        numbers = safety.table("medium_need")
        first = numbers[(numbers["from_month"] == 0) & numbers["move"].str.startswith("protection_plan ->")]
        total = first["rate"].sum()
        assert found["protection_plan"].sum() == pytest.approx(1 - math.exp(-total), abs=1e-12)
        into_care = first.set_index("move")["rate"]["protection_plan -> looked_after"]
        assert found["protection_plan", "looked_after"] == pytest.approx(
            into_care / total * (1 - math.exp(-total)), abs=1e-12
        )

    def test_an_event_is_a_number_and_competes_with_nothing(self, england):
        justice = load_pathway(england, "youth_justice")
        _, moves = drawing_frames(justice, "medium_need")
        rate = england["transition.youth_justice.medium_need.community.community"].value
        assert moves.set_index(["source", "target"])["chance"]["community", "community"] == rate

    def test_texts_say_when(self, england):
        _, moves = drawing_frames(load_pathway(england, "youth_justice"), "medium_need")
        texts = moves.set_index(["source", "target"])["text"]
        assert texts["released", "desisted"] == "39%\nfrom month 12"
        assert texts["released", "custody"] == "7.0% → 0.56%"
        assert texts["none", "custody"] == "0.0069%"

    def test_start_shares_are_those_of_the_profile(self, england, safety):
        states, _ = drawing_frames(safety, "medium_need")
        shares = states.set_index("state")["start_share"]
        # 26% of children start in need, on a plan or in care
        assert shares[["child_in_need", "protection_plan", "looked_after"]].sum() == pytest.approx(0.26)
        assert states["start_share"].sum() == pytest.approx(1)

    @pytest.mark.parametrize("name", ["child_safety", "work"])
    def test_every_state_and_move_is_drawn(self, england, tmp_path, name):
        pathway = load_pathway(england, name)
        ax = pathway.plot()
        assert isinstance(ax, matplotlib.axes.Axes)
        kinds = [text.get_gid() for text in ax.texts]
        assert kinds.count("state") == len(pathway.states)
        assert kinds.count("move") == len(pathway.moves())
        drawing = tmp_path / f"{name}.png"
        drawing.write_bytes(figure_bytes(ax.figure, "png"))
        assert drawing.stat().st_size > 20_000

    def test_the_documentation_has_a_drawing_of_each(self, england):
        folder = england_folder().parents[1] / "docs" / "images" / "pathways"
        assert {path.stem for path in folder.glob("*.png")} == set(england.structures)

    @pytest.mark.parametrize(
        ("share", "text"),
        [(0.0, "0%"), (1.0, "100%"), (0.1, "10%"), (0.0996, "10%"), (0.00995, "1.0%"), (1.56e-6, "0.00016%")],
    )
    def test_two_figures(self, share, text):
        assert percent(share) == text

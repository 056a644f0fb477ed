"""Counts of families that leave the table, small ones held back; and the table written out."""

import csv

import matplotlib.axes
import numpy as np
import pytest

from communitybudget._core.errors import OutputError
from communitybudget.cohorts import NEEDS, read_families, share_of_age, still_of_age, synthetic_families
from communitybudget.cohorts.families import parts_shown
from communitybudget.parameters import ParameterSet


@pytest.fixture(scope="module")
def england():
    return ParameterSet.load("england")


@pytest.fixture
def table(tmp_path):
    def of(rows, columns="family,profile,adults,child_ages,need_secure_housing,need_substance_use"):
        path = tmp_path / "ours.csv"
        path.write_text("\n".join([columns, *(f"{i},{row}" for i, row in enumerate(rows))]), encoding="utf-8")
        return read_families(path)

    return of


class TestCountsBelowFive:
    def test_a_part_cannot_be_told_from_the_total_and_the_rest(self):
        assert parts_shown({"a": 30, "b": 4, "c": 8}) == {"a": "30", "b": "fewer than 5", "c": "not shown"}
        assert parts_shown({"a": 30, "b": 4, "c": 0}) == {"a": "30", "b": "fewer than 5", "c": "fewer than 5"}
        assert parts_shown({"a": 30, "b": 5}) == {"a": "30", "b": "5"}
        assert parts_shown({"a": 2}) == {"a": "fewer than 5"}

    def test_the_summary(self, table):
        families = table(
            ["medium_need,1,3,1,1"] * 7 + ["medium_need,2,4,0,1"] * 6 + ["lower_need,1,5,0,1"] * 3
        )
        lines = [" ".join(line.split()) for line in families.summary().splitlines()]
        assert lines == [
            "Families in ours.csv",
            "families 16",
            "lower need fewer than 5",
            "medium need not shown",
            "children 16",
            "adults 22",
            "Substance use not shown",
            "Secure housing 7",
            "Counts below 5 are not shown, nor one from which such a count would follow.",
        ]

    def test_the_frame_leaves_out_needs_that_few_have_or_lack(self, table):
        families = table(["medium_need,1,3,1,1"] * 7 + ["medium_need,2,4,0,1"] * 6)
        frame = families.need_frame()
        assert frame["need"].tolist() == ["secure_housing"]
        assert frame[["share", "prevalence", "families"]].iloc[0].tolist() == [7 / 13, 0.22, 13]

    def test_a_small_table_says_only_that_it_is_small(self, table):
        families = table(["medium_need,1,3,1,1"])
        assert repr(families) == "Families(ours.csv, fewer than 5 families, 1 profile)"


class TestTable:
    def test_written_and_read_back(self, england, tmp_path):
        profiles = {"lower_need": 0.3, "medium_need": 0.5, "complex_need": 0.2}
        families = synthetic_families(england, profiles, 300, seed=2, joins={"2026-27": 0.5, "2027-28": 0.5})
        families.to_csv(tmp_path / "drawn.csv")
        back = read_families(tmp_path / "drawn.csv")
        assert back == families
        assert back.synthetic
        assert back != synthetic_families(england, profiles, 300, seed=3)

    def test_states_and_unknown_needs_too(self, table, tmp_path):
        families = table(
            ["medium_need,2,3 11,,in_work ?,none", "lower_need,1,,1,,"],
            "family,profile,adults,child_ages,need_secure_housing,start_work,start_youth_justice",
        )
        families.to_csv(tmp_path / "again.csv")
        assert read_families(tmp_path / "again.csv") == families
        assert not families.synthetic

    def test_references_are_not_written_back(self, tmp_path):
        (tmp_path / "a.csv").write_text(
            "family,profile,adults,child_ages\n=cmd|x,medium_need,1,3\n", encoding="utf-8"
        )
        read_families(tmp_path / "a.csv").to_csv(tmp_path / "b.csv")
        with (tmp_path / "b.csv").open(encoding="utf-8", newline="") as handle:
            (row,) = csv.DictReader(handle)
        assert row == {"family": "1", "profile": "medium_need", "adults": "1", "child_ages": "3"}

    def test_a_folder_that_is_not_there(self, england, tmp_path):
        with pytest.raises(OutputError, match="choose another folder"):
            synthetic_families(england, "medium_need", 5, seed=1).to_csv(tmp_path / "no" / "f.csv")

    def test_nothing_can_be_changed(self, england):
        families = synthetic_families(england, "medium_need", 5, seed=1)
        with pytest.raises(ValueError, match="read-only"):
            families.adults[0] = 9
        with pytest.raises(TypeError):
            families.starts["work"] = ()


class TestAges:
    def test_single_years_spread_birthdays_over_each(self):
        counts = np.zeros(18)
        counts[[3, 11, 17]] = 2, 1, 1
        assert share_of_age(counts, 10, 18) == 0.5
        assert share_of_age(counts, 3.25, 3.75) == 0.25
        still = still_of_age(counts, 10, 18, 96)
        assert still[[0, 6, 12, 72, 78, 84]] == pytest.approx([1, 0.75, 0.5, 0.5, 0.25, 0])

    def test_nobody_of_age(self):
        counts = np.zeros(18)
        counts[3] = 2
        assert still_of_age(counts, 10, 18, 24).tolist() == [0.0] * 25
        assert share_of_age(np.zeros(18), 0, 18) == 0


class TestPicture:
    def test_it_draws_itself(self, england):
        families = synthetic_families(england, "medium_need", 200, seed=1)
        axes = families.plot()
        assert isinstance(axes, matplotlib.axes.Axes)
        assert [text.get_text() for text in axes.texts if text.get_gid() == "notes"] == [
            "Drawn from published prevalence: these are no real families."
        ]
        assert len(families.need_frame(england)) == len(NEEDS)

    def test_it_says_that_they_are_not_real(self, england):
        families = synthetic_families(england, "medium_need", 200, seed=1)
        for text in (repr(families), families.summary(), families._repr_html_()):
            assert "real" in text
        assert repr(families).startswith(
            "Families(synthetic families, 200 families, 1 profile; drawn from published"
        )

"""A table of families: every fault at once, by line and column, and nothing of a family in a message."""

import re
from pathlib import Path

import pytest

from communitybudget.cohorts import FAMILY_COLUMNS, FamiliesError, read_families
from communitybudget.parameters import ParameterSet

HEADER = "family,profile,adults,child_ages"
DOCS = Path(__file__).resolve().parents[3] / "docs"


@pytest.fixture
def read(tmp_path):
    def of(*lines, parameters=None):
        path = tmp_path / "families.csv"
        path.write_text("\n".join(lines), encoding="utf-8")
        return read_families(path, parameters)

    return of


@pytest.fixture
def faults(read):
    def of(*lines):
        with pytest.raises(FamiliesError) as error:
            read(*lines)
        return str(error.value).splitlines()

    return of


class TestReading:
    def test_counts_by_profile(self, read):
        families = read(
            HEADER + ",joins,need_secure_housing",
            "a,medium_need,1,3 7 16,2026-27,1",
            "b,medium_need,2,9,2026/27,0",
            "",
            "c,lower_need,2,,2027-28,",
        )
        assert len(families) == 3
        assert families.profiles == {"lower_need": 1 / 3, "medium_need": 2 / 3}
        assert families.intake == {"2026-27": 2.0, "2027-28": 1.0}
        assert families.children_per_family == {"lower_need": 0.0, "medium_need": 2.0}
        assert families.adults_per_family == {"lower_need": 2.0, "medium_need": 1.5}
        assert families.age_shares["medium_need"][[3, 7, 9, 16]].tolist() == [0.25] * 4
        assert families.age_shares["lower_need"].sum() == 0
        assert families.need_shares["medium_need"]["secure_housing"] == 0.5
        assert families.lines.tolist() == [2, 3, 5]

    def test_states_of_children_of_the_ages_of_the_pathway(self, read):
        families = read(
            HEADER + ",start_child_safety,start_youth_justice,start_work,start_housing",
            "a,medium_need,2,3 11 16,early_help ? child_in_need,none community,in_work ?,arrears",
            "b,medium_need,1,4,,,claiming_search,",
            "c,complex_need,0,17,looked_after,?,,secure",
        )
        assert families.start_counts == {
            "child_safety": {
                "medium_need": {"early_help": 1, "child_in_need": 1},
                "complex_need": {"looked_after": 1},
            },
            "youth_justice": {"medium_need": {"none": 1, "community": 1}},
            "work": {"medium_need": {"in_work": 1, "claiming_search": 1}},
            "housing": {"medium_need": {"arrears": 1}, "complex_need": {"secure": 1}},
        }

    def test_a_spreadsheet_may_add_a_mark_quotes_and_blank_lines(self, tmp_path):
        path = tmp_path / "f.csv"
        path.write_bytes(
            '\ufefffamily,profile,adults,child_ages\r\n"a, b",medium_need, 1 ,"3  7"\r\n,,,\r\n'.encode()
        )
        families = read_families(path)
        assert families.child_age.tolist() == [3, 7]

    def test_a_set_of_ones_own_says_which_pathways_there_are(self, read):
        england = ParameterSet.load()
        assert read(
            HEADER + ",start_work",
            "a,lower_need,1,,in_work",
        ).starts == {"work": (("in_work",),)}
        families = read(HEADER, "a,lower_need,1,", parameters=england)
        assert families.starts == {}

    def test_no_file(self, tmp_path):
        with pytest.raises(FileNotFoundError):
            read_families(tmp_path / "nowhere.csv")


class TestFaults:
    def test_all_at_once_by_line(self, faults):
        found = faults(
            HEADER + ",joins,need_secure_housing,start_work,start_youth_justice",
            "a,medium,1,7,2026-27,1,in_work,",
            "a,lower_need,-1,3 19,2026,yes,,",
            ",lower_need,1.5,3;4,,,at_work,",
            "d,,,11 12,2026-27,,in_work in_work,none",
            "e,medium_need,1,11 x,2026-27,,in_work in_work,desisted",
            "f,medium_need,0,,2026-27,,,",
        )
        assert found == [
            "families.csv:2 profile: is no need profile; did you mean 'medium_need'?",
            "families.csv:3 family: is the reference of line 2 too; list each family once, or give it a "
            "reference of its own",
            "families.csv:3 adults: is no whole number from 0 to 20; count those aged 18 or over; where "
            "there is none, write 0",
            "families.csv:3 child_ages: an age is above 17; count those aged 18 or over under adults",
            "families.csv:3 joins: is no financial year; write it like 2026-27 (1 April to 31 March)",
            "families.csv:3 need_secure_housing: is neither 1, 0 nor empty; write 1 for yes, 0 for no, "
            "nothing where it is not known",
            "families.csv:4 family: is empty; give each family a reference of its own",
            "families.csv:4 adults: is no whole number from 0 to 20; count those aged 18 or over; where "
            "there is none, write 0",
            "families.csv:4 child_ages: an age is no whole number; write completed years with blanks between "
            "them, such as 0 3 11",
            "families.csv:4 start_work: a word is no state of work; did you mean 'in_work'?",
            "families.csv:4 joins: is empty on 1 of 6 lines, this the first; give the year for every family, "
            "or for none",
            "families.csv:5 profile: is empty; use one of general, lower_need, medium_need, complex_need",
            "families.csv:5 adults: is empty; count those aged 18 or over; where there is none, write 0",
            "families.csv:5 start_youth_justice: youth_justice does not have as many states as there are "
            "people; give one state for each child aged 10 to 17, in the order of child_ages; ? where it is "
            "not known",
            "families.csv:6 child_ages: an age is no whole number; write completed years with blanks between "
            "them, such as 0 3 11",
            "families.csv:6 start_work: work does not have as many states as there are people; give one "
            "state for each adult; ? where it is not known",
            "families.csv:7 adults: the family has nobody in it; count its adults, or give the ages of its "
            "children",
        ]

    def test_unknown_columns_are_named_with_the_nearest(self, faults):
        found = faults(
            HEADER + ",need_housing,start_wrok,joins,joins", "a,medium_need,1,7,1,,2026-27,2026-27"
        )
        assert [line.partition("; ")[0] for line in found] == [
            "families.csv:1 need_housing: is no column of a table of families",
            "families.csv:1 joins: is there twice",
            "families.csv:1 start_wrok: names no pathway",
        ]
        assert "did you mean 'need_secure_housing'" in found[0]
        assert "did you mean 'start_work'" in found[2]

    def test_missing_columns(self, faults):
        found = faults("family,profile", "a,medium_need")
        assert [line.split(":")[1] for line in found] == ["1 adults", "1 child_ages"]
        assert all("is missing; add the column" in line for line in found)

    @pytest.mark.parametrize(
        "text",
        ["01/04/2026", "1.4.26", "Apr-26", "26-Apr", "Sep 2008", "2026-04-01", "2026-04-01 00:00", "46113"],
    )
    def test_a_year_that_a_spreadsheet_made_a_date(self, faults, text):
        (found,) = faults(HEADER + ",joins", f"a,medium_need,1,7,{text}")
        assert found.startswith("families.csv:2 joins: is a date and no financial year: a spreadsheet may")

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"", "families.csv:1: is empty; begin with a line of column names"),
            (b"\n\n", "families.csv:1: is empty; begin with a line of column names"),
            (b"family,profile,adults,child_ages\n", "families.csv: holds no families; add one row"),
            (
                b"family,profile,adults,child_ages\nM\xfcller,medium_need,1,3",
                "1: this is not a text file in UTF-8",
            ),
            (b"PK\x03\x04rest", "1: this is a workbook and no CSV file; save the sheet as CSV UTF-8"),
            (b"family;profile;adults;child_ages\na;medium_need;1;3", "with something else than commas"),
            (
                b'family,profile,adults,child_ages\na,medium_need,1,"3 7\nb',
                "families.csv:2: the table breaks off",
            ),
            (b"family,profile,adults,child_ages\na,medium_need,1,3,7", "2: has 5 cells and the header 4"),
            (b"family,profile,adults,child_ages\na,medium_need", "2: has 2 cells and the header 4"),
            (b"family,profile,adults,child_ages,\na,medium_need,1,3,", "1: a column has no name; name it"),
        ],
    )
    def test_files_that_are_no_table(self, tmp_path, content, message):
        (tmp_path / "families.csv").write_bytes(content)
        with pytest.raises(FamiliesError) as error:
            read_families(tmp_path / "families.csv")
        assert message in str(error.value)

    def test_a_fault_of_the_whole_column_is_counted(self, faults):
        found = faults(HEADER, *(f"f{i},medium,1,3" for i in range(500)))
        assert len(found) == 21
        assert found[19].startswith("families.csv:21 profile: is no need profile; did you mean")
        assert found[20] == (
            "families.csv:22 profile: is no need profile, here and on 479 more lines; correct them as the "
            "lines before"
        )

    def test_a_state_whose_duration_the_set_does_not_give(self, faults):
        (found,) = faults(HEADER + ",start_child_safety", "a,medium_need,1,7,permanence")
        assert "does not say how long families of the profile medium_need have been in a state given" in found
        assert "use one of universal, early_help" in found


SECRETS = ["Kowalski", "14 Mill Lane", "QX-77813", "=HYPERLINK", "98", "103"]


def test_no_message_repeats_a_cell(faults):
    rows = [f"{s},{s},{s},{s},{s},{s},{s}" for s in SECRETS]
    header = HEADER + ",joins,need_secure_housing,start_work"
    text = "\n".join(faults(header, *rows, *rows, f"{SECRETS[0]},medium_need,1"))
    # without a header the first line is a family
    text += "\n".join(faults(*rows))
    assert [secret for secret in SECRETS if secret in re.sub(r"families\.csv:\d+|line \d+", "", text)] == []


def test_nothing_of_a_family_is_kept_or_shown(read):
    families = read(
        HEADER + ",start_work", "Kowalski,medium_need,1,13 16,in_work", "QX-77813,complex_need,1,,?"
    )
    for text in (repr(families), families.summary(), families._repr_html_(), str(families)):
        for secret in ("Kowalski", "QX-77813", "13", "16", "in_work"):
            assert secret not in re.sub(r"#\w+|style=\"[^\"]*\"", "", text)
    assert "Kowalski" not in str(vars(families))


def test_the_page_lists_the_columns_as_they_are():
    text = (DOCS / "how-to" / "families-from-a-file.md").read_text(encoding="utf-8")
    rows = [f"| `{c.name}` | {'yes' if c.required else 'no'} | {c.form} | {c.what} |" for c in FAMILY_COLUMNS]
    shown = [line for line in text.splitlines() if line.startswith("| `")]
    assert shown == rows

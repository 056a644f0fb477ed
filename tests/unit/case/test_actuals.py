"""Tables of actuals: read strictly, every fault at once, nothing of a family in a message."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from communitybudget.case import ActualRow, Actuals, ActualsError, read_actuals

HEADER = "cohort,option,outcome,year,from_month,to_month,families,amount,sd,agency,price_base,counterfactual"
GOOD = (
    "first,support,child_safety.entries_to_care,,1,6,18,2,,,,",
    "first,support,work.claimant_years,2024-25,,,18,3.5,0.8,,,",
    'first,support,delivery,,1,6,18,"£31,500",,local_authority,2024-25,',
    "first,support,costs_avoided,,1,6,18,-200,,nhs,2024-25,matched families",
)


@pytest.fixture
def table(tmp_path):
    def write(*rows, header=HEADER):
        path = tmp_path / "spring.csv"
        path.write_text("\n".join([header, *rows]), encoding="utf-8")
        return path

    return write


class TestGoodTables:
    def test_rows_as_they_stand(self, table):
        batch = read_actuals(table(*GOOD))
        assert batch.name == "spring.csv"
        assert batch.rows[0] == ActualRow(
            "first", "support", "child_safety.entries_to_care", 18, 2.0, from_month=1, to_month=6, line=2
        )
        assert (batch.rows[1].year, batch.rows[1].sd) == ("2024-25", 0.8)
        assert (batch.rows[2].amount, batch.rows[2].agency) == (31_500.0, "local_authority")
        assert [row.gross for row in batch.rows] == [False] * 4

    def test_a_frame_is_read_alike(self, table):
        path = table(*GOOD)
        frame = pd.read_csv(path).assign(note=None).drop(columns="note")
        assert Actuals.from_frame(frame, "spring.csv") == read_actuals(path)

    def test_months(self):
        years = ("2024-25", "2025-26")
        assert ActualRow("a", "b", "c", 1, 1.0, year="2025-26").months(years) == (13, 24)
        assert ActualRow("a", "b", "c", 1, 1.0, from_month=3, to_month=8).months(years) == (3, 8)

    @pytest.mark.parametrize(
        "given",
        [
            {"families": 0, "from_month": 1, "to_month": 6},
            {"amount": np.nan, "from_month": 1, "to_month": 6},
            {"from_month": 6, "to_month": 1},
            {},
            {"year": "2024-25", "from_month": 1, "to_month": 6},
        ],
    )
    def test_a_row_that_cannot_be(self, given):
        with pytest.raises(ValueError, match="a figure seen"):
            ActualRow(
                **{"cohort": "a", "option": "b", "outcome": "c.d", "families": 18, "amount": 1.0, **given}
            )

    def test_the_digest_is_of_the_figures(self, table):
        batch = read_actuals(table(*GOOD))
        turned = read_actuals(table("", *reversed(GOOD)), name="another name")
        assert turned.digest == batch.digest
        other = read_actuals(table(GOOD[0].replace(",2,", ",3,"), *GOOD[1:]))
        assert other.digest != batch.digest


class TestFaults:
    @pytest.mark.parametrize(
        ("row", "words"),
        [
            (",support,x.y,,1,6,18,2,,,,", "cohort: is blank"),
            ("a,support,x.y,,1,6,0,2,,,,", "families: is zero"),
            ("a,support,x.y,,1,6,1.5,2,,,,", "families: is no whole number"),
            ("a,support,x.y,,1,6,,2,,,,", "families: is blank"),
            ("a,support,x.y,,1,6,18,,,,,", "amount: is blank; unknown is not zero"),
            ("a,support,x.y,,1,6,18,two,,,,", "amount: is no number"),
            ("a,support,x.y,,1,6,18,-2,,,,", "amount: is negative"),
            ("a,support,x.y,,1,6,18,2,0,,,", "sd: is not above zero"),
            ("a,support,x.y,,,,18,2,,,,", "year: or months are needed"),
            ("a,support,x.y,2024-25,1,6,18,2,,,,", "year: or months are needed, and one of the two alone"),
            ("a,support,x.y,2024,,,18,2,,,,", "year: is no financial year"),
            ("a,support,x.y,,6,1,18,2,,,,", "from_month: and to_month do not ascend"),
            ("a,support,x.y,,1,,18,2,,,,", "to_month: is blank"),
            ("a,support,x.y,,1,6,18,2,,nhs,,", "agency: belongs to money alone"),
            ("a,support,delivery,,1,6,18,2,,,2024-25,", "agency: is none of the agencies"),
            ("a,support,delivery,,1,6,18,2,,nhs,,", "price_base: is no financial year"),
            ("a,support,delivery,,1,6,18,2,,nhs,2024-25,matched", "counterfactual: belongs to costs avoided"),
        ],
    )
    def test_each_with_line_column_and_remedy(self, table, row, words):
        with pytest.raises(ActualsError, match=re.escape(f"spring.csv:3 {words}")):
            read_actuals(table(GOOD[0], row))

    def test_all_at_once(self, table):
        with pytest.raises(ActualsError) as caught:
            read_actuals(table(",support,x.y,,1,6,18,two,,,,", "a,support,x.y,,,,0,1,-1,,,"))
        assert [fault.line for fault in caught.value.faults] == [2, 2, 3, 3, 3]

    def test_columns(self, table):
        with pytest.raises(ActualsError) as caught:
            read_actuals(table("a,b,c,1", header="cohort,option,outcome,familys"))
        text = str(caught.value)
        assert "families: is missing" in text
        assert "amount: is missing" in text
        assert "familys: is no column of a table of actuals; did you mean 'families'?" in text

    def test_no_message_tells_of_a_family(self, table):
        name = "Smith family of 3 Acacia Avenue"
        rows = (f"{name},{name},{name},{name},{name},{name},{name},{name},{name},{name},{name},{name}",)
        with pytest.raises(ActualsError) as caught:
            read_actuals(table(*rows))
        assert "Smith" not in str(caught.value)
        for text in (
            table(f"{name},,,,,,,,,,,,,,too,many"),
            table(GOOD[0], header=f"{name},18,2"),
            table(GOOD[0], header=f"{name},{name},2"),
        ):
            with pytest.raises(ActualsError) as caught:
                read_actuals(text)
            assert "Smith" not in str(caught.value)

    def test_empty_and_missing_files(self, table, tmp_path):
        with pytest.raises(ActualsError, match="holds no figures"):
            read_actuals(table(",,,,,,,,,,,"))
        with pytest.raises(ActualsError, match="is not there"):
            read_actuals(tmp_path / "nowhere.csv")

    def test_a_frame_names_lines_as_a_file_would(self):
        frame = pd.DataFrame(
            {"cohort": ["a"], "option": ["b"], "outcome": ["c.d"], "families": [18], "amount": [np.nan]}
        )
        with pytest.raises(ActualsError, match="handed in:2 amount: is blank"):
            Actuals.from_frame(frame, "handed in")


def test_a_folder_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(ActualsError, match="is not there, or is no file that can be read; correct the name"):
        read_actuals(tmp_path)

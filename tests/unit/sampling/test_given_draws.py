import numpy as np
import pytest
from numpy.testing import assert_array_equal

from communitybudget.sampling import DrawsFileError, GivenDraws, make_design, read_draws


def write(path, rows, header="a,b"):
    path.write_text(header + "\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


GOOD = [f"{i},{i * i}" for i in range(1, 121)]


def test_rows_stay_together(tmp_path):
    given = read_draws(write(tmp_path / "draws.csv", GOOD))
    assert given.rows == 120
    drawn = given.draw(500, seed=1)
    assert_array_equal(drawn["b"], drawn["a"] ** 2)
    assert set(drawn["a"]) <= set(range(1, 121))
    assert len(set(drawn["a"])) > 100


def test_an_even_design_draws_every_row_alike():
    given = GivenDraws("draws.csv", {"a": np.arange(100.0)})
    design = make_design("latin_hypercube", ["draws_file.rows"], 300, 1)
    counts = np.unique(given.draw(300, 1, design.streams())["a"], return_counts=True)[1]
    assert set(counts) == {3}


def test_every_fault_is_told_with_line_and_column(tmp_path):
    rows = [*GOOD]
    rows[3], rows[7] = "lots,4", "5,"
    with pytest.raises(DrawsFileError) as error:
        read_draws(write(tmp_path / "draws.csv", rows), "draws.csv")
    assert str(error.value).splitlines() == [
        "draws.csv:5:1 a: 'lots' is not a number; write a number like 5214 or 0.8",
        "draws.csv:9:2 b: is blank; unknown is not zero; write a number like 5214 or 0.8",
    ]


@pytest.mark.parametrize(
    ("rows", "header", "words"),
    [
        (GOOD[:99], "a,b", "has 99 rows; a tail cannot be told from so few; give at least 100"),
        (GOOD, "a,a", "has the column a twice"),
        (["1,2,3"], "a,b", "cells more than the header"),
    ],
)
def test_what_is_no_file_of_draws(tmp_path, rows, header, words):
    with pytest.raises(DrawsFileError, match=words):
        read_draws(write(tmp_path / "draws.csv", rows, header))

"""An outcome as one input at a time changes by a percentage."""

import numpy as np
import pandas as pd
import pytest

from communitybudget.sensitivity import About, Spider, spider

TABLE = pd.DataFrame({"key": ["price", "share"], "low": [0.0, 0.0], "base": [20.0, 0.8], "high": [1e9, 1.0]})


def worth(rows: np.ndarray) -> np.ndarray:
    return rows[:, 0] * rows[:, 1] - 10


def test_lines_of_a_bilinear_function_are_known_and_end_where_the_input_ends():
    lines = spider(worth, TABLE, [-0.5, 0.0, 0.5])
    np.testing.assert_allclose(lines.outcome, [[-2.0, 6.0, 14.0], [-2.0, 6.0, np.nan]])
    assert len(lines.to_frame()) == 6


def test_every_setting_is_run_at_once():
    asked = []
    spider(lambda rows: asked.append(len(rows)) or rows[:, 0], TABLE, [-0.5, 0.0, 0.5])
    assert asked == [5]


def test_it_introduces_itself():
    lines = spider(worth, TABLE, about=About(price_base="2026-27"))
    assert Spider.from_json(lines.to_json()) == lines
    assert "at +25%" in lines.summary()  # a share of 0.8 cannot be half as much again
    assert [line.get_label() for line in lines.plot().get_lines()[1:]] == ["price", "share"]


def test_changes_must_ascend():
    with pytest.raises(ValueError, match="the changes do not ascend"):
        spider(worth, TABLE, [0.1, -0.1])

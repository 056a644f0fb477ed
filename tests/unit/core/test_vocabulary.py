from typing import get_args

import pytest

from communitybudget._core import vocabulary
from communitybudget._core.vocabulary import AGENCIES, ALL_AGENCIES, FUNDING_STREAMS, agency_label


@pytest.mark.parametrize(
    ("words", "type_"), [("VALUE_TYPES", "ValueType"), ("MARKS", "Mark"), ("INTERVALS", "Interval")]
)
def test_words_and_types_agree(words, type_):
    assert getattr(vocabulary, words) == get_args(getattr(vocabulary, type_))


def test_the_names_of_agencies_and_streams_are_all_different():
    for table in (AGENCIES, FUNDING_STREAMS):
        assert len(set(table.values())) == len(table)
        assert all(key == key.lower() and " " not in key for key in table)
    assert ALL_AGENCIES not in AGENCIES


def test_what_cannot_be_allocated_comes_last():
    assert list(AGENCIES)[-1] == "unallocated"
    assert list(FUNDING_STREAMS)[-1] == "not_stated"


@pytest.mark.parametrize(
    ("agency", "label"),
    [("dwp", "Department for Work and Pensions"), ("all", "All agencies"), ("my_team", "my_team")],
)
def test_labels(agency, label):
    assert agency_label(agency) == label

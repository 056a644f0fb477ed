import pickle

import pytest

from communitybudget._core import errors
from communitybudget._core.errors import (
    CaseFileError,
    CommunityBudgetError,
    Fault,
    FaultsError,
    ParameterNotFound,
    ParameterSetError,
    did_you_mean,
    nearest,
)


def fault(file="case.yaml", key="years", what="is missing", remedy="add it", line=None, column=None):
    return Fault(file, key, what, remedy, line, column)


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ({"line": 3, "column": 5}, "case.yaml:3:5 years: is missing; add it"),
        ({"line": 3}, "case.yaml:3 years: is missing; add it"),
        ({}, "case.yaml years: is missing; add it"),
        ({"column": 5}, "case.yaml years: is missing; add it"),
        ({"line": 3, "column": 5, "key": ""}, "case.yaml:3:5: is missing; add it"),
    ],
)
def test_a_fault_says_where_what_and_what_to_do(place, text):
    assert str(fault(**place)) == text


def test_all_faults_are_listed_in_the_order_of_the_files():
    scattered = [
        fault("b.csv", line=1, key="z"),
        fault("a.csv", line=10, column=2, key="d"),
        fault("a.csv", line=10, column=1, key="c"),
        fault("a.csv", line=9, column=7, key="b"),
        fault("a.csv", key="a"),
    ]
    error = FaultsError(scattered)
    assert [f.key for f in error.faults] == ["a", "b", "c", "d", "z"]
    assert str(error).splitlines() == [str(f) for f in error.faults]


@pytest.mark.parametrize("kind", [CaseFileError, ParameterSetError])
def test_files_with_faults_are_value_errors(kind):
    with pytest.raises(ValueError, match="years: is missing; add it"):
        raise kind([fault()])


def test_an_error_comes_back_from_another_process():
    error = ParameterSetError([fault(line=3)])
    assert pickle.loads(pickle.dumps(error)).faults == error.faults


def test_every_error_is_also_the_built_in_a_caller_expects():
    kinds = [k for k in vars(errors).values() if isinstance(k, type) and issubclass(k, CommunityBudgetError)]
    own = set(kinds) - {CommunityBudgetError}
    assert len(own) >= 10
    assert all(issubclass(kind, ValueError | KeyError | OSError) for kind in own)


def test_a_missing_parameter_reads_as_a_sentence():
    # A KeyError prints the repr of its message, quotes and all.
    assert str(ParameterNotFound("there is no 'x'")) == "there is no 'x'"
    assert str(ParameterNotFound()) == ""


def test_the_nearest_words_come_first():
    known = ["police", "prisons", "probation", "nhs"]
    assert nearest("polise", known) == ["police"]
    assert nearest("prison", known)[0] == "prisons"


def test_words_that_hold_the_word_are_near_too():
    keys = [
        "unit_cost.residential_home_week",
        "unit_cost.supported_accommodation_week",
        "delivery.engagement",
    ]
    assert nearest("WEEK", keys) == sorted(keys[:2], key=len)


def test_no_more_words_than_asked_for():
    assert len(nearest("a1", [f"a{i}" for i in range(20)], most=2)) == 2
    assert nearest("zzz", ["police"]) == []


@pytest.mark.parametrize(
    ("word", "known", "remedy"),
    [
        ("polce", ["nhs", "police"], "did you mean 'police'?"),
        ("police1", ["polices", "police"], "did you mean 'police' or 'polices'?"),
        ("zzzz", ["nhs", "dwp"], "use one of dwp, nhs"),
        ("zzzz", [f"key_{i}" for i in range(25)], "there are 25 to choose from"),
    ],
)
def test_the_remedy_names_the_nearest_or_all_when_few(word, known, remedy):
    assert did_you_mean(word, known) == remedy

"""Figures found by the words a finance officer has for them."""

import pytest

from communitybudget._core.errors import ParameterNotFound
from communitybudget.parameters.searching import plain_words


def first(england, words, **filters):
    return england.search(words, **filters)[0].id


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("foster placement", "unit_cost.SS2.0"),
        ("foster placements", "unit_cost.SS2.0"),
        ("SS2.0", "unit_cost.SS2.0"),
        ("ss2.0.1", "unit_cost.SS2.0.1"),
        ("unit_cost.CR9.0", "unit_cost.CR9.0"),
        ("A&E", "unit_cost.HE4.0"),
        ("domestic violence", "unit_cost.CR2.0"),
        ("complex evictions", "unit_cost.HO1.0"),
        ("constable", "unit_cost.CR9.0"),
    ],
)
def test_the_likeliest_comes_first(england, words, key):
    assert first(england, words) == key


def test_the_price_in_use_comes_before_its_like(england):
    keys = [p.id for p in england.search("foster placement")]
    assert keys.index("unit_cost.SS2.0.1") < keys.index("unit_cost.SS2.5")


def test_every_word_must_occur(england):
    found = england.search("foster placement zebra")
    assert found == []
    for parameter in england.search("prison place", table="unit_cost"):
        text = f"{parameter.label} {parameter.key} {parameter.note} {parameter.source_detail}".lower()
        assert "prison" in text or "place" in text


def test_no_words_give_everything_of_a_table(england):
    assert england.search("", table="delivery") == england.table("delivery")


@pytest.mark.parametrize(
    ("name", "value"), [("agency", "nhs"), ("topic", "housing"), ("table", "flow"), ("mark", "recalled")]
)
def test_filters(england, name, value):
    found = england.search("", **{name: value})
    assert 0 < len(found) < len(england)
    for p in found:
        have = {
            "agency": p.agency,
            "topic": p.fields.get("topic"),
            "table": p.key.split(".")[0],
            "mark": p.mark,
        }
        assert have[name] == value


def test_a_filter_that_names_nothing_is_answered_with_the_nearest(england):
    with pytest.raises(
        ParameterNotFound, match="no figure of the set has the agency 'nhss'; did you mean 'nhs'"
    ):
        england.search("home", agency="nhss")


def test_filters_that_hold_nothing_together_are_no_fault(england):
    assert england.search("", agency="nhs", topic="housing") == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Children's homes", ["child", "home"]),
        ("agencies, boxes and classes", ["agency", "box", "and", "class"]),
        ("analysis of a crisis", ["analysis", "of", "a", "crisis"]),
        ("E&S1.0, 40%", ["e&s1.0", "40"]),
    ],
)
def test_plain_words(text, words):
    assert plain_words(text) == words

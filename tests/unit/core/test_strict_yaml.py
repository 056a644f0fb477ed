import subprocess
import sys

import pytest

from communitybudget._core.strict_yaml import dotted, parse_strict, read_strict


def parse(text):
    return parse_strict(text, "case.yaml")


def value(text):
    found = parse(f"a: {text}")
    assert found.faults == ()
    return found.data["a"]


def messages(text):
    return [str(fault) for fault in parse(text).faults]


@pytest.mark.parametrize(
    "text", "yes no on off Yes NO y n True FALSE Null 1:30 190:20:30 0o17 0x1F 0b11 1_000".split()
)
def test_what_other_readers_guess_stays_text(text):
    assert value(text) == text


@pytest.mark.parametrize(
    "text", ["2025-01-01", "2025-26", "2001-12-14t21:59:43.10-05:00", ".inf", ".nan", "1e999"]
)
def test_dates_and_what_is_no_number_stay_text(text):
    assert value(text) == text


@pytest.mark.parametrize("text", ["017", "00", "0123"])
def test_a_leading_zero_is_neither_octal_nor_decimal(text):
    assert value(text) == text


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("-12", -12),
        ("+3", 3),
        ("1e3", 1000.0),
        ("1.5E-3", 0.0015),
        (".5", 0.5),
        ("-.5", -0.5),
        ("5.", 5.0),
        ("0.250", 0.25),
        ("12345678901234567890", 12345678901234567890),
    ],
)
def test_decimal_numbers(text, number):
    assert value(text) == number
    assert type(value(text)) is type(number)


@pytest.mark.parametrize("text", ["'5'", '"5"', "'true'", "'~'", '"2025-26"', "''"])
def test_what_is_quoted_is_text(text):
    assert value(text) == text[1:-1]


@pytest.mark.parametrize(
    ("text", "word"), [("true", True), ("false", False), ("null", None), ("~", None), ("", None)]
)
def test_the_words_that_are_understood(text, word):
    assert value(text) is word


def test_blocks_of_text_keep_their_lines():
    assert parse("a: |\n  5\n  6\nb: >-\n  one\n  two\n").data == {"a": "5\n6\n", "b": "one two"}


@pytest.mark.parametrize("text", ["", "\n\n", "# only a remark\n", "---\n"])
def test_an_empty_file_holds_nothing(text):
    found = parse(text)
    assert found.data is None
    assert found.faults == ()


def test_duplicate_keys_at_every_depth_are_listed_together():
    text = "a: 1\nb:\n  c: 1\n  d: [{e: 1, e: 2}]\n  c: 2\na: 3\n"
    assert messages(text) == [
        "case.yaml:4:14 b.d[0].e: is there twice (first on line 4); keep one of the two",
        "case.yaml:5:3 b.c: is there twice (first on line 3); keep one of the two",
        "case.yaml:6:1 a: is there twice (first on line 1); keep one of the two",
    ]
    assert parse(text).data == {"a": 1, "b": {"c": 1, "d": [{"e": 1}]}}


def test_keys_are_text_however_they_are_written():
    assert parse("2026-27: 60\n1: a\nyes: b\n").data == {"2026-27": 60, "1": "a", "yes": "b"}
    assert "1: is there twice" in messages("1: a\n'1': b\n")[0]


def test_a_key_that_is_no_word_is_refused():
    assert messages("a:\n  ? [x, y]\n  : 1\n") == [
        "case.yaml:2:5 a: a key is not plain text; use a word as key"
    ]


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("a:\n\tb: 1\n", 2, 1),
        ("a: [1, 2\nb: 3\n", 2, 2),
        ("a: 1\n b: 2\n", 2, 3),
        ("a: *nothing\n", 1, 4),
        ("a: 'open\n", 2, 1),
        ("a: 1\n---\nb: 2\n", 2, 1),
    ],
)
def test_what_is_not_yaml_is_reported_where_it_is(text, line, column):
    found = parse(text)
    assert found.data is None
    assert [(f.line, f.column) for f in found.faults] == [(line, column)]
    assert "this is not YAML" in found.faults[0].what


def test_characters_that_are_no_text_are_reported():
    assert "not a text file in UTF-8" in messages("a: \x01")[0]


def test_a_tag_of_ones_own_is_refused():
    assert messages("a:\n  b: !money 5\n") == ["case.yaml:2:6 a.b: the tag !money is not allowed; remove it"]


@pytest.mark.parametrize(
    "text",
    [
        "!!python/object:os.system {}",
        "!!python/object/apply:os.system ['ls']",
        "!!python/name:os.system ''",
        "!money {b: 1}",
        "!money [1]",
        "!!binary aGk=",
    ],
)
def test_every_tag_is_refused(text):
    assert len(messages(f"a: {text}")) == 1


@pytest.mark.parametrize(("text", "read"), [("!!str 5", "5"), ("!!str true", "true")])
def test_a_tag_of_text_is_obeyed_or_refused(text, read):
    found = parse(f"a: {text}")
    assert found.faults or found.data["a"] == read


def test_an_alias_repeats_what_its_anchor_says():
    found = parse("a: &x {b: 1}\nc: *x\n")
    assert found.data == {"a": {"b": 1}, "c": {"b": 1}}
    assert found.faults == ()


def test_a_merge_key_is_a_word_like_any_other():
    assert parse("a: &x {b: 1}\nc: {<<: *x}\n").data["c"] == {"<<": {"b": 1}}


@pytest.mark.parametrize("text", ["a: &x [1, *x]\n", "a: &x {b: *x}\n"])
def test_what_refers_to_itself_is_reported(text):
    faults = parse(text).faults
    assert faults
    assert all("refers to itself" in f.what and f.line == 1 for f in faults)


def test_what_refers_to_itself_twice_is_reported_soon():
    program = (
        "from communitybudget._core.strict_yaml import parse_strict; "
        "print(len(parse_strict('a: &x [*x, *x]', 'case.yaml').faults))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=5
    )
    assert int(answer.stdout) >= 1


def test_aliases_of_aliases_do_not_grow_without_bound():
    lines = ["a0: &a0 [x, x]", *(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]" for i in range(1, 12))]
    found = parse("\n".join(lines))
    assert found.faults or len(found.positions) < 1_000


def test_deep_nesting_is_reported():
    assert "nested too deeply" in messages("[" * 60 + "]" * 60)[0]


def test_very_deep_nesting_is_reported_too():
    assert len(messages("[" * 2_000 + "]" * 2_000)) == 1


def test_every_key_and_item_has_its_place():
    text = "title: x\noptions:\n  - name: a\n    costs: [1, {b: 2}]\n  - name: c\n"
    assert parse(text).positions == {
        (): (1, 1),
        ("title",): (1, 1),
        ("options",): (2, 1),
        ("options", 0): (3, 5),
        ("options", 0, "name"): (3, 5),
        ("options", 0, "costs"): (4, 5),
        ("options", 0, "costs", 0): (4, 13),
        ("options", 0, "costs", 1): (4, 16),
        ("options", 0, "costs", 1, "b"): (4, 17),
        ("options", 1): (5, 5),
        ("options", 1, "name"): (5, 5),
    }


def test_what_is_missing_stands_at_its_parent():
    found = parse("a:\n  b: 1\n")
    assert found.position(("a", "b", "c", 0)) == (2, 3)
    assert found.position(("a", "z")) == (1, 1)
    assert found.position(("z",)) == (1, 1)
    assert parse("").position(("z",)) == (None, None)


def test_a_file_from_windows_is_read(tmp_path):
    path = tmp_path / "case.yaml"
    path.write_bytes(b"\xef\xbb\xbftitle: \xc2\xa3\r\nyears: 10\r\n")
    found = read_strict(path, "case.yaml")
    assert found.data == {"title": "£", "years": 10}
    assert found.positions["years",] == (2, 1)


def test_a_mark_at_the_start_of_text_is_skipped():
    assert parse("\ufeffa: 1").data == {"a": 1}


def test_a_file_in_another_encoding_is_reported(tmp_path):
    path = tmp_path / "case.yaml"
    path.write_bytes("title: £5".encode("cp1252"))
    assert "not a text file in UTF-8" in str(read_strict(path, "case.yaml").faults[0])


def test_a_missing_file_is_no_empty_one(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_strict(tmp_path / "none.yaml", "none.yaml")


def test_paths_read_as_people_write_them():
    assert dotted(("options", 0, "delivery", 12, "per_family")) == "options[0].delivery[12].per_family"
    assert dotted(()) == ""

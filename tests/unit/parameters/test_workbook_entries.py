"""Rows of a workbook: codes, places in the hierarchy, keys, transfers, our words."""

import pytest

from communitybudget._core.vocabulary import AGENCIES as KNOWN_AGENCIES
from communitybudget.parameters import ParameterSet, import_ucd
from communitybudget.parameters.workbook_entries import code_between
from communitybudget.parameters.workbook_words import AGENCIES, THEMES, UNITS, plain, units_of
from workbook_builders import Book

TRANSFER = "The {} benefit to somebody is a transfer payment."


@pytest.fixture
def book():
    return Book()


@pytest.fixture
def read(tmp_path):
    return lambda book: import_ucd(book.save(tmp_path / "costs.xlsx"))


def entry_of(found, label):
    return next(e for e in found.entries if e.label == label)


class TestCodes:
    @pytest.mark.parametrize(
        ("above", "below", "missing"),
        [
            ("CR8.0", "CR8.0.2", "CR8.0.1"),
            ("CR8.0.3", "CR8.0.5", "CR8.0.4"),
            ("CR8.1", "CR8.3", "CR8.2"),
            ("CR8.1.6", "CR8.3", "CR8.2"),
            ("CR8.0", "CR8.0.3", ""),  # two are missing
            ("CR8.0.1", "CR8.0.2", ""),
            ("CR8.0.1", "CR8.1", ""),
            ("CR8.0", "CR9.0", ""),
            ("CR8.0", "HE8.0.2", ""),
            ("", "CR8.0.2", ""),
            ("CR8.0", "", ""),
        ],
    )
    def test_the_one_that_is_missing_between_two(self, above, below, missing):
        assert code_between(above, below) == missing

    def test_a_blank_code_is_supplied_where_only_one_fits(self, book, read):
        book.row("CR1.0.1")["code"] = " "
        found = read(book)
        entry = entry_of(found, "Lamp broken: police")
        assert (entry.code_cell, entry.code, entry.parent) == ("", "CR1.0.1", "CR1.0")
        assert found.counts()["does_not_reconcile"] == 0

    def test_a_blank_code_that_could_be_any_stays_blank(self, book, read, tmp_path):
        book.row("CR1.1")["code"] = None
        found = read(book)
        entry = entry_of(found, "Lamp stolen")
        assert (entry.code, entry.key, entry.level) == ("", "row@crime_6", "subsidiary")
        assert entry.parent == "CR1.0"  # by its group
        loaded = ParameterSet.load(found.write(tmp_path / "set"))
        assert loaded["unit_cost.row@crime_6"].fields["code"] == ""

    def test_a_code_that_is_there_twice_gets_a_key_of_its_own(self, book, read, tmp_path):
        book.add("Crime", "CR1.1", label="Lamp stolen again")
        found = read(book)
        assert [e.key for e in found.entries if e.code == "CR1.1"] == ["CR1.1", "CR1.1@crime_7"]
        assert len(ParameterSet.load(found.write(tmp_path / "set"))) == 11

    def test_a_code_that_cannot_be_read_is_placed_by_its_group(self, book, read):
        book.row("CR1.0.2")["code"] = "new 1"
        entry = entry_of(read(book), "Lamp broken: court")
        assert (entry.level, entry.parent) == ("constituent", "CR1.0")

    def test_blanks_in_a_code_do_not_matter(self, book, read):
        book.row("CR1.0.2")["code"] = " CR 1.0.2"
        assert entry_of(read(book), "Lamp broken: court").code == "CR1.0.2"


class TestTransfers:
    @pytest.mark.parametrize(
        ("note", "transfer"),
        [
            ("", ("unknown", None)),
            ("See the survey", ("unknown", None)),
            (TRANSFER.format("fiscal"), ("yes", 338)),
            (TRANSFER.format("£1,38.5 fiscal"), ("yes", 138.5)),
            (TRANSFER.format("£9,000 fiscal"), ("unknown", None)),  # more than the whole
        ],
    )
    def test_what_the_comment_on_a_cell_says(self, book, read, note, transfer):
        book.row("HE1.0")["note"] = note
        assert entry_of(read(book), "Night in a ward").transfer == transfer


class TestWords:
    def test_they_are_ours(self):
        assert {word for words in AGENCIES.values() for word in words} <= {"multiple", *KNOWN_AGENCIES}
        assert {topic for topic, _ in UNITS} <= {"", *THEMES.values()}
        assert all(plain(wording) == wording for _, wording in UNITS)
        assert all(plain(part) == part for pair in AGENCIES for part in pair)

    def test_a_theme_may_settle_what_the_wording_alone_does_not(self):
        assert len(units_of("Per week", "fire")) > 1
        assert units_of("Per week", "social_services") == ("per_person_week",)

    def test_a_theme_says_nothing_that_the_wording_alone_cannot_mean(self):
        for (topic, wording), words in UNITS.items():
            if topic and ("", wording) in UNITS:
                assert set(words) <= set(UNITS["", wording]), wording

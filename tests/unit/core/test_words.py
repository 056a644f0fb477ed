from communitybudget._core.words import MOST_WORDS, short_enough


def test_the_fullest_that_is_short_enough():
    full, just, short = ("word " * n for n in (MOST_WORDS + 1, MOST_WORDS, 3))
    assert short_enough([full, just, short]) == just


def test_the_last_where_none_is():
    long, longer = ("word " * n for n in (MOST_WORDS + 1, MOST_WORDS + 2))
    assert short_enough([longer, long]) == long

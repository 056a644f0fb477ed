"""Answers in words that must be short."""

from collections.abc import Iterable

MOST_WORDS = 79
"""An answer to a question of a report has fewer than 80 words."""


def short_enough(texts: Iterable[str]) -> str:
    """Return the first text that is short enough, or the last one if none is.

    Parameters
    ----------
    texts : iterable of str
        The fullest first; at least one.

    Examples
    --------
    >>> short_enough(["word " * 100, "a few words"])
    'a few words'
    """
    text = ""
    for text in texts:
        if len(text.split()) <= MOST_WORDS:
            break
    return text

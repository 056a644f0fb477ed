"""Financial years, 1 April to 31 March, written ``2025-26``."""

import re
from collections.abc import Iterable, Sequence

_FORM = re.compile(r"^(\d{4})[-/](\d{2}|\d{4})$")


def parse_year(text: str) -> str:
    """Return a financial year in the house form ``2025-26``.

    Parameters
    ----------
    text : str
        ``2025-26`` or ``2025/26``; the second part must follow the first.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If the text is not a financial year; a calendar year is never one.

    Examples
    --------
    >>> parse_year("1999/00")
    '1999-00'
    """
    match = _FORM.match(str(text).strip())
    if match:
        first = int(match[1])
        if str(first + 1).endswith(match[2]):
            return format_year(first)
    raise ValueError(f"'{text}' is not a financial year; write it like 2025-26 (1 April to 31 March)")


def format_year(first: int) -> str:
    """Return the financial year that begins on 1 April of the calendar year ``first``.

    Examples
    --------
    >>> format_year(2025)
    '2025-26'
    """
    return f"{first:04d}-{(first + 1) % 100:02d}"


def first_calendar_year(year: str) -> int:
    """Return the calendar year in which a financial year begins.

    Examples
    --------
    >>> first_calendar_year("2025-26")
    2025
    """
    return int(parse_year(year)[:4])


def years_from(start: str, count: int) -> tuple[str, ...]:
    """Return ``count`` financial years in a row, the first being ``start``.

    Examples
    --------
    >>> years_from("2013-14", 3)
    ('2013-14', '2014-15', '2015-16')
    """
    first = first_calendar_year(start)
    return tuple(format_year(first + i) for i in range(count))


def span(years: Sequence[str]) -> str:
    """Return ``first to last`` of a sequence of years in order, for messages.

    Examples
    --------
    >>> span(["2013-14", "2014-15"])
    '2013-14 to 2014-15'
    """
    return f"{years[0]} to {years[-1]}"


def sort_years(years: Iterable[str]) -> tuple[str, ...]:
    """Return financial years in order of time.

    Examples
    --------
    >>> sort_years(["2000-01", "1999-00"])
    ('1999-00', '2000-01')
    """
    return tuple(sorted(years, key=first_calendar_year))

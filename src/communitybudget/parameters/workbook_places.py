"""Where a cell is: ``H3`` is row 3 and column 8."""

from typing import TypeAlias

Place: TypeAlias = tuple[int, int]
Corners: TypeAlias = tuple[int, int, int, int]

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384


def place_of(text: str) -> Place:
    """Return row and column of a cell, counted from 1; 0 for one that is not named.

    Raises
    ------
    ValueError
        If the text names no cell, row or column.

    Examples
    --------
    >>> place_of("$H$3"), place_of("H"), place_of("3")
    ((3, 8), (0, 8), (3, 0))
    """
    plain = text.replace("$", "").upper()
    letters = plain.rstrip("0123456789")
    digits = plain[len(letters) :]
    column = 0
    for letter in letters:
        if not "A" <= letter <= "Z" or column > LAST_COLUMN:
            raise ValueError(f"'{text}' is no cell")
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(digits) if digits else 0, column


def corners_of(reference: str) -> Corners:
    """Return top, left, bottom and right of a range; whole rows and columns reach to the end.

    Examples
    --------
    >>> corners_of("B2:D10"), corners_of("C:C")
    ((2, 2, 10, 4), (1, 3, 1048576, 3))
    """
    first, _, last = reference.partition(":")
    (row_a, column_a), (row_b, column_b) = place_of(first), place_of(last or first)
    rows = (row_a or 1, row_b or LAST_ROW)
    columns = (column_a or 1, column_b or LAST_COLUMN)
    return min(rows), min(columns), max(rows), max(columns)


def letters_of(column: int) -> str:
    """Return the letters of a column.

    Examples
    --------
    >>> letters_of(8), letters_of(28)
    ('H', 'AB')
    """
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters

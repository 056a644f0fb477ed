"""Whether what was given as a number is one: text and lists are told as what they are."""

import math
from numbers import Integral, Real


def within(value: object, low: float = -math.inf, high: float = math.inf) -> bool:
    """Return whether what was given is a finite number from one limit to the other.

    Examples
    --------
    >>> within(0.8, 0, 1), within(80, 0, 1), within("80%", 0, 1), within(float("nan"))
    (True, False, False, False)
    """
    return isinstance(value, Real) and math.isfinite(value) and low <= float(value) <= high


def above(value: object, low: float) -> bool:
    """Return whether what was given is a finite number above a limit.

    Examples
    --------
    >>> above(1, 0), above(0, 0), above("1", 0)
    (True, False, False)
    """
    return within(value, low) and value != low


def whole(value: object, low: int) -> bool:
    """Return whether what was given is a whole number from a limit upwards.

    Examples
    --------
    >>> whole(2, 1), whole(1.5, 1), whole("2", 1)
    (True, False, False)
    """
    return isinstance(value, Integral) and int(value) >= low


def as_given(value: object, unit: str = "") -> str:
    """Return what was given in words: a number with its unit, all else in quotes.

    Examples
    --------
    >>> as_given(1_500_000, "£"), as_given("80%"), as_given(None)
    ('£1,500,000', "'80%'", 'None')
    """
    return f"{unit}{float(value):,.12g}" if isinstance(value, Real) else repr(value)

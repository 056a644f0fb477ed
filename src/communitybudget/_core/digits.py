"""Amounts and chances in words, with no more digits than Monte Carlo error supports."""

import numpy as np

from communitybudget._core.chances import chance


def round_to(value: float, unit: int = 1) -> int:
    """Round half to even to a multiple of ``unit``."""
    return int(np.round(value / unit)) * unit


def pounds(value: float | None, *, signed: bool = False) -> str:
    """Return whole pounds with a proper minus sign; a dash where there is no figure.

    Parameters
    ----------
    value : float or None
        GBP.
    signed : bool, default False
        Whether a gain bears a plus sign.

    Examples
    --------
    >>> pounds(-1478.4), pounds(float("nan")), pounds(20, signed=True)
    ('−£1,478', '–', '+£20')
    """
    if value is None or np.isnan(value):
        return "–"
    whole = round_to(value)
    sign = "−" if whole < 0 else "+" if signed else ""
    return f"{sign}£{abs(whole):,}"


def amount(value: float) -> str:
    """Return a number with thousands separated, and small ones with three figures.

    Examples
    --------
    >>> amount(1234.5), amount(0.123456), amount(float("nan"))
    ('1,234', '0.123', 'not known')
    """
    if not np.isfinite(value):
        return "not known"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def percent(share: float, places: int = 0) -> str:
    """Return a share as a percentage with a proper minus sign; one that rounds to nil has none.

    Examples
    --------
    >>> percent(-0.001), percent(-0.062), percent(0.4449, 1)
    ('0%', '−6%', '44.5%')
    """
    return f"{round(share, places + 2) + 0.0:.{places}%}".replace("-", "−")


def as_stated(share: float) -> str:
    """Return a share that somebody stated in percent, with the digits that it was given.

    Examples
    --------
    >>> as_stated(0.29), as_stated(0.125), as_stated(1.5)
    ('29%', '12.5%', '150%')
    """
    return f"{100 * share:.6g}%"


def counted(number: float, one: str, many: str = "") -> str:
    """Return a number with its noun, in the singular where it is one.

    Examples
    --------
    >>> counted(1, "draw"), counted(10_000, "draw"), counted(1.0, "family", "families")
    ('1 draw', '10,000 draws', '1 family')
    """
    return f"{number:,.10g} {one if number == 1 else many or f'{one}s'}"


def pounds_and_pence(value: float) -> str:
    """Return pounds and pence with a proper minus sign, and none before nil.

    Examples
    --------
    >>> pounds_and_pence(-0.004), pounds_and_pence(-1.5)
    ('£0.00', '−£1.50')
    """
    pence = round_to(100 * value)
    return f"{'−' if pence < 0 else ''}£{abs(pence) / 100:,.2f}"


def supported_unit(error: float) -> int:
    """Return the finest whole power of ten that a Monte Carlo error supports: the place of its first digit.

    Parameters
    ----------
    error : float
        Standard error in the unit of the figure; 1 is returned where it is nil or not known.

    Examples
    --------
    >>> supported_unit(1_450.0), supported_unit(0.3), supported_unit(float("nan"))
    (1000, 1, 1)
    """
    if not np.isfinite(error) or error <= 0:
        return 1
    return int(10 ** max(0, int(np.floor(np.log10(error)))))


def supported(value: float, error: float) -> str:
    """Return pounds with no more digits than the Monte Carlo error supports.

    Examples
    --------
    >>> supported(113_793.0, 1_450.0)
    '£114,000'
    """
    if np.isnan(value):
        return pounds(value)
    return pounds(round_to(value, supported_unit(error)))


def supported_chance(value: float, error: float) -> str:
    """Return a probability in whole percent; in tens of percent where its error is ten points or more.

    Where the error is as large as a probability can be, it is ``not known``.

    Parameters
    ----------
    value, error : float
        The probability and its Monte Carlo standard error, as shares.

    Examples
    --------
    >>> supported_chance(0.654, 0.005), supported_chance(0.654, 0.12), supported_chance(0.04, 0.12)
    ('65%', '70%', 'under 10%')
    """
    unit = supported_unit(100 * error)
    if unit == 1:
        return chance(value)
    if unit > 10:
        return "not known"
    shown = round_to(100 * value, unit)
    if shown <= 0:
        return f"under {unit}%"
    return f"over {100 - unit}%" if shown >= 100 else f"{shown}%"

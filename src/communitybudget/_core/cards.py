"""Cards and text with which results introduce themselves; no clock time in them."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from communitybudget._core.digits import counted
from communitybudget._core.results import JsonResult

_STYLE = (
    "font-family:sans-serif;border:1px solid #b1b4b6;border-radius:4px;padding:0.8em 1em;"
    "max-width:46em;background:#fff;color:#0b0c0c"
)


NOT_STATED = "not stated"
"""The price base of amounts that came as plain arrays."""


def in_prices(price_base: str, unit: str = "GBP") -> str:
    """Return a unit of money and its price base in words.

    Examples
    --------
    >>> in_prices("2026-27"), in_prices(NOT_STATED, "GBP a year")
    ('GBP, real, 2026-27 prices', 'GBP a year, price base not stated')
    """
    return (
        f"{unit}, price base not stated" if price_base == NOT_STATED else f"{unit}, real, {price_base} prices"
    )


def footer(price_base: str, seed: int | None, draws: int, set_version: str) -> str:
    """Return the line under every result: price base, seed, draws and parameter set, where they are known.

    Examples
    --------
    >>> footer("2026-27", 1, 10_000, "england 0.1.0")
    'GBP, real, 2026-27 prices · seed 1 · 10,000 draws · parameters england 0.1.0'
    >>> footer("2026-27", None, 400, "")
    'GBP, real, 2026-27 prices · seed not stated · 400 draws'
    """
    base = in_prices(price_base) if price_base else "Natural units, no money"
    parts = [base, f"seed {'not stated' if seed is None else seed}", counted(draws, "draw")]
    return " · ".join([*parts, *([f"parameters {set_version}"] if set_version else [])])


def card(title: str, rows: Sequence[tuple[str, str]], foot: str, note: str = "") -> str:
    """Return a small HTML card; every text is escaped.

    Parameters
    ----------
    title : str
        Heading.
    rows : sequence of (str, str)
        Name and value.
    foot : str
        The line from `footer`.
    note : str, optional
        A sentence under the table.
    """
    body = "".join(
        f'<tr><th scope="row" style="text-align:left;font-weight:normal;padding:0.15em 1em 0.15em 0">'
        f'{escape(name)}</th><td style="text-align:right;padding:0.15em 0"><strong>{escape(value)}</strong>'
        "</td></tr>"
        for name, value in rows
    )
    text = f'<p style="margin:0.5em 0 0">{escape(note)}</p>' if note else ""
    return (
        f'<div style="{_STYLE}"><p style="margin:0 0 0.5em;font-size:1.1em">'
        f"<strong>{escape(title)}</strong></p>"
        f'<table style="border-collapse:collapse">{body}</table>{text}'
        f'<p style="margin:0.6em 0 0;color:#505a5f;font-size:0.85em">{escape(foot)}</p></div>'
    )


def text_table(title: str, rows: Sequence[tuple[str, str]], foot: str, note: str = "") -> str:
    """Return the same card as plain text."""
    width = max((len(name) for name, _ in rows), default=0)
    lines = [title, *(f"  {name.ljust(width)}  {value}" for name, value in rows)]
    if note:
        lines.append(note)
    return "\n".join([*lines, foot])


class Card(NamedTuple):
    """What `card` and `text_table` print of a result."""

    title: str
    rows: Sequence[tuple[str, str]]
    foot: str
    note: str = ""


class CardResult(JsonResult, ABC):
    """Base of results that introduce themselves as a card: as text, and as HTML in a notebook."""

    @abstractmethod
    def _card(self) -> Card:
        """Return what the card and the text print."""

    def summary(self) -> str:
        """Return the main figures as text."""
        return text_table(*self._card())

    def _repr_html_(self) -> str:
        return card(*self._card())

"""What a result is of and what made it, and how results of this room introduce themselves."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from communitybudget._core.cards import NOT_STATED, card, in_prices, text_table
from communitybudget._core.results import JsonResult, result


@result
@dataclass(frozen=True, slots=True)
class About:
    """What an outcome is and what made it, for the title and the foot of a result.

    Parameters
    ----------
    outcome_label : str
        What the outcome is, in words.
    price_base : str
        Price base of the outcome, such as ``2026-27``.
    seed : int or None
        Seed of the draws, None where there are none.
    draws : int
        Number of draws; 1 where every input is held.
    set_version : str
        Name and version of the parameter set.

    Examples
    --------
    >>> About("net present value", "2026-27", seed=1, draws=300, set_version="england").foot
    'GBP, real, 2026-27 prices · seed 1 · 300 draws · parameters england'
    """

    outcome_label: str = "outcome"
    price_base: str = NOT_STATED
    seed: int | None = None
    draws: int = 1
    set_version: str = "not stated"

    @property
    def foot(self) -> str:
        """The line under a result."""
        seed = "not stated" if self.seed is None else str(self.seed)
        draws = "every input held" if self.draws == 1 else f"{self.draws:,} draws"
        return f"{in_prices(self.price_base)} · seed {seed} · {draws} · parameters {self.set_version}"


class Introduced(JsonResult):
    """Base of results that introduce themselves from a title, rows, a note and what they are about."""

    about: About

    @property
    def title(self) -> str:
        """Heading of the card and of the chart."""
        raise NotImplementedError

    @property
    def note(self) -> str:
        """How to read the rows."""
        raise NotImplementedError

    @property
    def key_figure(self) -> str:
        """The figure that stands for the result in one line."""
        raise NotImplementedError

    def rows(self) -> Sequence[tuple[str, str]]:
        """Return names and values in words."""
        raise NotImplementedError

    def summary(self) -> str:
        """Return the result as text."""
        return text_table(self.title, self.rows(), self.about.foot, self.note)

    def __repr__(self) -> str:
        about = self.about
        return (
            f"{type(self).__name__}({self.key_figure}, price_base={about.price_base}, "
            f"draws={about.draws}, seed={about.seed})"
        )

    def _repr_html_(self) -> str:
        return card(self.title, self.rows(), self.about.foot, self.note)


def amount(value: float) -> str:
    """Return pounds with thousands separated, and small numbers with three figures.

    Examples
    --------
    >>> amount(1234.5), amount(0.123456), amount(float("nan"))
    ('1,234', '0.123', 'not known')
    """
    if not math.isfinite(value):
        return "not known"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"

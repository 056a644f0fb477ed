"""What a result is of and what made it, and how results of this room introduce themselves."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from communitybudget._core.cards import NOT_STATED, Card, CardResult, in_prices
from communitybudget._core.results import result


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
        draws = "every input held" if self.draws == 1 else f"{self.draws:,} draws"
        return foot_of(self.price_base, self.seed, draws, self.set_version)


class Introduced(CardResult):
    """Base of results that introduce themselves from a title, rows, a note and what they are about."""

    about: About

    @property
    @abstractmethod
    def title(self) -> str:
        """Heading of the card and of the chart."""

    @property
    @abstractmethod
    def note(self) -> str:
        """How to read the rows."""

    @property
    @abstractmethod
    def key_figure(self) -> str:
        """The figure that stands for the result in one line."""

    @abstractmethod
    def rows(self) -> Sequence[tuple[str, str]]:
        """Return names and values in words."""

    def _card(self) -> Card:
        return Card(self.title, self.rows(), self.about.foot, self.note)

    def __repr__(self) -> str:
        about = self.about
        return (
            f"{type(self).__name__}({self.key_figure}, price_base={about.price_base}, "
            f"draws={about.draws}, seed={about.seed})"
        )


def foot_of(price_base: str, seed: int | None, draws: str, set_version: str) -> str:
    """Return the line under a result of an outcome that may be money: what is not known is left out.

    Examples
    --------
    >>> foot_of("2026-27", None, "300 draws", "")
    'GBP, real, 2026-27 prices · seed not stated · 300 draws'
    """
    money = [in_prices(price_base)] if price_base else []
    parameters = [f"parameters {set_version}"] if set_version else []
    return " · ".join([*money, f"seed {'not stated' if seed is None else seed}", draws, *parameters])

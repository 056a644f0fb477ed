"""Errors that say what is wrong, where, and what to do about it."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


class CommunityBudgetError(Exception):
    """Base of every error that this library raises on purpose."""


class ParameterNotFound(CommunityBudgetError, KeyError):
    """A key that is in no table of the parameter set; the message names the nearest ones."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class ParameterError(CommunityBudgetError, ValueError):
    """A parameter row or set that cannot be used as it stands."""


class PriceBaseMismatch(CommunityBudgetError, ValueError):
    """Amounts of money at different price bases meet, or a price base is missing or out of range."""


class TransitionError(CommunityBudgetError, ValueError):
    """A transition row that does not sum to one, or an edge or state that is not there."""


class EffectError(CommunityBudgetError, ValueError):
    """An effect that the pathway cannot reproduce."""


class DoubleCounting(CommunityBudgetError, ValueError):
    """The same money would be counted twice."""


class ScheduleError(CommunityBudgetError, ValueError):
    """An unknown discount schedule or a rate that is none."""


class AgreementError(CommunityBudgetError, ValueError):
    """Terms that partners cannot agree to: shares above the whole, unknown partners, nobody who gains."""


class OutputError(CommunityBudgetError, OSError):
    """Results could not be written; what was there before is untouched."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong in a file.

    Parameters
    ----------
    file : str
        Name of the file as the user gave it.
    key : str
        Dotted path of the entry, for example ``options[0].delivery[0].per_family``.
    what : str
        What is wrong.
    remedy : str
        What to do about it.
    line, column : int or None
        Position, counted from 1.
    """

    file: str
    key: str
    what: str
    remedy: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        place = self.file
        if self.line is not None:
            place += f":{self.line}"
            if self.column is not None:
                place += f":{self.column}"
        where = f"{place} {self.key}" if self.key else place
        return f"{where}: {self.what}; {self.remedy}"


class FaultsError(CommunityBudgetError, ValueError):
    """Every fault found in one go.

    Parameters
    ----------
    faults : sequence of Fault
        All faults; the message lists them by position.
    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda f: (f.file, f.line or 0, f.column or 0)))
        super().__init__("\n".join(str(fault) for fault in self.faults))

    def __reduce__(self) -> tuple[type, tuple[tuple[Fault, ...]]]:
        return type(self), (self.faults,)


class CaseFileError(FaultsError):
    """A case file with faults; all of them are listed."""


class ParameterSetError(FaultsError):
    """A parameter set whose tables have faults; all of them are listed."""


class WorkbookError(FaultsError):
    """A workbook that cannot be opened, or sheets and columns that are not in it; all are listed."""


class PathwayError(FaultsError, TransitionError, ParameterError):
    """A pathway whose tables have faults; all of them are listed."""


def raise_together(faults: Sequence[str], kind: type[Exception] = ValueError) -> None:
    """Raise every fault at once, one on a line, as one error of a kind; nothing where there is none.

    Examples
    --------
    >>> raise_together([])
    >>> raise_together(["the horizon is 0 years; give a number above 0", "there are no places; give one"])
    Traceback (most recent call last):
    ValueError: the horizon is 0 years; give a number above 0
    there are no places; give one
    """
    if faults:
        raise kind("\n".join(faults))


def nearest(word: str, known: Iterable[str], most: int = 3) -> list[str]:
    """Return the known words that look most like ``word``, best first.

    Parameters
    ----------
    word : str
        The word that was not found.
    known : iterable of str
        The words that exist.
    most : int, default 3
        How many to return at the most.

    Returns
    -------
    list of str

    Examples
    --------
    >>> nearest("polce", ["police", "prisons", "nhs"])
    ['police']
    """
    words = list(known)
    close = difflib.get_close_matches(word, words, n=most, cutoff=0.5)
    if len(close) < most:
        inside = [w for w in words if word.lower() in w.lower() and w not in close]
        close += sorted(inside, key=len)[: most - len(close)]
    return close


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return the remedy that names the nearest known words, or all of them when few.

    Examples
    --------
    >>> did_you_mean("polce", ["police", "nhs"])
    "did you mean 'police'?"
    """
    words = sorted(known)
    if not words:
        return "there are none"
    close = nearest(word, words)
    if close:
        return "did you mean " + " or ".join(f"'{w}'" for w in close) + "?"
    if len(words) <= 24:
        return "use one of " + ", ".join(words)
    return f"there are {len(words)} to choose from"

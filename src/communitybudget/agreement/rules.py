"""What every rule of an agreement declares: who funds, which gains are shared, and how."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from communitybudget._core.digits import as_stated
from communitybudget._core.errors import did_you_mean
from communitybudget._core.numbers import as_given, within
from communitybudget._core.vocabulary import agency_label
from communitybudget.agreement.pence import FloatArray, IntArray
from communitybudget.agreement.positions import SHARED, SHARED_IN_WORDS, Positions, Shared

TOLERANCE = 1e-9
"""By how much stated shares may miss the whole."""

NOBODY_FUNDS = (
    "nobody puts anything in, so gains cannot be shared by what each put in; give what the programme costs, "
    "or take another rule"
)


@dataclass(frozen=True, slots=True)
class Split:
    """What a rule comes to, in all up to the end of each year: pence, before they are rounded.

    A fall of what is owed to a partner is paid back by it.

    Parameters
    ----------
    contributions : ndarray, shape (agency, year, draw)
        To the programme. They sum to what it costs less ``from_fund``.
    receipts : ndarray, shape (agency, year, draw)
        Of the shared gains, what a partner keeps of its own among them. They sum to the gains less what
        the fund has had of them.
    from_fund : ndarray of int, shape (year, draw), optional
        What the fund has paid for the programme out of gains.
    held : ndarray of int, shape (year, draw), optional
        What the fund holds; nothing in the last year.
    """

    contributions: FloatArray
    receipts: FloatArray
    from_fund: IntArray | None = None
    held: IntArray | None = None


@dataclass(frozen=True, kw_only=True)
class Rule(ABC):
    """A rule by which partners fund a programme and share what it gains.

    Parameters
    ----------
    shared : {'fiscal', 'cashable'}, default 'fiscal'
        Which gains.
    funding : mapping of str to float, optional
        Share of the cost that each partner funds, summing to 1; each bears what it spends if omitted.
    """

    label: ClassVar[str]

    shared: Shared = "fiscal"
    funding: Mapping[str, float] | None = None

    @abstractmethod
    def split(self, positions: Positions) -> Split:
        """Return what the rule comes to for partners as they stand."""

    @abstractmethod
    def words(self) -> tuple[str, ...]:
        """Return the terms in words, as a term sheet prints them; without those of funding."""

    def faults(self, positions: Positions) -> list[str]:
        """Return in words what makes the rule impossible for these partners."""
        found = word_faults(self.shared, "gains to share", SHARED)
        if self.funding is not None:
            found += share_faults(self.funding, "funding", positions.agencies)
        return found

    def funding_faults(self, positions: Positions) -> list[str]:
        """Return in words why gains cannot be shared by what each put in, if they cannot.

        Nothing where the stated funding is itself at fault, which `faults` tells.
        """
        if Rule.faults(self, positions) or self._stated_contributions(positions)[:, -1].max() > 0:
            return []
        return [NOBODY_FUNDS]

    def terms(self) -> tuple[str, ...]:
        """Return all terms in words: who funds, then how gains are shared."""
        return (self._funding_words(), f"What is shared: {SHARED_IN_WORDS[self.shared]}.", *self.words())

    def _funding_words(self) -> str:
        if self.funding is None:
            return "Each partner funds what it spends on the programme."
        return f"The cost of the programme is funded {shares_in_words(self.funding)}."

    def _stated_contributions(self, positions: Positions) -> FloatArray:
        """Return what each funds to date by the stated shares, pence, shape (agency, year, draw)."""
        spent = positions.spent_so_far
        if self.funding is None:
            return spent.astype(np.float64)
        return by_shares(spent.sum(axis=0), self.funding, positions.agencies)


def shares_in_words(shares: Mapping[str, float], joined_by: str = "by") -> str:
    """Return stated shares as a list in words.

    Examples
    --------
    >>> shares_in_words({"nhs": 0.6, "police": 0.4})
    '60% by NHS, 40% by Police'
    >>> shares_in_words({"nhs": 0.625, "police": 0.375}, "to")
    '62.5% to NHS, 37.5% to Police'
    """
    return ", ".join(f"{as_stated(s)} {joined_by} {agency_label(a)}" for a, s in shares.items() if s)


def share_faults(shares: Mapping[str, float], what: str, agencies: Sequence[str]) -> list[str]:
    """Return in words what is wrong with stated shares: unknown partners, below nothing, not the whole.

    Examples
    --------
    >>> share_faults({"nhs": 0.9, "police": 0.3}, "gain", ["nhs", "police"])
    ['the gain shares sum to 120%, more than there is; lower them to 100% in all']
    """
    if not isinstance(shares, Mapping):
        such = f"{{'{agencies[0]}': 1.0}}"
        return [f"the {what} shares are {shares!r}; give partners with their shares, such as {such}"]
    found = [
        f"the {what} share of '{name}' is for no partner; {did_you_mean(name, agencies)}"
        for name in shares
        if name not in agencies
    ]
    found += [
        f"the {what} share of {agency_label(name)} is {as_given(share)}; "
        "give a number from 0 to 1, such as 0.4 for 40%"
        for name, share in shares.items()
        if not within(share, 0, 1)
    ]
    if not all(map(within, shares.values())):
        return found
    total = sum(shares.values())
    if abs(total - 1) > TOLERANCE:
        how = "more than there is; lower them" if total > 1 else "which leaves some to nobody; raise them"
        found.append(f"the {what} shares sum to {as_stated(total)}, {how} to 100% in all")
    return found


def word_faults(word: object, what: str, known: Sequence[str]) -> list[str]:
    """Return in words that a word of the terms is not one of those that are known.

    Examples
    --------
    >>> word_faults("cash", "gains to share", ["fiscal", "cashable"])
    ["the gains to share are 'cash'; did you mean 'cashable'?"]
    """
    return [] if word in known else [f"the {what} are '{word}'; {did_you_mean(str(word), known)}"]


def by_shares(
    totals: FloatArray | IntArray, shares: Mapping[str, float], agencies: Sequence[str]
) -> FloatArray:
    """Return totals (year, draw) split by stated shares, shape (agency, year, draw)."""
    own = np.array([shares.get(agency, 0.0) for agency in agencies])
    split: FloatArray = own[:, np.newaxis, np.newaxis] * totals
    return split


def by_put_in(totals: FloatArray | IntArray, put_in: FloatArray, kept: FloatArray | IntArray) -> FloatArray:
    """Return totals in proportion to what each put in; in a draw in which nobody did, what each has kept.

    Parameters
    ----------
    totals : ndarray, shape (year, draw)
    put_in : ndarray, shape (agency, draw)
        A partner that has put in less than nothing has no part.
    kept : ndarray, shape (agency, year, draw)
        Summing to the totals.

    Returns
    -------
    ndarray, shape (agency, year, draw)

    Examples
    --------
    >>> by_put_in(np.array([[8.0, 8.0]]), np.array([[3.0, 0.0], [1.0, 0.0]]), np.array([[[5, 5]], [[3, 3]]]))
    array([[[6., 5.]],
    <BLANKLINE>
           [[2., 3.]]])
    """
    return np.where((put_in > 0).any(axis=0), portions(put_in)[:, np.newaxis] * totals, kept)


def portions(amounts: FloatArray, otherwise: FloatArray | None = None) -> FloatArray:
    """Return the part of each partner in the sum of what is positive, shape as given, (agency, ...).

    Parameters
    ----------
    amounts : ndarray, shape (agency, ...)
    otherwise : ndarray, shape (agency, ...), optional
        Parts where nothing is positive; equal parts unless given.

    Examples
    --------
    >>> portions(np.array([3.0, 1.0, -5.0]))
    array([0.75, 0.25, 0.  ])
    """
    positive = np.maximum(amounts, 0.0)
    total = positive.sum(axis=0)
    some = total > 0
    equal = np.full(amounts.shape, 1 / len(amounts)) if otherwise is None else otherwise
    return np.where(some, positive / np.where(some, total, 1.0), equal)

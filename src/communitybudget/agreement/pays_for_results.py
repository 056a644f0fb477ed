"""What rules that pay for results have in common: who pays, caps, arrears, falls and an early end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar, get_args

import numpy as np
import numpy.typing as npt

from communitybudget._core.digits import counted, pounds
from communitybudget._core.errors import did_you_mean
from communitybudget._core.numbers import as_given, whole, within
from communitybudget._core.vocabulary import agency_label
from communitybudget.agreement.paid_result import PaidResult
from communitybudget.agreement.pence import FloatArray, IntArray, to_pence
from communitybudget.agreement.positions import Positions
from communitybudget.agreement.rules import Rule, by_shares, share_faults, shares_in_words, word_faults

BoolArray = npt.NDArray[np.bool_]
Amounts = TypeVar("Amounts", FloatArray, IntArray)

Falls = Literal["paid_back", "kept"]
"""Whether a payment is returned when the results to date fall."""


@dataclass(frozen=True, kw_only=True)
class Termination:
    """When a contract ends early.

    What was earned by then is still paid. Nothing is earned after it, and an investor puts in no more.

    Parameters
    ----------
    after : str
        Financial year at the end of which it ends.
    unless_earned : float, optional
        GBP that results have to have earned by then, before caps, for it to go on; it ends whatever they have
        earned if omitted.
    """

    after: str
    unless_earned: float | None = None

    def faults(self, years: Sequence[str]) -> list[str]:
        """Return in words what is wrong with the term in an agreement over these years."""
        found = []
        if self.after not in years:
            hint = did_you_mean(str(self.after), years)
            found.append(f"the contract ends after '{self.after}', no year of it; {hint}")
        if self.unless_earned is not None and not within(self.unless_earned):
            found.append(f"results have to have earned {as_given(self.unless_earned, '£')}; give GBP")
        return found

    def words(self) -> str:
        """Return the term in words."""
        text = f"The contract ends after {self.after}"
        if self.unless_earned is not None:
            text += f", unless results have earned {pounds(self.unless_earned)} by then"
        return f"{text}; what was earned by then is still paid."


@dataclass(frozen=True, kw_only=True)
class PaysForResults(Rule):
    """Rules under which payers pay for results and each partner keeps its own gains.

    Parameters
    ----------
    provider : str
        Partner that answers for the programme.
    payers : mapping of str to float
        Share of the payments that each payer bears, summing to 1.
    results : tuple of PaidResult
        What is paid for.
    cap : float, optional
        Most that is paid in all, GBP.
    cap_a_year : float, optional
        Most that is paid in a year, GBP; what is above it is paid in later years that have room.
    lag : int, default 0
        Years between a result and its payment; all that is outstanding is paid in the last year.
    falls : {'paid_back', 'kept'}, default 'paid_back'
        Whether a payment is returned when the results to date fall.
    termination : Termination, optional
        When the contract ends early.
    """

    provider: str
    payers: Mapping[str, float]
    results: tuple[PaidResult, ...]
    cap: float | None = None
    cap_a_year: float | None = None
    lag: int = 0
    falls: Falls = "paid_back"
    termination: Termination | None = None

    @property
    def funders(self) -> Mapping[str, float]:
        """Shares of the cost; the provider has all of it unless ``funding`` is given."""
        return {self.provider: 1.0} if self.funding is None else self.funding

    def earned_to_date(self, positions: Positions) -> FloatArray:
        """Return what results have earned up to the end of each year, GBP, shape (year, draw).

        Before caps and arrears; it stands still after an early end, and never falls if nothing is paid back.
        """
        return self._in_force(self._results_to_date(), positions)

    def _results_to_date(self) -> FloatArray:
        earned: FloatArray = np.sum([paid.earned_to_date() for paid in self.results], axis=0)
        return np.maximum.accumulate(earned, axis=0) if self.falls == "kept" else earned

    def ended(self, positions: Positions) -> BoolArray:
        """Return in which years and draws the contract has ended early, shape (year, draw)."""
        ended = np.zeros((len(positions.years), positions.draws), dtype=np.bool_)
        if self.termination is not None:
            last = positions.years.index(self.termination.after)
            least = self.termination.unless_earned
            ended[last + 1 :] = True if least is None else self._results_to_date()[last] < least
        return ended

    def _in_force(self, to_date: Amounts, positions: Positions) -> Amounts:
        """Return totals to date that stand still once the contract has ended."""
        if self.termination is None:
            return to_date
        at_the_end = to_date[positions.years.index(self.termination.after)]
        return np.where(self.ended(positions), at_the_end, to_date)

    def paid_to_date(self, positions: Positions) -> IntArray:
        """Return what payers have paid for results up to the end of each year, pence, shape (year, draw)."""
        earned = to_pence(self.earned_to_date(positions))
        due = np.zeros_like(earned)
        due[self.lag :] = earned[: max(len(earned) - self.lag, 0)]
        due[-1] = earned[-1]
        if self.cap is not None:
            due = np.minimum(due, to_pence(self.cap))
        if self.cap_a_year is not None:
            most = to_pence(self.cap_a_year)
            paid = np.zeros_like(due[0])
            for y in range(len(due)):
                paid = np.minimum(due[y], paid + most)
                due[y] = paid
        return due

    def cap_binds(self, positions: Positions) -> BoolArray:
        """Return in which draws a cap leaves unpaid at the end what results have earned, shape (draw,)."""
        unpaid = to_pence(self.earned_to_date(positions)[-1]) > self.paid_to_date(positions)[-1]
        return np.asarray(unpaid)

    def faults(self, positions: Positions) -> list[str]:
        """Return in words what makes the rule impossible for these partners."""
        found = super().faults(positions)
        known = positions.agencies
        if self.provider not in known:
            found.append(
                f"the provider '{self.provider}' is no partner; {did_you_mean(self.provider, known)}"
            )
        if not self.payers:
            found.append("nobody pays for results; name the payers and their shares")
        else:
            found += share_faults(self.payers, "payment", known)
        if named_share(self.payers, self.provider):
            found.append(
                f"the provider '{self.provider}' is a payer and would pay itself; leave it out of the payers"
            )
        if isinstance(self.results, PaidResult):
            found.append(f"results is '{self.results.label}' itself; give a tuple, (result,)")
        elif not self.results:
            found.append("there is no result to pay for; name at least one with its tariff")
        else:
            found += [fault for paid in self.results for fault in paid.faults(positions)]
        for name, cap in (("in all", self.cap), ("a year", self.cap_a_year)):
            if cap is not None and not within(cap, 0):
                found.append(f"the cap {name} is {as_given(cap, '£')}; give £0 or more, or leave it out")
        if not whole(self.lag, 0):
            found.append(
                f"payments lag results by {as_given(self.lag)} years; give a whole number, 0 or more"
            )
        found += word_faults(self.falls, "payments when results fall", get_args(Falls))
        if isinstance(self.termination, Termination):
            found += self.termination.faults(positions.years)
        elif self.termination is not None:
            found.append(f"the termination is {self.termination!r}; write Termination(after='2027-28')")
        return found

    def _stated_contributions(self, positions: Positions) -> FloatArray:
        """Return what each funds up to the end of each year, pence, shape (agency, year, draw)."""
        return by_shares(positions.spent_so_far.sum(axis=0), self.funders, positions.agencies)

    def payments(self, positions: Positions) -> FloatArray:
        """Return what each payer has paid up to the end of each year, pence, shape (agency, year, draw)."""
        return by_shares(self.paid_to_date(positions), self.payers, positions.agencies)

    def terms(self) -> tuple[str, ...]:
        """Return all terms in words: who funds, that gains are kept, then what is paid for."""
        return (self._funding_words(), "Each partner keeps its own gains.", *self.words())

    def _funding_words(self) -> str:
        if self.funding is None:
            return f"{agency_label(self.provider)} funds the whole cost of the programme."
        return super()._funding_words()

    def words(self) -> tuple[str, ...]:
        """Return the terms in words."""
        words = [paid.words() for paid in self.results]
        words.append(f"Results are paid for {shares_in_words(self.payers)}.")
        if self.cap is not None:
            words.append(f"No more than {pounds(self.cap)} is paid in all.")
        if self.cap_a_year is not None:
            words.append(
                f"No more than {pounds(self.cap_a_year)} is paid in a year; what is above it is paid in "
                "later years that have room."
            )
        if self.lag:
            words.append(
                f"Payments follow results by {counted(self.lag, 'year')}; all that is outstanding is paid "
                "in the last year."
            )
        if self.falls == "kept":
            words.append("What has been paid is never paid back.")
        else:
            words.append("Results are reckoned on totals to date: if they fall, what was paid is paid back.")
        if self.termination is not None:
            words.append(self.termination.words())
        return tuple(words)


def named_share(shares: Mapping[str, float], name: str) -> float | None:
    """Return the share of a partner, none where it has none or these are no shares, which is told apart."""
    return shares.get(name) if isinstance(shares, Mapping) else None

"""Outcome contract: an investor funds the programme and is repaid out of what is paid for results."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from communitybudget._core.digits import as_stated, pounds
from communitybudget._core.errors import did_you_mean
from communitybudget._core.numbers import as_given, within
from communitybudget._core.vocabulary import agency_label
from communitybudget.agreement.pays_for_results import PaysForResults, named_share
from communitybudget.agreement.pence import FloatArray, IntArray, to_pence
from communitybudget.agreement.positions import Positions
from communitybudget.agreement.rules import Split, by_shares, share_faults, shares_in_words


class Account(NamedTuple):
    """Money of an outcome contract up to the end of each year, whole pence, shape (year, draw).

    Parameters
    ----------
    put_in : ndarray of int
        By the investor.
    paid : ndarray of int
        By the payers, for results.
    recycled : ndarray of int
        What of it has paid for the programme.
    returned : ndarray of int
        What of it the investor has had.
    """

    put_in: IntArray
    paid: IntArray
    recycled: IntArray
    returned: IntArray


@dataclass(frozen=True, kw_only=True)
class OutcomeContract(PaysForResults):
    """An investor funds the programme up to its commitment and is repaid from payments for results.

    Also called a social impact bond. What payers pay goes, on totals to date, first to the investor up to a
    multiple of what it has put in, then by the shares of the surplus. Each partner keeps its own gains.

    Parameters
    ----------
    provider : str
        Partner that answers for the programme, and funds what is above the commitment unless ``funding`` says
        otherwise.
    payers : mapping of str to float
        Share of the payments that each commissioner bears, summing to 1.
    results : tuple of PaidResult
        What is paid for.
    investor : str
        Who puts the money in; a partner, see `Positions.with_party`.
    commitment : float
        Most that the investor puts in, GBP.
    first_call : float, default 1
        Multiple of what it has put in up to which the investor is paid before anybody else.
    surplus : mapping of str to float, optional
        Who has what is paid beyond the first call, such as a bonus of the provider; all of it the investor's
        if omitted.
    most_returned : float, optional
        Most that the investor has back, as a multiple of what it has put in. What is above it goes to the
        others who share in the surplus, by their shares, and back to the payers if there are none.
    recycled : bool, default False
        Whether payments pay for the programme in the year in which they come, before the investor does.
    cap, cap_a_year, lag, falls, termination
        As in `PaymentByResults`.
    funding : mapping of str to float, optional
        Who funds the cost above the commitment, summing to 1; the provider if omitted.

    Notes
    -----
    The investor never has to pay back more than it has had: what it has put in is the most it can lose. After
    an early end the programme goes on in the ledger; its cost falls on whoever funds what is above the
    commitment.

    Examples
    --------
    >>> from communitybudget.agreement import PaidResult, Positions, settle
    >>> ledger = Positions.of(["council", "charity"], ["2026-27"], [[[0.0]], [[60.0]]], [[[150.0]], [[0.0]]])
    >>> days = PaidResult(label="Days in care saved", unit="day", tariff=10.0, units=[[9.0]])
    >>> bond = OutcomeContract(
    ...     provider="charity",
    ...     payers={"council": 1.0},
    ...     results=(days,),
    ...     investor="fund",
    ...     commitment=50.0,
    ...     surplus={"fund": 0.5, "charity": 0.5},
    ... )
    >>> settle(ledger.with_party("fund"), bond).after()[:, 0, 0]
    array([6000, 1000, 2000])
    """

    label: ClassVar[str] = "Outcome contract"

    investor: str
    commitment: float
    first_call: float = 1.0
    surplus: Mapping[str, float] | None = None
    most_returned: float | None = None
    recycled: bool = False

    def faults(self, positions: Positions) -> list[str]:
        """Return in words what makes the rule impossible for these partners."""
        found = super().faults(positions)
        if self.investor not in positions.agencies:
            found.append(
                f"the investor '{self.investor}' is no partner; add it by Positions.with_party, or "
                f"{did_you_mean(self.investor, positions.agencies)}"
            )
        if named_share(self.payers, self.investor):
            found.append(f"the investor '{self.investor}' is a payer and would repay itself; leave it out")
        if named_share(self.funding or {}, self.investor):
            found.append(
                f"the investor '{self.investor}' funds what is above its commitment; raise the commitment"
            )
        if not within(self.commitment, 0):
            found.append(f"the commitment is {as_given(self.commitment, '£')}; give £0 or more")
        first = as_given(self.first_call)
        if not within(self.first_call, 0):
            found.append(f"a first call of {first} times what was put in is none; give 0 or more")
        elif self.most_returned is not None and not within(self.most_returned, self.first_call):
            found.append(
                f"the investor has at most {as_given(self.most_returned)} times what it puts in and a first "
                f"call on {first} times; give no less than the first call"
            )
        if self.surplus is not None:
            found += share_faults(self.surplus, "surplus", positions.agencies)
        if self.recycled and self.falls == "paid_back":
            found.append(
                "payments that have paid for the programme cannot be paid back; "
                "say falls='kept' or recycled=False"
            )
        return found

    def account(self, positions: Positions) -> Account:
        """Return the money of the contract up to the end of each year, whole pence."""
        paid = self.paid_to_date(positions)
        cost = positions.spent_so_far.sum(axis=0)
        recycled = np.zeros_like(paid)
        if self.recycled:
            running = np.where(self.ended(positions), 0, positions.spending.sum(axis=0))
            came = np.diff(paid, axis=0, prepend=0)
            recycled = np.minimum(came, np.maximum(running, 0)).cumsum(axis=0)
        put_in = self._in_force(np.clip(cost - recycled, 0, to_pence(self.commitment)), positions)
        return Account(put_in, paid, recycled, self._returned(put_in, paid - recycled))

    def _returned(self, put_in: IntArray, available: IntArray) -> IntArray:
        first: FloatArray = np.minimum(available, np.rint(self.first_call * put_in))
        share = 1.0 if self.surplus is None else self.surplus.get(self.investor, 0.0)
        returned = first + np.rint(share * (available - first))
        if self.most_returned is not None:
            returned = np.minimum(returned, np.rint(self.most_returned * put_in))
        return returned.astype(np.int64)

    @property
    def others(self) -> Mapping[str, float]:
        """Shares of the others in what the investor does not have: in the surplus, or else as payers."""
        others = {name: share for name, share in (self.surplus or {}).items() if name != self.investor}
        total = sum(others.values())
        return {name: share / total for name, share in others.items()} if total > 0 else self.payers

    def split(self, positions: Positions) -> Split:
        """Return what the rule comes to for partners as they stand."""
        money = self.account(positions)
        investor = positions.agencies.index(self.investor)
        above = positions.spent_so_far.sum(axis=0) - money.recycled - money.put_in
        funded = by_shares(above, self.funders, positions.agencies)
        funded[investor] += money.put_in
        left = by_shares(money.paid - money.recycled - money.returned, self.others, positions.agencies)
        receipts = positions.gained_so_far(self.shared) - self.payments(positions) + left
        receipts[investor] += money.returned
        return Split(funded, receipts, from_fund=money.recycled)

    def words(self) -> tuple[str, ...]:
        """Return the terms in words."""
        name = agency_label(self.investor)
        words = list(super().words())
        if self.recycled:
            words.append(
                "Payments pay for the programme of the year in which they come, before the investor does."
            )
        words.append(
            f"Payments first go to {name}, up to {as_stated(self.first_call)} of what it has put in; "
            f"what is left is shared {shares_in_words(self.surplus or {self.investor: 1.0})}."
        )
        if self.most_returned is not None:
            words.append(
                f"{name} has at most {as_stated(self.most_returned)} of what it has put in; what is above it "
                f"is shared {shares_in_words(self.others)}."
            )
        return tuple(words)

    def _funding_words(self) -> str:
        above = shares_in_words(self.funders)
        return (
            f"{agency_label(self.investor)} funds the programme up to {pounds(self.commitment)}. "
            f"What is above it is funded {above}."
        )

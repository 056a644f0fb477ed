"""Payment by results: the provider funds the programme, and payers pay it for results."""

from dataclasses import dataclass
from typing import ClassVar

from communitybudget.agreement.pays_for_results import PaysForResults
from communitybudget.agreement.positions import Positions
from communitybudget.agreement.rules import Split


@dataclass(frozen=True, kw_only=True)
class PaymentByResults(PaysForResults):
    """The provider funds the programme and is paid for results, up to caps; each keeps its own gains.

    Parameters
    ----------
    provider : str
        Partner that funds the programme, unless ``funding`` says otherwise, and is paid.
    payers : mapping of str to float
        Share of the payments that each payer bears, summing to 1.
    results : tuple of PaidResult
        What is paid for; an attachment fee is a result of which the unit is a family that starts.
    cap, cap_a_year : float, optional
        Most that is paid in all, and in a year, GBP.
    lag : int, default 0
        Years between a result and its payment; all that is outstanding is paid in the last year.
    falls : {'paid_back', 'kept'}, default 'paid_back'
        Whether a payment is returned when the results to date fall.
    termination : Termination, optional
        When the contract ends early.

    Notes
    -----
    By the end of a year payers have paid the tariff times the units to date beyond those that would have come
    anyway, at most the cap. What a cap a year holds back is paid in later years that have room. The payment
    is made in whole pence; a payer's share of it is within a penny.

    Examples
    --------
    >>> from communitybudget.agreement import PaidResult, Positions, settle
    >>> two = Positions.of(["council", "nhs"], ["2026-27"], [[[60.0]], [[0.0]]], [[[10.0]], [[90.0]]])
    >>> stay = PaidResult(label="Stay avoided", unit="stay", tariff=25.0, units=[[4.0]], deadweight=1)
    >>> paid = settle(
    ...     two, PaymentByResults(provider="council", payers={"nhs": 1.0}, results=(stay,), cap=70.0)
    ... )
    >>> paid.transfers[:, 0, 0]
    array([ 7000, -7000])
    """

    label: ClassVar[str] = "Payment by results"

    def split(self, positions: Positions) -> Split:
        """Return what the rule comes to for partners as they stand."""
        receipts = positions.gained_so_far(self.shared) - self.payments(positions)
        receipts[positions.agencies.index(self.provider)] += self.paid_to_date(positions)
        return Split(self._stated_contributions(positions), receipts)

"""What a guarantee that no partner is worse off rests on: payments, quantiles, dual values, certificate."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from communitybudget._core.cards import Card, CardResult, footer
from communitybudget._core.chances import chance
from communitybudget._core.digits import as_stated, pounds
from communitybudget._core.results import result
from communitybudget._core.vocabulary import agency_label
from communitybudget.agreement.no_worse_off import NoWorseOff, agreed_payments
from communitybudget.agreement.pence import FloatArray, IntArray
from communitybudget.agreement.positions import Positions
from communitybudget.agreement.settlement import Settlement, refuse_impossible, settlement_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

GUARANTEE_COLUMNS: tuple[str, ...] = (
    "agency",
    "by_end_of",
    "quantile_before",
    "payments",
    "quantile_after",
    "dual_value",
    "probability_no_worse_off",
)


@result
@dataclass(frozen=True, eq=False)
class Guarantee(CardResult):
    """Fixed payments after which no partner is worse off at a confidence, and what certifies them.

    Parameters
    ----------
    base : str
        The rule that the payments are added to.
    confidence : float
        For each partner by itself.
    by_end_of : tuple of str
        Financial years by whose end it holds, to date; the last year of the agreement always.
    payments : ndarray of int, shape (agency, year)
        Pence received; paid where below nil. Nil over the partners in every year.
    quantiles : ndarray, shape (agency, end)
        Present value to date in pence that each has or betters with the confidence, without the payments.
    dual_values : ndarray, shape (agency, end)
        By how many pounds more would have to be paid for each pound that the quantile were lower.
    moved : float
        The least money that will do, before rounding: present value of what is paid, pence.
    certified : float
        Objective of the dual programme, which no payments can go below; equal to ``moved``.
    settled : Settlement
        With the payments.
    """

    base: str
    confidence: float
    by_end_of: tuple[str, ...]
    payments: IntArray
    quantiles: FloatArray
    dual_values: FloatArray
    moved: float
    certified: float
    settled: Settlement

    @property
    def paid_to_date(self) -> FloatArray:
        """Present value of the payments up to each end, pence, shape (agency, end)."""
        positions = self.settled.positions
        ends = [positions.years.index(year) for year in self.by_end_of]
        value: FloatArray = (positions.factors * self.payments).cumsum(axis=1)[:, ends]
        return value

    @property
    def slack(self) -> FloatArray:
        """What the quantiles are above nil with the payments, pence, shape (agency, end)."""
        return self.quantiles + self.paid_to_date

    @property
    def no_worse_off(self) -> FloatArray:
        """How likely each partner by itself is no worse off at the end, shape (agency,)."""
        return self.settled.no_worse_off(self.settled.shared)

    @property
    def nobody_worse_off(self) -> float:
        """How likely all partners together are no worse off at the end."""
        return self.settled.nobody_worse_off(self.settled.shared)

    def to_frame(self) -> "pd.DataFrame":
        """Return quantiles with and without the payments, present values to date.

        Returns
        -------
        pandas.DataFrame
            Columns `GUARANTEE_COLUMNS`, GBP; a row for each partner and end. The probability is at the end
            of the agreement.
        """
        import pandas as pd

        before, paid, after = (v / 100.0 for v in (self.quantiles, self.paid_to_date, self.slack))
        rows = [
            (agency, year, before[a, e], paid[a, e], after[a, e], self.dual_values[a, e], likely)
            for a, (agency, likely) in enumerate(zip(self.settled.agencies, self.no_worse_off, strict=True))
            for e, year in enumerate(self.by_end_of)
        ]
        return pd.DataFrame(rows, columns=list(GUARANTEE_COLUMNS))

    def _rows(self) -> list[tuple[str, str]]:
        value = self.paid_to_date[:, -1] / 100.0
        rows = [
            (
                agency_label(agency),
                f"{'pays' if paid < 0 else 'receives'} {pounds(abs(paid))}; no worse off: {chance(likely)}",
            )
            for agency, paid, likely in zip(self.settled.agencies, value, self.no_worse_off, strict=True)
        ]
        return [*rows, ("Nobody worse off", chance(self.nobody_worse_off))]

    def _card(self) -> Card:
        held = self.settled.positions
        foot = footer(held.price_base, held.seed, held.draws, held.set_version)
        note = (
            f"Fixed payments in present value on top of: {self.base}. Each by itself is no worse off than "
            f"without the programme with {as_stated(self.confidence)} or more. Least money "
            f"{pounds(self.moved / 100)}, certified by the dual {pounds(self.certified / 100)}."
        )
        return Card("No partner worse off", self._rows(), foot, note)

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw each partner before and after, and return the axes."""
        return self.settled.plot(ax)

    def __repr__(self) -> str:
        return (
            f"Guarantee(confidence={self.confidence}, base={self.base}, "
            f"moved={pounds(self.moved / 100)}, price_base={self.settled.positions.price_base}, "
            f"draws={self.settled.draws})"
        )


def guarantee(positions: Positions, rule: NoWorseOff) -> Guarantee:
    """Return the fixed payments of a rule and what certifies that none would do with less money.

    Parameters
    ----------
    positions : Positions
        Where the partners stand without an agreement.
    rule : NoWorseOff
        Confidence, base and limits.

    Returns
    -------
    Guarantee

    Raises
    ------
    AgreementError
        If the rule is impossible for these partners, or no payments are enough.

    Examples
    --------
    >>> from communitybudget.agreement import NoWorseOff, Positions
    >>> two = Positions.of(["council", "police"], ["2026-27"], [[[60.0]], [[0.0]]], [[[10.0]], [[90.0]]])
    >>> found = guarantee(two, NoWorseOff())
    >>> found.payments[:, 0], found.moved, found.certified
    (array([ 5000, -5000]), 5000.0, 5000.0)
    """
    refuse_impossible(positions, rule)
    agreed = agreed_payments(positions, rule)
    return Guarantee(
        base=agreed.base.rule,
        confidence=rule.confidence,
        by_end_of=agreed.by_end_of,
        payments=agreed.by_year,
        quantiles=agreed.quantiles,
        dual_values=agreed.found.prices,
        moved=agreed.found.moved,
        certified=agreed.found.certified,
        settled=settlement_of(positions, rule, agreed.split(positions)),
    )

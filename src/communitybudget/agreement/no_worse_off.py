"""No partner worse off: fixed payments after which each is, at a chosen confidence, no worse than without."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from communitybudget._core.digits import as_stated, pounds_and_pence
from communitybudget._core.errors import AgreementError, did_you_mean
from communitybudget._core.numbers import above, as_given, within
from communitybudget._core.vocabulary import agency_label
from communitybudget.agreement.as_it_falls import AsItFalls
from communitybudget.agreement.fixed_payments import FixedPayments, in_whole_pence
from communitybudget.agreement.pence import FloatArray, IntArray
from communitybudget.agreement.positions import Positions
from communitybudget.agreement.rules import Rule, Split
from communitybudget.agreement.settlement import Settlement, settle
from communitybudget.agreement.standing import Standing


@dataclass(frozen=True, kw_only=True)
class NoWorseOff(Rule):
    """Fixed payments on top of another rule, after which every partner is likely to be no worse off.

    Each partner by itself comes out at nil or better, against no programme at all, with the chosen
    probability or more. Payments are the same every year, or every year up to ``by_year`` and every year
    after it; they move the least money, and take the same part of what each payer has to spare, as far
    as its limit allows.

    Parameters
    ----------
    confidence : float, default 0.8
        Above 0, up to 1, which is every draw.
    base : Rule, optional
        What the payments are added to; `AsItFalls` with the funding of this rule unless given.
    most_a_year : mapping of str to float, optional
        The most that a partner pays in fixed payments a year, GBP; no limit for the others.
    by_year : str, optional
        Financial year by whose end partners are no worse off to date, as well as at the end.

    Notes
    -----
    The net is in present value. Of ``n`` draws at least ``ceil(confidence * n)`` have to be nil or
    better, so the quantile is the draw that has so many at or above it. A fixed payment moves it by its
    own present value, so the linear programme is exact. Payments are in whole pence; where there are not
    enough pence to spare for rounding, a partner may be a penny a year short.

    Examples
    --------
    >>> from communitybudget.agreement import Positions, settle
    >>> two = Positions.of(["council", "police"], ["2026-27"], [[[60.0]], [[0.0]]], [[[10.0]], [[90.0]]])
    >>> settle(two, NoWorseOff()).transfers[:, 0, 0]
    array([ 5000, -5000])
    """

    label: ClassVar[str] = "No partner worse off"

    confidence: float = 0.8
    base: Rule | None = None
    most_a_year: Mapping[str, float] | None = None
    by_year: str | None = None

    @property
    def before_payments(self) -> Rule:
        """The rule that the payments are added to."""
        return AsItFalls(shared=self.shared, funding=self.funding) if self.base is None else self.base

    def faults(self, positions: Positions) -> list[str]:
        """Return in words what makes the rule impossible for these partners."""
        if not isinstance(self.before_payments, Rule):
            return [f"the base rule is {self.base!r}; give a rule, such as AsItFalls()"]
        found = self.before_payments.faults(positions)
        if self.base is not None and self.funding is not None:
            found.append("the base rule says who funds; state the funding shares there")
        if self.base is not None and self.base.shared != self.shared:
            found.append(
                f"the base rule shares {self.base.shared} gains and this one {self.shared}; give both one"
            )
        if not (above(self.confidence, 0) and self.confidence <= 1):
            found.append(
                f"the confidence is {as_given(self.confidence)}; give a probability above 0, up to 1"
            )
        found += self._limit_faults(positions)
        if self.by_year is not None and self.by_year not in positions.years:
            hint = did_you_mean(str(self.by_year), positions.years)
            found.append(f"the year '{self.by_year}' is not of the agreement; {hint}")
        return found

    def _limit_faults(self, positions: Positions) -> list[str]:
        most = self.most_a_year or {}
        if not isinstance(most, Mapping):
            return [f"the limits on payments are {most!r}; give partners with GBP a year"]
        found = []
        for name, limit in most.items():
            if name not in positions.agencies:
                hint = did_you_mean(name, positions.agencies)
                found.append(f"the limit on payments of '{name}' is for no partner; {hint}")
            if not within(limit, 0):
                found.append(
                    f"the limit on payments of {agency_label(name)} is {as_given(limit)}; "
                    "give GBP a year, 0 or more"
                )
        return found

    def split(self, positions: Positions) -> Split:
        """Return what the rule comes to for partners as they stand.

        Raises
        ------
        AgreementError
            If no fixed payments within the limits leave every partner no worse off: who falls short, by how
            much, and what confidence can be reached.
        """
        return agreed_payments(positions, self).split(positions)

    def words(self) -> tuple[str, ...]:
        """Return the terms in words."""
        when = (
            "at the end of the agreement"
            if self.by_year is None
            else f"at the end of {self.by_year} and of the agreement"
        )
        limits = (
            f"{pounds_and_pence(limit)} a year by {agency_label(name)}"
            for name, limit in (self.most_a_year or {}).items()
        )
        return (
            *self.before_payments.words(),
            f"Fixed payments are added, the least that will do, so that every partner is no worse off {when} "
            "than without the programme, in present value, with a probability of "
            f"{as_stated(self.confidence)} or more for each by itself.",
            "They are paid in proportion to what each has to spare, the same amount every year"
            + ("." if self.by_year is None else f" up to {self.by_year} and every year after it."),
            *((f"No more is paid than {', '.join(limits)}.",) if self.most_a_year else ()),
        )

    def _funding_words(self) -> str:
        return self.base._funding_words() if self.base is not None else super()._funding_words()


@dataclass(frozen=True, slots=True)
class AgreedPayments:
    """Fixed payments of an agreement, and what they rest on; pence.

    Parameters
    ----------
    base : Settlement
        Without the payments.
    by_end_of : tuple of str
        Financial years by whose end no partner is worse off; the last year always.
    quantiles : ndarray, shape (agency, end)
        Present value to date, without the payments, that the partner has or betters with the confidence.
    by_year : ndarray of int, shape (agency, year)
        Received; paid where below nil.
    found : FixedPayments
        The solution before it is rounded.
    """

    base: Settlement
    by_end_of: tuple[str, ...]
    quantiles: FloatArray
    by_year: IntArray
    found: FixedPayments

    def split(self, positions: Positions) -> Split:
        """Return what the base and the payments come to together."""
        contributed, receipts = self.base.contributed.cumsum(axis=1), self.base.receipts.cumsum(axis=1)
        so_far = self.by_year.cumsum(axis=1)[:, :, np.newaxis]
        return Split(
            contributed.astype(np.float64),
            (receipts + so_far).astype(np.float64),
            from_fund=positions.spent_so_far.sum(axis=0) - contributed.sum(axis=0),
            held=self.base.held,
        )


def agreed_payments(positions: Positions, rule: NoWorseOff) -> AgreedPayments:
    """Return the fixed payments of a rule for partners as they stand.

    Raises
    ------
    AgreementError
        If no payments within the limits leave every partner no worse off.
    """
    base = settle(positions, rule.before_payments)
    last = len(positions.years) - 1
    by = last if rule.by_year is None else positions.years.index(rule.by_year)
    ends = sorted({by, last})
    most = rule.most_a_year or {}
    net = base.receipts - base.contributed
    standing = Standing(
        positions.agencies,
        tuple(positions.years[end] for end in ends),
        to_date=(positions.factors[:, np.newaxis] * net).cumsum(axis=1)[:, ends],
        weights=np.diff(positions.factors.cumsum()[ends], prepend=0.0),
        # rounded down, so that whole pence keep to it
        limits=np.floor([100 * most.get(agency, np.inf) + 1e-6 for agency in positions.agencies]),
    )
    quantiles = standing.quantiles(rule.confidence)
    found = standing.payments(quantiles)
    if found is None:
        raise AgreementError(standing.why_not(rule.confidence))
    a_year = in_whole_pence(found.a_year, quantiles, standing.weights, standing.limits)
    by_year = np.repeat(a_year, np.diff(ends, prepend=-1), axis=1)
    return AgreedPayments(base, standing.by_end_of, quantiles, by_year, found)

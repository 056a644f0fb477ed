"""Rules in proportion: gains by what each put in, or costs by what each gains."""

from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

import numpy as np

from communitybudget.agreement.pence import FloatArray
from communitybudget.agreement.positions import SHARED, Positions
from communitybudget.agreement.rules import Rule, Split, by_put_in, portions, word_faults

NOBODY_GAINS = "no partner gains on average, so the cost cannot be shared by gains; take another rule"

Basis = Literal["expected", "realised"]


@dataclass(frozen=True, kw_only=True)
class ProRataToCost(Rule):
    """Gains, and losses, are shared in proportion to what each partner puts in over the whole agreement.

    A partner that puts in nothing, or less than nothing because a grant exceeds what it spends, has no part.
    In a draw in which nobody puts anything in, each keeps its own gains.

    Examples
    --------
    >>> from communitybudget.agreement import Positions, settle
    >>> two = Positions.of(["council", "police"], ["2026-27"], [[[60.0]], [[20.0]]], [[[10.0]], [[90.0]]])
    >>> settle(two, ProRataToCost()).receipts[:, 0, 0]
    array([7500, 2500])
    """

    label: ClassVar[str] = "Gains in proportion to cost"

    def faults(self, positions: Positions) -> list[str]:
        """Return in words what makes the rule impossible for these partners."""
        return [*super().faults(positions), *self.funding_faults(positions)]

    def split(self, positions: Positions) -> Split:
        """Return what the rule comes to for partners as they stand."""
        funded = self._stated_contributions(positions)
        own = positions.gained_so_far(self.shared)
        return Split(funded, by_put_in(own.sum(axis=0), funded[:, -1], own))

    def words(self) -> tuple[str, ...]:
        """Return the terms in words."""
        return ("Each partner receives the part of all gains that it funded of the cost.",)


@dataclass(frozen=True, kw_only=True)
class EqualReturn(Rule):
    """Every partner that puts money in has the same return: present value received per pound put in.

    As in proportion to cost, but a pound put in later counts for less. Gains are shared as they come, in the
    same proportion every year.

    Examples
    --------
    >>> from communitybudget.agreement import Positions, settle
    >>> two = Positions.of(
    ...     ["council", "police"],
    ...     ["2026-27", "2027-28"],
    ...     [[[60.0], [0.0]], [[0.0], [60.0]]],
    ...     [[[0.0], [0.0]], [[0.0], [180.0]]],
    ...     factors=[1, 0.5],
    ... )
    >>> settle(two, EqualReturn()).receipts[:, 1, 0]
    array([12000,  6000])
    """

    label: ClassVar[str] = "Equal return"

    def faults(self, positions: Positions) -> list[str]:
        """Return in words what makes the rule impossible for these partners."""
        return [*super().faults(positions), *self.funding_faults(positions)]

    def split(self, positions: Positions) -> Split:
        """Return what the rule comes to for partners as they stand."""
        funded = self._stated_contributions(positions)
        put_in = positions.present_value(np.diff(funded, axis=1, prepend=0.0))
        own = positions.gained_so_far(self.shared)
        return Split(funded, by_put_in(own.sum(axis=0), put_in, own))

    def words(self) -> tuple[str, ...]:
        """Return the terms in words."""
        return (
            "All gains are shared so that every partner has the same present value back for each pound, "
            "in present value, that it puts in.",
        )


@dataclass(frozen=True, kw_only=True)
class ProRataToBenefit(Rule):
    """The cost is shared in proportion to what each partner gains; each keeps its own gains.

    A partner that gains nothing, or loses, funds nothing.

    Parameters
    ----------
    basis : {'expected', 'realised'}, default 'expected'
        The parts follow the expected present value of gains, the mean over the draws, fixed when the
        agreement is signed; or that of the gains that came, with contributions on account and the balance
        settled in the last year. Where no partner has gained, the parts stay as they were expected.

    Examples
    --------
    >>> from communitybudget.agreement import Positions, settle
    >>> two = Positions.of(["council", "police"], ["2026-27"], [[[60.0]], [[20.0]]], [[[10.0]], [[90.0]]])
    >>> settle(two, ProRataToBenefit()).contributed[:, 0, 0]
    array([ 800, 7200])
    """

    label: ClassVar[str] = "Cost in proportion to gains"

    basis: Basis = "expected"

    def faults(self, positions: Positions) -> list[str]:
        """Return in words what makes the rule impossible for these partners."""
        found = super().faults(positions)
        if self.shared in SHARED and self._expected(positions).max() <= 0:
            found.append(NOBODY_GAINS)
        found += word_faults(self.basis, "gains that cost follows", get_args(Basis))
        if self.funding is not None:
            found.append("funding follows gains under this rule; leave the funding shares out")
        return found

    def split(self, positions: Positions) -> Split:
        """Return what the rule comes to for partners as they stand."""
        expected = portions(self._expected(positions))
        cost = positions.spent_so_far.sum(axis=0)
        funded = expected[:, np.newaxis] * cost
        if self.basis == "realised":
            came = positions.present_value(positions.shared(self.shared))
            funded[:, -1] = portions(came, np.broadcast_to(expected, came.shape)) * cost[-1]
        return Split(funded, positions.gained_so_far(self.shared).astype(np.float64))

    def _expected(self, positions: Positions) -> FloatArray:
        values = positions.present_value(positions.shared(self.shared))
        expected: FloatArray = values.mean(axis=-1, keepdims=True)
        return expected

    def words(self) -> tuple[str, ...]:
        """Return the terms in words."""
        if self.basis == "expected":
            parts = "The parts are fixed at signing, by expected gains."
        else:
            parts = (
                "Contributions on account follow expected gains; in the last year they are settled by the "
                "gains that came."
            )
        return (parts, "A partner that gains nothing funds nothing.", "Each partner keeps its own gains.")

    def _funding_words(self) -> str:
        return "Each partner funds the part of the cost that it has of the gains, in present value."

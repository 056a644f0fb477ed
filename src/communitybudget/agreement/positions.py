"""Where the partners stand before they agree on anything: who spends and who gains, in whole pence."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

from communitybudget._core.cards import NOT_STATED
from communitybudget._core.errors import AgreementError
from communitybudget._core.results import ByValue, result
from communitybudget.agreement.pence import FloatArray, IntArray, to_pence

Shared = Literal["fiscal", "cashable"]
"""Which gains are shared: all fiscal costs avoided, or only the cash that can leave a budget."""


@result
@dataclass(frozen=True, eq=False)
class Positions(ByValue):
    """What each partner spends and gains without an agreement, in whole pence.

    Parameters
    ----------
    agencies : tuple of str
        The partners.
    years : tuple of str
        Financial years of the agreement.
    spending : ndarray of int, shape (agency, year, draw)
        What each pays for the programme, grants from outside taken off.
    gains : ndarray of int, shape (agency, year, draw)
        Fiscal costs avoided; negative where the programme costs a partner more.
    cash : ndarray of int, shape (agency, year, draw)
        What of them can leave a budget.
    factors : ndarray, shape (year,)
        Discount factors.
    price_base : str
        Of the amounts.

    Examples
    --------
    >>> two = Positions.of(["council", "police"], ["2026-27"], [[[60.0]], [[0.0]]], [[[30.0]], [[50.0]]])
    >>> int(two.spending.sum()), int(two.gains.sum())
    (6000, 8000)
    """

    agencies: tuple[str, ...]
    years: tuple[str, ...]
    spending: IntArray
    gains: IntArray
    cash: IntArray
    factors: FloatArray
    price_base: str = NOT_STATED

    @classmethod
    def of(
        cls,
        agencies: Sequence[str],
        years: Sequence[str],
        spending: npt.ArrayLike,
        gains: npt.ArrayLike,
        cash: npt.ArrayLike | None = None,
        factors: npt.ArrayLike | None = None,
        price_base: str = NOT_STATED,
    ) -> "Positions":
        """Return positions from amounts in GBP, each rounded to the penny.

        Parameters
        ----------
        agencies, years : sequence of str
            The partners, and the financial years.
        spending, gains : array_like, shape (agency, year, draw)
            GBP.
        cash : array_like, shape (agency, year, draw), optional
            GBP; nothing is cash unless it is given.
        factors : array_like, shape (year,), optional
            Discount factors; 1 unless given.
        price_base : str, optional
            Of the amounts.

        Raises
        ------
        AgreementError
            If a partner is named twice, there are none, or the shapes do not fit.
        ValueError
            If an amount is not a number.
        """
        spent, gained = to_pence(spending), to_pence(gains)
        banked = np.zeros_like(gained) if cash is None else to_pence(cash)
        weights = np.ones(len(years)) if factors is None else np.asarray(factors, dtype=np.float64)
        faults = []
        if not agencies:
            faults.append("an agreement needs partners; name them")
        if twice := sorted({a for a in agencies if list(agencies).count(a) > 1}):
            faults.append(f"the partner {', '.join(twice)} is named twice; name each once")
        for name, array in (("spending", spent), ("gains", gained), ("cash", banked)):
            if array.ndim != 3 or array.shape[:2] != (len(agencies), len(years)) or array.shape[2] < 1:
                faults.append(
                    f"{name} has the shape {array.shape}; it needs (agency, year, draw), "
                    f"({len(agencies)}, {len(years)}, draws)"
                )
        if len({array.shape for array in (spent, gained, banked)}) > 1 and not faults:
            faults.append("spending, gains and cash need the same number of draws")
        if weights.shape != (len(years),):
            faults.append(f"factors has the shape {weights.shape}; it needs one factor a year, {len(years)}")
        if faults:
            raise AgreementError("\n".join(faults))
        return cls(tuple(agencies), tuple(years), spent, gained, banked, weights, price_base)

    @property
    def draws(self) -> int:
        """Number of draws."""
        return int(self.gains.shape[2])

    def shared(self, which: Shared) -> IntArray:
        """Return the gains that are shared, pence, shape (agency, year, draw)."""
        return self.gains if which == "fiscal" else self.cash

    @cached_property
    def spent_so_far(self) -> IntArray:
        """What each has spent up to the end of each year, pence, shape (agency, year, draw)."""
        return self.spending.cumsum(axis=1)

    def gained_so_far(self, which: Shared) -> IntArray:
        """Return what each has gained up to the end of each year, pence, shape (agency, year, draw)."""
        return self.shared(which).cumsum(axis=1)

    def present_value(self, pence: npt.NDArray[np.number]) -> FloatArray:
        """Return present values of pence by year, (..., year, draw) to (..., draw); still pence."""
        total = np.zeros((*pence.shape[:-2], pence.shape[-1]))
        for y, factor in enumerate(self.factors):
            total += factor * pence[..., y, :]
        return total

    def with_party(self, name: str) -> "Positions":
        """Return the positions with one more party that spends and gains nothing yet, such as an investor.

        A party that is there already changes nothing.
        """
        if name in self.agencies:
            return self
        nothing = np.zeros((1, *self.gains.shape[1:]), dtype=np.int64)
        more = {
            part: np.concatenate([getattr(self, part), nothing]) for part in ("spending", "gains", "cash")
        }
        return Positions(
            (*self.agencies, name), self.years, **more, factors=self.factors, price_base=self.price_base
        )

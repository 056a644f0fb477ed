"""Where the partners stand before they agree on anything: who spends and who gains, in whole pence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt

from communitybudget._core.cards import NOT_STATED, Card, CardResult, footer
from communitybudget._core.digits import counted, supported
from communitybudget._core.errors import AgreementError, raise_together
from communitybudget._core.precision import error_of_mean
from communitybudget._core.results import result
from communitybudget._core.vocabulary import agency_label
from communitybudget.agreement.pence import FloatArray, IntArray, to_pence

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Shared = Literal["fiscal", "cashable"]
"""Which gains are shared: all fiscal costs avoided, or only the cash that can leave a budget."""

SHARED: tuple[Shared, ...] = get_args(Shared)
SHARED_IN_WORDS: dict[Shared, str] = {
    "fiscal": "fiscal costs avoided",
    "cashable": "cash that can leave a budget",
}

POSITION_COLUMNS: tuple[str, ...] = (
    "agency",
    "spending",
    "gains",
    "cash",
    "net",
    "net_p10",
    "net_p90",
    "mc_error",
)


class Spread(NamedTuple):
    """What draws of one amount come to, in its unit."""

    mean: float
    p10: float
    p90: float
    error: float

    @classmethod
    def of(cls, draws: FloatArray) -> "Spread":
        """Return mean, P10, P90 and Monte Carlo error of the mean; a single draw has no error."""
        low, high = np.quantile(draws, [0.1, 0.9])
        return cls(float(draws.mean()), float(low), float(high), error_of_mean(draws))


@result
@dataclass(frozen=True, eq=False, repr=False)
class Positions(CardResult):
    """What each partner spends and gains without an agreement, in whole pence.

    Parameters
    ----------
    agencies : tuple of str
        The partners.
    years : tuple of str
        Financial years of the agreement.
    spending : ndarray of int, shape (agency, year, draw)
        What each pays for the programme, grants from outside taken off; negative where they exceed it.
    gains : ndarray of int, shape (agency, year, draw)
        Fiscal costs avoided; negative where the programme costs a partner more.
    cash : ndarray of int, shape (agency, year, draw)
        What of them can leave a budget, in the year in which it does.
    factors : ndarray, shape (year,)
        Discount factors.
    price_base : str
        Of the amounts.
    seed : int or None
        Of the draws; None where they were given.
    set_version : str
        Name and version of the parameter set, empty where there is none.

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
    seed: int | None = None
    set_version: str = ""

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
        seed: int | None = None,
        set_version: str = "",
    ) -> "Positions":
        """Return positions from amounts in GBP, each rounded to the penny.

        Parameters
        ----------
        agencies, years : sequence of str
            The partners, and the financial years.
        spending, gains : array_like, shape (agency, year, draw)
            GBP.
        cash : array_like, shape (agency, year, draw), optional
            GBP; without it no gain is taken to be cash.
        factors : array_like, shape (year,), optional
            Discount factors; 1 unless given.
        price_base, set_version : str, optional
            Of the amounts.
        seed : int, optional
            Of the draws.

        Raises
        ------
        AgreementError
            With everything that is wrong: no partners or years, one named twice, shapes that do not fit, an
            amount or a factor that is not a number.
        """
        given = {"spending": spending, "gains": gains} | ({} if cash is None else {"cash": cash})
        pence, faults = _all_in_pence(given)
        faults += _naming_faults("partner", agencies) + _naming_faults("year", years)
        if all(names and not isinstance(names, str) for names in (agencies, years)):
            faults += _shape_faults(pence, (len(agencies), len(years)))
        weights, of_factors = _discount_factors(factors, len(years))
        faults += of_factors
        raise_together(faults, AgreementError)
        return cls(
            tuple(agencies),
            tuple(years),
            spending=pence["spending"],
            gains=pence["gains"],
            cash=pence.get("cash", np.zeros_like(pence["gains"])),
            factors=weights,
            price_base=price_base,
            seed=seed,
            set_version=set_version,
        )

    @property
    def draws(self) -> int:
        """Number of draws."""
        return int(self.gains.shape[2])

    def shared(self, which: Shared) -> IntArray:
        """Return the gains that are shared, pence, shape (agency, year, draw).

        Raises
        ------
        AgreementError
            If there are no such gains.
        """
        if which not in SHARED:
            raise AgreementError(f"there are no '{which}' gains; use {' or '.join(SHARED)}")
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
        spending, gains, cash = (
            np.concatenate([flow, nothing]) for flow in (self.spending, self.gains, self.cash)
        )
        return replace(self, agencies=(*self.agencies, name), spending=spending, gains=gains, cash=cash)

    def to_frame(self) -> "pd.DataFrame":
        """Return what each partner spends and gains without an agreement, present values in GBP.

        Returns
        -------
        pandas.DataFrame
            Columns `POSITION_COLUMNS`: means of ``spending``, ``gains`` and ``cash``; ``net`` is gains less
            spending, with P10, P90 and Monte Carlo error.
        """
        import pandas as pd

        spending, gains, cash = (
            self.present_value(flow).mean(axis=-1) / 100 for flow in (self.spending, self.gains, self.cash)
        )
        net = self.present_value(self.gains - self.spending) / 100
        rows = [
            (agency, spending[a], gains[a], cash[a], *Spread.of(net[a]))
            for a, agency in enumerate(self.agencies)
        ]
        return pd.DataFrame(rows, columns=list(POSITION_COLUMNS))

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw who pays and who gains without an agreement, and return the axes."""
        from communitybudget.charts import plot_agency_balance

        frame = self.to_frame().rename(columns={"spending": "delivery", "gains": "costs_avoided"})
        frame["agency"] = [agency_label(agency) for agency in self.agencies]
        return plot_agency_balance(frame.assign(funding=0.0), ax, price_base=self.price_base)

    def _card(self) -> Card:
        rows = [
            (
                agency_label(row["agency"]),
                f"spends {supported(row['spending'], row['mc_error'])}, "
                f"gains {supported(row['gains'], row['mc_error'])}, "
                f"of which cash {supported(row['cash'], row['mc_error'])}",
            )
            for row in self.to_frame().to_dict("records")
        ]
        foot = footer(self.price_base, self.seed, self.draws, self.set_version)
        return Card("Without an agreement", rows, foot, "Mean present values.")

    def __repr__(self) -> str:
        return (
            f"Positions({counted(len(self.agencies), 'partner')}, {counted(len(self.years), 'year')}, "
            f"price_base={self.price_base}, draws={self.draws}, seed={self.seed})"
        )


def _naming_faults(what: str, names: Sequence[str]) -> list[str]:
    if not names:
        return [f"an agreement needs at least one {what}; name it"]
    if isinstance(names, str):
        return [f"the {what}s are the text '{names}'; give a list of names, such as ['{names}']"]
    twice = sorted({name for name in names if list(names).count(name) > 1})
    return [f"the {what} {', '.join(twice)} is named twice; name each once"] if twice else []


def _all_in_pence(amounts: Mapping[str, npt.ArrayLike]) -> tuple[dict[str, IntArray], list[str]]:
    """Return what can be counted in pence, and in words what cannot."""
    pence, faults = {}, []
    for name, values in amounts.items():
        try:
            pence[name] = to_pence(values)
        except (TypeError, ValueError) as fault:
            faults.append(f"{name}: {fault}")
    return pence, faults


def _discount_factors(factors: npt.ArrayLike | None, years: int) -> tuple[FloatArray, list[str]]:
    """Return the factors, 1 unless given, and in words why they cannot be used."""
    unit = np.ones(years)
    if factors is None:
        return unit, []
    try:
        given = np.asarray(factors, dtype=np.float64)
    except (TypeError, ValueError):
        given = np.empty(0)
    if given.shape == unit.shape and (np.isfinite(given) & (given > 0)).all():
        return given, []
    return unit, [f"the discount factors are {factors}; give one above nil for each year, {years}"]


def _shape_faults(pence: Mapping[str, IntArray], wanted: tuple[int, int]) -> list[str]:
    agencies, years = wanted
    faults = [
        f"{name} has the shape {array.shape}; it needs (agency, year, draw), "
        f"({agencies}, {years}, 1 draw or more)"
        for name, array in pence.items()
        if array.ndim != 3 or array.shape[:2] != wanted or not array.size
    ]
    if not faults and len({array.shape for array in pence.values()}) > 1:
        numbers = ", ".join(f"{name} {array.shape[2]}" for name, array in pence.items())
        faults.append(f"all amounts need the same number of draws; they have {numbers}")
    return faults

"""How an amount is split over agencies, and what of it nobody is named for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from communitybudget._core.cards import Card, CardResult
from communitybudget._core.errors import ParameterError, did_you_mean
from communitybudget._core.results import result
from communitybudget._core.vocabulary import AGENCIES, agency_label
from communitybudget._core.years import parse_year

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

NOT_PUBLISHED = "not published"
"""Stands for the price base of a published split that names none; such a split is no input to a case."""

SHARES_TOLERANCE = 0.005
"""Published shares may miss 100% by this much, for rounding."""


@result
@dataclass(frozen=True, eq=False)
class AgencySplit(CardResult):
    """Amounts by agency, and what of the total is not listed.

    Parameters
    ----------
    agencies : tuple of str
        Those named.
    amounts : tuple of float
        GBP each.
    total : float
        Of which they are a part.
    reading : str
        What the total is taken to be.
    price_base : str
        Financial year of the amounts; `NOT_PUBLISHED` where the source names none.
    families : float
        Families they are for; NaN if not said.
    """

    agencies: tuple[str, ...]
    amounts: tuple[float, ...]
    total: float
    reading: str
    price_base: str
    families: float

    @property
    def listed(self) -> float:
        """Sum of the amounts of named agencies."""
        return float(sum(self.amounts))

    @property
    def unlisted(self) -> float:
        """What of the total nobody is named for; negative where more is listed than there is."""
        return self.total - self.listed

    def to_frame(self) -> "pd.DataFrame":
        """Return one row an agency; what is not listed stands as ``unallocated``.

        Returns
        -------
        pandas.DataFrame
            ``agency, amount, share, per_family``.
        """
        import pandas as pd

        names = [*self.agencies, "unallocated"]
        amounts = np.array([*self.amounts, self.unlisted])
        return pd.DataFrame(
            {
                "agency": names,
                "amount": amounts,
                "share": amounts / self.total,
                "per_family": amounts / self.families,
            }
        )

    @property
    def _rows(self) -> list[tuple[str, str]]:
        rows = [
            (agency_label(a), f"£{v:,.0f} ({v / self.total:.1%})")
            for a, v in zip(self.agencies, self.amounts, strict=True)
        ]
        return [
            *rows,
            ("Not listed", f"£{self.unlisted:,.0f} ({self.unlisted / self.total:.1%})"),
            (f"Total: {self.reading}", f"£{self.total:,.0f}"),
        ]

    @property
    def _foot(self) -> str:
        families = "" if np.isnan(self.families) else f" · {self.families:,.0f} families"
        known = self.price_base != NOT_PUBLISHED
        base = f"{self.price_base} prices" if known else "price base not published"
        return f"GBP, {base}{families}"

    def _card(self) -> Card:
        return Card("Split over agencies", self._rows, self._foot)

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the amounts by agency."""
        from communitybudget.charts import plot_agency_balance

        frame = self.to_frame()
        frame = frame.assign(
            agency=[agency_label(a) for a in frame["agency"]],
            costs_avoided=frame["amount"],
            delivery=0.0,
            funding=0.0,
            net=frame["amount"],
            net_p10=frame["amount"],
            net_p90=frame["amount"],
        )
        return plot_agency_balance(
            frame, ax, price_base=self.price_base, title=f"Split over agencies: {self.reading}"
        )

    def __repr__(self) -> str:
        return (
            f"AgencySplit({len(self.agencies)} agencies, listed={self.listed:,.0f}, "
            f"unlisted={self.unlisted:,.0f}, total={self.total:,.0f})"
        )


def check_shares(shares: Mapping[str, float]) -> float:
    """Return what shares over agencies miss of the whole, where rounding can explain it.

    Parameters
    ----------
    shares : mapping of str to float
        By agency, each 0 to 1.

    Raises
    ------
    ParameterError
        With every fault: an unknown agency, a share outside 0 to 1, or shares that do not sum to 1
        within `SHARES_TOLERANCE`.

    Examples
    --------
    >>> round(check_shares({"nhs": 0.333, "police": 0.666}), 3)
    0.001
    """
    faults = [f"'{a}' is no agency; {did_you_mean(a, AGENCIES)}" for a in shares if a not in AGENCIES]
    faults += [f"the share of {a} is {v:g}; write 13% as 0.13" for a, v in shares.items() if not 0 <= v <= 1]
    total = sum(shares.values())
    if not faults and abs(total - 1) > SHARES_TOLERANCE:
        faults.append(
            f"the shares sum to {total:.1%} and not to 100%; correct them, or give what is missing "
            f"({1 - total:.1%}) to 'unallocated'"
        )
    if faults:
        raise ParameterError("; ".join(faults))
    return 1 - total


def split_amounts(
    amounts: Mapping[str, float],
    price_base: str,
    total: float | None = None,
    shares: Mapping[str, float] | None = None,
    families: float = float("nan"),
) -> AgencySplit:
    """Return a published split with what it leaves unlisted.

    Parameters
    ----------
    amounts : mapping of str to float
        GBP by agency, as published.
    price_base : str
        Financial year of the amounts; `NOT_PUBLISHED` where the source names none.
    total : float, optional
        The whole as published; what the amounts miss of it is unlisted.
    shares : mapping of str to float, optional
        Shares as published, of the same agencies: the whole is then the median of amount / share.
    families : float, optional
        Families they are for.

    Returns
    -------
    AgencySplit

    Raises
    ------
    ParameterError
        If neither or both of total and shares are given, or a share or an agency is wrong.

    Examples
    --------
    >>> round(split_amounts({"nhs": 40.0, "police": 59.0}, "2013-14", total=100.0).unlisted)
    1
    """
    wrong = [f"'{a}' is no agency; {did_you_mean(a, AGENCIES)}" for a in amounts if a not in AGENCIES]
    if (total is None) == (shares is None):
        wrong.append("the whole is not clear; give either total or shares")
    if shares is not None and set(shares) != set(amounts):
        wrong.append("shares and amounts name different agencies; give both for each")
    if shares is not None and any(not 0 < v <= 1 for v in shares.values()):
        wrong.append("a share lies outside 0 to 1; write 13% as 0.13")
    if total is not None and not total > 0:
        wrong.append(f"a total of {total:g} cannot be split; give one above 0")
    base = price_base
    if price_base != NOT_PUBLISHED:
        try:
            base = parse_year(price_base)
        except ValueError as fault:
            wrong.append(str(fault))
    if wrong:
        raise ParameterError("; ".join(wrong))
    if shares is not None:
        whole = float(np.median([amounts[a] / shares[a] for a in amounts]))
        reading = "amounts divided by their shares"
    else:
        whole, reading = float(total or 0), "total as published"
    return AgencySplit(tuple(amounts), tuple(amounts.values()), whole, reading, base, float(families))

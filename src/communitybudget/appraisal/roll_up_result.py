"""A roll-up: places, their total and the nation, on one stated basis."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from communitybudget._core.cards import NOT_STATED, Card, CardResult, footer
from communitybudget._core.chances import chance
from communitybudget._core.digits import counted, pounds, supported
from communitybudget._core.errors import raise_together
from communitybudget._core.numbers import as_given, within
from communitybudget._core.precision import error_of_mean
from communitybudget._core.results import result
from communitybudget.appraisal.place_claims import PlaceClaim
from communitybudget.appraisal.published_returns import READINGS, Reading, reading_faults
from communitybudget.appraisal.quantiles import tenth_half_ninetieth

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

FloatArray = npt.NDArray[np.float64]

ROLL_UP_COLUMNS: tuple[str, ...] = (
    "row",
    "kind",
    "printed",
    "printed_reading",
    "printed_basis",
    "rolled_up",
    "per_person",
    "p10",
    "p50",
    "p90",
    "price_base",
    "source",
    "mark",
    "note",
)


@result
@dataclass(frozen=True, slots=True)
class Nation:
    """To which the places are grossed up, by the head.

    Parameters
    ----------
    name : str
        Such as ``England``.
    people : float
        Who live there, those of the places among them, in the unit of the claims' ``people``.
    spread : float or None
        Standard deviation of what a head of the *other* places saves, as a share of what one of these
        places saves. None: as seen between these places.
    source, mark : str
        Of the number of people.
    """

    name: str
    people: float
    spread: float | None = None
    source: str = ""
    mark: str = "assumption"


@result
@dataclass(frozen=True, slots=True)
class PublishedRange:
    """A range that somebody published, to be set beside the roll-up.

    Parameters
    ----------
    label : str
        Whose.
    low, high : float
        GBP.
    years : float or None
        Horizon; None for a year once running.
    reading : {'gross', 'net'}
        Before or after the cost.
    price_base : str
        Financial year of the prices, or ``not stated``.
    source, mark : str
        Where it stands, and how surely.

    Raises
    ------
    ValueError
        If the ends do not ascend, or the reading is neither.
    """

    label: str
    low: float
    high: float
    years: float | None
    reading: Reading
    price_base: str = NOT_STATED
    source: str = ""
    mark: str = "assumption"

    def __post_init__(self) -> None:
        faults = reading_faults(self.reading)
        if not (within(self.low) and within(self.high, self.low)):
            ends = f"{as_given(self.low, '£')} to {as_given(self.high, '£')}"
            faults.append(f"{self.label} goes from {ends}; give the lower end as low")
        raise_together(faults)


@result
@dataclass(frozen=True, eq=False, repr=False)
class RollUp(CardResult):
    """Places, their total and the nation, on one stated basis.

    Parameters
    ----------
    claims : tuple of PlaceClaim
        As printed.
    amounts : tuple of float
        The same on the basis of the total, overlaps not yet taken off, GBP.
    kept : tuple of float
        Share of each that no other claim holds as well.
    by_place : ndarray, shape (place, draw)
        Overlaps taken off, GBP.
    nation : Nation or None
        To which they were grossed up.
    national : ndarray, shape (draw,)
        GBP; empty without a nation.
    reading : {'gross', 'net'}
        Before or after the cost.
    horizon : float or None
        Years; None for a year once running.
    correlation : float
        Between places.
    references : tuple of PublishedRange
        To be set beside it.
    seed : int
        Of the draws.
    """

    claims: tuple[PlaceClaim, ...]
    amounts: tuple[float, ...]
    kept: tuple[float, ...]
    by_place: FloatArray
    nation: Nation | None
    national: FloatArray
    reading: Reading
    horizon: float | None
    correlation: float
    references: tuple[PublishedRange, ...]
    seed: int

    @property
    def total(self) -> FloatArray:
        """All places together, shape (draw,)."""
        return np.asarray(self.by_place.sum(axis=0))

    @property
    def expected(self) -> float:
        """All places together at their amounts as printed, GBP."""
        return math.fsum(a * k for a, k in zip(self.amounts, self.kept, strict=True))

    @property
    def expected_national(self) -> float:
        """The nation at what a head of the places saves, GBP; NaN without a nation."""
        return math.nan if self.nation is None else self.expected * self.nation.people / self._people

    @property
    def overlap(self) -> float:
        """What several claims hold at once and was taken off, GBP."""
        return math.fsum(self.amounts) - self.expected

    @property
    def gross(self) -> bool:
        """Whether a claim was compared with nothing."""
        return any(not claim.counterfactual for claim in self.claims)

    @property
    def price_base(self) -> str:
        """Financial year of the prices, or ``not stated``."""
        return self.claims[0].price_base

    @property
    def basis(self) -> str:
        """Reading and horizon in words."""
        over = "a year once running" if self.horizon is None else f"over {counted(self.horizon, 'year')}"
        return f"{self.reading} ({READINGS[self.reading]}), {over}"

    @property
    def _people(self) -> float:
        return math.fsum(claim.people or math.nan for claim in self.claims)

    def place_in(self, reference: PublishedRange) -> tuple[float, float, float]:
        """Return the share of draws below, within and above a published range.

        Of the nation where there is one, otherwise of the places together.

        Raises
        ------
        ValueError
            If the range has another horizon, reading or price base.
        """
        if not self._shares_basis(reference):
            raise ValueError(
                f"{reference.label} has another basis than this roll-up ({self.basis}, prices "
                f"{self.price_base}); compare it with a roll-up of its own horizon, reading and price base"
            )
        drawn = self.total if self.nation is None else self.national
        below, above = float((drawn < reference.low).mean()), float((drawn > reference.high).mean())
        return below, 1 - below - above, above

    @property
    def compared(self) -> tuple[PublishedRange, ...]:
        """The published ranges that stand on the basis of the roll-up."""
        return tuple(reference for reference in self.references if self._shares_basis(reference))

    def _shares_basis(self, reference: PublishedRange) -> bool:
        own = (self.horizon, self.reading, self.price_base)
        return (reference.years, reference.reading, reference.price_base) == own

    def to_frame(self) -> "pd.DataFrame":
        """Return a row for each place, for their total and for the nation.

        Returns
        -------
        pandas.DataFrame
            ``row`` and its ``kind`` (``place``, ``total``, ``nation``); ``printed`` with its
            ``printed_reading`` and ``printed_basis``; ``rolled_up``, on the basis of the total with overlaps
            taken off; ``per_person`` of that; ``p10, p50, p90``; ``price_base, source, mark, note``. GBP.
        """
        import pandas as pd

        rows: list[tuple[object, ...]] = []
        for i, claim in enumerate(self.claims):
            amount = self.amounts[i] * self.kept[i]
            rows.append(
                (
                    claim.place,
                    "place",
                    claim.amount,
                    claim.reading,
                    claim.basis,
                    amount,
                    amount / claim.people if claim.people else math.nan,
                    *tenth_half_ninetieth(self.by_place[i])[:3],
                    claim.price_base,
                    claim.source,
                    claim.mark,
                    claim.note,
                )
            )
        sums = [("All places", "total", self.expected, self._people, self.total)]
        if self.nation is not None:
            nation = self.nation
            sums.append((nation.name, "nation", self.expected_national, nation.people, self.national))
        for name, kind, amount, people, drawn in sums:
            quantiles = tenth_half_ninetieth(drawn)[:3]
            blank = (math.nan, "", "")
            base = (self.price_base, "", "derived", "")
            rows.append((name, kind, *blank, amount, amount / people, *quantiles, *base))
        return pd.DataFrame(rows, columns=list(ROLL_UP_COLUMNS))

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the places and the total with their ranges, against the first published range on their basis.

        Where there is a nation, each place is drawn at what the nation would save if all of it were like that
        place; its own amount is at the right.
        """
        from communitybudget.charts import plot_amounts

        frame = self.to_frame()
        if self.nation is not None:
            people = [claim.people or math.nan for claim in self.claims]
            times = [self.nation.people / here for here in (*people, self._people)] + [1.0]
            for name in ("p10", "p50", "p90"):
                frame[name] *= times
        rows = frame.rename(columns={"row": "label", "rolled_up": "total"})
        said = "Median, P10 to P90; at the right what was claimed, on one basis."
        if self.nation is not None:
            said = f"If all of {self.nation.name} were like each place; at the right what each place claims."
        band = self.compared[0] if self.compared else None
        return plot_amounts(
            rows,
            ax,
            price_base=self.price_base,
            title="From the places to the total" if self.nation is None else "From the places to the nation",
            subtitle=f"{said} {self._label}".strip(),
            axis=f"{self.reading.capitalize()}, {self.basis.rpartition(', ')[2]}",
            band=None if band is None else (band.low, band.high),
            band_label="" if band is None else band.label,
        )

    @property
    def _label(self) -> str:
        without = [claim.place for claim in self.claims if not claim.counterfactual]
        if not without:
            return ""
        whose = "any of them" if len(without) == len(self.claims) else ", ".join(without)
        return f"GROSS: no comparison group behind {whose}."

    def _card(self) -> Card:
        rows = [
            (f"{c.place}: {pounds(c.amount)} {c.reading} {c.basis}", pounds(amount))
            for c, amount in zip(self.claims, self.amounts, strict=True)
        ]
        if self.overlap:
            rows.append(("Held by several, taken off", pounds(-self.overlap)))
        rows.append(("All places", self._said(self.expected, self.total)))
        if self.nation is not None:
            rows.append(
                (f"{self.nation.name}, by the head", self._said(self.expected_national, self.national))
            )
        for reference in self.references:
            span = f"{reference.label}: {pounds(reference.low)} to {pounds(reference.high)}"
            if reference not in self.compared:
                rows.append((span, "another basis, not compared"))
                continue
            below, within, above = map(chance, self.place_in(reference))
            rows.append((span, f"{below} of draws below, {within} within, {above} above"))
        rows.append(("Correlation between places", f"{self.correlation:g}"))
        note = f"{self.basis[0].upper()}{self.basis[1:]}. {self._rule}{self._label}"
        return Card("Rolled up", rows, footer(self.price_base, self.seed, self.total.size, ""), note.strip())

    @property
    def _rule(self) -> str:
        """How the horizons were made one, where they differed."""
        changed = [c for c in self.claims if c.years != self.horizon]
        if not changed:
            return ""
        at_once = [c.place for c in changed if c.years is None and not c.builds_up_over]
        full = f" {', '.join(at_once)}: in full from the first day." if at_once else ""
        return f"Other horizons are taken at their mean rate a year.{full} "

    def _said(self, expected: float, drawn: FloatArray) -> str:
        low, _, high, *_ = tenth_half_ninetieth(drawn)
        error = error_of_mean(drawn)
        return (
            f"{supported(expected, error)} (P10 to P90: {supported(low, error)} to {supported(high, error)})"
        )

    def __repr__(self) -> str:
        return (
            f"RollUp({len(self.claims)} places, {self.basis}: {pounds(self.expected)}, "
            f"price_base={self.price_base}, draws={self.total.size}, seed={self.seed})"
        )

"""Two ways to the same money beside each other: a pathway and an outcome chain, line by line."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.cards import card, footer, text_table
from communitybudget._core.digits import pounds
from communitybudget._core.results import JsonResult, result
from communitybudget._core.vocabulary import AGENCIES, agency_label
from communitybudget.ledger import Ledger

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from communitybudget.case.appraisal import Appraisal

Array = NDArray[np.float64]

_BASES = {
    "activity": "pathway",
    "outcome_chain": "outcome chain",
    "own_entry": "own entry",
}


@result
@dataclass(frozen=True, eq=False)
class SideBySide(JsonResult):
    """Fiscal costs avoided by two options, line by line, real GBP, undiscounted.

    Parameters
    ----------
    options, labels : tuple of str
        The two.
    rows : tuple of (agency, line, way, way)
        How each comes to the line: ``pathway``, ``outcome chain``, both, or empty.
    years : tuple of str
        Financial years.
    amounts : ndarray, shape (row, 2, year)
        Mean costs avoided.
    spread : ndarray, shape (2, 2)
        P10 and P90 of each total over the years.
    reasons : tuple of str
        Why the two differ, in words with figures.
    price_base, seed, draws, set_version : str, int, int, str
        As in the ledger.
    """

    options: tuple[str, str]
    labels: tuple[str, str]
    rows: tuple[tuple[str, ...], ...]
    years: tuple[str, ...]
    amounts: Array
    spread: Array
    reasons: tuple[str, ...]
    price_base: str
    seed: int
    draws: int
    set_version: str

    @property
    def totals(self) -> Array:
        """Mean costs avoided of the two, shape (2,)."""
        return np.asarray(self.amounts.sum(axis=(0, 2)))

    def to_frame(self) -> "pd.DataFrame":
        """Return one row an agency and line.

        Returns
        -------
        pandas.DataFrame
            ``agency, line, first_way, second_way, first, second, difference, first_mid_year,
            second_mid_year``: the mid year is the mean year of the money, 0 the first.
        """
        import pandas as pd

        sums = self.amounts.sum(axis=2)
        weights = np.arange(len(self.years))
        with np.errstate(invalid="ignore", divide="ignore"):
            middle = (self.amounts * weights).sum(axis=2) / np.where(sums == 0, np.nan, sums)
        frame = pd.DataFrame(self.rows, columns=["agency", "line", "first_way", "second_way"])
        return frame.assign(
            first=sums[:, 0],
            second=sums[:, 1],
            difference=sums[:, 1] - sums[:, 0],
            first_mid_year=middle[:, 0],
            second_mid_year=middle[:, 1],
        )

    def _rows(self) -> list[tuple[str, str]]:
        found = [
            (f"{label}: costs avoided", f"{pounds(total)} ({pounds(low)} to {pounds(high)})")
            for label, total, (low, high) in zip(self.labels, self.totals, self.spread, strict=True)
        ]
        difference = float(self.totals[1] - self.totals[0])
        return [*found, ("Difference", pounds(difference))]

    @property
    def _title(self) -> str:
        return f"{self.labels[0]} beside {self.labels[1]}: fiscal costs avoided, undiscounted"

    @property
    def _foot(self) -> str:
        return footer(self.price_base, self.seed, self.draws, self.set_version)

    def summary(self) -> str:
        """Return the two totals and why they differ as text."""
        return text_table(self._title, self._rows(), self._foot, " ".join(self.reasons))

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw by how much the second option's costs avoided differ, agency by agency."""
        import pandas as pd

        from communitybudget.charts import plot_changes

        frame = self.to_frame().groupby("agency", sort=False)["difference"].sum()
        order = [a for a in AGENCIES if a in frame.index and frame[a] != 0]
        steps = pd.DataFrame(
            {"label": [agency_label(a) for a in order], "change": [float(frame[a]) for a in order]}
        )
        return plot_changes(
            steps,
            ax,
            price_base=self.price_base,
            title=f"Costs avoided, {self.labels[1]} less {self.labels[0]}",
        )

    def __repr__(self) -> str:
        return (
            f"SideBySide({self.options[0]} {pounds(self.totals[0])}, "
            f"{self.options[1]} {pounds(self.totals[1])}, "
            f"price_base={self.price_base})"
        )

    def _repr_html_(self) -> str:
        return card(self._title, self._rows(), self._foot, " ".join(self.reasons))


def side_by_side(appraisal: "Appraisal", option: str, other: str) -> SideBySide:
    """Set two options of an appraisal beside each other.

    Parameters
    ----------
    appraisal : Appraisal
        Of both.
    option, other : str
        For example one by pathways and one by outcome chains.
    """
    ledger = appraisal.ledger
    pair = (option, other)
    places: dict[tuple[str, str], list[set[str]]] = {}
    amounts: dict[tuple[str, str], Array] = {}
    for i, line in enumerate(ledger.lines):
        if line.flow != "costs_avoided" or line.value_type != "fiscal":
            continue
        place = (line.agency, line.line)
        means = np.array([ledger.amounts[i, ledger.options.index(o)].mean(axis=-1) for o in pair])
        if not means.any():
            continue
        ways = places.setdefault(place, [set(), set()])
        for k in range(2):
            if means[k].any():
                ways[k].add(_BASES[line.basis])
        amounts[place] = amounts.get(place, np.zeros((2, len(ledger.years)))) + means
    order = sorted(places, key=lambda p: (list(AGENCIES).index(p[0]), p[1]))
    rows = tuple(
        (agency, line, *(" and ".join(sorted(way)) for way in places[agency, line])) for agency, line in order
    )
    money = np.array([amounts[p] for p in order]) if order else np.zeros((0, 2, len(ledger.years)))
    totals = [appraisal.turned_out.flow(o, "costs_avoided").sum(axis=0) for o in pair]
    return SideBySide(
        options=pair,
        labels=(ledger.label(option), ledger.label(other)),
        rows=rows,
        years=ledger.years,
        amounts=money,
        spread=np.array([np.quantile(t, [0.1, 0.9]) for t in totals]),
        reasons=_reasons(appraisal, ledger, pair, rows, money),
        price_base=ledger.price_base,
        seed=ledger.seed,
        draws=ledger.draws,
        set_version=ledger.set_version,
    )


def _reasons(
    appraisal: "Appraisal",
    ledger: Ledger,
    pair: tuple[str, str],
    rows: tuple[tuple[str, ...], ...],
    money: Array,
) -> tuple[str, ...]:
    """Return why two options differ: lines that only one has, how much of an outcome, when, and what kind."""
    found = []
    sums = money.sum(axis=2)
    for k in range(2):
        only = [i for i in range(len(rows)) if sums[i, k] != 0 and sums[i, 1 - k] == 0]
        if only:
            amount = sums[only, k].sum()
            lines = ", ".join(dict.fromkeys(rows[i][1] for i in only))
            found.append(f"Only {ledger.label(pair[k])} has {lines}: £{amount:,.0f} in all.")
    both = [i for i in range(len(rows)) if sums[i, 0] != 0 and sums[i, 1] != 0]
    if both:
        gap = float((sums[both, 1] - sums[both, 0]).sum())
        found.append(f"On the lines that both have they differ by £{gap:,.0f}.")
    years = np.arange(money.shape[2])
    middles = [
        float((money[:, k] * years).sum() / money[:, k].sum()) if money[:, k].sum() else float("nan")
        for k in range(2)
    ]
    if all(np.isfinite(middles)) and abs(middles[0] - middles[1]) > 0.05:
        found.append(
            f"The money of {ledger.label(pair[0])} falls {middles[0]:.1f} years after the first year in "
            f"mean, that of {ledger.label(pair[1])} {middles[1]:.1f}."
        )
    for chain in appraisal.outcomes:
        if chain.option in pair:
            people, net = chain.chain.population.mean(), chain.chain.net.mean()
            units = chain.avoided.sum(axis=0).mean()
            found.append(
                f"The chain '{chain.label}' takes {people:,.1f} people to {net:,.2f} net outcomes, "
                f"{units:,.1f} units of its unit cost over the years."
            )
    found.append(
        "A chain is static: an outcome lasts as long as it is told to, touches nothing else, and nobody "
        "moves on, ages out or comes back. A pathway follows people: an avoided move changes what can "
        "happen next, other services go up where people stay with them, and effects fade as studies say."
    )
    return tuple(found)

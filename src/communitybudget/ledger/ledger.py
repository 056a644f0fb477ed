"""The ledger: money by draw, option, year, agency, value type and line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.cards import Card, CardResult, card, footer
from communitybudget._core.errors import ParameterNotFound, did_you_mean
from communitybudget._core.options import chosen_option
from communitybudget._core.results import result
from communitybudget._core.vocabulary import AGENCIES, ALL_AGENCIES, VALUE_TYPES, agency_label
from communitybudget.ledger.entries import LedgerLine

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Array = NDArray[np.float64]

QUANTILES: tuple[int, ...] = (5, 10, 20, 50, 80, 90, 95)
ROUNDING = 1e-13
ENTRY_FLOWS: tuple[str, ...] = ("delivery", "costs_avoided", "funding")
FLOWS: tuple[str, ...] = (*ENTRY_FLOWS, "not_deliverable", "unmet_need")
LEDGER_COLUMNS: tuple[str, ...] = (
    "option",
    "year",
    "agency",
    "funding_stream",
    "flow",
    "value_type",
    "cashable",
    "basis",
    "spend",
    "line",
    "mean",
    "sd",
    *(f"p{q}" for q in QUANTILES),
    "sd_with_chance",
    *(f"p{q}_with_chance" for q in QUANTILES),
)


@result
@dataclass(frozen=True, eq=False)
class Ledger(CardResult):
    """Who spends, and who no longer spends, year by year.

    Amounts are real GBP at the price base. Costs avoided are business as usual less the option,
    negative where an option costs an agency more. Delivery is positive spending. Funding is
    positive where received and sums to zero over agencies. What is claimed above what is spent
    (``not_deliverable``) and what falls since a need is not met (``unmet_need``) stand apart and are
    credited to nobody.

    Parameters
    ----------
    lines : tuple of LedgerLine
        Axis ``line``.
    options, years : tuple of str
        Axes ``option`` (without business as usual) and ``year``.
    amounts : ndarray, shape (line, option, year, draw)
        The money.
    spending : ndarray, shape (line, year, draw)
        Business-as-usual spending of the ``costs_avoided`` lines; 0 for the others.
    option_labels : tuple of str
        As reports print them; GROSS where no counterfactual was given.
    gross : tuple of bool
        Per option, whether there is no counterfactual.
    unpriced : tuple of (str, str)
        Activity without a unit cost, and who bears it: unknown, not zero.
    price_base : str
        Financial year of the prices.
    seed : int
        Of the draws.
    set_version : str
        Name and version of the parameter set.
    chance_lines : tuple of int
        Lines that chance moves: which people the families turn out to be.
    chance : ndarray, shape (chance_line, option, year, draw)
        What chance adds to the amounts of those lines; its mean over people is nil.
    """

    lines: tuple[LedgerLine, ...]
    options: tuple[str, ...]
    years: tuple[str, ...]
    amounts: Array
    spending: Array
    option_labels: tuple[str, ...]
    gross: tuple[bool, ...]
    unpriced: tuple[tuple[str, str], ...]
    price_base: str
    seed: int
    set_version: str
    chance_lines: tuple[int, ...] = ()
    chance: Array = field(default_factory=lambda: np.zeros((0, 0, 0, 0)))

    @property
    def draws(self) -> int:
        """Number of draws."""
        return int(self.amounts.shape[-1])

    def with_chance(self) -> "Ledger":
        """Return the ledger as it may turn out for these very families: uncertain rates, and chance.

        The ledger itself holds what is expected at uncertain rates, effects and prices.
        """
        if not self.chance_lines:
            return self
        amounts = self.amounts.copy()
        amounts[list(self.chance_lines)] += self.chance
        return replace(self, amounts=amounts, chance_lines=(), chance=np.zeros((0, 0, 0, 0)))

    def only(self, option: str) -> "Ledger":
        """Return the ledger of one option; its arrays are views."""
        index = self._option(option)
        own = slice(index, index + 1)
        return replace(
            self,
            options=(option,),
            amounts=self.amounts[:, own],
            option_labels=self.option_labels[own],
            gross=self.gross[own],
            chance=self.chance[:, own],
        )

    @cached_property
    def agencies(self) -> tuple[str, ...]:
        """Agencies that bear any line, in the order of the vocabulary."""
        found = {line.agency for line in self.lines}
        return tuple(a for a in AGENCIES if a in found)

    def label(self, option: str) -> str:
        """Return the printable name of an option."""
        return self.option_labels[self._option(option)]

    def _option(self, option: str) -> int:
        return self.options.index(chosen_option(option, self.options))

    def flow(
        self,
        option: str,
        flow: str,
        agency: str = ALL_AGENCIES,
        value_types: Sequence[str] = ("fiscal",),
        transfer: bool | None = None,
    ) -> Array:
        """Return one flow of one option, shape (year, draw).

        Parameters
        ----------
        option : str
            An option other than business as usual.
        flow : str
            ``costs_avoided``, ``delivery``, ``funding``, ``not_deliverable`` or ``unmet_need``.
        agency : str
            One, or ``all``.
        value_types : sequence of str
            Which to add; fiscal alone unless asked for.
        transfer : bool, optional
            Only transfers, or only what is none; both if omitted.
        """
        index = self._option(option)
        _one_of("agency", agency, (ALL_AGENCIES, *AGENCIES))
        _one_of("flow", flow, FLOWS)
        for value_type in value_types:
            _one_of("value type", value_type, VALUE_TYPES)
        total = np.zeros(self.amounts.shape[2:])
        for i, line in enumerate(self.lines):
            if (
                line.flow == flow
                and agency in (ALL_AGENCIES, line.agency)
                and line.value_type in value_types
                and transfer in (None, line.transfer)
            ):
                total += self.amounts[i, index]
        return total

    def net(self, option: str, agency: str = ALL_AGENCIES) -> Array:
        """Return fiscal costs avoided less delivery plus funding, shape (year, draw)."""
        avoided = self.flow(option, "costs_avoided", agency)
        delivery = self.flow(option, "delivery", agency)
        funding = self.flow(option, "funding", agency)
        net = avoided - delivery + funding
        # what is left of flows that cancel is rounding, and would decide whether the money is recovered
        gross = np.abs(avoided) + np.abs(delivery) + np.abs(funding)
        return np.where(np.abs(net) <= ROUNDING * gross, 0.0, net)

    def public_value(self, option: str, agency: str = ALL_AGENCIES) -> Array:
        """Return fiscal, economic and social value without transfers, less delivery, shape (year, draw).

        Funding between agencies is left out: it moves money and makes none.
        """
        every = ("fiscal", "economic", "social")
        return self.flow(option, "costs_avoided", agency, every, transfer=False) - self.flow(
            option, "delivery", agency, every
        )

    def business_as_usual(self, agency: str = ALL_AGENCIES, value_type: str = "fiscal") -> Array:
        """Return business-as-usual spending on the cohort, shape (year, draw)."""
        _one_of("agency", agency, (ALL_AGENCIES, *AGENCIES))
        total = np.zeros(self.spending.shape[1:])
        for i, line in enumerate(self.lines):
            if agency in (ALL_AGENCIES, line.agency) and line.value_type == value_type:
                total += self.spending[i]
        return total

    def to_frame(self) -> "pd.DataFrame":
        """Return the ledger as a table.

        Returns
        -------
        pandas.DataFrame
            ``option, year, agency, funding_stream, flow, value_type, cashable, basis, spend, line, mean, sd,
            p5, p10, p20, p50, p80, p90, p95``, from uncertain rates, effects and prices; then sd and
            percentiles with chance (``_with_chance``); real GBP at the price base.
        """
        import pandas as pd

        order = sorted(
            range(len(self.lines)),
            key=lambda i: (
                FLOWS.index(self.lines[i].flow),
                list(AGENCIES).index(self.lines[i].agency),
                self.lines[i].line,
            ),
        )
        rows = []
        for o, option in enumerate(self.options):
            for i in order:
                line = self.lines[i]
                figures = describe(self.amounts[i, o])
                turned_out = figures[1:]
                if i in self.chance_lines:
                    gap = self.chance[self.chance_lines.index(i), o]
                    turned_out = describe(self.amounts[i, o] + gap)[1:]
                if not figures.any() and not turned_out.any():
                    continue
                for y, year in enumerate(self.years):
                    rows.append(
                        (
                            option,
                            year,
                            line.agency,
                            line.funding_stream,
                            line.flow,
                            line.value_type,
                            line.cashable,
                            line.basis,
                            line.spend,
                            line.line,
                            *figures[:, y],
                            *turned_out[:, y],
                        )
                    )
        return pd.DataFrame(rows, columns=list(LEDGER_COLUMNS))

    def by(self, axis: str, option: str | None = None, value_type: str = "fiscal") -> "LedgerView":
        """Return the ledger summed along one axis, ready to show or draw.

        Parameters
        ----------
        axis : {'agency', 'year', 'line'}
            What the rows are.
        option : str, optional
            The first option unless one is named.
        value_type : str
            Value types are never added silently; one at a time.

        Returns
        -------
        LedgerView
        """
        if axis not in ("agency", "year", "line"):
            raise ValueError(f"'{axis}' is no axis to sum by; use agency, year or line")
        chosen = option or self.options[0]
        self._option(chosen)
        return LedgerView(self, axis, chosen, value_type)

    def _total_rows(self) -> list[tuple[str, str]]:
        rows = []
        for option in self.options:
            label = self.label(option)
            for flow in ("delivery", "costs_avoided"):
                mean = self.flow(option, flow).sum(axis=0).mean()
                rows.append((f"{label}: {flow.replace('_', ' ')}", f"£{mean:,.0f}"))
            rows.append((f"{label}: net", f"£{self.net(option).sum(axis=0).mean():,.0f}"))
        return rows

    @property
    def _title(self) -> str:
        return f"Ledger over {len(self.years)} years, fiscal, undiscounted means"

    @property
    def _foot(self) -> str:
        return footer(self.price_base, self.seed, self.draws, self.set_version)

    def _card(self) -> Card:
        return Card(self._title, self._total_rows(), self._foot)

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw who pays and who gains under the first option."""
        return self.by("agency").plot(ax)

    def __repr__(self) -> str:
        return (
            f"Ledger({len(self.lines)} lines, {len(self.options)} options, {len(self.years)} years, "
            f"price_base={self.price_base}, draws={self.draws}, seed={self.seed})"
        )


@dataclass(frozen=True, slots=True)
class LedgerView:
    """The ledger of one option, summed along one axis."""

    ledger: Ledger
    axis: str
    option: str
    value_type: str

    def to_frame(self) -> "pd.DataFrame":
        """Return one row for each agency, year or line; undiscounted, means and intervals of the net.

        Means are of what is expected; the interval holds chance, where it was drawn.

        Returns
        -------
        pandas.DataFrame
            The axis (agencies by their printable names)``, costs_avoided, delivery, funding, net,
            net_p10, net_p90``.
        """
        import pandas as pd

        rows = []
        turned_out = replace(self, ledger=self.ledger.with_chance())
        for (name, flows), (_, actual) in zip(self._groups(), turned_out._groups(), strict=True):
            low, high = np.quantile(_net(actual), [0.1, 0.9])
            rows.append((name, *(flows[f].mean() for f in flows), _net(flows).mean(), low, high))
        columns = [self.axis, "costs_avoided", "delivery", "funding", "net", "net_p10", "net_p90"]
        return pd.DataFrame(rows, columns=columns)

    def _groups(self) -> Iterable[tuple[str, dict[str, Array]]]:
        flows = ("costs_avoided", "delivery", "funding")
        ledger, index = self.ledger, self.ledger.options.index(self.option)
        if self.axis == "year":
            totals = {f: ledger.flow(self.option, f, value_types=(self.value_type,)) for f in flows}
            for y, year in enumerate(ledger.years):
                yield year, {f: totals[f][y] for f in flows}
            return
        names = {
            line.agency if self.axis == "agency" else line.line
            for line in ledger.lines
            if line.value_type == self.value_type and line.flow in ENTRY_FLOWS
        }
        order = [a for a in AGENCIES if a in names] if self.axis == "agency" else sorted(names)
        for name in order:
            sums = {f: np.zeros(ledger.draws) for f in flows}
            for i, line in enumerate(ledger.lines):
                own = line.agency if self.axis == "agency" else line.line
                if own == name and line.value_type == self.value_type and line.flow in ENTRY_FLOWS:
                    sums[line.flow] += ledger.amounts[i, index].sum(axis=0)
            yield (agency_label(name) if self.axis == "agency" else name), sums

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw it: fiscal costs avoided by agency and year, or the balance of each agency, year or line."""
        from communitybudget.charts import plot_agency_balance, plot_costs_avoided_by_year

        title, base = self.ledger.label(self.option), self.ledger.price_base
        if self.axis == "year" and self.value_type == "fiscal":
            frame = costs_avoided_by_year(self.ledger, self.option)
            title = f"Costs avoided by agency and year: {title}"
            return plot_costs_avoided_by_year(frame, ax, price_base=base, title=title)
        frame = self.to_frame().rename(columns={self.axis: "agency"})
        words = "Who pays and who gains" if self.axis == "agency" else f"Balance by {self.axis}"
        kind = "" if self.value_type == "fiscal" else f", {self.value_type}"
        return plot_agency_balance(frame, ax, price_base=base, title=f"{words}{kind}: {title}")

    def _repr_html_(self) -> str:
        rows = [(str(r[0]), f"£{r[4]:,.0f}") for r in self.to_frame().itertuples(index=False)]
        title = f"{self.ledger.label(self.option)}: net by {self.axis}, {self.value_type}, undiscounted"
        return card(title, rows, self.ledger._foot)

    def __repr__(self) -> str:
        return f"LedgerView(by {self.axis}, option={self.option}, {self.value_type})"


def _net(flows: dict[str, Array]) -> Array:
    return flows["costs_avoided"] - flows["delivery"] + flows["funding"]


def _one_of(what: str, word: str, words: Iterable[str]) -> None:
    known = list(words)
    if word not in known:
        raise ParameterNotFound(f"'{word}' is no {what}; {did_you_mean(word, known)}")


def costs_avoided_by_year(ledger: Ledger, option: str) -> "pd.DataFrame":
    """Return mean fiscal costs avoided by agency and year: ``agency, year, mean``."""
    import pandas as pd

    rows = [
        (agency_label(agency), year, mean)
        for agency in ledger.agencies
        for year, mean in zip(
            ledger.years, ledger.flow(option, "costs_avoided", agency).mean(axis=1), strict=True
        )
    ]
    frame = pd.DataFrame(rows, columns=["agency", "year", "mean"])
    used = frame.groupby("agency")["mean"].transform(lambda m: m.abs().sum()) > 0
    return frame[used].reset_index(drop=True) if used.any() else frame


def describe(values: Array) -> Array:
    """Return mean, sd and the percentiles of the ledger along the last axis, shape (9, ...).

    The sd has one degree of freedom taken off; it is 0 for a single draw.
    """
    mean = values.mean(axis=-1)
    sd = values.std(axis=-1, ddof=1) if values.shape[-1] > 1 else np.zeros_like(mean)
    quantiles = np.quantile(values, [q / 100 for q in QUANTILES], axis=-1)
    return np.concatenate([mean[None], sd[None], quantiles])

"""Many draws in flat memory: the measures of an appraisal without the draws themselves."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.cards import Card, CardResult, footer
from communitybudget._core.options import chosen_option
from communitybudget._core.results import result
from communitybudget._core.vocabulary import ALL_AGENCIES, agency_label
from communitybudget.appraisal import discount_factors, worst_tail_error, worst_tail_mean
from communitybudget.appraisal.prudence import WORST_TAIL
from communitybudget.case.appraise import assumption_rows
from communitybudget.case.case import Case
from communitybudget.case.chance import Luck
from communitybudget.case.input_columns import ASSUMPTION_COLUMNS
from communitybudget.case.measures import (
    HEADLINE_NOTE,
    SUMMARY_COLUMNS,
    WORST,
    Figures,
    MeasureRow,
    both_levels,
    figure_row,
    figures_of,
    find_measure,
    headline_rows,
    payback_row,
)
from communitybudget.case.model import Model, Progress, prepare
from communitybudget.case.words import conventions_of
from communitybudget.ledger import QUANTILES
from communitybudget.sampling import Draws, part_sizes
from communitybudget.sensitivity import Histogram, Moments, probability_error, replicate_error
from communitybudget.simulation import TILE

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Array = NDArray[np.float64]

STREAMED_COLUMNS: tuple[str, ...] = (*SUMMARY_COLUMNS, "percentile_error", "percentile_error_with_chance")


@result
@dataclass(frozen=True, eq=False)
class AppraisalSummary(CardResult):
    """What a case comes to over many draws, which are not kept.

    Parameters
    ----------
    case_text : str
        The case file.
    title, place : str
        Of the case.
    families : float
        Families offered the programme.
    years : tuple of str
        Financial years of the horizon; the first is the base year of discounting.
    price_base : str
        Prices, real.
    options, option_labels : tuple of str
        Options compared with business as usual, and their printable names.
    agencies : tuple of str
        That bear a line.
    rows : tuple of tuple
        The measures; columns `STREAMED_COLUMNS`.
    assumption_rows : tuple of tuple
        Every number used, with its passport.
    conventions : tuple of str
        How it was reckoned.
    draws, seed : int
        The same draws as those of `appraise`.
    set_version, set_digest : str
        Parameter set.
    """

    case_text: str
    title: str
    place: str
    families: float
    years: tuple[str, ...]
    price_base: str
    options: tuple[str, ...]
    option_labels: tuple[str, ...]
    agencies: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    assumption_rows: tuple[tuple[Any, ...], ...]
    conventions: tuple[str, ...]
    draws: int
    seed: int
    set_version: str
    set_digest: str

    def _chosen(self, option: str | None) -> str:
        return chosen_option(option, self.options)

    @property
    def _labels(self) -> dict[str, str]:
        return dict(zip(self.options, self.option_labels, strict=True))

    @cached_property
    def _measures(self) -> "pd.DataFrame":
        import pandas as pd

        return pd.DataFrame(list(self.rows), columns=list(STREAMED_COLUMNS))

    def to_frame(self) -> "pd.DataFrame":
        """Return every measure by option and agency.

        Returns
        -------
        pandas.DataFrame
            The columns of an appraisal's measures; then how far the percentiles, or the mean of the worst
            tenth, may be from those of the draws themselves: ``percentile_error`` and
            ``percentile_error_with_chance``, GBP, the largest of the row.
        """
        return self._measures.copy()

    def measure(self, name: str, option: str | None = None, agency: str = ALL_AGENCIES) -> "pd.Series[Any]":
        """Return one row of the measures.

        Parameters
        ----------
        name : str
            For example ``npv_fiscal``, ``bcr_fiscal``, ``probability_net_positive``.
        option, agency : str
            Of what; the first option and all agencies unless named.
        """
        return find_measure(self._measures, name, self._chosen(option), agency)

    def balance(self, option: str | None = None) -> "pd.DataFrame":
        """Return who pays and who gains: present values by agency, fiscal; the interval holds chance.

        Returns
        -------
        pandas.DataFrame
            ``agency`` (printable)``, costs_avoided, delivery, funding, net, net_p10, net_p90``.
        """
        import pandas as pd

        flows = ("costs_avoided_fiscal_present_value", "delivery_present_value", "funding_present_value")
        rows = []
        for agency in self.agencies:
            means = [self.measure(flow, option, agency)["mean"] for flow in flows]
            net = self.measure("npv_fiscal", option, agency)
            limits = (net["p10_with_chance"], net["p90_with_chance"])
            if any((*means, net["mean"], *limits)):
                rows.append((agency_label(agency), *means, net["mean"], *limits))
        columns = ["agency", "costs_avoided", "delivery", "funding", "net", "net_p10", "net_p90"]
        return pd.DataFrame(rows, columns=columns)

    def assumptions(self) -> "pd.DataFrame":
        """Return every number used, with its source and mark."""
        import pandas as pd

        return pd.DataFrame(list(self.assumption_rows), columns=list(ASSUMPTION_COLUMNS))

    def plot(self, ax: "Axes | None" = None, option: str | None = None) -> "Axes":
        """Draw who pays and who gains under one option; the first unless one is named."""
        from communitybudget.charts import plot_agency_balance

        title = f"Who pays and who gains: {self._labels[self._chosen(option)]}"
        return plot_agency_balance(self.balance(option), ax, price_base=self.price_base, title=title)

    @property
    def _title(self) -> str:
        return f"{self.title}, {self.place}" if self.place else self.title

    @property
    def _foot(self) -> str:
        return footer(self.price_base, self.seed, self.draws, self.set_version)

    @property
    def _note(self) -> str:
        npv = self._measures[self._measures["measure"] == "npv_fiscal"]
        error = npv[["percentile_error", "percentile_error_with_chance"]].to_numpy().max()
        words = f"within £{error:,.0f} of those of" if error > 0 else "those of"
        return f"{HEADLINE_NOTE} Percentiles of the net present value are {words} the draws themselves."

    def _card(self) -> Card:
        return Card(self._title, headline_rows(self.measure, self._labels), self._foot, self._note)

    def __repr__(self) -> str:
        return (
            f"AppraisalSummary(npv={self.measure('npv_fiscal')['mean']:,.0f} GBP real, "
            f"options={len(self.options)}, price_base={self.price_base}, draws={self.draws}, "
            f"seed={self.seed})"
        )


def summarise(
    case: Case,
    draws: int = 100_000,
    seed: int = 1,
    progress: Progress | None = None,
    chunk: int = TILE,
) -> AppraisalSummary:
    """Appraise a case over many draws in flat memory: its measures, and not the draws.

    Parameters
    ----------
    case : Case
        What is appraised; from `load_case` or `Case.from_dict`.
    draws : int
        Sets of parameter values, at least 1: the same as those of `appraise`.
    seed : int
        Any whole number from 0.
    progress : callable, optional
        Called with draws done and draws in all.
    chunk : int
        Draws at once, a multiple of 4,000; the result does not depend on it.

    Returns
    -------
    AppraisalSummary
        Means, spreads, ratios, probabilities and paybacks are those of `appraise`; percentiles of amounts
        come from a histogram fixed by the first draws, and say how far off they may be. A design other than
        random is made beforehand, for all draws: 8 bytes for each draw of each unknown, so that 100,000 draws
        of 250 hold 200 MB. With replicates the errors of means, ratios and probabilities are told from them,
        and that of the worst tenth is that of independent draws.

    Raises
    ------
    ValueError
        If there is no draw, or the chunk is no multiple of 4,000.
    DoubleCounting, EffectError
        As `appraise`.

    Examples
    --------
    >>> from communitybudget.parameters import examples_folder
    >>> from communitybudget.case import load_case
    >>> case = load_case(examples_folder() / "hounslow" / "case.yaml")
    >>> summarise(case, draws=200).measure("probability_net_positive", "early_help")["agency"]
    'all'
    """
    if draws < 1:
        raise ValueError(f"draws is {draws}; ask for at least 1")
    if chunk < 1 or chunk % TILE:
        raise ValueError(f"chunk is {chunk}; chance is drawn for {TILE:,} draws at once, so give a multiple")
    model = prepare(case)
    spec = case.spec
    luck = model.luck(model.pieces(draws, seed, chunk), draws, seed)
    tallies: _Tallies = {}
    parts = part_sizes(draws, model.replicates(draws))
    for piece in model.pieces(draws, seed, chunk):
        _add_chunk(model, piece, luck, tallies, parts)
        if progress is not None:
            progress(piece.first + piece.draws, draws)
    rows: list[tuple[Any, ...]] = []
    for (option, agency), pair in tallies.items():
        (expected, errors), (actual, errors_with_chance) = (
            tally.rows(spec.financial_years) for tally in pair
        )
        found = both_levels(option, agency, expected, actual)
        rows += [(*row, *off) for row, *off in zip(found, errors, errors_with_chance, strict=True)]
    return AppraisalSummary(
        case_text=case.self_contained().to_yaml(),
        title=spec.title,
        place=spec.place,
        families=model.cohort.families,
        years=spec.financial_years,
        price_base=spec.price_base,
        options=tuple(option.name for option in spec.options),
        option_labels=model.option_labels,
        agencies=tuple(dict.fromkeys(agency for _, agency in tallies if agency != ALL_AGENCIES)),
        rows=tuple(tuple(v if isinstance(v, str) else float(v) for v in row) for row in rows),
        assumption_rows=assumption_rows(model),
        conventions=conventions_of(model),
        draws=draws,
        seed=seed,
        set_version=model.set_version,
        set_digest=model.parameters.digest,
    )


def _add_chunk(model: Model, draws: Draws, luck: Luck, tallies: "_Tallies", parts: Sequence[int]) -> None:
    """Run a chunk and add its measures; nothing else of it is left."""
    activity = model.simulate(draws)
    chance = model.draw_chance(activity, draws, luck=luck)
    ledger = model.price(activity, draws, chance)
    spec, factors = model.case.spec, discount_factors(len(ledger.years), schedule=model.schedule)
    chance = replace(chance, lines={})  # what it adds stands in the ledger now
    cash = model.cash(ledger, activity, draws)
    cash_with_chance = model.cash_with_chance(cash, ledger, activity, draws, chance)
    del activity, chance  # the measures need no more than the money
    for option in ledger.options:
        levels = ((ledger, cash), (ledger.only(option).with_chance(), cash_with_chance))
        for agency in (ALL_AGENCIES, *ledger.agencies):
            if (option, agency) not in tallies:
                tallies[option, agency] = (_Tally(spec.years, parts), _Tally(spec.years, parts))
            for tally, (money, banked) in zip(tallies[option, agency], levels, strict=True):
                found = figures_of(money, banked, option, agency, factors, spec.distributional_weight)
                tally.add(found, draws.first)


class _Tally:
    """The measures of one option and agency, added up tile by tile, so that chunks change no bit.

    Parameters
    ----------
    years : int
        Of the horizon.
    parts : sequence of int
        Draws in each independent part of the design; a single one where draws are independent.
    """

    def __init__(self, years: int, parts: Sequence[int]) -> None:
        self._part_sizes = np.array(parts)
        self._part_ends = np.cumsum(self._part_sizes)
        self._part_sums: Array | None = None
        self._moments, self._histogram, self._tail = Moments(), Histogram(), Histogram(sums=True)
        self._payback = np.zeros(years + 1, dtype=np.int64)
        self._hits: dict[str, int] = {}

    def add(self, figures: Figures, first: int) -> None:
        """Add the draws of a chunk, the first of which stands so far from the start."""
        self._amounts, self._ratios = list(figures.amounts), list(figures.ratios)
        amounts = np.array(list(figures.amounts.values()))
        both = np.array([series for pair in figures.ratios.values() for series in pair])
        of_tail = amounts[[self._amounts.index(WORST[1])]]
        came_about = np.array(list(figures.hits.values()), dtype=np.float64)
        for start in range(0, amounts.shape[1], TILE):
            own = slice(start, start + TILE)
            tile = np.concatenate([amounts[:, own], both[:, own]])
            self._moments.add(tile)
            if len(self._part_sizes) > 1:
                self._add_to_parts(np.concatenate([tile, came_about[:, own]]), first + start)
            self._histogram.add(amounts[:, own])
            self._tail.add(of_tail[:, own])
        never = len(self._payback) - 1
        years = np.nan_to_num(figures.payback, nan=never).astype(np.int64)
        self._payback += np.bincount(years, minlength=never + 1)
        for name, hits in figures.hits.items():
            self._hits[name] = self._hits.get(name, 0) + int(hits.sum())

    def _add_to_parts(self, tile: Array, first: int) -> None:
        """Add the draws of a tile to the part of the design in which each stands."""
        if self._part_sums is None:
            self._part_sums = np.zeros((len(self._part_sizes), len(tile)))
        of_draw = np.searchsorted(self._part_ends, np.arange(first, first + tile.shape[1]), side="right")
        for part in range(of_draw[0], of_draw[-1] + 1):
            self._part_sums[part] += tile[:, of_draw == part].sum(axis=1)

    def _error_by_part(self, *rows: int, ratio: float = 0.0) -> float | None:
        """Return the error of a mean, or of what a ratio leaves over, from the parts; None without parts."""
        if self._part_sums is None:
            return None
        means = self._part_sums[:, rows[0]] / self._part_sizes
        if len(rows) > 1:
            means = means - ratio * (self._part_sums[:, rows[1]] / self._part_sizes)
        return float(replicate_error(means, len(means)))

    def rows(self, years: tuple[str, ...]) -> tuple[list[MeasureRow], list[float]]:
        """Return the rows of the measures, and how far the percentiles of each may be off."""
        draws, mean, covariance = self._moments.count, self._moments.mean, self._moments.covariance
        quantiles, errors = self._histogram.quantiles([q / 100 for q in QUANTILES])
        rows: list[MeasureRow] = []
        for k, name in enumerate(self._amounts):
            sd = float(np.sqrt(covariance[k, k]))
            error = sd / np.sqrt(draws) if draws > 1 else np.nan
            error = error if (of_parts := self._error_by_part(k)) is None else of_parts
            rows.append((name, mean[k], sd, *quantiles[:, k], error))
        off = [float(error) for error in errors.max(axis=0)]
        for r, name in enumerate(self._ratios):
            b, c = len(self._amounts) + 2 * r, len(self._amounts) + 2 * r + 1
            ratio = error = np.nan
            if mean[c] > 0:
                ratio = mean[b] / mean[c]
                spread = covariance[b, b] - 2 * ratio * covariance[b, c] + ratio**2 * covariance[c, c]
                if draws > 1:
                    of_parts = self._error_by_part(b, c, ratio=ratio)
                    spread_of_mean = np.sqrt(max(spread, 0.0) / draws)
                    error = float((spread_of_mean if of_parts is None else of_parts) / mean[c])
            rows.append(figure_row(name, ratio, error))
            off.append(np.nan)
        worst, error, bound = self._worst_tenth(draws)
        rows.append(figure_row(WORST[0], worst, error))
        # the payback of a share of the draws is that of a draw, as `payback_percentile` has it
        upto = self._payback.cumsum()
        ranks = [max(int(np.ceil(round(q / 100 * draws, 9))), 1) for q in QUANTILES]
        found = [int(np.searchsorted(upto, rank)) for rank in ranks]
        rows.append(payback_row([np.nan if year == len(years) else year for year in found], years))
        before = len(self._amounts) + 2 * len(self._ratios)
        for h, (name, hits) in enumerate(self._hits.items()):
            of_parts = self._error_by_part(before + h) if 0 < hits < draws else None
            by_count = float(probability_error(hits, draws))
            rows.append(figure_row(name, hits / draws, by_count if of_parts is None else of_parts))
        return rows, [*off, bound, 0.0, *([np.nan] * len(self._hits))]

    def _worst_tenth(self, draws: int) -> tuple[float, float, float]:
        """Return the mean of the worst tenth, its Monte Carlo error, and how far off it may be."""
        held = self._tail.held
        if held is not None:
            error = worst_tail_error(held[0]) if draws > 1 else np.nan
            return float(worst_tail_mean(held[0])), error, 0.0
        tail = self._tail.lowest(WORST_TAIL)
        spread = tail.variance + (1 - WORST_TAIL) * (tail.edge - tail.mean) ** 2
        return tail.mean, float(np.sqrt(spread / np.floor(WORST_TAIL * draws))), tail.error


_Tallies = dict[tuple[str, str], tuple[_Tally, _Tally]]

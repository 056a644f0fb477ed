"""Business as usual beside published figures: whether it is of the right size, and why it differs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.results import result
from communitybudget._core.vocabulary import ALL_AGENCIES, agency_label
from communitybudget.case.model import Model
from communitybudget.cohorts import FEWEST_SHOWN
from communitybudget.ledger import Ledger

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]


@result
@dataclass(frozen=True, slots=True)
class Benchmark:
    """A published cost of a family-year to set beside business as usual, at the price base."""

    label: str
    published: float
    published_price_base: str
    at_price_base: float
    source: str
    note: str


@result
@dataclass(frozen=True, slots=True)
class AgencyShare:
    """One agency's share in a published total."""

    split: str
    agency: str
    share: float
    source: str
    note: str


def benchmarks_of(model: Model) -> tuple[Benchmark, ...]:
    """Return the published costs of a family-year that the parameter set holds, at the price base."""
    base = model.case.spec.price_base
    return tuple(
        Benchmark(
            row.label,
            row.value,
            row.price_base,
            row.value * model.index.factor(row.price_base, base),
            model.parameters.citation(row.source),
            row.note,
        )
        for row in model.parameters.table("benchmark")
    )


def agency_shares_of(model: Model) -> tuple[AgencyShare, ...]:
    """Return the published splits over agencies that the parameter set holds."""
    return tuple(
        AgencyShare(
            row.fields["split"], row.agency, row.value, model.parameters.citation(row.source), row.note
        )
        for row in model.parameters.table("split")
    )


def plausibility_frame(ledger: Ledger, family_years: Array) -> "pd.DataFrame":
    """Return business-as-usual spending by family-year; see `Appraisal.plausibility`."""
    import pandas as pd

    first = int(np.argmax(family_years > 0))
    whole = _first_year(ledger, family_years, first, ALL_AGENCIES).mean()
    rows = []
    for agency in (*ledger.agencies, ALL_AGENCIES):
        spent = ledger.business_as_usual(agency)
        if not spent.any():
            continue
        in_first = spent[first] / family_years[first]
        low, high = np.quantile(in_first, [0.1, 0.9])
        transfers = _first_year(ledger, family_years, first, agency, transfers_only=True).mean()
        mean = spent.sum(axis=0).mean() / family_years.sum()
        rows.append(
            (agency_label(agency), in_first.mean(), low, high, in_first.mean() / whole, transfers, mean)
        )
    columns = "agency first_year first_year_p10 first_year_p90 share transfers_first_year mean_year".split()
    return pd.DataFrame(rows, columns=columns)


def _first_year(
    ledger: Ledger, family_years: Array, first: int, agency: str, transfers_only: bool = False
) -> Array:
    """Return fiscal spending a family in the first year with families, shape (draw,)."""
    total = np.zeros(ledger.spending.shape[-1])
    for line, spent in zip(ledger.lines, ledger.spending, strict=True):
        mine = agency in (ALL_AGENCIES, line.agency) and line.value_type == "fiscal"
        if mine and (line.transfer or not transfers_only):
            total += spent[first]
    return np.asarray(total / family_years[first])


def _share(share: float, families: float, counted: bool) -> str:
    """Return a share of families in words; a few that were counted one by one are not told."""
    if counted and round(share * families) < FEWEST_SHOWN:
        return "a few"
    return f"{share:.0%}"


def plausibility_notes(
    model: Model, frame: "pd.DataFrame", benchmarks: Sequence[Benchmark], closed: bool
) -> tuple[str, ...]:
    """Return, in words with figures, why business as usual differs from what was published."""
    whole = frame[frame["agency"] == agency_label(ALL_AGENCIES)].iloc[0]
    first, transfers, mean = whole["first_year"], whole["transfers_first_year"], whole["mean_year"]
    notes = []
    if benchmarks:
        near = benchmarks[0]
        notes.append(
            f"{near.label}: £{near.published:,.0f} at {near.published_price_base} prices, "
            f"£{near.at_price_base:,.0f} at those of this case. The model's first year, £{first:,.0f}, is "
            f"{first / near.at_price_base:.0%} of it."
        )
    if transfers > 0:
        notes.append(
            f"£{transfers:,.0f} of the first year is benefit payments, which the published figures hold only "
            f"in part. Without them the model has £{first - transfers:,.0f}."
        )
    counted = model.case.families is not None
    shares = [
        f"{_share(share, model.cohort.families, counted)} {name.replace('_', ' ')}"
        for name, share in model.cohort.profiles.items()
        if share
    ]
    notes.append(
        f"The families here are {', '.join(shares)}. Published averages are of families that one programme "
        "took on, and the dearest figures of its most complex ones."
    )
    notes.append(
        "Families are counted at a peak: in the year before they join. Business as usual begins after it"
        + (f", and its mean year costs {mean / first:.0%} of the first." if closed else ".")
    )
    idle = [
        str(form["label"]).lower()
        for name, form in model.parameters.structures.items()
        if name not in model.case.spec.pathways
    ]
    if idle:
        notes.append(f"Not run in this case: {', '.join(idle)}.")
    notes.append(
        "In no pathway: ordinary schooling, family doctors and most hospital care, Housing Benefit, "
        "Child Benefit and tax credits. Areas that counted some of these find more."
    )
    notes.append(
        "Prices are national averages, many of before 2015 and brought forward by general prices. Placement "
        "and prison prices rose faster; replace them with local ones."
    )
    return tuple(notes)

"""What data sharing is worth: the value of the inputs that each agency holds, against its extract."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from communitybudget._core.cards import NOT_STATED, Card, CardResult, in_prices
from communitybudget._core.digits import counted, pounds, supported
from communitybudget._core.normal import Z95
from communitybudget._core.results import result
from communitybudget._core.words import short_enough
from communitybudget.sensitivity.decision_population import DecisionPopulation
from communitybudget.sensitivity.information_value import InformationTable

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

HOLDER_COLUMNS = (
    *("holder", "inputs", "value", "standard_error", "value_a_year", "standard_error_a_year"),
    *("extract_cost_a_year", "net_a_year", "worth_it"),
)
_NAMED = 3
MAY_BE, NO, TOO_CLOSE, NOT_KNOWN = "may be", "no", "too close to say", "cost not known"


@result
@dataclass(frozen=True, slots=True)
class HolderValue:
    """What one agency's extract is worth at most, GBP; a row of `HolderInformation`."""

    holder: str
    inputs: str
    value: float
    standard_error: float
    value_a_year: float
    standard_error_a_year: float
    extract_cost_a_year: float
    net_a_year: float
    worth_it: str


@result
@dataclass(frozen=True, eq=False, repr=False)
class HolderInformation(CardResult):
    """What each agency's extract is worth at most to a choice, against what it costs.

    Parameters
    ----------
    rows : tuple of HolderValue
        By falling value a year; equal ones by name.
    population : DecisionPopulation
        For how many families a year the choice is made.
    price_base : str
    """

    rows: tuple[HolderValue, ...]
    population: DecisionPopulation
    price_base: str

    def to_frame(self) -> "pd.DataFrame":
        """Return a row per agency.

        Returns
        -------
        pandas.DataFrame
            ``holder, inputs, value, standard_error, value_a_year, standard_error_a_year,
            extract_cost_a_year, net_a_year, worth_it``; cost and net are missing where the cost is not known.
            ``value`` and ``standard_error`` are for the choice as modelled; ``worth_it`` is ``may be``,
            ``no``, ``too close to say`` or ``cost not known``.
        """
        import pandas as pd

        return pd.DataFrame(
            [[getattr(row, column) for column in HOLDER_COLUMNS] for row in self.rows],
            columns=list(HOLDER_COLUMNS),
        )

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw what each extract is worth at most a year, against what it costs."""
        from communitybudget.charts import plot_data_sharing

        return plot_data_sharing(self.to_frame(), ax, price_base=self.price_base)

    def in_words(self) -> str:
        """Return the paragraph for the report, under 80 words: the fewer named, the longer the names."""
        return short_enough(self._paragraph(named) for named in range(_NAMED, -1, -1))

    def _paragraph(self, named: int) -> str:
        """Return the paragraph with so many agencies of each kind named."""
        worth, no, close, unknown = (
            [row for row in self.rows if row.worth_it == answer]
            for answer in (MAY_BE, NO, TOO_CLOSE, NOT_KNOWN)
        )
        sentences = ["No agency's data is clearly worth what it costs to this decision."]
        if worth:
            first = worth[0]
            most = supported(first.value_a_year, first.standard_error_a_year)
            sentences = [
                f"Data from {first.holder} could be worth up to {most} a year to this decision, and costs "
                f"{pounds(first.extract_cost_a_year)}."
            ]
        others = {
            "Also worth asking for": worth[1:],
            "Too close to say": close,
            "Not worth its cost": no,
            "Cost not known": unknown,
        }
        sentences += [f"{words}: {_listed(rows, named)}." for words, rows in others.items() if rows]
        return " ".join(
            [*sentences, "These are ceilings, as if the data settled every doubt; they do not add up."]
        )

    def __repr__(self) -> str:
        worth = sum(row.worth_it == MAY_BE for row in self.rows)
        return f"HolderInformation({len(self.rows)} agencies, {worth} may be worth their extract)"

    def _card(self) -> Card:
        rows = [
            (row.holder, f"at most {pounds(row.value_a_year)} a year, {_against_cost(row)}")
            for row in self.rows
        ]
        families = counted(self.population.families_a_year, "family", "families")
        foot = f"{in_prices(self.price_base, 'GBP a year')} · {families} a year"
        return Card("What data sharing is worth", rows, foot, self.in_words())


def information_by_holder(
    values: InformationTable,
    holds: Mapping[str, Sequence[str]],
    extract_cost_a_year: Mapping[str, float],
    population: DecisionPopulation,
    *,
    price_base: str = NOT_STATED,
) -> HolderInformation:
    """Return what each agency's extract is worth at most to a choice, against what it costs.

    Parameters
    ----------
    values : InformationTable
        What knowing the inputs that each agency holds is worth: `evppi_sets` of ``holds``.
    holds : mapping of str to sequence of str
        Key of each agency to the inputs that its data would settle.
    extract_cost_a_year : mapping of str to float
        Key of each agency to what its extract costs a year, GBP; those not named cost nobody knows what.
    population : DecisionPopulation
        For how many families a year the choice is made, and how many are in the model.
    price_base : str, optional

    Returns
    -------
    HolderInformation
        ``worth_it`` is ``may be`` where the value a year exceeds the cost beyond its error (95%), ``no``
        where it falls short beyond its error, and otherwise ``too close to say``; ``cost not known`` where
        the cost is not.

    Raises
    ------
    ValueError
        If an agency has no inputs, or a cost is negative or not finite; every fault is told.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from communitybudget.sensitivity import evppi_sets
    >>> draws = pd.DataFrame(np.random.default_rng(1).normal(0, 9_000, (4_000, 2)), columns=["a", "b"])
    >>> net = np.column_stack([np.zeros(4_000), draws["a"] + 0.1 * draws["b"]])
    >>> holds = {"Police": ["a"], "NHS": ["b"]}
    >>> found = information_by_holder(
    ...     evppi_sets(net, draws, holds),
    ...     holds,
    ...     {"Police": 5_000, "NHS": 5_000},
    ...     DecisionPopulation(100, 300, 1),
    ... )
    >>> found.to_frame()[["holder", "worth_it"]].values.tolist()
    [['Police', 'may be'], ['NHS', 'no']]
    """
    _check(values, holds, extract_cost_a_year)
    yearly = population.families_a_year / population.families_in_model
    rows = []
    for row in values.rows:
        cost = float(extract_cost_a_year.get(row.key, math.nan))
        net, error = row.value * yearly - cost, row.standard_error * yearly
        rows.append(
            HolderValue(
                holder=row.label,
                inputs=", ".join(holds[row.key]),
                value=row.value,
                standard_error=row.standard_error,
                value_a_year=row.value * yearly,
                standard_error_a_year=error,
                extract_cost_a_year=cost,
                net_a_year=net,
                worth_it=_answer(net, Z95 * error),
            )
        )
    ordered = sorted(rows, key=lambda row: (-row.value_a_year, row.holder))
    return HolderInformation(tuple(ordered), population, price_base)


def _check(values: InformationTable, holds: Mapping[str, Sequence[str]], costs: Mapping[str, float]) -> None:
    """Refuse agencies that lack something, telling every fault at once."""
    keys = [row.key for row in values.rows]
    faults = [f"{key} has no inputs" for key in keys if not holds.get(key)]
    faults += [
        f"{key} has extract cost {cost}"
        for key, cost in costs.items()
        if not (math.isfinite(cost) and cost >= 0)
    ]
    if faults:
        raise ValueError(
            f"{'; '.join(faults)}; give the inputs of every agency in the table, and costs of 0 or more"
        )


def _answer(net: float, doubt: float) -> str:
    if math.isnan(net):
        return NOT_KNOWN
    return TOO_CLOSE if abs(net) <= doubt else MAY_BE if net > 0 else NO


def _against_cost(row: HolderValue) -> str:
    if row.worth_it == NOT_KNOWN:
        return NOT_KNOWN
    return f"costs {pounds(row.extract_cost_a_year)}: {row.worth_it}"


def _listed(rows: Sequence[HolderValue], named: int) -> str:
    """Return the first names, and how many more there are."""
    names = ", ".join(row.holder for row in rows[:named])
    rest = len(rows) - min(named, len(rows))
    if not rest:
        return names
    return f"{names} and {rest} more" if names else f"{rest} agencies" if rest > 1 else "1 agency"

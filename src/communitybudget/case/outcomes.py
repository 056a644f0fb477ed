"""The outcome chains of a case: every link a number with a passport, drawn, priced, on ledger lines."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.results import result
from communitybudget.case.case import Case
from communitybudget.case.fields import Uncertain, UncertainAmount, UncertainShare
from communitybudget.case.inputs import Inputs, add_shared, composition, local_parameter
from communitybudget.case.money import OutcomeSpec
from communitybudget.case.spec import OptionSpec
from communitybudget.case.starts import StartPlan
from communitybudget.cohorts import Cohort
from communitybudget.ledger import LedgerLine, Price, price_of
from communitybudget.ledger.entries import line_name
from communitybudget.parameters import ParameterSet, Uprating
from communitybudget.sampling import Draws
from communitybudget.simulation import CHAIN_LINKS, OutcomeChain, outcome_chain, spread_outcomes

Array = NDArray[np.float64]
_Use = Callable[[str, str, Uncertain, str], str]


@dataclass(frozen=True, slots=True)
class ChainUse:
    """An outcome chain of one option, before the draws are known.

    Parameters
    ----------
    option, name, label : str
        Whose, and what it is.
    population : tuple of (float, str or None)
        Terms of the number of people: a number, times a parameter where there is one.
    joining : ndarray, shape (year,)
        Share of them that joins in each year.
    links : dict of str to str
        Parameter of each link that is given.
    optimism_bias : float
        Share taken off by the evidence grade; 0 where it is off.
    units : str
        Parameter: unit-cost units of one outcome in a year.
    phasing : tuple of float
        Share of the yearly value by year since the lag.
    lag_months : int
        The start of the programme included.
    drop_off : str or None
        Parameter: share lost each year.
    prices : tuple of Price
        One for each value type of the unit cost.
    line : str
        Budget line.
    gross : bool
        No deadweight is given: what would have happened anyway is in it.
    """

    option: str
    name: str
    label: str
    population: tuple[tuple[float, str | None], ...]
    joining: Array
    links: dict[str, str]
    optimism_bias: float
    units: str
    phasing: tuple[float, ...]
    lag_months: int
    drop_off: str | None
    prices: tuple[Price, ...]
    line: str
    gross: bool

    def parameters(self) -> set[str]:
        """Return the ids of the numbers that only this chain uses."""
        own = {*self.links.values(), self.units, *(key for _, key in self.population if key)}
        return own | ({self.drop_off} if self.drop_off else set())

    def draw(self, draws: Draws) -> "DrawnChain":
        """Return the chain in every draw."""
        people: float | Array = 0.0
        for number, key in self.population:
            people = people + (number if key is None else number * draws[key])
        links = {name: draws[key] for name, key in self.links.items()}
        chain = outcome_chain(people, draws.draws, **links, optimism_bias=self.optimism_bias)
        lost = 0.0 if self.drop_off is None else draws[self.drop_off]
        spread = spread_outcomes(self.joining, self.phasing, self.lag_months, lost)
        units = np.broadcast_to(draws[self.units], (draws.draws,))
        return DrawnChain(
            self.option,
            self.name,
            self.label,
            self.gross,
            chain,
            chain.net * spread * units,
        )


@result
@dataclass(frozen=True, eq=False)
class DrawnChain:
    """An outcome chain of one option in every draw.

    Parameters
    ----------
    option, name, label : str
        Whose, and what it is.
    gross : bool
        Whether deadweight is missing.
    chain : OutcomeChain
        Link by link.
    avoided : ndarray, shape (year, draw)
        Unit-cost units avoided.
    """

    option: str
    name: str
    label: str
    gross: bool
    chain: OutcomeChain
    avoided: Array


def chains_of(
    case: Case,
    option: OptionSpec,
    parameters: ParameterSet,
    uprating: Uprating,
    cohort: Cohort,
    plan: StartPlan,
    inputs: Inputs,
    bias_of_grade: dict[int, float],
) -> tuple[ChainUse, ...]:
    """Return the outcome chains of an option, their numbers gathered.

    Parameters
    ----------
    case, option : Case, OptionSpec
        Where they stand.
    parameters, uprating : ParameterSet, Uprating
        For unit costs.
    cohort, plan : Cohort, StartPlan
        Who there is, and who starts when.
    inputs : Inputs
        Gathers the numbers.
    bias_of_grade : dict of int to float
        Share taken off benefits by evidence grade; empty where optimism bias is off.
    """
    return tuple(
        _chain(case, option, given, parameters, uprating, cohort, plan, inputs, bias_of_grade)
        for given in option.outcomes
    )


def _chain(
    case: Case,
    option: OptionSpec,
    given: OutcomeSpec,
    parameters: ParameterSet,
    uprating: Uprating,
    cohort: Cohort,
    plan: StartPlan,
    inputs: Inputs,
    bias_of_grade: dict[int, float],
) -> ChainUse:
    def use(name: str, label: str, number: Uncertain, unit: str) -> str:
        local = local_parameter(
            f"case.outcomes.{given.name}.{name}",
            f"{given.label}: {label}",
            number,
            unit,
            given.source,
            given.mark,
        )
        return add_shared(local, f"case.outcomes.{option.name}.{given.name}.{name}", inputs)

    links = {}
    for name in CHAIN_LINKS:
        number: UncertainShare | None = getattr(given, name, None)
        if number is not None:
            links[name] = use(name, name.replace("_", " "), number, "share")
    prices = []
    for value_type in parameters.value_types(given.unit_cost):
        row = parameters.get(given.unit_cost, value_type)
        agency = given.agency if given.agency and value_type == "fiscal" else row.agency
        price = price_of(parameters, given.unit_cost, value_type, agency, case.spec.price_base, uprating)
        inputs.add(parameters[price.parameter])
        prices.append(price)
    joining, delay = plan.starting_by_year
    return ChainUse(
        option=option.name,
        name=given.name,
        label=given.label,
        population=_population(case, given, parameters, cohort, inputs, use),
        joining=joining,
        links=links,
        optimism_bias=bias_of_grade.get(given.evidence_grade or 0, 0.0),
        units=use("units", "units of the unit cost in a year", given.units_per_outcome, "units"),
        phasing=given.phasing or (1.0,) * (given.lasts_years or 1),
        lag_months=given.lag_months + delay,
        drop_off=None
        if given.drop_off is None
        else use("drop_off", "lost each year", given.drop_off, "share"),
        prices=tuple(prices),
        line=given.line or given.label,
        gross=given.deadweight is None,
    )


def _population(
    case: Case, given: OutcomeSpec, parameters: ParameterSet, cohort: Cohort, inputs: Inputs, use: _Use
) -> tuple[tuple[float, str | None], ...]:
    if isinstance(given.population, UncertainAmount):
        return ((1.0, use("population", "people reached", given.population, "people")),)
    if given.population == "families":
        return ((cohort.families, None),)
    terms: list[tuple[float, str | None]] = []
    for profile, share in cohort.profiles.items():
        if share > 0:
            family = composition(case.spec, parameters, profile, inputs, case.families)
            key = family.children if given.population == "children" else family.adults
            terms.append((cohort.families * share, key))
    return tuple(terms)


def price_chains(
    chains: Sequence[ChainUse], drawn: Sequence[DrawnChain], draws: Draws, streams: dict[str, str]
) -> list[tuple[LedgerLine, DrawnChain, Array]]:
    """Price drawn chains.

    Parameters
    ----------
    chains, drawn : sequences of ChainUse and DrawnChain
        In the same order.
    draws : Draws
        Of prices.
    streams : dict of str to str
        Funding streams by agency.

    Returns
    -------
    list of (LedgerLine, DrawnChain, avoided)
        Costs avoided by year and draw.
    """
    found = []
    for use, chain in zip(chains, drawn, strict=True):
        for price in use.prices:
            unit = draws[price.parameter] * price.factor
            for share in price.shares:
                line = LedgerLine(
                    flow="costs_avoided",
                    agency=share.agency,
                    funding_stream=streams.get(share.agency, "not_stated"),
                    value_type=price.value_type,
                    cashable="not_assessed",
                    transfer=share.transfer,
                    line=line_name(use.line, share.transfer),
                    basis="outcome_chain",
                )
                found.append((line, chain, chain.avoided * (unit * share.share)))
    return found

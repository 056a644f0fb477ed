"""Teams: what an option costs for each family, built up from the time of its professionals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.errors import ParameterError
from communitybudget.appraisal import BuiltUpCost, built_up_cost
from communitybudget.case.case import Case
from communitybudget.case.fields import Uncertain, slug
from communitybudget.case.inputs import Inputs, add_shared, local_parameter
from communitybudget.case.money import ProfessionalSpec, TeamSpec
from communitybudget.case.payments import PaymentLine
from communitybudget.case.spec import OptionSpec
from communitybudget.case.starts import StartPlan
from communitybudget.ledger import LedgerLine
from communitybudget.parameters import ParameterSet, Uprating
from communitybudget.sampling import Draws

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]

TEAM_COLUMNS: tuple[str, ...] = (
    "option",
    "item",
    "agency",
    "role",
    "hours",
    "hourly",
    "pay",
    "on_costs",
    "overheads",
    "cost_per_family",
    "p10",
    "p90",
    "optimism_bias",
    "price_of_hour",
)


@dataclass(frozen=True, slots=True)
class TeamMember:
    """One professional of a team, before the draws are known.

    Parameters
    ----------
    option, item, agency, role : str
        Whose option, what for, who employs the person, and as what.
    hours, price : str
        Ids: hours for each family, and pay or price.
    hour_factor : float
        By which the price is multiplied to be that of an hour at the price base of the case.
    on_costs, overheads : str or None
        Ids of shares; None where the price holds them.
    bias : float
        Share that optimism bias adds.
    price_of_hour : str
        In words: own pay, salary, or a unit cost.
    payment : PaymentLine
        The same for the ledger.
    """

    option: str
    item: str
    agency: str
    role: str
    hours: str
    price: str
    hour_factor: float
    on_costs: str | None
    overheads: str | None
    bias: float
    price_of_hour: str
    payment: PaymentLine

    def cost(self, draws: Draws) -> BuiltUpCost:
        """Return the cost for one family in its parts, at the price base of the case, without bias."""
        return built_up_cost(
            draws[self.hours],
            draws[self.price] * self.hour_factor,
            0.0 if self.on_costs is None else draws[self.on_costs],
            0.0 if self.overheads is None else draws[self.overheads],
        )


def teams_of(
    case: Case,
    option: OptionSpec,
    parameters: ParameterSet,
    uprating: Uprating,
    plan: StartPlan,
    inputs: Inputs,
    of_costs: Mapping[int, float],
) -> tuple[TeamMember, ...]:
    """Return the professionals of an option's teams, their numbers gathered.

    Parameters
    ----------
    case, option : Case, OptionSpec
        Where they stand.
    parameters, uprating : ParameterSet, Uprating
        For published prices of an hour, and for bringing pay to the price base.
    plan : StartPlan
        Who starts when.
    inputs : Inputs
        Gathers the numbers.
    of_costs : mapping of int to float
        Share added by evidence grade; empty where optimism bias is off.
    """
    found = []
    for team in option.teams:
        by_year = plan.per_family(team.over_months)
        bias = of_costs.get(team.evidence_grade or 0, 0.0)
        for professional in team.professionals:
            found.append(
                _member(case, option, team, professional, parameters, uprating, by_year, inputs, bias)
            )
    return tuple(found)


def _member(
    case: Case,
    option: OptionSpec,
    team: TeamSpec,
    given: ProfessionalSpec,
    parameters: ParameterSet,
    uprating: Uprating,
    by_year: Array,
    inputs: Inputs,
    bias: float,
) -> TeamMember:
    spec, place = case.spec, f"teams.{slug(team.item)}"
    person = f"{place}.{given.agency}.{slug(given.role)}"

    def use(name: str, label: str, number: Uncertain, unit: str, base: str = "") -> str:
        local = local_parameter(
            f"case.{name}",
            label,
            number,
            unit,
            team.source,
            team.mark,
            base,
            given.agency if base else "",
            "fiscal" if base else "",
        )
        return add_shared(local, f"case.{option.name}.{name}", inputs)

    hours = use(f"{person}.hours", f"Hours for each family: {given.role}", given.hours, "hours per_family")
    on_costs = overheads = None
    if given.unit_cost is not None:
        row = parameters.get(given.unit_cost)
        price, words = inputs.add(row), given.unit_cost
        factor = uprating.factor(row, spec.price_base)
    else:
        base = team.price_base or spec.price_base
        pay, name, words, hours_of_it = _own_pay(given)
        unit = "GBP per_hour" if name == "pay" else "GBP per_fte_year"
        price = use(f"{person}.{name}", f"{name.capitalize()}: {given.role}", pay, unit, base)
        factor = uprating.general.factor(base, spec.price_base) / hours_of_it
        if team.on_costs is not None:
            on_costs = use(f"{place}.on_costs", f"On-costs: {team.item}", team.on_costs, "on top of pay")
        if team.overheads is not None:
            overheads = use(
                f"{place}.overheads", f"Overheads: {team.item}", team.overheads, "on top of pay and on-costs"
            )
    line = LedgerLine(
        "delivery",
        given.agency,
        given.funding_stream,
        "fiscal",
        "not_assessed",
        False,
        team.item,
        "own_entry",
        "ongoing",
    )
    payment = PaymentLine(
        option.name,
        (hours, price),
        factor * (1.0 + bias),
        by_year,
        line,
        added=tuple(key for key in (on_costs, overheads) if key is not None),
    )
    return TeamMember(
        option.name,
        team.item,
        given.agency,
        given.role,
        hours,
        price,
        factor,
        on_costs,
        overheads,
        bias,
        words,
        payment,
    )


def _own_pay(given: ProfessionalSpec) -> tuple[Uncertain, str, str, float]:
    """Return what a professional is paid, what that is, the same in words, and for how many hours."""
    if given.salary is not None and given.hours_a_year is not None:
        words = f"salary over {given.hours_a_year:,.0f} hours a year"
        return given.salary, "salary", words, given.hours_a_year
    if given.hourly_pay is not None:
        return given.hourly_pay, "pay", "pay", 1.0
    raise ParameterError(f"{given.role} has no price of an hour; give hourly_pay, salary or unit_cost")


def team_costs_frame(members: Sequence[TeamMember], draws: Draws) -> "pd.DataFrame":
    """Return what each professional costs for a family, in its parts.

    Returns
    -------
    pandas.DataFrame
        ``option, item, agency, role, hours, hourly`` (price of an hour)``, pay, on_costs, overheads,
        cost_per_family, p10, p90, optimism_bias`` (share that is added in the ledger)``,
        price_of_hour``: means, real GBP at the price base of the case, per family offered.
    """
    import pandas as pd

    rows = []
    for member in members:
        cost = member.cost(draws)
        total = np.broadcast_to(cost.total, (draws.draws,))
        low, high = np.quantile(total, [0.1, 0.9])
        rows.append(
            (
                member.option,
                member.item,
                member.agency,
                member.role,
                np.mean(draws[member.hours]),
                np.mean(draws[member.price]) * member.hour_factor,
                cost.pay.mean(),
                cost.on_costs.mean(),
                cost.overheads.mean(),
                total.mean(),
                low,
                high,
                member.bias,
                member.price_of_hour,
            )
        )
    return pd.DataFrame(rows, columns=list(TEAM_COLUMNS))

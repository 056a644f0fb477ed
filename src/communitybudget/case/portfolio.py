"""A portfolio out of several appraisals: which options of which cases to buy for a budget."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.errors import did_you_mean, raise_together
from communitybudget._core.numbers import as_given, within
from communitybudget._core.vocabulary import AGENCIES, ALL_AGENCIES
from communitybudget.appraisal import Portfolio, PortfolioProblem, Programme, SharedCost, best_portfolio
from communitybudget.appraisal.programmes import WHOLE_BUDGET, ConfidentOf
from communitybudget.case.appraisal import Appraisal
from communitybudget.case.flows import costs_and_benefits, spending_flow

Array = NDArray[np.float64]

_NO_PLACE = "place not stated"
_SPENDING = ("delivery", "funding")


def portfolio(
    results: Mapping[str, Appraisal],
    budget: float | Mapping[str, float],
    *,
    agency: str = ALL_AGENCIES,
    value: str = "fiscal",
    confidence: float | None = None,
    confident_of: ConfidentOf = "net_benefit",
    shared_families: Mapping[tuple[str, ...], float] | None = None,
    shared_costs: Sequence[SharedCost] = (),
    requires: Mapping[str, Sequence[str]] | None = None,
    must_have: Sequence[str] = (),
    must_not: Sequence[str] = (),
) -> Portfolio:
    """Return which options of several cases to buy, so that they bring most for a budget.

    Each option that can be chosen is a programme, called ``case.option``; options of one case exclude each
    other. Gains are costs avoided, costs are delivery less funding from agencies not counted, as expected at
    the rates, effects and prices of a draw, without chance.

    Parameters
    ----------
    results : mapping of str to Appraisal
        By a short name for each case.
    budget : float or mapping of str to float
        GBP, at the price base of the cases. One number: the present value of costs over all years. By
        financial year: costs of that year, undiscounted. By agency: the present value of what each spends.
        A year or an agency that is not named has no limit.
    agency : str
        Whose costs and costs avoided count: one agency, or ``all``.
    value : {'fiscal', 'public_value'}
        As in `Appraisal.npv`.
    confidence : float, optional
        Least share of the draws in which the portfolio has to do well.
    confident_of : {'net_benefit', 'budget'}
        Of what; see `communitybudget.appraisal.PortfolioProblem`.
    shared_families : mapping of tuple of str to float, optional
        Families who are in all of some cases and in no other one, by the names of the cases; an empty mapping
        for none. If not given, cases of one place share as many families as they can, and cases of different
        places none.
    shared_costs : sequence of SharedCost, optional
        Costs paid once for several programmes.
    requires : mapping of str to sequence of str, optional
        For a programme, those without which it cannot be bought.
    must_have, must_not : sequence of str, optional
        Programmes that are bought in any event, and never.

    Returns
    -------
    Portfolio

    Raises
    ------
    ParameterNotFound
        If there is no such agency.
    ValueError
        If the cases differ in price base, years, draws or seed, a name or a number of shared families is
        wrong, or as `communitybudget.appraisal.best_portfolio`.
    """
    raise_together(list(_faults_of_results(results)))
    raise_together(list(_faults_of_sharing(results, shared_families or {})))
    first = next(iter(results.values()))
    lines = _lines(results, budget, agency)
    families = _families(results, shared_families)
    programmes = [
        _programme(name, appraisal, option, families[name], lines, agency, value)
        for name, appraisal in results.items()
        for option in appraisal.case.spec.choices
    ]
    by_year = set(lines) == set(first.years)
    weights = dict(zip(first.years, first.factors.tolist(), strict=True)) if by_year else {}
    problem = PortfolioProblem(
        programmes,
        lines,
        first.price_base,
        shared_costs=shared_costs,
        exclusive=[
            [f"{name}.{option}" for option in appraisal.case.spec.choices]
            for name, appraisal in results.items()
        ],
        requires=requires or {},
        must_have=must_have,
        must_not=must_not,
        line_weights=weights,
        confidence=confidence,
        confident_of=confident_of,
        seed=first.seed,
        set_version=", ".join(dict.fromkeys(appraisal.set_version for appraisal in results.values())),
        notes=(_discounting_in_words(results), _sharing_in_words(results, shared_families)),
    )
    return best_portfolio(problem)


def _programme(
    name: str,
    appraisal: Appraisal,
    option: str,
    families: Mapping[str, float],
    lines: Mapping[str, float],
    agency: str,
    value: str,
) -> Programme:
    """Return an option of a case as a programme, bought whole."""
    costs, benefits = costs_and_benefits(appraisal, option, agency, value)
    on_line: dict[str, Array] = {WHOLE_BUDGET: costs}
    if WHOLE_BUDGET not in lines:
        by_year = dict(
            zip(appraisal.years, spending_flow(appraisal.ledger, option, agency, value), strict=True)
        )
        on_line = {
            line: by_year[line] if line in by_year else costs_and_benefits(appraisal, option, line, value)[0]
            for line in lines
        }
    gain = benefits / appraisal.families
    return Programme(
        f"{name}.{option}",
        f"{appraisal.ledger.label(option)} ({name})",
        families,
        dict.fromkeys(families, gain),
        fixed_cost=on_line,
    )


def _lines(
    results: Mapping[str, Appraisal], budget: float | Mapping[str, float], agency: str
) -> dict[str, float]:
    """Return the limit of every line: the whole, each year, or each agency that spends anything."""
    if not isinstance(budget, Mapping):
        return {WHOLE_BUDGET: budget}
    years = next(iter(results.values())).years
    spenders = {line.agency for r in results.values() for line in r.ledger.lines if line.flow in _SPENDING}
    agencies = [one for one in AGENCIES if one in spenders]
    raise_together(
        [
            f"budget: '{line}' is no year of the cases and no agency that spends anything in them; "
            f"{did_you_mean(str(line), [*years, *agencies])}"
            for line in budget
            if line not in years and line not in agencies
        ]
    )
    known = agencies if set(budget) <= set(agencies) else years
    if not set(budget) <= set(known):
        raise ValueError(f"budget names years and agencies ({', '.join(budget)}); give all of one kind")
    if known is agencies and agency != ALL_AGENCIES:
        raise ValueError(f"a budget by agency counts all agencies and not {agency} alone; leave agency out")
    if known is years and len({r.factors.tobytes() for r in results.values()}) > 1:
        raise ValueError(f"a budget by year needs one discounting; {_discounting_in_words(results)}")
    return {line: budget.get(line, float("inf")) for line in known}


def _families(
    results: Mapping[str, Appraisal], shared: Mapping[tuple[str, ...], float] | None
) -> dict[str, dict[str, float]]:
    """Return the families of each case by segment."""
    if shared is None:
        return {
            name: {appraisal.place or _NO_PLACE: appraisal.families} for name, appraisal in results.items()
        }
    families: dict[str, dict[str, float]] = {}
    for name, appraisal in results.items():
        with_others = {" and ".join(group): number for group, number in shared.items() if name in group}
        families[name] = {f"{name} alone": appraisal.families - sum(with_others.values()), **with_others}
    return families


def _faults_of_results(results: Mapping[str, Appraisal]) -> Iterator[str]:
    """Return what keeps appraisals from being added up."""
    if not isinstance(results, Mapping) or not results:
        yield "give the appraisals by a short name for each case, such as {'hounslow': result}, one at least"
        return
    no_results = [name for name, given in results.items() if not isinstance(given, Appraisal)]
    if no_results:
        yield f"{', '.join(no_results)}: this is no result; give what `appraise` returns for the case"
        return
    for what, remedy in (
        ("price_base", "appraise all at one price base"),
        ("years", "appraise all over the same years"),
        ("draws", "appraise all with as many draws"),
        ("seed", "appraise all with one seed, so that what the cases share moves together"),
    ):
        found = {name: getattr(appraisal, what) for name, appraisal in results.items()}
        if len(set(found.values())) > 1:
            words = ", ".join(f"{name} {_short(given)}" for name, given in found.items())
            yield f"the cases differ in {what.replace('_', ' ')}: {words}; {remedy}"


def _short(given: object) -> str:
    return f"{given[0]} to {given[-1]}" if isinstance(given, tuple) else str(given)


def _faults_of_sharing(
    results: Mapping[str, Appraisal], shared: Mapping[tuple[str, ...], float]
) -> Iterator[str]:
    """Return families who are shared by cases that are not there, or are more than there are."""
    for group, number in shared.items():
        if isinstance(group, str):
            yield f"shared_families: '{group}' is one name; give the names of the cases, such as ('a', 'b')"
            continue
        for name in group:
            if name not in results:
                yield f"shared_families: '{name}' is no case; {did_you_mean(name, results)}"
        if len(set(group)) < 2 or not within(number, 0):
            given = as_given(number)
            yield f"shared_families of {group} is {given}; name two cases or more, and 0 families or more"
    if not all(within(number) for number in shared.values()):
        return
    for name, appraisal in results.items():
        total = sum(number for group, number in shared.items() if name in group)
        if total > appraisal.families:
            yield (
                f"shared_families: {name} has {appraisal.families:,.10g} families and shares {total:,.10g}; "
                "count each family once, in the group of all its cases"
            )


def _discounting_in_words(results: Mapping[str, Appraisal]) -> str:
    schedules = {name: str(appraisal.schedule) for name, appraisal in results.items()}
    if len(set(schedules.values())) == 1:
        return f"Discounted by {next(iter(schedules.values()))} in each case."
    return f"Discounted by {', '.join(f'{schedule} in {name}' for name, schedule in schedules.items())}."


def _sharing_in_words(
    results: Mapping[str, Appraisal], shared: Mapping[tuple[str, ...], float] | None
) -> str:
    if shared is not None:
        groups = [f"{number:,.10g} in {' and '.join(group)}" for group, number in shared.items()]
        return f"Families in several cases: {', '.join(groups) if groups else 'none'}."
    return "Cases of one place are taken to share as many families as they can."

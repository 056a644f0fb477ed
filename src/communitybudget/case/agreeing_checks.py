"""Faults of an agreement that show only beside the rest of the case."""

from collections.abc import Callable, Sequence

import numpy as np

from communitybudget._core.errors import did_you_mean
from communitybudget._core.strict_yaml import Path_
from communitybudget._core.vocabulary import AGENCIES, BAU, agency_label
from communitybudget._core.years import span
from communitybudget.agreement import Positions
from communitybudget.case.agreeing import AgreementSpec, Measured
from communitybudget.case.spec import CaseSpec
from communitybudget.parameters import ParameterSet

Add = Callable[[Path_, str, str], None]
NO_PARTY: tuple[str, ...] = ("society", "unallocated")
"""Words for where money goes that stand for nobody who could sign."""


def check_agreement(spec: CaseSpec, add: Add) -> None:
    """Report what no other part of the case could mend: who cannot sign, and impossible terms."""
    agreement = spec.agreement
    if agreement is None:
        return
    if agreement.option == BAU:
        add(("agreement", "option"), "names business as usual, which nobody pays for", "name an option")
    _check_parties(agreement, spec.financial_years[: agreement.years], add)


def check_fit(spec: CaseSpec, parameters: ParameterSet, add: Add) -> None:
    """Report an unknown option, years outside horizon or term, and results that the case does not have."""
    agreement = spec.agreement
    if agreement is None:
        return
    names = [option.name for option in spec.options]
    if agreement.option is not None and agreement.option not in names:
        what = f"'{agreement.option}' is no option"
        add(("agreement", "option"), what, did_you_mean(agreement.option, names))
    years = spec.financial_years
    term = years[: agreement.years]
    if agreement.years is not None and agreement.years > spec.years:
        what = f"a term of {agreement.years} years is longer than the horizon of {spec.years}"
        add(("agreement", "years"), what, "shorten it, or lengthen years of the case")
    for i, milestone in enumerate(agreement.milestones):
        if milestone.year not in term:
            what = f"{milestone.year} is outside the term {span(term)}"
            add(("agreement", "milestones", i, "year"), what, "use a year inside")
    known = _result_names(spec, agreement.option or spec.choices[0], parameters)
    for i, rule in enumerate(agreement.rules):
        for j, result in enumerate(rule.paid_results):
            if result.result not in known:
                path = ("agreement", "rules", i, "results", j, "result")
                what = f"'{result.result}' is no count that a pathway reports and no outcome of the option"
                add(path, what, did_you_mean(result.result, known))


def _result_names(spec: CaseSpec, option: str, parameters: ParameterSet) -> list[str]:
    """Return what an agreement on an option can pay for: counts by name and id, outcomes of the option."""
    counts = [
        (pathway, count["name"])
        for pathway in spec.pathways
        for count in parameters.structures[pathway].get("reported", [])
    ]
    names = [name for _, name in counts]
    alone = [name for name in names if names.count(name) == 1]
    outcomes = [chain.name for one in spec.options if one.name == option for chain in one.outcomes]
    return [*alone, *(f"{pathway}.{name}" for pathway, name in counts), *outcomes]


def _check_parties(agreement: AgreementSpec, term: Sequence[str], add: Add) -> None:
    """Report parties that cannot sign or are no partners, and terms that no partners could settle."""
    for i, partner in enumerate(agreement.partners):
        if partner in NO_PARTY:
            what = f"'{partner}' is nobody who could sign"
            add(("agreement", "partners", i), what, "leave it out: it keeps what it has")
    partners = agreement.partners or tuple(agency for agency in AGENCIES if agency not in NO_PARTY)
    named: list[tuple[Path_, str | None]] = [(("agreement", "host"), agreement.host)]
    named += [
        (("agreement", "sources", i, "agency"), part.agency) for i, part in enumerate(agreement.sources)
    ]
    for path, agency in named:
        if agency is not None and agency not in partners:
            add(path, f"{agency_label(agency)} is no partner", "add it to partners, or name another")
    for i, entry in enumerate(agreement.rules):
        measured = Measured(lambda _: np.zeros((len(term), 1)), "counterfactual", lambda _: 1.0)
        positions = _stand_in(partners, term)
        for party in entry.joining:
            positions = positions.with_party(party)
        for fault in entry.build(agreement, measured).faults(positions):
            what, _, remedy = fault.rpartition("; ")
            add(("agreement", "rules", i), what, remedy)


def _stand_in(partners: Sequence[str], term: Sequence[str]) -> Positions:
    """Return partners of whom the first pays £1 and gains £2, with whom sound terms can be settled."""
    one = np.zeros((len(partners), len(term), 1))
    one[0, 0, 0] = 1.0
    return Positions.of(partners, term, one, 2 * one, 2 * one)

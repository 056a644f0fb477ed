"""Faults of an agreement that show only beside the rest of the case."""

from collections.abc import Callable, Sequence

from communitybudget._core.errors import CaseFileError, did_you_mean
from communitybudget._core.strict_yaml import Path_
from communitybudget._core.vocabulary import AGENCIES, BAU, agency_label
from communitybudget._core.years import span
from communitybudget.agreement.rules import share_faults
from communitybudget.case.agreeing import AgreementSpec
from communitybudget.case.spec import CaseSpec

Add = Callable[[Path_, str, str], None]
NO_PARTY: tuple[str, ...] = ("society", "unallocated")
"""Words for where money goes that stand for nobody who could sign."""


def check_agreement(spec: CaseSpec, add: Add) -> None:
    """Report an unknown option, partners who cannot sign, shares that are none, and years outside the term."""
    agreement = spec.agreement
    if agreement is None:
        return
    names = [option.name for option in spec.options]
    if agreement.option == BAU:
        add(("agreement", "option"), "names business as usual, which nobody pays for", "name an option")
    elif agreement.option is not None and agreement.option not in names:
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
    _check_parties(agreement, add)


def _check_parties(agreement: AgreementSpec, add: Add) -> None:
    """Report parties that cannot sign or are no partners, and shares that do not make up the whole."""
    for i, partner in enumerate(agreement.partners):
        if partner in NO_PARTY:
            what = f"'{partner}' is nobody who could sign"
            add(("agreement", "partners", i), what, "leave it out: it keeps what it has")
    partners: Sequence[str] = agreement.partners or [agency for agency in AGENCIES if agency not in NO_PARTY]
    named: list[tuple[Path_, str | None]] = [(("agreement", "host"), agreement.host)]
    named += [
        (("agreement", "sources", i, "agency"), part.agency) for i, part in enumerate(agreement.sources)
    ]
    for path, agency in named:
        if agency is not None and agency not in partners:
            add(path, f"{agency_label(agency)} is no partner", "add it to partners, or name another")
    for i, rule in enumerate(agreement.rules):
        for key, shares in rule.shares.items():
            words = "gain" if key == "then" else key
            for fault in share_faults(shares, words, partners):
                what, _, remedy = fault.rpartition("; ")
                add(("agreement", "rules", i, key), what, remedy)

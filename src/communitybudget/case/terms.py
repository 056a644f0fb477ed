"""The terms of an agreement: numbers with a passport, and what a term sheet says beside the rule."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from communitybudget._core.errors import CaseFileError, Fault
from communitybudget._core.results import result
from communitybudget._core.strict_yaml import Path_
from communitybudget._core.vocabulary import agency_label
from communitybudget.case.agreeing import AgreementSpec
from communitybudget.case.agreeing_checks import Add, check_fit
from communitybudget.case.case import Case
from communitybudget.case.inputs import Inputs, local_parameter
from communitybudget.case.spec import OptionSpec

if TYPE_CHECKING:
    from communitybudget.case.model import Model


@result
@dataclass(frozen=True, slots=True)
class FundingSource:
    """Out of which budget a partner pays: into the pool, or aligned beside it.

    Parameters
    ----------
    agency : str
    kind : str
        ``pooled`` or ``aligned``.
    funding_stream : str
        Key of `FUNDING_STREAMS`.
    """

    agency: str
    kind: str
    funding_stream: str


@result
@dataclass(frozen=True, slots=True)
class TermSheet:
    """What partners agree on beside the rule; empty where nothing is said.

    Parameters
    ----------
    host : str
        The partner that holds the fund.
    sources : tuple of FundingSource
    milestones : tuple of (str, str)
        Financial year, and what is to stand by then.
    reinvestment, review, exit : str
        In words.
    source, mark : str
        Whose terms these are, and how far they were checked.
    """

    host: str = ""
    sources: tuple[FundingSource, ...] = ()
    milestones: tuple[tuple[str, str], ...] = ()
    reinvestment: str = ""
    review: str = ""
    exit: str = ""
    source: str = ""
    mark: str = ""


def term_sheet(agreement: AgreementSpec | None, rule: str = "") -> TermSheet:
    """Return what the case says beside the rule of that name, whose terms may have a source of their own."""
    if agreement is None:
        return TermSheet()
    own = next((r for r in agreement.rules if r.key == rule), None)
    leaving = agreement.exit
    notice = "" if leaving is None else f"{leaving.notice_months} months' notice. {leaving.terms}".strip()
    return TermSheet(
        host=agreement.host or "",
        sources=tuple(FundingSource(s.agency, s.kind, s.funding_stream) for s in agreement.sources),
        milestones=tuple((m.year, m.what) for m in agreement.milestones),
        reinvestment=agreement.reinvestment,
        review=agreement.review,
        exit=notice,
        source=(own.source if own else None) or agreement.source,
        mark=(own.mark if own else None) or agreement.mark,
    )


def add_terms(agreement: AgreementSpec | None, inputs: Inputs) -> None:
    """Use every number of the terms as known, so that it is listed with whose it is."""
    if agreement is None:
        return
    label = "Agreement: how sure a partner wants to be"
    passport = (agreement.source, agreement.mark)
    inputs.add_known(local_parameter("agreement.confidence", label, agreement.confidence, "share", *passport))
    for rule in agreement.rules:
        source, mark = rule.source or agreement.source, rule.mark or agreement.mark
        for number in rule.numbers():
            label = f"Agreement, {rule.printed[:1].lower()}{rule.printed[1:]}: {number.words}"
            key = f"agreement.{rule.key}.{number.key}"
            inputs.add_known(
                local_parameter(
                    key,
                    label,
                    number.value,
                    number.unit,
                    source,
                    mark,
                    number.price_base,
                    value_type="fiscal" if number.price_base else "",
                )
            )


def check_terms(model: "Model") -> None:
    """Refuse terms that do not fit the case, such as a partner whose money the option leaves alone.

    An appraisal needs none of it, so a case whose options were changed for a question of its own still runs;
    a case that is to be reported should fit.

    Raises
    ------
    CaseFileError
        With every fault, at its place in the case file.
    """
    case = model.case
    agreement = case.spec.agreement
    if agreement is None:
        return
    faults: dict[Path_, Fault] = {}

    def add(path: Path_, what: str, remedy: str) -> None:
        # a result that the case does not have is not told a second time as one that the option leaves alone
        faults.setdefault(path, case.fault(path, what, remedy))

    check_fit(case.spec, case.parameters, add)
    name = agreement.option or case.spec.choices[0]
    option = next((one for one in case.spec.options if one.name == name), None)
    if option is not None:
        _check_what_it_moves(model, agreement, option, add)
    if faults:
        raise CaseFileError(list(faults.values()))


def _check_what_it_moves(model: "Model", agreement: AgreementSpec, option: OptionSpec, add: Add) -> None:
    """Report partners whose money an option leaves alone, and results that it does not change."""
    case, name = model.case, option.name
    acts_on = {*option.start, *(used.effect.pathway for used in model.effects[name])}
    prices = [item.price for item in model.priced if item.count.pathway in acts_on]
    prices += [price for use in model.chains if use.option == name for price in use.prices]
    moved = {share.agency for price in prices if price.value_type == "fiscal" for share in price.shares}
    moved |= {line.line.agency for line in model.payments if line.option == name}
    moved |= {line.line.agency for line in model.risks if line.option == name}
    for i, partner in enumerate(agreement.partners):
        if partner not in moved and partner not in agreement.named:
            what = f"{agency_label(partner)} neither spends nor gains under '{name}'"
            add(("agreement", "partners", i), what, "leave it out, or let it fund a share of a rule")
    outcomes = {chain.name for chain in option.outcomes}
    for i, rule in enumerate(agreement.rules):
        for j, paid in enumerate(rule.paid_results):
            pathway, dot, count = paid.result.partition(".")
            if not dot:
                pathway, count = _pathway_of(case, paid.result), paid.result
            if paid.result not in outcomes and pathway not in acts_on:
                what = f"'{name}' changes nothing in {pathway}, so {count} is never paid for"
                path = ("agreement", "rules", i, "results", j, "result")
                add(path, what, "name a result of a pathway that it acts on")


def _pathway_of(case: Case, count: str) -> str:
    """Return the pathway that reports a count; empty where none does."""
    for pathway in case.spec.pathways:
        if any(row["name"] == count for row in case.parameters.structures[pathway].get("reported", [])):
            return pathway
    return ""

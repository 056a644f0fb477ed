"""The terms of an agreement: numbers with a passport, and what a term sheet says beside the rule."""

from dataclasses import dataclass

from communitybudget._core.results import result
from communitybudget.case.agreeing import AgreementSpec
from communitybudget.case.inputs import Inputs, local_parameter


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
    confidence = agreement.confidence
    label = "Agreement: how sure a partner wants to be"
    rows = [("confidence", label, confidence, agreement.source, agreement.mark)]
    for rule in agreement.rules:
        source, mark = rule.source or agreement.source, rule.mark or agreement.mark
        label = f"Agreement, {rule.kind.label[:1].lower()}{rule.kind.label[1:]}"
        rows += [
            (f"{rule.key}.{key}", f"{label}: {words}", value, source, mark)
            for key, words, value in rule.numbers()
        ]
    for key, label, value, source, mark in rows:
        inputs.add_known(local_parameter(f"agreement.{key}", label, value, "share", source, mark))

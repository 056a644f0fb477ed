"""Agreements between the agencies of a case: from its ledger as it may turn out to a settlement to sign."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.cards import Card, CardResult, footer
from communitybudget._core.chances import chance
from communitybudget._core.digits import pounds
from communitybudget._core.errors import AgreementError, ParameterNotFound, did_you_mean
from communitybudget._core.options import chosen_option
from communitybudget._core.results import result
from communitybudget._core.vocabulary import AGENCIES, agency_label
from communitybudget.agreement import Positions, Rule, Settlement, settle
from communitybudget.agreement.settlement import FUND_COLUMNS, PARTNER_COLUMNS, YEAR_COLUMNS
from communitybudget.case.agreeing import AgreementSpec, RuleSpec
from communitybudget.case.agreeing_checks import NO_PARTY
from communitybudget.case.fields import slug
from communitybudget.case.measures import present_values
from communitybudget.case.results_paid import HOW_RESULTS_COME, measured_results
from communitybudget.case.terms import TermSheet, term_sheet

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from communitybudget.case.appraisal import Appraisal

Array = NDArray[np.float64]

DEFAULT_CONFIDENCE = 0.8
CONVENTIONS: tuple[str, ...] = (
    "Every amount is as it may turn out for these very families: uncertain rates, effects and prices, and "
    "chance.",
    "Spending is delivery less funding received. Gains are fiscal costs avoided, benefits and taxes among "
    "them. Cash is what can be banked, less what is spent more on lines that nobody has assessed.",
    "Before and after are present values over the term, gains less spending, against business as usual. What "
    "comes after the term stays with whoever has it.",
    "Agencies that are no partners pay nothing in and keep what they have.",
    HOW_RESULTS_COME,
)
AGREEMENT_COLUMNS: tuple[str, ...] = (
    "name",
    "rule",
    *PARTNER_COLUMNS,
    "confidence",
    "before_at_least",
    "after_at_least",
    "cash_before",
    "cash_after",
    "probability_no_worse_off_before",
    "probability_nobody_worse_off",
)
AGREEMENT_YEAR_COLUMNS: tuple[str, ...] = ("name", *YEAR_COLUMNS)
POOLED_FUND_COLUMNS: tuple[str, ...] = ("name", *FUND_COLUMNS)


@result
@dataclass(frozen=True, slots=True)
class Outsider:
    """An agency that the option touches and that is no partner.

    Parameters
    ----------
    agency : str
    keeps, keeps_p10, keeps_p90 : float
        Present value over the term, gains less spending, GBP: mean and percentiles.
    """

    agency: str
    keeps: float
    keeps_p10: float
    keeps_p90: float


@result
@dataclass(frozen=True, eq=False)
class Agreement(CardResult):
    """An agreement between agencies under one rule.

    Parameters
    ----------
    title : str
        Of the case.
    name, label : str
        By which the case knows the rule, and as reports print it.
    option, option_label : str
        What the partners pay for; the label says GROSS where there is no counterfactual.
    gross : bool
        Whether there is none.
    confidence : float
        How sure a partner wants to be of what it comes to.
    settlement : Settlement
        Who pays what in and has what back, in every draw and year.
    outside : tuple of Outsider
        Agencies that are no partners.
    sheet : TermSheet
        What is agreed beside the rule.
    seed : int
        Of the draws.
    set_version : str
        Parameter set.
    """

    title: str
    name: str
    label: str
    option: str
    option_label: str
    gross: bool
    confidence: float
    settlement: Settlement
    outside: tuple[Outsider, ...]
    sheet: TermSheet
    seed: int
    set_version: str

    @property
    def partners(self) -> tuple[str, ...]:
        """The partners."""
        return self.settlement.agencies

    @property
    def price_base(self) -> str:
        """Prices, real."""
        return self.settlement.positions.price_base

    @property
    def draws(self) -> int:
        """Number of draws."""
        return self.settlement.draws

    @property
    def nets_to_nil(self) -> bool:
        """Whether the pooled fund nets to nil to the penny in every draw and year, and ends empty."""
        return not (self.settlement.fund_difference.any() or self.settlement.held[-1].any())

    @cached_property
    def _frame(self) -> "pd.DataFrame":
        frame = self.settlement.to_frame()
        frame.insert(0, "name", self.name)
        frame.insert(1, "rule", self.label)
        frame["confidence"] = self.confidence
        before, after = (self.settlement.present_values(agreed=agreed) for agreed in (False, True))
        for column, values in (("before_at_least", before), ("after_at_least", after)):
            frame[column] = np.quantile(values, 1 - self.confidence, axis=1)
        frame["probability_no_worse_off_before"] = (before >= 0).mean(axis=1)
        for column, agreed in (("cash_before", False), ("cash_after", True)):
            frame[column] = self.settlement.present_values("cashable", agreed=agreed).mean(axis=1)
        frame["probability_nobody_worse_off"] = self.settlement.nobody_worse_off()
        return frame[list(AGREEMENT_COLUMNS)]

    def to_frame(self) -> "pd.DataFrame":
        """Return each partner before and after, present values over the term.

        Returns
        -------
        pandas.DataFrame
            Columns `AGREEMENT_COLUMNS`; GBP. ``before_at_least`` and ``after_at_least`` are reached with the
            confidence asked for; ``cash_before`` and ``cash_after`` count cash alone.
        """
        return self._frame.copy()

    def by_year(self) -> "pd.DataFrame":
        """Return what each pays and has by year, undiscounted: columns `AGREEMENT_YEAR_COLUMNS`; GBP."""
        frame = self.settlement.by_year()
        frame.insert(0, "name", self.name)
        return frame

    def fund(self) -> "pd.DataFrame":
        """Return the statement of the pooled fund by year: columns `POOLED_FUND_COLUMNS`; GBP, means."""
        frame = self.settlement.fund()
        frame.insert(0, "name", self.name)
        return frame

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw each partner before and after, and return the axes."""
        return self.settlement.plot(ax)

    def _card(self) -> Card:
        foot = footer(self.price_base, self.seed, self.draws, self.set_version)
        kept = [
            (f"{agency_label(o.agency)}, not party to it", f"keeps {pounds(o.keeps)}") for o in self.outside
        ]
        title = f"{self.title}, {self.option_label}: {self.label}"
        note = f"Present values over {len(self.settlement.years)} years, fiscal, P10 to P90."
        return Card(title, [*self.settlement.partner_rows(), *kept], foot, note)

    def __repr__(self) -> str:
        return (
            f"Agreement({self.name}, option={self.option}, {len(self.partners)} partners, "
            f"{len(self.settlement.years)} years, price_base={self.price_base}, draws={self.draws}, "
            f"seed={self.seed})"
        )


@result
@dataclass(frozen=True, slots=True)
class Refused:
    """A rule that these partners cannot agree on.

    Parameters
    ----------
    name, label : str
        By which the case knows the rule, and as reports print it.
    why : str
        What makes it impossible.
    """

    name: str
    label: str
    why: str


@result
@dataclass(frozen=True, eq=False)
class Agreements(CardResult):
    """The agreement of a case under each of its rules.

    Parameters
    ----------
    title, option_label : str
        Of the case, and what the partners pay for.
    agreements : tuple of Agreement
        One for each rule that can be settled.
    refused : tuple of Refused
        The others, each with why.
    price_base, draws, seed, set_version : str, int, int, str
        As in the appraisal.
    """

    title: str
    option_label: str
    agreements: tuple[Agreement, ...]
    refused: tuple[Refused, ...]
    price_base: str
    draws: int
    seed: int
    set_version: str

    def __getitem__(self, name: str) -> Agreement:
        """Return the agreement under the rule of a name."""
        found = {one.name: one for one in self.agreements}
        if name not in found:
            why = next((one.why for one in self.refused if one.name == name), "")
            raise ParameterNotFound(why or f"there is no rule '{name}'; {did_you_mean(name, found)}")
        return found[name]

    def to_frame(self) -> "pd.DataFrame":
        """Return each partner under each rule: columns `AGREEMENT_COLUMNS`."""
        return self._stacked(Agreement.to_frame, AGREEMENT_COLUMNS)

    def by_year(self) -> "pd.DataFrame":
        """Return each partner by year under each rule: columns `AGREEMENT_YEAR_COLUMNS`."""
        return self._stacked(Agreement.by_year, AGREEMENT_YEAR_COLUMNS)

    def fund(self) -> "pd.DataFrame":
        """Return the pooled fund by year under each rule: columns `POOLED_FUND_COLUMNS`."""
        return self._stacked(Agreement.fund, POOLED_FUND_COLUMNS)

    def _stacked(
        self, frame_of: "Callable[[Agreement], pd.DataFrame]", columns: Sequence[str]
    ) -> "pd.DataFrame":
        import pandas as pd

        frames = [frame_of(one) for one in self.agreements]
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(columns))

    def plot(self, ax: "Axes | None" = None, partner: str | None = None) -> "Axes":
        """Draw what one partner comes to under each rule; the first partner unless one is named.

        Raises
        ------
        ParameterNotFound
            If there is no such partner.
        ValueError
            If no rule can be settled.
        """
        from communitybudget.charts import plot_before_and_after

        frame = self.to_frame()
        if frame.empty:
            raise ValueError("no rule can be settled between these partners; see refused")
        there = list(dict.fromkeys(frame["agency"]))
        chosen = there[0] if partner is None else partner
        if chosen not in there:
            raise ParameterNotFound(f"'{chosen}' is no partner; {did_you_mean(chosen, there)}")
        own = frame[frame["agency"] == chosen].assign(agency=lambda rows: rows["rule"])
        title = f"{agency_label(chosen)} under each rule"
        return plot_before_and_after(own.reset_index(drop=True), ax, price_base=self.price_base, title=title)

    def _card(self) -> Card:
        rows = [
            (
                one.label,
                f"{_worst_off(one)}; nobody worse off: {chance(one.settlement.nobody_worse_off())}",
            )
            for one in self.agreements
        ]
        rows += [(one.label, f"cannot be settled: {one.why}") for one in self.refused]
        foot = footer(self.price_base, self.seed, self.draws, self.set_version)
        note = "After the agreement, present values, fiscal; named is the partner with least after it."
        return Card(f"{self.title}, {self.option_label}: the deal by rule", rows, foot, note)

    def __repr__(self) -> str:
        return (
            f"Agreements({len(self.agreements)} rules, {len(self.refused)} refused, "
            f"price_base={self.price_base}, draws={self.draws}, seed={self.seed})"
        )


def _worst_off(one: Agreement) -> str:
    means = one.settlement.present_values().mean(axis=1)
    least = int(np.argmin(means))
    return f"{agency_label(one.partners[least])} {pounds(float(means[least]))}"


def agreement_of(
    appraisal: "Appraisal",
    rule: str | Rule | None = None,
    partners: Sequence[str] | None = None,
    option: str | None = None,
    years: int | None = None,
) -> Agreement:
    """Return an agreement of an appraisal; arguments as in `Appraisal.agreement`."""
    deal = _Deal.of(appraisal, partners, option, years)
    if isinstance(rule, Rule):
        _check_parties(deal, rule)
        return deal.under(slug(rule.label), rule)
    spec = appraisal.case.spec.agreement
    if spec is None:
        raise ValueError(_NO_AGREEMENT)
    by_name = {entry.key: entry for entry in spec.rules}
    chosen = spec.rules[0].key if rule is None else rule
    if chosen not in by_name:
        raise ParameterNotFound(f"there is no rule '{chosen}'; {did_you_mean(chosen, by_name)}")
    return deal.under_rule_of(spec, by_name[chosen])


def _check_parties(deal: "_Deal", rule: Rule) -> None:
    """Refuse partners who have no part in what they are to agree on."""
    positions = deal.positions
    idle = [
        agency_label(agency)
        for agency, spent, gained in zip(positions.agencies, positions.spending, positions.gains, strict=True)
        if not (spent.any() or gained.any() or (rule.funding or {}).get(agency))
    ]
    if idle:
        raise AgreementError(
            f"{', '.join(idle)} neither spends nor gains under '{deal.option}' and funds nothing; leave it "
            "out, or let it fund a share"
        )


def agreements_of(appraisal: "Appraisal") -> Agreements:
    """Return the agreement of a case under each of its rules; see `Appraisal.agreements`."""
    spec = appraisal.case.spec.agreement
    if spec is None:
        raise ValueError(_NO_AGREEMENT)
    option, options = spec.option or appraisal.case.spec.choices[0], appraisal.options
    settled: list[Agreement] = []
    refused: list[Refused] = []
    if option not in options:
        why = f"'{option}' is no option; {did_you_mean(option, options)}"
        refused += [Refused(rule.key, rule.printed, why) for rule in spec.rules]
    else:
        deal = _Deal.of(appraisal)
        for rule in spec.rules:
            try:
                settled.append(deal.under_rule_of(spec, rule))
            except (AgreementError, ParameterNotFound) as fault:
                refused.append(Refused(rule.key, rule.printed, str(fault)))
    return Agreements(
        title=appraisal.title,
        option_label=appraisal.ledger.label(option) if option in options else option,
        agreements=tuple(settled),
        refused=tuple(refused),
        price_base=appraisal.price_base,
        draws=appraisal.draws,
        seed=appraisal.seed,
        set_version=appraisal.set_version,
    )


_NO_AGREEMENT = "the case has no agreement; give a rule and partners, or add `agreement` to the case file"


@dataclass(frozen=True)
class _Deal:
    """Option, term and partners of an agreement, ready for a rule."""

    appraisal: "Appraisal"
    option: str
    positions: Positions
    outside: tuple[Outsider, ...]

    @classmethod
    def of(
        cls,
        appraisal: "Appraisal",
        partners: Sequence[str] | None = None,
        option: str | None = None,
        years: int | None = None,
    ) -> "_Deal":
        spec = appraisal.case.spec.agreement
        named = (option or (spec.option if spec else None)) or appraisal.case.spec.choices[0]
        chosen = chosen_option(named, appraisal.options)
        of_case = len(appraisal.years) if spec is None or spec.years is None else spec.years
        term = years or min(of_case, len(appraisal.years))
        if not 1 <= term <= len(appraisal.years):
            raise ValueError(
                f"a term of {term} years does not fit the horizon of {len(appraisal.years)}; give 1 to "
                f"{len(appraisal.years)}"
            )
        moved = moved_agencies(appraisal, chosen)
        parties = tuple(partners or ()) or (spec.partners if spec else ())
        if not parties:
            also = () if spec is None else spec.named
            parties = tuple(a for a in AGENCIES if a in {*moved, *also} and a not in NO_PARTY)
        for party in parties:
            if party not in AGENCIES:
                raise ParameterNotFound(f"'{party}' is no agency; {did_you_mean(party, AGENCIES)}")
        others = [agency for agency in moved if agency not in parties]
        return cls(
            appraisal,
            chosen,
            positions_of(appraisal, chosen, parties, term),
            tuple(_outsider(appraisal, chosen, agency, term) for agency in others),
        )

    def under_rule_of(self, spec: AgreementSpec, entry: RuleSpec) -> Agreement:
        """Return the agreement under a rule of the case."""
        measured = measured_results(self.appraisal, self.option, len(self.positions.years))
        rule = entry.build(spec, measured)
        return self.under(entry.key, rule, entry.printed, entry.joining)

    def under(self, name: str, rule: Rule, label: str = "", joining: Sequence[str] = ()) -> Agreement:
        """Return the agreement under a rule; parties such as an investor may join the partners."""
        positions = self.positions
        for party in joining:
            positions = positions.with_party(party)
        appraisal, spec = self.appraisal, self.appraisal.case.spec.agreement
        return Agreement(
            title=appraisal.title,
            name=name,
            label=label or rule.label,
            option=self.option,
            option_label=appraisal.ledger.label(self.option),
            gross=appraisal.ledger.gross[appraisal.options.index(self.option)],
            confidence=DEFAULT_CONFIDENCE if spec is None else spec.confidence,
            settlement=settle(positions, rule),
            outside=tuple(one for one in self.outside if one.agency not in positions.agencies),
            sheet=term_sheet(spec, name),
            seed=appraisal.seed,
            set_version=appraisal.set_version,
        )


def moved_agencies(appraisal: "Appraisal", option: str) -> tuple[str, ...]:
    """Return the agencies whose fiscal money an option moves, in the order of the vocabulary."""
    ledger = appraisal.turned_out
    flows = ("delivery", "costs_avoided", "funding")
    return tuple(
        agency for agency in ledger.agencies if any(ledger.flow(option, flow, agency).any() for flow in flows)
    )


def positions_of(appraisal: "Appraisal", option: str, partners: Sequence[str], years: int) -> Positions:
    """Return where partners stand under an option without an agreement, as it may turn out.

    Parameters
    ----------
    appraisal : Appraisal
    option : str
        What they pay for.
    partners : sequence of str
        Agencies.
    years : int
        Term, from the first year of the horizon.

    Returns
    -------
    Positions
        Spending is delivery less funding received; gains are fiscal costs avoided; cash is what can be
        banked, less what is spent more on lines that nobody has assessed.
    """
    ledger, cash = appraisal.turned_out, appraisal.cash_with_chance
    spending, gains, banked = [], [], []
    for agency in partners:
        paid = ledger.flow(option, "delivery", agency) - ledger.flow(option, "funding", agency)
        spending.append(paid[:years])
        gains.append(ledger.flow(option, "costs_avoided", agency)[:years])
        own = cash.rung("bankable", option, agency) + cash.extra_spending(option, agency)
        banked.append(own[:years])
    return Positions.of(
        partners,
        appraisal.years[:years],
        np.array(spending),
        np.array(gains),
        np.array(banked),
        factors=appraisal.factors[:years],
        price_base=appraisal.price_base,
    )


def _outsider(appraisal: "Appraisal", option: str, agency: str, years: int) -> Outsider:
    net = appraisal.turned_out.net(option, agency)[:years]
    values = present_values(net, appraisal.factors[:years])
    low, high = (float(q) for q in np.quantile(values, [0.1, 0.9]))
    return Outsider(agency, float(values.mean()), low, high)

"""A case made ready to run: pathways, effects solved, prices split, every number gathered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from communitybudget.case.case import Case
from communitybudget.case.effects import EffectReport, UsedEffect, drawn_effect, gather_effects
from communitybudget.case.inputs import (
    Inputs,
    composition,
    local_parameter,
    payment_parameter,
    spread_payment,
    start_mix,
)
from communitybudget.case.spec import OptionSpec, Payment, schedule_of
from communitybudget.cohorts import Cohort, share_of_age, still_of_age
from communitybudget.ledger import (
    Allowance,
    Ledger,
    LedgerLine,
    PricedItem,
    check_double_counting,
    items_in_use,
    price_activity,
    price_of,
)
from communitybudget.parameters import ParameterSet, PriceIndex
from communitybudget.parameters.schedules import DiscountSchedule
from communitybudget.pathways import Pathway, load_pathway
from communitybudget.sampling import Draws, uniform
from communitybudget.simulation import (
    BLOCK,
    Activity,
    OptionEffects,
    People,
    counts_of,
    simulate,
)

Array = NDArray[np.float64]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """A delivery or funding payment: parameter (or none), uprating, timing and line of the ledger."""

    option: str
    parameter: str | None
    factor: float
    by_year: Array
    line: LedgerLine
    sign: float


@dataclass(frozen=True, slots=True)
class PeopleRow:
    """The people of one pathway and profile, before the draws are known."""

    pathway: Pathway
    profile: str
    per_family: tuple[str, ...]
    weight: float
    start: dict[str, float]
    presence: Array | None


@dataclass(frozen=True)
class Model:
    """A case ready to run; nothing in it is random."""

    case: Case
    parameters: ParameterSet
    index: PriceIndex
    cohort: Cohort
    intake: Array
    inputs: Inputs
    pathways: tuple[Pathway, ...]
    people: tuple[PeopleRow, ...]
    effects: dict[str, tuple[UsedEffect, ...]]
    engagement: dict[str, str]
    priced: tuple[PricedItem, ...]
    unpriced: tuple[tuple[str, str], ...]
    payments: tuple[PaymentLine, ...]
    effect_reports: tuple[EffectReport, ...]

    @property
    def spread_joining(self) -> bool:
        """Whether families join through the year instead of on its first day."""
        return self.cohort.intake is not None

    @property
    def years(self) -> tuple[str, ...]:
        """Financial years of the horizon."""
        return self.case.spec.financial_years

    @property
    def schedule(self) -> DiscountSchedule | float:
        """The discount schedule of the case: from its parameter set, which may bring its own, or a rate."""
        named = self.case.spec.discounting
        return named if isinstance(named, float) else schedule_of(named, self.parameters)

    @property
    def family_years(self) -> Array:
        """Families that have joined, by year, in mean over its months, shape (Y,)."""
        joined = np.cumsum(self.intake)
        in_first_year = 6.5 / 12 if self.spread_joining else 1.0
        return np.asarray(joined - self.intake * (1 - in_first_year))

    @property
    def set_version(self) -> str:
        """Name and version of the parameter set, and how many figures were overridden."""
        changed = len(self.parameters.overrides)
        note = f" with {changed} local figure{'s' if changed != 1 else ''}" if changed else ""
        return f"{self.parameters.name} {self.parameters.version}{note}"

    def unused_overrides(self) -> tuple[str, ...]:
        """Say which local figures change nothing, and which figures of the same family are in use."""
        found = []
        in_journeys = {item.unit_cost for journey in self.case.spec.journeys for item in journey.items}
        for override in self.parameters.overrides:
            if override.key in self.inputs.used or override.key in in_journeys:
                continue
            near = sorted(key for key in self.inputs.used if key.startswith(f"{override.key}."))
            instead = f"; it uses {', '.join(near)}" if near else ""
            found.append(
                f"The local figure for {override.key} changes nothing: this case does not use it{instead}."
            )
        return tuple(dict.fromkeys(found))

    def draw(self, draws: int, seed: int) -> Draws:
        """Draw every number; ratios of effects are exactly 1 where the effect is absent."""
        drawn = self.inputs.draw(draws, seed)
        columns, constants = dict(drawn.columns), dict(drawn.constants)
        for used in (u for effects in self.effects.values() for u in effects):
            key, chance = used.row.id, used.effect.probability_no_effect
            if chance <= 0:
                continue
            name = f"no_effect.{used.effect.no_effect_group or key}"
            absent = uniform(name, draws, seed) < chance
            ratio = columns[key] if key in columns else np.full(draws, constants.pop(key))
            columns[key] = np.where(absent, 1.0, ratio)
        return Draws(draws, seed, columns, constants)

    def option_effects(self, draws: Draws) -> list[OptionEffects]:
        """Return the effects of each option in every draw."""
        options = []
        for option in self.case.spec.options:
            effects = tuple(drawn_effect(used, draws) for used in self.effects[option.name])
            engagement = draws[self.engagement[option.name]] if option.name in self.engagement else 1.0
            options.append(OptionEffects(option.name, effects, engagement))
        return options

    def people_in(self, draws: Draws) -> list[People]:
        """Return the people of each pathway in every draw."""
        found = []
        for row in self.people:
            per_family: float | Array = row.weight
            for key in row.per_family:
                per_family = per_family * draws[key]
            start = {key: draws[key] if key in draws.columns else share for key, share in row.start.items()}
            found.append(People(row.pathway, row.profile, per_family, start, row.presence))
        return found

    def simulate(self, draws: Draws, progress: Progress | None = None, block: int = BLOCK) -> Activity:
        """Run the pathways; profiles that join in years of their own one after the other."""
        people, effects, cohort = self.people_in(draws), self.option_effects(draws), self.cohort
        groups = [(people, self.intake)]
        if cohort.intake_by_profile is not None:
            # the weights of the people hold the share of their profile already
            groups = [
                ([p for p in people if p.profile == name], cohort.intake_of(name, self.years) / share)
                for name, share in cohort.profiles.items()
            ]
        parts: list[Activity] = []
        for own, intake in groups:

            def step(done: int, total: int, before: int = len(parts)) -> None:
                if progress is not None:
                    progress(before * total + done, len(groups) * total)

            parts.append(
                simulate(
                    own,
                    effects,
                    draws,
                    intake,
                    self.years,
                    self.spread_joining,
                    self.set_version,
                    step,
                    block,
                )
            )
        if len(parts) == 1:
            return parts[0]
        amounts = parts[0].amounts.copy()
        for part in parts[1:]:
            amounts += part.amounts
        return replace(parts[0], amounts=amounts)

    def price(self, activity: Activity, draws: Draws) -> Ledger:
        """Price the activity and add what the options cost."""
        spec = self.case.spec
        streams = {"local_authority": "general_fund", **spec.funding_streams}
        priced = price_activity(activity, self.priced, draws, streams)
        names = tuple(option.name for option in spec.options)
        lines: dict[LedgerLine, Array] = {}
        shape = (len(names), len(self.years), draws.draws)
        for payment in self.payments:
            amount = 1.0 if payment.parameter is None else draws[payment.parameter]
            by_draw = np.broadcast_to(np.asarray(amount) * payment.factor * payment.sign, (draws.draws,))
            into = lines.setdefault(payment.line, np.zeros(shape))
            into[names.index(payment.option)] += payment.by_year[:, None] * by_draw
        amounts = np.concatenate([np.zeros((len(lines), *shape)), priced.costs_avoided])
        for i, money in enumerate(lines.values()):
            amounts[i] = money
        spending = np.zeros((len(amounts), *shape[1:]))
        spending[len(lines) :] = priced.spending
        gross = tuple(self.is_gross(option.name) for option in spec.options)
        labels = tuple(
            f"{o.label} (GROSS: no counterfactual)" if g else o.label
            for o, g in zip(spec.options, gross, strict=True)
        )
        return Ledger(
            lines=(*lines, *priced.lines),
            options=names,
            years=self.years,
            amounts=amounts,
            spending=spending,
            option_labels=labels,
            gross=gross,
            unpriced=self.unpriced,
            price_base=spec.price_base,
            seed=draws.seed,
            set_version=self.set_version,
        )

    def is_gross(self, option: str) -> bool:
        """Whether an effect of the option has no counterfactual behind it."""
        return any(used.effect.design == "before_after" for used in self.effects[option])


def prepare(case: Case, parameters: ParameterSet | None = None) -> Model:
    """Make a case ready to run.

    Parameters
    ----------
    case : Case
        What is appraised.
    parameters : ParameterSet, optional
        Figures in place of those of the case, its overrides included.

    Returns
    -------
    Model

    Raises
    ------
    DoubleCounting
        If two prices in use hold the same money.
    EffectError
        If no hazard ratio reproduces an effect.
    """
    spec = case.spec
    parameters = case.parameters if parameters is None else parameters
    index = parameters.index(spec.index or "")
    inputs = Inputs()
    pathways = tuple(load_pathway(parameters, name) for name in spec.pathways)
    cohort = _cohort(case)
    intake = cohort.intake_by_year(spec.financial_years)
    people = _people(case, parameters, pathways, cohort, inputs)
    effects, reports = gather_effects(case, parameters, pathways, inputs)
    engagement = {}
    for option in spec.options:
        if option.engagement is not None and any(
            u.effect.estimand == "engaged" for u in effects[option.name]
        ):
            local = local_parameter(
                f"case.{option.name}.engagement",
                f"Engagement: {option.label}",
                option.engagement,
                "share",
                "local",
                "local",
            )
            engagement[option.name] = inputs.add(local)
    priced, unpriced = _prices(case, parameters, pathways, index, inputs)
    payments = tuple(
        line for option in spec.options for line in _payments(case, option, index, intake, cohort, inputs)
    )
    return Model(
        case=case,
        parameters=parameters,
        index=index,
        cohort=cohort,
        intake=intake,
        inputs=inputs,
        pathways=pathways,
        people=people,
        effects=effects,
        engagement=engagement,
        priced=priced,
        unpriced=unpriced,
        payments=payments,
        effect_reports=reports,
    )


def _cohort(case: Case) -> Cohort:
    given, families = case.spec.cohort, case.families
    if families is not None:
        intake, by_profile = families.intake, families.intake_by_profile
        return Cohort(float(len(families)), families.profiles, intake, by_profile)
    profiles = dict(given.profiles) if given.profiles else {str(given.profile): 1.0}
    whole = sum(profiles.values())
    profiles = {name: share / whole for name, share in profiles.items()}
    if given.intake is not None:
        return Cohort(sum(given.intake.values()), profiles, dict(given.intake))
    return Cohort(float(given.families or 0), profiles)


def _people(
    case: Case, parameters: ParameterSet, pathways: Sequence[Pathway], cohort: Cohort, inputs: Inputs
) -> tuple[PeopleRow, ...]:
    months = 12 * case.spec.years
    rows = []
    for profile, share in cohort.profiles.items():
        if share == 0:
            continue
        family = composition(case.spec, parameters, profile, inputs, case.families)
        for pathway in pathways:
            for rate in pathway.rates_of(profile):
                inputs.add(parameters[rate.parameter], rate.share_draw)
            start = start_mix(case.spec, parameters, pathway, profile, inputs, case.families)
            keys: tuple[str, ...] = ()
            weight, presence = share, None
            if pathway.unit == "adult":
                keys = (family.adults,)
            elif pathway.unit == "child":
                keys = (family.children,)
                age_from, age_to = pathway.age_from or 0, pathway.age_to or 18
                weight = share * share_of_age(family.ages, age_from, age_to)
                presence = still_of_age(family.ages, age_from, age_to, months)
            rows.append(PeopleRow(pathway, profile, keys, weight, start, presence))
    return tuple(rows)


def _prices(
    case: Case, parameters: ParameterSet, pathways: Sequence[Pathway], index: PriceIndex, inputs: Inputs
) -> tuple[tuple[PricedItem, ...], tuple[tuple[str, str], ...]]:
    spec = case.spec
    priced, unpriced, keys = [], [], []
    for pathway in pathways:
        for item in items_in_use(pathway.activity, spec.pathways):
            if not item.unit_cost:
                unpriced.append((f"{pathway.label}: {item.label}", item.agency))
                inputs.add_known(parameters[item.parameter])
                continue
            price = price_of(parameters, item.unit_cost, item.value_type, item.agency, spec.price_base, index)
            inputs.add(parameters[item.parameter], item.share_draw)
            keys.append(inputs.add(parameters[price.parameter]))
            priced.append(PricedItem(counts_of(item, pathway.name), item.parameter, price, item.line))
    allowances = [Allowance(frozenset(a.codes), a.reason) for a in spec.allow_overlaps]
    allowances += [Allowance(a.codes, a.reason) for pathway in pathways for a in pathway.allow_overlaps]
    check_double_counting(parameters, keys, allowances)
    return tuple(priced), tuple(unpriced)


def _payments(
    case: Case, option: OptionSpec, index: PriceIndex, intake: Array, cohort: Cohort, inputs: Inputs
) -> list[PaymentLine]:
    lines: list[PaymentLine] = []
    taken: set[str] = set()
    for delivery in option.delivery:
        name = f"delivery.{delivery.agency}.{_slug(delivery.item)}"
        key = _payment_key(name, option, delivery, delivery.agency, delivery.value_type, inputs, taken)
        own = LedgerLine(
            "delivery",
            delivery.agency,
            delivery.funding_stream,
            delivery.value_type,
            delivery.cashable,
            False,
            delivery.item,
        )
        lines.append(_payment_line(case, option, delivery, key, own, 1.0, index, intake, cohort))
    for funding in option.funding:
        name = f"funding.{funding.from_agency}.{funding.to}.{_slug(funding.item)}"
        # one draw for both sides, so that what one pays is what the other receives
        key = _payment_key(name, option, funding, funding.from_agency, "fiscal", inputs, taken)
        for agency, sign in ((funding.from_agency, -1.0), (funding.to, 1.0)):
            own = LedgerLine(
                "funding", agency, funding.funding_stream, "fiscal", "not_assessed", False, funding.item
            )
            lines.append(_payment_line(case, option, funding, key, own, sign, index, intake, cohort))
    return lines


def _payment_key(
    name: str,
    option: OptionSpec,
    payment: Payment,
    agency: str,
    value_type: str,
    inputs: Inputs,
    taken: set[str],
) -> str | None:
    """Use the amount of a payment; return its id, or None where it is given by year.

    Options that pay the same for the same item share the draw; two lines of one option do not.
    """
    given = payment_parameter(f"case.{name}", payment.item, payment, agency, value_type)
    if given is None:
        for year, amount in (payment.by_year or {}).items():
            inputs.add_known(
                local_parameter(
                    _free(f"case.{option.name}.{name}.{year}", inputs),
                    f"{payment.item}, {year}",
                    amount,
                    "GBP in the year",
                    payment.source,
                    payment.mark,
                    payment.price_base,
                    agency,
                    value_type,
                )
            )
        return None
    shared = inputs.used.get(given.id)
    if given.id in taken or (shared is not None and shared != given):
        given = replace(given, key=_free(f"case.{option.name}.{name}", inputs))
    taken.add(given.id)
    return inputs.add(given)


def _free(key: str, inputs: Inputs) -> str:
    """Return a key that nothing else uses: two lines of one name are two amounts."""
    number, found = 1, key
    while found in inputs.used:
        number += 1
        found = f"{key}.{number}"
    return found


def _payment_line(
    case: Case,
    option: OptionSpec,
    payment: Payment,
    key: str | None,
    line: LedgerLine,
    sign: float,
    index: PriceIndex,
    intake: Array,
    cohort: Cohort,
) -> PaymentLine:
    spec = case.spec
    return PaymentLine(
        option.name,
        key,
        index.factor(payment.price_base, spec.price_base),
        spread_payment(
            payment, spec.financial_years, intake, cohort.intake is not None, option.starts_after_months
        ),
        line,
        sign,
    )


def _slug(text: str) -> str:
    return "_".join("".join(c if c.isalnum() else " " for c in text.lower()).split())

"""A case made ready to run: pathways, effects solved, prices split, every number gathered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.results import result
from communitybudget.case.case import Case
from communitybudget.case.inputs import (
    Inputs,
    composition,
    local_parameter,
    payment_parameter,
    spread_payment,
    start_mix,
)
from communitybudget.case.spec import EffectSpec, OptionSpec, Payment, Uncertain, effect_key, split_move
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
from communitybudget.parameters import Parameter, ParameterSet, PriceIndex
from communitybudget.pathways import Effect, Pathway, Timing, effect_from_row, load_pathway
from communitybudget.sampling import Draws, uniform
from communitybudget.simulation import (
    BLOCK,
    Activity,
    DrawnEffect,
    OptionEffects,
    People,
    Population,
    SolvedEffect,
    build_layout,
    counts_of,
    place_start,
    simulate,
    solve_together,
)

Array = NDArray[np.float64]
Progress = Callable[[int, int], None]

TIMING_PARTS: tuple[str, ...] = ("lag_months", "ramp_months", "lasts_months", "fades_over_months")


@result
@dataclass(frozen=True, slots=True)
class EffectReport:
    """What an effect says, and the hazard ratio it became.

    Parameters
    ----------
    option, key, label : str
        Where it is used.
    outcome : str
        What was measured, in words.
    published_without, published_with : float or None
        As printed.
    model_without, model_with : float or None
        The same outcome in the model, without and with the central ratio.
    ratio : float
        Central ratio of the outcome (strength applied); the hazard ratio itself where that is given.
    hazard_ratio : float
        Central hazard ratio on the moves.
    probability_no_effect : float
        Weight on exactly none.
    design, source, mark : str
        How it was found out.
    """

    option: str
    key: str
    label: str
    outcome: str
    published_without: float | None
    published_with: float | None
    model_without: float | None
    model_with: float | None
    ratio: float
    hazard_ratio: float
    probability_no_effect: float
    design: str
    source: str
    mark: str


@dataclass(frozen=True, slots=True)
class UsedEffect:
    """An effect in an option: what it is, how strong, when, and how it was solved."""

    effect: Effect
    row: Parameter
    strength: float
    timing_keys: tuple[str | float, ...]
    solved: SolvedEffect | None


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
    def set_version(self) -> str:
        """Name and version of the parameter set, and how many figures were overridden."""
        changed = len(self.parameters.overrides)
        note = f" with {changed} local figure{'s' if changed != 1 else ''}" if changed else ""
        return f"{self.parameters.name} {self.parameters.version}{note}"

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
            effects = tuple(_drawn(used, draws) for used in self.effects[option.name])
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
        """Run the pathways."""
        return simulate(
            self.people_in(draws),
            self.option_effects(draws),
            draws,
            self.intake,
            self.years,
            self.spread_joining,
            self.set_version,
            progress,
            block,
        )

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


def _drawn(used: UsedEffect, draws: Draws) -> DrawnEffect:
    log_ratio = np.broadcast_to(np.log(draws[used.row.id]), (draws.draws,)) * used.strength
    hazard = log_ratio if used.solved is None else used.solved.hazard(log_ratio)
    parts = [draws[key] if isinstance(key, str) else key for key in used.timing_keys]
    timing = Timing(*parts)
    solved = None if used.solved is None else used.solved.central_log_hazard_ratio
    name = "|".join(
        repr(part)
        for part in (
            used.effect.key,
            used.effect.moves,
            used.effect.estimand,
            used.effect.probability_no_effect,
            used.strength,
            used.timing_keys,
            solved,
        )
    )
    return DrawnEffect(
        key=name,
        pathway=used.effect.pathway,
        moves=used.effect.moves,
        log_hazard_ratio=np.ascontiguousarray(hazard, dtype=float),
        timing=timing,
        engaged_only=used.effect.estimand == "engaged",
    )


def prepare(case: Case) -> Model:
    """Make a case ready to run.

    Parameters
    ----------
    case : Case
        What is appraised.

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
    spec, parameters = case.spec, case.parameters
    index = parameters.index(spec.index or "")
    inputs = Inputs()
    pathways = tuple(load_pathway(parameters, name) for name in spec.pathways)
    cohort = _cohort(case)
    intake = cohort.intake_by_year(spec.financial_years)
    people = _people(case, parameters, pathways, cohort, inputs)
    effects, reports = _effects(case, parameters, pathways, inputs)
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
    given = case.spec.cohort
    profiles = dict(given.profiles) if given.profiles else {str(given.profile): 1.0}
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
        family = composition(case.spec, parameters, profile, inputs)
        for pathway in pathways:
            for rate in pathway.rates_of(profile):
                inputs.add(parameters[rate.parameter], rate.share_draw)
            start = start_mix(case.spec, parameters, pathway, profile, inputs)
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
    check_double_counting(parameters, keys, allowances)
    return tuple(priced), tuple(unpriced)


def _payments(
    case: Case, option: OptionSpec, index: PriceIndex, intake: Array, cohort: Cohort, inputs: Inputs
) -> list[PaymentLine]:
    lines = []
    for delivery in option.delivery:
        name = f"delivery.{delivery.agency}.{_slug(delivery.item)}"
        key = _payment_key(
            name, option, delivery, delivery.item, delivery.agency, delivery.value_type, inputs
        )
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
        key = _payment_key(name, option, funding, funding.item, funding.from_agency, "fiscal", inputs)
        for agency, sign in ((funding.from_agency, -1.0), (funding.to, 1.0)):
            own = LedgerLine(
                "funding", agency, funding.funding_stream, "fiscal", "not_assessed", False, funding.item
            )
            lines.append(_payment_line(case, option, funding, key, own, sign, index, intake, cohort))
    return lines


def _payment_key(
    name: str, option: OptionSpec, payment: Payment, label: str, agency: str, value_type: str, inputs: Inputs
) -> str | None:
    """Use the amount of a payment; return its id, or None where it is given by year.

    Options that pay the same for the same item share the draw.
    """
    parameter = payment_parameter(f"case.{name}", label, payment, agency, value_type)
    if parameter is None:
        for year, amount in (payment.by_year or {}).items():
            inputs.add_known(
                local_parameter(
                    f"case.{option.name}.{name}.{year}",
                    f"{label}, {year}",
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
    if inputs.used.get(parameter.id, parameter) != parameter:
        parameter = replace(parameter, key=f"case.{option.name}.{name}")
    return inputs.add(parameter)


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
        spread_payment(payment, spec.financial_years, intake, cohort.intake is not None),
        line,
        sign,
    )


def _slug(text: str) -> str:
    return "_".join("".join(c if c.isalnum() else " " for c in text.lower()).split())


def _effects(
    case: Case, parameters: ParameterSet, pathways: Sequence[Pathway], inputs: Inputs
) -> tuple[dict[str, tuple[UsedEffect, ...]], tuple[EffectReport, ...]]:
    by_name = {pathway.name: pathway for pathway in pathways}
    nodes = _nodes(case, parameters)
    solved: dict[str, dict[str, SolvedEffect]] = {}
    populations: dict[tuple[str, str], Population] = {}
    effects: dict[str, tuple[UsedEffect, ...]] = {}
    reports: list[EffectReport] = []
    for option in case.spec.options:
        used: list[UsedEffect] = []
        for number, use in enumerate(option.effects):
            row, effect = _stated(use, option, number, parameters, by_name)
            inputs.add(row)
            timing = tuple(_timing(use, part, row, option, number, inputs) for part in TIMING_PARTS)
            used.append(UsedEffect(effect, row, use.strength, timing, None))
        used = [
            _solve_one(one, used, by_name, parameters, inputs, nodes, solved, populations) for one in used
        ]
        effects[option.name] = tuple(used)
        reports += [_report(option.name, one, by_name, parameters) for one in used]
    return effects, tuple(reports)


def _nodes(case: Case, parameters: ParameterSet) -> dict[str, list[float]]:
    """Return the log ratios that a case asks for most, so that the solved curves meet them exactly."""
    nodes: dict[str, list[float]] = {}
    for option in case.spec.options:
        for use in option.effects:
            if use.effect:
                row = parameters[effect_key(use.effect)]
                nodes.setdefault(row.key, []).append(float(np.log(row.value)) * use.strength)
    return nodes


def _stated(
    use: EffectSpec, option: OptionSpec, number: int, parameters: ParameterSet, pathways: dict[str, Pathway]
) -> tuple[Parameter, Effect]:
    if use.effect:
        row = parameters[effect_key(use.effect)]
        effect = effect_from_row(row, pathways[row.fields["pathway"]])
    else:
        pathway = split_move((use.on or ("",))[0])[0]
        row = local_parameter(
            f"case.{option.name}.effect_{number + 1}",
            use.label or f"Local effect on {', '.join(use.on or ())}",
            use.hazard_ratio or 1.0,
            "ratio",
            use.source or "local",
            use.mark or "local",
        )
        fields = {
            "edges": "; ".join(text.partition(".")[2] for text in use.on or ()),
            "measure": "hazard_ratio",
            "estimand": str(use.estimand),
            "design": str(use.design),
            "pathway": pathway,
            "outcome": "",
            "statistic": "",
            "window_from": "",
            "window_to": "",
            "profile": "",
            "solved_with": "",
            "no_effect_group": "",
            "probability_no_effect": "",
            **dict.fromkeys(TIMING_PARTS, "0"),
        }
        row = replace(row, fields=fields)
        effect = effect_from_row(row, pathways[pathway])
    changes: dict[str, object] = {}
    if use.effect and use.on:
        changes["moves"] = tuple(split_move(text)[1] for text in use.on)
    if use.probability_no_effect is not None:
        changes["probability_no_effect"] = use.probability_no_effect
    if use.effect and use.estimand is not None:
        changes["estimand"] = use.estimand
    return row, replace(effect, **changes)  # type: ignore[arg-type]


def _timing(
    use: EffectSpec, part: str, row: Parameter, option: OptionSpec, number: int, inputs: Inputs
) -> str | float:
    given: Uncertain | None = getattr(use, part)
    if given is None:
        return float(row.fields[part] or 0)
    local = local_parameter(
        f"case.{option.name}.{row.key.split('.')[-1]}.{part}",
        f"{part.replace('_', ' ').capitalize()}: {row.label}",
        given,
        "months",
        "local",
        "local",
    )
    return inputs.add(local)


def _central_timing(used: UsedEffect, inputs: Inputs) -> Timing:
    return Timing(*(inputs.used[k].value if isinstance(k, str) else k for k in used.timing_keys))


def _solve_one(
    one: UsedEffect,
    together: Sequence[UsedEffect],
    pathways: dict[str, Pathway],
    parameters: ParameterSet,
    inputs: Inputs,
    nodes: dict[str, list[float]],
    solved: dict[str, dict[str, SolvedEffect]],
    populations: dict[tuple[str, str], Population],
) -> UsedEffect:
    if not one.effect.needs_solving:
        return one
    group = [
        u
        for u in together
        if u is one
        or (
            one.effect.solved_with
            and u.effect.needs_solving
            and u.effect.solved_with == one.effect.solved_with
            and u.effect.pathway == one.effect.pathway
        )
    ]
    name = repr([(u.effect, u.timing_keys) for u in group])
    if name not in solved:
        place = (one.effect.pathway, one.effect.profile)
        if place not in populations:
            populations[place] = _population(pathways[place[0]], place[1], parameters)
        solved[name] = solve_together(
            populations[place],
            [(u.effect, _central_timing(u, inputs), float(np.log(u.row.value))) for u in group],
            nodes,
        )
    return replace(one, solved=solved[name][one.effect.key])


def _population(pathway: Pathway, profile: str, parameters: ParameterSet) -> Population:
    layout = build_layout(pathway.state_names, pathway.rates_of(profile))
    starts = place_start(layout, pathway.start_of(profile))
    shares = np.array([parameters[s.parameter].value for s in starts])
    return Population(
        layout,
        starts,
        shares / shares.sum(),
        np.array([parameters[e.parameter].value for e in layout.edges]),
        np.array([parameters[e.parameter].value for e in layout.events]),
        pathway.outcomes,
    )


def _report(
    option: str, used: UsedEffect, pathways: dict[str, Pathway], parameters: ParameterSet
) -> EffectReport:
    effect, row = used.effect, used.row
    outcome = ", ".join(f"{a} -> {b}" for a, b in effect.moves)
    hazard = float(np.log(row.value)) * used.strength
    model_without = model_with = None
    if used.solved is not None:
        hazard = float(used.solved.hazard(np.array([hazard]))[0])
        model_without, model_with = used.solved.without, used.solved.with_effect
        words = pathways[effect.pathway].outcomes[effect.outcome].label
        first, last = effect.window
        outcome = f"{words}, {'months ' + str(first) + ' to ' if first else 'within '}{last}"
        outcome += " months" if not first else ""

    def printed(name: str) -> float | None:
        text = row.fields.get(name, "")
        return float(text) if text else None

    return EffectReport(
        option=option,
        key=row.id,
        label=row.label,
        outcome=outcome,
        published_without=printed("published_without"),
        published_with=printed("published_with"),
        model_without=model_without,
        model_with=model_with,
        ratio=float(row.value**used.strength),
        hazard_ratio=float(np.exp(hazard)),
        probability_no_effect=effect.probability_no_effect,
        design=effect.design,
        source=parameters.citation(row.source),
        mark=row.mark,
    )

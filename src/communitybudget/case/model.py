"""A case made ready to run: pathways, effects solved, prices split, every number gathered."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.streams import NamedStreams, Streams
from communitybudget.case.adjusting import corrections_by_grade, kept_shares
from communitybudget.case.budget_file import check_lines
from communitybudget.case.case import Case
from communitybudget.case.cash import cash_rules, cashability_of
from communitybudget.case.chance import (
    ChainLuck,
    ChanceMoney,
    Luck,
    chance_money,
    guard_chance,
    spells_of,
)
from communitybudget.case.dependence import correlated_ids, correlation_of, use_given_draws
from communitybudget.case.effects import (
    EffectReport,
    EffectSolver,
    UsedEffect,
    drawn_effect,
    gather_effects,
    given_ratios,
)
from communitybudget.case.fields import schedule_of, split_move
from communitybudget.case.inputs import Inputs
from communitybudget.case.needs import needs_met, parted
from communitybudget.case.outcomes import ChainUse, DrawnChain, chains_of, price_chains
from communitybudget.case.payments import PaymentLine, RiskLine, payments_of, risks_of
from communitybudget.case.people import PeopleRow, cohort_of, people_rows, reached_mixes
from communitybudget.case.priced import avoidable_lines, check_options, priced_items
from communitybudget.case.records import add_extracts
from communitybudget.case.spec import OptionSpec
from communitybudget.case.starts import StartPlan, start_plan
from communitybudget.case.taking_part import TakingPart, taking_part
from communitybudget.case.teams import TeamMember, teams_of
from communitybudget.case.terms import add_terms
from communitybudget.case.uprating import uprating_of, with_own_indices
from communitybudget.cohorts import Cohort, Joining
from communitybudget.ledger import (
    BudgetLine,
    BudgetRow,
    Cashability,
    CashRule,
    Ledger,
    LedgerLine,
    PricedItem,
    budget_lines,
    credit_met_needs,
    guard,
    price_activity,
)
from communitybudget.ledger.entries import line_name
from communitybudget.parameters import ParameterSet, PriceIndex, Uprating
from communitybudget.parameters.schedules import DiscountSchedule
from communitybudget.pathways import Move, Pathway, load_pathway
from communitybudget.sampling import Draws, RankCorrelation, make_design, uniform
from communitybudget.simulation import (
    BLOCK,
    Activity,
    Combination,
    Intake,
    OptionEffects,
    People,
    Spells,
    part_drawn,
    simulate,
)

Array = NDArray[np.float64]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Model:
    """A case ready to run; nothing in it is random."""

    case: Case
    parameters: ParameterSet
    uprating: Uprating
    cohort: Cohort
    intake: Array
    joining: tuple[Joining, ...]
    starts: dict[str, StartPlan]
    inputs: Inputs
    pathways: tuple[Pathway, ...]
    people: tuple[PeopleRow, ...]
    effects: dict[str, tuple[UsedEffect, ...]]
    taking_part: dict[str, TakingPart]
    given_ratios: dict[str, str]
    reached: dict[str, dict[str, float]]
    priced: tuple[PricedItem, ...]
    unpriced: tuple[tuple[str, str], ...]
    payments: tuple[PaymentLine, ...]
    teams: tuple[TeamMember, ...]
    risks: tuple[RiskLine, ...]
    chains: tuple[ChainUse, ...]
    budget: tuple[BudgetLine, ...]
    not_held: tuple[BudgetRow, ...]
    cash_rules: tuple[CashRule, ...]
    kept: Array | None
    spells: dict[str, tuple[Spells, ...]]
    effect_reports: tuple[EffectReport, ...]
    correlation: RankCorrelation | None = None

    @property
    def index(self) -> PriceIndex:
        """The general price index."""
        return self.uprating.general

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
        return sum((some.in_mean for some in self.joining), np.zeros(len(self.years)))

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

    def draw(self, draws: int, seed: int, streams: Streams | None = None) -> Draws:
        """Draw every number and the luck of risks; ratios of effects are exactly 1 where there is none.

        From streams already open, where the draws are a piece of more; correlated numbers are turned
        towards each other whatever the streams.
        """
        streams = self.open_streams(draws, seed) if streams is None else streams
        streams = streams if self.correlation is None else self.correlation.on(streams)
        drawn = self.inputs.draw(draws, seed, streams)
        columns, constants = dict(drawn.columns), dict(drawn.constants)
        for used in (u for effects in self.effects.values() for u in effects):
            key, chance = used.row.id, used.effect.probability_no_effect
            if chance <= 0:
                continue
            name = f"no_effect.{used.effect.no_effect_group or key}"
            absent = uniform(name, draws, seed, streams) < chance
            ratio = columns[key] if key in columns else np.full(draws, constants.pop(key))
            columns[key] = np.where(absent, 1.0, ratio)
        for name in (key for risk in self.risks if risk.events for key in risk.luck):
            columns[name] = uniform(name, draws, seed, streams)
        return Draws(draws, seed, columns, constants)

    def open_streams(self, draws: int, seed: int) -> Streams:
        """Return the streams of the case's sampling design; those of a table hold all draws in memory."""
        design = self.case.spec.sampling.design
        if design == "random":
            return Streams(seed)
        return make_design(design, self.stream_names(), draws, seed, self.replicates(draws)).streams()

    def replicates(self, draws: int) -> int:
        """Return in how many independent parts the draws are made; 1 where they are not divided."""
        return min(self.case.spec.sampling.parts, draws)

    def correlated_names(self) -> tuple[str, ...]:
        """Return the ids of numbers that are not independent of others, by `correlations` or a draws file.

        Shares of a start mix, rows of one level and effects of one study belong together by construction and
        are not listed.
        """
        return correlated_ids(self.inputs, self.correlation)

    def stream_names(self) -> tuple[str, ...]:
        """Return the names of the random streams that a draw reads: one for each thing that is unknown."""
        streams = NamedStreams()
        self.draw(1, 0, streams)
        return tuple(streams.names)

    def pieces(self, draws: int, seed: int, size: int) -> Iterator[Draws]:
        """Yield what `draw` gives, so many draws at a time."""
        streams = self.open_streams(draws, seed)
        for first in range(0, draws, size):
            streams.next_piece()
            yield replace(self.draw(min(size, draws - first), seed, streams), first=first)

    def option_effects(self, draws: Draws, joining: Joining) -> list[OptionEffects]:
        """Return the effects of each option in every draw on families who join in one way."""
        options = []
        for option in self.case.spec.options:
            effects = tuple(drawn_effect(used, draws) for used in self.effects[option.name])
            among_engaged = [used.effect.estimand == "engaged" for used in self.effects[option.name]]
            groups = self.taking_part[option.name].groups(
                effects, among_engaged, self.starts[option.name], joining, draws
            )
            combination, start = self._combination(option, draws), self.reached[option.name]
            options.append(OptionEffects(option.name, groups, combination, start))
        return options

    def _combination(self, option: OptionSpec, draws: Draws) -> Combination:
        if option.name in self.given_ratios:
            key = self.given_ratios[option.name]
            return Combination("given", np.broadcast_to(np.log(draws[key]), (draws.draws,)), key)
        return Combination(option.combination) if isinstance(option.combination, str) else Combination()

    def people_in(self, draws: Draws, joining: int = 0) -> list[People]:
        """Return the people of each pathway in every draw, of those who join in one way."""
        return [row.drawn(draws) for row in self.people if row.joining == joining]

    def unmet_moves(self) -> dict[str, frozenset[Move]]:
        """Return by pathway the moves by which people go without help that they need."""
        found = {p.name: {entry.move for entry in p.unmet_need} for p in self.pathways}
        for entry in self.case.spec.unmet_need:
            for text in entry.moves:
                pathway, move = split_move(text)
                found.setdefault(pathway, set()).add(move)
        return {name: frozenset(moves) for name, moves in found.items() if moves}

    def intakes(self, draws: Draws) -> list[Intake]:
        """Return who joins when in every draw, and what the options do to them.

        Profiles that join in years of their own stand apart.
        """
        cohort = self.cohort
        groups = [(self.people_in(draws, i), joining) for i, joining in enumerate(self.joining)]
        if cohort.intake_by_profile is not None:
            ((people, together),) = groups
            # the weights of the people hold the share of their profile already
            groups = [
                (
                    [p for p in people if p.profile == name],
                    Joining(cohort.intake_of(name, self.years) / share, together.spread),
                )
                for name, share in cohort.profiles.items()
            ]
        return [
            Intake(own, self.option_effects(draws, joining), joining.by_year, joining.spread)
            for own, joining in groups
        ]

    def simulate(self, draws: Draws, progress: Progress | None = None, block: int = BLOCK) -> Activity:
        """Run the pathways; profiles that join in years of their own one after the other."""
        groups = self.intakes(draws)
        parts: list[Activity] = []
        for group in groups:
            met = [needs_met(option, self.unmet_moves()) for option in group.options]
            effects = [*group.options, *(option for option in met if option is not None)]

            def step(done: int, total: int, before: int = len(parts)) -> None:
                if progress is not None:
                    progress(before * total + done, len(groups) * total)

            parts.append(
                simulate(
                    group.people,
                    effects,
                    draws,
                    group.families,
                    self.years,
                    group.spread_joining,
                    self.set_version,
                    step,
                    block,
                )
            )
        whole = parts[0]
        if len(parts) > 1:
            amounts = parts[0].amounts.copy()
            for part in parts[1:]:
                amounts += part.amounts
            whole = replace(parts[0], amounts=amounts)
        return whole if all(option is None for option in met) else parted(whole, met)

    def draw_chains(self, draws: Draws) -> tuple[DrawnChain, ...]:
        """Return the outcome chains in every draw."""
        return tuple(use.draw(draws) for use in self.chains)

    @property
    def streams(self) -> dict[str, str]:
        """Funding streams by agency."""
        return {"local_authority": "general_fund", **self.case.spec.funding_streams}

    def luck(self, pieces: Iterable[Draws], draws: int, seed: int) -> Luck:
        """Return what chance needs to know of all draws, from their pieces."""
        part = min(part_drawn(self.intakes(piece)) for piece in pieces)
        return Luck(part, {(use.option, use.name): ChainLuck(use.name, draws, seed) for use in self.chains})

    def draw_chance(
        self,
        activity: Activity,
        draws: Draws,
        progress: Progress | None = None,
        luck: Luck | None = None,
    ) -> ChanceMoney:
        """Draw which people the families turn out to be, for each option and draw.

        Where the draws are a piece of more, ``luck`` is that of all of them.
        """
        luck = luck or self.luck([draws], draws.draws, draws.seed)
        ruled = {rule.unit_cost for rule in self.cash_rules if rule.unit_cost}
        return chance_money(
            self.intakes(draws),
            draws,
            activity,
            self.priced,
            self.spells,
            self.streams,
            self.kept,
            [item.count_by_chance for item in self.priced if item.price.parameter in ruled],
            luck.part,
            {(c.option, c.name): luck.chains[c.option, c.name].turn_out(c) for c in self.draw_chains(draws)},
            progress,
        )

    def price(self, activity: Activity, draws: Draws, chance: ChanceMoney | None = None) -> Ledger:
        """Price activity and outcome chains, add what the options cost and claim, and cap the claims.

        With ``chance`` the ledger also holds what chance adds, after the same caps.
        """
        spec, streams = self.case.spec, self.streams
        priced = credit_met_needs(
            price_activity(activity, self.priced, draws, streams, self.kept),
            None
            if activity.met is None
            else price_activity(
                replace(activity, amounts=activity.met, met=None), self.priced, draws, streams, self.kept
            ),
        )
        names = tuple(option.name for option in spec.options)
        shape = (len(names), len(self.years), draws.draws)
        paid: dict[LedgerLine, Array] = {}
        for payment in self.payments:
            by_draw = np.broadcast_to(np.asarray(payment.amount(draws)), (draws.draws,))
            into = paid.setdefault(payment.line, np.zeros(shape))
            into[names.index(payment.option)] += payment.by_year[:, None] * by_draw
        for risk in self.risks:
            into = paid.setdefault(risk.line, np.zeros(shape))
            into[names.index(risk.option)] += risk.cost(draws, len(self.years))
        claimed: dict[LedgerLine, Array] = {}
        by_chance: dict[LedgerLine, Array] = {} if chance is None else dict(chance.lines)
        drawn = self.draw_chains(draws)
        for line, chain, avoided in price_chains(self.chains, drawn, draws, streams):
            into, option = claimed.setdefault(line, np.zeros(shape)), names.index(chain.option)
            into[option] += avoided
            if chance is not None:
                added = by_chance.setdefault(line, np.zeros(shape))
                added[option] += (chance.outcomes[chain.option, chain.name] - 1) * avoided
        lines = (*paid, *claimed, *priced.lines)
        own = len(paid) + len(claimed)
        amounts, spending = np.zeros((len(lines), *shape)), np.zeros((len(lines), *shape[1:]))
        for i, money in enumerate((*paid.values(), *claimed.values())):
            amounts[i] = money
        amounts[own:], spending[own:] = priced.costs_avoided, priced.spending
        del priced  # a copy of most of the ledger
        guarded = guard(lines, amounts, spending, self.budget)
        guarded, moved, gaps = guard_chance(lines, amounts, spending, self.budget, by_chance, guarded)
        return Ledger(
            lines=guarded.lines,
            options=names,
            years=self.years,
            amounts=guarded.amounts,
            spending=guarded.spending,
            option_labels=self.option_labels,
            gross=tuple(self.is_gross(name) for name in names),
            unpriced=self.unpriced,
            price_base=spec.price_base,
            seed=draws.seed,
            set_version=self.set_version,
            chance_lines=moved,
            chance=gaps,
        )

    def cash(self, ledger: Ledger, activity: Activity, draws: Draws) -> Cashability:
        """Take the assessed budget lines up the cashability ladder, as expected."""
        chains = list(zip(self.chains, self.draw_chains(draws), strict=True))
        return cashability_of(self.cash_rules, ledger, activity, self.priced, self.kept, chains, draws)

    def cash_with_chance(
        self, expected: Cashability, ledger: Ledger, activity: Activity, draws: Draws, chance: ChanceMoney
    ) -> Cashability:
        """Take the assessed budget lines up the ladder as it turns out.

        On lines that nobody has assessed extra spending is judged by what is expected: luck that costs
        more would count and luck that costs less would not.
        """
        drawn = [
            replace(c, avoided=c.avoided * chance.outcomes[c.option, c.name]) for c in self.draw_chains(draws)
        ]
        found = cashability_of(
            self.cash_rules,
            ledger.with_chance(),
            activity,
            self.priced,
            self.kept,
            list(zip(self.chains, drawn, strict=True)),
            draws,
            chance.volumes,
        )
        return replace(found, extra=expected.extra)

    @property
    def option_labels(self) -> tuple[str, ...]:
        """Printable names of the options; GROSS where no counterfactual was given."""
        return tuple(
            f"{option.label} (GROSS: no counterfactual)" if self.is_gross(option.name) else option.label
            for option in self.case.spec.options
        )

    def is_gross(self, option: str) -> bool:
        """Whether an effect, an outcome chain or a claim of the option has no counterfactual behind it."""
        return (
            any(used.effect.design == "before_after" for used in self.effects[option])
            or any(use.gross for use in self.chains if use.option == option)
            or any(p.gross for p in self.payments if p.option == option)
        )

    def numbers_of(self, option: str) -> set[str]:
        """Return the ids of numbers that only payments, claims and outcome chains of an option use."""
        paid = {key for p in self.payments if p.option == option for key in p.numbers}
        paid |= {k for r in self.risks if r.option == option for k in (r.probability, r.impact)}
        return paid.union(*(use.parameters() for use in self.chains if use.option == option))

    def effect_numbers(self, option: str) -> set[str]:
        """Return the ids of numbers that the effects of an option use: ratios, timing, who takes part."""
        found = {*self.taking_part[option].numbers, *filter(None, [self.given_ratios.get(option)])}
        for used in self.effects[option]:
            found |= {used.row.id, *(key for key, _ in used.partners)}
            found |= {key for key in used.timing_keys if isinstance(key, str)}
        return found

    def idle_numbers(self, option: str) -> set[str]:
        """Return the ids of numbers that can move no answer of an option.

        Those of effects of other options, and of pathways it leaves alone; where it claims on a line
        that a pathway spends on, that spending is a ceiling and no pathway is idle.
        """
        every = (self.effect_numbers(name) for name in self.effects)
        others = set[str]().union(*every) - self.effect_numbers(option)
        acts_on = {used.effect.pathway for used in self.effects[option]}
        acts_on |= {pathway for o in self.case.spec.options if o.name == option for pathway in o.start}
        places = {(s.agency, line_name(i.line, s.transfer)) for i in self.priced for s in i.price.shares}
        chains = [use for use in self.chains if use.option == option]
        own_prices = {p.parameter for use in chains for p in use.prices} | self.numbers_of(option)
        claimed = {
            (share.agency, line_name(use.line, share.transfer))
            for use in chains
            for price in use.prices
            for share in price.shares
        }
        claims = [p.line for p in self.payments if p.option == option and p.line.flow == "costs_avoided"]
        claimed |= {(line.agency, line.line) for line in claims}
        if claimed & places:
            return others
        acting, idle = set[str](), set[str]()
        for row in self.people:
            into = acting if row.pathway.name in acts_on else idle
            into |= {rate.parameter for rate in row.pathway.rates_of(row.profile)}
            into |= set(row.start_ids.values())
        for item in self.priced:
            into = acting if item.count.pathway in acts_on else idle
            into |= {item.quantity, item.price.parameter}
        return others | (idle - acting - own_prices)


def prepare(case: Case, parameters: ParameterSet | None = None, solver: EffectSolver | None = None) -> Model:
    """Make a case ready to run.

    Parameters
    ----------
    case : Case
        What is appraised.
    parameters : ParameterSet, optional
        Figures in place of those of the case, its overrides included.
    solver : EffectSolver, optional
        Remembers effects that other cases had in common with this one.

    Returns
    -------
    Model

    Raises
    ------
    DoubleCounting
        If two prices in use hold the same money.
    EffectError
        If no hazard ratio reproduces an effect.
    CaseFileError
        If a correlation or a column of the draws file is of a number that cannot have one.
    """
    spec = case.spec
    parameters = with_own_indices(spec, case.parameters if parameters is None else parameters)
    uprating = uprating_of(spec, parameters)
    index = uprating.general
    inputs = Inputs()
    pathways = tuple(load_pathway(parameters, name) for name in spec.pathways)
    cohort = cohort_of(case)
    joining = cohort.joining(spec.financial_years)
    starts = {option.name: start_plan(option, joining, spec.financial_years) for option in spec.options}
    people = people_rows(case, parameters, pathways, cohort, inputs)
    effects, reports = gather_effects(case, parameters, pathways, inputs, solver or EffectSolver())
    part = {
        option.name: taking_part(
            option, any(u.effect.estimand == "engaged" for u in effects[option.name]), inputs
        )
        for option in spec.options
    }
    spells = spells_of(case, pathways, parameters, inputs)
    priced, unpriced = priced_items(case, parameters, pathways, uprating, inputs, spells)
    of_benefits = corrections_by_grade(spec, parameters, "benefits", inputs)
    of_costs = corrections_by_grade(spec, parameters, "costs", inputs)
    teams = tuple(
        member
        for option in spec.options
        for member in teams_of(case, option, parameters, uprating, starts[option.name], inputs, of_costs)
    )
    payments = tuple(
        line
        for option in spec.options
        for line in payments_of(case, option, index, starts[option.name], inputs, of_costs, of_benefits)
    )
    payments += tuple(member.payment for member in teams)
    chains = tuple(
        use
        for option in spec.options
        for use in chains_of(
            case, option, parameters, uprating, cohort, starts[option.name], inputs, of_benefits
        )
    )
    check_options(case, parameters, effects, priced, chains)
    add_extracts(spec.decision, inputs)
    add_terms(spec.agreement, inputs)
    lines = avoidable_lines(priced, chains, payments)
    rules = cash_rules(case, lines, inputs)
    holding, not_held = check_lines(case, lines)
    reached = reached_mixes(case, parameters, pathways, cohort, inputs)
    ratios = given_ratios(case, inputs)
    risks = tuple(line for option in spec.options for line in risks_of(case, option, index, inputs))
    use_given_draws(case, inputs)
    return Model(
        case=case,
        parameters=parameters,
        uprating=uprating,
        cohort=cohort,
        intake=cohort.intake_by_year(spec.financial_years),
        joining=joining,
        starts=starts,
        inputs=inputs,
        pathways=pathways,
        people=people,
        effects=effects,
        taking_part=part,
        reached=reached,
        given_ratios=ratios,
        priced=priced,
        unpriced=unpriced,
        payments=payments,
        teams=teams,
        risks=risks,
        chains=chains,
        not_held=not_held,
        budget=budget_lines(holding, spec.financial_years, spec.price_base, index),
        cash_rules=rules,
        spells=spells,
        kept=kept_shares(case, parameters, priced, effects, of_benefits),
        effect_reports=reports,
        correlation=correlation_of(case, inputs),
    )

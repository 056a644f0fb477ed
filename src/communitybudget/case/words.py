"""What a report says of how a case was reckoned, and what it leaves out."""

from collections.abc import Iterable, Iterator, Sequence

from communitybudget._core.vocabulary import agency_label
from communitybudget.case.adjusting import optimism_bias_of
from communitybudget.case.model import Model
from communitybudget.case.programme import GivenSpec
from communitybudget.case.spec import OptionSpec
from communitybudget.case.starts import waiting_frame
from communitybudget.case.uprating import covered, stale_prices_frame, unit_costs_in_use
from communitybudget.case.words_on_sampling import cautions_on_sampling, on_sampling
from communitybudget.ledger import Ledger, reconcile
from communitybudget.sampling import Draws


def is_extended(model: Model) -> bool:
    """Whether any amount goes through the years after the last of the index."""
    bases = {p.price_base for p in model.inputs.used.values() if p.price_base}
    return any(model.index.is_extended(base) for base in bases | {model.case.spec.price_base})


def conventions_of(model: Model) -> tuple[str, ...]:
    """Return how a case was reckoned: timing, signs, prices, rules."""
    spec, index = model.case.spec, model.index
    discounting = (
        f"schedule {spec.discounting}"
        if isinstance(spec.discounting, str)
        else f"{spec.discounting:.2%} a year"
    )
    joining = (
        "Families join evenly through each year of the intake."
        if model.spread_joining
        else f"All families join on 1 April {spec.start[:4]}."
    )
    if spec.cohort.stock is not None:
        joining += f" {spec.cohort.stock.families:g} of today's caseload join on 1 April {spec.start[:4]}."
    found = [
        f"Amounts are real GBP at {spec.price_base} prices, uprated by the index {index.vintage} "
        f"(to {index.last_year}).",
        f"Discounting: {discounting}; the first year, {spec.start}, is year 0 and is not discounted.",
        "Costs avoided are business as usual less the option; negative where an option costs an agency more.",
        "Net is costs avoided less delivery plus funding received. Payback is the first year from which the "
        "cumulative undiscounted net stays at or above nil.",
        "A month's occupancy is the mean of its start and its end; a move falls in its month, at the monthly "
        "rates of competing exits.",
        joining + " Per family means per family offered.",
        *_counted(model),
        *_on_frailty(model),
        *_on_taking_part(model),
        "All options and business as usual share the draws, so differences are effects and not luck.",
        *on_sampling(model),
        "Benefit–cost ratios are ratios of means. Percentiles do not add up over agencies or years.",
        "The fiscal case counts transfers; public value leaves them out and adds economic and social value.",
        *_on_money(model),
    ]
    if is_extended(model) and index.extension is not None:
        found.insert(
            1,
            f"The index ends in {index.last_year}; after that prices are taken to rise by "
            f"{index.extension.rate:.1%} a year ({index.extension.mark}).",
        )
    return tuple(found)


def _on_money(model: Model) -> list[str]:
    """Return the rules of cash, claims, chains and adjustments that are in use."""
    spec, found = model.case.spec, []
    if model.cash_rules:
        found.append(
            "Cash: a step is closed while its volume has stayed avoided without a break through closing and "
            "notice; where more is used than in business as usual it is spent at once, at marginal cost. "
            "Budget lines without a rule are not assessed and count as no cash."
        )
    else:
        found.append(
            "The cashability of costs avoided is not assessed: none is claimed as cash of any budget."
        )
    found += [
        f"Unit costs of {covered(rule.covers)} go by the index {rule.index.vintage} and not by general "
        f"prices: {rule.reason}."
        for rule in model.uprating.sectors
    ]
    found += [
        f"Published unit costs of {covered(rule.covers)} are multiplied by {rule.factor:g} for the area: "
        f"{rule.reason}. Local figures are not."
        for rule in model.uprating.areas
    ]
    if model.teams:
        found.append(
            "Teams are built up: hours x pay x (1 + on-costs) x (1 + overheads), for each family offered; a "
            "published price of an hour holds on-costs and overheads."
        )
    if model.chains:
        found.append(
            "Outcome chains are static. People count from the start of the year in which they join; the "
            "outcome starts after its lag and is worth its yearly value as phased."
        )
    if model.chains or any(option.claims for option in spec.options):
        found.append(
            "What outcome chains and own entries claim is capped, draw by draw and year by year, by what "
            "business as usual spends on the same budget line; the excess is shown as not deliverable."
        )
    if model.budget:
        found.append(
            "What is claimed on a budget line is capped by its outturn; a year without one takes the last "
            "before it, in real terms."
        )
    bias = optimism_bias_of(spec)
    if bias is not None:
        sides = [name for name in ("benefits", "costs") if getattr(bias, name)]
        grades = ", ".join(f"{word.replace('_', ' ')} {grade}" for word, grade in bias.grades.items())
        found.append(
            f"Optimism bias is taken on {' and '.join(sides)}; corrections of several figures combine by "
            f"the rule '{bias.rule}'. Grades: {grades or 'as each figure says'}. Only what is gained is "
            "corrected, never what costs more."
        )
    given = None if spec.adjustments is None else spec.adjustments.distributional_weights
    if given is not None:
        found.append(
            "Beside public value stands a weighted one: the income that families gain and lose counts "
            f"{given.weight:.2f} times, (median income {given.median_income:,.0f} / theirs "
            f"{given.income:,.0f}) to the power of {given.elasticity:g}. A benefit that is no longer paid "
            "is a gain of one to the taxpayer and a loss at that weight to the family."
        )
    if spec.counts_wellbeing:
        found.append(
            "Wellbeing counts as social value, at a worth of one point of life satisfaction for a year. "
            "It is no money of any agency."
        )
    return found


def _on_frailty(model: Model) -> list[str]:
    """Return what families differ by, where the case says that they do."""
    given = model.case.spec.cohort.frailty
    if given is None:
        return []
    where = ", ".join([*(name.replace("_", " ") for name in given.pathways), *(given.moves or ())])
    how = (
        f"by a gamma distribution of variance {given.variance:g}, in five classes"
        if given.variance is not None
        else f"in {len(given.classes or ())} classes"
    )
    return [
        f"Families differ by what nobody recorded, {how}; a family's multiplier is the same on all its "
        f"pathways. It multiplies the rates of: {where}. Rates of the set hold in mean on the day families "
        "join; among those who are left they fall, since the frail move first. Effects are solved without it."
    ]


def _on_taking_part(model: Model) -> list[str]:
    """Return who may start when, who drops out and who gets a part of the effect, by option."""
    found = []
    for option in model.case.spec.options:
        if option.runs is not None:
            first, last = option.runs.first, option.runs.last
            parts = (f"from April {first[:4]}" if first else "", f"to the end of {last}" if last else "")
            text = f"{option.label} runs {' '.join(filter(None, parts))}. Whoever joins before waits for it."
            if last:
                text += (
                    " Who takes part when it stops loses the effect then, which fades as it does at its end, "
                    "and is not paid for any more."
                )
            found.append(text)
        if option.caseload is not None:
            room = option.caseload
            found.append(
                f"{option.label} has {room.places:g} places ({room.key_workers:g} key workers with "
                f"{room.families_each:g} families each), held for {room.months_each} months. Families wait, "
                "first come first served, in whole months; effects and payments come when they start, and "
                "who never starts costs nothing and gains nothing."
                + (" Families who do not engage take no place." if option.engagement is not None else "")
            )
        part = model.taking_part[option.name]
        if part.leaving:
            when = ", ".join(f"{share:.0%} after {months}" for months, share in part.leaving)
            found.append(
                f"{option.label}: of those who engage drop out {when} months, midway between the points "
                "given. They lose the effect from then on, and it fades as it does at its end. What is paid "
                "for each family offered stays as given."
            )
        if option.drop_out_per_month is not None:
            found.append(
                f"{option.label}: of those who still take part {option.drop_out_per_month.value:.1%} drop "
                f"out at the end of each month of {part.months} but the last. They lose the effect from then "
                "on, and it fades as it does at its end. What is paid for each family offered stays as given."
            )
        if option.combination is not None:
            found.append(f"{option.label}: {_combined(option.combination)}")
        if option.partial_dose is not None:
            share, dose = option.partial_dose.share.value, option.partial_dose.dose.value
            found.append(
                f"{option.label}: {share:.0%} of those who engage get {dose:.0%} of the effect, on the log "
                "scale."
            )
    return found


def _combined(rule: str | GivenSpec) -> str:
    """Return in words how effects combine that meet on a move and were not solved together."""
    if isinstance(rule, GivenSpec):
        return (
            f"the two effects that meet on a move come to a ratio of {rule.given.value:g} together, in place "
            "of their product, as far as both act."
        )
    if rule == "strongest":
        return "of effects that meet on a move the one that changes its rate more acts alone, month by month."
    return "ratios of effects that meet on a move multiply."


def _counted(model: Model) -> list[str]:
    """Return how families from a file are used, where there is one."""
    families = model.case.families
    if families is None:
        return []
    found = (
        f"Profiles, children, their ages and adults are those counted in {families.name}, taken as known; "
        "birthdays are spread evenly over the year of age."
    )
    if families.intake is not None and len(families.intake) > 1:
        found += " Families of one profile are taken to be alike in whichever year they join."
    return [found]


def cautions_of(model: Model, ledger: Ledger) -> tuple[str, ...]:
    """Return what a reader must know before using the figures, the weightiest first."""
    found = [
        *model.unused_overrides(),
        "Intervals hold two uncertainties: of rates, effects and prices, and of chance, which families these "
        "turn out to be. For a small cohort one child in a costly placement can be the whole answer. Chance "
        "takes people as independent, but for whether their family takes part: brothers and sisters "
        "who go through a crisis together would widen the intervals.",
    ]
    families = model.case.families
    if families is not None and families.synthetic:
        found.append(
            f"The families in {families.name} are synthetic: drawn from published prevalence, and no real "
            "families. What is counted in them is no local evidence."
        )
    if any(model.is_gross(option.name) for option in model.case.spec.options):
        found.append(
            "Options marked GROSS have no counterfactual behind some figure: an effect before and after, or "
            "a chain or claim without deadweight. Part of what they show would have happened anyway."
        )
    assumed = [
        option.label
        for option in model.case.spec.options
        if any(used.effect.design == "assumed" for used in model.effects[option.name])
    ]
    if assumed:
        found.append(
            f"No study stands behind some effects of {', '.join(assumed)}: their size, and that "
            "there is any, is an assumption."
        )
    if any(u.effect.probability_no_effect > 0 for effects in model.effects.values() for u in effects):
        found.append(
            "In part of the draws the effects are exactly nil: one national evaluation of such a programme "
            "found effects and an earlier one found none."
        )
    uses = [use for option in model.case.spec.options for use in option.effects]
    if any(use.strength != 1 for use in uses):
        found.append(
            "Some options take the measured effects at another strength. That is a what-if and no evidence."
        )
    found += [
        f"{option.label}: the effect {use.effect or use.label or 'given'} is shrunk to "
        f"{use.transfer.factor:.0%} of what was measured: {use.transfer.reason}"
        for option in model.case.spec.options
        for use in option.effects
        if use.transfer is not None
    ]
    found += _cautions_on_claims(model, ledger)
    found += _cautions_on_budget(model, ledger)
    found += _cautions_on_chains(model)
    found += [
        f"{option.label} reaches other families than the cohort holds: it has a start mix of its own on "
        f"{', '.join(option.start)}, and business as usual keeps that of the cohort. Part of the "
        "difference is whom the option reaches, and no effect of it."
        for option in model.case.spec.options
        if option.start
    ]
    found += cautions_on_sampling(model)
    found += _cautions_on_waiting(model)
    found += _cautions_on_money(model)
    found += _cautions_on_prices(model)
    found += _cautions_on_age(model)
    if model.unpriced:
        found.append(
            "Not priced, since no unit cost was found (unknown, not nil): "
            + "; ".join(f"{label} ({agency.replace('_', ' ')})" for label, agency in model.unpriced)
            + "."
        )
    for pathway in model.pathways:
        found += [f"{pathway.label}: {limit}" for limit in pathway.limits]
    found += [f"{option.label}: {option.note}" for option in model.case.spec.options if option.note]
    found += [
        f"Both {' and '.join(sorted(codes))} are used although they are filed as overlapping: {reason}"
        for codes, reason in _overlaps_let_through(model)
    ]
    return tuple(_unique(found))


def _cautions_on_claims(model: Model, ledger: Ledger) -> list[str]:
    """Return what the caps took, and claims that no cap could be set for."""
    found = []
    for option in ledger.options:
        over = ledger.flow(option, "not_deliverable").sum(axis=0).mean()
        if over > 0:
            found.append(
                f"{ledger.label(option)}: £{over:,.0f} of what is claimed is more than is spent, and is left "
                "out as not deliverable."
            )
        unmet = ledger.flow(option, "unmet_need").sum(axis=0).mean()
        if unmet > 0:
            found.append(
                f"{ledger.label(option)}: spending falls by £{unmet:,.0f} since needs go unmet. It is shown "
                "apart and credited to nobody."
            )
    held = {(row.agency, line) for row in model.budget for line in row.covers}
    held |= {(line.agency, line.line) for line in ledger.lines if line.basis == "activity"}
    free = [
        f"{line.line} ({agency_label(line.agency)})"
        for line in ledger.lines
        if line.basis == "own_entry"
        and line.flow == "costs_avoided"
        and line.value_type == "fiscal"
        and (line.agency, line.line) not in held
    ]
    if free:
        found.append(
            f"Claims on {', '.join(dict.fromkeys(free))} are capped by nothing: the case neither models nor "
            "gives what is spent there."
        )
    return found


def _overlaps_let_through(model: Model) -> list[tuple[Iterable[str], str]]:
    """Return the overlaps that the case allows, and those its pathways allow whose codes are in use."""
    used = {item.price.parameter.removeprefix("unit_cost.").partition("[")[0] for item in model.priced}
    found: list[tuple[Iterable[str], str]] = [(a.codes, a.reason) for a in model.case.spec.allow_overlaps]
    return found + [(a.codes, a.reason) for p in model.pathways for a in p.allow_overlaps if a.codes <= used]


def _cautions_on_waiting(model: Model) -> list[str]:
    """Say how many families wait for a place, how long, and how many never get one."""
    found = []
    frame = waiting_frame(model.starts, model.years)
    for option in model.case.spec.options:
        own = frame[frame["option"] == option.name]
        whole = own[own["year"] == "all years"]
        if whole.empty or not (own["waiting"].max() > 0 or whole["never_start"].iloc[0] > 0):
            continue
        row, most = whole.iloc[0], own.loc[own["year"] != "all years", "waiting"].max()
        if not row["started"] > 0:
            found.append(
                f"{option.label}: nobody starts in these years. None of {row['ready']:,.0f} families is "
                "ready while the programme runs and has a place."
            )
            continue
        found.append(
            f"{option.label}: families wait for a place, {most:,.0f} at a time in the mean of the worst "
            "year. "
            f"Those who start have waited {row['mean_wait_months']:.1f} months in mean, "
            f"{row['longest_wait_months']:.0f} at most. "
            f"{row['never_start']:,.0f} of {row['ready']:,.0f} get no place in these years."
        )
    return found


def _cautions_on_money(model: Model) -> list[str]:
    spec = model.case.spec
    found = []
    for option in spec.options:
        for item, months, whole in _spread_out(option):
            plan = model.starts[option.name]
            if plan.starting == 0:
                continue
            reached = (
                plan.per_family(months, until_it_stops=False).sum() / plan.starting
                if whole is None
                else float(plan.first_year < spec.years)
            )
            if 1 - reached > 1e-9:
                found.append(
                    f"{option.label}: {1 - reached:.0%} of '{item}' falls after the last year and is left "
                    "out, as is what those families avoid by then."
                )
        if any(delivery.value_type != "fiscal" for delivery in option.delivery):
            found.append(
                f"{option.label}: delivery that is not fiscal is left out of the fiscal case and of "
                "break-even; public value counts it."
            )
        if option.engagement is not None and model.taking_part[option.name].engagement is None:
            found.append(
                f"{option.label}: engagement is given and not used, since its effects are averaged over all "
                "families offered."
            )
    return found


def _cautions_on_age(model: Model) -> list[str]:
    """Say how many of the unit costs in use are old, and how old the oldest is."""
    stale = stale_prices_frame(model)
    if stale.empty:
        return []
    oldest = stale.iloc[0]
    return [
        f"{len(stale)} of the {len(unit_costs_in_use(model))} unit costs in use are of more than "
        f"{model.case.spec.stale_after_years} years before the price base; the oldest, {oldest['label']}, is "
        f"of {oldest['price_base']} ({oldest['age']} years). They are brought forward by general prices, "
        "which say little of how the service changed since."
    ]


def _spread_out(option: OptionSpec) -> Iterator[tuple[str, int, str | None]]:
    """Yield what an option pays or claims by family (months over which) or once: item, months, 'once'."""
    for payment in (*option.delivery, *option.funding, *option.claims):
        if payment.per_family is not None:
            yield payment.item, payment.over_months, None
        elif payment.fixed is not None:
            yield payment.item, 1, "once"
    for team in option.teams:
        yield team.item, team.over_months, None


_LARGEST_FAMILY = 12


def _cautions_on_chains(model: Model) -> list[str]:
    """Say of chains that fall after the last year, or count more people than the cohort has."""
    found = []
    central = Draws(1, 0, {}, {key: p.value for key, p in model.inputs.used.items()})
    families = model.cohort.families
    for use, drawn in zip(model.chains, model.draw_chains(central), strict=True):
        if drawn.chain.net.any() and not drawn.avoided.any():
            found.append(f"The chain '{use.label}' falls after the last year: nothing of it counts.")
        reached = float(drawn.chain.population[0])
        if reached > _LARGEST_FAMILY * families:
            found.append(
                f"The chain '{use.label}' reaches {reached:,.0f} people, more than {families:,.0f} families "
                "have."
            )
    return found


def _cautions_on_budget(model: Model, ledger: Ledger) -> list[str]:
    """Say what of the outturn bears on nothing, and where the model spends more than the line holds."""
    found = []
    if model.not_held:
        names = dict.fromkeys(f"{row.line} ({agency_label(row.agency)})" for row in model.not_held)
        found.append(
            f"These lines of the outturn hold nothing of this case and cap nothing: {', '.join(names)}."
        )
    beyond = dict.fromkeys(
        f"{row.line} in {row.year}"
        for row in model.case.budget
        if row.planned_saving is not None and row.year not in model.years
    )
    if beyond:
        found.append(f"Planned savings outside the years of the case are not looked at: {', '.join(beyond)}.")
    for row in model.budget:
        spent = reconcile(ledger.lines, ledger.amounts, ledger.spending, row).modelled
        above = (spent > row.outturn[:, None]).mean(axis=-1)
        if above.max() > 0.5:
            held, modelled = row.outturn.sum(), spent.sum(axis=0).mean()
            found.append(
                f"The model spends more on {row.name} ({agency_label(row.agency)}) than its outturn: "
                f"£{modelled:,.0f} against £{held:,.0f} over the years. Families, prices or the line do not "
                "fit; look at this before anything else."
            )
    return found


def _cautions_on_prices(model: Model) -> list[str]:
    """Say which sector indices and area factors change no price of the case."""
    used = unit_costs_in_use(model)
    idle = [
        f"index {rule.index.vintage} for {covered(rule.covers)}"
        for rule in model.uprating.sectors
        if not any(rule.covers.rank(row) for row in used)
    ]
    idle += [
        f"area factor {rule.factor:g} for {covered(rule.covers)}"
        for rule in model.uprating.areas
        if not any(model.uprating.area_of(row) is rule for row in used)
    ]
    return [f"Changes nothing, since no unit cost in use is covered: {text}." for text in idle]


def _unique(texts: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(" ".join(text.split()) for text in texts))

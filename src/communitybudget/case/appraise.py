"""Appraise a case: wire the rooms below into an appraisal."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from communitybudget.appraisal import discount_factors
from communitybudget.case.appraisal import Appraisal
from communitybudget.case.case import Case
from communitybudget.case.input_columns import InputColumn
from communitybudget.case.journeys import price_journeys
from communitybudget.case.model import Model, Progress, prepare
from communitybudget.case.plausibility import agency_shares_of, benchmarks_of
from communitybudget.case.uprating import own_index_rows
from communitybudget.case.words import cautions_of, conventions_of, is_extended
from communitybudget.parameters import Parameter
from communitybudget.parameters.schedules import DiscountSchedule
from communitybudget.sampling import Draws
from communitybudget.simulation import BLOCK


def appraise(
    case: Case,
    draws: int = 10_000,
    seed: int = 1,
    progress: Progress | None = None,
    block: int = BLOCK,
) -> Appraisal:
    """Appraise a case.

    Parameters
    ----------
    case : Case
        What is appraised; from `load_case` or `Case.from_dict`.
    draws : int
        Sets of parameter values, at least 1. Each draws every uncertain number once; all options
        share them.
    seed : int
        Any whole number from 0. The same case, draws and seed give the same result to the last bit.
    progress : callable, optional
        Called with steps done and steps in all.
    block : int
        Draws simulated at once; the result does not depend on it.

    Returns
    -------
    Appraisal

    Raises
    ------
    DoubleCounting
        If two prices in use hold the same money.
    EffectError
        If no hazard ratio reproduces a measured effect.

    Examples
    --------
    >>> from communitybudget.parameters import examples_folder
    >>> from communitybudget.case import load_case
    >>> case = load_case(examples_folder() / "hounslow" / "case.yaml")
    >>> appraise(case, draws=200, seed=1).options
    ('early_help', 'early_help_half', 'key_worker', 'key_worker_half')
    """
    if block < 1:
        raise ValueError(f"block is {block}; simulate at least 1 draw at once")
    model = prepare(case)
    drawn = model.draw(draws, seed)
    simulated, realised = _in_two(progress)
    activity = model.simulate(drawn, simulated, block)
    chance = model.draw_chance(activity, drawn, realised)
    activity = replace(activity, avoided_by_chance=chance.reported)
    ledger = model.price(activity, drawn, chance)
    chance = replace(chance, lines={})  # what it adds stands in the ledger now
    cash = model.cash(ledger, activity, drawn)
    columns, values = _inputs(model, drawn)
    spec = case.spec
    return Appraisal(
        case_text=case.self_contained().to_yaml(),
        title=spec.title,
        place=spec.place,
        families=model.cohort.families,
        years=spec.financial_years,
        price_base=spec.price_base,
        schedule=spec.discounting,
        factors=discount_factors(spec.years, schedule=model.schedule),
        family_years=model.family_years,
        activity=activity,
        ledger=ledger,
        cash=cash,
        cash_with_chance=model.cash_with_chance(cash, ledger, activity, drawn, chance),
        outcomes=model.draw_chains(drawn),
        budget=model.budget,
        inputs=columns,
        input_values=values,
        assumption_rows=assumption_rows(model),
        effects=model.effect_reports,
        journeys=price_journeys(case),
        benchmarks=benchmarks_of(model),
        agency_shares=agency_shares_of(model),
        conventions=conventions_of(model),
        cautions=cautions_of(model, ledger),
        seed=seed,
        set_version=model.set_version,
        set_digest=model.parameters.digest,
        _source=case,
    )


def _in_two(progress: Progress | None) -> tuple[Progress | None, Progress | None]:
    """Return two reports of progress, of simulation and of chance, that fill one: half each."""
    if progress is None:
        return None, None
    steps = [1]

    def simulated(done: int, total: int) -> None:
        steps[0] = total
        progress(done, 2 * total)

    def realised(done: int, total: int) -> None:
        progress(steps[0] + steps[0] * done // total, 2 * steps[0])

    return simulated, realised


def _inputs(model: Model, drawn: Draws) -> tuple[tuple[InputColumn, ...], np.ndarray]:
    """Return the uncertain inputs, one for each unknown level; parameters that share it stand together."""
    rows: dict[str, list[str]] = {}
    largest = {row.keys[int(np.argmax(row.shares))] for row in model.inputs.start_rows}
    for key in drawn.columns:
        if key in largest or key not in model.inputs.used:
            continue  # the remainder of a start mix follows from the others; the luck of a risk is no input
        rows.setdefault(model.inputs.levels.get(key, key), []).append(key)
    many_profiles = len(model.cohort.profiles) > 1
    marks: dict[str, set[str]] = {}
    for used in (u for effects in model.effects.values() for u in effects):
        marks.setdefault(used.effect.no_effect_group, set()).add(used.row.mark)
    together = {
        used.row.id: f"effects of {used.effect.no_effect_group} ({_and(marks[used.effect.no_effect_group])})"
        for effects in model.effects.values()
        for used in effects
        if used.effect.no_effect_group and used.effect.probability_no_effect > 0
    }
    columns = tuple(
        InputColumn(
            ids[0],
            _label(model.inputs.used[ids[0]], len(ids), many_profiles),
            _weakest(model.inputs.used[key].mark for key in ids),
            tuple(ids),
            together.get(ids[0]) or _weakest(model.inputs.used[key].mark for key in ids),
        )
        for ids in rows.values()
    )
    values = np.array([drawn.columns[c.key] for c in columns]) if columns else np.zeros((0, drawn.draws))
    return columns, values


def _and(marks: Iterable[str]) -> str:
    """Return marks as words, the strongest first."""
    return " and ".join(sorted(marks, key=_MARKS_WEAKEST_FIRST.index, reverse=True))


_MARKS_WEAKEST_FIRST = ("assumption", "recalled", "second_hand", "derived", "local", "verified")


def _weakest(marks: Iterable[str]) -> str:
    """Return the weakest of some marks: an input is no better than that."""
    return min(marks, key=_MARKS_WEAKEST_FIRST.index)


def _label(parameter: Parameter, count: int, many_profiles: bool) -> str:
    table = parameter.key.split(".", 1)[0]
    text = parameter.label
    if table == "transition":
        f = parameter.fields
        words = f"{f['from']} to {f['to']}".replace("_", " ")
        text = f"Rate: {words}" if f["from"] != f["to"] else f"Rate: {text.split(',')[0].lower()}"
        if many_profiles:
            text += f" ({f['profile'].replace('_', ' ')})"
    elif table == "activity":
        on = parameter.fields["on"].replace("_", " ")
        text = f"Quantity: {text[:1].lower()}{text[1:]}" + (f", {on}" if count == 1 else "")
    elif table == "unit_cost":
        text = f"Price: {text}"
    elif table == "start":
        text = f"Start: {text.removeprefix('Start in ')}"
    elif table in ("effect", "published"):
        text = f"Effect: {text}"
    elif parameter.key.startswith("case.delivery"):
        text = f"Cost: {text}"
    return text


def assumption_rows(model: Model) -> tuple[tuple[object, ...], ...]:
    """Return every number a case uses, with its passport."""
    rows: list[tuple[object, ...]] = [
        _row(model, p, known=key in model.inputs.not_sampled) for key, p in model.inputs.used.items()
    ]
    extra = [model.parameters[i.unit_cost] for j in model.case.spec.journeys for i in j.items]
    for item in model.priced:
        if len({share.agency for share in item.price.shares}) > 1:
            extra += model.parameters.constituents(item.price.parameter)
    extra += [model.parameters[override.key] for override in model.parameters.overrides]
    seen = set(model.inputs.used)
    shown = (*model.parameters.table("benchmark"), *model.parameters.table("split"))
    for parameter in (*extra, *shown):
        if parameter.id not in seen:
            seen.add(parameter.id)
            rows.append(_row(model, parameter, known=True))
    rows += _rules(model)
    return tuple(rows)


def _row(model: Model, parameter: Parameter, known: bool) -> tuple[object, ...]:
    form = parameter.uncertainty
    kind = form.kind
    if parameter.distribution == "dirichlet":
        kind_text = "dirichlet"
    elif known or form.is_fixed:
        kind_text = "taken as known"
    elif parameter.spread_is_default:
        kind_text = f"{kind}, default spread {parameter.default_spread:.0%} of the mean (assumption)"
    else:
        kind_text = str(kind)
    source = model.parameters.citation(parameter.source)
    if parameter.source_detail:
        source += f": {parameter.source_detail}"
    hidden = parameter.id in model.inputs.not_shown
    return (
        parameter.id,
        parameter.label + (", not shown: fewer than five counted" if hidden else ""),
        None if hidden else parameter.value,
        parameter.low,
        parameter.high,
        parameter.interval,
        kind_text,
        parameter.unit,
        parameter.price_base,
        source,
        parameter.mark,
        parameter.overridden,
        parameter.reason,
    )


def _rules(model: Model) -> list[tuple[object, ...]]:
    spec, index = model.case.spec, model.index
    rows: list[tuple[object, ...]] = []
    schedule = model.schedule
    if isinstance(schedule, DiscountSchedule):
        rate, source, mark = schedule.rate(0), schedule.source, schedule.mark_to(spec.years - 1)
        label = f"Discount rate in the first years: {schedule.name}, dated {schedule.dated}"
    elif isinstance(spec.discounting, float):
        rate, source, mark, label = spec.discounting, "the case file", "local", "Discount rate"
    key = f"rules.discounting.{spec.discounting}"
    rows.append(
        (key, label, rate, None, None, "", "taken as known", "share a year", "", source, mark, False, "")
    )
    vintages = {index.vintage: index} | {
        j.index: model.parameters.index(j.index) for j in spec.journeys if j.index
    }
    for vintage, series in vintages.items():
        label = f"Price index {vintage}, {next(iter(series.values))} to {series.last_year}"
        level = series.values[series.last_year]
        rows.append(
            (
                f"indices.{vintage}",
                label,
                level,
                None,
                None,
                "",
                "taken as known",
                "index",
                series.last_year,
                series.source,
                series.mark,
                False,
                "",
            )
        )
    rows += own_index_rows(spec, model.uprating)
    if index.extension is not None and is_extended(model):
        extension = index.extension
        rows.append(
            (
                f"indices.{index.vintage}.extension",
                f"Growth of prices after {index.last_year}",
                extension.rate,
                None,
                None,
                "",
                "taken as known",
                "share a year",
                "",
                extension.note,
                extension.mark,
                False,
                "",
            )
        )
    return rows

"""Every fault of a case file, at once, where it is and with what to do."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from communitybudget._core.errors import (
    CommunityBudgetError,
    Fault,
    ParameterError,
    ParameterNotFound,
    PriceBaseMismatch,
    did_you_mean,
)
from communitybudget._core.strict_yaml import Path_, StrictYaml, dotted
from communitybudget._core.vocabulary import BAU, MARKS
from communitybudget._core.years import span
from communitybudget.case.agreeing_checks import check_agreement
from communitybudget.case.fields import effect_key, slug, split_move
from communitybudget.case.money import Payment, is_wellbeing, unit_of
from communitybudget.case.programme import GivenSpec
from communitybudget.case.spec import CaseSpec, OptionSpec, Override
from communitybudget.case.stated import StatedForm, spread_of
from communitybudget.case.uprating import check_uprating
from communitybudget.cohorts import Families
from communitybudget.parameters import ParameterSet

PAYMENTS: tuple[str, ...] = ("delivery", "funding", "claims")


def faults_of_shape(
    error: ValidationError, document: StrictYaml, name: str, root: type[BaseModel] = CaseSpec
) -> list[Fault]:
    """Return the faults that the field-by-field check found in a file of the form ``root``."""
    found: dict[tuple[int | None, int | None, str, str], Fault] = {}
    items = error.errors(include_url=False)
    for item in items:
        within = [i["loc"] for i in items if i is not item and i["loc"][: len(item["loc"])] == item["loc"]]
        if item["type"] == "too_short" and within:
            continue  # its entries have faults of their own
        fault = _fault(item, document, name, root)
        # an entry used twice by a YAML alias is one fault of the file
        name_of = fault.key.rpartition(".")[2] if fault.line is not None else fault.key
        found.setdefault((fault.line, fault.column, fault.what, name_of), fault)
    return list(found.values())


def _fault(item: Mapping[str, Any], document: StrictYaml, name: str, root: type[BaseModel]) -> Fault:
    path = _path_in_file(item["loc"], document)
    kind, context = item["type"], item.get("ctx", {})
    given = item.get("input")
    if kind == "extra_forbidden":
        known = _known_keys(item["loc"][:-1], root)
        what, remedy = "is not known here", did_you_mean(str(item["loc"][-1]), known)
    elif kind in ("union_tag_invalid", "union_tag_not_found"):
        what, remedy = _how_to_choose(context)
    elif kind == "missing":
        what, remedy = "is missing", _how_to_add(str(item["loc"][-1]))
    elif kind == "value_error":
        what, _, remedy = str(context.get("error", item["msg"])).rpartition("; ")
        if not what:
            what, remedy = remedy, "correct it"
    elif kind in ("greater_than_equal", "less_than_equal", "greater_than", "less_than"):
        words = {"ge": "at least", "le": "at most", "gt": "above", "lt": "below"}
        bound = next((f"{words[k]} {v:g}" for k, v in context.items() if k in words), "in range")
        what, remedy = f"is {given!r}", f"it must be {bound}"
    elif kind == "literal_error":
        what, remedy = f"is {given!r}", f"use one of {context.get('expected')}"
    elif kind == "string_pattern_mismatch":
        what, remedy = f"is {given!r}", "use small letters, digits and underscores, a letter first"
    elif given is None and kind.endswith("_type"):
        what, remedy = "is empty", "fill it in, or leave the key out"
    elif kind.startswith("int_"):
        what, remedy = f"is {str(given)[:40]!r} and no whole number", "write it like 5"
    elif kind == "string_type":
        what, remedy = f"is {str(given)[:40]!r} and no text", "put it in quotes"
    elif kind in ("model_type", "dict_type", "tuple_type", "list_type"):
        what, remedy = "has the wrong form", "see the example of `communitybudget new`"
    elif kind == "too_short":
        least = context.get("min_length", 1)
        what = "has too few entries" if given else "is empty"
        remedy = "give at least " + ("one" if least == 1 else str(least))
    else:
        what, remedy = f"{item['msg'][:1].lower()}{item['msg'][1:]}", "correct it"
    line, column = document.position(path)
    return Fault(name, dotted(path), what, remedy, line, column)


def _how_to_choose(context: Mapping[str, Any]) -> tuple[str, str]:
    """Say what is wrong with the word by which one of several forms is chosen, and which there are."""
    key = str(context["discriminator"]).strip("'")
    if "tag" not in context:
        return f"does not say which {key} it is", f"add {key}"
    known = [word.strip("' ") for word in str(context["expected_tags"]).split(",")]
    return f"'{context['tag']}' is no {key}", did_you_mean(str(context["tag"]), known)


def _how_to_add(key: str) -> str:
    return {
        "price_base": "an amount of money needs a price base: add it, such as price_base: 2024-25",
        "source": "say where the figure comes from: add source",
        "mark": f"say how surely the figure is known: add mark, one of {', '.join(MARKS)}",
        "spread": "say how unsure the amount is: add spread, such as 0.2 for 20%",
        "reason": "say why the figure is replaced: add reason",
    }.get(key, "add it")


def _path_in_file(loc: Sequence[str | int], document: StrictYaml) -> Path_:
    """Drop from a location what the file does not hold: names of types and of filled-in parts."""
    path: Path_ = ()
    for i, part in enumerate(loc):
        longer = (*path, part)
        if longer in document.positions:
            path = longer
        elif i == len(loc) - 1 and part not in ("value", "word") and path and not str(part).startswith("["):
            path = longer if isinstance(part, str) and part.isidentifier() else path
        elif i == len(loc) - 1 and not path:
            path = (part,)
    return path


def _known_keys(loc: Sequence[str | int], root: type[BaseModel]) -> list[str]:
    kind: Any = root
    for part in loc:
        kind = _step(kind, part)
        if kind is None:
            return []
    model = _model(kind)
    if model is None:
        return []
    return [field.alias or key for key, field in model.model_fields.items()]


def _step(kind: Any, part: str | int) -> Any:
    model = _model(kind)
    if model is not None and isinstance(part, str) and not any(_is_chosen_by(k, part) for k in _unwrap(kind)):
        for key, field in model.model_fields.items():
            if part in (key, field.alias):
                return field.annotation
        return None
    for inner in _unwrap(kind):
        if _is_chosen_by(inner, part):
            return inner
        origin, args = get_origin(inner), get_args(inner)
        if origin is dict:
            return args[1]
        if origin in (tuple, list):
            return args[0]
    return None


def _is_chosen_by(kind: Any, word: str | int) -> bool:
    """Return whether a model is the one of several that a word chooses."""
    return (
        isinstance(kind, type)
        and issubclass(kind, BaseModel)
        and any(get_args(field.annotation) == (word,) for field in kind.model_fields.values())
    )


def _unwrap(kind: Any) -> list[Any]:
    if get_origin(kind) is Annotated:
        return _unwrap(get_args(kind)[0])
    if get_origin(kind) in (Union, type(int | str)):
        return [inner for part in get_args(kind) for inner in _unwrap(part)]
    return [kind]


def _model(kind: Any) -> type[BaseModel] | None:
    for inner in _unwrap(kind):
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            return inner
    return None


def faults_between_parts(
    spec: CaseSpec,
    parameters: ParameterSet,
    document: StrictYaml,
    name: str,
    families: Families | None = None,
) -> list[Fault]:
    """Return the faults that only show when the parts of a case are seen together."""
    found: list[Fault] = []

    def add(path: Path_, what: str, remedy: str) -> None:
        line, column = document.position(path)
        found.append(Fault(name, dotted(path), what, remedy, line, column))

    _check_prices(spec, parameters, add)
    _check_correlations(spec, parameters, add)
    for i, pathway in enumerate(spec.pathways):
        if pathway in spec.pathways[:i]:
            add(("pathways", i), f"'{pathway}' is there twice", "run each pathway once")
    codes = {p.fields.get("code") or p.key.removeprefix("unit_cost.") for p in parameters.table("unit_cost")}
    for i, allowance in enumerate(spec.allow_overlaps):
        for code in allowance.codes:
            if code not in codes:
                add(("allow_overlaps", i), f"'{code}' is no code of a unit cost", did_you_mean(code, codes))
    years = spec.financial_years
    _check_frailty(spec, add)
    _check_spreads(spec, parameters, add)
    _check_decision(spec, parameters, add)
    check_agreement(spec, add)
    mixes: list[tuple[Path_, Iterable[str]]] = [(("options", i), o.start) for i, o in enumerate(spec.options)]
    if spec.cohort.stock is not None:
        mixes.append((("cohort", "stock"), spec.cohort.stock.given))
    for place, given in mixes:
        for pathway in sorted(set(given) - set(spec.pathways)):
            what = f"gives a start mix for {pathway}, which the case does not run"
            add(place, what, f"add {pathway} to pathways, or leave it out")
    for year in spec.cohort.intake or {}:
        if year not in years:
            add(("cohort", "intake", year), f"{year} is outside the years {span(years)}", "use a year inside")
    names: set[str] = set()
    for i, option in enumerate(spec.options):
        if option.name in names:
            add(("options", i, "name"), f"'{option.name}' is there twice", "give each option its own name")
        names.add(option.name)
        if option.do_minimum and option.name != spec.do_minimum:
            what = f"'{spec.do_minimum}' is the do-minimum already"
            add(("options", i, "do_minimum"), what, "leave do_minimum out of all options but one")
        for part in PAYMENTS:
            for j, payment in enumerate(getattr(option, part)):
                for year in payment.by_year or {}:
                    if year not in years:
                        path: Path_ = ("options", i, part, j, "by_year", year)
                        add(path, f"{year} is outside the years {span(years)}", "use a year inside")
        for key, at in (("from", option.runs.first), ("to", option.runs.last)) if option.runs else ():
            if at is not None and at not in years:
                path = ("options", i, "runs", key)
                add(path, f"{at} is outside the years {span(years)}", "use a year inside, or leave it out")
        _check_money(option, ("options", i), years, add)
        _check_grades(spec, option, ("options", i), add)
        _check_wellbeing(spec, option, ("options", i), parameters, add)
    _check_effects(spec, parameters, add)
    for i, entry in enumerate(spec.unmet_need):
        for pathway in {split_move(text)[0] for text in entry.moves} - set(spec.pathways):
            what = f"is of {pathway}, which the case does not run"
            add(("unmet_need", i, "moves"), what, f"add {pathway} to pathways, or leave it out")
    profiles = _profiles(spec, families)
    for profile in profiles:
        for i, pathway in enumerate(spec.pathways):
            for table, words in (("transition", "rates"), ("start", "start mix")):
                known = {
                    p.fields["profile"] for p in parameters.table(table) if p.fields["pathway"] == pathway
                }
                if not known & {profile, "all"}:
                    what = f"{pathway} has no {words} for the profile {profile}"
                    add(("pathways", i), what, f"use a profile among {', '.join(sorted(known))}")
    counted = families is not None
    both = None not in (spec.cohort.children_per_family, spec.cohort.adults_per_family)
    if "general" in profiles and not counted and not both:
        where = ("cohort", "profile")
        remedy = "give children_per_family and adults_per_family"
        add(where, "the general profile has no published family composition", remedy)
    return found


def _check_correlations(spec: CaseSpec, parameters: ParameterSet, add: Any) -> None:
    """Report pairs that are none, and keys of the set that it does not have."""
    known = [row.id for row in parameters.parameters.values()]
    seen: set[frozenset[str]] = set()
    for i, given in enumerate(spec.correlations):
        path: Path_ = ("correlations", i, "between")
        pair = frozenset(given.between)
        if len(pair) == 1:
            add(path, f"'{given.between[0]}' goes with itself entirely", "name two numbers")
        elif pair in seen:
            add(path, f"{' and '.join(given.between)} are there twice", "keep one of the two")
        seen.add(pair)
        for key in given.between:
            if not key.startswith(("case.", "no_effect.")) and key not in known:
                add(path, f"'{key}' is no number of the set", did_you_mean(key, known))


def _check_spreads(spec: CaseSpec, parameters: ParameterSet, add: Any) -> None:
    known = [
        f"{name}.{state['name']}" for name, form in parameters.structures.items() for state in form["states"]
    ]
    for state, spread in spec.chance.spread_of_spells.items() if spec.chance is not None else ():
        path: Path_ = ("chance", "spread_of_spells", state)
        pathway = state.partition(".")[0]
        if state not in known:
            add(path, f"'{state}' is no state of a pathway", did_you_mean(state, known))
        elif pathway not in spec.pathways:
            what = f"is of {pathway}, which the case does not run"
            add(path, what, f"add {pathway} to pathways, or leave it out")
        if spread > 5:
            add(path, f"a spread of {spread:g} times the mean is no spread", "write 50% as 0.5")


def _check_decision(spec: CaseSpec, parameters: ParameterSet, add: Any) -> None:
    """Report a decision between options that are not there, and records of numbers that are not there."""
    if spec.decision is None:
        return
    names = [option.name for option in spec.options]
    for i, name in enumerate(spec.decision.options):
        if name == BAU:
            remedy = "leave it out: it is always one of the choices"
            add(("decision", "options", i), "names business as usual", remedy)
        elif name not in names:
            add(("decision", "options", i), f"'{name}' is no option", did_you_mean(name, names))
    beginnings = {
        key.rsplit(".", cut)[0] for key in parameters.parameters for cut in range(key.count(".") + 1)
    }
    for agency, starts in spec.decision.held_by.items():
        for i, start in enumerate(starts):
            if start not in beginnings and not start.startswith("case."):
                what = f"no number of the set begins with '{start}'"
                add(("decision", "held_by", agency, i), what, did_you_mean(start, beginnings))


def _check_frailty(spec: CaseSpec, add: Any) -> None:
    """Report frailty of pathways that the case does not run."""
    frailty = spec.cohort.frailty
    if frailty is None:
        return
    named = dict.fromkeys(frailty.pathways, "pathways")
    named |= {split_move(text)[0]: "moves" for text in frailty.moves or ()}
    for pathway, key in named.items():
        if pathway not in spec.pathways:
            what = f"is of {pathway}, which the case does not run"
            add(("cohort", "frailty", key), what, f"add {pathway} to pathways, or leave it out")


def _check_money(option: OptionSpec, place: Path_, years: Sequence[str], add: Any) -> None:
    """Report outcome chains of one name, and risks outside the horizon or twice."""
    names: set[str] = set()
    for j, outcome in enumerate(option.outcomes):
        if outcome.name in names:
            add((*place, "outcomes", j, "name"), f"'{outcome.name}' is there twice", "name it otherwise")
        names.add(outcome.name)
    risks: set[str] = set()
    for j, risk in enumerate(option.risks):
        path = (*place, "risks", j)
        plain = slug(risk.name)
        if plain in risks:
            what = f"'{risk.name}' is there twice, or differs in signs alone"
            add((*path, "name"), what, "keep one, or name them apart")
        risks.add(plain)
        outside = False
        for part in ("first_year", "last_year"):
            year = getattr(risk, part)
            if year not in years:
                outside = True
                add((*path, part), f"{year} is outside the years {span(years)}", "use a year inside")
        if not outside and years.index(risk.first_year) > years.index(risk.last_year):
            what = f"the last year {risk.last_year} lies before the first, {risk.first_year}"
            add((*path, "last_year"), what, "put the two in order")


def _check_grades(spec: CaseSpec, option: OptionSpec, place: Path_, add: Any) -> None:
    """Report what optimism bias corrects and no evidence grade is given for."""
    bias = None if spec.adjustments is None else spec.adjustments.optimism_bias
    if bias is None:
        return
    sides = (
        ("costs", bias.costs, ("delivery", "teams")),
        ("benefits", bias.benefits, ("outcomes", "claims")),
    )
    for side, is_on, parts in sides:
        for part in parts if is_on else ():
            for j, given in enumerate(getattr(option, part)):
                if given.evidence_grade is None:
                    what = f"optimism bias is on for {side}, and this has no evidence_grade"
                    add((*place, part, j), what, "give it one, 1 (best) to 6")


def _check_wellbeing(
    spec: CaseSpec, option: OptionSpec, place: Path_, parameters: ParameterSet, add: Any
) -> None:
    """Report worths of wellbeing where the case does not say that it counts wellbeing."""
    if spec.counts_wellbeing:
        return
    for j, outcome in enumerate(option.outcomes):
        if is_wellbeing(unit_of(outcome.unit_cost, parameters)):
            path = (*place, "outcomes", j, "unit_cost")
            remedy = "add adjustments: {wellbeing: true}, or leave the outcome out"
            add(path, "is a worth of wellbeing, which is off unless a case asks for it", remedy)


def _profiles(spec: CaseSpec, families: Families | None) -> list[str]:
    if spec.cohort.file is not None:
        return [] if families is None else list(families.profiles)
    return list(spec.cohort.profiles or [str(spec.cohort.profile)])


def _check_effects(spec: CaseSpec, parameters: ParameterSet, add: Any) -> None:
    for i, option in enumerate(spec.options):
        seen: dict[str, str] = {}
        for j, use in enumerate(option.effects):
            path: Path_ = ("options", i, "effects", j)
            if use.effect:
                plain = effect_key(use.effect).partition(".")[2]
                if plain in seen:
                    what = f"'{use.effect}' is the same effect as '{seen[plain]}'"
                    add((*path, "effect"), what, "keep one: it would act twice")
                seen.setdefault(plain, use.effect)
            pathways = {split_move(text)[0] for text in use.on or ()}
            if use.effect:
                row = parameters[effect_key(use.effect)]
                if pathways - {row.fields["pathway"]}:
                    what = f"{use.effect} acts on {row.fields['pathway']}"
                    add((*path, "on"), what, "name moves of that pathway")
                pathways = {row.fields["pathway"]}
            for pathway in pathways - set(spec.pathways):
                add(path, f"acts on {pathway}, which the case does not run", f"add {pathway} to pathways")
        _check_combination(option, ("options", i), parameters, add)


def _check_combination(option: OptionSpec, place: Path_, parameters: ParameterSet, add: Any) -> None:
    """Report effects that meet on a move, were not solved together, and combine by no stated rule."""
    on: dict[str, list[tuple[str, str, bool]]] = {}
    for j, use in enumerate(option.effects):
        unit, name = str(j), use.label or f"the local effect {j + 1}"
        moves = use.on or ()
        if use.effect:
            f, name = parameters[effect_key(use.effect)].fields, use.effect
            moves = moves or tuple(f"{f['pathway']}.{text.strip()}" for text in f["edges"].split(";"))
            if f["solved_with"] and f["measure"] != "hazard_ratio":
                unit = f["solved_with"]
        for text in moves:
            pathway, (source, target) = split_move(text)
            at = on.setdefault(f"{pathway}.{source} -> {target}", [])
            at.append((unit, name, use.monthly_rate is not None))
    meeting = {move: own for move, own in on.items() if len({unit for unit, _, _ in own}) > 1}
    rule = option.combination
    if rule is None and meeting:
        words = "; ".join(f"{' and '.join(n for _, n, _ in own)} on {move}" for move, own in meeting.items())
        remedy = "say how they combine: combination: multiplicative, strongest, or {given: 0.7}"
        add(place, f"effects meet on one move and were not solved together: {words}", remedy)
    if rule is not None and not meeting:
        remedy = "leave it out"
        add((*place, "combination"), "no two effects meet on a move that were not solved together", remedy)
    for move, own in meeting.items():
        if sum(replaces for _, _, replaces in own) > 1:
            add(place, f"two effects replace the rate of {move}", "keep one of the two")
        elif isinstance(rule, GivenSpec) and (len(own) > 2 or any(replaces for _, _, replaces in own)):
            what = f"a given ratio is for two ratios, and on {move} meet {' and '.join(n for _, n, _ in own)}"
            add((*place, "combination"), what, "use multiplicative or strongest")


def _check_prices(spec: CaseSpec, parameters: ParameterSet, add: Any) -> None:
    try:
        index = parameters.index(spec.index or "")
    except ParameterNotFound as fault:
        what, _, remedy = str(fault).rpartition("; ")
        add(("index",), what, remedy)
        return
    years: list[tuple[Path_, str]] = [(("price_base",), spec.price_base)]
    for i, option in enumerate(spec.options):
        for part in PAYMENTS:
            payments: Sequence[Payment] = getattr(option, part)
            years += [(("options", i, part, j, "price_base"), p.price_base) for j, p in enumerate(payments)]
        years += [
            (("options", i, "teams", j, "price_base"), team.price_base)
            for j, team in enumerate(option.teams)
            if team.price_base
        ]
        years += [
            (("options", i, "risks", j, "price_base"), r.price_base) for j, r in enumerate(option.risks)
        ]
    years += [
        (("decision", "extracts", i, "price_base"), extract.price_base)
        for i, extract in enumerate(spec.decision.extracts if spec.decision else ())
    ]
    years += [
        (("overrides", key, "price_base"), o.price_base) for key, o in spec.overrides.items() if o.price_base
    ]
    for path, year in years:
        try:
            index.level(year)
        except PriceBaseMismatch as fault:
            what, _, remedy = str(fault).rpartition("; ")
            add(path, what, remedy)
    check_uprating(spec, parameters, add)
    for key, override in spec.overrides.items():
        try:
            apply_override(parameters, key, override)
        except CommunityBudgetError as fault:
            what, _, remedy = str(fault).rpartition("; ")
            add(("overrides", key), what or remedy, remedy if what else "correct it")
    for i, journey in enumerate(spec.journeys):
        try:
            parameters.index(journey.index or spec.index or "").level(journey.price_base)
        except CommunityBudgetError as fault:
            what, _, remedy = str(fault).rpartition("; ")
            add(("journeys", i), what, remedy)


def apply_override(parameters: ParameterSet, key: str, override: Override) -> ParameterSet:
    """Return the set with one override of a case applied."""
    value_type = "" if key.endswith("]") else override.value_type or ""
    support = parameters.get(key, value_type).support
    try:
        form = override.form_on(support)
        if form is None and override.distribution and (spread := spread_of(override, support)):
            form = StatedForm(spread, f"a {spread.kind.replace('_', ' ')} distribution")
    except ValueError as fault:
        raise ParameterError(f"{key}: {fault}") from fault
    plain = form is None
    return parameters.override(
        key,
        override.value if form is None or not override.value_follows else form.distribution.mean,
        reason=override.reason,
        value_type=value_type,
        price_base=override.price_base,
        low=override.low if plain else None,
        high=override.high if plain else None,
        interval=(override.interval or "") if plain else "",
        sd=override.sd if plain else None,
        source=override.source,
        mark=override.mark,
        form=None if form is None else form.distribution,
        form_words="" if form is None else form.words,
    )

"""The effects of a case: as stated, solved on the pathway in use, and drawn."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from communitybudget._core.results import result, same
from communitybudget.case.case import Case
from communitybudget.case.fields import Uncertain, effect_key, split_move
from communitybudget.case.inputs import Inputs, local_parameter
from communitybudget.case.programme import GivenSpec
from communitybudget.case.spec import EffectSpec, OptionSpec
from communitybudget.parameters import Parameter, ParameterSet
from communitybudget.pathways import Effect, Pathway, Timing, effect_from_row
from communitybudget.sampling import Draws
from communitybudget.simulation import (
    DrawnEffect,
    Population,
    SolvedEffects,
    build_layout,
    measure_outcome,
    place_start,
    solve_together,
)

if TYPE_CHECKING:
    import pandas as pd

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
    ratio : float or None
        Central ratio of the outcome (strength applied); the hazard ratio itself where that is given; None
        where a rate takes the place of another.
    hazard_ratio : float or None
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
    ratio: float | None
    hazard_ratio: float | None
    probability_no_effect: float
    design: str
    source: str
    mark: str


@dataclass(frozen=True, slots=True)
class UsedEffect:
    """An effect in an option: what it is, how strong, when, and how it was solved.

    ``delay`` is months from joining to the start of the programme. The study measured from its own
    start, so that an effect is solved without it and acts with it.
    """

    effect: Effect
    row: Parameter
    strength: float
    timing_keys: tuple[str | float, ...]
    delay: int = 0
    solved: SolvedEffects | None = None
    partners: tuple[tuple[str, float], ...] = ()

    @property
    def position(self) -> int:
        """Place of the effect among those solved with it."""
        return 0 if self.solved is None else self.solved.keys.index(self.effect.key)


def drawn_effect(used: UsedEffect, draws: Draws) -> DrawnEffect:
    """Return an effect in every draw: its log hazard ratio, exactly 0 where it is absent."""
    monthly_rate: np.ndarray | None = None
    dose = 1.0
    if used.effect.measure == "monthly_rate":
        hazard, dose = np.zeros(draws.draws), used.strength
        monthly_rate = np.ascontiguousarray(np.broadcast_to(draws[used.row.id], (draws.draws,)), dtype=float)
    elif used.solved is None:
        hazard = _log_ratio(draws, used.row.id, used.strength)
    else:
        ratios = np.array([_log_ratio(draws, key, strength) for key, strength in used.partners])
        hazard = used.solved.hazards(ratios)[used.position]
    lag, ramp, lasts, fades = (draws[key] if isinstance(key, str) else key for key in used.timing_keys)
    timing = Timing(lag + used.delay, ramp, lasts, fades)
    solved = None if used.solved is None else (used.solved.central, used.partners)
    name = "|".join(
        repr(part)
        for part in (
            used.effect.key,
            used.effect.moves,
            used.effect.estimand,
            used.effect.probability_no_effect,
            used.strength,
            used.timing_keys,
            used.delay,
            solved,
        )
    )
    return DrawnEffect(
        key=name,
        pathway=used.effect.pathway,
        moves=used.effect.moves,
        log_hazard_ratio=np.ascontiguousarray(hazard, dtype=float),
        timing=timing,
        dose=dose,
        monthly_rate=monthly_rate,
        unit=used.effect.solved_with if len(used.partners) > 1 else "",
    )


def _log_ratio(draws: Draws, key: str, strength: float) -> np.ndarray:
    return np.broadcast_to(np.log(draws[key]), (draws.draws,)) * strength


_Asked = tuple[Population, list[tuple[Effect, Timing, float]], dict[str, list[float]]]


@dataclass(frozen=True)
class EffectSolver:
    """Solves effects, and remembers: options, and cases that are run again, ask for the same ones."""

    _found: list[tuple[_Asked, SolvedEffects]] = field(default_factory=list)

    def solve(
        self,
        population: Population,
        effects: list[tuple[Effect, Timing, float]],
        nodes: dict[str, list[float]],
    ) -> SolvedEffects:
        """Return what `solve_together` gives."""
        keys = {effect.key for effect, _, _ in effects}
        asked = (population, effects, {key: nodes[key] for key in nodes if key in keys})
        for earlier, solved in self._found:
            if same(earlier, asked):
                return solved
        solved = solve_together(*asked)
        self._found.append((asked, solved))
        return solved


def gather_effects(
    case: Case,
    parameters: ParameterSet,
    pathways: Sequence[Pathway],
    inputs: Inputs,
    solver: EffectSolver,
) -> tuple[dict[str, tuple[UsedEffect, ...]], tuple[EffectReport, ...]]:
    """Return the effects of each option, solved, and what reports say of them.

    Raises
    ------
    EffectError
        If no hazard ratio reproduces a measured effect.
    """
    by_name = {pathway.name: pathway for pathway in pathways}
    nodes = _nodes(case, parameters)
    populations: dict[tuple[str, str], Population] = {}
    effects: dict[str, tuple[UsedEffect, ...]] = {}
    reports: list[EffectReport] = []
    for option in case.spec.options:
        used: list[UsedEffect] = []
        for number, use in enumerate(option.effects):
            row, effect = _stated(use, option, number, parameters, by_name)
            inputs.add(row, effect_key(use.effect) if use.effect else "")
            timing = tuple(_timing(use, part, row, option, number, inputs) for part in TIMING_PARTS)
            used.append(UsedEffect(effect, row, use.kept, timing, option.starts_after_months))
        used = [
            _solve_one(one, used, by_name, parameters, inputs, nodes, solver, populations) for one in used
        ]
        effects[option.name] = tuple(used)
        reports += [_report(option.name, one, used, by_name, parameters, inputs, populations) for one in used]
    return effects, tuple(reports)


def _nodes(case: Case, parameters: ParameterSet) -> dict[str, list[float]]:
    """Return the log ratios that a case asks for most, so that the solved curves meet them exactly."""
    nodes: dict[str, list[float]] = {}
    for option in case.spec.options:
        for use in option.effects:
            if use.effect:
                row = parameters[effect_key(use.effect)]
                nodes.setdefault(row.key, []).append(float(np.log(row.value)) * use.kept)
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
            use.hazard_ratio or use.monthly_rate or 1.0,
            "ratio" if use.monthly_rate is None else "per_month",
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
    if use.monthly_rate is not None:
        changes["measure"] = "monthly_rate"
    if use.effect and use.on:
        changes["moves"] = tuple(split_move(text)[1] for text in use.on)
    if use.probability_no_effect is not None:
        changes["probability_no_effect"] = use.probability_no_effect
        if use.effect:
            # another weight on none is another input: it must not reach the options that keep the old one
            row = replace(row, key=f"case.{option.name}.{row.key}")
            changes["key"] = row.key
    if use.effect and use.estimand is not None:
        changes["estimand"] = use.estimand
    if use.effect and use.design is not None:
        changes["design"] = use.design
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
    solver: EffectSolver,
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
    place = (one.effect.pathway, one.effect.profile)
    if place not in populations:
        populations[place] = _population(pathways[place[0]], place[1], parameters)
    asked = [(u.effect, _central_timing(u, inputs), float(np.log(u.row.value))) for u in group]
    partners = tuple((u.row.id, u.strength) for u in group)
    return replace(one, solved=solver.solve(populations[place], asked, nodes), partners=partners)


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
    option: str,
    used: UsedEffect,
    together: Sequence[UsedEffect],
    pathways: dict[str, Pathway],
    parameters: ParameterSet,
    inputs: Inputs,
    populations: dict[tuple[str, str], Population],
) -> EffectReport:
    effect, row = used.effect, used.row
    outcome = ", ".join(f"{a} -> {b}" for a, b in effect.moves)
    replaces = effect.measure == "monthly_rate"
    if replaces:
        outcome += f", at {row.value:g} a month"
    model_without = model_with = None
    if used.solved is not None:
        # the outcome under all effects of the option, not this one alone
        acting = [
            u for u in together if u.effect.pathway == effect.pathway and u.effect.measure != "monthly_rate"
        ]
        measured = measure_outcome(
            populations[effect.pathway, effect.profile],
            effect,
            [np.array([0.0, _central_hazard(u, inputs)]) for u in acting],
            [(u.effect, _central_timing(u, inputs)) for u in acting],
        )
        model_without, model_with = float(measured[0]), float(measured[1])
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
        ratio=None if replaces else float(row.value**used.strength),
        hazard_ratio=None if replaces else float(np.exp(_central_hazard(used, inputs))),
        probability_no_effect=effect.probability_no_effect,
        design=effect.design,
        source=parameters.citation(row.source),
        mark=row.mark,
    )


def _central_hazard(used: UsedEffect, inputs: Inputs) -> float:
    if used.solved is None:
        return float(np.log(used.row.value)) * used.strength
    ratios = np.array([[np.log(inputs.used[key].value) * power] for key, power in used.partners])
    return float(used.solved.hazards(ratios)[used.position, 0])


def given_ratios(case: Case, inputs: Inputs) -> dict[str, str]:
    """Use the ratios that two effects come to together; return their ids by option."""
    return {
        option.name: inputs.add(
            local_parameter(
                f"case.{option.name}.combination",
                f"Both effects on one move: {option.label}",
                option.combination.given,
                "ratio",
                "local",
                "local",
            )
        )
        for option in case.spec.options
        if isinstance(option.combination, GivenSpec)
    }


def effects_frame(reports: Sequence[EffectReport]) -> "pd.DataFrame":
    """Return each effect as printed, in the model, and as a hazard ratio: a row each."""
    import pandas as pd

    names = [one.name for one in fields(EffectReport)]
    return pd.DataFrame([[getattr(report, name) for name in names] for report in reports], columns=names)

"""The switchboard: what each discount vintage and each adjustment does to the answer."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from communitybudget.appraisal import discount_factors
from communitybudget.case.measures import present_values, weighted_flow
from communitybudget.case.model import Model, prepare
from communitybudget.case.money import AdjustmentsSpec, OutcomeSpec, is_wellbeing, unit_of
from communitybudget.case.spec import CaseSpec, OptionSpec
from communitybudget.ledger import Cashability, Ledger
from communitybudget.parameters import ParameterSet
from communitybudget.parameters.schedules import TABLE, discount_schedules

if TYPE_CHECKING:
    import pandas as pd

    from communitybudget.case.appraisal import Appraisal

Array = NDArray[np.float64]

SWITCHBOARD_COLUMNS: tuple[str, ...] = (
    "switch",
    "setting",
    "in_use",
    "npv_fiscal",
    "npv_p10",
    "npv_p90",
    "change",
    "bcr_fiscal",
    "npv_cash",
    "npv_public_value",
    "change_public_value",
    "mark",
    "option",
)

_Answer = tuple[float, float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class _Setting:
    """One setting of a switch, for the options that it touches.

    ``spec`` is the case under it, None where it is in use; ``moves_people`` says whether activity
    changes with it, or prices alone.
    """

    switch: str
    name: str
    options: frozenset[str]
    spec: CaseSpec | None = None
    parameters: ParameterSet | None = None
    moves_people: bool = False
    mark: str = "local"


def switchboard_frame(appraisal: "Appraisal") -> "pd.DataFrame":
    """Return the answer of each option under each setting, all else as appraised.

    Parameters
    ----------
    appraisal : Appraisal
        As appraised.

    Returns
    -------
    pandas.DataFrame
        ``switch, setting, in_use, npv_fiscal, npv_p10, npv_p90, change, bcr_fiscal, npv_cash,
        npv_public_value, change_public_value, mark, option``. Same draws throughout: what changes is the
        setting. A schedule for health effects is shown for comparison and is not for cash.
    """
    import pandas as pd

    model, ledger, cash = appraisal.model, appraisal.ledger, appraisal.cash
    base = {option: _answer(ledger, cash, appraisal.factors, option) for option in appraisal.options}
    rows: list[tuple[object, ...]] = []

    def add(switch: str, setting: str, in_use: bool, option: str, answer: _Answer, mark: str) -> None:
        npv, low, high, ratio, npv_cash, public = answer
        change, change_public = npv - base[option][0], public - base[option][5]
        rows.append(
            (
                switch,
                setting,
                in_use,
                npv,
                low,
                high,
                change,
                ratio,
                npv_cash,
                public,
                change_public,
                mark,
                option,
            )
        )

    own = model.parameters.folder
    folder = own if own is not None and (own / TABLE).is_file() else None
    years = len(appraisal.years)
    vintages = discount_schedules(folder)
    for option in appraisal.options:
        if isinstance(appraisal.schedule, float):
            add("discounting", f"{appraisal.schedule:.2%} a year", True, option, base[option], "local")
        for name, schedule in vintages.items():
            factors = discount_factors(years, schedule=schedule)
            setting = f"{name} ({schedule.rate(0):.1%}; {schedule.applies_to})"
            answer = _answer(ledger, cash, factors, option)
            mark = schedule.mark_to(years - 1)
            add("discounting", setting, name == appraisal.schedule, option, answer, mark)
        add("discounting", "none", False, option, _answer(ledger, cash, np.ones(years), option), "–")
    for case_setting in _settings(model):
        found = base if case_setting.spec is None else _answers(appraisal, case_setting)
        for option in appraisal.options:
            if option in case_setting.options:
                in_use = case_setting.spec is None
                add(
                    case_setting.switch,
                    case_setting.name,
                    in_use,
                    option,
                    found[option],
                    case_setting.mark,
                )
    weight = model.case.spec.distributional_weight
    if weight is not None:
        setting = f"public value with {weight:.2f} on incomes gained and lost"
        for option in appraisal.options:
            weighted = present_values(weighted_flow(ledger, option, weight), appraisal.factors).mean()
            answer = (*base[option][:5], float(weighted))
            add("distributional weights", "none", True, option, base[option], "–")
            add("distributional weights", setting, False, option, answer, "local")
    return pd.DataFrame(rows, columns=list(SWITCHBOARD_COLUMNS))


def _answer(ledger: Ledger, cash: Cashability, factors: Array, option: str) -> _Answer:
    def present(flow: Array) -> Array:
        return present_values(flow, factors)

    npv = present(ledger.net(option))
    delivery = present(ledger.flow(option, "delivery"))
    avoided = present(ledger.flow(option, "costs_avoided"))
    funding = present(ledger.flow(option, "funding"))
    low, high = np.quantile(npv, [0.1, 0.9])
    ratio = float(avoided.mean() / delivery.mean()) if delivery.mean() > 0 else float("nan")
    banked = cash.rung("bankable", option) + cash.extra_spending(option)
    npv_cash = present(banked) - delivery + funding
    public = present(ledger.public_value(option))
    return (
        float(npv.mean()),
        float(low),
        float(high),
        ratio,
        float(npv_cash.mean()),
        float(public.mean()),
    )


def _settings(model: Model) -> list[_Setting]:
    """Return the adjustments of a case and its local figures, as they are and switched."""
    spec, every = model.case.spec, frozenset(option.name for option in model.case.spec.options)
    found: list[_Setting] = []
    bias = None if spec.adjustments is None else spec.adjustments.optimism_bias
    if bias is not None:
        percentages = model.parameters["optimism_bias.benefits.grade_1"].mark
        for rule in ("worst", "compound", "mean"):
            other = _adjusted(spec, optimism_bias=bias.model_copy(update={"rule": rule}))
            changed = None if rule == bias.rule else other
            name = f"grades combined by {rule}"
            found.append(_Setting("optimism bias", name, every, changed, mark=percentages))
        found.append(_Setting("optimism bias", "none", every, _adjusted(spec, optimism_bias=None)))
    shrunk = frozenset(o.name for o in spec.options if any(use.transfer is not None for use in o.effects))
    if shrunk:
        plain = _with_options(
            spec,
            lambda o: {"effects": tuple(use.model_copy(update={"transfer": None}) for use in o.effects)},
        )
        found.append(_Setting("evidence transfer", "effects shrunk as stated", shrunk))
        found.append(_Setting("evidence transfer", "effects as published", shrunk, plain, moves_people=True))
    for part, words in (("sector_indices", "sector index"), ("area_factors", "area factor")):
        rules, switch = getattr(spec, part), part.replace("_", " ")
        if rules:
            many = f"{len(rules)} {words if len(rules) == 1 else switch}"
            found.append(_Setting(switch, many, every))
            found.append(_Setting(switch, "none", every, spec.model_copy(update={part: ()})))

    def valued(outcome: OutcomeSpec) -> bool:
        return is_wellbeing(unit_of(outcome.unit_cost, model.parameters))

    happier = frozenset(o.name for o in spec.options if any(valued(outcome) for outcome in o.outcomes))
    if happier:
        without = _with_options(
            spec, lambda o: {"outcomes": tuple(outcome for outcome in o.outcomes if not valued(outcome))}
        )
        found.append(_Setting("wellbeing", "counted as social value", happier))
        found.append(_Setting("wellbeing", "none", happier, without))
    local = model.parameters.overrides
    if local:
        found.append(_Setting("local figures", f"{len(local)} in place of published ones", every))
        without = spec.model_copy(update={"overrides": {}, "override_files": ()})
        moved = any(not o.key.startswith(("unit_cost.", "activity.")) for o in local)
        published = model.case.published_parameters
        found.append(_Setting("local figures", "published ones", every, without, published, moved))
    return found


def _with_options(spec: CaseSpec, changes: Callable[[OptionSpec], dict[str, Any]]) -> CaseSpec:
    options = tuple(option.model_copy(update=changes(option)) for option in spec.options)
    return spec.model_copy(update={"options": options})


def _adjusted(spec: CaseSpec, **changes: Any) -> CaseSpec:
    adjustments = spec.adjustments or AdjustmentsSpec()
    return spec.model_copy(update={"adjustments": adjustments.model_copy(update=changes)})


def _answers(appraisal: "Appraisal", setting: _Setting) -> dict[str, _Answer]:
    """Return the answer of every option under a setting that is not in use, on the same draws."""
    spec = setting.spec or appraisal.case.spec
    model = prepare(replace(appraisal.case, spec=spec), setting.parameters or appraisal.model.parameters)
    drawn = model.draw(appraisal.draws, appraisal.seed)
    activity = model.simulate(drawn) if setting.moves_people else appraisal.activity
    ledger = model.price(activity, drawn)
    cash = model.cash(ledger, activity, drawn)
    return {option: _answer(ledger, cash, appraisal.factors, option) for option in appraisal.options}

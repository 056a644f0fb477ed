"""The switchboard: what each discount vintage and each adjustment does to the answer."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from communitybudget.appraisal import discount_factors
from communitybudget.case.measures import present_values, weighted_flow
from communitybudget.case.model import Model, prepare
from communitybudget.case.money import AdjustmentsSpec, is_wellbeing, unit_of
from communitybudget.case.spec import CaseSpec
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
    "mark",
)

_Answer = tuple[float, float, float, float, float, float]


def switchboard_frame(result: "Appraisal", option: str) -> "pd.DataFrame":
    """Return the answer of one option under each setting, all else as appraised.

    Parameters
    ----------
    result : Appraisal
        As appraised.
    option : str
        Whose answer.

    Returns
    -------
    pandas.DataFrame
        ``switch, setting, in_use, npv_fiscal, npv_p10, npv_p90, change, bcr_fiscal, npv_cash,
        npv_public_value, mark``. Same draws throughout: what changes is the setting. A schedule for
        health effects is shown for comparison and is not for cash.
    """
    import pandas as pd

    model, ledger, cash = result.model, result.ledger, result.cash
    base = _answer(ledger, cash, result.factors, option)
    rows: list[tuple[object, ...]] = []

    def add(switch: str, setting: str, in_use: bool, answer: _Answer, mark: str) -> None:
        npv, low, high, ratio, npv_cash, public = answer
        rows.append((switch, setting, in_use, npv, low, high, npv - base[0], ratio, npv_cash, public, mark))

    own = model.parameters.folder
    folder = own if own is not None and (own / TABLE).is_file() else None
    years = len(result.years)
    if isinstance(result.schedule, float):
        add("discounting", f"{result.schedule:.2%} a year", True, base, "local")
    for name, schedule in discount_schedules(folder).items():
        factors = discount_factors(years, schedule=schedule)
        setting = f"{name} ({schedule.rate(0):.1%}; {schedule.applies_to})"
        answer = _answer(ledger, cash, factors, option)
        add("discounting", setting, name == result.schedule, answer, schedule.mark_to(years - 1))
    add("discounting", "none", False, _answer(ledger, cash, np.ones(years), option), "–")
    for switch, setting, in_use, spec in _other_settings(model, option):
        if in_use:
            add(switch, setting, True, base, "local")
        else:
            add(switch, setting, False, _run_again(result, spec, model.parameters, option), "local")
    if model.parameters.overrides:
        spec = model.case.spec.model_copy(update={"overrides": {}, "override_files": ()})
        add(
            "local figures",
            f"{len(model.parameters.overrides)} in place of published ones",
            True,
            base,
            "local",
        )
        published = model.case.published_parameters
        add("local figures", "published ones", False, _run_again(result, spec, published, option), "local")
    weight = model.case.spec.distributional_weight
    if weight is not None:
        weighted = present_values(weighted_flow(ledger, option, weight), result.factors).mean()
        setting = f"public value with {weight:.2f} on what families gain and lose"
        add("distributional weights", "none", True, base, "–")
        add("distributional weights", setting, False, (*base[:5], float(weighted)), "local")
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
    npv_cash = present(cash.rung("bankable", option)) - delivery + funding
    public = present(ledger.public_value(option))
    return (
        float(npv.mean()),
        float(low),
        float(high),
        ratio,
        float(npv_cash.mean()),
        float(public.mean()),
    )


def _other_settings(model: Model, option: str) -> list[tuple[str, str, bool, CaseSpec]]:
    """Return the adjustments of a case, as they are and switched: name, setting, in use, the case."""
    spec = model.case.spec
    found: list[tuple[str, str, bool, CaseSpec]] = []
    bias = None if spec.adjustments is None else spec.adjustments.optimism_bias
    if bias is not None:
        for rule in ("worst", "compound", "mean"):
            other = bias.model_copy(update={"rule": rule})
            changed = _adjusted(spec, optimism_bias=other)
            found.append(("optimism bias", f"grades combined by {rule}", rule == bias.rule, changed))
        found.append(("optimism bias", "none", False, _adjusted(spec, optimism_bias=None)))
    chosen = next(o for o in spec.options if o.name == option)
    if any(use.transfer is not None for use in chosen.effects):
        plain = tuple(use.model_copy(update={"transfer": None}) for use in chosen.effects)
        options = tuple(
            o.model_copy(update={"effects": plain}) if o.name == option else o for o in spec.options
        )
        found.append(("evidence transfer", "effects shrunk as stated", True, spec))
        found.append(
            ("evidence transfer", "effects as published", False, spec.model_copy(update={"options": options}))
        )
    for part, words in (("sector_indices", "sector index"), ("area_factors", "area factor")):
        rules = getattr(spec, part)
        if rules:
            many = f"{len(rules)} {words if len(rules) == 1 else part.replace('_', ' ')}"
            found.append((part.replace("_", " "), many, True, spec))
            found.append((part.replace("_", " "), "none", False, spec.model_copy(update={part: ()})))
    valued = [o for o in chosen.outcomes if is_wellbeing(unit_of(o.unit_cost, model.parameters))]
    if valued:
        others = tuple(o for o in chosen.outcomes if o not in valued)
        options = tuple(
            o.model_copy(update={"outcomes": others}) if o.name == option else o for o in spec.options
        )
        found.append(("wellbeing", "counted as social value", True, spec))
        found.append(("wellbeing", "none", False, spec.model_copy(update={"options": options})))
    return found


def _adjusted(spec: CaseSpec, **changes: Any) -> CaseSpec:
    adjustments = spec.adjustments or AdjustmentsSpec()
    return spec.model_copy(update={"adjustments": adjustments.model_copy(update=changes)})


def _run_again(result: "Appraisal", spec: CaseSpec, parameters: ParameterSet, option: str) -> _Answer:
    model = prepare(replace(result.case, spec=spec), parameters)
    drawn = model.draw(result.draws, result.seed)
    activity = model.simulate(drawn)
    ledger = model.price(activity, drawn)
    return _answer(ledger, model.cash(ledger, activity, drawn), result.factors, option)

"""First answers on uncertainty: switching values, break-even in people, who holds the variance."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from communitybudget._core.vocabulary import ALL_AGENCIES, agency_label
from communitybudget.appraisal import discount_factors, switching_value
from communitybudget.case.measures import present_values
from communitybudget.case.model import Model
from communitybudget.ledger import Ledger
from communitybudget.pathways import Pathway
from communitybudget.sampling import Draws
from communitybudget.simulation import Activity, Count

_PRICES = ("unit_cost.", "activity.", "case.delivery.")

SWITCHING_COLUMNS: tuple[str, ...] = (
    "key",
    "label",
    "unit",
    "value",
    "low",
    "high",
    "switching_value",
    "change",
    "mark",
    "note",
)
BREAK_EVEN_COLUMNS: tuple[str, ...] = (
    "option",
    "agency",
    "pathway",
    "outcome",
    "cost_per_year",
    "years_needed",
    "share_of_business_as_usual",
    "people_needed",
    "years_expected",
    "people_expected",
)


def only_option(model: Model, option: str) -> Model:
    """Return the model with one option, so that what the others need is not run."""
    spec = model.case.spec
    chosen = tuple(o for o in spec.options if o.name == option)
    return replace(
        model,
        case=replace(model.case, spec=spec.model_copy(update={"options": chosen})),
        effects={option: model.effects[option]},
        payments=tuple(p for p in model.payments if p.option == option),
    )


def switching_frame(
    model: Model, option: str, groups: Sequence[tuple[str, str, Sequence[str]]], draws: int, seed: int
) -> pd.DataFrame:
    """Return the value of each input at which the expected fiscal NPV is nil.

    Parameters
    ----------
    model : Model
        Ready to run.
    option : str
        Which option's NPV.
    groups : sequence of (key, label, ids)
        Inputs; the ids of one group are held at the same multiple of their central values.
    draws, seed : int
        All other inputs stay uncertain, over these draws.

    Returns
    -------
    pandas.DataFrame
        ``key, label, unit, value, low, high, switching_value, change, mark, note``.
    """
    one = only_option(model, option)
    drawn = one.draw(draws, seed)
    factors = discount_factors(len(one.years), schedule=one.case.spec.discounting)
    as_drawn = one.simulate(drawn)

    def expected(ids: Sequence[str], multiple: float) -> float:
        held: Draws = drawn
        for key in ids:
            held = held.with_fixed(key, one.inputs.used[key].value * multiple)
        # a price or a quantity changes no activity: only the pricing is done again
        priced_only = all(key.startswith(_PRICES) for key in ids)
        ledger = one.price(as_drawn if priced_only else one.simulate(held), held)
        return float(present_values(ledger.net(option), factors).mean())

    rows = []
    for key, label, ids in groups:
        parameter = one.inputs.used[key]
        top = 1 / parameter.value if parameter.unit == "share" else 20.0
        low, middle, high = (expected(ids, m) for m in (0.5, 1.0, 1.5))
        slope = high - low
        straight = abs(high - 2 * middle + low) <= 1e-9 * max(abs(high), abs(low), abs(slope), 1.0)
        if slope == 0:
            multiple = np.nan
        elif straight:
            multiple = 1.0 - middle / slope
            multiple = multiple if 0 <= multiple <= top else np.nan
        else:
            multiple = switching_value(lambda m, ids=ids: expected(ids, m), 0.05, min(top, 6.0))  # type: ignore[misc]
        note = "" if np.isfinite(multiple) else "no value in reach brings the expected NPV to nil"
        rows.append(
            (
                key,
                label,
                parameter.unit,
                parameter.value,
                parameter.low,
                parameter.high,
                parameter.value * multiple,
                multiple - 1,
                parameter.mark,
                note,
            )
        )
    return pd.DataFrame(rows, columns=list(SWITCHING_COLUMNS))


def break_even_frame(model: Model, activity: Activity, ledger: Ledger, drawn: Draws) -> pd.DataFrame:
    """Return how much of an outcome pays for each option, by the agency that would save.

    What one year in the state costs an agency is taken from the activity that the state uses each
    month, at mean prices; what the option costs is its whole delivery, undiscounted.

    Returns
    -------
    pandas.DataFrame
        ``option, agency, pathway, outcome, cost_per_year, years_needed, share_of_business_as_usual,
        people_needed, years_expected, people_expected``. People are years needed over the years each
        person kept out of the state spares, as the option itself has it.
    """
    rows = []
    for pathway in model.pathways:
        form = pathway.break_even
        if not form:
            continue
        by_agency = _cost_per_year(model, pathway, form["state"], drawn)
        every = {ALL_AGENCIES: sum(by_agency.values()), **by_agency}
        bau = float(activity.total(form["years"], "bau").sum(axis=0).mean())
        for option in ledger.options:
            cost = float(ledger.flow(option, "delivery").sum(axis=0).mean())
            avoided = float(activity.avoided(form["years"], option).sum(axis=0).mean())
            entries, per_person = np.nan, 1.0
            if form.get("entries"):
                entries = float(activity.avoided(form["entries"], option).sum(axis=0).mean())
                per_person = avoided / entries if entries > 0 and avoided > 0 else np.nan
            for agency, price in every.items():
                needed = cost / price if price > 0 else np.nan
                rows.append(
                    (
                        option,
                        agency_label(agency),
                        pathway.label,
                        form["label"],
                        price,
                        needed,
                        needed / bau if bau > 0 else np.nan,
                        needed / per_person,
                        avoided,
                        entries if form.get("entries") else avoided,
                    )
                )
    return pd.DataFrame(rows, columns=list(BREAK_EVEN_COLUMNS))


def _cost_per_year(model: Model, pathway: Pathway, state: str, drawn: Draws) -> dict[str, float]:
    """Return what a year in a state costs each agency, fiscal, mean over the draws."""
    sums: dict[str, float] = {}
    for item in model.priced:
        wanted = Count(pathway.name, "months", state)
        if item.count != wanted or item.price.value_type != "fiscal":
            continue
        amount = np.mean(drawn[item.quantity] * (drawn[item.price.parameter] * item.price.factor))
        for share in item.price.shares:
            sums[share.agency] = sums.get(share.agency, 0.0) + 12 * float(amount) * share.share
    return {agency: value for agency, value in sums.items() if value > 0}

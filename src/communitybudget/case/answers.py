"""First answers on uncertainty: switching values, break-even in people, who holds the variance."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from communitybudget._core.vocabulary import ALL_AGENCIES, agency_label
from communitybudget.case.holding import hold_inputs
from communitybudget.case.model import Model
from communitybudget.ledger import Ledger
from communitybudget.pathways import Pathway
from communitybudget.sampling import Draws
from communitybudget.simulation import Activity, Count

_MULTIPLES = (0.05, 0.2, 0.5, 0.8, 1.0, 1.25, 2.0, 4.0)
_FARTHEST = 20.0
_NOTHING = 1e-9

Array = NDArray[np.float64]

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
    "chance",
)


def switching_frame(
    model: Model,
    option: str,
    groups: Sequence[tuple[str, str, Sequence[str]]],
    factors: Array,
    expected_npv: float,
    draws: int,
    seed: int,
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
    factors : ndarray, shape (year,)
        Discount factors.
    expected_npv : float
        Mean over all draws of the appraisal.
    draws, seed : int
        All other inputs stay uncertain, over these draws.

    Returns
    -------
    pandas.DataFrame
        ``key, label, unit, value, low, high, switching_value, change, mark, note``.
    """
    held = hold_inputs(model, option, factors, draws, seed)
    # these draws are a part of those of the appraisal: its mean is the surer one
    shift = expected_npv - float(held.npv.mean())

    def expected(ids: Sequence[str], multiples: Array) -> Array:
        return np.array([npv.mean() for npv in held.at_multiples(ids, multiples)]) + shift

    rows = []
    for key, label, ids in groups:
        parameter = model.inputs.used[key]
        top = 1 / parameter.value if parameter.unit == "share" else _FARTHEST
        multiple = _crossing(lambda m, ids=ids: expected(ids, m), top)  # type: ignore[misc]
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


def _crossing(outcome: Callable[[Array], Array], top: float) -> float:
    """Return the multiple nearest to 1 at which an outcome is nil; NaN if there is none up to ``top``.

    Several multiples are tried at once, then the step with the crossing is cut again. A straight
    outcome is solved as a line, beyond the multiples tried as well.
    """
    tried = np.array([m for m in _MULTIPLES if m < top] + ([top] if top < _MULTIPLES[-1] else []))
    values = outcome(tried)
    slope, level = np.polyfit(tried, values, 1)
    scale = max(float(np.abs(values).max()), 1.0)
    if np.abs(values - (level + slope * tried)).max() <= 1e-9 * scale:
        root = -level / slope if abs(slope) > 1e-9 * scale else np.nan
        return float(root) if _NOTHING < root <= top else float("nan")
    for _ in range(3):
        steps = np.flatnonzero(np.sign(values[:-1]) != np.sign(values[1:]))
        if steps.size == 0:
            return float("nan")
        middles = np.abs(np.log(np.maximum(tried[steps], 1e-9) * tried[steps + 1])) / 2
        step = int(steps[np.argmin(middles)])
        tried = np.linspace(tried[step], tried[step + 1], len(_MULTIPLES))
        values = outcome(tried)
    steps = np.flatnonzero(np.sign(values[:-1]) != np.sign(values[1:]))
    if steps.size == 0:
        return float("nan")
    step = int(steps[0])
    share = values[step] / (values[step] - values[step + 1])
    return float(tried[step] + share * (tried[step + 1] - tried[step]))


def break_even_frame(model: Model, activity: Activity, ledger: Ledger, drawn: Draws) -> pd.DataFrame:
    """Return how much of an outcome pays for each option, by the agency that would save.

    What one year in the state costs an agency is taken from the activity that the state uses each
    month, at mean prices; what the option costs is its whole delivery, undiscounted.

    Returns
    -------
    pandas.DataFrame
        ``option, agency, pathway, outcome, cost_per_year, years_needed, share_of_business_as_usual,
        people_needed, years_expected, people_expected, chance`` (that this outcome alone saves the agency
        what the option costs, over the draws and chance). People are years needed over the years each
        person kept out of the state spares, as the option itself has it.
    """
    rows = []
    for pathway in model.pathways:
        form = pathway.break_even
        if not form:
            continue
        by_agency = _cost_per_year(model, pathway, form["state"], drawn)
        every = {ALL_AGENCIES: sum(by_agency.values()), **by_agency}
        years = f"{pathway.name}.{form['years']}"
        bau = float(activity.total(years, "bau").sum(axis=0).mean())
        for option in ledger.options:
            costs = ledger.flow(option, "delivery").sum(axis=0)
            cost = float(costs.mean())
            avoided = float(activity.avoided(years, option).sum(axis=0).mean())
            spared = activity.avoided_as_it_turns_out(years, option)
            entries, per_person = np.nan, 1.0
            if form.get("entries"):
                entered = f"{pathway.name}.{form['entries']}"
                entries = float(activity.avoided(entered, option).sum(axis=0).mean())
                per_person = avoided / entries if entries > 0 and avoided > 0 else np.nan
            for agency, price in every.items():
                needed = cost / price if price > 0 and cost > 0 else np.nan
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
                        float((spared * price >= costs).mean()) if cost > 0 else np.nan,
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

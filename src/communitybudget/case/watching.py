"""Whether a year's costs avoided are still likely, as counts come in month by month."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.digits import pounds
from communitybudget._core.errors import ParameterNotFound, did_you_mean
from communitybudget._core.vocabulary import ALL_AGENCIES, agency_label
from communitybudget.case.actuals_checks import is_time, reported
from communitybudget.case.appraisal import Appraisal
from communitybudget.case.forecasting import drawn_again, refuse_later_joining, with_actual
from communitybudget.learning import EarlyWarning, early_warning, highest_count


def watch(
    appraisal: Appraisal,
    outcome: str,
    actual: Sequence[int],
    families: int,
    target: float,
    *,
    year: str | None = None,
    option: str | None = None,
    agency: str = ALL_AGENCIES,
    per_event: float | None = None,
    threshold: float = 0.2,
) -> EarlyWarning:
    """Compare counts of events with what the case expects of the families who have joined, month by month.

    Parameters
    ----------
    appraisal : Appraisal
        All its families join at the start.
    outcome : str
        A reported count of events with its pathway, such as ``child_safety.entries_to_care``.
    actual : sequence of int, shape (month seen,)
        Events in each month of the year so far; may be empty.
    families : int
        Families who have joined.
    target : float
        The saving line: fiscal costs avoided of these families in the year, GBP at the prices of the case.
    year : str, optional
        Financial year; the first unless one is named.
    option : str, optional
        The first unless one is named.
    agency : str
        Whose costs avoided; all of them unless one is named.
    per_event : float, optional
        What one event costs in the year with all that follows from it, GBP, such as an entry to care with
        its weeks. If omitted, what the case prices the event itself at, without what follows.
    threshold : float
        Warn where the probability of meeting the line is below this.

    Returns
    -------
    EarlyWarning
        Events are spread evenly over the months of the year. One event more or fewer moves the costs avoided
        by ``per_event``; all else stays as expected in each draw.

    Raises
    ------
    CommunityBudgetError
        If families join in several years, or the draws cannot be made again.
    ParameterNotFound
        If there is no such outcome, year or option.
    ValueError
        If the outcome is time and no number of events, carries no cost, or families, months or target do
        not fit.

    Examples
    --------
    See ``docs/how-to/update-with-actuals.md``.
    """
    refuse_later_joining(appraisal)
    chosen, activity = option or appraisal.options[0], appraisal.activity
    label = appraisal.ledger.label(chosen)  # names the options where there is no such one
    ids = [count.id for count in activity.reported]
    if outcome not in ids:
        raise ParameterNotFound(f"no count '{outcome}' is reported; {did_you_mean(outcome, ids)}")
    count = reported(activity, outcome)
    if is_time(activity, count):
        raise ValueError(f"{outcome} is time ({count.unit}) and no number of events; watch entries or moves")
    y = _year(appraisal, year)
    if not 1 <= families <= appraisal.families or families != int(families):
        raise ValueError(
            f"{families} families have joined and {appraisal.families:g} are enrolled in the case; "
            f"give a whole number from 1 to {appraisal.families:g}"
        )
    share = families / appraisal.families
    in_year = activity.total(outcome, chosen)[y] * share
    avoided = appraisal.ledger.flow(chosen, "costs_avoided", agency)[y]
    if per_event is None:
        each = avoided - _avoided_with_one_more(appraisal, outcome, chosen, agency, y)
    else:
        each = np.full(appraisal.draws, per_event)
    if not np.isfinite(target):
        raise ValueError(f"target is {target}; give the costs avoided that are planned, GBP")
    if len(actual) > 12:
        raise ValueError(f"actual has {len(actual)} months; give at most the 12 of {appraisal.years[y]}")
    limit = highest_count(target, avoided * share, in_year, each)
    return early_warning(
        np.repeat(in_year[:, None] / 12, 12, axis=1),
        actual,
        limit,
        met="at_most" if each[0] > 0 else "at_least",
        threshold=threshold,
        label=count.label.lower(),
        line=(
            f"Costs avoided of {pounds(target)} or more in {appraisal.years[y]} ({label}, "
            f"{agency_label(agency)}, {appraisal.price_base} prices)"
        ),
    )


def _avoided_with_one_more(
    appraisal: Appraisal, outcome: str, option: str, agency: str, year: int
) -> NDArray[np.float64]:
    """Return the costs avoided of a year, had one more event come, shape (draw,)."""
    nothing, months = np.zeros((len(appraisal.years), appraisal.draws)), np.zeros(len(appraisal.years))
    months[year] = 12
    count = reported(appraisal.activity, outcome)
    activity = with_actual(appraisal.activity, count, option, nothing, 1.0, months)
    ledger = appraisal.model.price(activity, drawn_again(appraisal))
    return np.asarray(ledger.flow(option, "costs_avoided", agency)[year])


def _year(appraisal: Appraisal, year: str | None) -> int:
    if year is None:
        return 0
    if year not in appraisal.years:
        raise ParameterNotFound(f"{year} is not in the horizon; {did_you_mean(year, appraisal.years)}")
    return appraisal.years.index(year)

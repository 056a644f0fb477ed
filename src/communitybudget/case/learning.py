"""A case that learns from actuals: draws weighed by what was seen of the first families."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from communitybudget._core.vocabulary import ALL_AGENCIES, BAU
from communitybudget.case.actuals import Actuals
from communitybudget.case.actuals_checks import check_actuals, enrolled
from communitybudget.case.appraisal import Appraisal
from communitybudget.case.forecasting import FigureForecast, happened, refuse_later_joining
from communitybudget.case.learnt import GROSS, HAPPENED, TEACHES, Learning, LearntInput, LearntRow
from communitybudget.learning import (
    Weights,
    equal_weights,
    normal_log_likelihood,
    poisson_log_likelihood,
    reweigh,
)


def learn(
    appraisal: Appraisal,
    actuals: Actuals | Sequence[Actuals],
    option: str | None = None,
    *,
    after: Learning | None = None,
    extra_cv: float = 0.0,
) -> Learning:
    """Update an appraisal with what was seen of the first families.

    Each draw of rates and effects is weighed by how likely it makes what was seen, through the model's own
    expected counts. What was seen stands in the place of what was expected of those families and months;
    only the rest is forecast. An event is priced as an event: what follows from it, such as weeks in care,
    enters when that time is seen, or through the rates.

    Parameters
    ----------
    appraisal : Appraisal
        All its families join at the start.
    actuals : Actuals or sequence of Actuals
        New batches, see `read_actuals`.
    option : str, optional
        Which option the families were offered; the first unless one is named.
    after : Learning, optional
        What was learnt before from this appraisal: its batches are learnt from again with the new ones, and
        none may come twice.
    extra_cv : float
        How much more rates vary between cohorts and months than the draws know of, as a coefficient of
        variation of each count; 0 for none.

    Returns
    -------
    Learning
        The same for any order of batches and rows.

    Raises
    ------
    ActualsError
        With every fault: what does not fit the case, and whatever would count a family or figure twice.
    CommunityBudgetError
        If families join in several years, or the draws cannot be made again.
    ValueError
        If there are no actuals, or what was seen could have happened in no draw.

    Examples
    --------
    See ``docs/how-to/update-with-actuals.md``.
    """
    chosen = option or (after.option if after else appraisal.options[0])
    appraisal.ledger.label(chosen)  # names the options where there is no such one
    refuse_later_joining(appraisal)
    given = (actuals,) if isinstance(actuals, Actuals) else tuple(actuals)
    batches = tuple(sorted((*(after.batches if after else ()), *given), key=lambda batch: batch.name))
    if not any(batch.rows for batch in batches):
        raise ValueError("there are no actuals to learn from; hand in at least one figure")
    check_actuals(appraisal, chosen, batches)
    seen = sum(enrolled(batches).values())
    placed = sorted(
        ((batch.name, row) for batch in batches for row in batch.rows),
        key=lambda item: (item[0], repr(replace(item[1], line=0))),
    )
    forecasts = [FigureForecast.of(appraisal, row) for _, row in placed]
    weights = _weights(forecasts, appraisal.draws, extra_cv)
    agencies = (ALL_AGENCIES, *appraisal.ledger.agencies)
    expected = np.array([appraisal.npv(chosen, agency) for agency in agencies])
    with_chance = np.array([appraisal.npv(chosen, agency, chance=True) for agency in agencies])
    to_come = appraisal.families - seen
    return Learning(
        title=appraisal.title,
        option=chosen,
        option_label=appraisal.ledger.label(chosen),
        families=appraisal.families,
        seen=seen,
        batches=batches,
        rows=tuple(
            _learnt(batch, forecast, to_come, weights, extra_cv)
            for (batch, _), forecast in zip(placed, forecasts, strict=True)
        ),
        inputs=_learnt_inputs(appraisal, weights),
        agencies=agencies,
        expected=expected,
        happened=happened(appraisal, chosen, forecasts, agencies),
        by_chance=with_chance - expected,
        weights=weights,
        extra_cv=extra_cv,
        price_base=appraisal.price_base,
        seed=appraisal.seed,
        set_version=appraisal.set_version,
    )


def _learnt(
    batch: str, forecast: FigureForecast, to_come: float, weights: Weights, extra_cv: float
) -> LearntRow:
    """Return the row of the table: expected, seen, and expected now."""
    row, even = forecast.row, equal_weights(weights.draws)
    own = forecast.mixture(1.0, extra_cv)
    following = (np.nan, np.nan, np.nan)
    if row.option != BAU and to_come:
        coming = forecast.mixture(to_come / row.families, extra_cv)
        ends = [coming.quantile(q, weights) for q in (0.1, 0.9)]
        following = (float(weights.mean(coming.mean)), ends[0], ends[1])
    return LearntRow(
        batch,
        row.cohort,
        row.option,
        row.outcome,
        row.agency,
        forecast.unit,
        forecast.first,
        forecast.last,
        row.families,
        float(forecast.total.mean()),
        own.quantile(0.1, even),
        own.quantile(0.9, even),
        forecast.actual,
        float(weights.mean(forecast.total)),
        *following,
        forecast.surprise(extra_cv),
        GROSS if row.gross else TEACHES if forecast.teaches else HAPPENED,
    )


def _weights(forecasts: Sequence[FigureForecast], draws: int, extra_cv: float) -> Weights:
    """Return the weights of the draws; figures that teach nothing are left out."""
    events = [f for f in forecasts if f.is_events]
    amounts = [f for f in forecasts if f.teaches and not f.is_events]
    if not events and not amounts:
        return equal_weights(draws)
    logs = np.zeros(draws)
    if events:
        logs += poisson_log_likelihood(
            [f.actual for f in events], np.column_stack([f.total for f in events]), extra_cv=extra_cv
        )
    if amounts:
        logs += normal_log_likelihood(
            [f.actual for f in amounts],
            np.column_stack([f.total for f in amounts]),
            [f.sd for f in amounts],
        )
    return reweigh(logs)


def _learnt_inputs(appraisal: Appraisal, weights: Weights) -> tuple[LearntInput, ...]:
    return tuple(
        LearntInput(
            column.key,
            column.label,
            float(values.mean()),
            float(values.std()),
            float(weights.mean(values)),
            float(weights.sd(values)),
        )
        for column, values in zip(appraisal.inputs, appraisal.input_values, strict=True)
    )

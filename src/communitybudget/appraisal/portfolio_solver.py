"""The best portfolio of a model, by HiGHS, with its confidence checked over all the draws."""

from collections.abc import Mapping, Sequence

import numpy as np

from communitybudget._core.digits import as_stated
from communitybudget.appraisal.portfolio_model import (
    MOST_LOOKED_AT,
    MOST_SCENARIOS,
    SAME,
    SCALE,
    IntArray,
    PortfolioModel,
    Row,
    first_that_is_confident,
)
from communitybudget.appraisal.programmes import FloatArray

_OPTIMAL, _INFEASIBLE = 0, 2
_NONE: IntArray = np.arange(0)


def best_of(
    model: PortfolioModel,
    amounts: FloatArray,
    conditions: Sequence[Row] = (),
    extra: Mapping[int, float] | None = None,
) -> FloatArray | None:
    """Return the portfolio for which amounts come to most, among all that keep to the rules.

    Parameters
    ----------
    model : PortfolioModel
        Variables and rules.
    amounts : ndarray, shape (variable,)
        To be made as large as can be.
    conditions : sequence of Row, optional
        Besides the rules of the problem.
    extra : mapping of int to float, optional
        What may be spent beyond the limit, GBP, by place of the line.

    Returns
    -------
    ndarray, shape (variable,), or None
        None where nothing keeps to the rules.

    Raises
    ------
    ValueError
        If the confidence cannot be settled over so many draws.
    """
    low, high = model.bounds(extra)
    rows = [*model.rules, *conditions]
    bought, well = model.places["bought"], model.places["well"]
    found = _whole_solution(model, amounts, rows, low, high, bought)
    if found is None or model.confident(found):
        return found
    if model.looks_at_all:
        return first_that_is_confident(model, amounts, rows, low, high)
    if not well.size:
        draws = model.problem.draws
        raise ValueError(
            f"a confidence of {as_stated(model.confidence)} over {draws:,} draws cannot be settled for more "
            f"than {MOST_LOOKED_AT} programmes or divisible ones; give at most {MOST_SCENARIOS} draws, such "
            f"as every {-(-draws // MOST_SCENARIOS)}th"
        )
    rows += _rules_of_confidence(model, low, high)
    return _whole_solution(model, amounts, rows, low, high, np.concatenate([bought, well]))


def _whole_solution(
    model: PortfolioModel,
    amounts: FloatArray,
    rows: Sequence[Row],
    low: FloatArray,
    high: FloatArray,
    whole: IntArray,
) -> FloatArray | None:
    """Return the solution in which some variables are whole and settle all the others.

    HiGHS takes a millionth for nil. So the others are found anew with those variables exactly whole; what
    was a solution by that millionth alone is excluded.
    """
    excluded: list[Row] = []
    while True:
        rough = _solution(amounts, [*rows, *excluded], low, high, whole)
        if rough is None:
            return None
        settled_low, settled_high = low.copy(), high.copy()
        settled_low[whole] = settled_high[whole] = np.round(rough[whole])
        found = _solution(amounts, rows, settled_low, settled_high)
        if found is not None:
            near = np.round(found)
            return np.where(np.abs(found - near) < SAME, near, found)
        excluded.append(model.without(rough, whole))


def _solution(
    amounts: FloatArray, rows: Sequence[Row], low: FloatArray, high: FloatArray, whole: IntArray = _NONE
) -> FloatArray | None:
    """Return the variables for which amounts come to most; None where nothing keeps to the rows."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    matrix, least, most = (np.array(part) for part in zip(*rows, strict=True))
    kinds = np.zeros(len(amounts))
    kinds[whole] = 1
    answer = milp(
        -amounts * (SCALE / (float(np.abs(amounts).sum()) or 1.0)),
        integrality=kinds,
        bounds=Bounds(low, high),
        constraints=LinearConstraint(matrix, least, most),
        options={"mip_rel_gap": 0.0},
    )
    if answer.status not in (_OPTIMAL, _INFEASIBLE):
        raise RuntimeError(f"HiGHS did not solve the portfolio: {answer.message}")
    return None if answer.x is None else np.asarray(answer.x)


def _rules_of_confidence(model: PortfolioModel, low: FloatArray, high: FloatArray) -> list[Row]:
    """Return that the portfolio does well in the draws that say so, and that enough of them do."""
    if model.problem.confident_of == "net_benefit":
        rows = _rules_by_draw(model, -model.net, 0.0, low, high)
    else:
        rows = [
            row
            for line, limit in enumerate(model.limits)
            if np.isfinite(limit)
            for row in _rules_by_draw(model, model.cost[line], float(limit), low, high)
        ]
    enough = np.zeros(model.size)
    enough[model.places["well"]] = 1.0
    return [*rows, Row(enough, float(model.draws_wanted), np.inf)]


def _rules_by_draw(
    model: PortfolioModel, spent: FloatArray, limit: float, low: FloatArray, high: FloatArray
) -> list[Row]:
    """Return for each draw: where it counts, ``spent`` (draw, variable) is within the limit.

    Where it does not count, it may be as much as the rules allow to a mix of portfolios: the tightest bound
    that a linear programme gives.
    """
    rows = []
    for draw, place in enumerate(model.places["well"]):
        worst = _solution(spent[draw], model.rules, low, high)
        most = limit if worst is None else max(float(spent[draw] @ worst), limit)
        row = spent[draw].copy()
        row[place] = most - limit
        rows.append(model.spent_within(row, most))
    return rows

"""Optimism bias of a case: corrections by evidence grade, of benefits and of costs."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.errors import CaseFileError
from communitybudget.appraisal import combined_correction
from communitybudget.case.case import Case
from communitybudget.case.effects import UsedEffect
from communitybudget.case.inputs import Inputs
from communitybudget.case.money import OptimismBiasSpec
from communitybudget.case.spec import CaseSpec
from communitybudget.ledger import PricedItem
from communitybudget.parameters import ParameterSet

Array = NDArray[np.float64]

NOT_GRADED = "not_graded"
"""Stands in `grades` for figures of the set that carry no grade."""


def optimism_bias_of(spec: CaseSpec) -> OptimismBiasSpec | None:
    """Return the optimism bias of a case; None where it is off."""
    return None if spec.adjustments is None else spec.adjustments.optimism_bias


def corrections_by_grade(
    spec: CaseSpec, parameters: ParameterSet, side: str, inputs: Inputs
) -> dict[int, float]:
    """Return the correction of each evidence grade, used and shown; empty where it is off.

    Parameters
    ----------
    spec, parameters : CaseSpec, ParameterSet
        The set holds ``optimism_bias.<side>.grade_1`` to ``grade_6``.
    side : {'benefits', 'costs'}
        Which.
    inputs : Inputs
        Gathers the numbers.
    """
    bias = optimism_bias_of(spec)
    if bias is None or not (bias.benefits if side == "benefits" else bias.costs):
        return {}
    found = {}
    for grade in range(1, 7):
        row = parameters[f"optimism_bias.{side}.grade_{grade}"]
        inputs.add_known(row)
        found[grade] = row.value
    return found


def kept_shares(
    case: Case,
    parameters: ParameterSet,
    priced: Sequence[PricedItem],
    effects: Mapping[str, Sequence[UsedEffect]],
    by_grade: Mapping[int, float],
) -> Array | None:
    """Return the share of the costs avoided that optimism bias leaves, by item and option.

    Parameters
    ----------
    case, parameters : Case, ParameterSet
        The case says which grade each word stands for: RAG of unit costs, design of effects.
    priced : sequence of PricedItem
        Axis ``item``.
    effects : mapping of str to sequence of UsedEffect
        By option.
    by_grade : mapping of int to float
        Corrections of benefits; nothing where it is off.

    Returns
    -------
    ndarray, shape (item, option), or None
        1 less the combined correction of the unit cost and of the studies that act on its pathway:
        several effects of one study are as sure as that study, and count once.

    Raises
    ------
    CaseFileError
        With every word that no grade is given for.
    """
    spec = case.spec
    bias = optimism_bias_of(spec)
    if bias is None or not by_grade:
        return None
    missing: dict[str, str] = {}

    def correction(word: str, where: str) -> float:
        if word not in bias.grades:
            missing.setdefault(word, where)
            return 0.0
        return by_grade[bias.grades[word]]

    kept = np.ones((len(priced), len(spec.options)))
    for o, option in enumerate(spec.options):
        by_pathway: dict[str, dict[tuple[str, str], float]] = {}
        for used in effects[option.name]:
            studies = by_pathway.setdefault(used.effect.pathway, {})
            found = correction(used.effect.design, f"the effect '{used.row.label}'")
            studies[used.row.source, used.effect.design] = found
        for i, item in enumerate(priced):
            if item.count.pathway in by_pathway:
                row = parameters[item.price.parameter]
                own = correction(row.evidence_grade or NOT_GRADED, f"the price '{row.label}'")
                studies = by_pathway[item.count.pathway]
                kept[i, o] = 1 - combined_correction([own, *studies.values()], bias.rule)
    if missing:
        path = ("adjustments", "optimism_bias", "grades")
        remedy = "say which grade, 1 (best) to 6, each stands for"
        words = "; ".join(f"'{word}' ({where})" for word, where in missing.items())
        raise CaseFileError([case.fault(path, f"no grade is given for {words}", remedy)])
    return kept

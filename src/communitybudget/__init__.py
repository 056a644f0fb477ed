"""Cost-benefit modelling for multi-agency family programmes.

Which agency spends, which no longer spends, in which year, and how surely.

>>> import communitybudget as cb
>>> case = cb.load_case(cb.examples_folder() / "hounslow" / "case.yaml")
>>> cb.appraise(case, draws=100, seed=1).price_base
'2013-14'
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from communitybudget._core.errors import (
        AgreementError,
        CaseFileError,
        CommunityBudgetError,
        DoubleCounting,
        EffectError,
        OutputError,
        ParameterNotFound,
        PriceBaseMismatch,
        TransitionError,
    )
    from communitybudget.agreement import Positions, settle
    from communitybudget.appraisal import PilotClaim, roll_up, scale_up, scale_up_claim
    from communitybudget.case import (
        Appraisal,
        AppraisalSummary,
        Case,
        SetEffect,
        appraise,
        appraise_until,
        compare,
        effect_of_set,
        learn,
        load_case,
        load_roll_up,
        portfolio,
        read_actuals,
        summarise,
    )
    from communitybudget.cohorts import Families, read_families, synthetic_families
    from communitybudget.models import Conventions, ModelRun, StateModel
    from communitybudget.parameters import ParameterSet, examples_folder
    from communitybudget.pathways import Pathway, audit, load_pathway
    from communitybudget.reporting import report
    from communitybudget.simulation import published_checks

_ROOMS = {
    "communitybudget._core.errors": (
        "AgreementError",
        "CaseFileError",
        "CommunityBudgetError",
        "DoubleCounting",
        "EffectError",
        "OutputError",
        "ParameterNotFound",
        "PriceBaseMismatch",
        "TransitionError",
    ),
    "communitybudget.agreement": ("Positions", "settle"),
    "communitybudget.appraisal": ("PilotClaim", "roll_up", "scale_up", "scale_up_claim"),
    "communitybudget.case": (
        "Appraisal",
        "AppraisalSummary",
        "Case",
        "SetEffect",
        "appraise",
        "appraise_until",
        "compare",
        "effect_of_set",
        "learn",
        "load_case",
        "load_roll_up",
        "portfolio",
        "read_actuals",
        "summarise",
    ),
    "communitybudget.cohorts": ("Families", "read_families", "synthetic_families"),
    "communitybudget.models": ("Conventions", "ModelRun", "StateModel"),
    "communitybudget.parameters": ("ParameterSet", "examples_folder"),
    "communitybudget.pathways": ("Pathway", "audit", "load_pathway"),
    "communitybudget.reporting": ("report",),
    "communitybudget.simulation": ("published_checks",),
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names}

__version__ = "0.6.0"
__all__ = [
    "AgreementError",
    "Appraisal",
    "AppraisalSummary",
    "Case",
    "CaseFileError",
    "CommunityBudgetError",
    "Conventions",
    "DoubleCounting",
    "EffectError",
    "Families",
    "ModelRun",
    "OutputError",
    "ParameterNotFound",
    "ParameterSet",
    "Pathway",
    "PilotClaim",
    "Positions",
    "PriceBaseMismatch",
    "SetEffect",
    "StateModel",
    "TransitionError",
    "__version__",
    "appraise",
    "appraise_until",
    "audit",
    "compare",
    "effect_of_set",
    "examples_folder",
    "learn",
    "load_case",
    "load_pathway",
    "load_roll_up",
    "portfolio",
    "published_checks",
    "read_actuals",
    "read_families",
    "report",
    "roll_up",
    "scale_up",
    "scale_up_claim",
    "settle",
    "summarise",
    "synthetic_families",
]


def __getattr__(name: str) -> Any:
    """Load a public name from its room on first use, so that the import itself costs next to nothing."""
    if name in _ROOM_OF:
        return getattr(import_module(_ROOM_OF[name]), name)
    raise AttributeError(f"module 'communitybudget' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted(__all__)

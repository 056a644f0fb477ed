"""Pathways and effects: structure, with every number named by a parameter."""

from communitybudget.pathways.audit import Audit, audit
from communitybudget.pathways.declaration import (
    ActivityItem,
    AllowedOverlap,
    Declaration,
    Move,
    Outcome,
    Rate,
    Reported,
    SpellShare,
    StartShare,
    State,
    parse_move,
)
from communitybudget.pathways.effects import Effect, Timing, effect_from_row
from communitybudget.pathways.frames import ACTIVITY_COLUMNS, RATE_COLUMNS
from communitybudget.pathways.pathway import Pathway, load_pathway

__all__ = [
    "ACTIVITY_COLUMNS",
    "RATE_COLUMNS",
    "ActivityItem",
    "AllowedOverlap",
    "Audit",
    "Declaration",
    "Effect",
    "Move",
    "Outcome",
    "Pathway",
    "Rate",
    "Reported",
    "SpellShare",
    "StartShare",
    "State",
    "Timing",
    "audit",
    "effect_from_row",
    "load_pathway",
    "parse_move",
]

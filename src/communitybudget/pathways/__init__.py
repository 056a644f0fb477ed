"""Pathways and effects: structure, with every number named by a parameter."""

from communitybudget.pathways.effects import Effect, Timing, effect_from_row
from communitybudget.pathways.pathway import (
    ActivityItem,
    AllowedOverlap,
    Move,
    Outcome,
    Pathway,
    Rate,
    Reported,
    StartShare,
    State,
    load_pathway,
    parse_move,
)

__all__ = [
    "ActivityItem",
    "AllowedOverlap",
    "Effect",
    "Move",
    "Outcome",
    "Pathway",
    "Rate",
    "Reported",
    "StartShare",
    "State",
    "Timing",
    "effect_from_row",
    "load_pathway",
    "parse_move",
]

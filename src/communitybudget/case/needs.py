"""Unmet need: what an option saves by keeping people from help is told apart from what it avoids."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from communitybudget._core.vocabulary import BAU
from communitybudget.pathways import Move
from communitybudget.simulation import Activity, DrawnEffect, OptionEffects

_MET = " with needs met"


def needs_met(option: OptionEffects, unmet: Mapping[str, frozenset[Move]]) -> OptionEffects | None:
    """Return an option as it would be did it drive nobody from help; None if it does not.

    Parameters
    ----------
    option : OptionEffects
        As declared.
    unmet : mapping of str to frozenset of moves
        By pathway.
    """
    met = [_met(group.effects, unmet) for group in option.groups]
    if not any(changed for _, changed in met):
        return None
    groups = tuple(
        replace(group, effects=effects) for group, (effects, _) in zip(option.groups, met, strict=True)
    )
    return replace(option, name=option.name + _MET, groups=groups)


def _met(
    declared: Sequence[DrawnEffect], unmet: Mapping[str, frozenset[Move]]
) -> tuple[tuple[DrawnEffect, ...], bool]:
    """Return the effects of a group did they drive nobody from help, and whether that differs."""
    effects: list[DrawnEffect] = []
    changed = False
    for effect in declared:
        driven = tuple(move for move in effect.moves if move in unmet.get(effect.pathway, frozenset()))
        replaces = effect.monthly_rate is not None
        if not driven or not (replaces or (effect.log_hazard_ratio > 0).any()):
            effects.append(effect)
            continue
        changed = True
        kept = tuple(move for move in effect.moves if move not in driven)
        if kept:
            effects.append(replace(effect, key=f"{effect.key}|{kept}", moves=kept))
        # an effect that keeps people in help is credited: only what drives them from it is taken out
        less = np.minimum(effect.log_hazard_ratio, 0.0)
        key = f"{effect.key}|met {driven}"
        effects.append(replace(effect, key=key, moves=driven, log_hazard_ratio=less, lowers_only=replaces))
    return tuple(effects), changed


def parted(activity: Activity, met: Sequence[OptionEffects | None]) -> Activity:
    """Return the activity of the declared options, beside it that with needs met.

    Parameters
    ----------
    activity : Activity
        Of business as usual, the options, and after them the options with needs met.
    met : sequence of OptionEffects or None
        One for each option; None where it leaves no need unmet.
    """
    own = [i for i, name in enumerate(activity.options) if not name.endswith(_MET)]
    names = [activity.options[i] for i in own]
    amounts = activity.amounts[:, own]
    with_met = amounts.copy()
    others = [name for name in names if name != BAU]
    for name, option in zip(others, met, strict=True):
        if option is not None:
            with_met[:, names.index(name)] = activity.amounts[:, activity.options.index(option.name)]
    return replace(
        activity,
        options=tuple(names),
        amounts=np.ascontiguousarray(amounts),
        met=np.ascontiguousarray(with_met),
    )

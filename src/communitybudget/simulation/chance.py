"""Chance, drawn: which people these turn out to be, and what an option then changes in their lives.

A person lives alike with and without the option until the option first changes a move of theirs. Only
those whose lives part are followed one by one, from spell to spell; nobody else differs. Months and moves
are those of the kernel, so that the mean over chance is what the kernel gives.
"""

import numpy as np

from communitybudget.simulation.living import follow_lives
from communitybudget.simulation.parting import Worlds, part_lives
from communitybudget.simulation.tally import ChanceDifference, ChanceGroup, SpellKinds, Tally

__all__ = ["ChanceDifference", "ChanceGroup", "SpellKinds", "draw_difference"]


def draw_difference(group: ChanceGroup, random: np.random.Generator) -> ChanceDifference:
    """Draw which people these are, and return what the option changes for them.

    Parameters
    ----------
    group : ChanceGroup
        In one block of draws; L lanes.
    random : numpy.random.Generator
        Of that block, so that results do not depend on how draws are cut into blocks elsewhere.

    Returns
    -------
    ChanceDifference
    """
    worlds = Worlds(group)
    tally = Tally(group)
    lives = part_lives(group, worlds, tally, random)
    for world, sign in ((worlds.usual, 1.0), (worlds.option, -1.0)):
        follow_lives(group, world, tally, random, lives.of(world is worlds.usual), sign)
    return tally.difference(np.bincount(lives.lane, minlength=group.shares.shape[1]))

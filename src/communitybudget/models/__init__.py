"""State-transition models declared in Python, run on the kernel and priced per agency.

A `StateModel` has states, moves (`probability`, `rate`, `odds`, `time_to` and others), costs and effects
(`cost`, `effect`) and options (`Option`) that change moves (`hazard_ratio`, `relative_risk`, `odds_ratio`,
`replaced`). Numbers are constants, draws, or vary `by_cycle`, `by_duration`, `by_year` and `by_profile`.
`Conventions` say when people are counted and how amounts are discounted. `StateModel.run` gives a `ModelRun`,
and `ModelRun.chance` which people these turn out to be.
"""

from communitybudget.models.chance import ModelChance
from communitybudget.models.changes import Change, hazard_ratio, odds_ratio, relative_risk, replaced
from communitybudget.models.conventions import Conventions
from communitybudget.models.model import StateModel
from communitybudget.models.moves import (
    Chance,
    cumulative_incidence,
    from_counts,
    from_matrix,
    generator,
    odds,
    probability,
    rate,
    split,
    time_to,
)
from communitybudget.models.options import Option
from communitybudget.models.result import Incremental, ModelRun, RewardRow
from communitybudget.models.rewards import Reward, cost, effect
from communitybudget.models.size import ModelSize
from communitybudget.models.values import (
    Varying,
    by_cycle,
    by_cycle_and_duration,
    by_duration,
    by_profile,
    by_year,
)
from communitybudget.pathways import Timing
from communitybudget.simulation import REMAINDER, Sojourn

__all__ = [
    "REMAINDER",
    "Chance",
    "Change",
    "Conventions",
    "Incremental",
    "ModelChance",
    "ModelRun",
    "ModelSize",
    "Option",
    "Reward",
    "RewardRow",
    "Sojourn",
    "StateModel",
    "Timing",
    "Varying",
    "by_cycle",
    "by_cycle_and_duration",
    "by_duration",
    "by_profile",
    "by_year",
    "cost",
    "cumulative_incidence",
    "effect",
    "from_counts",
    "from_matrix",
    "generator",
    "hazard_ratio",
    "odds",
    "odds_ratio",
    "probability",
    "rate",
    "relative_risk",
    "replaced",
    "split",
    "time_to",
]

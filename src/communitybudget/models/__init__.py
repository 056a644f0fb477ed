"""State-transition models declared in Python, run on the kernel and priced per agency."""

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
from communitybudget.simulation import REMAINDER

__all__ = [
    "REMAINDER",
    "Chance",
    "Change",
    "Conventions",
    "Incremental",
    "ModelRun",
    "ModelSize",
    "Option",
    "Reward",
    "RewardRow",
    "StateModel",
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

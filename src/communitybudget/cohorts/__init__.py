"""Families: from a table or drawn; segments by need, composition, ages and intake."""

from communitybudget.cohorts.cohort import AGE_BANDS, AgeShares, Cohort, Joining, share_of_age, still_of_age
from communitybudget.cohorts.families import FAMILY_COLUMNS, FEWEST_SHOWN, NEEDS, Column, Families
from communitybudget.cohorts.needs import (
    NeedProbabilities,
    draw_needs,
    need_probabilities,
    solve_need_thresholds,
)
from communitybudget.cohorts.reading import FamiliesError, read_families
from communitybudget.cohorts.synthetic import synthetic_families
from communitybudget.cohorts.waiting import WaitingList, waiting_list

__all__ = [
    "AGE_BANDS",
    "FAMILY_COLUMNS",
    "FEWEST_SHOWN",
    "NEEDS",
    "AgeShares",
    "Cohort",
    "Column",
    "Families",
    "FamiliesError",
    "Joining",
    "NeedProbabilities",
    "WaitingList",
    "draw_needs",
    "need_probabilities",
    "read_families",
    "share_of_age",
    "solve_need_thresholds",
    "still_of_age",
    "synthetic_families",
    "waiting_list",
]

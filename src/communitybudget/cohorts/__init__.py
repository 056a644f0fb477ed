"""Families: segments by need, composition, ages and intake."""

from communitybudget.cohorts.cohort import AGE_BANDS, Cohort, share_of_age, still_of_age

__all__ = ["AGE_BANDS", "Cohort", "share_of_age", "still_of_age"]

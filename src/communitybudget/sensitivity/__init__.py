"""What moves the answer, how much, and how precisely the draws can tell.

Takes draws and outcomes as arrays; never sees the model.
"""

from communitybudget.sensitivity.about import About
from communitybudget.sensitivity.break_even_curve import BreakEvenCurve, break_even_curve
from communitybudget.sensitivity.information import evpi
from communitybudget.sensitivity.one_way import OneWay, bars_of, local_one_way, one_way, straight_bars
from communitybudget.sensitivity.precision import (
    monte_carlo_error,
    probability_error,
    quantile_error,
    ratio_error,
)
from communitybudget.sensitivity.ranks import rank_regression
from communitybudget.sensitivity.scatter import RankCorrelation, Scatter, rank_correlation, scatter
from communitybudget.sensitivity.scenario_sets import ScenarioSet, ScenarioSets, given_sets, scenario_sets
from communitybudget.sensitivity.settings import Function, Ranges, as_ranges
from communitybudget.sensitivity.shares import VarianceShares, variance_share
from communitybudget.sensitivity.spider import Spider, spider
from communitybudget.sensitivity.tallies import Histogram, Moments
from communitybudget.sensitivity.tornado import Tornado
from communitybudget.sensitivity.two_way import GridAxis, HeatMap, grid_axis, two_way
from communitybudget.sensitivity.worst_case import WorstCase, worst_case

__all__ = [
    "About",
    "BreakEvenCurve",
    "Function",
    "GridAxis",
    "HeatMap",
    "Histogram",
    "Moments",
    "OneWay",
    "Ranges",
    "RankCorrelation",
    "Scatter",
    "ScenarioSet",
    "ScenarioSets",
    "Spider",
    "Tornado",
    "VarianceShares",
    "WorstCase",
    "as_ranges",
    "bars_of",
    "break_even_curve",
    "evpi",
    "given_sets",
    "grid_axis",
    "local_one_way",
    "monte_carlo_error",
    "one_way",
    "probability_error",
    "quantile_error",
    "rank_correlation",
    "rank_regression",
    "ratio_error",
    "scatter",
    "scenario_sets",
    "spider",
    "straight_bars",
    "two_way",
    "variance_share",
    "worst_case",
]

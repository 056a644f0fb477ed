"""Parameters to draws: named streams, designs, correlation, draws from a file."""

from communitybudget.parameters import from_normal
from communitybudget.sampling.correlation import (
    RankCorrelation,
    correlated,
    correlated_pairs,
    joint_normal,
    nearest_correlation,
)
from communitybudget.sampling.designs import DESIGNS, Design, design_words, make_design, part_sizes
from communitybudget.sampling.draws import Draws, Sampled, dirichlet, dirichlet_size, sample, uniform
from communitybudget.sampling.given_draws import DrawsFileError, GivenDraws, read_draws

__all__ = [
    "DESIGNS",
    "Design",
    "Draws",
    "DrawsFileError",
    "GivenDraws",
    "RankCorrelation",
    "Sampled",
    "correlated",
    "correlated_pairs",
    "design_words",
    "dirichlet",
    "dirichlet_size",
    "from_normal",
    "joint_normal",
    "make_design",
    "nearest_correlation",
    "part_sizes",
    "read_draws",
    "sample",
    "uniform",
]

"""Parameters to draws: named streams, marginals from standard normal numbers."""

from communitybudget.sampling.draws import Draws, Sampled, dirichlet, dirichlet_size, sample, uniform
from communitybudget.sampling.marginals import from_normal

__all__ = ["Draws", "Sampled", "dirichlet", "dirichlet_size", "from_normal", "sample", "uniform"]

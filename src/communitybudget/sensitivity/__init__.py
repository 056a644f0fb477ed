"""What moves the answer, how much, and how precisely the draws can tell.

Takes draws and outcomes as arrays; never sees the model.
"""

from communitybudget.sensitivity.closed_forms import (
    beta_binomial_evsi,
    normal_information_value,
    unit_normal_loss,
)
from communitybudget.sensitivity.conjugate import BetaPrior, NormalPrior
from communitybudget.sensitivity.decision_population import (
    DecisionPopulation,
    PopulationValue,
    population_value,
)
from communitybudget.sensitivity.holders import HolderInformation, HolderValue, information_by_holder
from communitybudget.sensitivity.information import evpi, evpi_value, evppi, evppi_each, evppi_sets
from communitybudget.sensitivity.information_value import InformationRow, InformationTable, InformationValue
from communitybudget.sensitivity.measured import Measured
from communitybudget.sensitivity.nested import nested_evppi
from communitybudget.sensitivity.precision import (
    monte_carlo_error,
    probability_error,
    quantile_error,
    ratio_error,
)
from communitybudget.sensitivity.ranks import rank_regression
from communitybudget.sensitivity.sample_information import evsi, evsi_curve
from communitybudget.sensitivity.sample_results import SampleInformation, SampleInformationCurve
from communitybudget.sensitivity.sampling_net_benefit import SamplingValue, net_benefit_of_sampling
from communitybudget.sensitivity.shares import VarianceShares, variance_share
from communitybudget.sensitivity.study import CustomStudy, Study
from communitybudget.sensitivity.study_designs import BeforeAfter, Controlled, SingleGroup
from communitybudget.sensitivity.tallies import Histogram, Moments
from communitybudget.sensitivity.tornado import Tornado

__all__ = [
    "BeforeAfter",
    "BetaPrior",
    "Controlled",
    "CustomStudy",
    "DecisionPopulation",
    "Histogram",
    "HolderInformation",
    "HolderValue",
    "InformationRow",
    "InformationTable",
    "InformationValue",
    "Measured",
    "Moments",
    "NormalPrior",
    "PopulationValue",
    "SampleInformation",
    "SampleInformationCurve",
    "SamplingValue",
    "SingleGroup",
    "Study",
    "Tornado",
    "VarianceShares",
    "beta_binomial_evsi",
    "evpi",
    "evpi_value",
    "evppi",
    "evppi_each",
    "evppi_sets",
    "evsi",
    "evsi_curve",
    "information_by_holder",
    "monte_carlo_error",
    "nested_evppi",
    "net_benefit_of_sampling",
    "normal_information_value",
    "population_value",
    "probability_error",
    "quantile_error",
    "rank_regression",
    "ratio_error",
    "unit_normal_loss",
    "variance_share",
]

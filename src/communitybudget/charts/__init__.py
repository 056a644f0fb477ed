"""Charts: each takes a tidy frame and draws it on axes, in one house style.

Every chart is a function of a frame and ``ax=None`` and returns the axes. Without ``ax``
it makes a figure of its own, 16 cm wide, in the house style, and leaves matplotlib's
settings and open figures as they were. Such axes show themselves in a notebook when they
are the last line of a cell; ``figure_bytes(ax.figure, "png")`` is the image for a file.
"""

from communitybudget.charts.activity import plot_activity_avoided
from communitybudget.charts.agencies import plot_agency_balance, plot_costs_avoided_by_year
from communitybudget.charts.amounts import plot_amounts
from communitybudget.charts.audit import plot_audit
from communitybudget.charts.break_even import plot_break_even_curve
from communitybudget.charts.cash import plot_cumulative_cash
from communitybudget.charts.changes import plot_changes
from communitybudget.charts.checks import plot_checks
from communitybudget.charts.claims import plot_claim
from communitybudget.charts.convergence import plot_convergence, plot_convergence_of_probability, plot_looks
from communitybudget.charts.correlations import plot_correlation
from communitybudget.charts.curves import plot_dominance, plot_loss_curve
from communitybudget.charts.deciding import plot_decision, plot_regret
from communitybudget.charts.distribution import plot_npv_distribution
from communitybudget.charts.files import figure_bytes
from communitybudget.charts.forecast import plot_forecast
from communitybudget.charts.heat_map import plot_heat_map
from communitybudget.charts.importance import plot_importance
from communitybudget.charts.indices import plot_indices, plot_screening
from communitybudget.charts.information import plot_information
from communitybudget.charts.ladder import plot_ladder
from communitybudget.charts.money import MoneyFormatter, money
from communitybudget.charts.needs import plot_needs
from communitybudget.charts.occupancy import plot_occupancy
from communitybudget.charts.partners import plot_before_and_after
from communitybudget.charts.payback import plot_payback_probability
from communitybudget.charts.sample_information import (
    plot_data_sharing,
    plot_population_value,
    plot_sample_information,
    plot_sampling_value,
)
from communitybudget.charts.scatter import plot_scatter
from communitybudget.charts.scenario_sets import plot_scenario_sets
from communitybudget.charts.spider import plot_spider
from communitybudget.charts.states import plot_states
from communitybudget.charts.style import house_style
from communitybudget.charts.tornado import plot_tornado
from communitybudget.charts.uncertainties import plot_two_uncertainties
from communitybudget.charts.updated import plot_updated

__all__ = [
    "MoneyFormatter",
    "figure_bytes",
    "house_style",
    "money",
    "plot_activity_avoided",
    "plot_agency_balance",
    "plot_amounts",
    "plot_audit",
    "plot_before_and_after",
    "plot_break_even_curve",
    "plot_changes",
    "plot_checks",
    "plot_claim",
    "plot_convergence",
    "plot_convergence_of_probability",
    "plot_correlation",
    "plot_costs_avoided_by_year",
    "plot_cumulative_cash",
    "plot_data_sharing",
    "plot_decision",
    "plot_dominance",
    "plot_forecast",
    "plot_heat_map",
    "plot_importance",
    "plot_indices",
    "plot_information",
    "plot_ladder",
    "plot_looks",
    "plot_loss_curve",
    "plot_needs",
    "plot_npv_distribution",
    "plot_occupancy",
    "plot_payback_probability",
    "plot_population_value",
    "plot_regret",
    "plot_sample_information",
    "plot_sampling_value",
    "plot_scatter",
    "plot_scenario_sets",
    "plot_screening",
    "plot_spider",
    "plot_states",
    "plot_tornado",
    "plot_two_uncertainties",
    "plot_updated",
]

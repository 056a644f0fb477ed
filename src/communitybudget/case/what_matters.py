"""Which uncertain inputs move the answer, by how much, and whether the draws are enough."""

from typing import TYPE_CHECKING

from communitybudget._core.vocabulary import ALL_AGENCIES, agency_label
from communitybudget.case.input_columns import is_start, switching_groups
from communitybudget.sensitivity import (
    Convergence,
    Tornado,
    VarianceShares,
    convergence,
    rank_regression,
    variance_share,
)

if TYPE_CHECKING:
    import pandas as pd

    from communitybudget.case.appraisal import Appraisal


def tornado_of(appraisal: "Appraisal", option: str, agency: str, value: str) -> Tornado:
    """Return which inputs move the net present value of an option most; see `Appraisal.tornado`."""
    used = appraisal.inputs_of((option,), agency)
    return rank_regression(
        appraisal.input_frame()[[c.key for c in used]],
        appraisal.npv(option, agency, value),
        labels={c.key: c.label for c in used},
        marks={c.key: c.mark for c in used},
        price_base=appraisal.price_base,
        seed=appraisal.seed,
        outcome_label=f"net present value of {appraisal.ledger.label(option)}"
        + ("" if agency == ALL_AGENCIES else f" to {agency_label(agency)}"),
        set_version=appraisal.set_version,
    )


def variance_by_mark_of(appraisal: "Appraisal", option: str) -> VarianceShares:
    """Return how much of the variance inputs of each mark explain; see `Appraisal.variance_by_mark`."""
    used = appraisal.inputs_of((option,))
    return variance_share(
        appraisal.input_frame()[[c.key for c in used]],
        appraisal.npv(option),
        {c.key: c.group for c in used},
    )


def switching_values_of(appraisal: "Appraisal", option: str, most: int, draws: int) -> "pd.DataFrame":
    """Return the values of inputs at which an option breaks even; see `Appraisal.switching_values`."""
    from communitybudget.case.answers import switching_frame

    moving = [key for key in appraisal.tornado(option).frame["key"] if not is_start(key)]
    groups = switching_groups(appraisal.model, appraisal.inputs, option, moving, most)
    mean = float(appraisal.npv(option).mean())
    fewer = min(draws, appraisal.draws)
    return switching_frame(appraisal.model, option, groups, appraisal.factors, mean, fewer, appraisal.seed)


def convergence_of(appraisal: "Appraisal", option: str, agency: str, value: str, chance: bool) -> Convergence:
    """Return how the net present value settles as the draws add up; see `Appraisal.convergence`."""
    return convergence(
        appraisal.npv(option, agency, value, chance=chance),
        price_base=appraisal.price_base,
        outcome_label=f"net present value of {appraisal.ledger.label(option)}",
        seed=appraisal.seed,
        set_version=appraisal.set_version,
    )

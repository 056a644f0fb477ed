"""Which uncertain inputs move the answer: by rank regression on the draws, and by how far they are checked."""

from typing import TYPE_CHECKING

from communitybudget._core.vocabulary import ALL_AGENCIES, agency_label
from communitybudget.sensitivity import Tornado, VarianceShares, rank_regression, variance_share

if TYPE_CHECKING:
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

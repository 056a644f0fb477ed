"""What an agency's records cost to have: known numbers of a case, each with its passport."""

from communitybudget._core.vocabulary import agency_label
from communitybudget.case.inputs import Inputs, local_parameter
from communitybudget.case.question import DecisionSpec
from communitybudget.parameters import PriceIndex


def add_extracts(decision: DecisionSpec | None, inputs: Inputs) -> None:
    """Use the cost of each agency's records as a known number."""
    for extract in decision.extracts if decision else ():
        inputs.add_known(
            local_parameter(
                f"decision.extract.{extract.agency}",
                f"Records of {agency_label(extract.agency)}: a year of extracts",
                extract.cost_a_year,
                "GBP per_year",
                extract.source,
                extract.mark,
                extract.price_base,
                extract.agency,
                "fiscal",
                note=extract.note,
            )
        )


def extract_costs(decision: DecisionSpec | None, index: PriceIndex, price_base: str) -> dict[str, float]:
    """Return what a year of an agency's records costs, real GBP at the price base, by agency."""
    return {
        extract.agency: extract.cost_a_year * index.factor(extract.price_base, price_base)
        for extract in (decision.extracts if decision else ())
    }

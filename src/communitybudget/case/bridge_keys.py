"""Every key of a case and every table of a set, by component of the answer bridge."""

from collections.abc import Mapping
from dataclasses import dataclass

from communitybudget._core.errors import ParameterError, did_you_mean

LIBRARY = "library"
"""What cannot be run again: an earlier library, or an edition of the parameter set that is not there."""
MONTE_CARLO = "monte_carlo"

COMPONENTS: Mapping[str, str] = {
    "data": "Data",
    "effects": "Effects",
    "unit_costs": "Unit costs",
    "price_base": "Price base",
    "discount_rule": "Discount rule",
    "method": "Method",
    MONTE_CARLO: "Draws and seed",
}
"""Components in the order in which they are taken unless another is given, in words."""

COMPONENT_LABELS: Mapping[str, str] = {
    LIBRARY: "Library and set that cannot be run again",
    **COMPONENTS,
}
"""Components in words, that of what cannot be run again among them."""

DEFAULT_ORDER: tuple[str, ...] = tuple(COMPONENTS)


@dataclass(frozen=True, slots=True)
class Part:
    """Some keys that change together.

    Parameters
    ----------
    component, label : str
        To which component it belongs; what it is in words.
    case_keys, option_keys : tuple of str
        Of the case file, and of each option in it.
    tables : tuple of str
        First words of the keys of a parameter set.
    moves_people : bool
        Whether activity may change with it, or money alone.
    """

    component: str
    label: str
    case_keys: tuple[str, ...] = ()
    option_keys: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    moves_people: bool = True


PARTS: Mapping[str, Part] = {
    "horizon": Part("data", "First year and number of years", ("start", "years")),
    "families": Part("data", "Families", ("cohort", "draws_file")),
    "pathways": Part("data", "Pathways", ("pathways",)),
    "rates": Part(
        "data",
        "Rates and quantities",
        tables=(
            "transition",
            "start",
            "activity",
            "spell",
            "cohort",
            "prevalence",
            "amount",
            "flow",
            "delivery",
        ),
    ),
    "options": Part(
        "data",
        "What the options cost, and who pays",
        ("funding_streams", "budget", "decision"),
        (
            "name",
            "label",
            "note",
            "can_be_chosen",
            "do_minimum",
            "delivery",
            "teams",
            "funding",
            "risks",
            "start",
        ),
    ),
    "effects": Part(
        "effects",
        "What the options do, and who takes part",
        (),
        (
            "effects",
            "outcomes",
            "claims",
            "combination",
            "engagement",
            "programme_months",
            "retention",
            "drop_out_per_month",
            "partial_dose",
            "caseload",
            "runs",
            "starts_after_months",
        ),
        ("effect", "published", "finding"),
    ),
    "unit_costs": Part(
        "unit_costs", "Unit costs", ("area_factors",), tables=("unit_cost",), moves_people=False
    ),
    "price_base": Part(
        "price_base",
        "Price base",
        ("price_base", "index", "indices", "sector_indices"),
        moves_people=False,
    ),
    "discounting": Part("discount_rule", "Discount rule", ("discounting",), moves_people=False),
    "method": Part(
        "method",
        "Adjustments, caps and cashability",
        (
            "adjustments",
            "cashability",
            "allow_overlaps",
            "unmet_need",
            "chance",
            "journeys",
            "stale_after_years",
        ),
        tables=("optimism_bias", "split", "benchmark", "check"),
    ),
    "design": Part("method", "How draws are made", ("sampling", "correlations")),
    MONTE_CARLO: Part(MONTE_CARLO, "Draws and seed"),
}
"""Each key of a case, and each table of the set, stands in one part."""

WORDS: tuple[str, ...] = ("title", "place", "note")
"""Keys of a case that change no figure."""
SHARED_OUT: tuple[str, ...] = ("agreement",)
"""Keys of a case by which partners share the answer out; they do not change it."""
IN_OTHERS: tuple[str, ...] = ("options", "parameters", "overrides", "override_files")
"""Keys that are taken apart: options by their own keys, the set with its local figures by its tables."""

_TABLE_PART = {table: name for name, part in PARTS.items() for table in part.tables}


def moves_people(unit: str) -> bool:
    """Return whether activity may change with a part or a figure.

    Examples
    --------
    >>> moves_people("families"), moves_people("unit_cost.CR9.0")
    (True, False)
    """
    return PARTS[part_of(unit)].moves_people


def part_of(unit: str) -> str:
    """Return the part to which a figure belongs; a part belongs to itself."""
    return unit if unit in PARTS else _TABLE_PART.get(unit.partition(".")[0], "rates")


def checked_order(order: tuple[str, ...]) -> tuple[str, ...]:
    """Return an order of the components that names each once.

    Raises
    ------
    ParameterError
        If one is not known, missing or there twice.
    """
    for name in order:
        if name not in COMPONENTS:
            raise ParameterError(
                f"order names '{name}', which is no component; {did_you_mean(name, COMPONENTS)}"
            )
    if sorted(order) != sorted(COMPONENTS):
        raise ParameterError(f"order is {', '.join(order)}; name each once of {', '.join(COMPONENTS)}")
    return order

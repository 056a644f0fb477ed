"""The form of every table of a parameter set, as JSON Schema."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from communitybudget._core.errors import ParameterNotFound, did_you_mean
from communitybudget._core.vocabulary import AGENCIES, INTERVALS, MARKS, PROFILES, VALUE_TYPES
from communitybudget.parameters.distributions import KINDS
from communitybudget.parameters.overrides import OPTIONAL_COLUMNS, REQUIRED_COLUMNS
from communitybudget.parameters.tables import COMMON_COLUMNS, number

_YEAR = "^[0-9]{4}-[0-9]{2}$"


@dataclass(frozen=True, slots=True)
class _Column:
    """What a cell of a column may hold; blank unless a table requires it."""

    what: str
    kind: str = "string"
    words: tuple[str, ...] = ()
    pattern: str = ""
    least: float | None = None

    def schema(self) -> dict[str, Any]:
        found: dict[str, Any] = {"description": self.what, "type": self.kind}
        if self.words:
            found["enum"] = list(self.words)
        if self.pattern:
            found["pattern"] = self.pattern
        if self.least is not None:
            found["minimum"] = self.least
        return found


_N, _I = "number", "integer"
_YES_NO = ("yes", "no", "unknown")
_COLUMNS: dict[str, _Column] = {
    "key": _Column("name of the figure; its first part is its table", pattern=r"^[a-z_]+\..+$"),
    "label": _Column("what it is, in words"),
    "value": _Column("central value", _N),
    "low": _Column("lower limit; what it is says interval", _N),
    "high": _Column("upper limit", _N),
    "interval": _Column("what low and high are", words=INTERVALS),
    "distribution": _Column("a chosen form; else the one the numbers imply", words=("dirichlet", *KINDS)),
    "unit": _Column("GBP per_... for money, per_month for rates, share..., ratio, or a natural unit"),
    "price_base": _Column("financial year of an amount of money", pattern=_YEAR),
    "agency": _Column("who bears it", words=("multiple", *AGENCIES)),
    "value_type": _Column("what kind of value", words=VALUE_TYPES),
    "cashable": _Column("whether it is cash", words=("not_assessed", "yes", "no")),
    "transfer": _Column("whether it is benefit or tax, which moves between people", words=_YES_NO),
    "transfer_value": _Column("the part that is a transfer", _N, least=0),
    "evidence_grade": _Column("how robust the source is; sets the default spread of money"),
    "mark": _Column("how far the figure was checked", words=MARKS),
    "source": _Column("key of sources.yaml"),
    "source_detail": _Column("page, table, sheet and row, or the arithmetic"),
    "reviewed": _Column("date of the last review", pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
    "note": _Column("caution, derivation"),
    "code": _Column("code of the price book"),
    "parent": _Column("code of the next level up; blank for a headline"),
    "level": _Column("place in the hierarchy", words=("headline", "subsidiary", "constituent")),
    "rag": _Column("the database's own grade", words=("green", "amber", "red")),
    "overlaps": _Column("codes that would count the same money, separated by semicolons"),
    "topic": _Column("group of services"),
    "agency_detail": _Column("agencies behind it, or the agency within the body"),
    "profile": _Column("need profile, or all", words=("all", *PROFILES)),
    "item": _Column("which item of the families or of delivery"),
    "quantity": _Column("kind of published figure"),
    "population": _Column("whom the figure is of"),
    "period": _Column("when, or over how long"),
    "split": _Column("which published total is split"),
    "side": _Column("what is corrected", words=("benefits", "costs")),
    "grade": _Column("evidence grade, 1 best to 6", _I, least=1),
    "pathway": _Column("name of a pathway"),
    "from": _Column("state moved from"),
    "to": _Column("state moved to; the same state is an event that moves nobody"),
    "from_month": _Column("completed months in the state, from (included)", _I, least=0),
    "to_month": _Column("completed months in the state, to (excluded); blank, no end", _I, least=0),
    "share_draw": _Column("name of the uncertain level that rows share"),
    "state": _Column("state on joining"),
    "months_so_far": _Column("months there so far, or last", pattern=r"^([0-9]+|last)?$"),
    "on": _Column("a state, or a move written 'state -> state'"),
    "per": _Column("what it is used by", words=("month", "entry", "move", "birthday")),
    "unit_cost": _Column("key of the price; blank, unknown and not nil"),
    "line": _Column("line of the ledger"),
    "unless_pathway": _Column("left out where this pathway runs"),
    "outcome": _Column("outcome of the pathway that was measured"),
    "statistic": _Column("how it was measured", words=("prevalence", "cumulative")),
    "measure": _Column("what the value or check is"),
    "window_from": _Column("months since joining", _I, least=0),
    "window_to": _Column("months since joining", _I, least=0),
    "estimand": _Column("of whom", words=("offered", "engaged")),
    "design": _Column("study", words=("randomised", "matched_comparison", "before_after", "assumed")),
    "published_without": _Column("printed share without the programme", _N, least=0),
    "published_with": _Column("printed share with it", _N, least=0),
    "edges": _Column("moves whose rates change, separated by semicolons"),
    "lag_months": _Column("nothing before", _N, least=0),
    "ramp_months": _Column("rising evenly", _N, least=0),
    "lasts_months": _Column("at full strength", _N, least=0),
    "fades_over_months": _Column("falling evenly", _N, least=0),
    "probability_no_effect": _Column("weight on exactly none", _N, least=0),
    "no_effect_group": _Column("effects absent in the same draws"),
    "solved_with": _Column("effects solved together"),
    "start": _Column("state or mix from which a check follows people"),
    "of": _Column("states or moves a check counts"),
    "scale": _Column("factor of a check"),
    "ratio": _Column("ratio a check applies"),
    "ratio_on": _Column("moves a check applies it to"),
    "role": _Column(
        "what the figure was for the rates",
        words=("by_construction", "calibrated", "fitted", "independent", "not_fitted"),
    ),
    "reason": _Column("why the figure is replaced"),
    "sd": _Column("standard deviation, instead of limits", _N, least=0),
    "coefficient_of_variation": _Column("default spread of the mean", _N, least=0),
    "schedule": _Column("name of a discount schedule"),
    "dated": _Column("its vintage"),
    "applies_to": _Column("which flows"),
    "from_year": _Column("first year of the rate", _I, least=0),
    "to_year": _Column("last year of the rate; blank, no end", _I, least=0),
    "rate": _Column("discount rate of the year", _N),
    "kind": _Column(
        "why parts do not add up",
        words=("rounding", "adjusted", "alternatives", "other_basis", "does_not_reconcile"),
    ),
    "vintage": _Column("name of a price index"),
    "year": _Column("financial year, or CY and a calendar year"),
    "index": _Column("level", _N, least=0),
    "base": _Column("year in which the index is 100"),
    "status": _Column("outturn, forecast or derived"),
}

_ROW = ("key", "label", "value", "unit", "mark", "source")
_IN_PATHWAY = (*_ROW, "pathway")
_PUBLISHED = ("quantity", "population", "period")
_EFFECT = (
    *("pathway", "profile", "outcome", "statistic", "measure", "window_from", "window_to", "estimand"),
    *("design", "published_without", "published_with", "edges", "lag_months", "ramp_months"),
    *("lasts_months", "fades_over_months", "probability_no_effect", "no_effect_group", "solved_with"),
)
_CHECK = (
    "pathway",
    "profile",
    "start",
    "measure",
    "of",
    "from_month",
    "to_month",
    "scale",
    "ratio",
    "ratio_on",
)
_PRICE_BOOK = ("transfer_value", "code", "parent", "level", "rag", "overlaps", "topic", "agency_detail")

# table: where it is, its columns beside the common ones (or all of them), what a row must have
_TABLES: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "unit_costs": ("unit_costs.csv", (*COMMON_COLUMNS, *_PRICE_BOOK), (*_ROW, "level")),
    "effects": ("effects.csv", (*COMMON_COLUMNS, *_EFFECT, *_PUBLISHED), _ROW),
    "prevalence": ("prevalence.csv", (*COMMON_COLUMNS, "profile", "item", *_PUBLISHED), _ROW),
    "flows": ("transitions.csv", (*COMMON_COLUMNS, *_PUBLISHED), _ROW),
    "amounts": ("amounts.csv", (*COMMON_COLUMNS, *_PUBLISHED), _ROW),
    "benchmarks": (
        "benchmarks.csv",
        (*COMMON_COLUMNS, *_PUBLISHED),
        (*_ROW, "price_base", "value_type"),
    ),
    "splits": ("splits.csv", (*COMMON_COLUMNS, "split"), (*_ROW, "agency", "split")),
    "cohort": ("cohort.csv", (*COMMON_COLUMNS, "profile", "item"), (*_ROW, "profile", "item")),
    "delivery": ("delivery.csv", (*COMMON_COLUMNS, "transfer_value", "profile", "item"), _ROW),
    "optimism_bias": ("optimism_bias.csv", (*COMMON_COLUMNS, "side", "grade"), (*_ROW, "side", "grade")),
    "transitions": (
        "pathways/*/transitions.csv",
        (*COMMON_COLUMNS, "pathway", "profile", "from", "to", "from_month", "to_month", "share_draw"),
        (*_IN_PATHWAY, "profile", "from", "to", "share_draw"),
    ),
    "start_mix": (
        "pathways/*/start_mix.csv",
        (*COMMON_COLUMNS, "pathway", "profile", "state", "months_so_far"),
        (*_IN_PATHWAY, "profile", "state"),
    ),
    "activity": (
        "pathways/*/activity.csv",
        (
            *(*COMMON_COLUMNS, "pathway", "on", "per", "from_month", "to_month"),
            *("unit_cost", "line", "unless_pathway", "share_draw"),
        ),
        (*_IN_PATHWAY, "on", "per", "line", "agency", "value_type", "share_draw"),
    ),
    "spells": (
        "pathways/*/spells.csv",
        (*COMMON_COLUMNS, "pathway", "state", "on"),
        (*_IN_PATHWAY, "state", "on"),
    ),
    "checks": ("pathways/*/checks.csv", (*COMMON_COLUMNS, *_CHECK, "role"), (*_IN_PATHWAY, "role")),
    "indices": (
        "indices/*.csv",
        ("vintage", "year", "index", "base", "status", "mark", "source"),
        ("vintage", "year", "index", "mark", "source"),
    ),
    "default_spread": (
        "rules/default_spread.csv",
        ("evidence_grade", "coefficient_of_variation", "mark", "source", "note"),
        ("coefficient_of_variation", "mark"),
    ),
    "discount_schedules": (
        "rules/discount_schedules.csv",
        ("schedule", "dated", "applies_to", "from_year", "to_year", "rate", "source", "mark", "note"),
        ("schedule", "from_year", "rate", "source", "mark"),
    ),
    "hierarchy_notes": ("rules/hierarchy_notes.csv", ("code", "kind", "note"), ("code", "kind")),
    "overrides": (
        "an override file of a place",
        (*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS),
        REQUIRED_COLUMNS,
    ),
}

TABLES: tuple[str, ...] = tuple(_TABLES)
"""Names of the tables that have a schema."""


def place_of(table: str) -> str:
    """Return where a table lies in the folder of a set, as a pattern."""
    return _entry(table)[0]


def _entry(table: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    if table not in _TABLES:
        raise ParameterNotFound(f"there is no table '{table}'; {did_you_mean(table, _TABLES)}")
    return _TABLES[table]


def table_schema(table: str) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of one table: an array of rows.

    A row is an object of its cells that are not blank; `row_values` makes one.

    Parameters
    ----------
    table : str
        One of `TABLES`.

    Raises
    ------
    ParameterNotFound
        If there is no such table.

    Examples
    --------
    >>> table_schema("overrides")["items"]["required"]
    ['key', 'value', 'reason']
    """
    place, columns, required = _entry(table)
    rules: dict[str, Any] = {}
    if {"price_base", "value_type"} <= set(columns) and table != "overrides":
        rules = {
            "if": {"properties": {"unit": {"pattern": "^GBP"}}, "required": ["unit"]},
            "then": {"required": ["price_base", "value_type"]},
        }
    if {"low", "high", "interval"} <= set(columns):
        rules["dependentRequired"] = {"low": ["high", "interval"], "high": ["low", "interval"]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"{table}: {place}",
        "type": "array",
        "items": {
            "type": "object",
            "properties": {name: _COLUMNS[name].schema() for name in columns},
            "required": list(required),
            "additionalProperties": False,
            **rules,
        },
    }


def schemas() -> dict[str, Any]:
    """Return the schemas of all tables in one document, each under ``$defs``."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Tables of a communitybudget parameter set",
        "$defs": {name: {k: v for k, v in table_schema(name).items() if k != "$schema"} for name in TABLES},
    }


def schemas_text() -> str:
    """Return all schemas as the text of the shipped file."""
    return json.dumps(schemas(), indent=1, ensure_ascii=False) + "\n"


def row_values(row: Mapping[str, str]) -> dict[str, Any]:
    """Return a row of a table as the object that its schema describes.

    Blank cells are left out, and cells of number columns become numbers where they are numbers.

    Examples
    --------
    >>> row_values({"key": "unit_cost.CR9.0", "value": "38.43", "low": ""})
    {'key': 'unit_cost.CR9.0', 'value': 38.43}
    """
    found: dict[str, Any] = {}
    for name, text in row.items():
        if not text:
            continue
        column = _COLUMNS.get(name)
        found[name] = text
        if column is not None and column.kind in (_N, _I):
            try:
                value = number(text)
            except ValueError:
                continue
            found[name] = int(value) if column.kind == _I and value == int(value or 0) else value
    return found

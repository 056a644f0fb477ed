"""The JSON Schema of the tables, and the tables against it."""

import csv
import json
from importlib.resources import files

import jsonschema
import pytest

from communitybudget.parameters import england_folder, examples_folder
from communitybudget.parameters.schema import TABLES, place_of, row_values, schemas_text, table_schema


def rows_of(table):
    found = []
    for path in sorted(england_folder().glob(place_of(table))):
        with path.open(encoding="utf-8", newline="") as handle:
            found += [row_values(row) for row in csv.DictReader(handle)]
    return found


def test_what_is_shipped_is_what_the_code_declares():
    shipped = (files("communitybudget.parameters") / "tables.schema.json").read_text(encoding="utf-8")
    assert shipped == schemas_text()
    assert set(json.loads(shipped)["$defs"]) == set(TABLES)


@pytest.mark.parametrize("table", TABLES)
class TestTables:
    def test_the_schema_is_one(self, table):
        jsonschema.Draft202012Validator.check_schema(table_schema(table))

    def test_every_row_of_the_bundled_set_fits(self, table):
        rows = rows_of(table)
        assert rows or table == "overrides"
        validator = jsonschema.Draft202012Validator(table_schema(table))
        assert [f"{e.json_path}: {e.message}" for e in validator.iter_errors(rows)] == []


def test_every_table_of_the_bundled_set_has_a_schema():
    folder = england_folder()
    known = {path for table in TABLES for path in folder.glob(place_of(table))}
    assert {path.relative_to(folder).as_posix() for path in set(folder.rglob("*.csv")) - known} == set()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mark": "sure"}, "'sure' is not one of"),
        ({"value": "38,43 pounds"}, "is not of type 'number'"),
        ({"price_base": "2013/14"}, "does not match"),
        ({"price_base": ""}, "'price_base' is a required property"),
        ({"low": "30", "high": "40"}, "'interval' is a dependency"),
        ({"colour": "blue"}, "'colour' was unexpected"),
        ({"source": ""}, "'source' is a required property"),
    ],
)
def test_a_row_that_does_not_fit(change, message):
    with (england_folder() / "unit_costs.csv").open(encoding="utf-8", newline="") as handle:
        row = next(r for r in csv.DictReader(handle) if r["key"] == "unit_cost.CR9.0")
    validator = jsonschema.Draft202012Validator(table_schema("unit_costs"))
    errors = [e.message for e in validator.iter_errors([row_values({**row, **change})])]
    assert errors
    assert all(message in error or "is a dependency" in error for error in errors)


def test_an_override_file_of_an_example_fits():
    path = examples_folder() / "complex_borough" / "local" / "prices.csv"
    with path.open(encoding="utf-8", newline="") as handle:
        rows = [row_values(row) for row in csv.DictReader(handle)]
    jsonschema.Draft202012Validator(table_schema("overrides")).validate(rows)

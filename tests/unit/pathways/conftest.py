from dataclasses import replace

import pytest

from communitybudget.parameters import ParameterSet


@pytest.fixture(scope="session")
def england():
    return ParameterSet.load("england")


@pytest.fixture(scope="session")
def with_row(england):
    """The bundled set with some columns of one row changed."""

    def build(key, **columns):
        row = england[key]
        changed = replace(row, fields={**row.fields, **columns})
        return replace(england, parameters={**england.parameters, row.id: changed})

    return build


@pytest.fixture(scope="session")
def with_form(england):
    """The bundled set with some entries of one pathway's declaration changed."""

    def build(name, **entries):
        form = {**england.structures[name], **entries}
        return replace(england, structures={**england.structures, name: form})

    return build

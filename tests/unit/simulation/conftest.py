import numpy as np
import pytest

from communitybudget.parameters import ParameterSet
from communitybudget.pathways import load_pathway
from communitybudget.simulation import Population, build_layout, place_start


@pytest.fixture(scope="session")
def england():
    return ParameterSet.load("england")


@pytest.fixture(scope="session")
def study_group(england):
    """A pathway of the bundled set and the families of one profile, at central rates."""

    def build(name, profile="medium_need"):
        pathway = load_pathway(england, name)
        layout = build_layout(pathway.state_names, pathway.rates_of(profile))
        starts = place_start(layout, pathway.start_of(profile))

        def values(parts):
            return np.array([england.parameters[part.parameter].value for part in parts])

        return pathway, Population(
            layout, starts, values(starts), values(layout.edges), values(layout.events), pathway.outcomes
        )

    return build

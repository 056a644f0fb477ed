"""Regression of net benefits on some columns; stands in until that of any number of inputs is there."""

import numpy as np

from communitybudget.sensitivity.draws import FloatArray, constant
from communitybudget.sensitivity.one_input import one_input
from communitybudget.sensitivity.projection import Projection, project
from communitybudget.sensitivity.smooth_terms import smooth_terms


def regress(columns: FloatArray, gains: FloatArray) -> Projection:
    """Regress net benefits on some columns."""
    varied = columns[:, ~constant(columns)]
    if varied.shape[1] == 1:
        return one_input(varied[:, 0], gains).projection
    scores = (varied - varied.mean(axis=0)) / varied.std(axis=0)
    terms = [smooth_terms(column, 4) for column in varied.T]
    terms += [scores[:, [i]] * scores[:, [j]] for i in range(varied.shape[1]) for j in range(i)]
    return project(np.concatenate([varied[:, :0], *terms], axis=1), gains)

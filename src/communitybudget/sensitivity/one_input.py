"""Regression of net benefits on one input."""

from dataclasses import dataclass

import numpy as np

from communitybudget.sensitivity.draws import FloatArray, constant
from communitybudget.sensitivity.projection import Projection, project
from communitybudget.sensitivity.smooth_terms import smooth_terms

CHANCE = 0.001
"""Inputs enter a regression when chance alone explains as much in fewer samples than this share."""


@dataclass(frozen=True, slots=True, eq=False)
class InputFit:
    """A regression on one input, and whether it explains more than chance."""

    projection: Projection
    entered: bool


def one_input(values: FloatArray, gains: FloatArray) -> InputFit:
    """Regress net benefits on one input: on its smooth terms or, if they explain no more than chance, a line.

    Parameters
    ----------
    values : ndarray, shape (draw,)
        Draws of the input.
    gains : ndarray, shape (draw, option)
        Net benefits.

    Returns
    -------
    InputFit
        Of the line when neither explains more than chance.

    Examples
    --------
    >>> x = np.linspace(0, 1, 100)
    >>> one_input(x, x[:, np.newaxis] ** 2).entered
    True
    """
    line = values[:, np.newaxis]
    if constant(line)[0]:
        return InputFit(project(line[:, :0], gains), entered=False)
    smooth = project(smooth_terms(values), gains)
    if smooth.chance < CHANCE:
        return InputFit(smooth, entered=True)
    straight = project(line, gains)
    return InputFit(straight, entered=straight.chance < CHANCE)

"""Draws weighted by how likely they make the results of a study."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from communitybudget.sensitivity.draws import FloatArray
from communitybudget.sensitivity.study import Study

if TYPE_CHECKING:
    import pandas as pd

_CELLS = 2_000_000
"""Weights held at a time."""


@dataclass(frozen=True, slots=True, eq=False)
class Weighted:
    """Weights of the draws after some results of a study.

    Parameters
    ----------
    weights : ndarray, shape (result, draw)
        Each row sums to one.
    """

    weights: FloatArray

    @property
    def effective_draws(self) -> FloatArray:
        """Number of equally weighted draws that would tell as much, shape (result,)."""
        number: FloatArray = 1 / np.einsum("ij,ij->i", self.weights, self.weights)
        return number


def weigh(study: Study, results: FloatArray, inputs: "pd.DataFrame", families: int) -> Iterator[Weighted]:
    """Yield the weights of the draws after each result, some results at a time.

    Parameters
    ----------
    study : Study
    results : ndarray, shape (result, statistic)
    inputs : pandas.DataFrame, shape (draw, input)
    families : int

    Yields
    ------
    Weighted

    Raises
    ------
    ValueError
        If a result is impossible under every draw.
    """
    rows = max(_CELLS // len(inputs), 1)
    for first in range(0, len(results), rows):
        logs = study.log_likelihood(results[first : first + rows], inputs, families)
        most = logs.max(axis=1, keepdims=True)
        if not np.isfinite(most).all():
            raise ValueError(
                f"a result of {study.in_words()} is impossible under every draw; its likelihood and its "
                "made-up results do not describe the same study"
            )
        weights = np.exp(logs - most)
        yield Weighted(weights / weights.sum(axis=1, keepdims=True))

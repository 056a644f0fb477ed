"""A planned study: what every design can do, and designs of your own.

Every study can make up results for each draw of the inputs, and say how likely a result would be under each
draw. Neither depends on a model.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from communitybudget.sensitivity.draws import FloatArray

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class Study(ABC):
    """A planned study of some families.

    Parameters
    ----------
    drop_out : float, default 0
        Share of the families who leave before they are measured, unrelated to how they fare.
    usable : float, default 1
        Share of the records of those who stay that can be used.

    Raises
    ------
    ValueError
        If a share lies outside 0 to 1.
    """

    drop_out: float = 0.0
    usable: float = 1.0

    def __post_init__(self) -> None:
        for name in ("drop_out", "usable"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is {getattr(self, name)}; give a share between 0 and 1")

    @property
    @abstractmethod
    def informs(self) -> tuple[str, ...]:
        """Names of the inputs that the study informs."""

    @abstractmethod
    def simulate(self, inputs: "pd.DataFrame", families: int, rng: np.random.Generator) -> FloatArray:
        """Return one made-up result of the study for each draw, shape (draw, statistic)."""

    @abstractmethod
    def log_likelihood(self, results: FloatArray, inputs: "pd.DataFrame", families: int) -> FloatArray:
        """Return how likely each result is under each draw, as logs.

        Parameters
        ----------
        results : ndarray, shape (result, statistic)
            As `simulate` makes them.
        inputs : pandas.DataFrame, shape (draw, input)
        families : int
            Families in the study.

        Returns
        -------
        ndarray, shape (result, draw)
            Up to a constant for each result.
        """

    @abstractmethod
    def in_words(self) -> str:
        """Return the design in words."""

    def noise_variance(self, families: int) -> float:
        """Return the variance of the normal error of the one result, where it does not depend on the inputs.

        Raises
        ------
        ValueError
            If there is no such error.
        """
        raise ValueError(f"the error of {self.in_words()} with {families:,} families depends on the inputs")

    def counted(self, families: int) -> int:
        """Return how many of the families give a record that counts, rounded down.

        Examples
        --------
        >>> study = CustomStudy(("a",), lambda inputs, families, rng: inputs, drop_out=0.2, usable=0.5)
        >>> study.counted(99)
        39
        """
        return math.floor(families * (1 - self.drop_out) * self.usable + 1e-9)

    def _records(self) -> str:
        """Return in words what is lost; nothing where nothing is."""
        lost = [f"{self.drop_out:.0%} drop out"] if self.drop_out else []
        lost += [f"{self.usable:.0%} of records usable"] if self.usable < 1 else []
        return "".join(f", {words}" for words in lost)


@dataclass(frozen=True)
class CustomStudy(Study):
    """A study of your own, as functions of the draws of all inputs.

    Parameters
    ----------
    inputs : tuple of str
        Names of the inputs that it informs.
    results : callable
        ``results(inputs, families, rng)`` returns one made-up result for each draw, shape (draw, statistic).
        ``families`` is the number whose records count.
    likelihood : callable, optional
        ``likelihood(results, inputs, families)`` returns logs, shape (result, draw); moment matching and
        importance weighting need it.
    label : str, default "custom study"
        The design in words.
    drop_out, usable : float
        As in `Study`.

    Examples
    --------
    >>> import pandas as pd
    >>> study = CustomStudy(("a",), lambda inputs, families, rng: inputs[["a"]].to_numpy())
    >>> study.simulate(pd.DataFrame({"a": [1.0]}), 5, np.random.default_rng(0))
    array([[1.]])
    """

    inputs: tuple[str, ...]
    results: Callable[["pd.DataFrame", int, np.random.Generator], FloatArray]
    likelihood: Callable[[FloatArray, "pd.DataFrame", int], FloatArray] | None = None
    label: str = "custom study"

    @property
    def informs(self) -> tuple[str, ...]:
        """Names of the inputs that the study informs."""
        return self.inputs

    def simulate(self, inputs: "pd.DataFrame", families: int, rng: np.random.Generator) -> FloatArray:
        """Return one made-up result for each draw, shape (draw, statistic)."""
        made = np.asarray(self.results(inputs, self.counted(families), rng), dtype=np.float64)
        if made.ndim != 2 or len(made) != len(inputs) or not np.isfinite(made).all():
            raise ValueError(
                f"the results of {self.label} have shape {made.shape} for {len(inputs):,} draws; give "
                "(draw, statistic), every value a finite number"
            )
        return made

    def log_likelihood(self, results: FloatArray, inputs: "pd.DataFrame", families: int) -> FloatArray:
        """Return how likely each result is under each draw, as logs."""
        if self.likelihood is None:
            raise ValueError(f"{self.label} has no likelihood; give one, or use method='regression'")
        found = np.asarray(self.likelihood(results, inputs, self.counted(families)), dtype=np.float64)
        if found.shape != (len(results), len(inputs)):
            raise ValueError(
                f"the likelihood of {self.label} has shape {found.shape}; give (result, draw), here "
                f"{(len(results), len(inputs))}"
            )
        return found

    def in_words(self) -> str:
        """Return the design in words."""
        return f"{self.label}{self._records()}"

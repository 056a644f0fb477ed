"""Exact updating of a row of shares that sum to one: where people go from one state."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from communitybudget._core.results import result
from communitybudget.learning.prediction import Prediction


@result
@dataclass(frozen=True, slots=True)
class Row:
    """What is known of one row of a table of moves: a Dirichlet distribution.

    Parameters
    ----------
    numbers : tuple of float
        One for each place to go to: people counted, and what the prior is worth in people. They are the
        counts that `simulation.dirichlet_rows` takes.
    """

    numbers: tuple[float, ...]

    def __post_init__(self) -> None:
        values = np.asarray(self.numbers, dtype=np.float64)
        if values.size < 2 or not (np.isfinite(values) & (values >= 0)).all() or not values.any():
            raise ValueError(
                f"a row of {list(self.numbers)} is not possible; give two or more numbers from 0, not all 0"
            )

    @property
    def mean(self) -> tuple[float, ...]:
        """Mean shares."""
        whole = sum(self.numbers)
        return tuple(number / whole for number in self.numbers)

    def predict(self, place: int, people: int) -> Prediction:
        """Return what to expect of the count of one place among the next people.

        Together the counts are Dirichlet-multinomial; each alone is beta-binomial.

        Raises
        ------
        ValueError
            If nobody or everybody goes there for certain, or there are no people.
        """
        number, whole = self.numbers[place], sum(self.numbers)
        if not 0 < number < whole:
            raise ValueError(f"place {place} is certain, with {number:g} of {whole:g}; nothing to predict")
        if people < 1:
            raise ValueError(f"the next people are {people}; give 1 or more")
        return Prediction("beta_binomial", (float(people), number, whole - number))


def learn_row(prior: Sequence[float], counts: Sequence[int]) -> Row:
    """Update a row of shares with the people seen to go to each place.

    Parameters
    ----------
    prior : sequence of float, shape (J,)
        What was known, in people: 1 each is a flat prior, 0.5 that of Jeffreys; 0 where nobody can go.
    counts : sequence of int, shape (J,)
        People seen to go there, those who stayed among them.

    Returns
    -------
    Row

    Raises
    ------
    ValueError
        If they differ in length, a number is negative, or somebody went where nobody can.

    Notes
    -----
    Source: Gelman et al., Bayesian Data Analysis, 3rd ed. (2013), section 3.4.

    Examples
    --------
    >>> learn_row([8, 1, 1], [6, 4, 0]).mean
    (0.7, 0.25, 0.05)
    """
    before, seen = Row(tuple(map(float, prior))), np.asarray(counts, dtype=np.float64)
    if seen.shape != (len(before.numbers),):
        raise ValueError(f"the prior has {len(before.numbers)} places and the counts {seen.shape}")
    if not (np.isfinite(seen) & (seen >= 0) & (seen == np.floor(seen))).all():
        raise ValueError("counts must be whole numbers of people from 0")
    known = np.asarray(before.numbers)
    lost = np.flatnonzero((known == 0) & (seen > 0))
    if lost.size:
        raise ValueError(f"people were seen in place {lost[0]}, where the prior is 0; correct one of the two")
    return Row(tuple((known + seen).tolist()))

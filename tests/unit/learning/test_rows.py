"""A row of shares: counts add up, each place alone is beta-binomial."""

import numpy as np
import pytest

from communitybudget.learning import Row, learn_row
from communitybudget.simulation import dirichlet_rows


def test_in_turn_is_as_together():
    prior = [8.0, 1.0, 1.0, 0.0]
    turns = learn_row(learn_row(prior, [5, 1, 0, 0]).numbers, [3, 0, 2, 0])
    assert turns == learn_row(prior, [8, 1, 2, 0])
    assert turns.mean[-1] == 0


def test_next_people_against_drawn_rows():
    row = learn_row([8, 1, 1], [6, 4, 0])
    rng = np.random.default_rng(1)
    drawn = np.array([rng.multinomial(82, p) for p in rng.dirichlet(row.numbers, 40_000)])
    for place in range(3):
        found = row.predict(place, 82)
        assert found.mean == pytest.approx(drawn[:, place].mean(), rel=0.02)
        assert found.sd == pytest.approx(drawn[:, place].std(), rel=0.02)


def test_the_numbers_are_the_counts_of_the_simulation():
    row = learn_row([8, 1, 1], [6, 4, 0])
    drawn = dirichlet_rows(row.numbers, draws=4_000, seed=1, name="row")
    assert drawn.mean(axis=-1) == pytest.approx(row.mean, abs=0.01)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Row((1.0,)), "two or more numbers"),
        (lambda: learn_row([1, 1], [1, 2, 3]), "2 places"),
        (lambda: learn_row([1, 1], [0.5, 1]), "whole numbers"),
        (lambda: learn_row([1, 0], [1, 1]), "place 1, where the prior is 0"),
        (lambda: Row((1.0, 0.0)).predict(1, 5), "nothing to predict"),
        (lambda: Row((1.0, 1.0)).predict(1, 0), "next people are 0"),
    ],
)
def test_faults(call, words):
    with pytest.raises(ValueError, match=words):
        call()

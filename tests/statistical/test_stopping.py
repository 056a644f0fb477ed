"""A stop rule that looks again and again is wrong no more often than it says."""

import numpy as np
import pytest

from communitybudget.sensitivity import Moments
from communitybudget.sensitivity.stopping import errors_wide, lead_of, look_numbers

LOOKS = look_numbers(50, 1_600)
TRIALS = 600


def settled_on(rng: np.random.Generator, means: list[float], confidence: float) -> int | None:
    """Return the option that the rule settles on, drawing as long as it is told to; None if it never does."""
    needed = errors_wide(confidence, len(LOOKS) * (len(means) - 1), sides=1)
    moments = Moments()
    for number in LOOKS:
        more = number - moments.count
        common = rng.normal(size=(more, 1))
        moments.add((common + rng.normal(size=(more, len(means))) + means).T)
        lead = lead_of(moments.mean, moments.covariance, moments.count)
        rivals = np.delete(lead.in_errors, lead.best)
        if (rivals >= needed).all():
            return lead.best
    return None


@pytest.mark.parametrize("means", [[0.0, 0.0], [0.0, 0.02, 0.02]])
def test_the_wrong_option_is_seldom_settled_on(means: list[float]) -> None:
    """With equal means every choice is counted as wrong, the hardest case there is."""
    rng = np.random.default_rng(1)
    found = [settled_on(rng, means, 0.9) for _ in range(TRIALS)]
    best = max(means)
    wrong = sum(1 for j in found if j is not None and (means[j] < best or means.count(best) == len(means)))
    # each of the two directions of a tie has the whole of what may go wrong
    allowed = 0.2 if len(set(means)) == 1 else 0.1
    assert wrong / TRIALS <= allowed + 3 * np.sqrt(allowed * (1 - allowed) / TRIALS)


def test_a_clear_lead_is_settled_early() -> None:
    rng = np.random.default_rng(2)
    assert [settled_on(rng, [0.0, 2.0], 0.95) for _ in range(50)] == [1] * 50

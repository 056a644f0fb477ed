import math

import numpy as np
import pytest

from communitybudget.sensitivity import nested_evppi


def two_level(outer, inner, correlation=0.0, seed=1):
    """Return the value of knowing a where the gain is 0.3 + a + 2 b, with a and b standard normal."""
    spread = math.sqrt(1 - correlation**2)
    return nested_evppi(
        lambda known, rest: np.concatenate([0 * known, 0.3 + known + 2 * rest], axis=1),
        lambda random, count: random.normal(size=(count, 1)),
        lambda random, known, count: random.normal(correlation * known, spread, size=(count, 1)),
        outer=outer,
        inner=inner,
        seed=seed,
        names=("a",),
    )


def exact(sd):
    ratio = 0.3 / sd
    density = math.exp(-0.5 * ratio**2) / math.sqrt(2 * math.pi)
    return sd * density - 0.3 * 0.5 * math.erfc(ratio / math.sqrt(2))


@pytest.mark.parametrize("correlation", [0.0, 0.5])
def test_a_normal_gain_has_its_closed_form(correlation):
    found = two_level(2_000, 1_000, correlation)
    assert abs(found.value - exact(1 + 2 * correlation)) < 4 * found.standard_error
    known = (1 + 2 * correlation) ** 2
    assert abs(found.explained[0] - known / (known + 4 * (1 - correlation**2))) < 0.03
    assert found.of == ("a",)


def test_few_inner_draws_are_too_high_and_halves_too_low():
    found = two_level(4_000, 10)
    assert found.left_out < exact(1.0) < found.in_sample == found.value


def test_a_seed_gives_the_same_bits():
    assert two_level(50, 10) == two_level(50, 10)
    assert two_level(50, 10) != two_level(50, 10, seed=2)


@pytest.mark.parametrize(("outer", "inner"), [(1, 10), (10, 1), (10, 3), (10, 0)])
def test_too_few_draws_are_refused(outer, inner):
    with pytest.raises(ValueError, match="even number"):
        two_level(outer, inner)

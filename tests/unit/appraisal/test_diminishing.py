"""The effect of the next and of the average family, against sums over every family one by one."""

import math

import numpy as np
import pytest

from communitybudget.appraisal import FallPerDoubling, NoDiminishing, ShareKept

PILOT = 100.0
FORMS = [NoDiminishing(), ShareKept(0.6, 400), ShareKept(0, 50), FallPerDoubling(0.1), FallPerDoubling(0.5)]


@pytest.mark.parametrize("form", FORMS, ids=repr)
@pytest.mark.parametrize("families", [20, 100, 101, 700, 5_000])
def test_the_average_is_the_mean_over_all_families(form, families: int) -> None:
    """A midpoint sum over ten slices of each family."""
    slices = (np.arange(families * 10) + 0.5) / 10
    one_by_one = np.mean([form.next_family(float(n), PILOT) for n in slices])
    assert form.average_family(families, PILOT) == pytest.approx(one_by_one, rel=1e-6)


def test_a_finance_officers_reading_of_the_numbers() -> None:
    kept = ShareKept(0.6, half_way=400)
    assert kept.next_family(PILOT + 400, PILOT) == pytest.approx(0.8)  # half of the fall of 40%
    assert kept.next_family(PILOT + 800, PILOT) == pytest.approx(0.7)  # three quarters of it
    assert kept.next_family(1e9, PILOT) == pytest.approx(0.6)
    falls = FallPerDoubling(0.1)
    assert [falls.next_family(PILOT * 2**k, PILOT) for k in range(4)] == pytest.approx([1, 0.9, 0.81, 0.729])


@pytest.mark.parametrize("form", FORMS, ids=repr)
def test_the_pilot_and_less_keep_the_whole_effect(form) -> None:
    for families in (1.0, 60.0, PILOT):
        assert form.next_family(families, PILOT) == form.average_family(families, PILOT) == 1.0


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: ShareKept(60, 400), "the share kept is 60; write 60% as 0.6"),
        (lambda: ShareKept(0.6, 0), "half_way is 0 families; give a number above 0"),
        (lambda: FallPerDoubling(1), "the fall per doubling is 1; write 10% as 0.1, below 1"),
        (lambda: FallPerDoubling(math.nan), "the fall per doubling is nan"),
    ],
)
def test_numbers_out_of_range(make, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()


def test_each_form_says_what_it_does() -> None:
    assert [form.words for form in (NoDiminishing(), ShareKept(0.6, 400), FallPerDoubling(0.1))] == [
        "none: every later family gains what a pilot family gained",
        "60% of the effect is kept at full scale, half of the fall after 400 families",
        "the effect falls by 10% each time the programme doubles",
    ]

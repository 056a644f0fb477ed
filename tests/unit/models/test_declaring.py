"""What is no declaration at all is told in a sentence, and never by a traceback from inside."""

import numpy as np
import pytest

from communitybudget._core.errors import EffectError, ParameterError, TransitionError
from communitybudget.models import (
    Option,
    StateModel,
    Timing,
    by_cycle,
    by_duration,
    by_year,
    cost,
    from_matrix,
    hazard_ratio,
    probability,
    rate,
)


def model(**changes):
    given = {"states": ("well", "ill"), "cycles": 3, "moves": {"well -> ill": rate(0.1)}}
    return StateModel(**{**given, **changes})


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"states": "well"}, "the states are the text 'well'; give a list of names"),
        ({"states": ("well", 2, "*", "a -> b")}, "2, '\\*', 'a -> b' cannot name a state"),
        ({"options": ["bau"]}, r"'bau' is none of the options; give Option\('name'\)"),
        ({"rewards": [5]}, r"5 is none of the rewards; give cost\(...\)"),
        ({"moves": [("well", "ill", 0.1)]}, "give a mapping {'a -> b': "),
        ({"moves": np.eye(2)}, r"from_matrix\(...\)"),
        ({"start": [1, 0]}, r"start is \[1, 0\]; give a state, or a mapping"),
        ({"intake": "many"}, "intake is 'many'; give numbers"),
        ({"intake": [1, -1, 0]}, "intake is negative or missing in some cycle"),
        ({"frailty": 0.5, "frailty_on": "* -> ill"}, "frailty is 0.5; give classes"),
        ({"first_year": "2026"}, "first_year: '2026' is not a financial year"),
        ({"memory_mb": 0}, "memory_mb is 0; give megabytes"),
        ({"moves": {"well -> ill": rate(by_cycle(lambda t: [0.1] * (t + 1)))}}, "the function of by_cycle"),
    ],
)
def test_parts_of_a_model(changes, text):
    with pytest.raises(TransitionError, match=text):
        model(**changes)


def test_faults_of_the_frame_come_together():
    with pytest.raises(TransitionError) as found:
        model(states="well", cycles=0, first_year="2026", options=["bau"], cycle_months=0)
    assert len(str(found.value).splitlines()) == 5


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: Option(""), "the name of an option is ''"),
        (lambda: Option("a", changes=[{"well -> ill": 0.5}]), "is none of its changes; give hazard_ratio"),
        (lambda: probability(lambda t: 0.1), "wrap a function in by_cycle or by_duration"),
        (lambda: rate(0.1, per_months=0), "per_months is 0"),
        (lambda: from_matrix([[1, 0], [1]]), "the table of moves is"),
        (lambda: by_duration({0: 0.1, 2.5: 0.2}), "begin each at a whole cycle"),
        (lambda: by_duration({1: 0.1}), "begin at 1; begin at 0"),
        (lambda: by_cycle({0: [0.1, 0.2], 2: [0.1, 0.2, 0.3]}), "have 2, 3 draws"),
        (lambda: by_year({"2026": 0.1}), "by_year: '2026' is not a financial year"),
        (lambda: hazard_ratio("well -> ill", 0.5, timing=3), "timing is 3; give Timing"),
        (
            lambda: hazard_ratio("well -> ill", 0.5, timing=Timing(lag=-3)),
            "the lag of the timing is negative",
        ),
        (lambda: hazard_ratio("well -> ill", 0.5, from_cycle=-1), "from_cycle is -1"),
        (lambda: cost("c", 1, at_start="well"), "at_start is 'well'; give True"),
        (lambda: model().transition("bau", cycle=3), "give a cycle from 0 to 2"),
        (lambda: model().run().trace("bau", draws=0), "draws is 0; ask for one"),
    ],
)
def test_parts_by_themselves(make, text):
    with pytest.raises((TransitionError, EffectError, ParameterError), match=text):
        make()

"""What every result offers: one test over all of them."""

import importlib
import json
import pkgutil
from collections.abc import Callable
from typing import Any

import matplotlib.axes
import pandas as pd
import pytest

import communitybudget
from communitybudget._core import results
from communitybudget._core.results import JsonResult
from communitybudget.agreement import Settlement
from communitybudget.case import (
    Agreement,
    Agreements,
    Appraisal,
    AppraisalSummary,
    Case,
    Decision,
    SetEffect,
    summarise,
)
from communitybudget.ledger import Ledger
from communitybudget.models import ModelChance, ModelRun
from communitybudget.pathways import Audit
from communitybudget.sensitivity import DecisionTable, Importance, ScenarioSets, Tornado
from communitybudget.simulation import Activity, PublishedChecks

RESULTS: dict[str, Callable[[Appraisal], Any]] = {
    "Activity": lambda r: r.activity,
    "Ledger": lambda r: r.ledger,
    "Appraisal": lambda r: r,
    "Tornado": lambda r: r.tornado("early_help"),
    "Decision": lambda r: r.decision(),
    "DecisionTable": lambda r: r.decision().table,
    "Importance": lambda r: r.what_if("early_help").importance_by_agency(),
    "Agreement": lambda r: r.agreement("first_call"),
    "Agreements": lambda r: r.agreements(),
    "ScenarioSets": lambda r: r.what_if("early_help").scenario_sets(),
}
KINDS = {
    "Activity": Activity,
    "Ledger": Ledger,
    "Appraisal": Appraisal,
    "Tornado": Tornado,
    "Decision": Decision,
    "DecisionTable": DecisionTable,
    "Importance": Importance,
    "Agreement": Agreement,
    "Agreements": Agreements,
    "ScenarioSets": ScenarioSets,
    "AppraisalSummary": AppraisalSummary,
}


@pytest.fixture(scope="session")
def summarised(hounslow: Case) -> AppraisalSummary:
    return summarise(hounslow, draws=600, seed=1)


@pytest.fixture(params=KINDS)
def outcome(request: pytest.FixtureRequest, hounslow_result: Appraisal, summarised: AppraisalSummary) -> Any:
    return RESULTS[request.param](hounslow_result) if request.param in RESULTS else summarised


def test_it_sums_itself_up_in_text_without_the_time(outcome: Any) -> None:
    text = outcome.summary()
    assert text == outcome.summary()
    assert "england 0.5.0" in text
    assert "seed 1" in text
    assert "600 draws" in text


def test_it_gives_a_tidy_frame(outcome: Any) -> None:
    frame = outcome.to_frame()
    assert isinstance(frame, pd.DataFrame)
    assert len(frame) > 0
    assert all(isinstance(c, str) and c == c.lower() for c in frame.columns)
    first = frame.columns[0]
    frame[first] = "changed"
    assert not (outcome.to_frame()[first] == "changed").any()  # the caller's frame is his own


def test_it_draws_itself_and_returns_the_axes(outcome: Any) -> None:
    assert isinstance(outcome.plot(), matplotlib.axes.Axes)


def test_its_repr_is_one_line(outcome: Any) -> None:
    text = repr(outcome)
    assert "\n" not in text
    assert text.startswith(type(outcome).__name__)
    assert "seed=1" in text


def test_its_card_has_price_base_seed_draws_and_set_in_the_footer(outcome: Any) -> None:
    html = outcome._repr_html_()
    assert "england 0.5.0" in html
    assert "seed 1" in html
    assert "600 draws" in html
    assert "2013-14" in html or isinstance(outcome, Activity)
    assert "<script" not in html


def test_it_is_equal_by_value_and_survives_json(outcome: Any) -> None:
    text = outcome.to_json()
    json.loads(text)
    back = KINDS[type(outcome).__name__].from_json(text)
    assert back == outcome
    assert back.to_json() == text


def test_other_json_is_refused(outcome: Any) -> None:
    with pytest.raises(ValueError, match=r"hold|JSON"):
        type(outcome).from_json('{"$": "Something"}')


def test_an_appraisal_read_back_can_be_asked_further(run_small: Callable[..., Appraisal]) -> None:
    result = run_small(draws=400)
    back = Appraisal.from_json(result.to_json())
    assert back.tornado() == result.tornado()
    assert back.break_even().equals(result.break_even())
    pd.testing.assert_frame_equal(back.assumptions(), result.assumptions())


def test_text_of_a_case_is_escaped(small: dict, run_small: Callable[..., Appraisal]) -> None:
    result = run_small(draws=20, title="<script>alert(1)</script>", place='"><img src=x>')
    for html in (result._repr_html_(),):
        assert "<script>" not in html
        assert "<img" not in html


def test_no_two_results_share_a_name() -> None:
    """JSON names a result by its class: `result` refuses a second one when its module is read."""
    for module in pkgutil.walk_packages(communitybudget.__path__, "communitybudget."):
        if module.name != "communitybudget.__main__":
            importlib.import_module(module.name)
    with pytest.raises(TypeError, match="two results are called Ledger"):
        results.result(type("Ledger", (), {}))


def test_every_result_offers_the_same() -> None:
    """Those above in depth; the others by name: each has tests of its own."""
    kinds = [kind for kind in results._KINDS.values() if issubclass(kind, JsonResult)]
    assert {Audit, ModelChance, ModelRun, PublishedChecks, SetEffect, Settlement} <= set(kinds)
    for kind in kinds:
        if kind.__module__.startswith("communitybudget."):
            for name in ("summary", "to_frame", "plot", "to_json", "from_json", "_repr_html_"):
                assert callable(getattr(kind, name, None)), f"{kind.__name__} has no {name}"

"""What a run gives: totals, differences, frames, text, chart, and JSON there and back."""

import json

import matplotlib.axes
import numpy as np
import pytest

from communitybudget import ParameterNotFound
from communitybudget._core.errors import ParameterError
from communitybudget.models import (
    ModelRun,
    Option,
    StateModel,
    by_cycle,
    cost,
    effect,
    hazard_ratio,
    probability,
    rate,
    replaced,
)


def small(draws=200, effects=1):
    random = np.random.default_rng(2)
    more = [effect("entries", 1, entering="ill")] if effects > 1 else []
    return StateModel(
        states=("well", "ill", "dead"),
        cycles=5,
        moves={
            "well -> ill": probability(random.beta(20, 80, draws) if draws else 0.2, unless="dead"),
            "* -> dead": rate(by_cycle(lambda t: 0.01 * (t + 1))),
        },
        rewards=[
            cost("ward", 900, in_state="ill", per="year", agency="nhs"),
            cost("visits", 50, in_state=["well", "ill"], per="year", agency="local_authority"),
            effect("QALY", in_state={"well": 1.0, "ill": 0.6}, per="year"),
            *more,
        ],
        options=[
            Option("bau"),
            Option(
                "help",
                changes=[hazard_ratio("well -> ill", 0.7)],
                rewards=[cost("worker", 400, at_start=True, agency="police")],
            ),
        ],
        first_year="2026-27",
        price_base="2025-26",
        title="Help for some",
    )


@pytest.fixture(scope="module")
def run():
    return small().run()


def test_totals_add_up_over_agencies_and_years(run):
    whole = run.total("cost", "help")
    parts = sum(run.total("cost", "help", agency=a) for a in ("nhs", "local_authority", "police"))
    np.testing.assert_allclose(whole, parts, rtol=1e-14)
    by_year = run.by_year("cost", "help", discounted=True)
    assert by_year.shape == (5,)
    assert by_year.sum() == pytest.approx(whole.mean())
    assert run.total("effect", "bau") is not None


def test_the_difference_and_its_ratio(run):
    more = run.incremental("help")
    cost_more = run.total("cost", "help") - run.total("cost", "bau")
    gained = run.total("QALY", "help") - run.total("QALY", "bau")
    assert (more.cost == cost_more).all()
    assert (more.effect == gained).all()
    assert more.icer == pytest.approx(cost_more.mean() / gained.mean())
    np.testing.assert_allclose(more.net_benefit(20_000), 20_000 * gained - cost_more)
    assert "ICER" in str(more)
    back = run.incremental("bau", "help")
    assert back.icer == pytest.approx(more.icer)
    assert np.isnan(run.incremental("bau", "bau").icer)


def test_options_on_the_frontier():
    """By hand: C is dominated by B, D lies above the line from B to E."""
    points = {"A": (100, 1.0), "B": (200, 2.0), "C": (250, 1.5), "D": (900, 2.5), "E": (1000, 4.0)}
    model = StateModel(
        states=("a",),
        cycles=1,
        moves={},
        options=[
            Option(name, rewards=[cost("c", c, at_start=True), effect("e", e, at_start=True)])
            for name, (c, e) in points.items()
        ],
        price_base="2025-26",
    )
    run = model.run()
    frame = run.frontier().set_index("option")
    assert frame["status"].to_dict() == {"A": "ND", "B": "ND", "E": "ND", "C": "D", "D": "ED"}
    assert frame.loc[["B", "E"], "icer"].tolist() == [100.0, 400.0]
    assert run.net_benefit(500).tolist() == [[400, 800, 500, 350, 1000]]


def test_several_effects_are_named(run):
    with pytest.raises(ParameterError, match="several effects; name one of QALY, entries"):
        small(0, effects=2).run().incremental("help")
    assert small(0, effects=2).run().incremental("help", effect="entries").effect[0] < 0
    with pytest.raises(ParameterNotFound, match="did you mean 'QALY'"):
        run.total("QALYs", "bau")
    with pytest.raises(ParameterNotFound, match="no option 'hlep'; did you mean 'help'"):
        run.total("QALY", "hlep")


def test_a_tidy_frame_with_intervals_and_errors(run):
    frame = run.to_frame()
    row = frame[(frame.option == "help") & (frame.reward == "ward") & frame.discounted].iloc[0]
    values = run.total("ward", "help")
    assert row["mean"] == pytest.approx(values.mean())
    assert row["mc_error"] == pytest.approx(values.std(ddof=1) / np.sqrt(200))
    assert (row["low"], row["high"]) == tuple(np.quantile(values, [0.025, 0.975]))
    assert row["unit"] == "GBP, 2025-26 prices"
    assert len(frame) == 2 * 2 * 4
    years = run.to_frame("year")
    assert years["year"].unique().tolist() == ["2026-27", "2027-28", "2028-29", "2029-30", "2030-31"]
    one = years[(years.option == "help") & (years.reward == "ward") & years.discounted]
    assert one["mean"].sum() == pytest.approx(values.mean())
    assert (one["mc_error"] > 0).all()
    with pytest.raises(ParameterError, match="use 'reward' or 'year'"):
        run.to_frame("agency")


def test_standard_deviations_by_year_are_exact():
    """The first year is certain; later ones spread as the draws do."""
    model = small()
    run = model.run()
    trace = run.trace("bau")
    ward = 900 * (trace[:-1, 1] + trace[1:, 1]) / 2
    np.testing.assert_allclose(run.year_sds[0, 0, 0], ward.std(axis=1, ddof=1), rtol=1e-9)
    np.testing.assert_allclose(run.year_means[0, 0, 0], ward.mean(axis=1), rtol=1e-12)


def test_it_sums_itself_up_with_its_conventions(run):
    text = run.summary()
    for part in (
        "Help for some",
        "bau: fiscal cost",
        "Police",
        "help against bau: cost per QALY (ratio of means)",
        "Counting: life table",
        "Discounting: per financial year",
        "Moves: at departure",
        "GBP, 2025-26 prices",
        "200 draws",
        "Monte Carlo error",
    ):
        assert part in text
    assert run._repr_html_().count("Counting: life table") == 1
    assert repr(run) == "ModelRun(2 options, 4 rewards, 5 cycles, draws=200)"


def test_text_is_escaped():
    model = StateModel(states=("a",), cycles=1, moves={}, title="<script>")
    assert "<script>" not in model.run()._repr_html_()


def test_it_survives_json_and_can_be_asked_further(run):
    text = run.to_json()
    json.loads(text)
    back = ModelRun.from_json(text)
    assert back == run
    assert back.to_json() == text
    assert (back.trace("help", draws=3) == run.trace("help", draws=3)).all()
    assert back.summary() == run.summary()
    assert back.model.run() == run


def test_what_was_given_as_functions_survives_json_too():
    later = replaced("well -> ill", probability(by_cycle(lambda t: 0.1 * t), unless="dead"), from_cycle=2)
    model = small(0)
    again = StateModel(
        states=model.states,
        cycles=5,
        moves=model.moves,
        rewards=model.rewards,
        options=[Option("bau"), Option("x", changes=later)],
        price_base="2025-26",
    )
    run = again.run()
    assert ModelRun.from_json(run.to_json()).model.run() == run


def test_it_draws_the_people_in_each_state(run):
    axes = run.plot(option="help")
    assert isinstance(axes, matplotlib.axes.Axes)
    assert axes.get_title() == "Help for some: help"
    assert [t.get_text() for t in axes.get_legend().get_texts()] == ["well", "ill", "dead"]


def test_traces_sum_to_one_and_may_be_of_a_few_draws(run):
    few = run.trace("help", draws=4)
    assert few.shape == (6, 3, 4)
    assert (few == run.trace("help")[..., :4]).all()
    np.testing.assert_allclose(few.sum(axis=1), 1, atol=1e-14)

from communitybudget.pathways import Outcome, Rate, StartShare
from communitybudget.simulation import build_layout, place_start
from communitybudget.simulation.layout import Ladder, first_passage


def rate(move, from_month=0, to_month=None):
    source, target = move.split(">")
    return Rate((source, target), from_month, to_month, f"{move}.m{from_month}", "")


def bands(layout, state):
    return [(layout.cells[i].from_month, layout.cells[i].to_month) for i in layout.cells_of(state)]


def moves_out(layout, edges, state):
    return [(layout.cells[e.source].from_month, e.parameter) for e in edges if e.move[0] == state]


def test_a_state_without_exits_is_one_cell():
    layout = build_layout(["home", "away"], [rate("home>away")])
    assert bands(layout, "away") == [(0, None)]
    assert layout.ladders == ()
    assert [(e.source, e.target) for e in layout.edges] == [(0, 1)]


def test_a_state_is_cut_wherever_any_of_its_rates_changes():
    rates = [rate("plan>closed", 0, 3), rate("plan>closed", 3), rate("plan>care", 0, 6), rate("plan>care", 6)]
    layout = build_layout(["plan", "closed", "care"], rates)
    assert bands(layout, "plan") == [(0, 3), (3, 6), (6, None)]
    assert moves_out(layout, layout.edges, "plan") == [
        (0, "plan>closed.m0"),
        (0, "plan>care.m0"),
        (3, "plan>closed.m3"),
        (3, "plan>care.m0"),
        (6, "plan>closed.m3"),
        (6, "plan>care.m6"),
    ]
    # last bands first, so that nobody climbs two steps in a month
    assert layout.ladders == (Ladder(1, 2, 3), Ladder(0, 1, 3))


def test_nobody_leaves_outside_the_band_of_a_rate():
    layout = build_layout(["custody", "released"], [rate("custody>released", 2, 5)])
    assert bands(layout, "custody") == [(0, 2), (2, 5), (5, None)]
    assert moves_out(layout, layout.edges, "custody") == [(2, "custody>released.m2")]


def test_cuts_split_a_state_that_costs_more_at_first():
    layout = build_layout(["home", "care"], [rate("home>care")], {"home": {12}})
    assert bands(layout, "home") == [(0, 12), (12, None)]
    assert moves_out(layout, layout.edges, "home") == [(0, "home>care.m0"), (12, "home>care.m0")]


def test_a_move_to_the_same_state_is_an_event_that_moves_nobody():
    layout = build_layout(["closed", "open"], [rate("closed>closed", 0, 12), rate("closed>open")])
    assert moves_out(layout, layout.events, "closed") == [(0, "closed>closed.m0")]
    assert moves_out(layout, layout.edges, "closed") == [(0, "closed>open.m0"), (12, "closed>open.m0")]


def test_everyone_arrives_in_the_first_band():
    layout = build_layout(["a", "b"], [rate("a>b"), rate("b>a", 0, 4), rate("b>a", 4)])
    assert {e.target for e in layout.edges if e.move == ("a", "b")} == {layout.first_cell["b"]}


def test_starts_go_part_way_through_their_band():
    layout = build_layout(
        ["plan"], [rate("plan>plan", 0, 3), rate("plan>plan", 3, 12), rate("plan>plan", 12)]
    )
    starts = [StartShare("plan", months, str(months)) for months in (0, 2, 3, 7, 12, 40, None)]
    placed = [(start.cell, start.months_in_band) for start in place_start(layout, starts)]
    # in the last band the months no longer matter
    assert placed == [(0, 0), (0, 2), (1, 0), (1, 4), (2, 0), (2, 0), (2, 0)]


def test_first_passage_splits_the_moves_that_count_in_part():
    rates = [rate("none>order"), rate("none>custody"), rate("order>order"), rate("order>none")]
    layout = build_layout(["none", "order", "custody"], rates)
    outcome = Outcome(
        "convicted", "", None, {("none", "order"): 0.55, ("none", "custody"): 1.0, ("order", "order"): 0.85}
    )
    passage = first_passage(layout, outcome)
    assert passage.layout.events == ()
    found = {
        (e.move, e.target == passage.cell): (row[0], row[2])
        for e, row in zip(passage.layout.edges, passage.rows, strict=True)
    }
    assert found == {
        (("none", "order"), False): ("edge", 1 - 0.55),
        (("none", "order"), True): ("edge", 0.55),
        (("none", "custody"), True): ("edge", 1.0),
        (("order", "order"), True): ("event", 0.85),
        (("order", "none"), False): ("edge", 1.0),
    }
    sources = [e.source for e in passage.layout.edges]
    assert sources == sorted(sources)

from itertools import combinations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from communitybudget.charts import figure_bytes, plot_states
from communitybudget.parameters import ParameterSet
from communitybudget.pathways import load_pathway

ENGLAND = ParameterSet.load("england")


@pytest.fixture
def states() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "state": ["none", "order", "custody"],
            "label": ["No offence", "Caution, order or community sentence", "In custody"],
            "start_share": [0.96, 0.04, 0.0],
            "absorbing": [0, 0, 1],
        }
    )


@pytest.fixture
def moves() -> pd.DataFrame:
    return pd.DataFrame(
        [
            ("none", "order", 0.01, "1.0%"),
            ("order", "none", 0.1, "10%"),
            ("order", "order", 0.03, "3.0%"),
            ("order", "custody", 0.002, "0.20%"),
        ],
        columns=["source", "target", "chance", "text"],
    )


def texts(ax: Axes, kind: str) -> list[str]:
    return [text.get_text() for text in ax.texts if text.get_gid() == kind]


def arrows(ax: Axes) -> list[FancyArrowPatch]:
    return [patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]


def boxes(ax: Axes) -> list[FancyBboxPatch]:
    return [patch for patch in ax.patches if isinstance(patch, FancyBboxPatch)]


def assert_clean(ax: Axes) -> None:
    """No box or label lies on another, and nothing reaches over the edge."""
    figure = ax.figure
    figure.draw_without_rendering()
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    edge = figure.get_tightbbox(renderer)
    width, height = figure.get_size_inches()  # type: ignore[union-attr]
    assert edge.x0 >= -0.01
    assert edge.y0 >= -0.01
    assert edge.x1 <= width + 0.01
    assert edge.y1 <= height + 0.01
    placed = [(str(i), box.get_window_extent(renderer)) for i, box in enumerate(boxes(ax))]
    placed += [(t.get_text(), t.get_window_extent(renderer)) for t in ax.texts if t.get_gid() != "state"]
    placed += [("title", ax.title.get_window_extent(renderer))]
    for (one, a), (two, b) in combinations(placed, 2):
        across = min(a.x1, b.x1) - max(a.x0, b.x0)
        down = min(a.y1, b.y1) - max(a.y0, b.y0)
        assert across <= 0.5 or down <= 0.5, f"{one!r} lies on {two!r}"
    for box, text in zip(boxes(ax), [t for t in ax.texts if t.get_gid() == "state"], strict=True):
        outer, inner = box.get_window_extent(renderer), text.get_window_extent(renderer)
        assert outer.x0 <= inner.x0
        assert inner.x1 <= outer.x1
        assert outer.y0 <= inner.y0
        assert inner.y1 <= outer.y1


def test_boxes_say_what_they_are(states: pd.DataFrame, moves: pd.DataFrame) -> None:
    ax = plot_states(states, moves)
    assert [" ".join(text.split()) for text in texts(ax, "state")] == [
        "No offence start: 96%",
        "Caution, order or community sentence start: 4.0%",
        "In custody nobody leaves",
    ]
    assert [box.get_linestyle() for box in boxes(ax)] == ["-", "-", "--"]


def test_arrows_are_thicker_where_the_chance_is_larger(states: pd.DataFrame, moves: pd.DataFrame) -> None:
    ax = plot_states(states, moves)
    assert texts(ax, "move") == ["1.0%", "10%", "3.0%", "0.20%"]
    widths = [arrow.get_linewidth() for arrow in arrows(ax)]
    assert len(widths) == 4
    assert sorted(widths, reverse=True) == [widths[1], widths[2], widths[0], widths[3]]


def test_arrows_run_from_box_to_box(states: pd.DataFrame, moves: pd.DataFrame) -> None:
    ax = plot_states(states, moves)

    def near(box: FancyBboxPatch, point: tuple[float, float]) -> bool:
        x, y = point
        left, low = box.get_x(), box.get_y()
        return (
            left - 0.3 <= x <= left + box.get_width() + 0.3 and low - 0.3 <= y <= low + box.get_height() + 0.3
        )

    names = states["state"].tolist()
    for arrow, (_, row) in zip(arrows(ax), moves.iterrows(), strict=True):
        path = arrow._path_original  # type: ignore[attr-defined]
        assert near(boxes(ax)[names.index(row["source"])], tuple(path.vertices[0]))
        assert near(boxes(ax)[names.index(row["target"])], tuple(path.vertices[-1]))


def test_two_ways_are_two_arrows_apart(states: pd.DataFrame, moves: pd.DataFrame) -> None:
    there, back = arrows(plot_states(states, moves))[:2]
    middles = [a._path_original.vertices[len(a._path_original.vertices) // 2] for a in (there, back)]  # type: ignore[attr-defined]
    assert abs(middles[0] - middles[1]).max() > 0.4


@pytest.mark.parametrize("name", ENGLAND.structures)
@pytest.mark.parametrize("profile", ["medium_need", "general"])
def test_every_pathway_is_drawn_clean(name: str, profile: str) -> None:
    assert_clean(load_pathway(ENGLAND, name).plot(profile=profile))


@settings(max_examples=15)
@given(count=st.integers(1, 9), seed=st.integers(0, 1000))
def test_any_number_of_states_stands_apart(count: int, seed: int) -> None:
    names = [f"state_{i}" for i in range(count)]
    frame = pd.DataFrame(
        {
            "state": names,
            "label": [f"State number {i}, in words" for i in range(count)],
            "start_share": 1 / count,
            "absorbing": 0,
        }
    )
    pairs = [(names[i], names[(i * (1 + seed % 4) + 1) % count]) for i in range(count)]
    moves = pd.DataFrame(pairs, columns=["source", "target"]).drop_duplicates()
    ax = plot_states(frame, moves.assign(chance=0.1, text="10%"))
    drawn = [(b.get_x(), b.get_y(), b.get_width(), b.get_height()) for b in boxes(ax)]
    for (x, y, w, h), (u, v, p, q) in combinations(drawn, 2):
        assert x + w <= u or u + p <= x or y + h <= v or v + q <= y


def test_the_same_bytes_each_time(states: pd.DataFrame, moves: pd.DataFrame) -> None:
    one, two = (figure_bytes(plot_states(states, moves).figure, "png") for _ in range(2))
    assert one == two


def test_on_axes_of_the_reader(states: pd.DataFrame, moves: pd.DataFrame) -> None:
    ax = Figure().add_subplot()
    assert plot_states(states, moves, ax, title="Mine", subtitle="Read it so") is ax
    assert ax.get_title() == "Mine"
    assert texts(ax, "subtitle") == ["Read it so"]


def test_frames_are_left_as_they_were(states: pd.DataFrame, moves: pd.DataFrame) -> None:
    copies = states.copy(), moves.copy()
    plot_states(states, moves)
    pd.testing.assert_frame_equal(states, copies[0])
    pd.testing.assert_frame_equal(moves, copies[1])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s, m: (s.drop(columns="label"), m), "lacks 'label'"),
        (lambda s, m: (pd.concat([s, s[:1]]), m), "'none' comes more than once"),
        (lambda s, m: (s, m.assign(target="prison")), "moves name prison, of which there is no state"),
        (lambda s, m: (s.assign(start_share=-0.1), m), "is negative"),
        (lambda s, m: (s, m.assign(chance=-1.0)), "is negative"),
        (lambda s, m: (s, m[:0]), "the frame has no rows"),
    ],
)
def test_bad_frames(states: pd.DataFrame, moves: pd.DataFrame, change, words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=words):
        plot_states(*change(states, moves))

"""The states of a pathway as boxes and the moves between them as arrows."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, permutations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path
from matplotlib.textpath import text_to_path
from numpy.typing import NDArray

from communitybudget.charts.frames import checked, unique
from communitybudget.charts.layout import FULL_WIDTH, canvas, set_titles, wrap_label
from communitybudget.charts.style import BLUE, DARK, GREY, SMALL

Array = NDArray[np.float64]

_CM_PER_POINT = 2.54 / 72
_WIDTH = 15.6
_LABEL, _CHANCE = SMALL, 7.0
_PALE, _GREYED = "#E8EFF7", "#EEEEEE"
_THINNEST, _THICKEST = 0.7, 2.2
_APART = 0.16
_SAMPLES = 61
# wider titles would take room from the drawing at its right
_TITLE_POINTS = FULL_WIDTH - 25
_CROSSING = 6.0
_ASIDE = 0.24
_SHARES = (0.5, 0.45, 0.55, 0.4, 0.6, 0.35, 0.65, 0.3, 0.7, 0.25, 0.75, 0.2, 0.8)
_MOST_TO_TRY, _HUB_FROM = 9, 7


@dataclass(frozen=True, slots=True)
class _Box:
    """A rectangle by its centre and size, in centimetres."""

    x: float
    y: float
    width: float
    height: float

    def holds(self, points: Array, margin: float = 0.0) -> NDArray[np.bool_]:
        """Return which points (N, 2) lie inside, or nearer than ``margin``."""
        inside: NDArray[np.bool_] = (np.abs(points[:, 0] - self.x) <= self.width / 2 + margin) & (
            np.abs(points[:, 1] - self.y) <= self.height / 2 + margin
        )
        return inside

    def overlap(self, other: "_Box", margin: float = 0.0) -> float:
        """Return the area in common with another rectangle grown by ``margin``."""
        across = (self.width + other.width) / 2 + margin - abs(self.x - other.x)
        along = (self.height + other.height) / 2 + margin - abs(self.y - other.y)
        return max(across, 0.0) * max(along, 0.0)


def plot_states(
    states: pd.DataFrame,
    moves: pd.DataFrame,
    ax: Axes | None = None,
    *,
    title: str | None = None,
    subtitle: str | None = None,
) -> Axes:
    """Draw the states of a pathway as boxes and its moves as arrows, thicker where they are likelier.

    Parameters
    ----------
    states : DataFrame
        One row per state: ``state``, ``label``, ``start_share`` (between 0 and 1), and ``absorbing``
        (1 where nobody leaves, else 0).
    moves : DataFrame
        One row per move: ``source`` and ``target`` (names of states; the same twice for an event that
        moves nobody), ``chance`` (in a month, sets the thickness) and ``text`` (printed on it).
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; new axes in the house style if not given. They need the whole width of a page.
    title, subtitle : str, optional
        Title in place of "States and moves", and the line below it.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If columns or rows are missing, a state comes twice, a move names a state that is not there, or
        a share or chance is negative.

    Examples
    --------
    >>> states = pd.DataFrame(
    ...     {"state": ["a", "b"], "label": ["In work", "Claiming"], "start_share": [0.9, 0.1], "absorbing": 0}
    ... )
    >>> moves = pd.DataFrame({"source": ["a"], "target": ["b"], "chance": [0.01], "text": ["1%"]})
    >>> ax = plot_states(states, moves)
    >>> [text.get_text() for text in ax.texts if text.get_gid() == "move"]
    ['1%']
    """
    chart = "plot_states"
    boxes_of = checked(states, chart, text=["state", "label"], numbers=["start_share", "absorbing"])
    unique(boxes_of, "state", chart)
    arrows = checked(moves, chart, text=["source", "target", "text"], numbers=["chance"])
    names = boxes_of["state"].tolist()
    strangers = sorted({*arrows["source"], *arrows["target"]} - set(names))
    if strangers:
        raise ValueError(f"{chart}: moves name {', '.join(strangers)}, of which there is no state")
    if (boxes_of["start_share"] < 0).any() or (arrows["chance"] < 0).any():
        raise ValueError(f"{chart}: a share or a chance is negative; give both as 0 or more")

    texts = [_box_text(label, share, absorbing) for _, label, share, absorbing in boxes_of.itertuples(False)]
    pairs = [
        (names.index(a), names.index(b)) for a, b in zip(arrows["source"], arrows["target"], strict=True)
    ]
    height = _height_cm(len(names))
    boxes = _place_boxes(texts, pairs, height)
    curves = [_curve(boxes, a, b, two_way=(b, a) in pairs and a != b) for a, b in pairs]
    for k, (a, b) in enumerate(pairs):
        if a == b:
            others = [c for c, (i, j) in zip(curves, pairs, strict=True) if i != j]
            curves[k] = _loop(boxes, a, others)
    widest = max(float(arrows["chance"].max()), 1e-12)
    places = _label_places(boxes, curves, [_size(text, _CHANCE) for text in arrows["text"]])

    ys = np.concatenate([curve[:, 1] for curve in curves] + [_edges(box) for box in (*boxes, *places)])
    low, high = float(ys.min()) - 0.1, float(ys.max()) + 0.1
    heading, below = title or "States and moves", subtitle
    if below is None:
        below = "States and moves. On an arrow: chance of the move in a month, on entering the state → "
        below += "after longest there."
        if any(a == b for a, b in pairs):
            below += " A loop: an event that leaves people where they are."
    lines = 0.55 * _lines(heading, 11.5) + 0.4 * _lines(below, SMALL)
    with canvas(ax, height_cm=high - low + 0.8 + lines) as axes:
        axes.set_axis_off()
        axes.set_xlim(0, _WIDTH)
        axes.set_ylim(low, high)
        for box, text, (_, _, share, absorbing) in zip(boxes, texts, boxes_of.itertuples(False), strict=True):
            _draw_box(axes, box, text, share > 0, absorbing > 0)
        for curve, place, text, chance in zip(curves, places, arrows["text"], arrows["chance"], strict=True):
            _draw_move(axes, boxes, curve, _THINNEST + _THICKEST * (chance / widest) ** 0.5)
            axes.text(
                place.x,
                place.y,
                text,
                ha="center",
                va="center",
                fontsize=_CHANCE,
                zorder=4,
                gid="move",
                linespacing=1.0,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.92},
            )
        set_titles(axes, heading, below, points=_TITLE_POINTS)
    return axes


def _box_text(label: str, share: float, absorbing: float) -> str:
    lines = [wrap_label(label, 17)]
    if share > 0:
        percent = f"{share:.0%}" if share >= 0.0995 else f"{share:.1%}" if share >= 0.0005 else "under 0.1%"
        lines.append(f"start: {percent}")
    if absorbing > 0:
        lines.append("nobody leaves")
    return "\n".join(lines)


def _height_cm(count: int) -> float:
    return {1: 2.0, 2: 3.0, 3: 6.0, 4: 6.4}.get(count, 8.4 if count <= 6 else 12.0)


def _size(text: str, points: float) -> tuple[float, float]:
    """Return width and height of a text in centimetres."""
    font = FontProperties(family="DejaVu Sans", size=points)
    lines = text.split("\n")
    widths = [text_to_path.get_text_width_height_descent(line, font, ismath=False)[0] for line in lines]
    return max(widths) * _CM_PER_POINT, len(lines) * points * 1.25 * _CM_PER_POINT


def _lines(text: str, points: float) -> int:
    """Return about how many lines a title takes; bold type is as wide as a larger size."""
    return int(np.ceil(_size(text, points)[0] / _CM_PER_POINT / (_TITLE_POINTS - 20)))


def _place_boxes(texts: Sequence[str], pairs: Sequence[tuple[int, int]], height: float) -> list[_Box]:
    """Place the boxes on a ring, so that few arrows cross and those there are stay short.

    Where there are many, the state with most neighbours stands in the middle.
    """
    count = len(texts)
    edges = sorted({(min(p), max(p)) for p in pairs if p[0] != p[1]})
    sizes = [_size(text, _LABEL) for text in texts]
    width = max(w for w, _ in sizes) + 0.45
    tall = max(h for _, h in sizes) + 0.3
    degree = [sum(i in edge for edge in edges) for i in range(count)]
    hub = degree.index(max(degree)) if count >= _HUB_FROM else None
    ring = [i for i in range(count) if i != hub]
    angles = np.pi / 2 + np.pi / len(ring) - 2 * np.pi * np.arange(len(ring)) / len(ring)
    x = _WIDTH / 2 + (_WIDTH / 2 - width / 2 - 0.3) * _spread(np.cos(angles))
    y = height / 2 + (height / 2 - tall / 2 - 0.3) * _spread(np.sin(angles))
    places = np.column_stack([x, y])
    inner = [(ring.index(a), ring.index(b)) for a, b in edges if hub not in (a, b)]
    order = _order(places, inner, None if hub is None else np.array([_WIDTH / 2, height / 2]))
    centres = {state: places[order[k]] for k, state in enumerate(ring)}
    if hub is not None:
        centres[hub] = np.array([_WIDTH / 2, height / 2])
    return [_Box(float(centres[i][0]), float(centres[i][1]), width, sizes[i][1] + 0.3) for i in range(count)]


def _spread(values: Array) -> Array:
    """Stretch values to reach from -1 to 1."""
    span = values.max() - values.min()
    return np.zeros_like(values) if span < 1e-9 else 2 * (values - values.min()) / span - 1


def _order(places: Array, edges: Sequence[tuple[int, int]], hub: Array | None) -> tuple[int, ...]:
    """Return the place of each state: fewest crossings, then shortest arrows; the first stays first.

    An arrow past a box in the middle counts as a crossing too.
    """
    count = len(places)
    if count > _MOST_TO_TRY or not edges:
        return tuple(range(count))
    rest = np.array(list(permutations(range(1, count))), dtype=int).reshape(-1, count - 1)
    tried = np.concatenate([np.zeros((len(rest), 1), dtype=int), rest], axis=1)
    low = np.stack([np.minimum(tried[:, a], tried[:, b]) for a, b in edges])
    high = np.stack([np.maximum(tried[:, a], tried[:, b]) for a, b in edges])
    cost = np.zeros(len(tried))
    for i, j in combinations(range(len(edges)), 2):
        first = (low[i] < low[j]) & (low[j] < high[i]) & (high[i] < high[j])
        second = (low[j] < low[i]) & (low[i] < high[j]) & (high[j] < high[i])
        cost += _CROSSING * (first | second)
    apart = np.linalg.norm(places[:, None] - places[None], axis=-1)
    if hub is not None:
        middles = (places[:, None] + places[None]) / 2
        apart = apart + _CROSSING * (np.linalg.norm(middles - hub, axis=-1) < 2.0)
    for i in range(len(edges)):
        cost += apart[low[i], high[i]]
    return tuple(int(place) for place in tried[int(np.argmin(np.round(cost, 6)))])


def _bezier(start: Array, control: Array, end: Array) -> Array:
    t = np.linspace(0, 1, _SAMPLES)[:, None]
    return np.asarray((1 - t) ** 2 * start + 2 * t * (1 - t) * control + t**2 * end)


def _curve(boxes: Sequence[_Box], a: int, b: int, *, two_way: bool) -> Array:
    """Return points from box to box, to the right of its way where there is a way back."""
    start, end = np.array([boxes[a].x, boxes[a].y]), np.array([boxes[b].x, boxes[b].y])
    along = end - start
    right = np.array([along[1], -along[0]])
    aside = _right(np.stack([start, end])) * (_ASIDE if two_way else 0.0)
    least = 0.07 if two_way else 0.0
    others = [box for i, box in enumerate(boxes) if i not in (a, b)]
    tries = [
        _bezier(start + aside, (start + end) / 2 + aside + bend * right, end + aside)
        for bend in (least, least + 0.12, -0.15, least + 0.25, -0.3)
    ]
    clear = [points for points in tries if not any(box.holds(points, 0.1).any() for box in others)]
    return clear[0] if clear else tries[0]


def _loop(boxes: Sequence[_Box], own: int, others: Sequence[Array]) -> Array:
    """Return points of a loop above, below or beside a box, where there is most room."""
    box = boxes[own]
    t = np.linspace(0, 1, _SAMPLES)[:, None]

    def loop(up: int, across: int, shift: float) -> Array:
        if up:
            foot = np.array([box.x + shift * box.width, box.y + up * box.height / 2])
            side, out = np.array([0.42, 0.0]), np.array([0.0, up * 0.95])
        else:
            foot = np.array([box.x + across * box.width / 2, box.y + shift * box.height])
            side, out = np.array([0.0, 0.3]), np.array([across * 1.1, 0.0])
        return np.asarray(
            (1 - t) ** 3 * (foot - side)
            + 3 * t * (1 - t) ** 2 * (foot - side + out)
            + 3 * t**2 * (1 - t) * (foot + side + out)
            + t**3 * (foot + side)
        )

    def crowded(points: Array) -> float:
        room = points[5:-5]
        beyond = int(((room[:, 0] < 0.5) | (room[:, 0] > _WIDTH - 0.5)).sum())
        hits = sum(int(b.holds(room, 0.1).sum()) for i, b in enumerate(boxes) if i != own)
        near = sum(
            int((np.linalg.norm(room[:, None] - curve[None], axis=-1) < 0.4).any(axis=1).sum())
            for curve in others
        )
        return float(5 * beyond + 5 * hits + near)

    sides = ((1, 0), (-1, 0), (0, 1), (0, -1))
    return min((loop(up, across, shift) for shift in (0.0, -0.3, 0.3) for up, across in sides), key=crowded)


def _label_places(
    boxes: Sequence[_Box], curves: Sequence[Array], sizes: Sequence[tuple[float, float]]
) -> list[_Box]:
    """Put each text on its arrow, away from boxes, from other texts and from other arrows.

    The shortest arrows, which leave least choice, come first.
    """
    visible = [_outside(boxes, curve) for curve in curves]
    lengths = [float(np.linalg.norm(np.diff(curve, axis=0), axis=1).sum()) for curve in visible]
    places: dict[int, _Box] = {}
    for k in sorted(range(len(curves)), key=lambda k: lengths[k]):
        own, (width, tall) = visible[k], sizes[k]

        def crowded(tried: tuple[float, _Box], k: int = k) -> float:
            share, here = tried
            cost = 40 * sum(here.overlap(box, _APART) for box in boxes)
            cost += 60 * sum(here.overlap(other, _APART) for other in places.values())
            cost += 0.6 * sum(float(here.holds(c, 0.03).sum()) for j, c in enumerate(visible) if j != k)
            return cost + 1.0 * abs(share - 0.5)

        # sideways by less than half the text, so that it stays on its arrow
        aside = np.array([_right(own)[0] * width, _right(own)[1] * tall]) * 0.4
        tries = []
        for share in _SHARES:
            for part in (0.0, 1.0, -1.0):
                x, y = own[round(share * (len(own) - 1))] + part * aside
                tries.append((share, _Box(float(x), float(y), width, tall)))
        places[k] = min(tries, key=crowded)[1]
    return [places[k] for k in range(len(curves))]


def _right(curve: Array) -> Array:
    """Return the direction to the right of the way from the first point of a curve to its last."""
    along = curve[-1] - curve[0]
    length = max(float(np.linalg.norm(along)), 1e-9)
    return np.array([along[1], -along[0]]) / length


def _edges(box: _Box) -> Array:
    return np.array([box.y - box.height / 2, box.y + box.height / 2])


def _outside(boxes: Sequence[_Box], curve: Array) -> Array:
    """Return the points of a curve that no box covers; all of them if none is free."""
    free = ~np.any([box.holds(curve) for box in boxes], axis=0)
    return curve[free] if free.any() else curve


def _draw_box(axes: Axes, box: _Box, text: str, peopled: bool, absorbing: bool) -> None:
    axes.add_patch(
        FancyBboxPatch(
            (box.x - box.width / 2, box.y - box.height / 2),
            box.width,
            box.height,
            boxstyle="round,pad=0,rounding_size=0.12",
            facecolor=_GREYED if absorbing else _PALE if peopled else "white",
            edgecolor=DARK if absorbing else BLUE,
            linewidth=1.6 if absorbing else 1.0,
            linestyle="--" if absorbing else "-",
            zorder=3,
        )
    )
    axes.text(
        box.x, box.y, text, ha="center", va="center", fontsize=_LABEL, zorder=5, gid="state", linespacing=1.15
    )


def _draw_move(axes: Axes, boxes: Sequence[_Box], curve: Array, width: float) -> None:
    """Draw an arrow along the part of a curve that lies outside the boxes."""
    fine = np.linspace(0, len(curve) - 1, 10 * len(curve))
    along = np.arange(len(curve))
    points = _outside(boxes, np.column_stack([np.interp(fine, along, side) for side in curve.T]))
    axes.add_patch(
        FancyArrowPatch(
            path=Path(points),
            arrowstyle=f"-|>,head_length={2.8 + 1.0 * width:.2f},head_width={1.4 + 0.55 * width:.2f}",
            mutation_scale=1.0,
            linewidth=width,
            color=BLUE if width > _THINNEST else GREY,
            joinstyle="miter",
            capstyle="butt",
            zorder=2,
            shrinkA=0,
            shrinkB=0,
        )
    )

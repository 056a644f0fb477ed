"""How a pathway is laid out for the kernel: cells (state and band of time), edges and ladders."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from communitybudget.pathways import Move, Outcome, Rate, StartShare


@dataclass(frozen=True, slots=True)
class Cell:
    """A state in one band of completed months since entry."""

    state: str
    from_month: int
    to_month: int | None


@dataclass(frozen=True, slots=True)
class Edge:
    """A move out of one cell; those who move arrive in the first band of the target."""

    source: int
    target: int
    move: Move
    parameter: str


@dataclass(frozen=True, slots=True)
class Ladder:
    """Passage from one band to the next after ``months`` in it."""

    cell: int
    next_cell: int
    months: int


@dataclass(frozen=True, slots=True)
class Layout:
    """Cells, edges (sorted by source), events that move nobody, and ladders between bands.

    Parameters
    ----------
    cells : tuple of Cell
        C of them.
    edges : tuple of Edge
        E of them; the exits of one cell stand together.
    events : tuple of Edge
        Moves from a state to itself: counted, but nobody moves.
    ladders : tuple of Ladder
        In the order in which bands follow each other, last bands first.
    first_cell, last_cell : mapping of str to int
        First and last band of each state.
    """

    cells: tuple[Cell, ...]
    edges: tuple[Edge, ...]
    events: tuple[Edge, ...]
    ladders: tuple[Ladder, ...]
    first_cell: Mapping[str, int]
    last_cell: Mapping[str, int]

    def cells_of(self, state: str) -> list[int]:
        """Return the cells of a state."""
        return [i for i, cell in enumerate(self.cells) if cell.state == state]


@dataclass(frozen=True, slots=True)
class StartCell:
    """Where a start share goes: the cell, and how many months ago its band was entered."""

    cell: int
    months_in_band: int
    parameter: str


def build_layout(
    states: Iterable[str], rates: Iterable[Rate], cuts: Mapping[str, set[int]] | None = None
) -> Layout:
    """Lay out a pathway.

    Parameters
    ----------
    states : iterable of str
        Names of the states.
    rates : iterable of Rate
        Rates of one profile.
    cuts : mapping of str to set of int, optional
        Further months since entry at which a state is cut into bands, since something other than
        its rates changes there.

    Returns
    -------
    Layout
    """
    rates = list(rates)
    cells: list[Cell] = []
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    ladders: list[Ladder] = []
    for state in states:
        own = [r for r in rates if r.move[0] == state]
        ends = {r.to_month for r in own if r.to_month is not None}
        bands = sorted({0} | {r.from_month for r in own} | ends | (cuts or {}).get(state, set()))
        first[state] = len(cells)
        for i, cut in enumerate(bands):
            to = bands[i + 1] if i + 1 < len(bands) else None
            if to is not None:
                ladders.append(Ladder(len(cells), len(cells) + 1, to - cut))
            cells.append(Cell(state, cut, to))
        last[state] = len(cells) - 1
    edges: list[Edge] = []
    events: list[Edge] = []
    for index, cell in enumerate(cells):
        for rate in rates:
            inside = rate.from_month <= cell.from_month and (
                rate.to_month is None or cell.from_month < rate.to_month
            )
            if rate.move[0] != cell.state or not inside:
                continue
            found = Edge(index, first[rate.move[1]], rate.move, rate.parameter)
            (events if rate.move[0] == rate.move[1] else edges).append(found)
    return Layout(tuple(cells), tuple(edges), tuple(events), tuple(reversed(ladders)), first, last)


def place_start(layout: Layout, starts: Iterable[StartShare]) -> tuple[StartCell, ...]:
    """Return the cell of each start share.

    Those who have been in a state for some months start part-way through the band they are in;
    None puts them in the last band.
    """
    placed = []
    for start in starts:
        if start.months_so_far is None:
            placed.append(StartCell(layout.last_cell[start.state], 0, start.parameter))
            continue
        for index in layout.cells_of(start.state):
            cell = layout.cells[index]
            if cell.from_month <= start.months_so_far and (
                cell.to_month is None or start.months_so_far < cell.to_month
            ):
                elapsed = start.months_so_far - cell.from_month if cell.to_month is not None else 0
                placed.append(StartCell(index, elapsed, start.parameter))
    return tuple(placed)


@dataclass(frozen=True, slots=True)
class FirstPassage:
    """A layout in which a counted move leads to an absorbing cell.

    Parameters
    ----------
    layout : Layout
        An edge that counts in part is there twice, once with each part.
    cell : int
        The absorbing cell.
    rows : tuple
        For each edge, where its rate comes from: ``edge`` or ``event``, the index in the original
        layout, and the share of that rate.
    """

    layout: Layout
    cell: int
    rows: tuple[tuple[str, int, float], ...]


def first_passage(layout: Layout, outcome: Outcome) -> FirstPassage:
    """Return the layout in which an outcome, once reached, is never left.

    Parameters
    ----------
    layout : Layout
        Of the pathway.
    outcome : Outcome
        With the share of each move that counts.

    Returns
    -------
    FirstPassage
    """
    absorbing = len(layout.cells)
    edges: list[tuple[Edge, tuple[str, int, float]]] = []
    for index, edge in enumerate(layout.edges):
        share = outcome.moves.get(edge.move, 0.0)
        if share < 1:
            edges.append((edge, ("edge", index, 1 - share)))
        if share > 0:
            counted = Edge(edge.source, absorbing, edge.move, edge.parameter)
            edges.append((counted, ("edge", index, share)))
    for index, event in enumerate(layout.events):
        share = outcome.moves.get(event.move, 0.0)
        if share > 0:
            counted = Edge(event.source, absorbing, event.move, event.parameter)
            edges.append((counted, ("event", index, share)))
    edges.sort(key=lambda pair: pair[0].source)
    cells = (*layout.cells, Cell(f"ever {outcome.name}", 0, None))
    changed = Layout(
        cells, tuple(e for e, _ in edges), (), layout.ladders, layout.first_cell, layout.last_cell
    )
    return FirstPassage(changed, absorbing, tuple(row for _, row in edges))

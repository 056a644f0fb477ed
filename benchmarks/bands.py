"""Child safety with its bands of time in a state, against a state for each month and against no bands."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from timing import Row, in_turn

from communitybudget.parameters import ParameterSet
from communitybudget.pathways import Pathway, load_pathway
from communitybudget.sampling import Sampled, sample
from communitybudget.simulation import build_layout, place_start
from communitybudget.simulation.kernel import Probabilities, YearBins, follow, probabilities
from communitybudget.simulation.layout import Cell, Edge, Layout, StartCell
from communitybudget.simulation.weights import YearWeights, year_weights

Array = NDArray[np.float64]

DRAWS, YEARS, PROFILE = 4096, 10, "medium_need"
TOLERANCE = 1e-12


@dataclass(frozen=True)
class Job:
    """A layout with all that the kernel needs to follow it."""

    layout: Layout
    starts: tuple[StartCell, ...]
    shares: Array
    p: Probabilities
    weights: YearWeights

    def __call__(self) -> YearBins:
        """Follow it; moves are not gathered."""
        months = self.weights.events.shape[1]
        return follow(
            self.layout, self.starts, self.shares, self.p, months, self.weights, counted=frozenset()
        )


def banded(pathway: Pathway, parameters: ParameterSet, bands: bool = True) -> Job:
    """Return the pathway with its bands of time, or with the rates of its last bands throughout.

    Events that move nobody are left out: they are counted, and change no occupancy.
    """
    rates = [rate for rate in pathway.rates_of(PROFILE) if rate.move[0] != rate.move[1]]
    if not bands:
        rates = [replace(rate, from_month=0) for rate in rates if rate.to_month is None]
    layout = build_layout(pathway.state_names, rates)
    starts = place_start(layout, pathway.start_of(PROFILE))
    drawn = sample(
        [Sampled(e.parameter, parameters[e.parameter].uncertainty) for e in layout.edges], DRAWS, 1
    )
    rows = np.stack([np.broadcast_to(drawn[e.parameter], DRAWS) for e in layout.edges])
    shares = np.repeat([[parameters[s.parameter].value] for s in starts], DRAWS, axis=1)
    p = probabilities(layout, rows, np.empty((0, DRAWS)))
    return Job(layout, starts, shares / shares.sum(axis=0), p, year_weights(YEARS))


def months_of(layout: Layout) -> dict[int, range]:
    """Return the completed months in the state of each cell; one, that stays, for an open band."""
    return {
        i: range(cell.from_month, cell.from_month + 1 if cell.to_month is None else cell.to_month)
        for i, cell in enumerate(layout.cells)
    }


def tunnelled(job: Job) -> tuple[Job, list[int]]:
    """Return the same with a state for each month, and the cell that each of its cells is part of.

    Those who stay in a month's cell move on to the next, which the kernel sees as one more move.
    """
    months, cells, of = months_of(job.layout), list[Cell](), list[int]()
    place: dict[tuple[str, int], int] = {}
    for index, cell in enumerate(job.layout.cells):
        for month in months[index]:
            last = cell.to_month is None
            place[cell.state, month] = len(cells)
            cells.append(Cell(cell.state, month, None if last else month + 1))
            of.append(index)
    edges: list[Edge] = []
    rows: list[Array] = []
    stays = np.zeros((len(cells), DRAWS))
    for source, cell in enumerate(cells):
        for index, edge in enumerate(job.layout.edges):
            if edge.source == of[source]:
                target = place[job.layout.cells[edge.target].state, 0]
                edges.append(Edge(source, target, edge.move, edge.parameter))
                rows.append(job.p.moves[index])
        if cell.to_month is None:
            stays[source] = job.p.stays[of[source]]
        else:
            edges.append(Edge(source, source + 1, (cell.state, cell.state), ""))
            rows.append(job.p.stays[of[source]])
    first = {state: place[state, 0] for state, _ in place}
    last_cell = {cell.state: i for i, cell in enumerate(cells)}
    layout = Layout(tuple(cells), tuple(edges), (), (), first, last_cell)
    starts = tuple(StartCell(of.index(s.cell) + s.months_in_band, 0, s.parameter) for s in job.starts)
    p = Probabilities(np.stack(rows), stays, np.empty_like(stays), np.empty((0, DRAWS)))
    return Job(layout, starts, job.shares, p, job.weights), of


class ByHand:
    """A state for each month in plain numpy, with whatever a month's cells of one band share.

    Cells of one band leave at one probability, so their people are added up before they are multiplied.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self.slices: list[slice] = []
        size = 0
        for months in months_of(job.layout).values():
            self.slices.append(slice(size, size + len(months)))
            size += len(months)
        self.size = size

    def __call__(self) -> Array:
        """Return the occupancy by year and cell, shape (Y, C, L)."""
        job = self.job
        now, after = np.zeros((2, self.size, DRAWS))
        for start, share in zip(job.starts, job.shares, strict=True):
            now[self.slices[start.cell].start + start.months_in_band] += share
        result = np.zeros((YEARS, len(self.slices), DRAWS))
        inside = np.empty((len(self.slices), DRAWS))
        flow = np.empty(DRAWS)
        months = job.weights.events.shape[1]
        for month in range(months + 1):
            for row, own in zip(inside, self.slices, strict=True):
                np.add.reduce(now[own], axis=0, out=row)
            for year in np.flatnonzero(job.weights.occupancy[:, month]):
                result[year] += inside * job.weights.occupancy[year, month]
            if month == months:
                return result
            after[...] = 0.0
            for index, own in enumerate(self.slices):
                if job.layout.cells[index].to_month is None:
                    np.multiply(now[own.start], job.p.stays[index], out=flow)
                    after[own.start] += flow
                else:
                    np.multiply(now[own], job.p.stays[index], out=after[own.start + 1 : own.stop + 1])
            for edge, p in zip(job.layout.edges, job.p.moves, strict=True):
                np.multiply(inside[edge.source], p, out=flow)
                row = after[self.slices[edge.target].start]
                np.add(row, flow, row)
            now, after = after, now
        raise AssertionError


def ready() -> tuple[Job, Job, Job, ByHand]:
    """Return the jobs: bands, no bands, tunnels in the kernel and by hand.

    Raise if bands and tunnels differ by more than 1e-12 of a month.
    """
    parameters = ParameterSet.load("england")
    pathway = load_pathway(parameters, "child_safety")
    job = banded(pathway, parameters)
    tunnels, of = tunnelled(job)
    hand = ByHand(job)
    wanted = job().occupancy
    merged = np.zeros_like(wanted)
    found = tunnels().occupancy
    for index, cell in enumerate(of):
        merged[:, cell] += found[:, index]
    for name, other in (("kernel", merged), ("by hand", hand())):
        worst = float(np.abs(other - wanted).max())
        if worst > TOLERANCE:
            raise ArithmeticError(f"bands and tunnel states ({name}) differ by {worst:.1e} months")
    return job, banded(pathway, parameters, bands=False), tunnels, hand


def run(runs: int) -> Iterator[Row]:
    job, constant, tunnels, hand = ready()
    seconds = in_turn({"bands": job, "constant": constant, "tunnels": tunnels, "by hand": hand}, runs)
    bands = seconds["bands"]
    pairs, edges = len(job.layout.edges), len(constant.layout.edges)
    yield Row("tunnel states in the same kernel / bands", seconds["tunnels"] / bands, 4)
    yield Row("tunnel states in numpy, bands added up first / bands", seconds["by hand"] / bands)
    predicted = seconds["constant"] * pairs / edges
    yield Row("bands / no bands times pairs of band and move to moves", bands / predicted, None, 1.5)
    yield Row(
        f"bands {bands * 1e3:.0f} ms: {len(job.layout.cells)} cells, {pairs} pairs of band and move; "
        f"no bands {seconds['constant'] * 1e3:.0f} ms: {len(constant.layout.cells)} states, {edges} moves"
    )
    states, moves = len(tunnels.layout.cells), len(tunnels.layout.edges)
    yield Row(f"tunnels {seconds['tunnels'] * 1e3:.0f} ms: {states} states, {moves} moves")
    yield Row(
        f"by hand {seconds['by hand'] * 1e3:.0f} ms; {DRAWS:,} draws; all agree to {TOLERANCE:g} months"
    )

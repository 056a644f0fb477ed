"""How large a model is, told before it is run."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from communitybudget._core.errors import TransitionError
from communitybudget.simulation.kernel import is_dense

if TYPE_CHECKING:
    from communitybudget.models.model import StateModel
    from communitybudget.models.totals import Run

GRAIN = 50
"""Draws whose yearly amounts are added together first, so that means do not depend on the blocks."""

_LANES = 5000
_COMFORT = 64e6


@dataclass(frozen=True, slots=True)
class ModelSize:
    """The size of a model.

    Parameters
    ----------
    states, cells, moves, ladders : int
        States; cells (a state in one band of time in it); moves between cells; passages from band to band.
    cycles, draws, profiles : int
        T, D and P.
    runs : int
        Times that the cells are gone through: distinct options, start mixes and, where moves depend on the
        calendar, times of entry.
    by_entry : bool
        Whether people who enter at different times are run one by one, since the calendar changes moves.
    bins : int
        Sums kept of each cell.
    block, lanes : int
        Draws in one block, and draws times profiles gone through at once.
    megabytes : float
        Memory of one block and of the result.
    """

    states: int
    cells: int
    moves: int
    ladders: int
    cycles: int
    draws: int
    profiles: int
    runs: int
    by_entry: bool
    bins: int
    block: int
    lanes: int
    megabytes: float

    def __str__(self) -> str:
        entry = (
            "; each time of entry is run by itself, since moves depend on the calendar"
            if self.by_entry
            else ""
        )
        return (
            f"{self.states} states in {self.cells} cells, {self.moves} moves, {self.ladders} passages "
            f"between bands; {self.cycles} cycles x {self.draws:,} draws x {self.profiles} profiles x "
            f"{self.runs} runs{entry}; blocks of {self.block:,} draws, {self.megabytes:,.0f} MB"
        )


def model_size(model: "StateModel", runs: Sequence["Run"]) -> ModelSize:
    """Return the size of a model with its runs, without running it."""
    largest = max(runs, key=lambda run: len(run.dynamics.layout.cells) * len(run.weights.occupancy))
    layout, bins = largest.dynamics.layout, len(largest.weights.occupancy)
    lane = 8.0 * (bins * (3 * len(layout.cells) + 2 * len(largest.counted)) + 12 * len(layout.cells))
    lane += 8.0 * (3 * len(layout.edges) + sum(ladder.months for ladder in layout.ladders) * 2)
    if is_dense(layout):
        lane += 8.0 * len(layout.cells) ** 2
    rows = {(r.name, r.agency, r.value_type) for o in model.options for r in model.rewards_of(o)}
    lane += 8.0 * (model.years + 1) * (2 * len(rows) * max(len(run.options) for run in runs) + 4)
    profiles, draws = len(model.profile_weights), model.draw_count
    lanes = min(_LANES, max(int(min(_COMFORT, model.memory_mb * 5e5) / lane), 1))
    grains = max(lanes // profiles // GRAIN, 1)
    block = min(draws, grains * GRAIN)
    kept = 16.0 * len(rows) * len(model.options) * draws
    megabytes = (lane * max(min(lanes, block * profiles), block) + kept) / 1e6
    return ModelSize(
        states=len(model.states),
        cells=len(layout.cells),
        moves=len(layout.edges),
        ladders=len(layout.ladders),
        cycles=model.cycles,
        draws=draws,
        profiles=profiles,
        runs=len(runs),
        by_entry=any(run.by_entry for run in runs),
        bins=bins,
        block=block,
        lanes=lanes,
        megabytes=megabytes,
    )


def refuse_early(model: "StateModel", cells: int) -> None:
    """Refuse a model so large that laying it out alone would take long."""
    megabytes = 24e-6 * (model.years + 1) * cells
    if megabytes > model.memory_mb:
        raise TransitionError(_too_large(model, megabytes, f"{cells:,} cells"))


def _too_large(model: "StateModel", megabytes: float, what: str) -> str:
    return (
        f"the model needs {_digits(megabytes)} MB and may take {_digits(model.memory_mb)} ({what}); give "
        "by_duration in a few bands, such as {0: 0.1, 12: 0.05}, in place of a value for each cycle, run "
        "fewer cycles, or raise memory_mb"
    )


def _digits(megabytes: float) -> str:
    return f"{megabytes:,.0f}" if megabytes >= 10 else f"{megabytes:.2g}"


def check_size(model: "StateModel", runs: Sequence["Run"]) -> ModelSize:
    """Return the size of a model that fits the memory it may take.

    Raises
    ------
    TransitionError
        If it does not.
    """
    size = model_size(model, runs)
    if size.megabytes > model.memory_mb:
        raise TransitionError(_too_large(model, size.megabytes, str(size)))
    return size

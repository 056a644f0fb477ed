"""Other sizes of model against the loop over draws, and the reference PSA against what the machine can do."""

from collections.abc import Iterator

import numpy as np
from reference import AGENCIES, OPTIONS, YEARS, Kernel, Usual, by_kernel, make_workload
from timing import Row, cpu, in_turn

SAMPLE = 100
"""The loop is timed on so many draws and scaled up."""

SIZES = (
    ("10 states, all 90 moves", 10, tuple(range(1, 10)), 10_000, 18),
    ("4 states, all 12 moves", 4, (1, 2, 3), 10_000, 75),
    ("30 states, 120 moves", 30, (1, 2, 3, 7), 10_000, 8),
    ("30 states, all 870 moves", 30, tuple(range(1, 30)), 2_000, 3.5),
)
"""Name, states, moves of each state, draws, and at least how many times as fast as the loop."""


def check(states: int, steps: tuple[int, ...]) -> None:
    """Raise if the ways disagree by more than 1e-9 (relative)."""
    work = make_workload(60, states=states, steps=steps)
    ours, usual = by_kernel(work), Usual(work)
    for name, other in (("loop", usual.by_loop(60)), ("dense product", usual.by_einsum())):
        worst = float(np.abs(other / ours - 1).max())
        if worst > 1e-9:
            raise ArithmeticError(f"{states} states: the kernel and the {name} differ by {worst:.1e}")


def gemm_rate(runs: int) -> float:
    """Return the floating-point operations per second of a large matrix product."""
    size = 1500
    random = np.random.default_rng(1)
    a, b = random.random((size, size)), random.random((size, size))
    return 2 * size**3 / min(cpu(lambda: a @ b) for _ in range(runs + 1))


def run(runs: int) -> Iterator[Row]:
    for name, states, steps, draws, target in SIZES:
        check(states, steps)
        work = make_workload(draws, states=states, steps=steps)
        usual = Usual(work)
        seconds = in_turn(
            {"ours": Kernel(work), "loop": lambda u=usual: u.by_loop(SAMPLE), "einsum": usual.by_einsum}, runs
        )
        loop = seconds["loop"] * draws / SAMPLE
        yield Row(f"{name}: loop / kernel", loop / seconds["ours"], at_least=target)
        yield Row("  the same, loop / one dense product a month in numpy", loop / seconds["einsum"])

    work = make_workload()
    ours = in_turn({"ours": Kernel(work)}, runs)["ours"]
    moves = len(work.layout.edges)
    monthly = work.months * (2 * moves + 3 * work.states)
    costing = 2 * (YEARS + 1) * work.states * AGENCIES
    rate = gemm_rate(runs)
    floor = OPTIONS * work.draws * (monthly + costing) / rate
    yield Row("reference PSA: kernel / floor by operations", ours / floor, at_most=25)
    yield Row(
        f"kernel {ours * 1e3:.0f} ms; matrix product {rate / 1e9:.0f} GFLOP/s; floor {floor * 1e3:.1f} ms"
    )

"""The reference PSA: 10 states, 40 moves, 2 options, 8 agencies, 120 months, 10,000 draws."""

from collections.abc import Iterator

import numpy as np
from reference import Kernel, Usual, by_kernel, make_workload
from timing import Row, in_turn

SAMPLE = 200
"""The loop is timed on so many draws and scaled up."""


def check() -> None:
    """Raise if the three ways disagree by more than 1e-9 (relative)."""
    work = make_workload(draws=300)
    ours, usual = by_kernel(work), Usual(work)
    for name, other in (("loop", usual.by_loop(300)), ("batched matmul", usual.by_matmul())):
        worst = float(np.abs(other / ours - 1).max())
        if worst > 1e-9:
            raise ArithmeticError(f"the kernel and the {name} differ by {worst:.1e}")


def run(runs: int) -> Iterator[Row]:
    check()
    work = make_workload()
    usual = Usual(work)
    seconds = in_turn(
        {
            "ours": Kernel(work),
            "loop": lambda: usual.by_loop(SAMPLE),
            "matmul": usual.by_matmul,
            "matmul, one block": lambda: usual.by_matmul(work.draws),
        },
        runs,
    )
    loop = seconds["loop"] * work.draws / SAMPLE
    matmul = min(seconds["matmul"], seconds["matmul, one block"])
    yield Row("loop over draws / kernel", loop / seconds["ours"], at_least=25)
    yield Row("kernel / batched matmul", seconds["ours"] / matmul, at_most=0.40)
    yield Row(
        f"kernel {seconds['ours'] * 1e3:.0f} ms; loop {loop * 1e3:,.0f} ms, scaled up from {SAMPLE} draws; "
        f"batched matmul {matmul * 1e3:.0f} ms"
    )
    yield Row("all three agree to 1e-9")

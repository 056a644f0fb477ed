"""Growth with draws, cycles and states, and JSON."""

import math
from collections.abc import Iterator

import numpy as np
from reference import Workload, by_kernel, make_workload
from timing import Row, in_turn

import communitybudget as cb
from communitybudget.simulation import BLOCK

LINEAR = (0.95, 1.05)
"""What counts as time in proportion."""


def exponent(works: dict[int, Workload], runs: int) -> float:
    """Return the slope of log time on log size."""
    seconds = in_turn({str(n): (lambda work=work: by_kernel(work)) for n, work in works.items()}, runs)
    sizes = [math.log(n) for n in works]
    return float(np.polyfit(sizes, [math.log(seconds[str(n)]) for n in works], 1)[0])


def run(runs: int) -> Iterator[Row]:
    draws = {BLOCK * n: make_workload(BLOCK * n) for n in (1, 2, 4, 8)}
    yield Row(f"exponent in draws, {min(draws):,} to {max(draws):,}", exponent(draws, runs), between=LINEAR)
    del draws
    cycles = {12 * years: make_workload(BLOCK, years) for years in (5, 10, 20, 40)}
    yield Row(f"exponent in cycles, {min(cycles)} to {max(cycles)}", exponent(cycles, runs), between=LINEAR)
    del cycles

    states = {count: make_workload(1_000, states=count) for count in (10, 20, 40, 80)}
    yield Row("exponent in states, 4 moves each, 10 to 80", exponent(states, runs), None, 1.1)
    del states

    case = cb.load_case(cb.examples_folder() / "hounslow" / "case.yaml")
    result = cb.appraise(case, draws=1_000, seed=1)
    text = result.to_json()
    if cb.Appraisal.from_json(text) != result:
        raise ArithmeticError("the appraisal changed on its way through JSON")
    seconds = in_turn(
        {
            "appraise": lambda: cb.appraise(case, draws=1_000, seed=1),
            "write": result.to_json,
            "read": lambda: cb.Appraisal.from_json(text),
        },
        runs,
    )
    both = seconds["write"] + seconds["read"]
    yield Row("JSON there and back / appraise, 1,000 draws", both / seconds["appraise"])
    yield Row(
        f"write {seconds['write'] * 1e3:.0f} ms, read {seconds['read'] * 1e3:.0f} ms, "
        f"{len(text.encode()) / 1e6:.0f} MB"
    )

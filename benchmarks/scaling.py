"""Growth with draws and cycles, sampling, and JSON; for information."""

import math
from collections.abc import Iterator
from itertools import count

import numpy as np
from reference import DRAWS, Workload, by_kernel, make_workload
from timing import Row, in_turn

import communitybudget as cb
from communitybudget.parameters import Distribution
from communitybudget.sampling import Sampled, sample
from communitybudget.simulation import BLOCK

PARAMETERS = 200


def exponent(works: dict[int, Workload], runs: int) -> float:
    """Return the slope of log time on log size."""
    seconds = in_turn({str(n): (lambda work=work: by_kernel(work)) for n, work in works.items()}, runs)
    sizes = [math.log(n) for n in works]
    return float(np.polyfit(sizes, [math.log(seconds[str(n)]) for n in works], 1)[0])


def parameters(version: int) -> list[Sampled]:
    """Return 40 each of beta, gamma, PERT, lognormal and triangular, different in each version."""
    random = np.random.default_rng(version)
    found = []
    for i in range(PARAMETERS // 5):
        a, b = random.uniform(2, 50), random.uniform(2, 200)
        mode = random.uniform(0.2, 0.8)
        forms = (
            Distribution("beta", (a, b)),
            Distribution("gamma", (random.uniform(2, 30), 1.0)),
            Distribution("pert", (1 + 4 * mode, 5 - 4 * mode, 0.0, 1.0)),
            Distribution("lognormal", (1.0, random.uniform(0.1, 0.5))),
            Distribution("triangular", (0.0, mode, 1.0)),
        )
        found += [Sampled(f"{form.kind}_{i}", form) for form in forms]
    return found


def run(runs: int) -> Iterator[Row]:
    draws = {BLOCK * n: make_workload(BLOCK * n) for n in (1, 2, 4, 8)}
    yield Row(f"exponent in draws, {min(draws):,} to {max(draws):,}", exponent(draws, runs))
    del draws
    cycles = {12 * years: make_workload(BLOCK, years) for years in (5, 10, 20, 40)}
    yield Row(f"exponent in cycles, {min(cycles)} to {max(cycles)}", exponent(cycles, runs))
    del cycles

    work = make_workload()
    version = count()
    known = parameters(0)
    seconds = in_turn(
        {
            "psa": lambda: by_kernel(work),
            "first": lambda: sample(parameters(next(version)), DRAWS, 1),
            "again": lambda: sample(known, DRAWS, 1),
        },
        runs,
    )
    yield Row(f"sampling {PARAMETERS} parameters / reference PSA", seconds["first"] / seconds["psa"])
    yield Row("same, distributions met before", seconds["again"] / seconds["psa"])
    yield Row(f"sampling {seconds['first'] * 1e3:.0f} ms, met before {seconds['again'] * 1e3:.0f} ms")

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

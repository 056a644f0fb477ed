"""Sampling 200 parameters against the reference PSA, and inverse distributions against scipy.stats."""

from collections.abc import Iterator
from itertools import count

import numpy as np
from reference import DRAWS, by_kernel, make_workload
from timing import Row, in_turn

from communitybudget.parameters import Distribution
from communitybudget.sampling import Sampled, from_normal, sample

PARAMETERS, EACH = 200, 40


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


def by_scipy(form: Distribution, u: np.ndarray) -> np.ndarray:
    """Return the same distribution from uniform numbers, as scipy.stats has it."""
    from scipy import stats

    n = form.numbers
    match form.kind:
        case "beta":
            return stats.beta.ppf(u, n[0], n[1])
        case "gamma":
            return stats.gamma.ppf(u, n[0], scale=n[1])
        case "lognormal":
            return stats.lognorm.ppf(u, n[1], scale=n[0])
        case _:
            return stats.triang.ppf(u, (n[1] - n[0]) / (n[2] - n[0]), loc=n[0], scale=n[2] - n[0])


def run(runs: int) -> Iterator[Row]:
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
    yield Row(f"sampling {PARAMETERS} parameters / reference PSA", seconds["first"] / seconds["psa"], None, 4)
    yield Row("same, distributions met before", seconds["again"] / seconds["psa"])
    yield Row(f"sampling {seconds['first'] * 1e3:.0f} ms, met before {seconds['again'] * 1e3:.0f} ms")

    from scipy.special import ndtr

    z = np.random.default_rng(1).standard_normal(DRAWS)
    u = ndtr(z)
    version = count(1_000)
    for kind, target in (("beta", 4), ("gamma", 4), ("lognormal", 3), ("triangular", 2)):

        def forms(kind: str = kind) -> list[Distribution]:
            return [p.distribution for p in parameters(next(version)) if p.distribution.kind == kind]

        form = forms()[0]
        worst = float(np.abs(from_normal(form, z) / by_scipy(form, u) - 1).max())
        if worst > 1e-7:
            raise ArithmeticError(f"{kind}: ours and scipy.stats differ by {worst:.1e}")
        # each run has distributions of its own, so that no table is met twice
        ours = iter([forms() for _ in range(runs + 1)])
        theirs = iter([forms() for _ in range(runs + 1)])
        again = iter([forms() for _ in range(runs + 1)])
        seconds = in_turn(
            {
                "scipy": lambda theirs=theirs: [by_scipy(form, u) for form in next(theirs)],
                "from normal": lambda again=again: [by_scipy(form, ndtr(z)) for form in next(again)],
                "ours": lambda ours=ours: [from_normal(form, z) for form in next(ours)],
            },
            runs,
        )
        yield Row(f"{kind}: scipy.stats / ours, {EACH} of them", seconds["scipy"] / seconds["ours"], target)
        yield Row("  the same, both from normal numbers", seconds["from normal"] / seconds["ours"])

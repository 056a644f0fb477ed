"""Growth with families, and 120,000 families of 96 profiles against 96 families."""

import csv
import math
import tempfile
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from reference import NO_EVENTS, START, make_layout
from timing import Row, in_turn

import communitybudget as cb
from communitybudget.simulation import BLOCK, merge_profiles
from communitybudget.simulation.kernel import follow, probabilities
from communitybudget.simulation.weights import year_weights

Array = NDArray[np.float64]

FAMILIES, DRAWS, YEARS = 120_000, 1_000, 10
LEVELS = (2, 2, 2, 3, 4)
"""Of five characteristics: 96 profiles."""


def table(families: int) -> Array:
    """Return the characteristics of families (N, 5), each of the 96 profiles there in any order."""
    profiles = np.array(list(product(*(range(n) for n in LEVELS))), dtype=float)
    return profiles[np.random.default_rng(1).permutation(families) % len(profiles)]


def different(families: int) -> Array:
    """Return the characteristics of families (N, 5) of whom no two are alike."""
    return np.random.default_rng(1).random((families, len(LEVELS)))


def expected(characteristics: Array, draws: int) -> Array:
    """Return the person-months of all families by year, state and draw (Y, S, D).

    A lane is a profile in a draw; hazards are log-linear in the characteristics.
    """
    merged = merge_profiles(characteristics)
    random = np.random.default_rng(2)
    layout = make_layout()
    base = random.gamma(2.0, 0.02, (len(layout.edges), 1, draws))
    coefficients = random.normal(0.1, 0.02, (len(LEVELS), draws))
    weights = year_weights(YEARS)
    result = np.zeros((YEARS, len(layout.cells), draws))
    in_block = max(1, BLOCK // draws)
    for start in range(0, len(merged.profiles), in_block):
        part = slice(start, start + in_block)
        ratio = np.exp(merged.profiles[part] @ coefficients)
        rates = (base * ratio).reshape(len(base), -1)
        p = probabilities(layout, rates, np.empty((NO_EVENTS, rates.shape[1])))
        ones = np.ones((1, rates.shape[1]))
        bins = follow(layout, START, ones, p, 12 * YEARS, weights, counted=frozenset()).occupancy
        for weight, own in zip(
            merged.weights[part], np.moveaxis(bins.reshape(*bins.shape[:2], *ratio.shape), 2, 0), strict=True
        ):
            result += weight * own
    return result


def case_with(folder: Path, families: int) -> cb.Case:
    """Return the Hounslow case with a file of families, 96 kinds of them in turn."""
    kinds = list(
        product(
            ("lower_need", "medium_need", "complex_need"),
            (1, 2),
            ("3", "7", "12", "16"),
            ("", "9", "2 5", "11 15"),
        )
    )
    path = folder / f"families_{families}.csv"
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(("family", "profile", "adults", "child_ages"))
        for i in range(families):
            profile, adults, first, others = kinds[i % len(kinds)]
            writer.writerow((f"f{i}", profile, adults, f"{first} {others}".strip()))
    given = cb.load_case(cb.examples_folder() / "hounslow" / "case.yaml").to_dict()
    return cb.Case.from_dict({**given, "cohort": {"file": path.name}}, folder)


def check() -> None:
    """Raise if all families differ by more than 1e-9 (relative) from one of each kind, many times."""
    few = table(math.prod(LEVELS))
    worst = np.abs(expected(table(FAMILIES), 2) / expected(few, 2) / (FAMILIES / len(few)) - 1).max()
    if worst > 1e-9:
        raise ArithmeticError(f"merged families and one of each differ by {worst:.1e}")


def run(runs: int) -> Iterator[Row]:
    sizes = (4_000, 8_000, 16_000, 32_000)
    tables = {n: different(n) for n in sizes}
    seconds = in_turn({str(n): (lambda t=t: expected(t, 10)) for n, t in tables.items()}, runs)
    slope = np.polyfit([math.log(n) for n in sizes], [math.log(seconds[str(n)]) for n in sizes], 1)[0]
    yield Row("exponent in families, no two alike, 4,000 to 32,000", float(slope), between=(0.95, 1.05))

    check()
    few, many = table(math.prod(LEVELS)), table(FAMILIES)
    seconds = in_turn(
        {
            "few": lambda: expected(few, DRAWS),
            "many": lambda: expected(many, DRAWS),
            "merge": lambda: merge_profiles(many),
        },
        runs,
    )
    yield Row(
        "120,000 families of 96 profiles / 96 families, merging included",
        seconds["many"] / seconds["few"],
        None,
        1.1,
    )
    yield Row(f"{DRAWS} draws {seconds['few'] * 1e3:.0f} ms; merging {seconds['merge'] * 1e3:.0f} ms")

    with tempfile.TemporaryDirectory() as folder:
        cases = {n: case_with(Path(folder), n) for n in (96, FAMILIES)}
        for case in cases.values():
            case.families  # noqa: B018, read once, as a case keeps them
        seconds = in_turn(
            {str(n): (lambda case=case: cb.appraise(case, draws=1_000, seed=1)) for n, case in cases.items()},
            runs,
        )
        ratio = seconds[str(FAMILIES)] / seconds["96"]
        yield Row("a case with 120,000 families in its file / with 96, once read", ratio, None, 1.1)
        reading = in_turn({"read": lambda: cb.read_families(Path(folder) / f"families_{FAMILIES}.csv")}, 5)
        yield Row(f"reading a file of 120,000 families {reading['read']:.2f} s")

"""The bundled Hounslow case, 10,000 draws, against the bare kernel runs of its own pathways."""

import statistics
import time
from collections.abc import Iterator
from typing import Any

from timing import Row, cpu

import communitybudget as cb
from communitybudget.appraisal import discount_factors
from communitybudget.case.measures import measures_frame
from communitybudget.case.model import prepare
from communitybudget.simulation import run as simulation_run

DRAWS = 10_000
STAGES = ("prepare and solve effects", "draw", "simulate", "chance", "price", "measures")


class Watch:
    """Counts the CPU time of calls to the kernel while it stands in for it."""

    def __init__(self) -> None:
        self.kernel = simulation_run.follow
        self.seconds = 0.0
        self.calls = 0

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the kernel and count its time."""
        start = time.process_time()
        result = self.kernel(*args, **kwargs)
        self.seconds += time.process_time() - start
        self.calls += 1
        return result

    def __enter__(self) -> "Watch":
        simulation_run.follow = self
        return self

    def __exit__(self, *_: object) -> None:
        simulation_run.follow = self.kernel


def stages(case: cb.Case) -> dict[str, float]:
    """Return the CPU seconds of each stage of one appraisal, and of the kernel inside it."""
    clock = time.process_time
    with Watch() as watch:
        marks = [clock()]
        model = prepare(case)
        marks.append(clock())
        draws = model.draw(DRAWS, 1)
        marks.append(clock())
        activity = model.simulate(draws)
        marks.append(clock())
        chance = model.draw_chance(activity, draws)
        marks.append(clock())
        ledger = model.price(activity, draws, chance)
        marks.append(clock())
        cash = model.cash(ledger, activity, draws)
        banked = model.cash_with_chance(cash, ledger, activity, draws, chance)
        factors = discount_factors(case.spec.years, schedule=case.spec.discounting)
        measures_frame(ledger, cash, factors, cash_with_chance=banked)
        marks.append(clock())
    names = STAGES
    found = {name: b - a for name, a, b in zip(names, marks[:-1], marks[1:], strict=True)}
    found["kernel"] = watch.seconds
    found["calls"] = watch.calls
    return found


def run(runs: int) -> Iterator[Row]:
    case = cb.load_case(cb.examples_folder() / "hounslow" / "case.yaml")

    def whole() -> None:
        cb.appraise(case, draws=DRAWS, seed=1).to_frame()

    whole()
    stages(case)
    totals, parts = [], []
    for _ in range(runs):
        totals.append(cpu(whole))
        parts.append(stages(case))
    middle = {name: statistics.median(part[name] for part in parts) for name in parts[0]}
    total = statistics.median(totals)
    yield Row("appraise with measures / kernel alone", total / middle["kernel"], at_most=15)
    yield Row(f"whole {total:.2f} s; kernel {middle['kernel']:.2f} s in {middle['calls']:.0f} runs")
    known = 0.0
    for name in STAGES:
        if name == "simulate":
            rows = [
                ("simulate: kernel", middle["kernel"]),
                ("simulate: the rest", middle[name] - middle["kernel"]),
            ]
        else:
            rows = [(name, middle[name])]
        for text, value in rows:
            known += value
            yield Row(f"  {text:<36} {100 * value / total:5.1f} %")
    yield Row(f"  {'inputs, assumptions and the rest':<36} {max(0.0, 100 * (1 - known / total)):5.1f} %")

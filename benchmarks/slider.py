"""Changing one thing and looking again: the bundled Hounslow case, 10,000 draws, against the whole run."""

from collections.abc import Iterator

from reference import OPTIONS, Kernel, make_workload
from timing import Row, in_turn

import communitybudget as cb
from communitybudget.case.model import prepare

DRAWS = 10_000


def run(runs: int) -> Iterator[Row]:
    case = cb.load_case(cb.examples_folder() / "hounslow" / "case.yaml")
    model = prepare(case)
    draws = model.draw(DRAWS, 1)
    activity = model.simulate(draws)
    seconds = in_turn(
        {
            "whole": lambda: model.price(model.simulate(draws), draws),
            "prices": lambda: model.price(activity, draws),
            "appraise": lambda: cb.appraise(case, draws=DRAWS, seed=1),
            "preview": lambda: cb.appraise(case, draws=1_000, seed=1),
        },
        runs,
    )
    yield Row("Hounslow: price again / simulate and price", seconds["prices"] / seconds["whole"], None, 0.125)
    yield Row("Hounslow: 1,000 draws / 10,000, a whole appraisal", seconds["preview"] / seconds["appraise"])
    work = make_workload()
    kernel, preview = Kernel(work), Kernel(make_workload(1_000))
    one = Kernel(work, options=1)
    seconds = in_turn({"both": kernel, "one": one, "preview": preview}, runs)
    yield Row(f"reference PSA: one option / {OPTIONS}", seconds["one"] / seconds["both"], None, 0.65)
    yield Row("reference PSA: 1,000 draws / 10,000", seconds["preview"] / seconds["both"], None, 0.2)

"""Peak growth of memory after imports, each job in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from timing import Row

HERE = Path(__file__).resolve().parent
MANY = 100_000

PSA = """
from reference import by_kernel, make_workload
def job(draws):
    by_kernel(make_workload(draws))
"""
APPRAISAL = """
import communitybudget as cb
def job(draws):
    case = cb.load_case(cb.examples_folder() / "hounslow" / "case.yaml")
    cb.appraise(case, draws=draws, seed=1).to_frame()
"""
SUMMARY = """
import communitybudget as cb
def job(draws):
    case = cb.load_case(cb.examples_folder() / "hounslow" / "case.yaml")
    cb.summarise(case, draws=draws, seed=1).to_frame()
"""
MEASURE = """
import json, pathlib
def peak():
    # ru_maxrss is that of the parent, where it was larger
    return int(pathlib.Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
job(20)  # loads what is imported on first use, and the figures
before = peak()
job({draws})
print(json.dumps([before, peak()]))
"""


def growth(code: str, draws: int) -> float:
    """Return by how many MB the largest resident memory grows, on Linux."""
    done = subprocess.run(
        [sys.executable, "-c", code + MEASURE.format(draws=draws)],
        cwd=HERE,
        check=True,
        capture_output=True,
        text=True,
    )
    before, after = json.loads(done.stdout)
    return float(after - before) / 1024


def run(runs: int) -> Iterator[Row]:
    for name, code in (("reference PSA", PSA), ("Hounslow appraisal", APPRAISAL)):
        small = growth(code, 10_000)
        yield Row(f"{name}, 10,000 draws: MB", small, None, 300)
        yield Row(f"{name}, {MANY:,} draws / 10,000, every draw kept", growth(code, MANY) / small)
    small = growth(SUMMARY, 10_000)
    yield Row("Hounslow in summary mode, 10,000 draws: MB", small, None, 300)
    yield Row(f"Hounslow in summary mode, {MANY:,} draws / 10,000", growth(SUMMARY, MANY) / small, None, 1.2)

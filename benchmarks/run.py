"""The reference workloads: ratios, their targets, and whether they are met.

    python benchmarks/run.py             all sections
    python benchmarks/run.py psa start   some of them

Times are CPU time of the process, medians of runs taken in turn, on one thread.
"""

import argparse
import os
from importlib import import_module

SECTIONS = (
    "psa",
    "sizes",
    "fading",
    "bands",
    "sampling",
    "slider",
    "looking",
    "families",
    "scaling",
    "memory",
    "start",
    "appraisal",
    "global_sensitivity",
    "information",
    "deal",
    "packages",
)


def main() -> None:
    # numpy reads these when it is first imported, so the sections are loaded after
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    parser = argparse.ArgumentParser(description="Run the reference workloads.")
    parser.add_argument("sections", nargs="*", metavar="section", help=f"{', '.join(SECTIONS)}; all if none")
    parser.add_argument("--runs", type=int, default=7, help="runs of each figure, at least 5 (default 7)")
    arguments = parser.parse_args()
    chosen = arguments.sections or list(SECTIONS)
    unknown = [name for name in chosen if name not in SECTIONS]
    if unknown:
        parser.error(f"no section {', '.join(unknown)}; there are {', '.join(SECTIONS)}")
    if arguments.runs < 5:
        parser.error("a median needs at least 5 runs")
    for name in chosen:
        section = import_module(name)
        print(f"\n{name}: {section.__doc__.splitlines()[0]}\n")
        print(f"  {'measure':<66} {'ratio':>8}  {'target':<9} met")
        for row in section.run(arguments.runs):
            print(row)


if __name__ == "__main__":
    main()

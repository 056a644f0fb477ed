"""Import of the library against import of numpy, each in a fresh interpreter."""

import resource
import statistics
import subprocess
import sys
from collections.abc import Iterator

from timing import Row

HEAVY = ("scipy", "pandas", "statsmodels", "matplotlib", "pydantic", "dask", "numba")
FRESH = 15


def children() -> float:
    """Return the CPU seconds, user and system, of all interpreters that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def seconds_of(code: str) -> float:
    """Return the CPU seconds of one fresh interpreter."""
    before = children()
    subprocess.run([sys.executable, "-c", code], check=True)
    return children() - before


def run(runs: int) -> Iterator[Row]:
    codes = {
        "bare": "pass",
        "numpy": "import numpy",
        "library": "import communitybudget",
        "appraise": "from communitybudget import appraise, load_case",
    }
    times: dict[str, list[float]] = {name: [] for name in codes}
    for code in codes.values():
        seconds_of(code)
    for _ in range(max(runs, FRESH)):
        for name, code in codes.items():
            times[name].append(seconds_of(code))
    median = {name: statistics.median(values) for name, values in times.items()}
    yield Row("import communitybudget / import numpy", median["library"] / median["numpy"], at_most=1.3)
    yield Row("load_case and appraise, too / import numpy", median["appraise"] / median["numpy"])
    code = f"import sys, communitybudget; print(*[m for m in {HEAVY!r} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    loaded = found.stdout.split()
    yield Row(
        f"heavy packages loaded by the import{': ' if loaded else ''}{', '.join(loaded)}",
        len(loaded),
        None,
        0,
    )
    yield Row(f"looked for {', '.join(HEAVY)}")
    yield Row("; ".join(f"{name} {value * 1e3:.0f} ms" for name, value in median.items()))

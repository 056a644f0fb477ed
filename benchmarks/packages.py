"""heormodel and PyHEOR on the reference PSA, in an environment of their own (packages_env.py)."""

import os
import statistics
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from packages_env import PACKAGES, PYTHON
from reference import OPTIONS, STATES, Kernel, Usual, Workload, make_workload
from timing import Row, cpu

SAMPLE = {"heormodel": 500, "pyheor": 50, "pyheor_quickest": 50}
"""Draws that each package is timed on; the time is scaled up."""

TOLERANCE = 1e-9
HERE = Path(__file__).resolve().parent


class Package:
    """A package that waits in a process of its own and does the job when asked."""

    def __init__(self, name: str, inputs: Path) -> None:
        self.draws = SAMPLE[name]
        self._costs = inputs.with_name(f"{inputs.name}.{name}.npy")
        self._process = subprocess.Popen(
            [str(PYTHON), str(HERE / "in_package.py"), name, str(inputs), str(self.draws)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": ""},
        )

    def seconds(self) -> float:
        """Return the CPU seconds of one run."""
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError("the package ended before its job was done; its message stands above")
        return float(answer)

    def costs(self) -> np.ndarray:
        """Return the total cost of the last run, by option and draw."""
        return np.load(self._costs)

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


def write_inputs(work: Workload, path: Path) -> None:
    """Write matrices and costs of all that any package needs; costs are added up over the agencies."""
    usual, draws = Usual(work), max(SAMPLE.values())
    part = slice(0, draws)
    transition = np.stack([usual.matrices(option, part) for option in range(OPTIONS)])
    costs = np.ascontiguousarray(work.costs.sum(axis=1)[:, part].T)
    if transition.shape != (OPTIONS, draws, STATES, STATES):
        raise ArithmeticError("matrices of another shape than the packages are given")
    np.savez(path, transition=transition, costs=costs, cycles=work.months)


def run(runs: int) -> Iterator[Row]:
    if not PYTHON.exists():
        yield Row("not measured: first run  python benchmarks/packages_env.py")
        return
    work = make_workload()
    kernel = Kernel(work)
    ours: list[float] = []
    times: dict[str, list[float]] = {name: [] for name in SAMPLE}
    with tempfile.TemporaryDirectory() as folder:
        inputs = Path(folder) / "inputs.npz"
        write_inputs(work, inputs)
        packages = {name: Package(name, inputs) for name in SAMPLE}
        try:
            total = kernel().sum(axis=(1, 2))
            for package in packages.values():
                package.seconds()
            for _ in range(runs):
                for name, package in packages.items():
                    ours.append(cpu(kernel))
                    times[name].append(package.seconds())
            for name, package in packages.items():
                worst = float(np.abs(package.costs() / total[:, : package.draws] - 1).max())
                if worst > TOLERANCE:
                    raise ArithmeticError(f"{name} and the kernel differ by {worst:.1e}")
        finally:
            for package in packages.values():
                package.close()
    kernel_seconds = statistics.median(ours)
    scaled = {name: statistics.median(found) * work.draws / SAMPLE[name] for name, found in times.items()}
    yield Row("heormodel, one cost / kernel, eight agencies", scaled["heormodel"] / kernel_seconds, 25)
    yield Row(
        "PyHEOR, one cost, as its documentation builds / kernel", scaled["pyheor"] / kernel_seconds, 5000
    )
    yield Row(
        "PyHEOR, one cost, the quickest way found / kernel", scaled["pyheor_quickest"] / kernel_seconds, 5000
    )
    yield Row(f"kernel {kernel_seconds * 1e3:.0f} ms for {work.draws:,} draws; scaled up to as many:")
    for name, seconds in scaled.items():
        yield Row(f"  {name} {seconds:,.1f} s, timed on {SAMPLE[name]} draws")
    yield Row(f"total costs agree to {TOLERANCE:g}; {', '.join(PACKAGES)}")

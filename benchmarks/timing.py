"""CPU time of functions run in turn, and the rows of the table."""

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line of the table: a ratio against its target, or a figure without one."""

    text: str
    ratio: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    between: tuple[float, float] | None = None

    def __str__(self) -> str:
        if self.ratio is None:
            return f"    {self.text}"
        target, met = "", ""
        if self.at_least is not None:
            target, met = f">= {self.at_least:g}", "yes" if self.ratio >= self.at_least else "NO"
        elif self.at_most is not None:
            target, met = f"<= {self.at_most:g}", "yes" if self.ratio <= self.at_most else "NO"
        elif self.between is not None:
            low, high = self.between
            target, met = f"{low:g}-{high:g}", "yes" if low <= self.ratio <= high else "NO"
        return f"  {self.text:<66} {self.ratio:8.2f}  {target:<9} {met}".rstrip()


def cpu(function: Callable[[], object]) -> float:
    """Return the CPU seconds of one call."""
    gc.collect()
    start = time.process_time()
    function()
    return time.process_time() - start


def in_turn(functions: Mapping[str, Callable[[], object]], runs: int) -> dict[str, float]:
    """Return the median CPU seconds of each function, all run once and then timed in turn."""
    for function in functions.values():
        function()
    times: dict[str, list[float]] = {name: [] for name in functions}
    for _ in range(runs):
        for name, function in functions.items():
            times[name].append(cpu(function))
    return {name: statistics.median(values) for name, values in times.items()}

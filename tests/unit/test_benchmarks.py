"""The benchmarks still run; what they measure is looked at by hand, never asserted."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_the_benchmarks_run() -> None:
    done = subprocess.run(
        [sys.executable, "benchmarks/run.py", "psa", "--runs", "5"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "loop over draws / kernel" in done.stdout


@pytest.mark.parametrize(
    "code",
    [
        "import psa; psa.check()",
        "import sizes; [sizes.check(states, steps) for _, states, steps, _, _ in sizes.SIZES]",
        "import bands; bands.DRAWS = 8; bands.ready()",
        "import families; families.check()",
        "import global_sensitivity; global_sensitivity.N = 64; global_sensitivity.RESAMPLES = 200; "
        "global_sensitivity.check()",
        "import looking; looking.DRAWS = 50; assert len(list(looking.run(1))) == 3",
        "import appraisal; appraisal.DRAWS = 50; assert len(list(appraisal.run(1))) > 8",
        "import deal; deal.DRAWS = 50; deal.check()",
    ],
    ids=["reference", "sizes", "bands", "families", "global_sensitivity", "looking", "appraisal", "deal"],
)
def test_the_ways_that_are_compared_agree(code: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, 'benchmarks'); {code}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr

"""What single inputs are worth to know against the reference PSA, and a spline against statsmodels.

The analytic case: the net benefit of an option is ``sin(2 x) + x`` and noise of standard deviation 2, with
``x`` standard normal, against nothing. Both regressions are judged by how far their fitted net benefits lie
from the true ones, root mean square.
"""

from collections.abc import Iterator
from importlib.util import find_spec

import numpy as np
import pandas as pd
from reference import DRAWS, by_kernel, make_workload
from timing import Row, in_turn

from communitybudget.sensitivity import evppi, evppi_each
from communitybudget.sensitivity.many_inputs import fit_inputs

INPUTS = 20
SAMPLES = 10
"""Samples over which the errors of both regressions are averaged."""
FUNCTIONS = 12
"""Spline functions of statsmodels, as many as ours have with 10,000 draws."""


def uncertain_inputs() -> tuple[pd.DataFrame, np.ndarray]:
    """Return draws of normal, lognormal, and partly fixed inputs, and net benefits of three options."""
    random = np.random.default_rng(1)
    draws = random.normal(size=(DRAWS, INPUTS))
    draws[:, 8:14] = np.exp(0.4 * draws[:, 8:14])
    draws[:, 14:] = np.where(random.random((DRAWS, INPUTS - 14)) < 0.3, 1.0, draws[:, 14:])
    gains = draws @ random.normal(size=(INPUTS, 2)) + draws[:, [8]] * draws[:, [9]]
    benefit = np.concatenate([np.zeros((DRAWS, 1)), gains - gains.mean(axis=0) - [0.2, 0.3]], axis=1)
    return pd.DataFrame(draws, columns=[f"input_{i}" for i in range(INPUTS)]), benefit


def analytic_case(sample: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return draws of the input, of the net benefit, and the net benefit that is expected given the input."""
    random = np.random.default_rng(sample)
    x = random.normal(size=DRAWS)
    expected = np.sin(2 * x) + x
    return x, expected + random.normal(0.0, 2.0, DRAWS), expected


def by_statsmodels(x: np.ndarray, gain: np.ndarray, penalty: float = 0.0) -> np.ndarray:
    """Return the net benefit fitted by GLMGam on a cubic B-spline."""
    from statsmodels.gam.api import BSplines, GLMGam

    spline = BSplines(x[:, np.newaxis], df=[FUNCTIONS], degree=[3])
    model = GLMGam(gain, exog=np.ones((x.size, 1)), smoother=spline, alpha=[penalty])
    return model.fit().fittedvalues


def by_ours(x: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """Return the net benefit fitted by the library."""
    return fit_inputs(x[:, np.newaxis], gain[:, np.newaxis]).projection.fitted[:, 0]


def run(runs: int) -> Iterator[Row]:
    work = make_workload()
    inputs, benefit = uncertain_inputs()
    several = list(inputs.columns)
    seconds = in_turn(
        {
            "psa": lambda: by_kernel(work),
            "each": lambda: evppi_each(benefit, inputs),
            "together": lambda: evppi(benefit, inputs, several),
        },
        runs,
    )
    yield Row(f"{INPUTS} single inputs / reference PSA", seconds["each"] / seconds["psa"], at_most=1.2)
    yield Row(f"the {INPUTS} inputs together / reference PSA", seconds["together"] / seconds["psa"])
    yield Row(f"single inputs {seconds['each'] * 1e3:.0f} ms, together {seconds['together'] * 1e3:.0f} ms")
    if find_spec("statsmodels") is None:
        yield Row("no comparison with statsmodels; for it: python -m pip install statsmodels==0.15.0")
        return
    x, gain, _ = analytic_case(0)
    nothing = np.zeros(DRAWS)
    one, net = pd.DataFrame({"x": x}), np.column_stack([nothing, gain])
    seconds = in_turn(
        {
            "fit": lambda: by_ours(x, gain),
            "value": lambda: evppi(net, one, "x"),
            "statsmodels": lambda: by_statsmodels(x, gain),
        },
        runs,
    )
    yield Row("GLMGam / our regression", seconds["statsmodels"] / seconds["fit"], at_least=5)
    yield Row("GLMGam / our value with its error", seconds["statsmodels"] / seconds["value"])
    errors = {}
    for name, way in (("ours", by_ours), ("statsmodels", by_statsmodels)):
        cases = [analytic_case(sample) for sample in range(SAMPLES)]
        errors[name] = float(np.sqrt(np.mean([(way(x, y) - e) ** 2 for x, y, e in cases])))
    yield Row("our error / GLMGam's, analytic case", errors["ours"] / errors["statsmodels"], at_most=1.05)
    yield Row(f"errors {errors['ours']:.4f} and {errors['statsmodels']:.4f} of noise with deviation 2")

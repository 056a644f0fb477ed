"""What a planned study is worth: the expected value of sample information."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, get_args

import numpy as np
import numpy.typing as npt

from communitybudget._core.cards import NOT_STATED
from communitybudget._core.streams import stream
from communitybudget.sensitivity.conjugate import Prior, by_conjugacy
from communitybudget.sensitivity.draws import FloatArray, as_inputs, as_net_benefit
from communitybudget.sensitivity.informed_choice import increments, informed_choice
from communitybudget.sensitivity.many_inputs import fit_inputs
from communitybudget.sensitivity.sample_methods import METHODS, Found, SampleMethod, StudiedChoice
from communitybudget.sensitivity.sample_results import SampleInformation, SampleInformationCurve
from communitybudget.sensitivity.study import Study

if TYPE_CHECKING:
    import pandas as pd

_LEAST_DRAWS = 100


def evsi(
    net_benefit: npt.ArrayLike,
    inputs: "pd.DataFrame",
    study: Study,
    families: int,
    *,
    method: SampleMethod = "moment_matching",
    prior: Prior | None = None,
    seed: int = 1,
    price_base: str = NOT_STATED,
) -> SampleInformation:
    """Return the expected value of sample information: what a planned study is worth to the choice.

    Parameters
    ----------
    net_benefit : array_like, shape (draw, option)
        Net benefit in GBP, larger is better. The options share their draws.
    inputs : pandas.DataFrame, shape (draw, input)
        One column per uncertain input. Matched to the net benefit by position.
    study : Study
        `SingleGroup`, `BeforeAfter`, `Controlled` or `CustomStudy`.
    families : int
        Families in the study, all groups together, before any drop out.
    method : {"moment_matching", "regression", "importance", "conjugate"}
        See `evsi_curve`.
    prior : BetaPrior or NormalPrior, optional
        From which the draws of the one informed input came; for ``conjugate``.
    seed : int, default 1
        Seed of the made-up results.
    price_base : str, optional
        Price base of the net benefit, such as ``2026-27``.

    Returns
    -------
    SampleInformation

    Raises
    ------
    ValueError
        If there are fewer than 100 draws, an input of the study is not there, a number is not finite, or
        ``families`` is negative.

    Examples
    --------
    >>> import pandas as pd
    >>> from communitybudget.sensitivity import Measured, SingleGroup
    >>> draws = pd.DataFrame({"effect": np.random.default_rng(1).normal(0, 1_000, 5_000)})
    >>> net = np.column_stack([np.zeros(5_000), draws["effect"]])
    >>> found = evsi(net, draws, SingleGroup(Measured("effect"), sd=3_000), 3)
    >>> abs(found.value - 199.5) < 2 * found.standard_error  # 1,000 sqrt(3 / 12) times 0.3989
    True
    """
    found, decision = _found(net_benefit, inputs, study, [families], method, prior, seed)
    return SampleInformation(
        value=float(found.values[0]),
        standard_error=float(np.sqrt(found.covariance[0, 0])),
        families=int(families),
        counted=study.counted(families),
        evppi=found.ceiling,
        evppi_standard_error=found.ceiling_error,
        study=study.in_words(),
        informs=study.informs,
        method=method,
        draws=len(decision.gains),
        effective_draws=float(found.effective_draws[0]),
        seed=seed,
        price_base=price_base,
    )


def evsi_curve(
    net_benefit: npt.ArrayLike,
    inputs: "pd.DataFrame",
    study: Study,
    sizes: Sequence[int],
    *,
    method: SampleMethod = "moment_matching",
    prior: Prior | None = None,
    seed: int = 1,
    price_base: str = NOT_STATED,
) -> SampleInformationCurve:
    """Return what a planned study is worth by its number of families.

    Parameters
    ----------
    net_benefit, inputs, study, prior, seed, price_base
        As in `evsi`.
    sizes : sequence of int
        Numbers of families, rising.
    method : {"moment_matching", "regression", "importance", "conjugate"}
        ``moment_matching``: 100 made-up studies of sizes between the least and the largest, and a curve
        through what they leave uncertain; many sizes cost little more than one. ``regression``: net benefit
        on the result of a made-up study in each draw; needs no likelihood. ``importance``: 1,000 made-up
        studies of each size, the draws weighted by how likely they make each result; the slowest, and the
        one that assumes least. ``conjugate``: all results of a study of one input, exactly, where its prior
        is beta and the study counts events, or both are normal; nothing is made up.

    Returns
    -------
    SampleInformationCurve

    Raises
    ------
    ValueError
        As for `evsi`, or if ``sizes`` do not rise.

    Notes
    -----
    Values are kept in order: where error would let a larger study be worth less, both take the mean of the
    two (isotonic regression). None is below 0, nor above the value of knowing the informed inputs.

    Examples
    --------
    >>> import pandas as pd
    >>> from communitybudget.sensitivity import Measured, SingleGroup
    >>> draws = pd.DataFrame({"effect": np.random.default_rng(1).normal(0, 1, 2_000)})
    >>> net = np.column_stack([np.zeros(2_000), draws["effect"]])
    >>> curve = evsi_curve(net, draws, SingleGroup(Measured("effect"), sd=3), [0, 9, 900])
    >>> curve.to_frame()["families"].tolist(), float(curve.values[0])
    ([0, 9, 900], 0.0)
    """
    wanted = list(sizes)
    if not wanted or any(b <= a for a, b in pairwise(wanted)):
        raise ValueError(f"sizes are {wanted}; give numbers of families that rise, at least one")
    found, decision = _found(net_benefit, inputs, study, wanted, method, prior, seed)
    return SampleInformationCurve(
        families=np.array(wanted, dtype=np.int64),
        values=found.values,
        covariance=found.covariance,
        evppi=found.ceiling,
        evppi_standard_error=found.ceiling_error,
        study=study.in_words(),
        informs=study.informs,
        method=method,
        draws=len(decision.gains),
        effective_draws=found.effective_draws,
        seed=seed,
        price_base=price_base,
    )


def _found(
    net_benefit: npt.ArrayLike,
    inputs: "pd.DataFrame",
    study: Study,
    sizes: Sequence[int],
    method: str,
    prior: Prior | None,
    seed: int,
) -> tuple[Found, StudiedChoice]:
    """Return the values of studies of some sizes, kept in order, and the choice that they inform."""
    if method not in get_args(SampleMethod):
        raise ValueError(f"method is {method!r}; give one of {', '.join(get_args(SampleMethod))}")
    if (method == "conjugate") != (prior is not None):
        raise ValueError("a prior goes with method='conjugate', and only with it; give both or neither")
    if any(isinstance(n, bool) or n != int(n) or n < 0 for n in sizes):
        raise ValueError(f"families are {list(sizes)}; give whole numbers, 0 or more")
    decision = _decision(net_benefit, inputs, study)
    told = np.array([study.counted(families) > 0 for families in sizes])
    if not told.any():
        return _nothing(decision, len(sizes)), decision
    asked = [int(families) for families, tells in zip(sizes, told, strict=True) if tells]
    if decision.known.value <= 0:
        # a study that cannot be is refused, whatever it would be worth
        study.simulate(decision.inputs, asked[-1], stream(seed, "check"))
        return _nothing(decision, len(sizes)), decision
    if prior is None:
        found = METHODS[method](decision, study, asked, seed)
    else:
        found = by_conjugacy(decision, study, asked, prior)
    every = _nothing(decision, len(sizes))
    np.place(every.values, told, found.values)
    np.place(every.effective_draws, told, found.effective_draws)
    np.place(every.covariance, np.outer(told, told), found.covariance)
    return replace(
        every,
        values=_in_order(every.values, found.ceiling),
        ceiling=found.ceiling,
        ceiling_error=found.ceiling_error,
    ), decision


def _nothing(decision: StudiedChoice, sizes: int) -> Found:
    """Return what studies are worth that no record comes from."""
    return Found(
        values=np.zeros(sizes),
        covariance=np.zeros((sizes, sizes)),
        effective_draws=np.full(sizes, float(len(decision.gains))),
        ceiling=decision.known.value,
        ceiling_error=decision.known.standard_error,
    )


def _decision(net_benefit: npt.ArrayLike, inputs: "pd.DataFrame", study: Study) -> StudiedChoice:
    """Return the choice with its draws in an order of their own, whatever order they came in."""
    benefit = as_net_benefit(net_benefit, least=_LEAST_DRAWS)
    names, values = as_inputs(inputs)
    if len(values) != len(benefit):
        raise ValueError(
            f"net_benefit has {len(benefit):,} draws and the inputs have {len(values):,}; "
            "give the same draws of both"
        )
    missing = [name for name in study.informs if name not in names]
    if missing:
        raise ValueError(
            f"the study informs {', '.join(missing)}, which the frame of draws does not have; "
            f"its inputs are {', '.join(names)}"
        )
    informed = values[:, [names.index(name) for name in sorted(study.informs)]]
    order = np.lexsort(np.concatenate([values, benefit, informed], axis=1).T)
    gains = increments(benefit[order])
    fit = fit_inputs(informed[order], gains).projection
    drawn = inputs.iloc[order].reset_index(drop=True)
    return StudiedChoice(drawn, gains, fit, informed_choice(gains, fit))


def _in_order(values: FloatArray, most: float) -> FloatArray:
    """Return values that do not fall, each between 0 and the most."""
    from scipy.optimize import isotonic_regression

    kept: FloatArray = np.clip(isotonic_regression(values).x, 0.0, most)
    return kept

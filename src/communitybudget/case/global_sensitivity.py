"""Global sensitivity of a case: what drives the net present value, for all agencies and for each."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.digits import counted
from communitybudget._core.streams import GivenStreams
from communitybudget._core.vocabulary import ALL_AGENCIES, agency_label
from communitybudget.case.holding import only_option
from communitybudget.case.measures import net_flow, present_values
from communitybudget.case.model import Progress
from communitybudget.case.unknowns import Unknown, by_key, unknown_of, unknowns_of
from communitybudget.sensitivity import (
    Importance,
    MorrisScreening,
    SobolIndices,
    importance,
    morris_screening,
    sobol_indices,
)
from communitybudget.sensitivity.draws import constant
from communitybudget.sensitivity.sobol_designs import CHUNK, input_groups

if TYPE_CHECKING:
    from communitybudget.case.appraisal import Appraisal

Array = NDArray[np.float64]
Grouping = Literal["input", "mark", "pathway"]

SCREEN_FROM = 40
"""With more groups than this, Morris screening comes first."""
REST = "all other inputs"


def sobol_indices_of(
    appraisal: "Appraisal",
    option: str,
    n: int = 1024,
    *,
    value: str = "fiscal",
    agencies: str | Sequence[str] | None = None,
    groups: Grouping | Mapping[str, str] = "input",
    correlated: Collection[str] = (),
    most: int = 20,
    order: Literal[1, 2] = 1,
    resamples: int = 1_000,
    progress: Progress | None = None,
) -> SobolIndices:
    """Return Sobol' indices of the net present value of one option, all agencies and each.

    The case is run again over a sample of its unknowns, from rates, effects and prices; without chance.

    Parameters
    ----------
    appraisal : Appraisal
        Of the case; its seed is used.
    option : str
        Which option.
    n : int
        Rows of the sample, a power of 2; the case is run ``n (groups + 2)`` times.
    value : {'fiscal', 'public_value'}
        As in `Appraisal.npv`.
    agencies : sequence of str, optional
        Whose net present value; all together and each whose own varies unless given.
    groups : {'input', 'mark', 'pathway'} or mapping of str to str
        What is varied together: nothing that can be varied apart, the inputs of one mark, those of one
        pathway; or key of an unknown to name of a group, those not named standing alone.
    correlated : collection of str
        Ids of numbers that the case correlates with others; they have to be in one group.
    most : int
        With more than 40 groups Morris screening picks so many, by the largest part that a group has in
        the effects on any agency; the others are varied together as ``all other inputs``.
    order : {1, 2}
        2 adds the interactions of pairs, from the same runs.
    resamples : int
        Of the bootstrap.
    progress : callable, optional
        Called with runs done and runs in all, of the screening and then of the indices.

    Returns
    -------
    SobolIndices

    Raises
    ------
    ValueError
        If correlated inputs stand apart, ``n`` is not a power of 2, or a name is unknown.
    """
    unknowns = unknowns_of(appraisal)
    own = by_key(unknowns)
    of_key = _groups(own, groups)
    together = {unknown_of(key, appraisal.model, unknowns).key for key in correlated}
    input_groups(tuple(own), of_key, together)
    of_stream = {name: of_key.get(unknown.key, unknown.key) for name, unknown in unknowns.items()}
    chosen, npvs = _npvs(appraisal, option, tuple(unknowns), value, agencies)
    labels = {key: unknown.label for key, unknown in own.items()}
    outcomes = [agency_label(agency) for agency in chosen]
    if len(set(of_stream.values())) > SCREEN_FROM:
        screening = morris_screening(
            npvs, tuple(unknowns), seed=appraisal.seed, groups=of_stream, chunk=CHUNK, progress=progress
        )
        kept = screening.most_important(most)
        of_stream = {name: group if group in kept else REST for name, group in of_stream.items()}
        labels[REST] = f"All other inputs ({len(screening.inputs) - len(kept)})"
    return sobol_indices(
        npvs,
        tuple(unknowns),
        n,
        appraisal.seed,
        groups=of_stream,
        order=order,
        resamples=resamples,
        outcomes=outcomes,
        labels=labels,
        progress=progress,
        price_base=appraisal.price_base,
        set_version=appraisal.set_version,
    )


def screening_of(
    appraisal: "Appraisal",
    option: str,
    trajectories: int = 20,
    *,
    value: str = "fiscal",
    agencies: str | Sequence[str] | None = None,
    progress: Progress | None = None,
) -> MorrisScreening:
    """Return which unknowns of a case matter at all to one option, by Morris screening.

    Parameters
    ----------
    appraisal, option, value, agencies, progress
        As in `sobol_indices_of`.
    trajectories : int
        How many effects of each; the case is run ``trajectories (unknowns + 1)`` times.

    Returns
    -------
    MorrisScreening
        In GBP, over the whole range of an unknown.
    """
    unknowns = unknowns_of(appraisal)
    chosen, npvs = _npvs(appraisal, option, tuple(unknowns), value, agencies)
    return morris_screening(
        npvs,
        tuple(unknowns),
        trajectories,
        appraisal.seed,
        groups={name: unknown.key for name, unknown in unknowns.items()},
        outcomes=[agency_label(agency) for agency in chosen],
        labels={unknown.key: unknown.label for unknown in unknowns.values()},
        progress=progress,
    )


def importance_of(
    appraisal: "Appraisal",
    option: str,
    *,
    value: str = "fiscal",
    agencies: str | Sequence[str] | None = None,
) -> Importance:
    """Return the share of the variance of each agency's net present value that each unknown explains alone.

    From the draws that the appraisal has; nothing is run again. Inputs that cannot touch the option are left
    out.

    Parameters
    ----------
    appraisal, option, value, agencies
        As in `sobol_indices_of`.

    Returns
    -------
    Importance

    Raises
    ------
    ValueError
        If there are fewer draws than the fit has terms, up to three for each input.
    """
    unknowns = unknowns_of(appraisal)
    chosen = _whose(appraisal, option, value, agencies)
    touching = {column.key: column for agency in chosen for column in appraisal.inputs_of((option,), agency)}
    of_input = {key: unknown_of(key, appraisal.model, unknowns) for key in touching}
    return importance(
        appraisal.input_frame()[list(of_input)],
        {agency_label(agency): appraisal.npv(option, agency, value) for agency in chosen},
        {key: unknown.key for key, unknown in of_input.items()},
        labels={unknown.key: unknown.label for unknown in of_input.values()},
        seed=appraisal.seed,
        price_base=appraisal.price_base,
        set_version=appraisal.set_version,
    )


def _groups(unknowns: Mapping[str, Unknown], groups: Grouping | Mapping[str, str]) -> dict[str, str]:
    """Return the group of unknowns by key; those that are not in it stand alone."""
    if not isinstance(groups, str):
        return dict(groups)
    if groups == "input":
        return {}
    if groups == "mark":
        return {key: unknown.mark for key, unknown in unknowns.items()}
    if groups == "pathway":
        return {key: unknown.pathway for key, unknown in unknowns.items()}
    raise ValueError(f"groups is '{groups}'; use input, mark, pathway, or a mapping of key to group")


def _npvs(
    appraisal: "Appraisal",
    option: str,
    names: tuple[str, ...],
    value: str,
    agencies: str | Sequence[str] | None,
) -> tuple[tuple[str, ...], Callable[[Array], Array]]:
    """Return whose net present values, and what makes them (draw, agency) from uniforms (draw, stream)."""
    chosen = _whose(appraisal, option, value, agencies)
    model, factors, seed = only_option(appraisal.model, option), appraisal.factors, appraisal.seed

    def npvs(uniforms: Array) -> Array:
        columns = np.ascontiguousarray(uniforms.T)
        drawn = model.draw(len(uniforms), seed, GivenStreams(dict(zip(names, columns, strict=True))))
        ledger = model.price(model.simulate(drawn), drawn)
        flows = (net_flow(ledger, option, agency, value) for agency in chosen)
        return np.column_stack([present_values(flow, factors) for flow in flows])

    return chosen, npvs


def _whose(
    appraisal: "Appraisal", option: str, value: str, agencies: str | Sequence[str] | None
) -> tuple[str, ...]:
    """Return the agencies that are named; or all together, and each whose own answer varies."""
    if agencies is not None:
        named = (agencies,) if isinstance(agencies, str) else tuple(agencies)
        if not named:
            raise ValueError("agencies is empty; name one, or leave it out for all whose answer varies")
        return named
    every = (ALL_AGENCIES, *appraisal.ledger.agencies)
    npvs = np.column_stack([appraisal.npv(option, agency, value) for agency in every])
    varying = tuple(agency for agency, still in zip(every, constant(npvs), strict=True) if not still)
    if not varying:
        raise ValueError(
            f"the answer of '{option}' is the same in all of {counted(appraisal.draws, 'draw')}: nothing is "
            "uncertain about it, or there are too few draws to tell"
        )
    return varying

"""Frailty of a case: what families differ by that nobody recorded."""

from collections.abc import Sequence
from dataclasses import dataclass

from communitybudget.case.fields import split_move
from communitybudget.case.inputs import Inputs, local_parameter
from communitybudget.case.spec import FrailtySpec
from communitybudget.pathways import Move, Pathway
from communitybudget.simulation import FamilyClass, Frailty, frailty_classes, gamma_frailty


@dataclass(frozen=True, slots=True)
class CaseFrailty:
    """Classes of families, and the moves whose rates differ between them.

    Parameters
    ----------
    frailty : Frailty
        Multipliers and shares of the classes.
    pathways : frozenset of str
        All of whose moves differ.
    moves : frozenset of (pathway, move)
        Single moves that differ.
    """

    frailty: Frailty
    pathways: frozenset[str]
    moves: frozenset[tuple[str, Move]]

    def on(self, pathway: Pathway) -> frozenset[Move]:
        """Return the moves of a pathway that differ."""
        everything = {rate.move for rates in pathway.rates.values() for rate in rates}
        single = {move for name, move in self.moves if name == pathway.name}
        return frozenset(everything if pathway.name in self.pathways else single)


def frailty_of(given: FrailtySpec | None, inputs: Inputs) -> CaseFrailty | None:
    """Return the classes of families of a case; None where it has none.

    Parameters
    ----------
    given : FrailtySpec or None
        As the case gives it.
    inputs : Inputs
        Gathers the numbers, as known.
    """
    if given is None:
        return None

    def use(name: str, label: str, value: float, unit: str) -> None:
        inputs.add_known(
            local_parameter(f"case.cohort.frailty.{name}", label, value, unit, "local", "assumption")
        )

    if given.variance is not None:
        use("variance", "Frailty: variance of the rates between families", given.variance, "variance")
        frailty = gamma_frailty(given.variance)
    else:
        classes = given.classes or ()
        frailty = frailty_classes([some.multiplier for some in classes], [some.share for some in classes])
        for i, some in enumerate(classes, start=1):
            use(f"share_{i}", f"Frailty: share of class {i}", some.share, "share")
            use(f"multiplier_{i}", f"Frailty: rates of class {i}, as given", some.multiplier, "ratio")
    return CaseFrailty(
        frailty, frozenset(given.pathways), frozenset(split_move(text) for text in given.moves or ())
    )


def of_pathway(frailty: CaseFrailty | None, pathway: Pathway) -> Sequence[tuple[float, FamilyClass | None]]:
    """Return the share and class of the families as a pathway tells them apart."""
    moves = frozenset() if frailty is None else frailty.on(pathway)
    if frailty is None or not moves:
        return [(1.0, None)]
    pairs = zip(frailty.frailty.shares.tolist(), frailty.frailty.multipliers.tolist(), strict=True)
    return [
        (share, FamilyClass(number, multiplier, moves, share))
        for number, (share, multiplier) in enumerate(pairs)
    ]

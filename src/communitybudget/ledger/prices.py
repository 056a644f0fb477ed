"""Prices of activity: one price base, split over agencies, nothing counted twice."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from communitybudget._core.errors import DoubleCounting, ParameterError
from communitybudget.parameters import Parameter, ParameterSet, Uprating
from communitybudget.pathways import ActivityItem

SPLIT_TOLERANCE = 0.005
"""Published constituents may miss their headline by this share, for rounding."""


@dataclass(frozen=True, slots=True)
class Share:
    """One agency's share of a price."""

    agency: str
    share: float
    transfer: bool


@dataclass(frozen=True, slots=True)
class Price:
    """A unit cost at the price base of the case.

    Parameters
    ----------
    parameter : str
        Id of the unit cost, by which it is drawn.
    factor : float
        What uprates it to the price base.
    value_type : str
        ``fiscal``, ``economic`` or ``social``.
    shares : tuple of Share
        Over agencies; they sum to one.
    """

    parameter: str
    factor: float
    value_type: str
    shares: tuple[Share, ...]


def price_of(
    parameters: ParameterSet, key: str, value_type: str, agency: str, price_base: str, uprating: Uprating
) -> Price:
    """Return the price of a unit cost.

    Parameters
    ----------
    parameters : ParameterSet
        Where it is.
    key, value_type : str
        A key can have several values.
    agency : str
        Who pays; ``multiple`` splits a headline over agencies by its constituents.
    price_base : str
        Financial year to uprate to.
    uprating : Uprating
        By which index, and for which area.

    Raises
    ------
    ParameterError
        If the constituents do not add up to their headline.
    PriceBaseMismatch
        If the price base of the unit cost, or that of the case, lies outside its index.
    """
    row = parameters.get(key, value_type)
    factor, index = uprating.factor(row, price_base), uprating.general
    if agency != "multiple":
        return Price(row.id, factor, row.value_type, _own_shares(row, agency))
    parts = parameters.constituents(key) if row.value_type == "fiscal" else []
    if not parts:
        return Price(row.id, factor, row.value_type, _own_shares(row, "unallocated"))
    total = sum(part.value * index.factor(part.price_base, row.price_base) for part in parts)
    # published shares are printed in whole pounds: each may be half a pound out
    allowed = max(SPLIT_TOLERANCE * row.value, 0.5 * len(parts))
    if abs(total - row.value) > allowed and not row.overridden:
        raise ParameterError(
            f"{key}: its constituents sum to {total:,.0f} and not to {row.value:,.0f}; "
            "use the constituents one by one, or name the agency that bears it"
        )
    shares: list[Share] = []
    for part in parts:
        weight = part.value * index.factor(part.price_base, row.price_base) / total
        if weight == 0:
            continue
        for own in _own_shares(part, part.agency if part.agency != "multiple" else "unallocated"):
            shares.append(Share(own.agency, own.share * weight, own.transfer))
    return Price(row.id, factor, row.value_type, tuple(shares))


def _own_shares(row: Parameter, agency: str) -> tuple[Share, ...]:
    """Return the shares of a price borne by one agency, the transfer part apart."""
    part = 0.0
    if row.transfer == "yes":
        part = 1.0 if row.transfer_value is None else row.transfer_value / row.value
    found = [Share(agency, part, True), Share(agency, 1 - part, False)]
    return tuple(share for share in found if share.share > 0)


@dataclass(frozen=True, slots=True)
class Allowance:
    """Two codes that may both be used after all, and why."""

    codes: frozenset[str]
    reason: str


def check_double_counting(
    parameters: ParameterSet,
    keys: Iterable[str],
    allowances: Sequence[Allowance] = (),
    users: Mapping[str, str] | None = None,
) -> None:
    """Refuse prices that hold the same money.

    A headline and its own constituent, and any two unit costs that declare an overlap, may not
    both be used for the same type of value: what one code says of cost to the public purse and
    another of lost earnings is different money.

    Parameters
    ----------
    parameters : ParameterSet
        Holds the hierarchy and the declared overlaps.
    keys : iterable of str
        Ids of the unit costs in use.
    allowances : sequence of Allowance
        Pairs that may stand, each with a reason.
    users : mapping of str to str, optional
        Who uses a unit cost, by its id; named in the message.

    Raises
    ------
    DoubleCounting
        Every pair is named.
    """
    allowed = {allowance.codes for allowance in allowances}

    def name(code: str) -> str:
        user = (users or {}).get(by_code[code])
        return f"{code} ('{user}')" if user else code

    by_code: dict[str, str] = {}
    pairs: dict[frozenset[str], str] = {}
    by_type: dict[str, dict[str, Parameter]] = {}
    for key in keys:
        row = parameters[key]
        by_code.setdefault(_code(row), key)
        by_type.setdefault(row.value_type, {})[_code(row)] = row
    for used in by_type.values():
        for code, row in used.items():
            parent = row.fields.get("parent", "")
            if parent in used and row.fields.get("level") == "constituent":
                pairs[frozenset((code, parent))] = f"{name(code)} is a constituent of {name(parent)}"
            for other in row.fields.get("overlaps", "").split(";"):
                if other.strip() in used:
                    pairs.setdefault(
                        frozenset((code, other.strip())),
                        f"{name(code)} overlaps with {name(other.strip())}",
                    )
    wrong = [text for pair, text in sorted(pairs.items(), key=lambda p: p[1]) if pair not in allowed]
    if wrong:
        raise DoubleCounting(
            "the same money would be counted twice: "
            + "; ".join(wrong)
            + ". Use one of each pair, or allow the pair with a reason"
        )


def check_shared_activity(
    parameters: ParameterSet,
    option: str,
    chains: Mapping[str, Sequence[str]],
    pathway_keys: Iterable[str],
    allowances: Sequence[Allowance] = (),
) -> None:
    """Refuse outcome chains that feed on money which the same option already counts.

    Parameters
    ----------
    parameters : ParameterSet
        Holds the hierarchy and the declared overlaps.
    option : str
        Whose chains they are, for the message.
    chains : mapping of str to sequence of str
        Ids of the unit costs of each chain, by its label.
    pathway_keys : iterable of str
        Ids of the unit costs of the pathways on which the option acts.
    allowances : sequence of Allowance
        Pairs that may stand, each with a reason; a code with itself where two chains share it.

    Raises
    ------
    DoubleCounting
        Every pair is named.
    """
    allowed = {allowance.codes for allowance in allowances}
    on_pathways = set(pathway_keys)
    wrong: list[str] = []
    seen: dict[str, str] = {}
    for label, keys in chains.items():
        for key in keys:
            code = _code(parameters[key])
            if frozenset((code,)) in allowed:
                continue
            if key in on_pathways:
                wrong.append(f"'{label}' and the pathways both count {code}")
            elif key in seen:
                wrong.append(f"'{label}' and '{seen[key]}' both count {code}")
            seen.setdefault(key, label)
    if wrong:
        raise DoubleCounting(
            f"{option}: the same money would be counted twice: {'; '.join(dict.fromkeys(wrong))}. "
            "Use a chain or a pathway for an outcome, one of the two, or put them in two options and compare"
        )
    users = {key: label for label, keys in chains.items() for key in keys}
    every_key = list(dict.fromkeys((*on_pathways, *(key for own in chains.values() for key in own))))
    try:
        check_double_counting(parameters, every_key, allowances, users)
    except DoubleCounting as fault:
        raise DoubleCounting(f"{option}: {fault}") from fault


def _code(row: Parameter) -> str:
    return row.fields.get("code") or row.key.removeprefix("unit_cost.")


def items_in_use(items: Iterable[ActivityItem], pathways: Sequence[str]) -> list[ActivityItem]:
    """Return the activity items that are not already held by another pathway of the case."""
    return [item for item in items if not item.unless_pathway or item.unless_pathway not in pathways]

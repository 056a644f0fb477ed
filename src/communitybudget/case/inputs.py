"""Every number a case uses, each with its passport, and how it is drawn."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from communitybudget._core.errors import ParameterError
from communitybudget._core.normal import Z_OF_INTERVAL
from communitybudget._core.streams import Streams
from communitybudget.case.fields import Uncertain, UncertainShare
from communitybudget.case.money import Payment
from communitybudget.case.spec import CaseSpec, StartMix
from communitybudget.cohorts import FEWEST_SHOWN, AgeShares, Families
from communitybudget.parameters import Parameter, ParameterSet
from communitybudget.pathways import Pathway
from communitybudget.sampling import Draws, GivenDraws, Sampled, dirichlet, dirichlet_size, sample

_Z = {**Z_OF_INTERVAL, "range": 3.0}


@dataclass(frozen=True, slots=True)
class StartRow:
    """A row of shares that are drawn together and sum to one."""

    keys: tuple[str, ...]
    shares: tuple[float, ...]
    size: float


@dataclass(slots=True)
class Inputs:
    """The numbers of a case, gathered as they are met.

    Parameters
    ----------
    used : dict of str to Parameter
        By id, in the order of first use.
    levels : dict of str to str
        Name of the uncertain level of each id that shares one.
    start_rows : list of StartRow
        Start mixes.
    not_sampled : set of str
        Ids that are shown and taken as known.
    not_shown : set of str
        Ids whose value is not printed, since it would tell of fewer than five families or people.
    given : GivenDraws or None
        Draws from a file, in place of those of the numbers it holds.
    """

    used: dict[str, Parameter] = field(default_factory=dict)
    levels: dict[str, str] = field(default_factory=dict)
    start_rows: list[StartRow] = field(default_factory=list)
    not_sampled: set[str] = field(default_factory=set)
    not_shown: set[str] = field(default_factory=set)
    given: GivenDraws | None = None

    def add(self, parameter: Parameter, level: str = "") -> str:
        """Use a parameter; return its id."""
        self.used.setdefault(parameter.id, parameter)
        if level and level != parameter.id:
            self.levels.setdefault(parameter.id, level)
        return parameter.id

    def add_known(self, parameter: Parameter) -> str:
        """Use a parameter as known: it is shown and not drawn."""
        self.not_sampled.add(parameter.id)
        return self.add(parameter)

    def add_start(self, parameters: Sequence[Parameter]) -> dict[str, float]:
        """Use a start mix; return its central shares, which sum to one."""
        for parameter in parameters:
            self.add_known(parameter)
        shares = [p.value for p in parameters]
        total = sum(shares)
        if any(p.overridden for p in parameters) and abs(total - 1) > 1e-3:
            first = parameters[0].fields
            raise ParameterError(
                f"the start mix of {first['pathway']} ({first['profile']}) sums to {total:.3f} after the "
                "override; override the other shares too, or give them all in cohort.start"
            )
        uncertain = [p for p in parameters if p.distribution == "dirichlet" and p.low is not None]
        # local intervals, where there are any, say how sure the whole row is
        uncertain = [p for p in uncertain if p.overridden] or uncertain
        if uncertain:
            z = _Z[uncertain[0].interval]
            lows, highs = [p.low or 0.0 for p in uncertain], [p.high or 0.0 for p in uncertain]
            size = dirichlet_size([p.value for p in uncertain], lows, highs, z)
            self.start_rows.append(StartRow(tuple(p.id for p in parameters), tuple(shares), size))
        return {p.id: p.value / total for p in parameters}

    def sampled(self) -> Iterable[Sampled]:
        """Yield what is drawn, apart from the start mixes and what a file gives."""
        from_file = () if self.given is None else self.given.columns
        for key, parameter in self.used.items():
            if key not in self.not_sampled and key not in from_file:
                yield Sampled(key, parameter.uncertainty, self.levels.get(key, ""))

    def draw(self, draws: int, seed: int, streams: Streams | None = None) -> Draws:
        """Draw every number of the case; from streams already open, where the draws are a piece of more."""
        drawn = sample(self.sampled(), draws, seed, streams)
        columns, constants = dict(drawn.columns), dict(drawn.constants)
        for key in self.not_sampled:
            constants[key] = self.used[key].value
        for row in self.start_rows:
            columns.update(dirichlet(row.keys, row.shares, row.size, draws, seed, streams))
            for key in row.keys:
                constants.pop(key, None)
        if self.given is not None:
            columns.update(self.given.draw(draws, seed, streams))
        return Draws(draws, seed, columns, constants)


def local_parameter(
    key: str,
    label: str,
    given: Uncertain | float,
    unit: str,
    source: str,
    mark: str,
    price_base: str = "",
    agency: str = "",
    value_type: str = "",
    note: str = "",
) -> Parameter:
    """Return a number of the case file as a parameter with a passport.

    Parameters
    ----------
    key, label, unit : str
        What it is.
    given : Uncertain or float
        The number as the case gives it.
    source, mark : str
        Used where the number does not carry its own.
    price_base, agency, value_type, note : str
        The rest of the passport.
    """
    number = given if isinstance(given, Uncertain) else Uncertain(value=given)
    # a range that a case gives is what its author is unsure of, unlike the spread over cases of a
    # published unit cost
    kind = number.distribution or ("pert" if number.interval == "range" else "")
    return Parameter(
        key=key,
        label=label,
        value=number.value,
        unit=unit,
        source=number.source or source,
        mark=number.mark or mark,
        low=number.low,
        high=number.high,
        interval=number.interval or "",
        distribution=kind if number.form is None else "",
        sd=number.sd,
        price_base=price_base,
        agency=agency,
        value_type=value_type,
        cashable="not_assessed" if value_type else "",
        transfer="no" if value_type else "",
        note=" ".join(text for text in (number.note, note) if text),
        form=None if number.form is None else number.form.distribution,
        form_words="" if number.form is None else number.form.words,
    )


@dataclass(frozen=True, slots=True)
class Composition:
    """How many children and adults a family of one profile has, and how old the children are."""

    children: str
    adults: str
    ages: AgeShares


def composition(
    spec: CaseSpec, parameters: ParameterSet, profile: str, inputs: Inputs, families: Families | None = None
) -> Composition:
    """Use the composition of a profile's families: as counted, the case's own, or that of the set."""
    if families is not None:
        return _counted(families, profile, inputs)
    keys = {}
    for unit, given in (
        ("children", spec.cohort.children_per_family),
        ("adults", spec.cohort.adults_per_family),
    ):
        if given is None:
            keys[unit] = inputs.add(parameters[f"cohort.{profile}.{unit}_per_family"])
        else:
            local = local_parameter(
                f"case.cohort.{unit}_per_family",
                f"{unit.capitalize()} per family",
                given,
                f"{unit} per family",
                "local",
                "local",
            )
            keys[unit] = inputs.add(local)
    rows = [p for p in parameters.table("cohort") if p.fields["item"].startswith("children_aged")]
    for row in rows:
        inputs.add_known(row)
    return Composition(keys["children"], keys["adults"], {p.fields["item"]: p.value for p in rows})


def _counted(families: Families, profile: str, inputs: Inputs) -> Composition:
    """Use the composition that was counted in a file: known, and shown for five families or more."""
    inputs.add_known(_from_file("case.cohort.file", "Families", len(families), "families", families))
    keys = {}
    for unit, by_profile in (
        ("children", families.children_per_family),
        ("adults", families.adults_per_family),
    ):
        label = f"{unit.capitalize()} per family, {profile.replace('_', ' ')}"
        key = f"case.cohort.{profile}.{unit}_per_family"
        keys[unit] = inputs.add_known(
            _from_file(key, label, by_profile[profile], f"{unit} per family", families)
        )
        if families.families_by_profile[profile] < FEWEST_SHOWN:
            inputs.not_shown.add(key)
    return Composition(keys["children"], keys["adults"], families.age_shares[profile])


def _from_file(key: str, label: str, value: float, unit: str, families: Families) -> Parameter:
    if families.synthetic:
        text = f"{families.name}: synthetic families, drawn from published prevalence; none is real"
        return local_parameter(key, f"{label}, synthetic", value, unit, text, "assumption")
    return local_parameter(key, f"{label}, counted", value, unit, families.name, "local")


def start_mix(
    spec: CaseSpec,
    parameters: ParameterSet,
    pathway: Pathway,
    profile: str,
    inputs: Inputs,
    families: Families | None = None,
    mix: StartMix | None = None,
    before: str = "",
    words: str = "",
) -> dict[str, float]:
    """Use the start mix of a pathway: that of the set, or the case's own shares of states.

    It is returned by id of the set. A ``mix`` other than that of the cohort has numbers of its own,
    whose ids begin with ``before`` and labels with ``words``.

    Where the case gives a share or a count for a state, it is split over months in the state as in
    the set. Counts are drawn as a Dirichlet row worth as many people as were counted; those of a
    file of families are counts of each state of the set's mix, nobody being a count too.
    """
    rows = [parameters[start.parameter] for start in pathway.start_of(profile)]
    mix = spec.cohort if mix is None else mix
    counts: Mapping[str, float] | None = mix.start_counts.get(pathway.name)
    source = "local"
    counted = {} if families is None else families.start_counts.get(pathway.name, {}).get(profile, {})
    if families is not None and counted:
        counts = {row.fields["state"]: float(counted.get(row.fields["state"], 0)) for row in rows}
        source = families.name
        if any(0 < count < FEWEST_SHOWN for count in counts.values()):
            inputs.not_shown.update(row.id for row in rows)
    own = mix.start.get(pathway.name)
    if own is None and counts is None:
        return inputs.add_start(rows)
    in_state: dict[str, float] = {}
    for row in rows:
        in_state[row.fields["state"]] = in_state.get(row.fields["state"], 0.0) + row.value
    given = own if own is not None else _shares_of_counts(counts or {})
    missing = [state for state, share in given.items() if share > 0 and state not in in_state]
    if missing:
        raise ParameterError(
            f"the set does not say how long people of the profile {profile} who start in "
            f"{', '.join(missing)} of {pathway.name} have been there; use other states"
        )
    local = [
        local_parameter(
            f"{before}{row.id}",
            f"{words}{row.label}",
            UncertainShare(
                value=given.get(row.fields["state"], 0.0) * row.value / in_state[row.fields["state"]],
                distribution=None if counts is None else "dirichlet",
            ),
            "share",
            source,
            "local",
            note="" if counts is None else f"From counts of {sum(counts.values()):,.0f} people.",
        )
        for row in rows
    ]
    for parameter in local:
        inputs.add_known(parameter)
    shares = {row.id: parameter.value for row, parameter in zip(rows, local, strict=True)}
    if counts is not None:
        size = sum(counts.values()) + 0.5 * len(counts)
        inputs.start_rows.append(StartRow(tuple(p.id for p in local), tuple(shares.values()), size))
    return shares


def _shares_of_counts(counts: Mapping[str, float]) -> dict[str, float]:
    """Return mean shares after counts, half a person added to each state: nobody seen is not never."""
    total = sum(counts.values()) + 0.5 * len(counts)
    return {state: (count + 0.5) / total for state, count in counts.items()}


def free_key(key: str, inputs: Inputs) -> str:
    """Return a key that nothing else uses: two lines of one name are two amounts."""
    number, found = 1, key
    while found in inputs.used:
        number += 1
        found = f"{key}.{number}"
    return found


def add_shared(parameter: Parameter, own_key: str, inputs: Inputs) -> str:
    """Use a number of an option; return its id.

    Options that give the same number share its draw; another number of the same name is another draw,
    under ``own_key``.
    """
    shared = inputs.used.get(parameter.id)
    if shared is not None and shared != parameter:
        parameter = replace(parameter, key=free_key(own_key, inputs))
    return inputs.add(parameter)


def payment_parameter(
    key: str, label: str, payment: Payment, agency: str, value_type: str
) -> Parameter | None:
    """Return the amount of a payment as a parameter; None where it is given by year."""
    given = payment.per_family if payment.per_family is not None else payment.fixed
    if given is None:
        return None
    unit = "GBP per_family" if payment.per_family is not None else "GBP once"
    return local_parameter(
        key, label, given, unit, payment.source, payment.mark, payment.price_base, agency, value_type
    )

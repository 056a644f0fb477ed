"""A parameter set: load, look up, search, override, compare, uprate."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property, lru_cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

from communitybudget._core.errors import (
    Fault,
    ParameterError,
    ParameterNotFound,
    ParameterSetError,
    PriceBaseMismatch,
    did_you_mean,
    nearest,
)
from communitybudget._core.vocabulary import VALUE_TYPES
from communitybudget.parameters.browsing import Browser
from communitybudget.parameters.distributions import Distribution
from communitybudget.parameters.folders import england_folder
from communitybudget.parameters.hierarchy import Tree, tree_of
from communitybudget.parameters.overrides import apply_overrides, read_overrides
from communitybudget.parameters.parameter import Parameter
from communitybudget.parameters.prices import PriceIndex
from communitybudget.parameters.reading import (
    NOT_PARAMETERS,
    check_changelog,
    digest_of,
    read_about,
    read_indices,
    read_spreads,
    read_yaml,
)
from communitybudget.parameters.searching import rank_by_words
from communitybudget.parameters.tables import read_parameters

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Override:
    """A local figure that replaced one of the set, and why."""

    key: str
    old: float
    new: float
    reason: str
    old_price_base: str = ""


@dataclass(frozen=True)
class ParameterSet:
    """A published set of parameters; frozen, an override is a new set with a reason.

    Parameters
    ----------
    name, version, title : str
        What it is; printed with every result.
    parameters : mapping of str to Parameter
        By id: the key, with ``[economic]`` or ``[social]`` where a key has several values.
    indices : mapping of str to PriceIndex
        Price indices by vintage.
    default_index : str
        The vintage used unless a case names another.
    sources : mapping
        Citation by source key.
    structures : mapping
        Declaration of each pathway, by name.
    overrides : tuple of Override
        What was replaced since the set was loaded.
    folder : Path
        Where it was loaded from.
    digest : str
        SHA-256 over the files of the set.

    Examples
    --------
    >>> england = ParameterSet.load("england")
    >>> england["unit_cost.CR9.0"].value
    38.43
    """

    name: str
    version: str
    title: str
    parameters: Mapping[str, Parameter]
    indices: Mapping[str, PriceIndex]
    default_index: str
    sources: Mapping[str, Mapping[str, str]]
    structures: Mapping[str, Mapping[str, Any]]
    overrides: tuple[Override, ...] = ()
    folder: Path = field(default_factory=Path, compare=False)
    digest: str = ""

    @classmethod
    def load(cls, name: str | Path = "england") -> "ParameterSet":
        """Load a set by name, or from a folder.

        Parameters
        ----------
        name : str or Path
            Name of a bundled or installed set (entry point ``communitybudget.parameter_sets``),
            or the path of a folder with a ``set.yaml``.

        Raises
        ------
        ParameterNotFound
            If there is no such set.
        ParameterSetError
            If its tables have faults; every one is listed with file and line.
        """
        folder = _folder_of(name)
        return _load(folder, digest_of(folder))

    def __repr__(self) -> str:
        changed = f", {len(self.overrides)} overridden" if self.overrides else ""
        return f"ParameterSet({self.name} {self.version}, {len(self.parameters)} parameters{changed})"

    def __len__(self) -> int:
        return len(self.parameters)

    def __contains__(self, key: str) -> bool:
        return key in self.parameters

    def __getitem__(self, key: str) -> Parameter:
        return self.get(key)

    def get(self, key: str, value_type: str = "") -> Parameter:
        """Return one parameter.

        Parameters
        ----------
        key : str
            For example ``unit_cost.E&E1.0``.
        value_type : str, optional
            ``economic`` or ``social`` where the key has several values.

        Raises
        ------
        ParameterNotFound
            The message names the nearest keys.
        """
        wanted = key if value_type in ("", "fiscal") else f"{key}[{value_type}]"
        found = self.parameters.get(wanted)
        if found is None:
            raise ParameterNotFound(
                f"there is no parameter '{wanted}' in the set {self.name} {self.version}; "
                + did_you_mean(wanted, self.parameters)
            )
        return found

    def value_types(self, key: str) -> tuple[str, ...]:
        """Return the value types that a key has a value for, fiscal first."""
        ids = {"fiscal": key, **{kind: f"{key}[{kind}]" for kind in VALUE_TYPES[1:]}}
        return tuple(kind for kind, wanted in ids.items() if wanted in self.parameters)

    def table(self, prefix: str) -> list[Parameter]:
        """Return the parameters whose key begins with ``prefix`` and a dot, in the order of the tables."""
        return list(self._by_table.get(prefix, ()))

    @cached_property
    def _by_table(self) -> dict[str, list[Parameter]]:
        tables: dict[str, list[Parameter]] = {}
        for parameter in self.parameters.values():
            tables.setdefault(parameter.key.split(".", 1)[0], []).append(parameter)
        return tables

    def search(
        self,
        words: str,
        agency: str = "",
        topic: str = "",
        table: str = "",
        mark: str = "",
        unit: str = "",
    ) -> list[Parameter]:
        """Return the parameters in which every word occurs, the likeliest first.

        Parameters
        ----------
        words : str
            Of key, code, label, agency, topic, unit or note. Case, plural and possessive do not matter.
        agency, topic, table, mark, unit : str, optional
            Only these; ``table`` is the first part of the key, such as ``unit_cost``; ``unit`` may leave
            out ``GBP``, such as ``per_hour``.

        Examples
        --------
        >>> [p.key for p in ParameterSet.load("england").search("foster carer payments")]
        ['unit_cost.SS2.0.1', 'activity.child_safety.looked_after.SS2.0.1']
        """
        wanted = {"agency": agency, "topic": topic, "table": table, "mark": mark, "unit": unit}
        chosen = [
            p
            for p in (self.table(table) if table else self.parameters.values())
            if (not agency or p.agency == agency)
            and (not topic or p.fields.get("topic") == topic)
            and (not mark or p.mark == mark)
            and (not unit or unit in (p.unit, p.unit.removeprefix("GBP ")))
        ]
        if not chosen and any(wanted.values()):
            self._refuse_filter(wanted)
        return rank_by_words(chosen, words, self._priced)

    @cached_property
    def _priced(self) -> frozenset[str]:
        return frozenset(p.fields.get("unit_cost", "") for p in self.table("activity"))

    def _refuse_filter(self, wanted: Mapping[str, str]) -> None:
        """Say which filter names nothing of the set; a combination that holds nothing is no fault."""
        every = self.parameters.values()
        known = {
            "agency": {p.agency for p in every},
            "topic": {p.fields.get("topic", "") for p in every},
            "table": set(self._by_table),
            "mark": {p.mark for p in every},
            "unit": {u for p in every for u in (p.unit, p.unit.removeprefix("GBP "))},
        }
        for name, value in wanted.items():
            if value and value not in known[name]:
                remedy = did_you_mean(value, known[name] - {""})
                raise ParameterNotFound(f"no figure of the set has the {name} '{value}'; {remedy}")

    def browse(self, words: str = "", **filters: str) -> Browser:
        """Return the figures that `search` finds as a table to look through in a notebook.

        Examples
        --------
        >>> ParameterSet.load("england").browse("foster", table="unit_cost")
        Browser(... figures of england ...)
        """
        return Browser(self, self.search(words, **filters))

    def tree(self, where: str = "") -> Tree:
        """Return unit costs as a tree: below one code, of one topic, or all; see `tree_of`."""
        return tree_of(self, where)

    def override(
        self,
        key: str,
        value: float,
        *,
        reason: str,
        value_type: str = "",
        price_base: str | None = None,
        low: float | None = None,
        high: float | None = None,
        interval: str = "",
        sd: float | None = None,
        source: str = "local",
        mark: str = "local",
        reviewed: str = "",
        form: Distribution | None = None,
        form_words: str = "",
    ) -> "ParameterSet":
        """Return a new set in which one parameter has a local figure.

        Parameters
        ----------
        key : str
            An existing key; new keys are refused.
        value : float
            The local figure, in the unit of the parameter.
        reason : str
            Why; printed with every result.
        value_type : str, optional
            Where the key has several values.
        price_base : str, optional
            Financial year of an amount of money; required for money.
        low, high, interval, sd : optional
            Its uncertainty. Without any, a positive default keeps its relative spread.
        source, mark, reviewed : str
            Passport of the local figure.
        form, form_words : Distribution, str, optional
            Its distribution, given as such, and how it was made.

        Raises
        ------
        ParameterNotFound
            If the key does not exist.
        PriceBaseMismatch
            If an amount of money is given without a price base.
        ParameterError
            If no reason is given or the figure is impossible.
        """
        old = self.get(key, value_type)
        if not reason.strip():
            raise ParameterError(f"{key}: an override needs a reason; say where the figure comes from")
        if old.is_money and not price_base:
            raise PriceBaseMismatch(f"{key}: an amount in {old.unit} needs a price_base such as 2024-25")
        if form is not None and old.distribution == "dirichlet":
            raise ParameterError(
                f"{key}: the shares of a start mix are drawn together; give low, high and interval instead"
            )
        spread = old.default_spread
        # a local range is what the authority is unsure of, unlike the spread over cases of a published cost
        kind = "pert" if interval == "range" and low is not None else ""
        unsaid = low is None and sd is None and form is None
        if unsaid and old.low is not None and not old.spread_is_default:
            low, high, interval = _same_relative_spread(old, value)
            kind = old.distribution
        elif unsaid or old.distribution == "dirichlet":
            kind = old.distribution
        try:
            new = replace(
                old,
                value=float(value),
                low=low,
                high=high,
                interval=interval,
                sd=sd,
                distribution=kind,
                default_spread=spread,
                price_base=price_base or old.price_base,
                transfer_value=None if old.transfer_value is None else old.transfer_value * value / old.value,
                source=source,
                mark=mark,
                source_detail="",
                reviewed=reviewed,
                overridden=True,
                reason=reason,
                form=form,
                form_words=form_words,
            )
        except ValueError as fault:
            raise ParameterError(str(fault)) from fault
        note = Override(old.id, old.value, new.value, reason, old.price_base)
        return replace(
            self,
            parameters={**self.parameters, old.id: new},
            overrides=(*self.overrides, note),
        )

    def override_from(self, path: str | Path) -> "ParameterSet":
        """Return a new set with the local figures of an override file; see `read_overrides`.

        Raises
        ------
        ParameterSetError
            With every row that cannot be used: file, line, key, what is wrong and what to do.
        """
        return apply_overrides(self, read_overrides(Path(path)))

    def diff(self, other: "ParameterSet") -> "pd.DataFrame":
        """Return what differs between this set and another.

        Parameters
        ----------
        other : ParameterSet
            The newer set.

        Returns
        -------
        pandas.DataFrame
            Columns ``key, change`` (added, removed, changed)``, what`` (which parts of the passport
            changed)``, old, new, old_price_base, new_price_base, old_mark, new_mark, reason``.
        """
        import pandas as pd

        rows = []
        for key in dict.fromkeys([*self.parameters, *other.parameters]):
            old, new = self.parameters.get(key), other.parameters.get(key)
            if old == new:
                continue
            rows.append(
                {
                    "key": key,
                    "change": "added" if old is None else "removed" if new is None else "changed",
                    "what": "" if old is None or new is None else _what_changed(old, new),
                    "old": old.value if old else None,
                    "new": new.value if new else None,
                    "old_price_base": old.price_base if old else "",
                    "new_price_base": new.price_base if new else "",
                    "old_mark": old.mark if old else "",
                    "new_mark": new.mark if new else "",
                    "reason": new.reason if new else "",
                }
            )
        columns = "key change what old new old_price_base new_price_base old_mark new_mark reason".split()
        return pd.DataFrame(rows, columns=columns)

    def index(self, vintage: str = "") -> PriceIndex:
        """Return a price index by vintage, or the default one.

        Raises
        ------
        ParameterNotFound
            If there is no such vintage.
        """
        name = vintage or self.default_index
        if name not in self.indices:
            raise ParameterNotFound(
                f"there is no price index '{name}' in the set {self.name}; "
                + did_you_mean(name, self.indices)
            )
        return self.indices[name]

    def uprate(self, to: str, index: str = "") -> "ParameterSet":
        """Return a new set with every amount of money at the prices of one year.

        Parameters
        ----------
        to : str
            Financial year.
        index : str, optional
            Vintage; the default one of the set otherwise.

        Raises
        ------
        PriceBaseMismatch
            If a year lies outside the index and no extension is declared.
        """
        series = self.index(index)
        return replace(
            self,
            parameters={
                key: p.uprated(series.factor(p.price_base, to), to) if p.is_money else p
                for key, p in self.parameters.items()
            },
        )

    def constituents(self, key: str) -> list[Parameter]:
        """Return the fiscal constituents of a headline unit cost, by which it is split over agencies."""
        code = self.get(key).fields.get("code", "")
        return [
            p
            for p in self.table("unit_cost")
            if code
            and p.value_type == "fiscal"
            and p.fields.get("parent") == code
            and p.fields.get("level") == "constituent"
        ]

    def to_frame(self, parameters: Iterable[Parameter] | None = None) -> "pd.DataFrame":
        """Return the parameters as a table, one row each, with their passports."""
        import pandas as pd

        names = (
            "id label value low high interval unit price_base agency value_type cashable transfer "
            "evidence_grade mark source source_detail overridden reason note"
        ).split()
        chosen = self.parameters.values() if parameters is None else parameters
        frame = pd.DataFrame([[getattr(p, n) for n in names] for p in chosen], columns=names)
        return frame.rename(columns={"id": "key"})

    def citation(self, source: str) -> str:
        """Return the citation of a source key, or the key itself when the set has none for it."""
        return str(self.sources.get(source, {}).get("citation", source))


def _what_changed(old: Parameter, new: Parameter) -> str:
    names = [f.name for f in fields(old) if f.compare and getattr(old, f.name) != getattr(new, f.name)]
    return ", ".join(names)


def _same_relative_spread(old: Parameter, value: float) -> tuple[float | None, float | None, str]:
    if old.low is None or old.high is None or old.value == 0:
        return None, None, ""
    low, high = old.low * value / old.value, old.high * value / old.value
    if old.support == "share":
        high = min(high, 1.0)
    return low, high, old.interval


def _folder_of(name: str | Path) -> Path:
    if str(name) == "england":
        return england_folder()
    path = Path(name)
    if (path / "set.yaml").is_file():
        return path
    installed = {entry.name: entry for entry in entry_points(group="communitybudget.parameter_sets")}
    if str(name) in installed:
        return Path(installed[str(name)].load()())
    raise ParameterNotFound(
        f"there is no parameter set '{name}'; name one of {', '.join(sorted({'england', *installed}))}, "
        "or give the path of a folder that holds a set.yaml"
        + (f" (nearest: {nearest(str(name), installed)[0]})" if nearest(str(name), installed) else "")
    )


@lru_cache(maxsize=8)
def _load(folder: Path, digest: str) -> ParameterSet:
    """Read a set once for each state of its files; it is frozen and may be shared."""
    faults: list[Fault] = []
    about = read_about(folder, faults)
    sources: dict[str, Any] = {}
    try:
        sources = read_yaml(folder / "sources.yaml")
    except ParameterSetError as fault:
        faults += fault.faults
    except ParameterError as fault:
        what, _, remedy = str(fault).rpartition("; ")
        faults.append(Fault("sources.yaml", "", what, remedy))
    spreads = read_spreads(folder, faults)
    parameters: dict[str, Parameter] = {}
    for table in sorted(folder.rglob("*.csv"), key=lambda p: p.relative_to(folder).as_posix()):
        name = table.relative_to(folder).as_posix()
        if name.startswith(NOT_PARAMETERS):
            continue
        try:
            found = read_parameters(table, name, spreads, faults)
        except ParameterSetError as fault:
            faults += fault.faults
            continue
        for parameter in found:
            if parameter.id in parameters:
                faults.append(
                    Fault(name, parameter.id, "is there twice", "keep one row or rename it", parameter.line)
                )
            if sources and parameter.source not in sources:
                faults.append(
                    Fault(
                        name,
                        parameter.id,
                        f"the source '{parameter.source}' is not in sources.yaml",
                        "add its citation there",
                        parameter.line,
                    )
                )
            parameters[parameter.id] = parameter
    indices = read_indices(folder, about, faults)
    check_changelog(folder, str(about["version"]), faults)
    if faults:
        raise ParameterSetError(faults)
    structures = {
        path.parent.name: read_yaml(path) for path in sorted((folder / "pathways").glob("*/pathway.yaml"))
    }
    return ParameterSet(
        name=about["name"],
        version=str(about["version"]),
        title=about["title"],
        parameters=parameters,
        indices=indices,
        default_index=about["index"],
        sources=sources,
        structures=structures,
        folder=folder,
        digest=digest,
    )

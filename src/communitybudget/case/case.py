"""A case: the declaration of what is appraised, one-to-one with its file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from communitybudget._core.errors import CaseFileError, CommunityBudgetError, Fault, ParameterError
from communitybudget._core.strict_yaml import Path_, StrictYaml, dotted, parse_strict, read_strict
from communitybudget.case.budget_file import check_budget, load_budget, rows_as_given
from communitybudget.case.checks import apply_override, faults_between_parts, faults_of_shape
from communitybudget.case.draws_file import check_draws, load_draws
from communitybudget.case.families import check_families, load_families
from communitybudget.case.override_files import check_override_files, with_override_files
from communitybudget.case.spec import CaseSpec, Override
from communitybudget.case.uprating import with_own_indices
from communitybudget.cohorts import Families
from communitybudget.ledger import BudgetRow
from communitybudget.parameters import OverrideRow, ParameterSet, read_overrides
from communitybudget.sampling import GivenDraws


@dataclass(frozen=True)
class Case:
    """What is appraised: families, pathways, options, prices and years.

    Parameters
    ----------
    spec : CaseSpec
        Everything the case says.
    folder : Path or None
        Folder of the case file, where a local parameter set, override files, a file of families and
        one of draws may be.
    given_set : ParameterSet or None
        A set used in place of the one that the file names; see `with_set`.
    document, name : StrictYaml or None, str
        The text it was read from, for the place of a fault that shows only when the case is made ready.

    Examples
    --------
    >>> from communitybudget.parameters import examples_folder
    >>> case = Case.from_file(examples_folder() / "hounslow" / "case.yaml")
    >>> case.spec.cohort.families
    100.0
    """

    spec: CaseSpec
    folder: Path | None = field(default=None, compare=False)
    given_set: ParameterSet | None = field(default=None, compare=False, repr=False)
    document: StrictYaml | None = field(default=None, compare=False, repr=False)
    name: str = field(default="case", compare=False, repr=False)

    @classmethod
    def from_file(cls, path: str | Path) -> "Case":
        """Read a case file.

        Parameters
        ----------
        path : str or Path
            YAML; see ``docs/case-file.md``.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        CaseFileError
            With every fault: file, line, column, key, what is wrong and what to do.
        """
        path = Path(path)
        document = read_strict(path, path.name)
        return cls._checked(document, path.name, path.parent)

    @classmethod
    def from_text(cls, text: str, name: str = "case.yaml", folder: Path | None = None) -> "Case":
        """Read a case from YAML text; as `from_file`."""
        return cls._checked(parse_strict(text, name), name, folder)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], folder: Path | None = None) -> "Case":
        """Build a case from Python values of the same form as the file."""
        return cls._checked(StrictYaml.from_data(dict(data)), "case", folder)

    @classmethod
    def _checked(
        cls, document: StrictYaml, name: str, folder: Path | None, given: ParameterSet | None = None
    ) -> "Case":
        faults = list(document.faults)
        data = document.data
        if not isinstance(data, dict):
            if not faults:
                faults.append(Fault(name, "", "holds no case", "start from `communitybudget new DIR`", 1, 1))
            raise CaseFileError(faults)
        parameters, fault = given, ""
        if parameters is None:
            parameters, fault = _load_set(data.get("parameters", "england"), folder)
        if fault:
            line, column = document.position(("parameters",))
            what, _, remedy = fault.rpartition("; ")
            faults.append(Fault(name, "parameters", what, remedy, line, column))
        spec: CaseSpec | None = None
        try:
            spec = CaseSpec.model_validate(data, context={"parameters": parameters})
        except ValidationError as error:
            faults += faults_of_shape(error, document, name)
        if spec is not None and parameters is not None:
            families, wrong = check_families(spec, folder, parameters, document, name)
            faults += wrong
            local, wrong = check_override_files(spec, folder, parameters, document, name)
            faults += wrong
            local = with_own_indices(spec, local)
            _, wrong = check_draws(spec, folder, local, document, name)
            faults += wrong
            _, wrong = check_budget(spec, folder, local, document, name)
            faults += wrong
            faults += faults_between_parts(spec, local, document, name, families)
        if faults or spec is None:
            raise CaseFileError(faults)
        return cls(spec, folder, given, document, name)

    def fault(self, path: Path_, what: str, remedy: str) -> Fault:
        """Return a fault of the case at its place in the file."""
        line, column = (None, None) if self.document is None else self.document.position(path)
        return Fault(self.name, dotted(path), what, remedy, line, column)

    @cached_property
    def published_parameters(self) -> ParameterSet:
        """The parameter set as published, without the overrides of the case."""
        found, fault = self.given_set, ""
        if found is None:
            found, fault = _load_set(self.spec.parameters, self.folder)
        if found is None:
            raise CommunityBudgetError(fault)
        return found

    @cached_property
    def parameters(self) -> ParameterSet:
        """The parameter set with the overrides and the price indices of the case."""
        found = self.published_parameters
        found = with_own_indices(self.spec, with_override_files(self.spec, self.folder, found))
        for key, override in self.spec.overrides.items():
            found = apply_override(found, key, override)
        return found

    @cached_property
    def families(self) -> Families | None:
        """The families of the case's file, counts of which the model uses; None where there is no file."""
        return load_families(self.spec, self.folder, self.parameters)

    @cached_property
    def given_draws(self) -> GivenDraws | None:
        """The draws of the case's file, in place of those of the numbers it holds; None without a file."""
        return load_draws(self.spec, self.folder, self.parameters)

    @cached_property
    def budget(self) -> tuple[BudgetRow, ...]:
        """The agencies' own outturn; empty where the case names no file of it."""
        return load_budget(self.spec, self.folder, self.parameters)

    def override(self, key: str, value: float, *, reason: str, **passport: Any) -> "Case":
        """Return a new case in which one parameter has a local figure.

        Parameters
        ----------
        key : str
            A key of the parameter set, for example ``unit_cost.residential_home_week``.
        value : float
            The local figure.
        reason : str
            Why; printed with every result.
        **passport
            ``price_base`` (required for money), ``low``, ``high``, ``interval``, ``sd``, ``source``,
            ``mark``, ``value_type``.

        Raises
        ------
        CommunityBudgetError
            As `ParameterSet.override`.
        """
        try:
            entry = Override(value=value, reason=reason, **passport)
        except ValidationError as error:
            words = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
            raise ParameterError(f"{key}: the override cannot be used ({words})") from error
        apply_override(self.parameters, key, entry)
        data = self.to_dict()
        name = key if entry.value_type in (None, "fiscal") else f"{key}[{entry.value_type}]"
        data["overrides"] = {
            **data.get("overrides", {}),
            name: entry.model_dump(mode="json", exclude_unset=True, by_alias=True),
        }
        return Case._checked(StrictYaml.from_data(data), "case", self.folder, self.given_set)

    def with_set(self, parameters: ParameterSet) -> "Case":
        """Return the case on another parameter set; its overrides are applied to that set.

        Parameters
        ----------
        parameters : ParameterSet
            For example a newer version of the one the case names.

        Raises
        ------
        CaseFileError
            With everything of the case that the set does not know.
        """
        return Case._checked(StrictYaml.from_data(self.to_dict()), "case", self.folder, parameters)

    def self_contained(self) -> "Case":
        """Return the case with the figures of its override files and the rows of its outturn in itself.

        The text of such a case needs neither file beside it.
        """
        data = self.to_dict()
        if isinstance(self.spec.budget, str):
            data["budget"] = rows_as_given(self.budget)
        elif not self.spec.override_files:
            return self
        folder = self.folder or Path()
        rows = [row for name in data.pop("override_files", []) for row in read_overrides(folder / name, name)]
        own = data.get("overrides", {})
        if rows:
            data["overrides"] = {**{row.id: _override_entry(row) for row in rows if row.id not in own}, **own}
        return Case._checked(StrictYaml.from_data(data), "case", self.folder, self.given_set)

    def to_dict(self) -> dict[str, Any]:
        """Return the case as plain Python values, as in the file."""
        return self.spec.model_dump(mode="json", exclude_unset=True, by_alias=True)

    def to_yaml(self) -> str:
        """Return the case as the text of a case file."""
        return yaml.safe_dump(self.to_dict(), sort_keys=False, allow_unicode=True, width=100)

    def to_file(self, path: str | Path) -> None:
        """Write the case file; reading it back gives an equal case."""
        Path(path).write_text(self.to_yaml(), encoding="utf-8", newline="\n")

    def __repr__(self) -> str:
        s = self.spec
        return (
            f"Case({s.title!r}, {_count(len(s.options), 'option')}, "
            f"{_count(s.years, 'year')} from {s.start}, "
            f"price_base={s.price_base}, parameters={self.parameters.name} {self.parameters.version})"
        )


def _override_entry(row: OverrideRow) -> dict[str, Any]:
    """Return a row of an override file as the entry of a case file."""
    names = ("price_base", "low", "high", "interval", "sd", "source", "mark")
    passport = {name: getattr(row, name) for name in names}
    return {
        "value": row.value,
        "reason": row.reason,
        **{name: value for name, value in passport.items() if value not in ("", None)},
    }


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def load_case(path: str | Path) -> Case:
    """Read a case file; see `Case.from_file`."""
    return Case.from_file(path)


def _load_set(name: Any, folder: Path | None) -> tuple[ParameterSet | None, str]:
    """Return the set, or None with what is wrong; a path stays inside the folder of the case."""
    chosen: str | Path = str(name)
    inside = None if folder is None else (folder / str(name)).resolve()
    if folder is not None and inside is not None and (inside / "set.yaml").is_file():
        if not inside.is_relative_to(folder.resolve()):
            return None, f"'{name}' lies outside the folder of the case; copy the set beside the case"
        chosen = inside
    elif "/" in str(name) or "\\" in str(name):
        return None, f"'{name}' is no folder with a set.yaml beside the case; name a set, such as england"
    try:
        return ParameterSet.load(chosen), ""
    except CommunityBudgetError as fault:
        return None, str(fault)

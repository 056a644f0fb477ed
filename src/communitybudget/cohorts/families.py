"""Families one by one: what a table of them holds, and the counts that leave it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.cards import card, text_table
from communitybudget._core.errors import OutputError
from communitybudget._core.results import same
from communitybudget._core.vocabulary import PROFILES
from communitybudget._core.writing import csv_bytes
from communitybudget.parameters import ParameterSet

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
Whole = NDArray[np.int64]
Words = NDArray[np.str_]

OLDEST_CHILD = 17
"""Completed years of age of the oldest child; who is 18 is an adult."""

FEWEST_SHOWN = 5
"""Counts of families or people below this are not shown."""

SYNTHETIC = "synthetic-"
"""How the references of synthetic families begin."""

NOT_KNOWN = "?"
"""Stands for a person whose state on joining is not known."""

NEEDS: tuple[str, ...] = (
    "getting_a_good_education",
    "good_early_years_development",
    "mental_health_concern",
    "physical_or_any_health_problem",
    "substance_use",
    "family_relationships",
    "children_safe_from_abuse_and_exploitation",
    "diverted_from_crime",
    "safe_from_domestic_abuse",
    "secure_housing",
    "financial_stability_out_of_work",
)
"""Needs at entry, as the table of prevalence names them."""

NEED_COLUMN, START_COLUMN = "need_", "start_"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table of families."""

    name: str
    required: bool
    form: str
    what: str


FAMILY_COLUMNS: tuple[Column, ...] = (
    Column(
        "family", True, "any text, each once", "a reference; used to find a family listed twice, then dropped"
    ),
    Column("profile", True, " or ".join(f"`{p}`" for p in PROFILES[1:]) + " or `general`", "need profile"),
    Column(
        "joins", False, "financial year, such as `2026-27`", "when the family joins; for all families or none"
    ),
    Column("adults", True, "whole number, 0 to 20", "adults in the family, those aged 18 or over"),
    Column(
        "child_ages",
        True,
        "whole numbers 0 to 17, blanks between",
        "each child's age on joining; empty: none",
    ),
    *(
        Column(
            f"{NEED_COLUMN}{need}", False, "`1`, `0` or empty", f"{need.replace('_', ' ')}; empty: not known"
        )
        for need in NEEDS
    ),
    Column(
        f"{START_COLUMN}<pathway>",
        False,
        "states of the pathway, blanks between",
        "where each person is on joining, in the order of the ages (children of the pathway's ages only) or "
        f"one for each adult, or one for a pathway of families; `{NOT_KNOWN}` or empty: not known",
    ),
)
"""The columns of a table of families, in the order in which they are written."""


@dataclass(frozen=True, eq=False, repr=False)
class Families:
    """Families, one by one; what leaves it are counts and means.

    No reference of a family is kept. The repr, `summary` and every message show counts only.

    Parameters
    ----------
    name : str
        Of the file, or what they are.
    synthetic : bool
        Whether they were drawn from published prevalence and are no real families.
    profile : ndarray of str, shape (N,)
        Need profile of each family.
    adults : ndarray of int, shape (N,)
        Adults of each family.
    child_family, child_age : ndarray of int, shape (C,)
        Row of the family of each child, and the child's completed years of age on joining.
    joins : ndarray of str, shape (N,), or None
        Financial year of joining; None where all join on the first day.
    needs : ndarray, shape (N, 11)
        1, 0 or NaN (not known), in the order of `NEEDS`.
    starts : mapping of str to tuple of tuple of str
        By pathway, for each family the state of each person; `?` or no entries where not known.
    lines : ndarray of int, shape (N,)
        Line of each family in its file.

    Examples
    --------
    >>> from communitybudget.cohorts import synthetic_families
    >>> families = synthetic_families(ParameterSet.load(), "medium_need", 1000, seed=1)
    >>> families
    Families(synthetic families, 1,000 families, 1 profile; drawn from published prevalence, none is real)
    """

    name: str = field(compare=False)
    synthetic: bool
    profile: Words
    adults: Whole
    child_family: Whole
    child_age: Whole
    joins: Words | None
    needs: Array
    starts: Mapping[str, tuple[tuple[str, ...], ...]]
    lines: Whole = field(compare=False)

    def __post_init__(self) -> None:
        for array in (self.profile, self.adults, self.child_family, self.child_age, self.joins, self.needs):
            if array is not None:
                array.setflags(write=False)
        object.__setattr__(self, "starts", MappingProxyType(dict(self.starts)))

    def __len__(self) -> int:
        return len(self.profile)

    def __eq__(self, other: object) -> bool:
        return same(self, other)

    __hash__ = None  # type: ignore[assignment]

    @cached_property
    def families_by_profile(self) -> Mapping[str, int]:
        """Families of each profile that there is."""
        counts = {name: int((self.profile == name).sum()) for name in PROFILES}
        return {name: count for name, count in counts.items() if count}

    @property
    def profiles(self) -> Mapping[str, float]:
        """Share of families by need profile."""
        return {name: count / len(self) for name, count in self.families_by_profile.items()}

    @property
    def intake(self) -> Mapping[str, float] | None:
        """Families by financial year of joining; None where all join on the first day."""
        return None if self.joins is None else _counted(self.joins)

    @property
    def intake_by_profile(self) -> Mapping[str, Mapping[str, float]] | None:
        """Families of each profile by financial year of joining; None where all join on the first day."""
        if self.joins is None:
            return None
        return {name: _counted(self.joins[self.profile == name]) for name in self.families_by_profile}

    @property
    def children_per_family(self) -> Mapping[str, float]:
        """Mean children per family by profile."""
        of_child = self.profile[self.child_family]
        return {name: int((of_child == name).sum()) / n for name, n in self.families_by_profile.items()}

    @property
    def adults_per_family(self) -> Mapping[str, float]:
        """Mean adults per family by profile."""
        return {
            name: int(self.adults[self.profile == name].sum()) / n
            for name, n in self.families_by_profile.items()
        }

    @property
    def age_shares(self) -> Mapping[str, Array]:
        """Share of children by completed years of age, shape (18,), by profile; nil where there are none."""
        of_child = self.profile[self.child_family]
        found = {}
        for name in self.families_by_profile:
            counts = np.bincount(self.child_age[of_child == name], minlength=OLDEST_CHILD + 1)
            found[name] = counts / max(int(counts.sum()), 1)
        return found

    @cached_property
    def start_counts(self) -> Mapping[str, Mapping[str, Mapping[str, int]]]:
        """People whose state on joining is known, by pathway, profile and state."""
        found: dict[str, dict[str, dict[str, int]]] = {}
        for pathway, rows in self.starts.items():
            by_profile: dict[str, dict[str, int]] = {}
            for profile, states in zip(self.profile.tolist(), rows, strict=True):
                for state in states:
                    if state != NOT_KNOWN:
                        counts = by_profile.setdefault(profile, {})
                        counts[state] = counts.get(state, 0) + 1
            found[pathway] = by_profile
        return found

    @property
    def need_shares(self) -> Mapping[str, Mapping[str, float]]:
        """Share of families with each need, by profile, among those of whom it is known; NaN if of none."""
        found = {}
        for name in self.families_by_profile:
            needs = self.needs[self.profile == name]
            known = (~np.isnan(needs)).sum(axis=0)
            with_it = np.nansum(needs, axis=0)
            shares = np.divide(with_it, known, out=np.full(len(NEEDS), np.nan), where=known > 0)
            found[name] = dict(zip(NEEDS, shares.tolist(), strict=True))
        return found

    def need_frame(self, parameters: ParameterSet | None = None) -> "pd.DataFrame":
        """Return how common each need is, beside the prevalence in a parameter set.

        Parameters
        ----------
        parameters : ParameterSet, optional
            Whose prevalences to show; the bundled set for England if omitted.

        Returns
        -------
        pandas.DataFrame
            ``need, label, share, prevalence, families``: the share among the families of whom it is
            known, that of the set for families of the same profiles, and how many are known.
            Needs that fewer than five families of a real table have, or lack, are left out, as are
            those that the set has no prevalence for.
        """
        import pandas as pd

        figures = parameters if parameters is not None else ParameterSet.load()
        rows = []
        for j, need in enumerate(NEEDS):
            known = ~np.isnan(self.needs[:, j])
            count, with_it = int(known.sum()), int(np.nansum(self.needs[:, j]))
            names, families = np.unique(self.profile[known], return_counts=True)
            keys = [prevalence_key(str(name), need) for name in names]
            few = min(with_it, count - with_it) < FEWEST_SHOWN and not self.synthetic
            if not count or few or not all(key in figures for key in keys):
                continue
            expected = sum(figures[key].value * int(n) for key, n in zip(keys, families, strict=True))
            rows.append((need, need_label(need), with_it / count, expected / count, count))
        return pd.DataFrame(rows, columns=["need", "label", "share", "prevalence", "families"])

    def plot(self, ax: "Axes | None" = None, parameters: ParameterSet | None = None) -> "Axes":
        """Draw how common each need is, beside the prevalence in a parameter set; see `need_frame`.

        Raises
        ------
        ValueError
            If there is no need to show.
        """
        from communitybudget.charts import plot_needs

        title = "Needs of synthetic families" if self.synthetic else "Needs of families"
        note = "Drawn from published prevalence: these are no real families." if self.synthetic else ""
        return plot_needs(self.need_frame(parameters), ax, title=title, note=note)

    def to_csv(self, path: str | Path) -> None:
        """Write the families as a table that `read_families` reads; references are numbers.

        Synthetic families are marked as such in their references.

        Raises
        ------
        OutputError
            If the file cannot be written.
        """
        try:
            Path(path).write_bytes(self._csv())
        except OSError as fault:
            raise OutputError(
                f"'{path}' cannot be written ({fault.strerror}); choose another folder"
            ) from fault

    def _csv(self) -> bytes:
        ages: list[list[str]] = [[] for _ in range(len(self))]
        for family, age in zip(self.child_family.tolist(), self.child_age.tolist(), strict=True):
            ages[family].append(str(age))
        known = [j for j in range(len(NEEDS)) if not np.isnan(self.needs[:, j]).all()]
        columns = ["family", "profile", "adults", "child_ages"]
        columns[2:2] = ["joins"] if self.joins is not None else []
        columns += [f"{NEED_COLUMN}{NEEDS[j]}" for j in known]
        columns += [f"{START_COLUMN}{pathway}" for pathway in self.starts]
        rows = []
        for i in range(len(self)):
            row: list[object] = [f"{SYNTHETIC if self.synthetic else ''}{i + 1}", str(self.profile[i])]
            row += [str(self.joins[i])] if self.joins is not None else []
            row += [int(self.adults[i]), " ".join(ages[i])]
            row += [None if np.isnan(self.needs[i, j]) else int(self.needs[i, j]) for j in known]
            row += [" ".join(states[i]) for states in self.starts.values()]
            rows.append(row)
        return csv_bytes(columns, rows)

    def summary(self) -> str:
        """Return counts as text; those below five are not shown."""
        return text_table(self._title, self._rows(), self._foot)

    @property
    def _title(self) -> str:
        return "Synthetic families" if self.synthetic else f"Families in {self.name}"

    @property
    def _foot(self) -> str:
        if self.synthetic:
            return "Drawn from published prevalence: these are no real families."
        return "Counts below 5 are not shown, nor one from which such a count would follow."

    def _rows(self) -> list[tuple[str, str]]:
        rows = [
            ("families", _shown(len(self))),
            *((name.replace("_", " "), text) for name, text in parts_shown(self.families_by_profile).items()),
        ]
        if self.intake is not None:
            years = {year: int(count) for year, count in self.intake.items()}
            rows += [(f"joining in {year}", text) for year, text in parts_shown(years).items()]
        rows += [("children", _shown(len(self.child_age))), ("adults", _shown(int(self.adults.sum())))]
        for j, need in enumerate(NEEDS):
            known = ~np.isnan(self.needs[:, j])
            if known.any():
                parts = {"with": int(np.nansum(self.needs[:, j]))}
                parts["without"] = int(known.sum()) - parts["with"]
                rows.append((need_label(need), parts_shown(parts)["with"]))
        for pathway, by_profile in self.start_counts.items():
            people = sum(sum(counts.values()) for counts in by_profile.values())
            rows.append((f"state known on joining: {pathway.replace('_', ' ')}", _shown(people)))
        return rows

    def __repr__(self) -> str:
        count = len(self.families_by_profile)
        families = f"{_shown(len(self))} families"
        note = "; drawn from published prevalence, none is real" if self.synthetic else ""
        return f"Families({self.name}, {families}, {count} profile{'' if count == 1 else 's'}{note})"

    def _repr_html_(self) -> str:
        return card(self._title, self._rows(), self._foot)


def _counted(words: Words) -> dict[str, float]:
    found, counts = np.unique(words, return_counts=True)
    return {str(word): float(count) for word, count in zip(found, counts, strict=True)}


def _shown(count: int) -> str:
    return f"{count:,}" if count >= FEWEST_SHOWN else f"fewer than {FEWEST_SHOWN}"


def parts_shown(counts: Mapping[str, int]) -> dict[str, str]:
    """Return the parts of a known total as text, so that no part below five can be told.

    Where one part alone is below five, the smallest of the others is not shown either: the total
    less the rest would give it away.

    Examples
    --------
    >>> parts_shown({"a": 3, "b": 60, "c": 12})
    {'a': 'fewer than 5', 'b': '60', 'c': 'not shown'}
    """
    found = {name: _shown(count) for name, count in counts.items()}
    few = [name for name, count in counts.items() if count < FEWEST_SHOWN]
    others = [name for name in counts if name not in few]
    if len(few) == 1 and others:
        found[min(others, key=lambda name: counts[name])] = "not shown"
    return found


def need_label(need: str) -> str:
    """Return a need as printed.

    Examples
    --------
    >>> need_label("secure_housing")
    'Secure housing'
    """
    return need.replace("_", " ").capitalize()


def prevalence_key(profile: str, need: str) -> str:
    """Return the key of a prevalence at entry."""
    return f"prevalence.need.{profile}.{need}"

"""Discount schedules: named, dated vintages read from a table; the vintage selects the rates."""

import csv
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from communitybudget._core.errors import Fault, ParameterSetError, ScheduleError, did_you_mean
from communitybudget._core.vocabulary import MARKS
from communitybudget.parameters.folders import england_folder

TABLE = Path("rules") / "discount_schedules.csv"
COLUMNS = ("schedule", "dated", "applies_to", "from_year", "to_year", "rate", "source", "mark", "note")
_DATED = re.compile(r"^\d{4}(-\d{2}(-\d{2})?)?$")

Band = tuple[int, int | None, float]


@dataclass(frozen=True, slots=True)
class DiscountSchedule:
    """One vintage of discount rates.

    Parameters
    ----------
    name : str
        Name by which the vintage is selected, for example ``green_book_2022``.
    dated : str
        Year, month or day of publication, ``2022`` or ``2026-06-30``.
    applies_to : str
        What may be discounted with it.
    bands : tuple of (from_year, to_year, rate)
        In order and without gaps from year 0; ``to_year`` is included, and None in the last band, which
        has no end. ``rate`` is a real rate a year: 0.035 is 3.5%.
    source : str
        Where the rates come from; several sources are separated by semicolons.
    mark : str
        The weakest mark of any band.
    note : str
        Anything a reader must know.
    band_marks : tuple of str
        The mark of each band, in the order of ``bands``.
    """

    name: str
    dated: str
    applies_to: str
    bands: tuple[Band, ...]
    source: str
    mark: str
    note: str
    band_marks: tuple[str, ...]

    def rate(self, year: int) -> float:
        """Return the rate that takes a value from ``year`` back to the year before it.

        Examples
        --------
        >>> schedule = discount_schedule("green_book_2022")
        >>> schedule.rate(30), schedule.rate(31)
        (0.035, 0.03)
        """
        if year < 0:
            raise ScheduleError(f"year {year} lies before year 0; a schedule begins at year 0")
        return next(rate for _, last, rate in self.bands if last is None or year <= last)

    def mark_to(self, year: int) -> str:
        """Return the weakest mark among the bands that an appraisal up to ``year`` uses.

        Examples
        --------
        >>> schedule = discount_schedule("green_book_2022")
        >>> schedule.mark_to(10), schedule.mark
        ('verified', 'second_hand')
        """
        used = [
            mark for (first, _, _), mark in zip(self.bands, self.band_marks, strict=True) if first <= year
        ]
        return _weakest(used)


def discount_schedules(folder: str | Path | None = None) -> dict[str, DiscountSchedule]:
    """Return every discount schedule of a parameter set, by name, in the order of the table.

    Parameters
    ----------
    folder : path, optional
        Folder of the parameter set, which holds ``rules/discount_schedules.csv``; the bundled set
        ``england`` when absent.

    Returns
    -------
    dict of str to DiscountSchedule

    Raises
    ------
    ParameterSetError
        If the table is missing or has faults; all of them are listed with file and line.

    Examples
    --------
    >>> list(discount_schedules())
    ['green_book_2022', 'green_book_2022_health', 'review_2026_proposed', 'green_book_2026']
    """
    path = (england_folder() if folder is None else Path(folder)) / TABLE
    if not path.is_file():
        fault = Fault(
            str(path), "", "there is no table of discount schedules", "add one with " + ", ".join(COLUMNS)
        )
        raise ParameterSetError([fault])
    state = path.stat()
    return {schedule.name: schedule for schedule in _read(path, state.st_mtime_ns, state.st_size)}


def discount_schedule(name: str, folder: str | Path | None = None) -> DiscountSchedule:
    """Return one named vintage of discount rates.

    Parameters
    ----------
    name : str
        For example ``green_book_2022``.
    folder : path, optional
        Folder of the parameter set; the bundled set ``england`` when absent.

    Returns
    -------
    DiscountSchedule

    Raises
    ------
    ScheduleError
        If there is no such schedule; the message names the nearest.
    ParameterSetError
        If the table is missing or has faults.

    Examples
    --------
    >>> discount_schedule("green_book_2022").bands[0]
    (0, 30, 0.035)
    """
    known = discount_schedules(folder)
    if name not in known:
        raise ScheduleError(f"there is no discount schedule '{name}'; {did_you_mean(str(name), known)}")
    return known[name]


def _weakest(marks: Sequence[str]) -> str:
    return max(marks, key=MARKS.index)


@lru_cache(maxsize=32)
def _read(path: Path, _modified: int, _size: int) -> tuple[DiscountSchedule, ...]:
    """Read a table; its time and size are part of the key, so that an edited file is read again."""
    faults: list[Fault] = []
    faulty: set[str] = set()
    rows: dict[str, list[tuple[int, dict[str, str], Band]]] = {}
    with path.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.DictReader(handle)
        missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
        if missing:
            what = "the header lacks " + ", ".join(missing)
            raise ParameterSetError([Fault(str(path), "", what, "add the columns", line=1)])
        for raw in reader:
            line = reader.line_num
            row = _cells(raw)
            wrong = ["the row has more cells than the header"] if None in raw else []
            wrong += _wrong_cells(row)
            if wrong:
                faults += [Fault(str(path), row["schedule"], what, "correct the row", line) for what in wrong]
                faulty.add(row["schedule"])
                continue
            last = int(row["to_year"]) if row["to_year"] else None
            band = (int(row["from_year"]), last, float(row["rate"]))
            rows.setdefault(row["schedule"], []).append((line, row, band))
    for name in rows.keys() - faulty:
        faults += _wrong_order(str(path), name, rows[name])
    if faults:
        raise ParameterSetError(faults)
    return tuple(_schedule(name, [(row, band) for _, row, band in found]) for name, found in rows.items())


def _cells(raw: Mapping[str, str | None]) -> dict[str, str]:
    return {column: (raw.get(column) or "").strip() for column in COLUMNS}


def _wrong_cells(row: Mapping[str, str]) -> list[str]:
    """Say what is wrong with the cells of one row."""
    wrong = [f"{column} is blank" for column in ("schedule", "applies_to", "source") if not row[column]]
    if not _DATED.match(row["dated"]):
        wrong.append(f"dated '{row['dated']}' is not a date like 2022 or 2026-06-30")
    if row["mark"] not in MARKS:
        wrong.append(f"mark '{row['mark']}' is none of {', '.join(MARKS)}")
    for column, blank_allowed in (("from_year", False), ("to_year", True)):
        text = row[column]
        if not (text.isascii() and text.isdigit()) and not (blank_allowed and not text):
            wrong.append(f"{column} '{text}' is not a whole number of years")
    try:
        rate = float(row["rate"])
    except ValueError:
        rate = math.nan
    if not -1 < rate < 1:
        wrong.append(f"rate '{row['rate']}' is not a rate a year between -1 and 1, such as 0.035")
    return wrong


def _wrong_order(file: str, name: str, found: Sequence[tuple[int, Mapping[str, str], Band]]) -> list[Fault]:
    """Say where the bands of one schedule leave a gap, overlap, end, or disagree."""
    faults: list[Fault] = []
    due: int | None = 0
    for line, row, (first, last, _) in found:
        if first != due:
            wanted = "the band before it has no end" if due is None else f"the band must begin at {due}"
            what = f"from_year is {first} but {wanted}"
            faults.append(Fault(file, name, what, "give the bands in order, without gap or overlap", line))
        if last is not None and last < first:
            faults.append(
                Fault(file, name, f"to_year {last} lies before from_year {first}", "swap them", line)
            )
        for column in ("dated", "applies_to"):
            if row[column] != found[0][1][column]:
                what = f"{column} differs from line {found[0][0]}"
                faults.append(Fault(file, name, what, "give a vintage one date and one purpose", line))
        due = None if last is None else last + 1
    if due is not None:
        what = f"no rate is given from year {due} on"
        faults.append(Fault(file, name, what, "leave to_year of the last band blank", found[-1][0]))
    return faults


def _schedule(name: str, found: Sequence[tuple[Mapping[str, str], Band]]) -> DiscountSchedule:
    marks = tuple(row["mark"] for row, _ in found)
    return DiscountSchedule(
        name=name,
        dated=found[0][0]["dated"],
        applies_to=found[0][0]["applies_to"],
        bands=tuple(band for _, band in found),
        source="; ".join(dict.fromkeys(row["source"] for row, _ in found)),
        mark=_weakest(marks),
        note="; ".join(dict.fromkeys(row["note"] for row, _ in found if row["note"])),
        band_marks=marks,
    )

"""Draws that somebody else made, from a file: rows stay together, so that what goes together stays so."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.errors import Fault, FaultsError
from communitybudget._core.streams import Streams

Array = NDArray[np.float64]

FEWEST_ROWS = 100
FEW_ROWS = 1_000
ROWS_STREAM = "draws_file.rows"


class DrawsFileError(FaultsError):
    """A file of draws with faults; all of them are listed."""


@dataclass(frozen=True, slots=True, eq=False)
class GivenDraws:
    """Draws of some parameters, row by row.

    Parameters
    ----------
    name : str
        What messages call the file.
    columns : mapping of str to ndarray, shape (row,)
        By id of the parameter, in its unit.
    """

    name: str
    columns: Mapping[str, Array]

    @property
    def rows(self) -> int:
        """How many rows the file has."""
        return next(iter(self.columns.values())).size

    def draw(self, draws: int, seed: int, streams: Streams | None = None) -> dict[str, Array]:
        """Return D rows of the file, drawn with replacement; all columns of a draw come from one row.

        Parameters
        ----------
        draws, seed, streams : int, int, Streams
            As in `sample`.

        Examples
        --------
        >>> given = GivenDraws("draws.csv", {"a": np.array([1.0, 2.0]), "b": np.array([10.0, 20.0])})
        >>> drawn = given.draw(50, seed=0)
        >>> bool((drawn["b"] == 10 * drawn["a"]).all())
        True
        """
        ranks = (streams or Streams(seed)).random(ROWS_STREAM, draws)
        chosen = np.minimum((ranks * self.rows).astype(np.int64), self.rows - 1)
        return {key: column[chosen] for key, column in self.columns.items()}


def read_draws(path: Path, name: str = "") -> GivenDraws:
    r"""Return the draws of a file.

    Parameters
    ----------
    path : Path
        CSV in UTF-8: a column for each parameter, headed by its key; a row for each draw, at least 100.
    name : str, optional
        What messages call the file; its own name otherwise.

    Raises
    ------
    DrawsFileError
        With every fault: line, column, what is wrong and what to do.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "draws.csv"
    >>> _ = file.write_text("unit_cost.SS2.0\n" + "812\n790\n" * 50)
    >>> read_draws(file).rows
    100
    """
    from communitybudget.parameters.tables import number, read_rows

    name = name or path.name
    faults: list[Fault] = []
    try:
        rows = list(read_rows(path))
    except FaultsError as error:
        raise DrawsFileError([Fault(name, f.key, f.what, f.remedy, f.line) for f in error.faults]) from error
    if len(rows) < FEWEST_ROWS:
        what = f"has {len(rows)} rows; a tail cannot be told from so few"
        raise DrawsFileError([Fault(name, "", what, f"give at least {FEWEST_ROWS} draws", 1)])
    columns: dict[str, list[float]] = {key: [] for key in rows[0][1]}
    for line, row in rows:
        for place, (key, text) in enumerate(row.items(), 1):
            try:
                value = number(text)
            except ValueError:
                value, what = None, f"'{text[:40]}' is not a number"
            else:
                what = "is blank; unknown is not zero"
            if value is None:
                faults.append(Fault(name, key, what, "write a number like 5214 or 0.8", line, place))
            else:
                columns[key].append(value)
    if faults:
        raise DrawsFileError(faults)
    return GivenDraws(name, {key: np.array(values) for key, values in columns.items()})

"""Where the bundled parameter sets and examples are, in a checkout and in an installed wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def _bundled(name: str) -> Path:
    inside = _PACKAGE / "_data" / name
    return inside if inside.is_dir() else _PACKAGE.parents[1] / name


def england_folder() -> Path:
    """Return the folder of the bundled set ``england``.

    Examples
    --------
    >>> (england_folder() / "set.yaml").is_file()
    True
    """
    return _bundled("parameters") / "england"


def examples_folder() -> Path:
    """Return the folder of the bundled examples.

    Examples
    --------
    >>> (examples_folder() / "hounslow" / "case.yaml").is_file()
    True
    """
    return _bundled("examples")

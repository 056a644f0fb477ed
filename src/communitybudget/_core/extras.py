"""Packages that only an extra brings."""

from importlib import import_module
from types import ModuleType


def from_extra(module: str, extra: str) -> ModuleType:
    """Return a module of a package that an extra of this library brings.

    Parameters
    ----------
    module : str
        Full name.
    extra : str
        Name of the extra.

    Raises
    ------
    ModuleNotFoundError
        If the package is not installed; the message names the extra.

    Examples
    --------
    >>> from_extra("json", "sensitivity").__name__
    'json'
    >>> from_extra("no_such_package.part", "sensitivity")
    Traceback (most recent call last):
    ModuleNotFoundError: no_such_package is not installed; pip install "communitybudget[sensitivity]"
    """
    package = module.partition(".")[0]
    try:
        return import_module(module)
    except ModuleNotFoundError as fault:
        if (fault.name or "").partition(".")[0] != package:
            raise
        raise ModuleNotFoundError(
            f'{package} is not installed; pip install "communitybudget[{extra}]"', name=package
        ) from fault

"""Which option is meant."""

from collections.abc import Sequence

from communitybudget._core.errors import ParameterNotFound, did_you_mean


def chosen_option(option: str | None, options: Sequence[str]) -> str:
    """Return the option of a name; the first unless one is named.

    Raises
    ------
    ParameterNotFound
        With the nearest, if there is none of that name.

    Examples
    --------
    >>> chosen_option(None, ["early_help", "key_worker"])
    'early_help'
    """
    if option is None:
        return options[0]
    if option not in options:
        raise ParameterNotFound(f"there is no option '{option}'; {did_you_mean(option, options)}")
    return option

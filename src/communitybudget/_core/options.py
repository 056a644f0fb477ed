"""Which option is meant, and what each is called."""

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


def one_name_each(names: Sequence[str], columns: int, of: str) -> tuple[str, ...]:
    """Return the names of the options, one for each column and each its own.

    Parameters
    ----------
    names : sequence of str
        In the order of the columns.
    columns : int
        How many options there are.
    of : str
        What the columns are of, for the message.

    Raises
    ------
    ValueError
        If there are more or fewer names than columns, or two are the same.

    Examples
    --------
    >>> one_name_each(["as now", "support"], 2, "net_benefit")
    ('as now', 'support')
    """
    if len(names) != columns:
        raise ValueError(f"there are {len(names)} names and {columns} options in {of}; name each column")
    twice = sorted({name for name in names if list(names).count(name) > 1})
    if twice:
        raise ValueError(f"several options are called {', '.join(twice)}; give each its own name")
    return tuple(names)

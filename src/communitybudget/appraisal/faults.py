"""Several faults in one message."""

from collections.abc import Sequence


def raise_together(faults: Sequence[str]) -> None:
    """Raise every fault at once, one on a line; nothing where there is none.

    Raises
    ------
    ValueError
        If there is a fault.
    """
    if faults:
        raise ValueError("\n".join(faults))

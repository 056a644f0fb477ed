"""Probabilities in words."""

LEAST = 0.005
"""Below this, and above one less this, draws cannot tell a chance from none or from certainty."""


def chance(value: float) -> str:
    """Return a probability in whole percent; never 0% or 100%, which draws cannot tell.

    Examples
    --------
    >>> chance(0.0), chance(0.654), chance(1.0)
    ('under 1%', '65%', 'over 99%')
    """
    if value < LEAST:
        return "under 1%"
    if value > 1 - LEAST:
        return "over 99%"
    return f"{value:.0%}"

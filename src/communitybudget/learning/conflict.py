"""Whether what was seen contradicts what was assumed, in words."""

STRONG_CONFLICT = 0.01
SOME_CONFLICT = 0.05


def conflict_words(surprise: float, looks: int = 1) -> str:
    """Return what a predictive p-value says, and what to do about it.

    Parameters
    ----------
    surprise : float
        The p-value, see `Prediction.surprise`.
    looks : int, default 1
        How many figures were compared, this being the most surprising: the limits are divided by so many.

    Returns
    -------
    str
        One or two sentences.

    Examples
    --------
    >>> conflict_words(0.4)
    'What was seen agrees with what was assumed.'
    >>> conflict_words(0.005)
    'The data are surprising: 1 in 200 under what was assumed. Check the count, ...'
    """
    if surprise < SOME_CONFLICT / looks:
        rarity = f"1 in {1 / surprise:,.0f}" if surprise > 1e-6 else "less than 1 in a million"
        words = f"The data are surprising: {rarity} under what was assumed"
        words += f", the most surprising of {looks} figures." if looks > 1 else "."
        if surprise < STRONG_CONFLICT / looks:
            return (
                f"{words} Check the count, the families and the prior before blending them; if all stand, "
                "a mixture with a vague prior lets the data speak."
            )
        return f"{words} Check the count and the families before blending them."
    return "What was seen agrees with what was assumed."

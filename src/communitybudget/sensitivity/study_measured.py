"""What a study measures, written in terms of the model's inputs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from communitybudget.sensitivity.draws import FloatArray

if TYPE_CHECKING:
    import pandas as pd

Rule = Literal["itself", "product", "sum", "odds_ratio"]

_RULES: dict[str, Callable[[FloatArray], FloatArray]] = {
    "itself": lambda values: values[:, 0],
    "product": lambda values: values.prod(axis=1),
    "sum": lambda values: values.sum(axis=1),
    "odds_ratio": lambda values: values[:, 0] * values[:, 1] / (1 + values[:, 0] * (values[:, 1] - 1)),
}
_WORDS = {"itself": "", "product": " x ", "sum": " + ", "odds_ratio": " at odds x "}


@dataclass(frozen=True, slots=True)
class Measured:
    """A quantity that a study observes directly, as a rule on the model's inputs.

    Parameters
    ----------
    *inputs : str
        Names of the inputs that make it up, columns of the frame of draws.
    rule : {"itself", "product", "sum", "odds_ratio"}
        ``itself``: one input. ``product``: all multiplied, such as a share under business as usual and a
        relative risk. ``sum``: all added. ``odds_ratio``: the first is a share, the second the ratio of
        its odds. By default ``itself`` for one input and ``product`` for several.

    Raises
    ------
    ValueError
        If the rule is not known, or does not fit the number of inputs.

    Examples
    --------
    >>> import pandas as pd
    >>> draws = pd.DataFrame({"entered_care": [0.2, 0.4], "relative_risk": [0.5, 0.9]})
    >>> Measured("entered_care", "relative_risk").values(draws)
    array([0.1 , 0.36])
    """

    inputs: tuple[str, ...]
    rule: Rule

    def __init__(self, *inputs: str, rule: Rule | None = None) -> None:
        chosen = rule or ("itself" if len(inputs) == 1 else "product")
        if chosen not in _RULES:
            raise ValueError(f"rule is {chosen!r}; give one of {', '.join(_RULES)}")
        least, most = {"itself": (1, 1), "odds_ratio": (2, 2)}.get(chosen, (2, len(inputs)))
        if not least <= len(inputs) <= most:
            raise ValueError(
                f"the rule '{chosen}' needs {'at least ' * (chosen in ('product', 'sum'))}{least} input(s), "
                f"but {len(inputs)} were given; name the inputs that make up what is measured"
            )
        object.__setattr__(self, "inputs", inputs)
        object.__setattr__(self, "rule", chosen)

    def values(self, inputs: "pd.DataFrame") -> FloatArray:
        """Return the quantity for each draw of the inputs, shape (draw,).

        Raises
        ------
        ValueError
            If the frame lacks an input.
        """
        missing = [name for name in self.inputs if name not in inputs.columns]
        if missing:
            raise ValueError(
                f"the study measures {', '.join(missing)}, which the frame of draws does not have; "
                f"its inputs are {', '.join(map(str, inputs.columns))}"
            )
        return _RULES[self.rule](inputs[list(self.inputs)].to_numpy(dtype=np.float64))

    def shares(self, inputs: "pd.DataFrame") -> FloatArray:
        """Return the quantity for each draw as a share, shape (draw,).

        Raises
        ------
        ValueError
            If the frame lacks an input, or a value does not lie between 0 and 1.
        """
        values = self.values(inputs)
        outside = (values < 0) | (values > 1)
        if outside.any():
            raise ValueError(
                f"{self} should be a share of families, but it is {values[outside][0]:.4g} in the first of "
                f"{outside.sum():,} draws outside 0 to 1; use rule='odds_ratio', or limit the inputs"
            )
        return values

    def __str__(self) -> str:
        return _WORDS[self.rule].join(self.inputs)

"""What a report says of how numbers were drawn and what goes together."""

from communitybudget.case.model import Model
from communitybudget.sampling import design_words
from communitybudget.sampling.given_draws import FEW_ROWS


def on_sampling(model: Model) -> list[str]:
    """Return the design, the distributions a case states, and what goes together."""
    return [*_on_design(model), *_on_distributions(model), *_on_correlations(model), *_on_draws_file(model)]


def cautions_on_sampling(model: Model) -> list[str]:
    """Say which correlations could not be kept, and that few draws of a file stay few."""
    found = []
    together = model.correlation
    if together is not None and together.is_changed:
        first, second, change = together.largest_change
        found.append(
            "The correlations given cannot all hold together; the nearest that can are used. Most changed: "
            f"{_label(model, first)} and {_label(model, second)}, by {change:+.2f}."
        )
    given = model.case.given_draws
    if given is None:
        return found
    used = () if model.inputs.given is None else model.inputs.given.columns
    unused = [key for key in given.columns if key not in used]
    if unused:
        found.append(
            f"Columns of {given.name} that change nothing, since this case does not use them: "
            f"{', '.join(unused)}."
        )
    if given.rows < FEW_ROWS:
        found.append(
            f"{given.name} has {given.rows:,} rows, which are drawn again and again: more draws do not make "
            "its tails surer."
        )
    return found


def _on_design(model: Model) -> list[str]:
    sampling = model.case.spec.sampling
    if sampling.design == "random":
        return []
    words = design_words(sampling.design, sampling.parts)
    if sampling.design == "sobol":
        names = model.stream_names()
        shown = ", ".join(names[:3])
        words += f" {len(names):,} dimensions, in the order in which the case first uses them: {shown}, …"
    return [words]


def _on_distributions(model: Model) -> list[str]:
    from_file = () if model.inputs.given is None else model.inputs.given.columns
    return [
        f"{parameter.label}: {parameter.form_words}."
        for key, parameter in model.inputs.used.items()
        if parameter.form is not None and key not in from_file
    ]


def _on_correlations(model: Model) -> list[str]:
    given = model.case.spec.correlations
    if not given:
        return []
    pairs = "; ".join(
        f"{_label(model, one.between[0])} and {_label(model, one.between[1])} {one.rank:g} "
        f"({one.source}; {one.mark})"
        for one in given
    )
    return [
        f"These go together, by rank correlation in a Gaussian copula: {pairs}. All other numbers are "
        "independent; where an effect is none at all its rank says nothing."
    ]


def _on_draws_file(model: Model) -> list[str]:
    given = model.inputs.given
    if given is None:
        return []
    labels = ", ".join(_label(model, key) for key in given.columns)
    return [
        f"Drawn from the {given.rows:,} rows of {given.name}, row by row with replacement, so that what "
        f"goes together there stays so: {labels}. Where one figure is needed, such as for solving an "
        "effect, it is that of the case and not the mean of the file."
    ]


def _label(model: Model, key: str) -> str:
    """Return the printable name of a number, or of the first that shares a level."""
    of_level = [one for one, level in model.inputs.levels.items() if level == key]
    used = model.inputs.used
    return used[key].label if key in used else used[of_level[0]].label

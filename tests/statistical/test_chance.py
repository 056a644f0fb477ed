"""Money under chance in a whole case: the drawn variance against the exact one, priced by hand."""

import numpy as np
import pytest

from communitybudget.case import Case
from communitybudget.case.model import prepare
from communitybudget.sampling import Draws
from communitybudget.simulation import Reward, chance_moments
from communitybudget.simulation.acting import ActingEffects
from communitybudget.simulation.kernel import probabilities
from communitybudget.simulation.run import Runner, acting_in
from tests_builders import small_case

DRAWS = 4000


def worth(runner, model, constants):
    """Pounds to the council: months in each cell, moves, events, birthdays; and how spells differ."""
    layout = runner.layout
    cells, spells, birthdays = (np.zeros((len(layout.cells), 1)) for _ in range(3))
    moves, events = np.zeros((len(layout.edges), 1)), np.zeros((len(layout.events), 1))
    kinds: dict[str, dict[str, float]] = {}
    for item in model.priced:
        price = item.price
        share = sum(s.share for s in price.shares if s.agency == "local_authority")
        if item.count.pathway != runner.group.pathway.name or price.value_type != "fiscal" or not share:
            continue
        amount = constants[item.quantity] * constants[price.parameter] * price.factor * share
        count = item.count
        inside = [
            c
            for c, cell in enumerate(layout.cells)
            if cell.state == count.state
            and cell.from_month >= (count.from_month or 0)
            and (count.to_month is None or (cell.to_month or np.inf) <= count.to_month)
        ]
        if count.kind == "months":
            cells[inside] += amount
            if item.weighted is not None:
                kinds.setdefault(count.state, {})[item.quantity] = amount
        elif count.kind == "birthdays":
            birthdays[inside] += amount
        for edges, into in ((layout.edges, moves), (layout.events, events)):
            for i, edge in enumerate(edges):
                entered = count.kind == "entries" and edge.move[1] == count.state and into is moves
                moved = count.kind == "moves" and edge.move == (count.state, count.target)
                if entered or (moved and edge.source in inside):
                    into[i] += amount
    shares = {s.activity: constants[s.parameter] for s in runner.group.pathway.spells}
    for state, amounts in kinds.items():
        # a spell of one kind costs its amount over its share, all others nothing of it
        mean = sum(amounts.values())
        square = sum(amount**2 / shares[quantity] for quantity, amount in amounts.items())
        spells[layout.cells_of(state)] = np.sqrt(square - mean**2)
    return cells, moves, events, birthdays, spells


@pytest.mark.parametrize("engagement", [None, 0.6])
def test_the_council_has_the_variance_that_is_reckoned_exactly(engagement):
    data = small_case()
    data["pathways"] = ["child_safety"]
    effect = {"effect": "tfp_looked_after"}
    if engagement is not None:
        data["options"][0]["engagement"] = engagement
        effect["estimand"] = "engaged"
    data["options"][0]["effects"] = [effect]
    data["cohort"]["families"] = 100
    model = prepare(Case.from_dict(data))
    constants = {key: parameter.value for key, parameter in model.inputs.used.items()}
    draws = Draws(DRAWS, 1, {}, constants)
    activity = model.simulate(draws)
    chance = model.draw_chance(activity, draws)
    drawn = np.zeros(DRAWS)
    for line, gaps in chance.lines.items():
        if line.agency == "local_authority" and line.value_type == "fiscal":
            drawn += gaps[0].sum(axis=0)

    (intake,) = model.intakes(draws)
    (row,) = intake.people
    runner = Runner(row, intake.options, intake.families, intake.spread_joining)
    months = 12 * len(model.years)
    # a birthday in each month, and never within the horizon
    until = np.arange(1, months + 2)
    strata = np.append(-np.diff(row.presence), row.presence[-1])
    rates, events = runner.rates_in(draws, 0, 1)
    shares = runner.shares_in(row.start, 0, 1)
    cells, moves, of_events, birthdays, spells = worth(runner, model, constants)
    ends = np.ones(months + 1)
    ends[[0, -1]] = 0.5

    def lanes(array):
        return np.repeat(array, until.size, axis=1)

    effects = acting_in(intake.options[0].groups[-1].effects, 0, 1)
    exact = chance_moments(
        runner.layout,
        runner.starts,
        lanes(shares),
        probabilities(runner.layout, lanes(rates), lanes(events)),
        probabilities(runner.layout, lanes(rates), lanes(events)),
        Reward(
            occupancy_weights=ends,
            move_weights=np.ones(months),
            birthday_weights=np.ones(months + 1),
            cells=cells,
            moves=moves,
            events=of_events,
            birthdays=birthdays,
            spells=spells,
            followed_until=until,
        ),
        ActingEffects(runner.layout, lanes(rates), lanes(events), effects),
    )
    taking_part = 1.0 if engagement is None else engagement
    people = 100 * float(row.per_family)
    mean = float(strata @ exact.mean)
    square = float(strata @ (exact.variance + exact.mean**2))
    per_family = people / 100
    # families take part or not; the people of one that does are independent of each other
    variance = (
        100 * taking_part * (per_family * (square - mean**2) + (1 - taking_part) * (per_family * mean) ** 2)
    )
    avoided = activity.amounts[:, 0] - activity.amounts[:, 1]
    assert np.abs(avoided).sum() > 0
    kurtosis = (drawn**4).mean() / (drawn**2).mean() ** 2
    assert abs(drawn.mean()) < 4 * (variance / DRAWS) ** 0.5
    assert abs(drawn.var() / variance - 1) < 4 * ((kurtosis - 1) / DRAWS) ** 0.5 + 0.005

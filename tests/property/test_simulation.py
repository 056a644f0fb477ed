"""The kernel against people counted one by one: every state in every month since entry, in plain numpy."""

from dataclasses import dataclass

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from communitybudget.pathways import (
    ActivityItem,
    Effect,
    Outcome,
    Pathway,
    Rate,
    StartShare,
    State,
    Timing,
)
from communitybudget.sampling import Draws
from communitybudget.simulation import (
    Count,
    DrawnEffect,
    OptionEffects,
    OptionGroup,
    People,
    Population,
    build_layout,
    cohort_trace,
    place_start,
    simulate,
)
from communitybudget.simulation.acting import Acting, ActingEffects, cells_changed
from communitybudget.simulation.kernel import follow, probabilities
from communitybudget.simulation.solving import measure_outcome
from communitybudget.simulation.weights import year_weights

LANES = 3
AGES = tuple(f"{year}-{(year + 1) % 100:02d}" for year in range(2026, 2036))

# --- the independent reckoning ---------------------------------------------------------------------------


def weight_of(timing, lane, month):
    """When an effect acts, said once more in plain words."""
    lag, ramp, lasts, fades = (
        float(np.broadcast_to(part, (LANES,))[lane])
        for part in (timing.lag, timing.ramp, timing.lasts, timing.fades)
    )
    if month < lag:
        return 0.0
    if month < lag + ramp:
        return (month - lag) / ramp
    if month < lag + ramp + lasts:
        return 1.0
    if month < lag + ramp + lasts + fades:
        return 1 - (month - lag - ramp - lasts) / fades
    return 0.0


@dataclass
class Walk:
    """Who is where at each month-end, and who moved in each month, by months since entry (B of them)."""

    present: dict  # state -> (T + 1, B, lane)
    moved: dict  # move, events too -> (T, B, lane)


def walk(states, rates, values, start, months, effects=()):
    """Follow people month by month; everyone older than the last cut shares the last month."""
    last = max([r.from_month for r in rates] + [r.to_month or 0 for r in rates] + [s[1] for s in start] + [0])
    hazard = {r.move: np.zeros((last + 1, LANES)) for r in rates}
    for r in rates:
        hazard[r.move][r.from_month : r.to_month] += values[r.parameter]
    present = {state: np.zeros((months + 1, last + 1, LANES)) for state in states}
    moved = {move: np.zeros((months, last + 1, LANES)) for move in hazard}
    for state, since, share in start:
        present[state][0, since] += share
    for month in range(months):
        now = dict(hazard)
        for moves, log, timing in effects:
            factor = np.exp(log * [weight_of(timing, lane, month) for lane in range(LANES)])
            now.update({move: now[move] * factor for move in set(moves)})
        for state, people in present.items():
            exits = [move for move in now if move[0] == state != move[1]]
            total = sum((now[move] for move in exits), start=np.zeros((last + 1, LANES)))
            leaving = people[month] * (1 - np.exp(-total))
            staying = people[month] * np.exp(-total)
            for move in exits:
                moved[move][month] = leaving * now[move] / np.where(total > 0, total, 1)
                present[move[1]][month + 1, 0] += moved[move][month].sum(axis=0)
            if (state, state) in now:
                moved[state, state][month] = people[month] * now[state, state]
            people[month + 1, 1:] += staying[:-1]
            people[month + 1, -1] += staying[-1]
    return Walk(present, moved)


def by_year(monthly, years, still, spread, kind):
    """Gather a monthly series by financial year, for people who join on day one or over a year."""
    bins = np.zeros((years, LANES))
    joining = range(12) if spread else range(1)
    for joined in joining:
        for month in range(12 * years - joined):
            year = (joined + month) // 12
            if kind == "time":
                amount = (monthly[month] * still[month] + monthly[month + 1] * still[month + 1]) / 2
            elif kind == "moves":
                amount = monthly[month] * still[month]
            else:
                amount = monthly[month + 1] * (still[month] - still[month + 1])
            bins[year] += amount / len(joining)
    return bins


def in_band(series, cell):
    """Sum a walk over the months since entry that a cell covers."""
    return series[:, cell.from_month : cell.to_month].sum(axis=1)


# --- small models ----------------------------------------------------------------------------------------

hazards = st.one_of(st.just(0.0), st.floats(1e-4, 0.5), st.floats(0.5, 3.0))
log_ratios = st.one_of(st.just(0.0), st.floats(-2, 2))


def per_lane(numbers):
    return st.lists(numbers, min_size=LANES, max_size=LANES).map(np.array)


@dataclass
class Model:
    states: tuple
    rates: list
    values: dict
    start: list  # (state, months so far or None, share by lane)

    def tunnels(self):
        """The start as the walk wants it: those in the last band have just entered it."""
        cuts = {s: [0] for s in self.states}
        for r in self.rates:
            cuts[r.move[0]] += [r.from_month] + ([r.to_month] if r.to_month else [])
        return [(s, max(cuts[s]) if so_far is None else so_far, share) for s, so_far, share in self.start]


@st.composite
def models(draw):
    states = tuple("abcd"[: draw(st.integers(2, 4))])
    pairs = [(x, y) for x in states for y in states]
    chosen = draw(st.lists(st.sampled_from(pairs), min_size=1, max_size=6, unique=True))
    rates, values = [], {}
    for x, y in chosen:
        cuts = sorted(draw(st.sets(st.integers(1, 9), max_size=3)))
        first = draw(st.sampled_from([0, 0, 0, 2])) if not cuts else 0
        for low, high in zip([first, *cuts], [*cuts, None], strict=True):
            key = f"{x}{y}.m{low}"
            rates.append(Rate((x, y), low, high, key, ""))
            values[key] = draw(per_lane(hazards))
    places = draw(
        st.lists(
            st.tuples(st.sampled_from(states), st.one_of(st.none(), st.integers(0, 12))),
            min_size=1,
            max_size=4,
            unique=True,
        )
    )
    raw = np.array([draw(per_lane(st.floats(0.05, 1))) for _ in places])
    shares = raw / raw.sum(axis=0)
    return Model(
        states, rates, values, [(*place, share) for place, share in zip(places, shares, strict=True)]
    )


amounts_of_time = st.one_of(st.integers(0, 8).map(float), st.floats(0.1, 8))
timings = st.builds(
    Timing,
    lag=st.one_of(amounts_of_time, per_lane(amounts_of_time)),
    ramp=st.one_of(amounts_of_time, per_lane(amounts_of_time)),
    lasts=st.one_of(amounts_of_time, st.just(np.inf), per_lane(amounts_of_time)),
    fades=st.one_of(amounts_of_time, per_lane(amounts_of_time)),
)


@st.composite
def models_with_effects(draw):
    model = draw(models())
    moves = sorted({r.move for r in model.rates})
    effects = draw(
        st.lists(
            st.tuples(
                st.lists(st.sampled_from(moves), min_size=1, max_size=3, unique=True).map(tuple),
                per_lane(log_ratios),
                timings,
            ),
            min_size=1,
            max_size=3,
        )
    )
    return model, effects


@st.composite
def presences(draw, years):
    """Who is still under age: a share that starts at one and never rises."""
    steps = draw(st.lists(st.floats(0, 1), min_size=12 * years, max_size=12 * years))
    falling = np.concatenate([[0.0], np.cumsum(steps)])
    return 1 - falling / max(falling[-1], 1.0)


def run_kernel(model, months, weights, effects=(), lanes=slice(None)):
    layout = build_layout(model.states, model.rates)
    starts = place_start(layout, [StartShare(s, so_far, f"{s}.{so_far}") for s, so_far, _ in model.start])
    shares = np.array([share for _, _, share in model.start])[:, lanes]
    width = shares.shape[1]
    rates = np.array([model.values[e.parameter][lanes] for e in layout.edges]).reshape(-1, width)
    events = np.array([model.values[e.parameter][lanes] for e in layout.events]).reshape(-1, width)
    p = probabilities(layout, rates, events.copy())
    acting = [
        Acting(moves, log[lanes], Timing(*(_lanes_of(getattr(t, f), lanes) for f in t.__slots__)))
        for moves, log, t in effects
    ]
    update = ActingEffects(layout, rates, events, acting) if acting else None
    everywhere = range(len(layout.cells))
    changing = cells_changed(layout, acting)
    return layout, follow(layout, starts, shares, p, months, weights, update, changing, everywhere)


def _lanes_of(part, lanes):
    return part[lanes] if isinstance(part, np.ndarray) else part


def assert_same_as_walk(model, effects, years, still, spread):
    months = 12 * years
    layout, bins = run_kernel(model, months, year_weights(years, still, spread), effects)
    still = np.ones(months + 1) if still is None else still
    walked = walk(model.states, model.rates, model.values, model.tunnels(), months, effects)
    close = {"rtol": 1e-10, "atol": 1e-13}
    for index, cell in enumerate(layout.cells):
        people = in_band(walked.present[cell.state], cell)
        assert_allclose(bins.occupancy[:, index], by_year(people, years, still, spread, "time"), **close)
        assert_allclose(bins.birthdays[:, index], by_year(people, years, still, spread, "birthdays"), **close)
        assert_allclose(bins.final[index], people[-1], **close)
    for found, edges in ((bins.moves, layout.edges), (bins.events, layout.events)):
        for index, edge in enumerate(edges):
            flow = in_band(walked.moved[edge.move], layout.cells[edge.source])
            assert_allclose(found[:, index], by_year(flow, years, still, spread, "moves"), **close)
    assert_allclose(bins.final.sum(axis=0), 1, atol=1e-12)
    return layout, bins


# --- the kernel ------------------------------------------------------------------------------------------


@given(model=models())
@settings(deadline=None, max_examples=60)
def test_bands_are_months_since_entry(model):
    _, bins = assert_same_as_walk(model, (), 2, None, False)
    assert_allclose(bins.occupancy.sum(axis=1), 12, rtol=1e-12)
    assert not bins.birthdays.any()


@given(case=models_with_effects())
@settings(deadline=None, max_examples=60)
def test_effects_act_month_by_month(case):
    model, effects = case
    assert_same_as_walk(model, effects, 2, None, False)


@given(case=models_with_effects())
@settings(deadline=None, max_examples=25)
def test_families_joining_over_the_first_year(case):
    model, effects = case
    _, bins = assert_same_as_walk(model, effects, 2, None, True)
    # of twelve joiners, one a month, the first year sees 12 + 11 + ... + 1 person-months
    assert_allclose(bins.occupancy.sum(axis=1), np.array([[78 / 12], [12]]) * np.ones(LANES), rtol=1e-12)


@given(case=models_with_effects(), still=presences(2), spread=st.booleans())
@settings(deadline=None, max_examples=25)
def test_people_who_come_of_age(case, still, spread):
    model, effects = case
    _, bins = assert_same_as_walk(model, effects, 2, still, spread)
    if not spread:
        assert_allclose(bins.birthdays.sum(axis=(0, 1)), 1 - still[-1], atol=1e-12)


@given(model=models())
@settings(deadline=None, max_examples=40)
def test_chances_of_a_month_sum_to_one(model):
    layout = build_layout(model.states, model.rates)
    rates = np.array([model.values[e.parameter] for e in layout.edges]).reshape(-1, LANES)
    p = probabilities(layout, rates, np.zeros((len(layout.events), LANES)))
    total = p.stays.copy()
    for edge, move in zip(layout.edges, p.moves, strict=True):
        total[edge.source] += move
    assert_allclose(total, 1, rtol=1e-14)
    assert (p.moves >= 0).all()


@given(case=models_with_effects())
@settings(deadline=None, max_examples=25)
def test_a_lane_alone_is_a_lane_in_company(case):
    model, effects = case
    weights = year_weights(2, np.linspace(1, 0.25, 25), True)
    _, together = run_kernel(model, 24, weights, effects)
    for lane in range(LANES):
        _, alone = run_kernel(model, 24, weights, effects, slice(lane, lane + 1))
        for name in alone.__slots__:
            assert_array_equal(getattr(alone, name)[..., 0], getattr(together, name)[..., lane], name)


# --- simulate --------------------------------------------------------------------------------------------


def pathway_of(model):
    """A pathway that counts everything: time, entries, last birthdays and every move."""
    items = [item(state, None, per) for state in model.states for per in ("month", "entry", "birthday")]
    items += [item(None, move, "move") for move in dict.fromkeys(r.move for r in model.rates)]
    return Pathway(
        name="p",
        label="P",
        unit="child",
        unit_label="child",
        age_from=None,
        age_to=None,
        states=tuple(State(s, s) for s in model.states),
        rates={"all": tuple(model.rates)},
        starts={"all": tuple(StartShare(s, so_far, f"{s}.{so_far}") for s, so_far, _ in model.start)},
        activity=tuple(items),
        outcomes={},
        reported=(),
        break_even={},
        limits=(),
    )


def item(state, move, per):
    return ActivityItem("", "", "", state, move, per, None, None, "", "", "", "", "", "")


def simulated(model, options, still, spread, intake, per_family, block=4096):
    start = {f"{s}.{so_far}": share for s, so_far, share in model.start}
    people = People(pathway_of(model), "all", per_family, start, still)
    draws = Draws(LANES, 1, model.values, {})
    years = AGES[: len(intake)]
    return simulate([people], options, draws, np.asarray(intake), years, spread, "test", None, block)


def reckoned(model, effects, still, spread, intake, per_family):
    """The same by the walk, for one arm: families of each year follow one another."""
    years = len(intake)
    months = 12 * years
    walked = walk(model.states, model.rates, model.values, model.tunnels(), months, effects)
    series = {}
    for state in model.states:
        people = walked.present[state].sum(axis=1)
        series["months", state, ""] = by_year(people, years, still, spread, "time")
        series["birthdays", state, ""] = by_year(people, years, still, spread, "birthdays")
        series["entries", state, ""] = np.zeros((years, LANES))
    for move in {r.move for r in model.rates}:
        flow = by_year(walked.moved[move].sum(axis=1), years, still, spread, "moves")
        series["moves", *move] = flow
        if move[0] != move[1]:
            series["entries", move[1], ""] += flow
    joined = {}
    for key, own in series.items():
        joined[key] = np.zeros((years, LANES))
        for first, families in enumerate(intake):
            for year in range(first, years):
                joined[key][year] += own[year - first] * families * per_family
    return joined


def drawn(effects, prefix):
    return tuple(
        DrawnEffect(f"{prefix}{k}", "p", moves, log, timing) for k, (moves, log, timing) in enumerate(effects)
    )


def some_engage(name, engagement, engaged, offered=()):
    return OptionEffects(
        name, (OptionGroup(1 - engagement, offered), OptionGroup(engagement, (*offered, *engaged)))
    )


@given(
    case=models_with_effects(),
    intake=st.lists(st.floats(0, 50), min_size=2, max_size=2),
    engagement=st.one_of(st.floats(0, 1), per_lane(st.floats(0, 1))),
    per_family=st.one_of(st.floats(0.1, 3), per_lane(st.floats(0.1, 3))),
    still=presences(2),
    spread=st.booleans(),
    split=st.integers(0, 3),
)
@settings(deadline=None, max_examples=60)
def test_simulate_is_the_walk_joined_mixed_and_weighted(
    case, intake, engagement, per_family, still, spread, split
):
    model, effects = case
    offered, engaged = effects[:split], effects[split:]
    option = some_engage("help", engagement, drawn(engaged, "engaged"), drawn(offered, "offered"))
    activity = simulated(model, [option], still, spread, intake, per_family)
    facts = (still, spread, intake, per_family)
    without = reckoned(model, (), *facts)
    those_offered = reckoned(model, offered, *facts)
    those_engaged = reckoned(model, effects, *facts)
    for row, count in enumerate(activity.counts):
        key = (count.kind, count.state, count.target)
        mixed = (1 - engagement) * those_offered[key] + engagement * those_engaged[key]
        assert_allclose(activity.amounts[row, 0], without[key], rtol=1e-9, atol=1e-11, err_msg=str(count))
        assert_allclose(activity.amounts[row, 1], mixed, rtol=1e-9, atol=1e-11, err_msg=str(count))


def by_calendar(model, effects, joining, still):
    """Time in states and moves by year, each month's families walked for the months that are left."""
    months = len(joining)
    walked = walk(model.states, model.rates, model.values, model.tunnels(), months, effects)
    found = {("months", s, ""): np.zeros((months // 12, LANES)) for s in model.states}
    found |= {("moves", *move): np.zeros((months // 12, LANES)) for move in {r.move for r in model.rates}}
    for joined, families in enumerate(joining):
        for month in range(months - joined):
            year = (joined + month) // 12
            for state in model.states:
                people = walked.present[state].sum(axis=1)
                time = (people[month] * still[month] + people[month + 1] * still[month + 1]) / 2
                found["months", state, ""][year] += families * time
            for move, moved in walked.moved.items():
                found["moves", *move][year] += families * moved[month].sum(axis=0) * still[month]
    return found


@given(
    case=models_with_effects(),
    joining=st.tuples(*[st.lists(st.sampled_from([0.0, 0.0, 3.0, 7.5]), min_size=24, max_size=24)] * 2),
    share=st.one_of(st.floats(0, 1), per_lane(st.floats(0, 1))),
)
@settings(deadline=None, max_examples=20)
def test_groups_with_months_of_their_own_are_walks_laid_on_the_calendar(case, joining, share):
    model, effects = case
    some, others = (np.array(months) for months in joining)
    still = np.linspace(1, 0.4, 25)
    groups = (
        OptionGroup(share, drawn(effects, "e"), some),
        OptionGroup(1 - share, (), some),
        OptionGroup(1.0, (), others),
    )
    activity = simulated(model, [OptionEffects("help", groups)], still, False, [10.0, 0.0], 1.5)
    acting, without, rest = (
        by_calendar(model, *arm, still) for arm in ((effects, some), ((), some), ((), others))
    )
    # where nothing acts it is business as usual, whoever joins when
    acts = np.any([log != 0 for _, log, _ in effects], axis=0)
    for row, count in enumerate(activity.counts):
        key = (count.kind, count.state, count.target)
        if key in acting:
            mixed = 1.5 * (share * acting[key] + (1 - share) * without[key] + rest[key])
            assert_allclose(activity.amounts[row, 1][:, acts], mixed[:, acts], rtol=1e-9, atol=1e-11)


@given(case=models_with_effects(), block=st.integers(1, 2), spread=st.booleans())
@settings(deadline=None, max_examples=25)
def test_blocks_change_not_one_bit(case, block, spread):
    model, effects = case
    option = some_engage("help", np.array([0.2, 0.5, 1.0]), drawn(effects, "e"))
    still = np.linspace(1, 0.3, 25)
    whole = simulated(model, [option], still, spread, [3.0, 2.0], np.array([1.5, 2.0, 2.5]))
    parts = simulated(model, [option], still, spread, [3.0, 2.0], np.array([1.5, 2.0, 2.5]), block)
    assert_array_equal(parts.amounts, whole.amounts)


@given(case=models_with_effects(), nothing=st.lists(st.booleans(), min_size=LANES, max_size=LANES))
@settings(deadline=None, max_examples=40)
def test_no_effect_is_exactly_business_as_usual(case, nothing):
    model, effects = case
    nothing = np.array(nothing)
    effects = [(moves, np.where(nothing, 0.0, log), timing) for moves, log, timing in effects]
    options = [
        OptionEffects("offered", (OptionGroup(1.0, drawn(effects, "o")),)),
        some_engage("engaged", np.array([0.3, 0.6, 0.9]), drawn(effects, "e")),
    ]
    amounts = simulated(model, options, None, False, [10.0, 7.0], 2.0).amounts
    for option in (1, 2):
        assert_array_equal(amounts[:, option, :, nothing], amounts[:, 0, :, nothing])


@given(model=models())
@settings(deadline=None, max_examples=25)
def test_person_months_are_families_times_time(model):
    activity = simulated(model, [], None, False, [4.0, 3.0], 2.0)
    rows = [activity.row(Count("p", "months", state)) for state in model.states]
    expected = np.array([4 * 2 * 12, (4 + 3) * 2 * 12])
    assert_allclose(activity.amounts[rows, 0].sum(axis=0), expected[:, None] * np.ones(LANES), rtol=1e-12)


# --- what studies measure --------------------------------------------------------------------------------


def study(outcome, statistic, window):
    return Effect(
        key="study",
        label="",
        pathway="p",
        moves=(),
        measure="relative_risk",
        outcome=outcome,
        statistic=statistic,
        window=window,
        estimand="offered",
        design="randomised",
        profile="all",
        solved_with="",
        no_effect_group="",
        probability_no_effect=0.0,
    )


def population_of(model, outcome):
    """The first lane of a model as the families of a study."""
    layout = build_layout(model.states, model.rates)
    starts = place_start(layout, [StartShare(s, so_far, f"{s}.{so_far}") for s, so_far, _ in model.start])
    return Population(
        layout=layout,
        starts=starts,
        shares=np.array([share[0] for _, _, share in model.start]),
        rates=np.array([model.values[e.parameter][0] for e in layout.edges]),
        event_rates=np.array([model.values[e.parameter][0] for e in layout.events]),
        outcomes={outcome.name: outcome},
    )


@st.composite
def counted_moves(draw, model):
    moves = sorted({r.move for r in model.rates})
    chosen = draw(st.lists(st.sampled_from(moves), min_size=1, max_size=3, unique=True))
    return {move: draw(st.sampled_from([0.25, 0.6, 1.0])) for move in chosen}


@given(data=st.data(), case=models_with_effects(), months=st.integers(1, 24))
@settings(deadline=None, max_examples=40)
def test_ever_by_month_is_first_passage(data, case, months):
    model, effects = case
    counted = data.draw(counted_moves(model))
    moves, log, timing = effects[0]
    timing = Timing(*(_lanes_of(part, 0) for part in (timing.lag, timing.ramp, timing.lasts, timing.fades)))
    outcome = Outcome("ever", "Ever", None, counted)
    effect = study("ever", "cumulative", (0, months))
    acting = Effect(**{**{f: getattr(effect, f) for f in effect.__slots__}, "moves": moves})
    found = measure_outcome(population_of(model, outcome), effect, [log], [(acting, timing)])

    # each counted move is split in two: a part that ends in `ever`, a part that goes on as before
    rates, values = [], {}
    for r in model.rates:
        share = counted.get(r.move, 0.0)
        first = model.values[r.parameter][0]
        rates += [r, Rate((r.move[0], f"ever{r.move}"), r.from_month, r.to_month, f"ever.{r.parameter}", "")]
        values[r.parameter] = np.full(LANES, first * (1 - share))
        values[f"ever.{r.parameter}"] = np.full(LANES, first * share)
    ever = sorted({r.move[1] for r in rates} - set(model.states))
    start = [(s, so_far, np.full(LANES, share[0])) for s, so_far, share in model.tunnels()]
    both = tuple(moves) + tuple((a, f"ever{(a, b)}") for a, b in moves)
    walked = walk((*model.states, *ever), rates, values, start, months, [(both, log, timing)])
    reached = sum(walked.present[state][-1].sum(axis=0) for state in ever)
    assert_allclose(found, reached, rtol=1e-10, atol=1e-13)


@given(case=models_with_effects(), window=st.tuples(st.integers(0, 12), st.integers(0, 12)).map(sorted))
@settings(deadline=None, max_examples=40)
def test_prevalence_is_the_mean_of_month_ends(case, window):
    model, effects = case
    low, high = window
    moves, log, timing = effects[0]
    timing = Timing(*(_lanes_of(part, 0) for part in (timing.lag, timing.ramp, timing.lasts, timing.fades)))
    outcome = Outcome("there", "There", "a", {})
    effect = study("there", "prevalence", (low, max(high, 1)))
    acting = Effect(**{**{f: getattr(effect, f) for f in effect.__slots__}, "moves": moves})
    found = measure_outcome(population_of(model, outcome), effect, [log], [(acting, timing)])
    values = {key: np.full(LANES, value[0]) for key, value in model.values.items()}
    start = [(s, so_far, np.full(LANES, share[0])) for s, so_far, share in model.tunnels()]
    walked = walk(model.states, model.rates, values, start, max(high, 1), [(moves, log, timing)])
    there = walked.present["a"].sum(axis=1)
    assert_allclose(found, there[low : max(high, 1) + 1].mean(axis=0), rtol=1e-10, atol=1e-13)


# --- traces ----------------------------------------------------------------------------------------------


@st.composite
def transitions(draw, leading):
    states = draw(st.integers(2, 5))
    seed = draw(st.integers(0, 2**32 - 1))
    empty = draw(st.floats(0, 0.9))
    rng = np.random.default_rng(seed)
    raw = rng.random((*leading, states, states)) * (rng.random((states, states)) > empty) + np.eye(states)
    return raw / raw.sum(axis=-1, keepdims=True), rng.dirichlet(np.ones(states), 4)


@given(transition=transitions((4, 6)))
@settings(deadline=None, max_examples=60)
def test_a_trace_is_a_product_of_matrices(transition):
    p, start = transition
    trace = cohort_trace(p, start, 6)
    for draw in range(4):
        now = start[draw]
        for cycle in range(7):
            assert_allclose(trace[draw, cycle], now, rtol=1e-12, atol=1e-14)
            if cycle < 6:
                now = now @ p[draw, cycle]
    assert_allclose(trace.sum(axis=-1), 1, rtol=1e-12)

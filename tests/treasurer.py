"""The rules of agreements over again, as a treasurer would keep them: one draw, one year at a time, exactly.

Written from the terms alone, with plain loops and fractions. Amounts are pence; a ledger is a list of
partners, each a list of years.
"""

from fractions import Fraction
from itertools import accumulate


def exact(number):
    """A stated share or multiple as it is written: 0.1 is a tenth."""
    return Fraction(str(number))


def to_date(ledger):
    return [list(accumulate(years)) for years in ledger]


def in_year(ledger, y):
    return [years[y] for years in ledger]


def in_proportion(total, claims):
    """A total in proportion to the claims above nil; nothing where there are none."""
    rightful = [max(claim, 0) for claim in claims]
    return [Fraction(total) * claim / sum(rightful) if sum(rightful) else Fraction(0) for claim in rightful]


def value(years, factors):
    return sum(Fraction(factor) * amount for factor, amount in zip(factors, years, strict=True))


def cost_of(ledger):
    return [sum(in_year(ledger, y)) for y in range(len(ledger[0]))]


def funded_by(rule, agencies, spending):
    """What each has funded, year by year."""
    if rule.funding is None:
        return [[Fraction(amount) for amount in years] for years in spending]
    return [[exact(rule.funding.get(a, 0)) * cost for cost in cost_of(spending)] for a in agencies]


def pooled(gains, put_in):
    """All gains in the same proportion every year; each its own where nobody has put anything in."""
    if not any(amount > 0 for amount in put_in):
        return to_date(gains)
    by_year = [in_proportion(total, put_in) for total in cost_of(gains)]
    return to_date([[parts[a] for parts in by_year] for a in range(len(gains))])


def by_cost(rule, agencies, spending, gains, factors, plans):
    funded = funded_by(rule, agencies, spending)
    return to_date(funded), pooled(gains, [sum(years) for years in funded]), None


def equal_return(rule, agencies, spending, gains, factors, plans):
    funded = funded_by(rule, agencies, spending)
    return to_date(funded), pooled(gains, [value(years, factors) for years in funded]), None


def by_benefit(rule, agencies, spending, gains, factors, plans):
    expected = [value(years, factors) for years in plans]
    came = [value(years, factors) for years in gains]
    last = len(gains[0]) - 1
    by_year = []
    for y, cost in enumerate(accumulate(cost_of(spending))):
        settles = rule.basis == "realised" and y == last and any(amount > 0 for amount in came)
        by_year.append(in_proportion(cost, came if settles else expected))
    return [[parts[a] for parts in by_year] for a in range(len(gains))], to_date(gains), None


def first_call(rule, agencies, spending, gains, factors, plans):
    funded = to_date(funded_by(rule, agencies, spending))
    in_all = in_year(funded, -1)
    own = to_date(gains)
    received = [[] for _ in agencies]
    for y in range(len(gains[0])):
        put_in, gained = in_year(funded, y), sum(in_year(own, y))
        owed = exact(rule.multiple) * sum(max(amount, 0) for amount in put_in)
        first = max(min(gained, owed), 0)
        repaid = in_proportion(first, put_in)
        borne = in_proportion(first, in_year(own, y))
        for a, agency in enumerate(agencies):
            if rule.then == "own" or (rule.then == "cost" and not any(amount > 0 for amount in in_all)):
                rest = own[a][y] - borne[a]
            elif rule.then == "cost":
                rest = in_proportion(gained - first, in_all)[a]
            else:
                rest = exact(rule.then.get(agency, 0)) * (gained - first)
            received[a].append(repaid[a] + rest)
    return funded, received, None


def collar_and_cap(rule, agencies, spending, gains, factors, plans):
    funded = to_date(funded_by(rule, agencies, spending))
    own, plan = to_date(gains), to_date(plans)
    received = [[] for _ in agencies]
    for y in range(len(gains[0])):
        excess, lack = [], []
        for a in range(len(agencies)):
            most = plan[a][y] + (exact(rule.cap) - 1) * abs(plan[a][y])
            least = plan[a][y] - (1 - exact(rule.collar)) * abs(plan[a][y])
            excess.append(max(own[a][y] - most, 0))
            lack.append(max(least - own[a][y], 0))
        made_up = in_proportion(min(sum(excess), sum(lack)), lack)
        left = max(sum(excess) - sum(lack), 0)
        put_in = in_year(funded, -1)
        shared = in_proportion(left, put_in if any(amount > 0 for amount in put_in) else excess)
        for a in range(len(agencies)):
            received[a].append(own[a][y] - excess[a] + made_up[a] + shared[a])
    return funded, received, None


def reinvestment(rule, agencies, spending, gains, factors, plans):
    would_pay = funded_by(rule, agencies, spending)
    fund, held, from_fund = 0, [], []
    paid, kept = [[] for _ in agencies], [[] for _ in agencies]
    in_all = [0] * len(agencies)
    last = len(gains[0]) - 1
    for y, cost in enumerate(cost_of(spending)):
        used = max(min(fund, cost), 0)
        relief = in_proportion(used, in_year(would_pay, y))
        fund -= used
        for a in range(len(agencies)):
            reinvested = round(exact(rule.share) * max(gains[a][y], 0))
            in_all[a] += reinvested
            fund += reinvested
            paid[a].append(would_pay[a][y] - relief[a])
            kept[a].append(Fraction(gains[a][y] - reinvested))
        if y == last:
            for a, back in enumerate(in_proportion(fund, in_all)):
                kept[a][y] += back
            fund = 0
        held.append(fund)
        from_fund.append(used)
    return to_date(paid), to_date(kept), (list(accumulate(from_fund)), held)


def in_whole_pence(shares, total):
    """Round down, and give what is left a penny at a time to who lost most; of equals to the first."""
    down = [share.numerator // share.denominator for share in shares]
    order = sorted(range(len(shares)), key=lambda a: (down[a] - shares[a], a))
    left = total - sum(down)
    assert 0 <= left < len(shares) or left == 0
    for a in order[:left]:
        down[a] += 1
    return down

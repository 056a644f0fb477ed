"""Nothing of the published tables is lost: counts and sums of the bundled set against theirs.

The figures beside each test are counts and sums of the tables the set was made from: the Unit Cost Database
v1.4 (New Economy, March 2015), the GDP deflators, unit costs of other sources, the evidence and the pathways.
"""

import csv
import math
from collections import Counter, defaultdict

import pytest

from communitybudget._core.errors import DoubleCounting, ParameterError
from communitybudget._core.vocabulary import PROFILES
from communitybudget.ledger import check_double_counting, price_of
from communitybudget.parameters import Uprating, england_folder
from communitybudget.pathways import load_pathway
from communitybudget.simulation import build_layout

NEEDS = ("lower_need", "medium_need", "complex_need")


@pytest.fixture(scope="module")
def database(england):
    return [p for p in england.table("unit_cost") if p.source == "ucd_v1_4"]


@pytest.fixture(scope="module")
def gaps(england):
    parts = defaultdict(list)
    for row in england.table("unit_cost"):
        if row.fields["level"] == "constituent" and row.value_type == "fiscal":
            parts[row.fields["parent"]].append(row.value)
    return {
        code: math.fsum(values) / england[f"unit_cost.{code}"].value - 1 for code, values in parts.items()
    }


@pytest.fixture(scope="module")
def kinds():
    with (england_folder() / "rules" / "hierarchy_notes.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["kind"] for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def book(england):
    found = defaultdict(dict)
    for row in england.table("unit_cost"):
        code = row.fields["code"] or row.key.removeprefix("unit_cost.")
        found[row.value_type][code] = row
    return found


def sheet_of(row):
    return row.source_detail.rpartition("(sheet ")[2].partition(",")[0]


class TestUnitCostDatabase:
    def test_codes_by_sheet(self, database):
        codes = {row.fields["code"]: sheet_of(row) for row in database}
        assert Counter(codes.values()) == {
            "Crime": 185,
            "Education & Skills": 35,
            "Employment & Economy": 75,
            "Fire": 15,
            "Health": 201,
            "Housing": 36,
            "Social Services": 137,
        }
        assert len(codes) == 684

    @pytest.mark.parametrize(
        ("value_type", "count", "total"),
        [
            ("fiscal", 675, 3276349.574941119),
            ("economic", 80, 861336.1166666667),
            ("social", 25, 1142624.0),
        ],
    )
    def test_values(self, database, value_type, count, total):
        values = [row.value for row in database if row.value_type == value_type]
        assert len(values) == count
        assert math.fsum(values) == pytest.approx(total, rel=1e-12)

    @pytest.mark.parametrize(
        ("sheet", "total"),
        [
            ("Crime", 1003302.99),
            ("Education & Skills", 37082.06),
            ("Employment & Economy", 221127.31),
            ("Fire", 205286.05),
            ("Health", 471678.69),
            ("Housing", 29310.02),
            ("Social Services", 1308562.46),
        ],
    )
    def test_fiscal_sums_by_sheet(self, database, sheet, total):
        values = [row.value for row in database if row.value_type == "fiscal" and sheet_of(row) == sheet]
        assert math.fsum(values) == pytest.approx(total, abs=0.01)

    def test_levels(self, database):
        levels = {row.fields["code"]: row.fields["level"] for row in database}
        assert Counter(levels.values()) == {"headline": 91, "subsidiary": 313, "constituent": 280}

    def test_ranges(self, database):
        ranges = {row.fields["code"]: row for row in database if row.low is not None}
        assert len(ranges) == 29
        assert math.fsum(row.low for row in ranges.values()) == pytest.approx(14772)
        assert math.fsum(row.high for row in ranges.values()) == pytest.approx(44948)
        assert {row.interval for row in ranges.values()} == {"range"}

    def test_transfers(self, database):
        transfers = [row for row in database if row.transfer == "yes"]
        assert len(transfers) == 71
        assert math.fsum(row.transfer_value for row in transfers) == pytest.approx(150758.2)
        assert len({row.fields["code"] for row in database if row.transfer == "unknown"}) == 9

    def test_overlaps(self, database):
        codes = {row.fields["code"] for row in database}
        pairs = {
            frozenset((row.fields["code"], other))
            for row in database
            for other in row.fields["overlaps"].split(";")
            if other in codes
        }
        assert len(pairs) == 590
        assert len({code for pair in pairs for code in pair}) == 239

    def test_cautions(self, database):
        assert len({row.fields["code"] for row in database if not row.note}) == 15


class TestHierarchy:
    """Which headlines their constituents add up to, and why the others do not."""

    def test_how_many_reconcile(self, gaps):
        assert len(gaps) == 73
        assert sum(abs(gap) < 0.01 for gap in gaps.values()) == 53

    def test_those_that_do_not_say_why(self, gaps, kinds):
        assert set(kinds) == {code for code, gap in gaps.items() if abs(gap) >= 0.01}
        assert Counter(kinds.values()) == {
            "rounding": 3,
            "adjusted": 4,
            "alternatives": 7,
            "other_basis": 4,
            "does_not_reconcile": 2,
        }

    @pytest.mark.parametrize(
        ("code", "gap"),
        [
            ("CR8.10", 0.0167),
            ("HE2.0", -0.1068),
            ("HO1.0", -0.0243),
            ("HO3.0", -0.4017),
            ("SS1.1", 0.0449),
            ("SS5.0", 2.0473),
            ("SS6.0", -0.4092),
        ],
    )
    def test_by_how_much(self, gaps, code, gap):
        assert gaps[code] == pytest.approx(gap, abs=5e-5)

    def test_three_fit_once_adjusted(self, england):
        value = {p.fields["code"]: p.value for p in england.table("unit_cost") if p.value_type == "fiscal"}
        eviction = math.fsum(value[f"HO1.0.{i}"] for i in range(1, 7)) + value["HO1.0.6"]
        assert eviction == pytest.approx(6679.88, abs=0.005)
        application = math.fsum(v for c, v in value.items() if c.startswith("HO3.0.")) + 3 * value["HO3.0.3"]
        assert application == pytest.approx(2501.30, abs=0.005)
        foster = math.fsum(v for c, v in value.items() if c.startswith("SS1.1.")) - value["SS1.1.5"]
        assert foster == pytest.approx(29580)


class TestOtherUnitCosts:
    def test_counts_and_sum(self, england):
        other = [p for p in england.table("unit_cost") if p.source != "ucd_v1_4"]
        # Five of the children's pathways, the children's home price as a week, and 60 of other
        # sources, of which the wellbeing value stands in calendar prices and brought to a financial year.
        own = {
            "residential_home_week",
            "supported_accommodation_week",
            "youth_custody_mix",
            "court_public_law_case",
            "exclusion_process",
            "ap_place_year",
            "wellby",
        }
        published = [p for p in other if p.key.partition(".")[2] not in own]
        assert len(other) == len(published) + len(own)
        assert len(published) == 60
        assert math.fsum(p.value for p in published) == pytest.approx(9_207_583)

    def test_a_calendar_year_is_no_financial_year(self, england):
        # HM Treasury 2021: 13,000 a life-satisfaction point at 2019 prices; calendar deflators
        # 2019 and 2020 of the December 2025 release.
        assert not england["unit_cost.wellby_2019_calendar"].is_money
        with (england_folder() / "indices" / "gdp_deflators.csv").open(encoding="utf-8") as file:
            level = {r["year"]: float(r["index"]) for r in csv.DictReader(file) if r["year"].startswith("CY")}
        factor = (0.75 * level["CY2019"] + 0.25 * level["CY2020"]) / level["CY2019"]
        assert england["unit_cost.wellby[social]"].value == pytest.approx(13_000 * factor, abs=0.01)


class TestEvidence:
    TABLES = ("prevalence", "flow", "finding", "amount", "benchmark")

    def test_every_row_is_there(self, england):
        rows = [p for table in self.TABLES for p in england.table(table) if p.fields.get("quantity")]
        # two benchmarks are of the unit costs and no rows of the evidence
        named = [
            p for p in rows if p.key not in ("benchmark.family_year_most_complex", "benchmark.tf_oldham_case")
        ]
        assert len(named) == 225
        assert Counter(p.fields["quantity"] for p in named) == {
            "probability": 66,
            "effect": 8,
            "cost": 93,
            "count": 35,
            "duration": 19,
            "rate": 4,
        }

    @pytest.mark.parametrize(
        ("quantity", "total"),
        [
            # less the middle of ranges (0.144), added here where only limits were published
            ("probability", 15.14225 + 0.144),
            ("rate", 13.0965),
            ("count", 8858199.0),
            ("duration", 260.461),
        ],
    )
    def test_sums(self, england, quantity, total):
        rows = [
            p for table in self.TABLES for p in england.table(table) if p.fields.get("quantity") == quantity
        ]
        assert math.fsum(p.value for p in rows) == pytest.approx(total, rel=1e-9)

    def test_pounds_without_a_price_base_are_no_money(self, england):
        pounds = [p for table in self.TABLES for p in england.table(table) if p.unit.startswith("pounds")]
        assert len(pounds) > 80
        assert [p.id for p in pounds if p.is_money or p.price_base] == []

    @pytest.mark.parametrize(
        ("key", "value"),
        [
            # MHCLG 2019; NatCen; British Journal of Social Work bcae035; Jay et al., IJPDS 2454
            ("prevalence.tfp2_lac_cmp", 0.025),
            ("prevalence.tfp2_lac_trt", 0.017),
            ("finding.tfp2_lac_rr", 0.68),
            ("finding.tfp1_null", 0.0),
            ("prevalence.fip_asb_before", 0.61),
            ("prevalence.fgc_lac_trt", 0.362),
            ("prevalence.cum18_cpp", 0.069),
            # Telegraph & Argus 10639971; Public Finance, 10 May 2013
            ("amount.bradford_total3", 11_768_064),
            ("amount.hounslow_late", 64_000),
        ],
    )
    def test_some_by_name(self, england, key, value):
        assert england[key].value == value

    def test_a_range_says_that_its_middle_is_ours(self, england):
        row = england["amount.lga_wpcb"]
        assert (row.low, row.high) == (9.4e9, 20.6e9)
        assert "the middle is ours" in row.note

    def test_what_was_recalled_says_how_surely(self, england):
        rows = [p for t in self.TABLES for p in england.table(t) if p.mark == "recalled"]
        assert len(rows) == 4
        assert [p.key for p in rows if "confidence" not in p.note] == []


class TestFamilies:
    def test_counts_and_sums(self, england):
        needs = [p for p in england.table("prevalence") if p.key.startswith("prevalence.need.")]
        assert len(needs) == 33
        assert math.fsum(p.value for p in needs) == pytest.approx(13.79)
        delivery = england.table("delivery")
        assert len(delivery) == 13
        assert math.fsum(p.value for p in delivery) == pytest.approx(50131.45)
        mix = [p.value for p in england.table("cohort") if p.key.endswith("share_of_families")]
        assert math.fsum(mix) == pytest.approx(1)

    def test_the_published_needs_at_entry(self, england):
        # Understanding Troubled Families (DCLG, July 2014): 8,447 families in 133 authorities.
        published = {
            "mental_health_concern": 0.46,
            "physical_or_any_health_problem": 0.71,
            "safe_from_domestic_abuse": 0.29,
            "children_safe_from_abuse_and_exploitation": 0.35,
            "secure_housing": 0.22,
        }
        for need, share in published.items():
            row = england[f"prevalence.need.medium_need.{need}"]
            assert (row.value, row.mark) == (share, "verified")


class TestRules:
    def test_deflators(self):
        with (england_folder() / "indices" / "gdp_deflators.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        found = defaultdict(list)
        for row in rows:
            found[row["vintage"]].append(float(row["index"]))
        assert {name: (len(v), round(math.fsum(v), 4)) for name, v in found.items()} == {
            "hmt_2015_03_budget": (31, 4848.7042),
            "hmt_2025_12_calendar": (35, 2315.188),
            "derived_2025_12_financial": (34, 2294.0065),
            "hmt_2026_03_point": (1, 85.1),
        }

    def test_optimism_bias(self, england):
        # Recalled, unconfirmed: grade 1 best to 6 worst.
        for side in ("benefits", "costs"):
            values = [england[f"optimism_bias.{side}.grade_{grade}"].value for grade in range(1, 7)]
            assert values == [0, 0.05, 0.10, 0.15, 0.25, 0.40]
        assert {p.mark for p in england.table("optimism_bias")} == {"recalled"}


class TestRates:
    """Rates, brought back to the monthly probabilities they were given as, sum to what was given."""

    @pytest.mark.parametrize(
        ("name", "profiles", "total"),
        [
            ("adult_justice", NEEDS, 0.2929),
            ("work", ("all",), 0.68927),
            ("housing", NEEDS, 0.44354),
            ("mental_health", NEEDS, 0.85804),
            ("drugs_alcohol", NEEDS, 0.25179),
            ("antisocial_behaviour", NEEDS, 0.33452),
            ("school", ("general", "medium_need"), 0.25705851),
            ("domestic_abuse", ("general", "medium_need"), 0.34526644),
        ],
    )
    def test_as_monthly_probabilities(self, england, name, profiles, total):
        pathway = load_pathway(england, name)
        found, seen = 0.0, set()
        for profile in profiles:
            rates = pathway.rates_of("medium_need" if profile == "all" else profile)
            for rate in rates:
                if rate.parameter in seen:
                    continue
                seen.add(rate.parameter)
                hazards = [
                    england.parameters[other.parameter].value
                    for other in rates
                    if other.move[0] == rate.move[0]
                    and other.from_month <= rate.from_month
                    and (other.to_month or 10**6) >= (rate.to_month or 10**6)
                ]
                leaving = math.fsum(hazards)
                own = england.parameters[rate.parameter].value
                found += own / leaving * (1 - math.exp(-leaving))
        assert found == pytest.approx(total, rel=2e-5)

    @pytest.mark.parametrize("profile", PROFILES)
    def test_rows_of_the_matrix_sum_to_one(self, england, profile):
        for name in england.structures:
            pathway = load_pathway(england, name)
            layout = build_layout(pathway.state_names, pathway.rates_of(profile))
            assert {edge.parameter for edge in layout.edges} <= set(england.parameters)


class TestActivity:
    """Rows and quantities of the pathways, against the tables they were made from."""

    @pytest.mark.parametrize(
        ("name", "rows", "total"),
        [
            ("adult_justice", 23, 6.83499),
            ("mental_health", 4, 0.33726),
            ("drugs_alcohol", 4, 0.225),
            ("antisocial_behaviour", 8, 5.9),
            ("school", 17, 7.502575),
            # less a row of nil that only says that there is no entry cost
            ("domestic_abuse", 21, 0.9835),
            # temporary accommodation: 4.345 weeks a month there, 365.25 / 7 / 12 here
            ("housing", 13, 13.895 - 4.345 + 365.25 / 7 / 12),
        ],
    )
    def test_quantities(self, england, name, rows, total):
        found = [p for p in england.table("activity") if p.fields["pathway"] == name]
        assert len(found) == rows
        assert math.fsum(p.value for p in found) == pytest.approx(total, abs=5e-5)


class TestDoubleCounting:
    """Every headline with each of its constituents, and every declared overlap, is refused."""

    def test_every_headline_with_its_own_constituent(self, england, book):
        pairs = [
            (row, rows[row.fields["parent"]])
            for rows in book.values()
            for row in rows.values()
            if row.fields["level"] == "constituent" and row.fields["parent"] in rows
        ]
        assert sum(part.value_type == "fiscal" for part, _ in pairs) == 280
        for part, whole in pairs:
            with pytest.raises(DoubleCounting, match="is a constituent of"):
                check_double_counting(england, [part.id, whole.id])

    def test_every_declared_overlap(self, england, book):
        pairs = {
            frozenset((rows[code].id, rows[other].id))
            for rows in book.values()
            for code in rows
            for other in rows[code].fields["overlaps"].split(";")
            if other in rows
        }
        assert len(pairs) > 590
        for pair in pairs:
            with pytest.raises(DoubleCounting, match=r"overlaps with|is a constituent of"):
                check_double_counting(england, sorted(pair))

    @pytest.mark.parametrize("code", ["HE2.0", "HO1.0", "HO3.0"])
    def test_a_headline_that_does_not_add_up_is_not_split(self, england, code):
        with pytest.raises(ParameterError, match="its constituents sum to"):
            price_of(england, f"unit_cost.{code}", "fiscal", "multiple", "2026-27", Uprating(england.index()))

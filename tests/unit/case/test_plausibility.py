"""Business as usual beside published figures."""

import pytest

from communitybudget.case import Case, appraise
from tests_builders import small_case

REFERENCE = 26_000  # CYP Now, 12 March 2015, on DCLG (2015): seven areas, 2013-14 prices


@pytest.fixture(scope="module")
def result():
    return appraise(
        Case.from_dict(
            {
                "title": "Plausible",
                "place": "Anywhere",
                "start": "2026-27",
                "years": 3,
                "price_base": "2026-27",
                "discounting": "green_book_2022",
                "parameters": "england",
                "cohort": {"families": 10, "profiles": {"medium_need": 0.75, "complex_need": 0.25}},
                "pathways": ["work", "housing"],
                "options": [
                    {
                        "name": "worker",
                        "label": "Worker",
                        "delivery": [
                            {
                                "agency": "local_authority",
                                "item": "worker",
                                "per_family": 1000,
                                "price_base": "2026-27",
                                "source": "test",
                            }
                        ],
                        "effects": [{"effect": "key_worker_homelessness"}],
                    }
                ],
            }
        ),
        draws=60,
        seed=2,
    )


class TestFrame:
    def test_agencies_sum_to_all(self, result):
        frame = result.plausibility()
        agencies, every = frame.iloc[:-1], frame.iloc[-1]
        assert every["agency"] == "All agencies"
        for column in ("first_year", "share", "transfers_first_year", "mean_year"):
            assert agencies[column].sum() == pytest.approx(every[column])
        assert every["share"] == pytest.approx(1)

    def test_the_same_by_hand(self, result):
        ledger = result.ledger
        by_hand = {}
        for line, spent in zip(ledger.lines, ledger.spending, strict=True):
            if line.value_type == "fiscal":
                by_hand[line.agency] = by_hand.get(line.agency, 0.0) + spent[0].mean() / 10
        frame = result.plausibility()
        assert sorted(frame["first_year"].iloc[:-1]) == pytest.approx(
            sorted(v for v in by_hand.values() if v)
        )

    def test_transfers_are_part_of_spending(self, result):
        frame = result.plausibility()
        assert (frame["transfers_first_year"] <= frame["first_year"] + 1e-9).all()
        benefits = frame.set_index("agency").loc["Department for Work and Pensions"]
        assert benefits["transfers_first_year"] > 0.9 * benefits["first_year"]


class TestNotes:
    def test_the_published_average_is_uprated_and_compared(self, result):
        notes = " ".join(result.plausibility_notes())
        index = result.model.index
        now = REFERENCE * index.factor("2013-14", "2026-27")
        first = result.plausibility().iloc[-1]["first_year"]
        assert f"£{REFERENCE:,} at 2013-14 prices, £{now:,.0f}" in notes
        assert f"{first / now:.0%} of it" in notes

    def test_what_does_not_run_is_named(self, result):
        (idle,) = (note for note in result.plausibility_notes() if note.startswith("Not run"))
        assert "child safety" in idle
        assert "housing" not in idle

    def test_the_mix_of_need_is_said(self, result):
        assert any("75% medium need, 25% complex need" in note for note in result.plausibility_notes())

    def test_shares_of_the_published_splits(self, result):
        shares = {}
        for part in result.agency_shares:
            shares.setdefault(part.split, {})[part.agency] = part.share
        # EIF 2016 by way of Public Finance, 17 November 2016: 6.4, 3.7 and 2.7 of 16.6 billion
        late = shares["Late intervention, England and Wales, 2016"]
        assert late == pytest.approx(
            {"local_authority": 6.4 / 16.6, "nhs": 3.7 / 16.6, "dwp": 2.7 / 16.6}, abs=1e-6
        )
        # Telegraph & Argus 10639971
        assert sum(shares["Costs avoided, Bradford, 2013"].values()) == pytest.approx(0.99)


def test_groups_of_effects_say_their_marks(result):
    groups = {column.group for column in result.inputs}
    assert "effects of key_worker_assumed (assumption)" in groups


def test_effects_without_a_study_are_said(result):
    (caution,) = (text for text in result.cautions if "No study stands behind" in text)
    assert "Worker" in caution


def test_a_few_families_counted_one_by_one_are_not_told(tmp_path):
    rows = [f"f{i},medium_need,1,7" for i in range(9)] + ["g1,complex_need,1,7"]
    text = "\n".join(["family,profile,adults,child_ages", *rows])
    (tmp_path / "families.csv").write_text(text, encoding="utf-8")
    case = small_case() | {"cohort": {"file": "families.csv"}}
    notes = appraise(Case.from_dict(case, tmp_path), draws=10, seed=1).plausibility_notes()
    assert any("90% medium need, a few complex need" in note for note in notes)

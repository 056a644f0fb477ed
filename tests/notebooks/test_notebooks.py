"""Every notebook: stored without output, and run from top to bottom."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))

# the notebook client and its transport warn about themselves, not about us
pytestmark = pytest.mark.filterwarnings("default")


def read(path):
    return nbformat.read(path, as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """Notebooks after a run in a folder of their own, each run once."""
    done = {}

    def run(path):
        if path not in done:
            notebook = read(path)
            where = str(tmp_path_factory.mktemp("notebook"))
            client = NotebookClient(
                notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": where}}
            )
            done[path] = client.execute()
        return done[path]

    return run


def outputs(notebook):
    """Everything that the cells of a run notebook show, by kind."""
    return [output for cell in code_cells(notebook) for output in cell.outputs]


def shown(notebook, kind="text/plain"):
    return [o.data[kind] for o in outputs(notebook) if "data" in o and kind in o.data]


def test_there_are_notebooks():
    assert [path.name for path in NOTEBOOKS][:1] == ["01_first_business_case.ipynb"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
class TestStored:
    def test_is_stored_without_output(self, path):
        assert [c.source for c in code_cells(read(path)) if c.outputs or c.execution_count is not None] == []

    def test_is_a_valid_notebook(self, path):
        nbformat.validate(read(path))

    def test_is_stored_without_traces_of_a_machine(self, path):
        text = path.read_text(encoding="utf-8")
        assert [word for word in ("/home/", "/tmp/", "/work/", "C:\\\\Users") if word in text] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_runs_from_top_to_bottom(executed, path):
    assert [o for o in outputs(executed(path)) if o.output_type == "error" or o.get("name") == "stderr"] == []


class TestFirstBusinessCase:
    @pytest.fixture
    def notebook(self, executed):
        return executed(NOTEBOOKS[0])

    def test_the_local_figure_is_brought_to_the_price_base(self, notebook):
        printed = "".join(o.text for o in outputs(notebook) if o.output_type == "stream")
        assert "£6,120 at 2025-26 prices is £4,4" in printed

    def test_the_card_says_what_it_is(self, notebook):
        card = next(html for html in shown(notebook, "text/html") if "chance of paying for itself" in html)
        assert "2013-14 prices" in card
        assert "2,000 draws" in card
        assert "with 1 local figure" in card

    def test_the_charts_are_drawn(self, notebook):
        assert sum("<img" in html for html in shown(notebook, "text/html")) == 2

    def test_the_override_is_among_the_assumptions(self, notebook):
        frames = shown(notebook, "text/html")
        assert any("2025-26 outturn" in frame and "residential_home_week" in frame for frame in frames)

    def test_the_report_is_whole(self, notebook):
        names = shown(notebook)[-1]
        for name in (
            "report.html",
            "ledger.csv",
            "summary.csv",
            "assumptions.csv",
            "manifest.json",
            "charts",
        ):
            assert name in names


class TestTheEvidence:
    @pytest.fixture
    def notebook(self, executed):
        return executed(FOLDER / "02_the_evidence.ipynb")

    def test_the_table_shows_the_caution(self, notebook):
        table = next(html for html in shown(notebook, "text/html") if "read the caution first" in html)
        assert "unit_cost.SS2.0.1" in table
        assert "Outside London" in table

    def test_it_says_where_the_figure_comes_from(self, notebook):
        printed = "".join(o.text for o in outputs(notebook) if o.output_type == "stream")
        assert "£700 at 2013-14 prices, verified" in printed
        assert "Unit Costs of Health and Social Care 2014" in printed
        assert "parts add up: 701" in printed

    def test_the_answer_moves(self, notebook):
        card = next(
            html for html in shown(notebook, "text/html") if "carer payments" in html and "Net" in html
        )
        assert "england 0.5.0 with 1 local figure" in card

    def test_published_figures_are_run(self, notebook):
        printed = "".join(o.text for o in outputs(notebook) if o.output_type == "stream")
        assert "Ever on a protection plan by age 18" in printed
        assert "not_fitted" in printed

    def test_the_charts_are_drawn(self, notebook):
        assert sum("<img" in html for html in shown(notebook, "text/html")) == 2


class TestTheMoney:
    @pytest.fixture
    def notebook(self, executed):
        return executed(FOLDER / "03_money.ipynb")

    def test_the_table_to_sign_is_shown(self, notebook):
        frames = shown(notebook, "text/html")
        assert any("Net cash, cumulative" in f and "Head of fostering" in f for f in frames)

    def test_a_claim_above_what_is_spent_is_cut(self, notebook):
        printed = "".join(o.text for o in outputs(notebook) if o.output_type == "stream")
        assert "GROSS: no counterfactual" in printed
        assert "not deliverable" in printed

    def test_both_ways_stand_side_by_side(self, notebook):
        printed = "".join(o.text for o in outputs(notebook) if o.output_type == "stream")
        assert "A chain is static" in printed
        assert "takes 100.0 people to 11.25 net outcomes" in printed

    def test_the_team_is_built_up(self, notebook):
        """60 hours at 30,000 / 1,600 = 18.75: 1,125 of pay, 337.50 on-costs."""
        assert any("1125.0" in f and "337.5" in f for f in shown(notebook, "text/html"))

    def test_the_ladder_is_drawn(self, notebook):
        assert sum("<img" in html or "image/png" in html for html in shown(notebook, "text/html")) >= 1


class TestPathways:
    @pytest.fixture
    def notebook(self, executed):
        return executed(FOLDER / "04_pathways.ipynb")

    def test_published_durations_come_out(self, notebook):
        frames = shown(notebook)
        assert all(left in frames[0] for left in ("0.841", "0.731", "0.296", "0.044"))

    def test_costs_stand_by_agency(self, notebook):
        frame = next(f for f in shown(notebook) if "conference" in f)
        assert all(agency in frame for agency in ("local_authority", "legal_aid", "courts", "cafcass"))

    def test_conventions_are_printed_and_matter(self, notebook):
        printed = "".join(o.text for o in outputs(notebook) if o.output_type == "stream")
        assert "Counting: life table" in printed
        assert "Discounting: per financial year" in printed
        first, second = (line.split("£")[1] for line in printed.splitlines() if "People counted" in line)
        assert first != second

    def test_families_wait_and_lose_by_it(self, notebook):
        """Sixty a year and forty places held for a year: the last of 180 waits sixteen months."""
        waiting = next(html for html in shown(notebook, "text/html") if "longest_wait_months" in html)
        assert "16.0" in waiting
        printed = "".join(o.text for o in outputs(notebook) if o.output_type == "stream")
        lost = float(printed.split("Lost by waiting: ")[1].split("%")[0])
        assert 5 < lost < 30

    def test_stock_and_intake_add_up(self, notebook):
        printed = "".join(o.text for o in outputs(notebook) if o.output_type == "stream")
        assert float(printed.split("the whole and its parts: ")[1].split()[0]) < 1e-12

    def test_chance_is_most_for_sixty_families_and_little_for_six_thousand(self, notebook):
        rows = next(f for f in shown(notebook) if f.lstrip().startswith("chance_share")).splitlines()[2:]
        share = {int(row.split()[0]): float(row.split()[1]) for row in rows}
        assert share[60] > 0.7 > share[600] > 0.2 > share[6_000]

    def test_the_charts_are_drawn(self, notebook):
        assert sum("<img" in html for html in shown(notebook, "text/html")) == 5


class TestHowSureAreWe:
    @pytest.fixture
    def notebook(self, executed):
        return executed(FOLDER / "05_how_sure_are_we.ipynb")

    def test_the_draws_are_enough_for_the_decision(self, notebook):
        printed = "".join(o.text for o in outputs(notebook) if o.output_type == "stream")
        assert "Settled after 1,000 draws" in printed
        assert "Early help is best on average" in printed

    def test_what_is_worth_finding_out_is_said_in_words(self, notebook):
        printed = "".join(o.text for o in outputs(notebook) if o.output_type == "stream")
        assert "Data from Local authority could be worth up to" in printed
        assert "families is worth most" in printed
        assert "What was seen agrees with what was assumed" in printed

    def test_the_charts_are_drawn(self, notebook):
        assert sum("<img" in html for html in shown(notebook, "text/html")) == 11

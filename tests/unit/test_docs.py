"""The documentation is true: its examples run, its links lead somewhere, and it names everything."""

import csv
import doctest
import re
import tomllib
import types
from pathlib import Path
from typing import Union, get_args, get_origin

import pytest
import yaml
from pydantic import BaseModel

from communitybudget import __version__
from communitybudget._core.strict_yaml import parse_strict
from communitybudget._core.vocabulary import agency_label
from communitybudget.case import ASSUMPTION_COLUMNS, SUMMARY_COLUMNS, Case, CaseSpec
from communitybudget.case.agreement import AGREEMENT_COLUMNS, AGREEMENT_YEAR_COLUMNS, POOLED_FUND_COLUMNS
from communitybudget.ledger import LEDGER_COLUMNS
from communitybudget.parameters import england_folder
from communitybudget.reporting.figures import CHARTS
from communitybudget.sensitivity.deciding import DECISION_COLUMNS
from communitybudget.sensitivity.information_by_holder import HOLDER_COLUMNS
from communitybudget.sensitivity.information_value import InformationRow
from communitybudget.sensitivity.one_way import ONE_WAY_COLUMNS

ROOT = Path(__file__).resolve().parents[2]
PATHWAYS = sorted(path.parent.name for path in england_folder().glob("pathways/*/pathway.yaml"))
PAGES = sorted((ROOT / "docs").rglob("*.md"))
LINKED = [*PAGES, *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md"))]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def blocks(page, language):
    """Fenced blocks of a page in one language: line number and text."""
    text = page.read_text(encoding="utf-8")
    return [
        (text.count("\n", 0, found.start()) + 1, found[2])
        for found in BLOCK.finditer(text)
        if found[1] == language
    ]


def option_flags():
    """Flags of the doctests in the modules; NUMBER belongs to pytest alone, so pages round instead."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    names = config["tool"]["pytest"]["ini_options"]["doctest_optionflags"].split()
    flags = 0
    for name in names:
        flags |= getattr(doctest, name, 0)
    return flags


class TestExamples:
    @pytest.mark.parametrize("page", [p for p in PAGES if blocks(p, "python")], ids=name_of)
    def test_python_runs(self, page):
        """All blocks of a page in one go: prompts as a doctest, others as they are."""
        scope = {"__name__": "__main__"}
        report = []
        for line, text in blocks(page, "python"):
            if ">>>" not in text:
                exec(compile(text, f"{page}:{line}", "exec"), scope)
                continue
            test = doctest.DocTestParser().get_doctest(text, scope, name_of(page), str(page), line)
            doctest.DocTestRunner(optionflags=option_flags()).run(test, out=report.append, clear_globs=False)
            scope.update(test.globs)
        assert not report, "".join(report)

    def test_every_method_has_its_four_parts(self):
        missing = []
        for page in sorted((ROOT / "docs" / "methods").glob("*.md")):
            text = page.read_text(encoding="utf-8").lower()
            missing += [
                (page.name, word) for word in ("formula", "convention", "reference") if word not in text
            ]
            missing += [] if ">>>" in text else [(page.name, "check")]
        missing = [item for item in missing if item != ("effects.md", "convention")]
        assert missing == []

    @pytest.mark.parametrize(
        ("page", "line", "text"),
        [(page, line, text) for page in PAGES for line, text in blocks(page, "yaml")],
        ids=lambda value: name_of(value) if isinstance(value, Path) else str(value)[:20],
    )
    def test_yaml_is_a_case_or_part_of_one(self, page, line, text):
        read = parse_strict(text, page.name)
        part = read.data
        assert not read.faults
        assert set(part) <= set(CaseSpec.model_fields), f"{page}:{line}"
        whole = parse_strict(blocks(ROOT / "docs" / "case-file.md", "yaml")[0][1], "whole").data
        Case.from_dict({**whole, **part})


class TestLinks:
    @pytest.mark.parametrize("page", LINKED, ids=name_of)
    def test_relative_links_lead_somewhere(self, page):
        text = BLOCK.sub("", page.read_text(encoding="utf-8"))
        broken = []
        for target in LINK.findall(text):
            if re.match(r"[a-z]+:", target):
                continue
            path, _, anchor = target.partition("#")
            file = (page.parent / path).resolve() if path else page
            lost = bool(anchor) and file.suffix == ".md" and file.exists() and anchor not in anchors(file)
            if lost or not file.exists():
                broken.append(target)
        assert broken == []

    def test_the_index_reaches_every_page(self):
        reached = set()
        waiting = [ROOT / "docs" / "index.md"]
        while waiting:
            page = waiting.pop()
            if page in reached:
                continue
            reached.add(page)
            text = page.read_text(encoding="utf-8")
            found = [
                (page.parent / t.partition("#")[0]).resolve() for t in LINK.findall(text) if ":" not in t
            ]
            waiting += [path for path in found if path.suffix == ".md" and path.is_file()]
        # the page on speed is linked from the README
        assert [name_of(p) for p in PAGES if p not in reached and p.name != "performance.md"] == []


def anchors(page):
    """Anchors of the headings of a page, as a forge makes them."""
    headings = re.findall(r"^#+ (.+)$", BLOCK.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def models_in(annotation):
    """Models named in a type, however deep."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return {annotation}
    if get_origin(annotation) in (Union, types.UnionType, tuple, list, dict) or get_args(annotation):
        return {model for part in get_args(annotation) for model in models_in(part)}
    return set()


def keys_of(model, done=None):
    """Keys of a part of the case file and of the parts below it."""
    done = set() if done is None else done
    if model in done:
        return set()
    done.add(model)
    keys = set()
    for key, field in model.model_fields.items():
        keys.add(field.alias or key)
        for inner in models_in(field.annotation):
            keys |= keys_of(inner, done)
    return keys


class TestReference:
    def mentioned(self, name):
        text = (ROOT / "docs" / name).read_text(encoding="utf-8")
        return set(re.findall(r"`([^`\n]+)`", text))

    def test_keys_are_gathered_from_every_part(self):
        assert {"title", "from", "per_family", "hazard_ratio", "unit_cost", "codes"} <= keys_of(CaseSpec)

    def test_every_key_of_a_case_is_explained(self):
        assert sorted(keys_of(CaseSpec) - self.mentioned("case-file.md")) == []

    def test_every_default_is_as_stated(self):
        """Defaults of plain keys; where several tables name a key, one of them has to agree."""
        text = (ROOT / "docs" / "case-file.md").read_text(encoding="utf-8")
        wrong = []
        for model in (CaseSpec, *models_in(CaseSpec.model_fields["options"].annotation)):
            for key, field in model.model_fields.items():
                rows = re.findall(rf"^\| `{field.alias or key}` \|[^|]*\|([^|]*)\|", text, re.MULTILINE)
                needed = {"required" in row or "one of" in row for row in rows}
                if rows and field.is_required() not in needed:
                    wrong.append((key, rows[0].strip()))
        assert wrong == []

    def test_every_column_is_explained(self):
        columns = {*LEDGER_COLUMNS, *SUMMARY_COLUMNS, *ASSUMPTION_COLUMNS, *DECISION_COLUMNS}
        columns |= {*ONE_WAY_COLUMNS, *HOLDER_COLUMNS, *InformationRow.__dataclass_fields__}
        assert sorted(columns - self.mentioned("report.md")) == []

    def test_every_column_of_an_agreement_is_explained(self):
        columns = {*AGREEMENT_COLUMNS, *AGREEMENT_YEAR_COLUMNS, *POOLED_FUND_COLUMNS}
        assert sorted(columns - self.mentioned("report.md")) == []

    def test_every_measure_is_explained(self, hounslow_result):
        measures = set(hounslow_result.to_frame()["measure"])
        named = {re.sub(r"_\d{4}-\d{2}$", "_YEAR", measure) for measure in measures}
        assert sorted(named - self.mentioned("report.md")) == []

    def test_every_chart_is_named(self):
        assert sorted(set(CHARTS) - self.mentioned("report.md")) == []


class TestPathwayPages:
    """The tables of rates and starts on the pages are those of the set."""

    @staticmethod
    def rows(pathway, table):
        path = england_folder() / "pathways" / pathway / table
        with path.open(encoding="utf-8", newline="") as handle:
            return list(csv.DictReader(handle))

    @staticmethod
    def table(pathway, first_heading):
        """Rows of the table on the page that begins with a heading."""
        text = (ROOT / "docs" / "pathways" / f"{pathway}.md").read_text(encoding="utf-8")
        lines = text[text.index(f"| {first_heading} |") :].split("\n\n")[0].splitlines()
        cells = [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines]
        return cells[0], cells[2:]

    @staticmethod
    def band(row):
        first, last = row["from_month"] or "0", row["to_month"]
        if not last:
            return "all" if first == "0" else f"{first} on"
        return f"{first} to {last}"

    @pytest.mark.parametrize("pathway", PATHWAYS)
    def test_rates(self, pathway):
        heading, shown = self.table(pathway, "move | months in the state")
        profiles = heading[2:-1]
        wanted = {}
        for row in self.rows(pathway, "transitions.csv"):
            key = (f"{row['from']} -> {row['to']}", self.band(row))
            served = profiles if row["profile"] == "all" else [row["profile"]]
            wanted.setdefault(key, {}).update(dict.fromkeys(served, f"{float(row['value']):.3g}"))
        assert {(move, band): cells[: len(profiles)] for move, band, *cells in shown} == {
            key: [by[profile] for profile in profiles] for key, by in wanted.items()
        }

    @pytest.mark.parametrize("pathway", PATHWAYS)
    def test_start_mix(self, pathway):
        heading, shown = self.table(pathway, "state | months there so far")
        profiles = heading[2:]
        wanted = {}
        for row in self.rows(pathway, "start_mix.csv"):
            if row["profile"] in profiles:
                key = (row["state"], row["months_so_far"])
                wanted.setdefault(key, {})[row["profile"]] = f"{float(row['value']):.3g}"
        assert {(state, months): cells for state, months, *cells in shown} == {
            key: [by.get(profile, "–") for profile in profiles] for key, by in wanted.items()
        }

    @pytest.mark.parametrize("pathway", PATHWAYS)
    def test_every_state_is_named(self, pathway):
        form = yaml.safe_load((england_folder() / "pathways" / pathway / "pathway.yaml").read_text("utf-8"))
        text = (ROOT / "docs" / "pathways" / f"{pathway}.md").read_text(encoding="utf-8")
        assert [state["name"] for state in form["states"] if f"| `{state['name']}` |" not in text] == []

    @pytest.mark.parametrize("pathway", PATHWAYS)
    def test_who_records_it(self, pathway):
        form = yaml.safe_load((england_folder() / "pathways" / pathway / "pathway.yaml").read_text("utf-8"))
        text = (ROOT / "docs" / "pathways" / f"{pathway}.md").read_text(encoding="utf-8")
        assert f"\nRecorded by: {agency_label(form['recorded_by'])}. " in text

    def test_the_limits_count_the_marks_as_they_are(self):
        marks = [row["mark"] for pathway in PATHWAYS for row in self.rows(pathway, "transitions.csv")]
        derived, assumed = marks.count("derived"), marks.count("assumption")
        second_hand = marks.count("second_hand")
        text = " ".join((ROOT / "docs" / "limits.md").read_text(encoding="utf-8").split())
        assert (
            f"Of {len(marks)} rates in the set none is verified as it stands: {derived} are derived" in text
        )
        assert f"and {assumed} assumptions" in text
        assert f"with {second_hand} second-hand" in text
        assert derived + assumed + second_hand == len(marks)


class TestProject:
    def test_the_citation_is_valid(self):
        citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
        assert citation["cff-version"] == "1.2.0"
        assert citation["version"] == __version__
        assert {"message", "title", "authors"} <= set(citation)
        for work in (citation, *citation["references"]):
            assert work["type"] in ("software", "dataset", "database")
            assert work["title"]
            assert all(set(author) & {"name", "family-names"} for author in work["authors"])

    def test_the_change_log_begins_with_figures_changed(self):
        text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
        newest = text.split("\n## ")[1]
        assert newest.startswith(__version__)
        order = ["Figures changed", "Breaking", "Deprecated", "Added", "Fixed"]
        assert re.findall(r"^### (.+)$", newest, re.MULTILINE) == order

    def test_the_hooks_fetch_nothing(self):
        hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
        assert [repository["repo"] for repository in hooks["repos"]] == ["local"]
        assert all(hook["language"] == "system" for hook in hooks["repos"][0]["hooks"])

    def test_the_map_names_every_room(self):
        rooms = {path.parent.name for path in (ROOT / "src" / "communitybudget").glob("*/__init__.py")}
        text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
        assert sorted(room for room in rooms if f"| `{room}` |" not in text) == []

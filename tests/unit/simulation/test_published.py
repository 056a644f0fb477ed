"""Published figures as data: how they are read, what they print, and what is refused."""

import json
import math
from dataclasses import replace

import matplotlib.axes
import pandas as pd
import pytest

from communitybudget._core.errors import PathwayError, TransitionError
from communitybudget.parameters import ParameterSet
from communitybudget.pathways import load_pathway
from communitybudget.simulation import CheckedFigure, PublishedChecks, published_checks
from communitybudget.simulation.published import CHECK_COLUMNS, MEASURES, ROLES


@pytest.fixture(scope="module")
def work(england):
    return published_checks(england, "work")


def with_check(england, key, **columns):
    """The set with some cells of one check changed."""
    row = england[key]
    own = {k: v for k, v in columns.items() if k in row.fields}
    rest = {k: v for k, v in columns.items() if k not in row.fields}
    changed = replace(row, fields={**row.fields, **own}, **rest)
    return replace(england, parameters={**england.parameters, row.id: changed})


class TestResult:
    def test_the_frame(self, work):
        frame = work.to_frame()
        assert tuple(frame.columns) == CHECK_COLUMNS
        assert (frame["gap"] == frame["model"] / frame["published"] - 1).all()
        assert set(frame["role"]) <= set(ROLES)
        frame["key"] = "changed"
        assert "changed" not in set(work.to_frame()["key"])

    def test_the_summary_has_a_line_for_each_figure(self, work):
        lines = work.summary().splitlines()
        assert len(lines) == len(work.checks) + 2
        assert lines[0] == "Work: published, model, gap, role of the figure"
        assert lines[-1] == f"Central values, no draws · parameters {work.set_version}"
        assert next(line for line in lines if "JSA" in line).split()[-4:] == [
            "92.0%",
            "76.7%",
            "-16.7%",
            "independent",
        ]

    def test_json_there_and_back(self, work):
        text = work.to_json()
        json.loads(text)
        back = PublishedChecks.from_json(text)
        assert back == work
        assert back.to_json() == text

    def test_repr_card_and_chart(self, work):
        assert repr(work) == "PublishedChecks(work, 7 figures, furthest gap 17%)"
        assert work.set_version in work._repr_html_()
        assert "JSA" in work._repr_html_()
        ax = work.plot()
        assert isinstance(ax, matplotlib.axes.Axes)
        assert len(ax.get_yticks()) == 7

    def test_text_is_escaped(self, england):
        key = "check.work.left_jsa_12_months"
        found = published_checks(with_check(england, key, label="<b>x</b>"), "work")
        assert "<b>" not in found._repr_html_()

    def test_every_pathway_of_the_set_has_some(self, england):
        for name in england.structures:
            found = published_checks(england, name)
            assert len(found.checks) >= 2, name
            assert all(math.isfinite(c.model) for c in found.checks)

    def test_a_set_without_checks_has_none(self, england):
        kept = {k: p for k, p in england.parameters.items() if not k.startswith("check.")}
        found = published_checks(replace(england, parameters=kept), "work")
        assert found.checks == ()
        assert isinstance(found.to_frame(), pd.DataFrame)
        assert "Work" in found.summary()

    def test_a_local_figure_changes_what_the_model_gives(self, england):
        key = "transition.work.all.claiming_search.in_work.m0"
        faster = england.override(key, 0.4, reason="a stronger local labour market")
        before, after = (published_checks(s, "work").to_frame().set_index("key") for s in (england, faster))
        key = "check.work.uc_worked_6_months"
        assert after.loc[key, "model"] > before.loc[key, "model"]
        assert after.loc[key, "published"] == before.loc[key, "published"]

    def test_numbers_are_printed_as_people_read_them(self, england):
        text = published_checks(england, "child_safety").summary()
        assert "£74,737" in text
        assert "35.4%" in text
        assert "0.0%" in text
        assert "-0.0%" not in text

    def test_a_gap(self):
        figure = CheckedFigure("k", "f", "share", 0.2, 0.25, "fitted", "general", "s", "", "verified", "")
        assert figure.gap == pytest.approx(0.25)


class TestRows:
    def test_every_measure_is_in_use(self, england):
        assert {p.fields["measure"] for p in england.table("check")} == set(MEASURES)

    def test_every_role_is_in_use(self, england):
        assert {p.fields["role"] for p in england.table("check")} == set(ROLES)

    def test_what_the_model_misses_is_called_so(self, england):
        """A figure tied to the model is near it, and says why where it is more than 1% away."""
        for name in england.structures:
            for check in published_checks(england, name).checks:
                if abs(check.gap) > 0.01:
                    tied = check.role in ("by_construction", "calibrated")
                    assert not tied or check.note, check.key
                if abs(check.gap) > 0.02:
                    assert check.role in ("fitted", "independent", "not_fitted"), check.key

    def test_the_cost_of_a_year_in_care_by_hand(self, england):
        """Unit costs of the set, uprated, times what a month in care uses."""
        index = england.index()
        items = [
            i
            for i in load_pathway(england, "child_safety").activity
            if i.state == "looked_after" and i.per == "month" and i.agency == "local_authority"
        ]
        cost = sum(
            12
            * england[i.parameter].value
            * england[i.unit_cost].value
            * index.factor(england[i.unit_cost].price_base, "2023-24")
            for i in items
        )
        frame = published_checks(england, "child_safety").to_frame().set_index("key")
        assert frame.loc["check.child_safety.cost_of_a_year_in_care", "model"] == pytest.approx(cost)
        assert {"unit_cost.SS2.0.1", "unit_cost.residential_home_week"} <= {i.unit_cost for i in items}

    def test_effects_are_solved_to_the_printed_ratio(self, england):
        frame = published_checks(england, "youth_justice").to_frame().set_index("key")["model"]
        for name in ("convicted", "custody"):
            ratio = (
                frame[f"check.youth_justice.{name}_programme"]
                / frame[f"check.youth_justice.{name}_comparison"]
            )
            row = "published.tfp_juvenile_" + {"convicted": "conviction", "custody": "custody"}[name]
            assert ratio == pytest.approx(england[row].value, rel=1e-6)


class TestFaults:
    KEY = "check.work.uc_worked_6_months"

    @pytest.mark.parametrize(
        ("columns", "words"),
        [
            ({"measure": "evre"}, "'evre' is no measure; did you mean 'ever'"),
            ({"role": "fited"}, "'fited' is no role; did you mean 'fitted'"),
            ({"of": "claiming_search -> in_wrok"}, "there is no move 'claiming_search -> in_wrok'; did you"),
            ({"of": ""}, "'of' is empty; name states or moves"),
            ({"of": "unit:weks"}, "no activity is counted in 'weks'"),
            ({"start": "in_wrok"}, "'in_wrok' is no start; did you mean 'in_work'"),
            ({"profile": "mediun_need"}, "has no start mix|has no rates"),
            ({"to_month": "x"}, "to_month is 'x'; give a whole number of months"),
            ({"to_month": "0"}, "to_month is 0; give a month after from_month"),
            ({"ratio": "0.5", "ratio_on": "a -> b"}, "ratio_on names no moves"),
            ({"measure": "left", "of": "in_wrok"}, "there is no state 'in_wrok'; did you mean 'in_work'"),
            ({"measure": "with_effects", "of": "effect.nothing"}, "there is no parameter 'effect.nothing'"),
            ({"value": 0.0}, "the published figure is not above 0"),
        ],
    )
    def test_each_says_where_and_what_to_do(self, england, columns, words):
        if "profile" in columns:
            # rates of the work pathway serve every profile, the start mix does not
            columns = {**columns, "start": "mix"}
        place = r"pathways/work/checks.csv:\d+ " + self.KEY
        with pytest.raises(PathwayError, match=place + r": .*(" + words + ")"):
            published_checks(with_check(england, self.KEY, **columns), "work")

    def test_all_of_them_at_once(self, england):
        broken = with_check(england, self.KEY, measure="evre")
        broken = with_check(broken, "check.work.left_jsa_12_months", role="fited")
        with pytest.raises(PathwayError) as caught:
            published_checks(broken, "work")
        assert len(caught.value.faults) == 2

    def test_no_such_pathway(self, england):
        with pytest.raises(TransitionError, match="did you mean 'work'"):
            published_checks(england, "wrk")

    def test_leavers_of_two_states(self, england):
        key = "check.child_safety.leavers_home"
        broken = with_check(england, key, of="looked_after -> returned_home; returned_home -> looked_after")
        with pytest.raises(PathwayError, match="more than one state to leave"):
            published_checks(broken, "child_safety")

    def test_a_hazard_ratio_is_not_solved(self, england):
        key = "check.child_safety.looked_after_programme"
        with pytest.raises(PathwayError, match="is a hazard ratio already"):
            published_checks(with_check(england, key, of="effect.family_group_conference"), "child_safety")

    def test_columns_that_are_not_there(self, england):
        row = england[self.KEY]
        fields = {k: v for k, v in row.fields.items() if k != "scale"}
        changed = replace(england, parameters={**england.parameters, row.id: replace(row, fields=fields)})
        with pytest.raises(PathwayError, match="the table has no column scale; add it"):
            published_checks(changed, "work")


def test_it_is_public():
    import communitybudget as cb

    assert cb.published_checks is published_checks
    assert isinstance(cb.published_checks(ParameterSet.load("england"), "work"), PublishedChecks)

import dataclasses
import json
import subprocess
import sys

import matplotlib
import numpy as np
import pandas as pd
import pytest

from communitybudget.sensitivity import Tornado, rank_regression
from communitybudget.sensitivity.tornado import COLUMNS

matplotlib.use("Agg")


def make(inputs=3, **passport):
    rng = np.random.default_rng(4)
    frame = pd.DataFrame(rng.normal(size=(300, inputs)), columns=[f"input_{i}" for i in range(inputs)])
    outcome = frame.to_numpy() @ (1e5 / (1 + np.arange(inputs))) / 3
    given = {
        "labels": {"input_0": "Reach <of all> & more"},
        "marks": {"input_0": "assumption"},
        "price_base": "2026-27",
        "seed": 7,
        "outcome_label": "net present value",
        "set_version": "england 1.0",
    }
    return rank_regression(frame, outcome, **(given | passport))


def test_columns():
    assert tuple(make().to_frame().columns) == COLUMNS


def test_the_frame_handed_out_is_a_copy():
    tornado = make()
    frame = tornado.to_frame()
    frame.loc[0, "swing"] = 0
    assert frame["swing"].iloc[0] != tornado.frame["swing"].iloc[0]
    assert tornado == make()


def test_equality_is_by_value():
    assert make() == make()
    assert make() != make(seed=8)
    assert make() != make(labels={})
    assert make() != "tornado"


def test_json_round_trip_is_exact():
    tornado = make()
    again = Tornado.from_json(tornado.to_json())
    assert again == tornado
    assert again.to_json() == tornado.to_json()
    assert Tornado.from_json(make(seed=None, marks=None).to_json()) == make(seed=None, marks=None)


def test_json_keeps_what_is_not_known():
    tornado = make()
    frame = tornado.to_frame()
    frame["standard_error"] = np.nan
    unknown = dataclasses.replace(tornado, frame=frame)
    assert "NaN" not in unknown.to_json()
    assert Tornado.from_json(unknown.to_json()) == unknown
    assert "not known" in unknown.summary()


@pytest.mark.parametrize("change", [{"type": "Ledger"}, {"extra": 1}, {"draws": ...}, {"bars": ...}])
def test_other_json_is_refused(change):
    fields = json.loads(make().to_json()) | change
    fields = {name: value for name, value in fields.items() if value is not ...}
    with pytest.raises(ValueError, match=r"JSON of (a|this) tornado"):
        Tornado.from_json(json.dumps(fields))


def test_repr_is_one_line_with_the_passport():
    text = repr(make())
    assert "\n" not in text
    for part in ("net present value", "input_0", "2026-27", "draws=300", "seed=7"):
        assert part in text


def test_summary_lists_the_widest_and_counts_the_rest():
    text = make(inputs=15).summary(most=10)
    assert text.count("input_") == 9
    assert "and 5 more inputs" in text
    assert "GBP, real, 2026-27 prices · seed 7 · 300 draws · parameters england 1.0" in text
    assert "Rank regression explains" in text
    assert "seed not stated" in make(seed=None).summary()


def test_card_is_escaped_and_signed():
    card = make(set_version="<b>1</b>")._repr_html_()
    assert "Reach &lt;of all&gt; &amp; more" in card
    assert "&lt;b&gt;1&lt;/b&gt;" in card
    assert "<b>" not in card
    assert "2026-27 prices · seed 7 · 300 draws" in card


def test_plot_returns_the_axes():
    from matplotlib.figure import Figure

    ax = Figure().subplots()
    assert make(inputs=15).plot(ax, most=5) is ax
    assert len(ax.get_yticks()) == 5


def test_importing_the_room_draws_nothing():
    code = (
        "import sys, communitybudget.sensitivity, communitybudget.appraisal; "
        "print([m for m in ('matplotlib', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
